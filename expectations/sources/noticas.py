"""Business rules of the notifications of casualties."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.rule import Rule, Setting, on


@on("noticas")
def incident_is_not_in_the_future(setting: Setting) -> Rule:
    """A casualty is notified after it happened: no incident is later than the last update of the data set."""
    return Rule(
        "",
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="_known_by",
            column_B="incident_date",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
        ),
        "incident_date",
    )


@on("noticas")
def incident_is_not_before_the_mission_began(setting: Setting) -> Rule:
    """A mission has no casualties before it begins."""
    return Rule(
        "",
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="incident_date",
            column_B="mission__start",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
        ),
        "incident_date",
    )


@on("noticas")
def incident_is_not_long_after_the_mission_ended(setting: Setting) -> Rule:
    """Liquidation teams stay on after a mission's last day, so a later incident is only worth a look."""
    return Rule(
        "",
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="mission__end",
            column_B="incident_date",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="info",
        ),
        "incident_date",
    )
