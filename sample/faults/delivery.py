"""A file that was written, as tables whose cells can be changed before it is written anew."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from python_calamine import CalamineWorkbook

from config import Config, Contract, Cycle, Table
from sample.workbook import Cell, Sheet, save, stamp


@dataclass
class Page:
    """One table of a file: its header and rows, changed in place."""

    definition: Table
    name: str
    header: list[str]
    rows: list[list[Cell]]
    title: str | None = None

    def place(self, column: str) -> int:
        """Return where a column of the contract stands, under whichever of its names."""
        names = {_comparable(name) for name in (column, *self.definition.columns[column].named)}
        return next(place for place, header in enumerate(self.header) if _comparable(header) in names)

    def number(self, index: int) -> int:
        """Return a row's number in the file, as a spreadsheet counts it."""
        return index + (3 if self.title else 2)

    @property
    def sheet(self) -> str | None:
        """The sheet's name as the contract spells it; None where the contract names none."""
        return next((sheet for sheet in self.definition.sheet if _comparable(sheet) == _comparable(self.name)), None)


@dataclass
class Row:
    """A row of a page; its cells go by the contract's names of their columns."""

    page: Page
    index: int

    @property
    def cells(self) -> list[Cell]:
        """The row's cells as they stand."""
        return self.page.rows[self.index]

    def __getitem__(self, column: str) -> Cell:
        """Return a cell; None where it is blank."""
        cell = self.cells[self.page.place(column)]
        return None if cell == "" else cell

    def __setitem__(self, column: str, cell: Cell) -> None:
        """Write a cell."""
        self.cells[self.page.place(column)] = cell

    def day(self, column: str) -> date | None:
        """Return a date, which is text in a CSV file."""
        cell = self[column]
        return date.fromisoformat(cell) if isinstance(cell, str) else cell if isinstance(cell, date) else None

    def number(self, column: str) -> int | None:
        """Return a whole number, which is text in a CSV file; None where the cell holds something else."""
        cell = self[column]
        if isinstance(cell, str):
            return int(cell) if cell.isdigit() else None
        return cell if isinstance(cell, int) else None


@dataclass
class Delivery:
    """A file of the inbox with its tables; `mission` is that of its folder."""

    path: Path
    file: str
    source: str
    mission: str | None
    received: datetime
    pages: dict[str, Page] = field(default_factory=dict)

    def save(self) -> None:
        """Write the file anew, with the time of receipt that it had."""
        if self.path.suffix == ".xlsx":
            pages = self.pages.values()
            save(self.path, [Sheet(page.name, page.header, page.rows, page.title) for page in pages], self.received)
            return
        (page,) = self.pages.values()
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([page.header, *page.rows])
        stamp(self.path, self.received)

    def overwrite(self, data: bytes) -> None:
        """Put other bytes in the file's place, with the time of receipt that it had."""
        self.path.write_bytes(data)
        stamp(self.path, self.received)


def deliveries(inbox: Path, cycle: Cycle, config: Config) -> list[Delivery]:
    """Read what was written for a cycle."""
    return [
        each
        for contract in config.contracts.values()
        for path in sorted((inbox / cycle.folder / contract.source).rglob("*"))
        if path.is_file()
        for each in (_delivery(path, inbox, contract),)
    ]


def _delivery(path: Path, inbox: Path, contract: Contract) -> Delivery:
    received = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    mission = path.parent.name if contract.sent_by == "missions" else None
    sheets = _workbook(path) if path.suffix == ".xlsx" else [_text(path)]
    pages = {}
    # the sheets stand in the contract's order
    for (table, definition), (name, rows) in zip(contract.tables.items(), sheets, strict=True):
        title = str(rows.pop(0)[0]) if not any(rows[0][1:]) else None
        pages[table] = Page(definition, name, [str(cell) for cell in rows[0]], rows[1:], title)
    return Delivery(path, path.relative_to(inbox).as_posix(), contract.source, mission, received, pages)


def _workbook(path: Path) -> Iterator[tuple[str, list[list[Cell]]]]:
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        yield name, [[_as_written(cell) for cell in row] for row in rows]


def _as_written(cell: object) -> Cell:
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else cell
    if cell == "":
        return None
    assert isinstance(cell, (str, int, date)), cell
    return cell


def _text(path: Path) -> tuple[str, list[list[Cell]]]:
    with path.open(encoding="utf-8", newline="") as file:
        return "", [list(row) for row in csv.reader(file)]


def _comparable(header: str) -> str:
    return re.sub(r"[\W_]+", "_", header.lower()).strip("_")
