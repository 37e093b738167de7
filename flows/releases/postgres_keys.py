"""Keys, references and indexes of a release's tables in PostgreSQL, which stay while the rows of cycles come and go.

A load deletes and writes rows within one transaction, so references are looked at when it is committed. A key or a
reference that rows of an earlier version break is left out, until a load finds it whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

_PREFIX = "a4p_"
_LONGEST_NAME = 63


@dataclass(frozen=True)
class Keys:
    """The columns of a table's key, those that must not be blank, and what a column refers to: a table, a column.

    Of a `dimension` there is one row a key, whichever release it came with.
    """

    key: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    dimension: bool = False


def keys_of(resource: Mapping[str, Any], dimension: bool) -> Keys:
    """Return the keys of a table as a release's descriptor says them."""
    schema = resource["schema"]
    required = {one["name"] for one in schema["fields"] if one.get("constraints", {}).get("required")}
    refers = {
        one["fields"][0]: (one["reference"]["resource"].removesuffix(".parquet"), one["reference"]["fields"][0])
        for one in schema.get("foreignKeys", [])
    }
    return Keys(tuple(schema["primaryKey"]), frozenset(required), refers, dimension)


def hold(connection: Connection[Any], schema: str, tables: Mapping[str, Keys], cycle_column: str) -> None:
    """Make keys, references and indexes that are not there, and take away references that the release does not have."""
    for name, keys in tables.items():
        if keys.key and set(keys.key) <= keys.required and not _constraints(connection, schema, name, "p"):
            _add_key(connection, schema, name, keys, cycle_column)
    for name, keys in tables.items():
        _refer(connection, schema, name, keys)
        for column in keys.refers:
            _index(connection, schema, name, column)


def replace_rows(connection: Connection[Any], schema: str, name: str, incoming: str, key: Sequence[str]) -> None:
    """Put the rows of a temporary table into a dimension, one row a key; what a newer cycle said of a key stays."""
    from psycopg.sql import SQL, Identifier

    same = SQL(" AND ").join(SQL("old.{0} = new.{0}").format(Identifier(column)) for column in key)
    table, rows = Identifier(schema, name), Identifier(incoming)
    run = connection.execute
    newer = SQL("DELETE FROM {} new USING {} old WHERE {} AND old.release_cycle > new.release_cycle")
    run(newer.format(rows, table, same))
    run(SQL("DELETE FROM {} old USING {} new WHERE {}").format(table, rows, same))
    run(SQL("INSERT INTO {} SELECT * FROM {}").format(table, rows))


def _add_key(connection: Connection[Any], schema: str, name: str, keys: Keys, cycle_column: str) -> None:
    from psycopg.sql import SQL, Identifier

    table = Identifier(schema, name)
    if keys.dimension:
        # a load of an earlier version put in the rows of each cycle
        same = SQL(" AND ").join(SQL("old.{0} = new.{0}").format(Identifier(column)) for column in keys.key)
        older = SQL("DELETE FROM {0} old USING {0} new WHERE {1} AND old.{2} < new.{2}")
        connection.execute(older.format(table, same, Identifier(cycle_column)))
    elif "cycle" in keys.key:
        fill = SQL("UPDATE {0} SET cycle = {1} WHERE cycle IS NULL")
        connection.execute(fill.format(table, Identifier(cycle_column)))
    columns = keys.key if keys.dimension or "cycle" in keys.key else (cycle_column, *keys.key)
    listed = SQL(", ").join(map(Identifier, columns))
    blank = SQL(" OR ").join(SQL("{} IS NULL").format(Identifier(column)) for column in columns)
    broken = SQL("SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1 OR {} LIMIT 1").format(table, listed, blank)
    if not connection.execute(broken).fetchone():
        connection.execute(SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(table, listed))


def _refer(connection: Connection[Any], schema: str, name: str, keys: Keys) -> None:
    from psycopg.sql import SQL, Identifier

    table, there = Identifier(schema, name), _constraints(connection, schema, name, "f")
    for column, (other, key) in keys.refers.items():
        constraint, target = _name(column), Identifier(schema, other)
        if constraint in there or not _constraints(connection, schema, other, "p"):
            continue
        lacking = SQL(
            "SELECT 1 FROM {0} own WHERE own.{1} IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM {2} other WHERE other.{3} = own.{1}) LIMIT 1"
        ).format(table, Identifier(column), target, Identifier(key))
        if not connection.execute(lacking).fetchone():
            add = SQL(
                "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) DEFERRABLE INITIALLY DEFERRED"
            )
            parts = (table, Identifier(constraint), Identifier(column), target, Identifier(key))
            connection.execute(add.format(*parts))
    for constraint in there - {_name(column) for column in keys.refers}:
        if constraint.startswith(_PREFIX):
            connection.execute(SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, Identifier(constraint)))


def _index(connection: Connection[Any], schema: str, name: str, column: str) -> None:
    from psycopg.sql import SQL, Identifier

    index = _name(f"{name}_{column}")
    found = connection.execute(
        "SELECT 1 FROM pg_indexes WHERE schemaname = %s AND tablename = %s AND indexname = %s", [schema, name, index]
    )
    if not found.fetchone():
        make = SQL("CREATE INDEX {} ON {} ({})")
        connection.execute(make.format(Identifier(index), Identifier(schema, name), Identifier(column)))


def _name(of: str) -> str:
    return f"{_PREFIX}{of}"[:_LONGEST_NAME]


def _constraints(connection: Connection[Any], schema: str, name: str, kind: str) -> set[str]:
    """Return the names of a table's constraints of a kind: `p` its key, `f` its references."""
    found = connection.execute(
        "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "
        "JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = %s AND relname = %s AND contype = %s",
        [schema, name, kind],
    )
    return {constraint for (constraint,) in found.fetchall()}
