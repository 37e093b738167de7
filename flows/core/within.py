"""Limits of time: what takes longer than it ever should is ended, so that no file and no server holds everything else.

In the main thread the system's alarm ends also what never leaves a library that looks for signals, such as a pattern
that is matched; in other threads what runs is ended between two lines of Python. What is in a call to a library then
ends after it: each call to a server has a limit of its own.
"""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flows.core.errors import StoreError

# of what takes seconds with usual files, and minutes with a hundred times as many rows
STEP_S = 3600.0
FILE_S = 300.0


class TookTooLong(StoreError):
    """Something was ended since it took too long; the text says what."""


class _Late(BaseException):
    """What ends the work; no error, so that nobody on the way takes it for one of theirs."""


@contextmanager
def within(seconds: float, what: str) -> Iterator[None]:
    """End the body where it takes longer than so many seconds; `what` begins the sentence that is told of it.

    Raises TookTooLong then. One within another is ended by whichever comes first.
    """
    late, running = _Late(), [True]

    def end() -> None:
        if running[0]:
            raise late

    alarm = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    try:
        with _alarm(seconds, end) if alarm else _timer(seconds, running):
            try:
                yield
            finally:
                running[0] = False
    except _Late as raised:
        # in another thread it is the class that is raised, and the innermost takes it
        if alarm and raised is not late:
            raise
        raise TookTooLong(
            f"{what} took longer than {_time(seconds)} and was ended; see what is wrong with it."
        ) from None


@contextmanager
def _alarm(seconds: float, end: Callable[[], None]) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, lambda _number, _frame: end())
    rest, _ = signal.getitimer(signal.ITIMER_REAL)
    began = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, min(seconds, rest) if rest else seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if rest:
            # whoever set it is told, if only now
            signal.setitimer(signal.ITIMER_REAL, max(rest - (time.monotonic() - began), 0.001))


@contextmanager
def _timer(seconds: float, running: list[bool]) -> Iterator[None]:
    thread, lock, raised = ctypes.c_ulong(threading.get_ident()), threading.Lock(), [False]

    def end() -> None:
        with lock:
            if running[0]:
                raised[0] = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(_Late))

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            running[0] = False
            if raised[0]:
                # where the body ended before it came
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, None)


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:g} seconds"
    return f"{seconds / 60:g} minutes" if seconds < 2 * 3600 else f"{seconds / 3600:g} hours"
