"""Business rules of the allegations of misconduct."""

from __future__ import annotations

from expectations.common import at_least, not_in_the_future
from expectations.rule import Rule, Setting, on


@on("conduct_allegations")
def incident_ends_after_it_begins(setting: Setting) -> Rule:
    """The year an allegation counts for is that in which the act ended, so the period must be in order."""
    return Rule(
        "",
        at_least("incident_to", "incident_from", "critical"),
        "incident_to",
        others={"from": "incident_from"},
    )


@on("conduct_allegations")
def report_follows_the_incident(setting: Setting) -> Rule:
    """An act is reported after it began; one that goes on may end later than its report."""
    return Rule(
        "",
        at_least("date_reported", "incident_from", "critical"),
        "date_reported",
        others={"from": "incident_from"},
    )


@on("conduct_allegations")
def report_is_not_in_the_future(setting: Setting) -> Rule:
    """No allegation is reported after the day on which the file was received."""
    return not_in_the_future("date_reported")
