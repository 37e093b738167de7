"""Progress on a terminal: one line that says what is being done; nothing where the output is no terminal.

That of a refresh, with how far it is and how long it will take, is in flows/watching/terminal.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click


def on_terminal() -> bool:
    """Tell whether somebody looks at what is written to the terminal."""
    return sys.stderr.isatty()


@contextmanager
def shown(name: str) -> Iterator[None]:
    """Show a step's name while it works."""
    if not on_terminal():
        yield
        return
    click.echo(f"\r\033[K  {name} …", err=True, nl=False)
    try:
        yield
    finally:
        click.echo("\r\033[K", err=True, nl=False)
