"""A number written anew as it was written before: digits or words, thousands, unit and the words around it alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal

from config.labels import Language
from transforms.rounding import decimals_shown

_EN_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_FR_ONES = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
]  # fmt: skip
_FR_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}
HIGHEST_IN_WORDS = 100
_NAMES = "k|K|M|bn|thousand|million|billion|mille|milliers?|millions?|milliards?|%"
_DIGITS = re.compile(
    r"(?P<number>\d{1,3}(?:(?P<group>[,.\u00a0\u202f\u2009 '’])\d{3})+(?!\d)|\d+)(?:(?P<point>[.,])(?P<after>\d+))?"
    r"(?P<gap>[ \u00a0\u202f]?)(?P<unit>" + _NAMES + r")?(?![\w])"
)
_UNITS = {
    "k": 3, "thousand": 3, "mille": 3, "millier": 3, "milliers": 3, "m": 6, "million": 6, "millions": 6,
    "bn": 9, "billion": 9, "milliard": 9, "milliards": 9,
}  # fmt: skip
# what says, right before the number, on which side of it the value is
_RIGHT_BEFORE = r")(?:\s+(?:of|a total of|de|d['’]|un total de))?[\s(]*$"
_OVER = re.compile(
    r"(?:\b(?:over|more than|above|at least|exceeding|upwards of|plus de|au moins|au-dessus de|dépassant)|[>≥]"
    + _RIGHT_BEFORE,
    re.IGNORECASE,
)
_UNDER = re.compile(
    r"(?:\b(?:under|fewer than|less than|below|at most|moins de|au plus|jusqu['’]à)|[<≤]" + _RIGHT_BEFORE, re.IGNORECASE
)
_ABOUT = re.compile(
    r"(?:\b(?:approximately|about|around|some|roughly|circa|nearly|almost|close to|près de|presque|environ)|[~≈]"
    + _RIGHT_BEFORE,
    re.IGNORECASE,
)


class NotWritten(Exception):
    """A value that cannot be written in the form that is there; the text says why."""


@dataclass(frozen=True)
class _Form:
    """How a number is written: in words, or its digits; where it stands in its text."""

    start: int
    end: int
    words: Language | None = None
    match: re.Match[str] | None = None


def written_like(old: str, value: float, language: Language = "en", around: str = "") -> str:
    """Return a text with its one number replaced by a value, written as that one is.

    In: the text as it stands ("914", "460k", "up from 511", "Nine", "37%"); the new value, of a percentage in per
    cent; the language in which words that are the same in both are; `around`, what stands before the text in its
    sentence, for words such as "over". A number that was rounded stays rounded as far. Raises NotWritten where the
    text holds no number or several, or where the value would not be told by it.
    """
    form = _form(old, language)
    amount = Decimal(str(value))
    if not amount.is_finite() or amount < 0:
        raise NotWritten(f"the value {value:g} is not written as a number of a report")
    before = f"{around} {old[: form.start]}"[-40:]
    written = _in_words(old, form, amount) if form.words else _in_digits(form, amount, before, language)
    return old[: form.start] + written + old[form.end :]


def number_in(text: str, language: Language = "en") -> float:
    """Return the one number that a text writes, in digits or words; raises NotWritten where it is not one."""
    form = _form(text, language)
    if form.words:
        return float(_words(form.words)[text[form.start : form.end].lower().replace("‑", "-")])
    assert form.match is not None
    return float(_amount(form.match))


def in_words(number: int, language: Language = "en") -> str:
    """Return a number up to a hundred in words; raises NotWritten for a higher one."""
    if not 0 <= number <= HIGHEST_IN_WORDS:
        raise NotWritten(f"{number:,} is not written in words")
    return _french(number) if language == "fr" else _english(number)


def _form(text: str, language: Language) -> _Form:
    digits = list(_DIGITS.finditer(text))
    words = [] if digits else _found_words(text, language)
    if len(digits) + len(words) != 1:
        raise NotWritten("it holds no number" if not digits and not words else "it holds several numbers")
    if words:
        return words[0]
    match = digits[0]
    end = match.end("unit") if match["unit"] else match.end("after") if match["after"] else match.end("number")
    return _Form(match.start(), end, match=match)


def _found_words(text: str, language: Language) -> list[_Form]:
    other: Language = "fr" if language == "en" else "en"
    for tongue in (language, other):
        known = "|".join(sorted((re.escape(one) for one in _words(tongue)), key=len, reverse=True)).replace(
            "\\-", "[-‑]"
        )
        found = [_Form(one.start(), one.end(), tongue) for one in re.finditer(rf"(?<!\w)(?:{known})(?!\w)", text, re.I)]
        if found:
            return found
    return []


def _words(language: Language) -> dict[str, int]:
    known = {in_words(number, language): number for number in range(HIGHEST_IN_WORDS + 1)}
    if language == "fr":
        known |= {"une": 1, **{said.replace(" et ", "-et-"): number for said, number in known.items()}}
    return known


def _english(number: int) -> str:
    if number == HIGHEST_IN_WORDS:
        return "one hundred"
    if number < 20:
        return _EN_ONES[number]
    tens, ones = divmod(number, 10)
    return _EN_TENS[tens - 2] + (f"-{_EN_ONES[ones]}" if ones else "")


def _french(number: int) -> str:
    if number == HIGHEST_IN_WORDS:
        return "cent"
    if number < 20:
        return _FR_ONES[number]
    tens = number // 20 * 20 if number >= 60 else number // 10 * 10
    ones = number - tens
    if not ones:
        return _FR_TENS[tens] + ("s" if tens == 80 else "")
    joins = " et " if ones in (1, 11) and tens != 80 else "-"
    return f"{_FR_TENS[tens]}{joins}{_FR_ONES[ones]}"


def _in_words(old: str, form: _Form, amount: Decimal) -> str:
    assert form.words is not None
    said = old[form.start : form.end]
    if amount != amount.to_integral_value():
        raise NotWritten(f"{amount.normalize():f} is no whole number, and it is written in words")
    number = int(amount)
    if number > HIGHEST_IN_WORDS:
        return _grouped(number, "\u00a0" if form.words == "fr" else ",")
    if number == 1 or said.lower() in ("one", "un", "une"):
        # what follows agrees with it
        if not (number == 1 and said.lower() in ("one", "un", "une")):
            raise NotWritten(f"{in_words(number, form.words)} asks for other words around it")
        return said
    new = in_words(number, form.words)
    return new.upper() if said.isupper() and len(said) > 1 else new.capitalize() if said[:1].isupper() else new


def _in_digits(form: _Form, amount: Decimal, before: str, language: Language) -> str:
    match = form.match
    assert match is not None
    unit, after = match["unit"] or "", match["after"] or ""
    power = _UNITS.get(unit.lower(), 0)
    old = Decimal(match["number"].translate(_NO_GROUPS) + (f".{after}" if after else ""))
    scaled = amount.scaleb(-power)
    decimals = decimals_shown(float(amount), len(after), "percent") if unit == "%" else len(after)
    step = _step(old, decimals, power, before)
    rounded = (scaled / step).to_integral_value(_rounding(before)) * step
    if rounded == 0 and scaled != 0:
        raise NotWritten(f"{amount.normalize():f} is too small for the form {match[0].strip()}")
    if unit.rstrip("s") in ("million", "milliard", "millier") and language == "fr":
        # plural from two on
        unit = unit.rstrip("s") + ("s" if rounded >= 2 else "")
    whole, _, rest = f"{rounded:.{decimals}f}".partition(".")
    grouped = _grouped(int(whole), _group_of(match, language))
    point = match["point"] or ("," if language == "fr" else ".")
    return grouped + (f"{point}{rest}" if rest else "") + (match["gap"] + unit if unit else "")


_NO_GROUPS = {ord(sign): None for sign in ",.\u00a0\u202f\u2009 '’"}


def _amount(match: re.Match[str]) -> Decimal:
    after = match["after"] or ""
    number = Decimal(match["number"].translate(_NO_GROUPS) + (f".{after}" if after else ""))
    return number.scaleb(_UNITS.get((match["unit"] or "").lower(), 0))


def _group_of(match: re.Match[str], language: Language) -> str:
    """Return what stands between thousands; "" where the number that is there has thousands without."""
    if match["group"]:
        return match["group"]
    if len(match["number"]) >= 4:
        return ""
    return "\u00a0" if match["point"] == "," or language == "fr" else ","


def _grouped(number: int, sign: str) -> str:
    return f"{number:,}".replace(",", sign) if number >= 1000 else str(number)


def _step(old: Decimal, decimals: int, power: int, before: str) -> Decimal:
    """Return to what a number is rounded: where words say that it is, to the last digit that is not zero."""
    least = Decimal(1).scaleb(-decimals)
    is_rounded = any(one.search(before) for one in (_OVER, _UNDER, _ABOUT))
    if not is_rounded or power or decimals or old == 0:
        return least
    digits = str(int(old))
    return Decimal(10) ** (len(digits) - len(digits.rstrip("0")))


def _rounding(before: str) -> str:
    if _OVER.search(before):
        return ROUND_DOWN
    if _UNDER.search(before):
        return ROUND_UP
    return ROUND_HALF_UP
