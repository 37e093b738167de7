"""A contract turned into rules on the rows of its tables: types, required, allowed, ranges, keys, references."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column as Cell

from config import Column, Cycle, Messages, Table
from config.unclear import MERGED, UNCALCULATED, compared_key, is_percent, may_be_unclear, names_country
from expectations.engine import ExpectCompoundColumnsToBeListedOnce
from expectations.messages import Both, Word, filled, listed, named, number
from expectations.rule import Rule, Setting, told

# named one by one: Polars evaluates such a class itself, and leaves `\s` to Python
_SPACE = "[ \t\r\n\u00a0]"
# what a spreadsheet writes where it could not compute: #REF!, #N/A, in French #NOM?, in LibreOffice Err:502
_ERROR = rf"^{_SPACE}*(#[A-ZÀ-Þ][A-ZÀ-Þ0-9_/]*[!?]|#N/?[AD]|#DIV/0|(?i:Err):[0-9]+|#GETTING_DATA){_SPACE}*$"
# letters that look like Latin ones, and that a list of Latin words does not hold
_OTHER_LETTERS = "[\u0370-\u03ff\u0400-\u04ff]"
_MONTH = "(?:jan|f[eé]b|f[eé]v|mar|a[pv]r|ma[iy]|jui?n|jui?l|a[uo][gu]|sep|oct|nov|d[eé]c)[a-zéû]*"
# what a spreadsheet makes of an ID such as 1-2, MAR-1 or 2E10
_DATE_OR_POWER = (
    r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$|^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}$"
    rf"|(?i:^\d{{1,2}}[-/. ]{_MONTH}\.?(?:[-/. ]\d{{2,4}})?$|^{_MONTH}\.?[-/. ]\d{{2,4}}$)|^\d(?:[.,]\d+)?E[+]\d+$"
)
_TYPED = ("count", "number", "date", "yes_no", "mission", "m49", "cycle")


def contract_rules(table: Table, setting: Setting) -> list[Rule]:
    """Return the rules that follow from a table's contract, in the order of its columns.

    They are for the frame that transforms.standardise gives.
    """
    rules = [_a_cell_for_each_column()]
    for name, column in table.columns_read.items():
        rules += _column_rules(name, column, table, setting)
    if table.key:
        rules.append(_listed_once(table, setting))
    for parent in table.refers_to:
        rules.append(_found(parent, table, setting))
    if table.within_cycle and table.dated_by and setting.cycle:
        rules.append(_within_cycle(table.dated_by, setting.cycle))
    return told(rules, setting.config.messages, table=table, cycle=setting.cycle)


def _column_rules(name: str, column: Column, table: Table, setting: Setting) -> list[Rule]:
    rules: list[Rule] = []
    if column.required:
        # a file that was made from an earlier template need not have it
        bound = {"row_condition": Cell("_template") >= column.required_since} if column.required_since else {}
        rules.append(
            Rule(
                "{column}_is_given",
                gxe.ExpectColumnValuesToNotBeNull(column=f"{name}__text", severity="critical", **bound),
                name,
            )
        )
    rules += _value_rules(name, column, table)
    if column.type in _TYPED:
        rules.append(_typed(name, column, setting.config.messages))
    if may_be_unclear(column):
        rules.append(_read_one_way(name, column))
    if is_percent(column):
        rules.append(
            Rule(
                "{column}_is_in_percent",
                gxe.ExpectColumnValuesToBeInSet(column=f"{name}__of_one", value_set=[False], severity="critical"),
                name,
            )
        )
    if column.type == "cycle":
        rules.append(
            Rule(
                "{column}_is_a_known_cycle",
                gxe.ExpectColumnValuesToBeInSet(
                    column=name, value_set=list(setting.config.cycles), severity="critical"
                ),
                name,
            )
        )
    if column.type == "text":
        rules.append(
            Rule(
                "{column}_has_no_spaces_around_it",
                gxe.ExpectColumnValuesToNotMatchRegex(
                    column=f"{name}__text", regex=f"^{_SPACE}|{_SPACE}$", severity="info"
                ),
                name,
            )
        )
    if column.type in ("text", "iso3", "m49") and not column.one_of:
        # of other columns such a word is no value either, and their own rules say so
        rules.append(
            Rule(
                "{column}_holds_no_error",
                gxe.ExpectColumnValuesToNotMatchRegex(column=f"{name}__text", regex=_ERROR, severity="critical"),
                name,
            )
        )
    if column.one_of:
        rules.append(
            Rule(
                "{column}_is_one_of_the_list",
                gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.one_of), severity="critical"),
                name,
                words={"allowed": _values(column.one_of, setting.config.messages)},
            )
        )
    rules += _range_rules(name, column, setting)
    if column.of:
        rules += _country_rules(name, column, column.of, table, setting.config.messages)
    return rules


def _value_rules(name: str, column: Column, table: Table) -> list[Rule]:
    """Return the rules that a cell holds a value of its own, in letters that its column has, and no other's."""

    def holds_no(mark: str, says: str) -> Rule:
        none = gxe.ExpectColumnValuesToNotBeInSet(column=f"{name}__text", value_set=[mark], severity="critical")
        return Rule(says, none, name)

    rules = [holds_no(UNCALCULATED, "{column}_has_a_result")]
    if column.type in ("count", "number"):
        rules.append(holds_no(MERGED, "{column}_is_of_one_row"))
    if column.one_of or column.type in ("mission", "yes_no", "iso3"):
        rules.append(
            Rule(
                "{column}_is_in_latin_letters",
                gxe.ExpectColumnValuesToNotMatchRegex(
                    column=f"{name}__text", regex=_OTHER_LETTERS, severity="critical"
                ),
                name,
            )
        )
    keys = {*table.key, *(key for keys in table.refers_to.values() for key in keys)}
    if name in keys and column.type == "text" and not column.one_of:
        rules.append(
            Rule(
                "{column}_is_no_date",
                gxe.ExpectColumnValuesToNotMatchRegex(column=f"{name}__text", regex=_DATE_OR_POWER, severity="warning"),
                name,
            )
        )
    if names_country(name, table):
        rules.append(
            Rule(
                "{column}_is_a_known_country",
                gxe.ExpectColumnValuesToBeInSet(column=f"{name}__known", value_set=[True], severity="warning"),
                name,
            )
        )
    return rules


