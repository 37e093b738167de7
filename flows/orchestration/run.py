"""Choose how a refresh runs: through a Prefect server where there is one, else directly; it is the same refresh."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from config import Config, Cycle
from config import in_force as configuration_in_force
from flows.core import logs, visible
from flows.core.counted_up_to import check_day
from flows.core.records import Published
from flows.core.settings import Settings, in_force
from flows.core.steps import direct
from flows.orchestration import dask
from flows.orchestration import server as prefect_server
from flows.orchestration.login import ENVIRONMENT
from flows.orchestration.server import Server
from flows.refresh import watching
from flows.refresh.story import refresh
from flows.releases import shelf
from flows.stores import holding, turns
from flows.stores.from_settings import places_of


def run(
    cycle: Cycle,
    config: Config,
    settings: Settings,
    inbox: str | None = None,
    as_of: date | None = None,
    only: tuple[str, ...] = (),
    *,
    with_server: bool = False,
    anew: bool = False,
    prefect: str | None = ENVIRONMENT,
) -> Published:
    """Refresh a cycle; `with_server` starts a Prefect server for this run and stops it at the end.

    `anew` works everything out again, also what is kept from refreshes before. `prefect` is the address of the API of
    the server to run through, None for none; ENVIRONMENT stands for the one that is named or runs here, if any.
    Configuration and settings hold for all of it, also for the flow. Raises what `flows.refresh.story` does.
    """
    # before a server is started for it
    check_day(cycle, as_of)
    with configuration_in_force(config), in_force(settings):
        places = replace(places_of(settings, inbox), anew=anew)
        if settings.runner == "dask":
            address = dask.checked(settings, places)
            _tell(f"The steps run on the Dask cluster at {address}.", settings)
        with _server(settings, prefect, with_server) as server:
            if server:
                _tell_of_upgrade(cycle, settings)
                return _through_prefect(server, cycle, inbox, as_of, only, anew)
        with (
            turns.turn(places.public, cycle, turns.this_process(), lambda sentence: _tell(sentence, settings)),
            holding(places.private, places.public, cycle.folder),
        ):
            _tell_of_upgrade(cycle, settings)
            return watching.watched(
                watching.Run(cycle, config, settings, places),
                lambda watch: refresh(cycle, places, config, watch.steps(direct), as_of, only),
            )


def _tell_of_upgrade(cycle: Cycle, settings: Settings) -> None:
    if upgraded := shelf.of_another_version(places_of(settings).public, cycle):
        _tell(upgraded, settings)


@contextmanager
def _server(settings: Settings, prefect: str | None, with_server: bool) -> Iterator[Server | None]:
    """Give the Prefect server to run through, found or started for this run; None where there is to be none."""
    named = None if prefect == ENVIRONMENT else prefect
    found = None if with_server or prefect is None else prefect_server.found(settings, named)
    if found:
        _tell(f"Running through the Prefect server at {found.page}", settings)
        yield found
    # to a cluster the steps go as Prefect's tasks
    elif with_server or settings.runner == "dask":
        _tell("Starting a Prefect server for this run …", settings)
        with prefect_server.running(settings, imports=["flows.orchestration.flows"]) as server:
            _tell(f"Running through Prefect; its UI: {server.page} . {server.asks}".rstrip(), settings)
            yield server
    else:
        if prefect:
            none = "No Prefect server is set (PREFECT_API_URL) or running (a4p serve): running the steps directly."
            _tell(none, settings)
        yield None


def _through_prefect(
    server: Server, cycle: Cycle, inbox: str | None, as_of: date | None, only: tuple[str, ...], anew: bool
) -> Published:
    """Run the flow here, in this thread, so that what is in force here holds for it too."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows.orchestration import access
    from flows.orchestration import flows as on_prefect

    on_prefect.quiet()
    # without it every synchronous flow ends with a second's wait for its heartbeat thread
    with access.through(server.api, server.words), temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        flow: Any = on_prefect.refresh_cycle
        published: Published = flow(cycle.number, inbox, as_of, list(only), full=anew)
    return published


def _tell(text: str, settings: Settings) -> None:
    if logs.to_terminal(settings):
        logs.event("told", says=text)
    else:
        visible.tell(text, err=True)
