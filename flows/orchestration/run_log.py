"""The log of a run in Prefect: of an error its sentence, and no traceback, which may quote a cell."""

from __future__ import annotations

import logging
import sys

from config.errors import ForPeople
from flows.core import addresses, logs, visible

_OF_RUNS = ("prefect.flow_runs", "prefect.task_runs")


class Broken(Exception):
    """A step failed as none should; the text says where, and nothing of what the error said: it may be a cell's value.

    Prefect and the workers write it down.
    """


def without_tracebacks() -> None:
    """Leave tracebacks out of the logs of runs in this process, unless its command was given --debug."""
    for name in _OF_RUNS:
        # adding a filter again leaves the one that is there
        logging.getLogger(name).addFilter(said_alone)


def said_alone(record: logging.LogRecord) -> bool:
    """Replace what is logged of an error by its sentence for people, or its class where it has none."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None or "--debug" in sys.argv:
        return True
    says = logs.failure(error).get("says") if isinstance(error, ForPeople) else None
    says = str(error) if isinstance(error, Broken) else says
    text = says or f"Something went wrong that should not ({type(error).__name__}); run it again with --debug."
    record.msg, record.args = visible.in_line(addresses.masked(text)), None
    record.exc_info = record.exc_text = None
    return True
