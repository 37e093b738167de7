"""What a refresh tells a real Prefect server, and what the automations that `a4p serve` registers do about it."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.orchestration import server as prefect_server
from tests.integration.prefect_api import asked, call, with_database
from tests.integration.test_prefect import a4p, environment
from tests.support import quick
from tests.support.sharing import sources
from tests.support.waiting import HANGS_S, until

pytestmark = pytest.mark.prefect
ENDED = "prefect.flow-run.Completed"


@pytest.fixture(scope="module")
def folder(sample_inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cycle of which one mission's workbook is no workbook and another was never sent."""
    made = tmp_path_factory.mktemp("events")
    inbox = sources(sample_inbox, made / "inbox", "mission_report", "hospitals")
    workbooks = {path.parent.name: path for path in inbox.glob("cycle-05/mission_report/*/*")}
    workbooks["UNMISS"].write_bytes(b"this is no workbook")
    workbooks["UNIFIL"].unlink()
    return made


@pytest.fixture(scope="module")
def heard() -> Iterator[tuple[str, list[str]]]:
    """A channel's receiver: its address and what came in."""
    got: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}", got
    server.shutdown()


@pytest.fixture(scope="module")
def api(folder: Path, heard: tuple[str, list[str]], empty_database: Path) -> Iterator[str]:
    """`a4p serve`, whose coordinator hears of failures by the receiver."""
    with_database(folder / "prefect", empty_database)
    own = folder / "config"
    own.mkdir()
    (own / "alerts.yaml").write_text(
        f"channels:\n  coordinator: {heard[0]}\nroutes:\n  default: [contacts]\non_failure: [coordinator]\n"
    )
    port = prefect_server._free_port()
    with (folder / "serve.txt").open("w") as output:
        serving = subprocess.Popen(
            [quick.a4p(), "serve", "--port", str(port)],
            env=environment(folder, A4P_INBOX_URI=str(folder / "inbox"), A4P_CONFIG=str(own)),
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        address = f"http://127.0.0.1:{port}/api"
        try:
            until(lambda: "Ctrl-C stops" in (folder / "serve.txt").read_text() or serving.poll() is not None)
            assert serving.poll() is None, (folder / "serve.txt").read_text()
            yield address
        finally:
            os.killpg(serving.pid, signal.SIGINT)
            serving.wait(HANGS_S)


def events(api: str, name: str) -> list[dict[str, Any]]:
    wanted = {"filter": {"event": {"name": [name]}}, "limit": 50}
    return list(call("POST", f"{api}/events/filter", json=wanted)["events"])


def runs_of(api: str, flow: str) -> list[dict[str, Any]]:
    return asked(api, "flow_runs", flows={"name": {"any_": [flow]}})


def test_what_is_refused_and_late_is_told_to_its_source(api: str, folder: Path) -> None:
    names = {automation["name"] for automation in asked(api, "automations")}
    assert names == {"A4P+: a file was refused", "A4P+: a file is late", "A4P+: a refresh failed"}

    ran = a4p(folder, "refresh", "--cycle", "5", "--inbox", str(folder / "inbox"))
    assert ran.returncode == 0, ran.stderr
    assert "Running through the Prefect server" in ran.stderr
    refused = until(lambda: events(api, "a4p.submission.refused"))
    assert [event["resource"]["prefect.resource.id"] for event in refused] == ["a4p.slot.mission_report.UNMISS"]
    assert refused[0]["resource"]["a4p.cycle"] == "5"
    late = until(lambda: events(api, "a4p.submission.late"))
    assert "a4p.slot.mission_report.UNIFIL" in {event["resource"]["prefect.resource.id"] for event in late}
    assert len(until(lambda: events(api, "a4p.release.published"))) == 1
    # the run that made them is named with each, so that the UI leads from one to the other
    assert {related["prefect.resource.role"] for related in refused[0]["related"]} >= {"flow-run", "flow"}

    told = until(lambda: [run for run in runs_of(api, "tell-sources") if run["state_type"] == "COMPLETED"])
    assert told[0]["parameters"] == {"cycle": 5}
    assert len(runs_of(api, "tell-sources")) <= 2, "one for what was refused and one for what is late, not one a file"
    outbox = {path.name for path in (folder / "private/alerts/cycle-05/outbox").iterdir()}
    assert any("mission_report-UNMISS" in name for name in outbox)
    assert any("mission_report-UNIFIL" in name for name in outbox)

    # the same again is no news
    assert a4p(folder, "refresh", "--cycle", "5", "--inbox", str(folder / "inbox")).returncode == 0
    # the server has all that the run told by the time that it has its end
    runs = {f"prefect.flow-run.{run['id']}" for run in runs_of(api, "refresh") if run["state_type"] == "COMPLETED"}
    until(lambda: runs <= {event["resource"]["prefect.resource.id"] for event in events(api, ENDED)})
    assert len(runs) == 2
    assert len(events(api, "a4p.submission.refused")) == 1
    assert len(events(api, "a4p.release.published")) == 1


def test_a_refresh_that_fails_is_told_to_the_coordinator(api: str, folder: Path, heard: tuple[str, list[str]]) -> None:
    empty = folder / "empty"
    empty.mkdir()
    assert a4p(folder, "refresh", "--cycle", "6", "--inbox", str(empty)).returncode == 2
    message = until(lambda: heard[1])[0]
    assert "a refresh failed" in message
    assert "/runs/flow-run/" in message
