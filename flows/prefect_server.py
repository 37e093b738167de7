"""The Prefect server that a run or `a4p serve` starts: embedded SQLite, this machine only, nothing sent anywhere.

The user's own Prefect profile and database are left alone: everything lies under A4P_PREFECT_HOME unless PREFECT_HOME
or PREFECT_API_URL name another place.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from flows.settings import Settings
from flows.store import StoreError, rights

_START_LIMIT_S = 90
_QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_CLI_PROMPT": "false",
}


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables under which Prefect leaves the user's own profile alone and sends nothing."""
    home = os.environ.get("PREFECT_HOME") or str(Path(settings.prefect_home).absolute())
    return {"PREFECT_HOME": home, "PREFECT_PROFILES_PATH": str(Path(home) / "profiles.toml"), **_QUIET}


def found(settings: Settings) -> str | None:
    """Return the API address of the server to use: PREFECT_API_URL, or the one that `a4p serve` runs here.

    Raises StoreError where PREFECT_API_URL names a server that does not answer.
    """
    named = os.environ.get("PREFECT_API_URL")
    if named:
        if not answers(named):
            raise StoreError(f"The Prefect server at {named} does not answer; start it, or unset PREFECT_API_URL.")
        return named
    note = _note(settings)
    if note.exists():
        url = str(json.loads(note.read_text())["api"])
        return url if answers(url) else None
    return None


def answers(api: str) -> bool:
    """Tell whether a Prefect server answers at an API address."""
    try:
        return httpx.get(f"{api}/health", timeout=3).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@contextmanager
def running(settings: Settings, port: int | None = None, *, announced: bool = False) -> Iterator[str]:
    """Start a server, give its API address, and stop it at the end.

    `announced` leaves a note, by which other commands on this machine find the server while it runs.
    Raises StoreError where it does not start, or another one has the port.
    """
    port = port or _free_port()
    api = f"http://127.0.0.1:{port}/api"
    if answers(api):
        raise StoreError(f"Another server runs on port {port} already; stop it, or choose another with --port.")
    home = Path(environment(settings)["PREFECT_HOME"])
    # it tells what was run with what, and to whom
    rights.close(home, "The folder of the Prefect server", "A4P_PREFECT_HOME")
    log = home / "server.log"
    started = {**os.environ, **environment(settings), "PREFECT_API_URL": api, "PREFECT_UI_API_URL": api}
    if "PREFECT_API_DATABASE_CONNECTION_URL" not in os.environ:
        started["PREFECT_API_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{home / 'prefect.db'}"
    # leases that a restart of the server outlives; in its memory, what a killed run held would be held for ever
    started.setdefault(
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE", "prefect.server.concurrency.lease_storage.filesystem"
    )
    with open(log, "w", opener=rights.opener) as output:
        server = subprocess.Popen(  # noqa: S603 (this interpreter and fixed words)
            [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=started,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=rights.OTHERS,
        )
    note = _note(settings)
    try:
        _wait(server, api, log)
        if announced:
            with open(note, "w", opener=rights.opener) as written:
                json.dump({"api": api, "pid": server.pid}, written)
        yield api
    finally:
        if announced:
            note.unlink(missing_ok=True)
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait(server: subprocess.Popen[bytes], api: str, log: Path) -> None:
    end = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < end:
        if server.poll() is not None:
            raise StoreError(f"The Prefect server stopped at its start; {log} says why.")
        if answers(api):
            return
        time.sleep(0.2)
    raise StoreError(f"The Prefect server did not answer within {_START_LIMIT_S} seconds; {log} says why.")


def _note(settings: Settings) -> Path:
    return Path(environment(settings)["PREFECT_HOME"]) / "a4p-server.json"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
