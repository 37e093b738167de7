from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from config import Figure
from tests.transforms.frames import CONFIG, CYCLE, MISSIONS, allegation, casualty, conduct, frame, noticas
from transforms import catalogue
from transforms.figures import figures, window
from transforms.p4_safety import casualties
from transforms.p5_accountability import allegations, sea_allegations_by_year
from transforms.p6_communications import communications_indicators
from transforms.previous import with_previous, with_year_before


def only(name: str):
    """The configuration with one figure."""
    return type(CONFIG)(**{**vars(CONFIG), "figures": {name: CONFIG.figures[name]}})


def values(frame: pl.DataFrame) -> dict[str, tuple[float | None, str]]:
    return {row["mission"]: (row["value"], row["obs_status"]) for row in frame.iter_rows(named=True)}


DEATHS = casualties(
    noticas(
        casualty(date(2017, 1, 1), "MINUSMA", "Malicious Act"),
        casualty(date(2024, 9, 3), "MONUSCO", "Malicious Act"),
        casualty(date(2024, 9, 4), "MONUSCO", "Malicious Act", casualty_id="late"),
        casualty(date(2020, 1, 1), "UNIFIL", "Illness"),
        casualty(date(2020, 1, 1), "UNAMA", "Malicious Act"),
    ),
    MISSIONS,
)


def test_a_figure_since_a_date_counts_to_the_newest_data_or_the_day_asked_for():
    table, newest = {"casualties": DEATHS}, {"noticas": date(2024, 9, 3)}
    counted = figures(table, only("fatalities_malicious"), CYCLE, newest, gaps={})
    assert values(counted) == {"ALL": (2, "A"), "MINUSMA": (1, "A"), "MONUSCO": (1, "A")}
    assert set(counted["as_of"]) == {date(2024, 9, 3)}
    earlier = figures(table, only("fatalities_malicious"), CYCLE, newest, gaps={}, as_of=date(2023, 12, 31))
    assert values(earlier) == {"ALL": (1, "A"), "MINUSMA": (1, "A")}
    assert set(earlier["as_of"]) == {date(2023, 12, 31)}


def test_a_share_is_rounded_as_in_print():
    counted = figures(
        {"casualties": DEATHS}, only("fatalities_illness_share"), CYCLE, {"noticas": date(2024, 9, 3)}, {}
    )
    assert values(counted) == {"ALL": (33, "A")}


def share_of(certified: int, contingents: int) -> dict[str, float | str | None]:
    table = pl.LazyFrame({"certified": [certified], "contingents": [contingents]})
    return figures({"contingent_readiness": table}, only("contingents_certified_ready"), CYCLE, {}, {}).row(
        0, named=True
    )


@pytest.mark.parametrize(
    ("certified", "contingents", "value", "unrounded"),
    [
        (7, 19, 37, 36.8421052632),
        (5, 8, 63, 62.5),
        (40, 40, 100, 100),
        (249, 250, 99.6, 99.6),
        (1, 250, 0.4, 0.4),
        (0, 250, 0, 0),
    ],
)
def test_a_share_stands_there_rounded_and_unrounded(certified, contingents, value, unrounded):
    row = share_of(certified, contingents)
    assert (row["value"], row["unrounded"]) == (value, unrounded)


def test_a_change_is_of_what_is_not_rounded():
    """70 of 314 are 22.3%, 41 of 143 are 28.7%: 6.4 points less, though 22 and 29 are 7 apart."""
    name = "contingents_certified_ready"
    tables = [pl.LazyFrame({"certified": [part], "contingents": [whole]}) for part, whole in ((70, 314), (41, 143))]
    now, then = (figures({"contingent_readiness": table}, only(name), CYCLE, {}, {}) for table in tables)
    row = with_previous(now, then, only(name), CYCLE, CONFIG.cycle(4)).row(0, named=True)
    assert (row["value"], row["previous"], row["previous_unrounded"]) == (22, 29, 28.6713286713)
    assert row["change"] == pytest.approx(22.2929936306 - 28.6713286713, abs=1e-9)
    # a release of before has rounded values alone
    before = then.drop("unrounded", "previous_unrounded")
    row = with_previous(now, before, only(name), CYCLE, CONFIG.cycle(4)).row(0, named=True)
    assert (row["previous"], row["previous_unrounded"], row["change"]) == (29, None, -7)


