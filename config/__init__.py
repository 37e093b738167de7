"""Facts that people edit, as YAML, and the one loader that checks them.

from config import load
config = load()
config.missions["UNIFIL"].reports
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache, wraps
from importlib.metadata import version
from inspect import signature
from pathlib import Path
from typing import ParamSpec, TypeVar

from pydantic import RootModel, model_validator

from config import checks, dated, layers
from config.alerts import Alerts, read_alerts
from config.audiences import Audiences, read_audiences
from config.countries import read_countries
from config.disclosure import Disclosure, ShownIn, read_disclosure
from config.errors import ConfigError
from config.figures import Figure, ParityTarget, PublishedFigure, read_published
from config.hosts import Host, read_hosts
from config.labels import NONE, Frozen, Label, Language, normalised_header, readable
from config.loader import parse, read
from config.messages import Messages, Phrase
from config.models import (
    Column,
    Contract,
    Cycle,
    Source,
    Table,
)
from config.overrides import Acceptance, Correction, Waiver, read_accepted, read_corrections, read_waivers
from config.parts import OfClassified, OfFigures, OfFiles, OfFound, OfRows, OfTables
from config.places import Country, Mission
from config.proof import Proof, read_proof
from config.publication import Publication, read_publication
from config.schedules import Schedules, read_schedules

__all__ = [
    "NONE",
    "Acceptance",
    "Alerts",
    "Column",
    "Config",
    "ConfigError",
    "Contract",
    "Correction",
    "Country",
    "Cycle",
    "Disclosure",
    "Figure",
    "Host",
    "Label",
    "Language",
    "Messages",
    "Mission",
    "ParityTarget",
    "Phrase",
    "Proof",
    "Publication",
    "PublishedFigure",
    "Schedules",
    "ShownIn",
    "Source",
    "Table",
    "Waiver",
    "by_its_config",
    "code_folder",
    "in_force",
    "load",
    "normalised_header",
    "read_published",
    "readable",
]

HERE = layers.HERE
P = ParamSpec("P")
R = TypeVar("R")


class _Missions(RootModel[dict[str, Mission]]):
    """Every mission that a source may name; no two share a name or an alias."""

    @model_validator(mode="after")
    def _aliases_are_unique(self) -> _Missions:
        taken = dict.fromkeys(self.root, "")
        for code, mission in self.root.items():
            for alias in mission.aliases:
                if alias in taken:
                    raise ValueError(f"the alias '{alias}' of {code} is taken by {taken[alias] or alias}")
                taken[alias] = code
        return self


class _Figures(RootModel[dict[str, Figure]]):
    """The report's figures by name."""


class _Cycles(Frozen):
    cycles: tuple[Cycle, ...]


class _Targets(Frozen):
    uniformed_women: tuple[ParityTarget, ...]


