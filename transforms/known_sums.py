"""What a reader of a release knows of the cells of its protected tables: the sums that it, or an earlier one, shows.

A cell is one count of one row. Every number that is made of cells - a total, a figure, another table's row, a share, an
earlier release's number that still holds - is written as a sum of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from config import Cycle, Disclosure, Figure
from config.parts import OfSmallCells
from transforms.figures import counted_rows, former_names, under_both_names, window
from transforms.made_of import MadeOf, Term, columns_named, columns_of_conditions, made_of
from transforms.rounding import decimals_shown
from transforms.sums import Sum

Place = tuple[str, str, int]


@dataclass(frozen=True)
class Earlier:
    """Another release: its name (`cycle-04/r001`), its cycle, those of its tables that show protected cells.

    `figures` defines its figures, where its cycle defines one otherwise than that of the cells. `truth` are its tables
    as they were before cells were suppressed, those that are still known.
    """

    name: str
    cycle: Cycle
    tables: Mapping[str, pl.DataFrame]
    figures: Mapping[str, Figure] | None = None
    truth: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Cells:
    """The cells of the protected tables, numbered: where each stands (table, count, row), and its value."""

    at: Mapping[Place, int]
    values: Sequence[int]
    places: Sequence[Place]


@dataclass(frozen=True)
class Total:
    """A sum of cells and of numbers that are not protected."""

    of: Mapping[int, int]
    rest: float

    def value(self, values: Sequence[int]) -> float:
        """Return what it comes to."""
        return self.rest + sum(times * values[cell] for cell, times in self.of.items())


@dataclass(frozen=True)
class FigureRow:
    """A row of the table of figures that is made of protected cells: a sum, or a share of two sums."""

    figure: str
    mission: str
    table: str
    part: Total
    whole: Total | None
    decimals: int
    unit: str

    @property
    def cells(self) -> set[int]:
        """The cells that it is made of."""
        return set(self.part.of) | (set(self.whole.of) if self.whole else set())

    def says(self, value: float, ends: bool = True) -> list[Sum]:
        """Return what its value says of the cells; `ends`: that a percentage is 0 or 100 only where it is none or all.

        Releases of before did not keep to that.
        """
        if self.whole is None:
            half = 0 if self.decimals == 0 else 0.5 * 10**-self.decimals
            return [Sum(self.part.of, value - self.part.rest - half, value - self.part.rest + half)]
        # value - half <= 100 part / whole <= value + half, in whole numbers
        decimals = decimals_shown(value, self.decimals, self.unit) if ends else self.decimals
        half = 0 if ends and self.unit == "percent" and abs(value) in (0, 100) else 1
        scale = 2 * 10**decimals
        middle = round(scale * value)
        return [
            _bounded(self.part, 100 * scale, self.whole, -(middle + half), -float("inf"), 0),
            _bounded(self.part, 100 * scale, self.whole, -(middle - half), 0, float("inf")),
        ]

    def still_says(self, value: float, values: Sequence[int]) -> list[Sum]:
        """Return what a value of before says of the cells; nothing where these, as they are, do not make it."""
        for ends in (True, False):
            told = self.says(value, ends)
            if all(each.low <= Total(each.of, 0).value(values) <= each.high for each in told):
                return told
        return []


def protected(config: OfSmallCells) -> dict[str, Disclosure]:
    """Return what is said of the tables that ask for their small cells to be suppressed."""
    return {table: entry for table, entry in config.disclosure.items() if entry.threshold is not None}


def can_follow(figure: Figure, entry: Disclosure) -> bool:
    """Tell whether what a figure is made of can be followed down to the cells: sums of them, a share of sums, or none.

    A condition on a count would tell of a cell without being a sum.
    """
    of_rows = columns_named(figure.where) if figure.where else frozenset()
    if (of_rows | columns_of_conditions(figure.value)) & set(entry.counts):
        return False
    return not columns_named(figure.value) & set(entry.counts) or made_of(figure.value) is not None


def cells_of(truth: Mapping[str, pl.DataFrame], config: OfSmallCells) -> Cells:
    """Number the cells of the protected tables; one that has no value is none."""
    places = [
        (table, count, row)
        for table, entry in protected(config).items()
        if table in truth
        for count in entry.counts
        for row, value in enumerate(truth[table][count])
        if value is not None
    ]
    values = [int(truth[table][count][row]) for table, count, row in places]
    return Cells({place: number for number, place in enumerate(places)}, values, places)


def within_tables(
    cells: Cells, truth: Mapping[str, pl.DataFrame], config: OfSmallCells, left_out: Collection[str] = ()
) -> list[Sum]:
    """Return what the declared totals, other tables and columns beside them say of the cells.

    Of a table that is `left_out` only what another one shows is known.
    """
    found: list[Sum] = []
    for table, entry in protected(config).items():
        if table not in truth:
            continue
        for count, shown in entry.shown_in.items():
            if shown.table not in left_out:
                found += _shown(cells, truth, table, count, entry)
        if table in left_out:
            continue
        for count in entry.counts:
            for by in entry.totals:
                found += [_exactly(total, cells) for total in _by(cells, truth, table, count, by).values()]
        found += _of_rows(cells, truth[table], table, entry)
    return [one for one in found if one.of]


def figure_rows(
    figures: pl.DataFrame,
    cells: Cells,
    truth: Mapping[str, pl.DataFrame],
    config: OfSmallCells,
    cycle: Cycle,
    defined: Mapping[str, Figure] | None = None,
) -> Iterator[tuple[FigureRow, Mapping[str, Any]]]:
    """Return the rows of a table of figures that are made of protected cells, each with its row.

    `defined` says what the figures are, where it is not what the configuration says.
    """
    asked, known = protected(config), config.figures if defined is None else defined
    definitions = {
        name: definition
        for name, definition in known.items()
        if definition.table in asked and definition.table in truth
    }
    # an earlier release may have them under the names of its time
    for row in under_both_names(figures, former_names(known, cycle, ever=True)).iter_rows(named=True):
        definition = definitions.get(row["figure"])
        if definition:
            made = _made_of(definition, row, cells, truth[definition.table], cycle)
            if made.cells:
                yield made, row


def of_figures(
    figures: pl.DataFrame,
    cells: Cells,
    truth: Mapping[str, pl.DataFrame],
    config: OfSmallCells,
    cycle: Cycle,
    defined: Mapping[str, Figure] | None = None,
) -> list[Sum]:
    """Return what the figures say of the cells, their previous values and changes included; `defined` as above."""
    return said_by(figure_rows(figures, cells, truth, config, cycle, defined), cells, config)


def said_by(rows: Iterable[tuple[FigureRow, Mapping[str, Any]]], cells: Cells, config: OfSmallCells) -> list[Sum]:
    """Return what rows of the table of figures say of the cells that they are made of."""
    asked, found = protected(config), []
    for made, row in rows:
        if row["value"] is not None:
            found += made.says(row["value"])
        # with the previous value, which some release shows, a change is the value
        if _as_it_is(made, row) or (row["value"] is None and row["change"] is not None):
            found += [_exactly(total, cells) for total in (made.part, made.whole) if total]
        if row["previous"] is not None and _goes_on(asked[made.table]):
            found += made.still_says(row["previous"], cells.values)
    return [one for one in found if one.of]


def heeded(earlier: Earlier, config: OfSmallCells, cycle: Cycle) -> dict[str, Disclosure]:
    """Return the protected tables of which another release tells something that may hold in this cycle too.

    One that the table's owner lets be disregarded does not count.
    """
    return {
        table: entry
        for table, entry in protected(config).items()
        if earlier.name not in {one.release for one in entry.disregard}
        and (earlier.cycle.number == cycle.number or _goes_on(entry))
    }


def of_earlier(
    earlier: Earlier, cells: Cells, truth: Mapping[str, pl.DataFrame], config: OfSmallCells, cycle: Cycle
) -> list[Sum]:
    """Return what an earlier release says of the cells: its numbers that still hold.

    Of a table whose cells are known as they were then (`Earlier.truth`) only what a later cycle calls previous is
    looked at. A number that has changed since says nothing certain of the cells as they are; one that has not may be
    subtracted.
    """
    found: list[Sum] = []
    entries = {table: entry for table, entry in heeded(earlier, config, cycle).items() if table in truth}
    unknown = {table: entry for table, entry in entries.items() if table not in earlier.truth}
    for table, entry in unknown.items():
        if table in earlier.tables:
            found += _still_shown(cells, truth[table], earlier.tables[table], table, entry)
    is_next = earlier.cycle.number == cycle.number + 1
    if "figures" in earlier.tables and (unknown or is_next):
        for made, row in figure_rows(earlier.tables["figures"], cells, truth, config, earlier.cycle, earlier.figures):
            if made.table in unknown and row["value"] is not None:
                told = made.still_says(row["value"], cells.values)
                found += told
                if told and _as_it_is(made, row):
                    found += [_exactly(total, cells) for total in (made.part, made.whole) if total]
            if made.table in entries and is_next and row["previous"] is not None:
                found += made.still_says(row["previous"], cells.values)
    return [one for one in found if one.of]


def declared_totals(cells: Cells, truth: Mapping[str, pl.DataFrame], config: OfSmallCells) -> set[frozenset[int]]:
    """Return the sets of cells whose sums are declared to stay published."""
    return {
        frozenset(total.of)
        for table, entry in protected(config).items()
        if table in truth
        for count in entry.counts
        for by in entry.totals
        for total in _by(cells, truth, table, count, by).values()
    }


def _as_it_is(made: FigureRow, row: Mapping[str, Any]) -> bool:
    """Tell whether a rounded figure stands there before it was rounded too: a reader may have its sums from that."""
    return row.get("unrounded") is not None and bool(made.whole or made.decimals)


def _goes_on(entry: Disclosure) -> bool:
    """Tell whether a row of an earlier cycle's table can be the same as one of this cycle's."""
    return entry.cumulative or "cycle" not in entry.aggregation


def key_of(entry: Disclosure) -> list[str]:
    """Return the columns by which a row is known again in another release, of any cycle."""
    return [column for column in entry.aggregation if column != "cycle"]


def _exactly(total: Total, cells: Cells) -> Sum:
    value = total.value(cells.values) - total.rest
    return Sum(total.of, value, value)


def _by(
    cells: Cells, truth: Mapping[str, pl.DataFrame], table: str, count: str, by: Sequence[str]
) -> dict[tuple[object, ...], Total]:
    """Return the sums of a count by some of its table's columns."""
    members: dict[tuple[object, ...], dict[int, int]] = {}
    keys = truth[table].select(by).rows() if by else [()] * truth[table].height
    for row, key in enumerate(keys):
        cell = cells.at.get((table, count, row))
        if cell is not None:
            members.setdefault(key, {})[cell] = 1
    return {key: Total(of, 0) for key, of in members.items()}


