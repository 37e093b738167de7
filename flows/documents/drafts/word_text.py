"""What stands in a .docx, and where in its XML: each passage with the pieces of text that it is put together from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from xml.parsers import expat

from flows.core.xml_edits import NotXml
from flows.documents.drafts.gathering import LONG_CELL, Gathered, is_caption, tidy
from flows.documents.drafts.package import Package
from flows.documents.drafts.passages import Cell, Kind, Passage
from flows.documents.drafts.word_letters import Letters, TooDeep, number
from flows.documents.drafts.word_pieces import Control, Located, Paragraph, Piece, Text
from flows.documents.drafts.word_styles import Style, styles


@dataclass
class _Cell:
    cell: Cell
    paragraphs: list[Paragraph] = field(default_factory=list)


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
        except TooDeep as deep:
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


class _Reader(Letters):
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
        super().__init__(data)
        self.located: list[Located] = []
        self.controls: list[Control] = []
        self._part, self._kind, self._found, self._known = part, kind, found, known
        self._headings, self._referred = headings, referred
        self._page = 1 if kind is Kind.PARAGRAPH and b"lastRenderedPageBreak" in data else None
        self._paragraphs = 0
        self._tables: list[_Table] = []
        # cells and text boxes, innermost last; None is a text box
        self._within: list[_Cell | None] = []
        self._heading: tuple[str, ...] | None = None
        self._note: tuple[str, str] | None = None
        self._contents = 0

    def begun(self, local: str, prefix: str, said: Mapping[str, str], at: int) -> None:
        """Follow paragraphs, notes, and what tells how they are set."""
        match local:
            case "p":
                self._paragraphs += 1
                self._stack.append(Paragraph(self._paragraphs, prefix))
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
                self._look(local, prefix, said, at)

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
            table.column = number(said.get("val", "0"))
        elif table and local == "tc":
            table.span = 1
            self._within.append(_Cell(Cell(table.number, max(table.row, 0), table.column)))
        elif table and local == "gridSpan":
            table.span = max(1, number(said.get("val", "1")))

    def _look(self, local: str, prefix: str, said: Mapping[str, str], at: int) -> None:
        """Note how a paragraph, a run or a control is set."""
        parent, value = self._parent(), said.get("val", "")
        if local == "pStyle" and self._stack:
            self._stack[-1].style = value
        elif local == "outlineLvl" and parent == "pPr" and self._stack:
            self._stack[-1].level = number(value) + 1
        elif parent == "rPr" and self._runs and len(self._open) > 2 and self._open[-3][0] == "r":
            self.set_as(local, value)
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

    def ended(self, local: str) -> None:
        """Put what ends to where it stands."""
        match local:
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

    def _end_paragraph(self, paragraph: Paragraph) -> None:
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


def _joined(paragraphs: list[Paragraph]) -> Iterator[Piece]:
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
