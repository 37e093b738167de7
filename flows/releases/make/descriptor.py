"""What a release says of itself: its tables as files, and its Data Package v2 descriptor. Pure: no clock, no store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from config import Cycle
from flows.core.canonical import hash_of
from flows.core.records import Status, Submission
from flows.releases.make import limits
from flows.releases.make.table_files import DIALECT
from transforms.dictionary import TableEntry
from transforms.relations import references as references_of

NAME = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_MEDIA_TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".xml": "application/vnd.sdmx.structure+xml;version=3.0",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_TEXT = frozenset({".csv", ".html", ".json", ".jsonld", ".md", ".xml"})
_TABULAR = frozenset({".csv", ".parquet"})
_OF_TABLES = frozenset({"tables", "quality"})


def descriptor(
    release: str,
    cycle: Cycle,
    files: Mapping[str, bytes],
    tables: Mapping[str, pl.DataFrame],
    entries: Mapping[str, TableEntry],
    *,
    status: Status,
    missing: Sequence[str],
    left_out: Sequence[str] = (),
    as_of: date,
    submissions: Iterable[Submission],
    pipeline: Mapping[str, Any],
    quality: Mapping[str, Any],
    lineage: Mapping[str, Any],
    counted_up_to: date | None = None,
    told: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe a release as a Data Package.

    In: every file of the release but the descriptor; the frames behind its `tables/` and `quality/` files, and their
    entries in the data dictionary, by table; what is missing, and the tables that are left out and so have no rows,
    named only where there are any; version and fingerprints of the pipeline; counts of findings; where in the private
    store the accepted rows lie that the tables were made from (`lineage`); the day up to which alone data are counted,
    where that is before the cycle's end; what catalogues are `told` of every release (about.package).
    Raises ValueError that names table and column where one is not in the dictionary.
    """
    return {
        "$schema": PROFILE,
        "name": f"a4p-{cycle.folder}",
        "title": f"A4P+ report, cycle {cycle.number} ({cycle.start} to {cycle.end})",
        "version": version_of(cycle.number, release),
        **(told or {}),
        "resources": [_resource(path, files, tables, entries) for path in sorted(files)],
        "sources": sorted(map(source, submissions), key=lambda one: (one["title"], one["path"])),
        "a4p": {
            "release": release,
            "cycle": cycle.number,
            "status": status,
            "missing": sorted(missing),
            **({"left_out": sorted(left_out)} if left_out else {}),
            "as_of": as_of.isoformat(),
            **({"counted_up_to": counted_up_to.isoformat()} if counted_up_to else {}),
            "pipeline": _by_key(pipeline),
            "quality": _by_key(quality),
            "lineage": _by_key(lineage),
        },
    }


def completed(document: Mapping[str, Any], release: str, more: Mapping[str, bytes]) -> dict[str, Any]:
    """Return a descriptor for a release's name, with more files that are no tables among its resources."""
    resources = [*document["resources"], *(_resource(path, more, {}, {}) for path in more)]
    return {
        **document,
        "version": version_of(document["a4p"]["cycle"], release),
        "resources": sorted(resources, key=lambda resource: resource["path"]),
        "a4p": {**document["a4p"], "release": release},
    }


def version_of(cycle: int, release: str) -> str:
    """Return a release's name as a version of three numbers, which every catalogue can put in order."""
    return f"{cycle}.{int(release.removeprefix('r'))}.0"


def _by_key(node: Any) -> Any:
    """Sort what the caller passed: its order says nothing, and must not make a new release."""
    return {key: _by_key(node[key]) for key in sorted(node)} if isinstance(node, Mapping) else node


def _resource(
    path: str, files: Mapping[str, bytes], tables: Mapping[str, pl.DataFrame], entries: Mapping[str, TableEntry]
) -> dict[str, Any]:
    where = PurePosixPath(path)
    resource: dict[str, Any] = {
        "name": resource_name(path),
        "path": path,
        "format": where.suffix.removeprefix("."),
        "mediatype": media_type(path),
        "bytes": len(files[path]),
        "hash": hash_of(files[path]),
    }
    if where.suffix in _TEXT:
        resource["encoding"] = "utf-8"
    if where.suffix in _TABULAR and where.parent.name in _OF_TABLES:
        resource |= _tabular(where, files, tables, entries)
    return resource


