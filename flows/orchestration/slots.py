"""Slots in Prefect, so that who has to wait waits there and not in a process: one refresh a cycle, one telling a cycle.

Each cycle has its limits (`prefect gcl ls`): a4p-refresh-cycle-05 and a4p-tell-cycle-05. A run of a deployment that
finds no slot goes back to the server as AwaitingConcurrencySlot and comes again; one that would only do once more what
another waits to do is dropped. That no two refreshes of a cycle are at work together does not hang on this, but on
`flows.stores.turns`, which also binds those that no server knows of.
Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NoReturn, get_args

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.concurrency._asyncio import ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import concurrency
from prefect.context import FlowRunContext
from prefect.exceptions import Abort, ObjectAlreadyExists
from prefect.logging import get_run_logger
from prefect.states import AwaitingConcurrencySlot, Cancelled

from config import Cycle
from flows.core import visible
from flows.orchestration.this_run import due_at

Work = Literal["refresh", "tell"]
COMES_AGAIN_S = 20
# how long the slot of a process that was killed stays taken; after so many waits it is not that any more
_LEASE_S = 60.0
_LOST_AFTER = 9
_AT_WORK = FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
WAITING = "AwaitingConcurrencySlot"


def limit_of(work: Work, cycle: Cycle) -> str:
    """Return the name of the limit for a kind of work on a cycle."""
    return f"a4p-{work}-{cycle.folder}"


def make(cycles: Iterable[Cycle]) -> None:
    """Create the limits of cycles that are not there yet; one that somebody changed stays as it is."""
    with get_client(sync_client=True) as client:
        for cycle in cycles:
            for work in get_args(Work):
                # before it is needed, that of a cycle without a deployment too
                with suppress(ObjectAlreadyExists):
                    client.create_global_concurrency_limit(
                        GlobalConcurrencyLimitCreate(name=limit_of(work, cycle), limit=1)
                    )


@contextmanager
def held(work: Work, cycle: Cycle) -> Iterator[None]:
    """Hold the slot for a kind of work on a cycle until the body ends.

    Raises Prefect's Abort, which ends the process and no more, where a run of a deployment has to wait or is dropped:
    its state says so already. A run that somebody started himself goes on without a slot: it has its own way to wait.
    """
    make([cycle])
    context = FlowRunContext.get()
    mine = context.flow_run if context else None
    limit = limit_of(work, cycle)
    with ExitStack() as stack:
        if mine:
            with get_client(sync_client=True) as client:
                # by which others know what it is about
                client.update_flow_run(mine.id, tags={*mine.tags, limit})
                if mine.deployment_id:
                    _drop_if_needless(client, mine, limit)
        if not _entered(stack, limit) and mine and mine.deployment_id:
            with get_client(sync_client=True) as client:
                if not _lost(client, mine, limit) or not _entered(stack, limit):
                    _come_again(client, mine, work, cycle)
        yield


def _entered(stack: ExitStack, limit: str) -> bool:
    """Take a slot until the stack ends; tell whether there was one, or the server knows of none."""
    try:
        stack.enter_context(
            concurrency(
                limit, max_retries=0, lease_duration=_LEASE_S, strict=True, raise_on_lease_renewal_failure=False
            )
        )
    except ConcurrencySlotAcquisitionError as error:
        cause = error.__cause__
        if isinstance(cause, httpx.HTTPStatusError) and cause.response.status_code == httpx.codes.LOCKED:
            return False
        get_run_logger().warning("The Prefect server gives no slot for this run; it goes on without.")
    return True


def _lost(client: SyncPrefectClient, mine: FlowRun, limit: str) -> bool:
    """Tell whether a slot is taken by nobody, and free it then.

    A server that keeps leases in its memory forgets at its restart when to give a slot back.
    """
    if waits_of(client, mine) < _LOST_AFTER or _others(client, mine, limit, type=_AT_WORK):
        return False
    client.update_global_concurrency_limit(limit, GlobalConcurrencyLimitUpdate(active_slots=0))
    return True


def waits_of(client: SyncPrefectClient, run: FlowRun) -> int:
    """Return how often a run was sent back to wait; each of these was a start without any work."""
    return sum(state.name == WAITING for state in client.read_flow_run_states(run.id))


def covers(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Tell whether a run with their parameters does all that one with ours would do; both are of the same cycle."""
    if any((theirs.get(name) or None) != (ours.get(name) or None) for name in ("inbox", "as_of", "full")):
        return False
    pulls, wanted = theirs.get("sources"), ours.get("sources")
    # none stands for all of them
    return not pulls or bool(wanted and set(wanted) <= set(pulls))


def _others(client: SyncPrefectClient, mine: FlowRun, limit: str, **states: Any) -> list[FlowRun]:
    """Return the other runs in some states that are about a limit."""
    found = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(**states), tags=FlowRunFilterTags(all_=[limit]))
    )
    return [run for run in found if run.id != mine.id]


def _come_again(client: SyncPrefectClient, mine: FlowRun, work: Work, cycle: Cycle) -> NoReturn:
    """Send a run back to wait."""
    what = {"refresh": "refreshed", "tell": "told of"}[work]
    why = f"Cycle {cycle.number} is being {what} by another run; this one comes again."
    again = datetime.now(UTC) + timedelta(seconds=COMES_AGAIN_S)
    client.set_flow_run_state(mine.id, AwaitingConcurrencySlot(scheduled_time=again, message=why), force=True)
    raise Abort(why)


def _drop_if_needless(client: SyncPrefectClient, mine: FlowRun, limit: str) -> None:
    """Cancel a run, and raise Abort, where an earlier one waits to do the same. A part of another run is never."""
    if mine.parent_task_run_id is not None:
        return
    for run in _others(client, mine, limit, name=FlowRunFilterStateName(any_=[WAITING])):
        earlier = (due_at(run), str(run.id)) < (due_at(mine), str(mine.id))
        if run.flow_id == mine.flow_id and earlier and covers(run.parameters, mine.parameters):
            why = visible.in_line(f"Dropped: the run '{run.name}' waits already, and does the same.")
            client.set_flow_run_state(mine.id, Cancelled(message=why), force=True)
            raise Abort(why)
