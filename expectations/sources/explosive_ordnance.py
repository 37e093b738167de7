"""Business rules of the explosive ordnance incidents."""

from __future__ import annotations

from expectations.common import in_a_peacekeeping_operation, not_in_the_future
from expectations.rule import Rule, Setting, on


@on("explosive_ordnance")
def last_day_counted_is_not_in_the_future(setting: Setting) -> Rule:
    """Incidents are counted up to a day that is over when the file is received."""
    return not_in_the_future("up_to")


@on("explosive_ordnance")
def ordnance_is_of_a_peacekeeping_operation(setting: Setting) -> Rule:
    """UNMAS works in special political missions too, of which the report does not speak."""
    return in_a_peacekeeping_operation("row_is_of_a_peacekeeping_operation")
