"""Rules that ask: numbers that are in form and may be wrong, by the row alone and beside those of earlier cycles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import and_
from typing import Any

import polars as pl
from great_expectations.expectations.row_conditions import Column as Cell

from config import Table
from config.earlier import KNOWN, SAME_YEAR, compared_numbers, known
from config.stated import Rate
from expectations.engine import asked
from expectations.engine.plausible import out_of_column
from expectations.messages import Word, filled, listed, named
from expectations.questions import Asks
from expectations.rule import Rule, Setting, told

DAYS = "days_of_cycle"
# whether the numbers of a row stand in wrong columns: then nothing else is asked about them
_MOVED = "_moved"
# a total that is so many times the parts that are given, while others are blank, is asked about
_FAR_MORE = 100


def questions_of_the_row(table: Table, setting: Setting) -> list[Rule]:
    """Return the rules that ask about numbers of a row beside each other, as its table's contract says.

    They are for the frame that transforms.standardise gives.
    """
    return told(_of_statements(table, setting), setting.config.messages, table=table, cycle=setting.cycle)


def questions_of_history(table: Table, setting: Setting) -> list[Rule]:
    """Return the rules that ask about numbers beside those of earlier cycles.

    They are for the frame that transforms.earlier.beside gives.
    """
    rules = [*_of_rows(table), *(rule for name in compared_numbers(table) for rule in _of_a_number(name, table))]
    return told(rules, setting.config.messages, table=table, cycle=setting.cycle)


def _of_statements(table: Table, setting: Setting) -> Iterator[Rule]:
    for statement in table.states:
        if share := statement.counted_share:
            yield Rule(
                "share_fits_its_count",
                asked.ExpectShareOfAWholeNumber(column_list=[share.column, share.base], severity="warning"),
                share.column,
                words={"base": named(share.base, table)},
                asks=Asks(share.column, share.base, row=_row_name(table)),
            )
        if total := statement.total:
            given = f"{total.column}__given"
            yield Rule(
                "total_holds_its_parts",
                asked.ExpectTotalToHoldItsParts(
                    column_list=[total.column, *total.parts], times=_FAR_MORE, severity="warning"
                ),
                total.column,
                beside=pl.sum_horizontal(total.parts).alias(given),
                words={"parts": listed([named(part, table) for part in total.parts])},
                asks=Asks(total.column, given, row=_row_name(table)),
            )
        if (rate := statement.rate) and (setting.cycle or rate.per != DAYS):
            yield _of_a_rate(rate, table, setting)


def _of_a_rate(rate: Rate, table: Table, setting: Setting) -> Rule:
    per, beside = rate.per, None
    base: Word = named(per, table)
    if per == DAYS and setting.cycle:
        per, base = f"{rate.column}__days", filled(setting.config.messages.phrases["days_of_the_cycle"], {})
        beside = pl.lit(setting.cycle.days).alias(per)
    return Rule(
        "number_is_possible_beside_another",
        asked.ExpectRateToBePossible(
            column_list=[rate.column, per], at_least=rate.at_least, at_most=rate.at_most, severity="warning"
        ),
        rate.column,
        beside=beside,
        words={"base": base},
        asks=Asks(rate.column, per, row=_row_name(table)),
    )


def _of_rows(table: Table) -> Iterator[Rule]:
    """Return the rules on all numbers of a row together, one for each place where they may point."""
    columns = compared_numbers(table)
    lows, highs, last = ([known(name, what) for name in columns] for what in ("low", "high", "last"))
    base = table.bounds(columns[0]).base if columns else 0
    if len(columns) > 1:
        beside = [(name, pl.Float64()) for name in (*columns, *lows, *highs)]
        moved = out_of_column(beside, {"base": base, "at": None}).alias(_MOVED)
        for at, name in enumerate(columns):
            expectation = asked.ExpectNumbersInTheirColumns(
                column_list=[*columns, *lows, *highs], base=base, at=at, severity="warning"
            )
            beside_it = moved if at == 0 else None
            yield Rule("numbers_stand_in_their_columns", expectation, name, beside=beside_it, asks=_asks(name, table))
    if table.cumulative or (table.plausible and table.plausible.may_stay):
        return
    of_another_year = Cell(SAME_YEAR) == False  # noqa: E712
    for at, name in enumerate(columns):
        expectation = asked.ExpectNumbersNotToBeTheLastOnes(
            column_list=[*columns, *last], at=at, row_condition=of_another_year, severity="warning"
        )
        yield Rule("numbers_are_not_those_of_the_last_cycle", expectation, name, asks=_asks(name, table))


def _of_a_number(name: str, table: Table) -> Iterator[Rule]:
    """Return the rules on one number beside its earlier ones."""
    bounds, conditions = table.bounds(name), []
    if len(compared_numbers(table)) > 1:
        conditions.append(Cell(_MOVED) == False)  # noqa: E712
    if name in {statement.total.column for statement in table.states if statement.total}:
        # a total that is the sum of its parts is as far as they are, and they are asked about
        conditions.append(Cell(f"{name}__borne_out") != True)  # noqa: E712
    of_which: dict[str, Any] = {"row_condition": reduce(and_, conditions)} if conditions else {}
    held = [name, *(known(name, what) for what in KNOWN if what != "then")]
    common = {"column_list": held, "base": bounds.base, "severity": "warning", **of_which}
    far = asked.ExpectNumberNearEarlierOnes(ratio=bounds.ratio, deviations=bounds.deviations, **common)
    expectations = {
        "number_is_no_tenfold_of_earlier_ones": asked.ExpectNumberToBeNoTenfold(**common),
        "number_is_no_thousandfold_of_earlier_ones": asked.ExpectNumberToBeNoThousandfold(**common),
        "number_is_near_earlier_ones": far,
    }
    if table.cumulative and table.columns[name].type == "count":
        expectations["count_does_not_fall"] = asked.ExpectCountNotToFall(**common)
    for rule, expectation in expectations.items():
        yield Rule(rule, expectation, name, asks=_asks(name, table))


def _asks(name: str, table: Table) -> Asks:
    return Asks(name, known(name, "last"), known(name, "then"), _row_name(table))


def _row_name(table: Table) -> str | None:
    """Return the column that names a row to people, by a word of a list; None where its mission does, or several do."""
    name = table.row_name
    return name if name and table.columns[name].one_of else None
