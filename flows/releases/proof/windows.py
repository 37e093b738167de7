"""Periods of a draft held against the days that the figures beside them count."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from config import Cycle
from config.printed import PrintedPeriod
from config.proof import Proof
from flows.core.wording import day
from flows.documents.drafts.passages import Kind, Passage
from flows.releases.proof.answers import PROVED, Judged, Verdict
from flows.releases.proof.links import MONTH, Linked
from flows.releases.proof.measures import Measure, Value
from flows.releases.proof.numbers import Found, What
from flows.releases.proof.roles import Role, says_cue
from flows.releases.proof.subjects import Mention
from flows.releases.proof.tables import Tables, sentences
from flows.releases.proof.words import plain, stands_in, words


class Form(StrEnum):
    """What a period of a text says: from when to when, since when, as of when, which year, how long."""

    RANGE = "range"
    SINCE = "since"
    AS_OF = "as of"
    YEAR = "year"
    LASTED = "lasted"
    DAY = "day"


_RANGE = re.compile(r"\b(?:to|and|until|through|au|et|a|jusqu'au|jusqu'en)\b|[-\u2013\u2014/]")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_SINCE = re.compile(r"\b(?:since|depuis|starting|as from|from|a compter d[ue]|a partir d[ue])\s*(?:the|le|l'|en)?\s*$")
_AS_OF = re.compile(
    r"\b(?:as of|as at|as on|until|up to|through|by|au|en date du|a la date du|jusqu'au|arrete au|at)\s*(?:the|le)?\s*$"
)
_PAST = re.compile(
    r"\b(?:past|last|previous|preceding|derniers?|dernieres?|latest)\s*$|\b(?:past|last|over the|au cours des)\s*$"
)
# what a sentence goes on with, and a day right behind it
_CLAUSE = re.compile(
    r"(?:,\s*(?:and|while|whereas|but|et|mais|tandis que)|"
    r"\b(?:before|after|following|ahead of|when|until|avant|apres))\s+(?:\w+\s+){0,2}$"
)
_COLON = re.compile(r"\s*:\s*")
_MONTH_DAYS = 30.4


@dataclass(frozen=True)
class Stated:
    """A period as a draft states it, and which sentence of which passage it stands in."""

    passage: Passage
    found: Found
    form: Form
    sentence: tuple[int, int]

    @property
    def only_years(self) -> bool:
        """Whether it names years and no months."""
        return re.search(r"[a-z]", plain(self.found.text)) is None and not _ISO.search(self.found.text)

    @property
    def has_day(self) -> bool:
        """Whether it names the last day, and not the month alone."""
        return (
            _ISO.search(self.found.text) is not None
            or re.search(
                r"\d{1,2}(?:st|nd|rd|th|er)?\s+[^\W\d]+\.?,?\s*\d{4}\W*$|[^\W\d]+\.?\s+\d{1,2},", self.found.text
            )
            is not None
        )


def stated(others: Sequence[tuple[Passage, Found]]) -> list[Stated]:
    """Return the periods among what counts nothing."""
    every = []
    for passage, one in others:
        if one.what not in (What.PERIOD, What.DURATION):
            continue
        sentence = next(((a, b) for a, b in sentences(passage.text) if a <= one.start < b), (0, len(passage.text)))
        back = plain(passage.text[sentence[0] : one.start])
        every.append(Stated(passage, one, _form(one, back), sentence))
    return every


def _form(one: Found, back: str) -> Form:
    if one.what == What.DURATION:
        return Form.LASTED
    if one.period is None:
        # "in April"
        return Form.DAY
    if _RANGE.search(plain(one.text)) and not _ISO.fullmatch(one.text):
        return Form.RANGE
    if _SINCE.search(back):
        return Form.SINCE
    if _AS_OF.search(back) and not re.fullmatch(r"\d{4}", one.text.strip()):
        return Form.AS_OF
    return Form.YEAR if re.fullmatch(r"\d{4}", one.text.strip()) else Form.DAY


def period_of(mention: Mention, every: Sequence[Stated]) -> PrintedPeriod | None:
    """Return the period of a number: right behind it, before it in its sentence, in its row or column."""
    here = [one for one in every if one.passage == mention.passage and one.sentence == mention.sentence]
    here = [one for one in here if one.form in (Form.YEAR, Form.RANGE)]
    end = mention.found.end
    behind = [one for one in here if end <= one.found.start < end + len(mention.after)]
    ahead = [one for one in here if one.found.end <= mention.found.start]
    for chosen in (*behind[:1], *ahead[-1:], *here[:1]):
        return chosen.found.period
    heads = " | ".join((*mention.row, *mention.column))
    years = re.findall(r"(?<![\d\u2013-])(?<!since )(?<!depuis )(?<!from )(?:19|20)\d{2}(?![\d\u2013-])", plain(heads))
    if len(set(years)) == 1:
        from config.printed import printed_period

        return printed_period(years[0])
    return None


def governed(one: Stated, linked: Sequence[Linked], every: Sequence[Stated], tables: Tables) -> list[Linked]:
    """Return the numbers of which a period says the days: of its sentence, or of the column, row or table it heads."""
    here = [each for each in linked if each.mention.passage == one.passage and each.mention.sentence == one.sentence]
    if here:
        named = [each for each in here if _COLON.fullmatch(one.passage.text[one.found.end : each.mention.found.start])]
        if named:
            # "364 (2022: 315)"
            return named[:1]
        right_before = [each for each in here if _follows(one, each)]
        if right_before and (right_before[-1].mention.role == Role.PREVIOUS or _several_years(one, every)):
            return right_before[-1:]
        if _several_years(one, every):
            behind = [each for each in here if each.mention.found.start >= one.found.end]
            return behind[:1]
        return [each for each in here if each.mention.role in (Role.CURRENT, Role.SHARE)]
    cell = one.passage.cell
    current = [each for each in linked if each.mention.role == Role.CURRENT and each.mention.passage.cell is not None]
    if cell is not None:
        heads = tables.heads(cell.table)
        of_table = [
            each for each in current if each.mention.passage.cell and each.mention.passage.cell.table == cell.table
        ]
        if cell.row < heads:
            return [
                each
                for each in of_table
                if each.mention.passage.cell and each.mention.passage.cell.column == cell.column
            ]
        if cell.column == 0:
            return [
                each for each in of_table if each.mention.passage.cell and each.mention.passage.cell.row == cell.row
            ]
        return []
    under = [table for table, number in tables.caption_of.items() if number == one.passage.number]
    return [each for each in current if each.mention.passage.cell and each.mention.passage.cell.table in under]


def _follows(one: Stated, each: Linked) -> bool:
    gap = one.passage.text[each.mention.found.end : one.found.start]
    return (
        each.mention.found.end <= one.found.start
        and re.fullmatch(
            r"[\s)]*(?:\w+\s+){0,3}(?:in|en|by|at|during|for|of|end|fin|as)?\s*(?:the end of|end of|fin|l'annee)?\s*",
            plain(gap),
        )
        is not None
    )


def _several_years(one: Stated, every: Sequence[Stated]) -> bool:
    same = [
        each
        for each in every
        if each.passage == one.passage and each.sentence == one.sentence and each.form == Form.YEAR
    ]
    return one.form == Form.YEAR and len(same) > 1


def fits(one: Stated, value: Value, role: Role, cycle: Cycle) -> bool | None:
    """Tell whether a period is that which a figure counts; None where the two cannot be compared."""
    start, end = (value.previous_start, value.previous_end) if role == Role.PREVIOUS else (value.start, value.end)
    window, period = value.window, one.found.period
    if one.form == Form.LASTED:
        back = plain(one.passage.text[one.sentence[0] : one.found.start])
        if window != "cycle" or one.found.months is None or role != Role.CURRENT or not _PAST.search(back):
            return None
        return one.found.months == round(cycle.days / _MONTH_DAYS)
    if period is None or end is None:
        return None
    match one.form:
        case Form.RANGE:
            return _is_range(one, period, window, start, end)
        case Form.SINCE:
            if start is None or window not in ("since", "cycle"):
                return None
            if one.only_years:
                return period.start.year == start.year if window == "since" else None
            return period.start == start if window == "since" or period.start == start else None
        case Form.AS_OF:
            if window != "since":
                return None
            return period.start <= end <= period.end
        case Form.YEAR:
            return period.start.year == end.year if window == "year" else None
    return None


def _is_range(one: Stated, period: PrintedPeriod, window: str | None, start: date | None, end: date) -> bool | None:
    """Tell whether days from one to another are those that a figure counts, as exactly as the text says them."""
    if one.only_years:
        if window in ("cycle", "snapshot"):
            return None
        return (start is None or period.start.year == start.year) and period.end.year == end.year
    if start is None and window == "snapshot":
        return None
    same_end = period.end == end or (not one.has_day and (period.end.year, period.end.month) == (end.year, end.month))
    return (start is None or period.start == start) and same_end


def judge_periods(
    every: Sequence[Stated],
    linked: Sequence[Linked],
    judged: Mapping[tuple[int, int], Judged],
    tables: Tables,
    cycle: Cycle,
    cycles: Mapping[int, Cycle],
    figures: Mapping[str, Measure],
    proof: Proof,
) -> dict[tuple[int, int], Judged]:
    """Return what is said of periods, and of numbers that a period shows to be of other days, by passage and place."""
    changed: dict[tuple[int, int], Judged] = {}
    for one in every:
        those = governed(one, linked, every, tables)
        told = []
        for each in those:
            best, at = each.best, (each.mention.passage.number, each.mention.found.start)
            if best is None or best.value is None or not each.sure or at not in judged:
                continue
            fit = fits(one, best.value, each.mention.role, cycle)
            if fit is not None:
                told.append((each, best.value, fit, judged[at]))
        if not told:
            if (right := _of_its_own(one, those, cycle, figures, proof)) is not None:
                changed[one.passage.number, one.found.start] = _wrong(one, right, cycles)
            continue
        if any(fit for _, _, fit, _ in told):
            continue
        kept = []
        for each, value, _, said in told:
            place = each.mention.passage.number, each.mention.found.start
            if (
                said.verdict == Verdict.STALE
                and _told_beside(each, linked, judged)
                and fits(one, value, Role.PREVIOUS, cycle) is True
            ):
                reason = (
                    f"{said.title}: the value of the days that stand beside it, and what it is now stands there too."
                )
                changed[place] = replace(said, verdict=Verdict.EQUAL, reason=reason)
            elif said.verdict in (*PROVED, Verdict.STALE):
                kept.append((each, value))
            elif said.verdict == Verdict.CONTRADICTS and _is_of_other_days(one, value, cycle):
                reason = f"it is given for other days than the release counts: {_days_of(value)}. ({said.reason})"
                changed[place] = replace(said, verdict=Verdict.UNSURE, reason=reason, can_be=(said.title or "",))
        if kept:
            each, value = kept[0]
            title = each.best.measure.title if each.best else ""
            changed[one.passage.number, one.found.start] = _wrong(one, f"{title} counts {_days_of(value)}", cycles)
    return changed


def of_a_day(
    every: Sequence[Stated], linked: Sequence[Linked], judged: Mapping[tuple[int, int], Judged], tables: Tables
) -> dict[tuple[int, int], Judged]:
    """Return what is said of numbers whose sentence names a day or month: what happened then, and not in all days."""
    dated = [(one, each) for one in every if one.form == Form.DAY for each in governed(one, linked, every, tables)]
    changed = {}
    for one, each in dated:
        mention = each.mention
        place = mention.passage.number, mention.found.start
        if mention.role != Role.CURRENT or mention.passage.cell is not None or _of_another_clause(one, mention):
            continue
        if each.best is not None and MONTH in each.best.measure.by:
            # it is of the month that is named
            continue
        said = judged[place]
        if said.verdict == Verdict.CONTRADICTS and each.best is not None:
            reason = f"a day or month is named beside it, so that it may be another number. ({said.reason})"
            changed[place] = replace(said, verdict=Verdict.UNSURE, reason=reason, can_be=(said.title or "",))
    return changed


def _of_another_clause(one: Stated, mention: Mention) -> bool:
    """Tell whether a day stands in what follows of a sentence: `914 sessions were held, and in March 2024 a new …`."""
    if one.found.start < mention.found.end:
        return False
    return _CLAUSE.search(plain(mention.passage.text[mention.found.end : one.found.start])) is not None


def _is_of_other_days(one: Stated, value: Value, cycle: Cycle) -> bool:
    """Tell whether a number is given for days of which the release has none: neither this cycle's nor those before."""
    if one.form not in (Form.RANGE, Form.YEAR, Form.SINCE):
        return False
    return value.previous is None or fits(one, value, Role.PREVIOUS, cycle) is not True


