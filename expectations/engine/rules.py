"""What Great Expectations' metrics ask of a row or a column, as Polars expressions.

A rule of rows is an expression that is true where a row fails. Missing values arrive as nulls, NaN among them. In a
rule of one column a null neither fails nor passes, as Great Expectations leaves missing values out; in a rule of
several columns a comparison with a null fails the row, unless `ignore_row_if` leaves the row out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from expectations.engine.listed_once import LISTED_ONCE
from expectations.engine.patterns import found_in
from expectations.engine.plausible import ASKED
from expectations.engine.values import as_text, is_one_of, ordered, refuse_other_kind

# The columns of a rule in its order, which may name one twice.
Columns = Sequence[tuple[str, pl.DataType]]
Rule = Callable[[Columns, Mapping[str, Any]], pl.Expr]

# How an expectation says which rows of several columns it leaves out.
IGNORE_IF_ALL_MISSING = frozenset({"both_values_are_missing", "all_values_are_missing"})
IGNORE_IF_ANY_MISSING = frozenset({"either_value_is_missing", "any_value_is_missing"})


def _only(columns: Columns) -> tuple[str, pl.DataType]:
    (column,) = columns
    return column


def _outside(value: pl.Expr, limits: Mapping[str, Any]) -> pl.Expr:
    low, high = limits.get("min_value"), limits.get("max_value")
    if low is None and high is None:
        raise ValueError("min_value and max_value cannot both be None")
    if low is not None and high is not None and low > high:
        raise ValueError("min_value cannot be greater than max_value")
    outside = []
    if low is not None:
        outside.append(value <= low if limits.get("strict_min") else value < low)
    if high is not None:
        outside.append(value >= high if limits.get("strict_max") else value > high)
    return pl.any_horizontal(outside)


def _missing(columns: Columns, _: Mapping[str, Any]) -> pl.Expr:
    return pl.col(_only(columns)[0]).is_null()


def _present(columns: Columns, _: Mapping[str, Any]) -> pl.Expr:
    return pl.col(_only(columns)[0]).is_not_null()


def _repeated(columns: Columns, _: Mapping[str, Any]) -> pl.Expr:
    # Counting groups takes a quarter of the time of is_duplicated() on a million keys of text.
    name, _dtype = _only(columns)
    return (pl.len().over(name) > 1) & pl.col(name).is_not_null()


def _not_one_of(columns: Columns, values: Mapping[str, Any]) -> pl.Expr:
    if values.get("value_set") is None:
        return pl.lit(False)
    return is_one_of(*_only(columns), values["value_set"]).not_()


def _one_of(columns: Columns, values: Mapping[str, Any]) -> pl.Expr:
    if values.get("value_set") is None:
        return pl.lit(False)
    return is_one_of(*_only(columns), values["value_set"])


def _out_of_range(columns: Columns, values: Mapping[str, Any]) -> pl.Expr:
    name, dtype = _only(columns)
    for bound in ("min_value", "max_value"):
        refuse_other_kind(dtype, values.get(bound))
    return _outside(ordered(name, dtype), values)


def _wrong_length(columns: Columns, values: Mapping[str, Any]) -> pl.Expr:
    length = as_text(*_only(columns)).str.len_chars()
    return _outside(length, values)


def _unlike(columns: Columns, values: Mapping[str, Any]) -> pl.Expr:
    return found_in(as_text(*_only(columns)), values["regex"]).not_()


def _like(columns: Columns, values: Mapping[str, Any]) -> pl.Expr:
    return found_in(as_text(*_only(columns)), values["regex"])


def _pair(columns: Columns) -> tuple[pl.Expr, pl.Expr]:
    (a, dtype_a), (b, dtype_b) = columns
    if dtype_a.is_temporal() is not dtype_b.is_temporal():
        raise TypeError(f"cannot compare {dtype_a} with {dtype_b}")
    return ordered(a, dtype_a), ordered(b, dtype_b)


def _not_greater(columns: Columns, values: Mapping[str, Any]) -> pl.Expr:
    a, b = _pair(columns)
    not_greater: pl.Expr = a < b if values.get("or_equal") else a <= b
    return not_greater.fill_null(True)


def _different(columns: Columns, _: Mapping[str, Any]) -> pl.Expr:
    a, b = _pair(columns)
    different: pl.Expr = a != b
    return different.fill_null(True)


def _key_repeated(columns: Columns, _: Mapping[str, Any]) -> pl.Expr:
    return pl.len().over([name for name, _ in columns]) > 1


def _key_seen_before(columns: Columns, _: Mapping[str, Any]) -> pl.Expr:
    return pl.struct(*dict.fromkeys(name for name, _ in columns)).is_first_distinct().not_()


def _wrong_sum(columns: Columns, values: Mapping[str, Any]) -> pl.Expr:
    for name, dtype in columns:
        if not (dtype.is_numeric() or dtype == pl.Boolean):
            raise TypeError(f'cannot add up the column "{name}" of type {dtype}')
    # Narrow integers would overflow where pandas does not.
    wide = [pl.col(n).cast(pl.Int64) if t.is_integer() or t == pl.Boolean else pl.col(n) for n, t in columns]
    wrong: pl.Expr = pl.sum_horizontal(wide, ignore_nulls=False) != values["sum_total"]
    return wrong.fill_null(True)


# By the name of Great Expectations' map metric. The names' first words say where an expectation keeps its columns.
ROW_RULES: dict[str, Rule] = {
    "column_values.nonnull": _missing,
    "column_values.null": _present,
    "column_values.unique": _repeated,
    "column_values.in_set": _not_one_of,
    "column_values.not_in_set": _one_of,
    "column_values.between": _out_of_range,
    "column_values.value_length.between": _wrong_length,
    "column_values.match_regex": _unlike,
    "column_values.not_match_regex": _like,
    "column_pair_values.a_greater_than_b": _not_greater,
    "column_pair_values.equal": _different,
    "compound_columns.unique": _key_repeated,
    LISTED_ONCE: _key_seen_before,
    "multicolumn_sum.equal": _wrong_sum,
    **{name: asked for name, (asked, _) in ASKED.items()},
}
# Those by which it depends on other rows whether a row fails.
OF_ALL_ROWS = frozenset({"column_values.unique", "compound_columns.unique", LISTED_ONCE})


def _measurable(name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(name).cast(pl.Float64) if dtype.is_decimal() else pl.col(name)


# By the name of Great Expectations' metric of one column, over the values that are not missing.
SUMMARIES: dict[str, Callable[[str, pl.DataType], pl.Expr]] = {
    "column.max": lambda name, _: pl.col(name).max(),
    "column.min": lambda name, _: pl.col(name).min(),
    "column.mean": lambda name, dtype: _measurable(name, dtype).mean(),
    "column.sum": lambda name, dtype: _measurable(name, dtype).sum(),
    "column.median": lambda name, dtype: _measurable(name, dtype).median(),
    "column.standard_deviation": lambda name, dtype: _measurable(name, dtype).std(),
    "column.distinct_values.count": lambda name, _: pl.col(name).drop_nulls().n_unique(),
}
