"""What Prometheus reads of refreshes."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from flows.core import logs
from flows.core.errors import StoreError
from flows.refresh.watching import metrics, record
from flows.stores import Store
from tests.support import watched as small
from tests.support.files import CONFIG, CYCLE

pytestmark = pytest.mark.slow

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    small.fill(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PREFECT_API_URL", raising=False)
        small.refresh(folder, metrics_file=str(folder / "a4p.prom"))
    return folder


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def families(text: str) -> list[Metric]:
    return list(text_string_to_metric_families(text))


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset({"cycle": "5", **labels}.items())))


def test_a_refresh_leaves_its_numbers_in_the_file(folder: Path) -> None:
    found = samples((folder / "a4p.prom").read_text())
    rows = {
        state: value(found, "a4p_rows", source="noticas", state=state) for state in ("read", "staged", "quarantined")
    }
    assert rows == {"read": 4, "staged": 3, "quarantined": 1}
    assert value(found, "a4p_findings", source="noticas", severity="critical") == 1
    assert value(found, "a4p_submissions", source="mission_report", status="accepted") == 1
    assert value(found, "a4p_submissions", source="mission_report", status="refused") == 1
    assert value(found, "a4p_refresh_success") == 1
    assert value(found, "a4p_release_number") == 1
    assert value(found, "a4p_release_final") == 0
    assert (value(found, "a4p_release_missing") or 0) > 3
    assert value(found, "a4p_refresh_runs_total", result="published") == 1
    whole = value(found, "a4p_refresh_duration_seconds") or 0
    of_noticas = value(found, "a4p_step_duration_seconds", step="check", source="noticas") or 0
    assert 0 < of_noticas < whole
    assert value(found, "a4p_refresh_timestamp_seconds") == value(found, "a4p_refresh_success_timestamp_seconds")
    assert list(folder.glob("a4p.prom*")) == [folder / "a4p.prom"]


def test_names_follow_the_conventions(folder: Path) -> None:
    for family in families((folder / "a4p.prom").read_text()):
        assert re.fullmatch(r"a4p_[a-z_]+", family.name)
        assert family.documentation.endswith(".")
        assert family.type in {"gauge", "counter"}
        # the parser takes the ending off a counter's name
        assert not family.name.endswith(("_total", "_count", "_milliseconds"))
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)


def test_a_refresh_that_fails_leaves_them_too(tmp_path: Path, folder: Path) -> None:
    before = record.load(Store(str(folder / "private")), CYCLE)
    assert before is not None
    record.save(Store(str(tmp_path / "private")), CYCLE, before)
    small.fail(tmp_path, metrics_file=str(tmp_path / "a4p.prom"))
    found = samples((tmp_path / "a4p.prom").read_text())
    assert value(found, "a4p_refresh_success") == 0
    assert value(found, "a4p_refresh_runs_total", result="failed") == 1
    assert value(found, "a4p_refresh_runs_total", result="published") == 1
    assert value(found, "a4p_rows", source="noticas", state="read") == 4
    succeeded = value(found, "a4p_refresh_success_timestamp_seconds") or 0
    assert succeeded < (value(found, "a4p_refresh_timestamp_seconds") or 0)


def test_a_page_shows_what_other_processes_left(folder: Path, port: int) -> None:
    private = Store(str(folder / "private"))
    asked = small.settings(folder, metrics_port=port)
    with metrics.served(asked, private):
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        first = samples(answer.text)
        assert value(first, "a4p_refresh_runs_total", result="published") == 1
        before = record.load(private, CYCLE)
        assert before is not None
        other = replace(before, cycle=4, release="r007", status="final")
        record.save(private, CONFIG.cycle(4), other)
        second = samples(httpx.get(f"http://127.0.0.1:{port}/metrics").text)
        assert second["a4p_release_number", frozenset({("cycle", "4")})] == 7
        assert value(second, "a4p_release_number") == 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")
    private.delete("runs/cycle-04.json")


def test_a_store_that_fails_is_a_number_too(tmp_path: Path, port: int) -> None:
    (tmp_path / "file").write_text("")
    with metrics.served(small.settings(tmp_path, metrics_port=port), Store(str(tmp_path / "file/private"))):
        found = samples(httpx.get(f"http://127.0.0.1:{port}/metrics").text)
    assert found["a4p_store_readable", frozenset()] == 0


def test_a_port_that_is_taken_is_named(tmp_path: Path, taken: int) -> None:
    asked = small.settings(tmp_path, metrics_port=taken)
    with (
        pytest.raises(StoreError, match=rf"127\.0\.0\.1:{taken} .*set another A4P_METRICS_PORT"),
        metrics.served(asked, Store(str(tmp_path))),
    ):
        pass


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    logs._LOG.addHandler(caplog.handler)
    try:
        metrics.write(str(tmp_path / "nowhere/a4p.prom"), [])
    finally:
        logs._LOG.removeHandler(caplog.handler)
    assert [one.message for one in caplog.records] == ["metrics.failed"]
