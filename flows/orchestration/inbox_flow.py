"""The inbox, looked at every few minutes: when new files have come, and no more are coming, the cycle is refreshed.

Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.deployments import run_deployment
from prefect.states import Completed

from config import Config, Cycle, load
from flows.core import settings
from flows.core.within import within
from flows.intake.receive import news
from flows.orchestration import this_run
from flows.orchestration.deployments import ON_NEW_FILE
from flows.stores.from_settings import Places, places_of


@flow(name="watch-inbox", flow_run_name="look at the inbox", validate_parameters=True)
def watch_inbox(quiet_seconds: int = 60) -> Any:
    """Look for new files of the cycle that is running and of the one before; start one refresh where there are any.

    Names, sizes and times are compared with what the last refresh found; no file is opened. Files of older cycles
    start nothing, since their reports are out; refresh such a cycle by hand.

    Args:
        quiet_seconds: For so long nothing may have changed, lest a file be half there; else the next look decides.

    """
    config, asked = load(), settings.load()
    places = places_of(asked)
    day = this_run.day_of_run(config)
    begun = sorted((one for one in config.cycles.values() if one.start <= day), key=lambda one: one.start)
    with within(asked.flow_limit_s, "The look at the inbox"):
        said = [_look(cycle, places, config, quiet_seconds) for cycle in begun[-2:]]
    return Completed(message=" ".join(sentence for sentence in said if sentence) or "Nothing new.")


def _look(cycle: Cycle, places: Places, config: Config, quiet_seconds: float) -> str:
    """Start a refresh of a cycle where there is something new, and say what was done; '' where there is nothing."""
    now, last = news.look(places.inbox, config, cycle), news.noted(places.private, cycle)
    if last is None and not now.files:
        return ""
    if last and last[0].hash == now.hash:
        return ""
    if not news.quiet(places.inbox, config, cycle, now, quiet_seconds):
        return f"Files of cycle {cycle.number} are still coming; the next look decides."
    # the same key for the same news: should this run die before it has noted them, the next one starts no second run
    key = f"{cycle.folder} {now.hash} {last[1] if last else ''}"
    run_deployment(ON_NEW_FILE, parameters={"cycle": cycle.number}, timeout=0, idempotency_key=key, as_subflow=False)
    news.note(places.private, cycle, now)
    return f"Cycle {cycle.number} has new files ({now.files} in all); its refresh is started."
