"""What the business rules of several sources demand alike."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.rule import Rule
from expectations.severity import Severity


def at_least(column: str, other: str, severity: Severity) -> gxe.Expectation:
    """Return the expectation that `column` is not less, or not earlier, than `other` where both are given."""
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=column,
        column_B=other,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        severity=severity,
    )


def not_in_the_future(column: str, says: str = "day_is_not_in_the_future") -> Rule:
    """Return the rule that the day in `column` is not after the day of receipt."""
    # and not _known_by, which is the column itself where the source says by it how new its data are
    return Rule("", at_least("_received_on", column, "critical"), column, says=says)


def in_a_peacekeeping_operation(says: str = "") -> Rule:
    """Return the rule that a row's mission is a peacekeeping operation; `says` names what follows where it is not."""
    return Rule(
        "",
        gxe.ExpectColumnValuesToBeInSet(
            column="mission__kind", value_set=["peacekeeping operation"], severity="warning"
        ),
        "mission",
        says=says,
    )
