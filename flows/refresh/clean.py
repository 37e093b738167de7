"""What may go from the private store: what was worked out on the way, is old, and is named by no release.

From both stores goes what is not whole, since its writer was stopped.

Releases and raw files always stay. So does what a release was made from, or names for `explain` and `verify`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from config import Config
from flows.core.errors import NotThere
from flows.intake.books import earlier
from flows.refresh import reuse
from flows.releases import shelf
from flows.releases.make import lineage
from flows.stores import Entry, Store


def disposable(public: Store, private: Store, config: Config, older_than_days: int, now: datetime) -> list[Entry]:
    """Return the files of the private store that nothing needs any more, oldest first.

    Raises ValueError for less than a day: a refresh that is running writes files that no release names yet.
    """
    if older_than_days < 1:
        raise ValueError("What is younger than a day may belong to a refresh that is running.")
    before = now - timedelta(days=older_than_days)
    results = private.entries(reuse.FOLDER)
    young = [entry.path for entry in results if entry.modified >= before]
    needed = {
        *_needed(public, private, config),
        *chain.from_iterable(reuse.named(private.read(path)) for path in young),
    }
    found = [
        entry
        for folder in (*reuse.WORKED_OUT, lineage.FOLDER)
        for entry in private.entries(folder)
        if entry.modified < before and entry.path not in needed
    ]
    # a result goes before the files that it names
    old = [entry for entry in results if entry.modified < before]
    return [*_by_age(old), *_by_age(found)]


def unfinished(store: Store, now: datetime) -> list[Entry]:
    """Return what writers left of a store's files when they were stopped, oldest first; not what may still grow."""
    before = now - timedelta(days=1)
    return _by_age(one for one in store.unfinished() if one.modified < before)


def _by_age(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.modified, entry.path))


def _needed(public: Store, private: Store, config: Config) -> Iterator[str]:
    """Yield the paths in the private store that releases name, and those of what later cycles are held against."""
    for cycle in config.cycles.values():
        yield from earlier.noted(cycle, private).values()
        for one in shelf.releases(public, cycle):
            said: Mapping[str, Any] = {}
            with suppress(NotThere):
                said = lineage.read(one.descriptor, private)
            yield from filter(None, [lineage.place(one.descriptor)])
            yield from said.get("staged", {}).values()
            yield from said.get("quarantine", {}).values()
            yield from (path for numbers in said.get("history", {}).values() for _, path in numbers)
            yield from filter(None, (said.get("previous"), said.get("series")))
