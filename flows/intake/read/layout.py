"""Where a source's tables stand in the grids of a file: on which sheet, below which header.

Headers and sheets are compared as people read them (config.normalised_header).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from config import Contract, Table, normalised_header
from config.parts import Contracts
from flows.intake.read.grids import Grid
from transforms import notation

# how alike a header and a name must be to be taken for a slip, from 0 to 1
_ALIKE = 0.8
# a column beside the one of the same name that may be meant to replace it
_REPLACES = {
    "revised", "rev", "revision", "new", "old", "corrected", "correction", "final", "updated", "update", "latest", "v2",
    "v3", "bis", "adjusted", "actual", "previous", "revise", "revisee", "corrige", "corrigee", "nouveau", "nouvelle",
    "ancien", "ancienne", "definitif", "definitive", "actualise", "actualisee", "rectifie", "rectifiee",
}  # fmt: skip
# words of which sheets' names are made beside those of a contract
_OF_SHEETS = {
    "sheet", "feuil", "feuille", "tab", "tabelle", "hoja", "table", "data", "donnees", "copy", "copie", "of", "de",
    "du", "la", "le", "des", "the", "and", "et", "final", "draft", "old", "new", "ancien", "ancienne", "nouveau",
    "nouvelle", "revised", "corrected", "hidden", "part", "partie", "page", "month", "mois", "quarter", "trimestre",
    "year", "annee", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
    "decembre", "notes", "note", "instructions", "lists", "listes", "findings", "constatations",
    "summary", "resume", "total", "totals", "q", "s",
}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """The header of a table: the places of its rows in the grid, the contract's column that each cell names, itself."""

    position: int
    placed: list[str | None]
    cells: tuple[object, ...]
    row: int
    length: int
    sheet: str | None
    first: int

    @property
    def named(self) -> int:
        """Up to which column it has something in it."""
        return max(number for number, cell in enumerate(self.cells) if cell) + 1


@dataclass(frozen=True)
class Sheets:
    """Which grid each table is read from, and which others there are.

    `renamed` are sheets that have the columns of a table whose own is not there; `others` those of a table that is read
    from another sheet, `unused` those of no table.
    """

    of: Mapping[str, Grid | None]
    renamed: Mapping[str, Grid]
    others: Mapping[str, Sequence[Grid]]
    unused: Sequence[Grid]


def recognise(found: list[Grid], config: Contracts) -> str | None:
    """Return the source whose required columns all stand in the grids, the one with most columns; None if none fits."""
    fitting = fits(found, config)
    return max(fitting, key=lambda source: fitting[source], default=None)


def fits(found: list[Grid], config: Contracts) -> dict[str, int]:
    """Return the sources of which a table has all its required columns in the grids, with how many columns fit."""
    fitting: dict[str, int] = {}
    for source, contract in config.contracts.items():
        known = 0
        for table in contract.tables.values():
            grid = grid_of(table, found)
            if grid is not None and _is_complete(placed := placed_columns(grid, table)[1], table):
                known += len({name for name in placed if name})
        if known > 1:
            fitting[source] = known
    return fitting


def grid_of(table: Table, found: Sequence[Grid]) -> Grid | None:
    """Find the table's sheet by its name; a table without a named sheet is the grid that holds most of its columns.

    A sheet that is hidden is taken only where no other is there.
    """
    shown = sorted(found, key=lambda grid: grid.looks.hidden)
    if table.sheet:
        wanted = {normalised_header(sheet) for sheet in table.sheet}
        return next((grid for grid in shown if grid.sheet and normalised_header(grid.sheet) in wanted), None)
    named = {id(grid): sum(1 for name in placed_columns(grid, table)[1] if name) for grid in shown}
    best = max(shown, key=lambda grid: named[id(grid)], default=None)
    # of two that are recognised the visible one is meant, though the other may have a column more
    recognised = (
        grid for grid in shown if not grid.looks.hidden and _holds_most(placed_columns(grid, table)[1], table)
    )
    return next(recognised, best) if best and best.looks.hidden else best


