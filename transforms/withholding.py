"""What of a release's tables is withheld, so that it can go out: cells, whole counts, a whole table, and its totals.

Cells are suppressed first (see suppression). Where the audit still finds one that a reader can compute, the count that
it is of is suppressed as a whole; where that is no help either, since an earlier release shows what stands beside it or
a mission knows it, the table is left out: its rows, and the figures of missions that count it. Where even the figures
of the whole would give a cell away, of this release or of another one, they go too. Of a table of which nothing is
told nothing new can be computed, so this always comes to an end.

A figure that its owner lets be disregarded (config/disclosure.yaml) stays, whatever it tells; so does another table
that shows sums of this one and is not protected itself. A table that is left out says of no row that it is still as an
earlier release has it, so what that one gave away is not held against it. What other tables and figures tell is held
against all that is known, as if it were there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from config import Cycle
from config.parts import OfSmallCells
from transforms import suppression
from transforms.figures import TELLING
from transforms.known_sums import Earlier, protected
from transforms.made_of import columns_named
from transforms.previous import with_change


@dataclass(frozen=True)
class Withheld:
    """Tables as they may be published, and why which are left out.

    `left_out` names, for each table without its rows, the other releases that would give its cells away; None where
    the totals that stay published are enough. `totals` are those of them whose figures of the whole are suppressed too.
    """

    tables: Mapping[str, pl.DataFrame]
    left_out: Mapping[str, str | None] = field(default_factory=dict)
    totals: tuple[str, ...] = ()


def withhold(
    tables: Mapping[str, pl.DataFrame], config: OfSmallCells, cycle: Cycle, earlier: Sequence[Earlier] = ()
) -> Withheld:
    """Take out of tables what would tell of a small cell, as little as will do, until the audit finds nothing.

    In: the curated tables of a release with `figures`; the releases that are out already. Out: the same tables, those
    that nothing else keeps safe without rows. It always comes to an end: each turn withholds more, and where nothing
    of the tables is told any more, no more can be done.
    """
    tables = _as_rounded(tables, config, cycle)
    left_out: dict[str, str | None] = {}
    totals: set[str] = set()
    whole: set[tuple[str, str]] = set()
    while True:
        silenced = _silenced(tables, left_out, totals, config)
        cells_out = suppression.suppress(silenced, config, cycle, earlier, whole, left_out)
        published = {name: frame.clear() if name in left_out else frame for name, frame in cells_out.items()}
        helpless: dict[str, str | None] = {}
        bare, counts = set(), set()
        for one in suppression.audit(tables, published, config, cycle, earlier):
            if one.table not in left_out and not one.whatever and (one.table, one.count) not in whole:
                counts.add((one.table, one.count))
                continue
            # what the silence of its own table does not keep safe, those beside it give away
            for table in _beside(one.table, config) if one.table in totals else {one.table}:
                if table not in left_out:
                    helpless[table] = one.by
                elif table not in totals:
                    bare.add(table)
        if helpless or bare:
            left_out |= helpless
            totals |= bare
            # what kept the cells of other tables in danger may be gone
            whole = set()
        elif counts:
            whole |= counts
        else:
            return Withheld(published, left_out, tuple(sorted(totals)))


def _beside(table: str, config: OfSmallCells) -> set[str]:
    """Return the other protected tables that show sums of this one, or whose sums it shows."""
    asked = protected(config)
    links = [{name, shown.table} for name, entry in asked.items() for shown in entry.shown_in.values()]
    return {one for link in links if table in link for one in link} & asked.keys() - {table}


def _as_rounded(tables: Mapping[str, pl.DataFrame], config: OfSmallCells, cycle: Cycle) -> Mapping[str, pl.DataFrame]:
    """Take out what shares of protected tables are before they are rounded: it would tell of the cells more than that.

    It is taken out of all of them, since where it stays would tell that nothing had to be rounded.
    """
    asked = protected(config)
    shares = [
        name
        for name, figure in config.figures.items()
        if figure.table in asked and (figure.unit == "percent" or figure.decimals)
    ]
    share = pl.col("figure").is_in(shares)
    if "figures" not in tables or tables["figures"].filter(share).is_empty():
        return tables
    nothing = pl.lit(None, pl.Float64)
    taken = tables["figures"].with_columns(
        pl.when(share).then(nothing).otherwise(name).alias(name) for name in ("unrounded", "previous_unrounded")
    )
    return {**tables, "figures": with_change(taken)}


def _silenced(
    tables: Mapping[str, pl.DataFrame], left_out: Collection[str], totals: Collection[str], config: OfSmallCells
) -> dict[str, pl.DataFrame]:
    """Suppress the figures of missions that are made of tables that are left out; of some, `totals`, all others too.

    Figures that count no cell stay, and so do those that the table's owner lets be disregarded.
    """
    done = dict(tables)
    if not left_out or "figures" not in tables:
        return done
    stays = {one.figure for entry in config.disclosure.values() for one in entry.disregard}
    asked = protected(config)
    of_missions = [name for name, figure in config.figures.items() if figure.table in left_out]
    of_all = [
        name
        for name, figure in config.figures.items()
        if figure.table in totals
        and name not in stays
        and columns_named(figure.value) & set(asked[figure.table].counts)
    ]
    is_all, figure = pl.col("mission") == "ALL", pl.col("figure")
    shown = ~pl.when(is_all).then(figure.is_in(of_all)).otherwise(figure.is_in(of_missions))
    hidden = ~shown & pl.col("value").is_not_null()
    done["figures"] = tables["figures"].with_columns(
        *(pl.when(shown).then(pl.col(column)).alias(column) for column in TELLING),
        obs_status=pl.when(hidden).then(pl.lit("Q")).otherwise("obs_status"),
    )
    return done
