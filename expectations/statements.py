"""What a source states of its own data - totals, shares, periods - must be borne out by them.

A statement that is not is a warning: the rows are counted as they stand, and what was stated never is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import great_expectations.expectations as gxe

from config import Cycle, Table
from expectations.messages import Word, filled, listed, named
from expectations.rule import Rule, Setting, told


def statement_rules(table: Table, setting: Setting) -> list[Rule]:
    """Return the rules that follow from what a table's contract says the source states.

    They are for the frame that transforms.standardise gives.
    """
    messages = setting.config.messages
    rules: list[Rule] = []
    for statement in table.states:
        if statement.total_row:
            says = statement.total_row.says
            rules += [
                _borne_out("{column}_of_the_total_row_is_the_sum", column, {"says": says})
                for column in statement.total_row.of
            ]
        if statement.total:
            parts = listed([named(part, table) for part in statement.total.parts])
            rules.append(_borne_out("{column}_is_the_sum_of_its_parts", statement.total.column, {"parts": parts}))
        if statement.share and (setting.cycle or statement.share.base != "days_of_cycle"):
            share = statement.share
            days = filled(messages.phrases["days_of_the_cycle"], {})
            base = days if share.base == "days_of_cycle" else named(share.base, table)
            words: dict[str, Word] = {"part": named(share.part, table), "base": base}
            # of days and what share of the cycle they are, one cannot be; of how many a share is may be told otherwise
            impossible = share.part if share.base == "days_of_cycle" else None
            rules.append(replace(_borne_out("{column}_is_that_share", share.column, words), impossible=impossible))
        if statement.period and setting.cycle:
            rules += [_in_cycle(column, setting.cycle) for column in (statement.period.from_, statement.period.to)]
    return told(rules, messages, table=table, cycle=setting.cycle)


def _borne_out(name: str, column: str, words: Mapping[str, Word]) -> Rule:
    expectation = gxe.ExpectColumnValuesToBeInSet(column=f"{column}__borne_out", value_set=[True], severity="warning")
    return Rule(name, expectation, column, words=words)


def _in_cycle(column: str, cycle: Cycle) -> Rule:
    return Rule(
        "{column}_is_of_the_cycle",
        gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=cycle.start, max_value=cycle.end, severity="warning"
        ),
        column,
    )
