"""The execution engine: Great Expectations' metrics answered by Polars, all of a suite in one query."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import polars as pl
from great_expectations.execution_engine import PandasExecutionEngine

from expectations.engine.gx import (
    IDDict,
    MetricConfiguration,
    MetricProvider,
    MetricResolutionError,
    PandasBatchData,
    get_metric_kwargs,
    get_metric_provider,
    register_metric,
)
from expectations.engine.rules import (
    IGNORE_IF_ALL_MISSING,
    IGNORE_IF_ANY_MISSING,
    OF_ALL_ROWS,
    ROW_RULES,
    SUMMARIES,
    Columns,
)
from expectations.engine.table import Question, Table

if TYPE_CHECKING:
    import pandas as pd


class TableData(PandasBatchData):  # type: ignore[misc]
    """A table as Great Expectations passes data about; looks like pandas data to metrics that need pandas."""

    def __init__(self, execution_engine: PolarsExecutionEngine, table: Table) -> None:
        super().__init__(execution_engine, None)
        self.table = table

    @property
    def dataframe(self) -> pd.DataFrame:
        """The pandas copy, made when first asked for."""
        return self.table.pandas


class PolarsMetric(MetricProvider):  # type: ignore[misc]
    """Marks a metric as answered by Polars. It depends on no other metric, so all of a suite are ready at once."""

    @classmethod
    def get_evaluation_dependencies(cls, *_: Any, **__: Any) -> dict[str, MetricConfiguration]:
        """Nothing: the query works everything out from the frame."""
        return {}


@dataclass(frozen=True)
class Pending:
    """A metric's value, once its question is answered."""

    question: Question
    read: Callable[[Any], Any]


