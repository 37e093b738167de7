"""The parts of the configuration: what each step of a refresh may look at, and nothing beside it.

`Config` is all of them. Whoever needs only a part says so, and a step whose result is kept is handed no more (`only`):
all that it is handed is in its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from config.disclosure import Disclosure
from config.errors import ConfigError
from config.figures import Figure, ParityTarget
from config.hosts import Host
from config.messages import Messages
from config.models import Contract, Cycle, Source
from config.near import did_you_mean
from config.overrides import Acceptance, Correction, Waiver
from config.places import Country, Mission

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Contracts:
    """What the sources deliver."""

    contracts: Mapping[str, Contract]

    def contract(self, source: str) -> Contract:
        """Return a source's contract; raises ConfigError where there is none."""
        if source not in self.contracts:
            near = did_you_mean(source, self.contracts)
            every = f"he sources are {', '.join(sorted(self.contracts))}."
            raise ConfigError(f"There is no source '{source}'; {f'{near} T' if near else 't'}{every}")
        return self.contracts[source]


@dataclass(frozen=True, kw_only=True)
class Waivers:
    """What may stand although a rule does not hold."""

    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Decisions(Waivers):
    """What the coordinator decided about data."""

    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OfFiles(Contracts, Waivers):
    """What files are held against."""

    missions: Mapping[str, Mission]
    messages: Messages


@dataclass(frozen=True, kw_only=True)
class OfRows(Decisions):
    """What the rows of a source table are held against, besides its contract."""

    missions: Mapping[str, Mission]
    countries: Mapping[str, Country]
    cycles: Mapping[int, Cycle]
    messages: Messages


@dataclass(frozen=True, kw_only=True)
class OfFound(Contracts, Decisions):
    """What says of all that was found whether a decision on it is still needed."""

    messages: Messages
    accepted: tuple[Acceptance, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OfDefinitions(Contracts):
    """What tables and figures are defined by."""

    figures: Mapping[str, Figure]


@dataclass(frozen=True, kw_only=True)
class OfTables(Contracts):
    """What a curated table may be made from, besides other tables."""

    missions: Mapping[str, Mission]
    countries: Mapping[str, Country]
    cycles: Mapping[int, Cycle]
    parity_targets: tuple[ParityTarget, ...]
    hosts: Mapping[str, tuple[Host, ...]] = field(default_factory=dict)

    @property
    def sources(self) -> dict[str, Source]:
        """The contracts without their tables: who sends what, and by when."""
        return {name: contract.head for name, contract in self.contracts.items()}

    @property
    def causes(self) -> tuple[str, ...]:
        """Causes of death, in the order of the contract."""
        return _codes(self.contract("noticas"), "noticas", "cause")

    @property
    def ratings(self) -> tuple[str, ...]:
        """Ratings of formed police units, in the order of the contract."""
        return _codes(self.contract("fpu_evaluations"), "fpu_evaluations", "rating")


def _codes(contract: Contract, table: str, column: str) -> tuple[str, ...]:
    return contract.tables[table].columns[column].one_of or ()


@dataclass(frozen=True, kw_only=True)
class OfFigures(Waivers):
    """What figures are made from, and held against, and which of them are accepted as they are."""

    figures: Mapping[str, Figure]
    cycles: Mapping[int, Cycle]
    messages: Messages
    accepted: tuple[Acceptance, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OfSmallCells:
    """What says which small cells must not be told."""

    figures: Mapping[str, Figure]
    disclosure: Mapping[str, Disclosure]


@dataclass(frozen=True, kw_only=True)
class OfClassified(OfDefinitions, OfSmallCells):
    """What says how finely a source may be shown, and what is shown of it."""


def only(config: Any, part: type[T], **instead: Any) -> T:
    """Return a part of a configuration, or of a larger part, with some of it put `instead` of what is there."""
    return part(**{one.name: getattr(config, one.name) for one in fields(part) if one.init} | instead)  # type: ignore[arg-type]


def texts(messages: Messages, rules: Iterable[str] | None = None) -> Messages:
    """Return the texts that findings may tell, those of these rules alone where they are named."""
    wanted = None if rules is None else set(rules)
    named = {name: said for name, said in messages.rules.items() if wanted is None or name in wanted}
    return messages.model_copy(update={"rules": named, "labels": {}, "forms": {}, "letters": {}})


def of_table(contract: Contract, name: str) -> Contract:
    """Return a contract with no other tables than one, and those that it refers to."""
    needed, waiting = set(), [name]
    while waiting:
        table = waiting.pop()
        if table not in needed:
            needed.add(table)
            waiting += contract.tables[table].refers_to
    return contract.model_copy(update={"tables": {table: contract.tables[table] for table in sorted(needed)}})
