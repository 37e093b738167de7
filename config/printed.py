"""What a printed text says: a number with the rounding that it shows, and a period.

    914 · 5,292 · 36.8%        rounded to its last digit
    460k · 1.6 million         rounded to the thousand, to a tenth of a million
    approximately 5,000        rounded to the last digit that is not zero, and never to fewer than two digits: 5,012
    over 5000                  at least that, and not yet what it would then say: 5,999, and not 6,000
    nearly 5000, under 5000    at most that, and not what it would then say: 4,001

Zeros at the end do not say that a number is rounded: 60,000 is 60,000.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Bound = Literal["about", "over", "under"]

_BOUNDS: dict[str, Bound] = {
    **dict.fromkeys(("about", "approximately", "approx.", "around", "some", "circa", "ca."), "about"),
    **dict.fromkeys(("over", "more than", "at least", "above"), "over"),
    **dict.fromkeys(("under", "less than", "fewer than", "up to", "at most", "below", "nearly", "almost"), "under"),
}
_SCALES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "billion": 9}
_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER = re.compile(
    rf"((?P<bound>{'|'.join(map(re.escape, _BOUNDS))})\s+)?"
    r"(?P<digits>[+\u2212-]?(\d{1,3}([, \u00a0\u202f]\d{3})+|\d+)(\.\d+)?)"
    rf"\s*(?P<scale>{'|'.join(_SCALES)})?\s*(?P<percent>%|percent|per cent)?",
    re.IGNORECASE,
)
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]  # the calendar's own names follow the machine's language
_END = r"(?:(?P<day{0}>\d{{1,2}})\s+)?(?:(?P<month{0}>[a-z]{{3,}})\.?)?\s*(?P<year{0}>\d{{4}})?"
_PERIOD = re.compile(
    rf"(?:from\s+|between\s+)?{_END.format(1)}(?:\s*(?:\bto\b|\band\b|\buntil\b|[-–—])\s*{_END.format(2)})?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PrintedNumber:
    """A number as a text prints it: its value, the step that it is rounded to, and on which side of it the truth is."""

    value: float
    step: float
    bound: Bound | None = None
    percent: bool = False


@dataclass(frozen=True)
class PrintedPeriod:
    """The first and the last day of a period."""

    start: date
    end: date


def printed_number(text: str) -> PrintedNumber:
    """Return what a printed number says; raises ValueError where it is none."""
    word = text.strip().lower()
    if word in _WORDS:
        return PrintedNumber(float(_WORDS.index(word)), 1)
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is no number such as 914, 460k, over 5000, approximately 914 or 36.8%")
    digits = re.sub(r"[, \u00a0\u202f]", "", match["digits"]).replace("\u2212", "-")
    number = Decimal(digits).scaleb(_SCALES[match["scale"].lower()] if match["scale"] else 0)
    bound = _BOUNDS[match["bound"].lower()] if match["bound"] else None
    step = Decimal(1).scaleb(_place(number, bound))
    return PrintedNumber(float(number), float(step), bound, match["percent"] is not None)


def _place(number: Decimal, bound: Bound | None) -> int:
    """Return the power of ten that a number is rounded to: its last digit, or where it says so its last but zeros."""
    last = int(number.as_tuple().exponent)
    if bound is None or not number:
        return last
    but_zeros = int(number.normalize().as_tuple().exponent)
    return max(last, min(but_zeros, number.adjusted() - 1) if bound == "about" else but_zeros)


def printed_period(text: str) -> PrintedPeriod:
    """Return the days of a printed period: `May to October 2023`, `1 Jan 2017 to 3 Sept 2024`, `2023`.

    Raises ValueError where it is none.
    """
    match = _PERIOD.fullmatch(text.strip())
    wrong = ValueError(f"'{text}' is no period such as May to October 2023, 1 Jan 2017 to 3 Sept 2024 or 2023")
    if match is None:
        raise wrong
    given: Mapping[str, str | None] = match.groupdict()
    several = any(given[f"{part}2"] for part in ("day", "month", "year"))
    last = "2" if several else "1"
    if given[f"year{last}"] is None:
        raise wrong
    try:
        year = int(given[f"year{last}"] or 0)
        months = [_month(given[f"month{which}"], default) for which, default in (("1", 1), (last, 12))]
        first_year = int(given["year1"] or (year if months[0] <= months[1] else year - 1))
        day = int(given[f"day{last}"] or calendar.monthrange(year, months[1])[1])
        period = PrintedPeriod(date(first_year, months[0], int(given["day1"] or 1)), date(year, months[1], day))
    except ValueError:
        raise wrong from None
    if period.start > period.end:
        raise wrong
    return period


def _month(name: str | None, default: int) -> int:
    if name is None:
        return default
    known = [number for number, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower())]
    if len(known) != 1:
        raise ValueError(name)
    return known[0]
