"""The rows of a sheet of LibreOffice as they come, a repeated one at once: nothing is written out that is too large."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from flows.intake.read import limits
from flows.intake.read.looks import Looks

HIDDEN = ("collapse", "filter")


class Sheet(NamedTuple):
    """A sheet: its name, its rows of text from the first on, and how it looks; `looks` says where its columns begin."""

    name: str
    cells: pl.DataFrame
    looks: Looks


class Filled(NamedTuple):
    """What a cell shows, how often it is repeated, whether it or a part of it is struck out."""

    column: int
    times: int
    text: str
    struck: bool
    torn: bool


class Rows:
    """The rows of a sheet, as they come."""

    def __init__(self, name: str, hidden: bool, held_before: int) -> None:
        self.name, self.hidden = name, hidden
        self._held_before = held_before
        self._columns: dict[int, list[str | None]] = {}
        self._rows: set[int] = set()
        self._filtered: set[int] = set()
        self.hidden_columns: list[tuple[int, int]] = []
        self.column_styles: list[tuple[int, int, str]] = []
        self.merged: list[tuple[int, int, int, int]] = []
        self._struck: set[tuple[int, int]] = set()
        self._torn: set[tuple[int, int]] = set()
        self.next_column, self.next_row = 0, 1
        self._last = self._width = 0

    @property
    def held(self) -> int:
        """How many cells it takes to hold the sheet, empty ones too."""
        return self._last * self._width

    def add(self, filled: list[Filled], times: int, shown_as: str) -> None:
        """Add a row that is there so many times; `shown_as` is whether it is visible. Raises Unreadable."""
        row = self.next_row
        self.next_row += times
        if not filled:
            return
        self._last, self._width = row + times - 1, max(self._width, *(one.column + one.times for one in filled))
        limits.hold_cells(self._last, self._width)
        if self._held_before + self.held > limits.times() * limits.MOST_CELLS:
            raise limits.too_many_cells()
        for one in filled:
            for column in range(one.column, one.column + one.times):
                texts = self._columns.setdefault(column, [])
                texts += [None] * (row - 1 - len(texts))
                texts += [one.text] * times
                places = ((each, column) for each in range(row, row + times))
                (self._struck if one.struck else self._torn if one.torn else set()).update(places)
        if shown_as in HIDDEN:
            (self._filtered if shown_as == "filter" else self._rows).update(range(row, row + times))

    def sheet(self) -> Sheet:
        """Return the sheet, from the first of its columns that holds anything."""
        first = min(self._columns, default=0)
        columns = {
            str(at - first): [*texts, *[None] * (self._last - len(texts))]
            for at in range(first, self._width)
            for texts in [self._columns.get(at, [])]
        }
        looks = Looks(
            hidden=self.hidden,
            # what is hidden by hand beside it is told of all
            filtered=bool(self._filtered) and not self._rows,
            hidden_rows=frozenset(self._rows | self._filtered),
            hidden_columns=tuple(self.hidden_columns),
            merged=tuple(self.merged),
            struck=frozenset(self._struck),
            torn=frozenset(self._torn),
            first_column=first,
        )
        return Sheet(self.name, pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), looks)
