"""From a file's grids to its source's tables: text, with the contract's column names and where each row stood.

Columns that the contract marks as personal, and columns it does not know, are left behind here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from pydantic_core import to_json

from config import Config, Contract, Table
from flows import fingerprint
from flows.grids import Grid, grids
from flows.limits import Unreadable
from transforms.standardise import normalised_header

_HEADER_WITHIN = 30


@dataclass(frozen=True)
class TableRead:
    """What was found of one table in one file."""

    rows: int = 0
    width: int = 0
    header_row: int | None = None
    absent: bool = False
    missing: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    unknown: int = 0


@dataclass(frozen=True)
class FileRead:
    """What was found in one file: a problem that keeps it from being read, or its tables."""

    problem: str | None = None
    where: str = ""
    looks_like: str | None = None
    claimed_mission: str | None = None
    claimed_cycle: str | None = None
    tables: Mapping[str, TableRead] = field(default_factory=dict)


def read_file(data: bytes, name: str, contract: Contract, config: Config) -> tuple[FileRead, dict[str, pl.DataFrame]]:
    """Read a file by its source's contract.

    Returns what was found, and for each table a frame of text: the contract's columns without the personal ones,
    `_sheet`, `_row`, `_shifted`. A file that cannot be read has a problem and no tables; nothing is raised for it.
    """
    try:
        found = grids(data, name)
    except Unreadable as unreadable:
        return FileRead(problem=unreadable.problem, where=unreadable.where), {}
    facts: dict[str, TableRead] = {}
    frames: dict[str, pl.DataFrame] = {}
    for table_name, table in contract.tables.items():
        grid = grid_of(table, found)
        if grid is None:
            facts[table_name] = TableRead(absent=True)
            frames[table_name] = _no_rows(table)
        else:
            facts[table_name], frames[table_name] = _table(grid, table)
    fits = _fits(found, config)
    best = max(fits, key=lambda source: fits[source], default=None)
    looks_like = best if best and fits[best] > fits.get(contract.source, 0) else None
    claims = contract.claims
    return (
        FileRead(
            looks_like=looks_like,
            claimed_mission=_claim(frames, claims.mission) if claims else None,
            claimed_cycle=_claim(frames, claims.cycle) if claims else None,
            tables=facts,
        ),
        frames,
    )


def recognition(contract: Contract, config: Config) -> str:
    """Return the key of what a file's reading depends on, besides its content and the ending of its name.

    Of the other sources that is by which columns they are known: whether a file looks like theirs depends on it.
    """
    own = contract.model_dump(include={"source", "sent_by", "claims"})
    known = {
        source: {name: _headers(table) for name, table in one.tables.items()}
        for source, one in config.contracts.items()
    }
    return hashlib.sha256(to_json((fingerprint.of_code("flows.read"), own, known))).hexdigest()


def _headers(table: Table) -> Any:
    columns = {name: (column.required, column.personal, column.spellings) for name, column in table.columns.items()}
    return table.sheet, columns


def recognise(found: list[Grid], config: Config) -> str | None:
    """Return the source whose required columns all stand in the grids, the one with most columns; None if none fits."""
    fits = _fits(found, config)
    return max(fits, key=lambda source: fits[source], default=None)


def _fits(found: list[Grid], config: Config) -> dict[str, int]:
    """Return the sources of which a table has all its required columns in the grids, with how many columns fit."""
    fitting: dict[str, int] = {}
    for source, contract in config.contracts.items():
        known = 0
        for table in contract.tables.values():
            grid = grid_of(table, found)
            if grid is None or not (placed := placed_columns(grid, table))[1]:
                continue
            matched = {name for name in placed[1] if name}
            if all(name in matched for name, column in table.columns.items() if column.required):
                known += len(matched)
        if known > 1:
            fitting[source] = known
    return fitting


def grid_of(table: Table, found: list[Grid]) -> Grid | None:
    """Find the table's sheet by its name; a table without a named sheet is the grid that holds most of its columns."""
    if table.sheet:
        wanted = {normalised_header(sheet) for sheet in table.sheet}
        return next((grid for grid in found if grid.sheet and normalised_header(grid.sheet) in wanted), None)
    return max(found, key=lambda grid: sum(1 for name in placed_columns(grid, table)[1] if name), default=None)


def placed_columns(grid: Grid, table: Table) -> tuple[int | None, list[str | None]]:
    """Find the header: the row, among the first thirty, in which most cells name a column of the contract.

    Returns its position in the grid and, for each of the grid's columns, the contract's column that it names.
    """
    names = {
        normalised_header(spelling): name
        for name, column in table.columns.items()
        for spelling in (name, *column.spellings)
    }
    best: tuple[int | None, list[str | None]] = (None, [])
    for position, row in enumerate(grid.cells.drop("_row", "_length").head(_HEADER_WITHIN).iter_rows()):
        placed = [names.get(normalised_header(cell)) if cell else None for cell in row]
        if sum(1 for name in placed if name) > sum(1 for name in best[1] if name):
            best = (position, placed)
    return best


def _table(grid: Grid, table: Table) -> tuple[TableRead, pl.DataFrame]:
    position, placed = placed_columns(grid, table)
    width = sum(1 for name in grid.cells.columns if not name.startswith("_"))
    required = tuple(name for name, column in table.columns.items() if column.required)
    if position is None:
        return TableRead(width=width, missing=required or tuple(table.kept)), _no_rows(table)
    named = [name for name in placed if name and name in table.kept]
    header = grid.cells.row(position)
    select = [
        pl.col(str(placed.index(name))).alias(name) if name in placed else pl.lit(None, pl.String).alias(name)
        for name in table.kept
    ]
    rows = grid.cells.slice(position + 1).select(
        *select,
        pl.lit(_known_sheet(grid, table), pl.String).alias("_sheet"),
        "_row",
        _shifted(header, grid.cells["_length"][position], width),
    )
    # a row counts when a cell of the contract's columns holds something
    rows = rows.filter(pl.any_horizontal(pl.col(*table.kept).is_not_null()))
    facts = TableRead(
        rows=rows.height,
        width=width,
        header_row=int(grid.cells["_row"][position]),
        missing=tuple(name for name in required if name not in placed),
        repeated=tuple(dict.fromkeys(name for name in named if named.count(name) > 1)),
        unknown=sum(1 for cell, name in zip(header, placed, strict=False) if cell and not name),
    )
    return facts, rows


def _shifted(header: tuple[object, ...], length: int, width: int) -> pl.Expr:
    """Whether a row has too few cells for the columns that the header names, or a value beyond the header's end."""
    named = max(number for number, cell in enumerate(header[:width]) if cell) + 1
    beyond = [pl.col(str(number)).fill_null("").str.strip_chars() != "" for number in range(length, width)]
    return ((pl.col("_length") < named) | pl.any_horizontal(pl.lit(False), *beyond)).alias("_shifted")


def _known_sheet(grid: Grid, table: Table) -> str | None:
    """Return the sheet's name as the contract spells it; what else a sheet is called may hold anything."""
    return next((s for s in table.sheet if normalised_header(s) == normalised_header(grid.sheet or "")), None)


def _no_rows(table: Table) -> pl.DataFrame:
    schema: dict[str, type[pl.DataType]] = dict.fromkeys((*table.kept, "_sheet"), pl.String)
    return pl.DataFrame(schema=schema | {"_row": pl.UInt32, "_shifted": pl.Boolean})


def _claim(frames: Mapping[str, pl.DataFrame], path: str) -> str | None:
    table, column = path.split(".")
    frame = frames[table]
    return frame[column][0] if frame.height else None
