"""The refresh as a Prefect flow whose tasks are its steps: one a source table, so that the UI reads like the story.

Import this only after prefect_server.environment is set: importing Prefect makes its home folder.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from prefect import flow, task
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from pydantic import Field

from config import Config, load
from flows import settings, summary
from flows.places import places_of
from flows.progress import shown
from flows.publish import Published
from flows.refresh import Step, refresh
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
    return 2 * len(config.contracts) + sum(len(contract.tables) for contract in config.contracts.values()) + 4


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

    return step


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
