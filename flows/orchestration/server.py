"""The Prefect server that a run or `a4p serve` starts: embedded SQLite, this machine only, nothing sent anywhere.

It answers its own page and those who have its user and password (`login`, `guarded_server`). The user's
own Prefect profile and database are left alone: everything lies under A4P_PREFECT_HOME unless PREFECT_HOME or
PREFECT_API_URL name another place.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from flows.core.errors import StoreError
from flows.core.settings import Settings
from flows.orchestration import login as prefect_login
from flows.orchestration import one_serve
from flows.orchestration.login import Login
from flows.stores import rights

if TYPE_CHECKING:
    import httpx

# one that ends is noticed at once, so these are for what hangs, on a slow machine too
_START_LIMIT_S = 600
ANSWER_LIMIT_S = 15
# one whose `a4p serve` was killed ends by itself
_END_LIMIT_S = 60
_QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_CLI_PROMPT": "false",
}


@dataclass(frozen=True)
class Server:
    """A Prefect server: its API's address; its user and password where it was started here.

    For any other it is Prefect's own settings that say how one is let in.
    """

    api: str
    login: Login | None = None

    @property
    def page(self) -> str:
        """The address of its page."""
        return self.api.removesuffix("/api")

    @property
    def words(self) -> str | None:
        """Its user and password, as Prefect writes them; None where Prefect's own settings say how one is let in."""
        return self.login.words if self.login else None

    @property
    def asks(self) -> str:
        """Where the user and password stand that the page asks for, in a sentence; empty where that is not known."""
        return f"It asks for the user and password in {self.login.where}. " if self.login else ""


def home(settings: Settings) -> Path:
    """Return the folder that is Prefect's home."""
    return Path(os.environ.get("PREFECT_HOME") or settings.prefect_home).absolute()


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables under which Prefect leaves the user's own profile alone and sends nothing."""
    folder = home(settings)
    return {"PREFECT_HOME": str(folder), "PREFECT_PROFILES_PATH": str(folder / "profiles.toml"), **_QUIET}


def use(settings: Settings, server: Server) -> None:
    """Have Prefect, and every process started from here, go through a server; before Prefect is imported."""
    os.environ.update(environment(settings), PREFECT_API_URL=server.api)
    if server.login:
        os.environ["PREFECT_API_AUTH_STRING"] = server.login.words


def found(settings: Settings, named: str | None = None) -> Server | None:
    """Return the server to use, and use it: `named`, the one of PREFECT_API_URL, or that which `a4p serve` runs here.

    Raises StoreError where it does not answer or does not let us in.
    """
    named = named.rstrip("/") if named else prefect_login.Given().api_url
    served = _served(settings)
    if not (named or served):
        return None
    server = Server(named or str(served))
    if server.api == served:
        server = Server(served, prefect_login.known(home(settings)))
    elif not named:
        return None
    use(settings, server)
    from flows.orchestration import access

    access.check(server.api, server.words)
    return server


def answers(api: str) -> bool:
    """Tell whether a Prefect server answers at an API address, whether or not it lets us in."""
    # late here and below: most refreshes ask no server
    import httpx

    try:
        return _client().get(f"{api}/health").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@cache
def _client() -> httpx.Client:
    """Make it once: each reads all certificates that the machine knows, which takes longer than to ask."""
    import httpx

    return httpx.Client(timeout=ANSWER_LIMIT_S, limits=httpx.Limits(max_keepalive_connections=0))


@contextmanager
def running(
    settings: Settings, port: int | None = None, *, announced: bool = False, imports: Sequence[str] = ()
) -> Iterator[Server]:
    """Start a server, give it, and stop it at the end.

    `announced` leaves a note, by which other commands on this machine find the server while it runs. `imports` are
    modules that need Prefect: it goes through this server from now on, and they are imported while that starts.
    Raises StoreError where it does not start, or another one has the port.
    """
    # it tells what was run with what, and to whom
    rights.close(home(settings), "The folder of the Prefect server", "A4P_PREFECT_HOME")
    port = port or _free_port()
    api = f"http://127.0.0.1:{port}/api"
    login = prefect_login.made(home(settings))
    note = _note(settings)
    if announced:
        _forget(note, api)
    if answers(api):
        raise StoreError(f"Another server runs on port {port} already; stop it, or choose another with --port.")
    log = home(settings) / "server.log"
    with open(log, "w", opener=rights.opener) as output:
        server = subprocess.Popen(  # noqa: S603 (this interpreter and fixed words)
            # it ends when its input ends: with this process, even if this is killed
            [
                sys.executable,
                "-P",
                "-m",
                "flows.orchestration.guarded_server",
                "--port",
                str(port),
                "--until-input-ends",
            ],
            env=_environment(settings, api, login),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=rights.OTHERS,
        )
    assert server.stdin
    try:
        started = Server(api, login)
        if imports:
            use(settings, started)
            for module in imports:
                import_module(module)
        _wait(server, api, log)
        if announced:
            with open(note, "w", opener=rights.opener) as written:
                json.dump({"api": api, "pid": server.pid}, written)
        yield started
    finally:
        if announced:
            note.unlink(missing_ok=True)
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
        server.stdin.close()


def _environment(settings: Settings, api: str, login: Login) -> dict[str, str]:
    """Return the variables of a server that is started here; no secret is among the words of its command."""
    said = {
        **os.environ,
        **environment(settings),
        "PREFECT_API_URL": api,
        # of the page itself, by whichever name it was opened
        "PREFECT_UI_API_URL": "/api",
        "PREFECT_SERVER_API_AUTH_STRING": login.words,
        "PREFECT_API_AUTH_STRING": login.words,
    }
    said.setdefault("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", api.removesuffix("/api"))
    if "PREFECT_API_DATABASE_CONNECTION_URL" not in os.environ:
        said["PREFECT_API_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{home(settings) / 'prefect.db'}"
    # leases that a restart of the server outlives; in its memory, what a killed run held would be held for ever
    said.setdefault("PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE", "prefect.server.concurrency.lease_storage.filesystem")
    return said


def _forget(note: Path, api: str) -> None:
    """Remove the note of an `a4p serve` that was killed; its server, where it had the same port, is about to end."""
    noted = _noted(note)
    note.unlink(missing_ok=True)
    end = time.monotonic() + _END_LIMIT_S
    while noted == api and answers(api) and time.monotonic() < end:
        time.sleep(0.2)


def _wait(server: subprocess.Popen[bytes], api: str, log: Path) -> None:
    end = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < end:
        if server.poll() is not None:
            raise StoreError(f"The Prefect server stopped at its start; {log} says why.")
        if answers(api):
            return
        time.sleep(0.2)
    raise StoreError(f"The Prefect server did not answer within {_START_LIMIT_S} seconds; {log} says why.")


def _served(settings: Settings) -> str | None:
    """Return the API address of the server that `a4p serve` runs here.

    Where none runs, the address that was noted may be a stranger's by now.
    """
    api = _noted(_note(settings))
    return api if api and one_serve.at_work(home(settings)) and answers(api) else None


def _note(settings: Settings) -> Path:
    return home(settings) / "a4p-server.json"


def _noted(note: Path) -> str | None:
    try:
        return str(json.loads(note.read_text())["api"])
    except (FileNotFoundError, ValueError):
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
