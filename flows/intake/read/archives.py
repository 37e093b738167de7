"""What a workbook is inside, before anything parses it: an archive of parts, each unpacked piece by piece.

Nothing that the archive says of itself is believed; flows.intake.read.limits has the numbers.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from flows.intake.read.kinds import other_archive, other_document
from flows.intake.read.limits import (
    MB,
    MOST_CELLS,
    MOST_ENTRIES,
    MOST_ERROR_CELLS,
    MOST_EXPANDED_MB,
    MOST_PART_MB,
    MOST_RATIO,
    MOST_STRINGS,
    MOST_UNPLACED_MB,
    SMALL_PART_MB,
    Unreadable,
    expands,
    hold_cells,
    times,
    too_many_cells,
)
from flows.intake.read.sheet_reach import Reach, placed

_PIECE = 1 << 20
_CENTRAL, _END = b"PK\x01\x02", b"PK\x05\x06"
# the end of an archive, with the longest comment
_LONGEST_END = 22 + 0xFFFF
# what stands before a part, without its name
_LOCAL_BYTES = 30
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MACROS = re.compile(r"vbaproject.*\.bin$|(^|/)(macrosheets|dialogsheets)/", re.IGNORECASE)
_SCRIPTS = re.compile(r"^basic/(?!(?:\w+/)?script-l[bc]\.xml$).*[^/]$|^scripts/.*[^/]$")
_SHEETS = re.compile(r"/worksheets/|^content\.xml$")
_MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject|ms-excel\.(?:macrosheet|intlmacrosheet)", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(^|/)externallinks/|^xl/connections\.xml$", re.IGNORECASE)
# what may be seen otherwise than it is stored, by the part that says so; patterns that begin with two signs or more are
# found faster than bytes, and each alone much faster than all in one
_MARKS: tuple[tuple[re.Pattern[str], tuple[re.Pattern[bytes], ...]], ...] = tuple(
    (re.compile(names), tuple(map(re.compile, marks)))
    for names, marks in (
        (r"/worksheets/", (rb"mergeCell", rb"<f[> ]", rb"vertAlign", rb"<strike", rb":worksheet")),
        (r"^xl/workbook\.xml$", (rb'state="[hv]', rb"state='", rb":workbook")),
        (r"^xl/sharedstrings\.xml$", (rb"vertAlign", rb"strike")),
        (r"^xl/styles\.xml$", (rb"%", rb'numFmtId="9"', rb'numFmtId="10"', rb"strike", rb"numFmtId='")),
    )
)
# LibreOffice writes hidden="false" for each row and column
_HIDDEN = re.compile(rb"hidden=.(?:1|t)")
_IN_A = re.compile(rb"""<c r="A[0-9]+"[^<>]*[^/]><(?!/)""")
# in UTF-8 and in either order of UTF-16
_DECLARES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


@dataclass(frozen=True)
class Signs:
    """What a look at a workbook's bytes says of how it is to be read, without having parsed anything.

    `marked` are the parts in which something may be hidden, merged, computed or set otherwise than as plain text, or
    whose cells may not begin in column A; where there are none, values alone say all that a reader sees.
    """

    marked: frozenset[str] = frozenset()

    @property
    def plain(self) -> bool:
        """Whether nothing but values matters."""
        return not self.marked


def hold_workbook(data: bytes) -> Signs:
    """Refuse an archive that is no workbook of cells alone, or that unpacks to more than one holds.

    Returns what the bytes say of how it is to be read. Raises Unreadable: it is damaged or locked, no workbook, has
    macros or links to other files, is put together as no spreadsheet program does it, or is too large inside.
    """
    entries = _entries(data)
    names = [entry.filename.lower() for entry in entries]
    if "xl\\workbook.xml" in names:
        raise Unreadable("backslashes")
    # the reader would try other kinds, too
    if problem := other_archive(names):
        raise Unreadable(problem)
    if any(map(_MACROS.search, names)):
        raise Unreadable("macros")
    if any(map(_ELSEWHERE.search, names)):
        raise Unreadable("links")
    _hold_order(entries)
    cells = expanded = 0
    marked = set()
    for entry in entries:
        for piece in (part := _Part(data, entry)).pieces():
            expanded += len(piece)
            if expanded > times() * MOST_EXPANDED_MB * MB:
                raise expands()
        cells += part.cells
        if cells > times() * MOST_CELLS:
            raise too_many_cells()
        if part.is_marked:
            marked.add(entry.filename)
    return Signs(frozenset(marked))


def hold_open_document(data: bytes) -> None:
    """Refuse an archive that is no spreadsheet of LibreOffice, or that unpacks to more than one holds.

    Raises Unreadable, as `hold_workbook` does.
    """
    entries = _entries(data)
    names = [entry.filename.lower() for entry in entries]
    if problem := other_document(b"".join(parts(data, "mimetype")), names):
        raise Unreadable(problem)
    if any(map(_SCRIPTS.search, names)):
        raise Unreadable("macros")
    _hold_order(entries)
    expanded = 0
    for entry in entries:
        for piece in _Part(data, entry).pieces():
            expanded += len(piece)
            if expanded > times() * MOST_EXPANDED_MB * MB:
                raise expands()
    if b"encryption-data" in b"".join(parts(data, "META-INF/manifest.xml")):
        raise Unreadable("locked")


def parts(data: bytes, name: str) -> Iterator[bytes]:
    """Yield a part of a workbook that was held before, piece by piece; nothing where there is none."""
    for entry in _entries(data):
        if entry.filename.lower() == name.lower():
            yield from _unpacked(_packed(data, entry), entry)


def _entries(data: bytes) -> list[zipfile.ZipInfo]:
    """Return what an archive lists; nothing is unpacked."""
    # counted before they are listed: each takes ten times its bytes in memory
    if data.count(_CENTRAL) > MOST_ENTRIES:
        raise Unreadable("expands")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
        if not _lists_parts_once(data):
            raise Unreadable("disorder", "it has two lists of its parts")
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error):
        raise Unreadable("truncated") from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("locked")
    return entries


def _lists_parts_once(data: bytes) -> bool:
    """Whether every reader takes the same list of parts: there is one, and its long form says the same."""
    tail = data[-_LONGEST_END:]
    if tail.count(_END) != 1:
        return False
    at = data.rfind(_END)
    short = struct.unpack_from("<HII", data, at + 10)
    locator = data[at - 20 : at]
    if at < 20 or locator[:4] != b"PK\x06\x07":
        return True
    long = struct.unpack_from("<QQQ", data, struct.unpack_from("<Q", locator, 8)[0] + 32)
    return all(one in (other, most) for one, other, most in zip(short, long, (0xFFFF, *2 * [0xFFFFFFFF]), strict=True))


def _hold_order(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse parts that lie over each other, are there twice, or have names that lead out of a folder."""
    names = [entry.filename for entry in entries]
    if len({name.lower() for name in names}) < len(names):
        raise Unreadable("disorder", "a part is there twice")
    for name in names:
        said = name.replace("\\", "/")
        if ".." in PurePosixPath(said).parts or said.startswith("/") or re.match(r"[A-Za-z]:", said):
            raise Unreadable("disorder", "a part has a name that leads out of the file")
    if any(entry.compress_type not in _PACKED for entry in entries):
        raise Unreadable("disorder", "a part is packed in an unusual way")
    free = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < free:
            raise Unreadable("disorder", "its parts lie over each other")
        free = entry.header_offset + _LOCAL_BYTES + entry.compress_size
    if sum(entry.file_size for entry in entries) > times() * MOST_EXPANDED_MB * MB:
        raise expands()


