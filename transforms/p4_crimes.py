"""Priority 4: accountability to peacekeepers (crimes against peacekeepers)."""

from __future__ import annotations

import polars as pl

from config import Cycle


def crimes_against_peacekeepers(crimes: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Crimes against peacekeepers since 2013, from the case reported to the conviction; one row a mission.

    Source: OROLSI JCS
    Rule: 5th report, Priority 4, note 4: cumulative since 2013, without MINUSMA. The total that the source states is
        not a mission.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        cases_reported (cases): Cases reported.
        cases_investigated (cases): Cases investigated by the host state.
        perpetrators_identified (people): Alleged perpetrators identified.
        perpetrators_detained (people): Those of them detained.
        perpetrators_tried (people): Those of them brought to trial.
        perpetrators_convicted (people): Those of them convicted.

    Key: cycle, mission
    """
    return (
        crimes.filter(pl.col("mission_or_total") != "TOTAL")
        .select(
            pl.lit(cycle.number, pl.Int64).alias("cycle"),
            pl.col("mission_or_total").alias("mission"),
            "cases_reported",
            "cases_investigated",
            "perpetrators_identified",
            "perpetrators_detained",
            "perpetrators_tried",
            "perpetrators_convicted",
        )
        .sort("mission")
    )
