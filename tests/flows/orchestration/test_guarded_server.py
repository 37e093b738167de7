"""Who is let through to a Prefect server; tests/integration/test_strangers.py asks a real one, with a real browser."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from flows.orchestration.guarded_server import guarded
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.slow

APP = guarded(PlainTextResponse("in"), ["http://prefect:4200/api", "/api"], ["https://a4p.example.org"])
LED = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


async def asked(headers: dict[str, str]) -> int:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=APP), base_url="http://127.0.0.1:4200") as client:
        answer = await client.post("/api/deployments/filter", headers=headers)
    assert (answer.text == "in") == (answer.status_code == 200)
    return answer.status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8080"}, 200),
        ({"host": "[::1]:4200"}, 200),
        ({"host": "prefect:4200"}, 200),
        ({"host": "a4p.example.org"}, 200),
        ({"host": "example.org"}, 400),
        ({"host": "127.0.0.1.example.org"}, 400),
        ({"host": ""}, 400),
        ({"origin": "http://127.0.0.1:4200"}, 200),
        ({"host": "localhost:8080", "origin": "http://localhost:8080", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "https://a4p.example.org", "sec-fetch-site": "cross-site"}, 200),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:4201"}, 403),
        ({"origin": "http://localhost:4200"}, 403),
        ({"origin": "http://a4p.example.org"}, 403),
        ({"origin": "null", **LED, "sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, 403),
        ({"sec-fetch-site": "cross-site", **LED}, 200),
    ],
)
def test_own_pages_and_programs_are_let_through_and_nobody_else(headers: dict[str, str], status: int) -> None:
    assert asyncio.run(asked(headers)) == status


def test_it_does_not_start_without_a_password(tmp_path: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    ran = subprocess.run(
        [sys.executable, "-m", "flows.orchestration.guarded_server", "--port", "0"],
        env={**own, "PREFECT_HOME": str(tmp_path), "PREFECT_SERVER_API_AUTH_STRING": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=False,
    )
    assert ran.returncode == 2
    assert (
        ran.stdout == "Set PREFECT_SERVER_API_AUTH_STRING to user:password; without it anybody could use this server.\n"
    )
