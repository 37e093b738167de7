"""Some of a release's figures: those of some names, missions and priorities."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from config import Config, ConfigError, Cycle, Figure
from flows.core import names
from transforms.figures import former_names, under_both_names


def chosen(
    table: pl.DataFrame,
    config: Config,
    cycle: Cycle,
    figure: str | Sequence[str] = (),
    mission: str | Sequence[str] = (),
    priority: int | Sequence[int] = (),
) -> pl.DataFrame:
    """Return those rows of a table of figures that are asked for, all where nothing is named.

    A figure that was renamed is found under both names. Raises ConfigError where there is no such figure, mission or
    priority, or no row that is of all that is named.
    """
    figures = (figure,) if isinstance(figure, str) else tuple(figure)
    missions = (mission,) if isinstance(mission, str) else tuple(mission)
    priorities = (priority,) if isinstance(priority, int) else tuple(priority)
    kept = table
    if figures:
        every = under_both_names(table, former_names(config.figures, cycle, ever=True))
        wanted = [names.figure(said, set(every["figure"]), config, cycle) for said in figures]
        kept = every.filter(pl.col("figure").is_in(wanted))
    if missions:
        acronyms = [names.mission(said, config) for said in missions]
        kept = kept.filter(pl.col("mission").is_in(acronyms))
    if priorities:
        of = {name: _priority(name, config, cycle) for name in set(kept["figure"])}
        known = sorted({one.priority for one in config.figures.values()})
        if missing := [one for one in priorities if one not in known]:
            raise ConfigError(f"There is no priority {missing[0]}; they are {', '.join(map(str, known))}.")
        kept = kept.filter(pl.col("figure").is_in([name for name in of if of[name] in priorities]))
    if kept.is_empty() and not table.is_empty():
        said = [*figures, *missions, *(f"priority {one}" for one in priorities)]
        raise ConfigError(f"No figure is of {' and '.join(said)}; see all with: a4p figures --cycle {cycle.number}")
    return kept


def definition_of(figure: str, config: Config, cycle: Cycle) -> Figure | None:
    """Return the definition of a figure by the name that it has in a cycle or had before; None where there is none."""
    then = {old: now for now, old in former_names(config.figures, cycle, ever=True).items()}
    return config.figures.get(then.get(figure, figure))


def title(figure: str, config: Config, cycle: Cycle) -> str:
    """Return a figure's title in English, with its year where it has one; '' where nothing defines it any more."""
    definition = definition_of(figure, config, cycle)
    return definition.title.of_year(cycle.last_calendar_year).en if definition else ""


def _priority(figure: str, config: Config, cycle: Cycle) -> int | None:
    definition = definition_of(figure, config, cycle)
    return definition.priority if definition else None
