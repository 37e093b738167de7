"""What must not be told stays untold: small cells are withheld, and a release is held against what is out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from config import Config, ConfigError, Cycle, Figure
from config.parts import OfSmallCells
from flows.core.errors import NotPublishable
from flows.releases.shelf import get, read_table, releases
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


@dataclass(frozen=True)
class Out:
    """A release that is out: the tables of it that show protected cells, each with the hash of its content.

    `figures` defines its figures, where its cycle defines one otherwise.
    """

    cycle: Cycle
    release: str
    tables: Mapping[str, str]
    figures: Mapping[str, Figure] | None = None


def out(public: Store, config: Config) -> list[Out]:
    """Return what is out already: of each committed release, of any cycle, the tables that show protected cells.

    A table that several releases have alike stands there once, and those releases count as the first of them.
    """
    wanted = (*known_sums.protected(config), "figures")
    found, seen = [], set()
    for cycle in config.cycles.values():
        then = config.of_cycle(cycle.number).figures
        defined = None if then == config.figures else then
        for release in releases(public, cycle):
            tables = {}
            for name in wanted:
                content = release.hashes.get(f"tables/{name}.parquet")
                # figures of a cycle are read against that cycle, others by their keys
                if content and (cycle.number, name, content) not in seen:
                    seen.add((cycle.number, name, content))
                    tables[name] = content
            if tables:
                found.append(Out(cycle, release.name, tables, defined))
    return found


def earlier_releases(public: Store, out: Sequence[Out]) -> list[Earlier]:
    """Return the tables of releases that are out.

    Raises StoreError where a release cannot be read, since what it shows is then not known.
    """
    made = []
    for one in out:
        release = get(public, one.cycle, one.release)
        shown = {name: read_table(public, release, name) for name in one.tables}
        made.append(Earlier(f"{one.cycle.folder}/{one.release}", one.cycle, shown, one.figures))
    return made


def concerned(config: OfSmallCells) -> set[str]:
    """Return the tables that are looked at when small cells are suppressed; the others are published as they are."""
    shown = (shown.table for entry in config.disclosure.values() for shown in entry.shown_in.values())
    return {"figures", *config.disclosure, *shown}


def withhold(
    tables: Mapping[str, pl.DataFrame], config: OfSmallCells, cycle: Cycle, earlier: Sequence[Earlier]
) -> Withheld:
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
