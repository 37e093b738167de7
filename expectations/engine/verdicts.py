"""Great Expectations' verdicts, each asked of the expectation itself: what it needs is worked out once, and kept.

A suite that is validated as a batch has every expectation read, copied, put into a graph and read again, for each
frame. Polars answers every metric straight from the frame, so that graph has no edges; and what an expectation needs
is the same for every frame. So the metrics are asked for together, and each expectation gives its own verdict on them,
by the method that Great Expectations' validator calls, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from great_expectations.core import ExpectationValidationResult
from great_expectations.expectations.expectation import Expectation

from expectations.engine.execution import PolarsExecutionEngine, TableData
from expectations.engine.gx import Read, configured_once
from expectations.engine.table import Table

# under which the engine finds the table; one at a time
_BATCH = "table"
# a refresh has some hundreds of rules that differ
_MOST_KEPT = 5_000
_kept: dict[tuple[type[Expectation], str], Expectation] = {}
_read: Read = {}


def verdicts(
    table: Table, expectations: Mapping[int, Expectation], result_format: Mapping[str, Any]
) -> dict[int, ExpectationValidationResult]:
    """Return the results of expectations whose metrics Polars answers, under their numbers.

    Not to be called by two threads at a time. Raises an exception where any of them cannot be evaluated; who wants to
    know which, and why, has them validated as a suite.
    """
    engine = _engine()
    engine.load_batch_data(_BATCH, TableData(engine, table))
    if len(_kept) > _MOST_KEPT:
        _kept.clear()
        _read.clear()
    own = {number: _known(expectation) for number, expectation in expectations.items()}
    with configured_once({type(expectation) for expectation in own.values()}, _read):
        needed = {
            metric.id: metric
            for expectation in own.values()
            for metric in expectation.get_validation_dependencies(
                execution_engine=engine, runtime_configuration={"result_format": dict(result_format)}
            ).get_metric_configurations()
        }
        values = engine.resolve_metrics(needed.values())
        return {
            number: expectation.metrics_validate(
                values, execution_engine=engine, runtime_configuration={"result_format": dict(result_format)}
            )
            for number, expectation in own.items()
        }


@cache
def _engine() -> PolarsExecutionEngine:
    return PolarsExecutionEngine()


def _known(expectation: Expectation) -> Expectation:
    """Return an expectation that says the same, of the batch that the engine holds; always the same one."""
    said = (type(expectation), repr(sorted((name, value) for name, value in expectation if name != "id")))
    if said not in _kept:
        own = expectation.copy(update={"id": None, "batch_id": _BATCH})
        if own.suite_parameter_options:
            raise ValueError("What it is to be held against is not given with it.")
        _kept[said] = own
    return _kept[said]
