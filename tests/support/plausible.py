"""Errors as people make them, planted into numbers of which earlier ones are known: what is asked about them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

import sample
from config import Config, Contract, Table
from config.earlier import compared_numbers
from config.parts import of_table
from expectations.questions import is_question
from flows.core.records import GatedTable, Gathered, Numbers, TableText
from flows.intake.books import earlier
from flows.intake.gate import gate
from flows.refresh.story import gather
from flows.stores import Store, frames
from flows.stores.from_settings import Places

KINDS = ("ten times", "a tenth", "a thousand times", "to the right", "to the left", "last cycle's")
# of a smaller number nobody could tell
LEAST = 10


@dataclass(frozen=True, eq=False)
class Planted:
    """An error in a row of a table: the texts of the cells that it changes."""

    kind: str
    table: str
    file: str
    row: int
    cells: Mapping[str, str | None]


@dataclass(frozen=True)
class History:
    """The sample of several cycles behind the gate: the last of them, and what its numbers are held against.

    `questions` are those of each cycle.
    """

    config: Config
    places: Places
    gathered: Gathered
    numbers: Mapping[str, Numbers]
    cycle: int
    questions: Mapping[int, pl.DataFrame]

    def contract(self, table: str) -> tuple[Contract, Table]:
        """Return the contract and definition of a table."""
        return self.config.of_cycle(self.cycle).table_contract(table)

    def texts(self, table: str) -> list[TableText]:
        """Return the text of a table in each file."""
        contract, _ = self.contract(table)
        own = [read for read in self.gathered.reads if read.submission.source == contract.source]
        return gate.table_texts(table, own, self.gathered.judged)

    def gated(self, table: str, texts: Sequence[TableText]) -> GatedTable:
        """Hold texts of a table against its rules and its history."""
        contract, definition = self.contract(table)
        parents = {gated.table: gated.staged for gated in self.gathered.tables if gated.table in definition.refers_to}
        config, private = self.config.of_cycle(self.cycle), self.places.private
        held_against = self.numbers.get(table, ())
        cycle = self.config.cycle(self.cycle)
        return gate.gate_table(of_table(contract, table), table, texts, parents, config, cycle, held_against, private)

    def findings(self, gated: GatedTable) -> pl.DataFrame:
        """Return the findings of a table."""
        return frames.scan(self.places.private, gated.findings).collect()


def history(folder: Path, config: Config, sources: Iterable[str], cycles: Sequence[int], seed: int) -> History:
    """Write the sample of some cycles, and gather the sources that are named of each, one after the other."""
    config = replace(config, contracts={name: config.contracts[name] for name in sources})
    for number in cycles[1::2]:
        sample.write(folder / "inbox", number, seed=seed)
    places = Places(
        Store(str(folder / "inbox")), Store(str(folder / "private"), private=True), Store(str(folder / "p"))
    )
    questions = {}
    for number in cycles:
        cycle = config.cycle(number)
        gathered = gather(cycle, places, config.of_cycle(number))
        earlier.note(earlier.of_tables(gathered), cycle, places.private)
        findings = [frames.scan(places.private, gated.findings).collect() for gated in gathered.tables]
        questions[number] = pl.concat(findings).filter(is_question())
    numbers = earlier.before(cycle, config.cycles.values(), places.private)
    return History(config, places, gathered, numbers, cycles[-1], questions)


def errors(of: History, chance: random.Random) -> Iterator[Planted]:
    """Yield every error that can be planted, in a changing order: in numbers of ten or more with two earlier ones."""
    every = [planted for table in of.numbers for planted in _errors(of, table)]
    chance.shuffle(every)
    yield from every


def _errors(of: History, name: str) -> Iterator[Planted]:
    _, table = of.contract(name)
    columns = compared_numbers(table)
    totals = {statement.total_row.says for statement in table.states if statement.total_row}
    (staged,) = (gated.staged for gated in of.gathered.tables if gated.table == name)
    rows = frames.scan(of.places.private, staged).collect()
    long = pl.concat(
        frames.scan(of.places.private, path).collect().with_columns(cycle=pl.lit(number))
        for number, path in of.numbers[name]
    )
    for row in rows.iter_rows(named=True):
        if totals & set(row.values()):
            continue
        key = "\x1f".join(str(row[each]).lower() for each in _key(table))
        mine = long.filter(mission=row.get("mission") or "", key=f"\x1f{key}" if key else "")
        known = {column: mine.filter(pl.col("column") == column).sort("cycle") for column in columns}
        large = [each for each in columns if (row[each] or 0) >= LEAST and known[each].height >= 2]
        place = (name, row["_file"], row["_row"])
        for column in large:
            for kind, value in zip(KINDS, (row[column] * 10, row[column] / 10, row[column] * 1000), strict=False):
                whole = str(int(value)) if table.columns[column].type == "count" else str(round(value, 1))
                yield Planted(kind, *place, {column: whole})
        if len(large) < 2:
            continue
        for kind, by in (("to the right", 1), ("to the left", -1)):
            moved = {column: row[columns[(at - by) % len(columns)]] for at, column in enumerate(columns)}
            edge = columns[0 if by > 0 else -1]
            if not table.columns[edge].required:
                moved[edge] = None
            yield Planted(kind, *place, _texts(moved))
        last = {column: known[column]["value"].last() if known[column].height else None for column in columns}
        if not table.cumulative and not (table.plausible and table.plausible.may_stay):
            yield Planted("last cycle's", *place, _texts(last))


def _texts(values: Mapping[str, float | None]) -> dict[str, str | None]:
    return {column: None if value is None else f"{value:.12g}" for column, value in values.items()}


def _key(table: Table) -> list[str]:
    kinds = {name: table.columns[name].type for name in table.key if name in table.columns}
    return [name for name, kind in kinds.items() if kind not in ("date", "mission", "count")]


def asked(of: History, planted: Sequence[Planted]) -> dict[Planted, bool | None]:
    """Plant errors, those of different rows together; return whether something was asked of each.

    None stands for an error that is not in form, so that the row is refused, or for one that changes nothing.
    """
    waiting, outcome = list(planted), {}
    while waiting:
        taken: dict[tuple[str, str, int], Planted] = {}
        for error in waiting:
            taken.setdefault((error.table, error.file, error.row), error)
        outcome |= _asked(of, list(taken.values()))
        waiting = [error for error in waiting if error not in outcome]
    return outcome


def _asked(of: History, planted: Sequence[Planted]) -> dict[Planted, bool | None]:
    outcome: dict[Planted, bool | None] = {}
    for table in sorted({error.table for error in planted}):
        own = [error for error in planted if error.table == table]
        texts, changed = [], set()
        for text in of.texts(table):
            frame = frames.scan(of.places.private, text.text).collect()
            for error in own:
                if error.file == text.file:
                    before = frame
                    here = pl.col("_row") == error.row
                    frame = frame.with_columns(
                        pl.when(here).then(pl.lit(value, pl.String)).otherwise(column).alias(column)
                        for column, value in error.cells.items()
                    )
                    if not frame.equals(before):
                        changed.add(error)
            texts.append(replace(text, text=frames.put(of.places.private, "read", frame)))
        findings = of.findings(of.gated(table, texts))
        for error in own:
            told = findings.filter(pl.col("file") == error.file, pl.col("row") == error.row)
            in_form = error in changed and told.filter(pl.col("severity") == "critical").is_empty()
            outcome[error] = (not told.filter(is_question()).is_empty()) if in_form else None
    return outcome
