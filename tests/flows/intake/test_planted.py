"""Content planted anywhere in workbooks of random layouts: each cell is used or told, and the account adds up.

`make sweep` tries 10,000 workbooks, `make test` a hundred. They are seen as grids: what a file makes of
them is tried by the tests of cases.
"""

from __future__ import annotations

import random
from dataclasses import replace

import polars as pl
import pytest

from config import Contract, Table
from flows.core.records import Cells, FileRead
from flows.intake.read import tables
from flows.intake.read.grids import Grid, cells_of
from flows.intake.read.looks import Looks
from tests.support.files import CONFIG
from tests.support.sweeping import SWEEP

SEEDS = range(100 if SWEEP else 4)
EACH = 100 if SWEEP else 25
PLANTED = "planted"
WORDS = (
    "Total", "TOTAL", "Sous-total", "Note: see below", "Source: section", "* provisional", "4711", "12.5", "x",
    "UNMISS", "2024-01-05", "None", "Néant", "-----", "(a)", "remarks", "mission", "Y", "  ", "#N/A", "12¹",
    "Ensemble", "0",
)  # fmt: skip


class Layout:
    """A workbook as a list of rows of text for each sheet; the planted cells are told apart by their numbers."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.contract = chance.choice(list(CONFIG.contracts.values()))
        self.sheets: list[tuple[str, list[list[str | None]]]] = []
        self.planted = 0
        for table in self.contract.tables.values():
            if chance.random() < 0.9:
                self.sheets.append((self.name(table), self.rows_of(table)))
        for number in range(chance.choice((0, 0, 1, 2))):
            self.sheets.append((chance.choice(("Notes", "Instructions", f"Feuil{number}", "Lists")), []))
        chance.shuffle(self.sheets)
        for _ in range(chance.randrange(1, 8)):
            self.plant()

    def name(self, table: Table) -> str:
        names = [*table.sheet, *(f"{name} (2)" for name in table.sheet[:1]), "Sheet1"]
        return self.chance.choice(names if table.sheet and self.chance.random() < 0.3 else names[:1])

    def rows_of(self, table: Table) -> list[list[str | None]]:
        chance = self.chance
        names = [name for name in table.columns if table.columns[name].required or chance.random() < 0.9]
        if chance.random() < 0.3:
            chance.shuffle(names)
        if chance.random() < 0.2:
            names.insert(chance.randrange(len(names) + 1), chance.choice(("Zone", "no", "patrol", "")))
        rows: list[list[str | None]] = [[None] * len(names) for _ in range(chance.choice((0, 0, 1, 3)))]
        rows.append([table.title(name) if name in table.columns else name or None for name in names])
        for number in range(chance.randrange(6)):
            rows.append([f"{name[:3]}{number}" if chance.random() < 0.8 else str(number) for name in names])
        if chance.random() < 0.2:
            rows.append(list(chance.choice(rows)))
        return rows

    def plant(self) -> None:
        """Put a cell anywhere: in the table, beside, above, below, far away, on another sheet."""
        if not self.sheets:
            return
        _, rows = self.chance.choice(self.sheets)
        at = self.chance.randrange(len(rows) + 4)
        column = self.chance.randrange(max((len(row) for row in rows), default=1) + 3)
        while len(rows) <= at:
            rows.append([])
        row = rows[at]
        row += [None] * (column + 1 - len(row))
        word = self.chance.choice(WORDS)
        row[column] = word if self.chance.random() < 0.5 else f"{PLANTED} {self.planted}"
        self.planted += 1

    def grids(self) -> list[Grid]:
        found = []
        for name, rows in self.sheets:
            width = max((len(row) for row in rows), default=0)
            if not width:
                found.append(Grid(name, pl.DataFrame(schema={"_row": pl.UInt32, "_length": pl.UInt32})))
                continue
            columns = {str(at): [row[at] if at < len(row) else None for row in rows] for at in range(width)}
            frame = cells_of(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))
            found.append(Grid(name, frame, looks=self.looks(len(rows), width)))
        return found

    def looks(self, height: int, width: int) -> Looks:
        chance = self.chance
        if chance.random() < 0.6:
            return Looks()

        def place() -> tuple[int, int]:
            return chance.randrange(1, height + 1), chance.randrange(width)

        merged = []
        for _ in range(chance.randrange(3)):
            top, left = place()
            merged.append((top, left, top + chance.randrange(3), left + chance.randrange(3)))
        return Looks(
            hidden=chance.random() < 0.2,
            filtered=chance.random() < 0.5,
            hidden_rows=frozenset(place()[0] for _ in range(chance.randrange(3))),
            hidden_columns=tuple((at, at) for _, at in (place() for _ in range(chance.randrange(2)))),
            merged=tuple(merged),
            struck=frozenset(place() for _ in range(chance.randrange(3))),
        )


def read(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Grid], FileRead, dict[str, pl.DataFrame]]:
    found = layout.grids()
    monkeypatch.setattr(tables, "grids", lambda data, name: found)
    file, frames = tables.read_file(b"", "planted.xlsx", layout.contract, CONFIG)
    return found, file, frames


def holding(grid: Grid) -> int:
    """How many cells of a sheet hold something, counted by other means than the pipeline does."""
    rows = grid.cells.drop("_row", "_length").rows()
    return sum(1 for row in rows for cell in row if cell is not None and cell.strip())


def personal(contract: Contract) -> bool:
    return any(column.personal for table in contract.tables.values() for column in table.columns.values())


@pytest.mark.sweep
@pytest.mark.parametrize("seed", SEEDS)
def test_each_cell_that_is_planted_is_used_or_told(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(EACH):
        layout = Layout(random.Random(f"{seed} {number}"))
        found, file, frames = read(layout, monkeypatch)
        cells = sum((table.cells for table in file.tables.values()), Cells())
        assert cells.read == sum(map(holding, found)), (seed, number)
        assert cells.read == cells.used + cells.personal + cells.told + cells.ignored, (seed, number)
        told = sum(one.cells for one in file.told)
        # what is told by a rule on the table: a header that is not found, columns that stand twice
        by_rule = any(table.header_row is None or table.repeated for table in file.tables.values())
        assert cells.told == told or (by_rule and cells.told > told), (seed, number)
        read_texts = {
            text
            for frame in frames.values()
            for name in frame.columns
            if not name.startswith("_")
            for text in frame[name].drop_nulls()
        }
        everywhere = {
            cell
            for grid in found
            for row in grid.cells.drop("_row", "_length").rows()
            for cell in row
            if cell and cell.startswith(PLANTED)
        }
        # in place of what stands in merged cells, each of them has what they show, and that is told
        merged = any(one.trouble == "merged_cells" for one in file.told)
        silent = 0 if merged else len(everywhere - read_texts)
        assert silent <= cells.told + cells.personal + cells.ignored, (seed, number)
        assert all(one.where for one in file.told), (seed, number)


def test_an_account_that_does_not_add_up_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(random.Random(1))
    counted = tables.Reading.told
    monkeypatch.setattr(
        tables.Reading, "told", lambda self: [replace(one, cells=one.cells + 1) for one in counted(self)]
    )
    book = [("Notes", [["Mission", "Date of visit", "Zone"], ["UNMISS", "2024-01-05", "North"]])]
    layout.contract, layout.sheets = CONFIG.contract("paet_visits"), book
    with pytest.raises(AssertionError, match="6 cells read"):
        read(layout, monkeypatch)