def sheets(tables: Mapping[str, Table], found: Sequence[Grid]) -> Sheets:
    """Tell which grid each table of a source is read from, and what the other grids are."""
    of = {name: grid_of(table, found) for name, table in tables.items()}
    taken = {id(grid) for grid in of.values() if grid}
    left = [grid for grid in found if id(grid) not in taken and grid.cells.height]
    renamed: dict[str, Grid] = {}
    others: dict[str, list[Grid]] = {}
    unused = []
    for grid in left:
        fitting = {name: _known(grid, table) for name, table in tables.items() if _may_be_of(grid, table)}
        lost = {name: known for name, known in fitting.items() if of[name] is None and name not in renamed}
        name = max(lost or fitting, key=lambda name: fitting[name], default=None)
        if name is None:
            unused.append(grid)
        elif name in lost and not grid.looks.hidden:
            renamed[name] = grid
        else:
            others.setdefault(name, []).append(grid)
    return Sheets(of, renamed, others, unused)


def _may_be_of(grid: Grid, table: Table) -> bool:
    position, placed = placed_columns(grid, table)
    return position is not None and position + 1 < grid.cells.height and _holds_most(placed, table)


def _known(grid: Grid, table: Table) -> int:
    return len({name for name in placed_columns(grid, table)[1] if name})


def _is_complete(placed: Sequence[str | None], table: Table) -> bool:
    return any(placed) and all(name in placed for name, column in table.columns.items() if column.required)


