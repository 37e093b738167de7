"""A run that Prefect's schedule started: which cycle it is for, and whether a later one makes it needless.

Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import FlowRunContext

from config import Config, ConfigError, Cycle
from config.schedules import Which
from flows.core.wording import day

_WAITING_OR_DONE = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.COMPLETED]


def day_of_run(config: Config) -> date:
    """Return the day that a run was scheduled for, in the time zone of the schedules."""
    at: datetime = runtime.flow_run.scheduled_start_time or datetime.now(UTC)
    return at.astimezone(ZoneInfo(config.schedules.timezone)).date()


def cycle_of(config: Config, which: Which) -> Cycle | None:
    """Return the cycle that a run without a number is for; None where nothing is being collected."""
    return config.schedules.cycle(which, day_of_run(config), config.cycles)


def number_of(config: Config, which: Which) -> int | None:
    """Return the number of the cycle that a run without a number is for, where there is one."""
    try:
        cycle = cycle_of(config, which)
    except ConfigError:  # said by the run itself
        return None
    return cycle.number if cycle else None


def nothing_to_collect(config: Config) -> str:
    """Say why there is nothing to collect on the day of this run."""
    last = cycle_of(config, "ended")
    assert last
    until = config.schedules.last_day(last)
    return (
        f"Nothing to collect: files of cycle {last.number} were collected until {day(until)}, and the "
        "next cycle has not ended yet."
    )


def newer_run() -> FlowRun | None:
    """Return the last run of the same schedule that is due by now, where it comes after this one.

    After nights on which nothing ran, all of them are due: the last does the work, the others end at once.
    """
    context = FlowRunContext.get()
    mine = context.flow_run if context else None
    if mine is None or not mine.auto_scheduled or mine.deployment_id is None or mine.expected_start_time is None:
        return None
    with get_client(sync_client=True) as client:
        due = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[mine.deployment_id])),
            flow_run_filter=FlowRunFilter(
                expected_start_time=FlowRunFilterExpectedStartTime(
                    after_=mine.expected_start_time, before_=datetime.now(UTC)
                ),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_WAITING_OR_DONE)),
            ),
        )
    later = [run for run in due if run.auto_scheduled and run.id != mine.id and due_at(run) > due_at(mine)]
    return max(later, key=due_at, default=None)


def due_at(run: FlowRun) -> datetime:
    """Return when a run was to begin."""
    assert run.expected_start_time
    return run.expected_start_time
