"""Releases: immutable, complete, versioned sets of files of a cycle, of which a reader sees the whole or nothing.

    releases/cycle-05/claims/r004.json      whoever creates it owns the number r004, for the content that it names
    releases/cycle-05/r004/…                the files
    releases/cycle-05/r004/datapackage.json written last: with it the release is there
    releases/cycle-05/withdrawn/r003.json   readers are led past r003, and why
    releases/cycle-05/latest.json           which release readers are led to: the newest that is not withdrawn
    current/cycle-05/…                      its files under names that do not change
    current/cycle-05/release.json           written after them: which release they are, and the hash of each; `contents`
                                            has the hash without the release's name, where that stands in a file

A publisher that dies leaves a claim or an unfinished folder, which nobody reads. Only who publishes the very same goes
on with that number, and so do several who publish the same at once: every file that they write is the same.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from config import ConfigError, Cycle
from config.near import did_you_mean, named
from flows.core.canonical import as_json, hash_of
from flows.core.errors import NotThere, NotWhole, StoreError
from flows.core.records import Release, hashes_in
from flows.documents.words import NUMBER
from flows.releases import marks
from flows.releases.make.descriptor import NAME, completed
from flows.releases.make.numbered import unnumbered
from flows.releases.same import CHANGES, content_of, data_of, files_of
from flows.stores import Entry, Store, checked, probe_exclusive
from flows.stores.checked import Damaged, is_whole

_NUMBER = re.compile(r"r(\d{3,})")

Describe = Callable[[str, Mapping[str, bytes]], dict[str, Any]]
Numbered = Callable[[Mapping[str, bytes], str, Release | None], Mapping[str, bytes]]
# the files that a release uses, by its descriptor
Used = Callable[[Mapping[str, Any]], Sequence[str]]


def _without_number(_files: Mapping[str, bytes], _name: str, _before: Release | None) -> Mapping[str, bytes]:
    return {}


def publish(
    store: Store,
    cycle: Cycle,
    files: Mapping[str, bytes],
    describe: Describe,
    since: Callable[[Release | None], Mapping[str, bytes]],
    lifted: Collection[str] = (),
    number: Numbered = _without_number,
    used: Used = files_of,
) -> tuple[Release, bool]:
    """Publish files as a cycle's next release, unless there is nothing new in them (`alike`).

    In: every file but the descriptor and what changed, by its path in the release; a function that gives the
    descriptor for the release's name and its files, all among its resources; one that gives changes.json and what else
    tells of changes since the release that readers are led to, None where there is none; the withdrawn releases whose
    like may be published again; one that returns those files in which the release's name stands, or something of the
    release before, with these put in; one that tells the files that a release uses.
    Returns the release, and whether this call made it; of several that publish the same at once, one did. Where nothing
    is new, the release that readers are led to. Either way latest.json and current/ show the newest not withdrawn then.
    Raises ValueError where changes.json is missing, StoreError where the store fails; readers then have the release
    they had before, or the new one.
    """
    # both of one listing: who publishes the same meanwhile says the same of what changed, and shares a number with this
    names = committed(store, cycle)
    newest, shown = _newest(store, cycle, names), _shown(store, cycle, names)
    description = _described(files, describe, newest.name if newest else NUMBER)
    if _alike(store, cycle, names, description, lifted, used):
        return _unchanged(store, cycle, shown or newest), False
    changes = since(shown)
    if CHANGES not in changes or set(changes) & set(files):
        raise ValueError(f"A release has {CHANGES} and says by it what changed; nothing is published without.")
    probe_exclusive(store)
    release, new = _commit(store, cycle, {**files, **changes}, describe, newest, number)
    show_newest(store, cycle)
    return release, new


@dataclass(frozen=True)
class Alike:
    """There is nothing new to publish: the release that readers are led to, and the one that is like it.

    The two are not the same where what was made is a release that is withdrawn.
    """

    shown: Release
    like: str


def alike(
    store: Store,
    cycle: Cycle,
    description: Mapping[str, Any],
    lifted: Collection[str] = (),
    used: Used = files_of,
) -> Alike | None:
    """Tell whether a descriptor says nothing new, and is like a release that there is.

    That is the one that readers are led to, where all of it is the same; after readers were led back, where the tables
    and what they are made of are. It is any withdrawn one that is not `lifted`, where these are the same: what was
    withdrawn is not published again under another number. latest.json and current/ then show the newest that is not
    withdrawn. It spares who has made nothing new the reading of all files. Raises StoreError where the store fails.
    """
    names = committed(store, cycle)
    like = _alike(store, cycle, names, dict(completed(description, names[-1], {})), lifted, used) if names else None
    newest = _newest(store, cycle, names)
    return Alike(_unchanged(store, cycle, newest), like) if like and newest else None


def _alike(
    store: Store, cycle: Cycle, names: Sequence[str], description: dict[str, Any], lifted: Collection[str], used: Used
) -> str | None:
    """Return the name of the release that a descriptor says nothing new of."""
    shown = _shown(store, cycle, names)
    if shown and content_of(description) == content_of(shown.descriptor):
        return shown.name
    gone = marks.names(store, cycle)

    def is_like(other: Release) -> bool:
        return data_of(other.descriptor, used(other.descriptor)) == data_of(description, used(description))

    if shown and names[-1] in gone and is_like(shown):
        return shown.name
    for name in reversed(names):
        if name in gone and name not in lifted and is_like(_read(store, cycle, name)):
            return name
    return None


def _unchanged(store: Store, cycle: Cycle, newest: Release | None) -> Release:
    show_newest(store, cycle)
    shown = _shown(store, cycle) or newest
    assert shown is not None
    return shown


def mark_withdrawn(store: Store, cycle: Cycle, wanted: Mapping[str, Mapping[str, str]]) -> bool:
    """Lead readers past these releases and no others; nothing is deleted but marks of releases that count again.

    Tells whether a mark came or went. Raises StoreError where the store fails; it can be done again.
    """
    there = set(marks.names(store, cycle))
    # none is shown meanwhile that is withdrawn
    for name in sorted(wanted.keys() - there):
        checked.create_json(store, marks.path(cycle, name), as_json(wanted[name]))
    for name in sorted(there - wanted.keys()):
        store.delete(marks.path(cycle, name))
    show_newest(store, cycle)
    return there != wanted.keys()


def withdrawn(store: Store, cycle: Cycle) -> dict[str, dict[str, Any]]:
    """Return the releases that are withdrawn, each with when, back to which one, and why. Raises StoreError."""
    return {name: marks.read(store, cycle, name) for name in marks.names(store, cycle)}


def releases(store: Store, cycle: Cycle) -> list[Release]:
    """Return the committed releases of a cycle, oldest first."""
    return [_read(store, cycle, name) for name in committed(store, cycle)]


def latest(store: Store, cycle: Cycle) -> Release | None:
    """Return the release that latest.json names; where it names none that is there, the newest not withdrawn."""
    try:
        name = str(checked.read_json(store, _pointer(cycle), checked.OBJECT)["release"])
        return get(store, cycle, name)
    except (NotThere, Damaged, ConfigError, KeyError):
        return _shown(store, cycle)


def of_another_version(store: Store, cycle: Cycle) -> str | None:
    """Return what the first refresh after an upgrade says; None where the newest release is of this version."""
    newest = latest(store, cycle)
    here = version("a4p-pipeline")
    made_by = newest.descriptor["a4p"]["pipeline"]["version"] if newest else here
    if not newest or made_by == here:
        return None
    return (
        f"Version {made_by} made {newest.name}, and this is {here}: tables and figures are worked out anew, and the "
        "releases that there are stay as they are."
    )


def get(store: Store, cycle: Cycle, name: str) -> Release:
    """Return a release by its name. Raises ConfigError that names those there are."""
    if _NUMBER.fullmatch(name):
        try:
            return _read(store, cycle, name)
        except NotThere:
            pass
    there = ", ".join(committed(store, cycle)) or "none"
    raise ConfigError(f"Cycle {cycle.number} has no release '{name}'; the releases are: {there}.")


def contents(release: Release) -> dict[str, str]:
    """Return the hash of each file of a release as it is without the release's number in it."""
    return {one["path"]: unnumbered(one) for one in release.descriptor["resources"]}


