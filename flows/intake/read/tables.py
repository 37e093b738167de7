"""From a file's grids to its source's tables: text, with the contract's column names and where each row stood.

Columns that the contract marks as personal, and columns it does not know, are left behind here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path, PurePath

import polars as pl

from config import Contract, Table
from config.parts import Contracts
from flows.core.records import Cells, FileRead, TableRead, Told
from flows.intake.read import large_csv
from flows.intake.read.account import Account, filled, named, of_looks, unmerged
from flows.intake.read.grids import Grid, grids
from flows.intake.read.layout import (
    HEADER_WITHIN,
    Header,
    Sheets,
    fits,
    header_of,
    is_templates_own,
    known_sheet,
    on_its_side,
    second_headers,
    sheets,
)
from flows.intake.read.limits import Unreadable
from flows.intake.read.looks import MERGED
from flows.intake.read.margins import Margins, margins
from flows.intake.read.nothing import NoneSaid, sorted_out
from flows.stores import frames as kept
from transforms import notation


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
    told: list[Told] = []
    where = sheets(contract.tables, found)
    for table_name, table in contract.tables.items():
        grid = where.of[table_name]
        if grid is None:
            facts[table_name] = TableRead(absent=True)
            frames[table_name] = _no_rows(table)
            continue
        facts[table_name], frames[table_name], of_table = _table(grid, table, contract)
        told += [replace(one, table=table_name) for one in of_table]
    of_sheets, cells = _of_other_sheets(where, contract)
    first = next(iter(facts))
    facts[first] = replace(facts[first], cells=facts[first].cells + cells)
    _hold_account(found, facts, name)
    return _file(found, contract, config, facts, frames, [*told, *of_sheets]), frames


def _hold_account(found: Sequence[Grid], facts: Mapping[str, TableRead], name: str) -> None:
    """AssertionError where a cell of a file is neither used nor told: a mistake of the pipeline."""
    cells = sum((fact.cells for fact in facts.values()), Cells())
    read = sum(sum(filled(grid.cells).values()) for grid in found)
    assert cells.add_up and cells.read == read, f"{PurePath(name).suffix} file: {read} cells read, {cells}"


def _of_other_sheets(where: Sheets, contract: Contract) -> tuple[list[Told], Cells]:
    """Return what has to be told of sheets that are no table's, and their cells."""
    told: list[Told] = []
    for name, grid in where.renamed.items():
        table = contract.tables[name]
        number = sum(filled(grid.cells).values())
        told.append(Told("renamed_sheet", f"{grid.sheet} → {table.sheet_name('en')}", name, table.sheet_name("en"), cells=number))
    for name, others in where.others.items():
        table = contract.tables[name]
        for trouble, these in (
            ("hidden_sheet_unread", [grid for grid in others if grid.looks.hidden]),
            ("several_sheets" if not table.sheet else "sheet_unread", [grid for grid in others if not grid.looks.hidden]),
        ):
            if these:
                listed = ", ".join(f"{grid.sheet} ({_rows_of(grid, table, contract)})" for grid in these)
                number = sum(sum(filled(grid.cells).values()) for grid in these)
                told.append(Told(trouble, listed, name, table.sheet_name("en"), cells=number))
    unused = [grid for grid in where.unused if not is_templates_own(grid)]
    if unused:
        number = sum(sum(filled(grid.cells).values()) for grid in unused)
        told.append(Told("unused_sheets", ", ".join(str(one) for one in named([grid.sheet for grid in unused])), cells=number))
    own = sum(sum(filled(grid.cells).values()) for grid in where.unused if is_templates_own(grid))
    number = sum(one.cells for one in told)
    return told, Cells(read=own + number, told=number, ignored=own)


def _rows_of(grid: Grid, table: Table, contract: Contract) -> int:
    header = header_of(grid, table)
    return _rows(grid.cells.slice(header.position + 1), header, table, contract).rows.height if header else 0


