"""The printed 5th report held against the sample's release: its contradictions are found, and none is invented."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from itertools import groupby
from pathlib import Path

import pytest

from config.printed import PrintedPeriod, printed_period
from flows.documents.drafts.passages import Draft, Passage
from flows.documents.drafts.read import read
from flows.releases.proof.answers import PROVED, WRONG, Judged, Proof, Verdict
from flows.releases.proof.prove import Known, prove
from tests.support.drafts import known, report
from tests.support.sweeping import SWEEP
from tests.support.word_files import docx, paragraph, run, table

# as README and notes beside the report tell them; the text right after the number, or the number with it
CONTRADICTIONS = {
    "10 trainings held": Verdict.STALE,
    "143 participants, of": Verdict.STALE,
    "29% were women between": Verdict.STALE,
    "306 (": Verdict.CONTRADICTS,
    "87 peacekeeping": Verdict.STALE,
    "460k": Verdict.CONTRADICTS,
    "247 days": Verdict.CONTRADICTS,
    "81.5%": Verdict.CONTRADICTS,
    "9.9%": Verdict.CONTRADICTS,
    "63%": Verdict.CONTRADICTS,
    "Eight missions": Verdict.CONTRADICTS,
}
_PERIOD = "May and October 2023"


@pytest.fixture(scope="module")
def release(released: Path) -> Known:
    """The sample's release."""
    return known(released)


@pytest.fixture(scope="module")
def proved(release: Known) -> Proof:
    """The report, proved."""
    return prove(report(), release)


def _from(one: Judged) -> str:
    return one.passage.text[one.start :]


def test_contradictions(proved: Proof) -> None:
    """The seven contradictions are found on all numbers that they touch, and nothing else is called wrong."""
    _has_the_contradictions(proved)


def _docx(draft: Draft) -> bytes:
    """Return a draft as a Word file in which no paragraph has a style."""
    body = ""
    for is_table, those in _parts(draft):
        if is_table:
            rows = groupby(those, key=lambda one: one.cell.row if one.cell else 0)
            width = max(one.cell.column for one in those if one.cell) + 1
            body += table(
                *(_row([(one.cell.column, escape(one.text)) for one in row if one.cell], width) for _, row in rows)
            )
        else:
            body += "".join(paragraph(run(escape(one.text))) for one in those)
    return docx(body)


def _html(draft: Draft) -> bytes:
    """Return a draft as a page in which each paragraph is one like any other."""
    body = ""
    for is_table, those in _parts(draft):
        if is_table:
            width = max(one.cell.column for one in those if one.cell) + 1
            body += "<table>"
            for _, row in groupby(those, key=lambda one: one.cell.row if one.cell else 0):
                cells = _row([(one.cell.column, escape(one.text)) for one in row if one.cell], width)
                body += f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
            body += "</table>"
        else:
            body += "".join(f"<p>{escape(one.text)}</p>" for one in those)
    return f"<meta charset=utf-8><body>{body}".encode()


def _parts(draft: Draft) -> list[tuple[bool, list[Passage]]]:
    """Return the passages table by table, and those between them."""
    parts = groupby(draft.passages, key=lambda one: one.cell.table if one.cell else None)
    return [(number is not None, list(those)) for number, those in parts]


def _row(cells: list[tuple[int, str]], width: int) -> tuple[str, ...]:
    said = dict(cells)
    return tuple(said.get(column, "") for column in range(width))


@pytest.mark.parametrize(("name", "made"), [("report.docx", _docx), ("report.html", _html)])
def test_contradictions_in_files_without_styles(
    release: Known, proved: Proof, name: str, made: Callable[[Draft], bytes]
) -> None:
    """What heads what is known by how it is written, where authors made it bold by hand or not at all."""
    proof = prove(read(name, made(proved.draft)), release)
    _has_the_contradictions(proof)
    assert len(proof.of(*PROVED)) >= len(proved.of(*PROVED))


