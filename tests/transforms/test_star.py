"""The figures as a star: what a figure is, the whole and the missions apart, zeros where zero is known."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from config.dated import Formerly
from tests.transforms.frames import CONFIG, CYCLE, MISSIONS, typed
from transforms import star
from transforms.figures import SCHEMA

LISTS = frozenset({"noticas", "paet_visits"})
FIGURES = star.by_name(CONFIG.figures, CYCLE)


def rows(*said: tuple[str, str, float | None, str], **more: Any) -> pl.DataFrame:
    empty = dict.fromkeys(SCHEMA)
    known = {"cycle": 5, "window_start": date(2017, 1, 1), "window_end": date(2024, 4, 30), "rows_refused": 0} | more
    made = [
        empty | known | {"figure": figure, "mission": mission, "value": value, "obs_status": status}
        for figure, mission, value, status in said
    ]
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


def by_mission(figures: pl.DataFrame, lists: frozenset[str] = LISTS) -> dict[str, tuple[float | None, str]]:
    listed = star.definitions(CONFIG.figures, CYCLE, {}, lists, str).filter("none_if_not_told")["figure"].to_list()
    table = star.by_mission(figures, MISSIONS.collect(), FIGURES, listed)
    assert table.select("cycle", "figure", "mission").is_unique().all()
    assert "ALL" not in table["mission"]
    assert list(table.columns) == list(star.BY_MISSION.fields)
    return {
        mission: (value, status) for mission, value, status in table.select("mission", "value", "obs_status").rows()
    }


def test_the_whole_is_told_once_and_without_a_mission():
    figures = rows(("paet_visits", "ALL", 2.0, "A"), ("paet_visits", "UNMISS", 2.0, "A"))
    table = star.total(figures)
    assert "mission" not in table.columns
    assert table.select("figure", "value").rows() == [("paet_visits", 2.0)]


def test_a_mission_that_a_list_does_not_name_has_none():
    told = by_mission(rows(("paet_visits", "ALL", 2.0, "A"), ("paet_visits", "UNMISS", 2.0, "A")))
    reporting = set(MISSIONS.filter("reports").collect()["mission"])
    assert told == {mission: (2.0 if mission == "UNMISS" else 0.0, "A") for mission in reporting}


def test_deaths_are_known_of_each_operation_there_was_since_2017():
    told = by_mission(rows(("fatalities_total", "ALL", 9.0, "A"), ("fatalities_total", "MINUSMA", 9.0, "A")))
    assert told["MINUSMA"] == (9.0, "A")
    assert told["UNOCI"] == told["UNMIL"] == (0.0, "A"), "they ended after the first day of the window"
    assert "ONUC" not in told
    assert "UNAMA" not in told, "a special political mission"


def test_an_operation_counts_that_was_there_on_some_day_of_the_window():
    operation = "peacekeeping operation"
    there = typed(
        "mission kind reports:bool start_date:date end_date:date",
        ("ONUC", operation, False, date(1960, 7, 1), date(2016, 12, 31)),
        ("UNOCI", operation, False, date(2004, 4, 4), date(2017, 1, 1)),
        ("UNMISS", operation, True, date(2011, 7, 9), None),
        ("UNNEW", operation, True, date(2024, 4, 30), None),
        ("UNLATER", operation, True, date(2024, 5, 1), None),
        ("UNAMA", "special political mission", True, date(2002, 3, 28), None),
    )
    figures = rows(("fatalities_total", "ALL", 9.0, "A"))
    table = star.by_mission(figures, there.collect(), FIGURES, ["fatalities_total"])
    assert table.select("mission", "value").rows() == [("UNMISS", 0), ("UNNEW", 0), ("UNOCI", 0)]


def test_what_one_figure_tells_of_a_mission_is_nothing_to_another():
    few = MISSIONS.collect().filter(pl.col("mission").is_in(["UNDOF", "UNMISS"]))
    told = (
        ("paet_visits", "ALL", 2.0, "A"),
        ("paet_visits", "UNMISS", 2.0, "A"),
        ("fatalities_total", "ALL", 9.0, "A"),
    )
    figures = rows(*told, ("fatalities_total", "UNDOF", None, "Q"))
    table = star.by_mission(figures, few, FIGURES, ["paet_visits", "fatalities_total"])
    assert table.select("figure", "mission", "value").rows() == [
        ("fatalities_total", "UNDOF", None),
        ("paet_visits", "UNDOF", 0),
        ("paet_visits", "UNMISS", 2),
    ]


def test_a_zero_among_refused_rows_is_provisional():
    figures = rows(("paet_visits", "ALL", 2.0, "P"), ("paet_visits", "UNMISS", 2.0, "P"), rows_refused=1)
    assert by_mission(figures)["UNDOF"] == (0.0, "P")


@pytest.mark.parametrize(
    ("figure", "whole", "own", "lists"),
    [
        ("paet_visits", (2.0, "A"), (2.0, "A"), frozenset()),  # of a mission that is not named nothing is known
        ("crime_cases_reported", (9.0, "A"), (9.0, "A"), LISTS),
        ("paet_visits", (None, "O"), (None, "O"), LISTS),
        ("paet_visits", (9.0, "A"), (None, "Q"), LISTS),  # beside a number that is suppressed
        ("patrols_with_women", (9.0, "A"), (9.0, "A"), frozenset({"women_in_patrols"})),  # a share of nothing
    ],
)
def test_what_is_not_known_is_no_zero(figure, whole, own, lists):
    assert by_mission(rows((figure, "ALL", *whole), (figure, "UNMISS", *own)), lists) == {"UNMISS": own}


def test_each_figure_is_defined_with_a_source_that_is_in_the_table_of_sources():
    sources = {table: source for source, contract in CONFIG.contracts.items() for table in contract.tables}
    table = star.definitions(CONFIG.figures, CYCLE, sources, LISTS, lambda figure: figure.table)
    assert table["figure"].is_unique().all()
    assert set(table["figure"]) == set(FIGURES)
    assert set(table["source"]) <= {*CONFIG.contracts, "pipeline"}
    known = {row["figure"]: row for row in table.iter_rows(named=True)}
    assert known["missions_total"]["source"] == "pipeline"
    assert known["fatalities_total"]["source"] == "noticas"
    adds_up = {name: (row["adds_up_over_missions"], row["adds_up_over_cycles"]) for name, row in known.items()}
    assert adds_up["conduct_discipline_trainings"] == (True, True)
    assert adds_up["fatalities_total"] == (True, False), "it counts since 2017"
    assert adds_up["patrols_with_women"] == (False, False)
    assert adds_up["women_heads_of_mission"] == (False, False), "they are the same women in the next cycle"
    assert adds_up["fpus"] == (True, False)


def test_a_figure_with_another_name_is_defined_under_both():
    former = CONFIG.figures["paet_visits"].model_copy(update={"formerly": Formerly(name="visits", to_cycle=4)})
    table = star.definitions({"paet_visits": former}, CYCLE, {}, LISTS, lambda _: "")
    assert dict(table.select("figure", "notes").rows()) == {
        "paet_visits": None,
        "visits": "Another name of paet_visits, with the same numbers.",
    }
