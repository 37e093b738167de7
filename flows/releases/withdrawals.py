"""What was withdrawn stays out: the submissions that withdrawn releases brought in, until somebody reinstates them.

    withdrawals/cycle-05/000001.json    what was withdrawn or reinstated, when and why; entries are only ever added

A submission is known by source, mission and content, so that it is the same under whatever name it comes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl
from pydantic import TypeAdapter

from config import ConfigError, Cycle
from flows.core.records import Known, Release
from flows.releases import shelf
from flows.stores import Store, checked

WITHDRAWN = "withdrawn"
_LEAST_OF_A_HASH = 8


@dataclass(frozen=True)
class Named:
    """A submission by what it is known, and by its name in the inbox for people."""

    source: str
    mission: str | None
    sha256: str
    file: str

    @property
    def known(self) -> Known:
        """By what it is known."""
        return self.source, self.mission, self.sha256


@dataclass(frozen=True)
class Entry:
    """A decision: submissions go out, with the releases that brought them in, or come back."""

    what: Literal["withdraw", "reinstate"]
    on: datetime
    why: str
    submissions: tuple[Named, ...]
    releases: tuple[str, ...] = ()
    to: str | None = None


_ENTRY = TypeAdapter(Entry)


def out(cycle: Cycle, public: Store, private: Store) -> dict[Known, Named]:
    """Return the submissions of a cycle that are withdrawn and not reinstated."""
    return _after(entries(cycle, public, private))


def lifted(cycle: Cycle, public: Store, private: Store) -> frozenset[str]:
    """Return the withdrawn releases whose submissions were all reinstated: their like may be published again."""
    there = entries(cycle, public, private)
    still = set(_after(there))
    back = {one.known for entry in there if entry.what == "reinstate" for one in entry.submissions}
    if not back:
        return frozenset()
    own = {name: set(_submissions(shelf.get(public, cycle, name), public)) for name in shelf.withdrawn(public, cycle)}
    return frozenset(name for name, known in own.items() if known & back and not known & still)


def roll_back(
    cycle: Cycle, to: Release, why: str, now: datetime, public: Store, private: Store
) -> tuple[list[str], list[Named]]:
    """Lead readers back to a release; those after it are withdrawn, and what they brought in stays out from now on.

    What the release itself was made of comes back, where it was out. Returns the names of the releases that are
    withdrawn now, and the submissions that are out because of them. Nothing is deleted.
    Raises StoreError where a store fails; the command can be given again.
    """
    later = [one for one in shelf.releases(public, cycle) if int(one.name[1:]) > int(to.name[1:])]
    own = _submissions(to, public)
    there = entries(cycle, public, private)
    still = _after(there)
    back = tuple(one for known, one in own.items() if known in still)
    if back:
        _add(Entry("reinstate", now, why, back, to=to.name), cycle, private)
    brought = {
        known: one for later_one in later for known, one in _submissions(later_one, public).items() if known not in own
    }
    # noted before readers are led back: who is stopped in between gives the command again
    if later and not _noted(later, to, there):
        _add(
            Entry("withdraw", now, why, tuple(brought.values()), tuple(one.name for one in later), to.name),
            cycle,
            private,
        )
    shelf.withdraw(public, cycle, to, why, now)
    return [one.name for one in later], list(brought.values())


def reinstate(wanted: str, cycle: Cycle, why: str, now: datetime, public: Store, private: Store) -> list[Named]:
    """Let a withdrawn submission count again from the next refresh on; it is named by its file or its SHA-256.

    Returns what was reinstated. Raises ConfigError that names what is out where nothing of it is.
    """
    still = out(cycle, public, private)
    found = tuple(
        one
        for one in still.values()
        if wanted in {one.file, one.file.rpartition("/")[2]}
        or (len(wanted) >= _LEAST_OF_A_HASH and one.sha256.startswith(wanted.lower()))
    )
    if not found:
        there = "; ".join(f"{one.file} ({one.sha256[:12]})" for one in still.values()) or "none"
        raise ConfigError(f"Cycle {cycle.number} has no withdrawn submission '{wanted}'; withdrawn are: {there}.")
    _add(Entry("reinstate", now, why, found), cycle, private)
    return list(found)


def entries(cycle: Cycle, public: Store, private: Store) -> list[Entry]:
    """Return the decisions of a cycle, oldest first.

    A release that was withdrawn before decisions were noted (0.5.0) counts as one more, before all others.
    Raises StoreError where a store fails, and where an entry is damaged.
    """
    paths = [entry.path for entry in private.entries(_folder(cycle))]
    noted = [checked.read_json(private, path, _ENTRY) for path in paths]
    named = {name for entry in noted for name in entry.releases}
    before: list[Entry] = []
    for name, mark in shelf.withdrawn(public, cycle).items():
        if name not in named and mark.get("to"):
            own = _submissions(shelf.get(public, cycle, mark["to"]), public)
            brought = _submissions(shelf.get(public, cycle, name), public)
            gone = tuple(one for known, one in brought.items() if known not in own)
            on = datetime.fromisoformat(mark["on"])
            before.append(Entry("withdraw", on, mark["why"], gone, (name,), mark["to"]))
    return [*before, *noted]


def _after(there: Iterable[Entry]) -> dict[Known, Named]:
    """Return what is out after decisions, in their order."""
    still: dict[Known, Named] = {}
    for entry in there:
        for one in entry.submissions:
            if entry.what == "withdraw":
                still[one.known] = one
            else:
                still.pop(one.known, None)
    return still


def _noted(later: Sequence[Release], to: Release, there: Sequence[Entry]) -> bool:
    """Tell whether the last decision is this very one, of which readers may not have been led back yet."""
    newest = there[-1] if there else None
    return bool(newest and newest.to == to.name and newest.releases == tuple(one.name for one in later))


def _submissions(of: Release, public: Store) -> dict[Known, Named]:
    """Return the submissions that a release was made of, also those that it refused or that others replaced."""
    table = shelf.read_table(public, of, "submissions").filter(pl.col("status") != WITHDRAWN)
    rows = table.select("source", "mission", "sha256", "file").unique(maintain_order=True).iter_rows()
    return {named.known: named for named in (Named(*row) for row in rows)}


def _add(entry: Entry, cycle: Cycle, private: Store) -> None:
    """Add an entry under the next number; of two who add at once each gets a number of its own."""
    data = _ENTRY.dump_json(entry, indent=2)
    number = len(private.entries(_folder(cycle)))
    while True:
        number += 1
        if checked.create_json(private, f"{_folder(cycle)}/{number:06d}.json", data):
            return


def _folder(cycle: Cycle) -> str:
    return f"withdrawals/{cycle.folder}"
