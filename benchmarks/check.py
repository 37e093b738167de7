"""A source checks its own file of 10,000 rows, in a process of its own: prints, as JSON, how many seconds that takes.

    python -m benchmarks.check FOLDER RUNS

Python's start and the imports are not counted: the page on which files are checked has them behind it, and they take as
long for a file of one row.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

# the check imports these late; here they come first
import fastexcel  # noqa: F401
import openpyxl  # type: ignore[import-untyped]

from config import Config, load
from flows.cli import refresh_texts
from flows.feedback import marked_copy
from flows.feedback.check import Checked, check
from flows.feedback.check_page.app import warm_up
from flows.feedback.template import template

ROWS, FAULTY = 10_000, 1_000
CYCLE = 5
MISSION = "UNMISS"
Record = dict[str, Any]


def main(folder: Path, runs: int) -> None:
    """Check each kind of file, clean and with faulty rows, and print the median seconds without and with its marks."""
    warm_up()
    config = load()
    said = []
    for name, write in (("casualties.csv", casualties), ("mission workbook.xlsx", mission_workbook)):
        for faulty in (0, FAULTY):
            file = folder / name
            file.write_bytes(write(config, faulty))
            checked, plain = _timed(lambda file=file: _check(file, config), runs)  # type: ignore[misc]
            if checked.rows_accepted != checked.rows_read - faulty or checked.rows_read < ROWS:
                sys.exit(f"{name}: {checked.rows_accepted} of {checked.rows_read} rows accepted, {faulty} are faulty.")
            _, marked = _timed(lambda file=file: _mark(file, config), runs)  # type: ignore[misc]
            said.append({"file": name, "faulty": faulty, "check": plain, "marked": marked})
    print(json.dumps({"files": said}))


def casualties(config: Config, faulty: int) -> bytes:
    """Return a CSV file of casualties, the first of them faulty."""
    cycle = config.cycle(CYCLE)
    lines = ["casualty_id,incident_date,mission,type_of_casualty,cause,nationality,m49_code,iso_alpha3,last_update"]
    for number in range(ROWS):
        cause = "Ilness" if number < faulty else "Illness"
        lines.append(f"C-{number:05},{cycle.start},UNIFIL,Fatality,{cause},Namibia,516,NAM,{cycle.end}")
    return "\n".join([*lines, ""]).encode()


def mission_workbook(config: Config, faulty: int) -> bytes:
    """Return a mission's template filled in, most of it mechanisms of coordination, the first of them faulty."""
    contract = config.contract("mission_report")
    day = config.cycle(CYCLE).end
    rows: dict[str, list[Record]] = {
        "cover": [{"completed_on": day}],
        "political_engagement": [{"political_strategy": "Y"}],
        "mission_plan": [{"approved_plan": "Y"}],
        "cpas_impact_assessment": [{"impact_assessment": "Y", "date_of_assessment": day}],
        "integration": [{"integrated": "Y", "joint_programming": "N"}],
        "conduct_training": [{"training": "Induction", "sessions": 12}],
        "women_in_patrols": [{"year": day.year, "patrols": 100}],
        "mental_health_support": [{"mechanism": "Staff counsellor", "formal": "Y"}],
        "communications": [{"information_integrity_group": "N"}],
        "sofa_soma": [{"new_incidents": 3, "total_incidents": "Under Validation"}],
        "coordination": [
            {"mechanism": f"Committee {number}", "formal": "perhaps" if number < faulty else "Y", "status": "New"}
            for number in range(ROWS)
        ],
    }
    book = openpyxl.load_workbook(BytesIO(template(contract, config, config.cycle(CYCLE), MISSION)))
    for name, records in rows.items():
        table = contract.tables[name]
        sheet = book[table.sheet[0]]
        columns = {column: at for at, column in enumerate(table.columns_read, start=1)}
        for row, record in enumerate(records, start=2):
            for column, value in record.items():
                sheet.cell(row, columns[column], value)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _check(file: Path, config: Config) -> Checked:
    checked = check(file, config, cycle=config.cycle(CYCLE))
    refresh_texts.of_check([checked], config)
    return checked


def _mark(file: Path, config: Config) -> None:
    marked_copy.write(file, file.with_name(marked_copy.marked_name(file.name)), _check(file, config), config)


def _timed(do: Callable[[], Any], runs: int) -> tuple[Any, float]:
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        done = do()
        seconds.append(time.perf_counter() - begun)
    return done, median(seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
