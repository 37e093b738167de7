"""What a release tells catalogues and search engines of itself: schema.org and DCAT in one JSON-LD graph. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from config import Cycle
from flows.core.canonical import as_json, hash_of
from flows.core.records import Status
from flows.documents.words import NUMBER
from flows.releases.make.descriptor import media_type
from transforms.dictionary import TableEntry

NAME = "dataset.jsonld"
# written out, not linked, so that nobody needs the network to read it
_CONTEXT = {
    "@vocab": "https://schema.org/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "contentUrl": {"@type": "@id"},
    "url": {"@type": "@id"},
    "dcat:downloadURL": {"@type": "@id"},
    "dcat:landingPage": {"@type": "@id"},
    "dcat:mediaType": {"@type": "@id"},
    "dcat:byteSize": {"@type": "xsd:nonNegativeInteger"},
    "dcat:startDate": {"@type": "xsd:date"},
    "dcat:endDate": {"@type": "xsd:date"},
    "spdx:algorithm": {"@type": "@id"},
    "spdx:checksumValue": {"@type": "xsd:hexBinary"},
}
_DATA = frozenset({".csv", ".parquet", ".xlsx"})
_PAGE = "report.html"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"


def of_release(
    cycle: Cycle,
    status: Status,
    files: Mapping[str, bytes],
    tables: Mapping[str, pl.DataFrame],
    entries: Mapping[str, TableEntry],
    up_to: date | None = None,
) -> bytes:
    """Return the JSON-LD document of a release; all addresses in it are relative to its folder.

    In: every file of the release but this one and the descriptor; the frames behind its tables, and their entries in
    the data dictionary, by table; the day up to which data are counted, where that is before the cycle's end.
    No clock is in it, and in place of the release's name NUMBER: the same content gives the same bytes.
    """
    title = f"A4P+ report, cycle {cycle.number} ({cycle.start} to {cycle.end})"
    description = (
        "Tables and figures of the Action for Peacekeeping+ (A4P+) progress report of United Nations peacekeeping, "
        f"{cycle.start} to {cycle.end}: " + ", ".join(_public(files, tables)) + "."
    )
    dataset: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": "./",
        "@type": ["Dataset", "dcat:Dataset"],
        "name": title,
        "dct:title": title,
        "description": description,
        "dct:description": description,
        "identifier": f"a4p-{cycle.folder}",
        "dct:identifier": f"a4p-{cycle.folder}",
        "version": NUMBER,
        "dcat:version": NUMBER,
        "creativeWorkStatus": status,
        "temporalCoverage": f"{cycle.start}/{up_to or cycle.end}",
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": cycle.start.isoformat(),
            "dcat:endDate": (up_to or cycle.end).isoformat(),
        },
    }
    if _PAGE in files:
        dataset |= {"url": _PAGE, "dcat:landingPage": _PAGE}
    data = [path for path in sorted(files) if PurePosixPath(path).suffix in _DATA]
    dataset["variableMeasured"] = [
        _variable(name, column, entries[name]) for name in _public(files, tables) for column in tables[name].columns
    ]
    dataset["distribution"] = [_distribution(path, files[path], entries) for path in data]
    dataset["dcat:distribution"] = [{"@id": path} for path in data]
    return as_json(dataset)


def _public(files: Mapping[str, bytes], tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Return the tables that are published as such; those on the quality of the input measure nothing of the world."""
    return [name for name in sorted(tables) if f"tables/{name}.parquet" in files]


def _variable(table: str, column: str, entry: TableEntry) -> dict[str, Any]:
    said = entry.fields[column]
    variable = {
        "@id": f"{NAME}#{table}.{column}",
        "@type": "PropertyValue",
        "name": column,
        "propertyID": f"{table}.{column}",
        "description": said.description,
    }
    return {**variable, "unitText": said.unit} if said.unit else variable


def _distribution(path: str, data: bytes, entries: Mapping[str, TableEntry]) -> dict[str, Any]:
    where = PurePosixPath(path)
    name = where.name
    distribution: dict[str, Any] = {
        "@id": path,
        "@type": ["DataDownload", "dcat:Distribution"],
        "name": name,
        "dct:title": name,
        "contentUrl": path,
        "dcat:downloadURL": path,
        "encodingFormat": media_type(path),
        "dcat:mediaType": _MEDIA_TYPES + media_type(path),
        **measured(data),
    }
    entry = entries.get(where.stem) if where.suffix != ".xlsx" else None
    if entry:
        distribution |= {"description": entry.description, "dct:description": entry.description}
    return distribution


def measured(data: bytes) -> dict[str, Any]:
    """Return what an entry says of a file's content: its size and its hash."""
    digest = hash_of(data).removeprefix("sha256:")
    return {
        "contentSize": f"{len(data)} B",
        "dcat:byteSize": len(data),
        "sha256": digest,
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": "spdx:checksumAlgorithm_sha256",
            "spdx:checksumValue": digest,
        },
    }
