"""The eleven missions that report, as the frame that mission tables are filled into."""

from __future__ import annotations

import polars as pl

from config import Cycle


def each_reporting_mission(missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Return `cycle`, `mission`, `agreement` of each reporting mission, so that one that sent nothing shows."""
    return missions.filter("reports").select(pl.lit(cycle.number, pl.Int64).alias("cycle"), "mission", "agreement")
