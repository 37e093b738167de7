"""What a release tells catalogues and search engines of itself: schema.org and DCAT-AP in one JSON-LD graph. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from config import Label
from flows.core.canonical import as_json, hash_of
from flows.documents.words import NUMBER
from flows.releases.make.about import NO_LICENCE, About, Place, given
from flows.releases.make.descriptor import media_type
from transforms.dictionary import TableEntry

NAME = "dataset.jsonld"
_ADDRESSES = (
    *("contentUrl", "license", "mainEntityOfPage", "url", "dcat:accessURL", "dcat:downloadURL"),
    *("spdx:algorithm", "vcard:hasEmail", "vcard:hasURL"),
)
_DAYS = ("dcat:startDate", "dcat:endDate", "dct:issued", "dct:modified")
# written out, not linked, so that nobody needs the network to read it
_CONTEXT = {
    "@vocab": "https://schema.org/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{name: {"@type": "@id"} for name in _ADDRESSES},
    **{name: {"@type": "xsd:date"} for name in _DAYS},
    "dcat:byteSize": {"@type": "xsd:nonNegativeInteger"},
    "spdx:checksumValue": {"@type": "xsd:hexBinary"},
}
_DATA = frozenset({".csv", ".parquet", ".xlsx"})
_PAGE = "report.html"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
# the lists of names that DCAT-AP prescribes
_LISTS = "http://publications.europa.eu/resource/authority/"
_ADMS = "http://purl.org/adms/"
_FORMATS = {".csv": "CSV", ".parquet": "PARQUET", ".xlsx": "XLSX"}
_LANGUAGES = {"en": "ENG", "fr": "FRA"}
_ACCESS = {"public": "PUBLIC", "restricted": "RESTRICTED", "non-public": "NON_PUBLIC"}
_FREQUENCIES = {
    "once a year": "ANNUAL",
    "twice a year": "ANNUAL_2",
    "four times a year": "QUARTERLY",
    "continuously": "UPDATE_CONT",
    "irregularly": "IRREG",
}


def of_release(
    about: About,
    files: Mapping[str, bytes],
    tables: Mapping[str, pl.DataFrame],
    entries: Mapping[str, TableEntry],
) -> bytes:
    """Return the JSON-LD document of a release; all addresses of its files are relative to its folder.

    In: what it is about; every file of the release but this one and the descriptor; the frames behind its tables, and
    their entries in the data dictionary, by table.
    No clock is in it, and in place of the release's name NUMBER: the same content gives the same bytes.
    """
    said, public = about.publication, _public(files, tables)
    data = [path for path in sorted(files) if PurePosixPath(path).suffix in _DATA]
    description = f"{about.description} Its tables: {', '.join(public)}."
    publisher = given({"name": said.publisher.name, "url": said.publisher.address})
    dataset: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": "./",
        "@type": ["Dataset", "dcat:Dataset"],
        "name": about.title,
        "dct:title": _english(about.title),
        "description": description,
        "dct:description": _english(description),
        "identifier": about.identifier,
        "dct:identifier": about.identifier,
        "version": NUMBER,
        "dcat:version": NUMBER,
        "creativeWorkStatus": about.status,
        "creditText": about.citation,
        "dct:bibliographicCitation": about.citation,
        "inLanguage": list(said.languages),
        "dct:language": [_listed("language", _LANGUAGES[one], "dct:LinguisticSystem") for one in said.languages],
        "keywords": about.keywords,
        "dcat:keyword": [text for word in said.keywords for text in _texts(word)],
        "dcat:theme": [
            {**_listed("data-theme", code, "skos:Concept"), "skos:prefLabel": _texts(title)}
            for code, title in said.themes.items()
        ],
        "datePublished": about.day.isoformat(),
        "dct:issued": about.day.isoformat(),
        "dateModified": about.day.isoformat(),
        "dct:modified": about.day.isoformat(),
        "publisher": {"@type": "Organization", **publisher},
        "creator": {"@type": "Organization", **publisher},
        "dct:publisher": _agent(about),
        "dcat:contactPoint": _contact(about),
        "isAccessibleForFree": said.access == "public",
        "conditionsOfAccess": said.access,
        "dct:accessRights": _listed("access-right", _ACCESS[said.access], "dct:RightsStatement"),
        "dct:accrualPeriodicity": _listed("frequency", _FREQUENCIES[said.frequency], "dct:Frequency"),
        **_licence(about),
        **_coverage(about),
    }
    if said.homepage:
        dataset["mainEntityOfPage"] = said.homepage
    if _PAGE in files:
        dataset |= {"url": _PAGE, "dcat:landingPage": {"@id": _PAGE, "@type": "foaf:Document"}}
    dataset["variableMeasured"] = [
        _variable(name, column, entries[name]) for name in public for column in tables[name].columns
    ]
    dataset["distribution"] = [_distribution(path, files[path], entries, about) for path in data]
    dataset["dcat:distribution"] = [{"@id": path} for path in data]
    return as_json(dataset)


def _public(files: Mapping[str, bytes], tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Return the tables that are published as such; those on the quality of the input measure nothing of the world."""
    return [name for name in sorted(tables) if f"tables/{name}.parquet" in files]


def _english(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "en"}


def _texts(label: Label) -> list[dict[str, str]]:
    """Return a label in each language that it has."""
    return [_english(label.en), *([{"@value": label.fr, "@language": "fr"}] if label.fr else [])]


