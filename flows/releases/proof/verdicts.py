"""Whether a number of a draft is what the release has: by the rounding that it shows, of now or of the time before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from config import Cycle
from config.overrides import WHOLE
from config.printed import PrintedNumber
from flows.core.wording import number as written
from flows.releases.proof.answers import Judged, Verdict
from flows.releases.proof.links import SURE, Candidate, Linked, truth
from flows.releases.proof.measures import Measure, Value
from flows.releases.proof.roles import Role
from transforms.reconcile import agrees, to_tell
from transforms.rounding import rounded
from transforms.wording import exact

_ABSENT = {
    "M": "there can be none",
    "L": "it was not reported",
    "O": "it is missing",
    "V": "it is being validated",
    "P": "it is provisional",
}


@dataclass(frozen=True)
class Expected:
    """What should stand in the place of a number, and in words what that is."""

    value: float | None
    what: str
    shown: float | None = None


def judge(linked: Linked, cycle: Cycle, in_this_cycle: bool) -> Judged:
    """Return what is to be said of a number by what it is linked with.

    In: the number; the cycle; whether its sentence says that it counts this cycle alone.
    """
    mention, best = linked.mention, linked.best
    if best is None:
        return said(linked, None, Verdict.ABSENT, "no figure or table of the release is named by the words beside it.")
    number = mention.found.number
    assert number is not None
    if not linked.sure:
        return _unsure(linked, number)
    value = best.value
    if value is None:
        return said(linked, best, Verdict.ABSENT, f"{named(best)}: the release counts nothing for {best.mission}.")
    if mention.role == Role.OTHER:
        return said(linked, best, Verdict.ABSENT, f"{named(best)}, of a cycle that this release does not tell of.")
    return _held_against(linked, best, value, number, cycle, in_this_cycle)


def _held_against(
    linked: Linked, best: Candidate, value: Value, number: PrintedNumber, cycle: Cycle, in_this_cycle: bool
) -> Judged:
    """Judge a number by the one that the release has in its place."""
    mention = linked.mention
    expected = _expected(mention.role, best, value, mention.percent)
    if mention.role == Role.CHANGE and mention.found.text.lstrip()[:1] in ("+", "-", "\u2212"):
        expected = _with_sign(expected, value)
    if in_this_cycle and value.value is None and value.window in ("since", "snapshot"):
        why = "suppressed" if value.status == "Q" else "not known"
        reason = f"{named(best)}: what this cycle added is not in the release, since what there is in all is {why}."
        return said(linked, best, Verdict.ABSENT, reason)
    if expected.value is None:
        return _without_value(linked, best, value, number, expected)
    if _fits(number, expected, best.measure.unit if not mention.percent else "percent"):
        return _right(linked, best, number, expected)
    if in_this_cycle and (other := _in_this_cycle(linked, best, value, number)):
        return other
    if other := _another_reading(linked, number, value):
        return other
    now = mention.role in (Role.CURRENT, Role.SHARE)
    if now and (stale := _stale(linked, best, value, number, cycle)):
        return stale
    right = written_as(expected.value, number)
    reason = f"{named(best)}: {expected.what} is {right}, not {mention.found.text.strip()}."
    if number.bound and mention.found.printed:
        reason = f"{named(best)}: {expected.what} is {right}, which is not “{mention.found.printed}”."
    return said(linked, best, Verdict.CONTRADICTS, f"{reason} {how(linked, best)}", expected.value)


def said(linked: Linked, best: Candidate | None, verdict: Verdict, reason: str, right: float | None = None) -> Judged:
    """Return what is said of a number."""
    mention = linked.mention
    one = Judged(
        mention.passage, mention.found.start, mention.found.end, mention.found.text, verdict, reason.strip(),
        role=mention.role.value, heads=(*mention.row, *mention.column),
    )  # fmt: skip
    if best is None:
        return one
    return replace(
        one,
        name=best.measure.name,
        title=best.measure.title,
        mission=best.mission,
        key=best.key,
        right=right,
        unit=best.measure.unit,
        shown_by=shown_by(best.measure, best.key, best.mission),
    )


def shown_by(measure: Measure, key: Sequence[str], mission: str) -> str:
    """Return how to see where a number of the release comes from."""
    if measure.kind == "figure":
        of = f" --mission {mission}" if mission != WHOLE else ""
        return f"a4p explain {measure.name}{of}"
    which = ", ".join(f"{by} {value}" for by, value in zip(measure.by, key, strict=True) if value)
    return f"table {measure.table}, column {measure.column}{f', {which}' if which else ''}"


def named(best: Candidate) -> str:
    """Return what a number is linked with, for people."""
    which = [value for by, value in zip(best.measure.by, best.key, strict=True) if value and by != "mission"]
    of = [best.mission] if best.mission != WHOLE else []
    more = ", ".join([*which, *of])
    return f"{best.measure.title} ({more})" if more else best.measure.title


def how(linked: Linked, best: Candidate) -> str:
    """Return by which words a number was linked."""
    words = ", ".join(f"“{word}”" for word in best.words)
    place = f"; {linked.place.mission}: {linked.place.how}" if best.mission != WHOLE else ""
    return f"(Known by {words}{place}.)"


def written_as(value: float, number: PrintedNumber) -> str:
    """Return a number of the release as it should stand in the place of a printed one."""
    if number.percent:
        return f"{exact(to_tell(value, number))}%"
    return written(value) if float(value).is_integer() else exact(to_tell(value, number))


def _expected(role: Role, best: Candidate, value: Value, percent: bool) -> Expected:
    if role == Role.PREVIOUS and truth(best, role) == value.previous:
        return Expected(value.previous, "the value of the cycle before", value.previous_shown)
    if role == Role.CHANGE and not best.measure.wording.is_change:
        if value.value is None or value.previous is None:
            return Expected(None, "the change")
        change = value.value - value.previous
        if percent and best.measure.unit != "percent":
            return Expected(100 * abs(change) / value.previous if value.previous else None, "the change in percent")
        return Expected(abs(change), "the change since the cycle before")
    return Expected(value.value, "the value", value.shown)


def _with_sign(expected: Expected, value: Value) -> Expected:
    """Return a change as it is where its sign is written too: `-4`."""
    if expected.value is None or value.value is None or value.previous is None or value.value >= value.previous:
        return expected
    return replace(expected, value=-expected.value)


def _fits(number: PrintedNumber, expected: Expected, unit: str) -> bool:
    if expected.value is None:
        return False
    if agrees(number, expected.value, unit):
        return True
    return expected.shown is not None and (
        number.value == expected.shown or rounded(number.value, 0, unit) == expected.shown
    )


def _right(linked: Linked, best: Candidate, number: PrintedNumber, expected: Expected) -> Judged:
    assert expected.value is not None
    same = number.value in (expected.value, expected.shown) and number.bound in (None, "about")
    verdict = Verdict.EQUAL if same else Verdict.ROUNDED
    more = "" if same else f", {exact(to_tell(expected.value, number))} before it is rounded"
    one = said(linked, best, verdict, f"{named(best)}, {expected.what}{more}. {how(linked, best)}", expected.value)
    return replace(one, what=expected.what)


def _unsure(linked: Linked, number: PrintedNumber) -> Judged:
    best = linked.best
    assert best is not None
    near = [one for one in linked.candidates if one.score > best.score - 0.06]
    if best.score < SURE:
        values = [one for one in near if one.value is not None and one.value.value is not None]
        if not any(
            _fits(number, _expected(linked.mention.role, one, one.value, linked.mention.percent), one.measure.unit)
            for one in values
            if one.value
        ):
            return said(linked, None, Verdict.ABSENT, f"no figure is named beside it; the nearest is {named(best)}.")
    can_be = tuple(
        f"{named(one)}: {'no value' if one.value is None or one.value.value is None else exact(one.value.value)}"
        for one in near
    )
    judged = said(linked, None, Verdict.UNSURE, f"it can be: {'; or '.join(can_be)}.")
    return replace(judged, can_be=can_be)


def _without_value(linked: Linked, best: Candidate, value: Value, number: PrintedNumber, expected: Expected) -> Judged:
    current = linked.mention.role in (Role.CURRENT, Role.SHARE)
    if current and value.status == "Q":
        reason = f"{named(best)} is suppressed in the release, since small numbers lead to people; do not print it."
        return said(linked, best, Verdict.SUPPRESSED, f"{reason} {how(linked, best)}")
    if current and value.status == "M" and number.value:
        return said(
            linked, best, Verdict.CONTRADICTS, f"{named(best)}: there can be none (status M). {how(linked, best)}"
        )
    why = f" (status {value.status}: {_ABSENT.get(value.status, 'no value')})" if value.value is None else ""
    return said(linked, best, Verdict.ABSENT, f"{named(best)}: the release has no number for {expected.what}{why}.")


def _in_this_cycle(linked: Linked, best: Candidate, value: Value, number: PrintedNumber) -> Judged | None:
    """Judge a number of this cycle where the figure counts from long before: it is how many more there are."""
    if value.window not in ("since", "snapshot") or linked.mention.role != Role.CURRENT:
        return None
    if value.value is None or value.previous is None:
        return said(
            linked,
            best,
            Verdict.ABSENT,
            f"{named(best)} counts more than this cycle, and what it was before is not known.",
        )
    change = Expected(value.value - value.previous, "what this cycle added")
    if _fits(number, change, best.measure.unit):
        return _right(linked, best, number, change)
    if value.window == "since":
        more = exact(change.value or 0)
        reason = f"{named(best)} counts from {value.start} on: {exact(value.value)}, {more} more than a cycle before."
        return said(linked, best, Verdict.UNSURE, reason)
    reason = f"{named(best)}: this cycle added {exact(change.value or 0)}, and not {linked.mention.found.text.strip()}."
    return said(linked, best, Verdict.CONTRADICTS, f"{reason} {how(linked, best)}", change.value)


def _another_reading(linked: Linked, number: PrintedNumber, value: Value) -> Judged | None:
    """Judge a number whose mission is not said beside it: of the one that was named before, or of several together."""
    best, place = linked.best, linked.place
    assert best is not None
    if "mission" not in best.measure.by or best.mission != WHOLE:
        return None
    at = best.measure.by.index("mission")
    missions = [*place.several, *([place.perhaps] if place.perhaps else [])]
    of = {
        one: found
        for one in missions
        if (found := best.measure.values.get((*best.key[:at], one, *best.key[at + 1 :]))) is not None
    }
    unit = best.measure.unit
    for mission, one in of.items():
        if linked.mention.is_total or number.value in (0, 1):
            # of all; and none or one is what many have
            continue
        expected = _expected(linked.mention.role, best, one, linked.mention.percent)
        if _fits(number, expected, unit):
            of_it = replace(best, key=(*best.key[:at], mission, *best.key[at + 1 :]))
            return _right(linked, of_it, number, expected)
    several = [of[one].value for one in place.several if one in of]
    if len(several) > 1 and unit != "percent" and None not in several:
        together = Expected(float(sum(filter(None, several))), f"the value of {' and '.join(place.several)} together")
        if _fits(number, together, unit):
            return _right(linked, best, number, together)
    if of and len(of) > 1:
        values = ", ".join(f"{one} {exact(found.value)}" for one, found in of.items() if found.value is not None)
        if value.value is not None and values:
            text = linked.mention.found.text.strip()
            reason = f"{named(best)} is {exact(value.value)} ({values}), not {text}. {how(linked, best)}"
            return said(linked, best, Verdict.CONTRADICTS, reason, value.value)
    return None


def _stale(linked: Linked, best: Candidate, value: Value, number: PrintedNumber, cycle: Cycle) -> Judged | None:
    unit = best.measure.unit
    now = exact(to_tell(value.value, number)) if value.value is not None else "unknown"
    text = linked.mention.found.text.strip()
    for release, earlier in value.earlier:
        if _fits(number, Expected(earlier, ""), unit):
            reason = f"{named(best)}: {text} is what {release} said, and it is {now} now. {how(linked, best)}"
            return said(linked, best, Verdict.STALE, reason, value.value)
    if value.previous is not None and _fits(number, Expected(value.previous, "", value.previous_shown), unit):
        of = f"of cycle {cycle.number - 1}" if value.window != "year" else "of the year before"
        reason = f"{named(best)}: {text} is the value {of}, and it is {now} now. {how(linked, best)}"
        return said(linked, best, Verdict.STALE, reason, value.value)
    return None
