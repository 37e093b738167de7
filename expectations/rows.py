"""All rules on the rows of a source table: its contract's, on what its source states, questions, business rules."""

from __future__ import annotations

from expectations.contract import contract_rules
from expectations.plausible import questions_of_the_row
from expectations.rule import Rule, Setting, business_rules
from expectations.sources import register_all
from expectations.statements import statement_rules


def row_rules(table: str, setting: Setting) -> list[Rule]:
    """Return the rules of a source table, by its name in the setting's contract, as the gate holds rows against them.

    They are for the frame that transforms.standardise gives. Raises ConfigError where a rule has no text.
    """
    register_all()
    definition = setting.contract.tables[table]
    return [
        *contract_rules(definition, setting),
        *statement_rules(definition, setting),
        *questions_of_the_row(definition, setting),
        *business_rules(table, setting),
    ]