def test_a_change_against_the_year_before_is_rounded_once():
    """8.496% was 8.5% in its table, and 9% in the figure."""
    rows = indicator(271_240, 250_000)
    row = figures({"communications_indicators": rows}, only("mentions_change"), CYCLE, {}, {}).row(0, named=True)
    assert (row["value"], row["unrounded"]) == (8, 8.496)


def test_nothing_received_is_no_zero():
    counted = figures({"casualties": DEATHS}, only("fatalities_malicious"), CYCLE, {}, {"noticas": {"ALL"}})
    assert values(counted) == {"ALL": (None, "O")}


def test_a_year_without_an_allegation_is_zero():
    rows = allegations(conduct(allegation(1, date(2022, 5, 1), None, None)), MISSIONS)
    table = {"sea_allegations_by_year": sea_allegations_by_year(rows)}
    counted = figures(table, only("sea_allegations"), CYCLE, {}, {})
    assert counted.select("figure", "year").rows() == [("sea_allegations", 2023)]
    assert values(counted) == {"ALL": (0, "A")}


def test_a_share_of_nothing_cannot_exist():
    counted = figures({"casualties": DEATHS.limit(0)}, only("fatalities_illness_share"), CYCLE, {}, {})
    assert values(counted) == {"ALL": (None, "M")}


def test_statuses_of_missions_make_the_status_of_the_whole():
    rows = pl.LazyFrame(
        {
            "mission": ["UNMISS", "UNIFIL", "UNMIK", "UNDOF"],
            "new_incidents": [125, None, None, 0],
            "new_incidents_obs_status": ["A", "V", "M", "A"],
        }
    )
    counted = figures(
        {"sofa_soma_incidents": rows}, only("new_sofa_incidents_reported"), CYCLE, {}, {"sofa_soma": {"UNTSO"}}
    )
    assert values(counted) == {
        "ALL": (125, "P"),
        "UNMISS": (125, "A"),
        "UNIFIL": (None, "V"),
        "UNMIK": (None, "M"),
        "UNDOF": (0, "A"),
        "UNTSO": (None, "O"),
    }
    final = figures(
        {"sofa_soma_incidents": rows.filter(pl.col("mission") != "UNIFIL")},
        only("new_sofa_incidents_reported"),
        CYCLE,
        {},
        {},
    )
    assert values(final)["ALL"] == (125, "A")


def test_a_yearly_figure_is_compared_with_the_year_before():
    before = CONFIG.cycle(4)
    rows = sea_allegations_by_year(
        allegations(
            conduct(
                *(allegation(number, date(2023, 5, 1), None, None) for number in range(3)),
                allegation(9, date(2022, 5, 1), None, None),
            ),
            MISSIONS,
        )
    )
    config, table = only("sea_allegations"), {"sea_allegations_by_year": rows}
    now, then = (figures(table, config, cycle, {}, {}) for cycle in (CYCLE, before))
    (row,) = with_previous(now, then, config, CYCLE, before).iter_rows(named=True)
    assert (row["year"], row["value"], row["previous"], row["change"]) == (2023, 3, 1, 2)
    # a release of before has it under its name of then
    old = then.with_columns(figure=pl.lit("sea_allegations_2022"))
    (row,) = with_previous(now, old, config, CYCLE, before).iter_rows(named=True)
    assert (row["figure"], row["previous"], row["change"]) == ("sea_allegations", 1, 2)


def of_sea(newer: pl.DataFrame, then: pl.DataFrame | None, number: int = 5) -> tuple[object, ...]:
    """Return a yearly figure beside what it was the year before, as the newer file and an earlier cycle give it."""
    config, cycle, before = only("sea_allegations"), CONFIG.cycle(number), CONFIG.cycle(number - 1)
    tables = {"sea_allegations_by_year": newer.lazy()}
    now = with_year_before(figures(tables, config, cycle, {}, {}), tables, config, cycle, {})
    if then is not None:
        now = with_previous(now, then, config, cycle, before)
    return now.select("value", "previous", "previous_end", "change", "previous_first").row(0)


