"""Suppressed cells are taken out of tables, with what is made of them: shares of their row, and figures of missions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from config import Cycle
from config.parts import OfSmallCells
from transforms import known_sums
from transforms.figures import TELLING
from transforms.known_sums import Cells

Tables = Mapping[str, pl.DataFrame]


def without(
    suppressed: set[int], cells: Cells, tables: Tables, config: OfSmallCells, cycle: Cycle
) -> dict[str, pl.DataFrame]:
    """Empty the suppressed cells, the shares and the figures made of them, and give them the status Q.

    In: the numbers of the cells; the tables of a release with `figures`. Out: the same tables, row by row.
    """
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
