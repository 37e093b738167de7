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
from config import Column, Config, Cycle, Table, normalised_header
from tests.support.spoilt_files import WHOLE, File, Sent
from tests.support.troubles import KINDS, Scene, saved

# a blank there says something: the post is vacant, the programme was not attended, the act was of one day
BLANK_IS_A_WORD = ("gender", "attended_on", "incident_from", "incident_to", "m49_code", "iso_alpha3")
WORDS = ("Under Validation", "-----", "No SOFA/SOMA", "None", "TBC")
TEXTS = ("see e-mail", "about 40", "n/a", "?", "not yet")
# of so many samples one has the fifty faults that the sample brings itself
ONE_IN = 20


@dataclass(frozen=True)
class Spot:
    """Where a trouble is planted: a file, the sheet of one of its tables, the dice, and what else was sent."""

    sent: Sent
    scene: Scene
    chance: Random
    cycle: Cycle
    config: Config

    def cell(self, fits: Callable[[str, Column], bool]) -> tuple[str, Cell] | None:
        """A cell that holds something, drawn from those whose columns fit, with the name of its column."""
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
        cells = ((name, self.scene.sheet.cell(row, at)) for row in rows[:40] for name, at in columns)
        return next(((name, cell) for name, cell in cells if cell.value is not None), None)


InCell = Callable[[Spot], str | bool]
IN_TABLES: dict[str, InCell] = {}


def in_table(plant: InCell) -> InCell:
    IN_TABLES[plant.__name__.replace("_", " ")] = plant
    return plant


def _put(spot: Spot, fits: Callable[[str, Column], bool], change: Callable[[str, Cell], object]) -> str | bool:
    """Change a cell whose column fits; tells which, and what stands there now."""
    drawn = spot.cell(fits)
    if drawn is None:
        return False
    name, cell = drawn
    before, after = cell.value, change(name, cell)
    if after is False:
        return False
    cell.value = after
    return f"{name} {cell.coordinate}: {before!r} is {after!r}"


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
        return spot.chance.choice([word for word in WORDS if not (none and word == "None")])

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
        others = [mission for mission in spot.config.reporting_missions if mission != cell.value]
        refers = "mission" in {column for columns in spot.scene.table.refers_to.values() for column in columns}
        return spot.chance.choice([*others, "UNMISSA"] if refers else ["UNMISSA", "UN mission", "MINUSCA/UNMISS"])

    return _put(spot, lambda name, column: name in ("mission", "mission_or_total"), wrong)


@in_table
def a_percent_in_percent_format(spot: Spot) -> str | bool:
    def share(name: str, cell: Cell) -> object:
        # without the format it is a number that is wrong in good form
        if not isinstance(cell.value, int | float):
            return False
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
    slots = [file for file in every if not file.mission]
    slots += chance.sample([file for file in every if file.mission], 8)
    chance.shuffle(slots)
    for file in slots[: chance.randint(1, 4)]:
        planted.append(_spoilt(file, every, inbox, cycle, config, chance))
    return planted


def _spoilt(file: Sent, every: list[Sent], inbox: Path, cycle: Cycle, config: Config, chance: Random) -> str:
    before = inbox / config.cycle(cycle.number - 1).folder
    where = file.mission or file.contract.source
    while True:
        kinds = chance.choice((list(WHOLE), list(IN_TABLES), list(IN_TABLES), list(KINDS)))
        kind = chance.choice(kinds)
        if kind in WHOLE:
            data, path = file.path.read_bytes(), file.path
            there = WHOLE[kind](File(file, every, before, chance, cycle))
            if there is False:
                stamp = path.stat().st_mtime if path.exists() else None
                path.write_bytes(data)
                if stamp:
                    os.utime(path, (stamp, stamp))
                continue
            return f"{kind}: {where} ({there})"
        table = chance.choice([name for name in file.contract.tables if name not in file.contract.covers])
        book = opened(file.path)
        scene = scene_of(book, file.contract.tables[table])
        plant = IN_TABLES[kind] if kind in IN_TABLES else _planted(kind)
        there = plant(Spot(file, scene, chance, cycle, config))
        if there is False:
            continue
        if file.path.suffix == ".csv" and kind in IN_TABLES:
            file.replace(as_csv(book))
        else:
            file.replace(saved(book), ".xlsx")
        return f"{kind}: {where} {table} ({there})"


def sent(inbox: Path, cycle: Cycle, config: Config) -> list[Sent]:
    """Return what the sources sent, but for what no figure is made of."""
    files = []
    for source, contract in config.contracts.items():
        for path in sorted((inbox / cycle.folder / source).rglob("*.*")):
            if source != "uniformed_personnel":
                files.append(Sent(path, contract, path.parent.name if contract.sent_by == "missions" else None))
    return files


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
    sheet = next((each for each in book.worksheets if normalised_header(each.title) in known), book.worksheets[0])
    names = {
        normalised_header(spelling) for name, column in table.columns.items() for spelling in (name, *column.spellings)
    }
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
