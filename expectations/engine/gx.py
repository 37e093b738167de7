"""The parts of Great Expectations that the engine needs and that are not its public interface.

Everything else here uses what Great Expectations documents. A release that moves one of these parts breaks this
module's imports or the comparison with the pandas engine in the tests, and nothing goes unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

# Row conditions have public makers (Column) but no public way to read one: the classes are what its engines read.
from great_expectations.expectations.row_conditions import (
    AndCondition,
    ComparisonCondition,
    NullityCondition,
    Operator,
    OrCondition,
    deserialize_row_condition,
)

# isort: split
# A metric is filed by name and engine. The decorators that file the metrics of an engine ask for one class a metric
# and add the partial metrics of that engine's way of working, which a single query has no use for.
from great_expectations.expectations.registry import get_metric_kwargs, get_metric_provider, register_metric

# isort: split
# Filling the registry is a side effect of this import. Great Expectations does it when a validator is made, which is
# too late for an engine that files its own metrics beside the existing ones.
from great_expectations.expectations import metrics as _existing_metrics  # noqa: F401

# isort: split
# What an engine is handed and hands over.
from great_expectations.core.id_dict import IDDict
from great_expectations.exceptions import MetricResolutionError
from great_expectations.execution_engine.pandas_batch_data import PandasBatchData
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metrics.metric_provider import MetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import Validator

__all__ = [
    "AndCondition",
    "ComparisonCondition",
    "IDDict",
    "MetricConfiguration",
    "MetricProvider",
    "MetricResolutionError",
    "NullityCondition",
    "Operator",
    "OrCondition",
    "PandasBatchData",
    "Validator",
    "configured_once",
    "deserialize_row_condition",
    "get_metric_kwargs",
    "get_metric_provider",
    "register_metric",
]

T = TypeVar("T")
# by the name of a method, what it returned for each object; with the object, lest another gets its number
Read = dict[str, dict[int, tuple[object, Any]]]


@contextmanager
def configured_once(kinds: Collection[type[Expectation]], read: Read | None = None) -> Iterator[None]:
    """Let each expectation of these kinds be read once while a suite is validated, and not once for each of its parts.

    That is a quarter of a small refresh. An expectation does not change meanwhile; validations take turns.
    What was read is in `read`, for the next who gives that: until then the same expectations do not change either.
    """
    read = {} if read is None else read
    kept = [(ExpectationConfiguration, "to_domain_obj"), (Expectation, "configuration")]
    kept += [(Expectation, "_get_success_kwargs"), *((kind, "get_validation_dependencies") for kind in kinds)]
    own = [(of, name, of.__dict__.get(name)) for of, name in kept]
    arguments = _once(Expectation._get_success_kwargs, read.setdefault("arguments", {}))
    ExpectationConfiguration.to_domain_obj = _once(
        ExpectationConfiguration.to_domain_obj, read.setdefault("expectation", {})
    )
    Expectation.configuration = property(_once(Expectation.configuration.fget, read.setdefault("configuration", {})))
    # whoever asks for the arguments adds to them
    Expectation._get_success_kwargs = lambda self: dict(arguments(self))
    for kind in kinds:
        # asked for the metrics that it needs, and again for its verdict
        kind.get_validation_dependencies = _once(
            kind.get_validation_dependencies, read.setdefault(f"dependencies of {kind.__name__}", {})
        )
    try:
        yield
    finally:
        for of, name, before in own:
            setattr(of, name, before) if before is not None else delattr(of, name)


def _once(make: Callable[..., T], made: dict[int, tuple[object, T]]) -> Callable[..., T]:
    """Let a method be called once for each object; what it is given beside it is the same each time."""

    def of(maker: Any, **beside: Any) -> T:
        if id(maker) not in made:
            made[id(maker)] = (maker, make(maker, **beside))
        return made[id(maker)][1]

    return of
