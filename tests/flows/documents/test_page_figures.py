"""The page as the whole report: where its figures come from, what disagrees, what its tables and charts say."""

from __future__ import annotations

import dataclasses
import re
from html import unescape

import polars as pl
import pytest

from flows.documents.page import render, sql_in_words
from tests.support.report_page import CONFIG, CYCLE, Page, origin_of, rendered, row_of
from tests.support.report_tables import figures, findings, tables

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def html() -> str:
    return rendered()


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_every_figure_has_a_status(html: str) -> None:
    assert "– Not received" in row_of(html, "Evaluations of military units")
    assert "Complete" in row_of(html, "Deaths in peacekeeping operations")
    assert "Provisional" in row_of(html, "Integrated missions")


def test_every_figure_leads_to_what_it_came_from(html: str, page: Page) -> None:
    whole = figures().filter(pl.col("mission") == "ALL")["figure"]
    leads = {attributes.get("href") for attributes in page.all("a")}
    for figure in whole:
        assert {f"figure-{figure}", f"from-{figure}"} <= set(page.ids)
        assert {f"#figure-{figure}", f"#from-{figure}"} <= leads
    assert set(whole) == set(CONFIG.figures)  # the fixture knows every figure there is
    for figure in whole:
        definition = CONFIG.figures[figure]
        sql = re.sub(r"\s+", " ", unescape(origin_of(html, figure)))
        assert f"select {definition.value} from {definition.table}" in sql
        assert (definition.where or "") in sql


def test_the_origin_of_a_figure(html: str) -> None:
    killed = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", origin_of(html, "fatalities_malicious")))
    assert (
        "The number of rows where the row is a death in a peacekeeping operation and cause is “Malicious Act”."
        in killed
    )
    assert "Since 1 January 2017 to 3 September 2024, by incident date." in killed
    assert "Notifications of casualties · UNOCC" in killed
    assert "notifications_2024-09.csv: received 3 June 2024, 4,971 rows (9 more refused)" in killed
    assert "notifications_2024-05.csv" not in killed  # it was replaced
    assert "9 critical findings and 1 note" in killed
    assert 'href="#mending-noticas"' in origin_of(html, "fatalities_malicious")
    sofa = origin_of(html, "new_sofa_incidents_reported")
    assert "10 files, received 3 June 2024, 9 rows (1 more refused)" in sofa
    assert sofa.count("/workbook.xlsx") == 10
    allegations = origin_of(html, "sea_allegations")
    assert "may.xlsx" in allegations
    assert "june.xlsx" not in allegations  # it was refused
    assert "1 critical finding" in allegations
    assert "no file that could be used" in origin_of(html, "military_unit_evaluations")
    assert "config/missions.yaml" in origin_of(html, "missions_total")
    assert "4 warnings" in origin_of(html, "tpp_trainees")  # two of them on what the source states of it


@pytest.mark.parametrize(
    ("value", "where", "said"),
    [
        ("sum(sessions)", None, "The sum of “sessions held”."),
        ("count(*)", "formal", "The number of rows where it is a formal one."),
        ("count(*) filter (where not formal)", None, "The number of rows where it is not so that it is a formal one."),
        ("100 * sum(a) / sum(b)", None, "The sum of “a”, in percent of the sum of “b”."),
        ("sum(a) + sum(b)", "kind = 'x y' and a > 3", "The sum of “a” and the sum of “b”, together, of the rows where "
         "kind is “x y” and a is above 3."),
        ("sum(a) filter (where b is not null)", None, "The sum of “a” where “b” is known."),
        ("count(*)", "b is null", "The number of rows where “b” is not known."),
        ("count(distinct mission)", None, "The number of different values of mission."),
        ("coalesce(sum(a), 0)", None, "The sum of “a”, or 0 where there is none."),
        ("median(a)", None, ""),
        ("sum(a) over (partition by b)", None, ""),
        ("count(*)", "a in (1, 2)", ""),
        ("sum(a", None, ""),
    ],
)  # fmt: skip
def test_sql_in_words(value: str, where: str | None, said: str) -> None:
    fields = {"sessions": "Sessions held.", "formal": "Whether it is a formal one; empty where it is not known."}
    assert sql_in_words.counted(value, where, fields) == said


