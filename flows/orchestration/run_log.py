"""The log of a run in Prefect: of an error its sentence, once, and no traceback, which may quote a cell.

Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

import logging
import sys

from prefect.exceptions import ParameterTypeError

from config.errors import ForPeople
from flows.core import addresses, logs, visible


class Broken(Exception):
    """A step failed as none should; the text says where, and nothing of what the error said: it may be a cell's value.

    Prefect and the workers write it down.
    """


def in_sentences() -> None:
    """Have the logs of runs in this process tell errors in a sentence, unless its command was given --debug."""
    # adding a filter again leaves the one that is there
    logging.getLogger("prefect.flow_runs").addFilter(flow_said)
    logging.getLogger("prefect.task_runs").addFilter(task_said)


def flow_said(record: logging.LogRecord) -> bool:
    """Put the sentence of an error into a record, in place of its traceback; it is said once."""
    if "--debug" in sys.argv:
        return True
    # the page shows the state, and why
    if str(record.msg).startswith("Finished in state Failed("):
        return False
    # what ends the engine is what ended the flow
    if _of_people(record) and str(record.msg).startswith("Engine execution exited"):
        return False
    _say(record)
    return True


def task_said(record: logging.LogRecord) -> bool:
    """Keep out of a run's log what the flow says of the same error in the same log; of others, say a sentence."""
    if "--debug" in sys.argv:
        return True
    if _of_people(record):
        return False
    _say(record)
    return True


def _say(record: logging.LogRecord) -> None:
    if text := _sentence(record):
        record.msg, record.args = visible.in_line(addresses.masked(text)), None
        record.exc_info = record.exc_text = None


def _sentence(record: logging.LogRecord) -> str | None:
    """Return what is to be said of the error that a record tells of; None where it tells of none."""
    if mistake := _mistake(record):
        return " ".join(str(mistake).split())
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return None
    if isinstance(error, Broken):
        return str(error)
    says = logs.failure(error).get("says") if isinstance(error, ForPeople) else None
    return says or f"Something went wrong that should not ({type(error).__name__}); run it again with --debug."


def _of_people(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return isinstance(error, ForPeople) or _mistake(record) is not None


def _mistake(record: logging.LogRecord) -> ParameterTypeError | None:
    """Return what Prefect says of a wrong parameter, which it hands over as a part of the line."""
    given = record.args if isinstance(record.args, tuple) else ()
    return next((one for one in given if isinstance(one, ParameterTypeError)), None)
