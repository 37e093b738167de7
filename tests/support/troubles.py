"""What people do to a workbook: kinds of trouble, each planted into a sheet of a file that is right.

A kind takes the workbook, the sheet of a table and where its header stands, and returns False where it does not fit.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from config import Table, normalised_header


@dataclass
class Scene:
    """A workbook of a source, the sheet of one of its tables, that table, and the row of its header."""

    book: Workbook
    sheet: Worksheet
    table: Table
    header: int

    def column(self, *types: str, required: bool | None = None, one_of: bool | None = None) -> int | None:
        """The sheet's first column of a type, from 1."""
        for name, column in self.table.columns_read.items():
            fits = column.type in types and required in (None, column.required)
            if fits and one_of in (None, column.one_of is not None) and (at := self.at(name)):
                return at
        return None

    def at(self, name: str) -> int | None:
        known = {normalised_header(one) for one in (name, *self.table.columns[name].spellings)}
        return next(
            (cell.column for cell in self.sheet[self.header] if normalised_header(str(cell.value or "")) in known), None
        )

    @property
    def first(self) -> int:
        """The first row below the header."""
        return self.header + 1

    @property
    def rows(self) -> int:
        return self.sheet.max_row - self.header

    @property
    def numbers(self) -> list[int]:
        at = [self.at(name) for name, column in self.table.columns_read.items() if column.type == "count"]
        return [one for one in at if one]

    def copy_rows(self, to: Worksheet) -> None:
        for row in self.sheet.iter_rows():
            for cell in row:
                to.cell(cell.row, cell.column, cell.value).number_format = cell.number_format


Kind = Callable[[Scene], object]
KINDS: dict[str, Kind] = {}
# the values that come out are the right ones, as if nothing had been done
UNDONE: set[str] = set()


def kind(*, undone: bool = False) -> Callable[[Kind], Kind]:
    def register(plant: Kind) -> Kind:
        name = plant.__name__.replace("_", " ")
        KINDS[name] = plant
        if undone:
            UNDONE.add(name)
        return plant

    return register


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# Headers


def _each_header(scene: Scene, change: Callable[[str], str]) -> None:
    for cell in scene.sheet[scene.header]:
        if cell.value:
            cell.value = change(str(cell.value))


@kind(undone=True)
def headers_with_letters_of_notes(scene: Scene) -> object:
    return _each_header(scene, lambda said: f"{said} (a)")


@kind(undone=True)
def headers_with_raised_numbers(scene: Scene) -> object:
    return _each_header(scene, lambda said: f"{said}¹⁾")


@kind(undone=True)
def headers_in_capitals_with_stars(scene: Scene) -> object:
    return _each_header(scene, lambda said: f"{said.upper()} **")


@kind(undone=True)
def headers_over_two_lines_with_invisible_signs(scene: Scene) -> object:
    return _each_header(scene, lambda said: "\u200b" + said.replace(" ", "\u00a0\n") + "\ufeff ")


@kind(undone=True)
def headers_in_rich_text_with_a_raised_note(scene: Scene) -> object:
    for cell in scene.sheet[scene.header]:
        if cell.value:
            cell.value = CellRichText(str(cell.value), TextBlock(InlineFont(vertAlign="superscript"), "2"))
    return None


@kind()
def a_header_misspelt(scene: Scene) -> object:
    cell = scene.sheet.cell(scene.header, scene.column("text", "mission", "count", "date", "yes_no") or 1)
    said = str(cell.value)
    cell.value = said[:-2] + said[-1] if len(said) > 5 else said + "x"
    return None


@kind()
def a_column_of_numbers_deleted(scene: Scene) -> object:
    column = scene.column("count", "number", required=False)
    return False if column is None else scene.sheet.delete_cols(column)


@kind()
def a_required_column_deleted(scene: Scene) -> object:
    column = scene.column("text", "mission", "count", "date", "yes_no", "cycle", required=True)
    return False if column is None else scene.sheet.delete_cols(column)


@kind()
def a_revised_column_beside_the_old_one(scene: Scene) -> object:
    column = scene.column("count", "date", "number")
    if column is None:
        return False
    last = scene.sheet.max_column + 1
    for row in range(scene.header, scene.sheet.max_row + 1):
        value = scene.sheet.cell(row, column).value
        scene.sheet.cell(row, last, f"{value} (revised)" if row == scene.header else value)
    return None


@kind()
def a_header_over_two_rows(scene: Scene) -> object:
    sheet, last = scene.sheet, scene.sheet.max_column
    if last < 2:
        return False
    sheet.insert_rows(scene.header + 1)
    sheet.cell(scene.header + 1, last - 1, "of which new")
    sheet.cell(scene.header + 1, last, "of which old")
    sheet.cell(scene.header, last - 1).value = "Together"
    sheet.cell(scene.header, last).value = None
    sheet.merge_cells(start_row=scene.header, end_row=scene.header, start_column=last - 1, end_column=last)
    return None


