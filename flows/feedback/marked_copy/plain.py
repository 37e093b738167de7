"""A workbook for what was none: a CSV or JSON file in text cells, or nothing but an empty sheet."""

from __future__ import annotations

import io
from datetime import datetime

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from config import Language
from expectations.messages import form
from flows.core.xml_edits import append, first, spliced
from flows.feedback.marked_copy.package import Package
from flows.intake.read.grids import Grid

_ROWS_OF_A_SHEET = 1_048_576
_COLUMNS_OF_A_SHEET = 16_384
_LONGEST_TEXT = 32_767
_WIDEST = 40
_MEASURED = 200
_SHEET_PART = "xl/worksheets/sheet1.xml"
# the same file gives the same bytes
_LONG_AGO = {"created": datetime(1980, 1, 1)}
# the first style behind the one that every workbook has
_TEXT_STYLE = "1"
_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
# what spreadsheet programs read as a letter
_CODE_OF_A_LETTER = "_x[0-9A-Fa-f]{4}_"
_NOT_IN_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"


def workbook_of(grid: Grid, language: Language, *, header_first: bool) -> Package:
    """Return a grid as a workbook of text cells, each row where it stands in the file.

    Text that begins like a formula stays text. `header_first` is for rows that are numbered from 0.
    """
    columns = [name for name in grid.cells.columns if not name.startswith("_")][:_COLUMNS_OF_A_SHEET]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties(_LONG_AGO)
        sheet = book.add_worksheet(form("data", language))
        plain = book.add_format({"num_format": "@", "valign": "top"})
        for at, name in enumerate(columns):
            longest = grid.cells[name].head(_MEASURED).str.len_chars().max()
            width = longest if isinstance(longest, int) else 0
            # as text also where a blank cell is filled in later
            sheet.set_column(at, at, min(max(width + 2, 9), _WIDEST), plain)
    package = Package(buffer.getvalue())
    rows = _rows(grid.cells, columns, 1 if header_first else 0)
    # cell by cell, xlsxwriter takes a second for 100,000 cells
    found = package.elements(_SHEET_PART, "dimension", "sheetData")
    dimension, whole = first(found, "dimension"), first(found, "sheetData")
    assert dimension is not None
    assert whole is not None
    data = package.part(_SHEET_PART)
    edits = [(dimension.start, dimension.end, b""), append(data, whole, rows)]
    package.put(_SHEET_PART, spliced(data, edits))
    return package


def empty_workbook(language: Language) -> Package:
    """Return a workbook with one empty sheet, in whose place the list of findings is put."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties(_LONG_AGO)
        book.add_worksheet(form("findings", language))
    return Package(buffer.getvalue())


def _rows(cells: pl.DataFrame, columns: list[str], beside: int) -> bytes:
    number = (pl.col("_row") + beside).cast(pl.String)
    shown = [
        pl.when(pl.col(name).str.len_bytes() > 0)
        .then(
            pl.format(
                '<c r="{}{}" s="{}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>',
                pl.lit(xl_col_to_name(at)),
                number,
                pl.lit(_TEXT_STYLE),
                _as_xml(name),
            )
        )
        .otherwise(pl.lit(""))
        .fill_null("")
        for at, name in enumerate(columns)
    ]
    rows = cells.filter(pl.col("_row") + beside <= _ROWS_OF_A_SHEET).select(
        pl.format('<row r="{}">{}</row>', number, pl.concat_str(shown))
    )
    return "".join(rows.to_series()).encode()


def _as_xml(name: str) -> pl.Expr:
    text = pl.col(name)
    text = pl.when(text.str.len_chars() > _LONGEST_TEXT).then(text.str.head(_LONGEST_TEXT - 1) + "…").otherwise(text)
    coded = text.str.contains(_CODE_OF_A_LETTER)
    text = pl.when(coded).then(text.str.replace_all("_x", "_x005F_x", literal=True)).otherwise(text)
    for sign, said in _SPECIAL.items():
        text = text.str.replace_all(sign, said, literal=True)
    return text.str.replace_all(_NOT_IN_XML, "\ufffd")
