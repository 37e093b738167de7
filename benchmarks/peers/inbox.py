"""The inbox that is compared on: the sample's sources that grow with its scale, with a few faulty rows in them.

About one row in a thousand is made faulty, by a few kinds in turn, so that there is something to refuse. Workbooks of
more than a megabyte stay as they are: rewriting them takes minutes.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.peers import facts

EVERY = 1_000
# in a small file each kind of fault comes once
FEWEST = 12
_MOST_BYTES = 1_000_000
Row = dict[str, Any]
Fault = Callable[[Row], None]


def _put(column: str, value: Any) -> Fault:
    def change(row: Row) -> None:
        row[column] = value

    return change


def _poorly_rated(rating: str, plan: str) -> Fault:
    def change(row: Row) -> None:
        row["Rating"], row[plan] = rating, "No"

    return change


def _days_later(column: str, days: int, other: str | None = None) -> Fault:
    def change(row: Row) -> None:
        day = row[other or column]
        if isinstance(day, datetime):
            row[column] = day + timedelta(days=days)
        elif day:
            row[column] = str(datetime.fromisoformat(day).date() + timedelta(days=days))

    return change


def _day_first(column: str) -> Fault:
    def change(row: Row) -> None:
        row[column] = f"{datetime.fromisoformat(row[column]):%d/%m/%Y}"

    return change


def _space_after(column: str) -> Fault:
    def change(row: Row) -> None:
        row[column] = f"{row[column]} "

    return change


# by the headers of the files; the rows are changed in their places, and one is listed a second time
FAULTS: dict[str, Sequence[Fault]] = {
    "noticas": (
        _put("type_of_incident", None),
        _put("type_of_incident", "Heart failure"),
        _put("mission_acronym", "UNMISSA"),
        _day_first("incident_date"),
        _days_later("incident_date", 20_000),
        _put("isocode3", "ATA"),
        _put("m49_code", "4.0"),
        _space_after("type_of_incident"),
    ),
    "uniformed_personnel": (
        _put("female_personnel", "a dozen"),
        _put("male_personnel", "-1"),
        _put("personnel_type", "Cooks"),
        _put("mission_acronym", None),
        _days_later("last_reporting_date", 4_000),
        _put("contributing_country", "Uganda "),
    ),
    "conduct_allegations": (
        _put("Category", None),
        _put("Status", "Closed"),
        _days_later("Incident to", -10, "Incident from"),
        _days_later("Incident from", 10, "Date reported"),
        _put("Mission", "UNKNOWN"),
    ),
    "military_unit_evaluations": (
        _put("Unit ID", "UNMISS-MU-999"),
        _put("Rating", "Fair"),
        _days_later("Date of evaluation", -400),
        _put("Improvement plan", "perhaps"),
        _poorly_rated("Unsatisfactory", "Improvement plan"),
    ),
    "fpu_evaluations": (
        _put("Unit ID", "UNMISS-FPU-99"),
        _put("Quarter", "Q3"),
        _put("Date of evaluation", None),
        _poorly_rated("Needs improvement", "Performance improvement plan"),
    ),
}


def write(sample: Path, inbox: Path) -> Path:
    """Copy the compared sources of a sample into an inbox, make some of their rows faulty, and return the inbox."""
    for cycle in facts.cycles():
        for source in facts.SOURCES:
            folder = f"cycle-{cycle.number:02d}/{source}"
            shutil.copytree(sample / folder, inbox / folder)
            for path, _ in facts.files(inbox, cycle, source):
                received = path.stat()
                if path.suffix == ".csv":
                    _in_csv(path, FAULTS[source])
                elif received.st_size <= _MOST_BYTES:
                    _in_workbook(path, FAULTS[source])
                os.utime(path, ns=(received.st_atime_ns, received.st_mtime_ns))
    return inbox


def _places(rows: int, faults: Sequence[Fault]) -> list[tuple[int, Fault]]:
    step = max(1, min(EVERY, rows // FEWEST))
    return [(place, faults[number % len(faults)]) for number, place in enumerate(range(step // 2, rows, step))]


def _in_csv(path: Path, faults: Sequence[Fault]) -> None:
    import polars as pl

    frame = pl.read_csv(path, infer_schema=False)
    columns = {name: frame[name].to_list() for name in frame.columns}
    for place, fault in _places(frame.height, faults):
        row = {name: cells[place] for name, cells in columns.items()}
        fault(row)
        for name, cells in columns.items():
            cells[place] = row[name]
    changed = pl.DataFrame(columns, schema=frame.schema)
    pl.concat([changed, frame.head(1)]).write_csv(path)


def _in_workbook(path: Path, faults: Sequence[Fault]) -> None:
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.load_workbook(path)
    # the last sheet: units are listed on the first, and stay as they are
    sheet = book.worksheets[-1]
    header = [cell.value for cell in sheet[1]]
    for place, fault in _places(sheet.max_row - 1, faults):
        cells = sheet[place + 2]
        row = dict(zip(header, (cell.value for cell in cells), strict=True))
        fault(row)
        for name, cell in zip(header, cells, strict=True):
            cell.value = row[name]
    sheet.append([cell.value for cell in sheet[2]])
    book.save(path)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
