"""What became of every cell of a sheet that holds something: used, personal, told, or ignored, and told of which part.

One account is kept for each table while its cells are read, a piece of them at a time where the file is large. Whether
it adds up is asked in every run (flows.intake.read.tables).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from config import Language, Table
from flows.core.records import Cells, Told
from flows.intake.read.grids import Grid
from flows.intake.read.layout import Header, nearest

# what Polars takes for white space, too
_WHITE = " \t\n\x0b\x0c\r\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
# so few are counted faster one by one
_FEW_ROWS = 200
# how many places are named of one kind of trouble
_MOST_NAMED = 12
_LANGUAGES: tuple[Language, ...] = ("en", "fr")


@dataclass
class Account:
    """The cells of the sheet of one table, as they are read."""

    grid: Grid
    header: Header
    table: Table
    below: Counter[int] = field(default_factory=Counter)
    bare: dict[int, tuple[int, bool]] = field(default_factory=dict)
    in_rows: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[int]] = field(default_factory=dict)

    @property
    def used(self) -> list[int]:
        """The columns of the grid that are read, in their order."""
        placed = self.header.placed
        return [at for at, name in enumerate(placed) if name in self.table.columns_read and placed.index(name) == at]

    def add(self, cells: pl.DataFrame) -> None:
        """Count cells below the header."""
        counts = filled(cells)
        self.below.update(counts)
        for at, number in counts.items():
            if number and at not in self.bare and not self._header_cell(at):
                column = cells.select("_row", said=pl.col(str(at)).str.strip_chars()).filter(pl.col("said") != "")
                self.bare[at] = (int(column["_row"][0]), bool(column["said"].str.contains(r"\d").any()))

    def add_rows(self, kind: str, numbers: Sequence[int], cells: pl.DataFrame) -> None:
        """Count the cells of rows that are none of the table; `kind` is the trouble that tells of them."""
        if not numbers:
            return
        there = cells.filter(pl.col("_row").is_in(numbers))
        rows = filled(there)
        self.in_rows[kind] += sum(rows.get(at, 0) for at in self.used)
        if there.height:
            self.places.setdefault(kind, []).extend(there["_row"].to_list())

    def told(self) -> list[Told]:
        """Return what has to be told of the cells that were not used, once for each region."""
        told = [self._told(kind, named(rows), min(rows), self.in_rows[kind]) for kind, rows in self.places.items()]
        near: list[tuple[int, str]] = []
        spare: list[int] = []
        for at in self._unknown():
            meant = nearest(str(self.header.cells[at]), self.header, self.table)
            if meant:
                near.append((at, meant))
            else:
                spare.append(at)
        if near:
            cells = sum(self._of_column(at) for at, _ in near)
            en, fr = (self._nearest(near, language) for language in _LANGUAGES)
            told.append(replace(self._told("unknown_header", en, self.header.row, cells), where_fr=fr))
        if spare:
            cells = sum(map(self._of_column, spare))
            told.append(self._told("spare_columns", named([self.grid.address(at) for at in spare]), None, cells))
        for trouble, digits in (("numbers_beside", True), ("texts_beside", False)):
            beside = [at for at, (_, has_digits) in self.bare.items() if has_digits == digits]
            if beside:
                where = named([self.grid.address(at, self.bare[at][0]) for at in beside])
                told.append(
                    self._told(
                        trouble, where, min(self.bare[at][0] for at in beside), sum(map(self._of_column, beside))
                    )
                )
        above, _ = self._above()
        if above:
            rows = sorted({row for row, _ in above})
            where = named([self.grid.address(at, row) for row, at in above])
            told.append(self._told("above_table", where, rows[0], len(above)))
        return told

    def cells(self, told: Iterable[Told]) -> Cells:
        """Return the account; `told` is all that is told of the sheet."""
        twice = [
            at for at, name in enumerate(self.header.placed) if name in self.table.columns_read and at not in self.used
        ]
        personal = [at for at, name in enumerate(self.header.placed) if name and name not in self.table.columns_read]
        return Cells(
            read=sum(filled(self.grid.cells.head(self.header.position + 1)).values()) + sum(self.below.values()),
            used=sum(map(self._of_column, self.used)) - sum(self.in_rows.values()),
            personal=sum(map(self._of_column, personal)),
            # what stands twice is told by a rule of its own
            told=sum(one.cells for one in told) + sum(map(self._of_column, twice)),
            ignored=self._above()[1],
        )

    def _nearest(self, near: Sequence[tuple[int, str]], language: Language) -> str:
        row = self.header.row
        return named([f"{self.grid.address(at, row)} ({self.table.title(meant, language)})" for at, meant in near])

    def _told(self, trouble: str, where: str, row: int | None, cells: int) -> Told:
        return Told(trouble, where, sheet=self.header.sheet, row=row, cells=cells)

    @cached_property
    def _in_header(self) -> dict[int, int]:
        return filled(self.grid.cells.slice(self.header.first, self.header.position + 1 - self.header.first))

    def _header_cell(self, at: int) -> str:
        return str(self.header.cells[at] or "").strip() if at < len(self.header.cells) else ""

    def _unknown(self) -> list[int]:
        placed = self.header.placed
        return [at for at in range(len(placed)) if not placed[at] and self._header_cell(at)]

    def _of_column(self, at: int) -> int:
        """Return how many cells of a column hold something, its header too, and what stands above it not."""
        return self.below[at] + self._in_header.get(at, 0)

    def _above(self) -> tuple[list[tuple[int, int]], int]:
        """Return the cells above the header that are no title, by row and column, and how many are one."""
        first = next((at for at in range(len(self.header.cells)) if self._header_cell(at)), 0)
        told: list[tuple[int, int]] = []
        titles = 0
        for *cells, row, _ in self.grid.cells.head(self.header.first).iter_rows():
            holding = [at for at, cell in enumerate(cells) if cell and cell.strip()]
            if len(holding) == 1 and holding[0] <= first and not _is_number(cells[holding[0]]):
                titles += 1
            else:
                told += [(int(row), at) for at in holding]
        return told, titles


def filled(cells: pl.DataFrame) -> dict[int, int]:
    """Return for each column of cells how many hold something."""
    names = [name for name in cells.columns if not name.startswith("_")]
    if not names:
        return {}
    if cells.height < _FEW_ROWS:
        columns = cells.select(names).to_dict(as_series=False).items()
        return {int(name): sum(1 for cell in column if cell and cell.strip(_WHITE)) for name, column in columns}
    counts = cells.select((pl.col(name).str.strip_chars() != "").sum() for name in names).row(0)
    return {int(name): int(number) for name, number in zip(names, counts, strict=True)}


def named(places: Iterable[object]) -> str:
    """Return places as one text: the first of many, and a sign that there are more."""
    said = [str(place) for place in places]
    return ", ".join([*said[:_MOST_NAMED], "…"] if len(said) > _MOST_NAMED else said)


def runs(numbers: Iterable[int]) -> list[str]:
    """Return numbers as people list them: 3–5, 8."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return [str(first) if first == last else f"{first}–{last}" for first, last in found]