def test_a_new_figure_shows_before_it_has_a_place() -> None:
    new = CONFIG.figures["paet_visits"].model_copy(update={"table": "visits_of_a_new_kind", "value": "median(visits)"})
    config = dataclasses.replace(CONFIG, figures={**CONFIG.figures, "visits_of_a_new_kind": new})
    row = figures().filter(pl.col("figure") == "paet_visits").with_columns(figure=pl.lit("visits_of_a_new_kind"))
    html = render(config, CYCLE, "final", [], {**tables(), "figures": pl.concat([figures(), row])})
    assert "More figures" in Page(html).text
    assert "select median(visits) from visits_of_a_new_kind" in origin_of(html, "visits_of_a_new_kind")


def test_sources_whose_own_numbers_disagree_stand_beside_the_figure(html: str) -> None:
    for topic, said in {
        "specialised-training": "the source states 87, its rows give 44",
        "health": "UNMISS: days is more days than the cycle has",
        "crimes": "convicted_of_identified_pct is not the share that perpetrators_convicted is",
    }.items():
        box = re.search(rf'<aside[^>]*labelledby="{topic}-disagree">.*?</aside>', html, flags=re.S)
        assert box is not None
        assert said in box[0]
    assert html.count("<aside") == 3
    box = html[html.index('id="specialised-training-disagree"') :].split("</aside>", 1)[0]
    assert box.count("<li>") == 5
    assert "TPP cycle 5.xlsx, sheet “Trainings”, row 6, column “trainees”" in box
    assert "disagree" not in Page(rendered(findings=findings().clear())).text


def test_findings_on_other_tables_are_in_no_box() -> None:
    other = findings().with_columns(table=pl.lit("fatalities_by_cause"))
    assert "<aside" not in rendered(findings=other)


def test_a_share_is_said_with_what_it_is_a_share_of(html: str) -> None:
    start = html.index('id="p4-funnel"')
    chart = html[start : html.index("</figure>", start)]
    assert "Convicted 85, 63% of the 136 people tried" in chart
    assert row_of(chart, "Alleged perpetrators: detained") == (
        "Alleged perpetrators: detained 203 69% of the 294 people identified"
    )
    assert row_of(chart, "Cases: investigated") == "Cases: investigated 91 83% of the 110 cases reported"
    assert row_of(html[html.index('id="p4-crimes"') :], "All missions") == "All missions 110 91 294 203 136 85"


def test_totals_are_computed(html: str) -> None:
    table = html[html.index('id="p3-partnership"') :]
    assert row_of(table, "All streams") == "All streams 19 314 22%"
    assert row_of(table, "All streams, cycle 4") == "All streams, cycle 4 10 143 29%"
    assert row_of(html[html.index('id="p3-academy"') :], "All 4 courses") == "All 4 courses 29 15 44 20%"
    assert row_of(html[html.index('id="p3-leaders"') :], "All grades") == "All grades 25 6 24% 17"
    unknown = tables()["tpp_trainings"].with_columns(female_pct=pl.lit(None, pl.Float64))
    assert "All streams 19 314 –" in Page(rendered(tpp_trainings=unknown)).text


def test_ordnance_that_is_not_known_is_no_zero(html: str) -> None:
    table = html[html.index('id="p4-ordnance-by-mission"') :]
    assert row_of(table, "UNTSO") == "UNTSO 1 – – 1 –"
    # a total of which the parts are not told is the total
    assert row_of(table, "UNIFIL") == "UNIFIL – – – 446 –"
    assert row_of(table, "All missions") == "All missions 89 669 45 1,249 468,700"
    chart = html[html.index('id="p4-ordnance"') :]
    assert row_of(chart, "UNIFIL") == "UNIFIL – – – 446 446"
    assert row_of(chart, "MINUSCA") == "MINUSCA 14 27 6 0 47"
    assert "From 1 October 2023 to 31 August 2024." in chart


def test_patrols_of_the_year_before_are_shown_where_they_are_known(html: str) -> None:
    table = html[html.index('id="p3-patrols"') :]
    assert "2022" in row_of(table, "Mission")
    assert row_of(table, "MINUSCA") == "MINUSCA 20,250 9,315 46% 32% 14"
    assert row_of(table, "UNDOF") == "UNDOF 3,100 not reported e – – 0"
    patrols = tables()["women_in_patrols"].filter(pl.col("year") == 2023)
    one_year = rendered(women_in_patrols=patrols)  # the figures still know one mission's
    assert row_of(one_year[one_year.index('id="p3-patrols"') :], "MONUSCO").endswith("40% – 16")
    unknown = rendered(women_in_patrols=patrols, figures=figures().with_columns(previous=pl.lit(None, pl.Float64)))
    assert "2022" not in row_of(unknown[unknown.index('id="p3-patrols"') :], "Mission")


