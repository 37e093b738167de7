"""From a file's grids to its source's tables: text, with the contract's column names and where each row stood.

Columns that the contract marks as personal, and columns it does not know, are left behind here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePath

import polars as pl

from config import Contract, Language, Table
from config.parts import Contracts
from config.unclear import MERGED
from flows.core.records import Cells, FileRead, TableRead, Told
from flows.intake.read import large_csv, own_sheets
from flows.intake.read.account import filled, named, of_looks, unmerged
from flows.intake.read.grids import HEADER_WITHIN, Grid, grids
from flows.intake.read.layout import (
    Header,
    Sheets,
    fits,
    header_of,
    known_sheet,
    named_sheet,
    on_its_side,
    sheets,
)
from flows.intake.read.limits import Unreadable
from flows.intake.read.nothing import NoneSaid
from flows.intake.read.reading import Reading
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
    version = own_sheets.version(found)
    contract = contract.of_template(version)
    where, of_template = sheets(contract.tables, found), own_sheets.named_rows(found)
    for table_name, table in contract.tables.items():
        grid = where.of[table_name]
        if grid is None:
            facts[table_name] = TableRead(absent=True, sheet=table.sheet_name(_language(where, contract)))
            frames[table_name] = _no_rows(table)
            continue
        called = named_sheet(grid, next(at for at, each in enumerate(found, start=1) if each is grid), contract)
        facts[table_name], frames[table_name], of_table = _table(
            grid, called, table, contract, of_template.get(table_name)
        )
        told += [replace(one, table=table_name) for one in of_table]
    of_sheets, cells = _of_other_sheets(found, where, contract)
    first = next(iter(facts))
    facts[first] = replace(facts[first], cells=facts[first].cells + cells)
    _hold_account(found, facts, name)
    return replace(_file(found, contract, config, facts, frames, [*told, *of_sheets]), template=version), frames


def _hold_account(found: Sequence[Grid], facts: Mapping[str, TableRead], name: str) -> None:
    """AssertionError where a cell of a file is neither used nor told: a mistake of the pipeline."""
    cells = sum((fact.cells for fact in facts.values()), Cells())
    read = sum(sum(filled(grid.cells).values()) for grid in found)
    assert (cells.add_up, cells.read) == (True, read), f"{PurePath(name).suffix} file: {read} cells read, {cells}"


def _of_other_sheets(found: Sequence[Grid], where: Sheets, contract: Contract) -> tuple[list[Told], Cells]:
    """Return what has to be told of sheets that are no table's, and their cells."""
    told: list[Told] = []
    called = {id(grid): named_sheet(grid, at, contract) for at, grid in enumerate(found, start=1)}
    language = _language(where, contract)
    for name, grid in where.renamed.items():
        right = contract.tables[name].sheet_name(language)
        number = sum(filled(grid.cells).values())
        told.append(Told("renamed_sheet", f"{called[id(grid)]} → {right}", name, right, cells=number))
    for name, others in where.others.items():
        table = contract.tables[name]
        for trouble, these in (
            ("hidden_sheet_unread", [grid for grid in others if grid.looks.hidden]),
            (
                "several_sheets" if not table.sheet else "sheet_unread",
                [grid for grid in others if not grid.looks.hidden],
            ),
        ):
            if these:
                listed = ", ".join(f"{called[id(grid)]} ({_rows_of(grid, table, contract)})" for grid in these)
                number = sum(sum(filled(grid.cells).values()) for grid in these)
                told.append(Told(trouble, listed, name, table.sheet_name("en"), cells=number))
    of_template = {id(grid) for grid in own_sheets.own(found)}
    unused = [grid for grid in where.unused if id(grid) not in of_template]
    if unused:
        number = sum(sum(filled(grid.cells).values()) for grid in unused)
        told.append(Told("unused_sheets", named(called[id(grid)] for grid in unused), cells=number))
    own = sum(sum(filled(grid.cells).values()) for grid in where.unused if id(grid) in of_template)
    number = sum(one.cells for one in told)
    return told, Cells(read=own + number, told=number, ignored=own)


def _language(where: Sheets, contract: Contract) -> Language:
    """Return in which language a workbook names its sheets."""
    named_so = [
        (
            contract.tables[name].sheet_name("en"),
            contract.tables[name].sheet_name("fr"),
            known_sheet(grid, contract.tables[name]),
        )
        for name, grid in where.of.items()
        if grid
    ]
    french = sum(sheet == fr != en for en, fr, sheet in named_so)
    return "fr" if french > sum(sheet == en != fr for en, fr, sheet in named_so) else "en"


