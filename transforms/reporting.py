"""What several tables have: the eleven missions that report as their frame, counts beside their status, shares."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from config import Cycle


def each_reporting_mission(missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Return `cycle`, `mission`, `agreement` of each reporting mission, so that one that sent nothing shows."""
    return missions.filter("reports").select(pl.lit(cycle.number, pl.Int64).alias("cycle"), "mission", "agreement")


def of_reporting_missions(table: pl.LazyFrame, missions: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows of a table that are of a mission that reports in the cycle."""
    return table.join(missions.filter("reports"), on="mission", how="semi", maintain_order="left")


def reported_counts(columns: Sequence[str]) -> list[pl.Expr]:
    """Return each count and its observation status: O where nothing came from the mission, L where a cell is blank.

    These are counts of what a mission may have to tell: a blank in a workbook that was received will not be filled.
    """
    return [
        expression
        for column in columns
        for expression in (pl.col(column), pl.col(f"{column}_obs_status").replace({"O": "L"}).fill_null("O"))
    ]


def percent_of(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return what share a part is of a whole, in percent; empty where the whole is zero, since it has no shares."""
    return pl.when(whole != 0).then(100 * part / whole)


def may_be_suppressed(columns: Sequence[str]) -> list[pl.Expr]:
    """Return each count with an observation status beside it, A until small cells are suppressed; O where none came."""
    return [
        expression
        for column in columns
        for expression in (
            pl.col(column),
            pl.when(pl.col(column).is_null()).then(pl.lit("O")).otherwise(pl.lit("A")).alias(f"{column}_obs_status"),
        )
    ]