def test_days_that_the_cycle_does_not_have_are_marked(html: str) -> None:
    table = html[html.index('id="p4-interruptions"') :]
    assert row_of(table, "UNMISS Ultrasound") == (
        "UNMISS Ultrasound 247 cannot be right: the cycle has 182 days 135.7%"
    )
    assert "cannot" not in row_of(table, "UNMISS Intensive care")
    assert "Cannot be right for UNMISS: the cycle has 182 days." in html
    right = tables()["service_interruptions"].filter(pl.col("days_unavailable") < 182)
    assert "cannot be right" not in rendered(service_interruptions=right)


def test_missions_without_a_hospital_are_named(html: str) -> None:
    assert "Without any: UNFICYP, UNMIK, UNMOGIP and UNTSO." in html


def test_levels_have_signs_and_words(html: str) -> None:
    agreements = html[html.index('id="p7-agreements"') :]
    assert row_of(agreements, "MINUSCA") == "MINUSCA SOFA 10 174 ▶▶ Medium ▶▶ Medium ▶▶ Medium"
    assert "▶▶▶ High" in row_of(agreements, "UNMISS")
    assert "▶ No/Low" in row_of(agreements, "UNDOF")
    mechanisms = html[html.index('id="p7-mechanisms"') :]
    assert row_of(mechanisms, "UNDOF").endswith("Formal → On-going ●●● Significant")
    assert row_of(mechanisms, "MINUSCA").endswith("Formal + New No report available")
    assert "No mechanism is known of UNISFA and UNMIK." in mechanisms
    indicators = html[html.index('id="p6-indicators"') :]
    assert row_of(indicators, "Mentions") == "Mentions 218,000 200,000 ▲ up 9%"
    assert row_of(indicators, "New followers") == "New followers 60,000 – –"


def test_a_change_from_zero_is_said_without_percent() -> None:
    known = tables()["communications_indicators"]
    zero = known.with_columns(
        cycle_value=pl.when(pl.col("indicator") == "Mentions").then(0).otherwise("cycle_value"),
        year_before_value=pl.lit(0, pl.Int64),
        change_pct=pl.lit(None, pl.Float64),
    )
    html = rendered(communications_indicators=zero)
    indicators = html[html.index('id="p6-indicators"') :]
    assert row_of(indicators, "Engaged users") == "Engaged users 1,540,000 0 ▲ up from 0"
    assert row_of(indicators, "Mentions") == "Mentions 0 0 = unchanged"


def test_a_table_that_is_left_out_is_not_said_to_be_missing() -> None:
    without = {**tables(), "pki_trainings": tables()["pki_trainings"].clear()}
    html = render(
        CONFIG, CYCLE, "provisional", ["The table pki_trainings is left out."], without, left_out=["pki_trainings"]
    )
    academy = re.search(r"<p class=\"quiet\">(The Peacekeeping-Intelligence Academy: [^<]*)</p>", html)
    assert academy
    assert academy[1].startswith("The Peacekeeping-Intelligence Academy: left out of this release, since small numbers")
    assert "<li>The table pki_trainings is left out." in html
    # of another source that nothing came of, it is still said
    nothing = render(
        CONFIG,
        CYCLE,
        "provisional",
        [],
        {**without, "tpp_trainings": without["tpp_trainings"].clear()},
        left_out=["pki_trainings"],
    )
    assert "The Triangular Partnership Programme: no data in this release." in nothing
    assert "The Peacekeeping-Intelligence Academy: no data" not in nothing


def test_what_the_pipeline_finds_in_its_own_tables() -> None:
    own = findings().head(1).with_columns(source=pl.lit("pipeline"), file=pl.lit(None, pl.String))
    html = rendered(findings=pl.concat([findings(), own]))
    board = html[html.index('id="mending-by-source"') :]
    assert row_of(board, "The pipeline’s own tables – –")
    assert "pipeline’s" not in rendered()
