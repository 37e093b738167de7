"""A release's JSON-LD, as a catalogue reads it: parsed by rdflib, which has no network here."""

from __future__ import annotations

import hashlib
import json
import socket
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rdflib import Graph, Literal, Namespace, URIRef

from config import Cycle, load
from config.publication import Licence
from flows.documents.words import NUMBER
from flows.releases.make import linked_data
from flows.releases.make.about import NO_LICENCE, About, Place, in_files
from flows.releases.make.table_files import table_files
from transforms.dictionary import FieldEntry, TableEntry

SCHEMA = Namespace("https://schema.org/")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
CYCLE = Cycle(number=5, start=date(2023, 11, 1), end=date(2024, 4, 30))
TABLES = {
    "deaths": pl.DataFrame({"mission": ["UNIFIL"], "deaths": [2]}),
    "missions": pl.DataFrame({"mission": ["UNIFIL"]}),
}
ENTRIES = {
    "deaths": TableEntry(
        "deaths",
        "Deaths by mission.",
        {"mission": FieldEntry("Mission."), "deaths": FieldEntry("Deaths; é.", "people")},
        ("mission",),
        "NOTICAS",
        "",
    ),
    "missions": TableEntry("missions", "Missions.", {"mission": FieldEntry("Its acronym.")}, ("mission",), "", ""),
}
FILES = {**table_files(TABLES), "report.html": b"<p></p>", "a4p-cycle-05.xlsx": b"x", "data-dictionary.md": b"#"}
BASE = "https://data.example.org/releases/cycle-05/r001/"


PUBLICATION = load().publication
LICENCE = Licence(name="CC-BY-4.0", title="Attribution", address="https://example.org/by", kind="Attribution")
OPEN = PUBLICATION.model_copy(update={"licence": LICENCE, "access": "public"})
ABOUT = About(
    *(CYCLE, "final", PUBLICATION, datetime(2024, 6, 1, 8, tzinfo=UTC)),
    *(date(2017, 1, 1), date(2024, 4, 30), (Place("Kosovo"), Place("Lebanon", "LBN"))),
)


