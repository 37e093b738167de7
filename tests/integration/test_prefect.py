"""The refresh through a real Prefect server, started once for these tests."""

import asyncio
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config import Label, load
from flows import Pipeline, Stores
from flows.core.settings import Settings
from flows.core.steps import Kind, Step
from flows.orchestration import server as prefect_server
from flows.stores import keyed
from flows.stores.from_settings import places_of
from tests.integration.prefect_api import LOGIN, asked, with_database
from tests.integration.prefect_api import server as running
from tests.support import quick
from tests.support.sharing import sources
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.prefect
# what two runs cannot have alike in their logs
NOT_ALIKE = {"run", "time", "seconds"}
A4P = str(Path(sys.executable).parent / "a4p")


@pytest.fixture(scope="module")
def server(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(with_database(tmp_path_factory.mktemp("prefect"), empty_database)) as api:
        yield api


def environment(folder: Path, **more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("A4P_", "PREFECT_"))}
    places = {
        "A4P_PUBLIC_URI": str(folder / "public"),
        "A4P_PRIVATE_URI": str(folder / "private"),
        "A4P_PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_AUTH_STRING": LOGIN,
        "HOME": str(folder / "home"),
    }
    (folder / "home").mkdir(exist_ok=True)
    return {**own, **places, **more}


def a4p(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [quick.a4p(), *arguments],
        env=environment(folder, **more),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=False,
    )


def test_the_same_refresh_runs_through_a_server_and_directly(server, sample_inbox, released, tmp_path):
    through = tmp_path / "through"
    key = through / "private" / keyed.PATH
    key.parent.mkdir(parents=True, mode=0o700)
    # with another key the sources have other names
    shutil.copyfile(released / "store/private" / keyed.PATH, key)
    log = {"A4P_LOG_FORMAT": "json", "A4P_LOG_FILE": "log.jsonl"}
    ran = a4p(through, "refresh", "--cycle", "5", "--inbox", str(sample_inbox), PREFECT_API_URL=server, **log)
    assert ran.returncode == 0, ran.stderr
    assert "Running through the Prefect server" in ran.stderr
    assert "running the steps directly" in (released / "err.txt").read_text()

    releases = [folder / "public/releases/cycle-05/r001" for folder in (through, released / "store")]
    files = [{path.relative_to(root): path.read_bytes() for path in root.rglob("*.*")} for root in releases]
    assert files[0] == files[1]
    assert len(files[0]) > 30

    runs = asked(server, "flow_runs", sort="START_TIME_DESC", limit=1)
    assert (runs[0]["name"], runs[0]["state_type"]) == ("cycle 5", "COMPLETED")
    # the log is the same, and names Prefect's run
    logs = [[json.loads(line) for line in (folder / "log.jsonl").open()] for folder in (through, released)]
    assert {line["run"] for line in logs[0]} == {runs[0]["id"]}
    once = [[{key: line[key] for key in line if key not in NOT_ALIKE} for line in lines] for lines in logs]
    assert once[0] == once[1]
    tasks = asked(server, "task_runs", flow_runs={"id": {"any_": [runs[0]["id"]]}})
    names = {task["name"] for task in tasks}
    assert {"pull noticas", "read mission_report", "check sofa_soma", "make the tables"} <= names
    assert {task["state_type"] for task in tasks} == {"COMPLETED"}
    artifacts = {artifact["key"]: artifact for artifact in asked(server, "artifacts", limit=200)}
    assert "| Allegations of misconduct | accepted |" in str(artifacts["sources-cycle-5"]["data"])
    inside = through / "private/internal/releases/cycle-05/r001"
    found = pl.read_parquet(inside / "quality/findings.parquet")["severity"].to_list()
    assert (found.count("critical"), found.count("info")) == (0, 1)
    assert found.count("warning") > 10
    assert f"| All | 0 | {found.count('warning')} | 1 |" in str(artifacts["findings-cycle-5"]["data"])
    assert "r001/report.html" in str(artifacts["release-cycle-5"]["data"])
    assert float(str(artifacts["progress-cycle-5"]["data"])) == 100
    # the user's own profile is left alone
    assert not (through / "home" / ".prefect").exists()


