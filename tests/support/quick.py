"""The command `a4p`, each a process of its own that need not import anything (see `forking`)."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

_SCRIPT = Path(__file__).with_name("forking.py")


@cache
def programs() -> Path:
    """Return a folder with the commands `a4p` and `python`; what starts them serves all processes of this test run."""
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    # a socket's path may not be long
    folder = Path(tempfile.gettempdir()) / f"a4p-tests-{run}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "socket").exists():
            _start(folder, run)
    return folder


def a4p() -> str:
    """Return the command's path."""
    return str(programs() / "a4p")


def _start(folder: Path, run: int) -> None:
    for name in ("a4p", "python"):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -S {_SCRIPT} {folder} {name} "$@"\n')
        program.chmod(0o755)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("A4P_", "PREFECT_"))}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, str(_SCRIPT), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=own,
            start_new_session=True,
        )
    assert server.stdin
    assert server.stdout
    with server.stdin, server.stdout:
        server.stdin.write(f"{run}\n".encode())
        server.stdin.flush()
        assert server.stdout.readline() == b"ready\n", (folder / "log").read_text()
    # it ends with the run, not with this process
    server.returncode = 0
