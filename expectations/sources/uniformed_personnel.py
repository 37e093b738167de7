"""Business rules of the uniformed personnel contributions."""

from __future__ import annotations

from expectations.common import at_least, not_in_the_future
from expectations.rule import Rule, Setting, on


@on("uniformed_personnel")
def month_is_not_in_the_future(setting: Setting) -> Rule:
    """Deployment is counted at the end of a month that is over when the file is received."""
    return not_in_the_future("last_reporting_date", says="month_is_not_in_the_future")


@on("uniformed_personnel")
def mission_was_deployed(setting: Setting) -> Rule:
    """A mission has no personnel before it begins."""
    return Rule(
        "",
        at_least("last_reporting_date", "mission__start", "warning"),
        "last_reporting_date",
    )
