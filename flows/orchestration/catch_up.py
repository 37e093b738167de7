"""What `a4p serve` finds when it starts again: runs that it missed, and runs that ended with it.

Prefect keeps every run that was due, and would start all of them at once; of each deployment the last one is kept. A
run that was at work when everything stopped counts as running for ever; it is started again. Import this only after
prefect_server.environment is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelled, Crashed, Scheduled

from flows.core.wording import moment
from flows.orchestration import progress, slots
from flows.orchestration.this_run import due_at

_PAGE = 200
# one that takes the whole process with it is not tried for ever
_MOST_STARTS = 3


def settle(deployments: Sequence[UUID]) -> list[str]:
    """Put in order what was left behind by the `a4p serve` before; return a sentence for each deployment concerned.

    Only for deployments of which nothing runs at this moment: those that no worker and no other `a4p serve` runs.
    """
    with get_client(sync_client=True) as client:
        said = _start_again(client, deployments)
        return said + _cancel_all_but_the_last(client, deployments)


def _start_again(client: SyncPrefectClient, deployments: Sequence[UUID]) -> list[str]:
    said = []
    for run in _runs(client, deployments, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING):
        starts = run.run_count - slots.waits_of(client, run)
        if starts < _MOST_STARTS:
            again: Any = Scheduled(message="It was stopped while it was at work, and starts again.")
            client.set_flow_run_state(run.id, again, force=True)
            said.append(f"{run.name}: stopped while it was at work, starts again.")
        else:
            stopped = f"It was stopped while it was at work {starts} times, and is not tried again."
            client.set_flow_run_state(run.id, Crashed(message=stopped), force=True)
            progress.end(run.id, stopped)
            said.append(f"{run.name}: stopped while it was at work {starts} times, not tried again.")
    for deployment in deployments:
        found = client.read_deployment(deployment)
        if found.global_concurrency_limit:
            # what a run held that is gone
            free = GlobalConcurrencyLimitUpdate(active_slots=0)
            client.update_global_concurrency_limit(found.global_concurrency_limit.name, free)
    return said


def _cancel_all_but_the_last(client: SyncPrefectClient, deployments: Sequence[UUID]) -> list[str]:
    """Cancel each missed run but the last of its deployment."""
    said = []
    now = datetime.now(UTC)
    due = [run for run in _runs(client, deployments, StateType.SCHEDULED) if run.auto_scheduled and due_at(run) <= now]
    missed = sorted(due, key=lambda run: (str(run.deployment_id), due_at(run)))
    for deployment, runs in groupby(missed, key=lambda run: run.deployment_id):
        *older, last = runs
        for run in older:
            why = f"Missed; caught up by the run of {moment(due_at(last))}."
            client.set_flow_run_state(run.id, Cancelled(message=why), force=True)
        assert deployment
        said.append(f"{client.read_deployment(deployment).name}: {len(older) + 1} missed, caught up once.")
    return said


def _runs(client: SyncPrefectClient, deployments: Sequence[UUID], *states: StateType) -> list[FlowRun]:
    found: list[FlowRun] = []
    while True:
        page = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=list(deployments))),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))),
            limit=_PAGE,
            offset=len(found),
        )
        found += page
        if len(page) < _PAGE:
            return found
