"""What the command line says of a draft that was held against a release."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from flows.core import terminal
from flows.core.canonical import as_json
from flows.core.wording import counted
from flows.releases.proof.answers import PROVED, WRONG, Judged, Proof, Verdict

_MEANS = {
    Verdict.CONTRADICTS: "wrong: the release, or the draft itself, says otherwise",
    Verdict.STALE: "out of date: the value of an earlier release or cycle",
    Verdict.SUPPRESSED: "must not be printed: the release withholds it",
    Verdict.UNSURE: "may be one of several figures: look at them by eye",
    Verdict.EQUAL: "right",
    Verdict.ROUNDED: "right, rounded as it is printed",
    Verdict.ABSENT: "not in the release: nothing to hold them against",
    Verdict.NO_FIGURE: "no figures: dates, resolutions, names",
}


def of_proof(proof: Proof) -> str:
    """Return what is wrong in a draft, in words; what is unsure; and how many numbers are right."""
    numbers = [one for one in proof.judged if one.verdict != Verdict.NO_FIGURE]
    wrong, unsure = proof.of(*WRONG), proof.of(Verdict.UNSURE)
    counts = [(str(verdict), str(count), _MEANS[verdict]) for verdict, count in proof.counts.items()]
    here = f"{proof.draft.name}, held against release {proof.release} ({proof.status}) of cycle {proof.cycle}"
    parts: list[str | Text | Table] = [
        f"{here}: {counted(len(numbers), 'number')}, {len(proof.of(*PROVED))} proved, {len(wrong)} wrong, "
        f"{len(unsure)} unsure.",
        "",
        terminal.table(("", "Numbers", "That is"), counts, ("Numbers",)),
    ]
    for title, those in (("Must be mended", wrong), ("To be looked at", unsure)):
        if those:
            parts += ["", f"{title}:"]
            parts += [terminal.table(("Where", "What", "Why"), [(_where(one), one.quoted, _why(one)) for one in those])]
    if not wrong:
        more = " What is unsure is not proved." if unsure else ""
        if not proof.of(*PROVED):
            more = " But no number of it was proved either: that is no sign that it is right."
        parts += ["", f"Nothing in it contradicts the release.{more}"]
    return terminal.page(*parts)


def of_proof_json(proof: Proof) -> str:
    """Return all of it as JSON, a number each."""
    numbers = [
        {
            "passage": one.passage.number, "kind": str(one.passage.kind), "page": one.passage.page,
            "heading": list(one.passage.heading), "start": one.start, "end": one.end, "text": one.text,
            "heads": list(one.heads),
            "verdict": str(one.verdict), "reason": one.reason, "figure": one.name, "title": one.title,
            "mission": one.mission, "role": one.role, "right": one.right, "unit": one.unit, "see": one.shown_by,
            "can_be": list(one.can_be),
        }
        for one in proof.judged
    ]  # fmt: skip
    return as_json(
        {
            "draft": proof.draft.name,
            "cycle": proof.cycle,
            "release": proof.release,
            "status": proof.status,
            "holds": proof.holds,
            "counts": {str(verdict): count for verdict, count in proof.counts.items()},
            "numbers": numbers,
        }
    ).decode()


def _where(one: Judged) -> str:
    if one.passage.page is not None:
        return f"page {one.passage.page}"
    return one.passage.heading[-1] if one.passage.heading else f"passage {one.passage.number + 1}"


def _why(one: Judged) -> str:
    return f"{one.reason} See: {one.shown_by}" if one.shown_by else one.reason
