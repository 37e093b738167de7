"""Whether a release is what was published, and whether it can be made again from its raw files, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator

from config import Cycle
from flows.core.canonical import hash_of
from flows.core.errors import NotThere
from flows.core.records import Release, Verified
from flows.intake.books import record
from flows.releases import all_cycles, copies, shelf, withdrawals
from flows.releases.make import lineage
from flows.releases.make.descriptor import NAME
from flows.stores import Store, checked
from flows.stores.checked import RECEIVED_AGAIN, Damaged


def verify(of: Release, cycle: Cycle, public: Store, private: Store) -> Verified:
    """Hold each file of a release, what it names in the private store, and what readers see, against their hashes.

    What it names are its raw files, the rows that were accepted and refused, and the previous cycle's figures; its copy
    in the private store is looked at as well, and so is the record of decisions.
    """
    said = of.descriptor["a4p"].get("lineage", {}).get("submissions", [])
    problems = (
        *_files(of, public),
        *_raw_files(of, private),
        *_worked_out(of, private),
        *_copy(of, cycle, public, private),
        *_current(cycle, public),
        *all_cycles.problems(public),
        *_decisions(of, cycle, public, private),
    )
    return Verified(of.name, len(of.hashes), len(said), problems)


def _files(of: Release, public: Store) -> Iterator[str]:
    for path, wanted in sorted(of.hashes.items()):
        try:
            if hash_of(public.read(f"{of.path}/{path}")) != wanted:
                yield f"{path} is not the file that was published; bring it back with: a4p restore"
        except NotThere:
            yield f"{path} is missing; bring it back with: a4p restore"
    known = {f"{of.path}/{path}" for path in (*of.hashes, NAME)}
    for entry in public.entries(of.path):
        if entry.path not in known:
            yield f"{entry.path.removeprefix(of.path + '/')} is no part of the release; remove it."


def _raw_files(of: Release, private: Store) -> Iterator[str]:
    for one in of.descriptor["a4p"].get("lineage", {}).get("submissions", []):
        if not private.exists(one["raw"]):
            yield f"The raw file {one['raw']} is missing; bring it back from a backup."
        elif not checked.is_whole(private, one["raw"], one["sha256"]):
            yield f"The raw file {one['raw']} is not what was received; {RECEIVED_AGAIN}."


def _worked_out(of: Release, private: Store) -> Iterator[str]:
    """Hold the rows that `explain` shows, and what else a release was made with, against the hashes in their names.

    One that is missing is no problem of the release: it is made again from the raw files.
    """
    said = of.descriptor["a4p"].get("lineage", {})
    named = {*said.get("staged", {}).values(), *said.get("quarantine", {}).values(), said.get("previous")}
    for path in sorted(filter(None, named)):
        if private.exists(path) and not checked.is_whole(private, path):
            yield f"The file {path} of the private store is damaged; {checked.MADE_AGAIN}."


def _copy(of: Release, cycle: Cycle, public: Store, private: Store) -> Iterator[str]:
    """Look at the copy of a release, and by it at the descriptor, of which nothing else says the hash."""
    try:
        if copies.copied(cycle, of.name, private)[NAME] != public.read(f"{of.path}/{NAME}"):
            yield f"{NAME} is not that of the copy in the private store; move it away, and run a4p restore."
    except Damaged as damaged:
        yield str(damaged)
    except NotThere:
        pass  # made by the next refresh


def _current(cycle: Cycle, public: Store) -> Iterator[str]:
    """Hold the tables that readers follow against the release that they are said to be of."""
    shown = shelf.latest(public, cycle)
    if shown is None:
        return
    folder = f"current/{cycle.folder}"
    for path, wanted in sorted(shown.hashes.items()):
        if not path.startswith("tables/"):
            continue
        try:
            if hash_of(public.read(f"{folder}/{path}")) != wanted:
                yield f"{folder}/{path} is not that of {shown.name}; run a4p refresh to put it right."
        except NotThere:
            yield f"{folder}/{path} is missing; run a4p refresh to put it right."


def _decisions(of: Release, cycle: Cycle, public: Store, private: Store) -> Iterator[str]:
    """Look at the record of decisions, how far it reached then, and whether readers are led as it says."""
    told = list(record.problems(private, lineage.reached(of.descriptor["a4p"].get("lineage", {}))))
    yield from told
    try:
        names = [] if told else withdrawals.unsettled(cycle, public, private)
    except Damaged as damaged:
        yield str(damaged)
        return
    if names:
        yield f"Readers are not led as the record of decisions says of {', '.join(names)}; run a4p refresh."
