"""Business rules of the mission workbook."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column as Cell

from expectations.common import at_least
from expectations.rule import Rule, Setting, on


@on("sofa_soma")
def new_incidents_are_part_of_the_total(setting: Setting) -> Rule:
    """The total counts new and longstanding incidents (5th report, Priority 7), so new ones cannot be more."""
    return Rule(
        "",
        at_least("total_incidents", "new_incidents", "critical"),
        "new_incidents",
    )


def _of_an_agreement(column: str, setting: Setting) -> Rule:
    without = [code for code, mission in setting.config.missions.items() if mission.agreement == "none"]
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeNull(column=column, row_condition=Cell("mission").is_in(without), severity="warning"),
        column,
        says="incidents_are_of_an_agreement",
    )


@on("sofa_soma")
def incidents_are_of_an_agreement(setting: Setting) -> Rule:
    """UNMIK, UNMOGIP and UNTSO have neither a SOFA nor a SOMA (5th report, note 8); what they write is not counted."""
    return _of_an_agreement("new_incidents", setting)


@on("sofa_soma")
def all_incidents_are_of_an_agreement(setting: Setting) -> Rule:
    """The longstanding incidents are of an agreement as the new ones are."""
    return _of_an_agreement("total_incidents", setting)


@on("conduct_training")
def days_of_training_go_with_sessions(setting: Setting) -> Rule:
    """Training is held in sessions, so a mission with days of training has at least one session."""
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeBetween(
            column="sessions", min_value=1, row_condition=Cell("training_days") > 0, severity="warning"
        ),
        "sessions",
        impossible="sessions",
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


@on("political_engagement")
def events_with_womens_groups_are_part_of_the_events(setting: Setting) -> Rule:
    """Events with women's groups are some of the peacebuilding events (5th report, Priority 1)."""
    return Rule(
        "",
        at_least("peacebuilding_events", "events_with_womens_groups", "critical"),
        "events_with_womens_groups",
    )


@on("women_in_patrols")
def patrols_with_women_are_part_of_the_patrols(setting: Setting) -> Rule:
    """The report tells the share of patrols in which women took part (5th report, Priority 3)."""
    return Rule(
        "",
        at_least("patrols", "patrols_with_women", "critical"),
        "patrols_with_women",
    )


@on("women_in_patrols")
def year_is_near_the_cycle(setting: Setting) -> Rule | None:
    """Patrols are told by calendar year, those that the cycle touches and the one before for comparison."""
    if setting.cycle is None:
        return None
    first, last = setting.cycle.start.year - 1, setting.cycle.end.year
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeBetween(column="year", min_value=first, max_value=last, severity="warning"),
        "year",
        words={"first": first, "last": last},
    )