class _Part:
    """A part of a workbook as it is unpacked, piece by piece."""

    def __init__(self, data: bytes, entry: zipfile.ZipInfo) -> None:
        self._name = entry.filename.lower()
        self._entry = entry
        self._packed = _packed(data, entry)
        self._sheet = Reach()
        self._errors = self._strings = 0
        self._in_sheet = False
        self._marks = next((marks for names, marks in _MARKS if names.search(self._name)), ())
        self._begins_in_a = False
        self._has_marks = False

    @property
    def is_marked(self) -> bool:
        """Whether it holds something besides values that says what a reader of the workbook sees."""
        return self._has_marks or (self._in_sheet and self._sheet.columns > 0 and not self._begins_in_a)

    @property
    def cells(self) -> int:
        """How many cells it takes to hold the sheet, empty ones too; 0 for what is no sheet."""
        if self._sheet.unplaced:
            if self._entry.file_size > MOST_UNPLACED_MB * MB:
                raise Unreadable("too_many_cells")
            self._sheet = placed(b"".join(_unpacked(self._packed, self._entry)))
        hold_cells(self._sheet.rows, self._sheet.columns)
        return self._sheet.rows * self._sheet.columns

    def pieces(self) -> Iterator[bytes]:
        """Unpack it; raises Unreadable as soon as it holds what a workbook does not."""
        size, carried, is_xml = 0, b"", None
        most = times() * (MOST_EXPANDED_MB if _SHEETS.search(self._name) else MOST_PART_MB) * MB
        for piece in _unpacked(self._packed, self._entry):
            size += len(piece)
            shrunk = size > SMALL_PART_MB * MB and size > MOST_RATIO * self._entry.compress_size
            # of what it says of its size, too: that was added up before
            if size > most:
                raise expands()
            if size > self._entry.file_size or shrunk:
                raise Unreadable("expands")
            if is_xml is None:
                is_xml = piece.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")[:1] == b"<"
            if is_xml:
                text = carried + piece
                # the last tag may go on, and whether the one before it is empty may be seen only then
                last = text.rfind(b"<")
                end = max(text.rfind(b"<", 0, max(last, 0)), 0) if last >= 0 else len(text)
                self._look(text, end)
                carried = self._carried(text, last, end)
            yield piece
        self._look(carried, len(carried))
        if size != self._entry.file_size:
            raise Unreadable("truncated")

    def _look(self, text: bytes, end: int) -> None:
        """Look at a piece of XML, at its cells up to the end that is given."""
        # a sign that stands in each of them is found much faster
        if b"!" in text and any(mark in text for mark in _DECLARES):
            raise Unreadable("disorder", "a part declares words of its own")
        if self._name == "[content_types].xml" and _MACRO_TYPES.search(text):
            raise Unreadable("macros")
        if self._marks and not self._has_marks:
            self._has_marks = any(mark.search(text) for mark in (_HIDDEN, *self._marks))
        if self._name == "xl/sharedstrings.xml":
            self._strings += text.count(b"<si", 0, end)
        self._in_sheet = self._in_sheet or b"sheetData" in text
        if self._in_sheet and not self._sheet.unplaced:
            if b"#" in text:
                self._errors += text.count(b">#", 0, end)
            self._sheet.look(text, end)
            self._begins_in_a = self._begins_in_a or _IN_A.search(text) is not None
        if self._errors > times() * MOST_ERROR_CELLS or self._strings > times() * MOST_STRINGS:
            raise too_many_cells()

    def _carried(self, text: bytes, last: int, end: int) -> bytes:
        """Return what of a piece is looked at again with the next one."""
        rest = text[end:]
        if len(rest) <= _PIECE:
            return rest
        # no tag, and no text of a cell, is so long
        if self._in_sheet or b">" not in text[last:]:
            raise Unreadable("disorder", "a part has a tag without end")
        return b""


