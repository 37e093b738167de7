"""Business rules of the uniformed personnel contributions."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.rule import Rule, Setting, on


@on("uniformed_personnel")
def month_is_not_in_the_future(setting: Setting) -> Rule:
    """Deployment is counted at the end of a month that is over when the file is received."""
    return Rule(
        "",
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="_known_by",
            column_B="last_reporting_date",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
        ),
        "last_reporting_date",
    )


@on("uniformed_personnel")
def mission_was_deployed(setting: Setting) -> Rule:
    """A mission has no personnel before it begins."""
    return Rule(
        "",
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="last_reporting_date",
            column_B="mission__start",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
        ),
        "last_reporting_date",
    )