class PolarsExecutionEngine(PandasExecutionEngine):  # type: ignore[misc]
    """Answers what it can by Polars; a metric it does not know goes to the pandas engine that it extends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # A cache would keep masks and values of a frame alive after its validation.
        super().__init__(*args, **(kwargs | {"caching": False}))

    def load_batch_data(self, batch_id: str, batch_data: TableData) -> None:
        """Keep the table of a batch where metrics find it."""
        self.batch_manager.save_batch_data(batch_id=batch_id, batch_data=batch_data)

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[MetricConfiguration],
        metrics: dict[Hashable, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Hashable, Any]:
        """Work out a set of metrics together. The ones that fail are named, as Great Expectations wants to know."""
        resolved: dict[Hashable, Any] = {}
        failed: list[tuple[MetricConfiguration, Exception]] = []
        pending: list[tuple[MetricConfiguration, Table, Pending]] = []
        for metric in metrics_to_resolve:
            try:
                provider, plan = get_metric_provider(metric.metric_name, self)
                if provider is not PolarsMetric:
                    resolved |= super().resolve_metrics([metric], metrics, runtime_configuration)
                    continue
                table = self.batch_manager.batch_data_cache[metric.metric_domain_kwargs["batch_id"]].table
                planned = plan(table, metric)
            except Exception as error:
                failed.append((metric, error))
                continue
            if isinstance(planned, Pending):
                pending.append((metric, table, planned))
            else:
                resolved[metric.id] = planned
        for table in {id(table): table for _, table, _ in pending}.values():
            table.answer([planned.question for _, owner, planned in pending if owner is table])
        for metric, table, planned in pending:
            key = planned.question.key
            if key in table.refused:
                failed.append((metric, table.refused[key]))
            else:
                resolved[metric.id] = planned.read(table.found[key])
        if failed:
            self._report(failed, resolved, metrics)
        return resolved

    @staticmethod
    def _report(
        failed: list[tuple[MetricConfiguration, Exception]],
        resolved: dict[Hashable, Any],
        metrics: dict[Hashable, Any] | None,
    ) -> None:
        # An exception carries one message. Great Expectations asks again for what is still open, so metrics that
        # failed for other reasons get their turn; what did succeed is left in its dictionary and not asked again.
        if metrics is not None:
            metrics.update(resolved)
        cause = failed[0][1]
        alike = [metric for metric, error in failed if str(error) == str(cause)]
        # Polars goes on with the query that it was working at, which says nothing to who wrote the rule.
        reason = str(cause).split("\n\nThis error occurred")[0]
        raise MetricResolutionError(message=reason, failed_metrics=alike) from cause


def rows_key(base: str, metric: MetricConfiguration) -> tuple[str, str, str]:
    """Under which the failing rows of a map metric are found in a table, whichever of its metrics asks for them."""
    values = {k: v for k, v in metric.metric_value_kwargs.items() if k != "result_format"}
    return base, metric.metric_domain_kwargs_id, IDDict(values).to_id()


def _columns(metric: MetricConfiguration, table: Table) -> Columns:
    domain = metric.metric_domain_kwargs
    if "column_list" in domain:
        names = list(domain["column_list"])
    elif "column_A" in domain:
        names = [domain["column_A"], domain["column_B"]]
    else:
        names = [domain["column"]]
    for name in names:
        if name not in table.schema:
            raise ValueError(f'Error: The column "{name}" in BatchData does not exist.')
    return [(name, table.schema[name]) for name in names]


def _considered(metric: MetricConfiguration, columns: Columns) -> pl.Expr | None:
    """The rows that a rule of several columns does not ignore; None for all."""
    ignored = metric.metric_domain_kwargs.get("ignore_row_if")
    missing = [pl.col(name).is_null() for name, _ in columns]
    if ignored in IGNORE_IF_ALL_MISSING:
        return pl.all_horizontal(missing).not_()
    if ignored in IGNORE_IF_ANY_MISSING:
        return pl.any_horizontal(missing).not_()
    return None


def _condition(metric: MetricConfiguration) -> Any:
    return metric.metric_domain_kwargs.get("row_condition") or None


# The question of a metric is the same for all tables whose columns are alike, and what it is made of takes long.
_questions: WeakKeyDictionary[MetricConfiguration, tuple[Columns, Question]] = WeakKeyDictionary()


def _failing_rows(base: str, read: Callable[[pl.Series], Any], table: Table, metric: MetricConfiguration) -> Pending:
    columns = _columns(metric, table)
    of, question = _questions.get(metric, ((), None))
    if question is None or of != columns:
        mask = ROW_RULES[base](columns, metric.metric_value_kwargs)
        considered = _considered(metric, columns)
        if considered is not None:
            mask = mask & considered
        question = Question(rows_key(base, metric), mask, _condition(metric), rows=True, whole=base in OF_ALL_ROWS)
        _questions[metric] = columns, question
    return Pending(question, read)


def _missing_count(table: Table, metric: MetricConfiguration) -> Pending:
    # Every rule of a column asks how much of it is missing: a number is enough, unless the rule is about just that.
    ((name, _),) = _columns(metric, table)
    return Pending(Question(metric.id, pl.col(name).null_count(), _condition(metric)), int)


def _considered_count(table: Table, metric: MetricConfiguration) -> Pending:
    considered = _considered(metric, _columns(metric, table))
    count = pl.len() if considered is None else considered.sum()
    return Pending(Question(metric.id, count, _condition(metric)), int)


def _row_count(table: Table, metric: MetricConfiguration) -> Pending:
    return Pending(Question(metric.id, pl.len(), _condition(metric)), int)


def _summary(name: str, table: Table, metric: MetricConfiguration) -> Pending:
    ((column, dtype),) = _columns(metric, table)
    return Pending(Question(metric.id, SUMMARIES[name](column, dtype), _condition(metric)), lambda value: value)


def _column_names(table: Table, _: MetricConfiguration) -> list[str]:
    return list(table.schema)


def _column_count(table: Table, _: MetricConfiguration) -> int:
    return len(table.schema)


def _plans() -> dict[str, Callable[[Table, MetricConfiguration], Any]]:
    plans: dict[str, Callable[[Table, MetricConfiguration], Any]] = {
        "table.row_count": _row_count,
        "table.columns": _column_names,
        "table.column_count": _column_count,
    }
    plans |= {name: partial(_summary, name) for name in SUMMARIES}
    for base in ROW_RULES:
        plans[f"{base}.unexpected_count"] = partial(_failing_rows, base, len)
        # The values may be personal data, so Great Expectations gets none; their rows stay with the table.
        plans[f"{base}.unexpected_values"] = partial(_failing_rows, base, lambda _: [])
        if not base.startswith("column_values."):
            plans[f"{base}.filtered_row_count"] = _considered_count
    return plans | {"column_values.nonnull.unexpected_count": _missing_count}


def register() -> frozenset[str]:
    """File the engine's metrics beside those of the other engines; gives their names."""
    plans = _plans()
    for name, plan in plans.items():
        filed = get_metric_kwargs(name)
        register_metric(
            metric_name=name,
            metric_domain_keys=filed["metric_domain_keys"],
            metric_value_keys=filed["metric_value_keys"],
            execution_engine=PolarsExecutionEngine,
            metric_class=PolarsMetric,
            metric_provider=plan,
        )
    return frozenset(plans)
