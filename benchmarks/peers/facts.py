"""What the programs know beside the raw files: contracts, missions, countries, cycles and targets, as plain YAML.

No code of the pipeline: only its facts, so that the programs check the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pycountry
import yaml

CONFIG = Path(__file__).parents[2] / "config"
SOURCES = (
    "noticas",
    "uniformed_personnel",
    "conduct_allegations",
    "military_unit_evaluations",
    "fpu_evaluations",
)
CYCLES = (4, 5)
OPERATION = "peacekeeping operation"
FIRST_DAY = date(2017, 1, 1)
FIRST_YEAR_OF_ACTIONS = 2010
TARGET_YEARS = range(2018, 2029)
CATEGORY = {
    "Troops": "Military contingents",
    "Experts on Mission": "Military observers and staff officers",
    "Staff Officers": "Military observers and staff officers",
    "Formed Police Units": "Formed police units",
    "Individual Police": "Individual police officers",
}
POOR = {
    "military_unit_evaluations": ("Unsatisfactory", "Satisfactory with shortfalls"),
    "fpu_evaluations": ("Unsatisfactory", "Needs improvement"),
}
YES = ("y", "yes", "oui", "o", "x", "true", "1", "✓")
NO = ("n", "no", "non", "false", "0", "none")
# every value as it is written: a code such as 010 is no number
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class Table:
    """A source table: its name, source and sheet, and what its contract says of it, as in the YAML."""

    name: str
    source: str
    contract: dict[str, Any]

    @property
    def columns(self) -> dict[str, dict[str, Any]]:
        """The columns that are read; personal ones are not."""
        return {name: said for name, said in self.contract["columns"].items() if not said.get("personal")}

    @property
    def headers(self) -> dict[str, str]:
        """The column that each spelling of a header names."""
        found = {}
        for name, said in self.columns.items():
            title = said.get("title") or []
            titles = list(title.values()) if isinstance(title, dict) else [title] if title else []
            found.update({spelled(header): name for header in (name, *said.get("named", ()), *titles)})
        return found

    @property
    def parent(self) -> str | None:
        """The table that this one refers to, by mission and unit."""
        return next(iter(self.contract.get("refers_to", ())), None)


@dataclass(frozen=True)
class Cycle:
    """A reporting period, both days included; the yearly figures are of `year`."""

    number: int
    start: date
    end: date

    @property
    def year(self) -> int:
        """The last calendar year that was over when the cycle ended."""
        return self.end.year if (self.end.month, self.end.day) == (12, 31) else self.end.year - 1

    @property
    def second_quarter(self) -> date:
        """The first day of its last three months."""
        months = self.start.month + 2
        return date(self.start.year + months // 12, months % 12 + 1, 1)


@dataclass(frozen=True)
class Mission:
    """A mission: its acronym, kind, first and last day where known, how it is spelled.

    Whether it reports, and whether its allegations are counted.
    """

    code: str
    kind: str
    start: date | None
    end: date | None
    reports: bool
    in_conduct_data: bool
    spellings: tuple[str, ...]


def tables() -> list[Table]:
    """Return the source tables, those that others refer to first."""
    return [
        Table(name, source, contract)
        for source in SOURCES
        for name, contract in _yaml(f"sources/{source}.yaml")["tables"].items()
    ]


def cycles() -> list[Cycle]:
    """Return the cycles that are read, in order."""
    known = _yaml("cycles.yaml")["cycles"]
    days = date.fromisoformat
    found = [Cycle(int(said["number"]), days(said["start"]), days(said["end"])) for said in known]
    return [cycle for cycle in found if cycle.number in CYCLES]


def missions() -> list[Mission]:
    """Return every mission that a source may name."""
    return [
        Mission(
            code,
            said.get("kind", OPERATION),
            _day(said.get("start")),
            _day(said.get("end")),
            "reports" in said,
            "in_conduct_data" in said or "reports" in said,
            (code, *said.get("aliases", ())),
        )
        for code, said in _yaml("missions.yaml").items()
    ]


def mission_codes() -> dict[str, str]:
    """Return the acronym for each spelling of a mission, in upper case."""
    return {spelling.upper(): mission.code for mission in missions() for spelling in mission.spellings}


def countries() -> list[tuple[str, str, str]]:
    """Return, for each spelling of a country in lower case, its M49 and ISO alpha-3 codes."""
    known = {one.alpha_3: {"m49": one.numeric, "name": one.name} for one in pycountry.countries}
    for iso3, said in _yaml("countries.yaml").items():
        known[iso3] = {**known.get(iso3, {}), **said} if isinstance(said, dict) else {}
    return [
        (spelling.lower(), said["m49"], iso3)
        for iso3, said in sorted(known.items())
        if said
        for spelling in (said["name"], *said.get("aliases", ()))
    ]


def targets() -> Iterator[tuple[str, int, float, bool]]:
    """Give the share of women that each category is to reach in a year, and whether it is derived."""
    known: dict[str, dict[int, float]] = {}
    for said in _yaml("parity_targets.yaml")["uniformed_women"]:
        known.setdefault(said["category"], {})[int(said["year"])] = float(said["women_pct"])
    for category, stated in known.items():
        for year in TARGET_YEARS:
            yield category, year, _target(stated, year), year not in stated


def files(inbox: Path, cycle: Cycle, source: str) -> list[tuple[Path, date]]:
    """Return a source's files of a cycle, with the day on which each was received."""
    folder = inbox / f"cycle-{cycle.number:02d}" / source
    return [(path, datetime.fromtimestamp(path.stat().st_mtime, UTC).date()) for path in sorted(folder.glob("*.*"))]


def spelled(header: str) -> str:
    """Return a header as it is compared."""
    return re.sub(r"[\W_]+", "_", header.lower()).strip("_")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _target(stated: dict[int, float], year: int) -> float:
    before = max((known for known in stated if known <= year), default=None)
    after = min((known for known in stated if known >= year), default=None)
    if before is None or after is None:
        nearest = before if after is None else after
        return stated[nearest] + year - nearest  # type: ignore[index,operator]
    if before == after:
        return stated[before]
    return round(stated[before] + (stated[after] - stated[before]) * (year - before) / (after - before), 2)


def _yaml(name: str) -> Any:
    return yaml.load((CONFIG / name).read_text(), Loader=_LOADER)
