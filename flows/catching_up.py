"""Runs that were missed while nobody ran them: of each deployment the last one is kept, so that it is caught up once.

Prefect keeps every run that was due, and would start all of them at once. Import this only after
prefect_server.environment is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

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
from prefect.states import Cancelled

_PAGE = 200


def settle(deployments: Sequence[UUID]) -> list[str]:
    """Cancel each missed run but the last of its deployment; return a sentence for each deployment that missed some."""
    said = []
    missed = sorted(_missed(deployments), key=lambda run: (str(run.deployment_id), _at(run)))
    with get_client(sync_client=True) as client:
        for _, runs in groupby(missed, key=lambda run: run.deployment_id):
            *older, last = runs
            for run in older:
                why = f"Missed; caught up by the run of {_at(last):%d %B %Y %H:%M} UTC."
                client.set_flow_run_state(run.id, Cancelled(message=why), force=True)
            name = client.read_deployment(last.deployment_id).name if last.deployment_id else ""
            said.append(f"{name}: {len(older) + 1} missed, caught up once.")
    return said


def _missed(deployments: Sequence[UUID]) -> list[FlowRun]:
    found: list[FlowRun] = []
    with get_client(sync_client=True) as client:
        while True:
            page = client.read_flow_runs(
                deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=list(deployments))),
                flow_run_filter=FlowRunFilter(
                    expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(UTC)),
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
                ),
                limit=_PAGE,
                offset=len(found),
            )
            found += page
            if len(page) < _PAGE:
                return [run for run in found if run.auto_scheduled]


def _at(run: FlowRun) -> datetime:
    assert run.expected_start_time
    return run.expected_start_time
