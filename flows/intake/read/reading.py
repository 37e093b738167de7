"""One table as it is read, in one piece or in several: its rows, and what stands among them that is none."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from config import Contract, Table
from flows.core.records import Told
from flows.intake.read.account import Account, named
from flows.intake.read.grids import Grid
from flows.intake.read.layout import Header, second_headers
from flows.intake.read.margins import TAIL, Margins, Sums, margins
from flows.intake.read.nothing import NoneSaid, sorted_out
from flows.intake.read.own_sheets import Named


class Reading:
    """Takes the cells below a header, a piece at a time, and gives the rows: those in which its columns hold something.

    A row that says that there are none is no such row, nor is one of totals, a note, or the header once more. The last
    rows are held until it is known that they are the last.
    """

    def __init__(
        self, grid: Grid, header: Header, table: Table, contract: Contract, named: Named | None = None
    ) -> None:
        """Begin below the header; `named` are rows that the template named before anybody filled it in."""
        self.header, self.table, self._contract = header, table, contract
        self.account = Account(grid, header, table)
        self._named = named
        self.none = NoneSaid()
        places = {name: header.placed.index(name) for name in table.columns_read if name in header.placed}
        self._places = places
        self._order = sorted(places, key=places.__getitem__)
        self._sums = Sums(self._order, table)
        self._margins = Margins()
        self._swapped: list[int] = []
        self._held: pl.DataFrame | None = None
        self._cells: list[pl.DataFrame] = []

    def add(self, cells: pl.DataFrame, as_sent: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return the rows that are sure after these cells; `as_sent` are they before anything was filled in."""
        sent = cells if as_sent is None else as_sent
        headers = second_headers(cells, self.header, self.table)
        number = {position: int(cells["_row"][position]) for position in headers}
        again = [number[position] for position, placed in headers.items() if _same(placed, self.header.placed)]
        self._swapped += [row for row in number.values() if row not in again]
        self.account.add(sent)
        self.account.add_rows("header_again", again, sent)
        rows = self._rows(cells.filter(~pl.col("_row").is_in(again)) if again else cells)
        rows = self._without_named(rows, sent)
        rows, none = sorted_out(rows, self.table, self._contract)
        self.none = self.none.then(none)
        if self._held is not None:
            rows = pl.concat([self._held, rows])
        self._held = rows.tail(TAIL)
        seen = [*self._cells, sent]
        # what is told of rows is counted in the cells that hold them
        first = self._held["_row"].min()
        self._cells = [each.filter(pl.col("_row") >= first) for each in seen] if self._held.height else []
        return self._without_margins(rows.head(rows.height - self._held.height), seen, whole=False)

    def end(self) -> pl.DataFrame:
        """Return the last rows."""
        held = self._rows(self.account.grid.cells.clear()) if self._held is None else self._held
        return self._without_margins(held, self._cells, whole=True)

    def told(self) -> list[Told]:
        """Return what has to be told of the cells and rows, once all of them were read."""
        told = self.account.told()
        for trouble, rows in (
            ("wrong_total", self._sums.wrong()),
            ("rows_apart", self._margins.apart),
            ("header_of_others", self._swapped),
        ):
            if rows:
                told.append(Told(trouble, named(rows), sheet=self.header.sheet, row=min(rows)))
        return told

    def _rows(self, cells: pl.DataFrame) -> pl.DataFrame:
        width = sum(1 for name in cells.columns if not name.startswith("_"))
        # where lines differ in length, a few of them may all be too short
        select = [
            pl.col(str(self._places[name])).alias(name)
            if self._places.get(name, width) < width
            else pl.lit(None, pl.String).alias(name)
            for name in self.table.columns_read
        ]
        sheet = pl.lit(self.header.sheet, pl.String).alias("_sheet")
        return cells.select(*select, sheet, "_row", _shifted(self.header, width))

    def _without_named(self, rows: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
        """Leave out the rows in which nothing stands but the name that the template gave them."""
        if self._named is None or self._named.column not in self.table.columns_read:
            return rows
        blank = [
            pl.col(name).fill_null("").str.strip_chars() == ""
            for name in self.table.columns_read
            if name != self._named.column
        ]
        is_named = pl.col(self._named.column).str.strip_chars().is_in(list(self._named.names)).fill_null(False)
        left = rows.filter(is_named, *blank)["_row"].to_list()
        self.account.add_rows("named_row", left, sent)
        return rows.filter(~pl.col("_row").is_in(left)) if left else rows

    def _without_margins(self, rows: pl.DataFrame, cells: Sequence[pl.DataFrame], *, whole: bool) -> pl.DataFrame:
        if rows.is_empty():
            return rows
        beside = margins(rows, self._order, self.table, whole=whole)
        self._margins = self._margins.then(beside)
        self._sums.add(rows, beside.totals)
        for kind, numbers in (("total_row", beside.totals), ("note_row", beside.notes)):
            for part in cells:
                self.account.add_rows(kind, numbers, part)
        return rows.filter(~pl.col("_row").is_in(beside.rows)) if beside.rows else rows


def _same(placed: Sequence[str | None], first: Sequence[str | None]) -> bool:
    """Whether a header names no other column than the first one does, where it stands."""
    return all(name is None or name == known for name, known in zip(placed, first, strict=False))


def _shifted(header: Header, width: int) -> pl.Expr:
    """Whether a row has too few cells for the columns that the header names, or a value beyond the header's end."""
    beyond = [pl.col(str(number)).fill_null("").str.strip_chars() != "" for number in range(header.length, width)]
    return ((pl.col("_length") < header.named) | pl.any_horizontal(pl.lit(False), *beyond)).alias("_shifted")
