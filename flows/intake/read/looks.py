"""What a reader of a workbook sees besides its values: what is hidden, merged, struck out, raised, or in percent.

Sheets are read for their values by flows.intake.read.grids; here, only where flows.intake.read.archives saw something
of the kind, for how these are shown. Rows count from 1 as in the sheet, columns from 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from typing import NamedTuple
from xml.parsers import expat

from config.unclear import UNCALCULATED
from flows.intake.read import archives
from flows.intake.read.elements import elements
from flows.intake.read.limits import Unreadable

_PERCENT_FORMATS = (9, 10)
_RAISED = str.maketrans("0123456789+-=()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(?:(row)|c)(?=[\s/>])([^<>]*?)(/?)>")
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref=["']([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)""")
_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^<>]*)>")
_FILTERS = re.compile(rb"""<(?:\w+:)?filterColumn\b|filterMode=["'](?:1|t)""")
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s/>])([^<>]*?)/?>")
_IN_A = re.compile(rb"""<c r="A[0-9]+"[^<>]*[^/]><(?!/)""")
# a formula without a result, or with nothing but a zero
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*0?\s*</|</(?:\w+:)?c>)"
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>([^<]*)</")
_STRUCK = re.compile(rb"""<(?:\w+:)?d?strike(?!\s+val=["'](?:0|f))[\s/>]""", re.IGNORECASE)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
# what of a format is shown as it stands
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')


@dataclass(frozen=True)
class Looks:
    """How one sheet looks. `texts` are cells that show another text than is stored, `struck` those struck out.

    `filtered` says that rows are hidden by a filter; `torn` are cells of which a part is struck out, and left out.
    """

    hidden: bool = False
    filtered: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    struck: frozenset[tuple[int, int]] = frozenset()
    torn: frozenset[tuple[int, int]] = frozenset()
    texts: Mapping[tuple[int, int], str] = field(default_factory=dict)
    first_column: int = 0

    def hides_column(self, column: int) -> bool:
        """Whether a column is hidden."""
        return any(first <= column <= last for first, last in self.hidden_columns)


PLAIN = Looks()


@dataclass(frozen=True)
class _Styles:
    """The numbers of the cell formats that show a number in percent, or strike out what they hold."""

    percent: frozenset[bytes] = frozenset()
    struck: frozenset[bytes] = frozenset()


class Run(NamedTuple):
    """A piece of a text that is set in one way."""

    text: str
    struck: bool = False
    raised: bool = False
    lowered: bool = False


@dataclass(frozen=True)
class Shown:
    """A text with runs of their own looks, as it is seen; whether all of it, or a part of it, is struck out."""

    text: str
    struck: bool = False
    torn: bool = False


def looks_of(data: bytes, signs: archives.Signs) -> dict[str, Looks]:
    """Return how the sheets of a workbook look, by their names; those that are not named have nothing to say.

    In: a workbook that `archives.hold_workbook` let pass, and what that said of it. Raises Unreadable.
    """
    if signs.plain:
        return {}
    marked = {name.lower() for name in signs.marked}
    sheets, calculates = _sheets(data)
    shared = marked & {"xl/styles.xml", "xl/sharedstrings.xml"}
    styles = _styles(data) if "xl/styles.xml" in marked else _Styles()
    strings = _strings(data) if "xl/sharedstrings.xml" in marked else {}
    found = {}
    for name, path, hidden in sheets:
        looks = Looks(hidden=hidden)
        if shared or path.lower() in marked:
            looks = replace(_looks(data, path, styles, strings, calculates), hidden=hidden)
        if looks != PLAIN:
            found[name] = looks
    return found


def column_number(letters: bytes | str) -> int:
    """Return the number of a column, from 0, by its letters."""
    number = 0
    for letter in letters.decode() if isinstance(letters, bytes) else letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _looks(data: bytes, path: str, styles: _Styles, strings: Mapping[bytes, Shown], calculates: bool) -> Looks:
    hidden_rows: set[int] = set()
    hidden_columns: list[tuple[int, int]] = []
    merged: list[tuple[int, int, int, int]] = []
    cells = _Cells(styles, strings, calculates)
    filtered = False
    for piece in _by_rows(archives.parts(data, path)):
        for said in _COLUMN.findall(piece):
            attributes = _attributes(said)
            if attributes.get(b"hidden") in (b"1", b"true"):
                hidden_columns.append((int(attributes[b"min"]) - 1, int(attributes[b"max"]) - 1))
        for left, top, right, bottom in _MERGE.findall(piece):
            merged.append((int(top), column_number(left), int(bottom), column_number(right)))
        filtered = filtered or _FILTERS.search(piece) is not None
        hidden_rows |= cells.look(piece)
    return Looks(
        filtered=filtered,
        hidden_rows=frozenset(hidden_rows),
        hidden_columns=tuple(hidden_columns),
        merged=tuple(merged),
        struck=frozenset(cells.struck),
        torn=frozenset(cells.torn),
        texts=cells.texts,
        first_column=cells.first or 0,
    )


