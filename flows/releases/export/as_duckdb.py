"""A DuckDB database: tables with primary and foreign keys, and comments on all of them and their columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from config import ConfigError
from flows.releases.export.content import Content, Exported
from flows.releases.export.sql import created, named, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# each column of each table takes a block at least: with those of the usual size, a megabyte of rows is 60 of file
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {"default_block_size": "16384"}
_KINDS = (
    (pl.Boolean, "BOOLEAN"),
    (pl.Date, "DATE"),
    (pl.String, "VARCHAR"),
)


def write(file: Path, content: Content) -> None:
    """Write the database to a file that is not there. Raises ConfigError where DuckDB is not installed, OSError."""
    try:
        import duckdb
    except ImportError:
        raise ConfigError("a4p export --duckdb needs duckdb; install it with: pip install duckdb") from None
    try:
        with duckdb.connect(str(file), config=_SETTINGS) as connection:
            for table in content.tables:
                connection.execute(created(table, {name: _kind(kind) for name, kind in table.rows.schema.items()}))
                connection.register("incoming", table.rows.to_arrow())
                # a table of ours, in quotes
                into = f"INSERT INTO {named(table.name)} SELECT * FROM incoming"  # noqa: S608
                connection.execute(into)
                connection.unregister("incoming")
                _comment(connection, table)
    except duckdb.IOException:
        raise OSError from None


def _comment(connection: DuckDBPyConnection, table: Exported) -> None:
    run = connection.execute
    run(f"COMMENT ON TABLE {named(table.name)} IS {quoted(table.description)}")
    for column, said in table.columns.items():
        if column in table.rows.columns:
            run(f"COMMENT ON COLUMN {named(table.name)}.{named(column)} IS {quoted(said.comment)}")


def _kind(kind: pl.DataType) -> str:
    if isinstance(kind, pl.Datetime):
        return "TIMESTAMPTZ" if kind.time_zone else "TIMESTAMP"
    if isinstance(kind, pl.Decimal):
        return f"DECIMAL({kind.precision or 38},{kind.scale})"
    if kind.is_integer():
        return "UBIGINT" if kind == pl.UInt64 else "BIGINT"
    if kind.is_float():
        return "DOUBLE"
    return next(name for of, name in _KINDS if isinstance(kind, of))
