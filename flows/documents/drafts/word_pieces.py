"""What stands in a .docx and where in its XML: the records that reading, marking and filling hand each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from flows.documents.drafts.passages import Passage


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
class Field:
    """What a program computes, such as the number of a table: from where to where it stands, and how it is made.

    A link is one too, and the only one whose shown text may be parted.
    """

    start: int
    end: int = 0
    code: str = ""
    shown: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing may be put in between its letters."""
        return not self.code.strip().upper().startswith(("HYPERLINK", "TOC"))


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
    of_field: Field | None
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
class Paragraph:
    """A paragraph that is read: its prefix, its pieces so far, how many letters they have, its style and level."""

    number: int
    prefix: str
    pieces: list[Piece] = field(default_factory=list)
    length: int = 0
    style: str | None = None
    level: int | None = None
