"""An expectation of ours: a key may be listed once; its first row is good and its repeats are not.

Great Expectations' own ExpectCompoundColumnsToBeUnique fails every row of a repeated key. Where repeats are refused,
that would refuse the good row with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    MulticolumnMapMetricProvider,
    multicolumn_condition_partial,
)

if TYPE_CHECKING:
    import pandas as pd


LISTED_ONCE = "compound_columns.listed_once"


class CompoundColumnsListedOnce(MulticolumnMapMetricProvider):  # type: ignore[misc]
    """The metric, and how pandas works it out."""

    condition_metric_name = LISTED_ONCE
    condition_domain_keys = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")
    condition_value_keys = ()

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, **_: Any) -> pd.Series[bool]:  # noqa: N805
        return ~column_list.duplicated(keep="first")


class ExpectCompoundColumnsToBeListedOnce(MulticolumnMapExpectation):  # type: ignore[misc]
    """Expect no row to repeat the key of a row above it.

    Missing values in a key equal each other. `ignore_row_if` leaves rows out as in ExpectCompoundColumnsToBeUnique:
    by default those whose key is missing altogether.
    """

    map_metric: ClassVar[str] = LISTED_ONCE
    args_keys: ClassVar[tuple[str, ...]] = ("column_list",)
