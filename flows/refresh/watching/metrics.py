"""What Prometheus reads: a file for node_exporter, or a page while `a4p serve` runs. Values are of the last refresh.

Both are made of the records of each cycle's last refresh, so that it does not matter which process refreshed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from expectations.severity import SEVERITIES
from flows.core import logs
from flows.core.errors import StoreError
from flows.core.settings import Settings
from flows.refresh.watching import record
from flows.refresh.watching.numbers import ByKind
from flows.refresh.watching.record import Record
from flows.stores import Store


def families(records: Sequence[Record]) -> Iterator[Metric]:
    """Yield the metrics of the last refreshes."""
    for name, text, value in _OF_A_CYCLE:
        gauge = GaugeMetricFamily(name, text, labels=["cycle"])
        for one in records:
            found = value(one)
            if found is not None:
                gauge.add_metric([str(one.cycle)], found)
        yield gauge
    runs = CounterMetricFamily("a4p_refresh_runs", "Refreshes by how they ended.", labels=["cycle", "result"])
    steps = GaugeMetricFamily(
        "a4p_step_duration_seconds",
        "Duration of the steps of a kind in the last refresh, of a source where they are one's.",
        labels=["cycle", "step", "source"],
    )
    for one in records:
        for result in (record.PUBLISHED, record.UNCHANGED, record.NOTHING, record.FAILED):
            runs.add_metric([str(one.cycle), result], one.runs.get(result, 0))
        for step in one.steps:
            steps.add_metric([str(one.cycle), step.kind, step.source], step.seconds)
    yield runs
    yield steps
    for name, text, label, kinds, numbers in _BY_SOURCE:
        gauge = GaugeMetricFamily(name, text, labels=["cycle", "source", label])
        for one in records:
            for source, by_kind in numbers(one).items():
                for kind in kinds:
                    gauge.add_metric([str(one.cycle), source, kind], by_kind.get(kind, 0))
        yield gauge


def _final(one: Record) -> float | None:
    return None if one.status is None else float(one.status == "final")


_OF_A_CYCLE: tuple[tuple[str, str, Callable[[Record], float | None]], ...] = (
    ("a4p_refresh_duration_seconds", "Duration of the last refresh.", lambda one: one.seconds),
    ("a4p_refresh_timestamp_seconds", "When the last refresh ended.", lambda one: one.ended.timestamp()),
    ("a4p_refresh_success", "1 where the last refresh did not fail.", lambda one: float(one.result != record.FAILED)),
    (
        "a4p_refresh_success_timestamp_seconds",
        "When the last refresh that did not fail ended.",
        lambda one: one.succeeded.timestamp() if one.succeeded else None,
    ),
    (
        "a4p_release_number",
        "Number of the release that readers are led to.",
        lambda one: float(one.release.removeprefix("r")) if one.release else None,
    ),
    ("a4p_release_final", "1 where that release is final, 0 where it is provisional.", _final),
    (
        "a4p_release_missing",
        "Required sources, and missions, of which something is missing.",
        lambda one: float(one.missing) if one.succeeded else None,
    ),
)
_BY_SOURCE: tuple[tuple[str, str, str, tuple[str, ...], Callable[[Record], ByKind]], ...] = (
    ("a4p_rows", "Rows by what became of them.", "state", ("read", "staged", "quarantined"), lambda one: one.rows),
    (
        "a4p_findings",
        "Findings that are not waived.",
        "severity",
        SEVERITIES,
        lambda one: one.findings,
    ),
    (
        "a4p_submissions",
        "Files by what became of them.",
        "status",
        ("accepted", "refused", "superseded", "withdrawn"),
        lambda one: one.submissions,
    ),
)


class _Records(Collector):
    """The metrics of records, which are asked for anew each time."""

    def __init__(self, records: Callable[[], Sequence[Record]]) -> None:
        self.records = records

    def collect(self) -> Iterator[Metric]:
        readable = GaugeMetricFamily("a4p_store_readable", "1 where the private store could be read for these metrics.")
        try:
            records, found = self.records(), 1.0
        except StoreError:
            records, found = [], 0.0
        readable.add_metric([], found)
        yield readable
        yield from families(records)

    def describe(self) -> Iterator[Metric]:
        # nothing: to ask the store needs not be possible at the start
        return iter(())


def _registry(records: Callable[[], Sequence[Record]]) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Records(records))
    return registry


def write(path: str, records: Sequence[Record]) -> None:
    """Write the metrics of records into a file for node_exporter's textfile collector, whole or not at all."""
    try:
        write_to_textfile(path, _registry(lambda: records))
    except OSError as error:
        logs.warn(
            "metrics.failed",
            f"The metrics could not be written to {path} ({error.strerror}); correct A4P_METRICS_FILE.",
        )


@contextmanager
def served(settings: Settings, private: Store) -> Iterator[None]:
    """Offer the metrics over HTTP for as long as the block runs, where the settings name a port.

    Raises StoreError where the port cannot be used.
    """
    if settings.metrics_port is None:
        yield
        return
    try:
        server, thread = start_http_server(
            settings.metrics_port, settings.metrics_host, _registry(lambda: record.every(private))
        )
    except OSError as error:
        raise StoreError(
            f"The metrics cannot be offered at {settings.metrics_host}:{settings.metrics_port} ({error.strerror}); "
            "set another A4P_METRICS_PORT."
        ) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
