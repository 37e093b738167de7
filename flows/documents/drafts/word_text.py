"""What stands in a .docx, and where in its XML: each passage with the pieces of text that it is put together from.

Of tracked changes the text is read as it is with all of them accepted. Of a drawing that is there in two forms the
first is read; of a field its shown result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from xml.parsers import expat

from flows.core.xml_edits import NotXml, tag_end
from flows.documents.drafts.gathering import LONG_CELL, RAISED, Gathered, is_caption, tidy
from flows.documents.drafts.package import Package
from flows.documents.drafts.passages import Cell, Kind, Passage
from flows.documents.drafts.word_styles import Style, styles

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_MATH = ("http://schemas.openxmlformats.org/officeDocument/2006/math", "http://purl.oclc.org/ooxml/officeDocument/math")
_CHOICES = "http://schemas.openxmlformats.org/markup-compatibility/2006"
# a report of a thousand pages has half of it, and text boxes in tables in text boxes a tenth
MOST_ELEMENTS = 2_000_000
MOST_DEPTH = 500
# what was taken out, how a text looked before it was changed, letters above letters
_UNREAD = frozenset(
    {"del", "moveFrom", "rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange", "sectPrChange",
     "tblGridChange", "numberingChange", "rt", "sectPr"}
)  # fmt: skip
_SIGNS = {"tab": "\t", "ptab": "\t", "br": " ", "cr": " ", "noBreakHyphen": "-"}
# letters of the fonts Wingdings and Symbol that mean something beside a number
_SYMBOLS = {
    ("wingdings", 0xDF): "←", ("wingdings", 0xE0): "→", ("wingdings", 0xE1): "↑", ("wingdings", 0xE2): "↓",
    ("symbol", 0xAC): "←", ("symbol", 0xAD): "↑", ("symbol", 0xAE): "→", ("symbol", 0xAF): "↓",
    ("symbol", 0xA3): "≤", ("symbol", 0xB3): "≥", ("symbol", 0xBB): "≈", ("symbol", 0xB1): "±",
}  # fmt: skip
_RAISED_BY = 4
_OFF = ("0", "false", "off")


@dataclass
class Control:
    """A content control: its tag and title, where these and the whole control stand, and what it holds."""

    start: int
    prefix: str
    tag: str | None = None
    title: str | None = None
    # where the elements of tag and title stand, and where more can be put in
    tag_at: tuple[int, int] | None = None
    title_at: tuple[int, int] | None = None
    is_plain: bool = False
    # whether it stands within a paragraph
    within: bool = True
    identity: str | None = None
    pieces: list[Piece] = field(default_factory=list)
    paragraphs: set[int] = field(default_factory=set)


@dataclass
class Run:
    """A stretch of text that is set alike: where it stands, what it begins with, how it is set, in what it stands."""

    start: int
    prefix: str
    parent: int
    tag: bytes = b""
    properties: tuple[int, int] | None = None
    end: int = 0
    children: int = 0
    raised: bool = False
    hidden: bool = False
    # a formula is one thing, and is not taken apart
    whole: bool = False
    control: Control | None = None


@dataclass(frozen=True)
class Piece:
    """Some letters of a passage, from its letter `at` on: the bytes start:end of the part.

    `run` has them; `holder` is the element of the run with them, its place among the run's children `child`, its
    start tag up to `inner`. `plain` letters stand as they are and can be parted.
    """

    at: int
    text: str
    start: int
    end: int
    run: Run
    holder: tuple[int, int]
    inner: int
    child: int
    plain: bool
    of_field: int
    preserved: bool = False


@dataclass(frozen=True)
class Located:
    """A passage, the part in which it stands, and its pieces."""

    passage: Passage
    part: str
    pieces: tuple[Piece, ...]
    # of which note, by its kind and number
    note: tuple[str, str] | None = None


@dataclass
class Text:
    """A .docx as it was read. `controls` are those of each part, in their order."""

    located: list[Located]
    controls: dict[str, list[Control]]
    data: dict[str, bytes]
    # where in the main part a note is referred to, by its kind and number
    referred: dict[tuple[str, str], int]


@dataclass
class _Paragraph:
    number: int
    pieces: list[Piece] = field(default_factory=list)
    length: int = 0
    style: str | None = None
    level: int | None = None


@dataclass
class _Cell:
    cell: Cell
    paragraphs: list[_Paragraph] = field(default_factory=list)


@dataclass
class _Table:
    number: int
    row: int = -1
    column: int = 0
    span: int = 1


def passages(shown: str, content: bytes) -> list[Passage]:
    """Return the passages of a .docx in their order; raises NotReadable where it is none, or cannot be read."""
    return [one.passage for one in text_of(Package(shown, content)).located]


def text_of(package: Package) -> Text:
    """Return what stands in a .docx and where: the text, its notes, then what is printed on each page."""
    found, located = Gathered(), list[Located]()
    text = Text(located, {}, {}, {})
    known = styles(package)
    headings: dict[tuple[str, str], tuple[str, ...]] = {}
    parts = [(package.main, Kind.PARAGRAPH)]
    parts += [(part, Kind.NOTE) for kind in ("footnotes", "endnotes") for part in package.related(kind)]
    parts += [(part, Kind.MARGIN) for kind in ("header", "footer") for part in package.related(kind)]
    seen = set[tuple[str, ...]]()
    for part, kind in parts:
        data = package.part(part)
        if data is None:
            continue
        reader = _Reader(data, part, kind, found, known, headings, text.referred)
        try:
            reader.read()
        except (expat.ExpatError, NotXml):
            raise package.damaged() from None
        except _TooDeep as deep:
            raise package.damaged(str(deep)) from None
        text.controls[part], text.data[part] = reader.controls, data
        said = tuple(one.passage.text for one in reader.located)
        # first, even and odd pages mostly say the same
        if kind is Kind.MARGIN and said in seen:
            del found.passages[len(found.passages) - len(said) :]
            continue
        seen.add(said)
        located += reader.located
    return text


class _TooDeep(Exception):
    """More elements, or deeper ones, than a word processor writes."""


class _Reader:
    """Gathers passages of one part while its XML goes by."""

    def __init__(
        self,
        data: bytes,
        part: str,
        kind: Kind,
        found: Gathered,
        known: Mapping[str, Style],
        headings: dict[tuple[str, str], tuple[str, ...]],
        referred: dict[tuple[str, str], int],
    ) -> None:
        self.located: list[Located] = []
        self.controls: list[Control] = []
        self._data, self._part, self._kind, self._found, self._known = data, part, kind, found, known
        self._headings, self._referred = headings, referred
        self._page = 1 if kind is Kind.PARAGRAPH and b"lastRenderedPageBreak" in data else None
        self._open: list[tuple[str, int]] = []
        self._unread_from: int | None = None
        self._count = self._paragraphs = 0
        self._stack: list[_Paragraph] = []
        self._runs: list[Run] = []
        self._tables: list[_Table] = []
        # cells and text boxes, innermost last; None is a text box
        self._within: list[_Cell | None] = []
        self._controls: list[Control] = []
        self._choices: list[bool] = []
        self._fields: list[list[int | bool]] = []
        self._heading: tuple[str, ...] | None = None
        self._note: tuple[str, str] | None = None
        self._contents = 0
        # the element whose letters are read: its start, its end of the start tag, and whether blanks are kept
        self._letters: tuple[int, int, bool, list[tuple[int, str]]] | None = None
        self._math: Run | None = None
        made = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        made.namespace_prefixes = True
        made.StartDoctypeDeclHandler = _refuse
        made.StartElementHandler, made.EndElementHandler = self._start, self._end
        made.CharacterDataHandler = self._characters
        self._expat = made

    def read(self) -> None:
        self._expat.Parse(self._data, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        space, local, prefix = _named(name)
        at = self._expat.CurrentByteIndex
        self._open.append((local, at))
        if self._count > MOST_ELEMENTS or len(self._open) > MOST_DEPTH:
            raise _TooDeep("it is put together as no word processor does it")
        if self._unread_from is not None:
            return
        if space == _CHOICES:
            self._choose(local)
        elif space in _WORD:
            if local in _UNREAD:
                self._unread_from = len(self._open)
                return
            said = {_named(key)[1]: value for key, value in attributes.items()}
            self._word(local, prefix, said, at)
        elif space in _MATH:
            self._formula(local, prefix, at)
        elif self._runs and self._parent() == "r":
            self._runs[-1].children += 1

    def _choose(self, local: str) -> None:
        """Read the first form of what is there in several."""
        if local == "AlternateContent":
            self._choices.append(False)
            if self._runs and self._parent() == "r":
                self._runs[-1].children += 1
        elif local in ("Choice", "Fallback") and self._choices:
            if self._choices[-1]:
                self._unread_from = len(self._open)
            self._choices[-1] = True

    def _parent(self) -> str:
        return self._open[-2][0] if len(self._open) > 1 else ""

    def _word(self, local: str, prefix: str, said: Mapping[str, str], at: int) -> None:
        parent = self._parent()
        run = self._runs[-1] if self._runs else None
        if parent == "r" and run is not None and local != "rPr":
            run.children += 1
        match local:
            case "p":
                self._paragraphs += 1
                self._stack.append(_Paragraph(self._paragraphs))
            case "r":
                control = self._controls[-1] if self._controls else None
                made = Run(at, prefix, self._open[-2][1], self._data[at : tag_end(self._data, at)], control=control)
                self._runs.append(made)
            case "t" if run and parent == "r":
                self._letters = (at, tag_end(self._data, at), said.get("space") == "preserve", [])
            case "tab" | "ptab" | "br" | "cr" | "noBreakHyphen" | "sym" if run and parent == "r":
                sign = _symbol(said) if local == "sym" else _SIGNS[local]
                end = self._closed(at)
                self._add(sign, at, end, (at, end), at, plain=False)
            case "fldChar" if run:
                self._field(said.get("fldCharType", ""), at)
            case "lastRenderedPageBreak" if self._page:
                self._page += 1
            case "footnoteReference" | "endnoteReference":
                note = local[: local.index("Ref")], said.get("id", "")
                self._headings[note], self._referred[note] = self._found.heading, at
            case "footnote" | "endnote":
                self._note = local, said.get("id", "")
                self._heading = self._headings.get(self._note, ())
                if said.get("type", "normal") != "normal":
                    self._unread_from = len(self._open)
            case "tbl" | "tr" | "tc" | "gridBefore" | "gridSpan" | "txbxContent":
                self._place(local, said)
            case _:
                self._look(local, parent, prefix, said, at)

    def _place(self, local: str, said: Mapping[str, str]) -> None:
        """Follow tables and text boxes."""
        table = self._tables[-1] if self._tables else None
        if local == "tbl":
            self._flush()
            self._tables.append(_Table(self._found.table()))
        elif local == "txbxContent":
            self._within.append(None)
        elif table and local == "tr":
            table.row += 1
            table.column = 0
        elif table and local == "gridBefore":
            table.column = _number(said.get("val", "0"))
        elif table and local == "tc":
            table.span = 1
            self._within.append(_Cell(Cell(table.number, max(table.row, 0), table.column)))
        elif table and local == "gridSpan":
            table.span = max(1, _number(said.get("val", "1")))

    def _look(self, local: str, parent: str, prefix: str, said: Mapping[str, str], at: int) -> None:
        """Note how a paragraph, a run or a control is set."""
        value = said.get("val", "")
        paragraph = self._stack[-1] if self._stack else None
        run = self._runs[-1] if self._runs else None
        if local == "pStyle" and paragraph:
            paragraph.style = value
        elif local == "outlineLvl" and parent == "pPr" and paragraph:
            paragraph.level = _number(value) + 1
        elif local == "rPr" and parent == "r" and run:
            run.properties = (at, at)
        elif parent == "rPr" and run and len(self._open) > 2 and self._open[-3][0] == "r":
            if local == "vertAlign":
                run.raised = value == "superscript"
            elif local == "position":
                # LibreOffice raises letters so, in half points
                run.raised = run.raised or _number(value) >= _RAISED_BY
            elif local == "vanish":
                run.hidden = value not in _OFF
        elif local == "sdt":
            self._controls.append(Control(at, prefix, within=bool(self._stack) and parent not in ("body", "tc", "tr")))
        elif parent == "sdtPr" and self._controls:
            self._control(self._controls[-1], local, value, at)
        elif local == "docPartGallery" and value.lower() == "table of contents":
            self._contents = self._contents or len(self._controls)

    def _control(self, control: Control, local: str, value: str, at: int) -> None:
        if local == "tag":
            control.tag, control.tag_at = value, (at, self._closed(at))
        elif local == "alias":
            control.title, control.title_at = value, (at, self._closed(at))
        elif local == "id":
            control.identity = value
        elif local in ("text", "date", "dropDownList", "comboBox", "picture", "checkbox"):
            control.is_plain = True

    def _closed(self, at: int) -> int:
        """Return where an element without content ends."""
        end = tag_end(self._data, at)
        if self._data[end - 2 : end] == b"/>":
            return end
        return self._data.index(b">", self._data.index(b"</", end)) + 1

    def _field(self, kind: str, at: int) -> None:
        if kind == "begin":
            self._fields.append([at, False])
        elif kind == "separate" and self._fields:
            self._fields[-1][1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _formula(self, local: str, prefix: str, at: int) -> None:
        """Read a formula as one thing."""
        if local == "oMath" and self._math is None and self._stack:
            self._math = Run(at, prefix, self._open[-2][1], whole=True)
        elif local == "t" and self._math is not None:
            self._letters = (at, tag_end(self._data, at), True, [])

    def _characters(self, said: str) -> None:
        if self._letters is not None and self._unread_from is None:
            self._letters[3].append((self._expat.CurrentByteIndex, said))

    def _read_letters(self) -> None:
        """Make pieces of the letters of an element that ends here."""
        if self._letters is None:
            return
        at, inner, preserved, chunks = self._letters
        self._letters = None
        close = self._expat.CurrentByteIndex
        end = max(self._data.index(b">", close) + 1, inner) if self._data[inner - 2 : inner] != b"/>" else inner
        for number, (start, said) in enumerate(chunks):
            stop = chunks[number + 1][0] if number + 1 < len(chunks) else close
            raw = self._data[start:stop]
            plain = raw == said.encode() or (len(said) == 1 and raw[:1] == b"&")
            if plain:
                self._add(said, start, stop, (at, end), inner, plain=True, preserved=preserved)
            else:
                self._add(said, at, end, (at, end), inner, plain=False, preserved=preserved)

    def _add(
        self, said: str, start: int, end: int, holder: tuple[int, int], inner: int, plain: bool, preserved: bool = False
    ) -> None:
        """Add letters to the paragraph; not those that tell how a field is made, and not hidden ones."""
        run = self._math or (self._runs[-1] if self._runs else None)
        if run is None or not self._stack or run.hidden or not all(shown for _, shown in self._fields):
            return
        paragraph = self._stack[-1]
        shown = said.translate(RAISED) if run.raised else said.replace("\n", " ").replace("\r", " ")
        of_field = int(self._fields[-1][0]) if self._fields else -1
        piece = Piece(
            paragraph.length, shown, start, end, run, holder, inner, run.children - 1, plain, of_field, preserved
        )
        paragraph.pieces.append(piece)
        paragraph.length += len(shown)
        for control in self._controls:
            control.pieces.append(piece)
            control.paragraphs.add(paragraph.number)

    def _end(self, name: str) -> None:
        space, local, _ = _named(name)
        depth = len(self._open)
        self._open.pop()
        if self._unread_from is not None:
            if self._unread_from == depth:
                self._unread_from = None
            return
        if space == _CHOICES:
            if local == "AlternateContent" and self._choices:
                self._choices.pop()
        elif space in _MATH:
            self._end_formula(local)
        elif space in _WORD:
            self._end_word(local)

    def _end_formula(self, local: str) -> None:
        if local == "t":
            self._read_letters()
        elif local == "oMath" and self._math is not None and not any(one == "oMath" for one, _ in self._open):
            self._math.end, self._math = self._after(), None

    def _after(self) -> int:
        """Return where the element ends whose end is read."""
        return self._data.index(b">", self._expat.CurrentByteIndex) + 1

    def _end_word(self, local: str) -> None:
        run = self._runs[-1] if self._runs else None
        match local:
            case "t":
                self._read_letters()
            case "rPr" if run and run.properties and self._open and self._open[-1][0] == "r":
                run.properties = (run.properties[0], self._after())
            case "r" if run:
                run.end = self._after()
                self._runs.pop()
            case "p" if self._stack:
                self._end_paragraph(self._stack.pop())
            case "tc" if self._within:
                self._flush()
                self._within.pop()
                if self._tables:
                    self._tables[-1].column += self._tables[-1].span
            case "tbl" if self._tables:
                self._tables.pop()
            case "txbxContent" if self._within:
                self._within.pop()
            case "sdt" if self._controls:
                self.controls.append(self._controls.pop())
                if len(self._controls) < self._contents:
                    self._contents = 0
            case _:
                pass

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        inner = self._within[-1] if self._within else None
        if inner is not None and self._kind is not Kind.MARGIN:
            inner.paragraphs.append(paragraph)
            return
        text = "".join(one.text for one in paragraph.pieces)
        if not tidy(text):
            return
        style = self._known.get(paragraph.style or "", Style())
        level = paragraph.level or style.level
        in_box = bool(self._within)
        if self._kind is not Kind.PARAGRAPH:
            made = self._found.add(text, self._kind, heading=self._heading, page=self._page)
        elif style.contents or self._contents:
            made = self._found.add(text, Kind.MARGIN, page=self._page)
        elif style.caption or is_caption(text):
            made = self._found.add(text, Kind.CAPTION, page=self._page)
        elif in_box:
            made = self._found.add(text, Kind.BOX, page=self._page)
        elif level is not None and level <= 9:
            made = self._found.head(text, level, self._page)
        else:
            made = self._found.add(text, page=self._page)
        self.located.append(Located(made, self._part, tuple(paragraph.pieces), self._note))

    def _flush(self) -> None:
        """Add what a cell holds so far: short texts as one passage, else each paragraph as one."""
        inner = self._within[-1] if self._within else None
        if inner is None:
            return
        held = [one for one in inner.paragraphs if tidy("".join(piece.text for piece in one.pieces))]
        inner.paragraphs = []
        together = sum(one.length for one in held) <= LONG_CELL
        heading = self._heading if self._kind is Kind.NOTE else None
        for pieces in [list(_joined(held))] if together and held else [one.pieces for one in held]:
            text = "".join(one.text for one in _spaced(pieces))
            made = self._found.add(text, Kind.CELL, inner.cell, self._page, heading)
            self.located.append(Located(made, self._part, tuple(pieces), self._note))


def _joined(paragraphs: list[_Paragraph]) -> Iterator[Piece]:
    """Yield the pieces of several paragraphs as of one, a space between two."""
    begin = 0
    for paragraph in paragraphs:
        for piece in paragraph.pieces:
            yield replace(piece, at=piece.at + begin)
        begin += paragraph.length + 1


def _spaced(pieces: list[Piece]) -> Iterator[Piece]:
    """Yield pieces with the spaces between paragraphs, which stand nowhere in the file."""
    at = 0
    for piece in pieces:
        if piece.at > at:
            yield replace(piece, at=at, text=" " * (piece.at - at))
        yield piece
        at = piece.at + len(piece.text)


def _symbol(said: Mapping[str, str]) -> str:
    code = said.get("char", "")
    number = int(code, 16) if code and all(one in "0123456789abcdefABCDEF" for one in code) else 0
    font = "wingdings" if "wingdings" in said.get("font", "").lower() else said.get("font", "").lower()
    return _SYMBOLS.get((font, number & 0xFF if number >= 0xF000 else number), " ")


def _number(said: str) -> int:
    return min(int(said), 10_000) if said.isascii() and said.isdecimal() else 0


def _named(name: str) -> tuple[str, str, str]:
    """Return the namespace, the local name and the prefix of what expat calls an element or attribute."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


def _refuse(*_: object) -> None:
    raise NotXml
