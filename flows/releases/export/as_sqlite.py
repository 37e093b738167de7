"""An SQLite database: tables with primary and foreign keys. What columns hold stands in `data_dictionary`.

SQLite keeps no comments; it has no type for days and times either, which are ISO text, nor for yes and no, which are 1
and 0.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl

from flows.releases.export.content import Column, Content, Exported
from flows.releases.export.sql import created, named

DICTIONARY = "data_dictionary"
_ABOUT = {
    "table": Column("Table."),
    "column": Column("Column; empty for the table as a whole."),
    "unit": Column("Unit of its numbers."),
    "description": Column("What it holds."),
}


def write(file: Path, content: Content) -> None:
    """Write the database to a file that is not there. Raises OSError."""
    try:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("PRAGMA foreign_keys = ON")
            for table in (*content.tables, _dictionary(content)):
                rows = _plain(table.rows)
                connection.execute(created(table, {name: _kind(kind) for name, kind in rows.schema.items()}))
                marks = ", ".join("?" * rows.width)
                # a table of ours, in quotes
                into = f"INSERT INTO {named(table.name)} VALUES ({marks})"  # noqa: S608
                connection.executemany(into, rows.iter_rows())
    except sqlite3.OperationalError:
        raise OSError from None


def _dictionary(content: Content) -> Exported:
    rows = []
    for table in content.tables:
        rows.append((table.name, "", "", table.description))
        rows += [(table.name, name, said.unit, said.description) for name, said in table.columns.items()]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_ABOUT, pl.String), orient="row")
    return Exported(DICTIONARY, frame, "What tables and columns hold.", _ABOUT, ("table", "column"))


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    times = [
        (pl.col(name).dt.convert_time_zone("UTC") if kind.time_zone else pl.col(name)).dt.strftime(
            "%Y-%m-%dT%H:%M:%S%.f" + ("Z" if kind.time_zone else "")
        )
        for name, kind in rows.schema.items()
        if isinstance(kind, pl.Datetime)
    ]
    return rows.with_columns(*times, pl.col(pl.Date).cast(pl.String), pl.col(pl.Boolean).cast(pl.Int8))


def _kind(kind: pl.DataType) -> str:
    if kind.is_integer():
        return "INTEGER"
    return "REAL" if kind.is_numeric() else "TEXT"
