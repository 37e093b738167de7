"""Files of a sample spoilt as people spoil them: one to four troubles a sample, drawn by a seed.

What is not drawn: numbers that are wrong in good form, which nothing in the file gives away.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random

import openpyxl
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import sample
from config import Column, Config, Contract, Cycle, Table, normalised_header
from tests.support.troubles import KINDS, Scene, saved

# a blank there says something: the post is vacant, the programme was not attended, the act was of one day
BLANK_IS_A_WORD = ("gender", "attended_on", "incident_from", "incident_to", "m49_code", "iso_alpha3")
WORDS = ("Under Validation", "-----", "No SOFA/SOMA", "None", "TBC")
TEXTS = ("see e-mail", "about 40", "n/a", "?", "not yet")
LOGIN_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your session has expired.</body></html>\n"
)
# of so many samples one has the fifty faults that the sample brings itself
ONE_IN = 20


@dataclass(frozen=True)
class Sent:
    """A file of the inbox, and of which source and mission it is."""

    path: Path
    contract: Contract
    mission: str | None

    def replace(self, data: bytes, suffix: str | None = None) -> None:
        """Put other bytes in its place, received when it was."""
        stamp = self.path.stat().st_mtime
        self.path.unlink()
        path = self.path.with_suffix(suffix) if suffix else self.path
        path.write_bytes(data)
        os.utime(path, (stamp, stamp))


@dataclass(frozen=True)
class Spot:
    """Where a trouble is planted: a file, the sheet of one of its tables, the dice, and what else was sent."""

    sent: Sent
    scene: Scene
    chance: Random
    cycle: Cycle
    config: Config

    def cells(self, fits: Callable[[str, Column], bool], *, filled: bool = True) -> list[tuple[str, Cell]]:
        """The cells of a row, drawn from those whose columns fit, with the names of the columns."""
        columns = [
            (name, at)
            for name, column in self.scene.table.columns_read.items()
            if fits(name, column)
            for at in (self.scene.at(name),)
            if at
        ]
        rows = list(range(self.scene.first, self.scene.sheet.max_row + 1))
        self.chance.shuffle(rows)
        self.chance.shuffle(columns)
        found = ((name, self.scene.sheet.cell(row, at)) for row in rows[:40] for name, at in columns)
        return [(name, cell) for name, cell in found if not filled or cell.value is not None][:1]


InCell = Callable[[Spot], str | bool]
IN_TABLES: dict[str, InCell] = {}


def in_table(plant: InCell) -> InCell:
    IN_TABLES[plant.__name__.replace("_", " ")] = plant
    return plant


def _put(spot: Spot, fits: Callable[[str, Column], bool], change: Callable[[str, Cell], object]) -> str | bool:
    """Change a cell whose column fits; tells which, and what stands there now."""
    for name, cell in spot.cells(fits):
        before = cell.value
        after = change(name, cell)
        if after is False:
            return False
        cell.value = after
        return f"{name} {cell.coordinate}: {before!r} is {after!r}"
    return False


@in_table
def a_required_cell_blanked(spot: Spot) -> str | bool:
    return _put(spot, lambda name, column: column.required, lambda name, cell: None)


@in_table
def an_optional_cell_blanked(spot: Spot) -> str | bool:
    def fits(name: str, column: Column) -> bool:
        told = column.type in ("count", "number", "yes_no", "date") or bool(column.one_of)
        return told and not column.required and name not in BLANK_IS_A_WORD

    return _put(spot, fits, lambda name, cell: None)


@in_table
def a_cell_replaced_by_text(spot: Spot) -> str | bool:
    return _put(spot, _typed, lambda name, cell: spot.chance.choice(TEXTS))


@in_table
def a_word_in_place_of_a_value(spot: Spot) -> str | bool:
    def word(name: str, cell: Cell) -> object:
        column = spot.scene.table.columns[name]
        # what is taken for a zero, or for a no, is an answer in good form
        none = column.type == "yes_no" or (column.words or {}).get("None") == "0"
        return spot.chance.choice([one for one in WORDS if not (none and one == "None")])

    return _put(spot, _typed, word)


@in_table
def a_row_twice(spot: Spot) -> str | bool:
    row = spot.chance.randint(spot.scene.first, spot.scene.sheet.max_row)
    spot.scene.sheet.append([cell.value for cell in spot.scene.sheet[row]])
    return f"row {row}"


@in_table
def a_row_with_a_wrong_mission(spot: Spot) -> str | bool:
    def wrong(name: str, cell: Cell) -> object:
        # another mission is wrong in good form, but where the unit or hospital is of one
        others = [one for one in spot.config.reporting_missions if one != cell.value]
        refers = "mission" in {column for columns in spot.scene.table.refers_to.values() for column in columns}
        return spot.chance.choice([*others, "UNMISSA"] if refers else ["UNMISSA", "UN mission", "MINUSCA/UNMISS"])

    return _put(spot, lambda name, column: name in ("mission", "mission_or_total"), wrong)


@in_table
def a_percent_as_a_share(spot: Spot) -> str | bool:
    def share(name: str, cell: Cell) -> object:
        if not isinstance(cell.value, int | float):
            return False
        if spot.chance.random() < 0.5:
            cell.number_format = "0%"
        return cell.value / 100

    return _put(spot, lambda name, column: column.unit == "percent", share)


@in_table
def an_unclear_number(spot: Spot) -> str | bool:
    def unclear(name: str, cell: Cell) -> object:
        if not str(cell.value).isdigit():
            return False
        return spot.chance.choice([f"{cell.value}.000", f"{cell.value},000", f"{cell.value} / {cell.value}"])

    return _put(spot, lambda name, column: column.type == "count" and name != "year", unclear)


@in_table
def an_impossible_value(spot: Spot) -> str | bool:
    def impossible(name: str, cell: Cell) -> object:
        column = spot.scene.table.columns[name]
        if column.at_most_days_of_cycle:
            return spot.cycle.days + spot.chance.randint(1, 120)
        if column.unit == "percent":
            return 140
        return spot.chance.choice([-3, 2.5])

    return _put(spot, lambda name, column: column.type in ("count", "number"), impossible)


@in_table
def a_day_that_cannot_be(spot: Spot) -> str | bool:
    days = (datetime(2052, 3, 4), "31.11.2023", "03/04/2024", "Spring 2024", 20240)
    return _put(spot, lambda name, column: column.type == "date", lambda name, cell: spot.chance.choice(days))


def _typed(name: str, column: Column) -> bool:
    return column.type not in ("text", "iso3", "m49") or bool(column.one_of)


def _planted(name: str) -> InCell:
    return lambda spot: False if KINDS[name](spot.scene) is False else "in the first that fits"


# Whole files


@dataclass(frozen=True)
class File:
    """A file that is to be spoilt as a whole, all that were sent in the cycle, and the folder of the cycle before."""

    sent: Sent
    every: list[Sent]
    before: Path
    chance: Random
    cycle: Cycle


WHOLE: dict[str, Callable[[File], str | bool]] = {}


def whole(spoil: Callable[[File], str | bool]) -> Callable[[File], str | bool]:
    WHOLE[spoil.__name__.replace("_", " ")] = spoil
    return spoil


@whole
def the_file_missing(file: File) -> str | bool:
    file.sent.path.unlink()
    return True


@whole
def the_file_cut_off(file: File) -> str | bool:
    data = file.sent.path.read_bytes()
    file.sent.replace(data[: len(data) * file.chance.randint(3, 9) // 10])
    # a text that is cut off at a line's end looks whole
    return file.sent.path.suffix != ".csv"


@whole
def a_web_page_in_its_place(file: File) -> str | bool:
    file.sent.replace(LOGIN_PAGE)
    return True


@whole
def nothing_in_the_file(file: File) -> str | bool:
    file.sent.replace(b"")
    return True


@whole
def the_file_of_another_source_or_mission(file: File) -> str | bool:
    other = file.chance.choice([one for one in file.every if one.path != file.sent.path])
    file.sent.replace(other.path.read_bytes(), other.path.suffix)
    return str(other.path.name)


@whole
def the_file_of_the_cycle_before(file: File) -> str | bool:
    earlier = _earlier(file)
    if earlier is None:
        return False
    file.sent.replace(earlier.read_bytes(), earlier.suffix)
    return True


@whole
def the_workbook_of_the_cycle_before_with_its_number_changed(file: File) -> str | bool:
    earlier = _earlier(file)
    if earlier is None or file.sent.mission is None:
        return False
    book = openpyxl.load_workbook(earlier)
    _cover(book, 2).value = file.cycle.number
    file.sent.replace(saved(book))
    return True


@whole
def another_cycle_on_the_cover(file: File) -> str | bool:
    if file.sent.mission is None:
        return False
    book = openpyxl.load_workbook(file.sent.path)
    _cover(book, 2).value = file.cycle.number - 1
    file.sent.replace(saved(book))
    return True


@whole
def another_mission_on_the_cover(file: File) -> str | bool:
    if file.sent.mission is None:
        return False
    book = openpyxl.load_workbook(file.sent.path)
    _cover(book, 1).value = file.chance.choice([one.mission for one in file.every if one.mission])
    file.sent.replace(saved(book))
    return str(_cover(book, 1).value)


@whole
def a_sheet_missing(file: File) -> str | bool:
    if file.sent.path.suffix == ".csv":
        return False
    book = openpyxl.load_workbook(file.sent.path)
    if len(book.worksheets) < 2:
        return False
    sheet = file.chance.choice(book.worksheets)
    book.remove(sheet)
    file.sent.replace(saved(book))
    return str(sheet.title)


@whole
def a_sheet_emptied(file: File) -> str | bool:
    if file.sent.path.suffix == ".csv":
        return False
    book = openpyxl.load_workbook(file.sent.path)
    sheet = file.chance.choice(book.worksheets)
    sheet.delete_rows(3 if sheet["B1"].value is None else 2, sheet.max_row)
    file.sent.replace(saved(book))
    return str(sheet.title)


def _earlier(file: File) -> Path | None:
    folder = file.before / file.sent.path.relative_to(file.sent.path.parents[2 if file.sent.mission else 1]).parent
    return next(iter(sorted(folder.glob("*.*"))), None)


def _cover(book: Workbook, column: int) -> Cell:
    sheet = book.worksheets[0]
    found = sheet.cell(3 if sheet["B1"].value is None else 2, column)
    assert isinstance(found, Cell)
    return found


# A sample


def spoil(inbox: Path, cycle: Cycle, config: Config, seed: int) -> list[str]:
    """Plant one to four troubles into the files of a cycle; returns what was planted where."""
    chance = Random(f"spoilt {seed}")
    if seed % ONE_IN == ONE_IN - 1:
        sample.plant(inbox, cycle.number, seed)
        return ["the sample's own faults"]
    planted: list[str] = []
    every = sent(inbox, cycle, config)
    # each mission's workbook would else be as likely as each office's file
    slots = [one for one in every if one.mission is None] + chance.sample([one for one in every if one.mission], 8)
    chance.shuffle(slots)
    for one in slots[: chance.randint(1, 4)]:
        planted.append(_spoilt(one, every, inbox, cycle, config, chance))
    return planted


def _spoilt(one: Sent, every: list[Sent], inbox: Path, cycle: Cycle, config: Config, chance: Random) -> str:
    before = inbox / config.cycle(cycle.number - 1).folder
    where = one.mission or one.contract.source
    while True:
        kinds = chance.choice((list(WHOLE), list(IN_TABLES), list(IN_TABLES), list(KINDS)))
        kind = chance.choice(kinds)
        if kind in WHOLE:
            data, path = one.path.read_bytes(), one.path
            there = WHOLE[kind](File(one, every, before, chance, cycle))
            if there is False:
                stamp = path.stat().st_mtime if path.exists() else None
                path.write_bytes(data)
                if stamp:
                    os.utime(path, (stamp, stamp))
                continue
            return f"{kind}: {where} ({there})"
        table = chance.choice([name for name in one.contract.tables if name not in one.contract.covers])
        book = opened(one.path)
        scene = scene_of(book, one.contract.tables[table])
        plant = IN_TABLES[kind] if kind in IN_TABLES else _planted(kind)
        there = plant(Spot(one, scene, chance, cycle, config))
        if there is False:
            continue
        if one.path.suffix == ".csv" and kind in IN_TABLES:
            one.replace(as_csv(book))
        else:
            one.replace(saved(book), ".xlsx")
        return f"{kind}: {where} {table} ({there})"


def sent(inbox: Path, cycle: Cycle, config: Config) -> list[Sent]:
    """Return what the sources sent, but for what no figure is made of."""
    found = []
    for source, contract in config.contracts.items():
        for path in sorted((inbox / cycle.folder / source).rglob("*.*")):
            if source != "uniformed_personnel":
                found.append(Sent(path, contract, path.parent.name if contract.sent_by == "missions" else None))
    return found


def opened(path: Path) -> Workbook:
    """Return a file as a workbook, also where it is a text."""
    if path.suffix != ".csv":
        return openpyxl.load_workbook(path)
    book = Workbook()
    assert isinstance(book.active, Worksheet)
    for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
        book.active.append([_typed_cell(cell) for cell in row])
    return book


def as_csv(book: Workbook) -> bytes:
    """Return the sheet of such a workbook as a text again."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(
        [[_as_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    )
    return buffer.getvalue().encode()


def scene_of(book: Workbook, table: Table) -> Scene:
    """Return the sheet of a table and where its header stands."""
    known = {normalised_header(name) for name in table.sheet}
    sheet = next((one for one in book.worksheets if normalised_header(one.title) in known), book.worksheets[0])
    names = {normalised_header(one) for name, column in table.columns.items() for one in (name, *column.spellings)}
    counts = [_known(row, names) for row in sheet.iter_rows(max_row=3, values_only=True)]
    return Scene(book, sheet, table, counts.index(max(counts)) + 1)


def _known(row: Iterable[object], names: set[str]) -> int:
    return sum(normalised_header(str(cell)) in names for cell in row if cell)


def _typed_cell(cell: str) -> object:
    if cell.isdigit() and not cell.startswith("0"):
        return int(cell)
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return cell or None


def _as_text(cell: object) -> object:
    return cell.date().isoformat() if isinstance(cell, datetime) else cell
