"""What stands in a PDF, and where: each passage with the box of each of its letters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from flows.documents.drafts.gathering import LONG_CELL, RAISED, Gathered, is_caption, tidy
from flows.documents.drafts.passages import Cell, Kind, Passage
from flows.documents.drafts.pdf_layout import CellTable, Paragraph, Segment, blocks
from flows.documents.drafts.pdf_letters import RAISED_BY, RAISED_SIZE, Box, Page, Word, pages

_NOTE = re.compile(r"^[¹²³⁴⁵⁶⁷⁸⁹][⁰¹²³⁴⁵⁶⁷⁸⁹]*")
_PAGE_NUMBER = re.compile(r"\W*(?:page|p\.)?\s*\d{1,4}(?:\s*(?:/|of|sur|de)\s*\d{1,4})?\W*", re.IGNORECASE)
_LONGEST_HEADING = 150
_LONGEST_BOLD = 90
# of the height of a page, above and below which what is on each page stands
_EDGE = 0.1
_FEWEST_PAGES = 3
_LARGER = 1.12
_SMALLER = 0.93


@dataclass
class Said:
    """A text and the box of each letter, None for what stands nowhere, such as the blank between two lines."""

    text: str = ""
    boxes: list[tuple[int, Box] | None] = field(default_factory=list)
    size: float = 0.0
    bold: bool = True

    def add(self, word: Word, page: int, joined: bool) -> None:
        """Add a word behind a blank, or joined to the last one."""
        if self.text and not joined:
            self.text += " "
            self.boxes.append(None)
        self.text += word.text
        self.boxes += [(page, box) for box in word.boxes]
        self.size, self.bold = max(self.size, word.size), self.bold and word.bold

    def divided(self, following: str) -> bool:
        """Whether its last word is divided and goes on with this one; the hyphen is taken out then."""
        if self.text.endswith("\u00ad") or (re.search(r"[^\W\d_]-$", self.text) and following[:1].islower()):
            self.text = self.text[:-1]
            self.boxes.pop()
            return True
        return False


@dataclass(frozen=True)
class Placed:
    """A passage of a PDF and where its letters stand: on which page, and there in which box."""

    passage: Passage
    boxes: Sequence[tuple[int, Box] | None]


@dataclass
class _Found:
    """A passage before it is known what follows."""

    said: Said
    kind: Kind
    page: int
    cell: Cell | None = None


def passages(shown: str, content: bytes) -> list[Passage]:
    """Return the passages of a PDF in the order of reading; raises NotReadable where it is none, or cannot be read."""
    return [one.passage for one in text_of(shown, content)]


def text_of(shown: str, content: bytes) -> list[Placed]:
    """Return what stands in a PDF, and where."""
    read = pages(shown, content)
    body = _usual_size(read)
    running = _running(read)
    found, gathered = list[_Found](), Gathered()
    for page in read:
        for block in blocks(page):
            if isinstance(block, CellTable):
                found += _cells(block, gathered.table(), page.number)
                continue
            said = _said(block.lines, page.number)
            kind = _kind(said, block, page, body, running)
            if not _joins(found, said, kind):
                found.append(_Found(said, kind, page.number))
    sizes = sorted({round(one.said.size, 1) for one in found if one.kind is Kind.HEADING}, reverse=True)
    placed = []
    for one in found:
        text = one.said.text.replace("\u00ad", "-")
        if not tidy(text):
            continue
        if one.kind is Kind.HEADING:
            made = gathered.head(text, sizes.index(round(one.said.size, 1)) + 1, one.page)
        else:
            made = gathered.add(text, one.kind, one.cell, one.page)
        placed.append(Placed(made, one.said.boxes))
    return placed


def _usual_size(read: Sequence[Page]) -> float:
    """Return the size of most letters."""
    sizes: Counter[float] = Counter()
    for page in read:
        for word in page.words:
            sizes[round(word.size, 1)] += len(word.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _running(read: Sequence[Page]) -> set[str]:
    """Return the lines at the edges of pages that come again and again, but for their numbers."""
    often: Counter[str] = Counter()
    for page in read:
        there = set()
        for block in blocks(page):
            if isinstance(block, Paragraph) and _at_edge(block, page):
                there.add(_without_numbers(_said(block.lines, page.number).text))
        often.update(there)
    return {text for text, pages_with in often.items() if pages_with >= _FEWEST_PAGES}


def _at_edge(block: Paragraph, page: Page) -> bool:
    return block.box.bottom > (1 - _EDGE) * page.height or block.box.top < _EDGE * page.height


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", "#", tidy(text))


def _kind(said: Said, block: Paragraph, page: Page, body: float, running: set[str]) -> Kind:
    text = tidy(said.text)
    is_number = said.size < _LARGER * body and _PAGE_NUMBER.fullmatch(text) is not None
    if _at_edge(block, page) and (_without_numbers(text) in running or is_number):
        return Kind.MARGIN
    if _NOTE.match(text) or (said.size < _SMALLER * body and re.match(r"\d{1,2} \D", text)):
        return Kind.NOTE
    if is_caption(text):
        return Kind.CAPTION
    larger = said.size >= _LARGER * body and len(text) <= _LONGEST_HEADING
    bold = said.bold and len(text) <= _LONGEST_BOLD and text[-1:] not in ".;,:" and not any(map(str.isdecimal, text))
    return Kind.HEADING if larger or bold else Kind.PARAGRAPH


def _said(lines: Sequence[Segment], page: int) -> Said:
    said = Said()
    for line in lines:
        largest = max(line.words, key=lambda one: one.size)
        for number, written in enumerate(line.words):
            word = _raised(written, largest)
            touches = number > 0 and word is not written and _near(line.words[number - 1], written)
            said.add(word, page, joined=touches or (number == 0 and said.divided(word.text)))
    return said


def _near(word: Word, sign: Word) -> bool:
    """Whether the sign of a note stands right behind a word."""
    return sign.box.left - word.box.right < word.size / 4


def _raised(word: Word, beside: Word) -> Word:
    """Return a number that is small and stands higher than the words beside it, such as a note's, in raised digits."""
    high = word.base > beside.base + RAISED_BY * beside.size and word.size < RAISED_SIZE * beside.size
    return replace(word, text=word.text.translate(RAISED)) if high and word.text.isdecimal() else word


def _cells(table: CellTable, number: int, page: int) -> Iterator[_Found]:
    for row, cells in enumerate(table.rows):
        for column, segments in enumerate(cells):
            if segments:
                said = _said(segments, page)
                yield _Found(said, Kind.CELL, page, Cell(number, row, column))


def _joins(found: Sequence[_Found], said: Said, kind: Kind) -> bool:
    """Put what goes on in the next column or on the next page to what it goes on from; tell whether it was."""
    before = next((one for one in reversed(found) if one.kind is not Kind.MARGIN), None)
    if before is None or kind is not Kind.PARAGRAPH or before.kind is not Kind.PARAGRAPH:
        return False
    open_end = before.said.text[-1:] not in '.:;!?)”"' and len(before.said.text) > LONG_CELL // 4
    if not open_end or not said.text[:1].islower() or abs(before.said.size - said.size) > 0.5:
        return False
    joined = before.said.divided(said.text)
    if not joined:
        before.said.text += " "
        before.said.boxes.append(None)
    before.said.text += said.text
    before.said.boxes += said.boxes
    return True
