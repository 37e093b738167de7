"""Passages put together while a draft is read, whatever kind of file it is: numbered, and under their headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from flows.documents.drafts.passages import Cell, Kind, Passage

# a passage is compared with many names; a draft of a hundred pages has some thousand
MOST_PASSAGES = 100_000
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# what a cell holds is read as one up to here; above, as its paragraphs
LONG_CELL = 200
_LONGEST_HEADING = 90
_PRIORITY = re.compile(r"priorit(?:y|é)\s+\d+$", re.IGNORECASE)
# the level of a heading in small letters; so many of them below each other are a list
_SMALL = 3
_LIST = 3
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_NAMED = re.compile(
    r"(?:table|tableau|figure|chart|graph|graphique|box|encadré|map|carte)\s+\d+\s*[.:–—-]", re.IGNORECASE
)


class Gathered:
    """The passages of a draft so far, and under which headings the next one stands."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.tables = 0
        self._headings: list[tuple[int, str]] = []

    @property
    def heading(self) -> tuple[str, ...]:
        """The headings that hold here, outermost first."""
        return tuple(text for _, text in self._headings)

    def add(
        self,
        text: str,
        kind: Kind = Kind.PARAGRAPH,
        cell: Cell | None = None,
        page: int | None = None,
        heading: tuple[str, ...] | None = None,
    ) -> Passage:
        """Add a passage and return it; `heading` where it does not stand under those that hold here."""
        under = self.heading if heading is None else heading
        made = Passage(len(self.passages), text, kind, under, page, cell)
        self.passages.append(made)
        return made

    def head(self, text: str, level: int, page: int | None = None) -> Passage:
        """Add a heading; those of its level and below hold no longer."""
        self._headings = [one for one in self._headings if one[0] < level]
        made = self.add(text, Kind.HEADING, page=page)
        self._headings.append((level, tidy(text)))
        return made

    def table(self) -> int:
        """Return the number of a table that begins here."""
        self.tables += 1
        return self.tables - 1


def tidy(text: str) -> str:
    """Return a text in one line; spaces that do not break stay what they are."""
    return _BLANKS.sub(" ", text).strip(" ")


def is_caption(text: str) -> bool:
    """Whether a text names itself as the caption of a table, chart or box."""
    return _NAMED.match(text) is not None


def may_head(text: str) -> bool:
    """Whether a line is short and no sentence, as headings and captions are."""
    return len(text) <= _LONGEST_HEADING and text[-1:] not in ".;,:" and any(map(str.isalpha, text))


def plain_level(text: str) -> int:
    """Return the level of a heading that is set like any paragraph, by how it is written; 0 where it is none."""
    if not may_head(text) or not text[0].isupper():
        return 0
    if _PRIORITY.match(text):
        return 1
    if any(map(str.isdecimal, text)):
        return 0
    return 2 if text.isupper() else _SMALL


def with_plain_headings(passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages of a file with its styles, with what is a heading or a caption though no style says so.

    A line that stands alone heads what follows, below the headings that the file has; above a table it is its caption.
    """
    levels: list[int] = []
    for level, those in groupby(plain_level(tidy(one.text)) if _is_plain(one) else 0 for one in passages):
        many = len(list(those))
        levels += [0 if level == _SMALL and many >= _LIST else level] * many
    found: list[Passage] = []
    styled: tuple[str, ...] = ()
    plain: list[tuple[int, str]] = []
    for at, one in enumerate(passages):
        if one.kind in (Kind.NOTE, Kind.MARGIN):
            found.append(one)
            continue
        if one.heading != styled or one.kind is Kind.HEADING:
            styled, plain = one.heading, []
        text, follows = tidy(one.text), passages[at + 1] if at + 1 < len(passages) else None
        above_table = (
            follows is not None and follows.cell is not None and (follows.cell.row, follows.cell.column) == (0, 0)
        )
        if _is_plain(one) and above_table and may_head(text) and not text.isupper():
            found.append(replace(one, kind=Kind.CAPTION, heading=(*styled, *(said for _, said in plain))))
            continue
        if levels[at]:
            plain = [each for each in plain if each[0] < levels[at]]
        found.append(
            replace(
                one,
                kind=Kind.HEADING if levels[at] else one.kind,
                heading=(*styled, *(said for _, said in plain)),
            )
        )
        if levels[at]:
            plain.append((levels[at], text))
    return found


def _is_plain(one: Passage) -> bool:
    return one.kind is Kind.PARAGRAPH and one.cell is None and bool(tidy(one.text))
