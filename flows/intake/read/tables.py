"""From a file's grids to its source's tables: text, with the contract's column names and where each row stood.

Columns that the contract marks as personal, and columns it does not know, are left behind here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from config import Contract, Table, normalised_header
from config.parts import Contracts
from flows.core.records import FileRead, TableRead
from flows.intake.read import large_csv
from flows.intake.read.grids import Grid, grids
from flows.intake.read.limits import Unreadable
from flows.intake.read.nothing import NoneSaid, sorted_out
from flows.stores import frames as kept
from transforms import notation

_HEADER_WITHIN = 30


def read_file(
    data: bytes, name: str, contract: Contract, config: Contracts
) -> tuple[FileRead, dict[str, pl.DataFrame]]:
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
            facts[table_name], frames[table_name] = _table(grid, table, contract)
    return _file(found, contract, config, facts, frames), frames


def _file(
    found: list[Grid],
    contract: Contract,
    config: Contracts,
    facts: Mapping[str, TableRead],
    frames: Mapping[str, pl.DataFrame],
) -> FileRead:
    """Say what a file is, of its grids and its tables; the first rows of each are enough."""
    fits = _fits(found, config)
    best = max(fits, key=lambda source: fits[source], default=None)
    looks_like = best if best and fits[best] > fits.get(contract.source, 0) else None
    claims = contract.claims
    habits = notation.of_file(frames, contract)
    if any(grid.separator == ";" for grid in found) and notation.DECIMAL_COMMAS not in habits:
        # written so where the comma is taken
        habits = (*habits, notation.DECIMAL_COMMAS)
    return FileRead(
        looks_like=looks_like,
        claimed_mission=_claim(frames, claims.mission) if claims else None,
        claimed_cycle=_claim(frames, claims.cycle) if claims else None,
        habits=habits,
        tables=facts,
    )


def read_large(
    file: Path,
    name: str,
    contract: Contract,
    config: Contracts,
    texts: Mapping[str, Path],
    piece: int = large_csv.PIECE,
) -> FileRead:
    """Read a file that is better not held as a whole, as `read_file` does; its tables' text goes to the paths given.

    CSV files are read in pieces of so many bytes, others as a whole.
    """
    try:
        if lines := large_csv.looked_at(file, name, piece):
            return _lines_in_pieces(lines, contract, config, texts, piece)
    except large_csv.Unclear:
        pass
    except Unreadable as unreadable:
        return FileRead(problem=unreadable.problem, where=unreadable.where)
    found, tables = read_file(file.read_bytes(), name, contract, config)
    for table, text in tables.items():
        kept.sink(text.lazy(), texts[table])
    return found


def _lines_in_pieces(
    lines: large_csv.Lines, contract: Contract, config: Contracts, texts: Mapping[str, Path], piece: int
) -> FileRead:
    if lines.is_plain:
        with suppress(large_csv.Unalike):
            return _in_pieces(large_csv.cells(lines, alike=True, piece=piece), lines.separator, contract, config, texts)
    return _in_pieces(large_csv.cells(lines, alike=False, piece=piece), lines.separator, contract, config, texts)


def _in_pieces(
    cells: Iterator[pl.DataFrame], separator: str, contract: Contract, config: Contracts, texts: Mapping[str, Path]
) -> FileRead:
    first = [pl.DataFrame(schema={"_row": pl.UInt32, "_length": pl.UInt32})]
    for frame in cells:
        first.append(frame)
        if sum(part.height for part in first) > _HEADER_WITHIN:
            break
    head = Grid(None, _beside_each_other(first), separator)
    headers = {name: None if table.sheet else _header(head, table) for name, table in contract.tables.items()}
    width = _width(head.cells)
    rows = dict.fromkeys(headers, 0)
    none = dict.fromkeys(headers, NoneSaid())
    begun: dict[str, pl.DataFrame] = {}
    with ExitStack() as stack:
        written = {
            name: stack.enter_context(kept.Written(texts[name], _no_rows(table)))
            for name, table in contract.tables.items()
        }
        for number, frame in enumerate(chain([head.cells], cells)):
            width = max(width, _width(frame))
            for name, header in headers.items():
                if header is None:
                    continue
                part, said = _rows(
                    frame.slice(0 if number else header.position + 1), header, contract.tables[name], contract
                )
                none[name] = none[name].then(said)
                written[name].add(part)
                begun.setdefault(name, part.head(1))
                rows[name] += part.height
    facts = {
        name: TableRead(absent=True) if table.sheet else _facts(headers[name], table, width, rows[name], none[name])
        for name, table in contract.tables.items()
    }
    return _file(
        [head],
        contract,
        config,
        facts,
        {name: begun.get(name, _no_rows(table)) for name, table in contract.tables.items()},
    )


def _width(cells: pl.DataFrame) -> int:
    return sum(1 for name in cells.columns if not name.startswith("_"))


def _beside_each_other(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Put cells of which the lines may be of different lengths one below the other."""
    cells = pl.concat(parts, how="diagonal")
    return cells.select(*map(str, range(_width(cells))), "_row", "_length")


