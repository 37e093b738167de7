"""Choose how a refresh runs: through a Prefect server where there is one, else directly; it is the same refresh."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import click

from config import Config, Cycle
from flows import cluster, prefect_server, progress
from flows.places import places_of
from flows.publish import Published
from flows.refresh import refresh
from flows.settings import Settings
from flows.steps import InTurn

T = TypeVar("T")


def run(
    cycle: Cycle,
    config: Config,
    settings: Settings,
    inbox: str | None = None,
    as_of: date | None = None,
    only: tuple[str, ...] = (),
    *,
    with_server: bool = False,
) -> Published:
    """Refresh a cycle; `with_server` starts a Prefect server for this run and stops it at the end."""
    if settings.runner == "dask":
        address = cluster.checked(settings, places_of(settings, inbox))
        _tell(f"The steps run on the Dask cluster at {address}.")
    api_found = None if with_server else prefect_server.found(settings)
    # to a cluster the steps go as Prefect's tasks
    if with_server or (settings.runner == "dask" and not api_found):
        _tell("Starting a Prefect server for this run …")
        with prefect_server.running(settings) as api:
            _tell(f"Running through Prefect; its UI: {api.removesuffix('/api')}")
            return _through_prefect(api, cycle, settings, inbox, as_of, only)
    if api_found:
        _tell(f"Running through the Prefect server at {api_found.removesuffix('/api')}")
        return _through_prefect(api_found, cycle, settings, inbox, as_of, only)
    _tell("No Prefect server is set (PREFECT_API_URL) or running (a4p serve): running the steps directly.")
    return refresh(cycle, places_of(settings, inbox), config, InTurn(_told), as_of, only)


def _through_prefect(
    api: str, cycle: Cycle, settings: Settings, inbox: str | None, as_of: date | None, only: tuple[str, ...]
) -> Published:
    os.environ.update(prefect_server.environment(settings), PREFECT_API_URL=api)
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows import on_prefect

    on_prefect.quiet()
    # without it every synchronous flow ends with a second's wait for its heartbeat thread
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        published: Published = on_prefect.refresh_cycle(cycle.number, inbox, as_of, list(only))
    return published


def _told(name: str, do: Callable[..., T], /, *args: Any) -> T:
    with progress.shown(name):
        return do(*args)


def _tell(text: str) -> None:
    click.echo(text, err=True)
