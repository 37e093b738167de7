"""Business rules of the allegations of misconduct."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.rule import Rule, Setting, on


def _not_before(later: str, earlier: str) -> Rule:
    return Rule(
        "",
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=later,
            column_B=earlier,
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
        ),
        earlier if later == "_known_by" else later,
    )


@on("conduct_allegations")
def incident_ends_after_it_begins(setting: Setting) -> Rule:
    """The year an allegation counts for is that in which the act ended, so the period must be in order."""
    return _not_before("incident_to", "incident_from")


@on("conduct_allegations")
def report_follows_the_incident(setting: Setting) -> Rule:
    """An act is reported after it began; one that goes on may end later than its report."""
    return _not_before("date_reported", "incident_from")


@on("conduct_allegations")
def report_is_not_in_the_future(setting: Setting) -> Rule:
    """No allegation is reported after the day on which the file was received."""
    return _not_before("_known_by", "date_reported")
