"""Files that are parts of one, where they are judged: what one part lacks another may hold, and a row stands once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from config import Contract
from flows.core.records import ReadSubmission, Slot, TableText
from flows.intake.gate.workspace import Desk
from flows.intake.receive.parts import lacking

if TYPE_CHECKING:
    from expectations.rule import Rule

WHOLE = "_whole"


class Parts:
    """The files that are parts of one, of those that are judged together."""

    def __init__(self, reads: Sequence[ReadSubmission]) -> None:
        self._of: dict[Slot, list[ReadSubmission]] = {}
        for one in reads:
            if one.submission.part is not None and one.texts:
                self._of.setdefault((one.submission.source, one.submission.mission), []).append(one)

    def lacking(self, one: ReadSubmission) -> str | None:
        """Return a part that a file's slot lacks; None where it is whole, or the file is no part."""
        submission = one.submission
        others = [other.submission.part for other in self._others(one)]
        return lacking([*filter(None, others), submission.part]).get(submission.part) if submission.part else None

    def elsewhere(self, one: ReadSubmission, table: str) -> bool:
        """Tell whether another part of a file has rows of a table, or says that there are none."""
        return any(
            (found := other.found.tables[table]).rows or found.none_in is not None
            for other in self._others(one)
            if table in other.found.tables
        )

    def _others(self, one: ReadSubmission) -> list[ReadSubmission]:
        slot = one.submission.source, one.submission.mission
        every = self._of.get(slot, []) if one.submission.part is not None else []
        return [other for other in every if other.submission.part != one.submission.part]


def newest_parts(
    typed: pl.LazyFrame, texts: Sequence[TableText], name: str, contract: Contract, desk: Desk
) -> tuple[pl.LazyFrame, list[pl.LazyFrame]]:
    """Return the rows that are to be judged, and those that a later part of the same file has too, with the reason.

    In: the rows of all files. A row is there twice where it is the same in all columns; of a cover, and of a list
    without dates, such as that of all units in each quarter, where it has the same key.
    """
    turns, table = _turns(texts), contract.tables[name]
    if not turns:
        return typed, []
    known = typed.collect_schema().names()
    listed = name in contract.covers or (contract.cadence == "quarterly" and table.dated_by is None)
    # the mission may be the folder's, and no column
    names = dict.fromkeys(["mission", *(table.key if listed else table.columns_read)])
    alike = [f"{name}__text" if name in table.columns_read else name for name in names if name in known]
    turn = pl.col("_file").replace_strict(list(turns), list(turns.values()), default=None, return_dtype=pl.Int64)
    marked = desk.held(typed.with_columns(_turn=turn).with_columns(_first=pl.col("_turn").min().over(alike)))
    later = (pl.col("_turn") > pl.col("_first")).fill_null(False)
    again = marked.filter(later).with_columns(reasons=pl.lit("a later part of the file has the row"))
    return marked.filter(~later).drop("_turn", "_first"), [again]


def counted_by_file(rows: pl.LazyFrame) -> dict[str, int]:
    """Return how many rows there are of each file."""
    return dict(rows.group_by("_file").len().sort("_file").collect().iter_rows())


def across_parts(rules: Sequence[Rule], texts: Sequence[TableText]) -> list[Rule]:
    """Return the rules of a table; where files are parts of one, a key may be listed once in all of them."""
    turns = _turns(texts)
    if not turns:
        return list(rules)
    from expectations.engine import ExpectCompoundColumnsToBeListedOnce

    # missions send files of their own, and the key holds the mission
    whole = pl.when(pl.col("_file").is_in(list(turns))).then(pl.lit("parts")).otherwise("_file")
    changed = []
    for rule in rules:
        if isinstance(rule.expectation, ExpectCompoundColumnsToBeListedOnce):
            columns = [WHOLE if name == "_file" else name for name in rule.expectation.column_list]
            expectation = rule.expectation.copy(update={"column_list": columns})
            changed.append(replace(rule, expectation=expectation, beside=whole.alias(WHOLE)))
        else:
            changed.append(rule)
    return changed


def _turns(texts: Sequence[TableText]) -> dict[str, int]:
    return {one.file: one.part for one in texts if one.part is not None}
