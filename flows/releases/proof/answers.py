"""What the proof of a draft says: of each number what it is about, whether it is right, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flows.documents.drafts.passages import Draft, Passage, Remark


class Verdict(StrEnum):
    """What is said of a number; in the order in which people look at them."""

    CONTRADICTS = "contradicts"
    STALE = "stale"
    SUPPRESSED = "suppressed"
    UNSURE = "unsure"
    EQUAL = "equal"
    ROUNDED = "rounded equal"
    ABSENT = "not in the release"
    NO_FIGURE = "not a figure"


# with these a draft must not go out
WRONG = (Verdict.CONTRADICTS, Verdict.STALE, Verdict.SUPPRESSED)
PROVED = (Verdict.EQUAL, Verdict.ROUNDED)


@dataclass(frozen=True)
class Judged:
    """A number of a draft, `text` at passage[start:end], and what is said of it.

    reason: how it was decided, for people. name, mission, role: what it is linked with, where it is; `right` is what
    should stand there as the release has it, and `what` that is in words, `shown_by` how to see where that comes from,
    `can_be` what it may be where that is not sure. heads: of a cell, what heads its row and column.
    """

    passage: Passage
    start: int
    end: int
    text: str
    verdict: Verdict
    reason: str
    name: str | None = None
    title: str | None = None
    mission: str | None = None
    role: str | None = None
    key: tuple[str, ...] = ()
    what: str = ""
    right: float | None = None
    unit: str | None = None
    shown_by: str | None = None
    can_be: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    @property
    def quoted(self) -> str:
        """The words around it, with the number between arrows."""
        said = self.passage.text
        first, last = max(0, self.start - 50), min(len(said), self.end + 50)
        left = "…" if first else ""
        right = "…" if last < len(said) else ""
        heads = f"{', '.join(self.heads)}: " if self.heads else ""
        return f"{heads}{left}{said[first : self.start]}→{said[self.start : self.end]}←{said[self.end : last]}{right}"


@dataclass(frozen=True)
class Proof:
    """What a draft says, held against a release of a cycle: every number in the order in which it stands."""

    draft: Draft
    cycle: int
    release: str
    status: str
    judged: Sequence[Judged]

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts, is stale or must not be printed."""
        return not any(one.verdict in WRONG for one in self.judged)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many numbers each verdict is said of."""
        counted = Counter(one.verdict for one in self.judged)
        return {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}

    def of(self, *verdicts: Verdict) -> list[Judged]:
        """Return the numbers of which one of these is said."""
        return [one for one in self.judged if one.verdict in verdicts]

    def remarks(self, *verdicts: Verdict) -> list[Remark]:
        """Return what is to be written beside the numbers of these verdicts; of all where none is named."""
        return [
            Remark(one.passage.number, one.start, one.end, said_of(one), str(one.verdict))
            for one in self.judged
            if not verdicts or one.verdict in verdicts
        ]


def said_of(one: Judged) -> str:
    """Return what is said of a number, as one text for people."""
    return f"{one.reason} See: {one.shown_by}" if one.shown_by and one.verdict not in PROVED else one.reason
