"""What was withdrawn stays out: the submissions that withdrawn releases brought in, until somebody reinstates them.

Withdrawals and reinstatements are decisions of the record (flows.intake.books.record). Which releases readers are led
past, and which submissions stay out, follows from those that nobody took back; the marks beside the releases say the
same to readers. Before 0.6.0 they stood in a place of their own, and are heeded as if they stood before the record:

    withdrawals/cycle-05/000001.json    what was withdrawn or reinstated, when and why

A submission is known by source, mission and content, so that it is the same under whatever name it comes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

import polars as pl
from pydantic import TypeAdapter

from config import ConfigError, Cycle
from flows.core.records import Known, Release
from flows.intake.books import erasures, record
from flows.intake.books.record import Decision
from flows.releases import copies, shelf
from flows.releases.make import lineage
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
    """A decision: submissions go out, with the releases that brought them in, or come back.

    Readers are led back `to` a release, whose submissions come `back` where they were out. `number` is that of the
    decision in the record, 0 where it was made before there was one.
    """

    what: Literal["withdraw", "reinstate"]
    on: datetime
    why: str
    submissions: tuple[Named, ...]
    releases: tuple[str, ...] = ()
    to: str | None = None
    back: tuple[Named, ...] = ()
    by: str = ""
    number: int = 0


_ENTRY = TypeAdapter(Entry)


@dataclass(frozen=True)
class Outcome:
    """What follows from all decisions of a cycle: submissions that are out, releases that are withdrawn, by which."""

    out: Mapping[Known, Named] = field(default_factory=dict)
    withdrawn: Mapping[str, Entry] = field(default_factory=dict)


def out(cycle: Cycle, public: Store, private: Store) -> dict[Known, Named]:
    """Return the submissions of a cycle that are withdrawn and not reinstated."""
    return dict(outcome(entries(cycle, public, private)).out)


def lifted(cycle: Cycle, public: Store, private: Store) -> frozenset[str]:
    """Return the withdrawn releases whose submissions were all reinstated: their like may be published again."""
    there = entries(cycle, public, private)
    still = set(outcome(there).out)
    back = {one.known for entry in there for one in entry.back}
    back |= {one.known for entry in there if entry.what == "reinstate" for one in entry.submissions}
    if not back:
        return frozenset()
    own = {
        name: set(_submissions(shelf.get(public, cycle, name), public, private))
        for name in shelf.withdrawn(public, cycle)
    }
    return frozenset(name for name, known in own.items() if known & back and not known & still)


def roll_back(
    cycle: Cycle, to: Release, by: str, why: str, now: datetime, public: Store, private: Store
) -> tuple[list[str], list[Named]]:
    """Lead readers back to a release; those after it are withdrawn, and what they brought in stays out from now on.

    What the release itself was made of comes back, where it was out. Returns the names of the releases that are
    withdrawn now, and the submissions that are out because of them. Nothing is deleted.
    Raises StoreError where a store fails; the command can be given again.
    """
    later = [one for one in shelf.releases(public, cycle) if int(one.name[1:]) > int(to.name[1:])]
    own = _submissions(to, public, private)
    there = entries(cycle, public, private)
    still = outcome(there).out
    back = tuple(one for known, one in own.items() if known in still)
    # what was erased stays out by itself, and its name does not come into the record
    erased = erasures.decided(record.entries(private))
    brought = {
        known: one
        for later_one in later
        for known, one in _submissions(later_one, public, private).items()
        if known not in own and one.sha256 not in erased
    }
    names = tuple(one.name for one in later)
    what: Literal["withdraw", "reinstate"] = "withdraw" if later else "reinstate"
    wanted = Entry(what, now, why, tuple(brought.values()) if later else back, names, to.name, back if later else ())
    # noted before readers are led back: who is stopped in between gives the command again
    if outcome([*there, wanted]) != outcome(there):
        _decide(wanted, by, cycle, now, private)
    settle(cycle, public, private)
    return list(names), list(brought.values())


def withdraw(wanted: str, cycle: Cycle, by: str, why: str, now: datetime, public: Store, private: Store) -> list[Named]:
    """Keep a submission out from the next refresh on; it is named by its file or its SHA-256.

    Returns what is out now. Raises ConfigError that names what the releases that readers see were made of.
    """
    shown = shelf.latest(public, cycle)
    there = _submissions(shown, public, private) if shown else {}
    gone = _named(wanted, there.values())
    if not gone:
        known = "; ".join(f"{one.file} ({one.sha256[:12]})" for one in there.values()) or "none"
        raise ConfigError(f"Cycle {cycle.number} has no submission '{wanted}' in use; there are: {known}.")
    _decide(Entry("withdraw", now, why, gone), by, cycle, now, private)
    return list(gone)


def reinstate(
    wanted: str, cycle: Cycle, by: str, why: str, now: datetime, public: Store, private: Store
) -> list[Named]:
    """Let a withdrawn submission count again from the next refresh on; it is named by its file or its SHA-256.

    Returns what was reinstated. Raises ConfigError that names what is out where nothing of it is.
    """
    still = out(cycle, public, private)
    back = _named(wanted, still.values())
    if not back:
        there = "; ".join(f"{one.file} ({one.sha256[:12]})" for one in still.values()) or "none"
        raise ConfigError(f"Cycle {cycle.number} has no withdrawn submission '{wanted}'; withdrawn are: {there}.")
    _decide(Entry("reinstate", now, why, back), by, cycle, now, private)
    return list(back)


def settle(cycle: Cycle, public: Store, private: Store) -> None:
    """Lead readers as the record says: who decided may have been stopped before they were, or took it back.

    What is shown of all cycles is the caller's to make again. Raises StoreError where a store fails; it can be done
    again.
    """
    names = shelf.committed(public, cycle)
    if not names:
        return
    withdrawn = outcome(entries(cycle, public, private)).withdrawn
    marks = {
        name: {"release": name, "on": one.on.isoformat(timespec="seconds"), "to": one.to or "", "why": one.why}
        for name, one in withdrawn.items()
        if name in names
    }
    if shelf.mark_withdrawn(public, cycle, marks):
        copies.note_withdrawn(cycle, public, private)


def unsettled(cycle: Cycle, public: Store, private: Store) -> list[str]:
    """Return the releases of which the record says otherwise than their marks whether they are withdrawn."""
    marked = set(shelf.withdrawn(public, cycle))
    decided = set(outcome(entries(cycle, public, private)).withdrawn) & set(shelf.committed(public, cycle))
    return sorted(marked ^ decided)


def entries(cycle: Cycle, public: Store, private: Store) -> list[Entry]:
    """Return the withdrawals and reinstatements of a cycle that nobody took back, oldest first.

    A release that was withdrawn before decisions were noted (0.5.0) counts as one more, before all others.
    Raises StoreError where a store fails, and where an entry is damaged.
    """
    every = [one for one in record.entries(private) if one.cycle == cycle.number]
    decided = filter(None, map(of_record, record.standing(every)))
    noted = [*_before_the_record(cycle, private), *decided]
    named = {name for entry in noted for name in entry.releases}
    # also those of decisions that were taken back
    named |= {name for one in every for name in one.about.get("releases", ())}
    before: list[Entry] = []
    for name, mark in shelf.withdrawn(public, cycle).items():
        if name not in named and mark.get("to"):
            own = _submissions(shelf.get(public, cycle, mark["to"]), public, private)
            brought = _submissions(shelf.get(public, cycle, name), public, private)
            gone = tuple(one for known, one in brought.items() if known not in own)
            on = datetime.fromisoformat(mark["on"])
            before.append(Entry("withdraw", on, mark["why"], gone, (name,), mark["to"]))
    return [*before, *noted]


def of_record(one: record.Entry) -> Entry | None:
    """Return a decision of the record as a withdrawal or reinstatement; None where it is of another kind."""
    if one.kind not in ("withdraw", "reinstate"):
        return None
    said: dict[str, Any] = {**one.about, "what": one.kind, "on": one.on, "why": one.reason, "by": one.by}
    return _ENTRY.validate_python({**said, "number": one.number})


def outcome(there: Iterable[Entry]) -> Outcome:
    """Return what follows from decisions, in their order."""
    still: dict[Known, Named] = {}
    withdrawn: dict[str, Entry] = {}
    for entry in there:
        if entry.what == "withdraw":
            still |= {one.known: one for one in entry.submissions}
            for name in entry.releases:
                withdrawn.setdefault(name, entry)
        for one in (*entry.back, *(entry.submissions if entry.what == "reinstate" else ())):
            still.pop(one.known, None)
        if entry.to:
            withdrawn.pop(entry.to, None)
    return Outcome(still, withdrawn)


def _before_the_record(cycle: Cycle, private: Store) -> list[Entry]:
    paths = [entry.path for entry in private.entries(f"withdrawals/{cycle.folder}")]
    return [checked.read_json(private, path, _ENTRY) for path in paths]


def _submissions(of: Release, public: Store, private: Store) -> dict[Known, Named]:
    """Return the submissions that a release was made of, also those that it refused or that others replaced."""
    said = lineage.read(of.descriptor, private)
    if "submissions" in said:
        every = [Named(one["source"], one["mission"], one["sha256"], one["file"]) for one in said["submissions"]]
        return {one.known: one for one in sorted(every, key=lambda one: (one.source, one.mission or "~", one.file))}
    # one of before 0.5.0
    table = shelf.read_table(public, of, "submissions").filter(pl.col("status") != WITHDRAWN)
    rows = table.select("source", "mission", "sha256", "file").unique(maintain_order=True).iter_rows()
    return {named.known: named for named in (Named(*row) for row in rows)}


def _named(wanted: str, there: Iterable[Named]) -> tuple[Named, ...]:
    return tuple(
        one
        for one in there
        if wanted in {one.file, one.file.rpartition("/")[2]}
        or (len(wanted) >= _LEAST_OF_A_HASH and one.sha256.startswith(wanted.lower()))
    )


def _decide(entry: Entry, by: str, cycle: Cycle, now: datetime, private: Store) -> None:
    about: dict[str, Any] = {"submissions": [asdict(one) for one in entry.submissions]}
    if entry.to:
        about |= {"releases": list(entry.releases), "to": entry.to, "back": [asdict(one) for one in entry.back]}
    record.add(Decision(entry.what, by, entry.why, cycle.number, about), now, private)
