"""What of a release's tables is withheld, so that it can go out: cells, then whole counts, and at worst a whole table.

Cells are suppressed first (see suppression). Where the audit still finds one that can be computed, the count that it is
of is suppressed as a whole; where that is no help either, since an earlier release shows what stands beside it and the
figures of the whole stay published, the table is left out: its rows, and the figures of missions that count it.

A table that is left out says of no row that it is still as an earlier release has it, so nothing can be subtracted
for certain. That a reader takes an older number for the present one is not looked into; nor are the figures of the
whole, which stay. What other tables and figures tell is held against all that is known, as if it were there.
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
from transforms.previous import with_change


@dataclass(frozen=True)
class Withheld:
    """Tables as they may be published, and why which are left out.

    `left_out` names, for each table without its rows, the earlier releases that would give its cells away; None where
    the totals that stay published are enough.
    """

    tables: Mapping[str, pl.DataFrame]
    left_out: Mapping[str, str | None] = field(default_factory=dict)


def withhold(
    tables: Mapping[str, pl.DataFrame], config: OfSmallCells, cycle: Cycle, earlier: Sequence[Earlier] = ()
) -> Withheld:
    """Take out of tables what would tell of a small cell, as little as will do, until the audit finds nothing.

    In: the curated tables of a release with `figures`; the releases that are out already. Out: the same tables, those
    that nothing else keeps safe without rows. It always comes to an end: each turn withholds more, and of a table that
    is left out nothing is told.
    """
    tables = _as_rounded(tables, config, cycle)
    left_out: dict[str, str | None] = {}
    whole: set[tuple[str, str]] = set()
    while True:
        cells_out = suppression.suppress(tables, config, cycle, earlier, whole, left_out)
        published = _without(cells_out, left_out, config, cycle)
        recovered = suppression.audit(tables, published, config, cycle, earlier)
        if not recovered:
            return Withheld(published, left_out)
        helpless = {one.table: one.by for one in recovered if (one.table, one.count) in whole}
        if helpless:
            left_out |= helpless
            # what kept the cells of other tables in danger may be gone
            whole = set()
        else:
            whole |= {(one.table, one.count) for one in recovered}


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


def _without(
    tables: Mapping[str, pl.DataFrame], left_out: Collection[str], config: OfSmallCells, cycle: Cycle
) -> dict[str, pl.DataFrame]:
    """Leave tables out, and what is said of the missions in the figures made of them; their columns stay."""
    done = {name: frame.clear() if name in left_out else frame for name, frame in tables.items()}
    if not left_out or "figures" not in tables:
        return done
    names = [name for name, figure in config.figures.items() if figure.table in left_out]
    shown = ~pl.col("figure").is_in(names) | (pl.col("mission") == "ALL")
    hidden = ~shown & pl.col("value").is_not_null()
    done["figures"] = tables["figures"].with_columns(
        *(pl.when(shown).then(pl.col(column)).alias(column) for column in TELLING),
        obs_status=pl.when(hidden).then(pl.lit("Q")).otherwise("obs_status"),
    )
    return done