class _Cells:
    """Gathers what the cells of a sheet show otherwise than they hold it."""

    def __init__(self, styles: _Styles, strings: Mapping[bytes, Shown], calculates: bool) -> None:
        self._styles, self._strings, self._calculates = styles, strings, calculates
        self._row = self._column = 0
        self.first: int | None = None
        self.struck: set[tuple[int, int]] = set()
        self.torn: set[tuple[int, int]] = set()
        self.texts: dict[tuple[int, int], str] = {}

    def look(self, piece: bytes) -> set[int]:
        """Look at some rows of a sheet's XML; returns those that are hidden."""
        hidden = set()
        if not self._matters(piece):
            rows = ((_attributes(said)) for said in _ROW.findall(piece) if b"hidden" in said)
            return {int(row[b"r"]) for row in rows if row[b"hidden"] in (b"1", b"true")}
        for tag in _ROW_OR_CELL.finditer(piece):
            attributes = _attributes(tag[2])
            place = attributes.get(b"r", b"")
            if tag[1]:
                self._row = int(place) if place.isdigit() else self._row + 1
                self._column = -1
                if attributes.get(b"hidden") in (b"1", b"true"):
                    hidden.add(self._row)
                continue
            letters = place.rstrip(b"0123456789")
            self._column = column_number(letters.upper()) if letters else self._column + 1
            if not tag[3]:
                end = piece.find(b"c>", tag.end())
                if end < 0:
                    # of a cell that never ends nothing can be said, nor of those behind it
                    break
                self._cell(piece[tag.end() : end], attributes)
        return hidden

    def _matters(self, piece: bytes) -> bool:
        """Whether a cell of these rows may show something otherwise, or stand left of all before."""
        if _IN_A.search(piece):
            self.first = 0
        return bool(
            self.first != 0
            or self._styles.percent
            or self._styles.struck
            or self._strings
            or any(mark in piece for mark in (b"vertAlign", b"strike", b":c"))
            or _NO_RESULT.search(piece)
        )

    def _cell(self, inner: bytes, attributes: Mapping[bytes, bytes]) -> None:
        place, kind, style = (self._row, self._column), attributes.get(b"t", b"n"), attributes.get(b"s", b"0")
        value = _VALUE.search(inner)
        stored = value[1].strip() if value else b""
        if kind != b"str" and _FORMULA.search(inner) and (not stored or (self._calculates and stored == b"0")):
            self.texts[place] = UNCALCULATED
        elif kind == b"inlineStr":
            rich = next((one.content for one in elements(inner, b"is") if one.content), None)
            if rich and (b"vertAlign" in rich or b"strike" in rich):
                self._shown(place, _shown(rich))
            stored = b"text"
        elif kind == b"s" and stored in self._strings:
            self._shown(place, self._strings[stored])
        elif kind == b"n" and stored and style in self._styles.percent:
            self.texts[place] = in_percent(stored)
        elif kind == b"str":
            stored = b"text"
        if stored or place in self.texts:
            if self.first is None or self._column < self.first:
                self.first = self._column
            if style in self._styles.struck:
                self.struck.add(place)

    def _shown(self, place: tuple[int, int], shown: Shown) -> None:
        self.texts[place] = shown.text
        if shown.struck:
            self.struck.add(place)
        if shown.torn:
            self.torn.add(place)


def in_percent(stored: bytes | str) -> str:
    """Return a number that is shown in percent as it is seen, at full precision; what is no number, as it is."""
    try:
        # fifteen digits, as the spreadsheet computes
        return f"{float(stored) * 100:.15g}%"
    except ValueError:
        return stored.decode(errors="replace") if isinstance(stored, bytes) else stored


