"""Percentages that a draft gives of something that it names: `85 (63%) of alleged perpetrators identified`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from config import Cycle
from config.printed import PrintedNumber
from config.proof import Proof
from flows.releases.proof.answers import PROVED, Judged, Verdict
from flows.releases.proof.links import Candidate, Linked, base_of, link
from flows.releases.proof.measures import Measure
from flows.releases.proof.roles import Role
from flows.releases.proof.subjects import Mention
from flows.releases.proof.verdicts import how, named, said
from flows.releases.proof.words import plain
from transforms.reconcile import agrees
from transforms.rounding import rounded
from transforms.wording import exact

_OF = re.compile(
    r"^[\s,]*(?:of|des|de la|du|de|d'|parmi)\s+(?:all\s+|the\s+|those\s+|les\s+|toutes?\s+les\s+|tous\s+les\s+)*"
)
# where what the share is of ends: at a verb, or what begins another part of the sentence
_VERB = re.compile(
    r"[,;:.()]|\b(?:have|has|had|were|was|are|is|been|who|which|that|ont|sont|etaient|etait|a|est|furent|qui|received|died|"
    r"attended|completed|resulted|led|avaient)\b"
)
_DAYS = re.compile(r"^\s*(?:of|des|sur)\s+(?:the\s+|les\s+)?(\d+)\s+(?:days|jours)")


def judge_share(
    mention: Mention,
    linked: Linked,
    counted: Candidate | None,
    before: Judged,
    measures: Sequence[Measure],
    cycle: Cycle,
    proof: Proof,
) -> Judged:
    """Return what is to be said of a percentage, where what it is a share of can be told; else what was said before.

    In: the number with what it is linked with; what the number is linked with of which it is the share in brackets.
    """
    number = mention.found.number
    if number is None or not number.percent or mention.role not in (Role.SHARE, Role.CURRENT):
        return before
    if counted is not None and counted.measure.unit == "days":
        return _of_days(mention, linked, counted, number, cycle)
    named_base = base_text(mention.base)
    if not named_base:
        return before
    part = counted or _part(linked, measures, proof)
    if part is None or part.value is None or part.value.value is None:
        return before
    bases = [one for one in base_of(named_base, measures) if one.name != part.measure.name]
    values = {one.name: _of_mission(one, part.mission) for one in bases}
    values = {name: value for name, value in values.items() if value}
    if len(set(values.values())) != 1:
        return before
    name, whole = next(iter(values.items()))
    base = next(one for one in bases if one.name == name)
    share = 100 * part.value.value / (whole or 1)
    if agrees(number, share, "percent"):
        if before.verdict in PROVED:
            return before
        return said(linked, part, Verdict.EQUAL, f"{named(part)} as a share of {base.title}.", share)
    others = _share_of_what(part, number, measures)
    really = f"{exact(rounded(share, 1))}%"
    told = f"{mention.found.text.strip()} is given of {base.title}, of which {named(part)} is {really}"
    if others:
        told += f"; it is the share of {' or of '.join(others)}"
    elif before.verdict == Verdict.CONTRADICTS:
        return before
    return said(linked, part, Verdict.CONTRADICTS, f"{told}. {how(linked, part)}", share)


def base_text(text: str) -> str:
    """Return what a share is said to be of: `cases reported` of ` of cases reported have been …`; else nothing."""
    free = plain(text)
    match = _OF.match(free)
    if not match:
        return ""
    return _VERB.split(free[match.end() :], maxsplit=1)[0]


def _part(linked: Linked, measures: Sequence[Measure], proof: Proof) -> Candidate | None:
    """Return the figure that counts what a percentage is the share of: the same words, without percent."""
    mention = replace(linked.mention, percent=False, noun=(), role=Role.CURRENT)
    counts = [one for one in measures if one.kind == "figure" and one.unit != "percent"]
    found = link(mention, linked.place, None, counts, proof)
    return found.best if found.sure else None


def _of_mission(measure: Measure, mission: str) -> float | None:
    value = measure.values.get((mission,)) if measure.by == ("mission",) else None
    return value.value if value else None


def _share_of_what(part: Candidate, number: PrintedNumber, measures: Sequence[Measure]) -> list[str]:
    assert part.value is not None
    assert part.value.value is not None
    found = []
    for one in measures:
        whole = _of_mission(one, part.mission)
        same = one.kind == "figure" and one.unit == part.measure.unit and one.name != part.measure.name
        if same and whole and agrees(number, 100 * part.value.value / whole, "percent"):
            found.append(one.title)
    # of many it is no more than chance
    return found if len(found) < 3 else []


def _of_days(mention: Mention, linked: Linked, counted: Candidate, number: PrintedNumber, cycle: Cycle) -> Judged:
    value = counted.value.value if counted.value else None
    if value is None:
        return said(linked, None, Verdict.ABSENT, "the release does not know of how many days it is the share.")
    given = _DAYS.match(plain(mention.base))
    days = int(given[1]) if given else cycle.days
    share = 100 * value / days
    if agrees(number, share, "percent"):
        return said(linked, counted, Verdict.EQUAL, f"{named(counted)} as a share of {days} days.", share)
    text, really = mention.found.text.strip(), exact(rounded(share, 1))
    told = f"{text} is not the share of {days} days: {exact(value)} days are {really}%"
    if number.value:
        told += f", and {text} of {exact(rounded(100 * value / number.value))}"
    return said(linked, counted, Verdict.CONTRADICTS, f"{told}.", share)


def of_whole(linked: Sequence[Linked], judged: Mapping[tuple[int, int], Judged]) -> dict[tuple[int, int], Judged]:
    """Return what is said of percentages of a number that no whole number is: 25% of the 25 are 6.25 people."""
    changed = {}
    for one, other in pairwise(linked):
        first, second = one.mention.found, other.mention.found
        if one.mention.passage != other.mention.passage or not first.number or not second.number:
            continue
        between = plain(one.mention.passage.text[first.end : second.start])
        if (
            not first.number.percent
            or second.number.percent
            or not re.fullmatch(r"\s*(?:of|des|de)\s+(?:the|these|les|ces)?\s*", between)
        ):
            continue
        whole = second.number
        if whole.bound or whole.step != 1 or not 0 < whole.value <= 1000:
            continue
        if not any(agrees(first.number, 100 * part / whole.value, "percent") for part in range(int(whole.value) + 1)):
            at = (one.mention.passage.number, first.start)
            before = judged.get(at)
            if before and before.verdict in (Verdict.ABSENT, Verdict.UNSURE, *PROVED):
                near = rounded(first.number.value * whole.value / 100)
                really = exact(rounded(100 * near / whole.value, 1))
                told = f"no number is {first.text.strip()} of {exact(whole.value)}; {exact(near)} would be {really}%."
                changed[at] = replace(before, verdict=Verdict.CONTRADICTS, reason=told)
    return changed
