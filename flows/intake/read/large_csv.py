"""A large CSV file read in pieces of bounded size: the same cells as flows.intake.read.grids reads from the whole.

The file is gone through once for what it may be, as `limits` looks at smaller ones, and once for its cells.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import polars as pl

from flows.intake.read import grids, limits
from flows.intake.read.limits import Unreadable

PIECE = 1 << 24
# a quoted cell may hold line breaks, and as much text as a line may have; what goes on for longer is no such cell
_PIECES_OF_A_RECORD = 4
_QUOTED = re.compile(rb'(?:(?<=[,;\t|\n\r])|\A)"(?:[^"]++|"")*+"(?=[,;\t|\n\r]|\Z)')


class Unalike(Exception):
    """The lines of a file have different lengths, so that its cells must be read line by line."""


class Unclear(Exception):
    """Quotes stand where they may count or not, so that nobody can tell from a piece of a file where its lines end."""


@dataclass(frozen=True)
class Lines:
    """What a large CSV file is made of: where its text begins, what ends a line, parts cells, and how many quotes."""

    file: Path
    begin: int
    ending: bytes
    separator: str
    quotes: int

    @property
    def is_plain(self) -> bool:
        """Whether every quote may have its other."""
        return self.quotes % 2 == 0


def looked_at(file: Path, name: str, piece: int = PIECE) -> Lines | None:
    """Look at a whole file before its cells are read; None where it is no CSV file, which `grids` says better.

    Raises Unreadable as flows.intake.read.grids does of the same content.
    """
    limits.hold_size(file.stat().st_size)
    with file.open("rb") as content:
        head = content.read(limits.MOST_LINE_BYTES + len(grids.BOM) + 1)
    try:
        if grids.kind_of(head) != grids.TEXT or PurePosixPath(name).suffix.lower() not in grids.SUFFIXES[grids.TEXT]:
            return None
    except Unreadable:
        return None
    ending = b"\n" if any(b"\n" in part for part in _parts(file, piece)) else b"\r"
    long = wrong = ""
    endings = quotes = at = 0
    binary = head.startswith(limits.COMPRESSED)
    begin = len(grids.BOM) if head.startswith(grids.BOM) else 0
    for lines in _whole_lines(file, ending, piece):
        binary = binary or b"\x00" in lines
        if not long and (number := limits.long_line(lines, ending)) is not None:
            long = f"line {endings + number}"
        if not wrong:
            # a file in which no line feed stands has one line by this count
            wrong = _wrong(lines if at else lines[begin:], endings if ending == b"\n" else 0)
        endings += lines.count(ending)
        quotes += lines.count(b'"')
        at += len(lines)
        if binary:
            break
    if binary:
        raise Unreadable("binary")
    if long:
        raise Unreadable("line_too_long", long)
    limits.hold_cells(endings, limits.columns_of(head, ending))
    if wrong:
        raise Unreadable("encoding", wrong)
    return Lines(file, begin, ending, grids.separator_of(head[begin:]), quotes)


def cells(lines: Lines, *, alike: bool, piece: int = PIECE) -> Iterator[pl.DataFrame]:
    """Yield the cells of a file from its first row to its last, as `Grid.cells` has them.

    `alike` reads them as lines of one length; raises Unalike as soon as they are not, and Unclear where only the whole
    file says where lines end. Without it the frames may differ in width. Raises Unreadable.
    """
    height = width = 0
    for frame, lengths in _alike(lines, piece) if alike else grids.lines_of(_text(lines), lines.separator):
        height, width = height + frame.height, max(width, frame.width)
        limits.hold_cells(height, width)
        yield grids.cells_of(frame, first_row=height - frame.height + 1, lengths=lengths)


def _alike(lines: Lines, piece: int) -> Iterator[tuple[pl.DataFrame, None]]:
    schema: dict[str, pl.DataType] | None = None
    for data in _records(lines, piece):
        try:
            frame = pl.read_csv(
                data,
                has_header=False,
                infer_schema=False,
                schema=schema,
                separator=lines.separator,
                extra_columns="raise",
            )
        except pl.exceptions.PolarsError:
            raise Unalike from None
        if frame.width < 2 or not grids.is_rectangular(frame, data, lines.separator):
            raise Unalike
        schema = dict(frame.schema)
        yield frame, None


def _records(lines: Lines, piece: int) -> Iterator[bytes]:
    """Yield a file in parts that end where a record ends: at a line's end that is in no quotes."""
    carried, begin = b"", lines.begin
    for part in _parts(lines.file, piece):
        data = carried + (part[begin:].replace(b"\r", b"\n") if lines.ending == b"\r" else part[begin:])
        begin = max(begin - len(part), 0)
        end = _record_end(data)
        if end:
            yield _well_quoted(data[:end])
        elif len(data) > _PIECES_OF_A_RECORD * max(piece, limits.MOST_LINE_BYTES):
            raise Unclear
        carried = data[end:]
    if carried:
        yield _well_quoted(carried)


def _record_end(data: bytes) -> int:
    """Return where the last record ends of which the end is there; 0 where there is none."""
    end = data.rfind(b"\n") + 1
    within = data.count(b'"', 0, end) % 2
    while end and within:
        # the line goes on in a quoted cell: back to before its quote
        before = data.rfind(b"\n", 0, data.rfind(b'"', 0, end)) + 1
        within = (within - data.count(b'"', before, end)) % 2
        end = before
    return end


def _well_quoted(data: bytes) -> bytes:
    """Return a part as it is; raises Unclear where its lines end otherwise than its quotes say."""
    if b'"' in data and any(line.count(b'"') % 2 for line in data.split(b"\n")) and b'"' in _QUOTED.sub(b"", data):
        raise Unclear
    return data


def _text(lines: Lines) -> io.TextIOWrapper:
    content = lines.file.open("rb")
    content.seek(lines.begin)
    # where no line ends otherwise, a carriage return ends it
    return io.TextIOWrapper(content, "utf-8", newline="" if lines.ending == b"\n" else None)


def _parts(file: Path, piece: int) -> Iterator[bytes]:
    with file.open("rb") as content:
        while part := content.read(piece):
            yield part


def _whole_lines(file: Path, ending: bytes, piece: int) -> Iterator[bytes]:
    """Yield a file in parts that end where a line ends; a line that is too long may be in several."""
    carried = b""
    for part in _parts(file, piece):
        data = carried + part
        # what goes on for longer is refused, and need not be held
        end = data.rfind(ending) + 1 or (len(data) if len(data) > limits.MOST_LINE_BYTES else 0)
        if end:
            yield data[:end]
        carried = data[end:]
    if carried:
        yield carried


def _wrong(lines: bytes, before: int) -> str:
    """Return in which line the text is none in UTF-8, after so many lines before; nothing where it all is."""
    try:
        lines.decode()
    except UnicodeDecodeError as error:
        number = before + lines.count(b"\n", 0, error.start) + 1
        return f"line {number}"
    return ""
