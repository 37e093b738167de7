"""Which releases were made with a file that is erased, and where readers can be led instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import polars as pl

from config import Config
from flows.core.errors import NotReadable, NotThere
from flows.core.records import Release
from flows.intake.books import erasures, record
from flows.intake.books.erasures import Erased
from flows.intake.books.record import Entry
from flows.releases import editions, shelf
from flows.releases.make import lineage
from flows.stores import Store
from flows.stores.checked import Damaged
from flows.stores.from_settings import Places


@dataclass(frozen=True)
class Made:
    """A release that was made with an erased file, or received it: what for, and whether readers see it.

    `to` is the newest release before it that readers can be led back to, where there is one.
    """

    cycle: int
    release: str
    used: bool
    shown: bool
    withdrawn: bool
    to: str | None


def made_with(erased: Erased, places: Places, config: Config) -> Iterator[Made]:
    """Yield the releases for which a file was received, oldest first, with what can be done about each."""
    public = places.public
    for cycle in config.cycles.values():
        out, shown, to = set(shelf.withdrawn(public, cycle)), shelf.latest(public, cycle), None
        for one in shelf.releases(public, cycle):
            used = use(one, folder_of(cycle.number - 1, config), erased, places)
            if used is not None:
                is_shown = shown is not None and shown.name == one.name
                yield Made(cycle.number, one.name, used, is_shown, one.name in out, to)
            if not used and one.name not in out:
                to = one.name


def use(of: Release, before: str | None, erased: Erased, places: Places) -> bool | None:
    """Tell whether a release has rows of a file in its numbers; None where it did not come for it.

    `before` is the folder of the cycle before.
    """
    said = made_of(of, places.private)
    if "in_use" not in said:
        with suppress(NotThere):
            every = editions.read_table(of, "submissions", places.public, places.internal)
            own = every.filter(pl.col("sha256") == erased.sha256)
            return bool((own["status"] == "accepted").any()) if own.height else None
        return None
    if any(one.endswith(f"/{erased.sha256}") for one in said["in_use"]):
        return True
    # without a release of the cycle before, the numbers beside its own come from raw files
    if str(said.get("previous")).startswith("curated/") and before in erased.cycles:
        return True
    compared = (one["with"] for one in said.get("compared_with", []))
    return False if any(one["sha256"] == erased.sha256 for one in (*said["submissions"], *compared)) else None


def erased_of(of: Release, private: Store) -> dict[str, Entry]:
    """Return by SHA-256 the decisions that erased files that a release was made with, or compared them with.

    None where the record of decisions is damaged, or may not be read.
    """
    said = made_of(of, private)
    raw = (*said.get("submissions", []), *(one["with"] for one in said.get("compared_with", [])))
    with suppress(NotThere, Damaged, NotReadable):
        decided = erasures.decided(record.entries(private))
        return {one["sha256"]: decided[one["sha256"]] for one in raw if one["sha256"] in decided}
    return {}


def made_of(of: Release, private: Store) -> Mapping[str, Any]:
    """Return the lineage of a release; what its descriptor tells where it is lost, damaged or may not be read."""
    with suppress(NotThere, Damaged, NotReadable):
        return lineage.read(of.descriptor, private)
    told: Mapping[str, Any] = of.descriptor["a4p"].get("lineage", {})
    return told


def to_refresh(erased: Erased, made: Sequence[Made], public: Store, config: Config) -> Iterator[int]:
    """Yield the cycles that a file came for, and those after them that have a release: it stands beside theirs."""
    named = {one.cycle for one in made}
    for cycle in config.cycles.values():
        after = folder_of(cycle.number - 1, config) in erased.cycles and shelf.latest(public, cycle)
        if cycle.folder in erased.cycles or cycle.number in named or after:
            yield cycle.number


def folder_of(number: int, config: Config) -> str | None:
    """Return the folder of a cycle; None where there is no cycle of that number."""
    cycle = config.cycles.get(number)
    return cycle.folder if cycle else None
