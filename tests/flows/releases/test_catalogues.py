"""What a release tells catalogues, held against their own validators: DCAT-AP, Data Package, Croissant, schema.org."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import mlcroissant
import polars as pl
import pytest
from frictionless import Checklist, Package
from pyshacl import validate
from rdflib import Graph, Namespace, URIRef, namespace

from config import load
from flows.core.canonical import as_json
from flows.documents import dictionary
from flows.releases.make import about, croissant, linked_data
from flows.releases.make.descriptor import NAME
from flows.releases.make.table_files import parquet

pytestmark = pytest.mark.slow

SH = Namespace("http://www.w3.org/ns/shacl#")
SHAPES = Path(__file__).parents[2] / "support/dcat_ap_3.ttl"
BASE = "https://data.example.org/releases/cycle-05/r001/"
CONFIG = load()
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
RDF_TYPE = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


@pytest.fixture(scope="module")
def release(released: Path) -> Path:
    return released / "store/public/releases/cycle-05/r001"


def graph_of(data: bytes) -> Graph:
    return Graph().parse(data=data, format="json-ld", publicID=BASE + linked_data.NAME)


def held(graph: Graph) -> Counter[tuple[str, str]]:
    """What DCAT-AP 3 has against a graph: how often, by severity and property."""
    _, report, _ = validate(graph, shacl_graph=Graph().parse(SHAPES), allow_warnings=True, inference="none")
    assert isinstance(report, Graph)
    results = list(report.objects(None, SH.result))
    return Counter(
        (str(report.value(one, SH.resultSeverity)).partition("#")[2], str(report.value(one, SH.resultPath)))
        for one in results
    )


def test_dcat_ap_finds_no_violation_and_misses_the_licence_alone(release: Path) -> None:
    graph = graph_of((release / linked_data.NAME).read_bytes())
    files = len(set(graph.objects(URIRef(BASE), DCAT.distribution)))
    assert files > 80
    assert held(graph) == {("Warning", str(DCTERMS.license)): files}


def test_dcat_ap_finds_nothing_once_there_is_a_licence(release: Path) -> None:
    document = json.loads((release / linked_data.NAME).read_bytes())
    licence = {"@id": "https://example.org/by", "@type": "dct:LicenseDocument"}
    kind = {"@id": "http://purl.org/adms/licencetype/Attribution", "@type": "skos:Concept", "skos:prefLabel": "by"}
    for one in document["distribution"]:
        one["dct:license"] = {**licence, "dct:type": kind}
    assert held(graph_of(as_json(document))) == {}


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (lambda one: one.pop("dcat:accessURL"), DCAT.accessURL),
        (lambda one: one.update({"dcat:mediaType": {"@id": "https://example.org/csv"}}), DCAT.mediaType),
        (lambda one: one.update({"dct:issued": {"@value": "lately"}}), DCTERMS.issued),
        (lambda one: one.update({"dcat:byteSize": {"@value": "many"}}), DCAT.byteSize),
    ],
)
def test_the_shapes_find_what_is_broken(release: Path, change: Any, broken: URIRef) -> None:
    document = json.loads((release / linked_data.NAME).read_bytes())
    document["distribution"] = document["distribution"][:2]
    document["dcat:distribution"] = document["dcat:distribution"][:2]
    change(document["distribution"][0])
    violations = {path: count for (kind, path), count in held(graph_of(as_json(document))).items() if kind != "Warning"}
    assert violations == {str(broken): 1}


def test_every_term_is_one_of_its_vocabulary(release: Path) -> None:
    graph = graph_of((release / linked_data.NAME).read_bytes())
    vocabularies = [namespace.SDO, namespace.DCAT, namespace.DCTERMS, namespace.FOAF, namespace.SKOS]
    of_each = {str(one): {str(term) for term in dir(one)} for one in vocabularies}
    used = {str(predicate) for predicate in graph.predicates()} | {str(kind) for kind in graph.objects(None, RDF_TYPE)}
    # of DCAT 3, which rdflib does not have yet
    known = {term for terms in of_each.values() for term in terms} | {f"{DCAT}version"}
    assert {term for term in used if term.startswith(tuple(of_each)) and term not in known} == set()
    assert len([term for term in used if term.startswith(str(namespace.SDO))]) > 25


def test_search_engines_find_what_they_ask_of_a_dataset(release: Path) -> None:
    said = json.loads((release / linked_data.NAME).read_bytes())
    assert 50 <= len(said["description"]) <= 5000
    for name in ("creator", "publisher", "keywords", "temporalCoverage", "spatialCoverage", "variableMeasured", "url"):
        assert said[name]
    assert "release r001" in said["creditText"] == said["dct:bibliographicCitation"]
    assert said["datePublished"] == said["dateModified"] == said["dct:issued"]
    date.fromisoformat(said["datePublished"])


def test_croissant_has_no_error_and_no_warning(release: Path, caplog: pytest.LogCaptureFixture) -> None:
    dataset = mlcroissant.Dataset(jsonld=release / croissant.NAME)
    issues = dataset.metadata.ctx.issues
    assert (set(issues.errors), set(issues.warnings), caplog.text) == (set(), set(), "")
    tables = {path.stem for path in (release / "tables").glob("*.parquet")}
    assert {one.id for one in dataset.metadata.record_sets} == tables
    assert dataset.metadata.version == "5.1.0"
    assert "release r001" in str(dataset.metadata.cite_as)


def test_croissant_gives_the_rows_of_a_table(release: Path) -> None:
    rows = list(mlcroissant.Dataset(jsonld=release / croissant.NAME).records("cycles"))
    table = pl.read_parquet(release / "tables/cycles.parquet")
    assert [row["cycles/cycle"] for row in rows] == table["cycle"].to_list()


def test_croissant_notices_what_is_broken(release: Path, tmp_path: Path) -> None:
    document = json.loads((release / croissant.NAME).read_bytes())
    del document["distribution"][0]["sha256"]
    (tmp_path / croissant.NAME).write_bytes(as_json(document))
    with pytest.raises(mlcroissant.ValidationError, match="sha256"):
        mlcroissant.Dataset(jsonld=tmp_path / croissant.NAME)


def test_the_data_package_and_its_csv_files_are_valid(release: Path) -> None:
    """Keys, references, types and bytes of every CSV file; the Parquet files hold the same tables."""
    descriptor = json.loads((release / NAME).read_bytes())
    assert list(Package.metadata_validate(descriptor)) == []
    assert len(list(Package.metadata_validate({**descriptor, "licenses": [{"title": "nameless"}]}))) > 0
    descriptor["resources"] = [one for one in descriptor["resources"] if one["format"] == "csv"]
    package = Package.from_descriptor(descriptor, basepath=str(release))
    report = package.validate(Checklist())
    assert [(task.name, error.type, error.message) for task in report.tasks for error in task.errors] == []
    assert (report.valid, len(report.tasks)) == (True, len(list((release / "tables").glob("*.csv"))) + 1)


def test_the_validator_notices_a_key_that_stands_twice(release: Path, tmp_path: Path) -> None:
    descriptor = json.loads((release / NAME).read_bytes())
    descriptor["resources"] = [one for one in descriptor["resources"] if one["name"] in {"cycles", "missions"}]
    shutil.copytree(release / "tables", tmp_path / "tables")
    file = tmp_path / "tables/cycles.csv"
    data = file.read_bytes()
    file.write_bytes(data + data.splitlines()[-1] + b"\r\n")
    report = Package.from_descriptor(descriptor, basepath=str(tmp_path)).validate(
        Checklist(pick_errors=["primary-key"])
    )
    assert [error.type for task in report.tasks for error in task.errors] == ["primary-key"]


@pytest.mark.parametrize("made", ["released", "with_faults"])
def test_keys_are_keys_and_references_are_whole(made: str, request: pytest.FixtureRequest) -> None:
    """Of the Parquet files too, those on quality among them, which no validator reads as they are."""
    release = request.getfixturevalue(made) / "store/public/releases/cycle-05/r001"
    descriptor = json.loads((release / NAME).read_bytes())
    of = {one["name"]: one for one in descriptor["resources"] if one["format"] == "parquet"}
    tables = {name: pl.read_parquet(release / one["path"]) for name, one in of.items()}
    assert len(tables) > 40
    for name, one in of.items():
        key = tables[name].select(one["schema"]["primaryKey"])
        assert key.is_unique().all(), name
        for reference in one["schema"].get("foreignKeys", []):
            (column,), to = reference["fields"], reference["reference"]
            assert set(tables[name][column].drop_nulls()) <= set(tables[to["resource"]][to["fields"][0]]), name


def test_same_inputs_same_bytes(release: Path) -> None:
    tables = {path.stem: pl.read_parquet(path) for path in sorted((release / "tables").glob("*.parquet"))}
    files = {f"tables/{name}.parquet": parquet(table) for name, table in tables.items()}

    def made(tables: dict[str, pl.DataFrame], files: dict[str, bytes]) -> tuple[bytes, bytes]:
        said = about.of_release(
            CONFIG.cycle(5), "final", tables, [], CONFIG.publication, CONFIG.hosts, CONFIG.countries
        )
        entries = dictionary.entries()
        return (
            linked_data.of_release(said, files, tables, entries),
            croissant.of_release(said, files, tables, entries),
        )

    assert made(tables, files) == made(dict(reversed(tables.items())), dict(reversed(files.items())))
