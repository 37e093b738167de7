"""Folders of this machine for what is only needed for a while, such as a file that is checked: they go at the end.

What a process that was killed left there goes when the next command starts. Each folder is held by a lock, which ends
with its process; no clock and no process number says whose it is.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

_PREFIX, _HELD = "a4p-work-", "held"
# of a folder without a lock: its process may just be making it, or the system has no locks
_YOUNG_S = 86_400
_ENDINGS = ("SIGTERM", "SIGHUP")


@contextmanager
def folder() -> Iterator[Path]:
    """Give a new folder that is this user's alone, and goes at the end."""
    made = Path(tempfile.mkdtemp(prefix=_PREFIX))
    number = None
    try:
        number = os.open(made / _HELD, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        _lock(number)
        inside = made / "files"
        inside.mkdir(0o700)
        yield inside
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if number is not None:
            os.close(number)


def clear() -> None:
    """Remove what processes of this user left that were killed."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as found:
        for one in found:
            if one.name.startswith(_PREFIX) and one.is_dir(follow_symlinks=False) and _left(Path(one.path)):
                shutil.rmtree(one.path, ignore_errors=True)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Have the body end as it would by an error where the terminal is closed or the process is asked to end.

    Else a signal ends it at once, and leaves behind what it would remove. Whoever is to ignore one goes on to.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in _ENDINGS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                before[number] = signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    # a second one must not stop the tidying up
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def _left(made: Path) -> bool:
    """Tell whether a folder belongs to nobody any more."""
    with suppress(OSError):
        seen = made.stat()
        if hasattr(os, "getuid") and seen.st_uid != os.getuid():
            return False
        if not (made / _HELD).exists() or sys.platform == "win32":
            return time.time() - seen.st_mtime > _YOUNG_S
        number = os.open(made / _HELD, os.O_RDWR)
        try:
            return _lock(number)
        finally:
            os.close(number)
    return False


def _lock(number: int) -> bool:
    """Take the lock on an open file, and tell whether it was free."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
