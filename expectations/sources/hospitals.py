"""Business rules of the hospitals."""

from __future__ import annotations

from expectations.common import in_a_peacekeeping_operation
from expectations.rule import Rule, Setting, on


@on("hospitals")
def hospital_is_in_a_peacekeeping_operation(setting: Setting) -> Rule:
    """The report counts the hospitals of peacekeeping operations (5th report, Priority 4)."""
    return in_a_peacekeeping_operation()
