"""Passages put together while a draft is read, whatever kind of file it is: numbered, and under their headings."""

from __future__ import annotations

import re

from flows.documents.drafts.passages import Cell, Kind, Passage

# a passage is compared with many names; a draft of a hundred pages has some thousand
MOST_PASSAGES = 100_000
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# what a cell holds is read as one up to here; above, as its paragraphs
LONG_CELL = 200
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
