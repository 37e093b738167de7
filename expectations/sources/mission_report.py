"""Business rules of the mission workbook."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column as Cell

from expectations.rule import Rule, Setting, on


@on("sofa_soma")
def new_incidents_are_part_of_the_total(setting: Setting) -> Rule:
    """The total counts new and longstanding incidents (5th report, Priority 7), so new ones cannot be more."""
    return Rule(
        "",
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="total_incidents",
            column_B="new_incidents",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
        ),
        "new_incidents",
    )


@on("sofa_soma")
def incidents_are_of_an_agreement(setting: Setting) -> Rule:
    """UNMIK, UNMOGIP and UNTSO have neither a SOFA nor a SOMA (5th report, note 8)."""
    without = [code for code, mission in setting.config.missions.items() if mission.agreement == "none"]
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeNull(
            column="new_incidents", row_condition=Cell("mission").is_in(without), severity="warning"
        ),
        "new_incidents",
    )


@on("conduct_training")
def days_of_training_go_with_sessions(setting: Setting) -> Rule:
    """Training is held in sessions, so a mission with days of training has at least one session."""
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeBetween(
            column="sessions", min_value=1, row_condition=Cell("training_days") > 0, severity="warning"
        ),
        "sessions",
    )


@on("cpas_impact_assessment")
def assessment_was_in_the_cycle(setting: Setting) -> Rule | None:
    """The table counts impact assessments conducted in the reporting period (5th report, Priority 2)."""
    if setting.cycle is None:
        return None
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeBetween(
            column="date_of_assessment",
            min_value=setting.cycle.start,
            max_value=setting.cycle.end,
            severity="warning",
        ),
        "date_of_assessment",
    )
