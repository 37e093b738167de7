"""A contract turned into rules on the rows of its tables: types, required, allowed, ranges, keys, references."""

from __future__ import annotations

from functools import reduce
from operator import and_

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column as Cell

from config import Column, Table
from expectations.engine import ExpectCompoundColumnsToBeListedOnce
from expectations.rule import Rule, Setting

# named one by one: Polars evaluates such a class itself, and leaves `\s` to Python
_SPACE = "[ \t\r\n\u00a0]"
_TYPE_SAYS = {
    "count": ("is not a whole number", "Write a whole number in digits"),
    "number": ("is not a number", "Write a number in digits"),
    "date": ("is not a date", "Write the date as YYYY-MM-DD"),
    "yes_no": ("is neither yes nor no", "Write Y or N"),
    "mission": ("is not a UN mission that the registry knows", "Write the mission's acronym, such as UNMISS"),
    "m49": ("is not an M49 country code", "Write the three-digit code"),
    "cycle": ("does not name a cycle", "Write the cycle's number"),
}


def contract_rules(table: Table, setting: Setting) -> list[Rule]:
    """Return the rules that follow from a table's contract, in the order of its columns.

    They are for the frame that transforms.standardise gives.
    """
    rules = [_a_cell_for_each_column()]
    for name, column in table.kept.items():
        rules += _column_rules(name, column, setting)
    if table.key:
        rules.append(_listed_once(table))
    for parent, keys in table.refers_to.items():
        rules.append(_found(parent, keys[-1], table))
    if table.within_cycle and table.dated_by and setting.cycle:
        rules.append(_within_cycle(table.dated_by, setting))
    return rules


def _column_rules(name: str, column: Column, setting: Setting) -> list[Rule]:
    rules: list[Rule] = []
    if column.required:
        rules.append(
            Rule(
                f"{name}_is_given",
                gxe.ExpectColumnValuesToNotBeNull(column=f"{name}__text", severity="critical"),
                name,
                f"{name} is blank.",
                f"Fill in {name}; without it the row cannot be counted.",
            )
        )
    if column.type in _TYPE_SAYS:
        rules.append(_typed(name, column))
    if column.type == "cycle":
        rules.append(
            Rule(
                f"{name}_is_a_known_cycle",
                gxe.ExpectColumnValuesToBeInSet(
                    column=name, value_set=list(setting.config.cycles), severity="critical"
                ),
                name,
                f"{name} is the number of no cycle.",
                "Write the number of the cycle, such as 5.",
            )
        )
    if column.type == "text":
        rules.append(
            Rule(
                f"{name}_has_no_spaces_around_it",
                gxe.ExpectColumnValuesToNotMatchRegex(
                    column=f"{name}__text", regex=f"^{_SPACE}|{_SPACE}$", severity="info"
                ),
                name,
                f"{name} begins or ends with a space.",
                f"Remove the space in {name}; it was removed here.",
            )
        )
    if column.one_of:
        rules.append(
            Rule(
                f"{name}_is_one_of_the_list",
                gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.one_of), severity="critical"),
                name,
                f"{name} is not one of the allowed values.",
                f"Write one of: {', '.join(column.one_of)}.",
            )
        )
    rules += _range_rules(name, column, setting)
    if column.of:
        rules += _country_rules(name, column)
    return rules


def _typed(name: str, column: Column) -> Rule:
    wrong, remedy = _TYPE_SAYS[column.type]
    words = f", or one of the words {', '.join(column.words)}" if column.words else ""
    there = Cell(f"{name}__text").is_not_null()
    # a word that stands for an absent value leaves the number null and says so in the status
    condition = there & (Cell(f"{name}_obs_status") == "A") if column.words else there
    severity = "warning" if column.type == "m49" else "critical"
    return Rule(
        f"{name}_is_a_{column.type}",
        gxe.ExpectColumnValuesToNotBeNull(column=name, row_condition=condition, severity=severity),
        name,
        f"{name} {wrong}.",
        f"{remedy}{words}.",
    )


