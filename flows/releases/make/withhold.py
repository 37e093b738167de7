"""What must not be told stays untold: small cells are withheld, and a release is held against what is out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from config import Config, ConfigError, Cycle
from flows.core.errors import NotPublishable
from flows.core.records import Release
from flows.releases.shelf import read_table, releases
from flows.stores import Store
from transforms import confidentiality, known_sums
from transforms.known_sums import Earlier

if TYPE_CHECKING:
    from transforms.withholding import Withheld


def check(config: Config) -> None:
    """Raise ConfigError where a table or figure would show a strictly confidential source below its aggregation."""
    said = confidentiality.mistakes(config)
    if said:
        raise ConfigError("\n".join(said))


def earlier_releases(public: Store, config: Config) -> list[Earlier]:
    """Return what is out already: of each committed release, of any cycle, the tables that show protected cells.

    A table that several releases have alike is read once, and those releases count as the first of them.
    Raises StoreError where a release cannot be read, since what it shows is then not known.
    """
    return [
        Earlier(f"{cycle.folder}/{one.name}", cycle, {name: read_table(public, one, name) for name in tables})
        for cycle, one, tables in _out(public, config)
    ]


def known_by(public: Store, config: Config) -> list[tuple[str, dict[str, str]]]:
    """Return by what the tables are known that `earlier_releases` reads: of each release, their hashes."""
    return [(f"{cycle.folder}/{one.name}", tables) for cycle, one, tables in _out(public, config)]


def _out(public: Store, config: Config) -> Iterator[tuple[Cycle, Release, dict[str, str]]]:
    wanted = (*known_sums.protected(config), "figures")
    seen = set()
    for cycle in config.cycles.values():
        for release in releases(public, cycle):
            tables = {}
            for name in wanted:
                content = release.hashes.get(f"tables/{name}.parquet")
                # figures of a cycle are read against that cycle, others by their keys
                if content and (cycle.number, name, content) not in seen:
                    seen.add((cycle.number, name, content))
                    tables[name] = content
            if tables:
                yield cycle, release, tables


def concerned(config: Config) -> set[str]:
    """Return the tables that are looked at when small cells are suppressed; the others are published as they are."""
    shown = (shown.table for entry in config.disclosure.values() for shown in entry.shown_in.values())
    return {"figures", *config.disclosure, *shown}


def withhold(tables: Mapping[str, pl.DataFrame], config: Config, cycle: Cycle, earlier: Sequence[Earlier]) -> Withheld:
    """Return tables of a release, all that are `concerned`, with what has to be withheld taken out.

    Raises NotPublishable where a table has a column that its source does not allow.
    """
    from transforms import withholding

    for name, table in tables.items():
        extra = confidentiality.beyond(name, table.columns, config)
        if extra:
            raise NotPublishable(
                f"Nothing was published: the table {name} has the column '{extra[0]}', which config/disclosure.yaml "
                f"does not allow; take it from the table."
            )
    return withholding.withhold(tables, config, cycle, earlier)


def told(left_out: Mapping[str, str | None], config: Config) -> tuple[str, ...]:
    """Return a sentence for each table that a release leaves out: why, and what would bring it back."""
    said = []
    for table, by in sorted(left_out.items()):
        filled = {"table": table, "place": config.disclosure[table].place, **({"release": by} if by else {})}
        label = config.messages.labels["left_out_since_released" if by else "left_out"]
        said.append(label.en.format(**filled))
    return tuple(said)
