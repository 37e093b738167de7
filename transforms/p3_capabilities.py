"""Priority 3: capabilities and mindsets."""

from __future__ import annotations

import polars as pl

from config import Cycle
from transforms.dictionary import cumulative
from transforms.reporting import may_be_suppressed, of_reporting_missions


def conduct_trainings(conduct_training: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Conduct and discipline trainings held by missions in the cycle; one row a mission and kind of training.

    Source: A4P+ reporting
    Rule: 5th report, Priority 3, Training.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        training: Kind of training.
        sessions (sessions): Sessions held.
        sessions_obs_status: SDMX observation status of the sessions.
        training_days (days): Days of the cycle on which training was held.
        training_days_obs_status: SDMX observation status of the days.
        participants (people): People trained.
        participants_obs_status: SDMX observation status of the participants.

    Key: cycle, mission, training
    """
    counts = ("sessions", "training_days", "participants")
    return conduct_training.select(
        pl.lit(cycle.number, pl.Int64).alias("cycle"),
        "mission",
        "training",
        *(column for count in counts for column in (count, f"{count}_obs_status")),
    ).sort("mission", "training")


def contingent_readiness(deploying_contingents: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Contingents that deployed in the cycle and those certified as operationally ready; one row a mission.

    Source: OMA / ITS
    Rule: 5th report, Priority 3: share of deploying contingents that certified operational readiness.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        contingents (contingents): Contingents that deployed.
        certified (contingents): Those of them that certified operational readiness.

    Key: cycle, mission
    """
    return (
        of_reporting_missions(deploying_contingents, missions)
        .group_by("mission")
        .agg(contingents=_rows(), certified=pl.col("certified").sum().cast(pl.Int64))
        .select(_number(cycle), "mission", "contingents", "certified")
        .sort("mission")
    )


@cumulative
def police_course_recognition(recognised_police_courses: pl.LazyFrame, countries: pl.LazyFrame) -> pl.LazyFrame:
    """Countries with United Nations recognition of a police course to date; one row a country.

    Source: ITS
    Rule: 5th report, Priority 3: countries recognised for at least one UN Police course.

    Fields:
        contributing_country: Country.
        iso_alpha3: ISO 3166 alpha-3 code of the country; empty where the registry does not know it.
        m49_code: M49 code of the country, three-character text; empty where the registry does not know it.
        courses (courses): Courses that are recognised.
        first_recognised_on: Day of the first recognition.

    Key: contributing_country
    """
    return (
        recognised_police_courses.group_by("contributing_country")
        .agg(courses=_rows(), first_recognised_on=pl.col("recognised_on").min())
        .join(countries.unique("name"), left_on="contributing_country", right_on="name", how="left")
        .select("contributing_country", "iso_alpha3", "m49_code", "courses", "first_recognised_on")
        .sort("contributing_country")
    )


def senior_leadership_programme(senior_appointments: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """New senior leaders in the field and their attendance of the leadership programme; one row a grade.

    Source: ITS
    Rule: 5th report, Priority 3, and ST/SGB/2018/4: attendance within six months of appointment, of those appointed
        at D2 or above in the year before the cycle ended.

    Fields:
        cycle: Number of the cycle.
        grade: Grade of the post.
        appointed (people): Newly appointed leaders.
        attended_within_6_months (people): Those who began the programme within six months.
        attended (people): Those who attended it at any time.

    Key: cycle, grade
    """
    year = senior_appointments.filter(
        pl.col("appointed_on").is_between(pl.lit(cycle.end).dt.offset_by("-1y"), pl.lit(cycle.end), closed="right")
    )
    in_time = pl.col("attended_on") <= pl.col("appointed_on").dt.offset_by("6mo")
    return (
        year.group_by("grade")
        .agg(
            appointed=_rows(),
            attended_within_6_months=in_time.sum().cast(pl.Int64),
            attended=pl.col("attended_on").is_not_null().sum().cast(pl.Int64),
        )
        .select(_number(cycle), "grade", "appointed", "attended_within_6_months", "attended")
        .sort("grade")
    )


def tpp_trainings(tpp_streams: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Trainings of the Triangular Partnership Programme in the cycle; one row a stream.

    Source: TPP - DOS
    Rule: 5th report, Priority 3, table of the programme. The total that the source states is not a stream.

    Fields:
        cycle: Number of the cycle.
        stream: Stream of training.
        trainings (trainings): Trainings held.
        trainees (people): People trained.
        female_pct (percent): Share of women among the trainees, as the source states it.
        trainings_previous (trainings): Trainings of the previous cycle, as the source states them.
        trainees_previous (people): People trained in the previous cycle, as the source states them.
        female_pct_previous (percent): Share of women in the previous cycle, as the source states it.

    Key: cycle, stream
    """
    return (
        tpp_streams.filter(pl.col("stream") != "TOTAL")
        .select(
            _number(cycle),
            "stream",
            "trainings",
            "trainees",
            "female_pct",
            "trainings_previous",
            "trainees_previous",
            "female_pct_previous",
        )
        .sort("stream")
    )


def pki_trainings(pki_courses: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Courses of the Peacekeeping-Intelligence Academy in the cycle; one row a course.

    Source: PKI coordination team
    Rule: 5th report, Priority 3, Peacekeeping-Intelligence Academy.

    Fields:
        cycle: Number of the cycle.
        course: Course.
        uniformed (people): Uniformed personnel trained.
        civilian (people): Civilian personnel trained.
        women (people): Women among all who were trained; empty where suppressed.
        women_obs_status: SDMX observation status of the women; Q where suppressed.

    Key: cycle, course
    """
    return pki_courses.select(_number(cycle), "course", "uniformed", "civilian", *may_be_suppressed(["women"])).sort(
        "course"
    )


def _rows() -> pl.Expr:
    return pl.len().cast(pl.Int64)


def _number(cycle: Cycle) -> pl.Expr:
    return pl.lit(cycle.number, pl.Int64).alias("cycle")