def sea_by_year(**years: int) -> pl.DataFrame:
    rows = [(int(year.removeprefix("of_")), "current", number) for year, number in years.items()]
    return pl.DataFrame(rows, schema=["year_reported", "incident_year", "allegations"], orient="row")


def test_the_year_before_is_of_the_newer_file_and_says_what_was_published_of_it():
    before = CONFIG.cycle(4)
    config = only("sea_allegations")
    then = figures({"sea_allegations_by_year": sea_by_year(of_2022=79).lazy()}, config, before, {}, {})
    both = sea_by_year(of_2022=81, of_2023=100)
    end = date(2022, 12, 31)
    # without a cycle before, with one that says the same, with one that said otherwise
    assert of_sea(both, None) == (100, 81, end, 19, None)
    assert of_sea(both, then.with_columns(value=pl.lit(81.0))) == (100, 81, end, 19, None)
    assert of_sea(both, then) == (100, 81, end, 19, 79)
    # what that cycle itself restated was first published as another number still
    assert of_sea(both, then.with_columns(first_value=pl.lit(70.0))) == (100, 81, end, 19, 70)
    # a file that begins later says nothing of the year before
    assert of_sea(sea_by_year(of_2023=100), then) == (100, 79, end, 21, None)
    assert of_sea(sea_by_year(of_2023=100), None) == (100, None, None, None, None)


def test_the_year_before_is_that_of_figures_of_whole_years_which_headquarters_count_by_day():
    """From its first day to its last; of other figures, and of those that missions send, it says nothing."""
    days = [date(2022, 1, 1), date(2022, 12, 31), date(2021, 12, 31), date(2023, 1, 1), date(2024, 4, 1)]
    table = pl.DataFrame({"day": days, "n": [1, 2, 4, 8, 16]}).lazy()
    said = {"priority": 4, "title": {"en": "x"}, "unit": "people", "source": "s", "table": "paet_visits"}
    defined = {
        "yearly": Figure.model_validate({**said, "value": "sum(n)", "window": "last calendar year", "dated_by": "day"}),
        "of_cycle": Figure.model_validate({**said, "value": "sum(n)", "window": "cycle", "dated_by": "day"}),
        "of_no_day": Figure.model_validate({**said, "value": "sum(n)", "window": "snapshot"}),
    }
    config = replace(CONFIG, figures=defined)
    now = figures({"paet_visits": table}, config, CYCLE, {}, {})
    made = with_year_before(now, {"paet_visits": table}, config, CYCLE, {})
    assert dict(made.select("figure", "previous").rows()) == {"yearly": 3, "of_cycle": None, "of_no_day": None}


def test_two_cycles_on_the_same_year_have_the_same_year_before():
    config = only("sea_allegations")
    assert CONFIG.cycle(6).last_calendar_year == CONFIG.cycle(5).last_calendar_year == 2023
    tables = {"sea_allegations_by_year": sea_by_year(of_2022=79, of_2023=100).lazy()}
    then = with_year_before(figures(tables, config, CYCLE, {}, {}), tables, config, CYCLE, {})
    assert of_sea(sea_by_year(of_2023=103), then, 6) == (103, 79, date(2022, 12, 31), 24, None)


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("cycle", (date(2023, 11, 1), date(2024, 4, 30))),
        ("last calendar year", (date(2023, 1, 1), date(2023, 12, 31))),
        ("since 2017-01-01", (date(2017, 1, 1), date(2024, 9, 3))),
    ],
)
def test_windows(said, days):
    definition = Figure(
        priority=4, title={"en": "x"}, unit="people", source="s", table="t", window=said, dated_by="d", value="count(*)"
    )
    assert window(definition, CYCLE, date(2024, 9, 3)) == days


