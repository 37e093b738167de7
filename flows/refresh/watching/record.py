"""What is kept of the last refresh of each cycle, in the private store: from it comes what is expected, and metrics.

runs/cycle-05.json
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import TypeAdapter

from config import Cycle
from flows.core.counted_up_to import of_sources
from flows.core.errors import NotThere, StoreError
from flows.refresh.watching import numbers
from flows.refresh.watching.numbers import ByKind
from flows.refresh.watching.run import Ended, Event, Failed, Run, StepEnded
from flows.stores import Store, checked
from flows.stores.checked import Damaged

_FOLDER = "runs"
PUBLISHED, UNCHANGED, NOTHING, FAILED = "published", "unchanged", "nothing", "failed"


@dataclass(frozen=True)
class StepTime:
    """How many seconds the steps of a kind took together, of one source where they are one's."""

    kind: str
    source: str
    seconds: float


@dataclass(frozen=True)
class Record:
    """The last refresh of a cycle.

    `result` is published, unchanged, nothing (nothing could be published) or failed; `runs` counts all there were by
    it. `durations` are the seconds of each step by name, `steps` those of the last run. What was found is of the last
    refresh that did not fail.
    """

    cycle: int
    run: str
    ended: datetime
    seconds: float
    result: str
    error: str | None = None
    succeeded: datetime | None = None
    release: str | None = None
    status: str | None = None
    missing: int = 0
    runs: dict[str, int] = field(default_factory=dict)
    durations: dict[str, float] = field(default_factory=dict)
    steps: tuple[StepTime, ...] = ()
    rows: ByKind = field(default_factory=dict)
    findings: ByKind = field(default_factory=dict)
    submissions: ByKind = field(default_factory=dict)


_RECORD = TypeAdapter(Record)


def load(private: Store, cycle: Cycle) -> Record | None:
    """Return the record of a cycle's last refresh; None where there is none that can be read."""
    with suppress(NotThere, Damaged):
        return checked.read_json(private, _path(cycle), _RECORD)
    return None


def every(private: Store) -> list[Record]:
    """Return the records of all cycles that were refreshed. Raises StoreError where the store fails."""
    found = []
    for entry in private.entries(_FOLDER):
        with suppress(Damaged):
            found.append(checked.read_json(private, entry.path, _RECORD))
    return sorted(found, key=lambda record: record.cycle)


def save(private: Store, cycle: Cycle, record: Record) -> None:
    """Replace the record of a cycle. Raises StoreError where the store fails."""
    checked.write_json(private, _path(cycle), _RECORD.dump_json(record, indent=2))


def after(event: Ended | Failed, before: Record | None, run: Run, steps: list[StepEnded]) -> Record:
    """Return the record of a run that has ended; `before` is that of the one before it."""
    seconds: dict[tuple[str, str], float] = {}
    for ended in steps:
        key = (ended.step.phase, ended.step.source or "")
        seconds[key] = seconds.get(key, 0.0) + ended.seconds
    result = _result(event)
    counted = dict(before.runs) if before else {}
    record = replace(
        before or Record(run.cycle.number, run.id, event.at, event.seconds, result),
        run=run.id,
        ended=event.at,
        seconds=event.seconds,
        result=result,
        error=type(event.error).__name__ if isinstance(event, Failed) else None,
        runs={**counted, result: counted.get(result, 0) + 1},
        durations={**(before.durations if before else {}), **{ended.step.name: ended.seconds for ended in steps}},
        steps=tuple(StepTime(kind, source, total) for (kind, source), total in seconds.items()),
    )
    if isinstance(event, Failed):
        return record
    published = event.published
    return replace(
        record,
        succeeded=event.at,
        release=published.release.name if published.release else record.release,
        status=published.status if published.release else record.status,
        missing=len(of_sources(published.missing)),
        rows=numbers.rows(published),
        findings=numbers.findings(published),
        submissions=numbers.submissions(published),
    )


class Recorder:
    """Keeps the record of a run, and hands it on to who makes metrics of it."""

    def __init__(self, run: Run, before: Record | None) -> None:
        self.run, self.before = run, before
        self.steps: list[StepEnded] = []

    def __call__(self, event: Event) -> None:
        """Note how long steps take; at the end keep it all."""
        if isinstance(event, StepEnded):
            # what a step returned is not needed, and may be large
            self.steps.append(replace(event, result=None))
        elif isinstance(event, Ended | Failed):
            record = after(event, self.before, self.run, self.steps)
            others: list[Record] = []
            with suppress(StoreError):
                save(self.run.places.private, self.run.cycle, record)
                others = [one for one in every(self.run.places.private) if one.cycle != record.cycle]
            if self.run.settings.metrics_file:
                from flows.refresh.watching import metrics

                metrics.write(self.run.settings.metrics_file, [*others, record])


def _result(event: Ended | Failed) -> str:
    if isinstance(event, Failed):
        return FAILED
    if event.published.release is None:
        return NOTHING
    return PUBLISHED if event.published.new else UNCHANGED


def _path(cycle: Cycle) -> str:
    return f"{_FOLDER}/{cycle.folder}.json"