def of_looks(grid: Grid, called: str, header: Header, rows: pl.DataFrame, used: Sequence[int]) -> list[Told]:
    """Return what has to be told of how a sheet looks from which these rows were read: all of it was counted."""
    looks = grid.looks
    read = (
        {int(row) for row in rows["_row"]}
        if rows.height and (looks.hidden_rows or looks.struck or looks.torn)
        else set()
    )
    told: list[Told] = []

    def tell(trouble: str, where: Sequence[object], row: int | None = None) -> None:
        if where:
            told.append(Told(trouble, named(where), sheet=header.sheet, row=row))

    if looks.hidden and rows.height:
        tell("hidden_sheet_read", [called])
    hidden = looks.hidden_rows & read
    tell("filtered_rows" if looks.filtered else "hidden_rows", runs(hidden), min(hidden, default=None))
    tell("hidden_columns", [grid.address(at) for at in used if looks.hides_column(at + looks.first_column)])
    columns = {at + looks.first_column for at in used}
    struck = {row for row, column in looks.struck | looks.torn if row in read and column in columns}
    tell("struck_out", runs(struck), min(struck, default=None))
    merged = [place for place in sorted(looks.merged) if _shares_rows(place, header, columns)]
    where = [
        f"{grid.address(left - looks.first_column, top)}:{grid.address(right - looks.first_column, bottom)}"
        for top, left, bottom, right in merged
    ]
    tell("merged_cells", where, min((top for top, *_ in merged), default=None))
    return told


def _shares_rows(place: tuple[int, int, int, int], header: Header, columns: set[int]) -> bool:
    """Whether a merged range is one of rows below the header, in which a column that is read has part."""
    top, left, bottom, right = place
    inside = [column for column in columns if left <= column <= right]
    return top > header.row and ((bottom > top and bool(inside)) or len(inside) > 1)


def unmerged(grid: Grid, header: Header, table: Table, marker: str) -> Mapping[int, Mapping[int, str]]:
    """Return what cells hold of which the value stands in another that they are merged with: column, row, text.

    A text is that of each row; a number is of all of them together, so that none has it, and all get the marker.
    """
    found: dict[int, dict[int, str]] = {}
    rows = {int(row): at for at, row in enumerate(grid.cells["_row"])} if grid.looks.merged else {}
    # a merge may claim to reach further than any sheet
    end = max(rows, default=0) + 1
    columns = {
        at + grid.looks.first_column: name for at, name in enumerate(header.placed) if name in table.columns_read
    }
    for place in grid.looks.merged:
        top, left, bottom, right = place
        if left not in columns or not _shares_rows(place, header, set(columns)) or top not in rows:
            continue
        at = left - grid.looks.first_column
        text = grid.cells[str(at)][rows[top]]
        if text is None or not text.strip():
            continue
        if table.columns[columns[left]].type in ("count", "number"):
            numbers = [column for column in columns if left <= column <= right]
            numbers = [column for column in numbers if table.columns[columns[column]].type in ("count", "number")]
            for column in numbers:
                of = found.setdefault(column - grid.looks.first_column, {})
                of.update({row: marker for row in range(top, min(bottom + 1, end)) if row in rows})
        else:
            found.setdefault(at, {}).update({row: text for row in range(top + 1, min(bottom + 1, end)) if row in rows})
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
