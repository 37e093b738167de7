"""Days and periods as a text prints them, in English and French, wherever they stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.printed import PrintedPeriod, printed_period
from flows.releases.proof.words import plain

_ENGLISH = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_FRENCH = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"
_NAMES: dict[str, str] = {}
for _month in _ENGLISH:
    for _name in (_month, _month[:3], *(("Sept",) if _month == "September" else ())):
        _NAMES[_name.lower()] = _month
_NAMES |= dict(
    zip(_FRENCH.split(), _ENGLISH, strict=True)
)  # fmt: skip
_NAMES |= {"janv": "January", "fevr": "February", "fev": "February", "avr": "April", "juil": "July", "oct": "October"}
_MONTH = "|".join(sorted(_NAMES, key=len, reverse=True))
_YEAR = r"(?:19|20)\d{2}"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th|er)?"
_S = "[ \u00a0\u202f]"
_DATE = (
    rf"(?:(?:{_DAY}{_S}+(?:de{_S}+)?)?\b(?:{_MONTH})\b\.?(?:,?{_S}*{_YEAR}\b)?"
    rf"|\b(?:{_MONTH})\b\.?{_S}{_DAY}(?:,{_S}*{_YEAR})?(?!\d)|\b{_YEAR}\b(?!{_S}*%)|\b{_YEAR}-\d\d-\d\d\b)"
)
_AMERICAN = re.compile(rf"\b(?P<month>{_MONTH})\b\.?{_S}(?P<day>{_DAY})(?:,{_S}*(?P<year>{_YEAR}))?$")
_TO = (
    rf"{_S}*(?:\bto\b|\band\b|\buntil\b|\bthrough\b|\bau\b|\bet\b|\ba\b|\bjusqu'(?:au|en)\b|[-\u2013\u2014/])"
    rf"{_S}*(?:le{_S}+)?"
)
_ANY = re.compile(rf"(?<![\w/.,])(?P<first>{_DATE})(?:{_TO}(?P<last>{_DATE}))?(?![\w/])")
_ISO = re.compile(rf"(?P<y>{_YEAR})-(?P<m>\d\d)-(?P<d>\d\d)")
# a number of four digits that counts something, and is no year
_COUNTED = re.compile(
    r"\b(?:over|more than|at least|approximately|about|around|some|nearly|almost|total of|plus de|environ|quelque|"
    r"pres de|au moins|total de)\s+$"
)


def periods(text: str) -> Iterator[tuple[int, int, PrintedPeriod | None]]:
    """Yield where days, months, years and periods stand in a text, and which days they are.

    None where the year is not said, or they are no days that there are.
    """
    free = plain(text)
    at = 0
    while match := _ANY.search(free, at):
        start, end = match.span()
        at = end
        first, last = match["first"], match["last"]
        if _is_only_may(text, match) or (first.isdigit() and not last and _COUNTED.search(free[:start])):
            continue
        if last and not _belong_together(first, last):
            # 2022 and 2023 in "from 32% in 2022 and 46 in 2023" do not come here; "2016 and March" does
            end = at = match.end("first")
            last = None
        yield start, end, _period(first, last)


def _is_only_may(text: str, match: re.Match[str]) -> bool:
    """Tell whether a month is more likely another word: may, march, mars, oct."""
    first = match["first"].strip()
    return first in (
        "may",
        "march",
        "dec",
        "jan",
        "mar",
        "mai",
        "mars",
        "sep",
        "oct",
        "nov",
        "sept",
        "avril",
        "aout",
    ) and (not match["last"] and (text[match.start()].islower() or first == "may"))


def _belong_together(first: str, last: str) -> bool:
    """Tell whether two days are the ends of one period, as they are written."""
    if first.isdigit() and not last.isdigit():
        return False
    return re.search(_YEAR, last) is not None or re.search(_YEAR, first) is None


def _period(first: str, last: str | None) -> PrintedPeriod | None:
    said = _english(first) if last is None else f"{_english(first)} to {_english(last)}"
    try:
        return printed_period(said)
    except ValueError:
        return None


def _english(said: str) -> str:
    """Return a day as the house reads it: `1 January 2017` of `1er janvier 2017`, `January 1, 2017`, `2017-01-01`."""
    if iso := _ISO.fullmatch(said):
        return f"{int(iso['d'])} {_ENGLISH[int(iso['m']) - 1] if 0 < int(iso['m']) < 13 else 'x'} {iso['y']}"
    if american := _AMERICAN.fullmatch(said):
        said = f"{american['day']} {american['month']} {american['year'] or ''}"
    parts = re.findall(r"[a-z]+|\d+", re.sub(r"(?<=\d)(?:st|nd|rd|th|er)\b", "", said))
    return " ".join(_NAMES.get(part, part) for part in parts if part != "de")
