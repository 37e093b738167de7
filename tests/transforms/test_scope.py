"""Each figure is of the missions that its scope names, and what sources send of others is in none and told as such."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.transforms.frames import CONFIG, CYCLE, MISSIONS
from transforms import catalogue
from transforms.p4_crimes import crimes_against_peacekeepers
from transforms.p4_health import service_interruptions
from transforms.p5_accountability import paet_visits
from transforms.scope import outside, scopes

CLOSED, POLITICAL = "MINUSMA", "UNAMA"
CRIMES = [
    "cases_reported",
    "cases_investigated",
    "perpetrators_identified",
    "perpetrators_detained",
    "perpetrators_tried",
    "perpetrators_convicted",
]


def test_every_figure_of_a_table_by_mission_says_which_missions_it_is_of() -> None:
    by_mission = {name for name, entry in catalogue.entries().items() if "mission" in entry.fields}
    named = {name for name, figure in CONFIG.figures.items() if figure.table in by_mission}
    assert named
    assert {name for name in named if CONFIG.figures[name].scope is None} == set()


@pytest.mark.parametrize(
    ("staged", "expected"),
    [
        ("noticas", {"peacekeeping operations"}),
        ("conduct_allegations", {"missions of the conduct data"}),
        ("crimes", {"reporting missions"}),
        ("fpu_units", {"reporting missions"}),
        ("explosive_ordnance", {"reporting missions"}),
        # all that the source sends
        ("senior_leaders", set()),
    ],
)
def test_scopes_of_a_staged_table_are_those_of_its_figures(staged: str, expected: set[str]) -> None:
    assert scopes(CONFIG.figures, staged) == expected


def test_closed_and_political_missions_are_told_by_the_scope_of_the_figures() -> None:
    rows = pl.LazyFrame(
        {"mission": ["UNMISS", CLOSED, POLITICAL, POLITICAL, "TOTAL", None], "_file": ["a", "a", "a", "b", "a", "a"]}
    )
    operations, reporting = frozenset({"peacekeeping operations"}), frozenset({"reporting missions"})
    assert outside(rows, "mission", MISSIONS, operations).rows() == [("a", POLITICAL, 1), ("b", POLITICAL, 1)]
    assert outside(rows, "mission", MISSIONS, reporting).rows() == [
        ("a", CLOSED, 1),
        ("a", POLITICAL, 1),
        ("b", POLITICAL, 1),
    ]
    assert outside(rows, "mission", MISSIONS, operations | reporting).height == 2
    of_conduct = pl.LazyFrame({"mission": ["UNMISS", CLOSED, "UNMEE", POLITICAL], "_file": ["a"] * 4})
    told = outside(of_conduct, "mission", MISSIONS, frozenset({"missions of the conduct data"}))
    assert told["mission"].to_list() == [POLITICAL, "UNMEE"]


def test_the_missions_of_the_conduct_data_are_those_of_note_7() -> None:
    counted = MISSIONS.filter("in_conduct_data").select("mission", "reports").collect()
    assert set(counted.filter("reports")["mission"]) == set(CONFIG.reporting_missions)
    assert set(counted.filter(~pl.col("reports"))["mission"]) == {
        *("MINUJUSTH", "MINURCAT", "MINUSMA", "MINUSTAH", "MONUC"),
        *("UNAMID", "UNMIL", "UNMIS", "UNMIT", "UNOCI"),
    }
    assert counted.height == 21


def test_a_mission_that_does_not_report_is_in_no_table_of_figures_by_mission() -> None:
    crimes = pl.LazyFrame([("MINUSCA", *range(6)), (CLOSED, *range(6)), ("TOTAL", *range(6))], orient="row")
    crimes = crimes.rename(dict(zip(crimes.collect_schema().names(), ["mission_or_total", *CRIMES], strict=True)))
    assert crimes_against_peacekeepers(crimes, MISSIONS, CYCLE).collect()["mission"].to_list() == ["MINUSCA"]
    visits = pl.LazyFrame({"mission": ["MINUSCA", CLOSED, POLITICAL], "visited_on": [date(2024, 1, 1)] * 3})
    assert paet_visits(visits, MISSIONS, CYCLE).collect().rows() == [(5, "MINUSCA", 1)]
    stops = pl.LazyFrame({"mission": ["UNMISS", POLITICAL], "service": ["X-ray"] * 2, "days": [3, 4]})
    assert service_interruptions(stops, MISSIONS, CYCLE).collect()["mission"].to_list() == ["UNMISS"]
