"""The log of a refresh, as machines read it."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from config import ConfigError
from flows.core import logs
from flows.core.errors import StoreError
from flows.core.steps import Kind, Step, direct
from flows.refresh.story import refresh
from flows.refresh.watching import Run, watched
from flows.stores import Store
from flows.stores.keyed import PATH, keyed
from tests.support import watched as small
from tests.support.files import CONFIG, CYCLE

pytestmark = pytest.mark.slow

Line = dict[str, Any]


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logged")
    small.fill(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PREFECT_API_URL", raising=False)
        small.refresh(folder, log_format="json", log_file=str(folder / "log.jsonl"))
    return folder


@pytest.fixture(scope="module")
def told(logged: Path) -> list[Line]:
    return lines(logged)


def lines(folder: Path) -> list[Line]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def of(told: Sequence[Line], event: str, **fields: object) -> list[Line]:
    return [line for line in told if line["event"] == event and fields.items() <= line.items()]


def test_each_line_says_when_how_grave_what_and_of_which_run(told: list[Line]) -> None:
    assert len({line["run"] for line in told}) == 1
    assert {line["cycle"] for line in told} == {5}
    assert {line["level"] for line in told} == {"info"}
    times = [line["time"] for line in told]
    assert times == sorted(times)
    assert all(time.endswith("Z") for time in times)
    assert (told[0]["event"], told[-1]["event"]) == ("run.started", "run.ended")


def test_steps_begin_and_end_with_counts(told: list[Line]) -> None:
    started, ended = of(told, "step.started"), of(told, "step.ended")
    assert [line["step"] for line in started] == [line["step"] for line in ended]
    assert all(line["seconds"] >= 0 for line in ended)
    (checked,) = of(ended, "step.ended", step="check noticas")
    assert (checked["kind"], checked["source"], checked["table"]) == ("check", "noticas", "noticas")
    assert (checked["rows_read"], checked["rows_staged"], checked["rows_quarantined"]) == (4, 3, 1)
    (cover,) = of(ended, "step.ended", table="cover")
    assert (cover["source"], cover["rows_read"]) == ("mission_report", 1)


def test_submissions_are_told_by_keyed_hash_and_mission(told: list[Line], logged: Path) -> None:
    def known(data: bytes) -> str:
        return logs.short(keyed(Store(str(logged / "private")))(small.sha256(data)))

    (read,) = of(told, "submission.read", source="noticas")
    assert (read["submission"], read["rows_read"]) == (known(small.CASUALTIES), 4)
    (judged,) = of(told, "submission.judged", source="noticas")
    assert (judged["status"], judged["rows_staged"], judged["rows_quarantined"]) == ("accepted", 3, 1)
    (broken,) = of(told, "submission.judged", mission="UNTSO")
    assert (broken["status"], broken["submission"]) == ("refused", known(small.BROKEN))
    assert of(told, "submission.judged", mission="UNMISS")[0]["status"] == "accepted"


def test_tables_have_their_findings_and_the_release_its_status(told: list[Line]) -> None:
    (table,) = of(told, "table.checked", table="noticas")
    assert (table["rows_read"], table["findings_critical"]) == (4, 1)
    assert of(told, "release.published", release="r001", status="provisional")
    assert (told[-1]["release"], told[-1]["new"], told[-1]["missing"] > 3) == ("r001", True, True)


def test_no_name_of_a_file_and_no_cell_is_told(told: list[Line]) -> None:
    assert small.NAME.lower() not in json.dumps(told).lower()


def test_a_run_that_fails_says_why_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        small.refresh(tmp_path, log_format="json", log_file=str(tmp_path / "log.jsonl"))
    (failed,) = of(lines(tmp_path), "run.failed")
    assert (failed["level"], failed["error"]) == ("error", "NothingSent")
    assert failed["says"].startswith("There is no file for cycle 5 in")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError(f"could not convert {small.NAME}"), None),
        (StoreError(f"There is no file /x/raw/noticas/ab12/{small.NAME}.csv."), "the command itself says which"),
        (StoreError("The disk of /x is full; make room on it."), "The disk of /x is full; make room on it."),
    ],
)
def test_errors_are_told_without_what_they_may_quote(tmp_path: Path, error: Exception, says: str | None) -> None:
    def fails() -> Any:
        raise error

    asked = small.settings(tmp_path, log_format="json", log_file=str(tmp_path / "log.jsonl"))
    run = Run(CYCLE, CONFIG, asked, small.fill(tmp_path).places)
    with pytest.raises(type(error)):
        watched(run, lambda watch: watch.steps(direct)(Step(kind=Kind.TELL, function=fails)))
    told = lines(tmp_path)
    for event in ("step.failed", "run.failed"):
        (failed,) = of(told, event, error=type(error).__name__)
        assert (says or "") in failed.get("says", "")
        assert ("says" in failed) == (says is not None)
    assert small.NAME not in (tmp_path / "log.jsonl").read_text()


class Together:
    """Steps run in threads, as on a cluster, each in a context that ends with it."""

    def __init__(self, shown: Any) -> None:
        self.shown = shown

    def __call__(self, step: Step[Any], /) -> Any:
        return step.run()

    def all(self, steps: Sequence[Step[Any]], /) -> list[Any]:
        with ThreadPoolExecutor(4) as pool, ExitStack() as contexts:
            for step in steps:
                contexts.enter_context(self.shown(step.id))
            return list(pool.map(Step.run, steps))


def test_steps_that_run_elsewhere_are_told_the_same(told: list[Line], logged: Path, tmp_path: Path) -> None:
    places = small.fill(tmp_path).places
    # with the same key the same files have the same names
    places.private.copy_in(PATH, Store(str(logged / "private")), PATH)
    asked = small.settings(tmp_path, log_format="json", log_file=str(tmp_path / "log.jsonl"))
    watched(
        Run(CYCLE, CONFIG, asked, places),
        lambda watch: refresh(CYCLE, places, CONFIG, watch.steps(Together(watch.of))),
    )

    def without(lines: Sequence[Line]) -> list[str]:
        kept = [{key: line[key] for key in line if key not in ("time", "run", "seconds")} for line in lines]
        return sorted(json.dumps(line, sort_keys=True) for line in kept)

    assert without(lines(tmp_path)) == without(told)


def test_lines_go_to_the_terminal_where_no_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(small.settings(tmp_path, log_format="json"))
    small.fail(tmp_path, log_format="json")
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in told] == ["run.started", "run.failed"]


def test_without_a_setting_only_warnings_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(small.settings(tmp_path))
    logs.event("run.started")
    logs.warn("openlineage.failed", "It did not work; check it.")
    logs.event("run.failed", 40, says="The command says this.")
    assert capsys.readouterr().err == "It did not work; check it.\n"


def test_a_plain_file_has_a_line_an_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(small.settings(tmp_path, log_file=str(tmp_path / "log.txt")))
    logs.event("step.ended", step="check noticas", seconds=0.5, source=None)
    assert (tmp_path / "log.txt").read_text().endswith('Z info    step.ended step="check noticas" seconds=0.5\n')
    assert capsys.readouterr().err == ""


def test_a_log_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere/log cannot be written .* correct A4P_LOG_FILE"):
        logs.set_up(small.settings(tmp_path, log_file=str(tmp_path / "nowhere/log")))


@pytest.fixture(autouse=True, scope="module")
def _as_before() -> Any:
    yield
    for handler in list(logs._LOG.handlers):
        logs._LOG.removeHandler(handler)
    logs._LOG.propagate = True
