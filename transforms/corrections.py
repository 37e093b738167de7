"""Corrections that the coordinator made: the text of a cell replaced before it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_

import polars as pl

from config import Correction
from config.labels import as_compared
from transforms.compared import compared


def flag(number: int) -> str:
    """Return the name of the column that says where the correction of that number was made."""
    return f"_corrected_{number}"


def correct(text: pl.LazyFrame, corrections: Sequence[Correction]) -> pl.LazyFrame:
    """Correct the text of a source table.

    In: text as the files hold it, and the corrections of the table. Out: the same rows in the same order, corrected,
    and for each correction a column that is true where it was made. The row is known by its key in any spelling; in the
    text that is corrected, space around and inside does not matter.
    """
    for number, correction in enumerate(corrections):
        column = pl.col(correction.column)
        row = [compared(pl.col(name).fill_null("")) == as_compared(value) for name, value in correction.key.items()]
        meant = reduce(and_, [*row, _read(correction.column) == " ".join((correction.from_ or "").split())])
        # one after the other, so that a later correction sees what an earlier one wrote
        text = text.with_columns(meant.alias(flag(number))).with_columns(
            pl.when(flag(number)).then(pl.lit(correction.to, pl.String)).otherwise(column).alias(correction.column)
        )
    return text


def _read(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.replace_all(r"\s+", " ").str.strip_chars()