@dataclass(frozen=True, kw_only=True)
class Config(OfFiles, OfRows, OfFound, OfClassified, OfTables, OfFigures):
    """Everything that the YAML files say; what changes over the years as it is written, or as it is in one cycle.

    `as_written` is the configuration that one of a cycle was made of, so that it leads to those of other cycles.
    """

    missions: dict[str, Mission]
    countries: dict[str, Country]
    cycles: dict[int, Cycle]
    figures: dict[str, Figure]
    contracts: dict[str, Contract]
    schedules: Schedules
    published: dict[int, tuple[PublishedFigure, ...]]
    publication: Publication
    proof: Proof
    audiences: Audiences = field(default_factory=Audiences)
    alerts: Alerts = field(default_factory=Alerts)
    disclosure: dict[str, Disclosure] = field(default_factory=dict)
    # where modules of tables and rules of the user's are looked for beside the pipeline's own (config.own_code)
    folder: Path | None = field(default=None, compare=False)
    as_written: Config | None = field(default=None, compare=False, repr=False)

    def of_cycle(self, number: int) -> Config:
        """Return the configuration with the facts of a cycle: what was changed for later ones is as it was."""
        written = self.as_written or self
        if not written.turns:
            return self
        return replace(
            self,
            missions=dated.of_cycle(written.missions, number),
            figures=dated.of_cycle(written.figures, number),
            contracts=dated.of_cycle(written.contracts, number),
            disclosure=dated.of_cycle(written.disclosure, number),
            as_written=written,
        )

    @property
    def turns(self) -> frozenset[int]:
        """The cycles from which on some fact is otherwise than before."""
        lists = (self.missions, self.figures, self.contracts, self.disclosure)
        return frozenset(turn for entries in lists for turn in dated.turns(entries))

    @property
    def of_different_facts(self) -> tuple[int, ...]:
        """The cycles whose facts differ from those of the cycle before, the first one among them."""
        turns = self.turns
        return tuple(number for number in sorted(self.cycles) if number in turns or number == min(self.cycles))

    @property
    def reporting_missions(self) -> tuple[str, ...]:
        """The missions that send an A4P+ workbook, in alphabetical order."""
        return tuple(sorted(code for code, mission in self.missions.items() if mission.reports))

    @property
    def missions_of_any_cycle(self) -> tuple[str, ...]:
        """The missions that send one in some cycle, for where nobody has said yet which cycle it is."""
        each = (self.of_cycle(number).reporting_missions for number in self.of_different_facts)
        return tuple(sorted({mission for missions in each for mission in missions}))

    def cycle(self, number: int) -> Cycle:
        """Return a cycle by its number; raises ConfigError where it is not in cycles.yaml."""
        if number not in self.cycles:
            known = ", ".join(str(known) for known in sorted(self.cycles))
            raise ConfigError(f"Cycle {number} is not in config/cycles.yaml; it knows {known}. Add its dates there.")
        return self.cycles[number]

    def table_contract(self, table: str) -> tuple[Contract, Table]:
        """Return the contract and definition of a source table, by the table's name."""
        for contract in self.contracts.values():
            if table in contract.tables:
                return contract, contract.tables[table]
        raise ConfigError(f"No contract has a table '{table}'.")


_IN_FORCE: ContextVar[Config | None] = ContextVar("configuration in force", default=None)


@contextmanager
def in_force(config: Config) -> Iterator[None]:
    """Have `load` return this configuration, where no folder is named, until the body ends; in this thread."""
    before = _IN_FORCE.set(config)
    try:
        yield
    finally:
        _IN_FORCE.reset(before)


def by_its_config(function: Callable[P, R]) -> Callable[P, R]:
    """Have all that a function does go by the configuration that it is handed, as its argument `config`."""
    takes = signature(function)

    @wraps(function)
    def held(*arguments: P.args, **named: P.kwargs) -> R:
        with in_force(takes.bind(*arguments, **named).arguments["config"]):
            return function(*arguments, **named)

    return held


def load(folder: Path | None = None) -> Config:
    """Load and check the configuration: the pipeline's own, with the user's folder laid over it (config.layers).

    In: the user's folder; where none is given, a configuration that somebody handed in (`in_force`), else the folder
    that A4P_CONFIG names. Raises ConfigError that names file and line for each mistake.
    """
    given = None if folder else _IN_FORCE.get()
    return given or _load(layers.roots(folder))


def code_folder() -> Path | None:
    """Return the user's folder whose modules of tables and rules take part: of the configuration that is in force.

    Where none was handed in, it is the one that A4P_CONFIG names, None where that names none.
    """
    given = _IN_FORCE.get()
    return given.folder if given else _folder_of_the_environment(os.environ.get("A4P_CONFIG"), os.getcwd())


@cache
def _folder_of_the_environment(*_asked: str | None) -> Path | None:
    # asked for each table and rule
    return _user_folder(layers.roots())


def _user_folder(folders: tuple[Path, ...]) -> Path | None:
    return folders[0] if len(folders) > 1 else None


