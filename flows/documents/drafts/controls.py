"""Numbers of a .docx that are kept up to date: content controls put around them, read, and filled anew.

A control's tag says which number it is; Word shows its title. What stands in it keeps the look that it has.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.core.xml_edits import Edit, as_xml, spliced
from flows.documents.drafts.gathering import RAISED
from flows.documents.drafts.package import Package
from flows.documents.drafts.passages import Link
from flows.documents.drafts.word_edits import (
    BEGINS,
    BLANKS_KEPT,
    ENDS,
    Insertions,
    begin_of,
    covering,
    end_of,
    name_of,
    same_place,
)
from flows.documents.drafts.word_pieces import Control, Located, Piece, Text
from flows.documents.drafts.word_text import text_of

# all tags of ours begin so
OURS = "a4p:"
LONGEST_TAG = 64
_SHOWN = "draft.docx"
_MOST_BEFORE = 40
_LOWERED = {raised: digit for digit, raised in RAISED.items()}


@dataclass(frozen=True)
class Held:
    """What a control holds: its number in the file, its tag and text, the text before it in its passage.

    `text` is None where it holds more than a stretch of one paragraph, and cannot be filled.
    """

    number: int
    tag: str
    text: str | None
    before: str
    passage: int


def linked(content: bytes, links: Sequence[Link], shown: str = _SHOWN) -> bytes:
    """Return a .docx with a content control around the letters of each link.

    What is in a control of ours already gets the link's tag and title. Letters that no control can hold, since they
    stand in several places of the file, stay as they are; `controls` tells which tags there are then.

    Raises NotReadable as reading does, ValueError where a tag is longer than Word allows.
    """
    package = Package(shown, content)
    text = text_of(package)
    known = {one.passage.number: one for one in text.located}
    put = {part: Insertions(data) for part, data in text.data.items()}
    renamed: dict[str, list[Edit]] = {part: [] for part in text.data}
    taken = {one.identity for held in text.controls.values() for one in held}
    for link in links:
        if len(link.tag) > LONGEST_TAG:
            raise ValueError(link.tag)
        located = known[link.passage]
        pieces = covering(located, link.start, link.end)
        if not pieces:
            continue
        control = pieces[0].run.control
        if control is not None and (control.tag or "").startswith(OURS):
            renamed[located.part] += _renamed(control, link)
        elif _can_hold(pieces, control):
            _enclose(put[located.part], pieces, link, _identity(link, taken))
    changed = {}
    for part, insertions in put.items():
        if edits := insertions.edits() + renamed[part]:
            changed[part] = spliced(text.data[part], edits)
    return package.written(changed) if changed else content


def controls(content: bytes, shown: str = _SHOWN) -> list[Held]:
    """Return the controls of ours that a .docx has, in their order; raises NotReadable as reading does."""
    text = text_of(Package(shown, content))
    return [_held(number, control, text) for number, (_, control) in enumerate(_ours(text))]


def filled(content: bytes, values: Mapping[int, str], shown: str = _SHOWN) -> bytes:
    """Return a .docx in which controls, by their numbers, hold other texts; every other part is byte for byte the same.

    Raises NotReadable as reading does, ValueError for a control that cannot be filled.
    """
    package = Package(shown, content)
    text = text_of(package)
    edits: dict[str, list[Edit]] = {}
    for number, (part, control) in enumerate(_ours(text)):
        if number not in values:
            continue
        if not _is_fillable(control):
            raise ValueError(control.tag)
        edits.setdefault(part, []).extend(_filling(control, values[number], text.data[part]))
    changed = {part: spliced(text.data[part], made) for part, made in edits.items() if made}
    return package.written(changed) if changed else content


def _ours(text: Text) -> list[tuple[str, Control]]:
    return [
        (part, one)
        for part, held in text.controls.items()
        for one in sorted(held, key=lambda one: one.start)
        if (one.tag or "").startswith(OURS)
    ]


def _is_fillable(control: Control) -> bool:
    return len(control.paragraphs) == 1 and any(one.plain for one in control.pieces)


def _held(number: int, control: Control, text: Text) -> Held:
    tag = control.tag or ""
    if not _is_fillable(control):
        return Held(number, tag, None, "", -1)
    said = "".join(one.text for one in control.pieces)
    located = _of(control.pieces[0], text)
    if located is None:
        return Held(number, tag, said, "", -1)
    at = next(one.at for one in located.pieces if one.start == control.pieces[0].start)
    return Held(number, tag, said, located.passage.text[max(0, at - _MOST_BEFORE) : at], located.passage.number)


def _of(piece: Piece, text: Text) -> Located | None:
    return next((one for one in text.located if any(held.run is piece.run for held in one.pieces)), None)


def _can_hold(pieces: Sequence[Piece], control: Control | None) -> bool:
    """Whether a control can stand around these letters: not in one that holds only text, nor around half a field."""
    within_plain = control is not None and control.is_plain
    return not within_plain and not pieces[0].run.whole and same_place(pieces)


def _enclose(insertions: Insertions, pieces: Sequence[Piece], link: Link, identity: int) -> None:
    first, last = pieces[0], pieces[-1]
    name = first.run.prefix + ":" if first.run.prefix else ""
    begin = begin_of(insertions.data, first, max(link.start, first.at))
    end = end_of(insertions.data, last, min(link.end, last.at + len(last.text)))
    said = f'<{name}alias {name}val="{as_xml(link.title)}"/><{name}tag {name}val="{as_xml(link.tag)}"/>'
    said = f'<{name}sdt><{name}sdtPr>{said}<{name}id {name}val="{identity}"/></{name}sdtPr><{name}sdtContent>'
    insertions.put(begin, BEGINS, said.encode())
    insertions.put(end, ENDS, f"</{name}sdtContent></{name}sdt>".encode())


def _renamed(control: Control, link: Link) -> list[Edit]:
    name = control.prefix + ":" if control.prefix else ""
    tag = f'<{name}tag {name}val="{as_xml(link.tag)}"/>'
    alias = f'<{name}alias {name}val="{as_xml(link.title)}"/>'
    edits = []
    if control.tag_at and control.tag != link.tag:
        edits.append((*control.tag_at, tag.encode()))
    if control.title_at and control.title != link.title:
        edits.append((*control.title_at, alias.encode()))
    return edits


def _identity(link: Link, taken: set[str | None]) -> int:
    """Return a number for a control that no other has; the same file gives the same ones."""
    made = zlib.crc32(f"{link.tag} {link.passage} {link.start}".encode()) & 0x7FFFFFFF or 1
    while str(made) in taken:
        made = made % 0x7FFFFFFF + 1
    taken.add(str(made))
    return made


def _filling(control: Control, new: str, data: bytes) -> list[Edit]:
    """Return the edits that put a text where the first letters of a control stand, and take the other letters out."""
    said = "".join(one.text for one in control.pieces)
    if said == new:
        return []
    first = next(one for one in control.pieces if one.plain)
    # digits that are raised by their look stay raised by it
    shown = new.translate(_LOWERED) if first.run.raised else new
    edits: list[Edit] = [(first.start, first.end, as_xml(shown).encode())]
    if shown != shown.strip() and not first.preserved:
        at = first.holder[0] + 1 + len(name_of(data, first))
        edits.append((at, at, BLANKS_KEPT))
    # a piece that is no plain letters may be there once for several letters
    others = {(one.start, one.end) for one in control.pieces if one is not first}
    return edits + [(start, end, b"") for start, end in others]
