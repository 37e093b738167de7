"""A release in PostgreSQL: its tables, loaded in one transaction, so that readers see the old release or the new one.

    a4p.loaded_releases which release of which cycle is loaded; one row a cycle
    a4p.<table>         each table of the release, with two columns before its own: release_cycle and release_name

A load deletes the cycle's rows and copies the new ones; tables, views on them and grants stay as they are. Of the
tables that others refer to, there is one row a key, as the newest cycle that was loaded has it: a star of many cycles.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import polars as pl

from config import ConfigError
from flows.core.errors import StoreError, Unanswered
from flows.core.records import Release
from flows.documents import dictionary
from flows.releases.postgres_keys import Keys, hold, keys_of, replace_rows
from flows.releases.shelf import read_table
from flows.stores import Store
from transforms.dictionary import CYCLE, of_cycle

if TYPE_CHECKING:
    from psycopg import Connection, Error
    from psycopg.sql import Composed

SCHEMA = "a4p"
LOADED = "loaded_releases"
# not `cycle`: tables have a column of that name, which says what cycle a row is about
CYCLE_COLUMN, RELEASE_COLUMN = "release_cycle", "release_name"
_OURS = {
    CYCLE_COLUMN: ("bigint", "Cycle of the release that the row was loaded from."),
    RELEASE_COLUMN: ("text", "Release that the row was loaded from."),
}
_ABOUT_LOADED = {
    **_OURS,
    "status": ("text", "final, or provisional where something is missing or has to be mended."),
    "as_of": ("date", "Day up to which the release counts."),
    "uri": ("text", "Where the release lies."),
}
_WAIT_SECONDS = 10
_LOCK_SECONDS = 60
_STATEMENT_SECONDS = 1800


@dataclass(frozen=True)
class Loaded:
    """What was loaded: the place without its password, the schema, rows by table."""

    where: str
    schema: str
    rows: dict[str, int]


@dataclass(frozen=True)
class _Table:
    """A table as PostgreSQL is to have it: its rows, its comment, type and comment of each of its own columns."""

    rows: pl.DataFrame
    comment: str
    columns: dict[str, tuple[str, str]]
    keys: Keys


def load(uri: str, store: Store, release: Release, schema: str = SCHEMA) -> Loaded:
    """Put the tables of a release into a schema of a PostgreSQL database, in place of those of the cycle there.

    The password comes from PGPASSWORD, a password file or the URI, as libpq has it; it is never shown.
    Raises ConfigError where the URI is none or psycopg is not installed, StoreError where the release is not what was
    published or the server fails; the database then holds what it held before.
    """
    try:
        import psycopg
    except ImportError:
        raise ConfigError("a4p load needs psycopg; install it with: pip install 'psycopg[binary]'") from None
    where = _where(uri)
    tables = _tables(store, release)
    try:
        connection = psycopg.connect(uri, connect_timeout=_WAIT_SECONDS, application_name="a4p load")
    except psycopg.Error as error:
        raise _no_connection(error, where) from None
    try:
        with connection:
            _replace(connection, schema, release, tables)
    except psycopg.Error as error:
        raise _failure(error, where, schema) from None
    return Loaded(where, schema, {name: table.rows.height for name, table in tables.items()})


def _where(uri: str) -> str:
    """Return host, port and database that a URI names, for people: without user and password."""
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    try:
        if urlsplit(uri).scheme not in {"postgresql", "postgres"}:
            raise ValueError
        parts = conninfo_to_dict(uri)
    except (ValueError, Error):
        # not what was given: it may hold a password
        raise ConfigError(
            "That is no address of a database; write postgresql://host:5432/database, with a user and @ "
            "before the host where the server asks for them."
        ) from None
    host = parts.get("host") or os.environ.get("PGHOST") or "localhost"
    port = parts.get("port") or os.environ.get("PGPORT") or "5432"
    database = parts.get("dbname") or os.environ.get("PGDATABASE") or "the user's database"
    return f"{host}:{port}/{database}"


def _tables(store: Store, release: Release) -> dict[str, _Table]:
    """Return every table of a release; what it says of tables and columns comes from its own descriptor."""
    found: dict[str, _Table] = {}
    for resource in release.descriptor["resources"]:
        path = PurePosixPath(resource["path"])
        if path.suffix != ".parquet" or path.parts[0] not in {"tables", "quality"}:
            continue
        rows, entry = read_table(store, release, path.stem), dictionary.entries().get(path.stem)
        said = {field["name"]: _comment(field) for field in resource["schema"]["fields"]}
        if entry and CYCLE in entry.fields and not entry.dimension:
            # a release of an earlier version does not say it in each table
            rows, said = of_cycle(rows, release.cycle), {CYCLE: entry.fields[CYCLE].description, **said}
        columns = {column: (_type(path.stem, column, kind), said[column]) for column, kind in rows.schema.items()}
        keys = keys_of(resource, dimension=bool(entry and entry.dimension))
        comment = resource["description"]
        if resource.get("cumulative"):
            comment += " Each cycle's rows hold those of the cycles before: take one cycle."
        found[path.stem] = _Table(rows, comment, columns, keys)
    return found


def _comment(field: Mapping[str, str]) -> str:
    return f"{field['description']} Unit: {field['unit']}." if "unit" in field else field["description"]


def _type(table: str, column: str, kind: pl.DataType) -> str:
    if isinstance(kind, pl.Decimal):
        return f"numeric({kind.precision or 38},{kind.scale})"
    if isinstance(kind, pl.UInt64 | pl.Int128):
        return "numeric"
    if kind.is_integer():
        return "bigint"
    if kind.is_float():
        return "double precision"
    if isinstance(kind, pl.Datetime):
        return "timestamp with time zone" if kind.time_zone else "timestamp without time zone"
    for dtype, name in ((pl.String, "text"), (pl.Boolean, "boolean"), (pl.Date, "date")):
        if isinstance(kind, dtype):
            return name
    raise ValueError(f"The column '{column}' of the table '{table}' is {kind}; PostgreSQL is given no type for that.")


def _replace(connection: Connection[Any], schema: str, release: Release, tables: Mapping[str, _Table]) -> None:
    from psycopg.sql import SQL, Identifier, Literal

    run = connection.execute
    run(SQL("SET LOCAL lock_timeout = {}").format(Literal(f"{_LOCK_SECONDS}s")))
    run(SQL("SET LOCAL statement_timeout = {}").format(Literal(f"{_STATEMENT_SECONDS}s")))
    # one load at a time: two first ones would both make the schema, and of two others each would add its rows
    run("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"a4p load {schema}"])
    if not run("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone():
        run(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    _shape(connection, schema, LOADED, "Releases that are loaded; one row a cycle.", _ABOUT_LOADED)
    for name, table in tables.items():
        _shape(connection, schema, name, table.comment, {**_OURS, **table.columns})
    dimensions = {name for name, entry in dictionary.entries().items() if entry.dimension}
    for name in _with_our_columns(connection, schema):
        if name not in dimensions:
            run(SQL("DELETE FROM {} WHERE release_cycle = %s").format(Identifier(schema, name)), [release.cycle])
    # before rows come: a table whose references wait to be looked at cannot be changed
    hold(connection, schema, {name: table.keys for name, table in tables.items()}, CYCLE_COLUMN)
    for name, table in tables.items():
        _copy(connection, schema, name, release, table)
    about = release.descriptor["a4p"]
    run(
        SQL("INSERT INTO {} (release_cycle, release_name, status, as_of, uri) VALUES (%s, %s, %s, %s, %s)").format(
            Identifier(schema, LOADED)
        ),
        [release.cycle, release.name, release.status, about.get("as_of"), release.uri],
    )


def _shape(
    connection: Connection[Any], schema: str, name: str, comment: str, columns: Mapping[str, tuple[str, str]]
) -> None:
    """Make a table, or add the columns that it lacks, and comment it; what other cycles have in it stays.

    A table that is as it has to be is not locked, so that its readers need not wait.
    """
    from psycopg.sql import SQL, Identifier, Literal

    there = _columns(connection, schema, name)
    table = Identifier(schema, name)
    if not there:
        wanted = SQL(", ").join(
            _column(column, kind, required=column in _OURS) for column, (kind, _) in columns.items()
        )
        connection.execute(SQL("CREATE TABLE {} ({})").format(table, wanted))
    for column, (kind, _) in columns.items() if there else ():
        if column not in there:
            connection.execute(SQL("ALTER TABLE {} ADD COLUMN {}").format(table, _column(column, kind)))
        elif there[column] != kind:
            raise StoreError(
                f"The column {column} of the table {schema}.{name} is {there[column]}, where the release has {kind}; "
                "drop the table and load each cycle again, or load into another --schema."
            )
    connection.execute(SQL("COMMENT ON TABLE {} IS {}").format(table, Literal(comment)))
    for column, (_, said) in columns.items():
        of_column = Identifier(schema, name, column)
        connection.execute(SQL("COMMENT ON COLUMN {} IS {}").format(of_column, Literal(said)))


def _column(name: str, kind: str, *, required: bool = False) -> Composed:
    from psycopg.sql import SQL, Identifier

    # the type is one of those that _type gives
    return SQL("{} {}{}").format(Identifier(name), SQL(kind), SQL(" NOT NULL" if required else ""))


def _columns(connection: Connection[Any], schema: str, name: str) -> dict[str, str]:
    found = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
        "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE nspname = %s AND relname = %s AND attnum > 0 AND NOT attisdropped",
        [schema, name],
    )
    return dict(found.fetchall())


def _with_our_columns(connection: Connection[Any], schema: str) -> list[str]:
    """Return the tables that a load made, those too that the release no longer has: old rows are worse than none."""
    found = connection.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE nspname = %s AND relkind IN ('r', 'p') AND 2 = (SELECT count(*) FROM pg_attribute "
        "WHERE attrelid = pg_class.oid AND attname = ANY(%s) AND NOT attisdropped) ORDER BY relname",
        [schema, [CYCLE_COLUMN, RELEASE_COLUMN]],
    )
    return [name for (name,) in found.fetchall()]


def _copy(connection: Connection[Any], schema: str, name: str, release: Release, table: _Table) -> None:
    from psycopg.sql import SQL, Identifier

    into, own = Identifier(schema, name), table.keys.dimension
    if own:
        into = Identifier(f"new_{name}")
        connection.execute(
            SQL("CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP").format(into, Identifier(schema, name))
        )
    columns = SQL(", ").join(map(Identifier, [CYCLE_COLUMN, RELEASE_COLUMN, *table.columns]))
    statement = SQL("COPY {} ({}) FROM STDIN").format(into, columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in table.rows.iter_rows():
            copy.write_row((release.cycle, release.name, *row))
    if own:
        replace_rows(connection, schema, name, f"new_{name}", table.keys.key)


def _failure(error: Error, where: str, schema: str) -> StoreError:
    from psycopg import errors

    # nothing of the error's own text: it may quote a row
    match error:
        case errors.InsufficientPrivilege():
            return StoreError(
                f"The database {where} does not let this user write to the schema {schema}; let its owner load, or "
                "grant the user CREATE on the database."
            )
        case errors.LockNotAvailable():
            return Unanswered(
                f"Tables of the schema {schema} in {where} were in use by others for {_LOCK_SECONDS} seconds; "
                "close what holds them and run this again."
            )
        case errors.DiskFull():
            return StoreError(f"The disk of the database {where} is full; make room on it and run this again.")
        case errors.ReadOnlySqlTransaction():
            return StoreError(f"The database {where} can only be read; load into its primary server.")
        case errors.OperationalError():
            return Unanswered(f"The database {where} broke the load off; what it holds is whole, run this again.")
    return StoreError(
        f"The database {where} refused the load ({type(error).__name__}); nothing was changed, tell who runs it."
    )


def _no_connection(error: Error, where: str) -> StoreError:
    if error.pgconn and error.pgconn.needs_password:
        return StoreError(f"The database {where} asks for a password; set PGPASSWORD or write a password file.")
    # the word is the server's, in each of its languages
    if "FATAL" in str(error):
        return StoreError(f"The database {where} does not let the user in; check its name, the user and PGPASSWORD.")
    return Unanswered(f"The database {where} does not answer; check that it runs, and its address.")
