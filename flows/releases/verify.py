"""Whether a release is what was published, and whether it can be made again from its raw files, byte for byte."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from config import Cycle
from config.audiences import Audience
from flows.core.canonical import hash_of
from flows.core.errors import NotReadable, NotThere, StoreError, Unanswered
from flows.core.records import Release
from flows.core.verified import Verified
from flows.core.wording import counted
from flows.intake.books import erasures, outbox, record
from flows.releases import all_cycles, copies, copies_apart, editions, made_with, marks, shelf, withdrawals
from flows.releases.make import lineage
from flows.releases.make.descriptor import NAME
from flows.stores import Store, checked, keyed
from flows.stores.checked import FROM_A_BACKUP, RECEIVED_AGAIN, Damaged
from flows.stores.from_settings import internal_in


def verify(
    of: Release,
    cycle: Cycle,
    public: Store,
    private: Store,
    internal: Store | None = None,
    apart: Mapping[Audience, Store] | None = None,
) -> Verified:
    """Hold each file of a release, what it names in the private store, and what readers see, against their hashes.

    `internal` is where the internal edition is, where it is not in the private store; `apart` are the places of
    editions that do not lie in it, of which it has copies.
    What it names are its raw files, the rows that were accepted and refused, and the previous cycle's figures; its copy
    in the private store is looked at as well, and so is the record of decisions. What may not be read is told as
    `unseen`, and not as missing.
    """
    said: Mapping[str, Any] = {}
    problems, unseen, told, gone = [*_files(of, public)], [*_no_private_store(private)], list[str](), 0
    if not unseen:
        closed: list[str] = []
        try:
            said = lineage.read(of.descriptor, private)
        except NotReadable as error:
            unseen.append(str(error))
        except (NotThere, Damaged):
            problems.append(
                f"The file {lineage.place(of.descriptor)} of the private store, which says from what the "
                f"release was made, is missing or damaged; {FROM_A_BACKUP}."
            )
        erased = made_with.erased_of(of, private)
        told = [_cannot_be_made_again(of, one) for one in erased.values()]
        gone = sum(one["sha256"] in erased for one in said.get("submissions", []))
        members = (apart or {}).get("member_states") if editions.has_edition(of, "member_states") else None
        looked_at = (
            _raw_files(said, private, closed, erased),
            _back(private),
            _worked_out(said, private, closed),
            _copy(of, cycle, public, private),
            _decisions(said, cycle, public, private),
            outbox.damaged(cycle, private),
            _key(private),
            # what an erased file was part of is taken out of the internal edition with it
            editions.problems(of, internal or internal_in(private)) if editions.has_edition(of) and not erased else (),
            editions.problems(of, members) if members and not erased else (),
            copies_apart.problems(cycle, of.name, apart or {}, private),
        )
        for looking in looked_at:
            try:
                problems += looking
            except NotReadable as error:
                unseen.append(str(error))
        unseen += _may_not_be_read(closed)
    problems += [*_current(cycle, public), *all_cycles.problems(public)]
    return Verified(
        of.name,
        len(of.hashes),
        len(said.get("submissions", [])) - gone,
        tuple(problems),
        unseen=tuple(unseen),
        told=tuple(told),
    )


def _cannot_be_made_again(of: Release, erased: record.Entry) -> str:
    return (
        f"The file with SHA-256 {erased.about['sha256'][:12]}… was erased on {erased.on:%Y-%m-%d} ({erased.place}); "
        f"{of.name} cannot be made again, nor the rows of that file be shown."
    )


def _back(private: Store) -> Iterator[str]:
    """Say which files are in the private store again that were erased, or still."""
    try:
        back = erasures.back(record.entries(private), private)
    except (NotThere, Damaged):
        return  # told of the record itself
    for erased in back:
        sha256 = erased.about["sha256"]
        yield (
            f"The file with SHA-256 {sha256[:12]}…, which {erased.place} erased, is in the private store; erase it "
            "again with: a4p restore"
        )


def _no_private_store(private: Store) -> Iterator[str]:
    """Say so where there is no private store at all, or no right to it: nothing of it is then missing by itself."""
    parts = "raw files, accepted rows, copies and the record of decisions"
    try:
        if not private.children():
            yield f"The private store {private.uri} is not there, or empty, and with it {parts}; see A4P_PRIVATE_URI."
    except Unanswered:
        raise
    except StoreError as error:
        yield f"{error} Its {parts} are not known to be missing."


def _may_not_be_read(closed: Sequence[str]) -> Iterator[str]:
    if closed:
        files = counted(len(closed), "file")
        yield (
            f"There is no permission to read {files} of the private store, such as {closed[0]}; allow this user to "
            "read there. Nothing says that they are missing."
        )


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


def _raw_files(said: Mapping[str, Any], private: Store, closed: list[str], erased: Collection[str]) -> Iterator[str]:
    for one in said.get("submissions", []):
        if one["sha256"] in erased:
            continue
        try:
            if not private.exists(one["raw"]):
                yield f"The raw file {one['raw']} is missing; bring it back from a backup."
            elif not checked.is_whole(private, one["raw"], one["sha256"]):
                yield f"The raw file {one['raw']} is not what was received; {RECEIVED_AGAIN}."
        except NotReadable:
            closed.append(one["raw"])


def _worked_out(said: Mapping[str, Any], private: Store, closed: list[str]) -> Iterator[str]:
    """Hold the rows that `explain` shows, and what else a release was made with, against the hashes in their names.

    One that is missing is no problem of the release: it is made again from the raw files. Those that may not be read
    are added to `closed`.
    """
    rows = (*said.get("staged", {}).values(), *said.get("quarantine", {}).values())
    for path in sorted(filter(None, {*rows, said.get("previous"), said.get("series")})):
        try:
            if private.exists(path) and not checked.is_whole(private, path):
                yield f"The file {path} of the private store is damaged; {checked.MADE_AGAIN}."
        except NotReadable:
            closed.append(path)


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
    """Hold the files that readers follow against the release that they are said to be of.

    What 0.5.0 showed are the tables alone; the next refresh adds the rest.
    """
    shown = shelf.latest(public, cycle)
    if shown is None:
        return
    yield from marks.claim_problems(public, cycle)
    folder = f"current/{cycle.folder}"
    for path in (f"releases/{cycle.folder}/latest.json", f"{folder}/release.json"):
        try:
            if checked.read_json(public, path, checked.OBJECT)["release"] != shown.name:
                yield f"{path} does not lead to {shown.name}; run a4p refresh to put it right."
        except NotThere:
            yield f"{path} is missing; run a4p refresh to put it right."
        except (Damaged, KeyError):
            yield f"{path} is damaged; run a4p refresh to put it right."
    named = shelf.shown_before(public, cycle)
    wanted = {path: of for path, of in shown.hashes.items() if path.startswith("tables/") or path in named}
    if len(wanted) == len(shown.hashes) and public.exists(f"{shown.path}/{NAME}"):
        wanted[NAME] = hash_of(public.read(f"{shown.path}/{NAME}"))
    for path, of in sorted(wanted.items()):
        try:
            if hash_of(public.read(f"{folder}/{path}")) != of:
                yield f"{folder}/{path} is not that of {shown.name}; run a4p refresh to put it right."
        except NotThere:
            yield f"{folder}/{path} is missing; run a4p refresh to put it right."


def _key(private: Store) -> Iterator[str]:
    """Look at the key of the hashes that are published: without it what is published next has other names."""
    try:
        if private.entries(lineage.FOLDER) and not private.exists(keyed.PATH):
            yield f"The key {keyed.PATH} of the private store is missing; {FROM_A_BACKUP}."
        elif private.exists(keyed.PATH):
            keyed.keyed(private)
    except Damaged as damaged:
        yield str(damaged)


def _decisions(said: Mapping[str, Any], cycle: Cycle, public: Store, private: Store) -> Iterator[str]:
    """Look at the record of decisions, how far it reached then, and whether readers are led as it says."""
    told = list(record.problems(private, lineage.reached(said)))
    yield from told
    try:
        names = [] if told else withdrawals.unsettled(cycle, public, private)
    except Damaged as damaged:
        yield str(damaged)
        return
    if names:
        yield f"Readers are not led as the record of decisions says of {', '.join(names)}; run a4p refresh."
