"""The command `a4p`. Heavy libraries are imported by the commands that need them, so that help comes at once."""

from __future__ import annotations

import atexit
import gc
import io
import sys

import click

from expectations import seldom_used
from flows.cli.commands import (  # noqa: F401 (each hangs its commands on a4p)
    deciding,
    files,
    filling,
    machine,
    proving,
    refreshing,
    released,
)
from flows.cli.commands.group import a4p
from flows.core import temporary, visible

__all__ = ["a4p", "main"]
WRONG_USE = 2


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors for people are one sentence, `--debug` shows the traceback."""
    tidy_seldom()
    seldom_used.by_itself()
    temporary.clear()
    with temporary.ended_by_signals():
        _run(arguments)


def _run(arguments: list[str] | None) -> None:
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    # wanted before or after the command's name
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        a4p.main(arguments, prog_name="a4p", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        visible.show(said.getvalue(), err=True, nl=False)
        sys.exit(WRONG_USE)
    except click.Abort:
        visible.tell("Stopped.", err=True)
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        text, code = _for_people(error)
        visible.show(text, err=True)
        sys.exit(code)


def tidy_seldom() -> None:
    """Have Python look for rubbish seldom, and not at all at the end of this process."""
    # most of what is made stays: looking after each 700 new objects, and once more through all of it when there is
    # nothing left to do, takes a fifth of a short refresh
    gc.set_threshold(100_000, 50, 100)
    atexit.register(gc.freeze)


def _for_people(error: Exception) -> tuple[str, int]:
    from config.errors import ForPeople

    if isinstance(error, ForPeople):
        return str(error), error.exit_code
    if isinstance(error, OSError):
        from flows.stores import for_people

        if failure := for_people.failed(error):
            return str(failure), failure.exit_code
    # not its text: it may hold the value of a cell
    return (
        f"Something went wrong that should not ({type(error).__name__}); run it again with --debug and report it.",
        ForPeople.exit_code,
    )
