"""The curated tables there are, and the order in which they are made.

A table is a public function of one of the modules of priorities. Its parameters name what it is made from: a staged
table, a curated table, `cycle`, or a part of the configuration as `config.parts.OfTables` has it: `config_missions`,
`config_contracts` …, or `config`, all of them. A parameter with the function's own name is the staged table of that
name, which the curated one refines. A table is made again once something changes that it asks for: whoever asks for
less is made again less often, and what it does not ask for it must not look at.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import polars as pl

import transforms
from config import ConfigError, Cycle, code_folder, own_code
from config.parts import OfTables
from transforms.dictionary import TableEntry, describe, lacks_cycle, of_cycle, with_cycle

# the pipeline's: the modules of priorities, `p<number>_<subject>`, and what they share; who adds such a file has added
# its tables
MODULES: tuple[ModuleType, ...] = tuple(
    import_module(f"transforms.{module.name}")
    for module in pkgutil.iter_modules(transforms.__path__)
    if module.name in {"dimensions", "code_lists"} or re.match(r"p\d_", module.name)
)
Table = Callable[..., pl.LazyFrame]
_PART = "config_"


def modules() -> tuple[ModuleType, ...]:
    """Return the modules with tables: the pipeline's, and those of the user's folder.

    Raises ConfigError, with file and line, for a mistake in one of the user's.
    """
    return (*MODULES, *own_code.modules("tables", code_folder()))


def tables() -> dict[str, Table]:
    """Return every table function by its name, in the order of the modules.

    Raises ConfigError where a table of the user's has the name of another, or its module has a mistake.
    """
    return _tables(modules())


@cache
def _tables(of: tuple[ModuleType, ...]) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for module in of:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                if name in found:
                    other = found[name].__module__.rpartition(".")[2]
                    raise ConfigError(
                        f"{place(function)}: there is a table '{name}' already, in {other}; name it otherwise."
                    )
                found[name] = function
    return found


def place(function: Callable[..., Any]) -> str:
    """Return file and line of a function."""
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def entries() -> dict[str, TableEntry]:
    """Return every table's entry in the data dictionary."""
    return _entries(modules())


@cache
def _entries(of: tuple[ModuleType, ...]) -> dict[str, TableEntry]:
    described = {name: describe(function) for name, function in _tables(of).items()}
    return {name: with_cycle(entry) if lacks_cycle(_tables(of)[name]) else entry for name, entry in described.items()}


def adds_cycle(table: str) -> bool:
    """Tell whether the cycle is put into a table, since it is one of facts and its function does not give it."""
    return lacks_cycle(tables()[table])


def is_private(table: str) -> bool:
    """Tell whether a table is only there for others to be made from."""
    return bool(getattr(tables()[table], "private", False))


def needs(table: str) -> tuple[str, ...]:
    """Return the tables that a curated table is made from, as its parameters name them."""
    return tuple(name for name in _asked(table) if not _is_given(name))


def given(table: str, config: OfTables, cycle: Cycle) -> dict[str, Any]:
    """Return what a curated table asks for beside other tables: the cycle, parts of the configuration."""
    known = {"config": config, "cycle": cycle}
    return {
        name: known[name] if name in known else getattr(config, name.removeprefix(_PART))
        for name in _asked(table)
        if _is_given(name)
    }


def _is_given(parameter: str) -> bool:
    return parameter in {"config", "cycle"} or parameter.startswith(_PART)


def _asked(table: str) -> Sequence[str]:
    return _parameters(tables()[table])


@cache
def _parameters(function: Table) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def staged_for(table: str) -> frozenset[str]:
    """Return the staged tables that a curated table is made from, directly or through others."""
    if table not in tables():
        return frozenset({table})
    parents = needs(table)
    own = {table} if table in parents else set()
    return frozenset(own.union(*(staged_for(parent) for parent in parents if parent != table)))


def curate(
    staged: Mapping[str, pl.LazyFrame], config: OfTables, cycle: Cycle, known: Mapping[str, pl.LazyFrame] | None = None
) -> dict[str, pl.LazyFrame]:
    """Make every curated table, private ones included, but for those that are `known`.

    In: every staged table of every contract, empty where nothing was accepted. Out: what was made, by name.
    Raises KeyError where a table names one that is neither staged nor curated.
    """
    made = dict(known or {})
    return {name: _make(name, None, staged, config, cycle, made) for name in tables() if name not in (known or {})}


def table(name: str, staged: Mapping[str, pl.LazyFrame], config: OfTables, cycle: Cycle) -> pl.LazyFrame:
    """Make one curated table, and what it is made from.

    In: the staged tables that `staged_for` names. Raises KeyError where one of them is missing.
    """
    return _make(name, None, staged, config, cycle, {})


def _make(
    name: str,
    wanted_by: str | None,
    staged: Mapping[str, pl.LazyFrame],
    config: OfTables,
    cycle: Cycle,
    made: dict[str, pl.LazyFrame],
) -> pl.LazyFrame:
    if name not in tables() or name == wanted_by:
        return staged[name]
    if name not in made:
        inputs = {parent: _make(parent, name, staged, config, cycle, made) for parent in needs(name)}
        frame = tables()[name](**inputs, **given(name, config, cycle))
        made[name] = of_cycle(frame, cycle.number) if adds_cycle(name) else frame
    return made[name]
