"""The file being written: its sheets by name, its formats, and how a value becomes a cell."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from config import Cycle
from flows.core import wording

AUTHOR = "A4P+ data pipeline"
DATE, MOMENT = "d mmm yyyy", "d mmm yyyy hh:mm"
CONTENTS = "Contents"
_LONGEST_TEXT = 32_767
_A4 = 9


class Book:
    """A workbook in memory whose bytes depend on what is written into it alone."""

    def __init__(self, cycle: Cycle, status: str) -> None:
        self.cycle = cycle
        self.status = status
        self.title = f"A4P+ report, cycle {cycle.number}"
        self._buffer = BytesIO()
        self._book = xlsxwriter.Workbook(
            self._buffer,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._book.set_size(2400, 1500)
        self._book.set_properties(
            {
                "title": f"{self.title}: workbook for authors",
                "subject": f"Figures and tables of {wording.days(cycle)}, {status}",
                "author": AUTHOR,
                "created": datetime.combine(cycle.end, time()),
            }
        )
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def add(self, sheet: str) -> None:
        """Add an empty sheet after those that are there."""
        self._book.add_worksheet(sheet)

    def sheet(self, name: str) -> Worksheet:
        """Return a sheet that was added."""
        return self._book.get_worksheet_by_name(name)

    def chart(self, kind: str, subtype: str | None) -> Any:
        """Return a new chart, not yet on a sheet."""
        return self._book.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties; a format is made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"valign": "top", **properties})
        return self._formats[key]

    def for_print(self, sheet: str, said: str, header_rows: bool = True) -> None:
        """Set a sheet up for A4: landscape, as wide as the page, what it holds above and a page number below."""
        page = self.sheet(sheet)
        page.set_landscape()
        page.set_paper(_A4)
        page.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        page.fit_to_pages(1, 0)
        if header_rows:
            page.repeat_rows(0)
        page.set_header("&L&9" + _printed(said))
        page.set_footer(f"&L&9{_printed(f'{self.title}, {self.status}')}&R&9Page &P of &N")

    def bytes(self) -> bytes:
        """Finish the workbook and return it."""
        self._book.close()
        return self._buffer.getvalue()


def put(sheet: Worksheet, row: int, column: int, value: object, style: Format) -> None:
    """Write a value as what it is; text is never taken for a formula, a number or an address."""
    match value:
        case None:
            sheet.write_blank(row, column, None, style)
        case bool():
            sheet.write_boolean(row, column, value, style)
        case int() | Decimal():
            sheet.write_number(row, column, value, style)
        case float() if math.isfinite(value):
            sheet.write_number(row, column, value, style)
        case datetime() if value.year >= 1900:
            sheet.write_datetime(row, column, _in_utc(value), style)
        case date() if value.year >= 1900:
            sheet.write_datetime(row, column, value, style)
        case _:
            sheet.write_string(row, column, cut(shown(value), _LONGEST_TEXT), style)


def shown(value: object) -> str:
    """Return a value about as a cell shows it, to measure a column by."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int():
            return f"{value:,}"
        case float():
            return (f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}") if math.isfinite(value) else "no number"
        case datetime():
            return f"{_in_utc(value):%d %b %Y %H:%M}" if value.year >= 1900 else value.isoformat()
        case date():
            return f"{value:%d %b %Y}" if value.year >= 1900 else value.isoformat()
        case _:
            return str(value)


def cut(text: str, longest: int) -> str:
    """Return a text no longer than this; an ellipsis stands for what is cut off."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def address(sheet: str, cell: str = "A1") -> str:
    """Return the link to a cell of a sheet of this workbook."""
    return f"internal:'{sheet}'!{cell}"


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _printed(text: str) -> str:
    """Write a text for a header or footer, where an ampersand begins a code and 255 characters are the most."""
    return cut(text, 100 if "&" in text else 200).replace("&", "&&")
