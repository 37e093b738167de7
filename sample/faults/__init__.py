"""Realistic faults, planted into the files of a cycle, with a list of them by which recall can be counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from config import NONE, Config, Cycle, load
from sample.draw import dice
from sample.faults import files
from sample.faults.delivery import Delivery, Page, Row, deliveries
from sample.faults.fault import CRITICAL, INFO, RowFault, Scene
from sample.faults.rows import COLUMN_FAULT, ROW_FAULTS

__all__ = ["manifest", "plant"]

Planted = dict[str, str | int | None]
# small sources that can be lost as a whole
LOST = ("paet_visits", "strategic_communications")
# a row that says so is none
NONES = (NONE.text("en"), NONE.text("fr"))


def manifest(folder: Path, cycle: Cycle) -> Path:
    """Return where the list of the faults planted into a cycle stands."""
    return folder / f"faults-{cycle.folder}.json"


def plant(folder: Path, cycle: int = 5, seed: int = 0) -> list[Planted]:
    """Plant some fifty faults into the files that `write` wrote for a cycle, and list them beside the cycle's folder.

    Each is found by one rule: no two are in one row, and none in a file or table that another has refused. `row` is
    empty where the finding is told once for the file. Another seed plants at other places.

    Returns what was planted: rule, severity, source, table, mission, file, sheet, row and column of each finding.
    Raises ConfigError where cycles.yaml does not know the cycle, FileNotFoundError where nothing was written for it.
    """
    config = load().of_cycle(cycle)
    this = config.cycle(cycle)
    sent = deliveries(folder, this, config)
    if not sent:
        raise FileNotFoundError(f"There are no files of cycle {cycle} in {folder}.")
    planting = _Planting(config, this, sent, dice(seed, "faults", cycle))
    planting.in_whole_files()
    planting.in_tables()
    planting.in_rows()
    planting.write()
    found = sorted(planting.planted, key=lambda one: tuple(str(one[name] or "") for name in ("file", "sheet", "rule")))
    manifest(folder, this).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return found


@dataclass
class _Planting:
    """What is planted where: `refused` files, `closed` tables and rows that are `taken` hold no further fault."""

    config: Config
    cycle: Cycle
    sent: list[Delivery]
    chance: Random
    planted: list[Planted] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    closed: set[tuple[str, str]] = field(default_factory=set)
    taken: set[tuple[str, str, int]] = field(default_factory=set)

    def in_whole_files(self) -> None:
        """Choose the files that are refused as a whole: three missions' workbooks and two small sources."""
        of_missions = [one for one in self.sent if one.mission]
        bound = [one for one in of_missions if self._agreement(one) != "none"]
        # of each kind enough are left for the faults that only it can have
        chosen = [*self.chance.sample(bound, 2), self.chance.choice([one for one in of_missions if one not in bound])]
        self.chance.shuffle(chosen)
        rules = {"file_is_whole": None, "mission_is_the_folders": "mission", "cycle_is_the_folders": "cycle"}
        lost = [one for one in self.sent if one.source in LOST]
        self.chance.shuffle(lost)
        rules_of_lost = {"file_is_no_web_page": None, "file_holds_something": None}
        for (rule, column), one in zip({**rules, **rules_of_lost}.items(), [*chosen, *lost], strict=True):
            self.refused[one.file] = rule
            self._note(rule, CRITICAL, one, None, None, column, one.mission)

    def in_tables(self) -> None:
        """Break one table of a workbook for each fault that refuses a table."""
        for rule, change in files.TABLE_FAULTS.items():
            one, table = self.chance.choice(
                [
                    (one, table)
                    for one in self._usable()
                    for table in files.BREAKABLE
                    if table in one.pages and (one.file, table) not in self.closed
                ]
            )
            self.closed.add((one.file, table))
            page = one.pages[table]
            change(one, table, self.chance)
            # a sheet that is not there is named as the contract does first
            sheet = page.sheet if table in one.pages else page.definition.sheet[0]
            self._note(rule, CRITICAL, one, table, sheet, None, one.mission)

    def in_rows(self) -> None:
        """Plant each fault of a row, and the one of a whole column."""
        for fault in ROW_FAULTS:
            places = [
                (one, index) for one, page in self._pages(fault.table) for index in self._fitting(one, page, fault)
            ]
            chosen = sorted(self.chance.sample(places, fault.rows), key=lambda place: place[1])
            rows = [self._broken(each, index, fault) for each, index in chosen]
            self._note_row(fault, chosen[0][0], rows[0], told_once=fault.severity == INFO)
        ((one, page),) = self._pages(COLUMN_FAULT.table)
        rows = [self._broken(one, index, COLUMN_FAULT) for index in range(len(page.rows))]
        self._note_row(COLUMN_FAULT, one, rows[0], told_once=True)

    def write(self) -> None:
        """Write the files anew."""
        for one in self._usable():
            one.save()
        whole = [one for one in self._usable() if one.mission]
        for one in self.sent:
            match self.refused.get(one.file):
                case "file_is_whole":
                    files.cut_off(one)
                case "mission_is_the_folders":
                    one.overwrite(self.chance.choice(whole).path.read_bytes())
                case "cycle_is_the_folders":
                    files.of_another_cycle(one, self.cycle.number - 1)
                case "file_is_no_web_page":
                    one.overwrite(files.LOGIN_PAGE)
                case "file_holds_something":
                    one.overwrite(b"")

    def _agreement(self, one: Delivery) -> str | None:
        return self.config.missions[one.mission].agreement if one.mission else None

    def _usable(self) -> list[Delivery]:
        return [one for one in self.sent if one.file not in self.refused]

    def _pages(self, table: str) -> Iterator[tuple[Delivery, Page]]:
        for one in self._usable():
            if table in one.pages and (one.file, table) not in self.closed:
                yield one, one.pages[table]

    def _fitting(self, one: Delivery, page: Page, fault: RowFault) -> list[int]:
        scene = self._scene(one)
        return [
            index
            for index in range(len(page.rows))
            if (one.file, fault.table, index) not in self.taken
            and page.rows[index][0] not in NONES
            and fault.fits(Row(page, index), scene)
        ]

    def _broken(self, one: Delivery, index: int, fault: RowFault) -> Row:
        page = one.pages[fault.table]
        self.taken.add((one.file, fault.table, index))
        if fault.added:
            page.rows.append(list(page.rows[index]))
            index = len(page.rows) - 1
            self.taken.add((one.file, fault.table, index))
        row = Row(page, index)
        fault.change(row, self._scene(one))
        return row

    def _scene(self, one: Delivery) -> Scene:
        return Scene(self.config, self.cycle, one.received.date(), self.chance)

    def _note_row(self, fault: RowFault, one: Delivery, row: Row, *, told_once: bool) -> None:
        mission = one.mission
        if mission is None and "mission" in row.page.definition.columns:
            named = str(row["mission"])
            mission = named if named in self.config.missions else None
        number = None if told_once else row.page.number(row.index)
        self._note(fault.rule, fault.severity, one, fault.table, row.page.sheet, fault.column, mission, number)

    def _note(
        self,
        rule: str,
        severity: str,
        one: Delivery,
        table: str | None,
        sheet: str | None,
        column: str | None,
        mission: str | None,
        row: int | None = None,
    ) -> None:
        self.planted.append(
            {
                "rule": rule,
                "severity": severity,
                "source": one.source,
                "table": table,
                "mission": mission,
                "file": one.file,
                "sheet": sheet,
                "row": row,
                "column": column,
            }
        )
