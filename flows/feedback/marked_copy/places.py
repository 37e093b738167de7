"""Where a finding stands: from the contract's table, row and column to a sheet and cell of the workbook.

The sheet and the header are found as flows.intake.read.tables finds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from xlsxwriter.utility import xl_rowcol_to_cell

from config import Contract, Language
from expectations.messages import form
from flows.intake.read.grids import JSON, OPEN_DOCUMENT, WORKBOOK, Grid
from flows.intake.read.layout import grid_of, placed_columns


@dataclass(frozen=True)
class Place:
    """A cell of the marked workbook; without `row` or `column` a sheet, without `sheet` the whole file.

    `row` and `column` count from 1. `column` counts from the first column that holds something until `moved` says
    where that one is. `title` names the column for people, `record` the record of a JSON file.
    """

    sheet: str | None = None
    row: int | None = None
    column: int | None = None
    title: str | None = None
    record: int | None = None
    in_workbook: bool = True

    @classmethod
    def of_the_file(cls) -> Place:
        """Return the place of a finding on the whole file."""
        return cls()

    @property
    def cell(self) -> str | None:
        """The cell's address, such as B5."""
        if self.row is None or self.column is None:
            return None
        return str(xl_rowcol_to_cell(self.row - 1, self.column - 1))

    def moved(self, columns: int) -> Place:
        """Return the place with its column counted from the sheet's first one."""
        return self if self.column is None else replace(self, column=self.column + columns)

    def said(self, language: Language) -> str:
        """Say where it is: `SOFA-SOMA incidents, B2 (New incidents)`."""
        if self.record is not None:
            parts = [form("record", language, row=self.record)]
        elif self.in_workbook:
            parts = [part for part in (self.sheet, self.cell) if part]
        else:
            parts = [form("row", language, row=self.row)] if self.row is not None else []
        if not parts:
            return form("whole_file", language)
        return ", ".join(parts) + (f" ({self.title})" if self.title else "")


@dataclass(frozen=True)
class _Sheet:
    grid: Grid
    header_row: int | None
    columns: Sequence[str | None]


class Places:
    """Finds the places of one file's findings."""

    def __init__(self, found: Sequence[Grid], contract: Contract, kind: str, language: Language) -> None:
        self._contract = contract
        self._kind = kind
        self._language = language
        self._sheets: dict[str, _Sheet | None] = {}
        for name, table in contract.tables.items():
            grid = grid_of(table, list(found))
            if grid is None:
                self._sheets[name] = None
                continue
            position, columns = placed_columns(grid, table)
            row = None if position is None else int(grid.cells["_row"][position])
            self._sheets[name] = _Sheet(grid, row, columns)

    def of(self, finding: Mapping[str, Any]) -> Place:
        """Return the place of a finding."""
        name, column, row = finding["table"], finding["column"], finding["row"]
        if name is None and column is not None:
            name, column, row = self._claim(column)
        if name not in self._contract.tables:
            return Place.of_the_file()
        sheet = self._sheets[name]
        table = self._contract.tables[name]
        title = table.title(column, self._language) if column else None
        if sheet is None:
            return Place(table.sheet_name(self._language), title=title)
        where = Place(self._name(sheet.grid), title=title, in_workbook=self._kind in (WORKBOOK, OPEN_DOCUMENT))
        if row is None:
            return where
        at = sheet.columns.index(column) if column in sheet.columns else self._first(sheet)
        # the names of a JSON file's columns stand in the first row of its workbook
        beside = 1 if self._kind == JSON else 0
        where = replace(where, row=row + beside, column=at + 1, record=row if self._kind == JSON else None)
        # that of a workbook is known once its cells are marked
        return where.moved(sheet.grid.looks.first_column) if self._kind == OPEN_DOCUMENT else where

    def _claim(self, column: str) -> tuple[str | None, str, int | None]:
        """Return the cell in which a workbook says whose it is, or of which cycle."""
        claims = self._contract.claims
        path = {"mission": claims.mission, "cycle": claims.cycle}.get(column) if claims else None
        if path is None:
            return None, column, None
        table, _, named = path.partition(".")
        sheet = self._sheets[table]
        if sheet is None or named not in sheet.columns:
            return table, named, None
        cells = sheet.grid.cells.filter(
            pl.col("_row") > sheet.header_row, pl.col(str(sheet.columns.index(named))).is_not_null()
        )
        return table, named, int(cells["_row"][0]) if cells.height else None

    @staticmethod
    def _first(sheet: _Sheet) -> int:
        return next((at for at, name in enumerate(sheet.columns) if name), 0)

    def _name(self, grid: Grid) -> str:
        return grid.sheet or form("data", self._language)
