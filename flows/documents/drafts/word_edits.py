"""Where something can be put into the text of a .docx: before, behind and within runs, which are parted for it.

Nothing is taken out or written anew; a run that is parted is two runs that are set alike.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.core.xml_edits import Edit
from flows.documents.drafts.word_pieces import Located, Piece

BLANKS_KEPT = b' xml:space="preserve"'
# what ends is written before what begins
ENDS, BEGINS = 0, 1


@dataclass(frozen=True)
class Place:
    """A place in a part's bytes, and what must be written before and behind that which is put in there."""

    at: int
    before: bytes = b""
    behind: bytes = b""
    # where a start tag gets word that blanks are to be kept
    keeps: int | None = None


@dataclass
class Insertions:
    """What is to be put into a part, place by place."""

    data: bytes
    _at: dict[int, Place] = field(default_factory=dict)
    _new: defaultdict[int, list[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(list))

    def put(self, place: Place, order: int, new: bytes) -> None:
        """Put something in at a place; of what stands at one place, by its order."""
        self._at.setdefault(place.at, place)
        self._new[place.at].append((order, new))

    def edits(self) -> list[Edit]:
        """Return the edits of the part."""
        made, kept = list[Edit](), set[int]()
        for at, place in self._at.items():
            new = b"".join(one for _, one in sorted(self._new[at], key=lambda one: one[0]))
            made.append((at, at, place.before + new + place.behind))
            if place.keeps is not None and place.keeps not in kept:
                kept.add(place.keeps)
                made.append((place.keeps, place.keeps, BLANKS_KEPT))
        return made


def covering(located: Located, start: int, end: int) -> list[Piece]:
    """Return the pieces that have some of the letters start:end of a passage."""
    return [one for one in located.pieces if one.at < end and one.at + len(one.text) > start]


def begin_of(data: bytes, piece: Piece, letter: int) -> Place:
    """Return the place before a letter of a passage, which the piece has."""
    run, offset, of = piece.run, letter - piece.at, piece.of_field
    if of is not None and of.whole:
        return Place(of.start)
    if run.whole:
        return Place(run.start)
    if offset > 0 and piece.plain and len(piece.text) > 1:
        return _in_letters(data, piece, piece.start + _bytes(piece, offset))
    if piece.plain and piece.start > piece.inner:
        return _in_letters(data, piece, piece.start)
    return Place(run.start) if piece.child == 0 else _between(data, piece, piece.holder[0])


def end_of(data: bytes, piece: Piece, letter: int) -> Place:
    """Return the place behind the letter before this one, which the piece has."""
    run, offset, of = piece.run, letter - piece.at, piece.of_field
    if of is not None and of.whole and of.end:
        return Place(of.end)
    if run.whole:
        return Place(run.end)
    if piece.plain:
        at = piece.start + _bytes(piece, offset) if offset < len(piece.text) else piece.end
        if not data.startswith(b"</", at):
            return _in_letters(data, piece, at)
    return Place(run.end) if piece.child == run.children - 1 else _between(data, piece, piece.holder[1])


def _bytes(piece: Piece, offset: int) -> int:
    # raised digits are read as other letters than those that stand there, which have a byte each
    return (
        offset if piece.run.raised and piece.end - piece.start == len(piece.text) else len(piece.text[:offset].encode())
    )


def name_of(data: bytes, piece: Piece) -> bytes:
    """Return the name of the element that holds a piece's letters, as it stands in the file."""
    return re.split(rb"[\s/>]", data[piece.holder[0] + 1 : piece.inner], maxsplit=1)[0]


def _in_letters(data: bytes, piece: Piece, at: int) -> Place:
    name = piece.run.prefix + ":" if piece.run.prefix else ""
    element = name_of(data, piece)
    kept = piece.preserved or b"xml:space" in data[piece.holder[0] : piece.inner]
    keeps = None if kept else piece.holder[0] + 1 + len(element)
    before = b"</" + element + f"></{name}r>".encode()
    return Place(at, before, _again(data, piece) + b"<" + element + BLANKS_KEPT + b">", keeps)


def _between(data: bytes, piece: Piece, at: int) -> Place:
    name = piece.run.prefix + ":" if piece.run.prefix else ""
    return Place(at, f"</{name}r>".encode(), _again(data, piece))


def _again(data: bytes, piece: Piece) -> bytes:
    """Return the beginning of a run that is set like this one."""
    begin = piece.run.properties
    return piece.run.tag + (data[begin[0] : begin[1]] if begin else b"")


def same_place(pieces: Sequence[Piece]) -> bool:
    """Whether pieces stand side by side in one element, and in no field but a link, so that one can hold them."""
    first = pieces[0]
    if first.of_field is not None and first.of_field.whole:
        return False
    return all(one.run.parent == first.run.parent and one.of_field is first.of_field for one in pieces)
