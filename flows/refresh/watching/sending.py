"""Events on their way to OpenLineage, beside the refresh: a server that is slow or away costs it no time."""

from __future__ import annotations

import os
import queue
import threading
from typing import Any
from urllib.parse import urlsplit

from openlineage.client.event_v2 import RunEvent
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport

from flows.core import logs

_TIMEOUT_S = 5.0
_AT_THE_END_S = 15.0


class Sender:
    """Sends events one after the other from a thread of its own; after the first failure it sends no more."""

    def __init__(self, to: str) -> None:
        self.to = to
        self._transport = _transport(to)
        self._waiting: queue.SimpleQueue[RunEvent | None] = queue.SimpleQueue()
        self._down = False
        self._thread = threading.Thread(target=self._work, name="openlineage", daemon=True)
        self._thread.start()

    def send(self, event: RunEvent) -> None:
        """Send an event, in its turn."""
        self._waiting.put(event)

    def close(self) -> None:
        """Wait until all is sent, for some seconds at most."""
        self._waiting.put(None)
        self._thread.join(_AT_THE_END_S)
        if self._thread.is_alive():
            self._warn(f"{self.to} took too long")

    def _work(self) -> None:
        while (event := self._waiting.get()) is not None:
            if self._down:
                continue
            try:
                self._transport.emit(event)
            except Exception as error:
                self._warn(f"{self.to} did not take an event ({type(error).__name__})")

    def _warn(self, why: str) -> None:
        if not self._down:
            self._down = True
            logs.warn(
                "openlineage.failed",
                f"OpenLineage is told no more of this refresh, which goes on: {why}; check A4P_OPENLINEAGE_URL.",
            )


def _transport(to: str) -> Any:
    """Return the way to a server, or to a file to which each event is added as a line.

    A server's address without a path gets that of OpenLineage's API. Its key, where it wants one, stands in
    OPENLINEAGE_API_KEY.
    """
    if not to.startswith(("http://", "https://")):
        return FileTransport(FileConfig(to, append=True))
    key = os.environ.get("OPENLINEAGE_API_KEY")
    asked: dict[str, Any] = {"url": to, "timeout": _TIMEOUT_S, "retry": {"total": 1, "backoff_factor": 0.2}}
    if urlsplit(to).path.strip("/"):
        asked["endpoint"] = ""
    if key:
        asked["auth"] = {"type": "api_key", "apiKey": key}
    return HttpTransport(HttpConfig.from_dict(asked))
