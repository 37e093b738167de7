"""Priority 4: accountability to peacekeepers (crimes against peacekeepers)."""

from __future__ import annotations

import polars as pl

from config import Cycle
from transforms.dictionary import cumulative
from transforms.reporting import may_be_suppressed, of_reporting_missions

_COUNTS = (
    "cases_reported",
    "cases_investigated",
    "perpetrators_identified",
    "perpetrators_detained",
    "perpetrators_tried",
    "perpetrators_convicted",
)


@cumulative
def crimes_against_peacekeepers(crimes: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Crimes against peacekeepers since 2013, from the case reported to the conviction; one row a mission.

    Source: OROLSI JCS
    Rule: 5th report, Priority 4, note 4: cumulative since 2013, of the missions that report, thus without MINUSMA. The
        total that the source states is not a mission.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        cases_reported (cases): Cases reported; empty where suppressed.
        cases_reported_obs_status: SDMX observation status of the cases reported.
        cases_investigated (cases): Cases investigated by the host state; empty where suppressed.
        cases_investigated_obs_status: SDMX observation status of the cases investigated.
        perpetrators_identified (people): Alleged perpetrators identified; empty where suppressed.
        perpetrators_identified_obs_status: SDMX observation status of the perpetrators identified.
        perpetrators_detained (people): Those of them detained; empty where suppressed.
        perpetrators_detained_obs_status: SDMX observation status of the perpetrators detained.
        perpetrators_tried (people): Those of them brought to trial; empty where suppressed.
        perpetrators_tried_obs_status: SDMX observation status of the perpetrators tried.
        perpetrators_convicted (people): Those of them convicted; empty where suppressed.
        perpetrators_convicted_obs_status: SDMX observation status of the perpetrators convicted.

    Key: cycle, mission
    """
    return (
        of_reporting_missions(crimes.with_columns(mission="mission_or_total"), missions)
        .select(
            pl.lit(cycle.number, pl.Int64).alias("cycle"),
            "mission",
            *may_be_suppressed(_COUNTS),
        )
        .sort("mission")
    )
