"""The command: what stands in its way is said before anything else, and its first steps need no make."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import a4p
from flows import Cycle
from tests.support import sharing

TOP = Path(a4p.__file__).parent


def run(*folders: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as its script does, with folders on the path of imports, the first one first."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    words = [sys.executable, "-c", "from a4p import main; main()", "--help"]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False, cwd=folders[0])


@pytest.mark.parametrize("name", a4p.PACKAGES)
def test_another_package_of_the_same_name_is_said_in_one_sentence(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    ran = run(tmp_path, TOP)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    assert f"Another package named '{name}' stands in the way" in ran.stderr
    assert str(tmp_path / name) in ran.stderr


def test_so_is_a_module_of_that_name(tmp_path):
    (tmp_path / "config.py").touch()
    ran = run(tmp_path, TOP)
    assert ran.returncode == 2
    assert str(tmp_path / "config.py") in ran.stderr


def test_nothing_is_said_of_what_does_not_stand_in_the_way(tmp_path):
    # a folder without code, before them, and a package behind them
    (tmp_path / "before/config").mkdir(parents=True)
    (tmp_path / "behind/flows").mkdir(parents=True)
    (tmp_path / "behind/flows/__init__.py").touch()
    ran = run(tmp_path / "before", TOP, tmp_path / "behind")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Raw files in" in ran.stdout


def test_the_packages_are_those_of_the_project():
    inside = {path.parent.name for path in TOP.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert set(a4p.PACKAGES) == inside
    assert a4p.in_the_way() == ""


@pytest.mark.slow
def test_demo_writes_a_sample_where_there_are_no_files_and_refreshes_through_a_server(released, tmp_path, monkeypatch):
    # what it makes of the sample is the subject of others
    sharing.with_results(released, tmp_path / "store/private")
    asked: list[Any] = []
    refresh = Cycle.refresh

    def directly(cycle: Cycle, **how: Any) -> Any:
        asked.append(how)
        return refresh(cycle)

    # the server has tests of its own
    monkeypatch.setattr(Cycle, "refresh", directly)
    code, out, err = sharing.a4p(tmp_path, "demo")
    assert code == 0, err
    assert "invented files into inbox" in out
    assert "Published release r001" in out
    code, out, err = sharing.a4p(tmp_path, "demo")
    assert code == 0, err
    assert "Using the raw files in ./inbox" in out
    assert "Nothing changed" in out
    assert asked == [{"with_server": True}] * 2
