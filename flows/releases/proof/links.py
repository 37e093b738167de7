"""Which figure or cell of a release a number of a draft can be: by the words near it, and never by its value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from config.overrides import WHOLE
from config.printed import PrintedPeriod
from config.proof import Proof
from flows.releases.proof.measures import MISSION, Measure, Value
from flows.releases.proof.places import Place
from flows.releases.proof.roles import Role
from flows.releases.proof.subjects import Mention
from flows.releases.proof.words import phrase, plain, stands_in, words

# what is near enough to be meant, and how much nearer one must be than the next
_ENOUGH = 0.6
SURE = 0.75
_UNSURE = 0.75
_MARGIN = 0.05
_NEAR = 0.75
_AND_ABOVE = re.compile(r" (?:and|or) (?:above|higher)| et plus| ou plus| et au dela")
MONTH = "month"
_YEARS = ("year", "year_reported", "incident_year")


@dataclass(frozen=True)
class Candidate:
    """What a number can be: a measure and the values that say which of its numbers, and how near its words stand."""

    measure: Measure
    key: tuple[str, ...]
    score: float
    words: tuple[str, ...]

    @property
    def value(self) -> Value | None:
        """What the release knows of it; None where it has no such row."""
        return self.measure.values.get(self.key)

    @property
    def mission(self) -> str:
        """The mission that it is of."""
        if MISSION not in self.measure.by:
            return WHOLE
        return self.key[self.measure.by.index(MISSION)] or WHOLE


@dataclass(frozen=True)
class Linked:
    """A number and what it can be, the nearest first; sure where one is nearer than all others."""

    mention: Mention
    place: Place
    candidates: tuple[Candidate, ...]
    sure: bool

    @property
    def best(self) -> Candidate | None:
        """The nearest one."""
        return self.candidates[0] if self.candidates else None


def link(
    mention: Mention, place: Place, period: PrintedPeriod | None, measures: Sequence[Measure], proof: Proof
) -> Linked:
    """Return what a number can be.

    In: the number with its mission and its period, where one is said; what the release can prove.
    """
    those = [one for measure in measures if (one := _candidate(mention, place, period, measure, proof)) is not None]
    if any(not one.measure.wording.last and one.score >= SURE for one in those):
        those = [one for one in those if not one.measure.wording.last]
    those = _of_its_year(those, period, mention)
    those.sort(key=lambda one: (-one.score, one.measure.kind != "figure"))
    if not those:
        return Linked(mention, place, (), False)
    best = those[0]
    near = [one for one in those if one.score > best.score - _MARGIN and not _same(one, best, mention.role)]
    kept = (best, *near, *(one for one in those[1:] if one not in near))
    return Linked(mention, place, kept, not near and best.score >= SURE)


def _of_its_year(those: list[Candidate], period: PrintedPeriod | None, mention: Mention) -> list[Candidate]:
    """Return what a number can be without figures of other days, where a cell of the year that is named can be it."""
    year = _year(period)
    if year is None or not any(set(one.measure.by) & set(_YEARS) and one.score >= SURE for one in those):
        return those

    def is_of_other_days(one: Candidate) -> bool:
        value = one.value
        if one.measure.kind != "figure" or value is None:
            return False
        return value.window == "since" or (value.window == "year" and str(value.end and value.end.year) != year)

    kept = [one for one in those if not is_of_other_days(one)]
    number = mention.found.number
    if number and any(one not in kept and truth(one, Role.CURRENT) == number.value for one in those):
        # it is that of the right year, and the year is what is wrong
        return [one for one in those if not set(one.measure.by) & set(_YEARS)]
    return kept


def _same(one: Candidate, other: Candidate, role: Role) -> bool:
    """Tell whether two are the same number in two tables."""
    if one is other:
        return True
    first, second = truth(one, role), truth(other, role)
    return first is not None and first == second


def _candidate(
    mention: Mention, place: Place, period: PrintedPeriod | None, measure: Measure, proof: Proof
) -> Candidate | None:
    if not _unit_fits(mention, measure):
        return None
    wording = measure.wording
    if any(stands_in(one, mention.own) for one in wording.never):
        return None
    if wording.unless and any(stands_in(one, words(mention.said)) for one in wording.unless):
        return None
    if wording.before and not _right_before(mention, wording.before):
        return None
    key, weights, said = _key(mention, place, period, measure, proof)
    if key is None:
        return None
    best: Candidate | None = None
    for text in (*wording.said, *(one for one in measure.from_title if one not in wording.said)):
        found = _weights(text, mention)
        if found is None:
            continue
        every = [weight for weight, _, _ in found] + weights
        mean = sum(every) / len(every)
        if max(every) < _NEAR or mean < _ENOUGH:
            continue
        score = mean + 0.03 * min(len(every), 4)
        if not _accounted(mention, measure, [where for _, _, where in found], said):
            score = min(score, _UNSURE - 0.1)
        if best is None or score > best.score:
            best = Candidate(measure, key, score, tuple(dict.fromkeys([*(word for _, word, _ in found), *said])))
    return best


def _accounted(mention: Mention, measure: Measure, where: Sequence[str], values: Sequence[str]) -> bool:
    """Tell whether what stands right beside a number is part of what it is linked by.

    Words behind it that say what it counts, and what heads its row and its column: where none of them is among those
    that it is known by, it may well count something else.
    """
    counted = bool({measure.unit, *measure.wording.units} & set(mention.noun))
    if mention.only_after and not counted and not values and not {"after", "row", "column"} & set(where):
        return False
    if not mention.passage.cell:
        return True
    row = "row" in where or not mention.strange_row or bool(values)
    return row and ("column" in where or "after" in where or not mention.strange_column or bool(values))


def truth(one: Candidate, role: Role) -> float | None:
    """Return what the release has in the place of a number of a role; the year of a cell is said with it."""
    value = one.value
    if value is None:
        return None
    return value.previous if role == Role.PREVIOUS and not set(one.measure.by) & set(_YEARS) else value.value


def inherited(mention: Mention, place: Place, of: Linked) -> Linked | None:
    """Return a number as one that counts what another one does, of its own mission where one is named beside it."""
    best = of.best
    if (
        best is None
        or not of.sure
        or (mention.percent != (best.measure.unit == "percent") and mention.role != Role.CHANGE)
    ):
        return None
    if set(best.measure.by) & set(_YEARS):
        # a figure counts the year before too
        figures = [one for one in of.candidates if one.measure.kind == "figure" and _same(one, best, Role.CURRENT)]
        if not figures:
            return None
        best = figures[0]
    if mention.noun and not {best.measure.unit, *best.measure.wording.units} & set(mention.noun):
        return None
    key, measure = best.key, best.measure
    where = of.place
    if mention.role not in (Role.PREVIOUS, Role.CHANGE) and MISSION in measure.by:
        at = measure.by.index(MISSION)
        mission = place.mission if place.mission != WHOLE or measure.kind == "figure" else ""
        key, where = (*key[:at], mission, *key[at + 1 :]), place
    same = Candidate(measure, key, 1.0, tuple(dict.fromkeys((*best.words, "as the number before it"))))
    return Linked(mention, where, (same,), True) if same.value is not None else None


def _unit_fits(mention: Mention, measure: Measure) -> bool:
    percent = measure.unit == "percent"
    if mention.role == Role.CHANGE and not measure.wording.is_change:
        # by how many it changed, or by what part of it; by points only what is in percent
        return percent or "point" not in mention.found.text
    if mention.percent != percent:
        return False
    return percent or not mention.noun or bool({measure.unit, *measure.wording.units} & set(mention.noun))


def _right_before(mention: Mention, before: Sequence[str]) -> bool:
    every = "|".join(re.escape(plain(one)) for one in before)
    return re.search(rf"(?<!\w)(?:{every})\s*(?:un\s+)?$", plain(mention.before)) is not None


def _weights(text: str, mention: Mention) -> list[tuple[float, str, str]] | None:
    """Return how near each piece of a phrase stands, and the words that it is found by; None where one is missing."""
    found = []
    for piece in phrase(text):
        best: tuple[float, str, str] | None = None
        for layer in mention.layers:
            if best is not None and best[0] >= layer.weight:
                continue
            if match := piece.search(layer.words):
                best = (layer.weight, match[1], layer.where)
        if best is None:
            return None
        found.append(best)
    return found


def _key(
    mention: Mention, place: Place, period: PrintedPeriod | None, measure: Measure, proof: Proof
) -> tuple[tuple[str, ...] | None, list[float], list[str]]:
    """Return which of a measure's numbers is meant, with how near the words stand that say so; None where none is."""
    key, weights, said = [], [], []
    for dimension in measure.by:
        if dimension == MONTH:
            month = _month(period, measure.of_values(dimension))
            if month is None or mention.role != Role.CURRENT:
                return None, [], []
            key.append(month)
            continue
        if dimension == MISSION:
            if place.mission == WHOLE:
                key.append(WHOLE if measure.kind == "figure" else "")
            else:
                key.append(place.mission)
            continue
        if dimension in _YEARS:
            year = _year(period)
            if mention.role == Role.CHANGE or year is None or year not in measure.of_values(dimension):
                return None, [], []
            key.append(year)
            weights.append(0.9)
            said.append(year)
            continue
        chosen = _value_named(mention, dimension, measure.of_values(dimension), proof)
        if chosen is None:
            key.append("")
        else:
            key.append(chosen[0])
            weights.append(chosen[1])
            said.append(chosen[0])
    made = tuple(key)
    return (made, weights, said) if _can_be(made, place, measure, bool(said)) else (None, [], [])


