"""A file that is checked stays nowhere: not after the terminal was closed, and after a kill until the next command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from flows.core import temporary
from tests.support.waiting import HANGS_S, until

ROOT = Path(__file__).parents[3]
PROGRAM = """
    import signal, sys, time
    # whoever runs the tests may ignore it
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    from pathlib import Path
    from flows.core import temporary
    temporary.clear()
    with temporary.ended_by_signals(), temporary.folder() as folder:
        (folder / "personal.csv").write_text("name")
        Path(sys.argv[1]).touch()
        time.sleep(3600)
"""


def started(tmp_path: Path) -> subprocess.Popen[str]:
    ready = tmp_path / "ready"
    ready.unlink(missing_ok=True)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir(exist_ok=True)
    running = subprocess.Popen([sys.executable, "-c", textwrap.dedent(PROGRAM), ready], env=env, text=True)
    until(ready.exists)
    return running


def left(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "tmp").rglob("*") if path.is_file()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    running = started(tmp_path)
    assert "personal.csv" in left(tmp_path)
    running.send_signal(number)
    assert running.wait(HANGS_S) == 128 + number
    assert left(tmp_path) == []


def test_what_a_kill_leaves_goes_with_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed, running = started(tmp_path), started(tmp_path)
    killed.kill()
    killed.wait(HANGS_S)
    assert left(tmp_path).count("personal.csv") == 2
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    temporary.clear()
    # one is at work still
    assert left(tmp_path).count("personal.csv") == 1
    running.kill()
    running.wait(HANGS_S)
    temporary.clear()
    assert list((tmp_path / "tmp").iterdir()) == []
