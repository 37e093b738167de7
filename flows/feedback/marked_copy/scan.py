"""What marking needs to know of a sheet: where its rows and cells stand in its XML, and how they look."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from xml.parsers import expat

from flows.core.xml_edits import Element, NotXml, parser, tag_end
from flows.feedback.marked_copy.package import NotMarkable

# what may follow the reference to comments in a sheet, by the order that the format demands
_BEHIND_COMMENTS = {
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
}  # fmt: skip
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
_DEFAULT_WIDTH = 8.43


@dataclass(slots=True)
class Row:
    """A row: where its start tag begins and ends and where its cells end, its style, those of its cells wanted."""

    number: int
    start: int
    inner: int
    close: int = 0
    end: int = 0
    style: int | None = None
    cells: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    starts: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Scanned:
    """A sheet. `cells` of the rows that were wanted: column to start, end of the start tag, and style."""

    data: bytes
    prefix: str = ""
    rows: list[Row] = field(default_factory=list)
    wanted: dict[int, Row] = field(default_factory=dict)
    first_column: int = 1
    columns: list[tuple[int, int, int, float]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    sheet_data: Element | None = None
    legacy_drawing: str | None = None
    behind_comments: int = 0

    def style_of_column(self, column: int) -> int:
        """Return the style of a column's cells that have none of their own."""
        return next((style for first, last, style, _ in self.columns if first <= column <= last), 0)

    def width(self, column: int) -> int:
        """Return about how many pixels wide a column is."""
        wide = next((width for first, last, _, width in self.columns if first <= column <= last), _DEFAULT_WIDTH)
        return int(wide * 7 + 5)

    def anchor(self, row: int, column: int) -> tuple[int, int]:
        """Return the cell that shows what stands here: the first one of a merged range."""
        for top, left, bottom, right in self.merged:
            if top <= row <= bottom and left <= column <= right:
                return top, left
        return row, column


class _Reader:
    """Gathers a Scanned while the XML goes by."""

    def __init__(self, data: bytes, wanted: Collection[int]) -> None:
        self.found = Scanned(data)
        self._data = data
        self._wanted = wanted
        self._depth = 0
        self._row = self._column = 0
        self._kind: str | None = None
        self._current: Row | None = None
        self._lowest: int | None = None
        self._sheet_data: tuple[str, int, int] | None = None
        self._expat = parser()
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end

    def read(self) -> Scanned:
        try:
            self._expat.Parse(self._data, True)
        except (expat.ExpatError, NotXml, ValueError):
            raise NotMarkable from None
        if self.found.sheet_data is None:
            raise NotMarkable
        self.found.first_column = self._lowest or 1
        return self.found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        local = name[name.rfind(":") + 1 :]
        at = self._expat.CurrentByteIndex
        match local:
            case "c":
                said = attributes.get("r")
                self._kind = attributes.get("t")
                self._column = _column(said) if said else self._column + 1
                current = self._current
                if current is not None and current.number in self._wanted:
                    style = int(attributes.get("s", 0))
                    current.cells[self._column] = (at, tag_end(self._data, at), style)
                    current.starts.append((self._column, at))
            case "v" | "is":
                if (self._lowest is None or self._column < self._lowest) and self._holds(at):
                    self._lowest = self._column
            case "row":
                self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
                self._column = 0
                styled = attributes.get("customFormat") in ("1", "true")
                of_row = int(attributes.get("s", 0)) if styled else None
                self._current = Row(self._row, at, tag_end(self._data, at), style=of_row)
                self.found.rows.append(self._current)
                if self._row in self._wanted:
                    self.found.wanted[self._row] = self._current
            case _:
                self._aside(local, name, attributes, at)

    def _holds(self, at: int) -> bool:
        """Whether a cell's value, which begins here, is one for the reader: a blank text is, a blank number is not."""
        if self._kind in ("str", "inlineStr"):
            return True
        inner = tag_end(self._data, at)
        return self._data[inner - 2 : inner] != b"/>" and self._data[inner : inner + 1] != b"<"

    def _aside(self, local: str, name: str, attributes: dict[str, str], at: int) -> None:
        found = self.found
        if self._depth == 1:
            found.prefix = name[: name.rfind(":") + 1]
        elif local == "sheetData":
            self._sheet_data = (name, at, tag_end(self._data, at))
        elif local == "col":
            first, last = int(attributes["min"]), int(attributes["max"])
            width = float(attributes.get("width", _DEFAULT_WIDTH))
            found.columns.append((first, last, int(attributes.get("style", 0)), width))
        elif local == "mergeCell":
            found.merged.append(_range(attributes["ref"]))
        elif local == "legacyDrawing":
            found.legacy_drawing = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), None)
        elif self._depth == 2 and not found.behind_comments:
            # controls may be wrapped in a choice between versions
            wrapped = local == "AlternateContent" and found.sheet_data is not None
            if local in _BEHIND_COMMENTS or wrapped:
                found.behind_comments = at

    def _end(self, name: str) -> None:
        self._depth -= 1
        local = name[name.rfind(":") + 1 :]
        if local == "row" and self._current is not None:
            self._current.close, self._current.end = self._closed(self._current.inner)
            self._current = None
        elif local == "sheetData" and self._sheet_data:
            full, start, inner = self._sheet_data
            close, end = self._closed(inner)
            self.found.sheet_data = Element(full, {}, self._depth, start, inner, close, end)
        elif self._depth == 0 and not self.found.behind_comments:
            self.found.behind_comments = self._expat.CurrentByteIndex

    def _closed(self, inner: int) -> tuple[int, int]:
        """Return where an element's content and the element itself end."""
        if self._data[inner - 2 : inner] == b"/>":
            return inner, inner
        close = self._expat.CurrentByteIndex
        return close, self._data.index(b">", close) + 1


def scan(data: bytes, wanted: Collection[int]) -> Scanned:
    """Read a sheet's XML; `wanted` are the rows whose cells are to be marked. Raises NotMarkable where it is no XML."""
    return _Reader(data, wanted).read()


def _column(reference: str) -> int:
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number


def _range(reference: str) -> tuple[int, int, int, int]:
    ends = [(int(row), _column(letters)) for letters, row in _REFERENCE.findall(reference)]
    if not ends:
        raise ValueError(reference)
    return (*ends[0], *ends[-1])
