"""What is exported: tables with all that is known of them, those first that others refer to, and the files."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import polars as pl

from config import Config
from flows.core import names
from flows.core.errors import NotThere, StoreError
from flows.core.records import Release
from flows.releases import all_cycles, shelf
from flows.releases.make.descriptor import NAME
from flows.releases.make.table_files import columns_said_by, said_by
from flows.stores import Store, checked
from transforms.relations import references

# the table that says which releases the file is made of
RELEASES = "releases"


@dataclass(frozen=True)
class Column:
    """What a column holds, and its unit."""

    description: str = ""
    unit: str = ""

    @property
    def comment(self) -> str:
        """Both as one text."""
        return f"{self.description} Unit: {self.unit}." if self.unit else self.description


@dataclass(frozen=True)
class Exported:
    """A table: its rows, what it is and what each column holds, its key, and what columns refer to.

    `key` is empty where its columns are no key in the rows that there are; `refers` has, by column, a table and its
    key.
    """

    name: str
    rows: pl.DataFrame
    description: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Content:
    """What is exported: tables, those first that others refer to; the files behind them; of which releases."""

    tables: tuple[Exported, ...]
    files: Mapping[str, bytes]
    releases: tuple[Release, ...]


def of_release(public: Store, release: Release) -> Content:
    """Return the content of a release. Raises StoreError where a file is not what was published."""
    files = {path: shelf.read_file(public, release, path) for path in sorted(release.hashes)}
    files[NAME] = public.read(f"{release.path}/{NAME}")
    tables = []
    for one in release.descriptor["resources"]:
        path = PurePosixPath(one["path"])
        if path.suffix == ".parquet" and "schema" in one:
            columns = {
                said["name"]: Column(said.get("description", ""), said.get("unit", ""))
                for said in one["schema"]["fields"]
            }
            rows, key = pl.read_parquet(io.BytesIO(files[one["path"]])), tuple(one["schema"].get("primaryKey", ()))
            tables.append(Exported(path.stem, rows, one.get("description", ""), columns, key))
    return Content(_linked([*tables, _releases([release])]), files, (release,))


def of_all(public: Store, config: Config) -> Content:
    """Return the tables of all cycles.

    Raises ConfigError where no cycle has a release, StoreError where a file is not what was written.
    """
    told = f"{all_cycles.FOLDER}/{all_cycles.TOLD}"
    try:
        said = checked.read_json(public, told, checked.OBJECT, "run a4p refresh to put it right")
    except NotThere:
        raise names.nothing_released() from None
    if problem := next(all_cycles.problems(public), None):
        raise StoreError(problem)
    paths = [path for one in said["tables"].values() for path in one["files"]]
    files = {path: public.read(f"{all_cycles.FOLDER}/{path}") for path in sorted(paths)}
    files[all_cycles.TOLD] = public.read(told)
    cycles = {cycle.folder: cycle for cycle in config.cycles.values()}
    releases = [
        shelf.get(public, cycles[folder], name) for folder, name in said["releases"].items() if folder in cycles
    ]
    tables = [_of_file(path, data) for path, data in files.items() if path.endswith(".parquet")]
    return Content(_linked([*tables, _releases(releases)]), files, tuple(releases))


def _of_file(path: str, data: bytes) -> Exported:
    said, rows = said_by(data), pl.read_parquet(io.BytesIO(data))
    columns = {
        name: Column(of.get("description", ""), of.get("unit", "")) for name, of in columns_said_by(data).items()
    }
    key = tuple(filter(None, said.get("key", "").split(", ")))
    return Exported(PurePosixPath(path).stem, rows, said.get("description", ""), columns, key)


def _releases(releases: list[Release]) -> Exported:
    known = [
        {
            "cycle": one.cycle,
            "release": one.name,
            "status": one.status,
            "title": one.descriptor.get("title"),
            "licence": next((of.get("name") for of in one.descriptor.get("licenses", ())), None),
        }
        for one in releases
    ]
    kinds = dict.fromkeys(("release", "status", "title", "licence"), pl.String)
    columns = {
        "cycle": Column("Number of the cycle."),
        "release": Column("Name of the release."),
        "status": Column("final, or provisional where something is missing or has to be mended."),
        "title": Column("What the release is called."),
        "licence": Column("Licence as SPDX names it; empty where none has been given: all rights are reserved."),
    }
    rows = pl.DataFrame(known, schema={"cycle": pl.Int64, **kinds})
    return Exported(RELEASES, rows, "Releases that this file was made from; one row a cycle.", columns, ("cycle",))


def _linked(tables: list[Exported]) -> tuple[Exported, ...]:
    """Return tables with the keys and references that their rows hold, those first that others refer to."""
    keyed = {one.name: replace(one, key=one.key if _is_key(one) else ()) for one in tables}
    found = {name: replace(one, refers=dict(_refers(one, keyed))) for name, one in keyed.items()}
    ordered: dict[str, Exported] = {}

    def put(name: str) -> None:
        if name not in ordered:
            for other, _ in sorted(found[name].refers.values()):
                put(other)
            ordered[name] = found[name]

    for name in sorted(found):
        put(name)
    return tuple(ordered.values())


def _is_key(table: Exported) -> bool:
    if not table.key or not set(table.key) <= set(table.rows.columns):
        return False
    key = table.rows.select(table.key)
    return not any(key.null_count().row(0)) and not key.is_duplicated().any()


def _refers(table: Exported, tables: Mapping[str, Exported]) -> Iterator[tuple[str, tuple[str, str]]]:
    for column, (other, key) in references(table.name, table.rows.columns).items():
        to = tables.get(other)
        if to is None or to.key != (key,) or to.rows[key].dtype != table.rows[column].dtype:
            continue
        if set(table.rows[column].drop_nulls()) <= set(to.rows[key]):
            yield column, (other, key)
