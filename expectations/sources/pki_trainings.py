"""Business rules of the trainings of the Peacekeeping-Intelligence Academy."""

from __future__ import annotations

import polars as pl

from expectations.common import at_least
from expectations.rule import Rule, Setting, on


@on("pki_courses")
def women_are_among_those_trained(setting: Setting) -> Rule:
    """The report tells the share of women among all who were trained, uniformed and civilian."""
    return Rule(
        "",
        at_least("women__among", "women", "critical"),
        "women",
        beside=pl.sum_horizontal("uniformed", "civilian", ignore_nulls=False).alias("women__among"),
    )
