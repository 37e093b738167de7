"""The raw files of a cycle as tables of DuckDB, read by code of their own: nothing of the pipeline reads them.

It reads files that are right: what a sheet is called, which order columns have and words of a count are known to it,
and what it does not know stops it.
"""

from __future__ import annotations

import csv
from collections import ChainMap
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import yaml

from config import load

CONFIG_FOLDER = Path(__file__).parents[2] / "config"
# no figure is made of them, and they are long
LEFT_OUT = ("uniformed_personnel",)
Cells = list[str | None]

MACROS = """
CREATE MACRO num(cell) AS CASE WHEN trim(cell) IN ('-----', 'Under Validation', 'No SOFA/SOMA') THEN NULL
    WHEN trim(cell) IN ('None', 'Néant') THEN 0 ELSE CAST(cell AS DOUBLE) END;
CREATE MACRO yes(cell) AS CASE WHEN cell IS NULL THEN NULL WHEN lower(trim(cell)) IN ('y', 'yes', 'o', 'oui') THEN true
    WHEN lower(trim(cell)) IN ('n', 'no', 'non') THEN false ELSE error('neither yes nor no: ' || cell) END;
CREATE MACRO day(cell) AS CAST(cell AS DATE);
"""


def connect(inbox: Path, cycle: int) -> duckdb.DuckDBPyConnection:
    """Return a database with a table for each of the contracts' tables, all cells as text, and what the facts are.

    `sender` is the mission in whose folder a file lies. `missions` are those that missions.yaml knows as of the cycle,
    `cycle` is its one row: number, first and last day, last calendar year that was over when it ended.
    """
    base = duckdb.connect()
    base.execute(MACROS)
    known = load()
    this = known.cycle(cycle)
    base.execute("CREATE TABLE cycle (number INTEGER, start DATE, last DATE, year INTEGER)")
    year = this.end.year if this.end == date(this.end.year, 12, 31) else this.end.year - 1
    base.execute("INSERT INTO cycle VALUES (?, ?, ?, ?)", [cycle, this.start, this.end, year])
    aliases = _missions(base, cycle)
    for source, contract in known.of_cycle(cycle).contracts.items():
        if source in LEFT_OUT:
            continue
        for name, table in contract.tables.items():
            columns = ", ".join(f'"{column}" VARCHAR' for column in ("sender", *table.columns))
            base.execute(f'CREATE TABLE "{name}" ({columns})')
        for file in sorted((inbox / this.folder / source).rglob("*.*")):
            sender = file.parent.name if contract.sent_by == "missions" else None
            # the sheets stand in the contract's order
            for (name, table), lines in zip(contract.tables.items(), _sheets(file), strict=True):
                spellings = {
                    _plain(spelling): column
                    for column, definition in table.columns.items()
                    for spelling in (column, *definition.spellings)
                }
                rows = [[sender, *row] for row in _rows(lines, spellings, list(table.columns), aliases)]
                frame = pl.DataFrame(rows, schema=dict.fromkeys(("sender", *table.columns), pl.String), orient="row")
                base.register("these", frame)
                base.execute(f'INSERT INTO "{name}" SELECT * FROM these')
    return base


def _missions(base: duckdb.DuckDBPyConnection, cycle: int) -> dict[str, str]:
    """Put the missions in, and return how else they are written."""
    base.execute(
        "CREATE TABLE missions (mission VARCHAR, peacekeeping BOOLEAN, reports BOOLEAN, began DATE, ended DATE)"
    )
    aliases = {}
    known = yaml.safe_load((CONFIG_FOLDER / "missions.yaml").read_text(encoding="utf-8"))
    for name, plain in known.items():
        changed = [change for change in plain.get("changes", ()) if change["from_cycle"] <= cycle]
        facts = dict(ChainMap(*reversed(changed), plain))
        peacekeeping = facts.get("kind", "peacekeeping operation") == "peacekeeping operation"
        row = [name, peacekeeping, facts.get("reports", False), facts.get("start"), facts.get("end")]
        base.execute("INSERT INTO missions VALUES (?, ?, ?, ?, ?)", row)
        aliases |= dict.fromkeys(facts.get("aliases", ()), name)
    return aliases


def _sheets(file: Path) -> Iterator[list[Cells]]:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as lines:
            yield [[cell or None for cell in line] for line in csv.reader(lines)]
        return
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    for sheet in book.worksheets:
        yield [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    book.close()


def _text(cell: object) -> str | None:
    if cell is None:
        return None
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


def _rows(lines: list[Cells], names: dict[str, str], columns: list[str], aliases: dict[str, str]) -> Iterator[Cells]:
    """Yield the rows below the header, in the contract's order of columns."""
    # above it a title may stand
    header = next(number for number, line in enumerate(lines[:3]) if sum(map(bool, line)) > 1)
    at = {names[_plain(cell)]: place for place, cell in enumerate(lines[header]) if cell}
    for line in lines[header + 1 :]:
        if any(line):
            row = {column: line[place] for column, place in at.items()}
            for column in {"mission", "mission_or_total"} & row.keys():
                row[column] = aliases.get(str(row[column]), row[column])
            yield [row.get(column) for column in columns]


def _plain(header: str | None) -> str:
    return "".join(letter for letter in str(header).lower() if letter.isalnum())
