"""Priority 6: strategic communications."""

from __future__ import annotations

import polars as pl

from config import Cycle
from transforms.reporting import each_reporting_mission, percent_of


def communications_indicators(communications_indicators: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Indicators of the digital channels in the cycle and in the same months of the year before; one row an indicator.

    Source: DPO strategic communications
    Rule: 5th report, Priority 6: changes are against the same period of the year before.

    Fields:
        cycle: Number of the cycle.
        indicator: New followers, mentions, or engaged users.
        cycle_value (count): Value in the cycle.
        year_before_value (count): Value in the same months of the year before; empty where it is not known.
        change_pct (percent change): Change against the year before; empty where that is not known, or was zero.
        change_pct_obs_status: SDMX observation status of the change; M where the year before was zero, O where it is
            not known.

    Key: cycle, indicator
    """
    before = pl.col("year_before_value")
    return communications_indicators.select(
        pl.lit(cycle.number, pl.Int64).alias("cycle"),
        "indicator",
        "cycle_value",
        "year_before_value",
        # there is no percent of nothing
        change_pct=percent_of(pl.col("cycle_value") - before, before),
        change_pct_obs_status=pl.when(before.is_null())
        .then(pl.lit("O"))
        .when(before == 0)
        .then(pl.lit("M"))
        .otherwise(pl.lit("A")),
    ).sort("indicator")


def information_integrity(communications: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Missions with a working group on information integrity; one row a reporting mission.

    Source: DPO strategic communications
    Rule: 5th report, Priority 6: groups that are established as of the cycle.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        information_integrity_group: Whether a group is established; empty where the mission reported nothing.
        obs_status: SDMX observation status; O where the mission reported nothing.

    Key: cycle, mission
    """
    reported = communications.unique("mission", keep="first", maintain_order=True)
    known = pl.col("information_integrity_group").is_not_null()
    return (
        each_reporting_mission(missions, cycle)
        .join(reported, on="mission", how="left")
        .select(
            "cycle",
            "mission",
            "information_integrity_group",
            obs_status=pl.when(known).then(pl.lit("A")).otherwise(pl.lit("O")),
        )
        .sort("mission")
    )
