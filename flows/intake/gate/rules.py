"""Which rules a source table has: from what code they come, and which texts they may tell.

The rules register themselves when they are imported, with Great Expectations, which takes seconds. So what they say of
themselves is kept like the result of any step.
"""

from __future__ import annotations

from collections.abc import Mapping

from config import Contract, Cycle
from config.parts import OfRows, of_table
from expectations.rule import BUSINESS_RULES, rule_modules
from flows.core import code_version
from flows.core.records import TableRules
from flows.intake.gate.decisions import CORRECTED


def rules_of(contracts: Mapping[str, Contract], config: OfRows, cycle: Cycle | None) -> dict[str, TableRules]:
    """Return what the rules of each source table come from and tell.

    Raises ConfigError where a rule has no text.
    """
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
    from expectations.rows import row_rules
    from expectations.rule import Setting

    made = {}
    for contract in contracts.values():
        for table in contract.tables:
            said = {rule.says for rule in row_rules(table, Setting(config, of_table(contract, table), cycle))}
            made[table] = TableRules(_modules(table), tuple(sorted(said | {CORRECTED})))
    return made


def rules_of_others() -> bool:
    """Tell whether a rule is registered in this process whose code is in no file of the project."""
    return any(not modules or not all(map(code_version.is_ours, modules)) for modules in map(_modules, BUSINESS_RULES))


def _modules(table: str) -> tuple[str, ...] | None:
    try:
        return rule_modules(table)
    except LookupError:
        return None
