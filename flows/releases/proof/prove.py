"""The proof of a draft: every number of it held against a release, and against the draft itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from config import Config, Cycle
from config.overrides import WHOLE
from flows.documents.drafts.passages import Draft, Passage
from flows.releases.proof import arithmetic, shares, windows
from flows.releases.proof.answers import Judged, Proof, Verdict
from flows.releases.proof.gaps import OF_WHOLE, OUT_OF
from flows.releases.proof.links import Candidate, Linked, base_of, bases_with, inherited, link
from flows.releases.proof.measures import Measure, measures
from flows.releases.proof.numbers import Found
from flows.releases.proof.places import Place, Places
from flows.releases.proof.roles import Role
from flows.releases.proof.subjects import Mention, mentions
from flows.releases.proof.tables import Tables
from flows.releases.proof.verdicts import judge
from flows.releases.proof.words import plain, words
from transforms.reconcile import agrees

_THIS_CYCLE = re.compile(
    r"\b(?:during|in|over|within|au cours d[eu]|pendant|durant|lors d[eu])\s+(?:the|this|la|le|ce|cette|l')?\s*"
    r"(?:current\s+)?(?:reporting period|reporting cycle|cycle|past (?:six|6) months|last (?:six|6) months|"
    r"periode consideree|periode couverte|periode|present cycle|six derniers mois)\b|\bthis (?:cycle|period)\b"
)
# between two numbers of a cell that are not said together
_APART = re.compile(r"[)\s|;]+")


@dataclass(frozen=True)
class Known:
    """What a draft is held against: a release's tables by name, the figures of earlier ones of its cycle, the facts."""

    config: Config
    cycle: Cycle
    tables: Mapping[str, pl.DataFrame]
    release: str
    status: str
    earlier: Sequence[tuple[str, pl.DataFrame]] = ()


def prove(draft: Draft, known: Known) -> Proof:
    """Return what is to be said of every number of a draft."""
    config, proof = known.config, known.config.proof
    can_be = measures(config, known.cycle, known.tables, known.earlier)
    counted, others = mentions(draft, proof, _names(config), known.cycle.number)
    periods = windows.stated(others)
    tables = Tables(draft, proof)
    linked = _linked(counted, periods, can_be, config)
    judged = {_place(one.mention): judge(one, known.cycle, _in_this_cycle(one.mention)) for one in linked}
    _shares(linked, judged, can_be, known)
    judged |= windows.judge_periods(
        periods, linked, judged, tables, known.cycle, config.cycles, {one.name: one for one in can_be}, proof
    )
    judged |= windows.of_a_day(periods, linked, judged, tables)
    judged |= shares.of_whole(linked, judged)
    judged |= arithmetic.too_many_days(linked, judged, known.cycle)
    judged |= arithmetic.totals(tables, linked, judged, proof)
    judged |= arithmetic.in_brackets(linked, judged, proof)
    for passage, one in others:
        judged.setdefault((passage.number, one.start), _no_figure(passage, one))
    every = [_of_cycle(judged[place], known.cycle) for place in sorted(judged)]
    return Proof(draft, known.cycle.number, known.release, known.status, every)


def _names(config: Config) -> list[str]:
    """Return what names a mission, or the country that stands for it: these say where, and not what."""
    long = [name for mission in config.missions.values() for name in (mission.name, *mission.aliases)]
    places = [name.replace("_", " ") for those in config.proof.places.values() for name in those if "*" not in name]
    return [*config.missions, *config.proof.missions, *long, *(name for name in places if " " in name)]


def _strays(mention: Mention, stray: Collection[tuple[int, int]]) -> bool:
    """Tell whether a number is a second one of its cell, or stands in brackets behind such a one."""
    if mention.passage.cell is None:
        return False
    return _APART.fullmatch(mention.before) is not None or (mention.passage.number, mention.head) in stray


def _place(mention: Mention) -> tuple[int, int]:
    return mention.passage.number, mention.found.start


def _linked(
    counted: Sequence[Mention], periods: Sequence[windows.Stated], can_be: Sequence[Measure], config: Config
) -> list[Linked]:
    places = Places(config)
    sentences: dict[tuple[int, tuple[int, int]], list[Mention]] = {}
    for mention in counted:
        sentences.setdefault((mention.passage.number, mention.sentence), []).append(mention)
    linked: dict[tuple[int, int], Linked] = {}
    # of numbers, and of percentages
    last: dict[bool, Linked] = {}
    wholes: list[Linked] = []
    stray: set[tuple[int, int]] = set()
    for numbers in sentences.values():
        before: Mention | None = None
        place: Place | None = None
        for mention in numbers:
            place = places.of(mention, before, place, numbers)
            # two columns that came as one cell: what heads it is said of the first one
            strays = before is not None and _strays(mention, stray)
            stray |= {_place(mention)} if strays else set()
            before = mention
            period = windows.period_of(mention, periods)
            if strays:
                linked[_place(mention)] = Linked(mention, place, (), False)
                continue
            one = link(mention, place, period, can_be, config.proof)
            head = linked.get((mention.passage.number, mention.head)) if mention.head is not None else None
            one = _whole_of(one, head, can_be) or one
            gap = plain(mention.before)
            whole = mention.head is not None and any(way.fullmatch(gap) for way in (OF_WHOLE, OUT_OF))
            if whole:
                one = _as_whole_before(one, place, wholes[-1:]) or one
                wholes += [one] if one.sure else []
            else:
                one = _as_before(one, place, head, last.get(mention.percent)) or one
            linked[_place(mention)] = _of_year(one, periods)
            if one.sure and not whole and mention.role in (Role.CURRENT, Role.SHARE):
                last[mention.percent] = one
    return list(linked.values())


