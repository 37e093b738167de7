"""What many tests only read is made once for all processes of a test run, and stays as it was made."""

from __future__ import annotations

import fcntl
import io
import json
import logging
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from flows.refresh.reuse import FOLDER, WORKED_OUT
from flows.stores import Store
from flows.stores.from_settings import Places

# what `modes` says of a folder that is its owner's alone
CLOSED = {"folders": {0o700}, "files": {0o600}}


def lent(folder: Path, make: Callable[[Path], object]) -> Iterator[Path]:
    """Yield a folder that the first process to ask makes, while the others wait; a test that changes it is told."""
    made = folder.with_suffix(".made")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.write_text(json.dumps(_stamps(folder)))
    yield folder
    assert _stamps(folder) == json.loads(made.read_text()), f"{folder.name} is shared: a test that changes it copies it"


def _stamps(folder: Path) -> dict[str, list[int]]:
    files = {str(path.relative_to(folder)): path.stat() for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in files.items()}


def a4p(folder: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    """Run the command in a folder, in this process, with these settings; returns its exit code and what it says."""
    from flows.cli import commands

    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in [name for name in os.environ if name.startswith(("A4P_", "PREFECT_"))]:
            patch.delenv(name)
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        try:
            commands.main(list(arguments))
        except SystemExit as stop:
            code = int(stop.code or 0)
        finally:
            _log_as_before()
    return code, out.getvalue(), err.getvalue()


def _log_as_before() -> None:
    """What is logged after the command goes to none of its files."""
    log = logging.getLogger("a4p")
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
    log.propagate = True


def places_in(folder: Path) -> Places:
    """Where things are below a folder in which the command runs with the settings that it has by default."""
    return Places(*(Store(str(folder / name)) for name in ("inbox", "store/private", "store/public")))


def with_results(released: Path, private: Path) -> None:
    """Put what was worked out of the sample into a private store: of files that are the same, it is not done again.

    For tests of what comes of a refresh; where it comes from is the subject of others (test_reuse, test_rot).
    """
    take_results(released / "store/private", private)


def take_results(of: Path, private: Path) -> None:
    """Put what was worked out in one private store into another one, as `with_results` does."""
    for name in (FOLDER, *WORKED_OUT):
        if (of / name).exists():
            shutil.copytree(of / name, private / name, dirs_exist_ok=True)


def sources(inbox: Path, to: Path, *names: str, cycle: int = 5) -> Path:
    """Copy these sources of a cycle, all where none is named, from an inbox into another; returns that."""
    for name in names or ("",):
        shutil.copytree(inbox / f"cycle-{cycle:02d}" / name, to / f"cycle-{cycle:02d}" / name)
    return to


def modes(root: Path) -> dict[str, set[int]]:
    """The modes that the folders and the files below a root have, and the root."""
    found: dict[str, set[int]] = {"folders": set(), "files": set()}
    for path in (root, *root.rglob("*")):
        found["folders" if path.is_dir() else "files"].add(stat.S_IMODE(path.lstat().st_mode))
    return found
