"""Numbers of a draft that are kept up to date: what a control's tag says, and a draft renewed from a release."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

import polars as pl

from config import Config, ConfigError, Cycle, Language
from config.overrides import WHOLE
from flows.documents import dictionary
from flows.documents.drafts import controls
from flows.documents.drafts.controls import LONGEST_TAG, OURS, Held
from flows.documents.drafts.wording import NotWritten, number_in, written_like
from flows.releases import lookup
from transforms.figures import former_names, under_both_names

What = Literal["value", "previous"]
_FIGURE, _CELL = "f", "c"
_LETTERS: dict[What, str] = {"value": "v", "previous": "p"}
_HASHED = 12
_DECIMALS = re.compile(r"\d[.,]\d{1,2}(?!\d)")
# in the order of the statuses of figures
_WHY = {
    "Q": "the release hides it, since so few people could be known: it must not be printed",
    "O": "the release has no value of it: it was not received",
    "V": "the release has no value of it: it is under validation",
    "L": "the release has no value of it: it is not reported",
    "M": "the release has no value of it: it is not applicable",
}


class _Tag(NamedTuple):
    """What a tag says: which figure of which mission, or which table and the hash of row and column; the language."""

    kind: str
    name: str
    of: str
    what: What
    language: Language


class _Found(NamedTuple):
    """What a release says of what a tag names: its value as it is published and as it is, and why there is none."""

    name: str
    title: str = ""
    mission: str = WHOLE
    value: float | None = None
    why: str = ""
    exact: float | None = None


@dataclass(frozen=True)
class Number:
    """A number of a draft that is kept up to date: its control's place in the file, what it is, what stands there now.

    `name` is that of the figure, or of table, column and row. `new` is what it was renewed to, the same where it is
    right; `why` says why it could not be renewed, and is empty where it could.
    """

    control: int
    tag: str
    name: str
    title: str
    mission: str
    old: str
    new: str
    value: float | None = None
    why: str = ""

    @property
    def changed(self) -> bool:
        """Whether another text stands there now."""
        return not self.why and self.new != self.old


@dataclass(frozen=True)
class Filled:
    """A draft that was renewed: its bytes, by which release, and each of its numbers in their order."""

    content: bytes
    release: str
    numbers: tuple[Number, ...]

    @property
    def changed(self) -> tuple[Number, ...]:
        """Those that another text stands for now."""
        return tuple(one for one in self.numbers if one.changed)

    @property
    def left(self) -> tuple[Number, ...]:
        """Those that could not be renewed."""
        return tuple(one for one in self.numbers if one.why)


def tag_of_figure(figure: str, mission: str = WHOLE, what: What = "value", language: Language = "en") -> str:
    """Return the tag of a figure's value, or of that of the cycle before. Raises ValueError where it is too long."""
    return _tag(_FIGURE, figure, mission, _LETTERS[what], language)


def tag_of_cell(table: str, column: str, row: Mapping[str, Any], language: Language = "en") -> str:
    """Return the tag of a cell of a table; `row` has what the columns of the table's key hold, but for the cycle.

    Raises ValueError where the table is not known, the row lacks a column of the key, or the tag is too long.
    """
    entry = dictionary.entries().get(table)
    if entry is None or not set(_key(table)) <= set(row):
        raise ValueError(table)
    return _tag(_CELL, table, _hash(column, {name: row[name] for name in _key(table)}), _LETTERS["value"], language)


def fill(
    name: str, content: bytes, release: str, table_of: Callable[[str], pl.DataFrame], config: Config, cycle: Cycle
) -> Filled:
    """Return a .docx whose linked numbers are those of a release, each written as it was; see `flows.documents.drafts`.

    In: the draft's name and bytes, the name of the release and how its tables are read. A number of which the release
    has no value stays as it is and is listed with the reason.

    Raises ConfigError where the draft is no .docx or has no linked number, NotReadable where it cannot be read,
    StoreError where a table cannot.
    """
    if not name.lower().endswith(".docx"):
        raise ConfigError(f"Only a .docx has numbers that are kept up to date; {name} is none.")
    held = controls.controls(content, name)
    if not held:
        raise ConfigError(f"{name} has no numbers that are kept up to date; make them with: a4p proof {name} --link")
    known = _Known(table_of, config, cycle)
    numbers = tuple(_renewed(one, known) for one in held)
    texts = {one.control: one.new for one in numbers if one.changed}
    return Filled(controls.filled(content, texts, name), release, numbers)


