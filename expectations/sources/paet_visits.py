"""Business rules of the police assessment and evaluation visits."""

from __future__ import annotations

from expectations.common import not_in_the_future
from expectations.rule import Rule, Setting, on


@on("paet_visits")
def visit_is_not_in_the_future(setting: Setting) -> Rule:
    """A visit that is planned is not yet made."""
    return not_in_the_future("visited_on")