def _range_rules(name: str, column: Column, setting: Setting) -> list[Rule]:
    rules: list[Rule] = []
    if column.at_least is not None or column.at_most is not None:
        bounds = [
            f"at least {column.at_least:g}" if column.at_least is not None else "",
            f"at most {column.at_most:g}" if column.at_most is not None else "",
        ]
        said = " and ".join(bound for bound in bounds if bound)
        rules.append(
            Rule(
                f"{name}_is_in_range",
                gxe.ExpectColumnValuesToBeBetween(
                    column=name, min_value=column.at_least, max_value=column.at_most, severity="critical"
                ),
                name,
                f"{name} is out of range.",
                f"{name} is {said}.",
            )
        )
    if column.at_most_days_of_cycle and setting.cycle:
        days = setting.cycle.days
        rules.append(
            Rule(
                f"{name}_fit_into_the_cycle",
                gxe.ExpectColumnValuesToBeBetween(column=name, max_value=days, severity="warning"),
                name,
                f"{name} is more days than the cycle has: cycle {setting.cycle.number} has {days}.",
                f"Count the days from {setting.cycle.start} to {setting.cycle.end} only.",
            )
        )
    return rules


def _country_rules(name: str, column: Column) -> list[Rule]:
    code = "M49 code" if column.type == "m49" else "ISO 3166 alpha-3 code"
    rules = [
        Rule(
            f"{name}_is_of_the_{column.of}",
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A=name,
                column_B=f"{name}__expected",
                ignore_row_if="either_value_is_missing",
                severity="warning",
            ),
            name,
            f"{name} is not the {code} of the {column.of}.",
            f"Correct {name} or {column.of}, so that both name the same country.",
        ),
        Rule(
            f"{name}_is_there",
            gxe.ExpectColumnValuesToNotBeNull(column=f"{name}__text", severity="info"),
            name,
            f"{name} is blank.",
            f"Add the {code} of the {column.of}.",
        ),
    ]
    if column.type == "m49":
        rules.append(
            Rule(
                f"{name}_is_written_as_text",
                gxe.ExpectColumnValuesToMatchRegex(
                    column=f"{name}__text", regex=rf"^{_SPACE}*\d{{3}}{_SPACE}*$", severity="info"
                ),
                name,
                f"{name} is not written with three digits (004, not 4 or 4.0).",
                "Export the code as three-character text; it was read as such here.",
            )
        )
    return rules


def _a_cell_for_each_column() -> Rule:
    return Rule(
        "row_has_a_cell_for_each_column",
        gxe.ExpectColumnValuesToBeInSet(column="_shifted", value_set=[False], severity="critical"),
        None,
        "The row has more or fewer cells than the header, so its values stand in the wrong columns.",
        "Look for a missing or additional separator, or for a line break inside a cell without quotes.",
    )


def _listed_once(table: Table) -> Rule:
    key = " and ".join(table.key)
    return Rule(
        "row_is_listed_once",
        ExpectCompoundColumnsToBeListedOnce(
            # of a source, or a mission of it, one file at a time is in use
            column_list=[*table.key, "_file"],
            ignore_row_if="any_value_is_missing",
            severity="critical",
        ),
        table.key[-1],
        f"A row with the same {key} stands above; this one is not counted again.",
        f"Keep one row for each {key}.",
    )


def _found(parent: str, column: str, table: Table) -> Rule:
    keys = " and ".join(table.refers_to[parent])
    # a blank or unknown key has a rule of its own
    known = reduce(and_, (Cell(key).is_not_null() for key in table.refers_to[parent]))
    return Rule(
        f"{column}_is_one_of_{parent}",
        gxe.ExpectColumnValuesToBeInSet(
            column=f"{parent}__found", value_set=[True], row_condition=known, severity="critical"
        ),
        column,
        f"There is no such {keys} in the list of {parent.replace('_', ' ')}.",
        f"Correct {keys} here, or add the missing one to the list of {parent.replace('_', ' ')}.",
    )


def _within_cycle(column: str, setting: Setting) -> Rule:
    cycle = setting.cycle
    assert cycle
    return Rule(
        f"{column}_is_in_the_cycle",
        gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=cycle.start, max_value=cycle.end, severity="critical"
        ),
        column,
        f"{column} is outside cycle {cycle.number} ({cycle.start} to {cycle.end}).",
        "Correct the date, or send the row with the cycle that it belongs to.",
    )