class _Known:
    """What a release says of what tags name."""

    def __init__(self, table_of: Callable[[str], pl.DataFrame], config: Config, cycle: Cycle) -> None:
        self._config, self._cycle = config, cycle
        self._cells: dict[str, dict[str, tuple[str, str, float | None]]] = {}
        self._table_of = cache(table_of)
        former = former_names(config.figures, cycle, ever=True)
        figures = under_both_names(table_of("figures"), former)
        self._figures = {(row["figure"], row["mission"]): row for row in figures.iter_rows(named=True)}

    def of(self, tag: _Tag) -> _Found:
        """Return what is named."""
        return self._figure(tag) if tag.kind == _FIGURE else self._cell(tag)

    def _figure(self, tag: _Tag) -> _Found:
        title = lookup.title(tag.name, self._config, self._cycle)
        row = self._figures.get((tag.name, tag.of))
        if row is None:
            return _Found(tag.name, title, tag.of, why="the release has no such figure")
        value, status, exact = row["value"], row["obs_status"], row.get("unrounded")
        without = "the release has no value of it"
        if tag.what == "previous":
            value, status, exact = row["previous"], row.get("previous_status"), row.get("previous_unrounded")
            without = "the release has no value of the cycle before"
        return _Found(tag.name, title, tag.of, value, "" if value is not None else _WHY.get(status, without), exact)

    def _cell(self, tag: _Tag) -> _Found:
        if tag.name not in self._cells:
            self._cells[tag.name] = self._hashed(tag.name)
        found = self._cells[tag.name].get(tag.of)
        if found is None:
            return _Found(tag.name, why="the release has no such row")
        name, mission, value = found
        without = "" if value is not None else "the release has no value in that cell"
        return _Found(name, name, mission, value, without, value)

    def _hashed(self, name: str) -> dict[str, tuple[str, str, float | None]]:
        """Return the cells of a table by the hashes that tags have."""
        try:
            table = self._table_of(name)
        except ConfigError:
            return {}
        key = _key(name)
        columns = [one for one, kind in table.schema.items() if kind.is_numeric() and one not in key and one != "cycle"]
        if not set(key) <= set(table.columns):
            return {}
        made = {}
        for row in table.select(*key, *columns).iter_rows(named=True):
            which = {one: row[one] for one in key}
            said = ", ".join(str(value) for value in which.values() if value is not None)
            for column in columns:
                mission = str(row.get("mission") or WHOLE)
                made[_hash(column, which)] = (f"{name}.{column} ({said})", mission, row[column])
        return made


def _renewed(held: Held, known: _Known) -> Number:
    old = held.text or ""
    tag = _read(held.tag)
    if tag is None:
        return Number(held.number, held.tag, "", "", "", old, old, why="its tag is not one of this version")
    found = known.of(tag)
    new, why, value = old, found.why, found.value
    if held.text is None:
        why = "more than a number stands in its control"
    elif value is not None:
        # published values are rounded; who writes decimals means the value as it is
        if found.exact is not None and _DECIMALS.search(old):
            value = found.exact
        try:
            new = written_like(old, value, tag.language, held.before)
            # what is right, rounded as it is written, is left alone
            if number_in(new, tag.language) == number_in(old, tag.language):
                new = old
        except NotWritten as refusal:
            why = f"{refusal}; the release has {value:,.10g}"
    shown = old if why else new
    return Number(held.number, held.tag, found.name, found.title, found.mission, old, shown, value, why)


def _tag(kind: str, name: str, of: str, what: str, language: Language) -> str:
    made = ":".join([OURS.rstrip(":"), kind, name, of, what, *([language] if language != "en" else [])])
    if len(made) > LONGEST_TAG or len(made.split(":")) > 6:
        raise ValueError(made)
    return made


def _read(tag: str) -> _Tag | None:
    """Return what a tag says; None where it is none that this version makes."""
    parts = tag.split(":")
    if len(parts) == 5:
        parts.append("en")
    if len(parts) != 6 or parts[1] not in (_FIGURE, _CELL) or parts[5] not in get_args(Language):
        return None
    what: What | None = next((name for name, letter in _LETTERS.items() if letter == parts[4]), None)
    language: Language = "fr" if parts[5] == "fr" else "en"
    return None if what is None else _Tag(parts[1], parts[2], parts[3], what, language)


def _key(table: str) -> tuple[str, ...]:
    return (
        tuple(name for name in dictionary.entries()[table].key if name != "cycle")
        if table in dictionary.entries()
        else ()
    )


def _hash(column: str, row: Mapping[str, Any]) -> str:
    said = json.dumps([column, *sorted((name, str(value)) for name, value in row.items())], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:_HASHED]
