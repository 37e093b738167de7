"""What holds for all tests, and what they share: the sample and a release that is made from it."""

import gc
import os
import shutil
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import settings

import sample
from tests.support.forking import SELDOM
from tests.support.sharing import a4p, lent, with_results
from tests.support.sweeping import PLANTED, SWEEP
from tests.support.without_documents import without_documents

# the files that take a minute or more, the longest first, those that wait for servers beside those that compute
LONGEST = (
    "test_refresh_faulty_s3.py",
    "test_additions.py",
    "test_strangers.py",
    "test_runbook.py",
    "test_withdrawals.py",
    "test_schedules.py",
    "test_alerts.py",
    "test_rot.py",
    "test_refresh_s3.py",
    "test_reuse.py",
    "test_dask.py",
    "test_verify.py",
    "test_publishers_s3.py",
    "test_decided.py",
    "test_waiting_runs.py",
    "test_spoilt.py",
    "test_questions.py",
    "test_stack.py",
    "test_changed_code.py",
)
# a property is no less true on a machine that is slow or busy
settings.register_profile("all tests", deadline=None, max_examples=100 if SWEEP else 25)
settings.load_profile("all tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no process is left with one of them at the end.

    Then come, turn by turn, a file that waits for servers and one of slow tests that compute meanwhile, and at last
    what is short. What draws its cases by hypothesis draws more of them in the sweep.
    """
    files = list(dict.fromkeys(item.path for item in items))
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    waiting = [file for file in files if "integration" in file.parts]
    working = [file for file in files if file in slow and file not in waiting]
    in_turn = [file for pair in zip_longest(waiting, working) for file in pair if file]
    longest = sorted((file for file in files if file.name in LONGEST), key=lambda file: LONGEST.index(file.name))
    order = {file: number for number, file in enumerate(dict.fromkeys([*longest, *in_turn, *files]))}
    items.sort(key=lambda item: order[item.path])
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.sweep)


def pytest_sessionstart() -> None:
    """Look for garbage seldom: a refresh makes very many objects that are no garbage, and a tenth of it went there."""
    gc.set_threshold(*SELDOM)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: nobody need look again and again whether it is garbage."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_the_disk() -> Iterator[None]:
    """Only who loses power sees whether a file has reached the disk, and no test does that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many troubles were planted into files, and how many of them nothing was said of."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    silent = [said for report in reports for name, said in report.user_properties if name == PLANTED]
    if silent:
        terminalreporter.write_line(f"{len(silent)} troubles planted, {sum(silent)} silent")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def sample_inbox(shared: Path) -> Iterator[Path]:
    """The sample of cycles 4 and 5, to be read."""
    yield from lent(shared / "sample", lambda folder: sample.write(folder, 5))


@pytest.fixture(scope="session")
def released(shared: Path, sample_inbox: Path) -> Iterator[Path]:
    """A folder, to be read: the sample in `inbox`, its release r001 in `store`, what the refresh said and logged."""

    def make(folder: Path) -> None:
        shutil.copytree(sample_inbox, folder / "inbox")
        log = {"A4P_LOG_FORMAT": "json", "A4P_LOG_FILE": "log.jsonl"}
        code, out, err = a4p(folder, "refresh", "--cycle", "5", **log)
        assert code == 0, err
        (folder / "out.txt").write_text(out)
        (folder / "err.txt").write_text(err)

    yield from lent(shared / "released", make)


@pytest.fixture(scope="session")
def with_faults(shared: Path, released: Path) -> Iterator[Path]:
    """A folder, to be read: the sample with its fifty faults in `inbox`, and in `store` a release made of it."""

    def make(folder: Path) -> None:
        shutil.copytree(released / "inbox", folder / "inbox")
        with_results(released, folder / "store/private")
        sample.plant(folder / "inbox", 5)
        code, _, err = a4p(folder, "refresh", "--cycle", "5")
        assert code == 0, err

    yield from lent(shared / "with-faults", make)


@pytest.fixture
def no_documents(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have the releases of a module's tests made without page and workbook, but of one that looks at `documents`.

    The sweep makes them all.
    """
    if SWEEP or request.node.get_closest_marker("documents"):
        yield
    else:
        with without_documents():
            yield
