"""The hidden sheet that holds the values of drop-down lists, a column a list."""

from __future__ import annotations

from collections.abc import Iterable

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from flows.intake.read.own_sheets import ROWS_OF


class Lists:
    """Collects lists of values; each list is kept once."""

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        self._lists: list[tuple[str, ...]] = []

    def of(self, values: Iterable[str]) -> str:
        """Return where these values will stand, as a formula has it: `Lists!$A$1:$A$4`."""
        wanted = tuple(values)
        if wanted not in self._lists:
            self._lists.append(wanted)
        letter = xl_col_to_name(self._lists.index(wanted))
        return f"{self._sheet}!${letter}$1:${letter}${len(wanted)}"

    def name_rows(self, table: str, column: str, names: Iterable[str]) -> None:
        """Keep which rows of a table the template names, so that those that nobody fills in are known again."""
        self._lists.append((f"{ROWS_OF}{table}.{column}", *names))

    def write(self, book: xlsxwriter.Workbook) -> None:
        """Add the sheet with the lists collected so far, hidden and locked."""
        sheet = book.add_worksheet(self._sheet)
        for column, values in enumerate(self._lists):
            for row, value in enumerate(values):
                sheet.write_string(row, column, value)
        sheet.protect()
        sheet.hide()
