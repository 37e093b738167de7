"""From the bytes of a file to grids of text: one a sheet, every cell as it stands, every row where it stood.

What a file is, is told from its content and held against its name: a page saved as .xlsx is refused by its name.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from flows.intake.read import archives, blanks, json_records, limits, open_document
from flows.intake.read.kinds import is_open_document, other_kind
from flows.intake.read.limits import Unreadable
from flows.intake.read.looks import PLAIN, Looks, looks_of
from transforms import notation

WORKBOOK, OPEN_DOCUMENT, TEXT, JSON = "workbook", "open document", "csv", "json"
SUFFIXES = {WORKBOOK: (".xlsx",), OPEN_DOCUMENT: (".ods",), TEXT: (".csv", ".txt", ".tsv"), JSON: (".json",)}
# a header stands among so many first rows
HEADER_WITHIN = 30
BOM = b"\xef\xbb\xbf"
# lines of different lengths are taken so many at a time, so that few of them are objects of Python at once
_LINES_AT_ONCE = 1_000
_QUOTED = re.compile(r'(?:(?<=[,;\t|\r\n])|\A)"(?:[^"]|"")*+"(?=[,;\t|\r\n]|\Z)')
_ERRORS = {"DIV0": "#DIV/0!", "NA": "#N/A", "NAME": "#NAME?"}


@dataclass(frozen=True)
class Grid:
    """A sheet as text: columns `0`, `1`, … and `_row`, its number in the file (from 1); blank rows are left out.

    `_length` is how many cells the row has: in a CSV file, whose `separator` is known, the lines may differ. `looks` is
    how a sheet is shown to who reads the workbook; what its cells show, `cells` has.
    """

    sheet: str | None
    cells: pl.DataFrame
    separator: str | None = None
    looks: Looks = PLAIN

    @cached_property
    def beginning(self) -> list[list[str | None]]:
        """The cells of the rows in which a header may stand, without space around them; a blank one is None."""
        rows = self.cells.drop("_row", "_length").head(HEADER_WITHIN).iter_rows()
        return [[notation.seen(cell).strip() or None if cell else None for cell in row] for row in rows]

    def address(self, column: int, row: int | None = None) -> str:
        """Return where a column of the grid stands in the sheet, such as C, or a cell of it, such as C5."""
        return f"{letters_of(column + self.looks.first_column)}{'' if row is None else row}"


def letters_of(column: int) -> str:
    """Return the letters of a column, whose number is from 0."""
    letters = ""
    column += 1
    while column:
        column, last = divmod(column - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


def grids(data: bytes, name: str) -> list[Grid]:
    """Read a CSV, JSON, xlsx or ods file.

    Raises Unreadable where it is none of these, is named otherwise than it is, is damaged, locked or empty, or where
    flows.intake.read.limits refuses it.
    """
    limits.hold_size(len(data))
    kind = kind_of(data)
    suffix = PurePosixPath(name).suffix.lower()
    if kind == WORKBOOK and suffix == ".xlsm":
        raise Unreadable("macros")
    if suffix not in SUFFIXES[kind]:
        # an archive of another kind is called what it is
        if kind == WORKBOOK:
            blanks.hold_workbook(data)
        elif kind == OPEN_DOCUMENT:
            archives.hold_open_document(data)
        archive = kind in (WORKBOOK, OPEN_DOCUMENT)
        raise Unreadable("named_otherwise", f"holds {'an' if archive else 'a'} {SUFFIXES[kind][0][1:]} file")
    if kind == WORKBOOK:
        data, signs = blanks.hold_workbook(data)
        return _workbook(data, looks_of(data, signs))
    if kind == OPEN_DOCUMENT:
        return [Grid(name, cells_of(cells), looks=looks) for name, cells, looks in open_document.sheets(data)]
    if kind == JSON:
        limits.hold_json(data)
        # the names stand as row 0, so that the first record is row 1
        return [Grid(None, cells_of(json_records.table(_decoded(data)), first_row=0))]
    limits.hold_text(data)
    _decoded(data)
    return [_delimited(data.removeprefix(BOM))]


def kind_of(data: bytes) -> str:
    """Tell from its bytes what a file is: WORKBOOK, OPEN_DOCUMENT, TEXT or JSON. Raises Unreadable where it is none."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise Unreadable("empty")
    if data[:4] == b"PK\x03\x04":
        return OPEN_DOCUMENT if is_open_document(data) else WORKBOOK
    if problem := other_kind(data):
        raise Unreadable(problem)
    if start[:1] in b"[{":
        return JSON
    if b"\x00" in data[:4096] or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("utf16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "binary")
    return TEXT


def _decoded(data: bytes) -> str:
    data = data.removeprefix(BOM)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable("encoding", f"line {line}") from None


def _workbook(data: bytes, looks: Mapping[str, Looks]) -> list[Grid]:
    import fastexcel

    try:
        book = fastexcel.read_excel(data)
        found = []
        for sheet in book.sheet_names:
            loaded = book.load_sheet(
                sheet, header_row=None, skip_rows=0, dtypes="string", skip_whitespace_tail_rows=False
            )
            look = looks.get(sheet, PLAIN)
            found.append(Grid(sheet, cells_of(_as_shown(_with_errors(loaded), look)), looks=look))
    except fastexcel.FastExcelError:
        raise Unreadable("truncated") from None
    except BaseException as error:
        # a part that the reader never thought of; what it raises then is no Exception
        if type(error).__name__ == "PanicException":
            raise Unreadable("truncated") from None
        raise
    return found


def _with_errors(sheet: Any) -> pl.DataFrame:
    """Return a sheet's cells; one that holds an error such as #DIV/0! says so instead of being blank."""
    batch, errors = sheet.to_arrow_with_errors()
    if batch.num_columns == 0:
        return pl.DataFrame()
    frame = pl.DataFrame(pl.from_arrow(batch))
    said: dict[int, tuple[list[int], list[str]]] = {}
    for error in errors.errors if errors else ():
        row, column = error.offset_position
        found = re.search(r"Error\((\w+)\)", error.detail)
        code = found[1].upper() if found else "ERROR"
        rows, codes = said.setdefault(column, ([], []))
        rows.append(row)
        codes.append(_ERRORS.get(code, f"#{code}!"))
    # a column at a time: each change of one copies it
    return frame.with_columns(frame.to_series(column).scatter(*one) for column, one in said.items())


def _as_shown(frame: pl.DataFrame, looks: Looks) -> pl.DataFrame:
    """Return a sheet's cells with what they show, where that is not what is stored."""
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), text in looks.texts.items():
        by_column.setdefault(column - looks.first_column, {})[row - 1] = text
    if not by_column:
        return frame
    # what has no result is no cell for the reader of values
    height = max(frame.height, *(max(texts) + 1 for texts in by_column.values()))
    width = max(frame.width, max(by_column) + 1)
    limits.hold_cells(height, width)
    columns = []
    for number in range(width):
        given = frame.to_series(number) if number < frame.width else pl.Series([], dtype=pl.String)
        series = given.extend_constant(None, height - given.len()).alias(str(number))
        texts = by_column.get(number, {})
        columns.append(series.scatter(list(texts), list(texts.values())) if texts else series)
    return pl.DataFrame(columns)


