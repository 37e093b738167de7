"""What stands near a number: its own words, its sentence, its row and column, what is above it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from config.proof import Proof
from flows.documents.drafts.passages import Cell, Draft, Kind, Passage
from flows.releases.proof.gaps import (
    ALSO,
    OF_THEM,
    OF_WHOLE,
    OPEN_BRACKET,
    in_brackets,
    is_share,
    lead_of,
    respectively,
    without_lead,
)
from flows.releases.proof.numbers import Found, What, found
from flows.releases.proof.roles import Role, by_cycle, role_of, says_cue
from flows.releases.proof.tables import Tables, clause_before, sentences
from flows.releases.proof.words import HEADS, LIGHT, bare, joined, of_several, phrase, plain, says_something, words

_CHECKED_AFTER = 8
_NOW = re.compile(r"\ben cours\b")
# "a total of 206 new incidents" are not the total of all incidents
_TOTAL_OF = re.compile(r" (?:a|un) total (?=(?:of|de|d) )")
_CHANGED = re.compile(r"\b(?:change|difference|variation|evolution|ecart)\b")
_TOTAL = re.compile(r" (?:in total|total|in all|overall|altogether|au total|ensemble) ")
_ITS = re.compile(
    r"\b(?:its|their|it|they|these|this|them|the programme|the academy|ses|leurs?|il|elles?|ils|ces|cette|celle-ci)\b"
)


@dataclass(frozen=True)
class Layer:
    """Words near a number, and how near they are: 1 beside it, less above it."""

    where: str
    weight: float
    words: str


@dataclass(frozen=True)
class Mention:
    """A number of a draft that counts something, with what is near it.

    own: where phrases that it is not near may not stand. noun: what it counts, as units of proof.yaml; empty where that
    is not said. share_of: the number before, of which it is a share in brackets. base: what that is said to be of.
    only_after: whether what stands behind it says what it counts, which words before it alone cannot. light: whether
    nothing beside it says what it counts, so that it may be what the number before counts; head: where that one stands.
    lead, tail: what of that which stands before and behind it is its own, and not that of the numbers beside it.
    strange_row, strange_column: whether what heads its row or column says something, and no mission or total.
    """

    passage: Passage
    found: Found
    sentence: tuple[int, int]
    layers: tuple[Layer, ...] = field(repr=False)
    own: str = field(repr=False)
    noun: tuple[str, ...]
    role: Role
    before: str = field(default="", repr=False)
    after: str = field(default="", repr=False)
    percent: bool = False
    share_of: Found | None = None
    base: str = ""
    only_after: bool = False
    light: bool = False
    head: int | None = None
    lead: str = field(default="", repr=False)
    tail: str = field(default="", repr=False)
    row: tuple[str, ...] = ()
    column: tuple[str, ...] = ()
    strange_row: bool = False
    strange_column: bool = False

    @property
    def is_total(self) -> bool:
        """Whether it is said to be of all: `a total of`, `in all`."""
        return _TOTAL.search(words(f"{self.before} {self.tail}")) is not None

    @property
    def said(self) -> str:
        """The sentence that it stands in."""
        return self.passage.text[self.sentence[0] : self.sentence[1]]


def mentions(
    draft: Draft, proof: Proof, names: Collection[str] = (), cycle: int = 0
) -> tuple[list[Mention], list[tuple[Passage, Found]]]:
    """Return every number of a draft that may count something, and those that count nothing, with their passages.

    In: names that do not say what a number is about, as missions' and their countries'; the draft's cycle.
    """
    tables, counted, others = Tables(draft, proof), [], []
    nothing = frozenset(word for name in names if " " not in name for word in words(name).split())
    long = of_several(tuple(names))
    previous: Passage | None = None
    for passage in draft.passages:
        every = found(passage.text, proof.names, proof.durations)
        if _is_label(passage, every, tables):
            others += [(passage, one) for one in every]
            continue
        numbers = [one for one in every if one.what == What.NUMBER]
        others += [(passage, one) for one in every if one.what != What.NUMBER]
        for start, end in sentences(passage.text):
            inside = [one for one in numbers if start <= one.start < end]
            if inside:
                near = _Near(passage, (start, end), inside, tables, proof, nothing, previous, cycle, long)
                counted += [near.mention(at) for at in range(len(inside))]
        if passage.kind != Kind.MARGIN:
            previous = passage
    return counted, others


def _is_label(passage: Passage, every: Sequence[Found], tables: Tables) -> bool:
    """Tell whether a passage is a number and nothing else in a row of headers, or the number of a page."""
    alone = len(every) == 1 and every[0].what == What.NUMBER and every[0].text.strip() == passage.text.strip(" .|–-()#")
    if passage.kind == Kind.MARGIN:
        return (
            alone or re.fullmatch(r"(?i)(?:page\s+)?\d+(?:\s*(?:/|of|sur|de)\s*\d+)?", passage.text.strip()) is not None
        )
    if passage.cell is None:
        return alone and passage.kind == Kind.PARAGRAPH and re.fullmatch(r"\d{1,3}", passage.text.strip()) is not None
    heads = tables.heads(passage.cell.table)
    return passage.cell.row < heads and tables.size(passage.cell.table)[0] > 1 and alone


class _Near:
    """The numbers of one sentence, and what stands near each of them."""

    def __init__(
        self,
        passage: Passage,
        sentence: tuple[int, int],
        inside: Sequence[Found],
        tables: Tables,
        proof: Proof,
        nothing: frozenset[str],
        previous: Passage | None,
        cycle: int,
        long: re.Pattern[str],
    ) -> None:
        self.cycle, self.long = cycle, long
        self.passage, self.sentence, self.inside, self.proof, self.nothing = passage, sentence, inside, proof, nothing
        cell = passage.cell
        self.row = tables.row_head(cell) if cell else ()
        self.column = tables.column_head(cell) if cell else ()
        text = passage.text
        above = [
            Layer("row", 1.0, words(" . ".join(self.row))),
            Layer("column", 1.0, words(" . ".join(self.column))),
        ]
        if cell and not self._says(words(" ".join(self.column)), HEADS):
            # "Previous cycle", "2023", "Change": of what the column left of it is
            above.append(Layer("column", 0.9, words(" . ".join(_left_head(cell, tables, nothing)))))
        bare = False
        if cell:
            # "MINUSCA" and "Cycle 5" say of what, and what is counted stands above the table
            bare = not self._is_strange(self.row) and not self._is_strange(self.column)
            caption = words(f"{tables.captions.get(cell.table, '')} . {tables.corner(cell.table)}")
            if self._is_strange(self.column):
                # "Deaths and share of malicious acts" above the columns "Deaths" and "Deaths by malicious acts"
                others = tables.not_of_it(cell)
                caption = words(" ".join(one for one in caption.split() if one not in others))
            above.append(Layer("caption", 0.95 if bare else 0.7, caption))
        elif previous is not None and previous.text.rstrip().endswith(":"):
            above.append(Layer("introduced", 0.8, words(previous.text)))
        for depth, heading in enumerate(reversed(passage.heading[-3:])):
            weight = 0.8 if cell and bare and not depth else (0.5, 0.4, 0.3)[depth]
            above.append(Layer("heading", weight, words(heading)))
        its = _ITS.search(plain(text[slice(*sentence)])) is not None
        above.append(Layer("passage", 0.55 if its else 0.3, words(text[: sentence[0]])))
        if (clause := clause_before(text, sentence[0])) and not cell:
            # "203 alleged perpetrators were detained; 136 have been tried"
            above.append(Layer("clause", 0.55, words(clause)))
        self.above = [one for one in above if one.words.strip()]

    def mention(self, at: int) -> Mention:
        """Return one of the numbers with what is near it."""
        one, cell = self.inside[at], self.passage.cell
        gap, rest = self._gap(at), self._gap(at + 1)
        before, after = lead_of(gap) if at else gap, rest
        bracketed = in_brackets(self.passage.text[self.sentence[0] : one.start])
        share_of = self.inside[at - 1] if self._is_share(at) else None
        outside = ""
        if bracketed:
            after, _, outside = after.partition(")")
        if bracketed and at + 1 < len(self.inside):
            outside = without_lead(outside)
        if share_of is not None and not bracketed:
            outside = after
        if at + 1 < len(self.inside):
            if self._is_share(at + 1):
                # "91 (83%) of cases reported"
                after = f"{after} {self._behind(at + 1)}"
            elif OF_WHOLE.fullmatch(plain(after)):
                # "91 of the 110 cases reported (83%) have been investigated"
                more = self._behind(at + 2) if self._is_share(at + 2) else ""
                after = f"{after} {self._gap(at + 2) if not more else OPEN_BRACKET.sub('', self._gap(at + 2))} {more}"
            elif not bracketed:
                after = without_lead(after)
        own_after, own_before = words(after), words(before)
        if share_of is not None:
            own_after = words(outside if bracketed else "")
            own_before = words("" if self._says(own_after) else f"{self._gap(at - 1)} {gap}")
        beside = joined(own_before, own_after)
        nothing_new = not self._says(self.long.sub(" ", beside), LIGHT) and not _TOTAL.search(beside)
        light = nothing_new or OF_THEM.match(plain(after)) is not None
        if share_of is None and not self._says(own_after) and not self._says(own_before):
            own_before, own_after = self._reach_out(at, words(gap), own_after)
        fresh = not self._says(own_after) or (not at and not bracketed)
        layers = (
            Layer("after", 1.0, own_after),
            Layer("before", 0.95 if fresh or self._says(words(before)) else 0.75, own_before),
            *([Layer("left", 0.75, words(gap))] if at else []),
            *self.above,
            Layer("sentence", 0.6, words(self.passage.text[self.sentence[0] : one.start] + " " + rest)),
            Layer("others", 0.35, words(self.passage.text[slice(*self.sentence)])),
        )
        counted = _UNTIL.split(plain(after if after.strip() or not bracketed else outside), maxsplit=1)[0]
        if share_of is not None and not bracketed:
            # "or 63% of those tried": that says of what
            counted = ""
        heads = [words(" . ".join(one for one in of if not self._is_whole(one))) for of in (self.row, self.column)]
        own = own_after if not fresh else beside if _TOTAL.search(beside) else joined(own_before, own_after)
        said_of_cell = plain(" ".join((*self.row, *self.column)))
        role = self._cell_role(at, said_of_cell) if cell else self._text_role(at, f"{plain(before)} | {plain(counted)}")
        return Mention(
            self.passage,
            one,
            self.sentence,
            tuple(layer for layer in layers if layer.words.strip()),
            _TOTAL_OF.sub(" ", joined(own, *heads)),
            _noun(counted, self.proof),
            Role.SHARE if share_of and role == Role.CURRENT else role,
            gap,
            rest,
            one.number is not None and (one.number.percent or (cell is not None and _is_percent(said_of_cell))),
            share_of,
            outside if share_of else after,
            not fresh or (self._says(words(counted)) and not _noun(counted, self.proof)),
            light,
            self._head(at, gap),
            before,
            after,
            self.row,
            self.column,
            self._is_strange(self.row),
            self._is_strange(self.column),
        )

    def _is_strange(self, heads: Sequence[str]) -> bool:
        return any(self._says(words(_NOW.sub("", plain(one))), HEADS) and not self._is_whole(one) for one in heads)

    def _is_whole(self, head: str) -> bool:
        return bare(head) in {plain(one) for one in self.proof.cues.whole}

    def _head(self, at: int, gap: str) -> int | None:
        """Return where the number stands that one follows: the last but those in a bracket that is closed before it."""
        if not at:
            return None
        start = self.sentence[0]
        if (of := respectively(self.passage.text, self.sentence, self.inside, at)) is not None:
            return self.inside[of].start
        before = self.passage.text[start : self.inside[at].start]
        if gap.count(")") > gap.count("("):
            opened = before.rfind("(")
            heads = [one for one in self.inside[:at] if one.start - start < opened]
            # "UNMOGIP (8), against 5": no number stands before the bracket
            return self._part_of(len(heads) - 1) if heads else self.inside[at - 1].start
        return self.inside[at - 1].start if OF_WHOLE.fullmatch(plain(gap)) else self._part_of(at - 1)

    def _part_of(self, at: int) -> int:
        """Return where the number stands that the sentence tells of: 91, where it is `91 of the 110 cases`."""
        part = at and OF_WHOLE.fullmatch(plain(self._gap(at)))
        return self.inside[at - 1 if part else at].start

    def _is_share(self, at: int) -> bool:
        return 0 < at < len(self.inside) and is_share(self.inside[at], self.inside[at - 1], self._gap(at))

    def _behind(self, at: int) -> str:
        """Return what stands behind the bracket of a number, up to what leads to the next one."""
        outside = self._gap(at + 1).partition(")")[2]
        return without_lead(outside) if at + 1 < len(self.inside) else outside

    def _gap(self, at: int) -> str:
        """Return what stands before a number, up to the one before it; behind the last one, for their number."""
        first = self.inside[at - 1].end if at else self.sentence[0]
        last = self.inside[at].start if at < len(self.inside) else self.sentence[1]
        return self.passage.text[first:last] if at <= len(self.inside) else ""

    def _says(self, those: str, more: frozenset[str] = frozenset()) -> bool:
        return says_something(those, self.nothing | more if more else self.nothing)

    def _reach_out(self, at: int, before: str, after: str) -> tuple[str, str]:
        """Return what the numbers beside one are about, where nothing stands between them and it."""
        first = at
        while first > 0 and not self._says(before):
            first -= 1
            before = joined(words(self._gap(first)), before)
        if self._says(before):
            return before, after
        last = at + 1
        while last < len(self.inside) and not self._says(after):
            last += 1
            after = joined(after, words(self._gap(last)))
        return before, after

    def _text_role(self, at: int, beside: str) -> Role:
        gap, rest = self._gap(at), self._gap(at + 1)
        signs = ("+", "-", "\u2212") if gap.rstrip().endswith("(") else ("+",)
        if self.inside[at].text.lstrip()[:1] in signs:
            return Role.CHANGE
        if (
            at
            and in_brackets(self.passage.text[self.sentence[0] : self.inside[at].start])
            and ALSO.fullmatch(plain(gap))
        ):
            # "29 uniformed and 15 civilians (against 44 and 43)"
            return self._role(at - 1, self._gap(at - 1), gap)
        return by_cycle(self._role(at, gap, rest), beside, self.cycle)

    def _cell_role(self, at: int, heads: str) -> Role:
        if self.inside[at].text.lstrip()[:1] in ("+", "-", "\u2212") or _CHANGED.search(plain(" ".join(self.column))):
            return Role.CHANGE
        role = self._role(at, self._gap(at), self._gap(at + 1))
        if role == Role.CURRENT and says_cue(heads, self.proof.cues.before):
            role = Role.PREVIOUS
        return by_cycle(role, heads, self.cycle)

    def _role(self, at: int, before: str, after: str) -> Role:
        text, (start, end) = self.passage.text, self.sentence
        ahead = text[self.inside[at].end : self.inside[at + 1].start] if at + 1 < len(self.inside) else None
        return role_of(
            plain(text[start:end]),
            plain(text[start : self.inside[at].start]),
            plain(before),
            plain(after),
            ahead,
            at,
            self.proof,
        )


def _left_head(cell: Cell, tables: Tables, nothing: frozenset[str]) -> tuple[str, ...]:
    for column in range(cell.column - 1, 0, -1):
        head = tables.column_head(Cell(cell.table, cell.row, column))
        if says_something(words(" ".join(head)), nothing):
            return head
    return ()


def _is_percent(heads: str) -> bool:
    said = r"%|\bper cent\b|\bpercent|\bpourcentage|\bshare\b|\bpart des?\b|\bproportion\b|\btaux\b"
    return re.search(said, heads) is not None


_UNTIL = re.compile(
    r"[.,:;()\[\]]|\b(?:in|across|by|with|from|to|at|were|was|have|has|had|who|which|that|dans|par|ont|qui|en|et|and)\b"
)


def _noun(counted: str, proof: Proof) -> tuple[str, ...]:
    """Return the units of what a number counts: by the first word behind it that is one, or the last of several."""
    those = words(counted).split()[:_CHECKED_AFTER]
    said: tuple[str, ...] = ()
    for number in range(len(those)):
        here = _units_of(f" {' '.join(those[number : number + 2])} ", those[number], _unit_words(proof))
        if here:
            said = here
        elif said:
            break
    return said


@lru_cache(maxsize=8)
def _patterns(units: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
    return tuple((unit, tuple(piece for one in said for piece in phrase(one))) for unit, said in units)


@lru_cache(maxsize=50_000)
def _units_of(two: str, _one: str, units: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    """Return the units that a word, or this and the next one, stand for."""
    return tuple(unit for unit, said in _patterns(units) if any(piece.match(two) for piece in said))


def _unit_words(proof: Proof) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(proof.units.items())
