"""What is printed: tables, lines, numbers, and frames as CSV or JSON; nothing of what they hold is markup.

Only here are Rich's consoles and tables made, so that a text from outside is shown as it is written (`[bold]`,
`:warning:`), with what commands a terminal made visible.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Sequence
from typing import IO

from rich.console import Console, JustifyMethod
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from flows.core import visible
from transforms.wording import exact


def page(*parts: str | Text | Table) -> str:
    """Return lines and tables as they are printed, as wide as the terminal; an empty line for an empty text."""
    # a width is set where the output is no terminal, so that tables are not cut at 80 columns
    width = None if Console().is_terminal else 200
    printed = io.StringIO()
    console = _console(file=printed, width=width or Console().width)
    for part in parts:
        console.print(_text(part) if isinstance(part, str) else part, soft_wrap=isinstance(part, Text))
    return "\n".join(line.rstrip() for line in printed.getvalue().rstrip().split("\n"))


def unbroken(line: str) -> Text:
    """Return a line that is not broken at the terminal's width."""
    return _text(line)


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str | None]],
    right: Collection[str] = (),
    whole: Collection[str] = (),
) -> Table:
    """Return a table, with an empty cell for None.

    `right` are the headings of columns of numbers, `whole` those of columns whose cells are not broken.
    """
    made = Table(box=None, pad_edge=False)
    for heading in headings:
        made.add_column(_text(heading), justify="right" if heading in right else "left", no_wrap=heading in whole)
    for row in rows:
        made.add_row(*map(_text, row))
    return made


def strip(*cells: tuple[str | ProgressBar, int, JustifyMethod]) -> Table:
    """Return one line of cells, each with its width and the side that it keeps to; what is too long is cut."""
    made = Table.grid(padding=(0, 1), expand=False)
    for _, width, justify in cells:
        made.add_column(width=width, no_wrap=True, overflow="ellipsis", justify=justify)
    made.add_row(*(_text(cell) if isinstance(cell, str) else cell for cell, _, _ in cells))
    return made


def on_stderr() -> Console:
    """Return a console for what moves on a terminal."""
    return _console()


def _console(file: IO[str] | None = None, width: int | None = None) -> Console:
    return Console(file=file, stderr=file is None, width=width, markup=False, emoji=False, highlight=False)


def _text(said: str | None) -> Text:
    return Text(visible.in_line(said or ""))


def number(value: float | None) -> str:
    """Return a number with thousands separators; nothing where there is none."""
    return "" if value is None else exact(value)
