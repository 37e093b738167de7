"""Excel files as an office would make them, with the same bytes for the same rows."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from io import BytesIO
from pathlib import Path
from string import ascii_uppercase
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import xlsxwriter

Cell = str | int | float | date | None
ROWS_OF_A_SHEET = 1_000_000
ROWS_WRITTEN_ONE_BY_ONE = 20_000
ROWS_AT_A_TIME = 10_000
DAY_ZERO = date(1899, 12, 30).toordinal()


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, a header, rows, and the title that some people write above the header."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str | None = None


def save(path: Path, sheets: Sequence[Sheet], received: datetime) -> Path:
    """Write a workbook that came in at a moment; dates are real date cells, None is an empty cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": received.replace(tzinfo=None)})
        bold = book.add_format({"bold": True})
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.name), sheet, bold, dated)
    if any(len(sheet.rows) > ROWS_WRITTEN_ONE_BY_ONE for sheet in sheets):
        _append_the_rest(path, sheets, dated.xf_index)
    return stamp(path, received)


def _fill(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, bold: object, dated: object) -> None:
    if len(sheet.rows) > ROWS_OF_A_SHEET:
        raise ValueError(f"{len(sheet.rows)} rows do not fit into the sheet '{sheet.name}'; choose a smaller scale.")
    page.set_column(0, len(sheet.header) - 1, 22)
    first = 0
    if sheet.title:
        page.write_string(0, 0, sheet.title, bold)
        first = 1
    for column, name in enumerate(sheet.header):
        page.write_string(first, column, name, bold)
    for place, row in enumerate(sheet.rows[:ROWS_WRITTEN_ONE_BY_ONE], start=first + 1):
        for column, cell in enumerate(row):
            if cell is None:
                continue
            if isinstance(cell, str):
                page.write_string(place, column, cell)
            elif isinstance(cell, date):
                page.write_number(place, column, cell.toordinal() - DAY_ZERO, dated)
            else:
                page.write_number(place, column, cell)


def _append_the_rest(path: Path, sheets: Sequence[Sheet], dated: int) -> None:
    """Add the rows of large sheets as XML: xlsxwriter needs half a minute for half a million rows, this a fifth."""
    written = BytesIO(path.read_bytes())
    with ZipFile(written) as old, ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as new:
        for part in old.infolist():
            number = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", part.filename)
            if not number:
                new.writestr(part, old.read(part))
                continue
            sheet = sheets[int(number[1]) - 1]
            last = len(sheet.rows) + (2 if sheet.title else 1)
            head, end, tail = old.read(part).partition(b"</sheetData>")
            head = re.sub(rb'<dimension ref="A1:([A-Z]+)\d+"/>', rb'<dimension ref="A1:\g<1>%d"/>' % last, head)
            large = ZipInfo(part.filename, part.date_time)
            large.compress_type = ZIP_DEFLATED
            with new.open(large, "w") as file:
                file.write(head)
                for first in range(ROWS_WRITTEN_ONE_BY_ONE, len(sheet.rows), ROWS_AT_A_TIME):
                    some = sheet.rows[first : first + ROWS_AT_A_TIME]
                    offset = last - len(sheet.rows) + 1 + first
                    file.write("".join(_row(place, row, dated) for place, row in enumerate(some, offset)).encode())
                file.write(end + tail)


def _row(place: int, row: Sequence[Cell], dated: int) -> str:
    cells = [f'<row r="{place}">']
    for letter, cell in zip(ascii_uppercase, row, strict=False):
        if isinstance(cell, str):
            cells.append(f'<c r="{letter}{place}" t="inlineStr"><is><t>{escape(cell, quote=False)}</t></is></c>')
        elif isinstance(cell, date):
            cells.append(f'<c r="{letter}{place}" s="{dated}"><v>{cell.toordinal() - DAY_ZERO}</v></c>')
        elif cell is not None:
            cells.append(f'<c r="{letter}{place}"><v>{cell}</v></c>')
    cells.append("</row>")
    return "".join(cells)


def stamp(path: Path, received: datetime) -> Path:
    """Give a file the moment at which it came in."""
    os.utime(path, (received.timestamp(), received.timestamp()))
    return path
