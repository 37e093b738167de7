"""A published report's figures against a release's: equal, rounded, contradicting (and why), or not covered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from config import Cycle, PublishedFigure
from transforms.wording import exact

Verdict = Literal["equal", "rounded", "contradicts", "not covered"]
SCHEMA = {
    "figure": pl.String,
    "mission": pl.String,
    "published": pl.String,
    "release": pl.Float64,
    "unit": pl.String,
    "verdict": pl.String,
    "reason": pl.String,
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True)
class Known:
    """What the release knows: its figures by name and mission, the cycle, and all cycles."""

    figures: Mapping[tuple[str, str], Mapping[str, object]]
    cycle: Cycle
    cycles: Mapping[int, Cycle]

    def value(self, figure: str, mission: str, which: str = "value") -> float | None:
        """Return a figure's value or previous value."""
        row = self.figures.get((figure, mission))
        number = row[which] if row else None
        return float(number) if isinstance(number, (int, float)) else None


def reconcile(
    published: Sequence[PublishedFigure], figures: pl.DataFrame, cycle: Cycle, cycles: Mapping[int, Cycle]
) -> pl.DataFrame:
    """Hold every published figure against the release's figures.

    In: the figures as printed; the release's table of figures. Out: one row a published figure, as SCHEMA says.
    The checks are general: the value itself, the previous value, a share with its base, a number of days against the
    days of the cycle, a period against the cycle.
    """
    known = Known({(row["figure"], row["mission"]): row for row in figures.iter_rows(named=True)}, cycle, cycles)
    rows = []
    for printed in published:
        mission = printed.mission or "ALL"
        verdict, reason = _judged(printed, mission, known)
        release = known.value(printed.figure, mission)
        rows.append((printed.figure, mission, printed.value, release, printed.unit, verdict, reason))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _judged(printed: PublishedFigure, mission: str, known: Known) -> tuple[Verdict, str]:
    value = known.value(printed.figure, mission)
    if value is None:
        row = known.figures.get((printed.figure, mission))
        return "not covered", f"the release has no value (status {row['obs_status']})" if row else "no such figure"
    if printed.unit == "period":
        return _period(printed, int(value), known)
    said = float(printed.value)
    contradictions = [
        *_value(said, value, known.value(printed.figure, mission, "previous"), printed.unit),
        *_previous(printed, known.value(printed.figure, mission, "previous")),
        *_days(printed, said, known),
        *_share(printed, said, mission, known),
    ]
    if contradictions:
        return "contradicts", "; ".join(contradictions)
    return ("equal", "") if said == value else ("rounded", f"{exact(value)} in the release")


def _value(said: float, value: float, previous: float | None, unit: str) -> list[str]:
    if said == value or round(value, -_zeros(said)) == said:
        return []
    if said == previous:
        return [f"{exact(said)} {unit} is the previous cycle's value; the rows of this cycle give {exact(value)}"]
    return [f"the rows give {exact(value)} {unit}, not {exact(said)}"]


def _zeros(said: float) -> int:
    """Return to how many zeros a printed number is rounded: 460,000 to four, 25 to none."""
    digits = f"{said:.0f}"
    return len(digits) - len(digits.rstrip("0")) if said else 0


def _previous(printed: PublishedFigure, previous: float | None) -> list[str]:
    if printed.previous is None or previous is None or round(previous, -_zeros(printed.previous)) == printed.previous:
        return []
    return [f"the previous value is given as {exact(printed.previous)}, and was {exact(previous)}"]


def _days(printed: PublishedFigure, said: float, known: Known) -> list[str]:
    if printed.unit != "days" or said <= known.cycle.days:
        return []
    return [f"{exact(said)} days in a period of {known.cycle.days}"]


def _share(printed: PublishedFigure, said: float, mission: str, known: Known) -> list[str]:
    """Check a share that is printed beside a number, and say what it is really a share of."""
    if printed.share_pct is None or printed.share_of is None:
        return []
    whole = float(known.cycle.days) if printed.share_of == "cycle_days" else known.value(printed.share_of, mission)
    if whole is None or _is_share(said, whole, printed.share_pct):
        return []
    base = f"the {known.cycle.days} days of the cycle" if printed.share_of == "cycle_days" else printed.share_of
    off = f"{exact(printed.share_pct)}% is not the share of {base} ({exact(round(100 * said / whole, 1))}%)"
    others = [
        name
        for (name, place), row in known.figures.items()
        if place == mission
        and row["unit"] == printed.unit
        and isinstance(row["value"], float)
        and name != printed.figure
        and _is_share(said, row["value"], printed.share_pct)
    ]
    if others:
        return [f"{off} but of {' or '.join(others)}"]
    return [f"{off}: {exact(said)} is {exact(printed.share_pct)}% of {exact(round(100 * said / printed.share_pct))}"]


def _is_share(part: float, whole: float, share_pct: float) -> bool:
    tolerance = 0.5 if share_pct == round(share_pct) else 0.05
    return whole > 0 and abs(100 * part / whole - share_pct) <= tolerance + 1e-9


def _period(printed: PublishedFigure, number: int, known: Known) -> tuple[Verdict, str]:
    match = re.match(r"^(?P<first>\w+)[-–](?P<last>\w+) (?P<year>\d{4})$", printed.value)
    if match is None or match["first"] not in _MONTHS or match["last"] not in _MONTHS:
        return "contradicts", f"'{printed.value}' is no period such as 'May-October 2023'"
    first, last = _MONTHS.index(match["first"]) + 1, _MONTHS.index(match["last"]) + 1
    end = int(match["year"])
    start = date(end if first <= last else end - 1, first, 1)
    said = next((c.number for c in known.cycles.values() if c.start == start and c.end.month == last), None)
    if said == number:
        return "equal", ""
    whose = f"cycle {said}" if said else "no cycle"
    return "contradicts", f"{printed.value} is {whose}; the report is of cycle {number}"
