"""Which missions figures are of, and which rows that sources send are therefore in none."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from config import Figure
from config.figures import Scope
from transforms.catalogue import staged_for

_IN: Mapping[Scope, pl.Expr] = {
    "reporting missions": pl.col("reports"),
    "peacekeeping operations": pl.col("kind") == "peacekeeping operation",
    "missions of the conduct data": pl.col("in_conduct_data"),
}
# rows of the total that a source states
_NO_MISSION = ("TOTAL",)


def scopes(figures: Mapping[str, Figure], staged: str) -> frozenset[Scope]:
    """Return the scopes of the figures that are made of a staged table; none where one of them is of all of it."""
    own = [figure.scope for figure in figures.values() if staged in staged_for(figure.table)]
    return frozenset() if None in own else frozenset(scope for scope in own if scope)


def outside(rows: pl.LazyFrame, mission: str, missions: pl.LazyFrame, of: frozenset[Scope]) -> pl.DataFrame:
    """Return the rows of a staged table that no figure counts, since they are of a mission in none of the scopes.

    In: the rows with the column `mission` that names theirs; the table of missions. Out: `_file`, `mission`, `rows`.
    """
    known = missions.filter(pl.any_horizontal(_IN[scope] for scope in sorted(of))).select("mission")
    return (
        rows.select("_file", pl.col(mission).alias("mission"))
        .filter(pl.col("mission").is_not_null(), ~pl.col("mission").is_in(_NO_MISSION))
        .join(known, on="mission", how="anti")
        .group_by("_file", "mission")
        .agg(rows=pl.len().cast(pl.Int64))
        .sort("_file", "mission")
        .collect()
    )
