"""Facts that hold from a cycle to a cycle, so that a change of today leaves the cycles of before as they were.

An entry may say in which cycles it is there at all, and what of it is otherwise in some of them:

    from_cycle: 6            # not before cycle 6
    changes:
      - {from_cycle: 8, one_of: [A, B, C]}
      - {to_cycle: 6, at_most: 100}

`of_cycle` makes of that the plain entries of one cycle; nothing below the configuration knows of more than one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError, model_validator

from config.errors import ConfigError
from config.labels import Frozen
from config.loader import Document, Where, told_plainly


def _is_nothing(said: object) -> bool:
    # an entry without dates is written as before there were any, and stays known as the same
    return not said


class Span(Frozen):
    """Cycles by their numbers, the first and the last included; without one it has no end there."""

    from_cycle: int | None = Field(default=None, exclude_if=_is_nothing)
    to_cycle: int | None = Field(default=None, exclude_if=_is_nothing)

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Span:
        if self.from_cycle is not None and self.to_cycle is not None and self.to_cycle < self.from_cycle:
            raise ValueError(f"to_cycle ({self.to_cycle}) is before from_cycle ({self.from_cycle})")
        return self

    def holds_in(self, number: int) -> bool:
        """Tell whether a cycle is one of them."""
        return (self.from_cycle is None or self.from_cycle <= number) and (
            self.to_cycle is None or number <= self.to_cycle
        )


class Change(Span):
    """What is otherwise in some cycles: fields of the entry that it stands in."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="after")
    def _says_when_and_what(self) -> Change:
        if self.from_cycle is None and self.to_cycle is None:
            raise ValueError("a change needs from_cycle, to_cycle or both; what holds in every cycle stands above")
        if not self.fields:
            raise ValueError("a change says what is otherwise in these cycles, such as 'reports: false'")
        return self

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that are otherwise, as they are written."""
        return dict(self.model_extra or {})


class Dated(Span):
    """An entry that may be there in some cycles only, or otherwise in some."""

    changes: tuple[Change, ...] = Field(default=(), exclude_if=_is_nothing)


class Formerly(Frozen):
    """The name that an entry had up to a cycle; it is found under both until two cycles after that."""

    name: str
    to_cycle: int

    @property
    def found_to(self) -> int:
        """The last cycle in which it is found under this name too."""
        return self.to_cycle + 2


Entry = TypeVar("Entry", bound=Dated)
_DATES = frozenset(Dated.model_fields)


def of_cycle(entries: Mapping[str, Entry], number: int) -> dict[str, Entry]:
    """Return the entries that are there in a cycle, each as it is then. None of them fails that was `check`ed."""
    return {name: _then(entry, number) for name, entry in entries.items() if entry.holds_in(number)}


def turns(entries: Mapping[str, Dated]) -> set[int]:
    """Return the cycles from which on something is otherwise than in the cycle before."""
    return {turn for entry in entries.values() for turn in _turns(entry)}


def check(entries: Mapping[str, Dated], cycles: Collection[int], document: Document) -> None:
    """Raise ConfigError, with file and line, where an entry cannot be what it is said to be in some cycle.

    In: the entries of a document, and the cycles there are: others cannot be named.
    """
    for name, entry in entries.items():
        check_entry(entry, cycles, document, (name,))


def check_entry(entry: Dated, cycles: Collection[int], document: Document, at: Where = ()) -> None:
    """Raise ConfigError as `check` does, for one entry, which stands at a place of the document."""
    for field, below in _below(entry):
        for name, each in below.items():
            check_entry(each, cycles, document, (*at, field, name))
    for place, span in ((at, entry), *(((*at, "changes", n), change) for n, change in enumerate(entry.changes))):
        for field in ("from_cycle", "to_cycle"):
            number = getattr(span, field)
            if number is not None and number not in cycles:
                allowed = ", ".join(map(str, sorted(cycles)))
                raise document.mistake(
                    (*place, field), f"there is no cycle {number} in cycles.yaml; allowed: {allowed}"
                )
    for cycle in sorted({number for turn in _turns(entry) for number in (turn - 1, turn) if entry.holds_in(number)}):
        try:
            _then(entry, cycle)
        except ValidationError as error:
            whole = str(at[-1]) if at else "the file"
            mistakes = [
                (
                    document.line((*at, *_said_in(entry, cycle, mistake["loc"]))),
                    told_plainly(mistake, type(entry), whole),
                )
                for mistake in error.errors()
            ]
            told = (f"{line}: in cycle {cycle}: {text}" for line, text in sorted(mistakes))
            raise ConfigError("\n".join(told)) from None


def _said_in(entry: Dated, number: int, loc: Where) -> Where:
    """Return where a field stands that holds in a cycle: in the last change that has it, or in the entry itself."""
    for place in reversed(range(len(entry.changes))):
        change = entry.changes[place]
        if loc and change.holds_in(number) and loc[0] in change.fields:
            return ("changes", place, *loc)
    return loc


def _then(entry: Entry, number: int) -> Entry:
    if not _is_dated(entry):
        return entry
    fields = {name: getattr(entry, name) for name in entry.model_fields_set - _DATES}
    for change in entry.changes:
        if change.holds_in(number):
            fields |= change.fields
    for name, below in _below(entry):
        # a change may have put others in their place, as they are written
        if fields[name] is below:
            fields[name] = of_cycle(below, number)
    made = type(entry).model_validate(fields)
    for name, value in (entry.__pydantic_private__ or {}).items():
        setattr(made, name, value)
    return made


def _is_dated(entry: Dated) -> bool:
    own = entry.changes or entry.from_cycle is not None or entry.to_cycle is not None
    return bool(own) or any(_is_dated(each) for _, below in _below(entry) for each in below.values())


def _turns(entry: Dated) -> Iterator[int]:
    for span in (entry, *entry.changes):
        if span.from_cycle is not None:
            yield span.from_cycle
        if span.to_cycle is not None:
            yield span.to_cycle + 1
    for _, below in _below(entry):
        yield from turns(below)


def _below(entry: Dated) -> Iterator[tuple[str, Mapping[str, Dated]]]:
    """Yield each field that holds entries with dates of their own: the tables of a contract, the columns of a table."""
    for name in entry.model_fields_set:
        value = getattr(entry, name)
        if isinstance(value, dict) and value and all(isinstance(each, Dated) for each in value.values()):
            yield name, value
