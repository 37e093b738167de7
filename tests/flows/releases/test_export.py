"""A release and the tables of all cycles as single files: rows, keys, references, comments, and what goes wrong."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
import zipfile
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from config import ConfigError, load
from flows.core.canonical import hash_of
from flows.core.errors import StoreError
from flows.core.records import Release
from flows.releases import all_cycles, export, shelf
from flows.releases.export import content
from flows.releases.make.descriptor import of_table
from flows.releases.make.table_files import table_files
from flows.stores import Store
from transforms.dictionary import FieldEntry, TableEntry

CONFIG = load()
SEEN = datetime(2024, 1, 2, 3, tzinfo=UTC)


def tables(cycle: int) -> dict[str, pl.DataFrame]:
    return {
        "missions": pl.DataFrame({"mission": ["ALL", "UNIFIL"], "name": ["All", "L'Unifil"]}),
        "cycles": pl.DataFrame({"cycle": [cycle], "start_date": [date(2023, 11, 1)]}),
        "paet_visits": pl.DataFrame(
            {"cycle": [cycle], "mission": ["UNIFIL"], "visits": [cycle * 10], "yes": [True], "seen": [SEEN]}
        ),
        # no key in the rows that there are, and a mission that is not in the list
        "notes": pl.DataFrame({"cycle": [cycle] * 2, "mission": ["MINUSMA", None], "share": [0.5, None]}),
    }


def entry(name: str, table: pl.DataFrame) -> TableEntry:
    fields = {
        column: FieldEntry(f"The {column}.", "visits" if column == "visits" else None) for column in table.columns
    }
    key = {"missions": ("mission",), "cycles": ("cycle",)}.get(name, ("cycle", "mission"))
    return TableEntry(name, f"It's the table {name}.", fields, key, "", "", dimension=name in ("missions", "cycles"))


@pytest.fixture
def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A public store with a release of each of two cycles, and the tables of both together."""
    entries = {name: entry(name, table) for name, table in tables(5).items()}
    monkeypatch.setattr("flows.documents.dictionary.entries", lambda: entries)
    store = Store(str(tmp_path / "public"))
    for cycle in (4, 5):
        folder, made = CONFIG.cycle(cycle).folder, tables(cycle)
        files = {**table_files(made, entries, {"licence": "CC0-1.0"}), "report.html": b"<p>"}
        resources = []
        for path, data in files.items():
            store.write(f"releases/{folder}/r001/{path}", data)
            name = Path(path).stem
            known = {}
            if name in made:
                known = {"description": entries[name].description, "schema": of_table(name, made, entries[name])}
            resources.append({"path": path, "hash": hash_of(data), **known})
        about = {"release": "r001", "cycle": cycle, "status": "final", "pipeline": {}, "lineage": {}}
        document = {"title": f"Cycle {cycle}", "resources": resources, "sources": [], "a4p": about}
        store.write(f"releases/{folder}/r001/datapackage.json", json.dumps(document).encode())
        shelf.show_newest(store, CONFIG.cycle(cycle))
    all_cycles.show(store, CONFIG)
    return store


def release(public: Store) -> Release:
    return shelf.get(public, CONFIG.cycle(5), "r001")


def test_duckdb_has_keys_references_and_comments(public: Store, tmp_path: Path) -> None:
    file = tmp_path / "a4p.duckdb"
    done = export.write(file, "duckdb", public, CONFIG)
    assert (done.releases, done.tables) == ({4: "r001", 5: "r001"}, 5)
    with duckdb.connect(str(file), read_only=True) as connection:
        ask = lambda question: connection.execute(question).fetchall()  # noqa: E731
        assert ask("SELECT cycle, visits FROM paet_visits JOIN missions USING (mission) ORDER BY 1") == [
            (4, 40),
            (5, 50),
        ]
        assert ask("SELECT cycle, title FROM releases ORDER BY 1") == [(4, "Cycle 4"), (5, "Cycle 5")]
        assert connection.execute("SELECT * FROM missions ORDER BY 1").pl().equals(tables(5)["missions"])
        kinds = dict(ask("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'paet_visits'"))
        assert kinds["seen"] == "TIMESTAMP WITH TIME ZONE"
        constraints = ask("SELECT table_name, constraint_type FROM duckdb_constraints() ORDER BY ALL")
        assert constraints.count(("paet_visits", "FOREIGN KEY")) == 2
        assert constraints.count(("notes", "FOREIGN KEY")) == 1, "MINUSMA is not in the list of missions"
        assert ("notes", "PRIMARY KEY") not in constraints
        assert ("paet_visits", "PRIMARY KEY") in constraints
        said = dict(ask("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'paet_visits'"))
        assert said["visits"] == "The visits. Unit: visits."
        assert ask("SELECT comment FROM duckdb_tables() WHERE table_name = 'missions'") == [
            ("It's the table missions.",)
        ]


