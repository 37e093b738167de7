"""Which of the numbers of its subject a number is: of now, of the time before, how much the two differ, a share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from config.proof import Proof
from flows.releases.proof.words import plain

_CYCLE = re.compile(
    r"\bcycle\s+(\d{1,2})\b|\b(\d{1,2})(?:st|nd|rd|th|e|eme)\s+(?:cycle|report|rapport|progress report)\b"
)


_TO_THERE = re.compile(r"\s*(?:[\w-]+\s+){0,4}(?:to|a)\s+(?:\w+\s+)?$")
_RANGED = re.compile(
    r"\b(?:rang\w+|var(?:y|ied|ies|ying|ie|iait|iant|ient)|allant|span\w*)\s+(?:\w+\s+)?(?:from|de)\s+(?:\w+\s+)?$"
)


class Role(StrEnum):
    """Which of the numbers of its subject a number is."""

    CURRENT = "current"
    PREVIOUS = "previous"
    CHANGE = "change"
    SHARE = "share"
    OTHER = "of another cycle"


def by_cycle(role: Role, said: str, cycle: int) -> Role:
    """Return the role of a number beside which a cycle is named: `Cycle 4`, `4th report`."""
    named = {int(one[1] or one[2]) for one in _CYCLE.finditer(said)}
    if len(named) != 1 or not cycle or role not in (Role.CURRENT, Role.PREVIOUS):
        return role
    difference = cycle - named.pop()
    return {0: Role.CURRENT, 1: Role.PREVIOUS}.get(difference, Role.OTHER)


def says_cue(text: str, cues: Sequence[str]) -> bool:
    """Tell whether one of some cues stands in a text."""
    return _cue(tuple(cues)).search(plain(text)) is not None


@lru_cache(maxsize=64)
def _cue(cues: tuple[str, ...]) -> re.Pattern[str]:
    every = "|".join(re.escape(plain(cue)).replace(r"\ ", r"\s+") for cue in sorted(cues, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{every})(?!\w)")


def role_of(said: str, whole_before: str, back: str, ahead: str, following: str | None, at: int, proof: Proof) -> Role:
    """Tell whether a number is of now, of the time before, or how much the two differ.

    In: its sentence, what stands in it before the number, what stands before and behind it up to the numbers beside it,
    the latter as it stands where there is another one, and the how many-th it is.
    """
    cues = proof.cues
    moved, against, earlier = _cue(cues.moved), _cue(cues.against), _cue(cues.before)
    by = "|".join(map(re.escape, map(plain, cues.by_how_much)))
    tail = re.search(r"(?:[\w'’.-]+\W+){0,4}$", back)
    near = tail[0] if tail else ""
    more = _cue(cues.more_or_less).match(re.sub(r"^[\s,%-]*(?:percentage points?|per cent|points?)?[\s-]*", "", ahead))
    if more and not ahead.lstrip().startswith((",", ";", "(", ")")):
        return Role.CHANGE
    if re.search(rf"(?:{earlier.pattern}|\bthan before)\s*[(:]\s*$", back):
        # "a rise of 403 on the previous cycle (511)"
        return Role.PREVIOUS
    from_here = re.search(r"\b(?:from|de)\s+(?:\w+\s+)?$", back)
    to_there = following is not None and _TO_THERE.match(plain(following))
    if from_here and to_there:
        # "from 511 to 914", and not "ranged from 19 in UNISFA to 46 in MINUSCA"
        return Role.CURRENT if _RANGED.search(whole_before) else Role.PREVIOUS
    if re.search(rf"(?:{moved.pattern})\s+(?:{by})\s+(?:\w+\s+)?$", near) or re.search(r"[+±]\s*$", back):
        return Role.CHANGE
    if re.search(rf"(?:{moved.pattern})\s+$", near) and re.match(
        r"\s*(?:\w+\s+)?(?:from|on|over|compared|to)\b", ahead
    ):
        # "up 403 from 511"
        return Role.CHANGE
    if re.search(r"\b(?:from|de|since)\s+(?:the\s+|a\s+|some\s+|about\s+|approximately\s+|les\s+)?$", back) and (
        moved.search(whole_before) or earlier.search(ahead)
    ):
        return Role.PREVIOUS
    if re.search(rf"(?:{against.pattern})\s+(?:\w+\s+){{0,2}}$", near) and at:
        return Role.PREVIOUS
    until = re.split(
        r"[,;(]|\bcompared\b|\bagainst\b|\bcontre\b|\bpar rapport\b|\bup from\b|\bthan\b|\bque\b|\bfrom the\b|"
        r"\bon the\b|\bover the\b|\bsince\b",
        ahead,
        maxsplit=1,
    )[0]
    if earlier.search(until):
        return Role.PREVIOUS
    lead = re.split(r"[;]", back)[-1]
    if at and (done := re.search(r",\s|\s(?:to|a)\s+(?:\w+\s+)?$", lead)):
        # "32% the year before, and 11 teams", "from 511 in the last cycle to 914": that is said of the number before
        lead = lead[done.start() :]
    if (cue := earlier.search(lead)) and not re.search(
        rf"(?:{against.pattern}|\bfrom|\bthan|\bsince|\bto|\bon|\bover|\bque|\bau)\s+(?:the|le|la|its|du|au)?\s*$",
        lead[: cue.start()],
    ):
        return Role.PREVIOUS
    return Role.CURRENT
