"""Only one `a4p serve` uses a store."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.core.errors import StoreError
from flows.core.settings import Settings
from flows.orchestration import one_serve
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.slow

HOLDS = """
import sys, pathlib
from flows.core.settings import Settings
from flows.orchestration import one_serve
home, private = sys.argv[1:]
try:
    with one_serve.alone(Settings(_env_file=None, private_uri=private), pathlib.Path(home)) as tell:
        tell("http://127.0.0.1:4200")
        print("holds", flush=True)
        sys.stdin.read()
except Exception as error:
    print(error, flush=True)
"""


@contextmanager
def other(home: Path, private: str) -> Iterator[subprocess.Popen[str]]:
    """Run another process that serves until it is ended."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(home), private], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        yield running


def says(running: subprocess.Popen[str]) -> str:
    assert running.stdout
    return running.stdout.readline().strip()


def settings(private: str) -> Settings:
    return Settings(_env_file=None, private_uri=private)  # type: ignore[call-arg]


@pytest.mark.parametrize(("home", "private"), [("home", "private"), ("home", "s3://bucket"), ("other", "private")])
def test_another_on_the_same_folder_is_told_who_is_first(home: str, private: str, tmp_path: Path) -> None:
    def place(name: str) -> str:
        return name if "://" in name else str(tmp_path / name)

    with other(tmp_path / "home", place("private")) as first:
        assert says(first) == "holds"
        told = rf"^Another `a4p serve` uses .* already \(process {first.pid} of .*, at http://127.0.0.1:4200\); "
        with (
            pytest.raises(StoreError, match=told),
            one_serve.alone(settings(place(private)), tmp_path / home),
        ):
            raise AssertionError("it is let in")
        assert first.poll() is None
        assert one_serve.at_work(tmp_path / "home")
        # killed, it leaves nothing that keeps others out
        first.send_signal(signal.SIGKILL)
        first.wait(HANGS_S)
        assert not one_serve.at_work(tmp_path / "home")
        with one_serve.alone(settings(place(private)), tmp_path / home):
            assert one_serve.at_work(tmp_path / home)


def test_folders_of_their_own_are_served_side_by_side(tmp_path: Path) -> None:
    with other(tmp_path / "one", str(tmp_path / "private of one")) as first:
        assert says(first) == "holds"
        with one_serve.alone(settings(str(tmp_path / "private")), tmp_path / "home"):
            assert one_serve.at_work(tmp_path / "one")


def test_of_many_at_the_same_moment_one_is_let_in(tmp_path: Path) -> None:
    with (
        other(tmp_path / "home", str(tmp_path / "private")) as one,
        other(tmp_path / "home", str(tmp_path / "private")) as two,
        other(tmp_path / "another", str(tmp_path / "private")) as three,
    ):
        said = sorted(says(running) for running in (one, two, three))
    assert said.count("holds") == 1
    assert all(re.match(r"Another `a4p serve` uses ", one) for one in said if one != "holds")


def test_who_is_just_starting_is_named_so(tmp_path: Path) -> None:
    with one_serve.alone(settings("s3://bucket"), tmp_path):
        file = tmp_path / "a4p-serve.lock"
        assert json.loads(file.read_text())["server"] == ""
        file.write_text("")
        with (
            pytest.raises(StoreError, match=r"already \(it is just starting\);"),
            one_serve.alone(settings("s3://bucket"), tmp_path),
        ):
            raise AssertionError("it is let in")


def test_nobody_serves_where_nobody_ever_did(tmp_path: Path) -> None:
    assert not one_serve.at_work(tmp_path)
