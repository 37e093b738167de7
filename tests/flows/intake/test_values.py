"""No value of a source keeps the others from being published: whatever a cell of counts says, a release comes of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from flows.core.records import GatedTable
from flows.documents import page, workbook
from flows.releases.make.curate import curate
from flows.releases.shelf import get, read_file, read_table
from flows.stores import Store, frames
from tests.expectations.clean import CONFIG, CYCLE, Sent, through_the_gate
from tests.expectations.rows import CLEAN
from tests.support.report_page import row_of
from tests.support.sharing import a4p, places_in, sources
from tests.support.sweeping import SWEEP

# a draw takes a second or two; make sweep looks for what is rarer
DRAWS = 300 if SWEEP else 3
pytestmark = [pytest.mark.slow, pytest.mark.sweep]
MISSIONS = ("MINUSCA", "MONUSCO", "UNIFIL")
NUMBERS = ("count", "number")
VALUES = ("", "0", "1", "2147483648", "999999999999", "9007199254740992", "9223372036854775807", "-1", "1e308")
Change = Callable[[str | None], str | None]


@dataclass(frozen=True)
class Made:
    """What came of the rows: the tables for readers, and how many rows were accepted and refused."""

    tables: dict[str, pl.DataFrame]
    staged: int
    quarantined: int


def made(change: Change, folder: Path) -> Made:
    """Send the clean rows of every source, their numbers changed, and make tables, page and workbook of them."""
    store = Store(str(folder))
    gated, staged, quarantined = [], 0, 0
    for source, contract in CONFIG.contracts.items():
        for table, definition in contract.tables.items():
            numbers = {
                name for name, column in definition.columns_read.items() if column.type in NUMBERS and name != "year"
            }
            files = {
                mission: Sent(
                    [
                        {name: change(cell) if name in numbers else cell for name, cell in row.items()}
                        for row in CLEAN[table]
                    ],
                    mission,
                )
                for mission in (MISSIONS if contract.sent_by == "missions" else MISSIONS[:1])
            }
            passed = through_the_gate(table, files)
            assert passed.staged.height + passed.quarantine.height == len(files) * len(CLEAN[table])
            staged, quarantined = staged + passed.staged.height, quarantined + passed.quarantine.height
            gated.append(GatedTable(source, table, frames.put(store, "staged", passed.staged), "", "", None))
    curated = curate(gated, {}, None, CONFIG, CYCLE, None, store)
    tables = {name: frames.scan(store, path).collect() for name, path in curated.tables.items()}
    page.render(CONFIG, CYCLE, "provisional", [], tables, left_out=list(curated.left_out))
    workbook.render(CONFIG, CYCLE, "provisional", [], tables)
    return Made(tables, staged, quarantined)


def infinite(tables: dict[str, pl.DataFrame]) -> list[tuple[str, str]]:
    """Columns with a number that is none: the outcome of a division by zero."""
    return [
        (name, column)
        for name, frame in tables.items()
        for column, kind in frame.schema.items()
        if kind.is_float() and not frame[column].drop_nulls().is_finite().all()
    ]


@pytest.mark.parametrize("value", ["0", "9007199254740992"])
def test_one_value_in_every_cell_ends_in_a_release(value, tmp_path):
    done = made(lambda _: value, tmp_path)
    assert done.staged > 50
    assert infinite(done.tables) == []
    # a zero is accepted, but where it contradicts what is stated beside it; what no count can be is not
    assert (done.quarantined > done.staged / 2) == (value != "0")


@pytest.mark.parametrize("seed", range(DRAWS))
def test_values_at_random_end_in_a_release(seed, tmp_path):
    drawn = random.Random(seed)
    done = made(lambda cell: drawn.choice(VALUES) if drawn.random() < 0.3 else cell, tmp_path)
    assert done.staged > 0
    assert done.quarantined > 0
    assert infinite(done.tables) == []


def test_a_year_before_of_zero_is_released_as_up_from_zero(sample_inbox, tmp_path):
    sources(sample_inbox, tmp_path / "inbox", "strategic_communications")
    (file,) = (tmp_path / "inbox").rglob("*.xlsx")
    book = openpyxl.load_workbook(file)
    rows = list(book.worksheets[0].iter_rows())
    (at,) = (cell.column - 1 for cell in rows[0] if "before" in str(cell.value).lower())
    (mentions,) = (row for row in rows if row[0].value == "Mentions")
    mentions[at].value = 0
    book.save(file)
    code, said, wrong = a4p(tmp_path, "refresh", "--cycle", "5")
    assert (code, "Published release r001" in said) == (0, True), wrong
    public = places_in(tmp_path).public
    release = get(public, CYCLE, "r001")
    figures = read_table(public, release, "figures").filter(figure="mentions_change")
    assert figures.select("value", "change", "obs_status").rows() == [(None, None, "M")]
    table = read_table(public, release, "communications_indicators").filter(indicator="Mentions")
    assert table.select("year_before_value", "change_pct", "change_pct_obs_status").rows() == [(0, None, "M")]
    html = read_file(public, release, "report.html").decode()
    assert row_of(html[html.index('id="p6-indicators"') :], "Mentions").endswith("0 ▲ up from 0")
    # the others are as they were
    assert read_table(public, release, "figures").filter(figure="engagement_change")["value"].is_not_null().all()
