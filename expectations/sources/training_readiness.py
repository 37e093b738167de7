"""Business rules of the lists of contingents, police courses and senior appointments."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.common import at_least, not_in_the_future
from expectations.rule import Rule, Setting, on


@on("deploying_contingents")
def deployment_is_not_in_the_future(setting: Setting) -> Rule:
    """A contingent that is to deploy has not deployed."""
    return not_in_the_future("deployed_on")


@on("recognised_police_courses")
def recognition_is_not_in_the_future(setting: Setting) -> Rule:
    """A course that is to be recognised is not recognised yet."""
    return not_in_the_future("recognised_on")


@on("senior_appointments")
def appointment_is_not_in_the_future(setting: Setting) -> Rule:
    """The list is of those who are appointed when it is sent."""
    return not_in_the_future("appointed_on")


@on("senior_appointments")
def attendance_is_not_in_the_future(setting: Setting) -> Rule:
    """A programme that someone is to attend is not attended yet."""
    return not_in_the_future("attended_on")


@on("senior_appointments")
def attendance_follows_the_appointment(setting: Setting) -> Rule:
    """The report counts new leaders who began the programme within six months of their appointment (Priority 3)."""
    return Rule(
        "",
        at_least("attended_on", "appointed_on", "critical"),
        "attended_on",
        others={"appointed": "appointed_on"},
    )


@on("senior_appointments")
def appointment_was_in_the_year_before_the_cycle_ended(setting: Setting) -> Rule | None:
    """The list is of the year before the cycle ended; what is outside it is not counted (Priority 3)."""
    if setting.cycle is None:
        return None
    end = setting.cycle.end
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeBetween(
            column="appointed_on",
            min_value=end.replace(year=end.year - 1),
            strict_min=True,
            max_value=end,
            severity="warning",
        ),
        "appointed_on",
    )
