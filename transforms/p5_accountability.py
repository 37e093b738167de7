"""Priority 5: accountability of peacekeepers (performance, conduct and discipline)."""

from __future__ import annotations

import polars as pl

from config import Cycle
from transforms.dictionary import cumulative, private
from transforms.reporting import may_be_suppressed, of_reporting_missions

# 5th report, Priority 5: actions are counted since 1 January 2010.
FIRST_YEAR_OF_ACTIONS = 2010
_INCIDENT_YEARS = ("current", "previous", "other", "unknown")


@private
def allegations(conduct_allegations: pl.LazyFrame, missions: pl.LazyFrame) -> pl.LazyFrame:
    """Allegations in the missions of the report's note 7, with the year they count for; one row an allegation.

    Source: CDS
    Rule: 5th report, Priority 5, note 7 and notes to the chart of SEA allegations: current year where the incident was
        in the year of the report, previous where it was the year before, other where it was earlier. An act over a
        period counts for the year in which it ended.
    Imputed: An act without a last day is one of its first day; one that ends after the report is of the current year;
        one without a day at all is of an unknown year.

    Fields:
        allegation_id: CDS's number of the allegation.
        category: SEA, or other serious misconduct.
        mission: Acronym of the mission.
        year_reported: Year in which the allegation was reported.
        incident_year: Year of the incident against the year reported: current, previous, other or unknown.
        status: Where the matter stands.
        action_taken: Action taken.
        file: Submission that the row stands in.
        row: Row in the submission.

    Key: allegation_id
    """
    counted = missions.filter("in_conduct_data").select("mission")
    ended = pl.coalesce("incident_to", "incident_from").dt.year()
    years_before = pl.col("date_reported").dt.year() - ended
    return conduct_allegations.join(counted, on="mission", how="semi").select(
        "allegation_id",
        "category",
        "mission",
        pl.col("date_reported").dt.year().cast(pl.Int64).alias("year_reported"),
        pl.when(ended.is_null())
        .then(pl.lit("unknown"))
        .when(years_before <= 0)
        .then(pl.lit("current"))
        .when(years_before == 1)
        .then(pl.lit("previous"))
        .otherwise(pl.lit("other"))
        .alias("incident_year"),
        "status",
        "action_taken",
        pl.col("_file").alias("file"),
        pl.col("_row").alias("row"),
    )


@cumulative
def sea_allegations_by_year(allegations: pl.LazyFrame) -> pl.LazyFrame:
    """Allegations of sexual exploitation and abuse by year reported and year of incident; a row a pair of them.

    Source: CDS
    Rule: 5th report, Priority 5, chart 'Allegations of SEA in missions by year reported' and its notes. Small numbers
        are suppressed; those of whole years stand in sea_allegations_yearly.
    Imputed: Zero where a year has no allegation of an incident year.

    Fields:
        year_reported: Year in which the allegations were reported.
        incident_year: Year of the incident against the year reported: current, previous, other or unknown.
        allegations (allegations): Allegations, zero where there were none; empty where suppressed.
        allegations_obs_status: SDMX observation status of the allegations; Q where suppressed.

    Key: year_reported, incident_year
    """
    counted = _sea(allegations).group_by("year_reported", "incident_year").agg(allegations=pl.len().cast(pl.Int64))
    return (
        counted.select(pl.col("year_reported").unique())
        .join(pl.LazyFrame({"incident_year": _INCIDENT_YEARS}), how="cross")
        .join(counted, on=["year_reported", "incident_year"], how="left")
        .with_columns(pl.col("allegations").fill_null(0))
        .select("year_reported", "incident_year", *may_be_suppressed(["allegations"]))
        .sort("year_reported", "incident_year")
    )


@cumulative
def sea_allegations_yearly(allegations: pl.LazyFrame) -> pl.LazyFrame:
    """Allegations of sexual exploitation and abuse by year reported; one row a year.

    Source: CDS
    Rule: 5th report, Priority 5, chart 'Allegations of SEA in missions by year reported': the totals, which the UN
        publishes itself and which are never suppressed.

    Fields:
        year_reported: Year in which the allegations were reported.
        allegations (allegations): Allegations.

    Key: year_reported
    """
    return _sea(allegations).group_by("year_reported").agg(allegations=pl.len().cast(pl.Int64)).sort("year_reported")


@cumulative
def serious_misconduct_by_year(allegations: pl.LazyFrame) -> pl.LazyFrame:
    """Allegations of serious misconduct other than sexual exploitation and abuse; one row a year reported.

    Source: CDS
    Rule: 5th report, Priority 5, chart 'Allegations of serious misconduct (non-SEA)'.

    Fields:
        year_reported: Year in which the allegations were reported.
        allegations (allegations): Allegations.

    Key: year_reported
    """
    return (
        allegations.filter(pl.col("category") == "Other serious misconduct")
        .group_by("year_reported")
        .agg(allegations=pl.len().cast(pl.Int64))
        .sort("year_reported")
    )


