"""Questions: findings that a number is in form and may be wrong, so that its source is asked and nothing is refused.

A question tells both numbers, the one that is asked about and what it is held against. That is for its source and the
coordinator; a release tells it without them, since a number that is suppressed there could be told by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from config import Contract, Language, Messages
from expectations.columns import INTERNAL
from expectations.messages import SUFFIX, filled, french_number, named

# the rules that ask; each has its own text in config/messages.yaml
QUESTIONS: frozenset[str] = frozenset(
    {
        "number_is_near_earlier_ones",
        "number_is_no_tenfold_of_earlier_ones",
        "number_is_no_thousandfold_of_earlier_ones",
        "numbers_stand_in_their_columns",
        "numbers_are_not_those_of_the_last_cycle",
        "count_does_not_fall",
        "total_holds_its_parts",
        "share_fits_its_count",
        "number_is_possible_beside_another",
    }
)
# those whose two numbers are of different things, so that between them lies nothing
_OF_TWO_THINGS = frozenset({"share_fits_its_count", "number_is_possible_beside_another"})
# what a finding is to its reader, worst first: a question is no fault
KINDS = ("critical", "question", "warning", "info")
# what a question says of its row, beside the column and what else its rule knows
GAPS = ("row", "value", "earlier", "then")


@dataclass(frozen=True)
class Asks:
    """What a question tells of its row: the columns with both numbers, and with what names the row.

    `then` is the column with the number of the cycle that the earlier value is of, where it is of one.
    """

    value: str
    earlier: str
    then: str | None = None
    row: str | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns with numbers."""
        return tuple(name for name in (self.value, self.earlier, self.then) if name)


def is_question() -> pl.Expr:
    """Return the condition for findings that ask."""
    return pl.col("rule").is_in(sorted(QUESTIONS))


def kind() -> pl.Expr:
    """Return what findings are to their readers, as `kind_of` does."""
    return pl.when(is_question()).then(pl.lit("question")).otherwise("severity")


def kind_of(finding: Mapping[str, Any]) -> str:
    """Return what a finding is to its reader: a question, else as severe as it is."""
    return "question" if finding["rule"] in QUESTIONS else str(finding["severity"])


def answered_range(finding: Mapping[str, Any]) -> tuple[float, float]:
    """Return between what numbers an answer holds: the one that was asked about, and what that was held against."""
    value = float(finding["value"])
    alike = finding["rule"] not in _OF_TWO_THINGS and finding["earlier"] is not None
    earlier = float(finding["earlier"]) if alike else value
    return min(value, earlier), max(value, earlier)


def furthest() -> pl.Expr:
    """Return what to sort questions by: first the number that is furthest from what it is held against."""
    return -(pl.col("value") / pl.col("earlier")).log().abs()


def sentence(text: str, asks: Asks, row: Mapping[str, Any], language: Language, messages: Messages) -> str:
    """Return a question about a row.

    In: its text, in which the gaps of GAPS are still open; the row's columns that `asks` names, by their names.
    """
    value, earlier, then = (row[name] if name else None for name in (asks.value, asks.earlier, asks.then))
    name = row[asks.row] if asks.row else None
    filling = {
        "value": number(value, language),
        "earlier": number(earlier, language),
        "then": "" if then is None else str(then),
        "row": f" ({messages.value(name, language)})" if name else "",
    }
    for gap, words in filling.items():
        text = text.replace(f"{{{gap}}}", words)
    return text


def number(value: float | None, language: Language) -> str:
    """Return a number of a question as it is written in a language."""
    text = "" if value is None else f"{value:,.12g}"
    return french_number(text) if language == "fr" else text


def without_numbers(findings: pl.DataFrame, contracts: Mapping[str, Contract], messages: Messages) -> pl.DataFrame:
    """Return findings as every reader of a release may have them: questions without their numbers.

    In: findings, or what is known of mended ones, with `source`, `table`, `column`, `rule` and the messages; the
    columns that a release does not have are left out.
    """
    kept = findings.drop(INTERNAL, strict=False)
    asked = kept.filter(pl.col("rule").is_in(list(QUESTIONS))).select("source", "table", "column", "rule").unique()
    for source, table, column, rule in asked.iter_rows():
        contract = contracts.get(source)
        words = {"column": named(column, contract.tables.get(table) if contract else None)}
        plain = filled(messages.rules[rule].message, words, rule)
        meant = pl.all_horizontal(
            pl.col(name).eq_missing(value)
            for name, value in (("source", source), ("table", table), ("column", column), ("rule", rule))
        )
        kept = kept.with_columns(
            pl.when(meant)
            .then(pl.lit(getattr(plain, language)))
            .otherwise(f"message{suffix}")
            .alias(f"message{suffix}")
            for language, suffix in SUFFIX.items()
        )
    return kept
