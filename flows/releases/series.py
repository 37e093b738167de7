"""Figures over the cycles: the table `figure_series`, which is of no release but of all that readers see.

    current/all/tables/figure_series.parquet, .csv    made anew with each release that readers are led to
    current/all/release.json                          written after them: of which releases, and the hash of each file

It lies beside the releases: what comes out in a later cycle would change an earlier one's, and who loads several
releases would have each value as often. All of it comes from releases, so it can be made again at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import polars as pl

from config import Config, Cycle
from config.near import named
from flows.core import names
from flows.core.canonical import as_json, hash_of
from flows.core.errors import NotThere
from flows.core.records import Release
from flows.releases import shelf
from flows.releases.make.descriptor import table_files
from flows.stores import Store
from transforms.figures import former_names
from transforms.series import NAME, over_cycles

FOLDER = "current/all"
_TOLD = f"{FOLDER}/release.json"


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


def show(public: Store, config: Config) -> None:
    """Make the table that readers follow that of the releases that they see now. Raises StoreError."""
    shown = None
    # of several publishers at work the last one leaves the newest there, whoever wrote in between
    while (now := _shown(public, config)) and (told := _releases(now)) != shown:
        files = {f"{FOLDER}/{path}": data for path, data in table_files({NAME: _over(now, public, config)}).items()}
        for path, data in files.items():
            _replace(public, path, data)
        hashes = {path.removeprefix(f"{FOLDER}/"): hash_of(data) for path, data in sorted(files.items())}
        _replace(public, _TOLD, as_json({"releases": told, "hashes": hashes}))
        shown = told


def problems(public: Store) -> Iterator[str]:
    """Say of each file of the table whether it is missing or not what was written; nothing where there is none."""
    try:
        hashes = json.loads(public.read(_TOLD))["hashes"]
    except NotThere:
        return
    except (ValueError, KeyError, TypeError):
        yield f"{_TOLD} is damaged; run a4p refresh to put it right."
        return
    for path, wanted in hashes.items():
        try:
            if hash_of(public.read(f"{FOLDER}/{path}")) != wanted:
                yield f"{FOLDER}/{path} is not what was written; run a4p refresh to put it right."
        except NotThere:
            yield f"{FOLDER}/{path} is missing; run a4p refresh to put it right."


def _shown(public: Store, config: Config) -> list[tuple[Cycle, Release]]:
    cycles = sorted(config.cycles.values(), key=lambda cycle: cycle.number)
    return [(cycle, release) for cycle in cycles if (release := shelf.latest(public, cycle))]


def _releases(shown: list[tuple[Cycle, Release]]) -> dict[str, str]:
    return {cycle.folder: release.name for cycle, release in shown}


def _over(shown: list[tuple[Cycle, Release]], public: Store, config: Config) -> pl.DataFrame:
    written = config.as_written or config
    released = ((cycle, release.name, shelf.read_table(public, release, "figures")) for cycle, release in shown)
    return over_cycles(released, written.figures)


def _replace(public: Store, path: str, data: bytes) -> None:
    try:
        if public.read(path) == data:
            return
    except NotThere:
        pass
    public.write(path, data)