@kind()
def the_sheet_on_its_side(scene: Scene) -> object:
    values = [[cell.value for cell in row] for row in scene.sheet.iter_rows(min_row=scene.header)]
    scene.sheet.delete_rows(1, scene.sheet.max_row)
    for column, row in enumerate(values, start=1):
        for number, value in enumerate(row, start=1):
            scene.sheet.cell(number, column, value)
    return None if len(values[0]) > 1 else False


@kind()
def a_second_header_in_another_order(scene: Scene) -> object:
    header = [cell.value for cell in scene.sheet[scene.header]]
    last = [cell.value for cell in scene.sheet[scene.sheet.max_row]]
    if len(header) < 2:
        return False
    scene.sheet.append([])
    scene.sheet.append(header[::-1])
    scene.sheet.append(last[::-1])
    return None


@kind(undone=True)
def the_header_once_more(scene: Scene) -> object:
    return (
        False if scene.sheet.max_column < 2 else scene.sheet.append([cell.value for cell in scene.sheet[scene.header]])
    )


# Sheets


@kind()
def the_sheet_renamed(scene: Scene) -> object:
    scene.sheet.title = "Tab 7"
    return None if scene.table.sheet and any(one.required for one in scene.table.columns.values()) else False


@kind()
def a_copy_of_the_sheet(scene: Scene) -> object:
    scene.copy_rows(scene.book.create_sheet(f"{scene.sheet.title[:27]} (2)"))
    return None


@kind()
def a_hidden_old_sheet_in_front(scene: Scene) -> object:
    old = scene.book.create_sheet("old", 0)
    scene.copy_rows(old)
    old.sheet_state = "hidden"
    scene.book.active = 1
    return None


@kind()
def the_sheet_hidden(scene: Scene) -> object:
    other = scene.book.create_sheet("Front")
    scene.sheet.sheet_state = "hidden"
    scene.book.active = scene.book.index(other)
    return None


@kind()
def a_sheet_of_notes(scene: Scene) -> object:
    scene.book.create_sheet("Notes").append(["Prepared by the desk", 4711])
    return None


# Rows


def _totals(scene: Scene, word: str, more: int = 0) -> object:
    text = scene.column("text", "mission")
    if text is None or not scene.numbers or text > min(scene.numbers) or _states_a_total(scene):
        return False
    row = scene.sheet.max_row + 1
    scene.sheet.cell(row, text, word)
    for column in scene.numbers:
        values = [scene.sheet.cell(one, column).value for one in range(scene.first, row)]
        scene.sheet.cell(row, column, sum(value for value in values if isinstance(value, int)) + more)
    return None


def _states_a_total(scene: Scene) -> bool:
    return any(stated.total_row for stated in scene.table.states)


@kind()
def a_line_of_totals(scene: Scene) -> object:
    return _totals(scene, "Total")


@kind()
def a_line_of_totals_in_french(scene: Scene) -> object:
    return _totals(scene, "TOTAL GÉNÉRAL :")


@kind()
def a_line_of_totals_that_is_wrong(scene: Scene) -> object:
    return _totals(scene, "Grand total", more=1)


@kind()
def a_note_below_the_table(scene: Scene) -> object:
    scene.sheet.cell(scene.sheet.max_row + 2, 1, "Note: figures as reported by the sections")
    return None


@kind()
def a_source_right_below_the_table(scene: Scene) -> object:
    scene.sheet.cell(scene.sheet.max_row + 1, 1, "Source : section médicale, mai 2024")
    return None


@kind()
def a_footnote_below_the_table(scene: Scene) -> object:
    scene.sheet.cell(scene.sheet.max_row + 2, 1, "* provisional, to be confirmed in June")
    return None


@kind()
def a_row_hidden(scene: Scene) -> object:
    scene.sheet.row_dimensions[scene.first].hidden = True
    return None


@kind()
def a_row_hidden_by_a_filter(scene: Scene) -> object:
    scene.sheet.auto_filter.ref = f"A{scene.header}:{get_column_letter(scene.sheet.max_column)}{scene.sheet.max_row}"
    scene.sheet.auto_filter.add_filter_column(0, ["something else"])
    scene.sheet.row_dimensions[scene.first].hidden = True
    return None


@kind()
def a_column_hidden(scene: Scene) -> object:
    column = scene.column("count", "text", "date", "mission", "yes_no")
    scene.sheet.column_dimensions[get_column_letter(column or 1)].hidden = True
    return None


@kind()
def a_row_struck_out(scene: Scene) -> object:
    for cell in scene.sheet[scene.first]:
        font = copy(cell.font)
        cell.font = Font(name=font.name, size=font.size, strike=True)
    return None


# Cells


