"""Small-cell suppression, and the audit that no suppressed cell can be computed from what is published.

Primary: a count from 1 to below its table's threshold. A zero points at nobody and is shown, unless a small cell has no
other partner. Secondary: for each small cell that totals, figures, other tables or an earlier release give away, the
cheapest further cells that keep its range open, by an integer programme (the heuristic of Kelly, Golden and Assad,
Networks 22, 1992: one cell after another, what is suppressed already costs nothing).

The reader that the audit stands for knows every sum (see known_sums), that counts are whole numbers, and that a
suppressed one is not zero - but for where a zero had to be suppressed, or nothing else was left to take. Of earlier
releases he uses the numbers that still hold. What is guarded is what this release suppresses: that a number which it
shows may, where others have changed meanwhile, tell of one that an earlier release suppressed is not looked into; nor
is a table that is left out (see withholding), of which this release shows no row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import polars as pl

from config import Cycle
from config.parts import OfSmallCells
from transforms import known_sums
from transforms.figures import SCHEMA, TELLING
from transforms.intervals import about, groups, partners, too_narrow
from transforms.known_sums import Cells, Earlier
from transforms.sums import Sum

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Recovered:
    """Suppressed cells of one count that a reader can narrow down too far.

    `by` names the earlier release without which it could not be done; None where this release itself is enough.
    """

    table: str
    count: str
    cells: int
    by: str | None


def suppress(
    tables: Tables,
    config: OfSmallCells,
    cycle: Cycle,
    earlier: Sequence[Earlier] = (),
    whole: Collection[tuple[str, str]] = (),
    left_out: Collection[str] = (),
) -> dict[str, pl.DataFrame]:
    """Suppress the small cells of the tables that ask for it, others with them, and the figures that count them.

    In: the curated tables of a release with `figures`; the releases that are out already; the counts (table and
    column) that are suppressed as a `whole`, but for zeros; the tables that will be `left_out`, so that their cells are
    all unknown and none of them has to be kept safe. Out: the same tables, row by row; a suppressed cell is empty and
    has the status Q. Where nothing keeps a cell safe it is left to the audit.
    """
    cells = known_sums.cells_of(tables, config)
    staying = _figures(tables).filter(pl.col("mission") == "ALL")
    suppressed = _small(cells, config) | {
        cell
        for cell, (table, count, _) in enumerate(cells.places)
        if table in left_out or (cells.values[cell] and (table, count) in whole)
    }
    # a cell that an earlier release gives away still gets partners in this one, so that the audit names that release
    for out in (earlier, ()) if earlier else ((),):
        suppressed = _chosen(suppressed, cells, _sums(cells, tables, staying, config, cycle, out), config, left_out)
    return _without(suppressed, cells, tables, config, cycle)


def audit(
    truth: Tables, published: Tables, config: OfSmallCells, cycle: Cycle, earlier: Sequence[Earlier] = ()
) -> list[Recovered]:
    """Find suppressed cells that can be computed from the published tables, and from earlier releases.

    In: the tables before suppression and as they are to be published; one without its rows is left out. Out: nothing
    where none can; a cell that should be suppressed and is not counts as one that can.
    """
    cells = known_sums.cells_of(truth, config)
    left_out = {name for name, frame in truth.items() if not frame.is_empty() and _is_left_out(name, published)}
    suppressed = {
        number
        for number, (table, count, row) in enumerate(cells.places)
        if table in left_out or published[table][count][row] is None
    }

    def given_away(out: Sequence[Earlier]) -> set[int]:
        sums = _sums(cells, truth, _figures(published), config, cycle, out)
        return _narrow(suppressed, cells, sums, _widths(cells, sums, config, left_out))

    shown = _small(cells, config) - suppressed
    narrow = shown | given_away(earlier)
    if not narrow:
        return []
    plain = shown | given_away(())
    by_release = {one.name: given_away([one]) for one in earlier}
    found: dict[tuple[str, str, str | None], int] = {}
    for number in sorted(narrow):
        table, count, _ = cells.places[number]
        # where only several together give it away, all of them are named
        culprits = (name for name, given in by_release.items() if number in given)
        by = None if number in plain else next(culprits, ", ".join(by_release))
        found[table, count, by] = found.get((table, count, by), 0) + 1
    return [Recovered(table, count, number, by) for (table, count, by), number in found.items()]


def _is_left_out(table: str, published: Tables) -> bool:
    return table not in published or published[table].is_empty()


def _figures(tables: Tables) -> pl.DataFrame:
    return tables.get("figures", pl.DataFrame(schema=SCHEMA))


def _sums(
    cells: Cells, truth: Tables, figures: pl.DataFrame, config: OfSmallCells, cycle: Cycle, earlier: Sequence[Earlier]
) -> list[Sum]:
    """Return everything that a reader knows of the cells."""
    return [
        *known_sums.within_tables(cells, truth, config),
        *known_sums.of_figures(figures, cells, truth, config, cycle),
        *chain.from_iterable(known_sums.of_earlier(one, cells, truth, config, cycle) for one in earlier),
    ]


def _small(cells: Cells, config: OfSmallCells) -> set[int]:
    thresholds = {table: entry.threshold or 0 for table, entry in known_sums.protected(config).items()}
    return {number for number, (table, _, _) in enumerate(cells.places) if 0 < cells.values[number] < thresholds[table]}


def _widths(cells: Cells, sums: Sequence[Sum], config: OfSmallCells, left_out: Collection[str]) -> dict[int, int]:
    """Return how wide each cell's range must stay: a small one's as declared, another's more than one number.

    Where a total is so small that no suppression could leave that much room, more than one number must do. Of a table
    that is left out nothing is told that could be narrowed down.
    """
    told = [number for number, (table, _, _) in enumerate(cells.places) if table not in left_out]
    small = _small(cells, config).intersection(told)
    declared = {number: config.disclosure[cells.places[number][0]].protection for number in small}
    widths = {**dict.fromkeys(range(len(cells.values)), 0), **dict.fromkeys(told, 1), **declared}
    wide = {number for number, width in declared.items() if width > 1}
    for own, said in groups(range(len(cells.values)), sums):
        if wide & set(own):
            asked = {each: widths[each] if each in wide else 0 for each in own}
            widths.update(dict.fromkeys(too_narrow(own, said, cells.values, 0, asked), 1))
    return widths


def _narrow(suppressed: set[int], cells: Cells, sums: Sequence[Sum], widths: Mapping[int, int]) -> set[int]:
    """Return the suppressed cells that a reader can narrow down too far."""
    found: set[int] = set()
    free = _takeable(suppressed, cells, sums)
    for own, said in groups(suppressed, about(suppressed, sums, cells.values)):
        least = 0 if any(cells.values[cell] == 0 for cell in own) or not _beside(own, sums) & free else 1
        found.update(too_narrow(own, said, cells.values, least, widths))
    return found


def _takeable(suppressed: set[int], cells: Cells, sums: Sequence[Sum]) -> set[int]:
    """Return the cells, none of them zero, that could still be taken: that no release has shown already."""
    shown = {next(iter(one.of)) for one in sums if len(one.of) == 1 and one.low == one.high}
    return {cell for cell, value in enumerate(cells.values) if value and cell not in suppressed and cell not in shown}


def _beside(cells: Sequence[int], sums: Sequence[Sum]) -> set[int]:
    """Return the cells that stand with these in a sum of several that is known exactly."""
    own = set(cells)
    return set().union(*(one.of for one in sums if len(one.of) > 1 and one.low == one.high and own & set(one.of)))


def _chosen(
    first: set[int], cells: Cells, sums: Sequence[Sum], config: OfSmallCells, left_out: Collection[str]
) -> set[int]:
    """Return the cells to suppress: the first ones, and with them what keeps them safe."""
    widths = _widths(cells, sums, config, left_out)
    found = [
        _safe(first & set(own), own, said, cells, widths)
        for own, said in groups(range(len(cells.values)), sums)
        if first & set(own)
    ]
    return first.union(*found)


def _safe(
    first: set[int], own: Sequence[int], sums: Sequence[Sum], cells: Cells, widths: Mapping[int, int]
) -> set[int]:
    """Take partners for the cells of one group until none of them can be narrowed down, or no partner is left.

    A cell that would be known even if all others were suppressed is given none; the audit refuses it.
    """
    suppressed = set(first)
    lost = set(too_narrow(own, sums, cells.values, 0, {cell: int(cell in first and widths[cell] > 0) for cell in own}))
    while narrow := _narrow(suppressed, cells, sums, widths) - lost:
        tries = (_more(cell, suppressed, own, sums, cells, widths[cell]) for cell in sorted(narrow))
        more = next((found for found in tries if found), None)
        if more is None:
            break
        suppressed |= more
    return suppressed


def _more(
    cell: int, suppressed: set[int], own: Sequence[int], sums: Sequence[Sum], cells: Cells, width: int
) -> set[int]:
    """Return further cells to suppress for one that can be narrowed down; none where that is no help.

    Zeros are shown as long as anything else will do.
    """
    zeros = [each for each in own if cells.values[each] == 0]
    others = [each for each in own if cells.values[each]]
    highest = max(cells.values[each] for each in own) + 1
    costs = {each: 0.0 if each in suppressed else float(cells.values[each] or len(own) * highest) for each in own}
    found = None
    if cells.values[cell]:
        said = about(others, sums, cells.values)
        found = partners(cell, others, said, cells.values, costs, dict.fromkeys(others, 1), width)
    if found is None or found <= suppressed:
        found = partners(cell, own, sums, cells.values, costs, dict.fromkeys(own, 0), width, zeros)
    if found is None or found <= suppressed:
        # all that stands in a sum with it: the last resort
        found = _beside([cell], sums)
    if found <= suppressed:
        found = _beside(sorted(suppressed & set(own)), sums)
    return found - suppressed


def _without(
    suppressed: set[int], cells: Cells, tables: Tables, config: OfSmallCells, cycle: Cycle
) -> dict[str, pl.DataFrame]:
    """Empty the suppressed cells, the shares and the figures made of them, and give them the status Q."""
    rows: dict[tuple[str, str], list[int]] = {}
    for table, count, row in (cells.places[number] for number in suppressed):
        rows.setdefault((table, count), []).append(row)
    done = dict(tables)
    for (table, count), own in rows.items():
        done[table] = done[table].with_columns(_emptied(own, count))
    for table, entry in known_sums.protected(config).items():
        for share, of in entry.shares.items():
            own = sorted({row for count in (of.part, of.whole) for row in rows.get((table, count), [])})
            if own:
                done[table] = done[table].with_columns(_emptied(own, share)[0])
    if "figures" in tables:
        done["figures"] = _figures_without(suppressed, cells, tables, config, cycle)
    return done


def _emptied(rows: Sequence[int], column: str) -> list[pl.Expr]:
    hidden = pl.int_range(pl.len()).is_in(sorted(rows))
    return [
        pl.when(~hidden).then(pl.col(column)).alias(column),
        pl.when(hidden).then(pl.lit("Q")).otherwise(pl.col(f"{column}_obs_status")).alias(f"{column}_obs_status"),
    ]


def _figures_without(
    suppressed: set[int], cells: Cells, tables: Tables, config: OfSmallCells, cycle: Cycle
) -> pl.DataFrame:
    """Suppress the figures of missions that count a suppressed cell; those of the whole stay."""
    figures, stays = tables["figures"], known_sums.declared_totals(cells, tables, config)
    hidden = [
        (made.figure, made.mission)
        for made, _ in known_sums.figure_rows(figures, cells, tables, config, cycle)
        if made.mission != "ALL" and made.cells & suppressed and frozenset(made.cells) not in stays
    ]
    if not hidden:
        return figures
    marked = pl.DataFrame(hidden, schema=["figure", "mission"], orient="row").with_columns(_hidden=pl.lit(True))
    shown = pl.col("_hidden").is_null()
    return (
        figures.join(marked, on=["figure", "mission"], how="left", maintain_order="left")
        .with_columns(
            *(pl.when(shown).then(pl.col(column)).alias(column) for column in TELLING),
            obs_status=pl.when(shown).then(pl.col("obs_status")).otherwise(pl.lit("Q")),
        )
        .drop("_hidden")
        .select(figures.columns)
    )
