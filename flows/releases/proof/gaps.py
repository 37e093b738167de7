"""What stands between the numbers of a sentence: what leads to the next one, and what makes one a part of another."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.releases.proof.numbers import Found
from flows.releases.proof.words import plain

_CUT = re.compile(
    r"[,;:(]|\b(?:and(?! (?:above|higher|beyond)\b)|et(?! (?:plus|au-dela)\b)|while|whereas|tandis|but|mais)\b"
)
# between a number and the one of which it is a part
OF_WHOLE = re.compile(r"\s*(?:out of|of|des|sur)\s+(?:the|its|all|les|ses|these)?\s*")
# "49 cases out of 62"
OUT_OF = re.compile(r"(?:\s*[\w'-]+){1,3}\s+(?:out of|sur)\s+(?:the|les)?\s*")
_AS_SHARE = re.compile(
    r"\s*(?:[\w-]+\s+){0,5}\(\s*(?:or |i\.e\. |soit |ou )?"
    r"|(?:\s*[\w'-]+){0,8},\s*(?:or|i\.e\.|that is|soit|ou)\s+(?:(?:about|some|around|environ|pres de|nearly)\s+)?"
)
OF_THEM = re.compile(r"\s*(?:of (?:them|these|those)|d'entre (?:eux|elles))\b")
# between numbers of a list that says no more of them
ALSO = re.compile(r"\s*(?:,|/|,?\s*and|et)\s*")
OPEN_BRACKET = re.compile(r"\([^)]*$")


def lead_of(gap: str) -> str:
    """Return what stands between two numbers from the last comma or `and` on: it leads to the second one."""
    cuts = list(_CUT.finditer(plain(gap)))
    return gap[cuts[-1].start() :] if cuts else ""


def without_lead(gap: str) -> str:
    """Return what stands between two numbers up to what leads to the second one."""
    return gap[: len(gap) - len(lead_of(gap))]


def in_brackets(before: str) -> bool:
    """Tell whether a bracket is open behind a text."""
    return before.count("(") > before.count(")")


def is_share(one: Found, other: Found, between: str) -> bool:
    """Tell whether a number is given again as a percentage: `91 (83%)`, `247 days (81.5%)`, `85 convicted, or 63%`."""
    if one.number is None or other.number is None or not one.number.percent or other.number.percent:
        return False
    return _AS_SHARE.fullmatch(plain(between)) is not None


def respectively(text: str, sentence: tuple[int, int], numbers: Sequence[Found], at: int) -> int | None:
    """Return which number one of several in a bracket is held against: `29 men and 15 women (against 44 and 43)`.

    In: a passage, where its sentence stands, the numbers of that, and which of them. None where it is no such bracket.
    """
    opened = text.rfind("(", sentence[0], numbers[at].start)
    closed = text.find(")", opened)
    if opened < 0 or closed < numbers[at].start:
        return None
    those = [number for number, one in enumerate(numbers) if opened < one.start < closed]
    gaps = (text[numbers[one - 1].end : numbers[one].start] for one in those[1:])
    listed = all(ALSO.fullmatch(plain(gap)) for gap in gaps)
    return at - len(those) if len(those) > 1 and listed and those[0] >= len(those) else None
