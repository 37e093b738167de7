"""What the tests ask a Prefect server; as Prefect's own client does, they ask again where its SQLite is busy (503)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.core.settings import Settings
from flows.orchestration import server as prefect_server

BUSY_S = 60
# user and password of the tests' servers: test_prefect.environment gives them to all that runs
LOGIN = "tests:not-a-secret"


def call(method: str, url: str, login: str = LOGIN, **given: Any) -> Any:
    """Return what the server answers, None where it answers nothing."""
    user, _, password = login.partition(":")
    end = time.monotonic() + BUSY_S
    while True:
        answer = httpx.request(method, url, timeout=60, auth=(user, password), **given)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > end:
            answer.raise_for_status()
            return answer.json() if answer.content else None
        time.sleep(0.5)


def asked(api: str, what: str, login: str = LOGIN, **body: object) -> list[dict[str, Any]]:
    """Return the runs, deployments, … that a filter lets through."""
    return list(call("POST", f"{api}/{what}/filter", login, json=body))


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Run a server that has LOGIN; give its API's address."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("PREFECT_SERVER_API_AUTH_STRING", LOGIN)
        started = stack.enter_context(prefect_server.running(Settings(prefect_home=str(home))))
        patch.undo()
        yield started.api
