"""What the tests ask a Prefect server; as Prefect's own client does, they ask again where its SQLite is busy (503)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.core.settings import Settings
from flows.orchestration import server as prefect_server
from tests.support import quick
from tests.support.waiting import HANGS_S

# user and password of the tests' servers: test_prefect.environment gives them to all that runs
LOGIN = "tests:not-a-secret"


def call(method: str, url: str, login: str = LOGIN, **given: Any) -> Any:
    """Return what the server answers, None where it answers nothing."""
    user, _, password = login.partition(":")
    end = time.monotonic() + HANGS_S
    while True:
        answer = _client().request(method, url, auth=(user, password), **given)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > end:
            answer.raise_for_status()
            return answer.json() if answer.content else None
        time.sleep(0.5)


@cache
def _client() -> httpx.Client:
    """Make it once: each reads all certificates that the machine knows, which takes longer than to ask."""
    return httpx.Client(timeout=HANGS_S, limits=httpx.Limits(max_keepalive_connections=0))


def asked(api: str, what: str, login: str = LOGIN, **body: object) -> list[dict[str, Any]]:
    """Return the runs, deployments, … that a filter lets through."""
    return list(call("POST", f"{api}/{what}/filter", login, json=body))


def write_database(folder: Path) -> None:
    """Write the database that a new server makes, `prefect.db`, by Prefect's own migrations."""
    code = (
        "import asyncio; from prefect.server.database import provide_database_interface as given; "
        "asyncio.run(given().create_db())"
    )
    settings = Settings(prefect_home=str(folder))
    database = {"PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / 'prefect.db'}"}
    given = {**os.environ, **prefect_server.environment(settings), **database}
    subprocess.run([sys.executable, "-c", code], env=given, check=True)


def with_database(home: Path, database: Path) -> Path:
    """Put a copy of the database into Prefect's home, whose server then need not make one; return the home."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(database / "prefect.db", home)
    return home


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Run a server that has LOGIN; give its API's address."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("PREFECT_SERVER_API_AUTH_STRING", LOGIN)
        # the pipeline starts it by this
        patch.setattr(sys, "executable", str(quick.programs() / "python"))
        started = stack.enter_context(prefect_server.running(Settings(prefect_home=str(home))))
        patch.undo()
        yield started.api