def _holds_most(placed: Sequence[str | None], table: Table) -> bool:
    """Whether a header is one of a table: it has all columns that must be there, or else half of those there are."""
    known = {name for name in placed if name}
    if any(column.required for column in table.columns.values()):
        return len(known) >= min(2, len(table.columns_read)) and _is_complete(placed, table)
    return len(known) >= max(2, -(-len(table.columns_read) // 2))


def names_of(table: Table) -> dict[str, str]:
    """Return the contract's columns by each of their names, as these are compared."""
    return {
        normalised_header(spelling): name
        for name, column in table.columns.items()
        for spelling in (name, *column.spellings)
    }


def placed_columns(grid: Grid, table: Table) -> tuple[int | None, list[str | None]]:
    """Find the header: the row, among the first thirty, in which most cells name a column of the contract.

    Where two rows together name more, it is the lower one. Returns its position in the grid and, for each of the grid's
    columns, the contract's column that it names.
    """
    position, placed, _ = _placed(grid, table)
    return position, placed


def _placed(grid: Grid, table: Table) -> tuple[int | None, list[str | None], int]:
    names = names_of(table)
    rows = grid.beginning
    best: tuple[int | None, list[str | None]] = (None, [])
    for at, row in enumerate(rows):
        named = [names.get(normalised_header(cell)) if cell else None for cell in row]
        if len(set(filter(None, named))) > len(set(filter(None, best[1]))):
            best = (at, named)
    position, placed = best
    if position is None:
        return None, placed, 0
    if _is_complete(placed, table):
        return position, placed, position
    for upper in (position, position - 1):
        both = _of_two(rows[upper], rows[upper + 1], names) if 0 <= upper < len(rows) - 1 else None
        if both and _is_complete(both, table):
            return upper + 1, both, upper
    return position, placed, position


def _of_two(
    upper: Sequence[str | None], lower: Sequence[str | None], names: Mapping[str, str]
) -> list[str | None] | None:
    """Return the columns that two rows name together (`Personnel` above `Female`), None where one is no header."""
    placed: list[str | None] = []
    group = None
    for above, below in zip(upper, lower, strict=True):
        group = above or (group if below else None)
        ways = [f"{below} {group}", f"{group} {below}", below] if below and group else [below or above]
        named = next((names[key] for way in ways if way and (key := normalised_header(way)) in names), None)
        if below and named is None:
            return None
        placed.append(named)
    return placed if any(lower) else None


def header_of(grid: Grid, table: Table) -> Header | None:
    """Return the header of a table in its grid; None where no row names a column."""
    position, placed, first = _placed(grid, table)
    if position is None:
        return None
    *cells, row, length = grid.cells.row(position)
    if first < position:
        above = grid.cells.row(first)[:-2]
        cells = [below or over for below, over in zip(cells, above, strict=True)]
    return Header(position, placed, tuple(cells), int(row), int(length), known_sheet(grid, table), first)


def known_sheet(grid: Grid, table: Table) -> str | None:
    """Return the sheet's name as the contract spells it; what else a sheet is called may hold anything."""
    return next((s for s in table.sheet if normalised_header(s) == normalised_header(grid.sheet or "")), None)


def named_sheet(grid: Grid, place: int, contract: Contract) -> str:
    """Return how a sheet is named in a finding: by its name, or by its place, such as #3, counted from the left.

    Findings are published, and what a sheet is called may be somebody's name: only one of words that stand in the
    contract, of numbers, months and a few words more is said.
    """
    known = {spelling for table in contract.tables.values() for spelling in (*table.sheet, *table.columns)}
    words = {word for text in (*known, *contract.tables, contract.source) for word in _words(text)} | _OF_SHEETS
    said = _words(grid.sheet or "")
    return str(grid.sheet) if said and all(word.isdigit() or word in words for word in said) else f"#{place}"


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|\d+", normalised_header(text))


def on_its_side(grid: Grid, table: Table) -> str | None:
    """Return the address of the column in which a table's headers stand below each other; None where none does."""
    names = names_of(table)
    in_a_row = len(set(filter(None, placed_columns(grid, table)[1])))
    most = len(table.columns_read)
    for column in range(min(3, sum(1 for name in grid.cells.columns if not name.startswith("_")))):
        cells = [row[column] for row in grid.beginning]
        known = {names[key] for cell in cells if cell and (key := normalised_header(cell)) in names}
        if len(known) > in_a_row and len(known) >= max(2, -(-most // 2)):
            return grid.address(column)
    return None


def second_headers(cells: pl.DataFrame, header: Header, table: Table) -> dict[int, list[str | None]]:
    """Return the rows below a header that are headers of the same table, by their position, with what they place."""
    width = sum(1 for name in cells.columns if not name.startswith("_"))
    at = [number for number, name in enumerate(header.placed) if name and number < width]
    if len(at) < 2 or cells.is_empty():
        return {}
    names = names_of(table)
    words = {str(cell).strip().lower() for cell in header.cells if cell}
    words |= {w.lower() for name, column in table.columns.items() for w in (name, *column.spellings)}
    words |= {f"{word} *" for word in words} | {word.replace("_", " ") for word in words}
    looks = [pl.col(str(number)).str.strip_chars().str.to_lowercase().is_in(list(words)) for number in (at[0], at[-1])]
    found = {}
    for position in cells.select(pl.any_horizontal(looks).fill_null(False).arg_true()).to_series():
        row = cells.row(position)[:width]
        placed = [names.get(normalised_header(notation.seen(cell))) if cell else None for cell in row]
        filled = sum(1 for number in at if row[number] and row[number].strip())
        if len(set(filter(None, placed))) >= max(2, -(-filled // 2)):
            found[position] = placed
    return found


def nearest(cell: str, header: Header, table: Table) -> str | None:
    """Return the contract's column that a header which names none may have been meant for; None where there is none."""
    said = normalised_header(notation.seen(cell))
    words = _singular(said)
    read = {spelling: name for spelling, name in names_of(table).items() if name in table.columns_read}
    missing = {spelling: name for spelling, name in read.items() if name not in header.placed}
    if close := get_close_matches(said, missing, 1, _ALIKE):
        return missing[close[0]]
    for spelling, name in missing.items():
        if len(spelling) > len("days") and _singular(spelling) <= words:
            return name
    placed = {spelling: name for spelling, name in read.items() if name in header.placed}
    for spelling, name in placed.items():
        parts = _singular(spelling)
        if parts <= words and words - parts and words - parts <= _REPLACES:
            return name
    return None


def _singular(name: str) -> set[str]:
    return {word.removesuffix("s") if len(word) > len("das") else word for word in name.split("_")}
