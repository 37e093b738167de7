from __future__ import annotations

import logging
import sys

import pytest

from config.errors import ForPeople
from flows.core.errors import StoreError
from flows.orchestration import run_log


class Kept(logging.Handler):
    """Keeps what would be sent to Prefect's server."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreError("The server http://u:secret@host is away; start it."), "The server http://host is away; start it."),
        (KeyError("Jane Doe"), "Something went wrong that should not (KeyError); run it again with --debug."),
    ],
)
@pytest.mark.parametrize("name", ["prefect.flow_runs", "prefect.task_runs"])
def test_a_runs_log_has_a_sentence_and_no_traceback(
    error: Exception, said: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_log.in_sentences()
    logger, kept = logging.getLogger(name), Kept()
    logger.addHandler(kept)

    def fail() -> None:
        try:
            raise error
        except Exception as raised:
            logger.exception("Encountered exception during execution: %r", raised)

    try:
        fail()
        # what is for people the flow says, in the same log
        once = name == "prefect.task_runs" and isinstance(error, ForPeople)
        assert kept.said == ([] if once else [said])
        monkeypatch.setattr(sys, "argv", ["a4p", "--debug", "refresh"])
        fail()
        assert "Traceback" in kept.said[-1]
    finally:
        logger.removeHandler(kept)
