"""Several cycles, refreshed one after the other.

Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

from typing import Any

from prefect import flow, runtime
from prefect.deployments import run_deployment
from prefect.states import Completed, Failed

from config import ConfigError, Cycle, load
from flows.core import visible
from flows.core.wording import listed
from flows.orchestration import run_log
from flows.orchestration.choices import CycleNumber, SourceName
from flows.orchestration.deployments import ON_DEMAND

_LOOKS_EVERY_S = 2


def _run_name() -> str:
    return f"cycles {', '.join(map(str, sorted(set(runtime.flow_run.parameters.get('cycles', [])))))}"


@flow(name="backfill", flow_run_name=_run_name, validate_parameters=True)
def backfill(
    cycles: list[CycleNumber],
    sources: list[SourceName] = [],  # noqa: B006
    full: bool = False,
) -> Any:
    """Refresh several cycles one after the other, the oldest first: each is compared with the one before it.

    Where one fails, those after it are not begun. Each is a run of its own, beside this one; one that is at work goes
    on when this is cancelled. Started again after a stop, this goes on where it was.

    Args:
        cycles: Numbers of the reporting cycles, in any order.
        sources: Pull only these sources anew, and use the others as they were last pulled; all of them where empty.
        full: Work everything out anew, also what is kept from refreshes before.

    """
    config = load()
    if not cycles:
        raise ConfigError("No cycle is named; give the number of one at least.")
    for source in sources:
        config.contract(source)
    wanted = in_order([config.cycle(number) for number in cycles])
    for at, cycle in enumerate(wanted):
        # by the same key a run is found that an earlier start of this one began
        run: Any = run_deployment(
            ON_DEMAND,
            parameters={"cycle": cycle.number, "sources": sources, "full": full},
            idempotency_key=f"{runtime.flow_run.id} {cycle.folder}",
            poll_interval=_LOOKS_EVERY_S,
        )
        state = run.state
        if state is None or not state.is_completed():
            how = f"{state.name}: {state.message}" if state else "it did not end"
            return Failed(message=visible.in_line(f"Cycle {cycle.number} failed ({how}). {_left(wanted[at + 1 :])}"))
    return Completed(message=f"Refreshed, one after the other: {_numbers(wanted)}.")


def in_order(cycles: list[Cycle]) -> list[Cycle]:
    """Return each of some cycles once, the oldest first."""
    return sorted({cycle.number: cycle for cycle in cycles}.values(), key=lambda cycle: cycle.start)


def _left(cycles: list[Cycle]) -> str:
    return f"Not begun: {_numbers(cycles)}." if cycles else "It was the last one."


def _numbers(cycles: list[Cycle]) -> str:
    return listed([f"cycle {cycle.number}" for cycle in cycles])


run_log.in_sentences()
