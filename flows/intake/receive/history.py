"""What files are compared with: what they replace, and what was in use at the end of the cycle before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from flows.core.records import Earlier, Slot, Submission
from flows.intake.receive import pulled


@dataclass(frozen=True)
class History:
    """What came before the files of a cycle, whose number it is.

    `accepted` is what was accepted of each slot, the newest first; `last_cycle` what the cycle before had in use. Of
    the `cumulative` sources also what was sent and never looked at counts, from `sent`. Where it is `noted` for a file
    what that was compared with, nothing else counts.
    """

    cycle: int
    accepted: Sequence[Submission] = ()
    last_cycle: Sequence[Submission] = ()
    sent: Mapping[Slot, Sequence[Submission]] = field(default_factory=dict)
    cumulative: Collection[str] = ()
    noted: Mapping[str, Sequence[Earlier]] | None = None

    def of(self, one: Submission) -> list[Earlier]:
        """Return what a file is compared with."""
        if self.noted is not None:
            return list(self.noted.get(one.file, ()))
        replaced = pulled.replaced_by(one, self.accepted) or self._sent_before(one)
        last = [of for of in self.last_cycle if (of.source, of.mission) == (one.source, one.mission)]
        return [
            Earlier(one.file, number, other)
            for number, others in ((self.cycle, replaced), (self.cycle - 1, last))
            for other in others
        ]

    def _sent_before(self, one: Submission) -> list[Submission]:
        """Return the next older file, that was replaced before anybody looked at it."""
        if one.source not in self.cumulative:
            return []
        every = list(self.sent.get((one.source, one.mission), ()))
        at = [number for number, other in enumerate(every) if pulled.read_as(other) == pulled.read_as(one)]
        older = every[at[-1] + 1 :] if at else []
        return [other for other in older if other.problem is None and other.part in {one.part, None}][:1]
