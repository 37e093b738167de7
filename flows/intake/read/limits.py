"""What a raw file may be before anything parses it: how large, how long, how deep, and without what.

A file comes from outside, so nothing that it says of itself is believed: an archive's sizes are those that unpacking
gives, a sheet's are those of its cells. Looking costs a pass over the bytes and no more memory than a piece of them.

The setting A4P_FILE_LIMITS lets files be so many times as large (bytes, rows, cells, values); how they may be put
together, and how much they may shrink, no setting changes.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from urllib.parse import quote

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
# directions of writing that show a name otherwise than it is
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Unreadable(Exception):
    """A file that cannot be read; `problem` is one of expectations.files.PROBLEMS, `where` says where, if anywhere."""

    def __init__(self, problem: str, where: str = "") -> None:
        """Keep the problem's code and place."""
        super().__init__(problem)
        self.problem, self.where = problem, where


_ALLOWED: ContextVar[int | None] = ContextVar("how many times the usual size a file may have", default=None)


@contextmanager
def allowing(times: int) -> Iterator[None]:
    """Have files be so many times the usual size until the body ends, whatever the settings say."""
    before = _ALLOWED.set(times)
    try:
        yield
    finally:
        _ALLOWED.reset(before)


def times() -> int:
    """Return how many times the usual size a file may have; raises ConfigError where the setting is wrong."""
    if allowed := _ALLOWED.get():
        return allowed
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
    """Return how many columns the first line of a CSV file has at most, up to the last that holds something."""
    first = data[: MOST_LINE_BYTES + 1].lstrip().split(ending, 1)[0].rstrip(b" \t\r,;|")
    return max(map(first.count, (b",", b";", b"\t", b"|"))) + 1


def hold_json(data: bytes) -> None:
    """Refuse JSON of more values than can be held; raises Unreadable."""
    if data.count(b",") + data.count(b":") > times() * MOST_JSON_VALUES:
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
