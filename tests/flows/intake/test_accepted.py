"""Which figures are named in decisions that hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config import Acceptance
from flows.intake.books.accepted import accepted
from flows.releases import editions, shelf
from flows.stores import Store
from tests.support.files import CONFIG, CYCLE

FIGURES = pl.DataFrame(
    {
        "figure": ["deaths", "deaths", "days", "share"],
        "mission": ["ALL", "UNMISS", "ALL", "ALL"],
        "value": [12.0, 3.0, 247.0, None],
        "obs_status": ["P", "P", "V", "M"],
    }
)


def decided(figure: str, value: float, **said: Any) -> Acceptance:
    usual = {"figure": figure, "value": value, "cycle": 5, "reason": "The source confirmed it", "owner": "Coordinator"}
    return Acceptance.model_validate({**usual, **said})


def named(*those: Acceptance) -> list[tuple[str, str, float, str]]:
    return accepted(FIGURES, those, CYCLE).select("figure", "mission", "value", "reason").rows()


def test_a_decision_holds_while_the_figure_has_the_value_that_it_names() -> None:
    assert named(decided("days", 247), decided("deaths", 11), decided("unknown", 1)) == [
        ("days", "ALL", 247.0, "The source confirmed it")
    ]


def test_it_is_of_one_mission_and_of_one_cycle() -> None:
    assert named(decided("deaths", 3, mission="UNMISS"), decided("days", 247, cycle=6)) == [
        ("deaths", "UNMISS", 3.0, "The source confirmed it")
    ]
    assert named(decided("deaths", 3), decided("share", 0)) == []


def test_the_last_decision_on_a_value_counts() -> None:
    assert named(decided("days", 247), decided("days", 247, reason="Printed so")) == [
        ("days", "ALL", 247.0, "Printed so")
    ]


@pytest.mark.slow
def test_what_the_sample_has_impossible_is_accepted_as_it_comes(released: Path) -> None:
    public, inside = (Store(str(released / "store" / name)) for name in ("public", "private/internal"))
    release = shelf.latest(public, CYCLE)
    assert release
    figures = shelf.read_table(public, release, "figures")
    impossible = figures.filter(pl.col("obs_status") == "V").select("figure", "mission").sort("figure", "mission")
    assert accepted(figures, CONFIG.accepted, CYCLE).select("figure", "mission").equals(impossible)
    told = editions.read_table(release, "findings", public, inside)["rule"].to_list()
    assert "acceptance_is_still_needed" not in told
