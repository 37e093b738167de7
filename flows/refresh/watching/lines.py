"""The log of a refresh: run, steps, submissions, tables, release."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flows.core import logs
from flows.core.counted_up_to import of_sources
from flows.core.records import Curated, GatedTable, JudgedFiles, News, Published, ReadSubmission, Submission
from flows.core.steps import Phase, StepId
from flows.refresh.watching import numbers
from flows.refresh.watching.run import (
    Began,
    Ended,
    Event,
    Failed,
    Run,
    StepBegan,
    StepEnded,
    StepFailed,
)
from flows.stores.keyed import Keyed, keyed


@dataclass(frozen=True)
class Lines:
    """Logs what happens in a run."""

    run: Run

    def __call__(self, event: Event) -> None:
        """Log an event."""
        match event:
            case Began():
                self._log("run.started", expected_steps=len(event.expected))
            case StepBegan():
                self._log("step.started", **_of(event.step))
            case StepEnded():
                self._log("step.ended", **_of(event.step), **_seconds(event.seconds), **_counts(event.result))
                if event.step.phase != Phase.PREVIOUS:
                    for submission in self._read(event.result):
                        self._log("submission.read", **submission)
            case StepFailed():
                failure = logs.failure(event.error)
                self._log("step.failed", logging.ERROR, **_of(event.step), **_seconds(event.seconds), **failure)
            case Ended():
                self._ended(event)
            case Failed():
                failure = logs.failure(event.error)
                self._log("run.failed", logging.ERROR, **_seconds(event.seconds), **failure)

    def _ended(self, event: Ended) -> None:
        published = event.published
        for file in numbers.files(published, self._keyed):
            self._log("submission.judged", **file)
        for table in numbers.tables(published):
            self._log("table.checked", **table)
        said = _release(published)
        self._log("release.published" if published.new else "release.unchanged" if said else "release.none", **said)
        self._log(
            "run.ended",
            **_seconds(event.seconds),
            **said,
            new=published.new,
            missing=len(of_sources(published.missing)),
        )

    @cached_property
    def _keyed(self) -> Keyed:
        return keyed(self.run.places.private)

    def _read(self, result: Any) -> list[dict[str, Any]]:
        if not (isinstance(result, list) and _all_of(result, ReadSubmission)):
            return []
        return [
            {
                "source": one.submission.source,
                "mission": one.submission.mission,
                "submission": logs.short(self._keyed(one.submission.sha256)),
                "bytes": one.submission.size,
                "rows_read": sum(table.rows for table in one.found.tables.values()),
                "problem": one.found.problem,
            }
            for one in result
        ]

    def _log(self, name: str, level: int = logging.INFO, **fields: Any) -> None:
        logs.event(name, level, run=self.run.id, cycle=self.run.cycle.number, **fields)


def _of(step: StepId) -> dict[str, Any]:
    return {"step": step.name, "kind": step.phase, "source": step.source, "table": step.table}


def _seconds(seconds: float) -> dict[str, Any]:
    return {"seconds": round(seconds, 3)}


def _release(published: Published) -> dict[str, Any]:
    return {"release": published.release.name, "status": published.status} if published.release else {}


def _counts(result: Any) -> dict[str, Any]:
    match result:
        case GatedTable():
            read, staged, quarantined = (sum(rows[at] for rows in result.rows.values()) for at in range(3))
            return {"rows_read": read, "rows_staged": staged, "rows_quarantined": quarantined}
        case JudgedFiles():
            return {"files_refused": len(result.refused), "tables_refused": len(result.refused_tables)}
        case Curated():
            return {"tables": len(result.tables)}
        case News():
            return {"newly_refused": len(result.refused), "newly_late": len(result.late)}
        case list() if _all_of(result, Submission | ReadSubmission):
            return {"files": len(result)}
    return {}


def _all_of(result: Sequence[Any], kind: Any) -> bool:
    return all(isinstance(one, kind) for one in result)
