"""Whether what the configuration defines can be worked out: figures on tables there are, tables of what is given.

It is asked before anything is pulled, so that a mistake in a file costs no refresh.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import polars as pl

from config import ConfigError, Figure
from config.parts import OfDefinitions
from transforms import catalogue
from transforms.dictionary import describe

if TYPE_CHECKING:
    from sqlglot import exp


def check(config: OfDefinitions) -> None:
    """Raise ConfigError, a line a mistake with file and line, where a figure or table cannot be worked out.

    Figures: an unknown table or column, SQL that cannot be read or gives no number, a text that its column never holds.
    Table functions: no entry in the dictionary, a parameter that is no table, tables made from each other.
    """
    mistakes = [*_of_tables(config)]
    if not mistakes:
        for name, figure in config.figures.items():
            mistakes += [f"{figure.place}: {name}: {_ended(text)}" for text in _of_figure(figure, config)]
    if mistakes:
        raise ConfigError("\n".join(mistakes))


def _of_tables(config: OfDefinitions) -> Iterator[str]:
    staged = {name for contract in config.contracts.values() for name in contract.tables}
    known = staged | set(catalogue.tables())
    for name, function in catalogue.tables().items():
        place = catalogue.place(function)
        if not inspect.getdoc(function):
            yield f"{place}: the table '{name}' has no docstring, which is its entry in the dictionary."
            continue
        try:
            describe(function)
        except ValueError as error:
            yield f"{place}: {error}"
        for parameter in catalogue.needs(name):
            if parameter not in known:
                said = _ended(_allowed(parameter, known))
                yield f"{place}: the table '{name}' is made from '{parameter}', which is no table; {said}"
    yield from _in_circles()


def _in_circles() -> Iterator[str]:
    """Yield a sentence where tables are made from each other, so that none of them can be made first."""
    tables = catalogue.tables()
    parents = {name: [one for one in catalogue.needs(name) if one in tables and one != name] for name in tables}
    try:
        TopologicalSorter(parents).prepare()
    except CycleError as error:
        circle = error.args[1]
        yield f"{catalogue.place(tables[circle[0]])}: tables are made from each other: {' → '.join(circle)}."


def _of_figure(figure: Figure, config: OfDefinitions) -> Iterator[str]:
    if figure.table not in catalogue.tables():
        yield f"there is no table '{figure.table}'; {_allowed(figure.table, catalogue.tables())}"
        return
    columns = catalogue.entries()[figure.table].fields
    for option in ("dated_by", "obs_status", "by"):
        named = getattr(figure, option) or ""
        for column in filter(None, map(str.strip, named.split(","))):
            if column not in columns:
                yield f"{option} is '{column}', which is no column of {figure.table}; {_allowed(column, columns)}"
    words = _words(figure.table, config)
    if figure.where is not None:
        yield from _of_sql("where", figure.where, figure.table, columns, words)
    yield from _of_sql("value", figure.value, figure.table, columns, words)
    for option in ("stated", "stated_previous"):
        stated = getattr(figure, option)
        if stated is None:
            continue
        tables = {name: one for contract in config.contracts.values() for name, one in contract.tables.items()}
        if stated.table not in tables:
            yield f"{option} names the table '{stated.table}'; {_allowed(stated.table, tables)}"
            continue
        its = [*tables[stated.table].columns_read, *tables[stated.table].columns, "mission"]
        yield from _of_sql(option, stated.value, stated.table, its, {})


def _of_sql(
    option: str, sql: str, table: str, columns: Collection[str], words: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    # half a second, for what is asked only when the configuration has changed
    import sqlglot
    from sqlglot import exp

    try:
        read = sqlglot.parse_one(sql)
        evaluated = pl.sql_expr(sql)
    except (sqlglot.errors.SqlglotError, pl.exceptions.PolarsError) as error:
        yield f"{option} is no SQL that can be read ({str(error).splitlines()[0]})"
        return
    unknown = [name for name in dict.fromkeys(evaluated.meta.root_names()) if name not in columns]
    for name in unknown:
        yield f"{option} names '{name}', which is no column of {table}; {_allowed(name, columns)}"
    if option != "where" and not list(read.find_all(exp.AggFunc)):
        yield f"{option} gives a number a row and not one of all, such as count(*) or sum({next(iter(columns))})"
    for column, text in _compared(read):
        if column in words and text not in words[column]:
            said = _allowed(text, words[column])
            yield f"{option} compares {column} with '{text}', which it never holds; {said}"


def _compared(read: exp.Expr) -> Iterator[tuple[str, str]]:
    """Yield each column and the text that it is compared with."""
    from sqlglot import exp

    for comparison in read.find_all(exp.EQ, exp.NEQ, exp.In):
        sides = [comparison.this, comparison.args.get("expression"), *comparison.args.get("expressions", [])]
        columns = [side.name for side in sides if isinstance(side, exp.Column)]
        texts = [side.name for side in sides if isinstance(side, exp.Literal) and side.is_string]
        if len(columns) == 1:
            yield from ((columns[0], text) for text in texts)


def _words(table: str, config: OfDefinitions) -> dict[str, frozenset[str]]:
    """Return, for the columns of a table that are taken from a source's list as they are, the words of that list."""
    words: dict[str, set[str]] = {}
    tables = {name: one for contract in config.contracts.values() for name, one in contract.tables.items()}
    for staged in _all_staged_for(table):
        for name, column in tables[staged].columns.items():
            if column.one_of is not None:
                words.setdefault(name, set()).update(column.one_of)
    return {name: frozenset(listed) for name, listed in words.items()}


@cache
def _all_staged_for(table: str) -> frozenset[str]:
    return catalogue.staged_for(table)


def _ended(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def _allowed(said: str, known: Collection[str]) -> str:
    near = get_close_matches(said, known, 1)
    return f"is '{near[0]}' meant?" if near else f"allowed: {', '.join(sorted(known))}"