def _delimited(data: bytes) -> Grid:
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    separator = separator_of(data)
    # of a quote that does not close Polars says all that follows, several times over
    # wider than is allowed it may be with blanks alone, of which the slow reader holds few at once
    narrow = data.split(b"\n", 1)[0].count(separator.encode()) < limits.MOST_COLUMNS
    if narrow and data.count(b'"') % 2 == 0:
        try:
            frame = pl.read_csv(data, has_header=False, infer_schema=False, separator=separator, extra_columns="raise")
            if frame.width > 1 and is_rectangular(frame, data, separator):
                return Grid(None, cells_of(frame), separator)
        except pl.exceptions.PolarsError:
            pass
    # lines of different lengths, or a quote that does not close: the slow reader says where
    return Grid(None, _ragged(data, separator), separator)


def is_rectangular(frame: pl.DataFrame, data: bytes, separator: str) -> bool:
    """Whether every line had all the cells: Polars fills up short ones without a word, so separators are counted."""
    inside = 0
    if b'"' in data:
        inside = frame.select(pl.all().str.count_matches(separator, literal=True).sum()).sum_horizontal().item()
    return frame.height * (frame.width - 1) + inside == data.count(separator.encode())


def separator_of(data: bytes) -> str:
    """Tell the separator: it stands equally often in most lines; what stands in quotes is no separator."""
    head = data[: limits.MOST_LINE_BYTES].decode(errors="ignore")
    if '"' in head:
        head = _QUOTED.sub("", head)
    lines = head.splitlines()[:30]

    def stands(mark: str) -> tuple[int, int, int]:
        times = [line.count(mark) for line in lines if mark in line]
        return max(Counter(times).values(), default=0), len(times), sum(times)

    return max(",;\t|", key=stands)


