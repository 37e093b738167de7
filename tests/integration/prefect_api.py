"""What the tests ask a Prefect server; as Prefect's own client does, they ask again where its SQLite is busy (503)."""

from __future__ import annotations

import time
from typing import Any

import httpx

BUSY_S = 60


def call(method: str, url: str, **given: Any) -> Any:
    """Return what the server answers, None where it answers nothing."""
    end = time.monotonic() + BUSY_S
    while True:
        answer = httpx.request(method, url, timeout=60, **given)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > end:
            answer.raise_for_status()
            return answer.json() if answer.content else None
        time.sleep(0.5)


def asked(api: str, what: str, **body: object) -> list[dict[str, Any]]:
    """Return the runs, deployments, … that a filter lets through."""
    return list(call("POST", f"{api}/{what}/filter", json=body))