def read_file(store: Store, release: Release, path: str) -> bytes:
    """Return a file of a release.

    Raises ConfigError where the release never had it, StoreError where it is gone or is not what was published.
    """
    if path not in release.hashes:
        raise ConfigError(f"The release {release.name} has no file '{path}'; its files are in {release.uri}/{NAME}.")
    data = store.read(f"{release.path}/{path}")
    if hash_of(data) != release.hashes[path]:
        raise StoreError(
            f"The file {release.uri}/{path} is not the one that was published (its hash differs); bring it "
            "back with a4p restore, or use another release."
        )
    return data


def read_table(store: Store, release: Release, table: str) -> pl.DataFrame:
    """Return a table of a release.

    Raises ConfigError that names the tables there are, StoreError where the file is not what was published.
    """
    there = {PurePosixPath(path).stem: path for path in sorted(release.hashes) if path.endswith(".parquet")}
    name = named(table, there)
    if name is None:
        near = did_you_mean(table, there)
        every = f"ts tables are: {', '.join(sorted(there))}."
        raise ConfigError(f"The release {release.name} has no table '{table}'; {f'{near} I' if near else 'i'}{every}")
    return pl.read_parquet(io.BytesIO(read_file(store, release, there[name])))


def _commit(
    store: Store,
    cycle: Cycle,
    files: Mapping[str, bytes],
    describe: Describe,
    newest: Release | None,
    number: Numbered,
) -> tuple[Release, bool]:
    name, shared = _claim(store, cycle, newest, hash_of(as_json(_described(files, describe, NUMBER))))
    files = {**files, **number(files, name, newest)}
    release = _release(store, cycle, name, _described(files, describe, name))
    # who shares a number leaves alone what is right: the release may be there by now
    write = partial(_replace, store) if shared else store.write_soon
    for path, data in files.items():
        write(f"{release.path}/{path}", data)
    store.finish()
    # what the place says that it has now, not what was sent
    store.look_again(release.path)
    for path in files:
        if not is_whole(store, f"{release.path}/{path}", release.hashes[path]):
            read_file(store, release, path)
    document = checked.with_checksum(as_json(release.descriptor))
    new = store.create(f"{release.path}/{NAME}", document)
    if not new and store.read(f"{release.path}/{NAME}") != document:
        raise StoreError(f"Another publisher wrote {release.uri}, which was claimed by this one; publish again.")
    return release, new