def _rows_of(grid: Grid, table: Table, contract: Contract) -> int:
    header = header_of(grid, table)
    if header is None:
        return 0
    reading = Reading(grid, header, table, contract)
    return reading.add(grid.cells.slice(header.position + 1)).height + reading.end().height


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
    unread = {
        name: why
        for name, header in headers.items()
        if (table := contract.tables[name]) and not table.sheet and (why := _why_unread(head, header, table))
    }
    readings = {
        name: Reading(head, header, contract.tables[name], contract)
        for name, header in headers.items()
        if header and name not in unread
    }
    width = _width(head.cells)
    rows = dict.fromkeys(headers, 0)
    begun: dict[str, pl.DataFrame] = {}
    number_of_cells = 0
    with ExitStack() as stack:
        written = {
            name: stack.enter_context(kept.Written(texts[name], _no_rows(table)))
            for name, table in contract.tables.items()
        }

        def write(name: str, part: pl.DataFrame) -> None:
            written[name].add(part)
            if part.height:
                begun.setdefault(name, part.head(1))
            rows[name] += part.height

        for number, frame in enumerate(chain([head.cells], cells)):
            width = max(width, _width(frame))
            number_of_cells += sum(filled(frame).values())
            for name, reading in readings.items():
                write(name, reading.add(frame.slice(0 if number else reading.header.position + 1)))
        for name, reading in readings.items():
            write(name, reading.end())
    none = {name: reading.none for name, reading in readings.items()}
    facts = {
        name: TableRead(absent=True)
        if table.sheet
        else _facts(headers[name], table, width, rows[name], none.get(name, NoneSaid()))
        for name, table in contract.tables.items()
    }
    told: list[Told] = []
    for name, reading in readings.items():
        of_table = reading.told()
        told += [replace(one, table=name) for one in of_table]
        facts[name] = replace(facts[name], cells=reading.account.cells(of_table))
    for name, table in contract.tables.items():
        if name not in readings and not table.sheet:
            facts[name] = replace(_all_told(width, head, table, number_of_cells), missing=facts[name].missing)
        if name in unread:
            facts[name] = replace(facts[name], missing=())
            told.append(replace(_of_all(unread[name], head, table, number_of_cells), table=name))
    read = sum((fact.cells for fact in facts.values()), Cells())
    assert (read.add_up, read.read) == (True, number_of_cells), f"{number_of_cells} cells read, {read}"
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


def _table(
    grid: Grid, called: str, table: Table, contract: Contract, of_template: own_sheets.Named | None
) -> tuple[TableRead, pl.DataFrame, list[Told]]:
    header = header_of(grid, table)
    width = _width(grid.cells)
    if unread := _why_unread(grid, header, table):
        number = sum(filled(grid.cells).values())
        read = _all_told(_width(grid.cells), grid, table, number)
        return read, _no_rows(table), [_of_all(unread, grid, table, number)]
    if header is None:
        read = _all_told(width, grid, table, sum(filled(grid.cells).values()))
        return replace(read, missing=_required(table)), _no_rows(table), []
    reading = Reading(grid, header, table, contract, of_template)
    below = _with_merged(grid, header, table).cells.slice(header.position + 1)
    first = reading.add(below, grid.cells.slice(header.position + 1))
    rows = pl.concat([first, reading.end()])
    told = [*reading.told(), *of_looks(grid, called, header, rows, reading.account.used)]
    facts = _facts(header, table, width, rows.height, reading.none)
    return replace(facts, cells=reading.account.cells(told)), rows, told


def _why_unread(grid: Grid, header: Header | None, table: Table) -> tuple[str, str] | None:
    """Return what keeps a table from being read although its columns are named, and where; the first rows say it."""
    if side := on_its_side(grid, table):
        return "on_its_side", side
    if header and any(name not in header.placed for name in _required(table)):
        parts = _in_two_rows(grid, header)
        return ("two_row_header", ", ".join(parts)) if parts else None
    return None


def _all_told(width: int, grid: Grid, table: Table, cells: int) -> TableRead:
    """Return what is said of a sheet on which nothing of a table can be read."""
    return TableRead(width=width, sheet=known_sheet(grid, table), cells=Cells(read=cells, told=cells))


def _of_all(unread: tuple[str, str], grid: Grid, table: Table, cells: int) -> Told:
    trouble, where = unread
    return Told(trouble, where, sheet=known_sheet(grid, table), cells=cells)


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
        for column in range(max(left, looks.first_column), right + 1)
        if column - looks.first_column < len(below)
    }
    of_group = set(over_several)
    for at, (cell, name) in enumerate(zip(header.cells, header.placed, strict=True)):
        # a cell that names no column, and the blank ones behind it
        if (cell and not name) or (not cell and at - 1 in of_group):
            of_group.add(at)
    others = [at for at in range(len(below)) if at not in of_group and (below[at] or "").strip()]
    goes_on = [at for at in sorted(of_group) if (text := (below[at] or "").strip()) and not any(map(str.isdigit, text))]
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


def _no_rows(table: Table) -> pl.DataFrame:
    schema: dict[str, type[pl.DataType]] = dict.fromkeys((*table.columns_read, "_sheet"), pl.String)
    return pl.DataFrame(schema=schema | {"_row": pl.UInt32, "_shifted": pl.Boolean})


def _claim(frames: Mapping[str, pl.DataFrame], path: str) -> str | None:
    table, column = path.split(".")
    frame = frames[table]
    return frame[column][0] if frame.height else None
