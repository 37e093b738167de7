"""The lines of docs/connect.md, run as an analyst would: taken from the page, on a release, against real servers."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import duckdb_extension_httpfs
import pandas as pd
import polars as pl
import psycopg
import pyarrow.parquet as pq
import pytest
from rdflib import Graph, Namespace, URIRef

from flows.cli import commands

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "connect.md").read_text(encoding="utf-8")
BUCKET = "a4p-public"
SERVER = "s3.example.org"
STABLE = Path(__file__).with_name("stable_columns.csv")
# how Power Query calls the types of a Data Package
M_TYPES = {"string": "type text", "integer": "Int64.Type", "number": "type number", "date": "type date"}


class Block(NamedTuple):
    """One block of the page: what it is written in, its lines, the number of its first one."""

    kind: str
    text: str
    line: int

    @property
    def remote(self) -> bool:
        return SERVER in self.text or f"s3://{BUCKET}" in self.text


BLOCKS = [
    Block(found[1], found[2], PAGE[: found.start()].count("\n") + 2)
    for found in re.finditer(r"^```([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
]


def of(kind: str, *, remote: bool) -> Any:
    """Parametrise a test by the blocks of a kind; each has the number of its line as its name."""
    chosen = [block for block in BLOCKS if block.kind == kind and block.remote is remote]
    assert chosen, f"the page has no such block: {kind}"
    return pytest.mark.parametrize("block", chosen, ids=lambda block: f"line-{block.line}")


@pytest.fixture
def release(released: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where `store/public` is the public store, as the page has it; returns that store."""
    monkeypatch.chdir(released)
    return released / "store/public"


@pytest.fixture
def figures(release: Path) -> pl.DataFrame:
    return pl.read_parquet(release / "current/cycle-05/tables/figures.parquet")


@pytest.fixture(scope="session")
def uploaded(s3: Any, released: Path) -> str:
    """Put the public store into a bucket of the page's name that everybody may read; returns the server's address."""
    client, public = s3.client(), released / "store/public"
    client.create_bucket(Bucket=BUCKET)
    for file in sorted(public.glob("current/**/*.*")):
        client.upload_file(str(file), BUCKET, file.relative_to(public).as_posix(), ExtraArgs={"ACL": "public-read"})
    return str(s3.endpoint)