def _claim(store: Store, cycle: Cycle, newest: Release | None, content: str) -> tuple[str, bool]:
    """Take the first number after the newest release that is free, or claimed for the very same content.

    The newest is the one that the content was compared with: of those who publish the same none gets past the number
    that another took after that. Returns its name, and whether another claimed it.
    """
    claims = f"{_folder(cycle)}/claims"
    number = int(newest.name[1:]) if newest else 0
    while True:
        number += 1
        name = f"r{number:03d}"
        claim = checked.with_checksum(as_json({"release": name, "content": content}))
        # a folder that nobody claimed may hold anything; a claim is asked for last, for it is there before the files
        if store.entries(f"{_folder(cycle)}/{name}") and not store.exists(f"{claims}/{name}.json"):
            continue
        if store.create(f"{claims}/{name}.json", claim):
            return name, False
        if store.read(f"{claims}/{name}.json") == claim:
            return name, True


def show_newest(store: Store, cycle: Cycle) -> None:
    """Make latest.json and current/ those of the newest release, and look again whether a newer one came meanwhile.

    The newest that is not withdrawn, that is. So of several publishers at work the last one leaves the newest there,
    whoever wrote in between.
    """
    shown = None
    while (newest := _shown(store, cycle)) and newest.name != shown:
        pointer = {"release": newest.name, "uri": newest.path, "status": newest.status}
        changed = _replace(store, _pointer(cycle), checked.with_checksum(as_json(pointer)))
        changed |= _show_files(store, cycle, newest)
        same = {path: of for path, of in sorted(contents(newest).items()) if of != newest.hashes[path]}
        said = {**pointer, "hashes": dict(sorted(newest.hashes.items())), "contents": same}
        if not changed | _replace(store, _shows(cycle), checked.with_checksum(as_json(said))):
            return
        shown = newest.name
        store.look_again(_folder(cycle))


