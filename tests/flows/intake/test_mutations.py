"""What people do to workbooks, planted into every source's files of the sample: nothing of it is silent.

`make sweep` plants every kind into every table; `make test` a sample of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook import Workbook

import sample
from config import normalised_header
from expectations.troubles import TROUBLES
from flows.feedback.check import Checked, check_data
from flows.intake.read.tables import read_file
from tests.support.files import CONFIG, CYCLE
from tests.support.sweeping import PLANTED, some
from tests.support.troubles import KINDS, UNDONE, Scene, saved

pytestmark = [pytest.mark.slow, pytest.mark.sweep]

# a sheet has no more rows here; what others refer to keeps all of them
MOST_ROWS = 30
REFERRED = {parent for one in CONFIG.contracts.values() for table in one.tables.values() for parent in table.refers_to}
EVERY = [
    (source, table, kind)
    for source, contract in CONFIG.contracts.items()
    for table in contract.tables
    if table not in contract.covers
    for kind in KINDS
]


@cache
def sent(source: str) -> tuple[bytes, str | None]:
    """Return a source's file of the sample as a workbook that is not too long, and whose it is."""
    folder = Path(inbox()) / CYCLE.folder / source
    file = next(iter(sorted(folder.glob("MINUSCA/*" if source == "mission_report" else "*"))))
    if file.suffix == ".csv":
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))[: MOST_ROWS + 1]:
            sheet.append([typed(cell) for cell in row])
    else:
        book = openpyxl.load_workbook(file)
        for name, table in CONFIG.contract(source).tables.items():
            sheet = sheet_of(book, table.sheet)
            if name not in REFERRED and sheet.max_row > MOST_ROWS:
                sheet.delete_rows(MOST_ROWS, sheet.max_row)
    return saved(book), "MINUSCA" if source == "mission_report" else None


@cache
def inbox() -> str:
    import tempfile

    folder = tempfile.mkdtemp()
    sample.write(Path(folder), CYCLE.number)
    return folder


def typed(cell: str) -> object:
    if cell.isdigit() and not cell.startswith("0"):
        return int(cell)
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return cell or None


def sheet_of(book: Workbook, names: tuple[str, ...]) -> openpyxl.worksheet.worksheet.Worksheet:
    known = {normalised_header(name) for name in names}
    return next((one for one in book.worksheets if normalised_header(one.title) in known), book.worksheets[0])


def checked(source: str, data: bytes) -> Checked:
    mission = sent(source)[1]
    return check_data(data, "sent.xlsx", datetime(2024, 6, 1, tzinfo=UTC), CONFIG, source, mission, CYCLE)


@cache
def before(source: str) -> Checked:
    return checked(source, sent(source)[0])


def said(found: Checked) -> set[tuple[object, ...]]:
    return set(found.findings.select("table", "rule", "column", "severity", "message").iter_rows())


def texts(source: str, data: bytes) -> dict[str, pl.DataFrame]:
    _, frames = read_file(data, "sent.xlsx", CONFIG.contract(source), CONFIG)
    return {name: frame.drop("_row", "_shifted") for name, frame in frames.items()}


def planted(source: str, table: str, kind: str) -> bytes | None:
    """Return the file with a kind of trouble planted into a table; None where it does not fit."""
    book = openpyxl.load_workbook(io.BytesIO(sent(source)[0]))
    definition = CONFIG.contract(source).tables[table]
    sheet = sheet_of(book, definition.sheet)
    known = {normalised_header(one) for name, column in definition.columns.items() for one in (name, *column.spellings)}
    counts = [
        sum(normalised_header(str(cell.value)) in known for cell in row if cell.value)
        for row in sheet.iter_rows(max_row=3)
    ]
    scene = Scene(book, sheet, definition, counts.index(max(counts)) + 1)
    if KINDS[kind](scene) is False:
        return None
    return saved(book)


NEW = ("has_a_result", "is_of_one_row", "is_in_latin_letters", "is_no_date", "is_a_known_country")


@pytest.mark.parametrize("source", CONFIG.contracts)
def test_what_is_right_is_warned_of_nowhere(source: str) -> None:
    rules = before(source).findings["rule"]
    of_regions = {trouble.rule for trouble in TROUBLES.values()}
    assert {rule for rule in rules if rule in of_regions or rule.endswith(NEW)} == set()


@pytest.mark.parametrize(("source", "table", "kind"), some(EVERY, 60))
def test_no_trouble_is_silent(
    source: str, table: str, kind: str, record_property: Callable[[str, object], None]
) -> None:
    data = planted(source, table, kind)
    if data is None:
        pytest.skip("this kind does not fit the table")
    new = said(checked(source, data)) - said(before(source))
    if kind in UNDONE:
        assert {one for one in new if one[3] != "info"} == set()
        now, then = texts(source, data), texts(source, sent(source)[0])
        assert {name for name in then if not now[name].equals(then[name])} == set()
    else:
        record_property(PLANTED, not new)
        assert new, f"{kind} in {table} of {source} is silent"
