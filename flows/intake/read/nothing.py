"""What stands below a table's header and is no row of it: cells that hold nothing, and the word for none.

The word (config.NONE, or another of the contract's) counts in a table for which the contract says that none is an
answer, and where the row's other cells say nothing either: they are blank, zero, dashes, a no, or the word again. Such
a row is an answer and no row: it is neither staged nor quarantined, and rows read do not count it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from config import Contract, Table
from transforms.notation import INVISIBLE

_SPACE = " \t\r\n\u00a0\u2007\u202f" + INVISIBLE
# letters and digits in lower case and without accents: what is left of dashes is nothing
_OTHER_SIGNS = r"[^\p{L}\p{N}]"
_NOTHING = r"^(0*|n|no|non)$"


@dataclass(frozen=True)
class NoneSaid:
    """Where a table says that it has nothing to list: the first row that does, and whether that row holds more."""

    row: int | None = None
    beside: bool = False

    def then(self, later: NoneSaid) -> NoneSaid:
        """Return what is said in one part of a table and a later one together."""
        return NoneSaid(later.row if self.row is None else self.row, self.beside or later.beside)


def sorted_out(rows: pl.DataFrame, table: Table, contract: Contract) -> tuple[pl.DataFrame, NoneSaid]:
    """Return the rows of a table that hold something, without those that say that there are none, and what these say.

    In: the table's columns as text, with `_row`.
    """
    names = list(table.columns_read)
    rows = _holding_something(rows, names, contract.nulls)
    if not table.none_is_an_answer or rows.is_empty():
        return rows, NoneSaid()
    words = pl.select(_plain(pl.lit(pl.Series(contract.words_for_none)))).to_series().to_list()
    said = rows.select(_plain(pl.col(name)).alias(name) for name in names)
    word = [pl.col(name).is_in(words).fill_null(False) for name in names]
    empty = [(pl.col(name).is_null() | pl.col(name).str.contains(_NOTHING)) for name in names]
    marked = said.select(
        none=pl.any_horizontal(word) & pl.all_horizontal(one | other for one, other in zip(word, empty, strict=True)),
        # the word stands where a row is named, and the row goes on
        torn=word[0],
    )
    is_word = marked["none"] | marked["torn"]
    found = rows.filter(is_word)["_row"]
    if found.is_empty():
        return rows, NoneSaid()
    return rows.filter(~is_word), NoneSaid(int(found[0]), bool((marked["torn"] & ~marked["none"]).any()))


def _holding_something(rows: pl.DataFrame, names: Sequence[str], nulls: Sequence[str]) -> pl.DataFrame:
    """Return the rows in which a cell holds more than blanks or the contract's null tokens."""

    def holds(name: str) -> pl.Expr:
        return pl.col(name).str.strip_chars(_SPACE).is_in(["", *nulls]).not_().fill_null(False)

    # of millions of rows, nearly all hold something in the column that comes first
    surely = rows.select(holds(names[0])).to_series()
    if surely.all():
        return rows
    others = rows.select(pl.any_horizontal(holds(name) for name in names)).to_series()
    return rows if others.all() else rows.filter(others)


def _plain(cells: pl.Expr) -> pl.Expr:
    return cells.str.normalize("NFKD").str.to_lowercase().str.replace_all(_OTHER_SIGNS, "")
