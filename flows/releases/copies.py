"""A copy of each release in the private store, and the public store made whole from the copies.

    releases/cycle-05/r001.zip        every file of the release and its descriptor, as they were published
    releases/cycle-05/withdrawn.json  which releases are withdrawn, and why

Their editions are copied too, where these lie in a place of their own (copies_apart).
A copy and not a recipe: only the version of the pipeline that made a release makes it again byte for byte, but a
release that a report cites must come back years later. `a4p verify --rebuild` then shows that the raw files still give
it. One file a release, since each file of a store on a server costs a call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from config import Cycle
from config.audiences import Audience
from flows.core.canonical import as_json, hash_of
from flows.core.errors import NotThere, StoreError
from flows.core.records import Release
from flows.releases import copies_apart, marks, shelf
from flows.releases.make.descriptor import NAME
from flows.releases.packed import pack, unpack
from flows.stores import Store, checked
from flows.stores.checked import OBJECT, Damaged

_FOLDER = "releases"
_MARKS = "withdrawn.json"
_NO_COPY = (
    "bring it back from a backup of the private store, or, where the public store still has the release, remove it and "
    "run a4p refresh, which makes it again"
)
_NO_MARKS = (
    "a4p refresh makes it again where the public store still says which releases are withdrawn, else bring it back "
    "from a backup of the private store"
)


@dataclass(frozen=True)
class Restored:
    """The releases of a cycle of which there are copies, how many files came back, and what readers see now."""

    cycle: int
    names: tuple[str, ...]
    files: int
    shown: Release


def check(cycles: Iterable[Cycle], public: Store, private: Store) -> None:
    """Refuse to go on where releases that were published are not in the public store.

    The next one would take the number of another, and what is out would be forgotten when small cells are suppressed.
    Raises StoreError that says what to do.
    """
    copies = _copies(private)
    for cycle in cycles:
        kept = copies.get(cycle.folder, [])
        gone = sorted(set(kept) - set(shelf.committed(public, cycle))) if kept else []
        if gone:
            raise StoreError(
                f"The public store {public.uri} lacks what was published of cycle {cycle.number}: {', '.join(gone)}. "
                "Correct A4P_PUBLIC_URI, or bring it back with: a4p restore"
            )


def lacking(cycle: Cycle, public: Store, private: Store, apart: Mapping[Audience, Store]) -> bool:
    """Tell whether a release of a cycle, or one of its editions `apart`, has no copy yet, or what is withdrawn none."""
    names = set(shelf.committed(public, cycle))
    if not names <= set(_copies(private).get(cycle.folder, [])) or (names and not _marks(cycle, private)):
        return True
    return copies_apart.lacking(cycle, apart, private)


def make(cycle: Cycle, public: Store, private: Store, apart: Mapping[Audience, Store]) -> None:
    """Keep a copy of each release of a cycle that has none yet; of one that is damaged `a4p verify` tells.

    `apart` are the places of editions that do not lie in the private store. Raises StoreError where a store fails.
    """
    kept = _copies(private).get(cycle.folder, [])
    for name in shelf.committed(public, cycle):
        if name not in kept and (packed := _packed(cycle, name, public)):
            private.create(_path(cycle, f"{name}.zip"), packed)
    if not _marks(cycle, private):
        note_withdrawn(cycle, public, private)
    copies_apart.make(cycle, apart, private)


def note_withdrawn(cycle: Cycle, public: Store, private: Store) -> None:
    """Keep which releases of a cycle are withdrawn, and why."""
    checked.write_json(private, _path(cycle, _MARKS), shelf.withdrawn(public, cycle))


def restore(cycle: Cycle, public: Store, private: Store, apart: Mapping[Audience, Store]) -> Restored | None:
    """Bring back what is missing or damaged of a cycle's releases, byte for byte, and lead readers as before.

    `apart` says where the editions go of which there are copies.

    What is shown of all cycles is the caller's to make again. Returns None where there is no copy. A release of the
    same name that is another one is left alone.
    Raises StoreError for that, and where a copy is damaged or a store fails.
    """
    names = _copies(private).get(cycle.folder, [])
    if not names:
        return None
    # marked first, so that no reader is led to what was withdrawn
    for name, said in checked.read_json(private, _path(cycle, _MARKS), OBJECT, _NO_MARKS).items():
        checked.create_json(public, marks.path(cycle, name), as_json(said))
    # before readers see the release
    files = copies_apart.restore(cycle, apart, private)
    files += sum(_bring_back(cycle, name, public, private) for name in names)
    shelf.show_newest(public, cycle)
    shown = shelf.latest(public, cycle)
    assert shown is not None
    return Restored(cycle.number, tuple(names), files, shown)


def _marks(cycle: Cycle, private: Store) -> bool:
    """Tell whether it is kept which releases are withdrawn, and can be read."""
    try:
        checked.read_json(private, _path(cycle, _MARKS), OBJECT)
    except (NotThere, Damaged):
        return False
    return True


def _bring_back(cycle: Cycle, name: str, public: Store, private: Store) -> int:
    """Write what is missing or damaged of a release, its descriptor last; return how many files."""
    files = copied(cycle, name, private)
    folder = f"releases/{cycle.folder}/{name}"
    if _hashes(_read(public, f"{folder}/{NAME}")) not in (None, _hashes(files[NAME])):
        raise StoreError(
            f"{public.at(folder)} is another release than the {name} that was published first, of which {private.uri} "
            "has the copy; move it away, and run this again."
        )
    written = 0
    for path, data in files.items():
        if _read(public, f"{folder}/{path}") != data:
            public.write(f"{folder}/{path}", data)
            written += 1
    return written


def _packed(cycle: Cycle, name: str, public: Store) -> bytes | None:
    """Return a release as one file, its descriptor last; None where it is damaged."""
    folder = f"releases/{cycle.folder}/{name}"
    document = _read(public, f"{folder}/{NAME}")
    hashes = _hashes(document)
    if document is None or hashes is None:
        return None
    files: list[tuple[str, bytes]] = []
    for path, wanted in sorted(hashes.items()):
        data = _read(public, f"{folder}/{path}")
        if data is None or hash_of(data) != wanted:
            return None
        files.append((path, data))
    return pack([*files, (NAME, document)])


def copied(cycle: Cycle, name: str, private: Store) -> dict[str, bytes]:
    """Return the files of the copy of a release, the descriptor last.

    Raises NotThere where there is none, Damaged where it is not what was kept.
    """
    path = _path(cycle, f"{name}.zip")
    files = unpack(private.read(path))
    if {name: hash_of(content) for name, content in files.items() if name != NAME} != _hashes(files.get(NAME)):
        raise checked.damaged(private, path, _NO_COPY)
    return files


def _hashes(document: bytes | None) -> dict[str, str] | None:
    """Return the hashes of a release's files as its descriptor says; None where it is none, or is damaged."""
    try:
        said = json.loads(checked.without_checksum(document or b"") or b"")
        return {one["path"]: one["hash"] for one in said["resources"]}
    except (ValueError, KeyError, TypeError):
        return None


def _read(store: Store, path: str) -> bytes | None:
    try:
        return store.read(path)
    except NotThere:
        return None


def _copies(private: Store) -> dict[str, list[str]]:
    """Return the names of the releases of which there are copies, by the folder of their cycle, oldest first."""
    found: dict[str, list[str]] = {}
    for path in (PurePosixPath(entry.path) for entry in private.entries(_FOLDER)):
        if path.suffix == ".zip":
            found.setdefault(path.parent.name, []).append(path.stem)
    return {folder: sorted(names, key=lambda name: int(name[1:])) for folder, names in found.items()}


def _path(cycle: Cycle, name: str) -> str:
    return f"{_FOLDER}/{cycle.folder}/{name}"
