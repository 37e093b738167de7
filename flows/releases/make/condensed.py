"""What has to be known of every release whenever small cells are suppressed, so that none is read again for it.

    kept/out-cycle-05.json    of each release: hashes of the tables that were asked for, and where the rows lie of these

It is there to be quick: what is lost, damaged or asked for otherwise is read from the releases again. What it says of a
release holds as long as the release's descriptor has the size and the time of writing that it had then. It goes when a
file is erased, as all of `kept` does, and names nothing that the making of a release (`lineage`) does not name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from config import Cycle
from flows.core.errors import NotThere
from flows.releases import shelf
from flows.releases.make import lineage
from flows.stores import Entry, Store, checked


@dataclass(frozen=True)
class Condensed:
    """Of a release: the hash of each table, where the rows lie of each source table, and up to which day they count.

    `whole` tells whether what is kept of its making was there.
    """

    tables: Mapping[str, str]
    rows: Mapping[str, str]
    as_of: str | None
    whole: bool


@dataclass(frozen=True)
class _Kept:
    """What was kept: for which tables and source tables, and of each release with the descriptor that it was read from.

    Size and time of writing say which one that was.
    """

    tables: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    releases: Mapping[str, tuple[int, str, Condensed]] = field(default_factory=dict)


_KEPT = TypeAdapter(_Kept)


def every(
    public: Store, private: Store, cycle: Cycle, tables: Collection[str], rows: Collection[str]
) -> dict[str, Condensed]:
    """Return what is to be known of each committed release of a cycle, oldest first; only new ones are read.

    In: the tables that have to be known, and the source tables whose rows have to be. Raises StoreError where a store
    fails, or a release cannot be read.
    """
    wanted = _Kept(tuple(sorted(tables)), tuple(sorted(rows)))
    before = _before(private, cycle)
    if (before.tables, before.rows) != (wanted.tables, wanted.rows):
        before = wanted
    there = shelf.descriptors(public, cycle)
    now = {
        name: before.releases[name]
        if _is_of(before, name, one)
        else (*_of(one), _read(public, private, cycle, name, wanted))
        for name, one in there.items()
    }
    # of one whose making is lost it may come back
    kept = {name: said for name, said in now.items() if said[2].whole}
    if kept != before.releases:
        said = _Kept(wanted.tables, wanted.rows, kept)
        checked.write_json(private, _path(cycle), _KEPT.dump_json(said), lasting=False)
    return {name: said[2] for name, said in now.items()}


def _read(public: Store, private: Store, cycle: Cycle, name: str, wanted: _Kept) -> Condensed:
    release = shelf.get(public, cycle, name)
    hashes = {table: release.hashes.get(f"tables/{table}.parquet") for table in wanted.tables}
    tables = {table: content for table, content in hashes.items() if content}
    try:
        said = lineage.read(release.descriptor, private)
    except (NotThere, checked.Damaged):
        return Condensed(tables, {}, None, whole=False)
    rows = {table: path for table, path in said.get("staged", {}).items() if table in wanted.rows and path}
    return Condensed(tables, rows, said.get("as_of"), whole=True)


def _before(private: Store, cycle: Cycle) -> _Kept:
    with suppress(NotThere, checked.Damaged):
        return checked.read_json(private, _path(cycle), _KEPT)
    return _Kept()


def _is_of(before: _Kept, name: str, descriptor: Entry) -> bool:
    return name in before.releases and before.releases[name][:2] == _of(descriptor)


def _of(descriptor: Entry) -> tuple[int, str]:
    return descriptor.size, descriptor.modified.isoformat()


def _path(cycle: Cycle) -> str:
    return f"kept/out-{cycle.folder}.json"