@cumulative
def sea_actions(allegations: pl.LazyFrame) -> pl.LazyFrame:
    """Actions taken on substantiated allegations of sexual exploitation and abuse since 2010; one row an action.

    Source: CDS
    Rule: 5th report, Priority 5, chart of actions taken against substantiated SEA cases since 1 January 2010.
    Imputed: 'Pending' where the source leaves the action blank.

    Fields:
        action_taken: Action taken; 'None' where none was.
        allegations (allegations): Substantiated allegations reported since 2010; empty where suppressed.
        allegations_obs_status: SDMX observation status of the allegations; Q where suppressed.

    Key: action_taken
    """
    substantiated = (pl.col("category") == "SEA") & (pl.col("status") == "Substantiated")
    return (
        allegations.filter(substantiated, pl.col("year_reported") >= FIRST_YEAR_OF_ACTIONS)
        .group_by(pl.col("action_taken").fill_null("Pending"))
        .agg(allegations=pl.len().cast(pl.Int64))
        .select("action_taken", *may_be_suppressed(["allegations"]))
        .sort("action_taken")
    )


def paet_visits(paet_visits: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Visits of the Police Division to assess performance in the cycle; one row a mission.

    Source: OROLSI PD
    Rule: 5th report, Priority 5: annual inspection, assessment and evaluation visits.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        visits (visits): Visits in the cycle.

    Key: cycle, mission
    """
    return (
        of_reporting_missions(paet_visits, missions)
        .filter(pl.col("visited_on").is_between(cycle.start, cycle.end))
        .group_by("mission")
        .agg(visits=pl.len().cast(pl.Int64))
        .select(_number(cycle), "mission", "visits")
        .sort("mission")
    )


def military_unit_evaluations_by_mission(
    military_units: pl.LazyFrame, military_unit_evaluations: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle
) -> pl.LazyFrame:
    """Military units and their evaluations in the cycle; one row a mission.

    Source: OMA
    Rule: 5th report, Priority 5, chart of evaluations of military units, and notes 5 and 6: evaluations are counted,
        a unit may have more than one, also in a quarter, MINUSMA is left out.
    Imputed: Zero where a mission with units has no evaluation.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        units (units): Military units in the mission.
        units_evaluated (units): Units with at least one evaluation in the cycle.
        units_evaluated_twice (units): Units with two evaluations in the cycle, or more.
        evaluations (evaluations): Evaluations in the cycle.

    Key: cycle, mission
    """
    return _evaluated(of_reporting_missions(military_units, missions), military_unit_evaluations, cycle)


def fpu_evaluations_by_mission(
    fpu_units: pl.LazyFrame, fpu_evaluations: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle
) -> pl.LazyFrame:
    """Formed police units and their evaluations in the cycle; one row a mission.

    Source: OROLSI PD
    Rule: 5th report, Priority 5, chart of outcomes of evaluations of formed police units, and notes 5 and 6:
        evaluations are counted, a unit may have more than one, also in a quarter, MINUSMA is left out.
    Imputed: Zero where a mission with units has no evaluation.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        units (units): Formed police units in the mission.
        units_evaluated (units): Units with at least one evaluation in the cycle.
        units_evaluated_twice (units): Units with two evaluations in the cycle, or more.
        evaluations (evaluations): Evaluations in the cycle.

    Key: cycle, mission
    """
    return _evaluated(of_reporting_missions(fpu_units, missions), fpu_evaluations, cycle)


def fpu_evaluation_ratings(fpu_evaluations: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Outcomes of the evaluations of formed police units in the cycle; one row a mission and rating.

    Source: OROLSI PD
    Rule: 5th report, Priority 5: the Police Division's seven-point scale from unsatisfactory to outstanding.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        rating: Rating on the seven-point scale.
        evaluations (evaluations): Evaluations with that rating.

    Key: cycle, mission, rating
    """
    return (
        _in_cycle(of_reporting_missions(fpu_evaluations, missions), cycle)
        .group_by("mission", "rating")
        .agg(evaluations=pl.len().cast(pl.Int64))
        .select(_number(cycle), "mission", "rating", "evaluations")
        .sort("mission", "rating")
    )


def _sea(allegations: pl.LazyFrame) -> pl.LazyFrame:
    return allegations.filter(pl.col("category") == "SEA")


def _evaluated(units: pl.LazyFrame, evaluations: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    counted = (
        _in_cycle(evaluations, cycle)
        .group_by("mission", "unit_id")
        .agg(times=pl.len().cast(pl.Int64))
        .group_by("mission")
        .agg(
            units_evaluated=pl.len().cast(pl.Int64),
            units_evaluated_twice=(pl.col("times") >= 2).sum().cast(pl.Int64),
            evaluations=pl.sum("times"),
        )
    )
    counts = ("units_evaluated", "units_evaluated_twice", "evaluations")
    return (
        units.group_by("mission")
        .agg(units=pl.col("unit_id").n_unique().cast(pl.Int64))
        .join(counted, on="mission", how="left")
        .select(_number(cycle), "mission", "units", pl.col(*counts).fill_null(0))
        .sort("mission")
    )


def _in_cycle(evaluations: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    return evaluations.filter(pl.col("evaluation_date").is_between(cycle.start, cycle.end))


def _number(cycle: Cycle) -> pl.Expr:
    return pl.lit(cycle.number, pl.Int64).alias("cycle")
