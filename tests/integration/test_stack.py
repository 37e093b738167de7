"""The services of compose.yaml against real servers, and their credentials rotated as docs/runbook.md says."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from config import load
from flows.orchestration import server
from sample import noticas
from tests.integration.prefect_api import LOGIN, asked, call
from tests.integration.runbook import followed
from tests.integration.stack import Keys, Stack

pytestmark = [pytest.mark.prefect, pytest.mark.s3, pytest.mark.postgres]


@pytest.fixture(scope="module")
def keys(s3: Any, shared: Path) -> Keys:
    return Keys(s3, shared)


@pytest.fixture(scope="module")
def administrator(postgres: Any) -> Iterator[Any]:
    """A connection that may change the user `prefect`, who owns a database of that name."""
    with psycopg.connect(postgres.uri, password=postgres.password, autocommit=True) as connection:
        connection.execute("CREATE USER prefect PASSWORD 'first-password'")
        connection.execute("CREATE DATABASE prefect OWNER prefect")
        yield connection
        connection.execute("DROP DATABASE prefect WITH (FORCE)")
        connection.execute("DROP USER prefect")


@pytest.fixture(scope="module")
def stack(
    s3: Any, postgres: Any, administrator: Any, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """All services, started in the order in which they wait for each other."""
    key, secret = keys.new()
    unique = uuid.uuid4().hex[:8]
    given = {f"A4P_{name.upper()}_URI": f"s3://a4p-{unique}-{name}" for name in ("inbox", "private", "public")}
    given |= {"POSTGRES_PASSWORD": "first-password", "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    given |= {"PREFECT_SERVER_API_AUTH_STRING": LOGIN, "STORE_ROOT_USER": key, "STORE_ROOT_PASSWORD": secret}
    folder = tmp_path_factory.mktemp("stack")
    ports = server._free_port(), server._free_port()
    found = Stack(folder, given, s3.endpoint, postgres.port, *ports)
    try:
        found.start("prefect")
        assert found.run("buckets").count("made the bucket") == 3
        assert found.run("buckets") == "", "made once"
        found.start("a4p")
        found.until("a4p", lambda: "Prefect's UI" in found.log("a4p"))
        yield found
    finally:
        for name in reversed(list(found.running)):
            found.stop(name)


def put_into_the_inbox(stack: Stack, s3: Any, rows: int, folder: Path) -> None:
    """Put a file of NOTICAS there with this many deaths, as somebody else than the pipeline does."""
    (file,) = noticas.write(folder, load().cycle(5), scale=1, seed=0)
    content = "".join(file.read_text().splitlines(keepends=True)[: rows + 1])
    bucket = stack.given["A4P_INBOX_URI"].removeprefix("s3://")
    s3.client().put_object(Bucket=bucket, Key=f"cycle-05/noticas/{file.name}", Body=content.encode())


def run_of_the_deployment(stack: Stack) -> str:
    """Start a refresh of cycle 5 as Prefect's UI does, for `a4p serve` to run; return the state that it ends in."""
    named = {"flows": {"name": {"any_": ["refresh"]}}, "deployments": {"name": {"any_": ["on-demand"]}}}
    (chosen,) = asked(stack.api, "deployments", **named)
    url = f"{stack.api}/deployments/{chosen['id']}/create_flow_run"
    made = call("POST", url, json={"parameters": {"cycle": 5}})

    def ended() -> str:
        state = call("GET", f"{stack.api}/flow_runs/{made['id']}")["state"]
        return str(state["type"]) if state["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else ""

    return stack.until("a4p", ended)


def test_the_server_of_the_stack_serves_its_page_and_asks_who_one_is(stack: Stack) -> None:
    page = stack.api.removesuffix("/api")
    assert "<title>Prefect" in httpx.get(f"{page}/v2/").text
    assert (stack.folder / "ui" / "v2" / "index.html").exists(), "the image itself cannot be written to"
    assert httpx.get(f"{page}/ui-settings").json()["auth"] == "BASIC"
    assert httpx.post(f"{stack.api}/deployments/filter", json={}).status_code == 401
    login = httpx.BasicAuth(*LOGIN.split(":"))
    for headers, status in (
        ({}, 200),
        ({"Origin": stack.environment("prefect")["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"]}, 200),
        ({"Host": "stranger.example"}, 400),
        ({"Origin": "http://stranger.example"}, 403),
    ):
        answer = httpx.post(f"{stack.api}/deployments/filter", json={}, auth=login, headers=headers)
        assert answer.status_code == status, headers


def test_the_stack_refreshes_a_cycle_after_its_credentials_were_rotated_while_it_ran(
    stack: Stack, s3: Any, keys: Keys, administrator: Any, tmp_path: Path
) -> None:
    # all sources but one are late: without this, each would be told by a run of its own
    for automation in asked(stack.api, "automations"):
        call("PATCH", f"{stack.api}/automations/{automation['id']}", json={"enabled": False})
    deployments = {one["id"] for one in asked(stack.api, "deployments")}
    put_into_the_inbox(stack, s3, 1000, tmp_path)

    # a new key beside the old, and a new password, while all of it runs
    old = {"OLD_KEY": stack.given["AWS_ACCESS_KEY_ID"], "OLD_SECRET": stack.given["AWS_SECRET_ACCESS_KEY"]}
    key, secret = keys.new()
    administrator.execute("ALTER USER prefect PASSWORD 'second-password'")
    stack.given |= {"POSTGRES_PASSWORD": "second-password", "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    for name in ("a4p", "prefect"):
        stack.stop(name)
    for name in ("prefect", "a4p"):
        stack.start(name)
    stack.until("a4p", lambda: not any(one["paused"] for one in asked(stack.api, "deployments")))
    assert {one["id"] for one in asked(stack.api, "deployments")} == deployments, "nothing was lost"

    here = stack.environment("a4p")
    with followed("Credentials are rotated", stack.folder, Path(here["PATH"].split(":")[0]), {**here, **old}) as duty:
        assert re.search(r"Notifications of casualties .* received", duty.follow())
        keys.remove(old["OLD_KEY"])
        assert "refuses the credentials" in duty.follow()
    assert run_of_the_deployment(stack) == "COMPLETED", stack.log("a4p")
    public = stack.given["A4P_PUBLIC_URI"].removeprefix("s3://")
    assert s3.client().head_object(Bucket=public, Key="releases/cycle-05/r001/datapackage.json")
    with psycopg.connect(administrator.info.dsn, password=administrator.info.password, dbname="prefect") as database:
        found = database.execute(
            "SELECT 1 FROM flow_run WHERE state_type = 'COMPLETED' AND NOT auto_scheduled"
        ).fetchall()
        assert found == [(1,)], "it is kept in PostgreSQL"
    assert "a4p_" in httpx.get(f"http://127.0.0.1:{stack.metrics_port}/metrics").text
    keys.remove(key)
