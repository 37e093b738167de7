"""Hand-made raw files: workbooks, CSV, and an inbox to put them into."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from config import load
from flows.core.records import Gathered
from flows.refresh.story import gather
from flows.stores import Store, frames
from flows.stores.from_settings import Places

CONFIG = load()
CYCLE = CONFIG.cycle(5)
Row = Sequence[Any]

NOTICAS_HEADER = (
    "casualty_id,incident_date,mission,type_of_casualty,cause,nationality,m49_code,iso_alpha3,last_update,"
    "personnel_type"
)
ALLEGATIONS_HEADER = ("allegation_id", "category", "mission", "date_reported")


def casualty(number: int, *, mission: str = "UNIFIL", day: str = "2024-01-15", cause: str = "Illness") -> str:
    return f"{mission}-2024-01-{number:04},{day},{mission},Fatality,{cause},Namibia,516,NAM,2024-05-01,Military"


def noticas(*lines: str, header: str = NOTICAS_HEADER) -> bytes:
    """Return a CSV file of casualties."""
    return "\n".join([header, *lines, ""]).encode()


def allegations(*numbers: int) -> bytes:
    """Return a workbook of allegations, one a number."""
    return workbook({"Sheet1": [ALLEGATIONS_HEADER, *((f"A-{n}", "SEA", "MINUSCA", "2023-06-01") for n in numbers)]})


def workbook(sheets: dict[str, Iterable[Row]]) -> bytes:
    """Return an xlsx workbook with these rows in its sheets; None leaves a cell empty, `=` begins a failing formula."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(number, column, cell, None, "#DIV/0!")
                    elif isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    elif isinstance(cell, date):
                        sheet.write_datetime(number, column, cell, day)
                    elif cell is not None:
                        sheet.write(number, column, cell)
    return buffer.getvalue()


IMPACTS = ("civilian_movement", "uniformed_movement", "mandated_tasks")
# how many rows each sheet of such a workbook has
BOOK_ROWS = {
    "cover": 1,
    "political_engagement": 1,
    "mission_plan": 1,
    "cpas_impact_assessment": 1,
    "integration": 1,
    "conduct_training": 2,
    "women_in_patrols": 1,
    "mental_health_support": 2,
    "communications": 1,
    "sofa_soma": 1,
    "coordination": 1,
}


def mission_book(mission: str, cycle: object = 5, **changed: Iterable[Row] | None) -> bytes:
    """Return a mission's workbook; `changed` gives the rows of a table's sheet, None leaves the sheet out."""
    rows: dict[str, Iterable[Row] | None] = {
        "cover": [("mission", "cycle", "completed_on"), (mission, cycle, date(2024, 5, 10))],
        "political_engagement": [
            ("political_strategy", "peacebuilding_events", "events_with_womens_groups", "forum_participants"),
            ("Y", 163),
        ],
        "mission_plan": [("approved_plan", "remarks"), ("Y", "signed")],
        "cpas_impact_assessment": [("impact_assessment", "date_of_assessment"), ("N", None)],
        "integration": [("integrated", "joint_programming"), ("Y", "N")],
        "conduct_training": [
            ("training", "sessions", "training_days", "participants"),
            ("Induction", 12, 24),
            ("Refresher", "None", 0),
        ],
        "women_in_patrols": [("year", "patrols", "patrols_with_women", "engagement_teams"), (2023, 8400, 2352)],
        "mental_health_support": [("mechanism", "formal"), ("Counselling", "Y"), ("Groups of peers", None)],
        "communications": [("information_integrity_group", "activities"), ("Y", "radio")],
        "sofa_soma": [
            ("new_incidents", "total_incidents", *(f"impact_{of}" for of in IMPACTS)),
            (3, 12),
        ],
        "coordination": [("mechanism", "formal", "status", "contribution"), ("Joint committee", "Y", "New")],
    }
    tables = CONFIG.contract("mission_report").tables
    sheets = {tables[name].sheet[0]: given for name, given in (rows | changed).items() if given is not None}
    return workbook(sheets)


class Rooms:
    """An inbox and a private store in a folder, and what is gathered from them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox = folder / "inbox"
        self.private = Store(str(folder / "private"))
        self.places = Places(Store(str(self.inbox)), self.private, Store(str(folder / "public")))

    def put(self, path: str, data: bytes, received: datetime = datetime(2024, 5, 20, tzinfo=UTC)) -> str:
        """Put a file into the inbox of the cycle; returns its path in the inbox."""
        file = self.inbox / CYCLE.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (received.timestamp(), received.timestamp()))
        return f"{CYCLE.folder}/{path}"

    def gather(self, *only: str) -> Gathered:
        return gather(CYCLE, self.places, CONFIG, only=only)

    def frame(self, path: str) -> pl.DataFrame:
        return frames.scan(self.private, path).collect()

    def findings(self, gathered: Gathered) -> pl.DataFrame:
        """Return what was found in files and in rows."""
        paths = [gathered.judged.findings, *(table.findings for table in gathered.tables)]
        return pl.concat([self.frame(path) for path in paths])

    def staged(self, gathered: Gathered, table: str) -> pl.DataFrame:
        return self.frame(next(one.staged for one in gathered.tables if one.table == table))

    def quarantine(self, gathered: Gathered, table: str) -> pl.DataFrame:
        return self.frame(next(one.quarantine for one in gathered.tables if one.table == table))
