"""A spreadsheet as LibreOffice writes it (.ods): its values and how they are shown, in one pass over its XML.

What it gives is what flows.intake.read.grids and flows.intake.read.looks give of a workbook of Excel. Nothing that
repeats is written out before it is known to be small enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from flows.intake.read import archives
from flows.intake.read.limits import Unreadable
from flows.intake.read.looks import Run, shown
from flows.intake.read.open_document.names import DRAW, OFFICE, STYLE, TABLE, TEXT
from flows.intake.read.open_document.rows import HIDDEN, Filled, Rows, Sheet
from flows.intake.read.open_document.styles import Styles
from flows.intake.read.open_document.values import number, value

__all__ = ["Sheet", "sheets"]

# what holds texts or cells that are none of a sheet: remarks, drawings, forms, what was changed, copies of other files
_BESIDE = {
    f"{OFFICE}annotation", f"{OFFICE}forms", f"{TABLE}shapes", f"{TABLE}tracked-changes", f"{TABLE}dde-links",
    f"{TEXT}note", f"{TEXT}ruby-text",
}  # fmt: skip
# what Excel and LibreOffice have; a merge may claim to reach further
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_383
# more spaces in a row say no more, and a file may claim any number of them
_MOST_SPACES = 50
_SPACE = re.compile(r"[ \t\r\n]+")


def sheets(data: bytes) -> list[Sheet]:
    """Return the sheets of a spreadsheet. Raises Unreadable where it is damaged, locked, too large, or another file."""
    archives.hold_open_document(data)
    styles = Styles()
    _parse(data, "styles.xml", styles, styles)
    book = _Book(styles)
    _parse(data, "content.xml", book, styles)
    if not book.sheets:
        raise Unreadable("truncated")
    return book.sheets


@dataclass
class _Cell:
    """A cell as its element begins, and the runs of its text."""

    said: Mapping[str, str]
    column: int
    times: int
    runs: list[Run] = field(default_factory=list)


class _Book:
    """Takes the elements of the content, and gives the sheets."""

    def __init__(self, styles: Styles) -> None:
        self.sheets: list[Sheet] = []
        self._styles = styles
        self._held = 0
        self._rows: Rows | None = None
        self._cell: _Cell | None = None
        self._row: Mapping[str, str] = {}
        self._filled: list[Filled] = []
        self._merged: list[tuple[int, int, int]] = []
        self._spans: list[str | None] = []
        # whether the groups of rows and columns that are open are shown
        self._groups: list[bool] = []
        self._in_text = False
        self._starts: dict[str, Callable[[Mapping[str, str]], None]] = {
            f"{TABLE}table-source": self._link,
            f"{TABLE}table-column": self._column,
            f"{TABLE}table-row": self._begin_row,
            f"{TABLE}table-cell": self._begin_cell,
            f"{TABLE}covered-table-cell": self._begin_cell,
            f"{TABLE}table-row-group": lambda said: self._groups.append(said.get(f"{TABLE}display") != "false"),
            f"{TABLE}table-column-group": lambda said: self._groups.append(said.get(f"{TABLE}display") != "false"),
            f"{TEXT}p": self._begin_text,
            f"{TEXT}span": lambda said: self._spans.append(said.get(f"{TEXT}style-name")),
            f"{TEXT}s": lambda said: self._run(" " * min(number(said, f"{TEXT}c"), _MOST_SPACES)),
            f"{TEXT}tab": lambda said: self._run("\t"),
            f"{TEXT}line-break": lambda said: self._run("\n"),
        }
        self._ends: dict[str, Callable[[], object]] = {
            f"{TABLE}table": self._end_table,
            f"{TABLE}table-row": self._end_row,
            f"{TABLE}table-cell": self._end_cell,
            f"{TABLE}covered-table-cell": self._end_cell,
            f"{TABLE}table-row-group": self._groups.pop,
            f"{TABLE}table-column-group": self._groups.pop,
            f"{TEXT}p": lambda: setattr(self, "_in_text", False),
            f"{TEXT}span": self._spans.pop,
        }

    def start(self, name: str, said: Mapping[str, str]) -> None:
        """Take an element's start."""
        if name == f"{TABLE}table":
            if self._rows:
                raise Unreadable("disorder", "a sheet stands in another")
            hidden = self._styles.hides(said.get(f"{TABLE}style-name", ""))
            self._rows = Rows(said.get(f"{TABLE}name", ""), hidden, self._held)
        elif self._rows and (begin := self._starts.get(name)):
            begin(said)

    def end(self, name: str) -> None:
        """Take an element's end."""
        if self._rows and (end := self._ends.get(name)):
            end()

    def text(self, said: str) -> None:
        """Take text."""
        if self._in_text:
            self._run(_SPACE.sub(" ", said))

    def _link(self, said: Mapping[str, str]) -> None:
        raise Unreadable("links")

    def _column(self, said: Mapping[str, str]) -> None:
        assert self._rows
        first = self._rows.next_column
        self._rows.next_column += number(said, f"{TABLE}number-columns-repeated")
        last = self._rows.next_column - 1
        if said.get(f"{TABLE}visibility") in HIDDEN or not all(self._groups):
            self._rows.hidden_columns.append((first, last))
        if self._styles.any_struck and (style := said.get(f"{TABLE}default-cell-style-name")):
            self._rows.column_styles.append((first, last, style))

    def _begin_row(self, said: Mapping[str, str]) -> None:
        self._row, self._filled, self._merged = said, [], []
        if self._rows:
            self._rows.next_column = 0

    def _begin_cell(self, said: Mapping[str, str]) -> None:
        assert self._rows
        if self._cell:
            raise Unreadable("disorder", "a cell stands in another")
        times = number(said, f"{TABLE}number-columns-repeated")
        self._cell = _Cell(said, self._rows.next_column, times)
        self._rows.next_column += times

    def _begin_text(self, said: Mapping[str, str]) -> None:
        if self._cell:
            self._in_text = True
            if self._cell.runs:
                self._cell.runs.append(Run("\n"))

    def _run(self, text: str) -> None:
        if not self._cell or not self._in_text:
            return
        looks = [self._styles.look("text", name) for name in self._spans]
        position = next((one.raised for one in reversed(looks) if one.raised), "").split(" ")[0]
        lowered = position == "sub" or position.startswith("-")
        raised = bool(position.strip("0%")) and not lowered
        self._cell.runs.append(Run(text, any(one.struck for one in looks), raised, lowered))

    def _end_cell(self) -> None:
        assert self._rows
        assert self._cell
        cell, self._cell = self._cell, None
        wide, high = (number(cell.said, f"{TABLE}number-{name}-spanned") for name in ("columns", "rows"))
        if wide > 1 or high > 1:
            self._merged.append((cell.column, min(cell.column + wide - 1, _LAST_COLUMN), high))
        of_runs = shown(cell.runs)
        text = value(cell.said, of_runs.text)
        if text.strip():
            struck = of_runs.struck or self._is_struck(cell)
            self._filled.append(Filled(cell.column, cell.times, text, struck, of_runs.torn))

    def _is_struck(self, cell: _Cell) -> bool:
        if not self._styles.any_struck or not self._rows:
            return False
        style = cell.said.get(f"{TABLE}style-name", self._row.get(f"{TABLE}default-cell-style-name"))
        if style is None:
            columns = self._rows.column_styles
            style = next((name for first, last, name in columns if first <= cell.column <= last), None)
        return bool(self._styles.look("table-cell", style).struck)

    def _end_row(self) -> None:
        assert self._rows
        shown_as = self._row.get(f"{TABLE}visibility", "visible") if all(self._groups) else "collapse"
        times, row = number(self._row, f"{TABLE}number-rows-repeated"), self._rows.next_row
        self._rows.add(self._filled, times, shown_as)
        self._rows.merged += [
            (top, left, min(top + high - 1, _LAST_ROW), right)
            for left, right, high in self._merged
            # of a row without values, which may be there a million times, the first is enough
            for top in range(row, row + times if self._filled else row + 1)
        ]

    def _end_table(self) -> None:
        assert self._rows
        self._held += self._rows.held
        self.sheets.append(self._rows.sheet())
        self._rows = None


def _parse(data: bytes, part: str, to: _Book | Styles, styles: Styles) -> None:
    """Go through a part of the archive; what holds no text or cell of a sheet is passed by."""
    beside = 0

    def start(name: str, said: dict[str, str]) -> None:
        nonlocal beside
        if beside or name in _BESIDE or name.startswith(DRAW):
            beside += 1
            return
        to.start(name, said)
        if to is not styles and name.startswith(STYLE):
            styles.start(name, said)

    def end(name: str) -> None:
        nonlocal beside
        if beside:
            beside -= 1
            return
        to.end(name)
        if to is not styles and name.startswith(STYLE):
            styles.end(name)

    def text(said: str) -> None:
        if not beside:
            to.text(said)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    there = False
    try:
        for piece in archives.parts(data, part):
            there = True
            parser.Parse(piece, False)
        if there:
            parser.Parse(b"", True)
    except (expat.ExpatError, ValueError):
        raise Unreadable("truncated") from None
