"""Names as people write them, for every command: in small letters, by an alias or a former name, or nearly right.

Each function returns the name as it is known, and raises ConfigError with what is near where there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from config import Config, ConfigError, Cycle
from config.near import did_you_mean, named, plain
from config.overrides import WHOLE
from transforms.figures import former_names

# what stands for the newest release, and for the newest cycle of which there is one
LATEST = "latest"


def is_latest(said: str) -> bool:
    """Tell whether somebody asks for the newest one."""
    return plain(said) == LATEST


def mission(said: str, config: Config, *, whole: bool = True) -> str:
    """Return the acronym of a mission by that, or by an alias; ALL stands for the whole of peacekeeping."""
    known = [WHOLE, *config.missions] if whole else list(config.missions)
    aliases = {alias: acronym for acronym, one in config.missions.items() for alias in (*one.aliases, one.name)}
    # of two that are as near, the one that reports is meant, and not one that was closed long ago
    near = did_you_mean(said, config.reporting_missions) or did_you_mean(said, known)
    return _known("mission", said, known, aliases, "all of them stand in config/missions.yaml.", near)


def source(said: str, config: Config) -> str:
    """Return the name of a source by that, or by its title."""
    titles = {
        title: name
        for name, contract in config.contracts.items()
        for title in (contract.title.en, contract.title.fr)
        if title
    }
    return _known("source", said, config.contracts, titles, f"the sources are {', '.join(sorted(config.contracts))}.")


def source_table(said: str, of: str, config: Config) -> str:
    """Return the name of a table of a source."""
    tables = config.contract(of).tables
    return _known("table", said, tables, {}, f"the tables of {of} are {', '.join(tables)}.")


def figure(said: str, there: Collection[str], config: Config, cycle: Cycle) -> str:
    """Return the name of a figure of a cycle by that, or by its title; `there` are those that releases have.

    A figure that was renamed is known by the name that it has now, and by the one that it had.
    """
    others: dict[str, str] = {}
    for name, definition in (config.as_written or config).figures.items():
        others[definition.title.of_year(cycle.last_calendar_year).en] = name
    for name, then in former_names((config.as_written or config).figures, cycle, ever=True).items():
        others |= {then: name, name: then}
    return _known("figure", said, there, others, f"see them with: a4p figures --cycle {cycle.number}")


def nothing_released() -> ConfigError:
    """Return what is told where no cycle has a release."""
    return ConfigError("No cycle has a release yet; make one with: a4p refresh --cycle N")


def not_known_for(figure: str, mission: str, missions: Sequence[str]) -> ConfigError:
    """Return what is told where a figure is there, and not for a mission."""
    return ConfigError(f"The figure '{figure}' is not known for {mission}; it is for {', '.join(missions)}.")


def _known(
    what: str, said: str, names: Collection[str], others: Mapping[str, str], every: str, near: str | None = None
) -> str:
    """Return the name that is meant; `every` says what all of them are, `near` which are near where that is known."""
    name = named(said, names, others)
    if name is not None:
        return name
    near = did_you_mean(said, names) if near is None else near
    raise ConfigError(f"There is no {what} '{said}'; {f'{near} {every[:1].upper()}{every[1:]}' if near else every}")
