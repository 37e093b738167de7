"""What a raw file may be before anything parses it: how large, how long, how deep, and without what.

A file comes from outside, so nothing that it says of itself is believed: an archive's sizes are those that unpacking
gives, a sheet's are those of its cells. Looking costs a pass over the bytes and no more memory than a piece of them.

The setting A4P_FILE_LIMITS lets files be so many times as large (bytes, rows, cells, values); how they may be put
together, and how much they may shrink, no setting changes.
"""

from __future__ import annotations

import io
import os
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import quote
from xml.parsers import expat

from flows.core import settings, visible

# twice the largest file of a hundred times the usual rows
MOST_FILE_MB = 50
# a sheet of 565,801 rows unpacks to 300 MB
MOST_EXPANDED_MB = 400
# shared strings, styles and pictures are held in memory as a whole
MOST_PART_MB = 64
# what spreadsheet programs write shrinks to a tenth, at best to a fortieth
MOST_RATIO = 100
# below this an archive may shrink as it likes: it can do no harm
SMALL_PART_MB = 8
# a workbook of fifty sheets with charts and pictures has some hundred
MOST_ENTRIES = 2_000
MOST_COLUMNS = 2_000
MOST_ROWS = 2_000_000
# a sheet is held with its empty cells, at about 40 bytes each
MOST_CELLS = 20_000_000
# each cell with an error such as #N/A is told apart, at some hundred bytes
MOST_ERROR_CELLS = 200_000
# each shared string is an object of its own, and a sheet of 500,000 remarks has as many
MOST_STRINGS = 2_000_000
# each value of JSON is an object of Python, at some hundred bytes
MOST_JSON_VALUES = 2_000_000
# 2,000 columns of 500 characters
MOST_LINE_BYTES = 1_000_000
# a sheet whose cells do not say where they stand is looked at cell by cell, a second for so much
MOST_UNPLACED_MB = 32

MB = 1_000_000
_PIECE = 1 << 20
_CENTRAL, _END = b"PK\x01\x02", b"PK\x05\x06"
# the end of an archive, with the longest comment
_LONGEST_END = 22 + 0xFFFF
# what stands before a part, without its name
_LOCAL_BYTES = 30
_ROWS_OF_A_SHEET = 1_048_576
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# gzip, bzip2, xz, Zstandard, 7-Zip, RAR, lzip
COMPRESSED = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"LZIP",
)
_MACROS = re.compile(r"vbaproject.*\.bin$|(^|/)(macrosheets|dialogsheets)/", re.IGNORECASE)
_MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject|ms-excel\.(?:macrosheet|intlmacrosheet)", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(^|/)externallinks/|^xl/connections\.xml$", re.IGNORECASE)
# directions of writing that show a name otherwise than it is
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# in UTF-8 and in either order of UTF-16
_DECLARES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


class Unreadable(Exception):
    """A file that cannot be read; `problem` is one of expectations.files.PROBLEMS, `where` says where, if anywhere."""

    def __init__(self, problem: str, where: str = "") -> None:
        """Keep the problem's code and place."""
        super().__init__(problem)
        self.problem, self.where = problem, where


def times() -> int:
    """Return how many times the usual size a file may have; raises ConfigError where the setting is wrong."""
    if handed := settings.handed_in():
        return handed.file_limits
    # kept, since a workbook's cells ask often
    return _times(os.environ.get("A4P_FILE_LIMITS"), os.getcwd())


@lru_cache
def _times(in_environment: str | None, folder: str) -> int:
    return settings.load().file_limits


def most_bytes() -> int:
    """Return how many bytes a file may have."""
    return times() * MOST_FILE_MB * MB


def is_large(size: int) -> bool:
    """Tell whether a file of so many bytes is larger than usual, so that it is better not held as a whole."""
    return size > MOST_FILE_MB * MB


def too_many_cells() -> Unreadable:
    """Return what is said of a file with more rows or cells than it may have."""
    return Unreadable("too_many_cells", f"the limit is {times() * MOST_ROWS:,} rows and {times() * MOST_CELLS:,} cells")


def expands() -> Unreadable:
    """Return what is said of a workbook that unpacks to more than it may."""
    return Unreadable("expands", f"the limit is {times() * MOST_EXPANDED_MB} MB")


def barred(path: str, size: int, is_file: bool = True) -> Unreadable | None:
    """Return why what stands at a path is not even opened; None where nothing is against it.

    `is_file` is false for a link, a pipe or a device.
    """
    if not is_file:
        return Unreadable("no_file")
    if plain_name(path) != path:
        return Unreadable("name")
    try:
        hold_size(size)
    except Unreadable as too_large:
        return too_large
    return None


