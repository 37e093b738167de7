"""Three cycles as one model: tables of each release and of all cycles, in DuckDB, PostgreSQL and as Power BI looks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import psycopg
import pytest

import sample
from flows.documents import dictionary
from tests.support import semantic
from tests.support.sharing import a4p, lent
from transforms.relations import references

pytestmark = pytest.mark.slow
CYCLES = (4, 5, 6)
# links that a tool proposes beside those of the model, since a table of facts has a row a year or a mission, or two
# tables have both codes of a country; docs/connect.md says so
NOT_OF_THE_MODEL = {
    ("fatalities_by_cause", "fatalities_malicious_share", "year"),
    ("fatalities_by_personnel_type", "fatalities_malicious_share", "year"),
    ("figures", "fatalities_malicious_share", "year"),
    ("figures_total", "fatalities_malicious_share", "year"),
    ("figures_by_mission", "fatalities_malicious_share", "year"),
    ("women_in_patrols", "fatalities_malicious_share", "year"),
    ("sea_allegations_by_year", "sea_allegations_yearly", "year_reported"),
    ("sea_allegations_by_year", "serious_misconduct_by_year", "year_reported"),
    ("host_countries", "countries", "m49_code"),
    ("police_course_recognition", "countries", "m49_code"),
    *(
        (name, "explosive_ordnance", "mission")
        for name in (
            "crimes_against_peacekeepers",
            "fpu_evaluation_ratings",
            "fpu_evaluations_by_mission",
            "paet_visits",
            "service_interruptions",
        )
    ),
}


@pytest.fixture(scope="session")
def three_cycles(shared: Path, released: Path, sample_inbox: Path) -> Iterator[Path]:
    """A folder, to be read, with the sample's releases of three cycles in `store`."""

    def make(folder: Path) -> None:
        shutil.copytree(released, folder, dirs_exist_ok=True)
        sample.write(folder / "next", 6)
        shutil.copytree(folder / "next/cycle-06", folder / "inbox/cycle-06")
        for cycle in ("4", "6"):
            code, _, err = a4p(folder, "refresh", "--cycle", cycle)
            assert code == 0, err

    yield from lent(shared / "three_cycles", make)


@pytest.fixture
def public(three_cycles: Path) -> Path:
    return three_cycles / "store/public"


def paths(public: Path, of: str) -> dict[str, str]:
    found = {file.stem: str(file) for file in sorted((public / "current" / of / "tables").glob("*.parquet"))}
    return {name: path for name, path in found.items() if name in dictionary.entries()}


def tables(public: Path, of: str) -> dict[str, pl.DataFrame]:
    return {name: pl.read_parquet(path) for name, path in paths(public, of).items()}


@pytest.mark.parametrize("of", [*(f"cycle-{number:02d}" for number in CYCLES), "all"])
def test_tables_are_a_star_that_explains_itself(public: Path, of: str) -> None:
    every = tables(public, of)
    assert len(every) > 45
    assert list(semantic.problems(every)) == []
    assert list(semantic.mixed_grain(every)) == []
    assert list(semantic.totals(every)) == []
    assert list(semantic.objects(paths(public, of))) == []


def test_the_check_finds_what_is_wrong(public: Path) -> None:
    """What finds nothing in a right star is shown to find each thing in one that is spoilt."""
    right = tables(public, "all")
    visits, parts = right["paet_visits"], right["figures_by_mission"]
    twice = right | {"paet_visits": pl.concat([visits, visits])}
    assert "paet_visits: the key cycle, mission is not unique, or blank" in list(semantic.problems(twice))
    lost = right | {"missions": right["missions"].filter(pl.col("mission") != "ALL")}
    assert "figures.mission: ['ALL'] are not in missions.mission" in list(semantic.problems(lost))
    mixed = right | {"paet_visits": visits.with_columns(mission=pl.lit("TOTAL"))}
    assert list(semantic.mixed_grain(mixed)) == ["paet_visits.mission: has rows of the whole"]
    more = right | {"figures_by_mission": parts.with_columns(value=pl.col("value") + 1)}
    assert any(said.startswith("fatalities_total of cycle 5") for said in semantic.totals(more))


def test_what_power_bi_detects_are_the_links_of_the_model(public: Path) -> None:
    every = tables(public, "all")
    found = semantic.detected(every)
    model = {
        (name, other, column)
        for name, table in every.items()
        for column, (other, key) in references(name, table.columns).items()
        if column == key and table[column].drop_nulls().len()
    }
    assert found - model - NOT_OF_THE_MODEL == set()
    assert model - found == set()
    assert len(model) > 70


