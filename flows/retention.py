"""What may go from the private store: what was worked out on the way, is old, and is named by no release.

Releases and raw files always stay. So does what a release was made from, or names for `explain` and `verify`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from config import Config
from flows import release
from flows.store import Entry, Store

# made of raw files and of nothing else, so that a refresh makes it again where it is needed
_WORKED_OUT = ("read", "staged", "quarantine", "findings", "curated", "previous")


def disposable(public: Store, private: Store, config: Config, older_than_days: int, now: datetime) -> list[Entry]:
    """Return the files of the private store that nothing needs any more, oldest first.

    Raises ValueError for less than a day: a refresh that is running writes files that no release names yet.
    """
    if older_than_days < 1:
        raise ValueError("What is younger than a day may belong to a refresh that is running.")
    needed = set(_needed(public, config))
    before = now - timedelta(days=older_than_days)
    found = [
        entry
        for folder in _WORKED_OUT
        for entry in private.entries(folder)
        if entry.modified < before and entry.path not in needed
    ]
    return sorted(found, key=lambda entry: (entry.modified, entry.path))


def _needed(public: Store, config: Config) -> Iterator[str]:
    """Yield the paths in the private store that the releases of all cycles name."""
    for cycle in config.cycles.values():
        for one in release.releases(public, cycle):
            said = one.descriptor["a4p"].get("lineage", {})
            yield from said.get("staged", {}).values()
            yield from said.get("quarantine", {}).values()
            if said.get("previous"):
                yield said["previous"]
