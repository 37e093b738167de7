"""Bringing the constants of an expectation and the values of a column to one type, as Great Expectations sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import polars as pl

_MOMENTS = (dt.date, dt.time, dt.timedelta)


def constant(value: Any, dtype: pl.DataType) -> Any:
    """A constant as the column can be compared with it: dates may be written as text."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) and dtype.is_temporal() else value


def refuse_other_kind(dtype: pl.DataType, value: Any) -> None:
    """Raise where a number is compared with a date: Polars would compare the date's number of days."""
    if value is not None and dtype != pl.Null and dtype.is_temporal() is not isinstance(value, _MOMENTS):
        raise TypeError(f"cannot compare {dtype} with {type(value).__name__}")


def ordered(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column that can be compared with numbers, where Python could: True is 1."""
    return pl.col(name).cast(pl.UInt8) if dtype == pl.Boolean else pl.col(name)


def is_one_of(name: str, dtype: pl.DataType, values: Iterable[Any]) -> pl.Expr:
    """Whether a value is in a set of mixed types; what cannot equal any value of the column never matches."""
    if dtype.is_numeric() or dtype == pl.Boolean:
        numbers = [float(v) if isinstance(v, float) else int(v) for v in values if isinstance(v, int | float)]
        whole = [int(v) for v in numbers if v == v // 1]
        if dtype.is_integer() or dtype == pl.Boolean:
            return _among(pl.col(name).cast(pl.Int128), whole, pl.Int128)
        return _among(pl.col(name).cast(pl.Float64), [float(v) for v in numbers], pl.Float64)
    if dtype.is_temporal():
        moments = [constant(v, dtype) for v in values if isinstance(v, (str, *_MOMENTS))]
        if dtype == pl.Date:
            # A moment that is not midnight equals no date.
            moments = [m.date() if isinstance(m, dt.datetime) else m for m in moments if _is_day(m)]
        return _among(pl.col(name), moments, dtype)
    return _among(pl.col(name), [v for v in values if isinstance(v, str)], pl.String())


def _among(column: pl.Expr, values: list[Any], dtype: pl.DataType | type[pl.DataType]) -> pl.Expr:
    return column.is_in(pl.Series(values, dtype=dtype).implode())


def _is_day(moment: Any) -> bool:
    return not isinstance(moment, dt.datetime) or moment.time() == dt.time()


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as the text that Python's str() makes of its values."""
    if dtype == pl.String:
        return pl.col(name)
    if dtype.is_integer() or dtype == pl.Date:
        return pl.col(name).cast(pl.String)
    return each_distinct(pl.col(name), str, pl.String())


def each_distinct(column: pl.Expr, function: Callable[[Any], Any], dtype: pl.DataType) -> pl.Expr:
    """A Python function of each value, called once for each distinct one; null stays null."""

    def apply(series: pl.Series) -> pl.Series:
        distinct = series.drop_nulls().unique()
        results = pl.Series([function(value) for value in distinct], dtype=dtype)
        return series.replace_strict(distinct, results, default=None, return_dtype=dtype)

    return column.map_batches(apply, return_dtype=dtype, is_elementwise=True)
