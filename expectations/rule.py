"""What a rule is: a Great Expectations expectation, with what to tell the people who can mend what it finds.

The expectation carries the severity and gives the verdict. `critical` refuses the row (or, for rules on files, the
submission), `warning` keeps and reports it, `info` records it. A rule never tells the value of a cell: it may be
personal, and the file, sheet, row and column say where it stands. Only a question tells its numbers
(expectations.questions).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from config import ConfigError, Contract, Cycle, Messages, Table, code_folder, own_code
from config.parts import OfRows
from expectations.messages import Both, Word, filled, named, of_cycle
from expectations.questions import GAPS, Asks


@dataclass(frozen=True)
class Rule:
    """One thing that must hold.

    `name` is what it demands; `column` the contract's column that findings point at; `message` what is wrong and
    `remedy` what to do, both in plain words. `detail` names a column of the frame whose text completes the message;
    only frames about files have one, since it must never be the value of a cell; a column of its name with `_fr` says
    the same in French. `beside` is a column, with a name of its own, that the expectation needs and that is worked out
    from the row. `impossible` is a column of which the value cannot be right in a row that fails, and is counted as it
    stands. A rule that `asks` tells its `question`, with numbers of the row, where its message stands in releases.

    The texts are not written here but in config/messages.yaml: `told` finds them by the rule's name, or by `says` where
    one name has several, and fills their gaps with `words`, and with the headers of `others`, further columns of its
    table. A name may have gaps too (`{column}_is_given`).
    """

    name: str
    expectation: Any
    column: str | None
    message: str = ""
    remedy: str = ""
    detail: str | None = None
    beside: pl.Expr | None = field(default=None, compare=False)
    words: Mapping[str, Word] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    says: str = ""
    impossible: str | None = None
    message_fr: str = ""
    remedy_fr: str = ""
    asks: Asks | None = None
    question: Both | None = None

    @property
    def severity(self) -> str:
        """Great Expectations' own severity: critical, warning or info."""
        return str(getattr(self.expectation.severity, "value", self.expectation.severity))


def told(
    rules: Iterable[Rule], messages: Messages, *, table: Table | None = None, cycle: Cycle | None = None
) -> list[Rule]:
    """Return rules with what they tell people, in English and in French.

    Every text may name the rule's column, by its title where the table's contract gives it one in French, and the
    cycle. Raises ConfigError where a rule has no text, or a text has a gap that nothing fills.
    """
    return [_told(rule, messages, table, cycle) for rule in rules]


def _told(rule: Rule, messages: Messages, table: Table | None, cycle: Cycle | None) -> Rule:
    says = rule.says or rule.name
    texts = messages.rules.get(says)
    if texts is None:
        raise ConfigError(f"config/messages.yaml: rules: there is no '{says}'; add its message and remedy.")
    words = {**of_cycle(cycle), **_columns(rule, table), **rule.words}
    message, remedy = filled(texts.message, words, says), filled(texts.remedy, words, says)
    # what only the row can fill stays open
    opened = {gap: f"{{{gap}}}" for gap in GAPS}
    question = filled(texts.question, {**words, **opened}, says) if texts.question and rule.asks else None
    return replace(
        rule,
        name=rule.name.format_map(words),
        says=says,
        message=message.en,
        remedy=remedy.en,
        message_fr=message.fr,
        remedy_fr=remedy.fr,
        question=question,
    )


def _columns(rule: Rule, table: Table | None) -> dict[str, Word]:
    named_so = {**({"column": rule.column} if rule.column else {}), **rule.others}
    return {gap: named(column, table) for gap, column in named_so.items()}


@dataclass(frozen=True)
class Setting:
    """What a rule may know besides the rows: what all rows are held against, the source's contract, the cycle if known.

    It is all that a rule may look at: what it looks up elsewhere is in no key, and the rule's verdict would stay as it
    was when that changes.
    """

    config: OfRows
    contract: Contract
    cycle: Cycle | None


BusinessRule = Callable[[Setting], Rule | None]
BUSINESS_RULES: dict[str, list[BusinessRule]] = {}
# for each table and rule the modules that were at work when it was registered
_REGISTERED_BY: dict[tuple[str, BusinessRule], set[str]] = {}
_IMPORTING = ("importlib.", "_frozen_importlib")


def on(table: str) -> Callable[[BusinessRule], BusinessRule]:
    """Register a function as a business rule of a source table; its name becomes the rule's, and finds its texts.

    The function returns the rule, with an empty name, or None where it does not apply (no cycle is known, say).
    """

    def register(function: BusinessRule) -> BusinessRule:
        BUSINESS_RULES.setdefault(table, []).append(function)
        _REGISTERED_BY.setdefault((table, function), set()).update(_at_work())
        return function

    return register


def rules_at_hand(table: str) -> list[BusinessRule]:
    """Return what makes the business rules of a source table, those of other users' folders left aside."""
    folder, there = code_folder(), BUSINESS_RULES.get(table, ())
    return [one for one in there if not own_code.is_own(one.__module__) or own_code.is_of(one.__module__, folder)]


def _made(function: BusinessRule, setting: Setting) -> Rule | None:
    folder = code_folder()
    if folder is None or not own_code.is_own(function.__module__):
        return function(setting)
    try:
        return function(setting)
    except Exception as error:
        place = own_code.place_of(error, folder)
        raise ConfigError(f"{place}: the rule '{function.__name__}' cannot be made: {error}.") from error


def rule_modules(table: str) -> tuple[str, ...]:
    """Return the modules that the business rules of a source table come from: who wrote them, and who registered them.

    In: a table of which all rules are registered. Raises LookupError for a rule that was registered otherwise than by
    `on`, since nobody knows what it depends on.
    """
    modules: set[str] = set()
    for function in rules_at_hand(table):
        if (table, function) not in _REGISTERED_BY:
            raise LookupError(f"{function.__qualname__} is a rule of {table} that was not registered by `on`.")
        modules |= _REGISTERED_BY[table, function]
        # a decorated function has the name of the one inside it, and is made of the decorator's code too
        inside: Any = function
        while inside is not None:
            modules |= {inside.__module__, getattr(inside, "__globals__", {}).get("__name__", inside.__module__)}
            inside = getattr(inside, "__wrapped__", None)
    return tuple(sorted(modules - {__name__}))


def _at_work() -> Iterator[str]:
    """Yield the modules whose code is running: from who calls `on` up to the module that is being imported for it."""
    frame = sys._getframe(1)
    while frame is not None and not (name := str(frame.f_globals["__name__"])).startswith(_IMPORTING):
        yield name
        frame = frame.f_back  # type: ignore[assignment]


def business_rules(table: str, setting: Setting) -> list[Rule]:
    """Return the business rules of a source table."""
    made = ((function.__name__, _made(function, setting)) for function in rules_at_hand(table))
    rules = [replace(rule, name=name) for name, rule in made if rule is not None]
    return told(rules, setting.config.messages, table=setting.contract.tables.get(table), cycle=setting.cycle)
