"""The words of a page as paragraphs and tables, in the order in which a person reads them.

A page says where its letters stand, and nothing else. Programs write what belongs together one behind the other: a
column after the column before it, a cell after the cell before it. Words that follow each other on a line are a
segment, segments below each other a paragraph; paragraphs beside each other, row after row, are a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flows.documents.drafts.pdf_letters import Box, Page, Word

# all of a letter's size: how far words of a line are from each other, where a blank parts them and where none does
_FAR_BEHIND_BLANK = 2.5
_FAR = 0.6
# from baseline to baseline
_NEXT_LINE = 1.75
_WIDE = 1.4
_NARROW = 15.0
_NEXT_ROW = 6.0
_SAME_SIZE = 0.12
_BULLET = re.compile(r"^[•‣▪●–▶→]$")
_LABEL = re.compile(r"^(?:[•‣▪●–\-*o▶→]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|\[\d{1,2}\])$")


@dataclass
class Segment:
    """Words that follow each other on a line."""

    words: list[Word]
    box: Box

    @property
    def size(self) -> float:
        """The size of its largest letters."""
        return max(one.size for one in self.words)

    @property
    def base(self) -> float:
        """Its baseline."""
        return self.words[-1].base

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(one.bold for one in self.words)


@dataclass
class Paragraph:
    """Lines that are read as one."""

    lines: list[Segment]
    box: Box


@dataclass
class CellTable:
    """Rows of cells, each with the lines in it."""

    rows: list[list[list[Segment]]]


def blocks(page: Page) -> Iterator[Paragraph | CellTable]:
    """Yield the paragraphs and tables of a page in the order in which a person reads them."""
    found = _paragraphs(_segments(page.words))
    at = 0
    rows = _rows(found)
    while at < len(rows):
        end = _table_end(rows, at)
        if end > at:
            yield _table(rows[at:end])
            at = end
        else:
            yield from rows[at]
            at += 1


def _segments(words: Sequence[Word]) -> list[Segment]:
    found: list[Segment] = []
    for word in words:
        last = found[-1] if found else None
        if last is not None and _on_line(last, word):
            last.words.append(word)
            last.box = last.box.with_(word.box)
        else:
            found.append(Segment([word], word.box))
    return found


def _on_line(segment: Segment, word: Word) -> bool:
    last = segment.words[-1]
    size = max(segment.size, word.size)
    raised = min(last.size, word.size) < 0.85 * size
    if abs(word.base - segment.base) > (0.6 if raised else 0.2) * size:
        return False
    apart = word.box.left - last.box.right
    if len(segment.words) == 1 and _LABEL.match(last.text):
        return -size < apart < 2 * _FAR_BEHIND_BLANK * size
    return -0.5 * size < apart <= (_FAR_BEHIND_BLANK if word.behind_blank else _FAR) * size


def _paragraphs(segments: Sequence[Segment]) -> list[Paragraph]:
    found: list[Paragraph] = []
    for one in segments:
        if found and _goes_on(found[-1], one) and not _ended(found[-1].lines[-1], one, segments):
            found[-1].lines.append(one)
            found[-1].box = found[-1].box.with_(one.box)
        else:
            found.append(Paragraph([one], one.box))
    return found


def _goes_on(paragraph: Paragraph, line: Segment) -> bool:
    """Whether a line belongs to the paragraph before it."""
    above = paragraph.lines[-1]
    size = above.size
    if abs(line.size - size) > _SAME_SIZE * size or line.bold != above.bold:
        return False
    if not 0.5 * size < above.base - line.base < _NEXT_LINE * size or _overlap(paragraph.box, line.box) <= 0:
        return False
    return not (len(line.words) > 1 and _BULLET.match(line.words[0].text))


def _ended(above: Segment, line: Segment, segments: Sequence[Segment]) -> bool:
    """Whether a paragraph ended with a line: the first word of the next one would have had room on it.

    Lines of cells are short for another reason: only a line of some length, or an end of a sentence, tells it.
    """
    size = above.size
    edge = max(one.box.right for one in segments if abs(one.box.left - above.box.left) < size)
    first = line.words[0]
    # cells below each other have more room between them than the lines of one
    apart = above.base - line.base > _WIDE * size
    if apart and edge - above.box.left < _NARROW * size:
        return True
    if edge - above.box.right < first.box.right - first.box.left + size:
        return False
    if above.words[-1].text[-1:] in ".:;!?":
        return True
    long = above.box.right - above.box.left > 0.4 * (edge - above.box.left)
    return (long or apart) and not first.text[:1].islower()


def _overlap(box: Box, other: Box) -> float:
    return min(box.right, other.right) - max(box.left, other.left)


def _beside(box: Box, other: Box) -> bool:
    """Whether two boxes stand at the same height."""
    return min(box.top, other.top) - max(box.bottom, other.bottom) > 0


def _rows(paragraphs: Sequence[Paragraph]) -> list[list[Paragraph]]:
    """Return paragraphs that follow each other from left to right at the same height together."""
    rows: list[list[Paragraph]] = []
    for one in paragraphs:
        row = rows[-1] if rows else None
        # a cell has several paragraphs
        if row and len(row) > 1 and one.box.left >= row[-2].box.right and _below(row[-1], one):
            row[-1].lines += one.lines
            row[-1].box = row[-1].box.with_(one.box)
        elif row and one.box.left >= row[-1].box.right and any(_beside(one.box, other.box) for other in row):
            row.append(one)
        else:
            rows.append([one])
    return rows


def _below(cell: Paragraph, one: Paragraph) -> bool:
    gap = cell.box.bottom - one.box.top
    return _overlap(cell.box, one.box) > 0 and -0.5 * one.lines[0].size < gap < 0.6 * one.lines[0].size


def _table_end(rows: Sequence[list[Paragraph]], at: int) -> int:
    """Return behind which row the table ends that begins at this one; the same where none does."""
    if len(rows[at]) < 2:
        return at
    end = at + 1
    while end < len(rows):
        table, row = rows[at:end], rows[end]
        size = row[0].lines[0].size
        if row[0].box.top > table[-1][0].box.top or _bottom(table[-1]) - row[0].box.top > _NEXT_ROW * size:
            break
        if not _fits(_columns(table), row):
            break
        follows = end + 1 < len(rows) and len(rows[end + 1]) > 1 and _fits(_columns(table), rows[end + 1])
        if len(row) == 1 and not follows:
            break
        end += 1
    return end if sum(len(row) > 1 for row in rows[at:end]) >= 2 else at


def _bottom(row: Sequence[Paragraph]) -> float:
    return min(one.box.bottom for one in row)


def _fits(columns: Sequence[Box], row: Sequence[Paragraph]) -> bool:
    """Whether a row is parted as the table is: no cell of it reaches over two columns that other cells of it fill."""
    reached = [[n for n, column in enumerate(columns) if _overlap(one.box, column) > 0] for one in row]
    if len(row) == 1:
        return len(reached[0]) <= 1
    return all(set(one).isdisjoint(other) for one, other in pairwise(reached)) or len(row) >= len(columns)


def _columns(rows: Sequence[Sequence[Paragraph]]) -> list[Box]:
    """Return what the cells of a table fill from left to right; full rows say first how many columns there are."""
    found: list[Box] = []
    for row in sorted(rows, key=len, reverse=True):
        for one in row:
            over = [column for column in found if _overlap(one.box, column) > 0]
            # a cell that is merged from several
            if len(over) > 1:
                continue
            made = one.box
            for column in over:
                made = made.with_(column)
            found = [column for column in found if column not in over] + [made]
    return sorted(found, key=lambda one: one.left)


def _table(rows: Sequence[Sequence[Paragraph]]) -> CellTable:
    columns = _columns(rows)
    made = []
    for row in rows:
        cells: list[list[Segment]] = [[] for _ in columns]
        for one in row:
            reached = [n for n, column in enumerate(columns) if _overlap(one.box, column) > 0]
            cells[reached[0] if reached else 0] += one.lines
        made.append(cells)
    return CellTable(made)
