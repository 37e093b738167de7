"""The refresh as a Prefect flow whose tasks are its steps: one a source table, so that the UI reads like the story.

Import this only after prefect_server.environment is set: importing Prefect makes its home folder.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from prefect import flow, runtime
from prefect.artifacts import create_markdown_artifact
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed, Failed
from prefect.utilities.urls import url_for

from config import Config, Cycle, load
from config.schedules import Which
from flows.core import logs, settings, visible
from flows.core.errors import StoreError
from flows.core.for_readers import ForReaders
from flows.core.records import Published
from flows.core.steps import StepId
from flows.core.within import within
from flows.core.wording import moment
from flows.feedback import alerts
from flows.feedback.alerts import channels
from flows.feedback.alerts.letter import Letter
from flows.intake.receive import news as inbox_folder
from flows.orchestration import artifacts as run_story
from flows.orchestration import automations, progress, run_log, slots, tasks, this_run
from flows.orchestration.choices import CycleNumber, SourceName
from flows.refresh import watching
from flows.refresh.story import NothingSent, refresh
from flows.releases import news
from flows.stores import Store, holding, turns
from flows.stores.from_settings import places_of


def _run_name() -> str:
    """Name a run as people speak of it: `cycle 5`, `cycle 5, nightly`."""
    config, given = load(), runtime.flow_run.parameters
    number = given.get("cycle") or this_run.number_of(config, given.get("which", "ended"))
    name = runtime.deployment.name
    closing = ["closing release"] if "closing" in runtime.flow_run.flow_name else []
    said = closing or ([name.replace("-", " ")] if name else [])
    return ", ".join([f"cycle {number}" if number else "nothing to collect", *said])


@flow(name="refresh", flow_run_name=_run_name, validate_parameters=True, **progress.HOOKS)
def refresh_cycle(
    cycle: CycleNumber | None = None,
    inbox: str | None = None,
    as_of: date | None = None,
    sources: list[SourceName] = [],  # noqa: B006
    which: Which = "ended",
    full: bool = False,
) -> Any:
    """Pull the raw files of a cycle, check them, curate the tables and publish a release.

    Args:
        cycle: Number of the reporting cycle; worked out from the day of the run where there is none.
        inbox: Folder or bucket with the raw files; the setting A4P_INBOX_URI where there is none.
        as_of: Count only what is dated up to this day; everything where there is none.
        sources: Pull only these sources anew, and use the others as they were last pulled; all of them where empty.
        which: Where no cycle is given, running is the one that the day of the run falls in; collecting the last one
            that ended, as long as its files are collected; ended the last one that ended.
        full: Work everything out anew, also what is kept from refreshes before.

    """
    config = load()
    newer = this_run.newer_run()
    if newer:
        why = f"Missed; the run that was due on {moment(this_run.due_at(newer))} does the work."
        _log(why)
        return Cancelled(message=why)
    chosen = this_run.cycle_of(config, which) if cycle is None else config.cycle(cycle)
    if chosen is None:
        why = this_run.nothing_to_collect(config)
        _log(why)
        return Completed(message=why)
    for source in sources:
        config.contract(source)
    try:
        with slots.held("refresh", chosen):
            return _refresh(chosen, config, inbox, as_of, tuple(sources), full=full)
    except NothingSent as nothing:
        if cycle is not None:
            raise
        return Completed(message=f"Nothing to refresh yet. {nothing}")


@flow(name="closing-release", flow_run_name=_run_name, validate_parameters=True, **progress.HOOKS)
def closing_release(as_of: date, cycle: CycleNumber | None = None) -> Any:
    """Refresh a cycle for the last time: the run fails, and says what is missing, where the release is not final.

    The release is published in any case. Final is one for which every required source is in and no critical finding
    is open.

    Args:
        as_of: Count only what is dated up to this day.
        cycle: Number of the reporting cycle; the last one that ended where there is none.

    """
    config = load()
    chosen = this_run.cycle_of(config, "ended") if cycle is None else config.cycle(cycle)
    assert chosen
    with slots.held("refresh", chosen):
        published = _refresh(chosen, config, None, as_of, ())
    if published.status == "final" and published.release:
        return published
    name = f"{published.release.name} is published, but provisional" if published.release else "Nothing was published"
    why = " ".join(run_story.open_points(published))
    message = visible.in_line(f"Not the closing release of cycle {chosen.number}: {name}. {why}")
    get_run_logger().error(message)
    return Failed(message=message)


def _refresh(
    cycle: Cycle,
    config: Config,
    inbox: str | None,
    as_of: date | None,
    sources: tuple[str, ...],
    *,
    full: bool = False,
) -> Published:
    """Refresh a cycle when its turn comes, and show what came of it in Prefect's UI."""
    config, given = config.of_cycle(cycle.number), settings.load()
    places = replace(places_of(given, inbox), anew=full)
    shows = progress.Progress(cycle.number)

    def run(watch: watching.Watching) -> Published:
        @contextmanager
        def shown(step: StepId) -> Iterator[None]:
            with watch.of(step), shows.of(step):
                yield

        # each step has its own limit; many steps that are slow have this one, so that the next run gets its turn
        too_long = within(given.flow_limit_s, f"The refresh of cycle {cycle.number}")
        with too_long, tasks.steps(given, places, shown) as runner:
            return refresh(cycle, places, config, watch.steps(runner), as_of, sources)

    with turns.turn(places.public, cycle, f"Prefect's run {runtime.flow_run.name}", shows.waits):
        if not sources and not as_of and not inbox:
            # before it is read, lest a look at the inbox meanwhile takes the same files for new
            inbox_folder.note(places.private, cycle, inbox_folder.look(places.inbox, config, cycle))
        # with Dask other processes write into the same places
        with nullcontext() if given.runner == "dask" else holding(places.private, places.public, cycle.folder):
            published = watching.watched(
                watching.Run(cycle, config, given, places, str(runtime.flow_run.id)), run, shows.expected
            )
    shows.done()
    automations.emit(published, config, cycle)
    _show(published, cycle, config, places.public, given.public_url)
    _log(*run_story.in_short(published, cycle))
    return published