def hold_size(size: int) -> None:
    """Refuse a file of so many bytes where it is too large; raises Unreadable."""
    if size > most_bytes():
        raise Unreadable("too_large", f"{-(-size // MB)} MB, and the limit is {times() * MOST_FILE_MB} MB")


def hold_cells(rows: int, columns: int) -> None:
    """Refuse a table of so many rows and columns where it is too wide, too long or too large; raises Unreadable."""
    if columns > MOST_COLUMNS:
        raise Unreadable("too_wide")
    if rows > times() * MOST_ROWS or rows * columns > times() * MOST_CELLS:
        raise too_many_cells()


def hold_text(data: bytes) -> None:
    """Refuse a CSV file that is no text, or that has a line, a width or a length that no export has.

    Raises Unreadable.
    """
    if b"\x00" in data or data.startswith(COMPRESSED):
        raise Unreadable("binary")
    ending = b"\n" if b"\n" in data else b"\r"
    if number := long_line(data, ending):
        raise Unreadable("line_too_long", f"line {number}")
    hold_cells(data.count(ending), columns_of(data, ending))


def long_line(data: bytes, ending: bytes) -> int | None:
    """Return the number, from 1, of the first line that is longer than any export has; None where there is none."""
    begin = 0
    # from the last line's end within reach to the next: most lines are never looked at
    while len(data) - begin > MOST_LINE_BYTES:
        last = data.rfind(ending, begin, begin + MOST_LINE_BYTES)
        if last < 0:
            return data.count(ending, 0, begin) + 1
        begin = last + 1
    return None


def columns_of(data: bytes, ending: bytes) -> int:
    """Return how many columns the first line of a CSV file has at most."""
    first = data[: MOST_LINE_BYTES + 1].lstrip().split(ending, 1)[0]
    return max(map(first.count, (b",", b";", b"\t", b"|"))) + 1


def hold_json(data: bytes) -> None:
    """Refuse JSON of more values than can be held; raises Unreadable."""
    if data.count(b",") + data.count(b":") > times() * MOST_JSON_VALUES:
        raise too_many_cells()


def hold_workbook(data: bytes) -> None:
    """Refuse an archive that is no workbook of cells alone, or that unpacks to more than one holds.

    Raises Unreadable: it is damaged or locked, no workbook, has macros or links to other files, is put together as no
    spreadsheet program does it, or is too large inside.
    """
    entries = _entries(data)
    names = [entry.filename.lower() for entry in entries]
    # the reader would try these other kinds, too
    if "xl/workbook.xml" not in names or {"xl/workbook.bin", "content.xml", "mimetype"} & set(names):
        raise Unreadable("no_workbook")
    if any(map(_MACROS.search, names)):
        raise Unreadable("macros")
    if any(map(_ELSEWHERE.search, names)):
        raise Unreadable("links")
    _hold_order(entries)
    cells = expanded = 0
    for entry in entries:
        for piece in (part := _Part(data, entry)).pieces():
            expanded += len(piece)
            if expanded > times() * MOST_EXPANDED_MB * MB:
                raise expands()
        cells += part.cells
        if cells > times() * MOST_CELLS:
            raise too_many_cells()


def plain_name(name: str) -> str:
    """Return a file's name or path as it can be shown and kept: what leads elsewhere or cannot be seen is written %XX.

    A name that is plain stays as it is.
    """
    parts = []
    for part in name.split("/"):
        if part in {"", ".", ".."}:
            parts.append(part.replace(".", "%2E") or "%2F")
        else:
            parts.append("".join(map(_plain, part)))
    return "/".join(parts)


def _plain(sign: str) -> str:
    if sign == "\\" or sign in _TURNING or unicodedata.category(sign) in visible.COMMANDS:
        return quote(sign.encode("utf-8", "surrogateescape"), safe="")
    return sign


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
        self._sheet = _Sheet()
        self._errors = self._strings = 0
        self._in_sheet = False

    @property
    def cells(self) -> int:
        """How many cells it takes to hold the sheet, empty ones too; 0 for what is no sheet."""
        if self._sheet.unplaced:
            if self._entry.file_size > MOST_UNPLACED_MB * MB:
                raise Unreadable("too_many_cells")
            self._sheet = _placed(b"".join(_unpacked(self._packed, self._entry)))
        hold_cells(self._sheet.rows, self._sheet.columns)
        return self._sheet.rows * self._sheet.columns

    def pieces(self) -> Iterator[bytes]:
        """Unpack it; raises Unreadable as soon as it holds what a workbook does not."""
        size, carried, is_xml = 0, b"", None
        most = times() * (MOST_EXPANDED_MB if "/worksheets/" in self._name else MOST_PART_MB) * MB
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
        if self._name == "xl/sharedstrings.xml":
            self._strings += text.count(b"<si", 0, end)
        self._in_sheet = self._in_sheet or b"sheetData" in text
        if self._in_sheet and not self._sheet.unplaced:
            if b"#" in text:
                self._errors += text.count(b">#", 0, end)
            self._sheet.look(text, end)
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


