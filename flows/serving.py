"""`a4p serve`: a Prefect server with every deployment registered on it, run from this process."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import nullcontext

import click

from config import load
from flows import prefect_server, schedules
from flows.settings import Settings


def serve(settings: Settings, port: int) -> None:
    """Register every deployment, and run them when their time comes or somebody asks, until stopped.

    With PREFECT_API_URL it registers on that server; else it starts one of its own. Runs that were missed meanwhile are
    caught up once. Ctrl-C and SIGTERM end it, with the runs that are at work; the schedules stay active.
    """
    # before Prefect's own: a server that was just started would be left behind
    signal.signal(signal.SIGTERM, _end)
    config = load()
    named = os.environ.get("PREFECT_API_URL")
    own = prefect_server.running(settings, port, announced=True)
    with nullcontext(prefect_server.found(settings)) if named else own as api:
        assert api
        os.environ.update(prefect_server.environment(settings), PREFECT_API_URL=api)
        from prefect import serve as serve_deployments

        from flows import catching_up, events

        deployments = {f"{one.flow} {one.name}": schedules.served(one) for one in schedules.deployments(config)}
        # known to the server, with what they are to run, before any of them runs
        ids = {name: one.apply() for name, one in deployments.items()}
        events.register(
            ids["flows.on_prefect.tell_sources on-demand"], ids["flows.on_prefect.tell_coordinator on-demand"]
        )
        for sentence in catching_up.settle(list(ids.values())):
            click.echo(sentence)
        click.echo(
            f"Prefect's UI: {api.removesuffix('/api')} . Start a refresh there, or with a4p refresh. Ctrl-C stops."
        )
        sys.stdout.flush()
        serve_deployments(*deployments.values(), pause_on_shutdown=False, print_starting_message=False)


def _end(*_: object) -> None:
    sys.exit(0)
