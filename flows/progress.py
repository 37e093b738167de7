"""Progress on a terminal: one line that says what is being done; nothing where the output is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def shown(name: str) -> Iterator[None]:
    """Show a step's name while it works."""
    if not sys.stderr.isatty():
        yield
        return
    click.echo(f"\r\033[K  {name} …", err=True, nl=False)
    try:
        yield
    finally:
        click.echo("\r\033[K", err=True, nl=False)
