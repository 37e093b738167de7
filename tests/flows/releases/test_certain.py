"""A release is final where each of its figures is known for certain, or named in a decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from config import Acceptance
from flows.core.records import GatedTable, Gathered, JudgedFiles
from flows.intake.books.completeness import still_open
from flows.releases.make.certain import told, undecided
from tests.support.files import CONFIG, CYCLE
from tests.transforms.frames import figure_rows

ULTRASOUND, SOFA, VISITS = "ultrasound_down_days", "new_sofa_incidents_reported", "paet_visits"
UNDECIDED = replace(CONFIG, accepted=())


def figure(name: str, mission: str, value: float | None, status: str) -> dict[str, object]:
    return {"cycle": CYCLE.number, "figure": name, "mission": mission, "value": value, "obs_status": status}


def of(*rows: dict[str, object]) -> pl.DataFrame:
    empty = figure_rows([])
    return pl.concat([empty, pl.DataFrame(list(rows), schema_overrides=dict(empty.schema))], how="diagonal")


@pytest.mark.parametrize("status", ["A", "M", "Q", "L"])
def test_what_is_known_keeps_no_release_from_being_final(status: str) -> None:
    known = of(figure(SOFA, "ALL", 5, status))
    assert undecided(known, UNDECIDED, CYCLE).is_empty()
    assert told(known, UNDECIDED, CYCLE, inside=True) == ()


@pytest.mark.parametrize(
    ("rows", "sentences"),
    [
        (
            [figure(ULTRASOUND, "ALL", 247, "V"), figure(ULTRASOUND, "UNMISS", 247, "V")],
            [
                "Days without ultrasound: 247 for UNMISS cannot be right; have it mended, or accept it with "
                "“a4p decide accept”."
            ],
        ),
        (
            [figure(ULTRASOUND, "UNMISS", 247, "V"), figure(ULTRASOUND, "UNIFIL", 190, "V")],
            [
                "Days without ultrasound: 247 for UNMISS and 190 for UNIFIL cannot be right; have them mended, or "
                "accept them with “a4p decide accept”."
            ],
        ),
        (
            [figure(SOFA, "ALL", 5, "P"), figure(SOFA, "UNISFA", None, "V")],
            ["New SOFA and SOMA incidents reported: under validation for UNISFA."],
        ),
        # of these the sentences on the sources tell
        ([figure(SOFA, "ALL", 5, "P"), figure(SOFA, "UNISFA", None, "O")], []),
    ],
)
def test_what_is_not_known_keeps_it_provisional_and_is_told_once(
    rows: list[dict[str, object]], sentences: list[str]
) -> None:
    open_ones = undecided(of(*rows), UNDECIDED, CYCLE)
    assert open_ones.height == len(rows)
    assert list(told(of(*rows), UNDECIDED, CYCLE, inside=True)) == sentences
    # what can be done is said to those alone who can do it
    assert list(told(of(*rows), UNDECIDED, CYCLE, inside=False)) == [
        f"{one.partition('; ')[0].removesuffix('.')}." for one in sentences
    ]


def test_a_figure_of_a_source_that_need_not_come_is_named_where_it_did_not() -> None:
    source = next(name for name, contract in CONFIG.contracts.items() if "paet_visits" in contract.tables)
    optional = CONFIG.contract(source).model_copy(update={"required": False})
    config = replace(UNDECIDED, contracts={**CONFIG.contracts, source: optional})
    missing = of(figure(VISITS, "ALL", None, "O"))
    assert told(missing, UNDECIDED, CYCLE, inside=True) == ()
    assert told(missing, config, CYCLE, inside=True) == ("Visits to assess police performance: not received.",)


def test_a_decision_settles_the_figure_that_it_names_while_it_has_that_value() -> None:
    rows = [figure(ULTRASOUND, "ALL", 247, "V"), figure(ULTRASOUND, "UNMISS", 247, "V")]
    decided = [
        Acceptance(figure=ULTRASOUND, mission=mission, cycle=CYCLE.number, value=247, reason="as printed", owner="us")
        for mission in ("ALL", "UNMISS")
    ]
    one, both = (replace(CONFIG, accepted=tuple(decided[:count])) for count in (1, 2))
    assert undecided(of(*rows), one, CYCLE)["mission"].to_list() == ["UNMISS"]
    assert undecided(of(*rows), both, CYCLE).is_empty()
    changed = of(*(row | {"value": 250} for row in rows))
    assert undecided(changed, both, CYCLE).height == len(rows)


@pytest.mark.parametrize(("days", "doubtful"), [(0, False), (1, False), (0, True), (1, True)])
def test_what_is_in_and_not_certain_is_told_by_source(days: int, doubtful: bool) -> None:
    source = "conduct_allegations"
    newest = CYCLE.end - timedelta(days=days)
    judged = JudgedFiles(frozenset(), frozenset(), "", doubtful=((source, None, None),) if doubtful else ())
    gathered = Gathered({}, [], judged, [GatedTable(source, source, "", "", "", newest)], CYCLE.end)
    told_of = "Allegations of misconduct (CDS): "
    assert still_open(gathered, CONFIG, CYCLE) == (
        *([f"{told_of}a finding is open that may change its numbers."] if doubtful else []),
        *([f"{told_of}the newest data are of 29 April 2024, before the end of the cycle."] if days else []),
    )
