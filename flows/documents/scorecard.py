"""The scorecard by source as a workbook of its own: a sheet over the cycles, one of each cycle, one of the findings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from io import BytesIO

import polars as pl
import xlsxwriter

from config import Cycle
from flows.core.score_tables import CYCLES, KINDS, TREND
from flows.documents.charts import DEEP
from flows.documents.workbook.book import AUTHOR, DATE, put, shown
from transforms.dictionary import FieldEntry

_NARROWEST, _WIDEST = 9, 60
_LEFT = {"valign": "top", "align": "left"}


def render(trend: pl.DataFrame, cycles: pl.DataFrame, kinds: pl.DataFrame, last: Cycle) -> bytes:
    """Return the workbook.

    In: the tables of flows.core.score_tables, and the last cycle of them. The same tables give the same bytes.
    """
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    title = f"A4P+ scorecard by source, up to cycle {last.number}"
    book.set_properties({"title": title, "author": AUTHOR, "created": datetime.combine(last.end, time())})
    _sheet(book, "Over the cycles", trend, TREND)
    _sheet(book, "By cycle", cycles, CYCLES)
    _sheet(book, "Findings by kind", kinds, KINDS)
    book.close()
    return buffer.getvalue()


def _sheet(book: xlsxwriter.Workbook, name: str, frame: pl.DataFrame, fields: Mapping[str, FieldEntry]) -> None:
    """Write a table with a filter, its header frozen and each header's meaning in a note."""
    sheet = book.add_worksheet(name)
    sheet.set_comments_author(AUTHOR)
    header = book.add_format({"bold": True, "font_color": "#ffffff", "bg_color": DEEP})
    for at, column in enumerate(frame.columns):
        sheet.write_string(0, at, column.replace("_", " ").capitalize(), header)
        sheet.write_comment(0, at, fields[column].description, {"x_scale": 2.2})
        values = frame[column].to_list()
        longest = max((len(shown(value)) for value in values), default=0)
        width = min(max(longest + 3, len(column) + 5, _NARROWEST), _WIDEST)
        sheet.set_column(at, at, width)
        style = book.add_format(_looks(frame[column].dtype, wide=width == _WIDEST))
        for row, value in enumerate(values, start=1):
            put(sheet, row, at, value, style)
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, frame.height, len(frame.columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _looks(kind: pl.DataType, *, wide: bool) -> dict[str, object]:
    if kind == pl.Date:
        return {**_LEFT, "num_format": DATE}
    if kind == pl.Boolean:
        # not every program shows a truth value as a word
        return {"valign": "top", "align": "center", "num_format": '"TRUE";"TRUE";"FALSE"'}
    if kind.is_float():
        return {"valign": "top", "num_format": "#,##0.0"}
    return {"valign": "top"} if kind.is_integer() else {**_LEFT, "text_wrap": wide}
