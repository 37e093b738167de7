"""How sure a figure is: what its source tables lack, what of them was refused, and what cannot be right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from config import Figure
from transforms.made_of import columns_named

WHOLE = "ALL"
# a mission that gave neither a number nor a word for it; L is what exists and was not collected
NOT_REPORTED = ("L", "O")


@dataclass(frozen=True)
class Known:
    """What is known of the rows of a source table, besides which missions reported nothing.

    `expected` are the missions that were to report in the cycle, none where headquarters sends the table. `refused`
    counts rows that were not accepted by the mission that sent them, under ALL where no mission did. `impossible` names
    for each column the missions, or ALL, of which a value that cannot be right was counted. `doubts` counts, as
    `refused` does, what is open and may make numbers wrong that were accepted. `questions` counts so, for each column,
    the numbers of which the source is asked whether they are right, and `answers` has what was answered. `reaches` is
    the newest day of a table that should reach the end of the cycle, None for any other.
    """

    expected: frozenset[str] = frozenset()
    refused: Mapping[str, int] = field(default_factory=dict)
    impossible: Mapping[str, Collection[str]] = field(default_factory=dict)
    doubts: Mapping[str, int] = field(default_factory=dict)
    questions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    reaches: date | None = None


@dataclass(frozen=True)
class Certainty:
    """How sure a figure is, of all the tables that it is made from: the missions that sent nothing are `missing`."""

    expected: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    refused: Mapping[str, int] = field(default_factory=dict)
    impossible: frozenset[str] = frozenset()
    doubts: Mapping[str, int] = field(default_factory=dict)
    questions: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def rows_refused(self) -> pl.Expr:
        """Return how many rows were refused of what the figure of each `mission`, or of all, is made from."""
        return _of_each(self.refused)

    def in_doubt(self) -> pl.Expr:
        """Return how much is open that may make the figure of each `mission`, or of all, wrong."""
        return _of_each(self.doubts)

    def is_asked(self) -> pl.Expr:
        """Return how many questions are open about numbers that the figure of each `mission`, or of all, is made of."""
        return _of_each(self.questions)

    def answered(self) -> pl.Expr:
        """Return what was answered about the numbers of each `mission`, with its name about those of all."""
        if not self.answers:
            return pl.lit(None, pl.String)
        texts = {mission: "; ".join(sorted(said)) for mission, said in sorted(self.answers.items())}
        of_all = [f"{mission}: {text}" if mission != WHOLE else text for mission, text in texts.items()]
        return pl.col("mission").replace_strict(
            {**texts, WHOLE: "; ".join(of_all)}, default=None, return_dtype=pl.String
        )

    def is_impossible(self) -> pl.Expr:
        """Return whether a value that cannot be right was counted in the figure of each `mission`, or of all."""
        if not self.impossible:
            return pl.lit(False)
        # which mission's a value is that is told of no mission cannot be known
        if WHOLE in self.impossible:
            return pl.lit(True)
        return pl.col("mission").is_in([WHOLE, *sorted(self.impossible)])

    def reported_by(self, silent: Collection[str]) -> int | None:
        """Return how many missions reported; None where none is asked. `silent` are those that left it blank."""
        if not self.expected:
            return None
        return 0 if WHOLE in self.missing else len(self.expected - self.missing - frozenset(silent))


def certainty(
    definition: Figure,
    columns: Collection[str],
    upstream: Collection[str],
    gaps: Mapping[str, Collection[str]],
    known: Mapping[str, Known],
    until: date,
) -> Certainty:
    """Tell how sure a figure is that counts until a day: where its data end before that, a doubt is open.

    In: the columns of its table, the source tables that it is made from, and of each of these which missions reported
    nothing (`gaps`: ALL where nothing of it is in) and what is known of its rows.
    """
    of = [known[table] for table in upstream if table in known]
    refused, doubts, questions = Counter[str](), Counter[str](), Counter[str]()
    answers = defaultdict[str, set[str]](set)
    for one in of:
        refused.update(one.refused)
        doubts.update(one.doubts)
        for column in _concerned(definition, columns, one.questions):
            questions.update(one.questions[column])
        for column in _concerned(definition, columns, one.answers):
            for mission, texts in one.answers[column].items():
                answers[mission] |= set(texts)
        if one.reaches and one.reaches < until:
            doubts[WHOLE] += 1
    return Certainty(
        frozenset[str]().union(*(one.expected for one in of)),
        frozenset(mission for table in upstream for mission in gaps.get(table, ())),
        dict(refused),
        frozenset(_impossible(definition, columns, of)),
        dict(doubts),
        dict(questions),
        {mission: frozenset(texts) for mission, texts in answers.items()},
    )


def _of_each(counts: Mapping[str, int]) -> pl.Expr:
    # whose the rows are that headquarters sent is not known before they are accepted
    of_all = counts.get(WHOLE, 0)
    of_each = {mission: number + of_all for mission, number in counts.items()} | {WHOLE: sum(counts.values())}
    return pl.col("mission").replace_strict(of_each, default=of_all, return_dtype=pl.Int64)


def _impossible(definition: Figure, columns: Collection[str], of: Iterable[Known]) -> set[str]:
    return {
        mission
        for one in of
        for column in _concerned(definition, columns, one.impossible)
        for mission in one.impossible[column]
    }


def _concerned(definition: Figure, columns: Collection[str], told: Iterable[str]) -> list[str]:
    """Return of the source columns of which something is told those that a figure may be made of."""
    if not (told := list(told)):
        return []
    named = columns_named(definition.value) | (columns_named(definition.where) if definition.where else frozenset())
    # what the table does not have under its name, it may be made from
    return [column for column in told if column in named or column not in columns]