def _told_beside(each: Linked, linked: Sequence[Linked], judged: Mapping[tuple[int, int], Judged]) -> bool:
    best = each.best
    for other in linked:
        if other is each or other.mention.passage != each.mention.passage or other.best is None or best is None:
            continue
        said = judged.get((other.mention.passage.number, other.mention.found.start))
        if (
            said
            and said.verdict in PROVED
            and (other.best.measure.name, other.best.key) == (best.measure.name, best.key)
        ):
            return True
    return False


def _of_its_own(
    one: Stated, those: Sequence[Linked], cycle: Cycle, figures: Mapping[str, Measure], proof: Proof
) -> str | None:
    """Return what a period should be that stands beside no number, where it names what it is of and is not right."""
    if one.form not in (Form.RANGE, Form.AS_OF, Form.SINCE) or any(each.sure for each in those):
        return None
    said_text = one.passage.text[slice(*one.sentence)]
    said = words(said_text)
    if says_cue(said_text, proof.cues.before):
        return None
    for known in proof.periods:
        if not any(stands_in(each, said) for each in known.said):
            continue
        if known.figure is None:
            assert one.found.period is not None
            right = (one.found.period.start, one.found.period.end) == (cycle.start, cycle.end)
            return (
                None
                if right or one.form != Form.RANGE
                else f"the reporting period is {day(cycle.start)} to {day(cycle.end)}"
            )
        if one.passage.kind not in (Kind.CAPTION, Kind.HEADING) and len(said_text) > 160:
            continue
        measure = figures.get(known.figure)
        value = measure.values.get(("ALL",)) if measure else None
        if value is None:
            continue
        return (
            f"{measure.title if measure else ''} counts {_days_of(value)}"
            if fits(one, value, Role.CURRENT, cycle) is False
            else None
        )
    return None


def _wrong(one: Stated, right: str, cycles: Mapping[int, Cycle]) -> Judged:
    period = one.found.period
    of = None
    if period is not None:
        of = next((each for each in cycles.values() if (each.start, each.end) == (period.start, period.end)), None)
    whose = f"{one.found.text.strip()} is cycle {of.number}" if of else f"it is given as {one.found.text.strip()}"
    return Judged(
        one.passage, one.found.start, one.found.end, one.found.text, Verdict.CONTRADICTS, f"{whose}, and {right}.",
        role="period",
    )  # fmt: skip


def _days_of(value: Value) -> str:
    return f"{day(value.start)} to {day(value.end)}" if value.start else f"up to {day(value.end)}"
