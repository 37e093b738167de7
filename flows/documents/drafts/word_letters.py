"""The letters of a part of a .docx while its XML goes by: runs, fields and formulas, with where each letter stands.

Of tracked changes the text is read as it is with all of them accepted. Of a drawing that is there in two forms the
first is read; of a field its shown result.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers import expat

from flows.core.xml_edits import NotXml, tag_end
from flows.documents.drafts.gathering import RAISED
from flows.documents.drafts.word_pieces import Control, Field, Paragraph, Piece, Run

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


class TooDeep(Exception):
    """More elements, or deeper ones, than a word processor writes; the text says so."""


class Letters:
    """Gathers the letters of paragraphs while a part goes by; who derives from it follows what they stand in."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[tuple[str, int]] = []
        self._unread_from: int | None = None
        self._count = 0
        self._stack: list[Paragraph] = []
        self._runs: list[Run] = []
        self._controls: list[Control] = []
        self._choices: list[bool] = []
        self._fields: list[Field] = []
        # fields that end with the run that is read
        self._ending: list[Field] = []
        self._in_code = False
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
        """Read all of it; raises expat.ExpatError and NotXml where it is no XML, TooDeep where no program wrote it."""
        self._expat.Parse(self._data, True)

    def begun(self, local: str, prefix: str, said: Mapping[str, str], at: int) -> None:
        """Follow an element that begins, beside those of letters."""
        raise NotImplementedError

    def ended(self, local: str) -> None:
        """Follow an element that ends, beside those of letters."""
        raise NotImplementedError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        space, local, prefix = _named(name)
        at = self._expat.CurrentByteIndex
        self._open.append((local, at))
        if self._count > MOST_ELEMENTS or len(self._open) > MOST_DEPTH:
            raise TooDeep("it is put together as no word processor does it")
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
            self._formula(local, at)
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
        run = self._runs[-1] if self._runs else None
        if run is None or self._parent() != "r":
            if local == "r":
                control = self._controls[-1] if self._controls else None
                tag = self._data[at : tag_end(self._data, at)]
                self._runs.append(Run(at, prefix, self._open[-2][1], tag, control=control))
            elif local == "fldSimple":
                self._fields.append(Field(at, code=said.get("instr", ""), shown=True))
            self.begun(local, prefix, said, at)
            return
        run.children += local != "rPr"
        if local == "rPr":
            run.properties = (at, at)
        elif local == "t":
            self._letters = (at, tag_end(self._data, at), said.get("space") == "preserve", [])
        elif local in _SIGNS or local == "sym":
            end = self._closed(at)
            self._add(_symbol(said) if local == "sym" else _SIGNS[local], at, end, (at, end), at, plain=False)
        elif local == "fldChar":
            self._field(said.get("fldCharType", ""), run)
        elif local == "instrText" and self._fields:
            self._in_code = True
        self.begun(local, prefix, said, at)

    def set_as(self, local: str, value: str) -> None:
        """Note how the run that is read is set."""
        run = self._runs[-1]
        if local == "vertAlign":
            run.raised = value == "superscript"
        elif local == "position":
            # LibreOffice raises letters so, in half points
            run.raised = run.raised or number(value) >= _RAISED_BY
        elif local == "vanish":
            run.hidden = value not in _OFF

    def _closed(self, at: int) -> int:
        """Return where an element without content ends."""
        end = tag_end(self._data, at)
        if self._data[end - 2 : end] == b"/>":
            return end
        return self._data.index(b">", self._data.index(b"</", end)) + 1

    def _field(self, kind: str, run: Run) -> None:
        if kind == "begin":
            self._fields.append(Field(run.start))
        elif kind == "separate" and self._fields:
            self._fields[-1].shown = True
        elif kind == "end" and self._fields:
            self._ending.append(self._fields.pop())

    def _formula(self, local: str, at: int) -> None:
        """Read a formula as one thing."""
        if local == "oMath" and self._math is None and self._stack:
            self._math = Run(at, self._stack[-1].prefix, self._open[-2][1], whole=True)
        elif local == "t" and self._math is not None:
            self._letters = (at, tag_end(self._data, at), True, [])

    def _characters(self, said: str) -> None:
        if self._in_code and self._fields:
            self._fields[-1].code += said
        elif self._letters is not None and self._unread_from is None:
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
        if run is None or not self._stack or run.hidden or not all(one.shown for one in self._fields):
            return
        paragraph = self._stack[-1]
        shown = said.translate(RAISED) if run.raised else said.replace("\n", " ").replace("\r", " ")
        of_field = next((one for one in self._fields if one.whole), self._fields[-1] if self._fields else None)
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
        if local == "t":
            self._read_letters()
        elif local == "instrText":
            self._in_code = False
        elif local == "fldSimple" and self._fields:
            self._fields.pop().end = self._after()
        elif run and local == "rPr" and run.properties and self._open and self._open[-1][0] == "r":
            run.properties = (run.properties[0], self._after())
        elif run and local == "r":
            run.end = self._after()
            for one in self._ending:
                one.end = run.end
            self._ending = []
            self._runs.pop()
        self.ended(local)


def _symbol(said: Mapping[str, str]) -> str:
    code = said.get("char", "")
    number = int(code, 16) if code and all(one in "0123456789abcdefABCDEF" for one in code) else 0
    font = "wingdings" if "wingdings" in said.get("font", "").lower() else said.get("font", "").lower()
    return _SYMBOLS.get((font, number & 0xFF if number >= 0xF000 else number), " ")


def number(said: str) -> int:
    """Return a whole number that an attribute says; 0 where it says none."""
    return min(int(said), 10_000) if said.isascii() and said.isdecimal() else 0


def _named(name: str) -> tuple[str, str, str]:
    """Return the namespace, the local name and the prefix of what expat calls an element or attribute."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


def _refuse(*_: object) -> None:
    raise NotXml
