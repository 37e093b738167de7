"""A draft's own arithmetic: totals of its tables, parts in brackets that add up, days in a period."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from config import Cycle
from config.proof import Proof
from flows.releases.proof.answers import PROVED, Judged, Verdict
from flows.releases.proof.links import Linked
from flows.releases.proof.roles import Role, says_cue
from flows.releases.proof.subjects import Mention
from flows.releases.proof.tables import Tables
from flows.releases.proof.words import bare, plain
from transforms.wording import exact

Place = tuple[int, int]
_ENDS_LIST = re.compile(r",?\s*\b(?:and|et|&)\s")


def totals(
    tables: Tables, linked: Sequence[Linked], judged: Mapping[Place, Judged], proof: Proof
) -> dict[Place, Judged]:
    """Return what is said of totals in a draft's tables that are not the sum of what stands above or beside them."""
    changed: dict[Place, Judged] = {}
    whole = {plain(one) for one in proof.cues.whole}
    lines: dict[tuple[str, int, int, Role], list[Mention]] = {}
    for one in linked:
        mention, cell = one.mention, one.mention.passage.cell
        if cell is None or mention.role not in (Role.CURRENT, Role.PREVIOUS) or mention.percent:
            continue
        lines.setdefault(("column", cell.table, cell.column, mention.role), []).append(mention)
        if mention.role == Role.CURRENT:
            lines.setdefault(("row", cell.table, cell.row, mention.role), []).append(mention)
    for (way, table, at, _), mentions in lines.items():
        heads = [one.row if way == "column" else one.column for one in mentions]
        total = [
            number for number, head in enumerate(heads) if head and bare(head[0 if way == "column" else -1]) in whole
        ]
        if len(total) != 1 or len(mentions) < 3 or not _alone(mentions):
            continue
        if way == "row" and not _alike(mentions, tables, table, at):
            continue
        parts = [one for number, one in enumerate(mentions) if number != total[0]]
        if way == "column" and mentions[total[0]] is not mentions[-1]:
            parts = [one for one in parts if one.passage.number > mentions[total[0]].passage.number] or parts
        _add_up(mentions[total[0]], parts, judged, changed)
    return changed


def _alone(mentions: Sequence[Mention]) -> bool:
    """Tell whether each stands in a cell of its own, and counts."""
    cells = {one.passage.number for one in mentions}
    return len(cells) == len(mentions) and all(one.found.number and not one.found.number.percent for one in mentions)


def _alike(mentions: Sequence[Mention], tables: Tables, table: int, row: int) -> bool:
    """Tell whether the numbers of a row are of one kind: no year and no cycle heads one of them."""
    return all(not re.search(r"\d", " ".join(one.column)) for one in mentions) and row >= tables.heads(table)


def _add_up(
    total: Mention, parts: Sequence[Mention], judged: Mapping[Place, Judged], changed: dict[Place, Judged]
) -> None:
    numbers = [one.found.number for one in parts if one.found.number]
    printed = total.found.number
    if printed is None or any(one.bound for one in (*numbers, printed)):
        return
    together = round(sum(one.value for one in numbers), 6)
    # each part is rounded as it shows
    slack = sum(one.step for one in numbers if one.step != 1) / 2 + (printed.step / 2 if printed.step != 1 else 0)
    if abs(together - printed.value) <= slack:
        return
    place = (total.passage.number, total.found.start)
    before = judged.get(place)
    wrong = [one for one in parts if _wrong(judged.get((one.passage.number, one.found.start)))]
    if before is None or (before.verdict in PROVED and (wrong or all(_proved(judged, one) for one in parts))):
        return
    sums = " + ".join(one.found.text.strip() for one in parts)
    told = f"the parts add up to {exact(together)} ({sums}), not {total.found.text.strip()}."
    if before.verdict == Verdict.CONTRADICTS:
        changed[place] = replace(before, reason=f"{before.reason} And {told}")
    elif not wrong:
        reason = f"{told} {before.reason}" if before.verdict == Verdict.STALE else told
        changed[place] = replace(before, verdict=Verdict.CONTRADICTS, reason=reason, right=before.right or together)


def _wrong(one: Judged | None) -> bool:
    return one is not None and one.verdict in (Verdict.CONTRADICTS, Verdict.STALE)


def _proved(judged: Mapping[Place, Judged], one: Mention) -> bool:
    said = judged.get((one.passage.number, one.found.start))
    return said is not None and said.verdict in PROVED


def in_brackets(linked: Sequence[Linked], judged: Mapping[Place, Judged], proof: Proof) -> dict[Place, Judged]:
    """Return what is said of numbers whose parts stand in brackets behind them and do not add up to them."""
    changed: dict[Place, Judged] = {}
    sentences: dict[tuple[int, tuple[int, int]], list[Mention]] = {}
    for one in linked:
        if one.mention.passage.cell is None:
            sentences.setdefault((one.mention.passage.number, one.mention.sentence), []).append(one.mention)
    for mentions in sentences.values():
        for at, whole in enumerate(mentions):
            parts = _parts(whole, mentions[at + 1 :], proof)
            if len(parts) > 1:
                _add_up(whole, parts, judged, changed)
    return changed


def _parts(whole: Mention, following: Sequence[Mention], proof: Proof) -> list[Mention]:
    """Return the numbers in the bracket behind a number that lists all its parts: `(14 …, 27 … and 6 …)`."""
    text = whole.passage.text
    opened = text.find("(", whole.found.end, whole.sentence[1])
    first = following[0].found.start if following else -1
    while opened >= 0 and (closed := text.find(")", opened)) >= 0 and closed < first:
        # an abbreviation
        opened = text.find("(", closed, whole.sentence[1])
    if opened < 0 or not following or first < opened:
        return []
    closed = text.find(")", opened)
    inside = [one for one in following if opened < one.found.start < closed]
    listed = text[opened:closed]
    if len(inside) < 2 or whole.percent or any(one.percent or one.role != Role.CURRENT for one in inside):
        return []
    if says_cue(listed, proof.cues.parts_only) or not _ENDS_LIST.search(
        plain(text[inside[-2].found.end : inside[-1].found.start])
    ):
        return []
    return inside


def too_many_days(linked: Sequence[Linked], judged: Mapping[Place, Judged], cycle: Cycle) -> dict[Place, Judged]:
    """Return what is said of days in a cycle that are more than it has."""
    changed = {}
    for one in linked:
        best, number = one.best, one.mention.found.number
        place = (one.mention.passage.number, one.mention.found.start)
        if best is None or number is None or not one.sure or place not in judged or best.measure.unit != "days":
            continue
        value = best.value
        if one.mention.percent or number.value <= cycle.days or value is None or value.window != "cycle":
            continue
        told = f"{best.measure.title}: {one.mention.found.text.strip()} days in a period of {cycle.days}"
        more = "; the release has it so too, as its source sent it" if judged[place].verdict in PROVED else ""
        changed[place] = replace(judged[place], verdict=Verdict.CONTRADICTS, reason=f"{told}{more}.")
    return changed
