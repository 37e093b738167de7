"""A refresh as OpenLineage tells it: a run of the refresh, and in it a run for each source table and curated table.

    refresh.cycle-05                  raw files -> release
    refresh.cycle-05.check.noticas    raw files of the source -> accepted rows, rows in quarantine; which rules failed
    refresh.cycle-05.curate.figures   accepted rows -> table of the release

Needs the extra `openlineage`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import cached_property
from importlib.metadata import version

import polars as pl
from openlineage.client import event_v2 as events
from openlineage.client.event_v2 import InputDataset, OutputDataset, RunState
from openlineage.client.facet_v2 import (
    JobFacet,
    RunFacet,
    documentation_job,
    error_message_run,
    job_type_job,
    nominal_time_run,
    parent_run,
    processing_engine_run,
    set_producer,
)
from openlineage.client.uuid import generate_new_uuid

from config import Cycle
from flows.core import logs
from flows.core.records import Curated, GatedTable, Published, ReadSubmission, Release, Submission
from flows.core.steps import Kind, Phase, StepId
from flows.documents import dictionary
from flows.refresh.watching import datasets
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
from flows.refresh.watching.sending import Sender
from flows.releases.make import lineage as making
from flows.stores import frames
from flows.stores.keyed import Keyed, keyed
from transforms import catalogue


class Lineage:
    """Tells OpenLineage of a run."""

    def __init__(self, run: Run, to: str) -> None:
        set_producer(f"urn:a4p-pipeline:{version('a4p-pipeline')}")
        self.run, self.sender = run, Sender(to)
        self.job = f"refresh.{run.cycle.folder}"
        self.children: dict[StepId, str] = {}
        self.submissions: dict[str, Submission] = {}
        self.curated: Curated | None = None
        self.curated_from: datetime | None = None

    @cached_property
    def keyed(self) -> Keyed:
        """What gives the keyed hashes of the private store."""
        return keyed(self.run.places.private)

    def __call__(self, event: Event) -> None:
        """Tell of an event."""
        match event:
            case Began():
                self._refresh(RunState.START, event.at)
            case StepBegan() if _is_check(event.step):
                self.children[event.step] = str(generate_new_uuid())
                self._check(RunState.START, event)
            case StepBegan() if event.step.phase == Phase.MAKE and self.curated_from is None:
                self.curated_from = event.at
            case StepEnded() if event.step.phase != Phase.PREVIOUS:
                self._step_ended(event)
            case StepFailed() if event.step in self.children:
                self._check(RunState.FAIL, event, error=event.error)
            case Ended():
                self._ended(event)
            case Failed():
                self._refresh(RunState.FAIL, event.at, error=event.error)
                self.sender.close()

    def _step_ended(self, event: StepEnded) -> None:
        match event.result:
            case GatedTable() as gated if event.step in self.children:
                self._check(RunState.COMPLETE, event, *self._gated(gated))
            case Curated() as curated if event.step.phase != Phase.PREVIOUS:
                self.curated = curated
            case list() as several:
                for one in several:
                    if isinstance(one, Submission):
                        self.submissions.setdefault(one.file, one)
                    elif isinstance(one, ReadSubmission):
                        self.submissions[one.submission.file] = one.submission

    def _gated(self, gated: GatedTable) -> tuple[list[InputDataset], list[OutputDataset]]:
        config, private = self.run.config, self.run.places.private
        findings = frames.scan(private, gated.findings).filter(pl.col("waived").is_null()).collect()
        # one a slot; where a refused file's predecessor took its place it comes later
        read = {
            (one.source, one.mission): datasets.raw(
                one, private, self.keyed, gated.rows[file][0], findings.filter(pl.col("file") == file)
            )
            for file in gated.rows
            if (one := self.submissions.get(file))
        }
        staged, quarantined = (sum(rows[at] for rows in gated.rows.values()) for at in (1, 2))
        return list(read.values()), [
            datasets.gated(gated.table, "staged", gated.staged, staged, config, private, self.keyed),
            datasets.gated(gated.table, "quarantine", gated.quarantine, quarantined, config, private, self.keyed),
        ]

    def _ended(self, event: Ended) -> None:
        published = event.published
        outputs = []
        if published.release:
            self._curated(event, published.release)
            outputs = [datasets.whole_release(published.release, self.run.places.public, self.run.cycle)]
        self._refresh(RunState.COMPLETE, event.at, list(self._used(published)), outputs)
        self.sender.close()

    def _used(self, published: Published) -> Sequence[InputDataset]:
        rows = published.submissions.group_by("file").agg(pl.col("rows_read").sum()).iter_rows()
        by_file = {file: count for file, count in rows if file in self.submissions}
        slots = {}
        for file, count in sorted(by_file.items(), key=lambda item: self.submissions[item[0]].received_at):
            one = self.submissions[file]
            slots[one.source, one.mission] = datasets.raw(one, self.run.places.private, self.keyed, count)
        return list(slots.values())

    def _curated(self, event: Ended, release: Release) -> None:
        """Tell of each table of the release; all of them are made together."""
        config, places, cycle = self.run.config, self.run.places, self.run.cycle
        staged: dict[str, str] = making.read(release.descriptor, places.private)["staged"]
        of_figures = {table for figure in config.figures.values() for table in catalogue.staged_for(figure.table)}
        entries = dictionary.entries()
        tables = [
            one["path"][len("tables/") : -len(".parquet")] for one in release.descriptor["resources"] if _is_table(one)
        ]
        for table in tables:
            needed = of_figures if table not in catalogue.tables() else catalogue.staged_for(table)
            inputs = [
                datasets.staged(name, staged[name], config, places.private, self.keyed)
                for name in sorted(needed)
                if name in staged
            ]
            output = datasets.released(table, release, entries[table], places.public, cycle, self._rows(table))
            run, name = str(generate_new_uuid()), f"{self.job}.curate.{table}"
            text = entries[table].description
            self._tell(RunState.START, self.curated_from or event.at, run, name, text)
            self._tell(RunState.COMPLETE, event.at, run, name, text, inputs, [output])

    def _rows(self, table: str) -> int | None:
        path = self.curated.tables.get(table) if self.curated else None
        if path is None:
            return None
        return int(frames.scan(self.run.places.private, path).select(pl.len()).collect().item())

    def _check(
        self,
        state: RunState,
        event: StepBegan | StepEnded | StepFailed,
        inputs: Sequence[InputDataset] = (),
        outputs: Sequence[OutputDataset] = (),
        error: BaseException | None = None,
    ) -> None:
        table = str(event.step.table)
        text = f"Holds the rows of {table} against the contract of {event.step.source} and its rules."
        name = f"{self.job}.check.{table}"
        self._tell(state, event.at, self.children[event.step], name, text, inputs, outputs, error)

    def _refresh(
        self,
        state: RunState,
        at: datetime,
        inputs: Sequence[InputDataset] = (),
        outputs: Sequence[OutputDataset] = (),
        error: BaseException | None = None,
    ) -> None:
        text = "Pulls the raw files of a cycle, checks them, makes the tables and publishes a release."
        self._tell(state, at, self.run.id, self.job, text, inputs, outputs, error)

    def _tell(
        self,
        state: RunState,
        at: datetime,
        run: str,
        job: str,
        text: str,
        inputs: Sequence[InputDataset] = (),
        outputs: Sequence[OutputDataset] = (),
        error: BaseException | None = None,
    ) -> None:
        namespace = self.run.settings.openlineage_namespace
        whole = run == self.run.id
        of_run: dict[str, RunFacet] = {
            "nominalTime": _nominal(self.run.cycle),
            "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
                version("polars"), "polars", version("a4p-pipeline")
            ),
        }
        if not whole:
            of_run["parent"] = parent_run.ParentRunFacet(
                parent_run.Run(self.run.id), parent_run.Job(namespace, self.job)
            )
        if error is not None:
            said = logs.failure(error)
            message = said.get("says", f"A mistake of the pipeline ({said['error']}).")
            of_run["errorMessage"] = error_message_run.ErrorMessageRunFacet(message, "PYTHON")
        of_job: dict[str, JobFacet] = {
            "jobType": job_type_job.JobTypeJobFacet("BATCH", "A4P", "JOB" if whole else "TASK"),
            "documentation": documentation_job.DocumentationJobFacet(text),
        }
        self.sender.send(
            events.RunEvent(
                eventTime=at.isoformat(),
                eventType=state,
                run=events.Run(run, of_run),
                job=events.Job(namespace, job, of_job),
                inputs=list(inputs),
                outputs=list(outputs),
            )
        )


def _nominal(cycle: Cycle) -> nominal_time_run.NominalTimeRunFacet:
    start, end = (
        datetime.combine(day, at, UTC).isoformat() for day, at in ((cycle.start, time.min), (cycle.end, time.max))
    )
    return nominal_time_run.NominalTimeRunFacet(start, end)


def _is_check(step: StepId) -> bool:
    return step.kind is Kind.CHECK_TABLE and step.earlier is None


def _is_table(resource: dict[str, object]) -> bool:
    path = str(resource["path"])
    return path.startswith("tables/") and path.endswith(".parquet")