def media_type(path: str) -> str:
    """Return the media type of a file of a release."""
    return _MEDIA_TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")


def resource_name(path: str) -> str:
    """Return a file's name among the resources: a CSV's is the table's own, since every reader of packages takes it."""
    name = PurePosixPath(path).name
    return name.removesuffix(".csv").lower()


def _tabular(
    where: PurePosixPath,
    files: Mapping[str, bytes],
    tables: Mapping[str, pl.DataFrame],
    entries: Mapping[str, TableEntry],
) -> dict[str, Any]:
    name = where.stem
    if name not in tables or name not in entries:
        raise ValueError(f"The file {where} has no table or no entry in the data dictionary behind it.")
    entry = entries[name]
    beside = {other for other in tables if f"tables/{other}{where.suffix}" in files}
    schema = of_table(name, {other: tables[other] for other in tables if other == name or other in beside}, entry)
    for key in schema.get("foreignKeys", []):
        key["reference"]["resource"] = resource_name(f"tables/{key['reference']['resource']}{where.suffix}")
    dialect = {"dialect": DIALECT} if where.suffix == ".csv" else {}
    described: dict[str, Any] = {
        "type": "table",
        **dialect,
        "description": entry.description,
        **limits.over_cycles(entry),
    }
    if entry.source:
        described["sources"] = [{"title": entry.source}]
    if entry.rule:
        described["rule"] = entry.rule
    if entry.imputed:
        described["imputed"] = entry.imputed
    return {**described, "schema": schema}


def of_table(name: str, tables: Mapping[str, pl.DataFrame], entry: TableEntry) -> dict[str, Any]:
    """Return a table's fields, its key and the other tables that it refers to, as the schema of a Data Package.

    In: the table and those that it may refer to, by name; its entry in the data dictionary. Raises ValueError.
    """
    table = tables[name]
    schema: dict[str, Any] = {
        "fields": [
            _field(name, column, kind, entry) | limits.of_field(name, column, entry, tables)
            for column, kind in table.schema.items()
        ],
        "primaryKey": [_known(name, column, table) for column in entry.key],
    }
    references = [
        {"fields": [column], "reference": {"resource": other, "fields": [key]}}
        for column, (other, key) in references_of(name, table.columns).items()
        if _refers(table[column], tables.get(other), key)
    ]
    return {**schema, "foreignKeys": references} if references else schema


def _field(table: str, column: str, kind: pl.DataType, entry: TableEntry) -> dict[str, str]:
    if column not in entry.fields:
        raise ValueError(f"The column '{column}' of the table '{table}' is not in the data dictionary; describe it.")
    said = entry.fields[column]
    field = {"name": column, "type": _type(table, column, kind), "description": said.description}
    return {**field, "unit": said.unit} if said.unit else field


def _type(table: str, column: str, kind: pl.DataType) -> str:
    if kind.is_integer():
        return "integer"
    if kind.is_numeric():
        return "number"
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        return "string"
    for dtype, name in ((pl.Boolean, "boolean"), (pl.Date, "date"), (pl.Datetime, "datetime")):
        if isinstance(kind, dtype):
            return name
    raise ValueError(f"The column '{column}' of the table '{table}' is {kind}; a release has no type for that.")


def _known(table: str, column: str, frame: pl.DataFrame) -> str:
    if column not in frame.columns:
        raise ValueError(f"The key of the table '{table}' names '{column}', which is no column of it.")
    return column


def _refers(column: pl.Series, other: pl.DataFrame | None, key: str) -> bool:
    """Tell whether every value of a column is in the key of the other table."""
    if other is None or key not in other.columns:
        return False
    return set(column.drop_nulls().unique()) <= set(other[key])


def source(submission: Submission) -> dict[str, Any]:
    """Return a raw file as a descriptor names it among the sources."""
    said = {
        "title": submission.source,
        "path": submission.raw,
        "hash": f"sha256:{submission.sha256}",
        "bytes": submission.size,
        "received_at": submission.received_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    return {**said, "mission": submission.mission} if submission.mission else said