def test_duckdb_takes_keys_and_references_and_counts_nothing_twice(public: Path) -> None:
    every, entries = paths(public, "all"), dictionary.entries()
    order = sorted(
        every, key=lambda name: (not entries[name].dimension, name in ("host_countries", "figure_definitions"))
    )
    with duckdb.connect() as connection:
        for name in order:
            frame = pl.read_parquet(every[name])
            kinds = dict(connection.sql(f"SELECT column_name, column_type FROM (DESCRIBE '{every[name]}')").fetchall())
            columns = [f'"{column}" {kind}' for column, kind in kinds.items()]
            refers = [
                f'FOREIGN KEY ("{column}") REFERENCES {other} ("{key}")'
                for column, (other, key) in references(name, frame.columns).items()
            ]
            key = "PRIMARY KEY (" + ", ".join(f'"{column}"' for column in entries[name].key) + ")"
            connection.execute(f"CREATE TABLE {name} ({', '.join([*columns, key, *refers])})")
            connection.execute(f"INSERT INTO {name} SELECT * FROM '{every[name]}'")
        ask: Callable[[str], Any] = lambda question: connection.sql(question).fetchall()  # noqa: E731
        newest = pl.read_parquet(public / "current/cycle-06/tables/fatalities_by_cause.parquet")["deaths"].sum()
        assert ask("SELECT sum(deaths) FROM fatalities_by_cause") == [(newest,)]
        whole = "SELECT cycle, value FROM figures_total WHERE figure = 'fatalities_total' ORDER BY cycle"
        parts = (
            "SELECT cycle, sum(value) FROM figures_by_mission JOIN missions USING (mission) "
            "WHERE figure = 'fatalities_total' GROUP BY cycle ORDER BY cycle"
        )
        assert ask(whole) == ask(parts)
        assert [cycle for cycle, _ in ask(whole)] == list(CYCLES)
        assert ask("SELECT count(*) FROM figures_by_mission WHERE mission = 'ALL'") == [(0,)]


@pytest.mark.postgres
def test_postgresql_stays_a_star_with_many_cycles(three_cycles: Path, database: Any) -> None:
    # out of order, and one of them again
    for cycle in (5, 6, 4, 5):
        code, _, err = a4p(three_cycles, "load", database.uri, "--cycle", str(cycle))
        assert code == 0, err
    public, entries = three_cycles / "store/public", dictionary.entries()
    with psycopg.connect(database.uri, autocommit=True) as connection:
        ask: Callable[[str], Any] = lambda question: connection.execute(question).fetchall()  # noqa: E731
        constraints = ask(
            "SELECT conrelid::regclass::text, contype, array_agg(conname::text) FROM pg_constraint "
            "JOIN pg_namespace ON pg_namespace.oid = connamespace WHERE nspname = 'a4p' GROUP BY 1, 2"
        )
        keys = {name.removeprefix("a4p.") for name, kind, _ in constraints if kind == "p"}
        assert set(tables(public, "cycle-05")) <= keys
        refers = {name.removeprefix("a4p."): set(names) for name, kind, names in constraints if kind == "f"}
        for name, table in tables(public, "cycle-05").items():
            wanted = {f"a4p_{column}" for column in references(name, table.columns)}
            assert refers.get(name, set()) == wanted, name
        for name, table in tables(public, "all").items():
            if entries[name].dimension:
                assert ask(f"SELECT count(*) FROM a4p.{name}") == [(table.height,)], name
        assert ask("SELECT DISTINCT release_cycle FROM a4p.calendar WHERE date = '2020-01-01'") == [(6,)], "the newest"
        assert sorted(ask("SELECT DISTINCT cycle FROM a4p.figures")) == [(cycle,) for cycle in CYCLES]
        joined = (
            "SELECT count(*), count(missions.mission), count(sources.source) FROM a4p.figures "
            "JOIN a4p.missions USING (mission) JOIN a4p.sources USING (source) "
            "JOIN a4p.figure_definitions USING (figure)"
        )
        count = sum(tables(public, f"cycle-{cycle:02d}")["figures"].height for cycle in CYCLES)
        assert ask(joined) == [(count, count, count)]
        blank = (
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'a4p' AND table_name = 'figures' AND is_nullable = 'NO'"
        )
        required = {"release_cycle", "release_name", "cycle", "figure", "mission"}
        assert {column for (column,) in ask(blank)} == required
        assert len(ask("SELECT 1 FROM pg_indexes WHERE schemaname = 'a4p' AND indexname LIKE 'a4p_%'")) > 80
