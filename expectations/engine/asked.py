"""Expectations of ours on numbers that are in form and may be wrong (expectations.engine.plausible).

They are evaluated by Polars in Great Expectations' pandas engine too, so that a suite with them can be used there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    MulticolumnMapMetricProvider,
    multicolumn_condition_partial,
)

from expectations.engine.plausible import ASKED

if TYPE_CHECKING:
    import pandas as pd


def _metric(name: str, asked: Callable[..., pl.Expr], bounds: tuple[str, ...]) -> type:
    """File a metric, and how pandas works it out."""

    def in_pandas(cls: type, column_list: pd.DataFrame, **given: Any) -> pd.Series[bool]:
        frame = pl.from_pandas(column_list)
        columns = list(zip(frame.columns, frame.dtypes, strict=True))
        marked = frame.select(~asked(columns, {bound: given.get(bound) for bound in bounds})).to_series()
        return marked.to_pandas().set_axis(column_list.index)

    parts: Mapping[str, Any] = {
        "condition_metric_name": name,
        "condition_domain_keys": (
            "batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if",
        ),
        "condition_value_keys": bounds,
        "_pandas": multicolumn_condition_partial(engine=PandasExecutionEngine)(in_pandas),
    }  # fmt: skip
    made: type = type(MulticolumnMapMetricProvider)("Metric", (MulticolumnMapMetricProvider,), dict(parts))
    return made


METRICS = [_metric(name, *of) for name, of in ASKED.items()]


class _Asking(MulticolumnMapExpectation):  # type: ignore[misc]
    """Every column of the row is handed over, also where some are missing."""

    ignore_row_if: Any = "never"
    args_keys: ClassVar[tuple[str, ...]] = ("column_list",)


class ExpectNumberNearEarlierOnes(_Asking):
    """Expect a number not to be far from the earlier ones of its row.

    `ratio` is how many times them it may be, numbers below `base` counting as that; where there are six or more, it may
    be so many `deviations` away from their median.
    """

    ratio: float
    base: float
    deviations: float
    map_metric: ClassVar[str] = "numbers.far_from_earlier"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "ratio", "base", "deviations")


class ExpectNumberToBeNoTenfold(_Asking):
    """Expect a number not to be ten times the earlier ones of its row, nor a tenth of them."""

    base: float
    map_metric: ClassVar[str] = "numbers.tenfold"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "base")


class ExpectNumberToBeNoThousandfold(_Asking):
    """Expect a number not to be a thousand times the earlier ones of its row, nor a thousandth of them."""

    base: float
    map_metric: ClassVar[str] = "numbers.thousandfold"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "base")


class ExpectCountNotToFall(_Asking):
    """Expect a count that goes on and on not to be less than the last one."""

    base: float
    map_metric: ClassVar[str] = "numbers.fallen"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "base")


class ExpectNumbersInTheirColumns(_Asking):
    """Expect the numbers of a row not to stand one column beside those of their size; of the number `at` a place."""

    base: float
    at: int
    map_metric: ClassVar[str] = "numbers.out_of_column"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "base", "at")


class ExpectNumbersNotToBeTheLastOnes(_Asking):
    """Expect the numbers of a row not to be all the last ones again; of the number `at` a place."""

    at: int
    map_metric: ClassVar[str] = "numbers.as_last_time"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "at")


class ExpectTotalToHoldItsParts(_Asking):
    """Expect a total, of which some parts are blank, not to be less than the others, nor so many `times` as much."""

    times: float
    map_metric: ClassVar[str] = "numbers.less_than_parts"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "times")


class ExpectShareOfAWholeNumber(_Asking):
    """Expect a share, in percent, to be that of a whole number of what is counted in the second column."""

    map_metric: ClassVar[str] = "numbers.no_whole_number"


class ExpectRateToBePossible(_Asking):
    """Expect of a number not more than `at_most`, and not fewer than `at_least`, for each of the second column."""

    at_least: float | None = None
    at_most: float | None = None
    map_metric: ClassVar[str] = "numbers.out_of_rate"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "at_least", "at_most")
