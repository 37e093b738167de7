"""Whether a release is what was published, and whether it can be made again from its raw files, byte for byte."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from config import Config, ConfigError, Cycle
from flows import checked, ledger, lineage, release, restore
from flows.checked import RECEIVED_AGAIN, Damaged
from flows.descriptor import NAME, hash_of
from flows.fingerprint import of_pipeline
from flows.refresh import Places, judge, make
from flows.release import Release
from flows.store import NotThere, Store


@dataclass(frozen=True)
class Verified:
    """What was looked at, and one sentence for each thing that is not as it was published."""

    release: str
    files: int
    raw_files: int
    problems: tuple[str, ...]
    rebuilt: bool = False


def verify(of: Release, cycle: Cycle, public: Store, private: Store) -> Verified:
    """Hold each file of a release, what it names in the private store, and what readers see, against their hashes.

    What it names are its raw files, the rows that were accepted and refused, and the previous cycle's figures; its copy
    in the private store is looked at as well.
    """
    said = of.descriptor["a4p"].get("lineage", {}).get("submissions", [])
    problems = (
        *_files(of, public),
        *_raw_files(of, private),
        *_worked_out(of, private),
        *_copy(of, cycle, public, private),
        *_current(cycle, public),
    )
    return Verified(of.name, len(of.hashes), len(said), problems)


def rebuild(of: Release, cycle: Cycle, config: Config, public: Store, private: Store) -> Verified:
    """Make a release again from its raw files, in a place of its own, and compare every file.

    The descriptor is no part of the comparison: it names the release's own number. Raises ConfigError where another
    version of the pipeline made the release, or where the release does not say from what it was made.
    """
    said = of.descriptor["a4p"]
    made_by = said["pipeline"]
    if "submissions" not in said.get("lineage", {}):
        raise ConfigError(f"The release {of.name} does not say from which files it was made; use a later one.")
    if made_by["fingerprint"] != of_pipeline():
        raise ConfigError(
            f"Version {made_by['version']} ({made_by['fingerprint']}) of the pipeline made {of.name}, this is "
            f"{of_pipeline()}; check out that version to make it again, or leave out --rebuild."
        )
    with tempfile.TemporaryDirectory(prefix="a4p-verify-") as folder:
        places = _places(Path(folder), of, cycle, public, private)
        origin = lineage.origin(said["lineage"])
        slots, withdrawn = lineage.pulled(said["lineage"]), lineage.withdrawn(said["lineage"])
        gathered = judge(slots, cycle, places, config, as_of=origin.as_of, withdrawn=withdrawn)
        # also one that is like a release withdrawn at some time
        every = release.committed(places.public, cycle)
        made = make(gathered, origin.previous, cycle, places, config, as_of=origin.as_of, lifted=every).release
        if made is None:
            problems: tuple[str, ...] = (f"Made again from its raw files, {of.name} would not be published.",)
        else:
            names = sorted({*of.hashes, *made.hashes})
            differ = [name for name in names if of.hashes.get(name) != made.hashes.get(name)]
            problems = tuple(f"Made again from its raw files, {name} is not the same." for name in differ)
    return Verified(of.name, len(of.hashes), len(said["lineage"]["submissions"]), problems, rebuilt=True)


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
        if restore.copied(cycle, of.name, private)[NAME] != public.read(f"{of.path}/{NAME}"):
            yield f"{NAME} is not that of the copy in the private store; move it away, and run a4p restore."
    except Damaged as damaged:
        yield str(damaged)
    except NotThere:
        pass  # made by the next refresh


def _current(cycle: Cycle, public: Store) -> Iterator[str]:
    """Hold the tables that readers follow against the release that they are said to be of."""
    shown = release.latest(public, cycle)
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


def _places(folder: Path, of: Release, cycle: Cycle, public: Store, private: Store) -> Places:
    """Return stores that hold what there was when a release was made: raw files, earlier releases, what was mended."""
    private_copy = Store(str(folder / "private"), private=True)
    places = Places(Store(str(folder / "inbox")), private_copy, Store(str(folder / "public")))
    said = of.descriptor["a4p"]["lineage"]
    for one in said["submissions"]:
        places.private.write(one["raw"], checked.read(private, one["raw"], one["sha256"], RECEIVED_AGAIN))
    if said["previous"]:
        places.private.write(said["previous"], checked.read(private, said["previous"]))
    before = [one for one in release.releases(public, cycle) if int(one.name[1:]) < int(of.name[1:])]
    for one in before:
        for path in one.hashes:
            places.public.write(f"{one.path}/{path}", release.read_file(public, one, path))
        places.public.copy_in(f"{one.path}/{NAME}", public, f"{one.path}/{NAME}")
    if base := _base(of, public):
        pointer = f"releases/{cycle.folder}/latest.json"
        places.public.write(pointer, f'{{"release": "{base}"}}'.encode())
        for one in before:
            if int(one.name[1:]) > int(base[1:]):
                places.public.write(f"releases/{cycle.folder}/withdrawn/{one.name}.json", b"{}")
    mended = release.read_table(public, of, "mended")
    ledger.save(places.private, cycle, _as_ledger(mended))
    return places


def _base(of: Release, public: Store) -> str | None:
    """Return the release that a release says what changed since."""
    said = json.loads(release.read_file(public, of, release.CHANGES))["from"]
    return str(said) if said else None


def _as_ledger(mended: pl.DataFrame) -> pl.DataFrame:
    """Return what was mended before a release as the ledger that the release was made with."""
    known = mended.with_columns(resolved_on="mended_on", first_seen="sent_on", last_seen="mended_on")
    return pl.concat([ledger.empty(), known], how="diagonal_relaxed")
