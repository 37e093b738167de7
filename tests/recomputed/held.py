"""The figures of a release held against what the raw files give: what is wrong, and what says that it is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from tests.recomputed.statements import Values

# a figure that says so claims nothing for certain
UNSURE = ("P", "V", "O")


@dataclass(frozen=True)
class Wrong:
    """A number that is not what the raw files give: which, what stands there, what is right, and what it says."""

    what: str
    figure: str
    mission: str
    stands: float | None
    right: float | None
    status: str | None

    @property
    def says_it_is_right(self) -> bool:
        return self.status == "A"

    @property
    def claims(self) -> bool:
        """Whether a reader takes it for right, which may not be.

        A word or a blank in place of a number is told as what it is, also in what is final.
        """
        return self.says_it_is_right or (self.what == "in a final release" and self.status not in ("L", "M"))


def compared(
    figures: pl.DataFrame, right: Values, previous: Values, final: bool, counts: Counter[str]
) -> Iterator[Wrong]:
    """Yield what is wrong, and count what is compared. What is final may not have a wrong figure that is not unsure."""
    stands: dict[tuple[str, str], Mapping[str, Any]] = {
        (row["figure"], row["mission"]): row for row in figures.iter_rows(named=True)
    }
    for figure, mission in sorted(right.keys() | stands.keys()):
        row, value = stands.get((figure, mission)), right.get((figure, mission))
        counts["compared"] += 1
        if row is None:
            # what is said of a mission that is not there is said of all
            if value:
                yield Wrong("absent", figure, mission, None, value, stands[figure, "ALL"]["obs_status"])
            continue
        # what is suppressed is not shown, and that nothing is there need not be said
        suppressed, nothing = row["obs_status"] == "Q" and row["value"] is None, value is None and not row["value"]
        if row["value"] != value and not suppressed and not ((figure, mission) not in right and nothing):
            yield Wrong("value", figure, mission, row["value"], value, row["obs_status"])
            if final and row["obs_status"] not in UNSURE:
                yield Wrong("in a final release", figure, mission, row["value"], value, row["obs_status"])
        before = previous.get((figure, mission))
        if row["previous"] is not None and row["previous"] != before:
            yield Wrong("previous", figure, mission, row["previous"], before, row["previous_status"])
        if row["change"] is not None:
            unsure = {row["obs_status"], row["previous_status"]} & set(UNSURE)
            change = None if value is None or before is None else value - before
            if unsure:
                yield Wrong("change of what is unsure", figure, mission, row["change"], change, min(unsure))
            elif row["change"] != change:
                both = "A" if row["obs_status"] == row["previous_status"] == "A" else "L"
                yield Wrong("change", figure, mission, row["change"], change, both)