def _show_files(store: Store, cycle: Cycle, release: Release) -> bool:
    folder = f"current/{cycle.folder}"
    shown = {entry.path for entry in store.entries(folder)}
    wanted = {f"{folder}/{path}": path for path in sorted(release.hashes)}
    # a table that is no more is better missing than old; what others put beside the tables is theirs
    before = {f"{folder}/{path}" for path in shown_before(store, cycle)}
    ours = {path for path in shown if path.startswith(f"{folder}/tables/")} | shown & before
    for path in (gone := sorted(ours - set(wanted))):
        store.delete(path)
    new = [path for path in wanted if path not in shown or not is_whole(store, path, release.hashes[wanted[path]])]
    for path in new:
        store.write_soon(path, read_file(store, release, wanted[path]))
    store.finish()
    return _replace(store, f"{folder}/{NAME}", store.read(f"{release.path}/{NAME}")) or bool(gone or new)


def shown_before(store: Store, cycle: Cycle) -> set[str]:
    """Return the files that `release.json` names: of 0.5.0 the tables alone; none where it is damaged."""
    try:
        return set(checked.read_json(store, _shows(cycle), checked.OBJECT)["hashes"])
    except (NotThere, Damaged, KeyError, TypeError):
        return set()


def _replace(store: Store, path: str, data: bytes) -> bool:
    """Write a file where there is not that very content; tell whether it was."""
    with suppress(NotThere, NotWhole):
        if store.read(path) == data:
            return False
    store.write(path, data)
    return True


def _newest(store: Store, cycle: Cycle, names: Sequence[str]) -> Release | None:
    return _read(store, cycle, names[-1]) if names else None


def _shown(store: Store, cycle: Cycle, names: Sequence[str] | None = None) -> Release | None:
    """Return the newest release that is not withdrawn, of those with these names or of all."""
    gone = marks.names(store, cycle)
    names = committed(store, cycle) if names is None else names
    return _newest(store, cycle, [name for name in names if name not in gone])


def committed(store: Store, cycle: Cycle) -> list[str]:
    """Return the names of the releases that have a descriptor, oldest first."""
    return list(descriptors(store, cycle))


def descriptors(store: Store, cycle: Cycle) -> dict[str, Entry]:
    """Return the descriptor of each release as it lies in the store, by the release's name, oldest first."""
    found = {PurePosixPath(one.path).parent.name: one for one in store.one_in_each(_folder(cycle), NAME)}
    return {name: found[name] for name in sorted(filter(_NUMBER.fullmatch, found), key=lambda name: int(name[1:]))}


def _read(store: Store, cycle: Cycle, name: str) -> Release:
    path = f"{_folder(cycle)}/{name}/{NAME}"
    try:
        description = checked.read_json(store, path, checked.OBJECT)
        hashes_in(description)  # fails here, not in a reader, where there are none
        return _release(store, cycle, name, description)
    except (Damaged, ValueError, KeyError, TypeError):
        raise StoreError(f"The file {store.at(path)} is damaged; bring it back with: a4p restore") from None


def _release(store: Store, cycle: Cycle, name: str, description: dict[str, Any]) -> Release:
    uri = store.at(f"{_folder(cycle)}/{name}")
    return Release(name, cycle.number, uri, description["a4p"]["status"], description)


def _described(files: Mapping[str, bytes], describe: Describe, name: str) -> dict[str, Any]:
    """Return the descriptor as it reads back; it must stand for the files, since releases are compared by it."""
    description: dict[str, Any] = json.loads(as_json(describe(name, files)))
    if hashes_in(description) != {path: hash_of(data) for path, data in files.items()}:
        raise ValueError(f"The descriptor of {name} does not list exactly the files of the release, with their hashes.")
    return description


def _folder(cycle: Cycle) -> str:
    return f"releases/{cycle.folder}"


def _pointer(cycle: Cycle) -> str:
    return f"{_folder(cycle)}/latest.json"


def _shows(cycle: Cycle) -> str:
    return f"current/{cycle.folder}/release.json"