def _typed(name: str, column: Column, messages: Messages) -> Rule:
    words = _values(column.words or (), messages)
    # what has no value of its own is told by a rule of its own
    there = Cell(f"{name}__text").is_not_null() & (Cell(f"{name}__text") != UNCALCULATED)
    if column.type in ("count", "number"):
        there &= Cell(f"{name}__text") != MERGED
    # a word that stands for an absent value leaves the number null and says so in the status
    condition = there & (Cell(f"{name}_obs_status") == "A") if column.words else there
    if may_be_unclear(column):
        condition &= Cell(f"{name}__unclear") == False  # noqa: E712
    severity = "warning" if column.type == "m49" else "critical"
    return Rule(
        f"{{column}}_is_a_{column.type}",
        gxe.ExpectColumnValuesToNotBeNull(column=name, row_condition=condition, severity=severity),
        name,
        words={"or_words": filled(messages.phrases["or_words"], {"words": words}) if column.words else ""},
    )


def _read_one_way(name: str, column: Column) -> Rule:
    says = "{column}_is_read_one_way"
    return Rule(
        says,
        gxe.ExpectColumnValuesToBeInSet(column=f"{name}__unclear", value_set=[False], severity="critical"),
        name,
        says=f"{says}, a date" if column.type == "date" else says,
    )