def test_a_server_that_does_not_answer_is_named(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/api"
    ran = a4p(tmp_path, "refresh", "--cycle", "5", PREFECT_API_URL=url)
    assert ran.returncode == 3
    assert "does not answer; start it, or unset PREFECT_API_URL" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_test_asks_the_server_that_it_names_and_not_an_earlier_one(as_client, tmp_path):
    for port in (1, 2):
        api = f"http://127.0.0.1:{port}/api"
        as_client(environment(tmp_path, PREFECT_API_URL=api))
        from prefect.settings import PREFECT_API_URL

        assert PREFECT_API_URL.value() == api


def test_that_the_server_takes_no_events_is_told_in_a_sentence(server, as_client, tmp_path):
    as_client(environment(tmp_path, PREFECT_API_URL=server))
    from flows.orchestration.flows import quiet

    quiet()
    logger = logging.getLogger("prefect.events.utilities")
    try:
        raise RuntimeError("Cannot put items in a stopped service instance.")
    except RuntimeError:
        record = logger.makeRecord(logger.name, logging.ERROR, "", 0, "Error emitting event: a4p", (), sys.exc_info())
    assert logger.filter(record)
    assert logging.Formatter().format(record) == (
        "Error emitting event: a4p. The Prefect server takes none any more; its automations may not start."
    )


def test_only_what_may_pass_is_tried_again(server, as_client, monkeypatch, tmp_path):
    """A step whose server does not answer is retried by Prefect; a mistake is not."""
    as_client(environment(tmp_path, PREFECT_API_URL=server))
    from prefect import flow

    from flows.core.errors import StoreError, Unanswered
    from flows.orchestration import tasks

    monkeypatch.setattr(tasks, "RETRY_WAITS_S", [0.1, 0.1, 0.1])
    tried: list[str] = []

    def fails_twice() -> str:
        tried.append("network")
        if len(tried) < 3:
            raise Unanswered("The server does not answer.")
        return "done"

    def fails() -> None:
        tried.append("mistake")
        raise StoreError("The store refuses the credentials.")

    @flow
    def both() -> str:
        settings = Settings(runner="here")
        with tasks.steps(settings, places_of(settings), lambda _: nullcontext()) as runner:
            result = runner(Step(kind=Kind.PULL, source="flaky", function=fails_twice))
            with pytest.raises(StoreError):
                runner(Step(kind=Kind.PULL, source="broken", function=fails))
        return str(result)

    assert both() == "done"
    assert tried == ["network"] * 3 + ["mistake"]


def test_what_a_pipeline_is_handed_in_holds_for_its_run_through_a_server(server, as_client, sample_inbox, tmp_path):
    """Stores, settings, configuration and server, in a notebook, whose loop runs all the time."""
    inbox = sources(sample_inbox, tmp_path / "inbox", "hospitals")
    elsewhere = Settings(prefect_home=str(tmp_path / "prefect"))
    # what the run would go by, had it been handed in nothing
    as_client(
        {
            **environment(tmp_path),
            **prefect_server.environment(elsewhere),
            "A4P_INBOX_URI": str(tmp_path / "nothing"),
            "A4P_FILE_LIMITS": "1",
            "PREFECT_API_URL": "http://127.0.0.1:1/api",
        }
    )
    own = load()
    noticas = own.contract("noticas").model_copy(update={"title": Label(en="Losses", fr="Pertes")})
    log = tmp_path / "log.jsonl"
    pipeline = Pipeline(
        config=replace(own, contracts={**own.contracts, "noticas": noticas}),
        stores=Stores(inbox, tmp_path / "mine/private", tmp_path / "mine/public"),
        prefect=server,
        settings=Settings(file_limits=2, log_format="json", log_file=str(log), prefect_home=str(tmp_path / "prefect")),
    )

    async def in_a_notebook() -> Any:
        return pipeline.cycle(5).refresh(as_of="2024-09-03")

    result = asyncio.run(in_a_notebook())
    assert result.release is not None
    assert result.release.uri == str(tmp_path / "mine/public/releases/cycle-05/r001")
    assert result.release.verify().problems == ()
    assert any(sentence.startswith("Losses (UNOCC)") for sentence in result.missing)
    assert not (tmp_path / "public").exists()
    assert not (tmp_path / "private").exists()
    # it ran there, and says so in its own log
    (run,) = {json.loads(line)["run"] for line in log.open() if "run" in json.loads(line)}
    (ran,) = asked(server, "flow_runs", flow_runs={"id": {"any_": [run]}})
    assert (ran["name"], ran["state_type"]) == ("cycle 5", "COMPLETED")
