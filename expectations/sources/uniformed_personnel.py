"""Business rules of the uniformed personnel contributions."""

from __future__ import annotations

from dataclasses import replace

from expectations.common import at_least, not_in_the_future
from expectations.rule import Rule, Setting, on


@on("uniformed_personnel")
def month_is_not_in_the_future(setting: Setting) -> Rule:
    """Deployment is counted at the end of a month that is over when the file is received."""
    return replace(not_in_the_future("last_reporting_date", "it"), remedy="Correct the month.")


@on("uniformed_personnel")
def mission_was_deployed(setting: Setting) -> Rule:
    """A mission has no personnel before it begins."""
    return Rule(
        "",
        at_least("last_reporting_date", "mission__start", "warning"),
        "last_reporting_date",
        "last_reporting_date is before the day on which the mission began.",
        "Check the month and the mission; the row is counted as it stands.",
    )