def _packed(data: bytes, entry: zipfile.ZipInfo) -> memoryview:
    """Return the bytes of a part as they stand in the archive, whatever size it claims."""
    at = entry.header_offset
    if data[at : at + 4] != b"PK\x03\x04" or at + _LOCAL_BYTES > len(data):
        raise Unreadable("truncated")
    name, extra = struct.unpack_from("<HH", data, at + 26)
    begin = at + _LOCAL_BYTES + name + extra
    if begin + entry.compress_size > len(data):
        raise Unreadable("truncated")
    return memoryview(data)[begin : begin + entry.compress_size]


def _unpacked(packed: memoryview, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    if entry.compress_type == zipfile.ZIP_STORED:
        for begin in range(0, len(packed), _PIECE):
            yield bytes(packed[begin : begin + _PIECE])
        return
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for begin in range(0, len(packed), _PIECE // 16):
            left: bytes | memoryview = packed[begin : begin + _PIECE // 16]
            while left and not inflating.eof:
                if piece := inflating.decompress(left, _PIECE):
                    yield piece
                left = inflating.unconsumed_tail
        while not inflating.eof and (piece := inflating.decompress(b"", _PIECE)):
            yield piece
    except zlib.error:
        raise Unreadable("truncated") from None
    if len(packed) and not inflating.eof:
        raise Unreadable("truncated")