def _by_rows(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a sheet's XML in parts that end where a row begins."""
    held: list[bytes] = []
    for piece in pieces:
        cut = piece.rfind(b"<row")
        if cut < 0:
            held.append(piece)
            continue
        yield b"".join([*held, piece[:cut]])
        held = [piece[cut:]]
    yield b"".join(held)


def _attributes(said: bytes) -> dict[bytes, bytes]:
    return {name: value for name, _, value in re.findall(rb"""([\w:]+)\s*=\s*(["'])(.*?)\2""", said)}


def _strings(data: bytes) -> dict[bytes, Shown]:
    """Return the shared texts that have a raised, lowered or struck run, by their numbers as cells name them."""
    items = elements(b"".join(archives.parts(data, "xl/sharedStrings.xml")), b"si")
    return {
        str(number).encode(): _shown(item.content)
        for number, item in enumerate(items)
        if item.content and (b"vertAlign" in item.content or b"strike" in item.content)
    }


def _shown(rich: bytes) -> Shown:
    return shown(
        Run(
            "".join(_unescaped(text.content) for text in elements(run, b"t") if text.content),
            _STRUCK.search(run) is not None,
            raised=b'val="superscript"' in run or b"val='superscript'" in run,
            lowered=b'val="subscript"' in run or b"val='subscript'" in run,
        )
        for run in (one.content for one in elements(rich, b"r") if one.content)
    )


def shown(runs: Iterable[Run]) -> Shown:
    """Return a text as it is seen: without what is struck out beside other text, raised letters as such signs."""
    said = [(_set(run), run.struck) for run in runs]
    struck = [is_struck for text, is_struck in said if text.strip()]
    torn = any(struck) and not all(struck)
    text = "".join(text for text, is_struck in said if not (torn and is_struck))
    return Shown(text, struck=bool(struck) and all(struck), torn=torn)


def _set(run: Run) -> str:
    if run.raised:
        return run.text.lower().translate(_RAISED) if run.text.strip() else run.text
    return run.text.translate(_LOWERED) if run.lowered else run.text


def _unescaped(text: bytes) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), unescape(text.decode(errors="replace")))


def _elements(data: bytes, name: str, start: Callable[[str, dict[str, str], list[str]], None]) -> None:
    """Go through a part's elements; `start` is told of each its local name, its attributes, and what it stands in."""
    around: list[str] = []

    def begins(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        start(local, {key.rpartition(":")[2]: value for key, value in attributes.items()}, around)
        around.append(local)

    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    parser.EndElementHandler = lambda tag: around.pop() and None
    try:
        parser.Parse(b"".join(archives.parts(data, name)), True)
    except (expat.ExpatError, ValueError):
        raise Unreadable("truncated") from None


def _sheets(data: bytes) -> tuple[list[tuple[str, str, bool]], bool]:
    """Return each sheet's name, path and whether it is hidden, and whether formulas are still to be calculated."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, str, bool]] = []
    calculates = False

    def of_book(local: str, attributes: dict[str, str], around: list[str]) -> None:
        nonlocal calculates
        if local == "sheet" and "name" in attributes:
            hidden = attributes.get("state", "visible") in ("hidden", "veryHidden")
            sheets.append((attributes["name"], attributes.get("id", ""), hidden))
        elif local == "calcPr":
            calculates = attributes.get("fullCalcOnLoad") in ("1", "true")

    def of_relations(local: str, attributes: dict[str, str], around: list[str]) -> None:
        if local == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"

    _elements(data, "xl/workbook.xml", of_book)
    _elements(data, "xl/_rels/workbook.xml.rels", of_relations)
    return [(name, targets.get(relation, ""), hidden) for name, relation, hidden in sheets], calculates


def _styles(data: bytes) -> _Styles:
    percent: set[str] = {str(number) for number in _PERCENT_FORMATS}
    fonts: list[bool] = []
    formats: list[tuple[bool, bool]] = []

    def of_styles(local: str, attributes: dict[str, str], around: list[str]) -> None:
        match around[-2:], local:
            case [_, "numFmts"], "numFmt":
                if "%" in _LITERAL.sub("", attributes.get("formatCode", "")):
                    percent.add(attributes.get("numFmtId", ""))
            case [_, "fonts"], "font":
                fonts.append(False)
            case ["fonts", "font"], "strike" if attributes.get("val", "1") not in ("0", "false"):
                fonts[-1] = True
            case [_, "cellXfs"], "xf":
                font = int(attributes.get("fontId", 0))
                in_percent = attributes.get("numFmtId") in percent
                formats.append((in_percent, font < len(fonts) and fonts[font]))
            case _:
                pass

    _elements(data, "xl/styles.xml", of_styles)
    numbers = [str(number).encode() for number in range(len(formats))]
    return _Styles(
        frozenset(number for number, (in_percent, _) in zip(numbers, formats, strict=True) if in_percent),
        frozenset(number for number, (_, struck) in zip(numbers, formats, strict=True) if struck),
    )
