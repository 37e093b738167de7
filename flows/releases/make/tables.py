"""Staged tables become curated ones: what was accepted, up to a day where one is asked for, through the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from config import Cycle
from config.parts import Contracts, OfTables
from flows.core.records import GatedTable
from flows.stores import Store, frames
from transforms import catalogue

_MISSION = {"mission", "mission_or_total"}


@dataclass(frozen=True)
class Rows:
    """The rows of a frame in the private store, those alone whose day in a column is not after `until`."""

    path: str
    dated_by: str | None = None
    until: date | None = None

    def scan(self, private: Store) -> pl.LazyFrame:
        """Scan them."""
        staged = frames.scan(private, self.path)
        return staged.filter(pl.col(self.dated_by) <= self.until) if self.dated_by and self.until else staged


@dataclass(frozen=True)
class Accepted:
    """The accepted rows of a source table: whose they are, the newest day of all of them, the files that they came in.

    `within_cycle` says that events of one cycle are told, which need not reach its last day; `lists` that a mission
    without a row has none of what the table lists, and has not left it open.
    """

    source: str
    table: str
    rows: Rows
    newest: date | None
    files: tuple[str, ...]
    within_cycle: bool
    lists: bool = False


def accepted(gated: Sequence[GatedTable], config: Contracts, as_of: date | None) -> list[Accepted]:
    """Return what was accepted of each source table, up to a day where one is asked for."""
    made = []
    for one in gated:
        table = config.contract(one.source).tables[one.table]
        rows = Rows(one.staged, table.dated_by, as_of) if as_of and table.dated_by else Rows(one.staged)
        # where a row is what a headquarters' source says of a mission, one that it leaves out has not none
        lists = config.contract(one.source).sent_by == "missions" or not set(table.key) <= _MISSION
        files = tuple(sorted(one.rows))
        made.append(Accepted(one.source, one.table, rows, one.newest, files, table.within_cycle, lists))
    return made


def tables(
    staged: Mapping[str, Rows], known: Mapping[str, str], config: OfTables, cycle: Cycle, private: Store
) -> dict[str, str]:
    """Make the curated tables of a cycle, private ones included, but for those whose paths are known.

    In: the accepted rows of every source table. Out: the path of every curated table, in the catalogue's order.
    """
    lazy = catalogue.curate(
        {name: rows.scan(private) for name, rows in staged.items()},
        config,
        cycle,
        {name: frames.scan(private, path) for name, path in known.items()},
    )
    made = dict(zip(lazy, pl.collect_all(list(lazy.values())), strict=True))
    paths = dict(known) | {name: frames.put(private, f"curated/{name}", frame) for name, frame in made.items()}
    return {name: paths[name] for name in catalogue.tables()}
