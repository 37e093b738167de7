"""The rules on the rows of a source table as a Great Expectations suite, for whoever works with that.

import expectations
suite = expectations.suite("noticas", cycle=5)
Path("noticas.json").write_text(json.dumps(suite.to_json_dict()))

The suite is for the frame that transforms.standardise gives, as pandas or any other data that Great Expectations
knows. Who reads such JSON imports `expectations.engine` first: Great Expectations would leave out the expectation of
ours that a key is listed once. It gives the verdict in pandas too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from great_expectations.core import ExpectationSuite
from great_expectations.expectations.expectation import Expectation

# with it comes the expectation of ours, which a suite read from JSON may name
import expectations.engine  # noqa: F401
from config import Config, ConfigError, Contract, Cycle, load
from expectations.rows import row_rules
from expectations.rule import Rule, Setting


def suite(source_or_table: str, config: Config | None = None, cycle: Cycle | int | None = None) -> ExpectationSuite:
    """Return the rules of a source table as a Great Expectations suite of the table's name.

    In: a table of a contract, or a source that has only one; the configuration, that of this installation where none is
    given; the cycle, by its number too, without which the rules on its days are left out.
    Out: a suite that no data context knows yet, one expectation a rule in the gate's order. The `meta` of each says
    `rule`, `severity`, `column`, and `message` and `remedy` in English and French; `computed` names a column that the
    gate works out for that rule, and that the frame must have. The suite's own `meta` says what it is of.
    Raises ConfigError for a source, table or cycle that the configuration does not have, and for a source of several
    tables.
    """
    config = config or load()
    cycle = config.cycle(cycle) if isinstance(cycle, int) else cycle
    contract, table = _table(source_or_table, config)
    rules = row_rules(table, Setting(config, contract, cycle))
    return ExpectationSuite(
        name=table,
        expectations=list(_with_texts(rules)),
        meta={"source": contract.source, "table": table, "cycle": cycle.number if cycle else None},
    )


def _table(source_or_table: str, config: Config) -> tuple[Contract, str]:
    """Return the contract and the name of a table, of the only one of a source where it is a source's name."""
    for contract in config.contracts.values():
        if source_or_table in contract.tables:
            return contract, source_or_table
    if source_or_table not in config.contracts:
        known = ", ".join(table for contract in config.contracts.values() for table in contract.tables)
        raise ConfigError(f"There is no source or table '{source_or_table}'; the tables are {known}.")
    contract = config.contracts[source_or_table]
    if len(contract.tables) > 1:
        raise ConfigError(
            f"The source {source_or_table} has several tables, each with a suite of its own; "
            f"name one of {', '.join(contract.tables)}."
        )
    return contract, next(iter(contract.tables))


def _with_texts(rules: list[Rule]) -> Iterator[Expectation]:
    for rule in rules:
        meta: dict[str, Any] = {
            "rule": rule.name,
            "severity": rule.severity,
            "column": rule.column,
            "message": {"en": rule.message, "fr": rule.message_fr},
            "remedy": {"en": rule.remedy, "fr": rule.remedy_fr},
        }
        if rule.beside is not None:
            meta["computed"] = rule.beside.meta.output_name()
        # a copy: a suite binds its expectations to itself
        yield rule.expectation.copy(update={"meta": meta})
