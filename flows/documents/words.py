"""How the documents say changes and absent values; the one place where their small words stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from flows.core.wording import day, number, shown
from transforms.rounding import points_between, rounded, without_noise

Mood = Literal["good", "bad", ""]
# what stands in a release's files for its number until that is known (flows.releases.make.numbered)
NUMBER = "r000"

# SDMX observation status -> what stands in the cell where there is no number, and what a footnote says
ABSENT = {
    "M": "not applicable",
    "V": "under validation",
    "L": "not reported",
    "Q": "suppressed",
    "O": "not received",
    "P": "provisional",
}
MEANING = {
    "P": "Provisional: part of what the figure is made of is not in, or is not final.",
    "V": "Under validation: reported, and not yet confirmed.",
    "M": "Not applicable: there cannot be a value here.",
    "L": "Not reported: the value exists and was not collected for this cycle.",
    "Q": "Suppressed: the number is so small that it could point at people, or would give away one that is.",
    "O": "Not received: the source has sent nothing that could be used.",
}
# what the column of statuses says of a figure
STATUS = {"A": "Complete", "P": "Provisional", "V": "Under validation", "L": "Reported in part", "O": "Not received"}
SEVERITY = {"critical": "Critical", "warning": "Warning", "info": "Note", "question": "Question"}
# units whose singular is not the plural without its s
_ONE = {"people": "person", "countries": "country"}


def release_named(name: str) -> str:
    """Return how a document names the release that it belongs to."""
    return f"Release {name}"


@dataclass(frozen=True)
class Change:
    """A change in words, with an arrow and whether it is for the better; colour only underlines it."""

    words: str
    arrow: str = ""
    mood: Mood = ""


def unit_of(value: float | None, unit: str) -> str:
    """Return the unit as it stands after a value: `1 person`, `2 people`."""
    if value == 1 and unit not in ("percent", "number"):
        return _ONE.get(unit, unit.removesuffix("s"))
    return unit


def compared(row: Mapping[str, Any], decimals: int, better: Literal["higher", "lower"] | None) -> Change | None:
    """Return a figure against its previous value, or why it is not held against it; a count that runs on has grown."""
    value, previous, unit = row["value"], row["previous"], row["unit"] or ""
    if value is not None and previous is not None and row.get("not_compared"):
        return Change(f"not compared: {row['not_compared']}")
    until = row.get("previous_end")
    if row.get("window") == "since" and unit != "percent" and value is not None and previous is not None and until:
        grown = rounded(value - previous, decimals)
        if not grown:
            return Change(f"none more since {day(until)}", "=")
        more = "more" if grown > 0 else "fewer"
        return Change(f"{number(abs(grown), decimals)} {more} since {day(until)}", "▲" if grown > 0 else "▼")
    changed = change(value, previous, unit, decimals, better, row.get("change"))
    doubt = _of_previous(row, decimals)
    return replace(changed, words=f"{changed.words} ({doubt})") if changed and doubt else changed


def _of_previous(row: Mapping[str, Any], decimals: int) -> str:
    """Say what is to be known of a previous value: that it is not certain, that it was first published otherwise."""
    said = ["provisional"] if row.get("previous_status") in ("P", "V") else []
    first = row.get("previous_first")
    if first is not None:
        said.append(f"first published as {shown(first, decimals, row['unit'] or '')}")
    return ", ".join(said)


def change(
    value: float | None,
    previous: float | None,
    unit: str,
    decimals: int,
    better: Literal["higher", "lower"] | None,
    exact: float | None = None,
) -> Change | None:
    """Return `up from 511`, `down from 11`, `unchanged`, or nothing where one of the two is missing.

    `exact` is the change as it is, where it is known; a percentage whose rounded numbers do not show it says it in
    points: `down 6.4 points from 29%`.
    """
    if value is None or previous is None:
        return None
    by, points = rounded(value, decimals) - rounded(previous, decimals), ""
    if unit == "percent":
        by, places = points_between(value, previous, exact, decimals)
        points = f"{number(abs(by), places)} points " if by != without_noise(value - previous) else ""
    if not by:
        return Change("unchanged", "=")
    up = by > 0
    mood: Mood = "" if better is None else "good" if up == (better == "higher") else "bad"
    way = f"{'up' if up else 'down'} {points}from {shown(previous, decimals, unit)}"
    return Change(way, "▲" if up else "▼", mood)
