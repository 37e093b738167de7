"""What runs by itself, on real Prefect servers: one that `a4p serve` uses, and one on PostgreSQL with a worker."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from config import load
from flows.core import visible
from flows.orchestration import markdown, one_serve
from flows.stores import Store, turns
from tests.flows.core.test_markup import TEXTS
from tests.integration.prefect_api import LOGIN, asked, call, server, with_database
from tests.integration.test_prefect import environment
from tests.support import quick
from tests.support.sharing import sources
from tests.support.waiting import HANGS_S, until

pytestmark = pytest.mark.prefect
AsClient = Callable[[Mapping[str, str]], None]
TOP = Path(__file__).parents[2]
CYCLE = load().cycle(5)
# five nights in the window of cycle 5, which is long over when the tests run
NIGHTS = {"start_time": "2024-05-10T00:00:00Z", "end_time": "2024-05-14T23:00:00Z", "min_runs": 5, "max_runs": 5}


@pytest.fixture(scope="module")
def inbox(sample_inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cycle of which two sources have sent something."""
    return sources(sample_inbox, tmp_path_factory.mktemp("few") / "inbox", "noticas", "hospitals")


@contextmanager
def process(folder: Path, log: str, *command: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    with (
        (folder / log).open("wb") as output,
        subprocess.Popen(
            command,
            env=environment(folder, **more),
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as running,
    ):
        try:
            yield running
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)


@contextmanager
def serving(folder: Path, api: str, log: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    with process(folder, log, quick.a4p(), "serve", PREFECT_API_URL=api, **more) as running:
        until(
            lambda: b"Ctrl-C stops" in (folder / log).read_bytes() or running.poll() is not None,
            (folder / log).read_text,
        )
        assert running.poll() is None, (folder / log).read_text()
        try:
            yield running
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
    # it may be the caller of another process, which ends with it
    until(lambda: not one_serve.at_work(folder / "prefect"))


def deployed(api: str) -> dict[str, dict[str, Any]]:
    flows = {flow["id"]: flow["name"] for flow in asked(api, "flows")}
    return {f"{flows[one['flow_id']]}/{one['name']}": one for one in asked(api, "deployments")}


def runs_of(api: str, deployment: dict[str, Any]) -> list[dict[str, Any]]:
    found = asked(
        api, "flow_runs", deployments={"id": {"any_": [deployment["id"]]}}, sort="EXPECTED_START_TIME_ASC", limit=200
    )
    # what the server's own schedule holds for tomorrow is of no concern
    return [run for run in found if str(run["expected_start_time"]) < "2026"]


def schedule(api: str, deployment: dict[str, Any], **when: object) -> None:
    call("POST", f"{api}/deployments/{deployment['id']}/schedule", json=when)


def start(api: str, deployment: dict[str, Any], at: str, **parameters: object) -> str:
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": at}}
    made = call(
        "POST",
        f"{api}/deployments/{deployment['id']}/create_flow_run",
        json={"state": state, "parameters": parameters},
    )
    return str(made["id"])


def ended(api: str, run: str, log: Path) -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        found = call("GET", f"{api}/flow_runs/{run}")
        return found if found["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None

    return dict(until(over, log.read_text))


def progress(api: str) -> str:
    found = asked(api, "artifacts", artifacts={"type": {"any_": ["progress"]}}, sort="CREATED_DESC", limit=1)
    return str(found[0]["description"]) if found else ""


def published(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("public/releases/cycle-05/r*/datapackage.json"))


def told(deployments: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What somebody wants to know of a deployment, whoever registered it."""
    return {
        name: (
            one["description"],
            sorted(one["tags"]),
            one["parameters"],
            [(made["schedule"]["cron"], made["schedule"]["timezone"], made["active"]) for made in one["schedules"]],
            (one["concurrency_options"] or {}).get("collision_strategy"),
            (one["global_concurrency_limit"] or {}).get("limit"),
            one["entrypoint"],
            one["parameter_openapi_schema"],
            one["paused"],
        )
        for name, one in deployments.items()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def api(folder: Path, empty_database: Path) -> Iterator[str]:
    with server(with_database(folder / "prefect", empty_database)) as address:
        yield address


@pytest.fixture(scope="module")
def deployments(api: str, folder: Path) -> dict[str, dict[str, Any]]:
    """What `a4p serve` leaves behind at SIGTERM."""
    with serving(folder, api, "first.txt") as running:
        running.send_signal(signal.SIGTERM)
        assert running.wait(HANGS_S) == 0
    said = (folder / "first.txt").read_text()
    assert "Traceback" not in said
    assert "Warning" not in said
    return deployed(api)


def test_missed_nights_are_caught_up_once(
    api: str, deployments: dict[str, dict[str, Any]], folder: Path, inbox: Path
) -> None:
    given = {"A4P_INBOX_URI": str(inbox), "PREFECT_RUNNER_POLL_FREQUENCY": "1"}
    nightly = deployments["refresh/nightly"]
    schedule(api, nightly, **NIGHTS)
    assert len(runs_of(api, nightly)) == 5
    with serving(folder, api, "second.txt", **given) as running:
        assert "nightly: 5 missed, caught up once." in (folder / "second.txt").read_text()
        last = runs_of(api, nightly)[-1]
        assert ended(api, last["id"], folder / "second.txt")["state_type"] == "COMPLETED"
        runs = runs_of(api, nightly)
        assert [run["state_type"] for run in runs] == ["CANCELLED"] * 4 + ["COMPLETED"]
        assert runs[-1]["name"] == "cycle 5, nightly"
        assert runs[0]["state"]["message"] == "Missed; caught up by the run of 14 May 2024 08:00 UTC."
        assert published(folder) == ["r001"]

        # its own schedule would look in between, and a second look at the same time is cancelled
        watching = deployed(api)["watch-inbox/inbox"]
        for one in watching["schedules"]:
            call("PATCH", f"{api}/deployments/{watching['id']}/schedules/{one['id']}", json={"active": False})
        # a look at the inbox: many new files, one refresh, which waits for another that is at work
        for number in range(3):
            shutil.copy(next((inbox / "cycle-05/noticas").iterdir()), inbox / f"cycle-05/noticas/again-{number}.csv")
        with turns.turn(Store(str(folder / "public")), CYCLE, "this test", print):
            look = start(api, deployments["watch-inbox/inbox"], "2024-05-15T08:00:00Z", quiet_seconds=1)
            looked = ended(api, look, folder / "second.txt")
            assert looked["state"]["message"] == "Cycle 5 has new files (5 in all); its refresh is started."
            on_new_file = deployments["refresh/on-new-file"]["id"]
            (refreshed,) = asked(api, "flow_runs", deployments={"id": {"any_": [on_new_file]}})
            until(lambda: "is at work (this test)" in progress(api), lambda: progress(api))
            # stopped in the midst of it
            running.send_signal(signal.SIGTERM)
            assert running.wait(HANGS_S) == 0
    with serving(folder, api, "third.txt", **given) as running:
        again = ended(api, str(refreshed["id"]), folder / "third.txt")
        assert (again["name"], again["state_type"]) == ("cycle 5, on new file", "COMPLETED")
        assert "on new file: stopped while it was at work, starts again." in (folder / "third.txt").read_text()
        running.send_signal(signal.SIGINT)
        assert running.wait(HANGS_S) == 0


def test_what_is_left_after_sigterm_is_active_and_explained(deployments: dict[str, dict[str, Any]]) -> None:
    assert [made["active"] for one in deployments.values() for made in one["schedules"]] == [True] * 4
    for name, one in deployments.items():
        assert one["description"], name
        assert "a4p" in one["tags"], name
        for parameter, said in one["parameter_openapi_schema"]["properties"].items():
            assert said["description"], (name, parameter)
            assert {"type", "anyOf", "allOf", "enum"} & set(said), (name, parameter)


def test_an_automation_follows_its_deployment(
    api: str, deployments: dict[str, dict[str, Any]], folder: Path, as_client: AsClient
) -> None:
    as_client(environment(folder, PREFECT_API_URL=api))
    from flows.orchestration import automations

    ids = {one["name"]: UUID(one["id"]) for one in deployments.values()}

    def runs() -> dict[str, Any]:
        found = asked(api, "automations")
        return {
            # of several events Prefect keeps no order
            str(one["name"]): (sorted(one["trigger"]["expect"]), one["actions"][0]["deployment_id"])
            for one in found
        }

    before = runs()
    automations.register({**ids, "tell-sources": ids["tell-coordinator"]}, load())
    late = "A4P+: a file is late"
    assert runs()[late] == (before[late][0], str(ids["tell-coordinator"]))
    automations.register(ids, load())
    assert runs() == before


def test_a_night_out_of_the_window_says_so(
    api: str, folder: Path, as_client: AsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_client(environment(folder, PREFECT_API_URL=api))
    from flows.orchestration import flows as on_prefect
    from flows.orchestration import this_run

    monkeypatch.setattr(this_run, "day_of_run", lambda _: date(2024, 8, 1))
    refresh: Any = on_prefect.refresh_cycle
    state = refresh(which="collecting", return_state=True)
    assert (state.type.value, state.message) == (
        "COMPLETED",
        "Nothing to collect: files of cycle 5 were collected until 30 June 2024, and the next cycle has not ended yet.",
    )
    nothing_sent = refresh(which="running", return_state=True)
    assert nothing_sent.type.value == "COMPLETED"
    assert nothing_sent.message.startswith("Nothing to refresh yet. There is no file for cycle 6 in ")


def test_a_closing_release_fails_where_something_is_missing(
    api: str, folder: Path, inbox: Path, as_client: AsClient
) -> None:
    as_client(environment(folder, PREFECT_API_URL=api, A4P_INBOX_URI=str(inbox)))
    from flows.orchestration import flows as on_prefect

    before = published(folder)
    closing: Any = on_prefect.closing_release
    state = closing(date(2024, 6, 30), 5, return_state=True)
    assert state.type.value == "FAILED"
    after = published(folder)[-1]
    assert after not in before, "it is published all the same"
    assert state.message.startswith(f"Not the closing release of cycle 5: {after} is published, but provisional.")
    assert "Mission workbook" in state.message
    shown = {str(one["key"]): str(one["data"]) for one in asked(api, "artifacts/latest", limit=200)}
    assert "| Notifications of casualties | accepted" in shown["sources-cycle-5"]
    assert "| Mission workbook, UNMISS | **overdue** |" in shown["sources-cycle-5"]
    assert f"New release {after} of cycle 5, provisional" in shown["release-cycle-5"]
    assert "### Not final yet" in shown["release-cycle-5"]
    assert (f"to {after} of cycle 5" in shown.get("changes-cycle-5", "")) == bool(before)
    assert f"{folder}/public/releases/cycle-05/{after}/report.html" in shown["release-cycle-5"]


@pytest.mark.browser
def test_the_ui_renders_what_a_run_leaves(api: str) -> None:
    """After the test above, which leaves it."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("needs Chromium; on Debian: apt install chromium chromium-driver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    (sources,) = (one for one in asked(api, "artifacts/latest") if one["key"] == "sources-cycle-5")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    pages = f"{api.removesuffix('/api')}/artifacts/artifact"
    rows = [[markdown.text(text), markdown.bold(text)] for text in TEXTS]
    told = f"{markdown.table(['A', 'B'], rows, numbers=0)}\n\n" + "\n".join(f"- {row[0]}" for row in rows)
    hostile = call("POST", f"{api}/artifacts/", json={"key": "from-outside", "type": "markdown", "data": told})
    with webdriver.Chrome(options=options, service=Service(driver)) as browser:
        browser.get(f"{pages}/{sources['latest_id']}")
        until(lambda: browser.find_elements("css selector", "input[type=password]"))[0].send_keys(f"{LOGIN}\n")
        cells = "return [...document.querySelectorAll('td')].map(one => one.textContent)"
        shown = until(lambda: browser.execute_script(cells), lambda: browser.page_source[:2000])
        browser.get(f"{pages}/{hostile['id']}")
        outside = until(lambda: browser.execute_script(cells), lambda: browser.page_source[:2000])
        active = "return document.querySelectorAll('article a, article img, article b, article code').length"
        assert browser.execute_script(active) == 0
        items = browser.execute_script(
            "return [...document.querySelectorAll('article li')].map(one => one.textContent)"
        )
    assert "Notifications of casualties" in shown
    assert "Mission workbook, UNMISS" in shown
    assert "overdue" in shown, "what Markdown makes bold"
    # nothing from outside is markup, to this reader of Markdown either
    wanted = [visible.in_line(text).strip() for text in TEXTS]
    assert (outside[::2], outside[1::2], items) == (wanted, wanted, wanted)


@pytest.mark.skipif(
    "A4P_ALL_TESTS" not in os.environ, reason="takes minutes beside the others; set A4P_ALL_TESTS=1 to run it"
)
def test_the_same_on_postgresql_with_a_worker(
    deployments: dict[str, Any], postgres: Any, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`prefect deploy --all` says what `a4p serve` says, and a worker catches up once too."""
    import psycopg

    with psycopg.connect(postgres.uri, password=postgres.password, autocommit=True) as connection:
        connection.execute("CREATE DATABASE prefect")
    password = quote(postgres.password)
    database = f"postgresql+asyncpg://{postgres.user}:{password}@127.0.0.1:{postgres.port}/prefect"
    with monkeypatch.context() as patch:
        patch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", database)
        with server(tmp_path / "prefect") as address:
            _caught_up_by_a_worker(address, told(deployments), inbox, tmp_path)
    assert published(tmp_path) == ["r001"]


def _caught_up_by_a_worker(api: str, served: dict[str, Any], inbox: Path, folder: Path) -> None:
    given = {
        "PREFECT_API_URL": api,
        "PREFECT_HOME": str(folder / "prefect"),
        "A4P_INBOX_URI": str(inbox),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PWD": str(folder),
    }
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    with process(folder, "pool.txt", *prefect, "work-pool", "create", "a4p", "--type", "process", **given) as making:
        assert making.wait(HANGS_S) == 0, (folder / "pool.txt").read_text()
    shutil.copy(TOP / "prefect.yaml", folder)
    with process(folder, "deploy.txt", *prefect, "deploy", "--all", **given) as deploying:
        assert deploying.wait(HANGS_S) == 0, (folder / "deploy.txt").read_text()
    deployments = deployed(api)
    assert told(deployments) == served
    nightly = deployments["refresh/nightly"]
    schedule(api, nightly, **{**NIGHTS, "min_runs": 2, "max_runs": 2})
    with process(
        folder, "worker.txt", *prefect, "worker", "start", "--pool", "a4p", "--name", "one", **given
    ) as working:
        ids = [run["id"] for run in runs_of(api, nightly)]
        states = [ended(api, one, folder / "worker.txt") for one in ids]
        assert [state["state_type"] for state in states] == ["CANCELLED", "COMPLETED"]
        why = "Missed; the run that was due on 11 May 2024 08:00 UTC does the work."
        assert [state["state"]["message"] for state in states] == [why, None]
        working.terminate()
        working.wait(HANGS_S)


def test_a_closing_release_of_data_up_to_a_day_of_the_cycle_is_none(
    api: str, folder: Path, inbox: Path, as_client: AsClient
) -> None:
    as_client(environment(folder, PREFECT_API_URL=api, A4P_INBOX_URI=str(inbox)))
    from flows.orchestration import flows as on_prefect

    closing: Any = on_prefect.closing_release
    state = closing(date(2024, 1, 30), 5, return_state=True)
    assert state.type.value == "FAILED"
    assert "The data only go up to 30 January 2024; the cycle ends on 30 April 2024." in state.message
    shown = {str(one["key"]): str(one["data"]) for one in asked(api, "artifacts/latest", limit=200)}
    after = published(folder)[-1]
    assert f"{after} of cycle 5, provisional, data up to 30 January 2024" in shown["release-cycle-5"]

    before = closing(date(2023, 10, 31), 5, return_state=True)
    assert before.type.value == "FAILED"
    assert "Cycle 5 goes from 1 November 2023 to 30 April 2024" in before.message
    assert published(folder)[-1] == after
