"""One clean table of rows for every source table, as flows.read gives them, and the way through the gate."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from config import load
from flows import frames, gate
from flows.read import FileRead, TableRead
from flows.records import JudgedFiles, ReadSubmission, Submission
from flows.store import Store

CONFIG = load()
CYCLE = CONFIG.cycle(5)
RECEIVED = datetime(2024, 5, 20, tzinfo=UTC)
MISSION = "UNIFIL"

Cells = dict[str, str | None]

_EVALUATIONS: Sequence[Cells] = (
    {"unit_id": "U-1", "mission": "MINUSCA", "evaluation_date": "2023-12-11", "improvement_plan": None},
    {"unit_id": "U-2", "mission": "UNMISS", "evaluation_date": "2024-04-30", "improvement_plan": "Y"},
)
CLEAN: dict[str, Sequence[Cells]] = {
    "noticas": (
        {
            "casualty_id": "UNIFIL-2024-01-0001",
            "incident_date": "2024-01-15",
            "mission": "UNIFIL",
            "type_of_casualty": "Fatality",
            "cause": "Illness",
            "personnel_type": "Local",
            "gender": "M",
            "nationality": "France",
            "m49_code": "250",
            "iso_alpha3": "FRA",
            "last_update": "2024-05-01",
            "record_id": "1",
        },
        # a special political mission is known and no error; so is a second casualty alike in all but its number
        {
            "casualty_id": "UNAMA-2024-01-0001",
            "incident_date": "1705276800000",
            "mission": "UNAMA",
            "type_of_casualty": "Fatality",
            "cause": "Malicious Act",
            "nationality": "Afghanistan",
            "m49_code": "004",
            "iso_alpha3": "AFG",
            "last_update": "1714521600000",
        },
        {
            "casualty_id": "UNAMA-2024-01-0002",
            "incident_date": "2024-05-20",
            "mission": "UNFIL",
            "cause": "To Be Determined",
            "m49_code": "516",
            "iso_alpha3": "NAM",
        },
        # the first and the last day of a mission, and the day of the last update
        *(
            {
                "casualty_id": f"MINUSMA-{day}",
                "incident_date": day,
                "mission": "MINUSMA",
                "cause": "Accident",
                "nationality": "Chad",
                "m49_code": "148",
                "iso_alpha3": "TCD",
                "last_update": "2023-12-31",
            }
            for day in ("2013-04-25", "2023-12-31")
        ),
    ),
    "conduct_allegations": (
        {
            "allegation_id": "A-1",
            "category": "SEA",
            "mission": "MONUSCO",
            "date_reported": "2024-05-20",
            "incident_from": "2023-12-01",
            "incident_to": "2023-12-05",
            "personnel_category": "Military",
            "status": "Pending",
            "action_taken": "None",
        },
        {
            "allegation_id": "A-2",
            "category": "other serious misconduct",
            "mission": "UNIFIL",
            "date_reported": "2023-01-01",
        },
        {
            "allegation_id": "A-3",
            "category": "SEA",
            "mission": "MINUSCA",
            "date_reported": "2023-12-31",
            "incident_from": "2023-12-31",
            "incident_to": "2023-12-31",
        },
    ),
    "fpu_units": (
        {"unit_id": "U-1", "mission": "MINUSCA", "contributing_country": "Senegal"},
        {"unit_id": "U-2", "mission": "UNMISS", "contributing_country": "Rwanda"},
    ),
    "fpu_evaluations": (
        {**_EVALUATIONS[0], "quarter": "Q1", "rating": "Very good"},
        {**_EVALUATIONS[1], "quarter": "Q2", "rating": "Needs improvement"},
        {**_EVALUATIONS[1], "quarter": "Q1", "rating": "Average", "improvement_plan": "N"},
    ),
    "military_units": (
        {"unit_id": "U-1", "mission": "MINUSCA", "contributing_country": "Nepal", "unit_type": "Battalion"},
        {"unit_id": "U-2", "mission": "UNMISS", "contributing_country": "Mongolia"},
    ),
    "military_unit_evaluations": (
        {**_EVALUATIONS[0], "rating": "Satisfactory"},
        {**_EVALUATIONS[1], "rating": "Unsatisfactory"},
        {**_EVALUATIONS[1], "rating": "Satisfactory", "evaluation_date": "2023-11-01"},
    ),
    "cover": ({"mission": MISSION, "cycle": "Cycle 5", "completed_on": "2024-05-10"},),
    "mission_plan": ({"approved_plan": "oui", "remarks": "signed"},),
    "cpas_impact_assessment": (
        {"impact_assessment": "Y", "date_of_assessment": "2023-11-01", "remarks": "the second one"},
    ),
    "conduct_training": (
        {"training": "Induction", "sessions": "12", "training_days": "182", "participants": "1,204"},
        {"training": "Refresher", "sessions": "None", "training_days": "None", "participants": "-----"},
        {"training": "SEA prevention", "sessions": "Under Validation", "training_days": None, "participants": None},
    ),
    "sofa_soma": (
        {
            "new_incidents": "12",
            "total_incidents": "12",
            "impact_civilian_movement": "High",
            "impact_uniformed_movement": "No/Low",
            "impact_mandated_tasks": "-----",
        },
    ),
    "uniformed_personnel": (
        {
            "contribution_id": "1",
            "contributing_country": "France",
            "iso_alpha3": "FRA",
            "m49_code": "250",
            "mission": "UNIFIL",
            "personnel_type": "Troops",
            "female_personnel": "0",
            "male_personnel": "700",
            "last_reporting_date": "2024-04-30",
        },
        {
            "contributing_country": "France",
            "iso_alpha3": "FRA",
            "m49_code": "250",
            "mission": "UNIFIL",
            "personnel_type": "Troops",
            "female_personnel": "7",
            "male_personnel": "690",
            "last_reporting_date": "2024-03-31",
        },
    ),
}


@dataclass(frozen=True)
class Sent:
    """The rows of one file, from row 2 on; `shifted` are those whose cells do not fit the header."""

    rows: Sequence[Cells]
    mission: str = MISSION
    shifted: Sequence[int] = ()


@dataclass(frozen=True)
class Passed:
    """What came out of the gate."""

    findings: pl.DataFrame
    staged: pl.DataFrame
    quarantine: pl.DataFrame

    def of(self, file: str) -> Passed:
        """Return what came of one file."""
        return Passed(
            self.findings.filter(pl.col("file") == file),
            self.staged.filter(pl.col("_file") == file),
            self.quarantine.filter(pl.col("_file") == file),
        )


def through_the_gate(table: str, sent: dict[str, Sent]) -> Passed:
    """Hold the rows of files, by their names, against the rules of their table."""
    contract, definition = CONFIG.table_contract(table)
    by_missions = contract.sent_by == "missions"
    with tempfile.TemporaryDirectory() as folder:
        private = Store(folder)
        reads = [
            ReadSubmission(
                Submission(contract.source, one.mission if by_missions else None, file, file, 1, RECEIVED, "raw/x"),
                FileRead(tables={table: TableRead(rows=len(one.rows))}),
                {table: frames.put(private, "read", text_of(table, one))},
            )
            for file, one in sent.items()
        ]
        parents = {parent: frames.put(private, "parent", staged_of(parent)) for parent in definition.refers_to}
        judged = JudgedFiles(frozenset(), frozenset(), "")
        gated = gate.gate_table(contract, table, reads, judged, parents, CONFIG, CYCLE, private)
        out = (gated.findings, gated.staged, gated.quarantine)
        return Passed(*(frames.scan(private, path).collect() for path in out))


def text_of(table: str, sent: Sent) -> pl.DataFrame:
    """Return a frame as flows.read gives it."""
    definition = CONFIG.table_contract(table)[1]
    kept = list(definition.kept)
    return pl.DataFrame(
        [[row.get(name) for name in kept] for row in sent.rows], schema=dict.fromkeys(kept, pl.String), orient="row"
    ).with_columns(
        _sheet=pl.lit(definition.sheet[0] if definition.sheet else None, pl.String),
        _row=pl.int_range(2, len(sent.rows) + 2, dtype=pl.UInt32),
        _shifted=pl.Series([number in sent.shifted for number in range(len(sent.rows))], dtype=pl.Boolean),
    )


def staged_of(table: str) -> pl.DataFrame:
    """Take the clean rows of a list of units as they are, staged."""
    return pl.DataFrame(list(CLEAN[table]), schema=dict.fromkeys(CONFIG.table_contract(table)[1].kept, pl.String))
