"""A copy of each edition that lies in a place of its own, and that place made whole from the copies.

    editions/cycle-05/r001.internal.zip    every file of the edition, as it was published, and its edition.json

What is in the private store itself has no copy: its backup has it. An edition names files and rows; so where a file is
erased that it names, the copy goes too (flows.refresh.erasing).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config import Cycle
from config.audiences import AUDIENCES, Audience
from flows.core.canonical import hash_of
from flows.core.errors import NotThere, StoreError
from flows.releases import editions
from flows.releases.packed import pack, unpack
from flows.stores import Store, checked
from flows.stores.checked import FROM_A_BACKUP, Damaged
from flows.stores.from_settings import Places

FOLDER = "editions"
Apart = Mapping[Audience, Store]


def places_of_editions(places: Places) -> dict[Audience, Store]:
    """Return where the editions of each audience lie."""
    there: dict[Audience, Store | None] = {"internal": places.internal, "member_states": places.members}
    return {audience: place for audience, place in there.items() if place}


def places_apart(places: Places) -> dict[Audience, Store]:
    """Return those of them that do not lie in the private store, so that a backup of it does not have them."""
    every = places_of_editions(places).items()
    return {audience: place for audience, place in every if not places.private.holds(place)}


def lacking(cycle: Cycle, apart: Apart, private: Store) -> bool:
    """Tell whether an edition of a cycle has no copy yet."""
    return any(_without_copy(cycle, apart, private))


def make(cycle: Cycle, apart: Apart, private: Store) -> None:
    """Keep a copy of each edition of a cycle that has none yet and is whole. Raises StoreError where a store fails."""
    for audience, name in _without_copy(cycle, apart, private):
        place, path = apart[audience], _path(cycle, name)
        document = _read(place, f"{path}/{editions.NAME}")
        said = editions.says(document)
        if document is None or said is None:
            continue
        files = {one: _read(place, f"{path}/{one}") for one in said.files}
        there = {one: data for one, data in files.items() if data is not None}
        if whole := _whole({**there, editions.NAME: document}):
            private.create(_copy(cycle, name, audience), pack(whole.items()))


def restore(cycle: Cycle, apart: Apart, private: Store) -> int:
    """Bring back what is missing or damaged of the editions of a cycle, byte for byte; return how many files.

    Raises StoreError where a copy is damaged, where an edition of the same name is another one, or where a store fails.
    """
    written = 0
    for audience, name in _copied(cycle, private):
        if audience not in apart:
            continue
        place, path = apart[audience], _path(cycle, name)
        files = copied(cycle, name, audience, private)
        there = _read(place, f"{path}/{editions.NAME}")
        if there not in (None, files[editions.NAME]) and editions.says(there):
            raise StoreError(
                f"{place.at(path)} is another edition than that of the {name} that was published first, of which "
                f"{private.uri} has the copy; move it away, and run this again."
            )
        for one, data in files.items():
            if _read(place, f"{path}/{one}") != data:
                place.write(f"{path}/{one}", data)
                written += 1
    return written


def problems(cycle: Cycle, name: str, apart: Apart, private: Store) -> Iterator[str]:
    """Say of the copies of a release's editions which are damaged, or not what lies in their place."""
    for audience in apart:
        try:
            files = copied(cycle, name, audience, private)
            place = apart[audience].at(f"{_path(cycle, name)}/{editions.NAME}")
            there = _read(apart[audience], f"{_path(cycle, name)}/{editions.NAME}")
            if there is not None and there != files[editions.NAME]:
                yield f"The file {place} is not that of the copy in the private store; remove it, and run a4p restore."
        except Damaged as damaged:
            yield str(damaged)
        except NotThere:
            pass  # made by the next refresh


def copied(cycle: Cycle, name: str, audience: Audience, private: Store) -> dict[str, bytes]:
    """Return the files of the copy of an edition, what says of them last.

    Raises NotThere where there is none, Damaged where it is not what was kept.
    """
    path = _copy(cycle, name, audience)
    whole = _whole(unpack(private.read(path)))
    if whole is None:
        raise checked.damaged(private, path, FROM_A_BACKUP)
    return whole


def every(private: Store, cycle: Cycle) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield the path of each copy of a cycle's editions, with its files; none of one that cannot be read."""
    for audience, name in _copied(cycle, private):
        path = _copy(cycle, name, audience)
        yield path, unpack(private.read(path))


def _without_copy(cycle: Cycle, apart: Apart, private: Store) -> Iterator[tuple[Audience, str]]:
    known = set(_copied(cycle, private)) if apart else set()
    for audience, place in apart.items():
        for entry in place.entries(f"releases/{cycle.folder}"):
            *_, name, file = entry.path.split("/")
            if file == editions.NAME and (audience, name) not in known:
                yield audience, name


def _copied(cycle: Cycle, private: Store) -> list[tuple[Audience, str]]:
    """Return of which editions of a cycle there are copies."""
    found: list[tuple[Audience, str]] = []
    for entry in private.entries(f"{FOLDER}/{cycle.folder}"):
        name, _, of = entry.path.rpartition("/")[2].removesuffix(".zip").partition(".")
        found += [(audience, name) for audience in AUDIENCES if audience == of]
    return found


def _whole(files: Mapping[str, bytes]) -> dict[str, bytes] | None:
    """Return the files of an edition, what says of them last; None where they are not those that it names."""
    said = editions.says(files.get(editions.NAME))
    own = {name: files[name] for name in sorted(files) if name != editions.NAME}
    if said is None or {name: hash_of(data) for name, data in own.items()} != said.files:
        return None
    return {**own, editions.NAME: files[editions.NAME]}


def _read(place: Store, path: str) -> bytes | None:
    try:
        return place.read(path)
    except NotThere:
        return None


def _path(cycle: Cycle, name: str) -> str:
    return f"releases/{cycle.folder}/{name}"


def _copy(cycle: Cycle, name: str, audience: Audience) -> str:
    return f"{FOLDER}/{cycle.folder}/{name}.{audience}.zip"
