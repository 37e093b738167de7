"""The refresh as a Prefect flow whose tasks are its steps: one a source table, so that the UI reads like the story.

Import this only after prefect_server.environment is set: importing Prefect makes its home folder.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any

from prefect import flow
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.runtime import flow_run
from prefect.utilities.urls import url_for
from pydantic import Field

from config import Config, load
from flows import alerts, events, logs, settings, summary, tasks, watching
from flows.alerts import channels
from flows.alerts.letter import Letter
from flows.places import places_of
from flows.publish import Published
from flows.refresh import refresh


@flow(name="refresh", flow_run_name="cycle {cycle}", validate_parameters=True)
def refresh_cycle(
    cycle: Annotated[int, Field(description="Number of the reporting cycle")],
    inbox: Annotated[str | None, Field(description="Folder or bucket with the raw files")] = None,
    as_of: Annotated[date | None, Field(description="Count only what is dated up to this day")] = None,
    sources: Annotated[list[str], Field(description="Pull only these sources anew; all where empty")] = [],  # noqa: B006
    full: Annotated[
        bool, Field(description="Work everything out anew, also what is kept from refreshes before")
    ] = False,
) -> Published:
    """Pull the raw files of a cycle, check them, curate the tables and publish a release."""
    config = load()
    progress = Progress(cycle, steps=steps_of(config))
    asked = settings.load()
    places = replace(places_of(asked, inbox), anew=full)

    def run(watch: watching.Watching) -> Published:
        with tasks.steps(asked, places, progress.of) as step:
            return refresh(config.cycle(cycle), places, config, watch.steps(step), as_of, tuple(sources))

    published = watching.watched(
        watching.Run(config.cycle(cycle), config, asked, places, str(flow_run.id)),
        run,
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
    config, asked = load(), settings.load()
    logs.set_up(asked)
    outcome = alerts.send(config.cycle(cycle), places_of(asked).private, config, datetime.now(UTC), os.environ)
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

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Show a step while it works, and count it once it is done."""
        yield
        self.made += 1
        update_progress_artifact(artifact_id=self.artifact, progress=min(99.0, 100 * self.made / self.steps))

    def done(self) -> None:
        """Show the run as done."""
        update_progress_artifact(artifact_id=self.artifact, progress=100.0)


def steps_of(config: Config) -> int:
    """Return how many steps a refresh has where every source sent a file: pull and read each, check each table."""
    return 2 * len(config.contracts) + sum(len(contract.tables) for contract in config.contracts.values()) + 4


def quiet() -> None:
    """Leave Prefect's own log lines to its UI; the terminal shows the summary."""
    for name in ("prefect", "prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).setLevel(logging.WARNING)
