"""OpenLineage events of a refresh, received by a real server."""

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openlineage.client import event_v2

from flows.core.records import Published
from flows.stores import Store
from flows.stores.keyed import keyed
from tests.support import watched as small

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_documents")]

Event = dict[str, Any]
REFRESH = "refresh.cycle-05"


class Collector:
    """A lineage server: it keeps what it is sent, and says no where it is told to."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.asked: list[tuple[str, str | None]] = []
        self.status = 201
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.asked.append((self.path, self.headers["Authorization"]))
                if collector.status < 300:
                    collector.events.append(json.loads(body))
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "Collector":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Collector, Published, Path]]:
    folder = tmp_path_factory.mktemp("told")
    small.fill(folder)
    with pytest.MonkeyPatch.context() as patch, Collector() as collector:
        patch.delenv("PREFECT_API_URL", raising=False)
        patch.setenv("OPENLINEAGE_API_KEY", "a-key")
        published = small.refresh(folder, openlineage_url=collector.url)
        yield collector, published, folder


def of(events: list[Event], job: str, state: str) -> Event:
    (found,) = [one for one in events if one["job"]["name"] == job and one["eventType"] == state]
    return found


def test_events_come_to_the_api_with_the_key(told) -> None:
    collector, _, _ = told
    assert set(collector.asked) == {("/api/v1/lineage", "Bearer a-key")}


def test_each_run_begins_and_ends_once(told) -> None:
    events = told[0].events
    states = Counter((one["run"]["runId"], one["eventType"]) for one in events)
    runs = {one["run"]["runId"] for one in events}
    assert states == Counter({(run, state): 1 for run in runs for state in ("START", "COMPLETE")})
    by_job = Counter(one["job"]["name"] for one in events)
    assert set(by_job.values()) == {2}
    assert {REFRESH, f"{REFRESH}.check.noticas", f"{REFRESH}.check.cover", f"{REFRESH}.curate.figures"} <= set(by_job)
    assert events[0]["job"]["name"] == events[-1]["job"]["name"] == REFRESH


def test_events_are_as_the_client_and_the_specification_want_them(told) -> None:
    parent = of(told[0].events, REFRESH, "START")["run"]["runId"]
    for one in told[0].events:
        assert one["schemaURL"] == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
        # the client's classes check times, identifiers and addresses
        event_v2.RunEvent(
            eventTime=one["eventTime"],
            eventType=event_v2.RunState(one["eventType"]),
            run=event_v2.Run(**one["run"]),
            job=event_v2.Job(**one["job"]),
            inputs=[event_v2.InputDataset(**dataset) for dataset in one["inputs"]],
            outputs=[event_v2.OutputDataset(**dataset) for dataset in one["outputs"]],
            producer=one["producer"],
        )
        for facet in _facets(one):
            assert facet["_producer"].startswith("urn:a4p-pipeline:")
            assert facet["_schemaURL"].startswith("https://openlineage.io/spec/facets/")
        for datasets in (one["inputs"], one["outputs"]):
            names = [(dataset["namespace"], dataset["name"]) for dataset in datasets]
            assert len(names) == len(set(names))
        nominal = one["run"]["facets"]["nominalTime"]
        assert (nominal["nominalStartTime"][:10], nominal["nominalEndTime"][:10]) == ("2023-11-01", "2024-04-30")
        if one["job"]["name"] != REFRESH:
            assert one["run"]["facets"]["parent"]["run"]["runId"] == parent


def _facets(event: Event) -> Iterator[Event]:
    yield from event["run"]["facets"].values()
    yield from event["job"]["facets"].values()
    for dataset in (*event["inputs"], *event["outputs"]):
        for kind in ("facets", "inputFacets", "outputFacets"):
            yield from dataset.get(kind, {}).values()


def test_a_check_tells_which_file_it_read_and_which_rules_failed(told) -> None:
    collector, _, folder = told
    event = of(collector.events, f"{REFRESH}.check.noticas", "COMPLETE")
    (read,) = event["inputs"]
    key = keyed(Store(f"{folder}/private", private=True))
    assert (read["namespace"], read["name"]) == ("file", f"{folder}/private/raw/noticas")
    assert read["facets"]["version"]["datasetVersion"] == key(small.sha256(small.CASUALTIES))
    # the place of its content is named by the hash itself
    assert "symlinks" not in read["facets"]
    assert read["inputFacets"]["dataQualityMetrics"]["rowCount"] == 4
    failed = read["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert [(one["column"], one["success"], one["severity"], one["actual"]) for one in failed] == [
        ("cause", False, "error", "1")
    ]
    staged, quarantined = event["outputs"]
    assert staged["name"] == f"{folder}/private/staged/noticas"
    (rows,) = Path(folder, "private/staged/noticas").iterdir()
    assert staged["facets"]["version"]["datasetVersion"] == key(rows.stem)
    assert staged["outputFacets"]["outputStatistics"]["rowCount"] == 3
    assert quarantined["outputFacets"]["outputStatistics"]["rowCount"] == 1
    columns = {field["name"]: field["type"] for field in staged["facets"]["schema"]["fields"]}
    assert columns["incident_date"] == "date"


def test_lineage_leads_from_a_released_table_to_the_raw_files(told) -> None:
    collector, published, folder = told
    curated = of(collector.events, f"{REFRESH}.curate.fatalities_by_cause", "COMPLETE")
    (output,) = curated["outputs"]
    assert Path(output["name"]) == folder / "public/current/cycle-05/tables/fatalities_by_cause.parquet"
    assert Path(output["name"]).exists()
    hashes = published.release.hashes
    assert output["facets"]["version"]["datasetVersion"] == f"r001 {hashes['tables/fatalities_by_cause.parquet']}"
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == pl.read_parquet(output["name"]).height > 0
    checked = of(collector.events, f"{REFRESH}.check.noticas", "COMPLETE")
    assert [one["name"] for one in curated["inputs"]] == [checked["outputs"][0]["name"]]
    assert curated["inputs"][0]["facets"]["version"] == checked["outputs"][0]["facets"]["version"]
    whole = of(collector.events, REFRESH, "COMPLETE")
    names = [one["name"].removeprefix(f"{folder}/") for one in whole["inputs"]]
    assert sorted(names) == [
        "private/raw/mission_report/UNMISS",
        "private/raw/mission_report/UNTSO",
        "private/raw/noticas",
    ]
    assert whole["outputs"][0]["facets"]["version"]["datasetVersion"] == "r001"


def test_no_name_of_a_file_and_no_cell_is_told(told) -> None:
    assert small.NAME.lower() not in json.dumps(told[0].events).lower()


def test_a_refresh_that_fails_is_told_to_a_file_as_well(tmp_path: Path) -> None:
    small.fail(tmp_path, openlineage_url=str(tmp_path / "events.jsonl"))
    begun, failed = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert (begun["eventType"], failed["eventType"]) == ("START", "FAIL")
    assert begun["run"]["runId"] == failed["run"]["runId"]
    assert failed["run"]["facets"]["errorMessage"]["message"] == "The disk of the store is full; make room on it."


def test_a_server_that_does_not_answer_is_a_warning_and_nothing_else(told, capsys: pytest.CaptureFixture[str]) -> None:
    _, _, folder = told
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    published = small.refresh(folder, openlineage_url=nobody)
    assert (published.release.name, published.new) == ("r001", False)
    said = [line for line in capsys.readouterr().err.splitlines() if "OpenLineage" in line]
    assert len(said) == 1
    assert said[0].startswith(f"OpenLineage is told no more of this refresh, which goes on: {nobody} did not take")


def test_a_server_that_refuses_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENLINEAGE_API_KEY", raising=False)
    with Collector() as collector:
        collector.status = 403
        small.fail(tmp_path, openlineage_url=f"{collector.url}/lineage/v1")
    assert collector.asked == [("/lineage/v1", None)]
    assert "check A4P_OPENLINEAGE_URL" in capsys.readouterr().err


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
