"""What a rule is: a Great Expectations expectation, with what to tell the people who can mend what it finds.

The expectation carries the severity and gives the verdict. `critical` refuses the row (or, for rules on files, the
submission), `warning` keeps and reports it, `info` records it. A rule never tells the value of a cell: it may be
personal, and the file, sheet, row and column say where it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from config import Config, Contract, Cycle


@dataclass(frozen=True)
class Rule:
    """One thing that must hold.

    `name` is what it demands; `column` the contract's column that findings point at; `message` what is wrong and
    `remedy` what to do, both in plain words. `detail` names a column of the frame whose text completes the message;
    only frames about files have one, since it must never be the value of a cell. `beside` is a column, with a name of
    its own, that the expectation needs and that is worked out from the row.
    """

    name: str
    expectation: Any
    column: str | None
    message: str
    remedy: str
    detail: str | None = None
    beside: pl.Expr | None = field(default=None, compare=False)

    @property
    def severity(self) -> str:
        """Great Expectations' own severity: critical, warning or info."""
        return str(getattr(self.expectation.severity, "value", self.expectation.severity))


@dataclass(frozen=True)
class Setting:
    """What a rule may know besides the rows: the configuration, the source's contract, the cycle if there is one."""

    config: Config
    contract: Contract
    cycle: Cycle | None


BusinessRule = Callable[[Setting], Rule | None]
BUSINESS_RULES: dict[str, list[BusinessRule]] = {}


def on(table: str) -> Callable[[BusinessRule], BusinessRule]:
    """Register a function as a business rule of a source table; its name becomes the rule's.

    The function returns the rule, with an empty name, or None where it does not apply (no cycle is known, say).
    """

    def register(function: BusinessRule) -> BusinessRule:
        BUSINESS_RULES.setdefault(table, []).append(function)
        return function

    return register


def business_rules(table: str, setting: Setting) -> list[Rule]:
    """Return the business rules of a source table."""
    made = ((function.__name__, function(setting)) for function in BUSINESS_RULES.get(table, ()))
    return [replace(rule, name=name) for name, rule in made if rule is not None]
