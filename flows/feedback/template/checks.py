"""What a cell takes, as Excel checks it while a person types, and as a header's note says it.

A check refuses what the contract refuses and warns where the contract warns.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from config import NONE, Column, Config, Cycle, Language, Table
from expectations.messages import catalogue, form, forms_of
from flows.feedback.template.lists import Lists

DASHES = "-----"
_EARLIEST = date(1948, 1, 1)
_LONGEST_MESSAGE = 255
_YES_NO: dict[Language, tuple[str, str]] = {"en": ("Y", "N"), "fr": ("O", "N")}
_NO_BOUND = 10**15


def check(
    name: str, table: Table, cell: str, lists: Lists, config: Config, cycle: Cycle, language: Language
) -> dict[str, Any] | None:
    """Return the validation of a column's cells in xlsxwriter's terms; None where anything may be written.

    `cell` is the address of the column's first cell, such as `B2`.
    """
    column = table.columns_read[name]
    values = _values(column, config, language)
    if values:
        values += (NONE.text(language),) if takes_none(name, table) else ()
        rule: dict[str, Any] = {"validate": "list", "source": f"={lists.of(values)}"}
        # a code that is not the country's is only worth a warning
        rule["error_type"] = "warning" if column.type in ("m49", "iso3") else "stop"
        rule["error_message"] = form("from_list", language)
    elif column.type in ("count", "number"):
        rule = _number(column, cell, lists, cycle, language)
        rule["error_message"] = takes(name, table, cycle, language)
    elif column.type == "date":
        rule = {"validate": "date"} | _within(*_days(name, table, cycle))
        rule["error_message"] = takes(name, table, cycle, language)
    else:
        return None
    rule["error_title"] = form("not_allowed", language)
    rule["error_message"] = rule["error_message"][:_LONGEST_MESSAGE]
    return rule


def takes_none(name: str, table: Table) -> bool:
    """Whether a column's cells take the word that says that there is nothing to list."""
    return table.none_is_an_answer and name == next(iter(table.columns_read))


def in_parent(sheet: str, letter: str, language: Language, *, or_none: bool) -> dict[str, Any]:
    """Return the validation of cells that name a row of another sheet: what stands in its column is offered."""
    quoted = "'" + sheet.replace("'", "''") + "'"
    there = f"OFFSET({quoted}!${letter}$2,0,0,MAX(1,COUNTA({quoted}!${letter}:${letter})-1),1)"
    return {
        "validate": "list",
        "source": f"={there}",
        # the other sheet may be filled in later
        "error_type": "warning",
        "error_title": form("not_allowed", language),
        "error_message": form("in_parent", language, sheet=sheet)
        + (f" {form('or_none', language, none=NONE.text(language))}" if or_none else ""),
    }


def takes(name: str, table: Table, cycle: Cycle, language: Language) -> str:
    """Say what a column's cells take: `A whole number, at least 0. Or one of the words: None, Under Validation.`."""
    column = table.columns_read[name]
    if column.one_of:
        return form("one_of", language, values=", ".join(_words(column.one_of, language)))
    if column.type not in ("count", "number", "date"):
        return form(f"a_{column.type}", language)
    low, high = _days(name, table, cycle) if column.type == "date" else _bounds(column, cycle)
    said = [form(f"a_{column.type}", language, bounds=_said(low, high, language))]
    if column.words:
        said.append(form("or_words", language, words=", ".join(_words(column.words, language))))
        if DASHES in column.words:
            # otherwise Excel takes it for the beginning of a formula
            said.append(form("dashes", language))
    return " ".join(said)


def note(name: str, table: Table, cycle: Cycle, language: Language, last: str | None = None) -> str:
    """Return the note on a column's header: what it holds, its unit, whether it is required, what it takes.

    `last` is what stood there in the cycle before.
    """
    column = table.columns_read[name]
    holds = column.note.text(language) if column.note else table.title(name, language)
    lines = [
        holds.rstrip(".") + (".\n" if not holds.endswith("?") else "\n"),
        form("unit", language, unit=_unit(column.unit, language)) if column.unit else "",
        form("required" if column.required else "optional", language),
        takes(name, table, cycle, language),
        form("none_here", language, none=NONE.text(language)) if takes_none(name, table) else "",
        form("last", language, number=cycle.number - 1, values=last) if last else "",
    ]
    return "\n".join(line for line in lines if line)


def _unit(name: str, language: Language) -> str:
    """Return a contract's unit in a language; as the contract has it where it is not known."""
    return forms_of("unit_", language).get(name, name)


def _values(column: Column, config: Config, language: Language) -> tuple[str, ...]:
    if column.one_of:
        return _words(column.one_of, language)
    match column.type:
        case "yes_no":
            return _YES_NO[language]
        case "mission":
            reporting = config.reporting_missions
            return (*reporting, *sorted(code for code in config.missions if code not in reporting))
        case "m49":
            return tuple(sorted(country.m49 for country in config.countries.values()))
        case "iso3":
            return tuple(sorted(config.countries))
        case "cycle":
            return tuple(str(number) for number in config.cycles)
        case _:
            return ()


def _words(values: Iterable[str], language: Language) -> tuple[str, ...]:
    return tuple(catalogue().value(value, language) for value in values)


def _bounds(column: Column, cycle: Cycle) -> tuple[float | None, float | None]:
    highest = [column.at_most, cycle.days if column.at_most_days_of_cycle else None]
    return column.at_least, min((bound for bound in highest if bound is not None), default=None)


def _days(name: str, table: Table, cycle: Cycle) -> tuple[date | None, date | None]:
    return (cycle.start, cycle.end) if table.within_cycle and table.dated_by == name else (None, None)


def _number(column: Column, cell: str, lists: Lists, cycle: Cycle, language: Language) -> dict[str, Any]:
    low, high = _bounds(column, cycle)
    if not column.words:
        kind = "integer" if column.type == "count" else "decimal"
        return {"validate": kind} | _within(
            -_NO_BOUND if low is None and high is None else low, _NO_BOUND if low is None and high is None else high
        )
    limits = [f"{cell}=INT({cell})"] if column.type == "count" else []
    limits += [f"{cell}>={low:g}"] if low is not None else []
    limits += [f"{cell}<={high:g}"] if high is not None else []
    number = f"AND({','.join(limits)})" if limits else "TRUE"
    # the English word is taken in a French template too
    words = lists.of(dict.fromkeys((*_words(column.words, language), *column.words)))
    word = f"ISNUMBER(MATCH({cell},{words},0))"
    # IF, because AND would reckon with a word as if it were a number and fail
    return {"validate": "custom", "value": f"=IF(ISNUMBER({cell}),{number},{word})"}


def _within(low: float | date | None, high: float | date | None) -> dict[str, Any]:
    low, high = (int(one) if isinstance(one, float) and one.is_integer() else one for one in (low, high))
    if low is not None and high is not None:
        return {"criteria": "between", "minimum": low, "maximum": high}
    if high is not None:
        return {"criteria": "<=", "value": high}
    return {"criteria": ">=", "value": _EARLIEST if low is None else low}


def _said(low: float | date | None, high: float | date | None, language: Language) -> str:
    shown = [f"{bound:g}" if isinstance(bound, int | float) else str(bound) for bound in (low, high)]
    if low is not None and high is not None:
        return form("between", language, low=shown[0], high=shown[1])
    if low is not None:
        return form("at_least", language, low=shown[0])
    return form("at_most", language, high=shown[1]) if high is not None else ""