def _can_be(key: tuple[str, ...], place: Place, measure: Measure, named: bool) -> bool:
    """Tell whether a measure has such a number, and whether it is the one that would be meant."""
    if measure.kind == "figure" and key not in measure.values:
        # of a mission that has none; but of one that is of all missions together, none of a mission can be
        return not (place.mission != WHOLE and measure.missions <= {WHOLE})
    if key not in measure.values:
        return False
    if measure.kind == "figure" or not measure.by:
        return True
    if MONTH in measure.by:
        return named
    # hospitals of a mission, and of no level that is named; the sum of all: a figure has it, if anybody needs it
    return named if len(measure.by) > 1 else any(key) or measure.by == (MISSION,)


def _month(period: PrintedPeriod | None, months: Sequence[str]) -> str | None:
    """Return the month that a text names, by its last day; where it names none, or all of them, the last there is."""
    if period is None or (months and (str(period.start)[:7], str(period.end)) == (months[0][:7], months[-1])):
        return months[-1] if months else None
    return next((one for one in months if str(period.end) == one and str(period.start)[:7] == one[:7]), None)


def _year(period: PrintedPeriod | None) -> str | None:
    if period is None:
        return None
    whole = (period.start.month, period.start.day, period.end.month, period.end.day) == (1, 1, 12, 31)
    return str(period.start.year) if whole and period.start.year == period.end.year else None