def _log(*sentences: str) -> None:
    """Write the run's log in the UI; a run at a terminal has the summary there."""
    if runtime.deployment.id:
        logging.getLogger("prefect.flow_runs").setLevel(logging.INFO)
    for sentence in sentences:
        get_run_logger().info(visible.in_line(sentence))


def _show(published: Published, cycle: Cycle, config: Config, public: Store, public_url: str | None) -> None:
    """Leave what came of a run as artifacts: they stand on its page, and each is kept by cycle."""
    link = run_story.web_address(published.report_uri, public_url, public)
    of = f"cycle-{cycle.number}"
    shown = {
        f"release-{of}": ("The release, and what it lacks to be final", run_story.release(published, cycle, link)),
        f"sources-{of}": (
            "Who sent what: received, late, refused",
            run_story.sources(published, cycle, config, datetime.now(UTC).date()),
        ),
        f"findings-{of}": ("What was found, by source", run_story.findings(published, cycle, config)),
        f"changes-{of}": (
            "What changed since the release before",
            run_story.changes(published, public, cycle, config),
        ),
    }
    for key, (description, said) in shown.items():
        if said:
            create_markdown_artifact(key=key, markdown=said, description=description)


@flow(name="tell-sources", flow_run_name="cycle {cycle}", validate_parameters=True)
def tell_sources(cycle: CycleNumber) -> int:
    """Send each source what it is to be told of its files after the last refresh, as `a4p alerts --send` does.

    Readers who asked for it are told of releases and withdrawals.

    Returns how many messages went out. What was told once is not told again.

    Args:
        cycle: Number of the reporting cycle.

    """
    config, asked = load().of_cycle(cycle), settings.load()
    logs.set_up(asked)
    period, places, now = config.cycle(cycle), places_of(asked), datetime.now(UTC)

    def for_readers(known: str | None) -> ForReaders | None:
        return news.for_readers(known, period, config, places.public, asked.public_url)

    with slots.held("tell", period), within(asked.flow_limit_s, f"Telling the sources of cycle {cycle}"):
        outcome = alerts.send(period, places.private, config, now, os.environ)
        told = alerts.readers.send(period, places.private, config, for_readers, now, os.environ)
    outcome = outcome.with_readers(*told)
    outcome.check()
    return len(outcome.sent) + len(outcome.to_readers)


@flow(name="tell-coordinator", flow_run_name="a refresh failed", validate_parameters=True)
def tell_coordinator(run: str) -> int:
    """Tell the channels of `on_failure` in config/alerts.yaml that a refresh failed; returns how many there are.

    Args:
        run: Identifier of the run that failed.

    """
    config = load()
    address = url_for("flow-run", obj_id=run.removeprefix("prefect.flow-run."))
    said = config.messages.labels
    language = config.alerts.language
    letter = Letter(
        said["refresh_failed"].text(language), [said["refresh_failed_at"].text(language).format(at=address)], language
    )
    failures = []
    with within(settings.load().flow_limit_s, "Telling the coordinator"):
        for name in config.alerts.on_failure:
            try:
                channels.send(name, config.alerts.channels[name], letter, (), os.environ)
            except StoreError as error:
                failures.append(str(error))
    if failures:
        raise StoreError("\n".join(failures))
    return len(config.alerts.on_failure)


def quiet() -> None:
    """Leave Prefect's own log lines to its UI; the terminal shows the summary."""
    for name in ("prefect", "prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # adding a filter again leaves the one that is there
    logging.getLogger("prefect.events.utilities").addFilter(_takes_no_more)


def _takes_no_more(record: logging.LogRecord) -> bool:
    """Say without a traceback that the server takes no more events of a run; the run itself goes on."""
    record.msg = f"{record.getMessage()}. The Prefect server takes none any more; its automations may not start."
    record.args, record.exc_info = None, None
    return True


run_log.in_sentences()