def test_every_figure_counts_a_table_there_is(curated_from_nothing):
    for definition in CONFIG.figures.values():
        schema = curated_from_nothing[definition.table].collect_schema()
        assert definition.dated_by is None or definition.dated_by in schema
        assert set((definition.obs_status or "").replace(",", " ").split()) <= set(schema)
        assert definition.by is None or definition.by in schema
    counted = figures(curated_from_nothing, CONFIG, CYCLE, {}, {})
    assert set(catalogue.tables()) >= {definition.table for definition in CONFIG.figures.values()}
    # with nothing at all each figure still has a value or a reason
    assert counted.filter(pl.col("value").is_null() & pl.col("obs_status").is_in(["A", "P"])).is_empty()


def test_a_number_of_absent_ones_is_missing_and_no_zero():
    rows = pl.LazyFrame({"mission": ["UNMISS", "UNIFIL"], "incidents": [12, None], "incidents_obs_status": ["A", "O"]})
    rows = rows.with_columns(up_to=CYCLE.end)
    counted = figures({"explosive_ordnance": rows}, only("eo_incidents"), CYCLE, {}, {})
    assert values(counted) == {"ALL": (12, "P"), "UNMISS": (12, "A"), "UNIFIL": (None, "O")}


def test_a_share_counts_only_missions_that_give_both_numbers():
    rows = pl.LazyFrame(
        {
            "mission": ["UNIFIL", "UNMISS"],
            "year": [2023, 2023],
            "patrols": [100, None],
            "patrols_with_women": [20, 12],
            "patrols_with_women_obs_status": ["A", "A"],
            "patrols_obs_status": ["A", "L"],
        }
    )
    counted = figures({"women_in_patrols": rows}, only("patrols_with_women"), CYCLE, {}, {})
    assert values(counted) == {"ALL": (20, "L"), "UNIFIL": (20, "A"), "UNMISS": (None, "L")}


def test_incidents_of_which_a_part_is_blank_are_counted_and_not_all_there_are():
    rows = pl.LazyFrame({"mission": ["UNMISS", "UNIFIL"], "incidents": [12, 9], "incidents_obs_status": ["A", "L"]})
    rows = rows.with_columns(up_to=CYCLE.end)
    counted = figures({"explosive_ordnance": rows}, only("eo_incidents"), CYCLE, {}, {})
    assert values(counted) == {"ALL": (21, "L"), "UNMISS": (12, "A"), "UNIFIL": (9, "L")}


def indicator(value: int, before: int | None) -> pl.LazyFrame:
    rows = frame(
        [{"indicator": "Mentions", "cycle_value": value, "year_before_value": before}],
        indicator=pl.String,
        cycle_value=pl.Int64,
        year_before_value=pl.Int64,
    )
    return communications_indicators(rows, CYCLE)


@pytest.mark.parametrize(("before", "said"), [(20, (50, "A")), (0, (None, "M")), (None, (None, "O")), (30, (0, "A"))])
def test_a_change_against_the_year_before_is_none_where_that_was_zero(before, said):
    counted = figures({"communications_indicators": indicator(30, before)}, only("mentions_change"), CYCLE, {}, {})
    assert values(counted) == {"ALL": said}


def test_a_share_of_nothing_is_none_whatever_its_part():
    """Women without anybody trained cannot be, and would be infinitely many percent."""
    courses = pl.LazyFrame({"course": ["a"], "uniformed": [0], "civilian": [0], "women": [2]})
    counted = figures({"pki_trainings": courses}, only("pki_female_share"), CYCLE, {}, {})
    assert values(counted) == {"ALL": (None, "M")}


def test_a_number_that_is_up_from_zero_has_its_change():
    now = figures({"communications_indicators": indicator(30, 0)}, only("new_followers"), CYCLE, {}, {})
    now = now.with_columns(value=pl.lit(30.0), unrounded=pl.lit(30.0))
    before = now.with_columns(value=pl.lit(0.0), unrounded=pl.lit(0.0))
    (row,) = with_previous(now, before, only("new_followers"), CYCLE, CONFIG.cycle(4)).to_dicts()
    assert (row["value"], row["previous"], row["change"]) == (30, 0, 30)
