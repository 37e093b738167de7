"""Of which kinds the findings of a cycle are: by rule, in words, how often, and whether they come each time."""

from __future__ import annotations

import re
from collections import Counter

import polars as pl

from expectations import severity
from expectations.questions import is_question

# a message goes on with what is of this finding alone: a place, a name, days in brackets, how many rows
_END = re.compile(r"\s*[:;]\s|\.\s|\.$|\s\((?=\d{4}-)")

_SLOT = ["source", "mission"]


def counted() -> pl.Expr:
    """Return the condition for what a source is counted for: no questions, and not what a decision lets stand."""
    return severity.to_mend() & pl.col("waived_by").is_null() & ~is_question()


def kinds(found: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each source, mission and rule, the most frequent first.

    In: what counts of the ledgers of a cycle and of the one before, as `flows.intake.books.ledger.of_slots` gives it.
    Out: source, mission, rule, severity (the worst), what (in words), what_fr, findings, and whether it is there again.
    """
    grouped = (
        found.sort(severity.worst_first(), "identity")
        .group_by(*_SLOT, "rule", maintain_order=True)
        .agg(
            pl.col("severity").first(),
            what=pl.col("message"),
            what_fr=pl.coalesce("message_fr", "message"),
            findings=pl.len().cast(pl.Int64),
        )
    )
    earlier = before.select(*_SLOT, "rule", again=pl.lit(True)).unique()
    return (
        grouped.with_columns(pl.col("what", "what_fr").map_elements(_mostly, return_dtype=pl.String))
        .join(earlier, on=[*_SLOT, "rule"], how="left", nulls_equal=True)
        .with_columns(pl.col("again").fill_null(False))
        .sort("source", "mission", -pl.col("findings"), severity.worst_first(), "rule", nulls_last=True)
    )


def in_words(message: str) -> str:
    """Return what kind of thing a message says: `“Cause” is blank.` without the place or number that follows."""
    return _END.split(message, maxsplit=1)[0]


def _mostly(messages: pl.Series) -> str:
    (usual, _), *_ = Counter(map(in_words, messages)).most_common(1)
    return usual