def _listed(name: str, code: str, kind: str) -> dict[str, Any]:
    """Return an entry of one of the lists that DCAT-AP prescribes."""
    return {"@id": f"{_LISTS}{name}/{code}", "@type": kind}


def _kind(of: str, kind: str) -> dict[str, Any]:
    """Return an entry of one of the lists of the Asset Description Metadata Schema."""
    return {"@id": f"{_ADMS}{of}/{kind}", "@type": "skos:Concept", "skos:prefLabel": _english(kind)}


def _agent(about: About) -> dict[str, Any]:
    publisher = about.publication.publisher
    page = {"@id": publisher.address, "@type": "foaf:Document"} if publisher.address else None
    kind = _kind("publishertype", publisher.kind)
    return {"@type": "foaf:Agent", "foaf:name": publisher.name, "dct:type": kind, **given({"foaf:homepage": page})}


def _contact(about: About) -> dict[str, Any]:
    contact = about.publication.contact
    mail = f"mailto:{contact.email}" if contact.email else None
    ways = given({"vcard:hasEmail": mail, "vcard:hasURL": contact.page})
    return {"@type": ["vcard:Kind", "vcard:Organization"], "vcard:fn": contact.name, **ways}


def _licence(about: About) -> dict[str, Any]:
    """Return under which licence a release is, or that it has none."""
    licence = about.publication.licence
    return {"license": licence.address} if licence else {"copyrightNotice": NO_LICENCE}


def _rights(about: About) -> dict[str, Any]:
    """Return under which licence a file is, or that it has none."""
    licence = about.publication.licence
    if licence is None:
        return {"dct:rights": {"@type": "dct:RightsStatement", "rdfs:label": _english(NO_LICENCE)}}
    document = {"@id": licence.address, "@type": "dct:LicenseDocument", "dct:title": _english(licence.title)}
    return {"dct:license": {**document, "dct:type": _kind("licencetype", licence.kind)}}


def _coverage(about: About) -> dict[str, Any]:
    """Return which days and places the data cover."""
    covered: dict[str, Any] = {}
    if about.first and about.last:
        first, last = about.first.isoformat(), about.last.isoformat()
        covered["temporalCoverage"] = f"{first}/{last}"
        covered["dct:temporal"] = {"@type": "dct:PeriodOfTime", "dcat:startDate": first, "dcat:endDate": last}
    if about.places:
        covered["spatialCoverage"] = [_schema_place(place) for place in about.places]
        covered["dct:spatial"] = [_location(place) for place in about.places]
    return covered


def _schema_place(place: Place) -> dict[str, Any]:
    return {"@type": "Country" if place.code else "Place", "name": place.name, **given({"identifier": place.code})}


def _location(place: Place) -> dict[str, Any]:
    listed = _listed("country", place.code, "dct:Location") if place.code else {"@type": "dct:Location"}
    return {**listed, "skos:prefLabel": _english(place.name)}


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


def _distribution(path: str, data: bytes, entries: Mapping[str, TableEntry], about: About) -> dict[str, Any]:
    where = PurePosixPath(path)
    name, kind = where.name, media_type(path)
    entry = entries.get(where.stem) if where.suffix != ".xlsx" else None
    description = entry.description if entry else _WITHOUT_ENTRY.get(where.suffix, about.title)
    return {
        "@id": path,
        "@type": ["DataDownload", "dcat:Distribution"],
        "name": name,
        "dct:title": _english(name),
        "description": description,
        "dct:description": _english(description),
        "contentUrl": path,
        "dcat:accessURL": path,
        "dcat:downloadURL": path,
        "encodingFormat": kind,
        "dcat:mediaType": {"@id": _MEDIA_TYPES + kind.partition(";")[0], "@type": "dct:MediaType"},
        "dct:format": _listed("file-type", _FORMATS[where.suffix], "dct:MediaTypeOrExtent"),
        "dct:issued": about.day.isoformat(),
        "dct:modified": about.day.isoformat(),
        # it stays as it is, for as long as there is a store
        "dcatap:availability": {
            **_listed("planned-availability", "STABLE", "skos:Concept"),
            "skos:prefLabel": _english("stable"),
        },
        **_rights(about),
        **measured(data),
    }


_WITHOUT_ENTRY = {
    ".xlsx": "The figures with charts, and every table on a sheet of its own.",
    ".csv": "The figures as SDMX-CSV 2.0; their structure is beside them.",
}


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


def issued_in(data: bytes) -> str:
    """Return the day from which there are releases of the cycle, as a release's document says it.

    Raises ValueError where it is no document of a release that says so.
    """
    said = json.loads(data).get("dct:issued")
    return date.fromisoformat(str(said)).isoformat()


def with_name(
    document: Mapping[str, Any], name: str, changed: Mapping[str, bytes], issued: str | None
) -> dict[str, Any]:
    """Return the document with a release's name in it, and the hashes of the files that changed by the name.

    `issued` is the day from which there are releases of the cycle, where this is not the first.
    """
    citation = str(document["creditText"]).replace(NUMBER, name)
    names = {"version": name, "dcat:version": name, "creditText": citation, "dct:bibliographicCitation": citation}
    first = {"datePublished": issued, "dct:issued": issued} if issued else {}
    distribution: Iterable[dict[str, Any]] = document["distribution"]
    renewed = [one | (measured(changed[one["@id"]]) if one["@id"] in changed else {}) for one in distribution]
    return {**document, **names, **first, "distribution": renewed}