def _shown(cells: Cells, truth: Mapping[str, pl.DataFrame], table: str, count: str, entry: Disclosure) -> Iterator[Sum]:
    """Say that the rows of another table are sums of this one's cells; they may be cells themselves."""
    shown = entry.shown_in[count]
    if shown.table not in truth:
        return
    sums = _by(cells, truth, table, count, shown.by)
    for row, key in enumerate(truth[shown.table].select(shown.by).rows()):
        if key in sums:
            cell = cells.at.get((shown.table, shown.count, row))
            yield _exactly(sums[key], cells) if cell is None else Sum({**sums[key].of, cell: -1}, 0, 0)


def _of_rows(cells: Cells, frame: pl.DataFrame, table: str, entry: Disclosure) -> Iterator[Sum]:
    for row in range(frame.height):
        for whole, parts in entry.parts.items():
            total = _columns(cells, frame, table, row, {whole: -1, **dict.fromkeys(parts, 1)})
            if total:
                yield Sum(total.of, -total.rest, -total.rest)
        for count, others in entry.at_most.items():
            total = _columns(cells, frame, table, row, {count: 1, **dict.fromkeys(others, -1)})
            # where the data themselves break the bound, no reader can build on it
            if total and total.value(cells.values) <= 0:
                yield Sum(total.of, -float("inf"), -total.rest)


