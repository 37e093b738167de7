"""Priority 4: accountability to peacekeepers (safety and security)."""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.dictionary import cumulative, private

# 5th report, Priority 4: both charts and the text count from 1 January 2017.
FIRST_DAY = date(2017, 1, 1)
UNIFORMED = ("Military", "Military Observer", "Police")


@private
def casualties(noticas: pl.LazyFrame, missions: pl.LazyFrame) -> pl.LazyFrame:
    """Casualties, those in peacekeeping operations marked; one row a casualty.

    Source: NOTICAS / UNOCC
    Rule: 5th report, Priority 4: peacekeeping operations only, so special political missions are out of scope; deaths
        only, so injuries are.
    Imputed: A file that gives no type of any casualty is taken for one of deaths alone, as the public data set is.
        Where a file gives types, a casualty without one is not counted as a death.

    Fields:
        casualty_id: UNOCC's number of the casualty.
        incident_date: Date of the incident.
        year: Year of the incident.
        mission: Acronym of the mission.
        in_scope: Whether the row is a death in a peacekeeping operation.
        cause: Cause of death, as UNOCC classifies it.
        personnel_type: Kind of personnel.
        uniformed: Whether they are uniformed personnel; empty where the kind is not stated.
        gender: Gender, M or F.
        file: Submission that the row stands in.
        row: Row in the submission.

    Key: casualty_id
    """
    operations = missions.filter(pl.col("kind") == "peacekeeping operation").select("mission", operation=pl.lit(True))
    # a file without any type is of deaths alone
    untyped = pl.col("type_of_casualty").is_null().all().over("_file")
    return noticas.join(operations, on="mission", how="left", maintain_order="left").select(
        "casualty_id",
        "incident_date",
        pl.col("incident_date").dt.year().cast(pl.Int64).alias("year"),
        "mission",
        in_scope=pl.col("operation").fill_null(False) & (pl.col("type_of_casualty") == "Fatality").fill_null(untyped),
        cause=pl.col("cause"),
        personnel_type=pl.col("personnel_type"),
        uniformed=pl.col("personnel_type").is_in(UNIFORMED),
        gender=pl.col("gender"),
        file=pl.col("_file"),
        row=pl.col("_row"),
    )


@cumulative
def fatalities_by_cause(casualties: pl.LazyFrame) -> pl.LazyFrame:
    """Deaths in peacekeeping operations since 2017 by year of incident and cause; one row a year and cause.

    Source: NOTICAS / UNOCC
    Rule: 5th report, Priority 4, chart 'Causes of fatalities'.

    Fields:
        year: Year of the incident.
        cause: Cause of death, as UNOCC classifies it.
        deaths (people): Deaths.

    Key: year, cause
    """
    return _counted(casualties).group_by("year", "cause").agg(deaths=_rows()).sort("year", "cause")


@cumulative
def fatalities_malicious_share(casualties: pl.LazyFrame) -> pl.LazyFrame:
    """Share of deaths in peacekeeping operations that malicious acts caused, since 2017; one row a year of incident.

    Source: NOTICAS / UNOCC
    Rule: 5th report, Priority 4, chart of fatalities from malicious acts compared to all causes.

    Fields:
        year: Year of the incident.
        deaths (people): Deaths from all causes.
        malicious_deaths (people): Deaths by malicious acts.
        malicious_pct (percent): Share of deaths by malicious acts.

    Key: year
    """
    return (
        _counted(casualties)
        .group_by("year")
        .agg(deaths=_rows(), malicious_deaths=(pl.col("cause") == "Malicious Act").sum().cast(pl.Int64))
        .with_columns(malicious_pct=100 * pl.col("malicious_deaths") / pl.col("deaths"))
        .sort("year")
    )


@cumulative
def fatalities_by_personnel_type(casualties: pl.LazyFrame) -> pl.LazyFrame:
    """Deaths in peacekeeping operations since 2017 by year of incident and kind of personnel; a row a pair of them.

    Source: NOTICAS / UNOCC
    Rule: 5th report, Priority 4: the vast majority of fatalities occur among uniformed personnel, who are military
        personnel, military observers and police.
    Imputed: 'Not stated' where the source leaves the kind blank.

    Fields:
        year: Year of the incident.
        personnel_type: Kind of personnel, as UNOCC classifies it.
        uniformed: Whether they are uniformed personnel; empty where the kind is not stated.
        deaths (people): Deaths.

    Key: year, personnel_type
    """
    return (
        _counted(casualties)
        .group_by("year", pl.col("personnel_type").fill_null("Not stated"), "uniformed")
        .agg(deaths=_rows())
        .sort("year", "personnel_type")
    )


@cumulative
def fatalities_by_mission(casualties: pl.LazyFrame) -> pl.LazyFrame:
    """Deaths in peacekeeping operations since 2017 by mission and cause; one row a mission and cause.

    Source: NOTICAS / UNOCC
    Rule: 5th report, Priority 4, by mission.

    Fields:
        mission: Acronym.
        cause: Cause of death, as UNOCC classifies it.
        deaths (people): Deaths.

    Key: mission, cause
    """
    return _counted(casualties).group_by("mission", "cause").agg(deaths=_rows()).sort("mission", "cause")


def _counted(casualties: pl.LazyFrame) -> pl.LazyFrame:
    return casualties.filter("in_scope", pl.col("incident_date") >= FIRST_DAY)


def _rows() -> pl.Expr:
    return pl.len().cast(pl.Int64)
