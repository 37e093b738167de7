"""Files of a sample spoilt as a whole: missing, cut off, another one in their place, another cycle on the cover."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import openpyxl
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook

from config import Contract, Cycle
from tests.support.troubles import saved

LOGIN_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your session is over.</body></html>\n"


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
    other = file.chance.choice([each for each in file.every if each.path != file.sent.path])
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
    _cover(book, 1).value = file.chance.choice([each.mission for each in file.every if each.mission])
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
    cell = sheet.cell(3 if sheet["B1"].value is None else 2, column)
    assert isinstance(cell, Cell)
    return cell
