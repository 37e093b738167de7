"""Priority 4: accountability to peacekeepers (health and well-being)."""

from __future__ import annotations

import polars as pl

from config import Cycle
from transforms.dictionary import cumulative
from transforms.reporting import of_reporting_missions

# of the incidents with explosive ordnance
_PARTS = ("exploded", "removed_by_mission", "removed_by_others")
_OF_ORDNANCE = (
    "people_educated",
    "routes_verified_km",
    "items_destroyed",
    "land_released_m2",
    "hazards_removed",
    "observers_injured",
)


def hospitals(hospitals: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Hospitals of level 1+ and above; one row a reporting mission and level, with a zero where it has none.

    Source: DHMOSH
    Rule: 5th report, Priority 4, chart 'Number of hospitals in mission'.
    Imputed: Zero hospitals of a level where the source lists none.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        level: Level of the hospitals: 1+, 2 or 3.
        hospitals (hospitals): Hospitals of that level.

    Key: cycle, mission, level
    """
    every = missions.filter("reports").select("mission").join(pl.LazyFrame({"level": ["1+", "2", "3"]}), how="cross")
    counted = hospitals.group_by("mission", "level").agg(hospitals=pl.len().cast(pl.Int64))
    return (
        every.join(counted, on=["mission", "level"], how="left")
        .select(pl.lit(cycle.number, pl.Int64).alias("cycle"), "mission", "level", pl.col("hospitals").fill_null(0))
        .sort("mission", "level")
    )


def service_interruptions(service_interruptions: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Services of hospitals that were not available in the cycle; one row a mission and service.

    Source: DHMOSH
    Rule: 5th report, Priority 4: days of the cycle, and what share of it they are.
    Imputed: Where several hospitals of a mission lacked a service, the days of the one with most stand for the mission,
        since days of several may be the same.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        service: Service that was not available.
        days_unavailable (days): Days without it, the hospital with most days where there are several.
        share_of_cycle_pct (share): Those days as a share of the cycle in percent; above 100 the days cannot be right.

    Key: cycle, mission, service
    """
    return (
        of_reporting_missions(service_interruptions, missions)
        .group_by("mission", "service")
        .agg(days_unavailable=pl.col("days").max())
        .select(
            pl.lit(cycle.number, pl.Int64).alias("cycle"),
            "mission",
            "service",
            "days_unavailable",
            share_of_cycle_pct=100 * pl.col("days_unavailable") / cycle.days,
        )
        .sort("mission", "service")
    )


def mental_health_support(mental_health_support: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Mechanisms that support the mental health of personnel; one row a mission and mechanism.

    Source: A4P+ reporting
    Rule: 5th report, Priority 4, table of formal or informal mechanisms.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        mechanism: What the mechanism is.
        formal: Whether it is a formal one; empty where the mission does not say.

    Key: cycle, mission, mechanism
    """
    return mental_health_support.select(
        pl.lit(cycle.number, pl.Int64).alias("cycle"), "mission", "mechanism", "formal"
    ).sort("mission", "mechanism")


@cumulative
def explosive_ordnance(explosive_ordnance: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Explosive ordnance: incidents, risk education and what was cleared, from a day to a day; one row a mission.

    Source: UNMAS
    Rule: 5th report, Priority 4, EO threat update October 2023 to August 2024: incidents are those exploded or removed,
        by whom it was.
    Imputed: Incidents are the sum of their three parts; where a part is blank, the total that the source states; where
        it states none either, the sum of the parts that are there.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        counted_from: First day counted; empty where the source does not say.
        up_to: Last day counted.
        incidents (incidents): Ordnance that exploded or was removed; empty where nothing of it is known.
        incidents_obs_status: SDMX observation status of the incidents; L where a part is blank and no total is stated,
            O where nothing is known.
        exploded (incidents): Ordnance that exploded.
        removed_by_mission (incidents): Ordnance removed or destroyed by the mission.
        removed_by_others (incidents): Ordnance removed by other actors.
        people_educated (people): People who received risk education.
        people_educated_obs_status: SDMX observation status of the people educated; L where blank.
        routes_verified_km (km): Routes that were verified as free of ordnance.
        routes_verified_km_obs_status: SDMX observation status of the routes; L where blank.
        items_destroyed (items): Items of ordnance and ammunition that were destroyed.
        items_destroyed_obs_status: SDMX observation status of the items; L where blank.
        land_released_m2 (m2): Land released as clear of explosive hazards.
        land_released_m2_obs_status: SDMX observation status of the land; L where blank.
        hazards_removed (hazards): Explosive hazards removed.
        hazards_removed_obs_status: SDMX observation status of the hazards; L where blank.
        observers_injured (people): Military observers injured by ordnance.
        observers_injured_obs_status: SDMX observation status of the observers; L where blank.

    Key: cycle, mission
    """
    known = pl.any_horizontal(pl.col(*_PARTS).is_not_null())
    whole = pl.all_horizontal(pl.col(*_PARTS).is_not_null())
    stated = pl.col("incidents").is_not_null()
    return (
        of_reporting_missions(explosive_ordnance, missions)
        .select(
            pl.lit(cycle.number, pl.Int64).alias("cycle"),
            "mission",
            "counted_from",
            "up_to",
            pl.when(~whole & stated).then("incidents").when(known).then(pl.sum_horizontal(*_PARTS)).alias("incidents"),
            pl.when(known | stated).then(_status(whole | stated)).otherwise(pl.lit("O")).alias("incidents_obs_status"),
            *_PARTS,
            *(
                expression
                for name in _OF_ORDNANCE
                for expression in (name, _status(pl.col(name).is_not_null()).alias(f"{name}_obs_status"))
            ),
        )
        .sort("mission")
    )


def _status(given: pl.Expr) -> pl.Expr:
    return pl.when(given).then(pl.lit("A")).otherwise(pl.lit("L"))