def _file(
    found: list[Grid],
    contract: Contract,
    config: Contracts,
    facts: Mapping[str, TableRead],
    frames: Mapping[str, pl.DataFrame],
    told: Sequence[Told],
) -> FileRead:
    """Say what a file is, of its grids and its tables; the first rows of each are enough."""
    fitting = fits(found, config)
    best = max(fitting, key=lambda source: fitting[source], default=None)
    looks_like = best if best and fitting[best] > fitting.get(contract.source, 0) else None
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
        told=tuple(told),
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
        if sum(part.height for part in first) > HEADER_WITHIN:
            break
    head = Grid(None, _beside_each_other(first), separator)
    headers = {name: None if table.sheet else header_of(head, table) for name, table in contract.tables.items()}
    accounts = {name: Account(head, header, contract.tables[name]) for name, header in headers.items() if header}
    width = _width(head.cells)
    rows = dict.fromkeys(headers, 0)
    none = dict.fromkeys(headers, NoneSaid())
    told: list[Told] = []
    begun: dict[str, pl.DataFrame] = {}
    number_of_cells = 0
    with ExitStack() as stack:
        written = {
            name: stack.enter_context(kept.Written(texts[name], _no_rows(table)))
            for name, table in contract.tables.items()
        }
        for number, frame in enumerate(chain([head.cells], cells)):
            width = max(width, _width(frame))
            number_of_cells += sum(filled(frame).values())
            for name, account in accounts.items():
                below = frame.slice(0 if number else account.header.position + 1)
                part = _rows(below, account.header, account.table, contract, whole=False)
                account.add(below, part.margins, part.again)
                told += [replace(one, table=name) for one in _of_rows(part, account.header)]
                none[name] = none[name].then(part.none)
                written[name].add(part.rows)
                begun.setdefault(name, part.rows.head(1))
                rows[name] += part.rows.height
    facts = {
        name: TableRead(absent=True) if table.sheet else _facts(headers[name], table, width, rows[name], none[name])
        for name, table in contract.tables.items()
    }
    for name, account in accounts.items():
        of_cells = account.told()
        told += [replace(one, table=name) for one in of_cells]
        facts[name] = replace(facts[name], cells=account.cells(of_cells))
    if not accounts:
        name = next(iter(facts))
        facts[name] = replace(facts[name], cells=Cells(read=number_of_cells, told=number_of_cells))
    read = sum((fact.cells for fact in facts.values()), Cells())
    assert read.add_up and read.read == number_of_cells, f"{number_of_cells} cells read, {read}"
    return _file(
        [head],
        contract,
        config,
        facts,
        {name: begun.get(name, _no_rows(table)) for name, table in contract.tables.items()},
        told,
    )


def _width(cells: pl.DataFrame) -> int:
    return sum(1 for name in cells.columns if not name.startswith("_"))


