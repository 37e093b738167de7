"""A published report's figures against a release's: equal, rounded, contradicting (and why), or not covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from config import Cycle, PublishedFigure
from config.printed import PrintedNumber, printed_number, printed_period
from transforms.certainty import WHOLE
from transforms.rounding import rounded, without_noise
from transforms.wording import exact

Verdict = Literal["equal", "rounded", "contradicts", "not covered"]
SCHEMA = {
    "figure": pl.String,
    "mission": pl.String,
    "published": pl.Float64,
    "printed": pl.String,
    "release": pl.Float64,
    "unit": pl.String,
    "verdict": pl.String,
    "reason": pl.String,
}
_DAYS_OF_CYCLE = "cycle_days"
# what can have no value, and what its mission left blank: a printed number has nothing that it could come from
_ABSENT = {"M": "there can be none", "L": "it was not reported"}


@dataclass(frozen=True)
class Known:
    """What the release knows: its figures by name and mission, the cycle, and all cycles."""

    figures: Mapping[tuple[str, str], Mapping[str, Any]]
    cycle: Cycle
    cycles: Mapping[int, Cycle]

    def by_mission(self, figure: str) -> dict[str, Mapping[str, Any]]:
        """Return the rows of a figure, by mission."""
        return {mission: row for (name, mission), row in self.figures.items() if name == figure}


def reconcile(
    published: Sequence[PublishedFigure], figures: pl.DataFrame, cycle: Cycle, cycles: Mapping[int, Cycle]
) -> pl.DataFrame:
    """Hold every published figure against the release's figures.

    In: the figures as printed; the release's table of figures. Out: one row a published figure, as SCHEMA says.
    A number is equal by the rounding that its text shows, and by no other. Checked are the value, the mission, the
    unit, the previous value, the day, the year and the period, a share with its base, and days against those of the
    cycle.
    """
    known = Known({(row["figure"], row["mission"]): row for row in figures.iter_rows(named=True)}, cycle, cycles)
    rows = []
    for printed in published:
        mission = printed.mission or WHOLE
        row = known.figures.get((printed.figure, mission))
        verdict, reason = _judged(printed, mission, row, known)
        value = row["value"] if row else None
        rows.append((printed.figure, mission, printed.value, printed.printed, value, printed.unit, verdict, reason))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _judged(printed: PublishedFigure, mission: str, row: Mapping[str, Any] | None, known: Known) -> tuple[Verdict, str]:
    number = printed_number(printed.printed)
    if row is None or row["value"] is None:
        return _without_value(printed, number, mission, row, known)
    contradictions = [
        *_itself(printed, number),
        *_unit(printed, number, row),
        *_value(printed, number, row),
        *_previous(printed, row),
        *_days_counted(printed, row, known),
        *_too_many_days(printed, known),
        *_share(printed, number, mission, row, known),
    ]
    if contradictions:
        return "contradicts", "; ".join(contradictions)
    unchecked = "; ".join(_unchecked(printed, mission, row, known))
    # 37% is what the release gives of 36.8
    if number.bound in (None, "about") and number.value in (_unrounded(row), row["value"]):
        return "equal", unchecked
    return "rounded", "; ".join(part for part in (f"{exact(row['value'])} in the release", unchecked) if part)


def _without_value(
    printed: PublishedFigure, number: PrintedNumber, mission: str, row: Mapping[str, Any] | None, known: Known
) -> tuple[Verdict, str]:
    """Judge a number of which the release has no value: that of another mission, or one that there cannot be."""
    of_figure = known.by_mission(printed.figure)
    if not of_figure:
        return "not covered", "no such figure"
    others = [name for name, of in of_figure.items() if name != WHOLE and number.value and number.value == of["value"]]
    of_others = f"{printed.printed} is that of {' and of '.join(others)}" if others else ""
    if row is None:
        if set(of_figure) == {WHOLE}:
            return (
                "contradicts",
                f"the figure is of all missions together, and not by mission, so of none for {mission}",
            )
        if of_others or number.value:
            reason = f"the release counts nothing for {mission}"
            return "contradicts", "; ".join(part for part in (reason, of_others) if part)
        return "not covered", f"the release counts nothing for {mission}"
    status = row["obs_status"]
    absent = f"the release has no value of {mission} (status {status})"
    if status == "M" or (status in _ABSENT and of_others):
        return "contradicts", "; ".join(part for part in (f"{absent}: {_ABSENT[status]}", of_others) if part)
    return "not covered", f"the release has no value (status {status})"


def _itself(printed: PublishedFigure, number: PrintedNumber) -> list[str]:
    if number.value == printed.value:
        return []
    return [f"the file gives {exact(printed.value)} for what is printed as {printed.printed}"]


def _unit(printed: PublishedFigure, number: PrintedNumber, row: Mapping[str, Any]) -> list[str]:
    unit = "percent" if number.percent else printed.unit
    return [] if unit == row["unit"] == printed.unit else [f"printed in {unit}, and the release counts {row['unit']}"]


def _value(printed: PublishedFigure, number: PrintedNumber, row: Mapping[str, Any]) -> list[str]:
    unit = row["unit"]
    if agrees(number, _unrounded(row), unit) or _agrees_as_shown(number, row):
        return []
    given = exact(to_tell(_unrounded(row), number))
    if row["previous"] is not None and agrees(number, _unrounded(row, "previous"), unit):
        return [f"{printed.printed} {unit} is the previous cycle's value; the rows of this cycle give {given}"]
    return [f"the rows give {given} {unit}, not {printed.printed}"]


def agrees(number: PrintedNumber, value: float, unit: str) -> bool:
    """Tell whether a value is what a printed number says, by the rounding that it shows and by no other."""
    value = without_noise(value)
    match number.bound:
        case "over":
            return number.value <= value < number.value + number.step
        case "under":
            return number.value - number.step < value <= number.value
        case None if unit == "percent" and abs(number.value) in (0, 100):
            # a share is 0% or 100% only where it is none or all
            return value == number.value
        case _:
            return rounded(value / number.step) == rounded(number.value / number.step)


def _agrees_as_shown(number: PrintedNumber, row: Mapping[str, Any]) -> bool:
    """Tell whether a number is the release's where that shows a rounded value alone, which may stand for either."""
    return row.get("unrounded") is None and rounded(number.value, 0, row["unit"]) == row["value"]


