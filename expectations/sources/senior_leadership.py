"""Business rules of the senior leaders and the posts of missions."""

from __future__ import annotations

from expectations.common import in_a_peacekeeping_operation, not_in_the_future
from expectations.rule import Rule, Setting, on


@on("senior_leaders")
def leader_is_of_a_peacekeeping_operation(setting: Setting) -> Rule:
    """The report counts heads and deputy heads of peacekeeping operations (5th report, Priority 3)."""
    return in_a_peacekeeping_operation("row_is_of_a_peacekeeping_operation")


@on("mission_posts")
def posts_are_of_a_peacekeeping_operation(setting: Setting) -> Rule:
    """The report counts the posts of missions that DPO leads; DPPA leads the special political missions."""
    return in_a_peacekeeping_operation("row_is_of_a_peacekeeping_operation")


@on("mission_posts")
def posts_are_not_of_the_future(setting: Setting) -> Rule:
    """Women and men in posts are counted on a day, and not planned for one."""
    return not_in_the_future("as_of_date")
