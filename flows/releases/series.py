"""Figures over the cycles, by the releases that readers see. `all_cycles` writes them as the table `figure_series`.

It lies beside the releases: what comes out in a later cycle would change an earlier one's, and who loads several
releases would have each value as often. All of it comes from releases, so it can be made again at any time.
"""

from __future__ import annotations

import polars as pl

from config import Config, Cycle
from config.near import named
from flows.core import names
from flows.core.records import Release
from flows.releases import shelf
from flows.stores import Store
from transforms.figures import former_names
from transforms.series import over_cycles


def of_all(public: Store, config: Config) -> pl.DataFrame:
    """Return every figure of every cycle, by the releases that readers see. Raises StoreError."""
    return _over(_shown(public, config), public, config)


def before(public: Store, cycle: Cycle, config: Config) -> pl.DataFrame:
    """Return every figure of the cycles before one, by the releases that readers see. Raises StoreError."""
    return _over([one for one in _shown(public, config) if one[0].number < cycle.number], public, config)


def of_figure(public: Store, config: Config, figure: str, mission: str) -> pl.DataFrame:
    """Return one figure over the cycles, the oldest first: of ALL, or of one mission.

    Raises ConfigError where there is no such figure, or it is not known for the mission.
    """
    every = of_all(public, config)
    if every.is_empty():
        raise names.nothing_released()
    newest = config.cycle(every["cycle"].max())  # type: ignore[arg-type]
    there = set(every["figure"])
    # by a title too, and by the name that it had in any cycle
    others = {title: name for name, title in titles(config).items()}
    written = (config.as_written or config).figures
    for cycle in config.cycles.values():
        others |= {old: name for name, old in former_names(written, cycle, ever=True).items()}
    name = named(figure, there, others) or names.figure(figure, there, config, newest)
    whose = names.mission(mission, config)
    own = every.filter(pl.col("figure") == name)
    found = own.filter(pl.col("mission") == whose)
    if found.is_empty():
        raise names.not_known_for(name, whose, own["mission"].unique(maintain_order=True).to_list())
    return found


def titles(config: Config) -> dict[str, str]:
    """Return the title of each figure that there is now, by its name over the cycles, without its year."""
    figures = (config.as_written or config).figures
    return {name: one.title.en.replace("{year}", "").strip(" ,()") for name, one in figures.items()}


def _shown(public: Store, config: Config) -> list[tuple[Cycle, Release]]:
    cycles = sorted(config.cycles.values(), key=lambda cycle: cycle.number)
    return [(cycle, release) for cycle in cycles if (release := shelf.latest(public, cycle))]


def _over(shown: list[tuple[Cycle, Release]], public: Store, config: Config) -> pl.DataFrame:
    written = config.as_written or config
    released = ((cycle, release.name, shelf.read_table(public, release, "figures")) for cycle, release in shown)
    return over_cycles(released, written.figures)
