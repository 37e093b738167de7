"""How the page says numbers, dates, changes and absent values; the one place where its small words stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

Mood = Literal["good", "bad", ""]
MINUS = "\u2212"

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
STATUS = {"A": "Complete", "P": "Provisional", "V": "Under validation", "O": "Not received"}
SEVERITY = {"critical": "Critical", "warning": "Warning", "info": "Note"}
# units whose singular is not the plural without its s
_ONE = {"people": "person", "countries": "country"}
# the usual 28 digits are too few for what a number may be
_ALL_DIGITS = Context(prec=400)
UNIT_OF_PERIODS = "period"  # of a figure that is there to be reconciled, and not to be shown


@dataclass(frozen=True)
class Change:
    """A change in words, with an arrow and whether it is for the better; colour only underlines it."""

    words: str
    arrow: str = ""
    mood: Mood = ""


def number(value: float | None, decimals: int = 0) -> str:
    """Return a number with thousands separators, or a dash where there is none."""
    if value is None:
        return "–"
    text = f"{rounded(abs(value), decimals):,.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and text.strip("0.,") else text


def rounded(value: float, decimals: int = 0) -> float:
    """Round as the figures are rounded, and as people do: 22.5 is 23."""
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _ALL_DIGITS))


def share(part: float | None, whole: float | None, decimals: int = 0) -> str:
    """Return what share a part is of a whole as `24%`, or a dash where that is not known."""
    return f"{number(100 * part / whole, decimals)}%" if part is not None and whole else "–"


def unit_of(value: float | None, unit: str) -> str:
    """Return the unit as it stands after a value: `1 person`, `2 people`."""
    if value == 1 and unit not in ("percent", "number"):
        return _ONE.get(unit, unit.removesuffix("s"))
    return unit


def change(
    value: float | None, previous: float | None, unit: str, decimals: int, better: Literal["higher", "lower"] | None
) -> Change | None:
    """Return `up from 511`, `down from 11`, `unchanged`, or nothing where one of the two is missing."""
    if value is None or previous is None:
        return None
    before = number(previous, decimals) + ("%" if unit == "percent" else "")
    if round(value, decimals) == round(previous, decimals):
        return Change("unchanged", "=")
    up = value > previous
    mood: Mood = "" if better is None else "good" if up == (better == "higher") else "bad"
    return Change(f"up from {before}" if up else f"down from {before}", "▲" if up else "▼", mood)


def day(value: date | None) -> str:
    """Return a date as `3 September 2024`."""
    return f"{value.day} {value:%B %Y}" if value else "–"


def listed(names: list[str]) -> str:
    """Return `A`, `A and B`, or `A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return `1 file`, `2 files`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
