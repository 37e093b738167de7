"""What a source states of its own data - totals, shares, periods - must be borne out by them.

A statement that is not is a warning: the rows are counted as they stand, and what was stated never is.
"""

from __future__ import annotations

import great_expectations.expectations as gxe

from config import Table
from expectations.rule import Rule, Setting


def statement_rules(table: Table, setting: Setting) -> list[Rule]:
    """Return the rules that follow from what a table's contract says the source states.

    They are for the frame that transforms.standardise gives.
    """
    rules: list[Rule] = []
    for statement in table.states:
        if statement.total_row:
            says = statement.total_row.says
            rules += [
                _borne_out(
                    column,
                    f"{column}_of_the_total_row_is_the_sum",
                    f"{column} of the row {says} is not the sum of the rows above it.",
                    f"Correct the row {says}, or the row that is wrong; the sum of the rows is what counts.",
                )
                for column in statement.total_row.of
            ]
        if statement.total:
            parts = " and ".join(statement.total.parts)
            rules.append(
                _borne_out(
                    statement.total.column,
                    f"{statement.total.column}_is_the_sum_of_its_parts",
                    f"{statement.total.column} is not the sum of {parts}.",
                    "Correct the total or its parts; the sum of the parts is what counts.",
                )
            )
        if statement.share and (setting.cycle or statement.share.base != "days_of_cycle"):
            share = statement.share
            base = "the days of the cycle" if share.base == "days_of_cycle" else share.base
            rules.append(
                _borne_out(
                    share.column,
                    f"{share.column}_is_that_share",
                    f"{share.column} is not the share that {share.part} is of {base}.",
                    f"Correct the share, or say what it is a share of: here it is {share.part} of {base}.",
                )
            )
        if statement.period and setting.cycle:
            rules += [_in_cycle(statement.period.from_, setting), _in_cycle(statement.period.to, setting)]
    return rules


def _borne_out(column: str, name: str, message: str, remedy: str) -> Rule:
    expectation = gxe.ExpectColumnValuesToBeInSet(column=f"{column}__borne_out", value_set=[True], severity="warning")
    return Rule(name, expectation, column, message, remedy)


def _in_cycle(column: str, setting: Setting) -> Rule:
    cycle = setting.cycle
    assert cycle
    return Rule(
        f"{column}_is_of_the_cycle",
        gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=cycle.start, max_value=cycle.end, severity="warning"
        ),
        column,
        f"The period that is stated is not that of cycle {cycle.number} ({cycle.start} to {cycle.end}).",
        "Bring the summary up to date: its period and its numbers may be those of another cycle.",
    )
