"""Serve the check page on this computer until somebody stops it."""

from __future__ import annotations

import socket

from config import Config, ConfigError
from flows.core import visible
from flows.feedback.check_page.app import build_app

ADDRESS = "127.0.0.1"


def serve(config: Config, port: int) -> None:
    """Serve the page on this computer's own address; Ctrl-C stops it. Raises ConfigError where the port is taken."""
    import uvicorn

    listening = listen(port)
    visible.tell(f"Open http://{ADDRESS}:{listening.getsockname()[1]} in a browser on this computer. Ctrl-C stops.")
    server = uvicorn.Server(
        uvicorn.Config(
            build_app(config), log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
        )
    )
    server.run(sockets=[listening])


def listen(port: int) -> socket.socket:
    """Return a socket that listens on this computer's own address alone."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((ADDRESS, port))
        # from now on a browser waits for the server instead of being turned away
        listening.listen()
    except (OSError, OverflowError):
        listening.close()
        raise ConfigError(f"Port {port} cannot be used; choose another one with --port.") from None
    return listening
