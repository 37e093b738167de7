"""Files that together are one: part 1 and part 2 of 2, or the quarters of a source whose contract says quarterly.

What a file is a part of its name says. The newest file of each part counts, down to the first file that is whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from config import Source
from flows.core.records import PassedOver, Slot, Submission

_MOST_PARTS = 20
_NUMBERED = re.compile(
    r"(?:(?<![a-z])(?:part|partie|pt|file|fichier) ?)?(?<!\d)(\d{1,2}) ?(?:of|de|sur|von) ?(\d{1,2})(?!\d)"
)
_PART = re.compile(r"(?<![a-z])(?:part|partie) ?(\d{1,2})(?!\d)")
_FIRST = {"1st": 1, "1er": 1, "first": 1, "premier": 1, "2nd": 2, "second": 2, "deuxieme": 2, "2e": 2, "2eme": 2}
_FIRST |= {"3rd": 3, "third": 3, "troisieme": 3, "3e": 3, "3eme": 3, "4th": 4, "fourth": 4, "quatrieme": 4}
_FIRST |= {"4e": 4, "4eme": 4}
_QUARTER = re.compile(
    rf"(?<![a-z])(?:[qt]|quarter|trimestre) ?([1-4])(?![0-9a-z])"
    rf"|(?<![a-z0-9])({'|'.join(_FIRST)}) (?:quarter|trimestre)(?![a-z])"
)


def part_of(file: str, contract: Source) -> str | None:
    """Return which part a file is as its name says, such as `1 of 2` or `Q1`; None where it is whole."""
    if not contract.sent_in_parts:
        return None
    return numbered(file) or (quarter(file) if contract.cadence == "quarterly" else None)


def numbered(file: str) -> str | None:
    """Return which part of how many a name says, such as `1 of 2`; `1` where it does not say of how many."""
    name = _plain(file)
    if found := _NUMBERED.search(name):
        number, total = int(found[1]), int(found[2])
        return f"{number} of {total}" if 1 <= number <= total and 2 <= total <= _MOST_PARTS else None
    return str(int(alone[1])) if (alone := _PART.search(name)) else None


def quarter(file: str) -> str | None:
    """Return the quarter that a name says, such as `Q1`; None where it names none, or several."""
    quarters = {int(found[1]) if found[1] else _FIRST[found[2]] for found in _QUARTER.finditer(_plain(file))}
    return f"Q{quarters.pop()}" if len(quarters) == 1 else None


def together(submissions: Sequence[Submission]) -> list[Submission]:
    """Return the newest file of a slot with those that it is one with; in are the slot's files, newest first."""
    first = submissions[0] if submissions else None
    if first is None or first.part is None:
        return list(submissions[:1])
    chosen: dict[str, Submission] = {}
    for one in submissions:
        if one.part is None or _whole(one.part) != _whole(first.part):
            break
        chosen.setdefault(one.part, one)
    return list(chosen.values())


def passed_over(slots: Mapping[Slot, Sequence[Submission]], read: Sequence[Submission]) -> list[PassedOver]:
    """Return the files that were sent and are not read, each with the newest of its slot, which took its place."""
    known = {one.file for one in read}
    return [
        PassedOver(one.source, one.mission, one.file, submissions[0].file, _trouble(one, submissions[0]))
        for submissions in slots.values()
        for one in submissions
        if one.file not in known
    ]


def _trouble(one: Submission, newest: Submission) -> str:
    """Return what is to be told of a file that was replaced: that it is so, or that it may be a part of the other."""
    names = [numbered(each.file) or quarter(each.file) for each in (one, newest)]
    apart = None not in names and names[0] != names[1] and one.part is newest.part is None
    return "part_passed_over" if apart else "passed_over"


def lacking(parts: Sequence[str]) -> dict[str, str]:
    """Return for each part, of those of a slot that can be read, the first that it lacks, such as `part 2 of 2`."""
    there = set(parts)
    found = {}
    for part in there:
        _, of, total = part.partition(" of ")
        others = (f"{one} of {total}" for one in range(1, int(total) + 1)) if of else ()
        absent = [other for other in others if other not in there]
        if absent:
            found[part] = f"part {absent[0]}"
    return found


def _whole(part: str) -> str:
    """Return what parts of the same whole have in common."""
    return part[:1] if part.startswith("Q") else part.partition(" of ")[2]


def _plain(file: str) -> str:
    """Return a name without folder and ending, in small letters without accents, its words parted by one space."""
    name = unicodedata.normalize("NFKD", PurePosixPath(file).stem).lower()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(one for one in name if not unicodedata.combining(one))).split())
