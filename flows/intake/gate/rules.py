"""Which rules a source table has: from what code they come, and which texts they may tell.

The rules register themselves when they are imported, with Great Expectations, which takes seconds. So what they say of
themselves is kept like the result of any step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from config import ConfigError, Contract, Cycle, own_code
from config.parts import OfRows, of_table
from expectations.rule import BUSINESS_RULES, rule_modules, rules_at_hand
from flows.core import code_version
from flows.core.records import TableRules
from flows.intake.gate.decisions import CORRECTED


def rules_of(contracts: Mapping[str, Contract], config: OfRows, cycle: Cycle | None) -> dict[str, TableRules]:
    """Return what the rules of each source table come from and tell.

    Raises ConfigError where a rule has no text, or one of the user's has a mistake or is of no table.
    """
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
    from expectations.questions import QUESTIONS
    from expectations.rows import row_rules
    from expectations.rule import Setting
    from expectations.sources import register_all

    register_all()
    _check_tables({table for contract in contracts.values() for table in contract.tables})
    made = {}
    for contract in contracts.values():
        for table in contract.tables:
            said = {rule.says for rule in row_rules(table, Setting(config, of_table(contract, table), cycle))}
            made[table] = TableRules(_modules(table), tuple(sorted(said | QUESTIONS | {CORRECTED})))
    return made


def rules_of_others() -> bool:
    """Tell whether a rule is registered in this process whose code is in no file of the project."""
    every = map(_modules, filter(rules_at_hand, BUSINESS_RULES))
    return any(not modules or not all(map(code_version.is_ours, modules)) for modules in every)


def _check_tables(known: Collection[str]) -> None:
    """Raise ConfigError where a rule of the user's is of a table that no contract has."""
    for table in BUSINESS_RULES.keys() - known:
        for function in rules_at_hand(table):
            if own_code.is_own(function.__module__):
                code = function.__code__
                near = get_close_matches(table, known, 1)
                meant = f"is '{near[0]}' meant?" if near else f"allowed: {', '.join(sorted(known))}."
                raise ConfigError(
                    f"{code.co_filename}:{code.co_firstlineno}: the rule '{function.__name__}' is of '{table}', "
                    f"which is a table of no contract; {meant}"
                )


def _modules(table: str) -> tuple[str, ...] | None:
    try:
        return rule_modules(table)
    except LookupError:
        return None
