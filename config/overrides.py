"""Corrections, waivers and accepted figures: what the coordinator decides about data, with a reason and an owner.

A correction replaces a cell's text before it is read; a waiver lets a finding stand; an accepted figure may be part of
a final release as it is. All are held against the data at each refresh, and one that does nothing any more is reported,
so that it is removed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import Field, PrivateAttr, StringConstraints

from config.figures import Figure
from config.labels import Frozen
from config.loader import Document, Where, parse
from config.models import Contract, Name

# what stands for a mission where a figure is of all of peacekeeping
WHOLE = "ALL"
Said = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
# a colon parts owner and reason where both stand in one text
Owner = Annotated[str, StringConstraints(pattern=r"^[^:\n]+$", strip_whitespace=True)]


class Decided(Frozen):
    """What all decisions have in common: each stands somewhere."""

    _place: str = PrivateAttr(default="")

    @property
    def place(self) -> str:
        """File and line where it stands, as `config/waivers.yaml:12`, or its number in the record, as `decision 7`."""
        return self._place


class Override(Decided):
    """What corrections and waivers have in common; `cycle` limits one to a cycle."""

    source: Name
    cycle: int | None = None
    reason: Said
    owner: Owner

    @property
    def why(self) -> str:
        """Owner and reason in one text."""
        return f"{self.owner}: {self.reason}"


class Correction(Override):
    """A cell, named by its row's key and its column, whose text is `to` where the source sends `from`."""

    table: Name
    key: dict[Name, str] = Field(min_length=1)
    column: Name
    from_: str | None = Field(alias="from")
    to: str | None


class Waiver(Override):
    """A rule that need not hold for a source, or one mission, table, column or row of it; `until` is its last day.

    With `sha256` it is of the file with that content alone, so that it holds until the source sends another. With
    `between` it answers a question about a number, and holds while that lies there: it is not asked again.
    """

    rule: Name
    mission: str | None = None
    table: Name | None = None
    column: Name | None = None
    key: dict[Name, str] = Field(default={})
    until: date | None = None
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] | None = None
    between: tuple[float, float] | None = None


class Acceptance(Decided):
    """A figure of a cycle, for a mission or for ALL, that is accepted as it is while its value is this one."""

    figure: Name
    cycle: int
    mission: str = WHOLE
    value: float
    reason: Said
    owner: Owner


One = TypeVar("One", Correction, Waiver, Acceptance)


def read_corrections(document: Document, contracts: Mapping[str, Contract]) -> tuple[Correction, ...]:
    """Read the corrections; raises ConfigError with file and line where one names what there is not, or is personal."""
    corrections = _read(document, Correction)
    for number, correction in enumerate(corrections):
        _check_cells(document, number, contracts, correction.source, correction.table, correction.key)
        _check_column(document, (number, "column"), contracts, correction.source, correction.table, correction.column)
    return corrections


def read_waivers(
    document: Document, contracts: Mapping[str, Contract], missions: Mapping[str, object]
) -> tuple[Waiver, ...]:
    """Read the waivers; raises ConfigError with file and line where one names what there is not."""
    waivers = _read(document, Waiver)
    for number, waiver in enumerate(waivers):
        _check_source(document, number, contracts, waiver.source)
        if waiver.mission is not None and waiver.mission not in missions:
            raise document.mistake((number, "mission"), f"'{waiver.mission}' is no mission of config/missions.yaml")
        if waiver.table is not None:
            _check_cells(document, number, contracts, waiver.source, waiver.table, waiver.key)
            if waiver.column is not None:
                _check_column(document, (number, "column"), contracts, waiver.source, waiver.table, waiver.column)
        elif waiver.key:
            raise document.mistake((number, "key"), "a key needs the table whose rows it names")
    return waivers


def read_accepted(
    document: Document, figures: Mapping[str, Figure], cycles: Collection[int], missions: Mapping[str, object]
) -> tuple[Acceptance, ...]:
    """Read the accepted figures, each by the name that it has now.

    Raises ConfigError with file and line where one names what there is not.
    """
    accepted = _read(document, Acceptance)
    for number, one in enumerate(accepted):
        if present_name(one.figure, figures) is None:
            raise document.mistake((number, "figure"), f"'{one.figure}' is no figure of config/figures.yaml")
        if one.cycle not in cycles:
            allowed = ", ".join(map(str, sorted(cycles)))
            raise document.mistake(
                (number, "cycle"), f"there is no cycle {one.cycle} in cycles.yaml; allowed: {allowed}"
            )
        if one.mission != WHOLE and one.mission not in missions:
            raise document.mistake((number, "mission"), f"'{one.mission}' is no mission of config/missions.yaml")
    return tuple(one.model_copy(update={"figure": present_name(one.figure, figures)}) for one in accepted)


def present_name(name: str, figures: Mapping[str, Figure]) -> str | None:
    """Return the name that a figure has now, by that or its former one; None where there is no such figure."""
    if name in figures:
        return name
    for now, figure in figures.items():
        former = re.escape(figure.formerly.name).replace(r"\{year\}", r"\d{4}") if figure.formerly else None
        if former and re.fullmatch(former, name):
            return now
    return None


def _read(document: Document, model: type[One]) -> tuple[One, ...]:
    if not isinstance(document.data or [], list):
        raise document.mistake((), "this file is a list; begin each entry with '- '")
    found = []
    for number in range(len(document.data or [])):
        entry: Any = parse(document, model, (number,))
        entry._place = document.place((number,))
        found.append(entry)
    return tuple(found)


def _check_source(document: Document, number: int, contracts: Mapping[str, Contract], source: str) -> None:
    if source not in contracts:
        raise document.mistake((number, "source"), f"'{source}' is no source; allowed: {', '.join(sorted(contracts))}")


def _check_cells(
    document: Document,
    number: int,
    contracts: Mapping[str, Contract],
    source: str,
    table: str,
    key: Mapping[str, str],
) -> None:
    _check_source(document, number, contracts, source)
    tables = contracts[source].tables
    if table not in tables:
        raise document.mistake((number, "table"), f"'{table}' is no table of {source}; allowed: {', '.join(tables)}")
    for column in key:
        _check_column(document, (number, "key", column), contracts, source, table, column)


def _check_column(
    document: Document,
    where: Where,
    contracts: Mapping[str, Contract],
    source: str,
    table: str,
    column: str,
) -> None:
    contract = contracts[source]
    known = contract.tables[table].columns
    of_the_folder = column == "mission" and contract.sent_by == "missions" and where[-1] != "column"
    if column in known and known[column].personal:
        raise document.mistake(where, f"'{column}' is personal; personal columns are never read or corrected")
    if column not in known and not of_the_folder:
        allowed = ", ".join(contract.tables[table].columns_read)
        raise document.mistake(where, f"'{column}' is no column of {table}; allowed: {allowed}")
