"""The refresh as a Prefect flow whose tasks are its steps: one a source table, so that the UI reads like the story.

Import this only after prefect_server.environment is set: importing Prefect makes its home folder.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from prefect import flow, task
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.utilities.urls import url_for
from pydantic import Field

from config import Config, load
from flows import alerts, events, settings, summary
from flows.alerts import channels
from flows.alerts.letter import Letter
from flows.places import places_of
from flows.progress import shown
from flows.publish import Published
from flows.refresh import refresh
from flows.steps import InTurn, Step
from flows.store import Unanswered

T = TypeVar("T")
RETRY_WAITS_S = [1.0, 5.0, 20.0]


@flow(name="refresh", flow_run_name="cycle {cycle}", validate_parameters=True)
def refresh_cycle(
    cycle: Annotated[int, Field(description="Number of the reporting cycle")],
    inbox: Annotated[str | None, Field(description="Folder or bucket with the raw files")] = None,
    as_of: Annotated[date | None, Field(description="Count only what is dated up to this day")] = None,
    sources: Annotated[list[str], Field(description="Pull only these sources anew; all where empty")] = [],  # noqa: B006
) -> Published:
    """Pull the raw files of a cycle, check them, curate the tables and publish a release."""
    config = load()
    progress = Progress(cycle, steps=steps_of(config))
    published = refresh(
        config.cycle(cycle), places_of(settings.load(), inbox), config, as_task(progress), as_of, tuple(sources)
    )
    progress.done()
    events.emit(published, config, config.cycle(cycle))
    create_markdown_artifact(
        key=f"refresh-cycle-{cycle}",
        markdown=summary.as_markdown(published, config.cycle(cycle), config),
        description="What was read, refused and published",
    )
    if published.report_uri:
        create_link_artifact(
            key=f"release-cycle-{cycle}", link=published.report_uri, description="The release's report"
        )
    return published


@flow(name="tell-sources", flow_run_name="cycle {cycle}", validate_parameters=True)
def tell_sources(cycle: Annotated[int, Field(description="Number of the reporting cycle")]) -> int:
    """Send each source what it is to be told of its files after the last refresh, as `a4p alerts --send` does.

    Returns how many messages went out. What was told once is not told again.
    """
    config = load()
    outcome = alerts.send(
        config.cycle(cycle), places_of(settings.load()).private, config, datetime.now(UTC), os.environ
    )
    outcome.check()
    return len(outcome.sent)


@flow(name="tell-coordinator", validate_parameters=True)
def tell_coordinator(run: Annotated[str, Field(description="Identifier of the run that failed")]) -> int:
    """Tell the channels of `on_failure` in config/alerts.yaml that a refresh failed; returns how many there are."""
    config = load()
    address = url_for("flow-run", obj_id=run.removeprefix("prefect.flow-run."))
    said = config.messages.labels
    language = config.alerts.language
    letter = Letter(
        said["refresh_failed"].text(language), [said["refresh_failed_at"].text(language).format(at=address)], language
    )
    for name in config.alerts.on_failure:
        channels.send(name, config.alerts.channels[name], letter, (), os.environ)
    return len(config.alerts.on_failure)


class Progress:
    """The progress artifact of a run."""

    def __init__(self, cycle: int, steps: int) -> None:
        self.made, self.steps = 0, steps
        self.artifact: Any = create_progress_artifact(
            progress=0.0, key=f"progress-cycle-{cycle}", description="How far the refresh is"
        )

    def step(self) -> None:
        """Count one more step as done."""
        self.made += 1
        update_progress_artifact(artifact_id=self.artifact, progress=min(99.0, 100 * self.made / self.steps))

    def done(self) -> None:
        """Show the run as done."""
        update_progress_artifact(artifact_id=self.artifact, progress=100.0)


def steps_of(config: Config) -> int:
    """Return how many steps a refresh has where every source sent a file: pull and read each, check each table."""
    return 2 * len(config.contracts) + sum(len(contract.tables) for contract in config.contracts.values()) + 5


def as_task(progress: Progress) -> Step:
    """Return the way to run a step as a Prefect task."""

    def step(name: str, do: Callable[..., T], /, *args: Any) -> T:
        # the arguments stay out of Prefect, which would look through each of them and record what it can
        @task(
            name=name,
            task_run_name=name,
            retries=len(RETRY_WAITS_S),
            retry_delay_seconds=RETRY_WAITS_S,
            retry_condition_fn=_network_failed,
            persist_result=False,
            cache_policy=NO_CACHE,
        )
        def run() -> T:
            return do(*args)

        with shown(name):
            result = run()
            progress.step()
        return result

    return InTurn(step)


def _network_failed(_task: Any, _run: Any, state: Any) -> bool:
    """Tell whether a task failed for a reason that may pass: nothing else is tried again."""
    try:
        state.result()
    except Exception as error:
        return isinstance(error, Unanswered)
    return False


def quiet() -> None:
    """Leave Prefect's own log lines to its UI; the terminal shows the summary."""
    for name in ("prefect", "prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).setLevel(logging.WARNING)
