"""What a run's log in Prefect says of an error that is for people: its one sentence, and not the code around it.

Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

import logging

from prefect.exceptions import ParameterTypeError

from config.errors import ForPeople
from flows.core import visible


def of_people() -> None:
    """Have the logs of runs say mistakes of people in a sentence."""
    # adding a filter again leaves the one that is there
    logging.getLogger("prefect.flow_runs").addFilter(flow_said)
    logging.getLogger("prefect.task_runs").addFilter(task_said)


def flow_said(record: logging.LogRecord) -> bool:
    """Put the sentence of an error into a record, in place of its traceback; it is said once."""
    said = _sentence(record)
    # the page shows the state, and why; and what ends the engine is what ended the flow
    again = str(record.msg).startswith("Finished in state Failed(") or (
        said is not None and str(record.msg).startswith("Engine execution exited")
    )
    if said is not None:
        record.msg, record.args, record.exc_info = visible.in_line(said), None, None
    return not again


def task_said(record: logging.LogRecord) -> bool:
    """Keep out of a run's log what the flow says of the same error in the same log."""
    return _sentence(record) is None


def _sentence(record: logging.LogRecord) -> str | None:
    """Return what is to be said of the mistake that a record tells of; None where it tells of none."""
    for given in record.args if isinstance(record.args, tuple) else ():
        if isinstance(given, ParameterTypeError):
            return " ".join(str(given).split())
    error = record.exc_info[1] if record.exc_info else None
    return str(error) if isinstance(error, ForPeople) else None
