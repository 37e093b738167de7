"""Priority 7: cooperation with host country."""

from __future__ import annotations

import polars as pl

from config import Cycle
from transforms.reporting import each_reporting_mission

_IMPACTS = ("impact_civilian_movement", "impact_uniformed_movement", "impact_mandated_tasks")


def sofa_soma_incidents(sofa_soma: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Incidents under missions' agreements with host states, and their impact; one row a reporting mission.

    Source: A4P+ reporting / SAGE
    Rule: 5th report, Priority 7, table 'Impact of SOFA/SOMA incidents': 'None' is a reported zero, 'Under Validation'
        is not yet a number, a mission without an agreement (note 8) cannot have one, whatever it sends.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        agreement: Agreement with the host state: SOFA, SOMA or none.
        new_incidents (incidents): New incidents in the cycle.
        new_incidents_obs_status: SDMX observation status of the new incidents.
        total_incidents (incidents): All unresolved incidents at the time of reporting, longstanding ones included.
        total_incidents_obs_status: SDMX observation status of the total.
        impact_civilian_movement: Impact on the movement of civilian personnel; empty where none was assessed.
        impact_uniformed_movement: Impact on the movement of uniformed personnel; empty where none was assessed.
        impact_mandated_tasks: Impact on the implementation of mandated tasks; empty where none was assessed.

    Key: cycle, mission
    """
    counts = ("new_incidents", "total_incidents")
    # without an agreement there can be no incident under it, whatever the cells say
    cannot_exist = pl.col("agreement") == "none"
    return (
        each_reporting_mission(missions, cycle)
        .join(sofa_soma.unique("mission", keep="first", maintain_order=True), on="mission", how="left")
        .select(
            "cycle",
            "mission",
            "agreement",
            *(
                expression
                for count in counts
                for expression in (
                    pl.when(~cannot_exist.fill_null(False)).then(count).alias(count),
                    pl.when(cannot_exist)
                    .then(pl.lit("M"))
                    .otherwise(pl.col(f"{count}_obs_status").fill_null("O"))
                    .alias(f"{count}_obs_status"),
                )
            ),
            *(pl.when(pl.col(impact) != "-----").then(pl.col(impact)).alias(impact) for impact in _IMPACTS),
        )
        .sort("mission")
    )


def coordination_mechanisms(coordination: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Mechanisms of coordination between missions and host states; one row a mission and mechanism.

    Source: A4P+ reporting
    Rule: 5th report, Priority 7, table of coordination mechanisms, formal or informal.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        mechanism: What the mechanism is.
        formal: Whether it is a formal mechanism.
        status: New, updated or enhanced, on-going, or no report available.
        contribution: Contribution to cooperation with the host state.

    Key: cycle, mission, mechanism
    """
    return coordination.select(
        pl.lit(cycle.number, pl.Int64).alias("cycle"), "mission", "mechanism", "formal", "status", "contribution"
    ).sort("mission", "mechanism")