def _has_the_contradictions(proved: Proof) -> None:
    wrong = proved.of(*WRONG)
    for text, verdict in CONTRADICTIONS.items():
        assert [one.verdict for one in wrong if _from(one).startswith(text)] == [verdict], text
    periods = [one for one in wrong if _from(one).startswith(_PERIOD)]
    assert len(periods) == 2, "the captions of both academies give the previous cycle's days"
    assert len(wrong) == len(CONTRADICTIONS) + len(periods), [(one.text, one.reason) for one in wrong]
    assert not proved.holds


def test_numbers_are_recognised(proved: Proof) -> None:
    """About 200 numbers are listed, and of those that the release holds next to all are linked with it."""
    assert len([one for one in proved.judged if one.verdict != Verdict.NO_FIGURE or one.text.strip().isdigit()]) >= 180
    held = [one for one in proved.judged if one.verdict in (*PROVED, *WRONG) and one.role != "period"]
    absent = proved.of(Verdict.ABSENT, Verdict.UNSURE)
    # what the release does not know of: groups, workshops, counsellors, capitals, experts …
    in_it = [one for one in absent if "of the 25" in one.passage.text[: one.end] or "newly appointed" in _from(one)]
    assert len(held) / (len(held) + len(in_it)) >= 0.95
    assert len(absent) <= 16, [(one.text, one.quoted) for one in absent]


def _altered(draft: Draft, changes: list[tuple[Judged, str]]) -> tuple[Draft, list[tuple[int, int]]]:
    """Return a draft with the text of some numbers changed, and where these stand then."""
    passages = {one.number: one for one in draft.passages}
    places = []
    for number in {one.passage.number for one, _ in changes}:
        text, last, said = "", 0, passages[number].text
        for one, new in sorted(
            (each for each in changes if each[0].passage.number == number), key=lambda e: e[0].start
        ):
            text += said[last : one.start]
            places.append((number, len(text)))
            text, last = text + new, one.end
        passages[number] = replace(passages[number], text=text + said[last:])
    return replace(draft, passages=tuple(passages[one.number] for one in draft.passages)), places


def _found(proof: Proof, before: Proof, places: list[tuple[int, int]]) -> tuple[bool, list[Judged]]:
    """Tell whether all places are called wrong, and what else is that was not before."""
    wrong = proof.of(*WRONG)
    hit = all(any(one.passage.number == n and abs(one.start - at) <= 1 for one in wrong) for n, at in places)
    touched = {number for number, _ in places}
    was = {(one.passage.number, one.text) for one in before.of(*WRONG)}
    false = [
        one
        for one in wrong
        if (one.passage.number, one.text) not in was
        and not any(one.passage.number == n and abs(one.start - at) <= 1 for n, at in places)
    ]
    assert touched
    return hit, false


def _digit(one: Judged, draw: random.Random) -> str:
    places = [at for at, sign in enumerate(one.text) if sign.isdigit()]
    at = draw.choice(places)
    other = [sign for sign in "0123456789" if sign != one.text[at] and (sign != "0" or at != places[0])]
    return one.text[:at] + draw.choice(other) + one.text[at + 1 :]


@pytest.mark.sweep
def test_altered_digits_and_swapped_numbers(proved: Proof, release: Known) -> None:
    """Of proved numbers with another digit, or with another number in their place, next to all are found."""
    draw, draft = random.Random(5), proved.draft
    # approximately 910 is right, too
    decided = [one for one in proved.of(*PROVED) if re.search(r"\d", one.text) and one.text != "914"]
    missed, false, tried = [], [], 0
    for number in range(300 if SWEEP else 12):
        one, other = draw.sample(decided, 2)
        changes = [(one, _digit(one, draw))]
        if number % 3 == 0:
            if one.text.strip() == other.text.strip() or ("%" in one.text) != ("%" in other.text):
                continue
            changes = [(one, other.text), (other, one.text)]
        changed, places = _altered(draft, changes)
        hit, more = _found(prove(changed, release), proved, places)
        tried += 1
        missed += [] if hit else [(each.quoted, new) for each, new in changes]
        false += [(each.quoted, each.reason) for each in more]
    assert len(missed) <= 0.01 * tried + (0 if SWEEP else 1), missed
    assert len(false) <= 0.02 * tried + (0 if SWEEP else 1), false


