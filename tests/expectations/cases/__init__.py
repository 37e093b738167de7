"""What trips each rule on rows, in groups of sources: each module beside this one has CASES."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

from config.unclear import MERGED, UNCALCULATED, names_country
from tests.expectations.cases.case import MARK, Case
from tests.expectations.clean import CONFIG
from tests.expectations.rows import CLEAN

__all__ = ["CASES", "MARK", "Case"]

GROUPS = sorted({module.name for module in pkgutil.iter_modules(__path__)} - {"case"})
GIVEN = [case for group in GROUPS for case in import_module(f"{__name__}.{group}").CASES]


def of_values() -> Iterator[Case]:
    """Cells without a value of their own, or with one of another kind, in each column that cases are given of."""
    made = set()
    for case in GIVEN:
        column = CONFIG.table_contract(case.table)[1].columns.get(case.column or "")
        if column is None or set(case.cells) != {case.column} or case.others or case.repeated:
            continue
        wrong_type, unlisted, wrong_text = (
            case.rule == f"{case.column}_{says}"
            for says in (f"is_a_{column.type}", "is_one_of_the_list", "holds_no_error")
        )
        if not (wrong_type or unlisted or wrong_text) or (case.table, case.column) in made:
            continue
        made.add((case.table, case.column))
        told = case.also | ({case.rule} if wrong_type or unlisted else set())
        plain = told - {f"{case.column}_is_a_{column.type}"}
        yield like(case, "has_a_result", UNCALCULATED, plain)
        if column.type in ("count", "number"):
            yield like(case, "is_of_one_row", MERGED, plain)
        if column.one_of or column.type in ("mission", "yes_no", "iso3"):
            yield like(case, "is_in_latin_letters", "Жщю", told)
        yield from of_texts(case, told)


def of_texts(case: Case, told: frozenset[str] | set[str]) -> Iterator[Case]:
    table, name = CONFIG.table_contract(case.table)[1], str(case.column)
    keys = {*table.key, *(key for keys in table.refers_to.values() for key in keys)}
    codes = [code for code, column in table.columns.items() if column.of == name]
    # a country is known by its codes, too
    unknown = {f"{name}_is_a_known_country"} if names_country(name, table) and not codes else set()
    if name in keys and table.columns[name].type == "text" and not table.columns[name].one_of:
        yield replace(like(case, "is_no_date", "2024-02-01 00:00:00", told | unknown), severity="warning")
    if names_country(name, table):
        there = told | {f"{code}_is_there" for code in codes}
        unnamed = replace(like(case, "is_a_known_country", MARK, there), severity="warning")
        yield replace(unnamed, cells={**unnamed.cells, **dict.fromkeys(codes)})


def like(case: Case, says: str, cell: str, told: frozenset[str] | set[str]) -> Case:
    rule = f"{case.column}_{says}"
    return replace(case, rule=rule, severity="critical", cells={str(case.column): cell}, also=frozenset(told))


CASES = [
    *(Case(table, "row_has_a_cell_for_each_column", "critical", None, shifted=True) for table in CLEAN),
    *GIVEN,
    *of_values(),
]