@cache
def _load(folders: tuple[Path, ...]) -> Config:
    try:
        return _read(folders)
    except ConfigError as error:
        before = [layers.version_of(folder) for folder in folders[:-1]]
        here = version("a4p-pipeline")
        if not any(before) or before == [here]:
            raise
        raise ConfigError(
            f"{error}\nThe folder {folders[0]} was written for version {before[0]}, and this is {here}; "
            "CHANGELOG.md says what has changed since."
        ) from None


def _read(folders: tuple[Path, ...]) -> Config:
    document = layers.document(folders, "cycles.yaml")
    cycles = parse(document, _Cycles).cycles
    checks.cycles_follow(cycles, document)
    numbers = {cycle.number for cycle in cycles}
    contracts = _contracts(folders, numbers)
    document = layers.document(folders, "missions.yaml")
    missions = parse(document, _Missions).root
    dated.check(missions, numbers, document)
    figures_document = layers.document(folders, "figures.yaml")
    figures = parse(figures_document, _Figures).root
    dated.check(figures, numbers, figures_document)
    checks.names_hold_no_year(figures, figures_document)
    checks.former_names_are_free(figures, numbers, figures_document)
    for name, figure in figures.items():
        figure._place = figures_document.place((name,))
    document = layers.document(folders, "disclosure.yaml")
    disclosure = read_disclosure(document, figures, figures_document)
    dated.check(disclosure, numbers, document)
    countries = read_countries(layers.document(folders, "countries.yaml"))
    return Config(
        folder=_user_folder(folders),
        missions=missions,
        countries=countries,
        hosts=read_hosts(layers.document(folders, "host_countries.yaml"), missions, countries),
        cycles={cycle.number: cycle for cycle in sorted(cycles, key=lambda cycle: cycle.number)},
        figures=figures,
        parity_targets=parse(layers.document(folders, "parity_targets.yaml"), _Targets).uniformed_women,
        contracts=contracts,
        messages=parse(layers.document(folders, "messages.yaml"), Messages),
        schedules=read_schedules(layers.document(folders, "schedules.yaml"), contracts),
        published={
            int(path.stem.removeprefix("report-")): read_published(path)
            for path in layers.files(folders, "published/report-*.csv")
        },
        publication=read_publication(layers.document(folders, "publication.yaml")),
        proof=read_proof(
            layers.document(folders, "proof.yaml"),
            *(
                _of_all(folders, name, known)
                for name, known in (("figures.yaml", figures), ("missions.yaml", missions))
            ),
        ),
        audiences=read_audiences(layers.document(folders, "audiences.yaml")),
        corrections=read_corrections(layers.document(folders, "corrections.yaml"), contracts),
        waivers=read_waivers(layers.document(folders, "waivers.yaml"), contracts, missions),
        accepted=read_accepted(layers.document(folders, "accepted.yaml"), figures, numbers, missions),
        alerts=read_alerts(layers.document(folders, "alerts.yaml"), contracts, missions),
        disclosure=disclosure,
    )


def _of_all(folders: tuple[Path, ...], name: str, known: Collection[str]) -> set[str]:
    """Return the names that a file knows, those that the user took away too: what is said of these harms nobody."""
    return {*known, *(read(folders[-1] / name).data if len(folders) > 1 else ())}


def _contracts(folders: tuple[Path, ...], cycles: Collection[int]) -> dict[str, Contract]:
    contracts: dict[str, Contract] = {}
    tables: dict[str, str] = {}
    for path in layers.files(folders, "sources/*.yaml"):
        document = read(path)
        if document.data is None and path.parent.parent != folders[-1]:
            # an empty file of the user's takes the source away
            continue
        contract = parse(document, Contract)
        dated.check_entry(contract, cycles, document)
        contract._place = document.place(("classification",))
        if contract.source != path.stem:
            raise document.mistake(("source",), f"the source must be named as its file, '{path.stem}'")
        for table in contract.tables:
            if table in tables:
                said = f"the table '{table}' is already one of {tables[table]}; name it otherwise"
                raise document.mistake(("tables", table), said)
            tables[table] = contract.source
        contracts[contract.source] = contract
    return contracts
