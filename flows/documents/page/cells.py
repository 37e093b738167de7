"""The cells that small tables are made of: a value with its status, yes or no, a share."""

from __future__ import annotations

from collections.abc import Sequence

from flows.core import wording
from flows.core.wording import number
from flows.documents import words
from flows.documents.page.model import Cell, Notes, Release, Row

NONE = Cell("–", kind="absent")


def count(value: float | None) -> Cell:
    """Return a number, or a dash where there is none."""
    return NONE if value is None else Cell(number(value), kind="number")


def percent(part: float | None, whole: float | None, decimals: int = 0) -> Cell:
    """Return what share a part is of a whole."""
    return Cell(wording.share(part, whole, decimals), kind="number") if part is not None and whole else NONE


def value(found: float | None, status: str | None, notes: Notes) -> Cell:
    """Return a number with the note of its status, or the word for its absence."""
    if found is None:
        mark = "" if status == "M" else notes.of_status(status)
        return Cell(words.ABSENT.get(status or "", "–"), mark, "absent")
    return Cell(number(found), notes.of_status(status), "number")


def reported(row: Row | None, column: str, notes: Notes) -> Cell:
    """Return a count that stands beside its observation status."""
    return NONE if row is None else value(row[column], row[f"{column}_obs_status"], notes)


def unless_suppressed(row: Row, column: str, notes: Notes) -> Cell:
    """Return a count, or that it is suppressed."""
    return value(row[column], "Q", notes) if suppressed(row, column) else count(row[column])


def suppressed(row: Row, column: str) -> bool:
    """Tell whether a count of a row is suppressed."""
    return bool(row.get(f"{column}_obs_status") == "Q")


def whole_of(release: Release, rows: Sequence[Row], column: str, figure: str) -> float | None:
    """Add up a column; where something in it is suppressed, return the figure for the whole instead."""
    if any(suppressed(row, column) for row in rows):
        made = release.figure(figure)
        found: float | None = made["value"] if made else None
        return found
    known = [row[column] for row in rows if row[column] is not None]
    return sum(known) if known else None


def yes_no(answer: bool | None, notes: Notes, status: str = "O") -> Cell:
    """Return yes or no; what no answer means its status says, by itself that none was received."""
    if answer is None:
        return Cell(words.ABSENT[status], notes.of_status(status), "absent")
    return Cell("Yes", kind="yes") if answer else Cell("No", kind="no")


def added_up(rows: Sequence[Row], column: str) -> Cell:
    """Add up a column of numbers that have no status."""
    known = [row[column] for row in rows if row[column] is not None]
    return count(sum(known) if known else None)


def mission_headings(missions: Sequence[str]) -> list[Cell]:
    """Return the heading of each row; a mission that stands in the row above too is set back."""
    return [
        Cell(mission, kind="again" if at and missions[at - 1] == mission else "") for at, mission in enumerate(missions)
    ]