def _unrounded(row: Mapping[str, Any], which: Literal["value", "previous"] = "value") -> float:
    """Return a row's value, or previous value, before it was rounded; as it is shown where that is not known."""
    more = row.get("unrounded" if which == "value" else "previous_unrounded")
    return float(row[which] if more is None else more)


def to_tell(value: float, number: PrintedNumber) -> float:
    """Return a value with as many decimals as it takes to see that it is not the printed one."""
    decimals = 1
    while decimals < 9 and rounded(value, decimals) == number.value:
        decimals += 1
    return rounded(value, decimals)


def _previous(printed: PublishedFigure, row: Mapping[str, Any]) -> list[str]:
    if printed.previous is None or row["previous"] is None:
        return []
    number, value = printed_number(printed.previous), _unrounded(row, "previous")
    if agrees(number, value, row["unit"]) or number.value == row["previous"]:
        return []
    return [f"the previous value is given as {printed.previous}, and was {exact(to_tell(value, number))}"]


def _days_counted(printed: PublishedFigure, row: Mapping[str, Any], known: Known) -> list[str]:
    """Check the day, the year and the period that the text gives."""
    told = []
    if printed.as_of is not None and row["as_of"] is not None and printed.as_of != row["as_of"]:
        told.append(f"it is given as of {printed.as_of}, and the release counts up to {row['as_of']}")
    start, end = _counted(row)
    if printed.year is not None and end is not None and printed.year != end.year:
        told.append(f"it is given for {printed.year}, and the release counts {end.year}")
    if printed.period is not None and end is not None:
        period = printed_period(printed.period)
        if (period.start, period.end) != (start or period.start, end):
            of = next((c for c in known.cycles.values() if (c.start, c.end) == (period.start, period.end)), None)
            whose = f"{printed.period} is cycle {of.number}" if of else f"it is given for {printed.period}"
            told.append(f"{whose}, and the release counts {f'{start} to {end}' if start else f'up to {end}'}")
    return told


def _counted(row: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """Return the first and the last day that a figure counts, as far as the release says so."""
    runs_on = row.get("window") in ("since", "snapshot")
    return row.get("window_start"), row["as_of"] if runs_on else row.get("window_end")


def _too_many_days(printed: PublishedFigure, known: Known) -> list[str]:
    if printed.unit != "days" or printed.value <= known.cycle.days:
        return []
    return [f"{exact(printed.value)} days in a period of {known.cycle.days}"]


def _share(
    printed: PublishedFigure, number: PrintedNumber, mission: str, row: Mapping[str, Any], known: Known
) -> list[str]:
    """Check a share that is printed beside a number, and say what it is really a share of."""
    if printed.share_pct is None or printed.share_of is None:
        return []
    of_cycle, of_base = printed.share_of == _DAYS_OF_CYCLE, known.by_mission(printed.share_of)
    if not of_cycle and not of_base:
        return [f"{printed.share_pct}% is given of {printed.share_of}, which is no figure"]
    unit = "days" if of_cycle else next(iter(of_base.values()))["unit"]
    if unit != row["unit"]:
        return [f"{printed.share_pct}% is given of {unit}, and {printed.figure} are {row['unit']}"]
    whole = _whole(printed.share_of, mission, known)
    if whole is None:
        return []
    share = printed_number(printed.share_pct)
    part = _unrounded(row) if agrees(number, _unrounded(row), row["unit"]) else number.value
    if _is_share(part, whole, share):
        return []
    base = f"the {known.cycle.days} days of the cycle" if of_cycle else printed.share_of
    really = f" ({exact(rounded(100 * part / whole, 1))}%)" if whole else ""
    off = f"{printed.share_pct}% is not the share of {base}{really}"
    others = [
        name
        for (name, place), of in known.figures.items()
        if place == mission
        and of["unit"] == row["unit"]
        and of["value"] is not None
        and name != printed.figure
        and _is_share(part, of["value"], share)
    ]
    if others:
        return [f"{off} but of {' or '.join(others)}"]
    if not share.value:
        return [off]
    return [f"{off}: {exact(part)} is {printed.share_pct}% of {exact(rounded(100 * part / share.value))}"]


def _whole(share_of: str, mission: str, known: Known) -> float | None:
    if share_of == _DAYS_OF_CYCLE:
        return float(known.cycle.days)
    row = known.figures.get((share_of, mission))
    return None if row is None or row["value"] is None else _unrounded(row)


def _is_share(part: float, whole: float, share: PrintedNumber) -> bool:
    return whole > 0 and agrees(share, 100 * part / whole, "percent")


def _unchecked(printed: PublishedFigure, mission: str, row: Mapping[str, Any], known: Known) -> list[str]:
    """Say what the text gives with a number and the release does not know."""
    told = []
    if printed.previous is not None and row["previous"] is None:
        told.append(f"the release has no previous value to hold {printed.previous} against")
    if printed.share_of is not None and _whole(printed.share_of, mission, known) is None:
        told.append(f"the release has no value of {printed.share_of} to hold {printed.share_pct}% against")
    if (printed.period is not None or printed.year is not None) and _counted(row)[1] is None:
        told.append("the release does not say which days it counts")
    return told
