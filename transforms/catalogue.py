"""The curated tables there are, and the order in which they are made.

A table is a public function of one of the modules of priorities. Its parameters name what it is made from: a staged
table, a curated table, or `config` or `cycle`. A parameter with the function's own name is the staged table of that
name, which the curated one refines.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType

import polars as pl

import transforms
from config import Config, Cycle
from transforms.dictionary import TableEntry, describe

# the modules of priorities, `p<number>_<subject>`, and what they share; who adds such a file has added its tables
MODULES: tuple[ModuleType, ...] = tuple(
    import_module(f"transforms.{module.name}")
    for module in pkgutil.iter_modules(transforms.__path__)
    if module.name == "dimensions" or re.match(r"p\d_", module.name)
)
Table = Callable[..., pl.LazyFrame]
_GIVEN = ("config", "cycle")


@cache
def tables() -> dict[str, Table]:
    """Return every table function by its name, in the order of the modules."""
    return {
        name: function
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


@cache
def entries() -> dict[str, TableEntry]:
    """Return every table's entry in the data dictionary."""
    return {name: describe(function) for name, function in tables().items()}


def is_private(table: str) -> bool:
    """Tell whether a table is only there for others to be made from."""
    return bool(getattr(tables()[table], "private", False))


def needs(table: str) -> tuple[str, ...]:
    """Return the tables that a curated table is made from, as its parameters name them."""
    return tuple(name for name in inspect.signature(tables()[table]).parameters if name not in _GIVEN)


def staged_for(table: str) -> frozenset[str]:
    """Return the staged tables that a curated table is made from, directly or through others."""
    if table not in tables():
        return frozenset({table})
    parents = needs(table)
    own = {table} if table in parents else set()
    return frozenset(own.union(*(staged_for(parent) for parent in parents if parent != table)))


def curate(
    staged: Mapping[str, pl.LazyFrame], config: Config, cycle: Cycle, known: Mapping[str, pl.LazyFrame] | None = None
) -> dict[str, pl.LazyFrame]:
    """Make every curated table, private ones included, but for those that are `known`.

    In: every staged table of every contract, empty where nothing was accepted. Out: what was made, by name.
    Raises KeyError where a table names one that is neither staged nor curated.
    """
    made = dict(known or {})
    return {name: _make(name, None, staged, config, cycle, made) for name in tables() if name not in (known or {})}


def table(name: str, staged: Mapping[str, pl.LazyFrame], config: Config, cycle: Cycle) -> pl.LazyFrame:
    """Make one curated table, and what it is made from.

    In: the staged tables that `staged_for` names. Raises KeyError where one of them is missing.
    """
    return _make(name, None, staged, config, cycle, {})


def _make(
    name: str,
    wanted_by: str | None,
    staged: Mapping[str, pl.LazyFrame],
    config: Config,
    cycle: Cycle,
    made: dict[str, pl.LazyFrame],
) -> pl.LazyFrame:
    if name not in tables() or name == wanted_by:
        return staged[name]
    if name not in made:
        function = tables()[name]
        given = {"config": config, "cycle": cycle}
        inputs = {
            parameter: given[parameter] if parameter in given else _make(parameter, name, staged, config, cycle, made)
            for parameter in inspect.signature(function).parameters
        }
        made[name] = function(**inputs)
    return made[name]
