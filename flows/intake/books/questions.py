"""How the questions of a cycle ended: answered, the number corrected, taken as it is, or not yet."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from flows.intake.books import kinds, ledger


def ended(known: pl.DataFrame, answered: Collection[str], by_mission: Collection[str]) -> pl.DataFrame:
    """Return how many questions each source, and mission, was asked, and how they ended.

    In: the ledger of a cycle, the identities of the findings that were answered, and the sources whose files are a
    mission's. Out: source, mission, questions, answered, corrected, taken, unanswered.
    """
    answer = pl.col("identity").is_in(list(answered))
    taken = ~answer & pl.col("waived_by").is_not_null()
    left = ~answer & ~taken
    asked = ledger.of_slots(known, by_mission).filter(kinds.asks())
    return asked.group_by("source", "mission").agg(
        questions=pl.len(),
        answered=answer.sum(),
        corrected=(left & ~ledger.OPEN).sum(),
        taken=taken.sum(),
        unanswered=(left & ledger.OPEN).sum(),
    )
