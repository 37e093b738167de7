"""Every number in a text, in digits and in words, and of those that count nothing what they are instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from config.printed import PrintedNumber, PrintedPeriod, printed_number
from flows.releases.proof import days
from flows.releases.proof.words import plain


class What(StrEnum):
    """What a number of a text is."""

    NUMBER = "number"
    PERIOD = "period"
    DURATION = "duration"
    RESOLUTION = "resolution or document"
    NOTE = "mark of a note"
    ORDINAL = "ordinal number"
    NAME = "part of a name"
    ADDRESS = "address"
    TIME = "time of day"
    ITEM = "number of a list"
    TIMES = "how many times"
    RATIO = "a share in words"


@dataclass(frozen=True)
class Found:
    """A number in a text: text[start:end], and what it is. `printed` is what it says as the house reads it.

    number: of What.NUMBER. period: of What.PERIOD, where its days are known. months: of What.DURATION, in months.
    """

    start: int
    end: int
    text: str
    what: What
    printed: str = ""
    number: PrintedNumber | None = None
    period: PrintedPeriod | None = None
    months: float | None = None


_SPACE = "[ \u00a0\u202f\u2009]"
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES_FR = "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
_UNITS_EN = {word: value for value, word in enumerate(_ONES.split())}
_TENS_EN = {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
_UNITS_FR = {word: value for value, word in enumerate(_ONES_FR.split())} | {"une": 1}
_TENS_FR = {"vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
_SCALES = {
    "hundred": 100,
    "cent": 100,
    "cents": 100,
    "thousand": 1000,
    "mille": 1000,
    "million": 10**6,
    "millions": 10**6,
}
_VALUES = {**_UNITS_FR, **_TENS_FR, **_UNITS_EN, **_TENS_EN}
_ANY_WORD = "|".join(sorted({*_VALUES, *_SCALES}, key=len, reverse=True))
# "eleven UN" is no number of French
_NEXT = "|".join(word for word in _ANY_WORD.split("|") if word not in ("un", "une"))
_IN_WORDS = re.compile(
    rf"\b(?:{_ANY_WORD})(?:(?:[ -]|{_SPACE}and{_SPACE})(?:{_NEXT})|(?:{_SPACE}et{_SPACE}|-et-)(?:{_ANY_WORD}))*\b"
)
# words for one that seldom count, and those that are other words in the other language
_SELDOM = frozenset({"one", "un", "une", "cent", "mille", "zero"})
_NOT_COUNTING_ONE = re.compile(
    r"^[\s-]*(?:of|another|or|more|that|who|which|can|should|must|by one|and|hand|side|time|day|to)\b|^[,.;]"
)
_FRENCH = re.compile(
    r"\b(?:le|la|les|des|du|une|dans|pour|sur|par|aux?|contre|et|qui|d'une?|ont|est|sont|ete|missions? de|avec)\b"
)

_BOUNDS = {
    "about": "about approximately approx. around some circa ca. environ quelque quelques a_peu_pres autour_de roughly",
    "over": "over more_than at_least above exceeding plus_de plus_d' au_moins au-dela_de depassant upwards_of "
    "in_excess_of",
    "under": "under less_than fewer_than up_to at_most below nearly almost close_to pres_de moins_de jusqu'a au_plus "
    "au_maximum presque no_more_than",
}
_BOUND_OF = {word.replace("_", " "): bound for bound, those in _BOUNDS.items() for word in those.split()}
_BOUND = "|".join(re.escape(word).replace(r"\ ", rf"{_SPACE}+") for word in sorted(_BOUND_OF, key=len, reverse=True))
_BEFORE = re.compile(
    rf"(?:^|(?<=[\W_]))(?P<bound>{_BOUND})(?:{_SPACE}+(?:the|les?|des?|a|un total de|a total of))?{_SPACE}*$"
)
_DIGITS = re.compile(
    rf"(?<![\w/])(?<![.,]\d)(?<!\d[.,])(?P<sign>[+\u2212-](?=\d))?"
    rf"(?P<digits>\d{{1,3}}(?:(?P<by>[,' \u00a0\u202f\u2009])\d{{3}}(?:(?P=by)\d{{3}})*)(?!\d)|\d+)"
    rf"(?P<decimals>[.,]\d{{1,2}}(?![\d])|\.\d+|,\d(?!\d))?"
    rf"(?:{_SPACE}*-?(?P<scale>millions?|thousand|milliers?|mille|billions?|milliards?|mn|bn|k|m)(?![\w²³]))?"
    rf"(?P<percent>{_SPACE}*(?:%|percentage points?|per{_SPACE}?cent(?:age points?)?|pour{_SPACE}cent"
    rf"|p\. 100|points? de pourcentage))?"
    rf"(?![\w])(?!/\d)"
)
_SCALE_OF = {
    "million": "million", "millions": "million", "thousand": "thousand", "millier": "thousand", "milliers": "thousand",
    "mille": "thousand", "billion": "billion", "billions": "billion", "milliard": "billion", "milliards": "billion",
    "mn": "million", "bn": "billion", "k": "k", "m": "million",
}  # fmt: skip
_PERCENT_WORD = re.compile(
    rf"^{_SPACE}*(?:%|per{_SPACE}?cent\b|percentage{_SPACE}points?\b|pour{_SPACE}cent\b|points?{_SPACE}de{_SPACE}pourcentage\b)"
)

_ORDINAL_WORDS = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|premi(?:er|ere)|deuxieme|troisieme|quatrieme"
    r"|cinquieme|sixieme|septieme|huitieme|neuvieme|dixieme)s?\b"
)
_OTHERS: tuple[tuple[What, re.Pattern[str]], ...] = (
    (What.ADDRESS, re.compile(r"<?\bhttps?://[^\s<>]+>?|\bwww\.[^\s<>]+|\b[\w.+-]+@[\w-]+\.[\w.]+")),
    (
        What.RESOLUTION,
        re.compile(
            r"\b(?=[A-Z./]*\d)(?:[A-Z]{1,4}|[A-Z]+\.[A-Z]+)(?:/[A-Z0-9.]+)+(?:\s*\(\d+\))?(?:/(?:Add|Rev|Corr)\.\d+)?",
            re.ASCII,
        ),
    ),
    (
        What.RESOLUTION,
        re.compile(
            r"\br[eé]solutions?\s+(?:no\.?\s*|n[°o]\s*)?\d+(?:\s*\(\d{4}\))?(?:\s*(?:,|and|et)\s*\d+\s*\(\d{4}\))*",
            re.I,
        ),
    ),
    (What.RESOLUTION, re.compile(r"\b\d{3,4}\s+\((?:19|20)\d{2}\)")),
    (What.NOTE, re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+|\[\^?\d{1,3}\]")),
    (What.TIME, re.compile(r"\b\d{1,2}[:h]\d{2}(?:\s*[ap]\.?m\.?)?\b|\b24/7\b|\b\d{1,2}\s*[ap]\.?m\b\.?")),
)
_LATER: tuple[tuple[What, re.Pattern[str]], ...] = (
    (What.ORDINAL, re.compile(r"\b\d+(?:st|nd|rd|th|er|ère|ere|e|ème|eme|ième)\b", re.I)),
    # "one in four deaths": no four
    (What.RATIO, re.compile(rf"\b(?:one in|une? sur) (?:every )?(?:{_ANY_WORD}|\d+)\b(?!\s*(?:%|per cent))", re.I)),
    (What.NAME, re.compile(r"\b(?:n[°o]\.?|no\.|nos\.)\s*\d+", re.I)),
    # letters and digits in one: C4ISR, M23, A4P+, level 1+, COVID-19, 7-point; not 460k or 5km
    (What.NAME, re.compile(r"\b[A-Za-z]+[-–]?\d+[A-Za-z0-9+]*|\b\d+\+(?!\d)")),
    (What.NAME, re.compile(r"\b\d+[-–](?!year|month|week|day|an|mois|fold)[a-z]{3,}\b")),
    (What.NAME, re.compile(r"\b\d+/\d+(?:[a-z]+\b)?")),
    (What.TIMES, re.compile(rf"\b(?:\d+|{_ANY_WORD})(?= (?:times|fois)\b)", re.I)),
    (What.ITEM, re.compile(r"^\s*\(?\d{1,2}[.)](?=\s+\S)")),
)  # fmt: skip

# units that were evaluated 43 times are evaluations; twice, 2 times is how often each of them was
_EVALUATED = re.compile(r"\b(?:evaluated|assessed|evaluee?s?)\s+(?:(?:a total of|au total)\s+)?$")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]")
_MAY_BE = re.compile(rf"\d|\b(?:{_ANY_WORD}|first|second|third|\w+th|\w+[ie]eme|premi\w+)")


def found(text: str, names: Sequence[str] = (), durations: Sequence[str] = ()) -> tuple[Found, ...]:
    """Return every number of a text in its order.

    In: words behind which a number is part of a name (`Priority 1`), and units of time (`six months`), as proof.yaml
    has them. Cells of tables are handed in one by one, with what stands above them told by others.
    """
    return _found(text, tuple(names), tuple(durations))


@lru_cache(maxsize=20_000)
def _found(text: str, names: tuple[str, ...], durations: tuple[str, ...]) -> tuple[Found, ...]:
    free = plain(text)
    if not _MAY_BE.search(free) and not _RAISED.search(text):
        return ()
    those: list[Found] = []
    for one in _masks(text, free, names, durations):
        those.append(one)
        free = free[: one.start] + "\x00" * (one.end - one.start) + free[one.end :]
    those.extend(_digits(text, free))
    for one in those:
        free = free[: one.start] + "\x00" * (one.end - one.start) + free[one.end :]
    those.extend(_words(text, free))
    return tuple(sorted(those, key=lambda one: one.start))


def _masks(text: str, free: str, names: Sequence[str], durations: Sequence[str]) -> Iterator[Found]:
    """Yield what is no number that counts something, each where none of those before stands."""
    taken = bytearray(len(text))

    def free_at(start: int, end: int) -> bool:
        return not any(taken[start:end])

    def take(one: Found) -> Found:
        taken[one.start : one.end] = b"\x01" * (one.end - one.start)
        return one

    def of(what: What, pattern: re.Pattern[str], where: str) -> Iterator[Found]:
        for match in pattern.finditer(where):
            start, end = match.span()
            if what == What.TIMES and re.fullmatch(r"\d{2,}", match[0]) and _EVALUATED.search(free[:start]):
                continue
            if free_at(start, end) and start < end:
                yield take(Found(start, end, text[start:end], what))

    for what, pattern in _OTHERS:
        yield from of(what, pattern, text)
    for start, end, period in days.periods(text):
        if free_at(start, end):
            yield take(Found(start, end, text[start:end], What.PERIOD, period=period))
    if durations:
        for match in _durations(tuple(durations)).finditer(free):
            if free_at(*match.span("number")):
                start, end = match.span("number")
                unit = match["unit"]
                count = _count(match["number"])
                months = None if count is None else count * (12 if unit.startswith(("y", "an")) else 1)
                if not unit.startswith(("month", "mois", "year", "an")):
                    months = None
                yield take(Found(start, end, text[start:end], What.DURATION, months=months))
    if names:
        yield from (
            take(Found(match.start("n"), match.end("n"), text[match.start("n") : match.end("n")], What.NAME))
            for match in _names(tuple(names)).finditer(free)
            if free_at(*match.span("n"))
        )
    for what, pattern in _LATER:
        yield from of(what, pattern, text)
    yield from of(What.ORDINAL, _ORDINAL_WORDS, free)


@lru_cache(maxsize=8)
def _durations(units: tuple[str, ...]) -> re.Pattern[str]:
    every = "|".join(map(re.escape, units))
    return re.compile(
        rf"(?<![\w.,])(?P<number>\d{{1,3}}|{_ANY_WORD})[\s-]+(?:(?!(?:a|an|per|each|par|une?)\b)\w+\s+)?(?P<unit>{every})\b"
    )


@lru_cache(maxsize=8)
def _names(words: tuple[str, ...]) -> re.Pattern[str]:
    every = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?:{every})\s*#?(?P<n>\d+\+?(?:\.\d+)*(?:\s*(?:,|and|et|to|[-–])\s*\d+)*)(?!\d)(?![\d.,]*%)"
    )


def _digits(text: str, free: str) -> Iterator[Found]:
    for match in _DIGITS.finditer(free):
        start, end = match.span()
        digits = re.sub(r"\D", "", match["digits"])
        decimals = (match["decimals"] or "").replace(",", ".")
        if decimals and match["by"] is None and len(digits) <= 3 and len(decimals) == 4:
            continue
        sign = "-" if match["sign"] in ("-", "\u2212") else ""
        # a dash between numbers is no minus
        if sign and (start and free[start - 1] not in " ("):
            sign, start = "", start + 1
        scale = _SCALE_OF[match["scale"]] if match["scale"] else ""
        percent = "%" if match["percent"] else ""
        yield _number(
            text, free, start, end, f"{sign}{int(digits)}{decimals} {scale}{percent}".replace(" %", "%").strip()
        )


def _words(text: str, free: str) -> Iterator[Found]:
    french = is_french(text)
    for match in _IN_WORDS.finditer(free):
        start, end = match.span()
        said = match[0]
        parts = re.split(r"[\s-]+", said)
        if all(part in _SCALES for part in parts) and said != "mille":
            continue
        if said in _SELDOM and (french or said not in ("one", "zero") or _NOT_COUNTING_ONE.match(free[end:])):
            continue
        if said == "one" and re.search(r"\b(?:the|this|that|no|any|each|every|which|only|at least)\s$", free[:start]):
            continue
        if said == "sept" and not french:
            continue
        if said in ("neuf", "dix", "cent") and not french:
            continue
        if re.match(r"[-\u2011]\w", free[end:]) and not _PERCENT_WORD.match(free[end:]):
            # three-year, four-star
            continue
        value = _count(said)
        if value is None:
            continue
        percent = _PERCENT_WORD.match(free[end:])
        if percent:
            end += percent.end()
        yield _number(text, free, start, end, f"{value}{'%' if percent else ''}")


def _number(text: str, free: str, start: int, end: int, printed: str) -> Found:
    bound = _BEFORE.search(free[max(0, start - 40) : start])
    if bound:
        word = re.sub(rf"{_SPACE}+", " ", bound["bound"])
        printed = f"{_BOUND_OF[word]} {printed}"
    return Found(start, end, text[start:end], What.NUMBER, printed, printed_number(printed))


def is_french(text: str) -> bool:
    """Tell whether a text is more likely French than English."""
    return len(_FRENCH.findall(plain(text))) > 1


def _count(said: str) -> int | None:
    """Return the value of a number in words, or in digits: `one hundred and sixty-three`, `quatre-vingt-dix-huit`."""
    if said.isdigit():
        return int(said)
    whole, part = 0, 0
    for word in re.split(r"[\s-]+", said):
        if word in ("and", "et"):
            continue
        if word in ("vingt", "vingts") and part % 100 == 4:
            part += 76
        elif word in _VALUES:
            part += _VALUES[word]
        elif word in ("hundred", "cent", "cents"):
            part = max(part, 1) * 100 if part < 100 else part * 100
        elif word in _SCALES:
            whole, part = whole + max(part, 1) * _SCALES[word], 0
        else:
            return None
    return whole + part
