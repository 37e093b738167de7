"""Business rules of the notifications of casualties."""

from __future__ import annotations

import great_expectations.expectations as gxe
import polars as pl

from expectations.common import at_least
from expectations.rule import Rule, Setting, on


@on("noticas")
def incident_is_not_in_the_future(setting: Setting) -> Rule:
    """A casualty is notified after it happened: no incident is later than the last update of the data set."""
    return Rule(
        "",
        at_least("_known_by", "incident_date", "critical"),
        "incident_date",
    )


@on("noticas")
def incident_is_not_before_the_mission_began(setting: Setting) -> Rule:
    """A mission has no casualties before it begins."""
    return Rule(
        "",
        at_least("incident_date", "mission__start", "warning"),
        "incident_date",
    )


@on("noticas")
def incident_is_not_long_after_the_mission_ended(setting: Setting) -> Rule:
    """Liquidation teams stay on after a mission's last day, so a later incident is only worth a look."""
    return Rule(
        "",
        at_least("mission__end", "incident_date", "info"),
        "incident_date",
    )


@on("noticas")
def type_is_given_where_others_have_one(setting: Setting) -> Rule:
    """In a file of deaths and injuries a casualty without a type may be either, and is not counted as a death."""
    kind = pl.col("type_of_casualty")
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeInSet(column="type__told", value_set=[True], severity="warning"),
        "type_of_casualty",
        beside=(kind.is_not_null() | kind.is_null().all().over("_file")).alias("type__told"),
        impossible="type_of_casualty",
    )