def _ragged(data: bytes, separator: str) -> pl.DataFrame:
    parts: list[pl.DataFrame] = []
    lengths: list[pl.Series] = []
    height = width = 0
    for frame, of_lines in lines_of(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), separator):
        height, width = height + frame.height, max(width, frame.width)
        limits.hold_cells(height, width)
        parts.append(frame)
        lengths.append(of_lines)
    if not parts:
        return cells_of(pl.DataFrame())
    return cells_of(pl.concat(parts, how="diagonal", rechunk=True), lengths=pl.concat(lengths))


def lines_of(text: Iterable[str], separator: str) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
    """Yield lines of different lengths, some at a time, and how many cells each has. Raises Unreadable."""
    reader = csv.reader(text, delimiter=separator, strict=True)
    try:
        while lines := list(islice(reader, _LINES_AT_ONCE)):
            lengths = pl.Series([len(line) for line in lines], dtype=pl.UInt32)
            if max(map(len, lines)) > limits.MOST_COLUMNS:
                # what a program writes out to the last column there is, is blank there, or too wide
                lines = [line[: _end_of(line)] for line in lines]
            yield _frame(lines), lengths
    except csv.Error:
        raise Unreadable("truncated") from None


def _end_of(line: Sequence[str]) -> int:
    """Return how many cells of a line there are up to the last that holds something."""
    return next((number for number in range(len(line), 0, -1) if line[number - 1].strip()), 0)


def _frame(lines: Sequence[Sequence[str]]) -> pl.DataFrame:
    columns = {
        str(number): [line[number] or None if number < len(line) else None for line in lines]
        for number in range(max(1, *map(len, lines)))
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def cells_of(frame: pl.DataFrame, *, first_row: int = 1, lengths: pl.Series | None = None) -> pl.DataFrame:
    """Return cells as `Grid.cells` has them; `lengths` says how many each row has, where it is not all of them."""
    limits.hold_cells(frame.height, frame.width)
    longest = frame.select(pl.all().str.len_bytes().max()).max_horizontal().item() if frame.width else 0
    if (longest or 0) > limits.MOST_LINE_BYTES:
        raise Unreadable("line_too_long")
    frame = frame.rename(dict(zip(frame.columns, map(str, range(frame.width)), strict=True)))
    marked = frame.with_columns(
        _row=pl.int_range(first_row, first_row + frame.height, dtype=pl.UInt32),
        _length=pl.lit(frame.width, pl.UInt32) if lengths is None else lengths,
    )
    holding = _holding(frame)
    return marked if holding is None else marked.filter(holding)


def _holding(frame: pl.DataFrame) -> pl.Series | None:
    """Return which rows hold something; None where all do. Mostly the first column says it of all of them."""
    holding = pl.repeat(not frame.width, frame.height, dtype=pl.Boolean, eager=True)
    for column in frame.iter_columns():
        holding |= (column.str.strip_chars() != "").fill_null(False)
        if holding.all():
            return None
    return holding if frame.width else None
