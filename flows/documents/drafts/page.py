"""The page of a draft that was held against a release: what to do, and its text with what was found of each number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.documents.drafts.passages import Draft, Kind, Passage, Remark
from flows.documents.page.templates import dressed, template

_MOST_AROUND = 60
_LOOKS = {Kind.CAPTION: "caption", Kind.BOX: "box", Kind.MARGIN: "margin", Kind.NOTE: "foot"}


@dataclass(frozen=True)
class Verdict:
    """What may be found of a number: its sign and words, what it means, whether it asks for a look."""

    sign: str
    label: str
    meaning: str
    asks: bool = False


VERDICTS = {
    "contradicts": Verdict("✗", "Wrong", "The release has another value.", True),
    "stale": Verdict("↺", "Out of date", "The value of an earlier release or cycle.", True),
    "suppressed": Verdict("⊘", "Must not be printed", "The release hides it: so few people could be known.", True),
    "unsure": Verdict("?", "Unsure", "It could be several figures; please check it by eye.", True),
    "equal": Verdict("✓", "Right", "The same as in the release."),
    "rounded equal": Verdict("≈", "Right, rounded", "Rounded, and the same as in the release."),
    "not in the release": Verdict("–", "Not in the release", "No data to hold it against; nothing is said of it."),
    "not a figure": Verdict("", "Not a figure", "A date, a resolution, a page: not held against data."),
}


@dataclass(frozen=True)
class _Part:
    """Some letters of a passage, and what was found of them where they are a number."""

    text: str
    number: int = 0
    colour: str = ""
    sign: str = ""
    label: str = ""
    remark: str = ""


@dataclass(frozen=True)
class _Block:
    """A paragraph or a table of the draft. `rows` are lists of cells, each of its passages."""

    parts: tuple[_Part, ...] = ()
    look: str = ""
    level: int = 0
    table: int = 0
    rows: tuple[tuple[tuple[tuple[_Part, ...], ...], ...], ...] = ()


def page(
    draft: Draft, remarks: Sequence[Remark], title: str = "Proof of a draft", about: Sequence[tuple[str, str]] = ()
) -> str:
    """Return a page of HTML that stands by itself: a summary, what to do, and the draft's text with each number marked.

    In: the draft, a remark for each number that was found, whose colours are those of VERDICTS; `about` are facts for
    the top, name and value. Nothing is told by colour alone. No script runs and nothing is fetched.
    """
    kept = _apart(draft, remarks)
    known = {remark: number for number, remark in enumerate(kept, 1)}
    by_passage: dict[int, list[Remark]] = {}
    for remark in kept:
        by_passage.setdefault(remark.passage, []).append(remark)
    parts = {one.number: tuple(_parts(one, by_passage.get(one.number, []), known)) for one in draft.passages}
    many = Counter(one.colour for one in kept)
    asking = [one for one in kept if _verdict(one).asks]
    return template("proof.html.j2").render(
        **dressed(more="proof.css"),
        title=title,
        verdict=_in_a_line(len(kept), many),
        about=about,
        counts=[
            {"colour": _look(name), "many": many[name], "sign": one.sign, "label": one.label, "meaning": one.meaning}
            for name, one in VERDICTS.items()
            if many[name] or one.asks or name == "equal"
        ],
        found=[_found(draft.passages[one.passage], one, known[one]) for one in asking],
        key=" ".join(f"{one.sign} {one.label.lower()};" for one in VERDICTS.values() if one.sign).rstrip(";") + ".",
        blocks=list(_blocks(draft.passages, parts)),
    )


def _apart(draft: Draft, remarks: Sequence[Remark]) -> list[Remark]:
    """Return the remarks in the order of the text; of those on the same letters the first that asks for a look."""
    kept: list[Remark] = []
    for one in sorted(remarks, key=lambda one: (one.passage, not _verdict(one).asks, one.start, -one.end)):
        if not any(
            other.passage == one.passage and other.start < one.end and one.start < other.end for other in kept[-40:]
        ):
            kept.append(one)
    return sorted(kept, key=lambda one: (one.passage, one.start))


def _look(verdict: str) -> str:
    """Return the class of the style sheet that a verdict has."""
    return verdict.replace(" ", "-")


def _verdict(remark: Remark) -> Verdict:
    return VERDICTS.get(remark.colour, VERDICTS["unsure"])


def _parts(passage: Passage, remarks: Sequence[Remark], known: dict[Remark, int]) -> Iterator[_Part]:
    at = 0
    for one in remarks:
        if one.start > at:
            yield _Part(passage.text[at : one.start])
        colour = _look(one.colour if one.colour in VERDICTS else "unsure")
        said = _verdict(one)
        yield _Part(passage.text[one.start : one.end], known[one], colour, said.sign, said.label, one.text)
        at = one.end
    if at < len(passage.text):
        yield _Part(passage.text[at:])


def _blocks(passages: Sequence[Passage], parts: dict[int, tuple[_Part, ...]]) -> Iterator[_Block]:
    of_table: dict[int, list[Passage]] = {}
    for one in passages:
        if one.cell is not None:
            of_table.setdefault(one.cell.table, []).append(one)
    drawn = set[int]()
    for one in passages:
        if one.cell is None:
            level = min(3 + len(one.heading), 6) if one.kind is Kind.HEADING else 0
            yield _Block(parts[one.number], _LOOKS.get(one.kind, ""), level)
        elif one.cell.table not in drawn:
            drawn.add(one.cell.table)
            yield _table(one.cell.table, of_table[one.cell.table], parts)


def _table(number: int, cells: Sequence[Passage], parts: dict[int, tuple[_Part, ...]]) -> _Block:
    held: dict[tuple[int, int], list[tuple[_Part, ...]]] = {}
    for one in cells:
        assert one.cell is not None
        held.setdefault((one.cell.row, one.cell.column), []).append(parts[one.number])
    rows = sorted({row for row, _ in held})
    columns = sorted({column for _, column in held})
    grid = tuple(tuple(tuple(held.get((row, column), ())) for column in columns) for row in rows)
    return _Block(table=number + 1, rows=grid)


def _found(passage: Passage, remark: Remark, number: int) -> dict[str, object]:
    before, after = passage.text[: remark.start], passage.text[remark.end :]
    where = [*passage.heading[-2:], *([f"page {passage.page}"] if passage.page else [])]
    if passage.kind not in (Kind.PARAGRAPH, Kind.HEADING):
        where.append({Kind.CELL: "table", Kind.MARGIN: "header or footer"}.get(passage.kind, passage.kind.value))
    said = _verdict(remark)
    return {
        "number": number, "text": passage.text[remark.start : remark.end], "sign": said.sign, "label": said.label,
        "remark": remark.text, "where": " · ".join(where),
        "before": before if len(before) <= _MOST_AROUND else f"…{before[-_MOST_AROUND:]}",
        "after": after if len(after) <= _MOST_AROUND else f"{after[:_MOST_AROUND]}…",
    }  # fmt: skip


def _in_a_line(all_of_them: int, many: Counter[str]) -> str:
    """Return the answer in one sentence."""
    wrong = sum(many[name] for name in ("contradicts", "stale", "suppressed"))
    right = many["equal"] + many["rounded equal"]
    said = "no number is wrong" if not wrong else f"{wrong} {'is' if wrong == 1 else 'are'} not to be printed so"
    unsure = f", {many['unsure']} {'is' if many['unsure'] == 1 else 'are'} unsure" if many["unsure"] else ""
    return f"Of {all_of_them} numbers {said}{unsure}; {right} {'is' if right == 1 else 'are'} right"
