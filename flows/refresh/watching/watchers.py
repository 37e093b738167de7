"""Who watches a refresh, by what the settings ask for."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from config.errors import ConfigError
from flows.core import logs
from flows.core.errors import StoreError
from flows.refresh.watching import on_terminal as progress
from flows.refresh.watching import record
from flows.refresh.watching.lines import Lines
from flows.refresh.watching.run import Run, Watcher


def of(run: Run) -> tuple[list[Watcher], Mapping[str, float]]:
    """Return the watchers of a run, and how many seconds each of its steps took the last time.

    Raises ConfigError where a setting asks for what cannot be had.
    """
    logs.set_up(run.settings)
    before = None
    # where the store fails, the refresh says so itself
    with suppress(StoreError):
        before = record.load(run.places.private, run.cycle)
    found: list[Watcher] = [Lines(run), record.Recorder(run, before)]
    if progress.on_terminal() and not logs.to_terminal(run.settings):
        from flows.refresh.watching.terminal import Terminal

        found.append(Terminal(run.config))
    if run.settings.openlineage_url:
        try:
            from flows.refresh.watching.lineage import Lineage
        except ModuleNotFoundError:
            raise ConfigError(
                "A4P_OPENLINEAGE_URL needs openlineage-python; install it with: pip install openlineage-python"
            ) from None
        found.append(Lineage(run, run.settings.openlineage_url))
    return found, before.durations if before else {}