@pytest.mark.parametrize("of", [None, release])
def test_sqlite_has_keys_references_and_a_dictionary(public: Store, tmp_path: Path, of: object) -> None:
    file = tmp_path / "a4p.sqlite"
    done = export.write(file, "sqlite", public, CONFIG, release(public) if of else None)
    assert done.releases == ({5: "r001"} if of else {4: "r001", 5: "r001"})
    with closing(sqlite3.connect(file)) as connection:
        ask = lambda question: connection.execute(question).fetchall()  # noqa: E731
        last = "SELECT mission, visits, yes, seen FROM paet_visits ORDER BY cycle DESC LIMIT 1"
        assert ask(last) == [("UNIFIL", 50, 1, "2024-01-02T03:00:00Z")]
        assert ask("SELECT max(start_date), typeof(start_date) FROM cycles") == [("2023-11-01", "text")]
        assert {row[2] for row in ask("PRAGMA foreign_key_list(paet_visits)")} == {"missions", "cycles"}
        assert [row[1] for row in ask("PRAGMA table_info(paet_visits)") if row[5]] == ["cycle", "mission"]
        assert ask("PRAGMA foreign_key_check") == []
        assert ask("PRAGMA integrity_check") == [("ok",)]
        unit = "SELECT unit, description FROM data_dictionary WHERE \"table\" = 'paet_visits' AND \"column\" = 'visits'"
        assert ask(unit) == [("visits", "The visits.")]
        assert ask("SELECT name FROM missions WHERE mission = 'UNIFIL'") == [("L'Unifil",)]


def test_a_zip_holds_the_files_as_they_are(public: Store, tmp_path: Path) -> None:
    file = tmp_path / "a4p.zip"
    export.write(file, "zip", public, CONFIG, release(public))
    with zipfile.ZipFile(file) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    folder = Path(public.uri) / "releases/cycle-05/r001"
    assert found == {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}
    export.write(file, "zip", public, CONFIG, replace=True)
    with zipfile.ZipFile(file) as archive:
        visits = pl.read_parquet(io.BytesIO(archive.read("tables/paet_visits.parquet")))
        assert visits["visits"].to_list() == [40, 50]
        assert "releases.json" in archive.namelist()


def test_a_file_that_is_there_stays_and_none_is_left_half_written(
    public: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.sqlite"
    file.write_bytes(b"mine")
    with pytest.raises(ConfigError, match=r"There is .*mine\.sqlite already; name another, or give --replace\."):
        export.write(file, "sqlite", public, CONFIG)
    with pytest.raises(ConfigError, match="cannot be written"):
        export.write(tmp_path / "no folder/a.zip", "zip", public, CONFIG)
    public.write("current/all/tables/missions.csv", b"spoilt")
    with pytest.raises(StoreError, match="is not what was written"):
        export.write(file, "sqlite", public, CONFIG, replace=True)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ConfigError, match="needs duckdb; install it with: pip install duckdb"):
        export.write(tmp_path / "a.duckdb", "duckdb", public, CONFIG, release(public))
    assert {path.name for path in tmp_path.iterdir()} == {"mine.sqlite", "public"}
    assert file.read_bytes() == b"mine"


def test_what_cannot_be_is_told(tmp_path: Path) -> None:
    assert export.form_of(Path("A.DuckDB")) == "duckdb"
    with pytest.raises(ConfigError, match=r"'a\.xlsx' ends in none of \.duckdb"):
        export.form_of(Path("a.xlsx"))
    with pytest.raises(ConfigError, match="No cycle has a release yet"):
        content.of_all(Store(str(tmp_path)), CONFIG)
