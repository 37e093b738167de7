"""The eleven missions that report, as the frame that mission tables are filled into."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from config import Cycle


def each_reporting_mission(missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Return `cycle`, `mission`, `agreement` of each reporting mission, so that one that sent nothing shows."""
    return missions.filter("reports").select(pl.lit(cycle.number, pl.Int64).alias("cycle"), "mission", "agreement")


def reported_counts(columns: Sequence[str]) -> list[pl.Expr]:
    """Return each count and its observation status, which is O where the mission reported nothing."""
    return [
        expression
        for column in columns
        for expression in (pl.col(column), pl.col(f"{column}_obs_status").fill_null("O"))
    ]
