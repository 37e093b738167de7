"""`a4p serve`: a Prefect server with every deployment registered on it, run from this process."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import nullcontext, suppress
from typing import Any

from config import load
from flows import prefect_server, schedules, visible
from flows.places import places_of
from flows.settings import Settings
from flows.watching import metrics


def serve(settings: Settings, port: int) -> None:
    """Register every deployment, and run them when their time comes or somebody asks, until stopped.

    With PREFECT_API_URL it registers on that server; else it starts one of its own. Runs that were missed meanwhile are
    caught up once. Ctrl-C and SIGTERM end it, with the runs that are at work; the schedules stay active.
    """
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    # a shell starts what runs in the background with Ctrl-C ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config = load()
    named = os.environ.get("PREFECT_API_URL")
    own = prefect_server.running(settings, port, announced=True)
    with (
        suppress(KeyboardInterrupt),
        metrics.served(settings, places_of(settings).private),
        nullcontext(prefect_server.found(settings)) if named else own as api,
    ):
        assert api
        os.environ.update(prefect_server.environment(settings), PREFECT_API_URL=api)
        from prefect.runner import Runner

        from flows import catching_up, events

        runner = Runner(pause_on_shutdown=False)
        # Prefect's own way to stop leaves the loop in its middle
        runner.handle_sigterm = _as_ctrl_c  # type: ignore[method-assign]
        ids: dict[str, Any] = {
            one.name: runner.add_deployment(schedules.served(one)) for one in schedules.deployments(config)
        }
        events.register(ids["tell-sources"], ids["tell-coordinator"])
        for sentence in catching_up.settle(list(ids.values())):
            visible.tell(sentence)
        visible.tell(
            f"Prefect's UI: {api.removesuffix('/api')} . Start a refresh there, or with a4p refresh. Ctrl-C stops."
        )
        asyncio.run(runner.start())


def _as_ctrl_c(*_: object) -> None:
    """End as at Ctrl-C: the loop comes to its end, then the runs and the server that were started here."""
    signal.raise_signal(signal.SIGINT)
