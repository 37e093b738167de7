"""What came of looking whether a release is as it was published."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verified:
    """What was looked at, and one sentence for each thing that is not as it was published.

    `unseen` says, a sentence each, what could not be looked at, `told` what is as somebody decided.
    """

    release: str
    files: int
    raw_files: int
    problems: tuple[str, ...]
    rebuilt: bool = False
    unseen: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether all of it could be looked at, and is as it was published."""
        return not self.problems and not self.unseen
