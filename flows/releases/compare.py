"""Releases held against each other: what changed, as the files of a release, and a figure's values in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import polars as pl

from config import Config, ConfigError, Cycle
from flows.core import names
from flows.core.canonical import as_json
from flows.core.errors import NotReadable, NotThere
from flows.core.records import Release
from flows.documents import dictionary
from flows.documents.page.changes import page_of_changes
from flows.releases import changes, marks, shelf
from flows.releases.changes import Side
from flows.releases.make import lineage
from flows.releases.same import CHANGES
from flows.stores import Store
from transforms.figures import former_names, under_both_names

HISTORY: dict[str, pl.DataType] = {
    "release": pl.String(),
    "status": pl.String(),
    "figure": pl.String(),
    "mission": pl.String(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "obs_status": pl.String(),
    "change_since_first": pl.Float64(),
    # on which day, back to which release and why; empty for what readers may rely on
    "withdrawn": pl.String(),
}


def files(
    public: Store, before: Release | None, after: Side, config: Config, cycle: Cycle, private: Store | None = None
) -> dict[str, bytes]:
    """Return changes.json and its page for a release that is about to be published.

    The private store tells what the release before was made of; without it that is known as readers know it.

    Raises StoreError where a table of the release before is not what was published.
    """
    document = changes.between(
        side(public, before, private) if before else None, after, dictionary.entries(), config, cycle
    )
    return {CHANGES: as_json(document), "changes.html": page_of_changes(document, config, cycle).encode()}


def diff(
    public: Store, before: Release, after: Release, config: Config, cycle: Cycle, private: Store | None = None
) -> dict[str, Any]:
    """Return what changed from one release to another, as changes.json has it, with `to` and which way it looks.

    Where the private store is given, files are named as they are called there.
    `direction` is `forwards` from an older release to a newer one, else `backwards`.
    """
    sides = side(public, before, private), side(public, after, private)
    document = changes.between(*sides, dictionary.entries(), config, cycle, named=private is not None)
    forwards = int(before.name[1:]) <= int(after.name[1:])
    return {**document, "to": after.name, "direction": "forwards" if forwards else "backwards"}


def side(public: Store, of: Release, private: Store | None = None) -> Side:
    """Return a release as one side of a comparison, its `tables/` read.

    What it was made of is told by the private store; by keyed hashes, as readers know it, where that is not at hand.
    """
    names = [
        path.removeprefix("tables/").removesuffix(".parquet")
        for path in of.hashes
        if path.startswith("tables/") and path.endswith(".parquet")
    ]
    said = of.descriptor["a4p"]
    tables = {name: shelf.read_table(public, of, name) for name in names}
    making = lineage.as_told(of.descriptor)
    if private:
        with suppress(NotReadable, NotThere):
            making = lineage.making(of.descriptor, private)
    parts, earlier = making["pipeline"].get("parts", {}), making.get("lineage", {}).get("series")
    return Side(of.name, tables, making["sources"], parts, said["as_of"], said.get("left_out", []), earlier)


def history_of(
    public: Store, shown: Release | None, former: Mapping[str, str] | None = None
) -> dict[str, pl.DataFrame] | None:
    """Return the figures and restatements of a release, for those of the next one; `former` gives former names."""
    if shown is None:
        return None
    there = [name for name in ("figures", "restatements") if _has(shown, name)]
    return {name: under_both_names(shelf.read_table(public, shown, name), former or {}) for name in there}


def as_previous(public: Store, of: Release) -> pl.DataFrame:
    """Return a release's figures as the next cycle compares its own with them: `first_value` is what was restated."""
    figures = shelf.read_table(public, of, "figures")
    if not _has(of, "restatements"):
        return figures
    first = shelf.read_table(public, of, "restatements").select("figure", "mission", "first_value")
    return figures.join(first, on=["figure", "mission"], how="left", maintain_order="left")


def history(public: Store, cycle: Cycle, figure: str, mission: str, config: Config) -> pl.DataFrame:
    """Return a figure's value in each release of a cycle, oldest first, as HISTORY says; withdrawn ones are marked.

    One that was renamed is found under both names, whichever a release has.

    Raises ConfigError that names the figures there are where no release has it.
    """
    rows, former = [], former_names(config.figures, cycle, ever=True)
    first: float | None = None
    gone = shelf.withdrawn(public, cycle)
    there = shelf.releases(public, cycle)
    tables = [under_both_names(shelf.read_table(public, one, "figures"), former) for one in there]
    if not tables:
        raise ConfigError(f"Cycle {cycle.number} has no release yet; make one with: a4p refresh --cycle {cycle.number}")
    figure = names.figure(figure, {name for table in tables for name in table["figure"]}, config, cycle)
    for one, table in zip(there, tables, strict=True):
        for row in table.filter(pl.col("figure") == figure, pl.col("mission") == mission).iter_rows(named=True):
            first = row["value"] if first is None else first
            change = row["value"] - first if row["value"] is not None and first is not None else None
            withdrawn = marks.in_words(gone[one.name]) if one.name in gone else None
            value, unit, sure = row["value"], row["unit"], row["obs_status"]
            rows.append((one.name, one.status, figure, mission, value, unit, sure, change, withdrawn))
    if not rows:
        raise ConfigError(
            f"The figure '{figure}' is not known for {mission}; leave out --mission for the whole of peacekeeping."
        )
    return pl.DataFrame(rows, schema=HISTORY, orient="row")


def _has(one: Release, table: str) -> bool:
    return any(f"{folder}/{table}.parquet" in one.hashes for folder in ("tables", "quality"))
