"""The figures of a release held against what the raw files give: what is wrong, and what says that it is right."""

from __future__ import annotations

import math
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


def printed(value: float | None, unit: str) -> float | None:
    """Return a number as a report prints it: rounded half away from zero, 0% and 100% only where it is none or all."""
    places = 0
    while value is not None:
        size = math.floor(abs(value) * 10**places + 0.5 + 1e-9) / 10**places
        if unit != "percent" or size not in (0, 100) or abs(value) in (0, 100):
            return math.copysign(size, value)
        places += 1
    return None


def near(one: float | None, other: float | None) -> bool:
    """Tell whether two numbers are the same but for their being binary."""
    return one is not None and other is not None and math.isclose(one, other, rel_tol=0, abs_tol=1e-9)


def compared(
    figures: pl.DataFrame, right: Values, previous: Values, final: bool, counts: Counter[str]
) -> Iterator[Wrong]:
    """Yield what is wrong, and count what is compared. What is final may not have a wrong figure that is not unsure."""
    stands: dict[tuple[str, str], Mapping[str, Any]] = {
        (row["figure"], row["mission"]): row for row in figures.iter_rows(named=True)
    }
    for figure, mission in sorted(right.keys() | stands.keys()):
        row, exact = stands.get((figure, mission)), right.get((figure, mission))
        value = printed(exact, row["unit"] if row else "")
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
        elif row["unrounded"] is not None and row["value"] is not None and not near(row["unrounded"], exact):
            yield Wrong("unrounded", figure, mission, row["unrounded"], exact, row["obs_status"])
        exactly_before = previous.get((figure, mission))
        before = printed(exactly_before, row["unit"])
        if row["previous"] is not None and row["previous"] != before:
            yield Wrong("previous", figure, mission, row["previous"], before, row["previous_status"])
        if row["change"] is not None:
            unsure = {row["obs_status"], row["previous_status"]} & set(UNSURE)
            rounded_alone = row["unrounded"] is None or row["previous_unrounded"] is None
            now, then = (value, before) if rounded_alone else (exact, exactly_before)
            change = None if now is None or then is None else now - then
            if unsure:
                yield Wrong("change of what is unsure", figure, mission, row["change"], change, min(unsure))
            elif not near(row["change"], change):
                both = "A" if row["obs_status"] == row["previous_status"] == "A" else "L"
                yield Wrong("change", figure, mission, row["change"], change, both)
