"""Which columns of the source tables the report's figures are made from, through all the tables between them.

Nothing of this is written down: the tables are made once without rows, and what the figures ask for is noted.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from polars.io.plugins import register_io_source

from config import Cycle, Figure
from config.parts import OfDefinitions, OfRows, OfTables
from transforms import catalogue
from transforms.made_of import columns_named
from transforms.standardise import standardise

_STATUS = "_obs_status"


def feeding(definitions: OfDefinitions, rows: OfRows, tables: OfTables, cycle: Cycle) -> dict[str, frozenset[str]]:
    """Return, for each source table, the columns that a figure of a cycle is made from.

    A word in a cell says the status of its number, so that the status is made from that column too. By what a table
    between them is put in order counts as asked for. Figures of sources that have no contract ask for nothing.
    """
    asked: dict[str, set[str]] = {}
    staged = {name: _noting(schema, asked.setdefault(name, set())) for name, schema in _staged(definitions, rows)}
    # the figures of a table are asked for together: without rows, all that a query takes is its making
    columns: dict[str, set[str]] = {}
    for figure in definitions.figures.values():
        columns.setdefault(figure.table, set()).update(_columns(figure))
    for name, needed in columns.items():
        if not catalogue.staged_for(name) <= staged.keys():
            continue
        table = catalogue.table(name, staged, tables, cycle)
        table.select(column for column in table.collect_schema().names() if column in needed).collect()
    known = {name: table for contract in definitions.contracts.values() for name, table in contract.tables.items()}
    return {
        name: frozenset(column for column in known[name].columns if {column, f"{column}{_STATUS}"} & columns)
        for name, columns in asked.items()
    }


def _staged(definitions: OfDefinitions, rows: OfRows) -> Iterator[tuple[str, pl.Schema]]:
    """Yield each source table's columns once its rows are accepted."""
    for contract in definitions.contracts.values():
        typed: dict[str, pl.LazyFrame] = {}
        for name, table in contract.tables.items():
            text = dict.fromkeys((*table.columns_read, "mission", "_file", "_sheet"), pl.String)
            empty = pl.LazyFrame(schema={**text, "_row": pl.UInt32})
            typed[name] = standardise(empty, table, contract, rows, typed)
            schema = typed[name].collect_schema()
            yield name, pl.Schema({column: kind for column, kind in schema.items() if "__" not in column})


def _noting(schema: pl.Schema, asked: set[str]) -> pl.LazyFrame:
    """Return a table without rows that notes which of its columns are asked for."""

    def rows(
        columns: list[str] | None, condition: pl.Expr | None, most: int | None, at_once: int | None
    ) -> Iterator[pl.DataFrame]:
        asked.update(schema if columns is None else columns)
        asked.update(() if condition is None else condition.meta.root_names())
        empty = pl.DataFrame(schema=schema)
        yield empty if columns is None else empty.select(columns)

    return register_io_source(rows, schema=schema)


def _columns(figure: Figure) -> set[str]:
    named = columns_named(figure.value) | (columns_named(figure.where) if figure.where else frozenset())
    return {*named, *filter(None, (figure.dated_by, figure.obs_status, figure.by))}