def _cell(scene: Scene, *types: str) -> openpyxl.cell.Cell | None:
    column = scene.column(*types)
    return None if column is None else scene.sheet.cell(scene.first, column)


@kind()
def a_formula_without_a_result(scene: Scene) -> object:
    cell = _cell(scene, "count", "number", "text", "yes_no")
    if cell is None:
        return False
    cell.value = "=1+1"
    return None


@kind()
def an_error_in_a_cell(scene: Scene) -> object:
    cell = _cell(scene, "count", "number", "date", "text", "yes_no")
    if cell is None:
        return False
    cell.value, cell.data_type = "#N/A", "e"
    return None


@kind()
def a_raised_note_behind_a_number(scene: Scene) -> object:
    cell = _cell(scene, "count", "number")
    if cell is None:
        return False
    cell.value = CellRichText("12", TextBlock(InlineFont(vertAlign="superscript"), "1"))
    return None


@kind()
def a_number_struck_out_before_another(scene: Scene) -> object:
    cell = _cell(scene, "count", "number")
    if cell is None:
        return False
    cell.value = CellRichText(TextBlock(InlineFont(strike=True), "1"), "2")
    return None


@kind()
def a_count_in_percent(scene: Scene) -> object:
    cell = _cell(scene, "count")
    if cell is None:
        return False
    cell.value, cell.number_format = 0.29, "0%"
    return None


@kind()
def thousands_with_a_dot(scene: Scene) -> object:
    cell = _cell(scene, "count")
    if cell is None:
        return False
    cell.value = "218.000"
    return None


@kind()
def an_id_that_became_a_date(scene: Scene) -> object:
    column = next(
        (scene.at(key) for key in scene.table.key if key in scene.table.columns and _is_free(scene, key)), None
    )
    if column is None:
        return False
    cell = scene.sheet.cell(scene.first, column)
    cell.value, cell.number_format = datetime(2024, 2, 1), "d-mmm"
    return None


def _is_free(scene: Scene, key: str) -> bool:
    return scene.table.columns[key].type == "text" and not scene.table.columns[key].one_of


@kind()
def a_number_in_place_of_a_day(scene: Scene) -> object:
    cell = _cell(scene, "date")
    if cell is None:
        return False
    cell.value, cell.number_format = 45323, "General"
    return None


@kind()
def a_day_in_place_of_a_number(scene: Scene) -> object:
    cell = _cell(scene, "count")
    if cell is None:
        return False
    cell.value, cell.number_format = date(2024, 2, 1), "yyyy-mm-dd"
    return None


@kind()
def a_letter_of_another_alphabet(scene: Scene) -> object:
    column = scene.column("mission") or scene.column("text", one_of=True)
    cell = scene.sheet.cell(scene.first, column) if column else None
    if cell is None or not cell.value or not set(str(cell.value)) & set("MCOEAS"):
        return False
    cell.value = str(cell.value).translate(str.maketrans("MCOEAS", "МСОЕАЅ"))
    return None


@kind()
def texts_in_merged_cells(scene: Scene) -> object:
    column = scene.column("mission", "text", "date", "yes_no")
    if column is None or scene.rows < 2:
        return False
    scene.sheet.merge_cells(start_row=scene.first, end_row=scene.first + 1, start_column=column, end_column=column)
    return None


@kind()
def numbers_in_merged_cells(scene: Scene) -> object:
    column = scene.column("count")
    if column is None or scene.rows < 2:
        return False
    scene.sheet.merge_cells(start_row=scene.first, end_row=scene.first + 1, start_column=column, end_column=column)
    return None


# Beside and above


@kind()
def a_number_beside_the_table(scene: Scene) -> object:
    scene.sheet.cell(scene.first, scene.sheet.max_column + 2, 4711)
    return None


@kind()
def a_remark_beside_the_table(scene: Scene) -> object:
    scene.sheet.cell(scene.first, scene.sheet.max_column + 2, "to be confirmed")
    return None


@kind()
def a_spare_column(scene: Scene) -> object:
    last = scene.sheet.max_column + 1
    scene.sheet.cell(scene.header, last, "Zone")
    scene.sheet.cell(scene.first, last, "North")
    return None


@kind()
def lines_above_the_header(scene: Scene) -> object:
    scene.sheet.insert_rows(1, 2)
    scene.sheet["A1"], scene.sheet["B1"] = "Exported on", "2024-05-01"
    return None


@kind(undone=True)
def a_title_above_the_header(scene: Scene) -> object:
    scene.sheet.insert_rows(1)
    scene.sheet["A1"] = "Reporting of the cycle"
    return None


@kind(undone=True)
def a_blank_in_the_last_column(scene: Scene) -> object:
    scene.sheet["XFD2"] = " "
    return None


@kind(undone=True)
def the_table_further_right_and_down(scene: Scene) -> object:
    scene.sheet.insert_rows(1, 3)
    scene.sheet.insert_cols(1, 2)
    return None