def _value_named(mention: Mention, dimension: str, values: Sequence[str], proof: Proof) -> tuple[str, float] | None:
    other = proof.values.get(dimension, {})
    best: tuple[float, int, str] | None = None
    for value in values:
        for text in (*other.get(value, ()), *_own_words(value)):
            for layer in mention.layers:
                if layer.weight < 0.6:
                    continue
                at = [piece.search(layer.words) for piece in phrase(text)]
                if at and all(at) and not _AND_ABOVE.match(layer.words[max(one.end() for one in at if one) :]):
                    place = min(one.start() for one in at if one)
                    nearer = place if layer.where == "before" else -place
                    if best is None or (layer.weight, nearer) > best[:2]:
                        best = (layer.weight, nearer, value)
                    break
    return None if best is None else (best[2], best[0])


def _own_words(value: str) -> tuple[str, ...]:
    text = "_".join(words(value).split())
    return (text,) if text else ()


def bases_with(said: str, more: str, measures: Sequence[Measure]) -> list[Measure]:
    """Return the figures that words name together with others, a piece of their phrase among the former."""
    found = []
    for measure in measures:
        if (
            measure.unit == "percent"
            or measure.kind != "figure"
            or any(stands_in(one, said) for one in measure.wording.never)
        ):
            continue
        for text in (*measure.wording.said, *measure.from_title):
            pieces = phrase(text)
            own = [piece for piece in pieces if piece.search(said)]
            if own and len(pieces) > 1 and all(piece in own or piece.search(more) for piece in pieces):
                found.append(measure)
                break
    return found


def base_of(text: str, measures: Sequence[Measure]) -> list[Measure]:
    """Return the figures that a text names, of which a share is given: `cases reported have …`."""
    said = words(text)
    return [
        measure
        for measure in measures
        if measure.unit != "percent"
        and measure.kind == "figure"
        and not any(stands_in(one, said) for one in measure.wording.never)
        and any(stands_in(one, said) for one in (*measure.wording.said, *measure.from_title))
    ]
