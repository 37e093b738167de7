"""What a draft holds, whatever kind of file it is: passages of text in the order in which a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a passage is in its document."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    CAPTION = "caption"
    CELL = "cell"
    NOTE = "note"
    BOX = "text box"
    # printed on each page: headers, footers, page numbers
    MARGIN = "margin"


@dataclass(frozen=True)
class Cell:
    """Where a passage stands: which table of the draft, row and column, from 0 (of merged cells the first)."""

    table: int
    row: int
    column: int


@dataclass(frozen=True)
class Passage:
    """A stretch of text that a person reads as one, without line breaks of the layout.

    number: its place in the draft, from 0. page: from 1, where the file has pages. heading: the headings that it stands
    under, outermost first. cell: where it stands, if it is in a table.
    """

    number: int
    text: str
    kind: Kind
    heading: tuple[str, ...] = ()
    page: int | None = None
    cell: Cell | None = None


@dataclass(frozen=True)
class Draft:
    """A draft as it was read: its file's name, the kind of file (docx, pdf, html, md, txt), and its passages."""

    name: str
    form: str
    passages: Sequence[Passage]


@dataclass(frozen=True)
class Remark:
    """What is to be written beside some characters of a passage: text[start:end].

    colour: a verdict of flows.documents.drafts.page.VERDICTS, by which page and PDF choose a colour.
    """

    passage: int
    start: int
    end: int
    text: str
    colour: str


@dataclass(frozen=True)
class Link:
    """Some characters of a passage that are to be kept up to date: text[start:end], and what they are tagged with.

    tag: which figure or cell, of which mission, in which form; no longer than Word allows (64 characters).
    title: the same for people.
    """

    passage: int
    start: int
    end: int
    tag: str
    title: str