def _beside_each_other(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Put cells of which the lines may be of different lengths one below the other."""
    cells = pl.concat(parts, how="diagonal")
    return cells.select(*map(str, range(_width(cells))), "_row", "_length")


def _table(grid: Grid, table: Table, contract: Contract) -> tuple[TableRead, pl.DataFrame, list[Told]]:
    header = header_of(grid, table)
    width = _width(grid.cells)
    if side := on_its_side(grid, table):
        return _unread(grid, table, "on_its_side", side)
    if header is None:
        read, rows, _ = _unread(grid, table, "", "")
        return replace(read, missing=_required(table)), rows, []
    missing = [name for name in _required(table) if name not in header.placed]
    if missing and (parts := _in_two_rows(grid, header)):
        return _unread(grid, table, "two_row_header", ", ".join(parts))
    account = Account(grid, header, table)
    below = _with_merged(grid, header, table).cells.slice(header.position + 1)
    part = _rows(below, header, table, contract)
    account.add(grid.cells.slice(header.position + 1), part.margins, part.again)
    told = [
        *account.told(),
        *of_looks(grid, header, part.rows, table, account.used),
        *_of_rows(part, header),
    ]
    facts = _facts(header, table, width, part.rows.height, part.none)
    return replace(facts, cells=account.cells(told)), part.rows, told


def _unread(grid: Grid, table: Table, trouble: str, where: str) -> tuple[TableRead, pl.DataFrame, list[Told]]:
    """Return what is said of a sheet on which nothing of a table can be read; all of its cells are told."""
    number = sum(filled(grid.cells).values())
    cells = Cells(read=number, told=number)
    told = [Told(trouble, where, sheet=known_sheet(grid, table), cells=number)]
    return TableRead(width=_width(grid.cells), sheet=known_sheet(grid, table), cells=cells), _no_rows(table), told


def _in_two_rows(grid: Grid, header: Header) -> list[str]:
    """Return the cells below a header that seem to go on with it: they stand where it has none, or in a merged one."""
    if header.position + 1 >= grid.cells.height:
        return []
    *below, row, _ = grid.cells.row(header.position + 1)
    looks = grid.looks
    over_several = {
        column - looks.first_column
        for top, left, bottom, right in looks.merged
        if top <= header.row <= bottom and right > left
        for column in range(left, right + 1)
    }
    bare = [at for at, cell in enumerate(header.cells) if not cell or at in over_several]
    others = [at for at in range(len(below)) if at not in bare and (below[at] or "").strip()]
    goes_on = [at for at in bare if (below[at] or "").strip() and not any(map(str.isdigit, below[at]))]
    return [grid.address(at, int(row)) for at in goes_on] if goes_on and not others else []


def _with_merged(grid: Grid, header: Header, table: Table) -> Grid:
    """Return a grid in which each row has what it shares with others in a merged cell."""
    texts = unmerged(grid, header, table, MERGED)
    if not texts:
        return grid
    at = {int(row): number for number, row in enumerate(grid.cells["_row"])}
    columns = [
        grid.cells[str(column)].scatter([at[row] for row in of], list(of.values())) for column, of in texts.items()
    ]
    return replace(grid, cells=grid.cells.with_columns(columns))


def _of_rows(part: _Rows, header: Header) -> list[Told]:
    """Return what has to be told of rows: totals that are not those of the rows, a header with other columns."""
    told = []
    for trouble, rows in (
        ("wrong_total", part.margins.disagreeing),
        ("rows_apart", part.margins.apart),
        ("header_of_others", part.swapped),
    ):
        if rows:
            told.append(Told(trouble, ", ".join(map(str, named(rows))), sheet=header.sheet, row=min(rows)))
    return told


def _required(table: Table) -> tuple[str, ...]:
    return tuple(name for name, column in table.columns.items() if column.required) or tuple(table.columns_read)


def _facts(header: Header | None, table: Table, width: int, rows: int, none: NoneSaid) -> TableRead:
    if header is None:
        return TableRead(width=width, missing=_required(table))
    named_columns = [name for name in header.placed if name and name in table.columns_read]
    required = [name for name, column in table.columns.items() if column.required]
    return TableRead(
        rows=rows,
        width=width,
        header_row=header.row,
        missing=tuple(name for name in required if name not in header.placed),
        lacking=tuple(name for name in table.columns_read if name not in (*required, *header.placed)),
        repeated=tuple(dict.fromkeys(name for name in named_columns if named_columns.count(name) > 1)),
        unknown=sum(1 for cell, name in zip(header.cells, header.placed, strict=True) if cell and not name),
        none_in=none.row,
        contradicted=none.row is not None and (none.beside or rows > 0),
        sheet=header.sheet,
    )


@dataclass(frozen=True)
class _Rows:
    """A table's rows, and what stands among them that is none.

    `again` are rows that repeat the header, `swapped` headers that name other columns where they stand.
    """

    rows: pl.DataFrame
    none: NoneSaid
    margins: Margins
    again: tuple[int, ...]
    swapped: tuple[int, ...]


def _rows(cells: pl.DataFrame, header: Header, table: Table, contract: Contract, *, whole: bool = True) -> _Rows:
    """Return a table's rows, of cells below its header: those in which a cell of its columns holds something.

    A row that says that there are none is no such row, nor is one of totals, a note, or the header once more.
    """
    width = _width(cells)
    headers = second_headers(cells, header, table)
    number = {position: int(cells["_row"][position]) for position in headers}
    again = tuple(number[position] for position, placed in headers.items() if _same(placed, header.placed))
    swapped = tuple(number[position] for position in headers if number[position] not in again)
    below = cells.filter(~pl.col("_row").is_in(again)) if again else cells
    places = {name: header.placed.index(name) for name in table.columns_read if name in header.placed}
    # where lines differ in length, a few of them may all be too short
    select = [
        pl.col(str(places[name])).alias(name)
        if places.get(name, width) < width
        else pl.lit(None, pl.String).alias(name)
        for name in table.columns_read
    ]
    rows = below.select(*select, pl.lit(header.sheet, pl.String).alias("_sheet"), "_row", _shifted(header, width))
    rows, none = sorted_out(rows, table, contract)
    order = sorted(places, key=places.__getitem__)
    beside = margins(rows, order, table, whole=whole)
    if beside.rows:
        rows = rows.filter(~pl.col("_row").is_in(beside.rows))
    return _Rows(rows, none, beside, again, swapped)


def _same(placed: Sequence[str | None], first: Sequence[str | None]) -> bool:
    """Whether a header names no other column than the first one does, where it stands."""
    return all(name is None or name == known for name, known in zip(placed, first, strict=False))


def _shifted(header: Header, width: int) -> pl.Expr:
    """Whether a row has too few cells for the columns that the header names, or a value beyond the header's end."""
    beyond = [pl.col(str(number)).fill_null("").str.strip_chars() != "" for number in range(header.length, width)]
    return ((pl.col("_length") < header.named) | pl.any_horizontal(pl.lit(False), *beyond)).alias("_shifted")


def _no_rows(table: Table) -> pl.DataFrame:
    schema: dict[str, type[pl.DataType]] = dict.fromkeys((*table.columns_read, "_sheet"), pl.String)
    return pl.DataFrame(schema=schema | {"_row": pl.UInt32, "_shifted": pl.Boolean})


def _claim(frames: Mapping[str, pl.DataFrame], path: str) -> str | None:
    table, column = path.split(".")
    frame = frames[table]
    return frame[column][0] if frame.height else None
