"""What must not be told stays untold: small cells are suppressed, and the audit holds a release against what is out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from config import Config, ConfigError, Cycle
from flows.release import Release, read_table, releases
from flows.store import Store
from transforms import confidentiality, known_sums
from transforms.known_sums import Earlier

if TYPE_CHECKING:
    from transforms.suppression import Recovered


class NotPublishable(Exception):
    """The curated tables may not go out; the text says what and where, and nothing is published."""


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


def withhold(
    tables: Mapping[str, pl.DataFrame], config: Config, cycle: Cycle, earlier: Sequence[Earlier]
) -> dict[str, pl.DataFrame]:
    """Return tables of a release, all that are `concerned`, with what has to be suppressed taken out.

    Raises NotPublishable where a table has a column that its source does not allow, or where a suppressed cell could
    be computed from what would be published.
    """
    from transforms import suppression

    for name, table in tables.items():
        extra = confidentiality.beyond(name, table.columns, config)
        if extra:
            raise NotPublishable(
                f"Nothing was published: the table {name} has the column '{extra[0]}', which config/disclosure.yaml "
                f"does not allow; take it from the table."
            )
    published = suppression.suppress(tables, config, cycle, earlier)
    recovered = suppression.audit(tables, published, config, cycle, earlier)
    if recovered:
        raise NotPublishable(_refusal(recovered[0], config))
    return published


def _refusal(one: Recovered, config: Config) -> str:
    place = config.disclosure[one.table].place
    cells = f"{one.cells} suppressed cell{'s' if one.cells > 1 else ''} of {one.count} in the table {one.table}"
    if one.by is None:
        return (
            f"Nothing was published: {cells} could be computed from the totals and figures that stay published; lower "
            f"the table's threshold or publish fewer totals ({place})."
        )
    return (
        f"Nothing was published: {cells} could be computed by subtracting the release {one.by}, which shows them or "
        f"what stands beside them; lower the table's threshold, or have the owner of the source agree and name that "
        f"release under 'disregard' ({place})."
    )