def _whole_of(one: Linked, head: Linked | None, can_be: Sequence[Measure]) -> Linked | None:
    """Return a number of which the one before is a part, `91 of the 110 cases reported`, as what it names itself."""
    mention = one.mention
    before = plain(mention.before)
    if mention.head is None or not (OF_WHOLE.fullmatch(before) or OUT_OF.fullmatch(before)):
        return None
    mission = one.place.mission
    named = shares.base_text(f"of {mention.tail}")
    part = head.best.measure.name if head is not None and head.best is not None else None
    others = [each for each in can_be if each.name != part]
    bases = [each for each in base_of(named, others) if (mission,) in each.values]
    if "missions" in mention.noun and not bases:
        # those that are known by what stands before their number: all missions that there are
        bases = [each for each in can_be if each.unit == "missions" and each.wording.before]
    if not bases and head is not None and head.best is not None:
        # "69% of the 294 identified": identified what, the number before says
        more = words(" ".join(head.best.words))
        bases = [each for each in bases_with(words(mention.tail), more, others) if (mission,) in each.values]
    if len({each.values[mission,].value for each in bases}) != 1:
        return Linked(mention, one.place, (), False)
    return Linked(mention, one.place, (Candidate(bases[0], (mission,), 1.0, ("of",)),), True)


def _as_before(one: Linked, place: Place, head: Linked | None, last: Linked | None) -> Linked | None:
    """Return a number as one that counts what the number before does, where nothing beside it says otherwise."""
    mention = one.mention
    if not mention.light or (mention.passage.cell is not None and head is None):
        return None
    if mention.role in (Role.PREVIOUS, Role.CHANGE):
        if head is None and mention.role == Role.PREVIOUS and last is not None:
            # "…; in the last cycle it was seven"
            return inherited(mention, place, last) if last.mention.passage == mention.passage else None
        return inherited(mention, place, head) if head is not None and head.sure else None
    if one.sure or mention.role != Role.CURRENT:
        return None
    if head is not None:
        # where it is not known what the one before counts, it may well count that too
        return inherited(mention, place, head) if head.sure else None
    named = place.mission != WHOLE or len(place.several) > 1
    close = last is not None and last.mention.passage == mention.passage and named
    return inherited(mention, place, last) if close and last is not None else None


def _as_whole_before(one: Linked, place: Place, before: Sequence[Linked]) -> Linked | None:
    """Return a number of which another is a part as what the last such one counts: `49 of 62 cases …, 38 of 44`."""
    mention = one.mention
    if one.sure or not mention.light or not before or before[0].mention.passage != mention.passage:
        return None
    return inherited(mention, place, before[0])


def _of_year(one: Linked, periods: Sequence[windows.Stated]) -> Linked:
    """Return a number as one of the year before, where its sentence names that year and a yearly figure."""
    best, period = one.best, windows.period_of(one.mention, periods)
    if best is None or best.value is None or period is None or one.mention.role != Role.CURRENT:
        return one
    value = best.value
    if value.window != "year" or value.previous_start is None or value.start is None:
        return one
    number = one.mention.found.number
    right_now = value.value is not None and number is not None and agrees(number, value.value, best.measure.unit)
    whole_year = (period.start, period.end) == (value.previous_start, value.previous_end)
    if not whole_year or right_now:
        return one
    return replace(one, mention=replace(one.mention, role=Role.PREVIOUS))


def _in_this_cycle(mention: Mention) -> bool:
    return _THIS_CYCLE.search(plain(mention.said)) is not None


def _shares(
    linked: Sequence[Linked], judged: dict[tuple[int, int], Judged], can_be: Sequence[Measure], known: Known
) -> None:
    by_place = {(one.mention.passage.number, one.mention.found.start): one for one in linked}
    for one in linked:
        mention = one.mention
        of = mention.share_of
        whole = by_place.get((mention.passage.number, of.start)) if of else None
        counted = whole.best if whole is not None and whole.sure else None
        judged[_place(mention)] = shares.judge_share(
            mention, one, counted, judged[_place(mention)], can_be, known.cycle, known.config.proof
        )


def _of_cycle(one: Judged, cycle: Cycle) -> Judged:
    if one.shown_by is None or not one.shown_by.startswith("a4p "):
        return one
    return replace(one, shown_by=f"{one.shown_by} --cycle {cycle.number}")


def _no_figure(passage: Passage, one: Found) -> Judged:
    return Judged(passage, one.start, one.end, one.text, Verdict.NO_FIGURE, f"{one.what.value}.")
