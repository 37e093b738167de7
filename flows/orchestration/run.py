"""Choose how a refresh runs: through a Prefect server where there is one, else directly; it is the same refresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from config import Config, Cycle
from flows.core import logs, visible
from flows.core.counted_up_to import check_day
from flows.core.records import Published
from flows.core.settings import Settings
from flows.core.steps import direct
from flows.orchestration import dask
from flows.orchestration import server as prefect_server
from flows.refresh import watching
from flows.refresh.story import refresh
from flows.stores import turns
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
) -> Published:
    """Refresh a cycle; `with_server` starts a Prefect server for this run and stops it at the end.

    `anew` works everything out again, also what is kept from refreshes before. Raises what `flows.refresh.story` does.
    """
    # before a server is started for it
    check_day(cycle, as_of)
    if settings.runner == "dask":
        address = dask.checked(settings, places_of(settings, inbox))
        _tell(f"The steps run on the Dask cluster at {address}.", settings)
    found = None if with_server else prefect_server.found(settings)
    # to a cluster the steps go as Prefect's tasks
    if with_server or (settings.runner == "dask" and not found):
        _tell("Starting a Prefect server for this run …", settings)
        with prefect_server.running(settings) as api:
            server = prefect_server.own(settings, api)
            prefect_server.use(settings, server)
            _tell(f"Running through Prefect; its UI: {server.page} . {server.asks}".rstrip(), settings)
            return _through_prefect(cycle, inbox, as_of, only, anew)
    if found:
        _tell(f"Running through the Prefect server at {found.page}", settings)
        return _through_prefect(cycle, inbox, as_of, only, anew)
    _tell("No Prefect server is set (PREFECT_API_URL) or running (a4p serve): running the steps directly.", settings)
    places = replace(places_of(settings, inbox), anew=anew)
    with turns.turn(places.public, cycle, turns.this_process(), lambda sentence: _tell(sentence, settings)):
        return watching.watched(
            watching.Run(cycle, config, settings, places),
            lambda watch: refresh(cycle, places, config, watch.steps(direct), as_of, only),
        )


def _through_prefect(
    cycle: Cycle, inbox: str | None, as_of: date | None, only: tuple[str, ...], anew: bool
) -> Published:
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows.orchestration import flows as on_prefect

    on_prefect.quiet()
    # without it every synchronous flow ends with a second's wait for its heartbeat thread
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        flow: Any = on_prefect.refresh_cycle
        published: Published = flow(cycle.number, inbox, as_of, list(only), full=anew)
    return published


def _tell(text: str, settings: Settings) -> None:
    if logs.to_terminal(settings):
        logs.event("told", says=text)
    else:
        visible.tell(text, err=True)
