"""A release in a real PostgreSQL server, loaded with the command as a person uses it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from config import load as load_config
from flows.core.records import Release
from flows.releases import shelf as releasing
from flows.releases.make.descriptor import descriptor
from flows.releases.make.table_files import table_files
from flows.stores import Store
from tests.support.sharing import a4p
from tests.support.waiting import HANGS_S, until
from transforms.dictionary import FieldEntry, TableEntry

pytestmark = pytest.mark.postgres
A4P = str(Path(sys.executable).parent / "a4p")
CONFIG = load_config()
VALUES = pl.DataFrame(
    {
        "n": [1, 2, 3, 4],
        "text": ["tab\there", "back\\slash \\N \\.", "two\nlines, \"quoted\" 'so'; é 中 \u202f", ""],
        "nothing": pl.Series([None, "", "NULL", "\\N"], dtype=pl.String),
        "share": [0.1, 1e300, -3.0, None],
        "money": pl.Series([Decimal("12.30"), Decimal("-0.01"), None, Decimal("99999999.99")], dtype=pl.Decimal(10, 2)),
        "day": [date(1948, 5, 29), date(2024, 2, 29), None, date(9999, 12, 31)],
        "seen": pl.Series(
            [datetime(2024, 5, 1, 2, 3, 4, 567890, UTC), None, datetime(1970, 1, 1, tzinfo=UTC), None],
            dtype=pl.Datetime("us", "UTC"),
        ),
        "yes": [True, False, None, True],
        "large": [2**53 + 1, -(2**62), None, 0],
    }
)
MISSIONS = pl.DataFrame({"mission": ["UNIFIL", "UNMISS"]})


def publish(folder: Path, tables: Mapping[str, pl.DataFrame], number: int = 5) -> Release:
    """Publish hand-made tables as the next release of a cycle, as the pipeline would."""
    cycle, files = CONFIG.cycle(number), table_files(tables)
    entries = {
        name: TableEntry(
            name,
            f'What {name} holds; it\'s "quoted".',
            {column: FieldEntry(f"The {column}.", "people" if column == "n" else None) for column in table.columns},
            (table.columns[0],),
            "NOTICAS",
            "",
        )
        for name, table in tables.items()
    }

    def describe(name: str, every: Mapping[str, bytes]) -> dict[str, Any]:
        given: dict[str, Any] = {"status": "final", "missing": [], "as_of": cycle.end, "submissions": []}
        return descriptor(name, cycle, every, tables, entries, **given, pipeline={}, quality={}, lineage={})

    store = Store(str(folder / "store/public"))
    return releasing.publish(store, cycle, files, describe, lambda before: {"changes.json": b"{}"})[0]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the stores where they are by default: below the folder of a test."""
    for name in [name for name in os.environ if name.startswith("A4P_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def ask(database: Any) -> Iterator[Callable[..., list[Any]]]:
    """Ask the database, each time in a new transaction."""
    with psycopg.connect(database.uri, autocommit=True) as connection:
        yield lambda question, values=None: connection.execute(question, values).fetchall()


@pytest.fixture
def do(database: Any) -> Callable[[str], None]:
    """Change the database, each time in a transaction of its own."""

    def do(statement: str) -> None:
        with psycopg.connect(database.uri) as connection:
            connection.execute(statement)

    return do


@contextmanager
def command(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    given: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([A4P, "load", *arguments], cwd=folder, **given) as running:
        try:
            yield running
        finally:
            running.kill()


def load(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Load in this process, which is quicker; those that are killed or broken off are processes of their own."""
    return a4p(folder, "load", *arguments)


def rows(ask: Callable[..., list[Any]], table: str, frame: pl.DataFrame, cycle: int = 5) -> list[Any]:
    columns = ", ".join(f'"{column}"' for column in frame.columns)
    return ask(f"SELECT {columns} FROM a4p.{table} WHERE release_cycle = {cycle}")


def waiting(ask: Callable[..., list[Any]], loads: int = 1) -> list[int]:
    """Wait until so many loads wait for a lock, and return their processes in the server."""
    asked = "SELECT pid FROM pg_stat_activity WHERE application_name = 'a4p load' AND wait_event_type = 'Lock'"

    def all_wait() -> list[int]:
        found = ask(asked)
        return [pid for (pid,) in found] if len(found) == loads else []

    return until(all_wait, every_s=0.1)


@pytest.fixture
def held(database: Any, do: Callable[[str], None]) -> Callable[[], Any]:
    """Hold each load when it is about to write the last of its tables, until what is returned is closed."""

    def hold() -> Any:
        do(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$"
        )
        do("CREATE TRIGGER wait BEFORE INSERT ON a4p.zones FOR EACH ROW EXECUTE FUNCTION wait()")
        connection = psycopg.connect(database.uri)
        connection.execute("SELECT pg_advisory_lock(1)")
        return connection

    return hold


def test_a_whole_release_is_equal_to_its_files(released: Path, database: Any, ask: Any) -> None:
    code, out, err = load(released, database.uri, "--cycle", "5")
    assert code == 0, err
    store = Store(str(released / "store/public"))
    release = releasing.get(store, CONFIG.cycle(5), "r001")
    files = [path for path in release.hashes if path.endswith(".parquet")]
    assert len(files) > 40
    count = 0
    for path in files:
        frame = releasing.read_table(store, release, Path(path).stem)
        count += frame.height
        assert Counter(rows(ask, Path(path).stem, frame)) == Counter(frame.rows()), path
    where = f"127.0.0.1:{database.port}/{database.name}"
    assert out == (
        f"Loaded release r001 ({release.status}) of cycle 5 into the schema a4p of {where}: "
        f"{len(files)} tables, {count:,} rows.\n"
    )
    tables = {name for (name,) in ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'a4p'")}
    assert tables == {Path(path).stem for path in files} | {"loaded_releases"}
    as_of = date.fromisoformat(release.descriptor["a4p"]["as_of"])
    assert ask("SELECT * FROM a4p.loaded_releases") == [(5, "r001", release.status, as_of, release.uri)]
    (said,) = ask("SELECT col_description('a4p.figures'::regclass, attnum) FROM pg_attribute WHERE attname = 'as_of' "
                  "AND attrelid = 'a4p.figures'::regclass")  # fmt: skip
    fields = next(one for one in release.descriptor["resources"] if one["path"] == "tables/figures.parquet")
    assert said == (next(f["description"] for f in fields["schema"]["fields"] if f["name"] == "as_of"),)


def test_values_types_and_comments_are_those_of_the_release(database: Any, ask: Any, tmp_path: Path) -> None:
    publish(tmp_path, {"values": VALUES})
    code, _, err = load(tmp_path, database.uri, "--cycle", "5")
    assert code == 0, err
    assert sorted(rows(ask, "values", VALUES)) == VALUES.rows()
    assert ask("SELECT DISTINCT release_cycle, release_name FROM a4p.values") == [(5, "r001")]
    described = ask(
        "SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum) FROM pg_attribute "
        "WHERE attrelid = 'a4p.values'::regclass AND attnum > 2 ORDER BY attnum"
    )
    assert described == [
        ("n", "bigint", "The n. Unit: people."),
        ("text", "text", "The text."),
        ("nothing", "text", "The nothing."),
        ("share", "double precision", "The share."),
        ("money", "numeric(10,2)", "The money."),
        ("day", "date", "The day."),
        ("seen", "timestamp with time zone", "The seen."),
        ("yes", "boolean", "The yes."),
        ("large", "bigint", "The large."),
    ]
    assert ask("SELECT obj_description('a4p.values'::regclass)") == [('What values holds; it\'s "quoted".',)]


def test_a_second_load_replaces_the_cycle_and_nothing_else(database: Any, ask: Any, do: Any, tmp_path: Path) -> None:
    publish(tmp_path, {"values": VALUES, "gone": MISSIONS})
    publish(tmp_path, {"values": VALUES.head(2)}, 4)
    for cycle in ("5", "4"):
        assert load(tmp_path, database.uri, "--cycle", cycle)[0] == 0
    do("CREATE VIEW public.chart AS SELECT n, release_cycle FROM a4p.values")
    do("CREATE TABLE a4p.mine AS SELECT 1 AS one")
    do("GRANT SELECT ON a4p.values TO pg_read_all_stats")
    changed = VALUES.tail(1).with_columns(added=pl.lit("new"))
    publish(tmp_path, {"values": changed})
    assert load(tmp_path, database.uri, "--cycle", "5")[0] == 0
    assert rows(ask, "values", changed) == changed.rows()
    assert sorted(rows(ask, "values", VALUES, 4)) == VALUES.head(2).rows(), "the other cycle stays"
    assert ask("SELECT count(*) FROM a4p.gone") == [(0,)], "a table that is no more has no old rows"
    assert sorted(ask("SELECT * FROM chart")) == [(1, 4), (2, 4), (4, 5)], "a view stays, with the new rows"
    assert ask("SELECT * FROM a4p.mine") == [(1,)], "what others made stays"
    assert ask("SELECT has_table_privilege('pg_read_all_stats', 'a4p.values', 'SELECT')") == [(True,)]
    assert sorted(ask("SELECT release_cycle, release_name FROM a4p.loaded_releases")) == [(4, "r001"), (5, "r002")]

    code, out, _ = load(tmp_path, database.uri, "--cycle", "5", "--release", "r001", "--schema", "a4p")
    assert (code, "Loaded release r001 (final)" in out) == (0, True)
    assert sorted(rows(ask, "values", VALUES)) == VALUES.rows(), "an older release can be loaded again"


def test_a_load_killed_in_the_middle_leaves_the_old_data(database: Any, ask: Any, held: Any, tmp_path: Path) -> None:
    publish(tmp_path, {"values": VALUES, "zones": MISSIONS})
    assert load(tmp_path, database.uri, "--cycle", "5")[0] == 0
    publish(tmp_path, {"values": VALUES.tail(1), "zones": MISSIONS.tail(1)})
    with held(), command(tmp_path, database.uri, "--cycle", "5") as running:
        waiting(ask)
        assert sorted(rows(ask, "values", VALUES)) == VALUES.rows(), "readers need not wait, and see the old release"
        assert ask("SELECT release_name FROM a4p.loaded_releases") == [("r001",)]
        running.kill()
        running.wait(timeout=HANGS_S)
    until(lambda: not ask("SELECT 1 FROM pg_stat_activity WHERE application_name = 'a4p load'"), every_s=0.1)
    assert sorted(rows(ask, "values", VALUES)) == VALUES.rows()
    assert rows(ask, "zones", MISSIONS) == MISSIONS.rows()
    assert load(tmp_path, database.uri, "--cycle", "5")[0] == 0, "and the next load is not hindered"
    assert rows(ask, "zones", MISSIONS) == MISSIONS.tail(1).rows()


@pytest.mark.parametrize("first", [True, False])
def test_of_two_loads_at_once_one_waits_for_the_other(
    database: Any, ask: Any, do: Any, held: Any, tmp_path: Path, first: bool
) -> None:
    publish(tmp_path, {"values": VALUES, "zones": MISSIONS})
    if first:
        do(
            "CREATE FUNCTION wait_once() RETURNS event_trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); END $$"
        )
        when = "ON ddl_command_end WHEN TAG IN ('CREATE SCHEMA')"
        do(f"CREATE EVENT TRIGGER wait_once {when} EXECUTE FUNCTION wait_once()")
        lock = psycopg.connect(database.uri)
        lock.execute("SELECT pg_advisory_lock(1)")
    else:
        assert load(tmp_path, database.uri, "--cycle", "5")[0] == 0
        lock = held()
    arguments = (tmp_path, database.uri, "--cycle", "5")
    with lock, command(*arguments) as one, command(*arguments) as other:
        waiting(ask, 2)
        lock.execute("SELECT pg_advisory_unlock(1)")
        lock.commit()
        for running in (one, other):
            _, err = running.communicate(timeout=HANGS_S)
            assert running.returncode == 0, err
    assert sorted(rows(ask, "values", VALUES)) == VALUES.rows(), "each row once"
    assert rows(ask, "zones", MISSIONS) == MISSIONS.rows()


def _ends_the_connection(ask: Any) -> str:
    for pid in waiting(ask):
        ask("SELECT pg_terminate_backend(%s)", [pid])
    return "broke the load off; what it holds is whole, run this again."


def _refuses_a_row(ask: Any) -> str:
    return "refused the load (CheckViolation); nothing was changed, tell who runs it."


@pytest.mark.parametrize("breaks", [_ends_the_connection, _refuses_a_row])
def test_a_server_that_fails_in_the_middle_keeps_the_old_data(
    database: Any, ask: Any, do: Any, held: Any, tmp_path: Path, breaks: Callable[..., str]
) -> None:
    publish(tmp_path, {"values": VALUES, "zones": MISSIONS})
    assert load(tmp_path, database.uri, "--cycle", "5")[0] == 0
    publish(tmp_path, {"values": VALUES.tail(1), "zones": pl.DataFrame({"mission": ["SECRET-NAME"]})})
    do("ALTER TABLE a4p.zones ADD CHECK (mission LIKE 'UN%')")
    with (
        nullcontext() if breaks is _refuses_a_row else held(),
        command(tmp_path, database.uri, "--cycle", "5") as running,
    ):
        says = breaks(ask)
        out, err = running.communicate(timeout=HANGS_S)
    assert (running.returncode, out) == (3, ""), err
    assert err == f"The database 127.0.0.1:{database.port}/{database.name} {says}\n"
    assert sorted(rows(ask, "values", VALUES)) == VALUES.rows()
    assert rows(ask, "zones", MISSIONS) == MISSIONS.rows()


def test_a_column_of_another_type_is_said_and_nothing_changes(database: Any, ask: Any, tmp_path: Path) -> None:
    publish(tmp_path, {"values": VALUES, "aaa": MISSIONS})
    assert load(tmp_path, database.uri, "--cycle", "5")[0] == 0
    publish(tmp_path, {"values": VALUES.with_columns(pl.col("n").cast(pl.String)), "aaa": MISSIONS.head(1)})
    code, _, err = load(tmp_path, database.uri, "--cycle", "5")
    assert code == 3
    assert err.startswith("The column n of the table a4p.values is bigint, where the release has text; drop the table")
    assert rows(ask, "aaa", MISSIONS) == MISSIONS.rows()
    assert load(tmp_path, database.uri, "--cycle", "5", "--schema", "Other schema")[0] == 0
    assert ask('SELECT count(*) FROM "Other schema".aaa') == [(1,)]


def _wrong_password(database: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int, str]:
    monkeypatch.setenv("PGPASSWORD", "wrong-password")
    return database.uri, 3, "does not let the user in; check its name, the user and PGPASSWORD."


def _wrong_password_in_the_address(database: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int, str]:
    return database.uri.replace("@", ":wrong-password@"), 3, "does not let the user in; check"


def _no_password(database: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int, str]:
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", "/nowhere")
    return database.uri, 3, "asks for a password; set PGPASSWORD or write a password file."


def _no_database(database: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int, str]:
    return database._replace(name="nowhere").uri, 3, "nowhere does not let the user in; check its name"


def _nobody_listens(database: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return database._replace(port=port).uri, 3, "does not answer; check that it runs, and its address."


def _no_address(database: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int, str]:
    return "mysql://me:wrong-password@host/db", 2, "That is no address of a database; write postgresql://host"


def _broken_address(database: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int, str]:
    return "postgresql://me:wrong-password@[host/db", 2, "That is no address of a database"


@pytest.mark.parametrize(
    "breaks",
    [
        _wrong_password,
        _wrong_password_in_the_address,
        _no_password,
        _no_database,
        _nobody_listens,
        _no_address,
        _broken_address,
    ],
)
def test_a_server_that_does_not_let_us_in_is_one_sentence(
    database: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, breaks: Callable[..., tuple[str, int, str]]
) -> None:
    publish(tmp_path, {"values": VALUES})
    uri, expected, says = breaks(database, monkeypatch)
    code, out, err = load(tmp_path, uri, "--cycle", "5")
    assert (code, out) == (expected, ""), err
    assert says in err
    assert len(err.splitlines()) == 1
    assert database.password not in err
    assert "wrong-password" not in err


def test_a_user_who_may_not_write_is_told_so(database: Any, do: Any, tmp_path: Path) -> None:
    publish(tmp_path, {"values": VALUES})
    do(f"CREATE ROLE reader_{database.name} LOGIN PASSWORD '{database.password}'")
    code, _, err = load(tmp_path, database._replace(user=f"reader_{database.name}").uri, "--cycle", "5")
    assert code == 3
    assert "does not let this user write to the schema a4p; let its owner load, or grant the user CREATE" in err


def test_a_release_that_is_not_what_was_published_is_not_loaded(database: Any, ask: Any, tmp_path: Path) -> None:
    release = publish(tmp_path, {"values": VALUES})
    file = tmp_path / "store/public" / release.path / "tables/values.parquet"
    file.write_bytes(file.read_bytes()[::-1])
    code, _, err = load(tmp_path, database.uri, "--cycle", "5")
    assert (code, "is not the one that was published" in err) == (3, True)
    assert ask("SELECT 1 FROM pg_namespace WHERE nspname = 'a4p'") == []


def test_without_psycopg_it_says_how_to_get_it(tmp_path: Path) -> None:
    publish(tmp_path, {"values": VALUES})
    code = "import sys; sys.modules['psycopg'] = None; from flows.cli import commands; commands.main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "load", "postgresql://localhost/nowhere", "--cycle", "5"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANGS_S, check=False)
    assert ran.returncode == 2
    assert ran.stderr == "a4p load needs psycopg; install it with: pip install 'psycopg[binary]'\n"


def test_help_says_where_the_password_comes_from(tmp_path: Path) -> None:
    code, out, _ = load(tmp_path, "--help")
    assert (code, "PGPASSWORD" in out) == (0, True)
    assert json.dumps(out).count("a4p load") == 1