@pytest.mark.sweep
def test_stale_values(proved: Proof, release: Known) -> None:
    """The value of the cycle before in the place of this one's is called out of date."""
    draw, draft = random.Random(6), proved.draft
    figures = release.tables["figures"]
    before = {(row["figure"], row["mission"]): row["previous"] for row in figures.iter_rows(named=True)}
    decided = [
        (one, before[one.name or "", one.mission or ""])
        for one in proved.of(*PROVED)
        if one.role == "current" and one.text.strip().isdigit() and before.get((one.name or "", one.mission or ""))
    ]
    decided = [(one, value) for one, value in decided if value != one.right]
    missed = []
    tried = 50 if SWEEP else 6
    for _ in range(tried):
        one, value = draw.choice(decided)
        changed, places = _altered(draft, [(one, f"{value:.0f}")])
        hit, _ = _found(prove(changed, release), proved, places)
        missed += [] if hit else [(one.quoted, value)]
    assert not missed


_LONG = ("Jan", "March", "May", "July", "Aug", "Oct", "Dec")
_IN_PERIOD = re.compile(r"20\d\d|\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*")


def _other_period(text: str, draw: random.Random) -> str | None:
    """Return a period with another year or month in one of its places; None where no period is made of it."""
    part = draw.choice(list(_IN_PERIOD.finditer(text)))
    other = str(int(part[0]) + draw.choice((-2, -1, 1, 2))) if part[0].isdigit() else draw.choice(_LONG)
    if other[:3] == part[0][:3] and not other.isdigit():
        return None
    changed = text[: part.start()] + other + text[part.end() :]
    return changed if _days(changed) else None


def _days(text: str) -> PrintedPeriod | None:
    try:
        return printed_period(text)
    except ValueError:
        return None


def _told_periods(proved: Proof, release: Known) -> list[Judged]:
    """Return where the report tells from when to when, or as of when, the cycle or a figure counts."""
    rows = release.tables["figures"].select("window_start", "window_end", "as_of").unique().iter_rows()
    of_figures = {(start, end) for start, *ends in rows for end in ends if start and end}
    days = {(release.cycle.start, release.cycle.end), *of_figures}
    told = []
    for one in proved.of(Verdict.NO_FIGURE):
        period = _days(one.text)
        if period is None:
            continue
        from_to = any(start == period.start and end.year == period.end.year for start, end in days)
        as_of = one.passage.text[: one.start].endswith("as of ") and any(end == period.end for _, end in days)
        if (from_to and not one.text.isdigit()) or as_of:
            told.append(one)
    return told


@pytest.mark.sweep
def test_periods_drawn_at_random(proved: Proof, release: Known) -> None:
    """A period that is right, with another month or year somewhere in it, is called wrong, and nothing else."""
    draw = random.Random(7)
    right = _told_periods(proved, release)
    assert len(right) >= 20
    missed, false, tried = [], [], 0
    while tried < (50 if SWEEP else 6):
        one = draw.choice(right)
        other = _other_period(one.text, draw)
        if other is None:
            continue
        changed, places = _altered(proved.draft, [(one, other)])
        hit, more = _found(prove(changed, release), proved, places)
        tried += 1
        missed += [] if hit else [(one.quoted, other)]
        false += [(other, each.quoted, each.reason) for each in more]
    assert len(missed) <= 0.01 * tried, missed
    assert len(false) <= 0.02 * tried, false


def test_wrong_periods(proved: Proof, release: Known) -> None:
    """The days of figures, of the cycle and of captions are held against those that the release counts."""
    for right, wrong in (
        ("1 Jan 2017 to 3 Sept 2024", "1 Jan 2018 to 3 Sept 2024"),
        ("January and December 2023", "January and December 2022"),
        ("October 2023 – August 2024", "October 2023 – July 2024"),
        ("1 Nov 2023 – 30 April 2024", "1 Nov 2023 – 31 May 2024"),
        ("2017-2024", "2016-2024"),
    ):
        one = next(each for each in proved.judged if each.text == right)
        changed, places = _altered(proved.draft, [(one, wrong)])
        hit, false = _found(prove(changed, release), proved, places)
        assert hit, wrong
        assert not false, wrong