def _range_rules(name: str, column: Column, setting: Setting) -> list[Rule]:
    rules: list[Rule] = []
    if column.at_least is not None or column.at_most is not None:
        phrases = setting.config.messages.phrases
        bounds: list[Word] = [
            filled(phrases[side], {"bound": number(bound)})
            for side, bound in (("at_least", column.at_least), ("at_most", column.at_most))
            if bound is not None
        ]
        rules.append(
            Rule(
                "{column}_is_in_range",
                gxe.ExpectColumnValuesToBeBetween(
                    column=name, min_value=column.at_least, max_value=column.at_most, severity="critical"
                ),
                name,
                words={"bounds": listed(bounds)},
            )
        )
    if column.at_most_days_of_cycle and setting.cycle:
        rules.append(
            Rule(
                "{column}_fit_into_the_cycle",
                gxe.ExpectColumnValuesToBeBetween(column=name, max_value=setting.cycle.days, severity="warning"),
                name,
                impossible=name,
            )
        )
    return rules


def _country_rules(name: str, column: Column, of: str, table: Table, messages: Messages) -> list[Rule]:
    code = filled(messages.phrases["m49_code" if column.type == "m49" else "iso3_code"], {})
    words: dict[str, Word] = {"code": code, "of": named(of, table)}
    rules = [
        Rule(
            "{column}_is_of_the_{of}",
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A=name,
                column_B=f"{name}__expected",
                ignore_row_if="either_value_is_missing",
                severity="warning",
            ),
            name,
            words=words,
        ),
        Rule(
            "{column}_is_there",
            gxe.ExpectColumnValuesToNotBeNull(column=f"{name}__text", severity="info"),
            name,
            words=words,
        ),
    ]
    if column.type == "m49":
        rules.append(
            Rule(
                "{column}_is_written_as_text",
                gxe.ExpectColumnValuesToMatchRegex(
                    column=f"{name}__text", regex=rf"^{_SPACE}*\d{{3}}{_SPACE}*$", severity="info"
                ),
                name,
            )
        )
    return rules


def _a_cell_for_each_column() -> Rule:
    return Rule(
        "row_has_a_cell_for_each_column",
        gxe.ExpectColumnValuesToBeInSet(column="_shifted", value_set=[False], severity="critical"),
        None,
    )


def _listed_once(table: Table, setting: Setting) -> Rule:
    return Rule(
        "row_is_listed_once",
        ExpectCompoundColumnsToBeListedOnce(
            # of a source, or a mission of it, one file at a time is in use
            column_list=[*(compared_key(name, table) for name in table.key), "_file"],
            ignore_row_if="any_value_is_missing",
            severity="critical",
        ),
        table.key[-1],
        words={"key": _key(table.key, table)},
    )


def _found(parent: str, table: Table, setting: Setting) -> Rule:
    keys = table.refers_to[parent]
    # a blank or unknown key has a rule of its own
    known = reduce(and_, (Cell(key).is_not_null() for key in keys))
    return Rule(
        "{column}_is_one_of_{parent}",
        gxe.ExpectColumnValuesToBeInSet(
            column=f"{parent}__found", value_set=[True], row_condition=known, severity="critical"
        ),
        keys[-1],
        words={"parent": parent, "list": _list_name(parent, setting), "key": _key(keys, table)},
    )


def _values(values: Iterable[str], messages: Messages) -> Both:
    """Return values of a list, or words, as templates have them."""
    words = list(values)
    return Both(", ".join(words), ", ".join(messages.value(word, "fr") for word in words))


def _list_name(parent: str, setting: Setting) -> Word:
    """Return what a table is called, as a template has it."""
    return Both(f"“{setting.contract.table_title(parent)}”", setting.contract.table_title(parent, "fr"))


def _key(columns: Sequence[str], table: Table) -> Word:
    return listed([named(column, table) for column in columns])


def _within_cycle(column: str, cycle: Cycle) -> Rule:
    return Rule(
        "{column}_is_in_the_cycle",
        gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=cycle.start, max_value=cycle.end, severity="critical"
        ),
        column,
    )