@pytest.fixture
def server(block: Block, bucket: str, uploaded: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set the environment as the page says, which `bucket` did for the keys; returns the server's address."""
    if f"https://{SERVER}/" in block.text and not shutil.which("radosgw"):
        pytest.skip("moto's server fails where nobody signs in; on Debian: apt install radosgw ceph-mon ceph-osd")
    monkeypatch.setenv("AWS_ENDPOINT_URL", uploaded)
    # the test's server speaks no TLS
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    return uploaded


def replaced(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    assert SERVER not in text
    return text


def holds(found: Any, figures: pl.DataFrame) -> None:
    """Assert that what a tool read are the figures of the release: names, rows and values."""
    frame = pl.from_pandas(found) if isinstance(found, pd.DataFrame) else found
    assert frame.columns == figures.columns
    # CSV and pandas have other types for the same: a date is a time there, a column of nulls is a number
    same = frame.with_columns(pl.col(name).cast(kind) for name, kind in figures.schema.items())
    assert same.sort("figure", "mission").equals(figures.sort("figure", "mission"))
    assert frame.filter(pl.col("figure") == "fatalities_malicious", pl.col("mission") == "ALL")["value"].item() == 196


def test_every_block_of_the_page_is_held_by_a_test() -> None:
    kinds = [block.kind for block in BLOCKS]
    assert set(kinds) == {"", "sh", "powerquery", "python", "r", "sql duckdb", "sql duckdb metadata", "sql postgresql"}
    assert kinds.count("python") > 9
    assert PAGE.count("```") == 2 * len(BLOCKS)


@of("python", remote=False)
def test_python_in_a_folder(block: Block, figures: pl.DataFrame) -> None:
    names: dict[str, Any] = {}
    exec(compile(block.text, f"docs/connect.md line {block.line}", "exec"), names)
    holds(names["figures"], figures)


@pytest.mark.s3
@of("python", remote=True)
def test_python_on_a_server(block: Block, figures: pl.DataFrame, server: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(replaced(block.text, {f"https://{SERVER}": server}), "docs/connect.md", "exec"), names)
    holds(names["figures"], figures)


@of("sql duckdb", remote=False)
def test_duckdb_in_a_folder(block: Block, figures: pl.DataFrame) -> None:
    with duckdb.connect() as connection:
        holds(connection.sql(block.text).pl(), figures)


@of("sql duckdb metadata", remote=False)
def test_a_parquet_file_says_what_it_is(block: Block, release: Path) -> None:
    with duckdb.connect() as connection:
        said = dict(connection.sql(block.text.strip().removesuffix(";")).fetchall())
    assert {said[part] for part in ("cycle", "release", "table")} == {"5", "r001", "figures"}
    columns = pq.read_schema(release / "current/cycle-05/tables/fatalities_by_cause.parquet")
    assert all(column.metadata[b"description"] for column in columns)
    assert columns.field("deaths").metadata[b"unit"] == b"people"


@pytest.mark.s3
@of("sql duckdb", remote=True)
def test_duckdb_on_a_server(block: Block, figures: pl.DataFrame, s3: Any, server: str) -> None:
    (extension,) = Path(duckdb_extension_httpfs.__file__).parent.rglob("httpfs.duckdb_extension")
    assert "INSTALL httpfs;\nLOAD httpfs;\n" in block.text
    text = replaced(
        block.text,
        {
            "INSTALL httpfs;\nLOAD httpfs;": f"LOAD '{extension}';",  # the extension comes with the tests
            f"https://{SERVER}": server,
            f"'{SERVER}'": f"'{server.removeprefix('http://')}', USE_SSL false",
            "your-key": s3.key,
            "your-secret": s3.secret,
        },
    )
    with duckdb.connect() as connection:
        holds(connection.sql(text).pl(), figures)


@pytest.mark.postgres
def test_postgresql(release: Path, figures: pl.DataFrame, database: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (shell,) = [block for block in BLOCKS if block.kind == "sh" and "a4p load" in block.text]
    line = next(line for line in shell.text.splitlines() if line.startswith("a4p load"))
    uri = "postgresql://a4p_loader@db.example.org/reporting"
    assert uri in line
    commands.main(line.replace(uri, database.uri).split()[1:])
    assert "Loaded release r001" in capsys.readouterr().out
    tableau, grants, joined = [block.text for block in BLOCKS if block.kind == "sql postgresql"]
    with psycopg.connect(database.uri) as connection:
        read = connection.execute(tableau)
        assert read.description is not None
        columns = [column.name for column in read.description]
        assert sorted(map(repr, read.fetchall())) == sorted(map(repr, figures.select(columns).rows()))
        names = {(figure, name): value for figure, name, value, _ in connection.execute(joined).fetchall()}
        assert len(names) == figures.height
        assert names["fatalities_malicious", "All peacekeeping operations"] == 196
        missions = pl.read_parquet(release / "current/cycle-05/tables/missions.parquet")
        full = missions.filter(mission="UNISFA")["name"].item()
        expected = figures.filter(figure="new_sofa_incidents_reported", mission="UNISFA")["value"].item()
        assert names["new_sofa_incidents_reported", full] == expected
        # a role is the server's, and goes with the transaction
        connection.execute("CREATE ROLE analysts")
        connection.execute(grants)
        may = "SELECT has_table_privilege('analysts', 'a4p.figures', 'SELECT')"
        assert connection.execute(may).fetchall() == [(True,)]
        connection.rollback()


@of("r", remote=False)
def test_r_in_a_folder(block: Block, release: Path) -> None:
    run_r(block.text)


@pytest.mark.s3
@of("r", remote=True)
def test_r_on_a_server(block: Block, release: Path, request: pytest.FixtureRequest) -> None:
    needs_r(block.text)
    run_r(replaced(block.text, {f"https://{SERVER}": request.getfixturevalue("server")}))


def needs_r(text: str) -> None:
    """Skip where R, or a library that the lines use, is not installed."""
    if not shutil.which("Rscript"):
        pytest.skip("needs R; on Debian: apt install r-base-core")
    for library in re.findall(r"library\((\w+)\)", text):
        asked = f'quit(status = !requireNamespace("{library}", quietly = TRUE))'
        if subprocess.run(["Rscript", "-e", asked], check=False).returncode:
            pytest.skip(f"needs R's package {library}; install it with: install.packages('{library}')")


def run_r(text: str) -> None:
    needs_r(text)
    one = 'figures$value[figures$figure == "fatalities_malicious" & figures$mission == "ALL"]'
    subprocess.run(["Rscript", "-e", f"{text}\nstopifnot({one} == 196)"], check=True)


def test_every_path_on_the_page_is_there(release: Path) -> None:
    text = PAGE.replace("\\", "/")
    # what is internal lies elsewhere
    paths = set(re.findall(r"(?<!internal/)(?:current|releases)/cycle-05/[\w./-]+\w", text))
    assert len(paths) > 7
    missing = [path for path in paths if not (release / path).exists() and not path.endswith(("tables", "quality"))]
    assert missing == []


def test_power_query_names_columns_and_types_of_the_release(release: Path) -> None:
    text = "\n".join(block.text for block in BLOCKS if block.kind == "powerquery")
    package = json.loads((release / "releases/cycle-05/r001/datapackage.json").read_text())
    table = next(one for one in package["resources"] if one["path"] == "tables/figures.csv")
    expected = {field["name"]: M_TYPES[field["type"]] for field in table["schema"]["fields"]}
    assert dict(re.findall(r'\{"(\w+)", ([\w. ]+)\}', text)) == expected
    for opening, closing in ("()", "[]", "{}"):
        assert text.count(opening) == text.count(closing)
    for block in (block for block in BLOCKS if block.kind == "powerquery" and block.text.startswith("let")):
        steps = re.findall(r"^    (\w+) = ", block.text, re.MULTILINE)
        assert block.text.endswith(f"in\n    {steps[-1]}\n")
        lines = re.split(r"^    \w+ = ", block.text.partition("\nin\n")[0], flags=re.MULTILINE)[1:]
        assert all(line.rstrip().endswith(",") for line in lines[:-1]), "each step but the last ends with a comma"
        assert not lines[-1].rstrip().endswith(",")


def test_names_and_types_that_tools_rely_on_are_there(release: Path) -> None:
    """Hold them: to take one away, or to change its type, is for a major version, with a line in the changelog."""
    package = json.loads((release / "releases/cycle-05/r001/datapackage.json").read_text())
    there = {
        (Path(one["path"]).stem, field["name"], field["type"])
        for one in package["resources"]
        if one["path"].startswith("tables/")
        for field in one["schema"]["fields"]
    }
    relied_on = set(pl.read_csv(STABLE).rows())
    assert relied_on - there == set()
    assert len(relied_on) > 200


def test_current_holds_each_table_in_both_forms_and_nothing_else(release: Path) -> None:
    files = {file.name for file in (release / "current/cycle-05/tables").iterdir()}
    tables = {Path(name).stem for name in files}
    assert files == {f"{table}.{form}" for table in tables for form in ("csv", "parquet")}
    assert {"figures", "missions", "cycles", "sources", "countries"} <= tables
    for table in tables:
        whole = pl.read_parquet(release / f"current/cycle-05/tables/{table}.parquet")
        text = (release / f"current/cycle-05/tables/{table}.csv").read_bytes()
        plain = pl.read_csv(io.BytesIO(text), infer_schema=False)
        assert plain.columns == whole.columns
        assert plain.height == whole.height


def test_a_catalogue_finds_each_file_of_a_release(release: Path) -> None:
    folder = release / "releases/cycle-05/r001"
    graph = Graph().parse(folder / "dataset.jsonld", format="json-ld")
    schema = Namespace("https://schema.org/")
    package = json.loads((folder / "datapackage.json").read_text())
    hashes = {URIRef((folder / one["path"]).as_uri()): one["hash"] for one in package["resources"]}
    found = set(graph.subjects(schema.sha256))
    assert len(found) > 80
    assert {f"sha256:{graph.value(file, schema.sha256)}" == hashes[file] for file in found} == {True}
    measured = {str(name) for name in graph.objects(None, schema.propertyID)}
    assert {"figures.value", "fatalities_by_cause.deaths", "missions.name"} <= measured