def recognise(found: list[Grid], config: Contracts) -> str | None:
    """Return the source whose required columns all stand in the grids, the one with most columns; None if none fits."""
    fits = _fits(found, config)
    return max(fits, key=lambda source: fits[source], default=None)


def _fits(found: list[Grid], config: Contracts) -> dict[str, int]:
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
        placed = [names.get(normalised_header(notation.seen(cell))) if cell else None for cell in row]
        if sum(1 for name in placed if name) > sum(1 for name in best[1] if name):
            best = (position, placed)
    return best


@dataclass(frozen=True)
class _Header:
    """The header of a table: its place among the rows, the contract's column that each cell names, and itself."""

    position: int
    placed: list[str | None]
    cells: tuple[object, ...]
    row: int
    length: int
    sheet: str | None

    @property
    def named(self) -> int:
        """Up to which column it has something in it."""
        return max(number for number, cell in enumerate(self.cells) if cell) + 1


def _table(grid: Grid, table: Table, contract: Contract) -> tuple[TableRead, pl.DataFrame]:
    header = _header(grid, table)
    width = _width(grid.cells)
    if header is None:
        return _facts(None, table, width, 0, NoneSaid()), _no_rows(table)
    rows, none = _rows(grid.cells.slice(header.position + 1), header, table, contract)
    return _facts(header, table, width, rows.height, none), rows


def _header(grid: Grid, table: Table) -> _Header | None:
    position, placed = placed_columns(grid, table)
    if position is None:
        return None
    *cells, row, length = grid.cells.row(position)
    return _Header(position, placed, tuple(cells), int(row), int(length), _known_sheet(grid, table))


def _facts(header: _Header | None, table: Table, width: int, rows: int, none: NoneSaid) -> TableRead:
    required = tuple(name for name, column in table.columns.items() if column.required)
    if header is None:
        return TableRead(width=width, missing=required or tuple(table.columns_read))
    named = [name for name in header.placed if name and name in table.columns_read]
    return TableRead(
        rows=rows,
        width=width,
        header_row=header.row,
        missing=tuple(name for name in required if name not in header.placed),
        repeated=tuple(dict.fromkeys(name for name in named if named.count(name) > 1)),
        unknown=sum(1 for cell, name in zip(header.cells, header.placed, strict=True) if cell and not name),
        none_in=none.row,
        contradicted=none.row is not None and (none.beside or rows > 0),
        sheet=header.sheet,
    )


def _rows(cells: pl.DataFrame, header: _Header, table: Table, contract: Contract) -> tuple[pl.DataFrame, NoneSaid]:
    """Return a table's rows, of cells below its header: those in which a cell of its columns holds something.

    A row that says that there are none is no such row; the second says where it is.
    """
    width = _width(cells)
    places = {name: header.placed.index(name) for name in table.columns_read if name in header.placed}
    # where lines differ in length, a few of them may all be too short
    select = [
        pl.col(str(places[name])).alias(name)
        if places.get(name, width) < width
        else pl.lit(None, pl.String).alias(name)
        for name in table.columns_read
    ]
    rows = cells.select(*select, pl.lit(header.sheet, pl.String).alias("_sheet"), "_row", _shifted(header, width))
    return sorted_out(rows, table, contract)


def _shifted(header: _Header, width: int) -> pl.Expr:
    """Whether a row has too few cells for the columns that the header names, or a value beyond the header's end."""
    beyond = [pl.col(str(number)).fill_null("").str.strip_chars() != "" for number in range(header.length, width)]
    return ((pl.col("_length") < header.named) | pl.any_horizontal(pl.lit(False), *beyond)).alias("_shifted")


def _known_sheet(grid: Grid, table: Table) -> str | None:
    """Return the sheet's name as the contract spells it; what else a sheet is called may hold anything."""
    return next((s for s in table.sheet if normalised_header(s) == normalised_header(grid.sheet or "")), None)


def _no_rows(table: Table) -> pl.DataFrame:
    schema: dict[str, type[pl.DataType]] = dict.fromkeys((*table.columns_read, "_sheet"), pl.String)
    return pl.DataFrame(schema=schema | {"_row": pl.UInt32, "_shifted": pl.Boolean})


def _claim(frames: Mapping[str, pl.DataFrame], path: str) -> str | None:
    table, column = path.split(".")
    frame = frames[table]
    return frame[column][0] if frame.height else None
