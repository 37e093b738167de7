"""Whether a release can be made again from its raw files, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from config import Config, ConfigError, Cycle, by_its_config
from flows.core import temporary
from flows.core.canonical import as_json
from flows.core.code_version import of_pipeline
from flows.core.records import Release
from flows.core.verified import Verified
from flows.intake.books import ledger, record
from flows.intake.receive.history import History
from flows.refresh.story import judge, make
from flows.releases import editions, made_with, same, shelf
from flows.releases.make import lineage
from flows.releases.make.descriptor import NAME
from flows.stores import Store, checked
from flows.stores.checked import RECEIVED_AGAIN
from flows.stores.from_settings import Places, internal_in
from transforms.dictionary import CYCLE


@by_its_config
def rebuild(
    of: Release, cycle: Cycle, config: Config, public: Store, private: Store, internal: Store | None = None
) -> Verified:
    """Make a release again from its raw files, in a place of its own, and compare every file.

    `internal` is where the internal edition is, where it is not in the private store.
    The descriptor is no part of the comparison: it names the release's own number. Raises ConfigError where another
    version of the pipeline made the release, or where the release does not say from what it was made.
    """
    config = config.of_cycle(cycle.number)
    making = lineage.making(of.descriptor, private)
    made_by, said = making["pipeline"], making.get("lineage", {})
    if "submissions" not in said:
        raise ConfigError(f"The release {of.name} does not say from which files it was made; use a later one.")
    if made_by["fingerprint"] != of_pipeline():
        raise ConfigError(
            f"Version {made_by['version']} ({made_by['fingerprint']}) of the pipeline made {of.name}, this is "
            f"{of_pipeline()}; check out that version to make it again, or leave out --rebuild."
        )
    for decision in made_with.erased_of(of, private).values():
        raise ConfigError(
            f"The release {of.name} cannot be made again: a file that it was made with was erased on "
            f"{decision.on:%Y-%m-%d} ({decision.place})."
        )
    reached = lineage.reached(said)
    # decisions of later are no part of it
    config = record.laid_over(config, record.entries(private)[: reached.entries] if reached else [])
    with temporary.folder() as folder:
        inside = internal or internal_in(private)
        mended = editions.read_table(of, "mended", public, inside)
        places = _places(folder, of, said, mended, cycle, public, private)
        origin = lineage.origin(said)
        slots, withdrawn = lineage.pulled(said), lineage.withdrawn(said)
        history = History(cycle.number, noted=lineage.compared_with(said))
        earlier = lineage.history(said)
        gathered = judge(
            slots, cycle, places, config, as_of=origin.as_of, withdrawn=withdrawn, history=history, earlier=earlier
        )
        gathered = replace(gathered, astray=lineage.astray(said))
        # also one that is like a release withdrawn at some time
        every = shelf.committed(places.public, cycle)
        made = make(gathered, origin, cycle, places, config, lifted=every).release
        if made is None:
            problems: tuple[str, ...] = (f"Made again from its raw files, {of.name} would not be published.",)
        else:
            then, now = shelf.contents(of), shelf.contents(made)
            if editions.has_edition(of):
                then |= editions.contents(of, inside)
                now |= editions.contents(made, places.internal)
            differ = [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]
            problems = tuple(f"Made again from its raw files, {name} is not the same." for name in differ)
    return Verified(of.name, len(of.hashes), len(said["submissions"]), problems, rebuilt=True)


def _places(
    folder: Path,
    of: Release,
    said: Mapping[str, Any],
    mended: pl.DataFrame,
    cycle: Cycle,
    public: Store,
    private: Store,
) -> Places:
    """Return stores that hold what there was when a release was made: raw files, earlier releases, what was mended."""
    private_copy = Store(str(folder / "private"), private=True)
    places = Places(
        Store(str(folder / "inbox")),
        private_copy,
        Store(str(folder / "public")),
        members=Store(str(folder / "members")),
    )
    for one in [*said["submissions"], *(other["with"] for other in said.get("compared_with", []))]:
        places.private.write(one["raw"], checked.read(private, one["raw"], one["sha256"], RECEIVED_AGAIN))
    named = [path for numbers in lineage.history(said).values() for _, path in numbers]
    for path in [*named, *filter(None, (said["previous"], said.get("series")))]:
        places.private.write(path, checked.read(private, path))
    before = [one for one in shelf.releases(public, cycle) if int(one.name[1:]) < int(of.name[1:])]
    for one in before:
        for path in one.hashes:
            places.public.write(f"{one.path}/{path}", shelf.read_file(public, one, path))
        places.public.copy_in(f"{one.path}/{NAME}", public, f"{one.path}/{NAME}")
        if kept := lineage.place(one.descriptor):
            places.private.copy_in(kept, private, kept)
    if base := _base(of, public):
        pointer = f"releases/{cycle.folder}/latest.json"
        places.public.write(pointer, f'{{"release": "{base}"}}'.encode())
        for one in before:
            if int(one.name[1:]) > int(base[1:]):
                mark = {"release": one.name, "on": "2000-01-01T00:00:00+00:00", "to": base, "why": ""}
                places.public.write(f"releases/{cycle.folder}/withdrawn/{one.name}.json", as_json(mark))
    ledger.save(places.private, cycle, _as_ledger(mended))
    return places


def _base(of: Release, public: Store) -> str | None:
    """Return the release that a release says what changed since."""
    said = json.loads(shelf.read_file(public, of, same.CHANGES))["from"]
    return str(said) if said else None


def _as_ledger(mended: pl.DataFrame) -> pl.DataFrame:
    """Return what was mended before a release as the ledger that the release was made with."""
    known = mended.drop(CYCLE, strict=False).with_columns(
        resolved_on="mended_on", first_seen="sent_on", last_seen="mended_on"
    )
    return pl.concat([ledger.empty(), known], how="diagonal_relaxed")
