"""A table as Great Expectations validates it: its own validator, on this package's engine.

A data context, its data sources and assets lead to such a validator and have no part in a verdict; there are none here,
since to import them takes longer than all else of Great Expectations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from great_expectations.core import ExpectationSuite, ExpectationValidationResult

from expectations.engine.execution import PolarsExecutionEngine, TableData
from expectations.engine.gx import Validator
from expectations.engine.table import Table

# metrics name the batch that they are of
_BATCH = "frame"


class TableValidator(Validator):  # type: ignore[misc]
    """Great Expectations' validator of one table."""

    def __init__(self, table: Table) -> None:
        engine = PolarsExecutionEngine()
        engine.load_batch_data(_BATCH, TableData(engine, table))
        super().__init__(execution_engine=engine)

    @property
    def active_batch_id(self) -> str:
        """The batch that metrics are asked of."""
        return _BATCH

    def _determine_progress_bars(self) -> bool:
        """None: they are for notebooks, and go with a data context."""
        return False


def validated(
    table: Table, suite: ExpectationSuite, result_format: Mapping[str, Any]
) -> list[ExpectationValidationResult]:
    """Great Expectations' results of a suite on a table, in an order of its own."""
    validator = TableValidator(table)
    asked = validator.process_expectations_for_validation(suite.expectation_configurations)
    results: list[ExpectationValidationResult] = validator.graph_validate(
        configurations=asked, runtime_configuration={"result_format": dict(result_format)}
    )
    return results
