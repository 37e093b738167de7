"""Validating a frame: Great Expectations' verdicts, and the rows that they are about."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from great_expectations.core import ExpectationSuite, ExpectationValidationResult
from great_expectations.expectations.expectation import Expectation

from expectations.engine import source
from expectations.engine.execution import register, rows_key
from expectations.engine.gx import MetricConfiguration, configured_once, get_metric_kwargs
from expectations.engine.table import Table
from expectations.engine.verdicts import verdicts

logger = logging.getLogger(__name__)

NATIVE_METRICS = register()

# Counts are all that Great Expectations is asked for; the rows are with the table. Of what pandas evaluates, the rows
# come with the result. Neither has values in it.
NATIVE_RESULT: Mapping[str, Any] = {"result_format": "BASIC", "exclude_unexpected_values": True}
FALLBACK_RESULT: Mapping[str, Any] = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}

# Great Expectations keeps the data of a batch under the batch's name, so validations in one process take turns.
_TURN = threading.RLock()
_native_classes: dict[type[Expectation], bool] = {}


@dataclass(frozen=True)
class Outcome:
    """What one expectation found in one frame.

    `rows_checked` is the number of rows it looked at and `rows_failed` how many of them failed; an expectation of the
    whole table has None and 0. `rows` holds the positions of the failing rows in the frame, counted from 0, ascending,
    also where a row condition left rows out. `native` is false where Great Expectations' pandas engine had to evaluate
    it. `error` says why it could not be evaluated at all; `success` is false then.
    """

    success: bool
    rows_checked: int | None
    rows_failed: int
    rows: pl.Series = field(repr=False, compare=False)
    native: bool
    error: str | None


def validate(
    frame: pl.DataFrame | pl.LazyFrame, expectations: Sequence[Expectation], *, streamed: bool = False
) -> list[Outcome]:
    """Validate a frame; the outcomes are in the order of the expectations.

    With `streamed` the frame is gone through and not held, but for columns that a rule needs as a whole; it should then
    be a scan of a file, since it is read several times.

    May be called from any thread; calls in one process take turns, and each uses all cores. A process that forks has
    to do so before its first call or from a thread that is not validating.
    """
    with _TURN:
        table = Table(frame, streamed=streamed)
        native = [_is_native(expectation) for expectation in expectations]
        for name in sorted({type(e).__name__ for e, known in zip(expectations, native, strict=True) if not known}):
            logger.warning("%s is evaluated by Great Expectations' pandas engine, which copies the frame.", name)
        try:
            results = results_of(table, _where(expectations, native, True), NATIVE_RESULT)
            results |= results_of(table, _where(expectations, native, False), FALLBACK_RESULT)
            return [outcome_of(results[number], table, native[number]) for number in range(len(expectations))]
        finally:
            table.release()


def _where(expectations: Sequence[Expectation], native: Sequence[bool], wanted: bool) -> dict[int, Expectation]:
    return {number: e for number, e in enumerate(expectations) if native[number] is wanted}


def results_of(
    table: Table, expectations: Mapping[int, Expectation], result_format: Mapping[str, Any]
) -> dict[int, ExpectationValidationResult]:
    """Great Expectations' results under the numbers of the expectations, which it returns in an order of its own."""
    if not expectations:
        return {}
    if result_format is NATIVE_RESULT:
        try:
            return verdicts(table, expectations, result_format)
        except Exception:
            logger.debug("An expectation cannot be evaluated: they are validated as a suite, which says which.")
    # A suite binds its expectations to itself: it gets copies. Their ids are how a result is known again.
    copies = {number: e.copy(update={"id": None}) for number, e in expectations.items()}
    suite = ExpectationSuite(name="expectations", expectations=list(copies.values()))
    for number, copied in copies.items():
        copied.id = str(number)
    try:
        with configured_once({type(e) for e in copies.values()}):
            validated = source.validated(table, suite, result_format)
    except Exception as error:
        if len(expectations) > 1:
            return _one_by_one(table, expectations.items(), result_format)
        ((number, copied),) = copies.items()
        raised = {"raised_exception": True, "exception_message": str(error), "exception_traceback": None}
        return {
            number: ExpectationValidationResult(
                success=False, expectation_config=copied.configuration, exception_info=raised
            )
        }
    results: dict[int, ExpectationValidationResult] = {}
    for result in validated:
        # Of equal expectations that fail to evaluate, Great Expectations reports one twice: the first has the reason.
        results.setdefault(int(result.expectation_config.id), result)
    return results


def _one_by_one(
    table: Table, expectations: Iterable[tuple[int, Expectation]], result_format: Mapping[str, Any]
) -> dict[int, ExpectationValidationResult]:
    results: dict[int, ExpectationValidationResult] = {}
    for number, expectation in expectations:
        results |= results_of(table, {number: expectation}, result_format)
    return results


def _is_native(expectation: Expectation) -> bool:
    """Whether Polars answers all that an expectation depends on; the same for every one of its class."""
    kind = type(expectation)
    if kind not in _native_classes:
        try:
            needs = expectation.get_validation_dependencies(runtime_configuration={"result_format": "BASIC"})
        except Exception:
            return False
        _native_classes[kind] = set(needs.get_metric_names()) <= NATIVE_METRICS
    return _native_classes[kind]


def outcome_of(result: ExpectationValidationResult, table: Table, native: bool) -> Outcome:
    """A result with the rows that it is about."""
    error = _error(result.exception_info)
    counts = result.result or {}
    failed = counts.get("unexpected_count") or 0
    positions: Any = []
    if failed and native:
        positions = table.found[_key_of(result)]
    elif failed:
        positions = counts.get("unexpected_index_list") or []
    return Outcome(
        success=bool(result.success) and error is None,
        rows_checked=counts.get("element_count"),
        rows_failed=failed,
        rows=pl.Series("row", positions, dtype=pl.UInt32),
        native=native,
        error=error,
    )


def _key_of(result: ExpectationValidationResult) -> tuple[str, str, str]:
    configuration = result.expectation_config
    base = configuration.to_domain_obj().map_metric
    name = f"{base}.unexpected_count"
    kwargs = get_metric_kwargs(name, configuration=configuration)
    metric = MetricConfiguration(name, kwargs["metric_domain_kwargs"], kwargs["metric_value_kwargs"])
    return rows_key(base, metric)


def _error(info: Mapping[str, Any] | None) -> str | None:
    """The text of an exception: filed by metric where metrics failed, plain where the expectation itself did."""
    if not info:
        return None
    if "raised_exception" in info:
        return str(info["exception_message"]) if info["raised_exception"] else None
    return next(iter(dict.fromkeys(str(failure["exception_message"]) for failure in info.values())))
