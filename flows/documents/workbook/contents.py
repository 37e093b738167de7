"""The first sheet: what the workbook is, how complete it is, and one line for each sheet with a link to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from xlsxwriter.worksheet import Worksheet

from config import Config
from flows.core.wording import counted, day, days, sentence
from flows.documents.charts import DEEP, MUTED
from flows.documents.words import NUMBER, release_named
from flows.documents.workbook.book import Book, address
from flows.documents.workbook.drawing import Drawn
from flows.documents.workbook.pages import CHECKS, Page

_HEADER = ("Sheet", "Priority", "What it holds", "Rows", "Source", "Table")
_PROVISIONAL = "#8a5a00"
_WIDTHS = (32, 10, 100, 9, 46, 38)
_MEANT = {
    "final": "Final: every required source is in, and nothing critical is open.",
    "provisional": "Provisional: figures may change.",
}
_HINTS = (
    "Numbers, dates and yes/no cells are real ones and can be used in formulas; a percent is a plain number, so that "
    "55 means 55%.",
    "Point at the header of a column to read what it holds and in which unit. An empty cell has no value; a zero was "
    "counted.",
)


def write(
    book: Book,
    sheet: str,
    config: Config,
    missing: Sequence[str],
    up_to: date | None,
    pages: Sequence[Page],
    gallery: str,
    workings: str,
    drawn: Drawn,
) -> None:
    """Write the contents.

    In: the name of the sheet; what is not in, one sentence each; the day up to which data are counted, where that is
    before the cycle's end; the pages in order, the figures first; the names of the sheets of the charts and of their
    data, and the charts.
    """
    page = book.sheet(sheet)
    page.hide_gridlines(2)
    page.set_tab_color(DEEP)
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    cycle = book.cycle
    page.set_row(0, 30)
    page.write_string(0, 0, book.title, book.format(bold=True, font_size=20, font_color=DEEP, valign="vcenter"))
    dates = f"{days(cycle)} ({counted(cycle.days, 'day')}) · {release_named(NUMBER)}"
    page.write_string(1, 0, dates, book.format(font_size=12, font_color=MUTED))
    row = _standing(book, page, 3, missing, up_to, told=any(one.table in CHECKS for one in pages))
    for hint in _HINTS:
        row = _line(book, page, row, hint, font_color=MUTED)
    _lines(book, page, row + 1, pages, gallery, workings, drawn)
    book.for_print(sheet, f"{book.title}: workbook for authors", header_rows=False)
    page.activate()


def _standing(book: Book, page: Worksheet, row: int, missing: Sequence[str], up_to: date | None, *, told: bool) -> int:
    """Say whether the release is final and what is missing; return the row after.

    `told` says that the findings are in the workbook.
    """
    provisional = book.status != "final"
    meant = _MEANT.get(book.status, sentence(book.status) + ".")
    if up_to:
        meant = f"Data up to {day(up_to)}. {meant}"
    if provisional and missing:
        meant += " What is missing:"
    elif provisional:
        meant += " Nothing is missing, but findings that are critical are open"
        meant += "; they are on the sheet Findings." if told else "."
    row = _line(book, page, row, meant, bold=True, font_size=12, font_color=_PROVISIONAL if provisional else DEEP)
    for one in missing:
        row = _line(book, page, row, f"•  {one}", indent=1)
    return row + 1


def _line(book: Book, page: Worksheet, row: int, text: str, **looks: object) -> int:
    """Write a line of text as wide as the sheet, and high enough for it; return the row after."""
    width = sum(_WIDTHS) * (0.85 if looks.get("font_size") else 1)
    lines = 1 + int(len(text) // width)
    page.merge_range(row, 0, row, len(_WIDTHS) - 1, "", book.format(text_wrap=True, **looks))
    page.write_string(row, 0, text, book.format(text_wrap=True, **looks))
    page.set_row(row, (18 if looks.get("font_size") else 15.5) * lines)
    return row + 1


def _lines(
    book: Book, page: Worksheet, row: int, pages: Sequence[Page], gallery: str, workings: str, drawn: Drawn
) -> None:
    header = {"bold": True, "font_color": "#ffffff", "bg_color": DEEP, "valign": "vcenter"}
    for column, name in enumerate(_HEADER):
        side = {"align": "right"} if name == "Rows" else {"align": "left", "indent": int(column > 1)}
        page.write_string(row, column, name, book.format(**header, **side))
    page.set_row(row, 20)
    first, rest = pages[0], [one for one in pages[1:] if one.table not in CHECKS]
    lines: list[tuple[str, int | None, str, int | None, str, str]] = [_of_table(first)]
    charts = f"{sentence(counted(len(drawn.charts), 'chart'))} of the main series, to be copied into a report."
    lines.append((gallery, None, charts, None, "the tables of this workbook", ""))
    lines += [_of_table(one) for one in rest]
    if drawn.blocks:
        said = "Rows of the tables added up for the charts that need it; one block a chart."
        lines.append((workings, None, said, None, "the tables of this workbook", ""))
    lines += [_of_table(one) for one in pages[1:] if one.table in CHECKS]
    link = {"font_color": DEEP, "underline": 1, "bold": True}
    rule = {"bottom": 4, "bottom_color": "#b9c3cb"}
    text = book.format(text_wrap=True, align="left", indent=1, **rule)
    for at, (sheet, priority, said, rows, source, table) in enumerate(lines, start=row + 1):
        page.write_url(at, 0, address(sheet), book.format(**link, **rule), sheet)
        for column, number, form in ((1, priority, "0"), (3, rows, "#,##0")):
            style = book.format(num_format=form, align="center" if column == 1 else "right", **rule)
            if number is None:
                page.write_blank(at, column, None, style)
            else:
                page.write_number(at, column, number, style)
        for column, words in ((2, said), (4, source), (5, table)):
            page.write_string(at, column, words, text)
        page.set_row(at, 15.5 * max(1 + len(said) // 120, 1 + len(source) // 50))


def _of_table(page: Page) -> tuple[str, int | None, str, int | None, str, str]:
    return page.sheet, page.priority, page.said, page.whole.height, page.entry.source, page.table
