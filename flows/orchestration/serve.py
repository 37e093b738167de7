"""`a4p serve`: a Prefect server with every deployment registered on it, run from this process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from config import load
from flows.core import visible
from flows.core.settings import Settings
from flows.orchestration import deployments as schedules
from flows.orchestration import login, one_serve
from flows.orchestration import server as prefect_server
from flows.refresh.watching import metrics
from flows.stores.from_settings import places_of

# what takes seconds to import, and is needed once the server answers
_NEEDED = (
    "prefect.runner",
    "flows.orchestration.automations",
    "flows.orchestration.backfill",
    "flows.orchestration.catch_up",
    "flows.orchestration.flows",
    "flows.orchestration.inbox_flow",
)


def serve(settings: Settings, port: int) -> None:
    """Register every deployment, and run them when their time comes or somebody asks, until stopped.

    With PREFECT_API_URL it registers on that server; else it starts one of its own. Runs that were missed meanwhile are
    caught up once. Ctrl-C and SIGTERM end it, with the runs that are at work; the schedules stay active.
    Raises StoreError where another one is at work on the same store, or the server does not let it in.
    """
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    # a shell starts what runs in the background with Ctrl-C ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config = load()
    with (
        suppress(KeyboardInterrupt),
        one_serve.alone(settings, prefect_server.home(settings)) as tell,
        metrics.served(settings, places_of(settings).private),
        _server(settings, port) as server,
    ):
        tell(server.api.removesuffix("/api"))
        from prefect.runner import Runner

        from flows.orchestration import automations, catch_up, slots

        runner = Runner(pause_on_shutdown=False)
        # Prefect's own way to stop leaves the loop in its middle
        runner.handle_sigterm = _as_ctrl_c  # type: ignore[method-assign]
        ids: dict[str, Any] = {
            one.name: runner.add_deployment(schedules.served(one)) for one in schedules.deployments(config)
        }
        automations.register(ids, config)
        slots.make(config.cycles.values())
        for sentence in catch_up.settle(list(ids.values())):
            visible.tell(sentence)
        start = "Start a refresh there, or with a4p refresh."
        visible.tell(f"Prefect's UI: {server.page} . {server.asks}{start} Ctrl-C stops.")
        asyncio.run(runner.start())


@contextmanager
def _server(settings: Settings, port: int) -> Iterator[prefect_server.Server]:
    """Give the server that PREFECT_API_URL names, or one that runs until the end; Prefect in this process uses it."""
    if login.Given().api_url:
        named = prefect_server.found(settings)
        assert named
        yield named
        return
    with prefect_server.running(settings, port, announced=True, imports=_NEEDED) as own:
        yield own


def _as_ctrl_c(*_: object) -> None:
    """End as at Ctrl-C: the loop comes to its end, then the runs and the server that were started here."""
    signal.raise_signal(signal.SIGINT)
