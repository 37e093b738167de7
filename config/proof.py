"""The words by which a draft report names what a release holds, as proof.yaml lists them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from config.labels import Frozen
from config.loader import Document, parse
from config.models import Name

# pieces with a blank between them, each a word or several with a bar between them; * stands for any ending of a word,
# and _ for the blank in words that stand side by side
_PIECE = r"[^\s|*_]+\*?(_[^\s|*_]+\*?)*"
Phrase = Annotated[str, StringConstraints(pattern=rf"^{_PIECE}(\|{_PIECE})*( {_PIECE}(\|{_PIECE})*)*$")]
Said = Annotated[str, StringConstraints(min_length=1)]


class Wording(Frozen):
    """How texts name one figure.

    `said` are alternatives: of one of them each piece must stand in the sentence of a number, in its row and column, or
    above it. Near `never` it is another figure, and so it is where `unless` stands anywhere in the sentence. Where
    `before` is given, one of these words must stand right before the number. One that comes `last` is meant only where
    no other is named. A change that a text gives is the figure itself where `is_change`. `units` are further ones in
    which it may be counted.
    """

    said: tuple[Phrase, ...] = Field(min_length=1)
    never: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()
    before: tuple[Said, ...] = ()
    units: tuple[str, ...] = ()
    last: bool = False
    is_change: bool = False


class CellWording(Wording):
    """How texts name the numbers in a column of a table of the release, by the columns that say what a row is of.

    Where a text names no value of one of them, the sum over all of its rows is meant, if it `adds_up`; otherwise none.
    `previous` is the column that holds the values of the cycle before.
    """

    table: Name
    column: Name
    unit: Name
    by: tuple[Name, ...] = ()
    where: dict[Name, str] = Field(default_factory=dict)
    previous: Name | None = None
    adds_up: bool = False


class PeriodWording(Frozen):
    """What a period is of where no figure stands beside it: texts that name it, and the figure whose days are meant.

    Without a figure the days are those of the cycle.
    """

    said: tuple[Phrase, ...] = Field(min_length=1)
    figure: Name | None = None


class Cues(Frozen):
    """Words beside a number that say what it is: parts of sentences, as they are printed."""

    moved: tuple[Said, ...]
    against: tuple[Said, ...]
    before: tuple[Said, ...]
    by_how_much: tuple[Said, ...]
    more_or_less: tuple[Said, ...]
    parts_only: tuple[Said, ...]
    whole: tuple[Said, ...]


class Proof(Frozen):
    """What the proof of a draft knows of words: of units, missions, values of tables, figures and cells."""

    units: dict[str, tuple[Phrase, ...]]
    cues: Cues
    names: tuple[Said, ...]
    durations: tuple[Said, ...]
    missions: dict[Said, str] = Field(default_factory=dict)
    places: dict[str, tuple[Phrase, ...]] = Field(default_factory=dict)
    values: dict[Name, dict[str, tuple[Phrase, ...]]] = Field(default_factory=dict)
    figures: dict[Name, Wording]
    cells: dict[Name, CellWording] = Field(default_factory=dict)
    periods: tuple[PeriodWording, ...] = ()

    @field_validator("names", "durations")
    @classmethod
    def _are_plain(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if not re.fullmatch(r"[^\W\d]+[.]?", word):
                raise ValueError(f"'{word}' is not a single word")
        return words


def read_proof(document: Document, figures: Collection[str], missions: Collection[str]) -> Proof:
    """Read the words of the proof; raises ConfigError with file and line for a mistake, such as no such figure."""
    proof = parse(document, Proof)
    for part, given, known, what in (
        ("figures", proof.figures, figures, "figure"),
        ("places", proof.places, missions, "mission"),
    ):
        for name in given:
            if name not in known:
                raise document.mistake((part, name), f"there is no {what} '{name}'")
    for said, mission in proof.missions.items():
        if mission not in missions:
            raise document.mistake(("missions", said), f"there is no mission '{mission}'")
    for number, period in enumerate(proof.periods):
        if period.figure is not None and period.figure not in figures:
            raise document.mistake(("periods", number), f"there is no figure '{period.figure}'")
    for name, cells in proof.cells.items():
        if name in figures:
            raise document.mistake(("cells", name), f"'{name}' is the name of a figure; name the cells otherwise")
        if cells.unit not in {*proof.units, "percent"}:
            raise document.mistake(("cells", name, "unit"), f"'{cells.unit}' is none of {', '.join(proof.units)}")
    return proof
