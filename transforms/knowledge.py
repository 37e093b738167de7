"""What the readers of all releases know: the cells of all of them as one, what is told of them, and who sent which.

A number that is the same in two releases is one cell: a reader may know that nobody corrected it, since a release names
the files that are new in it. So what one release shows counts for what another one hides, whichever of them is older.

A reader is a mission, or one who sent nothing. A mission knows the rows with its name, in every release. An office
sends whole tables, and no sum connects those of two: of the tables of others it knows no more than anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl

from config import Cycle, Disclosure
from config.parts import OfSmallCells, only
from transforms import known_sums
from transforms.intervals import about, groups
from transforms.known_sums import Cells, Earlier, FigureRow
from transforms.sums import Sum

Tables = Mapping[str, pl.DataFrame]
# table, count, the row's key, value
_Name = tuple[Any, ...]
# the reader who sent nothing
ANYBODY = ""
MISSION = "mission"
# shares of sums are computed, and so not exact
_SLACK = 1e-6


@dataclass(frozen=True)
class Known:
    """The cells of this release, then those that had another value in other ones; and what is known of them.

    `counts` names the table and count of each cell, `small` those that point at people, each with how wide its range
    must stay. `sent` are the cells that each reader sent himself, `before` what each other release tells, `least` what
    a cell that another release hides is taken to be at least. `same` are figures of this release that are still those
    of another one, though they are sums of other cells.
    """

    cells: Cells
    counts: Sequence[tuple[str, str]]
    small: Mapping[int, int]
    sent: Mapping[str, frozenset[int]]
    before: Mapping[str, Sequence[Sum]]
    least: Mapping[int, int]
    same: Sequence[Sum] = ()

    @property
    def now(self) -> int:
        """How many of the cells are of this release; the others come after them."""
        return len(self.cells.places)

    @property
    def told_before(self) -> list[Sum]:
        """What all other releases tell together."""
        return list({_said(one): one for one in chain.from_iterable(self.before.values())}.values())


@dataclass(frozen=True)
class _Told:
    """What one release tells of its own cells: by what each is known again, what is known of them, who sent which.

    `figures` are the rows of its table of figures that are sums of cells.
    """

    names: Sequence[_Name]
    figures: Sequence[FigureRow]
    sums: Sequence[Sum]
    least: Mapping[int, int]
    sent: Mapping[str, set[int]]


def knowledge(truth: Tables, config: OfSmallCells, cycle: Cycle, earlier: Sequence[Earlier]) -> Known:
    """Put the cells of a release and of those that are out already together.

    In: the tables of this release before suppression; the releases that are out. Where one's tables before suppression
    are not known any more, it counts with the numbers that it shows and that still hold.
    """
    cells, asked = known_sums.cells_of(truth, config), known_sums.protected(config)
    numbers = {name: number for number, name in enumerate(_names(cells, truth, asked))}
    sent = _senders(cells, truth)
    least: dict[int, int] = {}
    before: dict[str, list[Sum]] = {}
    same: list[Sum] = []
    for one in earlier:
        told = _told(one, config, cycle)
        at = [numbers.setdefault(name, len(numbers)) for name in told.names]
        before[one.name] = [
            *(Sum({at[cell]: times for cell, times in said.of.items()}, said.low, said.high) for said in told.sums),
            *known_sums.of_earlier(one, cells, truth, config, cycle),
        ]
        same += _still_the_same(one, told, at, cells, truth, config, cycle)
        for cell, value in told.least.items():
            least[at[cell]] = max(value, least.get(at[cell], 0))
        for reader, own in told.sent.items():
            sent.setdefault(reader, set()).update(at[cell] for cell in own)
    thresholds = {table: entry.threshold or 0 for table, entry in asked.items()}
    return Known(
        Cells(cells.at, [name[-1] for name in numbers], cells.places),
        [name[:2] for name in numbers],
        {
            number: asked[name[0]].protection
            for number, name in enumerate(numbers)
            if 0 < name[-1] < thresholds[name[0]]
        },
        {ANYBODY: frozenset(), **{reader: frozenset(own) for reader, own in sorted(sent.items())}},
        before,
        least,
        same,
    )


def least_of(
    hidden: Collection[int], values: Sequence[int], sums: Sequence[Sum], out: Collection[int]
) -> dict[int, int]:
    """Return what a reader takes each hidden cell of one release to be at least.

    A zero is shown, so a hidden cell is none - but where one had to be hidden too, or nothing else was left to take:
    all that stands in a sum with it is hidden, or zero, or `out` already.
    """
    found: dict[int, int] = {}
    exact = [one for one in sums if len(one.of) > 1 and one.low == one.high]
    for own, _ in groups(hidden, about(hidden, sums, values)):
        beside = {cell for one in exact if not one.of.keys().isdisjoint(own) for cell in one.of}
        left = any(values[cell] and cell not in hidden and cell not in out for cell in beside)
        found.update(dict.fromkeys(own, int(left and all(values[cell] for cell in own))))
    return found


def shown_in(sums: Iterable[Sum]) -> set[int]:
    """Return the cells whose values sums tell by themselves."""
    return {next(iter(one.of)) for one in sums if len(one.of) == 1 and one.low == one.high}


def _told(other: Earlier, config: OfSmallCells, cycle: Cycle) -> _Told:
    """Return what another release tells of its protected tables, those whose cells are known."""
    entries = {table: one for table, one in known_sums.heeded(other, config, cycle).items() if table in other.truth}
    followed = only(config, OfSmallCells, disclosure=entries)
    truth = {name: _as_shown(frame, other.tables.get(name), entries.get(name)) for name, frame in other.truth.items()}
    cells = known_sums.cells_of(truth, followed)
    left_out = {name for name in truth if name not in other.tables or other.tables[name].is_empty()}
    sums, figures = known_sums.within_tables(cells, truth, followed, left_out.intersection(entries)), []
    if "figures" in other.tables:
        defined = config.figures if other.figures is None else other.figures
        rows = list(known_sums.figure_rows(other.tables["figures"], cells, truth, followed, other.cycle, defined))
        sums += known_sums.said_by(rows, cells, followed)
        figures = [row for row, _ in rows if row.whole is None]
    # code or configuration that is newer than the release may make other sums than it told
    sums = [one for one in sums if one.low - _SLACK <= _value(one, cells.values) <= one.high + _SLACK]
    shown = {
        number
        for number, (table, count, row) in enumerate(cells.places)
        if table not in left_out and other.tables[table][count][row] is not None
    }
    told = [cell for cell, (table, _, _) in enumerate(cells.places) if table not in left_out and cell not in shown]
    singles = [Sum({cell: 1}, cells.values[cell], cells.values[cell]) for cell in sorted(shown)]
    least = least_of(told, cells.values, sums, ())
    return _Told(_names(cells, truth, entries), figures, [*sums, *singles], least, _senders(cells, truth))


def _still_the_same(
    other: Earlier,
    told: _Told,
    at: Sequence[int],
    cells: Cells,
    truth: Tables,
    config: OfSmallCells,
    cycle: Cycle,
) -> Iterator[Sum]:
    """Say that a figure of this cycle that did not change is one number, also where its rows are called otherwise now.

    `at` numbers the cells of the other release as all are numbered here.
    """
    if other.cycle.number != cycle.number or "figures" not in other.tables:
        return
    entries = {table: one for table, one in known_sums.heeded(other, config, cycle).items() if table in truth}
    moved = {
        table
        for table, entry in entries.items()
        if table in other.truth and _rows(truth[table], entry) != _rows(other.truth[table], entry)
    }
    before = {(row.figure, row.mission): row.part for row in told.figures if row.table in moved}
    if not before:
        return
    followed = only(config, OfSmallCells, disclosure={table: entries[table] for table in moved})
    figures = other.tables["figures"].filter(pl.col("figure").is_in({figure for figure, _ in before}))
    values = [name[-1] for name in told.names]
    for row, _ in known_sums.figure_rows(figures, cells, truth, followed, cycle):
        then = before.get((row.figure, row.mission))
        if then is not None and row.whole is None and then.value(values) == row.part.value(cells.values):
            of = {at[cell]: times for cell, times in then.of.items()}
            for cell, times in row.part.of.items():
                of[cell] = of.get(cell, 0) - times
            if of := {cell: times for cell, times in of.items() if times}:
                yield Sum(of, row.part.rest - then.rest, row.part.rest - then.rest)


def _rows(frame: pl.DataFrame, entry: Disclosure) -> set[tuple[Any, ...]]:
    return set(frame.select(known_sums.key_of(entry)).rows())


def _as_shown(truth: pl.DataFrame, shown: pl.DataFrame | None, entry: Disclosure | None) -> pl.DataFrame:
    """Return a table before suppression, with the numbers that were shown where they are others.

    Rows that were not shown are those of a table that was left out.
    """
    if shown is None or entry is None or shown.is_empty():
        return truth
    key = list(entry.aggregation)
    counts = [count for count in entry.counts if count in shown.columns]
    there = shown.select(*key, pl.col(counts).name.suffix("_shown"))
    both = there.join(truth, on=key, how="left", nulls_equal=True, maintain_order="left")
    return both.with_columns(pl.coalesce(f"{count}_shown", count).alias(count) for count in counts).select(
        truth.columns
    )


def _names(cells: Cells, truth: Tables, entries: Mapping[str, Disclosure]) -> list[_Name]:
    """Return by what each cell is known again in another release: where it stands, and its value."""
    keys = {}
    for table in {table for table, _, _ in cells.places}:
        key = known_sums.key_of(entries[table])
        keys[table] = truth[table].select(key).rows() if key else [()] * truth[table].height
    return [
        (table, count, *keys[table][row], value)
        for (table, count, row), value in zip(cells.places, cells.values, strict=True)
    ]


def _senders(cells: Cells, truth: Tables) -> dict[str, set[int]]:
    """Return which cells each mission sent, by its name in the table."""
    found: dict[str, set[int]] = {}
    for number, (table, _, row) in enumerate(cells.places):
        if MISSION in truth[table].columns:
            found.setdefault(str(truth[table][MISSION][row]), set()).add(number)
    return found


def _value(one: Sum, values: Sequence[int]) -> float:
    return sum(times * values[cell] for cell, times in one.of.items())


def _said(one: Sum) -> tuple[object, ...]:
    return (*sorted(one.of.items()), one.low, one.high)