def document(**changes: Any) -> bytes:
    given = {"about": ABOUT, "files": FILES, "tables": TABLES, "entries": ENTRIES}
    return linked_data.of_release(**{**given, **changes})


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Graph:
    """The document, read where no connection can be made."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("reading the document asks the network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return Graph().parse(data=document(), format="json-ld", publicID=BASE + linked_data.NAME)


def test_it_is_one_dataset_in_both_vocabularies(graph: Graph) -> None:
    release = URIRef(BASE)
    assert set(graph.subjects(RDF.type, SCHEMA.Dataset)) == {release}
    assert set(graph.subjects(RDF.type, DCAT.Dataset)) == {release}
    title = "A4P+ report, cycle 5 (2023-11-01 to 2024-04-30)"
    assert graph.value(release, SCHEMA.name) == Literal(title)
    assert graph.value(release, DCTERMS["title"]) == Literal(title, lang="en")
    assert graph.value(release, SCHEMA.temporalCoverage) == Literal("2017-01-01/2024-04-30"), "of the data"
    period = graph.value(release, DCTERMS.temporal)
    assert graph.value(period, DCAT.startDate) == Literal("2017-01-01", datatype=XSD.date)
    assert graph.value(period, DCAT.endDate) == Literal("2024-04-30", datatype=XSD.date)
    assert graph.value(release, SCHEMA.creativeWorkStatus) == Literal("final")
    page = URIRef(BASE + "report.html")
    assert graph.value(release, SCHEMA.url) == graph.value(release, DCAT.landingPage) == page


def test_each_file_with_data_is_a_distribution_with_its_hash(graph: Graph) -> None:
    release = URIRef(BASE)
    data = [path for path in FILES if path.endswith((".csv", ".parquet", ".xlsx"))]
    assert len(data) == 5
    expected = {URIRef(BASE + path) for path in data}
    assert set(graph.objects(release, SCHEMA.distribution)) == expected
    assert set(graph.objects(release, DCAT.distribution)) == expected
    for path in data:
        file, digest = URIRef(BASE + path), hashlib.sha256(FILES[path]).hexdigest()
        assert set(graph.objects(file, RDF.type)) == {SCHEMA.DataDownload, DCAT.Distribution}
        assert graph.value(file, SCHEMA.contentUrl) == graph.value(file, DCAT.downloadURL) == file
        assert graph.value(file, SCHEMA.sha256) == Literal(digest)
        checksum = graph.value(file, SPDX.checksum)
        assert graph.value(checksum, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256
        assert graph.value(checksum, SPDX.checksumValue) == Literal(digest, datatype=XSD.hexBinary)
        assert graph.value(file, DCAT.byteSize) == Literal(len(FILES[path]), datatype=XSD.nonNegativeInteger)
    csv = URIRef(BASE + "tables/deaths.csv")
    assert graph.value(csv, SCHEMA.encodingFormat) == Literal("text/csv")
    assert graph.value(csv, DCAT.mediaType) == URIRef("https://www.iana.org/assignments/media-types/text/csv")
    assert graph.value(csv, DCTERMS.description) == Literal("Deaths by mission.", lang="en")


def test_places_are_entries_of_a_list_or_have_a_name(graph: Graph) -> None:
    places = set(graph.objects(URIRef(BASE), DCTERMS.spatial))
    assert URIRef("http://publications.europa.eu/resource/authority/country/LBN") in places
    assert {str(graph.value(place, SKOS.prefLabel)) for place in places} == {"Kosovo", "Lebanon"}
    assert {str(graph.value(place, SCHEMA.name)) for place in graph.objects(URIRef(BASE), SCHEMA.spatialCoverage)} == {
        "Kosovo",
        "Lebanon",
    }


def test_without_a_licence_it_says_so_and_is_not_open(graph: Graph) -> None:
    release, csv = URIRef(BASE), URIRef(BASE + "tables/deaths.csv")
    assert graph.value(release, SCHEMA.license) is graph.value(csv, DCTERMS.license) is None
    assert NO_LICENCE in str(graph.value(release, DCTERMS.description))
    assert graph.value(release, SCHEMA.copyrightNotice) == Literal(NO_LICENCE)
    assert graph.value(graph.value(csv, DCTERMS.rights), RDFS.label) == Literal(NO_LICENCE, lang="en")
    assert graph.value(release, SCHEMA.isAccessibleForFree) == Literal(False)
    assert str(graph.value(release, DCTERMS.accessRights)).endswith("/RESTRICTED")


def test_each_parquet_file_is_told_the_release_and_its_licence() -> None:
    said = in_files(ABOUT)
    assert (said["cycle"], said["release"], said["licence"]) == ("5", NUMBER, NO_LICENCE)
    assert said["title"] == ABOUT.title
    assert in_files(replace(ABOUT, publication=OPEN))["licence"] == "CC-BY-4.0 (https://example.org/by)"


def test_with_a_licence_every_file_has_it() -> None:
    data = document(about=replace(ABOUT, publication=OPEN))
    graph = Graph().parse(data=data, format="json-ld", publicID=BASE)
    release, address = URIRef(BASE), URIRef(LICENCE.address)
    files = set(graph.objects(release, DCAT.distribution))
    assert len(files) == 5
    assert {graph.value(file, DCTERMS.license) for file in files} == {graph.value(release, SCHEMA.license)} == {address}
    assert NO_LICENCE not in data.decode()
    assert graph.value(release, SCHEMA.isAccessibleForFree) == Literal(True)
    assert str(graph.value(release, DCTERMS.accessRights)).endswith("/PUBLIC")


def test_what_is_measured_comes_from_the_dictionary(graph: Graph) -> None:
    measured = {
        str(graph.value(node, SCHEMA.propertyID)): (
            str(graph.value(node, SCHEMA.name)),
            str(graph.value(node, SCHEMA.description)),
            graph.value(node, SCHEMA.unitText),
        )
        for node in graph.objects(URIRef(BASE), SCHEMA.variableMeasured)
    }
    assert measured == {
        "deaths.mission": ("mission", "Mission.", None),
        "deaths.deaths": ("deaths", "Deaths; é.", Literal("people")),
        "missions.mission": ("mission", "Its acronym.", None),
    }


def test_addresses_are_relative_and_no_context_is_linked() -> None:
    said = json.loads(document())
    assert isinstance(said["@context"], dict)
    assert [one["contentUrl"] for one in said["distribution"]] == sorted(
        path for path in FILES if not path.endswith((".html", ".md"))
    )


def test_same_content_same_bytes() -> None:
    assert document() == document(files=dict(reversed(FILES.items())), tables=dict(reversed(TABLES.items())))
    assert document() != document(files={**FILES, "a4p-cycle-05.xlsx": b"y"})
    assert document() != document(about=replace(ABOUT, status="provisional"))


def test_what_does_not_say_since_when_there_are_releases_is_noticed() -> None:
    assert linked_data.issued_in(document()) == "2024-06-01"
    for other in (b"{}", b"no JSON", b'{"dct:issued": "lately"}'):
        with pytest.raises(ValueError, match=r"isoformat|Expecting"):
            linked_data.issued_in(other)


def test_it_moves_with_its_folder(tmp_path: Path) -> None:
    file = tmp_path / linked_data.NAME
    file.write_bytes(document())
    graph = Graph().parse(file, format="json-ld")
    assert URIRef((tmp_path / "tables/deaths.csv").as_uri()) in set(graph.subjects(RDF.type, DCAT.Distribution))
