"""Runs that wait, are dropped, fail or are cancelled, and several cycles in order: on a real Prefect server."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from config import ConfigError, load
from flows.stores import Store, turns
from tests.integration.prefect_api import asked, call, server, with_database
from tests.integration.test_prefect import environment
from tests.integration.test_schedules import TOP, deployed, ended, process, serving, told
from tests.support.sharing import sources
from tests.support.waiting import HANGS_S, until

pytestmark = pytest.mark.prefect
CYCLE = load().cycle(5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("waiting")


@pytest.fixture(scope="module")
def api(folder: Path, empty_database: Path) -> Iterator[str]:
    with server(with_database(folder / "prefect", empty_database)) as address:
        yield address


@pytest.fixture(scope="module")
def deployments(api: str, folder: Path, sample_inbox: Path) -> Iterator[dict[str, dict[str, Any]]]:
    inbox = sources(sample_inbox, folder / "inbox", "noticas", "hospitals")
    sources(sample_inbox, inbox, "hospitals", cycle=4)
    given = {"A4P_INBOX_URI": str(inbox), "PREFECT_RUNNER_POLL_FREQUENCY": "1"}
    with serving(folder, api, "serve.txt", **given):
        found = deployed(api)
        # what its own schedule brings would be in the way
        for one in found.values():
            for when in one["schedules"]:
                call("PATCH", f"{api}/deployments/{one['id']}/schedules/{when['id']}", json={"active": False})
        yield found


def begun(api: str, deployment: dict[str, Any], **parameters: object) -> str:
    url = f"{api}/deployments/{deployment['id']}/create_flow_run"
    return str(call("POST", url, json={"parameters": parameters})["id"])


def state(api: str, run: str) -> dict[str, Any]:
    return dict(call("GET", f"{api}/flow_runs/{run}")["state"])


def progress(api: str, run: str) -> list[tuple[str, float]]:
    found = asked(api, "artifacts", artifacts={"type": {"any_": ["progress"]}, "flow_run_id": {"any_": [run]}})
    return [(str(one["description"]), float(one["data"])) for one in found]


# the first one, for it serves by itself and not with the others
@pytest.mark.slow
def test_a_run_that_takes_too_long_ends_as_failed_and_gives_its_slot_back(
    api: str, folder: Path, sample_inbox: Path, as_client: Callable[[Mapping[str, str]], None]
) -> None:
    given = {"A4P_INBOX_URI": str(sources(sample_inbox, folder / "late-inbox", "noticas", "hospitals"))}
    with serving(folder, api, "late.txt", A4P_FLOW_LIMIT_S="0.3", PREFECT_RUNNER_POLL_FREQUENCY="1", **given):
        run = begun(api, deployed(api)["refresh/on-demand"], cycle=4, full=True)
        found = ended(api, run, folder / "late.txt")
    sentence = "The refresh of cycle 4 took longer than 0.3 seconds and was ended; see what is wrong with it."
    assert (found["state_type"], found["state"]["message"]) == (
        "FAILED",
        f"Flow run encountered an exception: TookTooLong: {sentence}",
    )
    limits = {one["name"]: one["active_slots"] for one in asked(api, "v2/concurrency_limits", limit=200)}
    assert limits["a4p-refresh-cycle-04"] == 0
    lines = until(lambda: [str(one["message"]) for one in asked(api, "logs", logs={"flow_run_id": {"any_": [run]}})])
    assert [line for line in lines if "took longer" in line] == [sentence], lines
    assert not [line for line in lines if "Traceback" in line or "_Late" in line], lines
    ((said, share),) = progress(api, run)
    assert said.startswith("Failed")
    assert share < 100
    # nobody waits for it
    with turns.turn(Store(str(folder / "public")), load().cycle(4), "this test", pytest.fail):
        pass


def test_several_cycles_are_refreshed_in_order(api: str, deployments: dict[str, dict[str, Any]], folder: Path) -> None:
    backfill = deployments["backfill/backfill"]
    run = ended(api, begun(api, backfill, cycles=[5, 4, 5]), folder / "serve.txt")
    assert (run["name"], run["state_type"]) == ("cycles 4, 5", "COMPLETED"), run["state"]["message"]
    assert run["state"]["message"] == "Refreshed, one after the other: cycle 4 and cycle 5."
    on_demand = {"id": {"any_": [deployments["refresh/on-demand"]["id"]]}}
    runs = asked(api, "flow_runs", deployments=on_demand, sort="EXPECTED_START_TIME_ASC", limit=200)
    parts = [one for one in runs if one["parent_task_run_id"]]
    assert [one["parameters"]["cycle"] for one in parts] == [4, 5]
    assert parts[0]["end_time"] <= parts[1]["start_time"]

    # files of cycle 6 there are none
    run = ended(api, begun(api, backfill, cycles=[7, 6]), folder / "serve.txt")
    assert run["state_type"] == "FAILED"
    assert run["state"]["message"].startswith("Cycle 6 failed (Failed: ")
    assert run["state"]["message"].endswith("Not begun: cycle 7.")


def test_who_waits_waits_in_prefect_and_a_second_one_is_dropped(
    api: str, deployments: dict[str, dict[str, Any]], folder: Path
) -> None:
    log = folder / "serve.txt"
    on_demand = deployments["refresh/on-demand"]
    with turns.turn(Store(str(folder / "public")), CYCLE, "this test", print):
        first = begun(api, on_demand, cycle=5)
        until(lambda: any("this test" in said for said, _ in progress(api, first)), log.read_text)
        second = begun(api, on_demand, cycle=5)
        until(lambda: state(api, second)["name"] == "AwaitingConcurrencySlot", log.read_text)
        assert state(api, second)["message"] == "Cycle 5 is being refreshed by another run; this one comes again."
        # nothing of it is at work, and what others do of the cycle has slots of its own
        third = begun(api, on_demand, cycle=5, sources=["noticas"])
        fourth = begun(api, deployments["tell-sources/tell-sources"], cycle=5)
        assert (
            ended(api, third, log)["state"]["message"]
            == "Dropped: the run 'cycle 5, on demand' waits already, and does the same."
        )
        assert state(api, third)["type"] == "CANCELLED"
        told_of = ended(api, fourth, log)
        assert told_of["state_type"] == "COMPLETED", told_of["state"]["message"]
        limits = {one["name"]: one["active_slots"] for one in asked(api, "v2/concurrency_limits", limit=200)}
        assert (limits["a4p-refresh-cycle-05"], limits["a4p-refresh-cycle-04"]) == (1, 0)
        assert limits["a4p-tell-cycle-05"] == 0

        # somebody cancels the first: its progress ends with it
        call("POST", f"{api}/flow_runs/{first}/set_state", json={"state": {"type": "CANCELLING"}})
        assert ended(api, first, log)["state_type"] == "CANCELLED"
        (said,) = until(lambda: [one for one in progress(api, first) if one[0].startswith("Cancel")], log.read_text)
        assert said[1] < 100
    # the next look finds the slot free, without anybody's help
    assert ended(api, second, log)["state_type"] == "COMPLETED"
    assert progress(api, second) == [("Done", 100.0)]


def test_a_mistake_is_one_sentence_of_the_log(api: str, deployments: dict[str, dict[str, Any]], folder: Path) -> None:
    on_demand = deployments["refresh/on-demand"]
    with pytest.raises(httpx.HTTPStatusError) as refused:
        begun(api, on_demand, cycle=99)
    assert "99 is not one of" in refused.value.response.text
    with pytest.raises(httpx.HTTPStatusError):
        begun(api, on_demand, cycle=5, sources=["notices"])

    run = begun(api, on_demand, cycle=5, inbox=str(folder / "nowhere"))
    assert ended(api, run, folder / "serve.txt")["state_type"] == "FAILED"

    def logged() -> list[str]:
        return [str(one["message"]) for one in asked(api, "logs", logs={"flow_run_id": {"any_": [run]}})]

    # they come after the state
    lines = until(logged)
    assert [line for line in lines if "nowhere" in line] == [lines[-1]], lines
    assert not [line for line in lines if "Traceback" in line or "\n" in line]
    ((said, share),) = progress(api, run)
    assert said.startswith("Failed")
    assert share < 100


def test_deploy_registers_what_serve_does_with_its_automations(
    api: str, deployments: dict[str, dict[str, Any]], folder: Path, empty_database: Path, tmp_path: Path
) -> None:
    def automations(address: str, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
        names = {one["id"]: name for name, one in known.items()}
        return {
            str(one["name"]): (
                one["description"],
                one["enabled"],
                {**one["trigger"], "id": None, "expect": sorted(one["trigger"]["expect"])},
                [(names[action["deployment_id"]], action["parameters"]) for action in one["actions"]],
            )
            for one in asked(address, "automations")
        }

    shutil.copy(TOP / "prefect.yaml", tmp_path)
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    with server(with_database(tmp_path / "prefect", empty_database)) as address:
        given = {"PREFECT_API_URL": address, "PREFECT_HOME": str(tmp_path / "prefect"), "PWD": str(tmp_path)}
        given["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
        for log, *words in (
            ("pool.txt", "work-pool", "create", "a4p", "--type", "process"),
            ("deploy.txt", "deploy", "--all"),
            ("again.txt", "deploy", "--all"),
        ):
            with process(tmp_path, log, *prefect, *words, **given) as running:
                assert running.wait(HANGS_S) == 0, (tmp_path / log).read_text()
        found = deployed(address)
        made = automations(address, found)
        assert {"A4P+: a file is late", "A4P+: a file was refused", "A4P+: a refresh failed"} == set(made)
        assert made == automations(api, deployments)
        served = told(deployed(api))
        for name, one in told(found).items():
            # the times are switched off on the other
            assert (one[:3], one[4:]) == (served[name][:3], served[name][4:])


def test_what_a_run_would_do_is_compared(
    as_client: Callable[[Mapping[str, str]], None], folder: Path, api: str
) -> None:
    as_client(environment(folder, PREFECT_API_URL=api))
    from flows.orchestration.slots import covers

    everything: dict[str, Any] = {"cycle": 5, "sources": []}
    assert covers(everything, {"which": "ended"})
    assert covers(everything, {"sources": ["noticas"]})
    assert covers({"sources": ["cds", "noticas"]}, {"sources": ["noticas"]})
    assert not covers({"sources": ["noticas"]}, everything)
    assert not covers({"sources": ["noticas"]}, {"sources": ["cds"]})
    assert not covers(everything, {"full": True})
    assert not covers(everything, {"as_of": "2024-04-30"})
    assert not covers({"inbox": "/elsewhere"}, {})


def test_a_slot_that_nobody_holds_is_given_back(
    as_client: Callable[[Mapping[str, str]], None], folder: Path, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_client(environment(folder, PREFECT_API_URL=api))
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import FlowRun
    from prefect.states import Running

    from flows.orchestration import slots

    @flow
    def nothing() -> None:
        pass

    limit = slots.limit_of("tell", load().cycle(6))

    def taken() -> int:
        (found,) = [one for one in asked(api, "v2/concurrency_limits", limit=200) if one["name"] == limit]
        return int(found["active_slots"])

    slots.make([load().cycle(6)])
    with get_client(sync_client=True) as client:
        mine, other = (client.create_flow_run(nothing, tags=[limit], state=Running()) for _ in range(2))
        assert isinstance(mine, FlowRun)
        call("PATCH", f"{api}/v2/concurrency_limits/{limit}", json={"active_slots": 1})
        # it may be that of a process that was killed just now, and then another is at work
        assert not slots._lost(client, mine, limit)
        monkeypatch.setattr(slots, "_LOST_AFTER", 0)
        assert not slots._lost(client, mine, limit)
        assert taken() == 1
        call("DELETE", f"{api}/flow_runs/{other.id}")
        assert slots._lost(client, mine, limit)
    assert taken() == 0


def test_a_log_says_the_sentence_of_a_mistake(
    as_client: Callable[[Mapping[str, str]], None], folder: Path, api: str
) -> None:
    as_client(environment(folder, PREFECT_API_URL=api))
    from flows.orchestration import run_log

    def record(error: Exception) -> logging.LogRecord:
        try:
            raise error
        except Exception:
            told = "Encountered exception during execution: %r"
            return logging.LogRecord("prefect.flow_runs", logging.ERROR, "", 0, told, (error,), sys.exc_info())

    mistake = record(ConfigError("Cycle 99 is not in\nconfig/cycles.yaml."))
    assert run_log.flow_said(mistake)
    assert logging.Formatter().format(mistake) == "Cycle 99 is not in\\nconfig/cycles.yaml."
    assert not run_log.task_said(record(ConfigError("once")))
    other = record(KeyError("a mistake of ours"))
    assert run_log.flow_said(other)
    assert run_log.task_said(other)
    assert logging.Formatter().format(other) == (
        "Something went wrong that should not (KeyError); run it again with --debug."
    )
