"""A workbook for what was none: a CSV or JSON file in text cells, or nothing but an empty sheet."""

from __future__ import annotations

import io

import xlsxwriter

from config import Language
from expectations.messages import form
from flows.grids import Grid
from flows.workbook.book import cut

_ROWS_OF_A_SHEET = 1_048_576
_COLUMNS_OF_A_SHEET = 16_384
_LONGEST_TEXT = 32_767
_WIDEST = 40
_MEASURED = 200


def workbook_of(grid: Grid, language: Language, *, header_first: bool) -> bytes:
    """Return a grid as a workbook of text cells, each row where it stands in the file.

    Text that begins like a formula stays text. `header_first` is for rows that are numbered from 0.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": False, "in_memory": True}) as book:
        sheet = book.add_worksheet(form("data", language))
        plain = book.add_format({"num_format": "@", "valign": "top"})
        columns = [name for name in grid.cells.columns if not name.startswith("_")][:_COLUMNS_OF_A_SHEET]
        for at, name in enumerate(columns):
            lengths = grid.cells[name].head(_MEASURED).str.len_chars()
            longest = lengths.max()
            width = longest if isinstance(longest, int) else 0
            # as text also where a blank cell is filled in later
            sheet.set_column(at, at, min(max(width + 2, 9), _WIDEST), plain)
        shift = 0 if header_first else -1
        for number, *cells in grid.cells.select("_row", *columns).iter_rows():
            row = number + shift
            if row >= _ROWS_OF_A_SHEET:
                break
            for at, cell in enumerate(cells):
                if cell:
                    sheet.write_string(row, at, cut(cell, _LONGEST_TEXT), plain)
    return buffer.getvalue()


def empty_workbook(language: Language) -> bytes:
    """Return a workbook with one empty sheet, in whose place the list of findings is put."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet(form("findings", language))
    return buffer.getvalue()
