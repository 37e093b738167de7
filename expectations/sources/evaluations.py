"""Business rules of the evaluations of military and formed police units."""

from __future__ import annotations

import great_expectations.expectations as gxe
import polars as pl
from great_expectations.expectations.row_conditions import Column as Cell

from expectations.common import in_a_peacekeeping_operation, not_in_the_future
from expectations.rule import Rule, Setting, on


def _plan_follows_a_poor_rating(poor: list[str]) -> Rule:
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeInSet(
            column="improvement_plan", value_set=[True], row_condition=Cell("rating").is_in(poor), severity="warning"
        ),
        "improvement_plan",
    )


@on("military_unit_evaluations")
def a_poor_rating_has_a_plan(setting: Setting) -> Rule:
    """Underperformance is followed by an improvement plan (5th report, Priority 5, remedial measures)."""
    return _plan_follows_a_poor_rating(["Unsatisfactory", "Satisfactory with shortfalls"])


@on("fpu_evaluations")
def an_evaluation_that_needs_improvement_has_a_plan(setting: Setting) -> Rule:
    """Underperformance is followed by an improvement plan (5th report, Priority 5, remedial measures)."""
    return _plan_follows_a_poor_rating(["Unsatisfactory", "Needs improvement"])


@on("fpu_evaluations")
def quarter_is_that_of_the_date(setting: Setting) -> Rule | None:
    """Units are evaluated each quarter (5th report, Priority 5), and the figures count by the date."""
    if setting.cycle is None:
        return None
    start, second, end = setting.cycle.start, setting.cycle.second_quarter, setting.cycle.end
    day = pl.col("evaluation_date")
    early, late = day.is_between(start, second, "left"), day.is_between(second, end)
    other = pl.when(early).then(pl.lit("Q2")).when(late).then(pl.lit("Q1"))
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeInSet(column="quarter__fits", value_set=[True], severity="warning"),
        "quarter",
        beside=(pl.col("quarter") != other).alias("quarter__fits"),
        others={"date": "evaluation_date"},
        words={"second": second},
    )


@on("military_unit_evaluations")
def unit_evaluation_is_not_in_the_future(setting: Setting) -> Rule:
    """No evaluation is held after the day on which the file was received."""
    return not_in_the_future("evaluation_date")


@on("fpu_evaluations")
def fpu_evaluation_is_not_in_the_future(setting: Setting) -> Rule:
    """No evaluation is held after the day on which the file was received."""
    return not_in_the_future("evaluation_date")


@on("fpu_units")
def formed_police_unit_is_in_a_peacekeeping_operation(setting: Setting) -> Rule:
    """Formed police units serve in peacekeeping operations."""
    return in_a_peacekeeping_operation()


@on("military_units")
def military_unit_is_in_a_peacekeeping_operation(setting: Setting) -> Rule:
    """Military units under OMA's evaluation serve in peacekeeping operations."""
    return in_a_peacekeeping_operation()
