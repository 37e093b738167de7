"""Which mission a number is of: named beside it, in its sentence, in its row or column, or above it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from config import Config
from config.overrides import WHOLE
from flows.releases.proof.roles import Role
from flows.releases.proof.subjects import Layer, Mention
from flows.releases.proof.words import bare, plain, stands_in, words

_AT_ONCE = re.compile(r"^[\s:(\[–—-]{0,4}$")
# "of whom 30 …", "30 of them"
_PART_AHEAD = re.compile(r"\b(?:of which|of whom|of them|including|dont|y compris|among them)\s+(?:\w+\s+){0,2}$")
_OF_THEM = re.compile(r"\s*(?:\w+\s+)?(?:of (?:them|these|those|which|whom)|d'entre (?:eux|elles))\b")
_THE_MISSION = re.compile(r"\b(?:the|la|cette|this)\s+mission\b|\bthe operation\b|\bit\b|\belle\b")
# how far into a passage its mission may be named for all of it
_LEAD = 70


@dataclass(frozen=True)
class Place:
    """The mission that a number is of, WHOLE for all; how that is known, and another one that may be meant.

    several: the missions that the sentence names, where it is of none of them alone.
    """

    mission: str
    how: str
    perhaps: str | None = None
    several: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


class Places:
    """The names of missions, and of the places that stand for one."""

    def __init__(self, config: Config) -> None:
        self._codes: dict[str, str] = {}
        for code, mission in config.missions.items():
            for name in (code, *mission.aliases, mission.name):
                self._codes[plain(name)] = code
        self._codes |= {plain(said): code for said, code in config.proof.missions.items()}
        self._every = _any_of(tuple(sorted(self._codes, key=len, reverse=True)))
        self._places = config.proof.places
        self._whole = config.proof.cues.whole
        self._known: dict[str, list[tuple[int, int, str]]] = {}

    def named(self, text: str) -> list[tuple[int, int, str]]:
        """Return which missions a text names, and where, in their order."""
        if text not in self._known:
            self._known[text] = [
                (match.start(), match.end(), self._codes[match[0]]) for match in self._every.finditer(plain(text))
            ]
        return self._known[text]

    def _by_place(self, text: str) -> set[str]:
        those = words(text)
        return {code for code, said in self._places.items() if any(stands_in(one, those) for one in said)}

    def of(
        self, mention: Mention, before: Mention | None, place_before: Place | None, numbers: Sequence[Mention]
    ) -> Place:
        """Return which mission a number is of.

        In: the number; the one before it in its sentence with its place; all numbers of its sentence.
        """
        heads = self._heads(mention)
        if heads is not None:
            return heads
        back = self.named(mention.before)
        beside = self._beside(mention, back, any(one.found.start > mention.found.end for one in numbers))
        if beside is not None:
            return beside
        lead = plain(mention.passage.text[mention.sentence[0] : mention.found.start])
        if self._whole_said(lead):
            return Place(WHOLE, "of all missions, as its sentence says")
        if len({code for _, _, code in back}) == 1:
            return Place(back[-1][2], "named before it")
        in_sentence = sorted({code for _, _, code in self.named(mention.said)})
        if len(in_sentence) == 1 and self._of_a_part(mention, numbers):
            return Place(WHOLE, "the mission is that of a part", in_sentence[0])
        if in_sentence:
            return _of_sentence(mention, in_sentence, place_before if before is not None else None)
        for near in (mention.tail, mention.lead):
            # "375,000 in South Sudan and 81,000 in …"
            if len(beside_it := self._by_place(near)) == 1:
                return Place(beside_it.pop(), "by the country that is named beside it")
        if place := self._above(mention):
            return place
        places = self._by_place(mention.said)
        if len(places) == 1:
            return Place(places.pop(), "by the country that its sentence names")
        earlier = self.named(mention.passage.text[: mention.sentence[0]])
        return Place(WHOLE, "no mission is named", earlier[-1][2] if earlier else None)

    def _heads(self, mention: Mention) -> Place | None:
        """Return the mission of a number by what it counts, and by what heads its row and column."""
        if "missions" in mention.noun:
            return Place(WHOLE, "missions are counted")
        for heads, what in ((mention.row, "row"), (mention.column, "column")):
            those = {code for one in heads for _, _, code in self.named(one)}
            if len(those) == 1:
                return Place(those.pop(), f"named in its {what}")
        if mention.row and any(self._is_whole(one) for one in mention.row):
            return Place(WHOLE, "in a row of totals")
        return None

    def _beside(self, mention: Mention, back: Sequence[tuple[int, int, str]], followed: bool) -> Place | None:
        """Return the mission that is named right beside a number, and not beside the next one."""
        if back and _AT_ONCE.match(mention.before[back[-1][1] :]):
            return Place(back[-1][2], "named right before it")
        ahead, behind = self.named(mention.tail), self.named(mention.after)
        if followed and behind and _AT_ONCE.match(mention.after[behind[-1][1] :]):
            # "across MINUSCA (15)" is of the number that follows
            ahead = [one for one in ahead if one != behind[-1]]
        for near, what in ((ahead, "named behind it"), (self.named(mention.lead), "named before it")):
            if len({code for _, _, code in near}) == 1:
                return Place(near[0][2], what)
        return None

    def _above(self, mention: Mention) -> Place | None:
        text = mention.passage.text
        first = self.named(text[: _LEAD + 40])
        if first and first[0][0] < _LEAD and (first[0][0] < 3 or re.match(r"\s*:", text[first[0][1] :])):
            return Place(first[0][2], "named at the beginning of its paragraph")
        if _THE_MISSION.search(plain(mention.said)):
            earlier = self.named(text[: mention.sentence[0]])
            if earlier:
                return Place(earlier[-1][2], "the mission that was named last")
        for heading in (*_caption(mention), *reversed(mention.passage.heading[-2:])):
            those = {code for _, _, code in self.named(heading)}
            if len(those) == 1:
                return Place(those.pop(), "named above it")
        return None

    def _of_a_part(self, mention: Mention, numbers: Sequence[Mention]) -> bool:
        """Tell whether the mission is of a part of a number only: `5,265 incidents, 5,000 of them in UNIFIL`."""
        at = next((number for number, one in enumerate(numbers) if one.found == mention.found), len(numbers))
        following = numbers[at + 1] if at + 1 < len(numbers) else None
        if following is None or self.named(mention.passage.text[mention.sentence[0] : following.found.start]):
            return False
        between = plain(mention.passage.text[mention.found.end : following.found.start])
        return _PART_AHEAD.search(between) is not None or _OF_THEM.match(plain(following.after)) is not None

    def _is_whole(self, text: str) -> bool:
        return bare(text) in {plain(one) for one in self._whole}

    def _whole_said(self, lead: str) -> bool:
        every = "|".join(re.escape(plain(one)) for one in self._whole if " " in one or one == "overall")
        return re.search(rf"(?<!\w)(?:{every})(?!\w)", lead) is not None


def _of_sentence(mention: Mention, missions: Sequence[str], before: Place | None) -> Place:
    """Return the mission of a number whose sentence names one or several, none of them beside it."""
    if len(missions) > 1:
        if before is not None and mention.role in (Role.PREVIOUS, Role.SHARE, Role.CHANGE):
            return Place(before.mission, f"as the number before: {before.how}", several=before.several)
        return Place(WHOLE, "several missions are named, none beside it", several=tuple(missions))
    if before is not None and before.mission == WHOLE:
        return Place(WHOLE, "as the number before it")
    return Place(missions[0], "the one that its sentence names")


def _caption(mention: Mention) -> tuple[str, ...]:
    layer: Mapping[str, Layer] = {one.where: one for one in mention.layers}
    return (layer["caption"].words,) if "caption" in layer else ()
