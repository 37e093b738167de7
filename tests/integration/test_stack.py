"""The services of compose.yaml against real servers, and their credentials rotated as docs/runbook.md says."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

import sample
from flows import prefect_server
from flows.store import Store
from tests.integration.runbook import followed
from tests.integration.stack import Keys, Stack
from tests.integration.test_prefect import asked

pytestmark = [pytest.mark.prefect, pytest.mark.s3, pytest.mark.postgres]


@pytest.fixture(scope="module")
def keys(s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(s3, tmp_path_factory.getbasetemp())


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
    folder = tmp_path_factory.mktemp("stack")
    found = Stack(folder, given, s3.endpoint, postgres.port, prefect_server._free_port())
    try:
        found.start("prefect")
        assert found.run("buckets").count("made the bucket") == 3
        assert found.run("buckets") == "", "made once"
        found.start("a4p")
        found.until("a4p", lambda: asked(found.api, "deployments"))
        yield found
    finally:
        for name in reversed(list(found.running)):
            found.stop(name)


def put_into_the_inbox(stack: Stack, rows: int, folder: Path) -> None:
    """Write as many deaths as NOTICAS has sent by now."""
    if not (folder / "sample").exists():
        sample.write(folder / "sample", 5)
    (file,) = (folder / "sample/cycle-05/noticas").iterdir()
    lines = file.read_text().splitlines(keepends=True)[: rows + 1]
    inbox = Store(stack.given["A4P_INBOX_URI"], stack.s3_endpoint)
    inbox.write(f"cycle-05/noticas/{file.name}", "".join(lines).encode())


def run_of_the_deployment(stack: Stack) -> str:
    """Start a refresh of cycle 5 as Prefect's UI does, for `a4p serve` to run; return the state that it ends in."""
    flows = {flow["id"] for flow in asked(stack.api, "flows", flows={"name": {"any_": ["refresh"]}})}
    chosen = next(one for one in asked(stack.api, "deployments") if one["flow_id"] in flows)
    answer = httpx.post(f"{stack.api}/deployments/{chosen['id']}/create_flow_run", json={"parameters": {"cycle": 5}})
    answer.raise_for_status()

    def ended() -> str:
        state = httpx.get(f"{stack.api}/flow_runs/{answer.json()['id']}").json()["state"]
        return str(state["type"]) if state["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else ""

    return stack.until("a4p", ended)


def test_the_stack_refreshes_a_cycle_and_goes_on_when_its_credentials_are_rotated(
    stack: Stack,
    keys: Keys,
    administrator: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, stack.given[name])
    put_into_the_inbox(stack, 1000, tmp_path)
    said = stack.run("a4p", "refresh", "--cycle", "5")
    assert f"Running through the Prefect server at http://127.0.0.1:{stack.prefect_port}" in said
    assert f"Published release r001 (provisional): {stack.given['A4P_PUBLIC_URI']}/releases/cycle-05/r001" in said
    deployments = {one["name"]: one["id"] for one in asked(stack.api, "deployments")}
    with psycopg.connect(administrator.info.dsn, password=administrator.info.password, dbname="prefect") as database:
        assert database.execute("SELECT count(*) FROM flow_run").fetchone() == (1,), "it is kept in PostgreSQL"

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
    assert {one["name"]: one["id"] for one in asked(stack.api, "deployments")} == deployments, "nothing was lost"

    here = stack.environment("a4p")
    with followed("Credentials are rotated", stack.folder, Path(here["PATH"].split(":")[0]), {**here, **old}) as duty:
        assert "accepted" in duty.follow()
        assert "Running through the Prefect server" in duty.said
        assert "Nothing changed; release r001" in duty.said
        keys.remove(old["OLD_KEY"])
        assert "refuses the credentials" in duty.follow()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, stack.given[name])
    put_into_the_inbox(stack, 1100, tmp_path)
    assert run_of_the_deployment(stack) == "COMPLETED", stack.log("a4p")
    public = Store(stack.given["A4P_PUBLIC_URI"], stack.s3_endpoint)
    assert public.exists("releases/cycle-05/r002/datapackage.json")
    keys.remove(key)
