"""What a release tells tools of machine learning of itself: its tables as record sets, in Croissant 1.0. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from flows.core.canonical import as_json, hash_of
from flows.documents.words import NUMBER
from flows.releases.make.about import NO_LICENCE, About, given
from flows.releases.make.descriptor import of_table, version_of
from transforms.dictionary import TableEntry

NAME = "croissant.json"
# the names that the specification gives, of which tools miss each one that is not there
_OWN = (
    *("citeAs", "column", "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes"),
    *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated"),
    *("replace", "samplingRate", "separator", "source", "subField", "transform", "equivalentProperty"),
)
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in _OWN},
}
_KINDS = {
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
    "string": "sc:Text",
}


def of_release(
    about: About, files: Mapping[str, bytes], tables: Mapping[str, pl.DataFrame], entries: Mapping[str, TableEntry]
) -> bytes:
    """Return the Croissant document of a release, whose files it names relative to its folder.

    In: what it is about; its files, of which it describes the tables as Parquet; the frames behind these, and their
    entries in the data dictionary, by table. The version is that of NUMBER: the same content gives the same bytes.
    """
    said = about.publication
    publisher = {"@type": "sc:Organization", **given({"name": said.publisher.name, "url": said.publisher.address})}
    named = [name for name in sorted(tables) if _path(name) in files]
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.title,
        "description": about.description,
        "identifier": about.identifier,
        "url": said.homepage,
        "version": version_of(about.cycle.number, NUMBER),
        "license": said.licence.address if said.licence else NO_LICENCE,
        "citeAs": about.citation,
        "creator": publisher,
        "publisher": publisher,
        "datePublished": about.day.isoformat(),
        "dateModified": about.day.isoformat(),
        "inLanguage": list(said.languages),
        "keywords": about.keywords,
        "isLiveDataset": False,
        "distribution": [_file(name, files[_path(name)], entries[name]) for name in named],
        "recordSet": [_records(name, tables, entries[name], named) for name in named],
    }
    return as_json(given(document))


def with_name(
    document: Mapping[str, Any], name: str, changed: Mapping[str, bytes], issued: str | None
) -> dict[str, Any]:
    """Return the document with a release's name in it, and since when there are releases of the cycle.

    In: the files that changed by the name, whose hashes it renews.
    """
    citation = str(document["citeAs"]).replace(NUMBER, name)
    cycle = int(str(document["version"]).partition(".")[0])
    first = {"datePublished": issued} if issued else {}
    files: Iterable[dict[str, Any]] = document["distribution"]
    renewed = [one | (_measured(changed[one["@id"]]) if one["@id"] in changed else {}) for one in files]
    return {**document, "version": version_of(cycle, name), "citeAs": citation, **first, "distribution": renewed}


def _path(table: str) -> str:
    return f"tables/{table}.parquet"


def _file(table: str, data: bytes, entry: TableEntry) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _path(table),
        "name": f"{table}.parquet",
        "description": entry.description,
        "contentUrl": _path(table),
        "encodingFormat": "application/x-parquet",
        **_measured(data),
    }


def _measured(data: bytes) -> dict[str, Any]:
    return {"contentSize": f"{len(data)} B", "sha256": hash_of(data).removeprefix("sha256:")}


def _records(table: str, tables: Mapping[str, pl.DataFrame], entry: TableEntry, named: list[str]) -> dict[str, Any]:
    schema = of_table(table, {name: tables[name] for name in named}, entry)
    to = {key["fields"][0]: key["reference"] for key in schema.get("foreignKeys", [])}
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "description": entry.description,
        "key": [{"@id": f"{table}/{column}"} for column in schema["primaryKey"]],
        "field": [_field(table, field, to.get(field["name"])) for field in schema["fields"]],
    }


def _field(table: str, field: Mapping[str, str], reference: Mapping[str, Any] | None) -> dict[str, Any]:
    unit = f" In {field['unit']}." if "unit" in field else ""
    described = {
        "@type": "cr:Field",
        "@id": f"{table}/{field['name']}",
        "name": field["name"],
        "description": f"{field['description']}{unit}",
        "dataType": _KINDS[field["type"]],
        "source": {"fileObject": {"@id": _path(table)}, "extract": {"column": field["name"]}},
    }
    if reference:
        described["references"] = {"field": {"@id": f"{reference['resource']}/{reference['fields'][0]}"}}
    return described
