"""A refresh on a terminal: one line with the step, a bar, how far, and how long it will take.

A terminal that can only write line after line is told each phase once.
"""

from __future__ import annotations

import sys

from rich.console import JustifyMethod
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from config import Config
from flows.core import terminal, visible
from flows.core.steps import StepId
from flows.refresh.watching.expected import Expected
from flows.refresh.watching.run import Began, Ended, Event, Failed, StepBegan

_NARROW, _VERY_NARROW = 70, 40


class Terminal:
    """Shows how far a refresh is, as long as it runs; nothing is left of it at the end."""

    def __init__(self, config: Config) -> None:
        self.titles = {source: contract.title.en for source, contract in config.contracts.items()}
        self.expected = Expected()
        self.console = terminal.on_stderr()
        self.last: StepId | None = None
        self.live = Live(
            console=self.console,
            get_renderable=self.line,
            refresh_per_second=5,
            transient=True,
            # what goes into a file must not be written to the terminal instead
            redirect_stdout=sys.stdout.isatty(),
        )

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if self.console.is_dumb_terminal:
            if isinstance(event, StepBegan) and (self.last is None or self.last.phase != event.step.phase):
                visible.tell(f"  {event.step.phase.doing} …", err=True)
                self.last = event.step
            return
        self.expected(event)
        if isinstance(event, StepBegan):
            self.last = event.step
        elif isinstance(event, Began):
            self.live.start()
        elif isinstance(event, Ended | Failed):
            self.live.stop()

    def line(self) -> Table:
        """Return the line as it is now, in what width there is."""
        width = self.console.width
        expected, step = self.expected, self.expected.now or self.last
        of = f"{expected.done} of {expected.of}"
        room = width - 4
        if width >= _VERY_NARROW:
            room -= max(len(of), 8) + 1
        if width >= _NARROW:
            room -= 34
        cells: list[tuple[str | ProgressBar, int, JustifyMethod]] = [
            (self._what(step, with_title=width >= _NARROW), max(room, 1), "left")
        ]
        if width >= _NARROW:
            bar = ProgressBar(1.0, expected.share, 16, complete_style="cyan", finished_style="cyan")
            cells.append((bar, 16, "left"))
        if width >= _VERY_NARROW:
            cells.append((of, max(len(of), 8), "right"))
        if width >= _NARROW:
            cells.append((expected.left, 16, "left"))
        return terminal.strip(*cells)

    def _what(self, step: StepId | None, *, with_title: bool) -> str:
        if step is None:
            return "…"
        title = self.titles.get(step.source or "")
        return f"{step.name} ({title})" if title and with_title else step.name
