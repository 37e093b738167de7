"""The sheets that are filled in: a locked header with notes, open cells below it with their checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from config import Column, Config, Contract, Cycle, Language, Table
from expectations.messages import form
from flows.documents.charts import DEEP
from flows.documents.workbook.book import AUTHOR
from flows.feedback.template.checks import check, in_parent, note, takes_none
from flows.feedback.template.last import Last
from flows.feedback.template.lists import Lists

ROWS_OF_A_SHEET = 1_048_576
_PALE = "#e8f3fa"
# the ground of what is in a cell already
_GIVEN = "#eef1f3"
_LONGEST_NAME = 31
_MAY = {"format_cells": True, "format_columns": True, "format_rows": True, "sort": True, "insert_rows": True}


@dataclass(frozen=True)
class Page:
    """A sheet to fill in: its table, its name, and whether it has one row only, that of the mission."""

    table: str
    definition: Table
    name: str
    one_row: bool

    def letter(self, column: str) -> str:
        """Return the letter of a column."""
        return str(xl_col_to_name(list(self.definition.columns_read).index(column)))


class Style:
    """The formats of a template, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __call__(self, **looks: Any) -> Format:
        """Return the format with these properties."""
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(looks)
        return self._made[key]


def pages(contract: Contract, language: Language) -> list[Page]:
    """Return the sheets of a source in the order of its contract."""
    found = []
    for name, table in contract.tables.items():
        several = len(contract.tables) > 1 or table.sheet
        sheet = contract.table_title(name, language)[:_LONGEST_NAME] if several else form("data", language)
        one_row = contract.sent_by == "missions" and table.key == ("mission",)
        found.append(Page(name, table, sheet, one_row))
    return found


def write_page(
    sheet: Worksheet,
    page: Page,
    every: Sequence[Page],
    style: Style,
    lists: Lists,
    config: Config,
    contract: Contract,
    cycle: Cycle,
    mission: str | None,
    language: Language,
    last: Last,
) -> None:
    """Write one sheet; `every` are all of them, of which one may refer to another.

    `last` is what stood in it in the cycle before.
    """
    table = page.definition
    last_row = 1 if page.one_row else ROWS_OF_A_SHEET - 1
    filled = _filled_in(page, contract, cycle, mission)
    sheet.set_comments_author(AUTHOR)
    for at, (name, column) in enumerate(table.columns_read.items()):
        header = table.title(name, language) + (" *" if column.required else "")
        width = _width(column, header)
        sheet.write_string(0, at, header, _header(style, required=column.required))
        said = note(name, table, cycle, language, last.of_column(name))
        lines = sum(1 + len(line) // 40 for line in said.split("\n"))
        sheet.write_comment(0, at, said, {"width": 260, "height": 18 + 15 * lines, "font_size": 9})
        if name in filled:
            sheet.set_column(at, at, width)
            _fill_in(sheet, at, filled[name], style)
            continue
        open_cell = style(locked=False, valign="top", **_looks(column))
        sheet.set_column(at, at, width, None if page.one_row else open_cell)
        if page.one_row:
            sheet.write_blank(1, at, None, open_cell)
        parent = _parent(name, table, every)
        rule = (
            in_parent(parent.name, parent.letter(name), language, or_none=takes_none(name, table))
            if parent
            else check(name, table, f"{page.letter(name)}2", lists, config, cycle, language)
        )
        if rule:
            sheet.data_validation(1, at, last_row, at, rule)
    _write_last(sheet, page, style, lists, cycle, language, last)
    sheet.set_row(0, 34)
    sheet.freeze_panes(1, 0)
    sheet.protect("", _MAY)
    sheet.set_selection(1, 0, 1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_last(
    sheet: Worksheet, page: Page, style: Style, lists: Lists, cycle: Cycle, language: Language, last: Last
) -> None:
    """Name the rows of the cycle before, and say beside each cell what stood in it."""
    columns, name = page.definition.columns_read, page.definition.row_name
    for number, row in enumerate(last.by_row, start=1):
        for at, column in enumerate(columns):
            if column not in row:
                continue
            if last.named and column == name:
                given = style(locked=False, valign="top", bg_color=_GIVEN, **_looks(columns[column]))
                sheet.write_string(number, at, row[column], given)
            else:
                said = form("last", language, number=cycle.number - 1, values=row[column])
                high = 18 + 15 * (1 + len(said) // 34)
                sheet.write_comment(number, at, said, {"width": 220, "height": high, "font_size": 9})
    if last.named and name:
        lists.name_rows(page.table, name, [row[name] for row in last.named])


def _filled_in(page: Page, contract: Contract, cycle: Cycle, mission: str | None) -> dict[str, str | int]:
    """Return the cells of the cover that say whose file it is and of which cycle."""
    claims = contract.claims
    if claims is None or mission is None:
        return {}
    said: dict[str, str | int] = {claims.mission: mission, claims.cycle: cycle.number}
    return {path.split(".")[1]: value for path, value in said.items() if path.split(".")[0] == page.table}


def _fill_in(sheet: Worksheet, at: int, value: str | int, style: Style) -> None:
    given = style(bold=True, align="left", valign="top", bg_color=_GIVEN)
    if isinstance(value, str):
        sheet.write_string(1, at, value, given)
    else:
        sheet.write_number(1, at, value, given)


def _parent(name: str, table: Table, every: Sequence[Page]) -> Page | None:
    """Return the sheet that lists what this column names, where the contract says so."""
    parents = [parent for parent, keys in table.refers_to.items() if keys[-1] == name]
    return next((page for page in every if page.table in parents), None)


def _header(style: Style, *, required: bool) -> Format:
    look = {"font_color": "#ffffff", "bg_color": DEEP} if required else {"font_color": DEEP, "bg_color": _PALE}
    return style(bold=True, text_wrap=True, valign="vcenter", border=1, border_color="#b9c3cb", **look)


def _looks(column: Column) -> dict[str, Any]:
    match column.type:
        case "date":
            return {"num_format": "yyyy-mm-dd", "align": "left"}
        case "count":
            # a number without a unit, such as a year, has no thousands
            return {"num_format": "#,##0" if column.unit else "0"}
        case "number" | "cycle":
            return {}
        case _:
            # as text, so that 004 and ----- stay what they are
            return {"num_format": "@", "text_wrap": column.type == "text" and column.one_of is None}


def _width(column: Column, header: str) -> int:
    if column.type == "text" and column.one_of is None and not column.required:
        return 44
    widest = max((len(value) for value in column.one_of or ()), default=0)
    # a long header goes over two lines
    return min(max(14, widest + 4, len(header) // 2 + 6, len(header) + 3 if len(header) < 20 else 0), 44)
