"""Great Expectations' row conditions as Polars predicates, with the meaning that its pandas engine gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from expectations.engine.gx import (
    AndCondition,
    ComparisonCondition,
    NullityCondition,
    Operator,
    OrCondition,
    deserialize_row_condition,
)
from expectations.engine.values import constant, is_one_of, ordered, refuse_other_kind


def predicate(condition: Any, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """Which rows a condition keeps. A missing value differs from everything and is in no set."""
    condition = deserialize_row_condition(condition)
    if isinstance(condition, AndCondition):
        return pl.all_horizontal([predicate(part, schema).fill_null(False) for part in condition.conditions])
    if isinstance(condition, OrCondition):
        return pl.any_horizontal([predicate(part, schema).fill_null(False) for part in condition.conditions])
    if isinstance(condition, NullityCondition):
        name = _existing(condition.column.name, schema)
        return pl.col(name).is_null() if condition.is_null else pl.col(name).is_not_null()
    if isinstance(condition, ComparisonCondition):
        name = _existing(condition.column.name, schema)
        return _comparison(name, schema[name], Operator(condition.operator), condition.parameter)
    raise NotImplementedError("A row condition written as text is not evaluated; write it with Column(...).")


def _existing(name: str, schema: Mapping[str, pl.DataType]) -> str:
    if name not in schema:
        raise ValueError(f'The column "{name}" of the row condition does not exist.')
    return name


def _comparison(name: str, dtype: pl.DataType, operator: Operator, parameter: Any) -> pl.Expr:
    if operator is Operator.IN:
        return is_one_of(name, dtype, parameter)
    if operator is Operator.NOT_IN:
        return is_one_of(name, dtype, parameter).not_().fill_null(True)
    value = constant(parameter, dtype)
    refuse_other_kind(dtype, value)
    column = ordered(name, dtype) if not isinstance(value, bool) else pl.col(name)
    kept: pl.Expr
    match operator:
        case Operator.EQUAL:
            kept = column == value
        case Operator.NOT_EQUAL:
            kept = (column != value).fill_null(True)
        case Operator.LESS_THAN:
            kept = column < value
        case Operator.LESS_THAN_OR_EQUAL:
            kept = column <= value
        case Operator.GREATER_THAN:
            kept = column > value
        case _:
            kept = column >= value
    return kept
