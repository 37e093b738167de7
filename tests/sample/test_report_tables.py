"""The tables of the 5th report, cell by cell, against the tables of the clean sample's release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from config import load
from flows.releases import shelf
from tests.support.sharing import places_in

pytestmark = pytest.mark.slow
CYCLE = load().cycle(5)
Read = Callable[[str], pl.DataFrame]


@pytest.fixture(scope="module")
def table(released: Path) -> Read:
    """Return a table of the release by its name."""
    public = places_in(released).public
    release = shelf.get(public, CYCLE, "r001")
    return lambda name: shelf.read_table(public, release, name)


def by_mission(frame: pl.DataFrame, *columns: str) -> dict[str, tuple[object, ...]]:
    return {row[0]: row[1:] for row in frame.select("mission", *columns).iter_rows()}


def test_mission_plans_and_impact_assessments(table: Read) -> None:
    without = {
        ("mission_plans", "approved_plan"): {"MONUSCO", "UNISFA", "UNMOGIP"},
        ("cpas_impact_assessments", "impact_assessment"): {"UNDOF"},
    }
    for (name, column), missions in without.items():
        answers = by_mission(table(name), column)
        assert len(answers) == 11
        assert {mission for mission, answer in answers.items() if answer == (False,)} == missions
        assert {mission for mission, answer in answers.items() if answer == (True,)} == answers.keys() - missions


def test_trainings_of_the_partnership(table: Read) -> None:
    streams = table("tpp_trainings").select("stream", "trainings", "trainees", "female_pct").rows()
    assert sorted(streams) == [("C4ISR", 5, 119, 26), ("Engineering", 6, 110, 5), ("Medical", 8, 85, 37)]


def test_sofa_and_soma_incidents(table: Read) -> None:
    cells = by_mission(
        table("sofa_soma_incidents"),
        *("agreement", "new_incidents", "new_incidents_obs_status", "total_incidents", "total_incidents_obs_status"),
    )
    assert cells == {
        "MINURSO": ("SOMA", 0, "A", 2, "A"),
        "MINUSCA": ("SOFA", 10, "A", 174, "A"),
        "MONUSCO": ("SOFA", 27, "A", 29, "A"),
        "UNDOF": ("SOFA", 0, "A", 0, "A"),
        "UNFICYP": ("SOFA", 0, "A", 0, "A"),
        "UNIFIL": ("SOFA", 43, "A", None, "V"),
        "UNISFA": ("SOFA", 1, "A", None, "V"),
        "UNMIK": ("none", None, "M", None, "M"),
        "UNMISS": ("SOFA", 125, "A", 585, "A"),
        "UNMOGIP": ("none", None, "M", None, "M"),
        "UNTSO": ("none", None, "M", None, "M"),
    }


def test_mechanisms_of_coordination(table: Read) -> None:
    found = table("coordination_mechanisms")
    assert Counter(found["mission"]) == {
        **dict.fromkeys(("MINURSO", "MINUSCA", "UNDOF", "UNIFIL", "UNTSO", "UNMOGIP"), 1),
        "MONUSCO": 3,
        "UNFICYP": 3,
        "UNISFA": 2,
        "UNMISS": 4,
    }
    assert set(found.filter(~pl.col("formal"))["mission"]) == {"UNTSO", "UNMOGIP"}
    assert Counter(found["status"]) == {"On-going": 6, "New": 3, "Update/Enhance": 1, "No report available": 1, None: 7}
    unreported = found.filter(contribution="No report available")
    assert sorted(unreported["mission"]) == ["MINUSCA", "UNIFIL", "UNMISS"]


def test_explosive_ordnance_on_the_map(table: Read) -> None:
    columns = (
        *("incidents", "exploded", "removed_by_mission", "removed_by_others", "people_educated", "routes_verified_km"),
        *("items_destroyed", "land_released_m2", "hazards_removed", "observers_injured"),
    )
    found = table("explosive_ordnance")
    cells = by_mission(found, *columns)
    assert cells["MINUSCA"] == (47, 14, 27, 6, 11_700, None, 1_700, None, None, None)
    assert cells["UNIFIL"] == (5_000, *[None] * 9)
    assert cells["MONUSCO"][0] == 170
    # what the page does not print of these is made up
    assert cells["MONUSCO"][4:] == (81_000, None, 68_924, None, None, None)
    assert cells["MINURSO"][4:] == (50, 15_000, 160, None, None, None)
    assert cells["UNISFA"][4:] == (None, 540, None, 1_600_000, 330, None)
    assert cells["UNMISS"][4:] == (375_000, None, 365_000, None, None, None)
    assert cells["UNTSO"][4:] == (*[None] * 5, 3)
    days = found.select(pl.col("counted_from", "up_to").cast(pl.String)).unique().rows()
    assert days == [("2023-10-01", "2024-08-31")]


def test_formed_police_units_and_visits(table: Read) -> None:
    counts = by_mission(table("fpu_evaluations_by_mission"), "units", "units_evaluated_twice", "evaluations")
    assert counts == {"MINUSCA": (15, 15, 30), "MONUSCO": (8, 8, 16), "UNMISS": (4, 4, 8)}
    assert by_mission(table("paet_visits"), "visits") == {"MINUSCA": (1,), "UNMISS": (1,)}


def test_hospitals_and_their_services(table: Read) -> None:
    hospitals = table("hospitals").group_by("mission").agg(pl.sum("hospitals"))
    none = {mission for mission, counted in by_mission(hospitals, "hospitals").items() if counted == (0,)}
    assert none == {"UNFICYP", "UNMIK", "UNMOGIP", "UNTSO"}
    days = table("service_interruptions").select("mission", "service", "days_unavailable").rows()
    assert sorted(days) == [("UNMISS", "Intensive care", 30), ("UNMISS", "Ultrasound", 247)]


def test_deaths_by_malicious_acts(table: Read) -> None:
    assert table("fatalities_malicious_share")["malicious_deaths"].sum() == 196
    kinds = table("fatalities_by_personnel_type").group_by("uniformed").agg(pl.sum("deaths"))
    deaths = dict(kinds.iter_rows())
    # "the vast majority"
    assert deaths[True] > 4 * deaths[False]


def test_seven_women_lead_nineteen_missions_or_second(table: Read) -> None:
    people = {row[1:4]: row[4] for row in table("senior_leadership").iter_rows()}
    assert people == {
        ("Head of Mission", "F", False): 3,
        ("Head of Mission", "M", False): 3,
        ("Head of Mission", "M", True): 5,
        ("Deputy Head of Mission", "F", False): 4,
        ("Deputy Head of Mission", "M", False): 4,
    }


def test_groups_on_information_integrity(table: Read) -> None:
    groups = table("information_integrity").filter("information_integrity_group")["mission"]
    assert set(groups) == {"UNIFIL", "MONUSCO", "MINUSCA", "UNMISS", "UNISFA"}
