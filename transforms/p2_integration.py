"""Priority 2: strategic and operational integration."""

from __future__ import annotations

import polars as pl

from config import Cycle
from transforms.reporting import each_reporting_mission


def mission_plans(mission_plan: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Missions with a mission plan approved by the head of mission; one row a reporting mission.

    Source: A4P+ reporting
    Rule: 5th report, Priority 2, table of mission plans; a blank cell in a sheet that came is no answer.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        approved_plan: Whether an approved plan is in force; empty where the mission does not say.
        obs_status: SDMX observation status; L where the mission left it blank, O where its sheet is not in.

    Key: cycle, mission
    """
    return _yes_or_no("approved_plan", mission_plan, missions, cycle)


def cpas_impact_assessments(cpas_impact_assessment: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Missions that conducted a CPAS impact assessment in the cycle; one row a reporting mission.

    Source: A4P+ reporting
    Rule: 5th report, Priority 2, table of CPAS impact assessments; a blank cell in a sheet that came is no answer.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        impact_assessment: Whether an impact assessment was conducted; empty where the mission does not say.
        obs_status: SDMX observation status; L where the mission left it blank, O where its sheet is not in.

    Key: cycle, mission
    """
    return _yes_or_no("impact_assessment", cpas_impact_assessment, missions, cycle)


def integration(integration: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Integration of the missions with other UN entities in the cycle; one row a reporting mission.

    Source: A4P+ reporting
    Rule: 5th report, Priority 2, self-reported degree of integration with the UN country team.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        integrated: Whether it is integrated, or in an integrated setting with a functioning coordination mechanism.
        joint_programming: Whether there was joint programming with other UN entities.
        obs_status: SDMX observation status; O where the mission reported nothing.

    Key: cycle, mission
    """
    reported = integration.unique("mission", keep="first", maintain_order=True)
    return (
        each_reporting_mission(missions, cycle)
        .join(reported, on="mission", how="left")
        .select(
            "cycle",
            "mission",
            "integrated",
            "joint_programming",
            obs_status=pl.when(pl.col("integrated").is_null()).then(pl.lit("O")).otherwise(pl.lit("A")),
        )
        .sort("mission")
    )


def _yes_or_no(column: str, answers: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    came = answers.select("mission", column, came=pl.lit(True))
    return (
        each_reporting_mission(missions, cycle)
        .join(came.unique("mission", keep="first", maintain_order=True), on="mission", how="left")
        .select(
            "cycle",
            "mission",
            column,
            obs_status=pl.when(pl.col(column).is_not_null())
            .then(pl.lit("A"))
            .when("came")
            .then(pl.lit("L"))
            .otherwise(pl.lit("O")),
        )
        .sort("mission")
    )