@dataclass
class _Sheet:
    """How far a sheet's cells reach, as far as it was looked at; `rows` may be up to a tenth too many.

    `unplaced` is true where a cell does not say where it stands in the way that nearly all programs write it.
    """

    columns: int = 0
    rows: int = 0
    unplaced: bool = False

    def __post_init__(self) -> None:
        """Look for a cell anywhere."""
        self._letters = self._digits = "(?!)"
        self._beyond = _not_within(self._letters, self._digits)

    def look(self, text: bytes, end: int) -> None:
        """Look at a piece of it; only cells beyond those that are known cost more than a glance."""
        if _PREFIXED.search(text):
            self.unplaced = True
            return
        at = 0
        while (found := self._beyond.search(text, at)) and found.start() < end:
            at = found.start()
            said = _REFERENCE.match(text, found.end())
            if said is None or self._is_within(said):
                self.unplaced = True
                return
            column, row = _number(said[1]), int(said[2][:9])
            if row > _ROWS_OF_A_SHEET:
                raise Unreadable("too_many_cells")
            if column > MOST_COLUMNS:
                raise Unreadable("too_wide")
            if column > self.columns:
                self.columns, self._letters = column, _letters_up_to(said[1].decode())
            if row > self.rows:
                self.rows, self._digits = _digits_up_to(row)
            hold_cells(self.rows, self.columns)
            self._beyond = _not_within(self._letters, self._digits)

    def _is_within(self, said: re.Match[bytes]) -> bool:
        return _number(said[1]) <= self.columns and int(said[2][:9]) <= self.rows


def _not_within(letters: str, digits: str) -> re.Pattern[bytes]:
    """Return what finds a start tag `c` that holds something and does not say that it stands within these."""
    attributes = r"""(?:[^<>"']++|"[^"]*+"|'[^']*+')*+"""
    return re.compile(rf"""<c(?=[\s/>])(?! r="(?:{letters})(?:{digits})")(?!{attributes}(?:(?<=/)>|></))""".encode())


_PREFIXED = re.compile(rb":c[\s/>]")
_REFERENCE = re.compile(rb' r="([A-Z]+)([1-9][0-9]*)"')


def _letters_up_to(letters: str) -> str:
    """Return a pattern of the columns up to one: `A` to `BC` for BC."""
    parts = [f"[A-Z]{{1,{len(letters) - 1}}}"] if len(letters) > 1 else []
    for at, letter in enumerate(letters):
        rest = len(letters) - at - 1
        if rest and letter > "A":
            parts.append(f"{letters[:at]}[A-{chr(ord(letter) - 1)}][A-Z]{{{rest}}}")
    return "|".join([*parts, f"{letters[:-1]}[A-{letters[-1]}]"])


def _digits_up_to(row: int) -> tuple[int, str]:
    """Return the last row that begins with the same two digits (`4711`: 4799), and a pattern of all up to it."""
    if row < 100:
        return 99, "[1-9][0-9]?"
    more = len(str(row)) - 2
    tens, ones = divmod(row // 10**more, 10)
    less = f"[1-{tens - 1}][0-9]|" if tens > 1 else ""
    # most cells of a long sheet have as many digits as its last row
    pattern = f"(?:{less}{tens}[0-{ones}])[0-9]{{{more}}}|[1-9][0-9]{{0,{more}}}"
    return (tens * 10 + ones + 1) * 10**more - 1, pattern


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number


def _placed(sheet: bytes) -> _Sheet:
    """Count where the cells of a sheet stand, of which some may not say it: each is right of the one before."""
    found = _Sheet()
    row = column = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        match name.rpartition(":")[2]:
            case "row":
                said = attributes.get("r", "")
                row, column = int(said) if said.isdecimal() and len(said) < 9 else row + 1, 0
            case "c":
                column += 1
                if place := re.fullmatch(r"([A-Za-z]{1,4})([0-9]{1,8})", attributes.get("r", "")):
                    column, row = _number(place[1].encode()), int(place[2])
            case "v" | "is" | "f":
                found.columns, found.rows = max(found.columns, column), max(found.rows, row)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(sheet, True)
    except (expat.ExpatError, ValueError):
        raise Unreadable("truncated") from None
    return found
