"""Tables of several cycles put together, so that nothing in them is counted twice."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from transforms.dictionary import CYCLE, TableEntry, of_cycle


def together(tables: Mapping[int, pl.DataFrame], entry: TableEntry | None) -> pl.DataFrame:
    """Return one table of those that cycles have under a name, by number; `entry` says how they go together.

    Of a table that others refer to each key stands once, as the newest cycle has it. Of one that holds all there was
    until then, the newest cycle's counts; of one that tells periods anew, for each period. Else all rows stand one
    below the other. One that nothing is said of is a table of facts.
    """
    newest_first = [tables[number] for number in sorted(tables, reverse=True)]
    if entry and entry.dimension:
        key = list(entry.key)
        return pl.concat(newest_first, how="diagonal_relaxed").unique(key, keep="first").sort(key)
    facts = {number: of_cycle(tables[number], number) for number in sorted(tables)}
    if entry and entry.cumulative:
        # one that was left out, or of which nothing was sent, says nothing of what there was before
        told = [number for number, table in facts.items() if not table.is_empty()]
        return facts[max(told or facts)]
    every = pl.concat(facts.values(), how="diagonal_relaxed")
    if entry and entry.period:
        return every.filter(pl.col(CYCLE) == pl.col(CYCLE).max().over(entry.period))
    return every