def _columns(cells: Cells, frame: pl.DataFrame, table: str, row: int, times: Mapping[str, int]) -> Total | None:
    of: dict[int, int] = {}
    rest = 0.0
    for column, factor in times.items():
        value = frame[column][row]
        if value is None:
            return None
        cell = cells.at.get((table, column, row))
        if cell is None:
            rest += factor * value
        else:
            of[cell] = factor
    return Total(of, rest) if of else None


def _made_of(definition: Figure, row: Mapping[str, Any], cells: Cells, frame: pl.DataFrame, cycle: Cycle) -> FigureRow:
    start, end = window(definition, cycle, row["as_of"] or cycle.end)
    kept = counted_rows(definition, frame.lazy(), start, end)
    if row["mission"] != "ALL":
        kept = kept & (pl.col("mission") == row["mission"])
    numbered = frame.with_columns(_at=pl.int_range(pl.len())).filter(kept)
    # what is made otherwise is made of no cell (can_follow)
    made = made_of(definition.value) or MadeOf(())
    table = definition.table
    return FigureRow(
        row["figure"],
        row["mission"],
        table,
        _total(made.part, numbered, cells, table),
        _total(made.whole, numbered, cells, table) if made.whole else None,
        definition.decimals,
        definition.unit,
    )


def _total(terms: Sequence[Term], numbered: pl.DataFrame, cells: Cells, table: str) -> Total:
    """Return what sums of columns come to over some rows."""
    of: dict[int, int] = {}
    rest = 0.0
    for term in terms:
        rows = numbered.filter(pl.sql_expr(term.where)) if term.where else numbered
        for row, value in rows.select("_at", term.column).iter_rows():
            cell = cells.at.get((table, term.column, row))
            if cell is None:
                rest += value or 0
            else:
                of[cell] = of.get(cell, 0) + 1
    return Total(of, rest)


def _bounded(part: Total, times: int, whole: Total, factor: int, low: float, high: float) -> Sum:
    of = {cell: times * one for cell, one in part.of.items()}
    for cell, one in whole.of.items():
        of[cell] = of.get(cell, 0) + factor * one
    rest = times * part.rest + factor * whole.rest
    return Sum({cell: one for cell, one in of.items() if one}, low - rest, high - rest)


def _still_shown(
    cells: Cells, frame: pl.DataFrame, earlier: pl.DataFrame, table: str, entry: Disclosure
) -> Iterator[Sum]:
    key = key_of(entry)
    if not set(key) <= set(earlier.columns):
        return
    rows = {one: row for row, one in enumerate(frame.select(key).rows())} if key else {(): 0}
    for count in set(entry.counts) & set(earlier.columns):
        shown = earlier.select(key).rows() if key else [()] * earlier.height
        for one, value in zip(shown, earlier[count], strict=True):
            cell = cells.at.get((table, count, rows[one])) if one in rows else None
            if cell is not None and value is not None and value == cells.values[cell]:
                yield Sum({cell: 1}, value, value)
