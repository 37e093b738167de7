"""Workbooks that reach further than they hold anything: one blank in the last column of a sheet.

Blank text is nothing. Where a workbook is too wide or too long with it, it is looked at once more without.
"""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import suppress

from flows.intake.read import archives, limits
from flows.intake.read.elements import elements
from flows.intake.read.limits import MB, Unreadable

# a blank too far is a slip in a small file; what is larger is wide or long on purpose
_SMALL_MB = 8
_REACH = ("too_wide", "too_many_cells")
_SPACE = rb"(?:\s|\xc2\xa0|\xe2\x80[\x80-\x8f]|\xe3\x80\x80|&#(?:160|xA0|x20|32|9|10|13);)*"
_BLANK = re.compile(_SPACE)
# a cell's tag is short: of one that goes on and on each place would be tried with each other
_SHARED = re.compile(rb"""<c\s[^<>]{0,200}?\bt=["']s["'][^<>]{0,200}>\s*<v>([0-9]+)</v>\s*</c>""")
_INLINE = re.compile(
    rb"""<c\s[^<>]{0,200}?\bt=["'](?:inlineStr|str)["'][^<>]{0,200}>\s*(?:<is>\s*<t[^<>]*>"""
    + _SPACE
    + rb"""</t>\s*</is>|<v>"""
    + _SPACE
    + rb"""</v>)\s*</c>"""
)
_TAG = re.compile(rb"<[^<>]*>")


def hold_workbook(data: bytes) -> tuple[bytes, archives.Signs]:
    """Hold a workbook as `archives.hold_workbook` does, without its blank texts where it is too large with them.

    Returns the workbook as it is to be read. Raises Unreadable.
    """
    try:
        return data, archives.hold_workbook(data)
    except Unreadable as too_far:
        smaller = _without_blank_cells(data) if too_far.problem in _REACH else None
        if smaller is None:
            raise
        return smaller, archives.hold_workbook(smaller)


def _without_blank_cells(data: bytes) -> bytes | None:
    """Return a workbook whose sheets have no cell with a blank text; None where they have none or are too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            sizes = {entry.filename: entry.file_size for entry in book.infolist()}
    except (zipfile.BadZipFile, ValueError):
        return None
    looked_at = [name for name in sizes if "/worksheets/" in name.lower() or name.lower() == "xl/sharedstrings.xml"]
    if sum(sizes[name] for name in looked_at) > _SMALL_MB * MB:
        return None
    with suppress(Unreadable):
        parts = {name: _part(data, name) for name in sizes}
        blank = _blank_strings(next((parts[name] for name in parts if name.lower() == "xl/sharedstrings.xml"), b""))
        smaller = {
            name: _SHARED.sub(lambda cell: b"" if cell[1] in blank else cell[0], _INLINE.sub(b"", part))
            if "/worksheets/" in name.lower()
            else part
            for name, part in parts.items()
        }
        if smaller == parts:
            return None
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as book:
            for name, part in smaller.items():
                book.writestr(name, part)
        return written.getvalue()
    return None


def _part(data: bytes, name: str) -> bytes:
    pieces, size = [], 0
    for piece in archives.parts(data, name):
        size += len(piece)
        if size > limits.MOST_PART_MB * MB:
            raise Unreadable("expands")
        pieces.append(piece)
    return b"".join(pieces)


def _blank_strings(strings: bytes) -> set[bytes]:
    return {
        str(number).encode()
        for number, item in enumerate(elements(strings, b"si"))
        if _BLANK.fullmatch(_TAG.sub(b"", item.content or b""))
    }
