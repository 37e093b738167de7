"""A Prefect server for those alone who belong to it: `python -m flows.orchestration.guarded_server --port 4200`.

Where PREFECT_SERVER_API_AUTH_STRING is set, Prefect's API asks for user and password, all but `/health` and `/ready`;
its websockets ask in their first message. But it answers under every name, and to every page. Before all of it stands a
guard: who asks under another name than the server's (a stranger's name can be made to lead here), or from another page
than its own, is refused, whatever he asks for.

Prefect's page asks a stranger's server how it is to count its visitors, even where analytics are off: browsers are told
that it may talk to its own server only, and that no other page may show it inside itself.

Own names are those of this computer, and those in PREFECT_API_URL, PREFECT_UI_API_URL and
PREFECT_SERVER_CORS_ALLOWED_ORIGINS; pages of the latter are let in beside the server's own.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

import click
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.core import visible
from flows.core.strangers import HOSTS, from_elsewhere

_ENDS_WITHIN_S = 10.0


def guarded(app: ASGIApp, addresses: Iterable[str], origins: Collection[str]) -> ASGIApp:
    """Return an application that refuses strangers, and passes on all else.

    `addresses` are those by which the server is reached, beside this computer's own names; `origins` those of other
    pages that may use it, such as https://host.
    """
    named = [found for found in map(urlsplit, (*addresses, *origins)) if found.hostname]
    hosts = [f"[{one.hostname}]" if ":" in str(one.hostname) else str(one.hostname) for one in named]
    talks_to = " ".join(["'self'", *sorted({f"{one.scheme}://{one.netloc}" for one in named})])
    guard = _Guard(app, frozenset(origins), f"connect-src {talks_to}; frame-ancestors 'none'")
    return TrustedHostMiddleware(guard, [*HOSTS, "[::1]", *hosts], www_redirect=False)


class _Guard:
    def __init__(self, app: ASGIApp, origins: frozenset[str], policy: str) -> None:
        self._app = app
        self._origins = origins
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = self._policy
            await send(message)

        answer: ASGIApp = self._app
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            if from_elsewhere(headers) and not (_led_here(headers) or headers.get("origin") in self._origins):
                answer = PlainTextResponse("This server answers its own page and programs only.", 403)
            elif scope["type"] == "websocket" and "prefect" not in scope["subprotocols"]:
                # without it there is no first message that says who it is, and Prefect answers 403
                answer = PlainTextResponse("User and password are missing.", 401)
        await answer(scope, receive, with_policy)


def _led_here(headers: Headers) -> bool:
    """Tell whether somebody follows a link: the page opens in a window of its own, out of the other page's reach."""
    return (
        "origin" not in headers
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=4200, show_default=True, help="Port to listen on.")
@click.option("--until-input-ends", is_flag=True, help="Stop when the standard input ends, as it does with its parent.")
def main(host: str, port: int, until_input_ends: bool) -> None:
    """Run Prefect's API, page and services; its settings are Prefect's own variables."""
    if until_input_ends:
        threading.Thread(target=_end_with_the_input, daemon=True).start()
    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    settings = get_current_settings()
    server = settings.server
    if not server.api.auth_string or not server.api.auth_string.get_secret_value():
        visible.tell("Set PREFECT_SERVER_API_AUTH_STRING to user:password; without it anybody could use this server.")
        sys.exit(2)
    origins = {origin.strip() for origin in server.api.cors_allowed_origins.split(",")} - {"*", ""}
    addresses = [address for address in (settings.api.url, server.ui.api_url) if address]
    uvicorn.run(
        # what the server asks of itself goes to the application, without the guard
        guarded(create_app(final=True), addresses, origins),
        host=host,
        port=port,
        log_level=server.logging_level.lower(),
        timeout_keep_alive=server.api.keepalive_timeout,
        ws_ping_interval=server.api.websocket_ping_interval,
        ws_ping_timeout=server.api.websocket_ping_timeout,
    )


def _end_with_the_input() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_ENDS_WITHIN_S)
    os._exit(1)


if __name__ == "__main__":
    main()
