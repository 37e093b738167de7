"""`a4p serve`: a Prefect server with the refresh registered on it, run from this process."""

from __future__ import annotations

import os
from contextlib import nullcontext
from datetime import date
from typing import Any

import click

from config import load
from flows import prefect_server
from flows.places import places_of
from flows.settings import Settings
from flows.watching import metrics


def serve(settings: Settings, port: int) -> None:
    """Register the refresh of each cycle whose data are being collected, and run it on demand until stopped.

    With PREFECT_API_URL it registers on that server; else it starts one of its own.
    """
    named = os.environ.get("PREFECT_API_URL")
    own = prefect_server.running(settings, port, announced=True)
    with (
        metrics.served(settings, places_of(settings).private),
        nullcontext(prefect_server.found(settings)) if named else own as api,
    ):
        assert api
        os.environ.update(prefect_server.environment(settings), PREFECT_API_URL=api)
        from prefect import serve as serve_deployments
        from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy

        from flows import events
        from flows.on_prefect import refresh_cycle, tell_coordinator, tell_sources

        cycles = [cycle for cycle in load().cycles.values() if cycle.start <= date.today()]
        newest = max(cycles, key=lambda cycle: cycle.number)
        # of a synchronous flow; the type allows for an asynchronous one
        deployment: Any = refresh_cycle.to_deployment(
            name="on-demand",
            parameters={"cycle": newest.number},
            description="Refresh a cycle: pull, check, curate, publish.",
        )
        # one at a time, and no second one: what was told by the first is not told again
        one = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
        sources: Any = tell_sources.to_deployment(
            name="on-demand",
            parameters={"cycle": newest.number},
            description="Tell each source what was found in its files.",
            concurrency_limit=one,
        )
        coordinator: Any = tell_coordinator.to_deployment(
            name="on-demand", description="Tell the coordinator of a refresh that failed."
        )
        events.register(sources.apply(), coordinator.apply())
        click.echo(
            f"Prefect's UI: {api.removesuffix('/api')} . Start a refresh there, or with a4p refresh. Ctrl-C stops."
        )
        serve_deployments(deployment, sources, coordinator)
