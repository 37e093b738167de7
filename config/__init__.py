"""Facts that people edit, as YAML, and the one loader that checks them.

from config import load
config = load()
config.missions["UNIFIL"].reports
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import RootModel, model_validator

from config.alerts import Alerts, read_alerts
from config.disclosure import Disclosure, ShownIn, read_disclosure
from config.errors import ConfigError
from config.labels import NONE, Frozen, Label, Language, normalised_header
from config.loader import parse, read, read_table
from config.messages import Messages, Phrase
from config.models import (
    Column,
    Contract,
    Country,
    Cycle,
    Figure,
    Mission,
    ParityTarget,
    PublishedFigure,
    Source,
    Table,
)
from config.overrides import Correction, Waiver, read_corrections, read_waivers
from config.parts import OfFigures, OfFiles, OfFound, OfRows, OfSmallCells, OfTables
from config.schedules import Schedules, read_schedules

__all__ = [
    "NONE",
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
    "Label",
    "Language",
    "Messages",
    "Mission",
    "ParityTarget",
    "Phrase",
    "PublishedFigure",
    "Schedules",
    "ShownIn",
    "Source",
    "Table",
    "Waiver",
    "in_force",
    "load",
    "normalised_header",
]

HERE = Path(__file__).parent


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


class _Countries(RootModel[dict[str, Country]]):
    """Countries and areas by ISO 3166 alpha-3."""


class _Figures(RootModel[dict[str, Figure]]):
    """The report's figures by name; a name may hold `{year}`, the year of a yearly window."""


class _Cycles(Frozen):
    cycles: tuple[Cycle, ...]


class _Targets(Frozen):
    uniformed_women: tuple[ParityTarget, ...]


@dataclass(frozen=True, kw_only=True)
class Config(OfFiles, OfRows, OfFound, OfTables, OfFigures, OfSmallCells):
    """Everything that the YAML files say."""

    missions: dict[str, Mission]
    countries: dict[str, Country]
    cycles: dict[int, Cycle]
    figures: dict[str, Figure]
    contracts: dict[str, Contract]
    schedules: Schedules
    published: dict[int, tuple[PublishedFigure, ...]]
    alerts: Alerts = field(default_factory=Alerts)
    disclosure: dict[str, Disclosure] = field(default_factory=dict)

    @property
    def reporting_missions(self) -> tuple[str, ...]:
        """The missions that send an A4P+ workbook, in alphabetical order."""
        return tuple(sorted(code for code, mission in self.missions.items() if mission.reports))

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


def load(folder: Path | None = None) -> Config:
    """Load and check every YAML file of a folder; where none is named, of the config room.

    A configuration that somebody handed in (`in_force`) goes before that of the config room.
    Raises ConfigError that names file and line for each mistake.
    """
    return _load(folder) if folder else _IN_FORCE.get() or _load(HERE)


@cache
def _load(folder: Path) -> Config:
    contracts: dict[str, Contract] = {}
    tables: dict[str, str] = {}
    for path in sorted((folder / "sources").glob("*.yaml")):
        document = read(path)
        contract = parse(document, Contract)
        contract._place = f"config/sources/{path.name}:{document.line(('classification',))}"
        if contract.source != path.stem:
            raise ConfigError(
                f"{path}:{document.line(('source',))}: the source must be named as its file, '{path.stem}'."
            )
        for table in contract.tables:
            if table in tables:
                line = document.line(("tables", table))
                raise ConfigError(
                    f"{path}:{line}: the table '{table}' is already one of {tables[table]}; name it otherwise."
                )
            tables[table] = contract.source
        contracts[contract.source] = contract
    cycles = parse(read(folder / "cycles.yaml"), _Cycles).cycles
    missions = parse(read(folder / "missions.yaml"), _Missions).root
    document = read(folder / "figures.yaml")
    figures = parse(document, _Figures).root
    for name, figure in figures.items():
        figure._place = f"config/figures.yaml:{document.line((name,))}"
    return Config(
        missions=missions,
        countries=parse(read(folder / "countries.yaml"), _Countries).root,
        cycles={cycle.number: cycle for cycle in cycles},
        figures=figures,
        parity_targets=parse(read(folder / "parity_targets.yaml"), _Targets).uniformed_women,
        contracts=contracts,
        messages=parse(read(folder / "messages.yaml"), Messages),
        schedules=read_schedules(folder / "schedules.yaml", contracts),
        published={
            int(path.stem.removeprefix("report-")): read_table(path, PublishedFigure)
            for path in sorted((folder / "published").glob("report-*.csv"))
        },
        corrections=read_corrections(folder / "corrections.yaml", contracts),
        waivers=read_waivers(folder / "waivers.yaml", contracts, missions),
        alerts=read_alerts(folder / "alerts.yaml", contracts, missions),
        disclosure=read_disclosure(folder / "disclosure.yaml", figures, document),
    )
