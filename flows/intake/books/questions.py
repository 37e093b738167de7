"""How the questions of a cycle ended: answered, the number corrected, taken as it is, or not yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from config import Config
from expectations.questions import is_question
from flows.intake.books import ledger
from flows.intake.books.record import Entry

# the reason of an answer that the coordinator gives without asking the source
TAKEN = "taken as it is"


@dataclass(frozen=True)
class Answers:
    """What was decided of the questions of a cycle.

    `answered` and `taken` are identities of findings. Of the others the ledger says who let them stand and why, as
    `<who>: <why>`: `let_stand` are those that no source answered, `earlier` answers of earlier cycles that still hold,
    so that nobody was asked again.
    """

    answered: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    let_stand: frozenset[str] = frozenset()
    earlier: frozenset[str] = frozenset()


def answers(decided: Iterable[Entry], config: Config, cycle: int) -> Answers:
    """Return what was decided of a cycle's questions, in the record and in waivers.yaml; nobody took it back."""
    every = list(decided)
    given = [entry for entry in every if entry.kind == "answer"]
    of_cycle = [entry for entry in given if entry.cycle == cycle and "identity" in entry.about]
    waived = {f"{entry.by}: {entry.reason}" for entry in every if entry.kind == "waive"}
    return Answers(
        frozenset(entry.about["identity"] for entry in of_cycle if entry.reason != TAKEN),
        frozenset(entry.about["identity"] for entry in of_cycle if entry.reason == TAKEN),
        frozenset(waived | {waiver.why for waiver in config.waivers if waiver.between is None}),
        frozenset(f"{entry.by}: {entry.reason}" for entry in given if entry.cycle and entry.cycle < cycle),
    )


def ended(known: pl.DataFrame, decided: Answers, by_mission: Collection[str]) -> pl.DataFrame:
    """Return how many questions each source, and mission, was asked, and how they ended.

    In: the ledger of a cycle, what was decided, and the sources whose files are a mission's.
    Out: source, mission, questions, answered, corrected, taken, unanswered.
    """
    identity, why = pl.col("identity"), pl.format("{}: {}", "waived_by", "waived_reason")
    taken = identity.is_in(list(decided.taken)) | why.is_in(list(decided.let_stand))
    taken = (taken | (pl.col("waived_reason") == TAKEN)).fill_null(False)
    answer = (identity.is_in(list(decided.answered)) | why.is_not_null()) & ~taken
    asked_before = why.is_in(list(decided.earlier)) & ~identity.is_in([*decided.answered, *decided.taken])
    asked = ledger.of_slots(known, by_mission).filter(is_question(), ~asked_before.fill_null(False))
    left = ~answer & ~taken
    return asked.group_by("source", "mission").agg(
        questions=pl.len(),
        answered=answer.sum(),
        corrected=(left & ~ledger.OPEN).sum(),
        taken=taken.sum(),
        unanswered=(left & ledger.OPEN).sum(),
    )
