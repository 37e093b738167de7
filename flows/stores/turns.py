"""One refresh of a cycle at a time, on whichever machine: who refreshes holds the last turn of the public store.

    releases/cycle-05/refreshing/000007.json    who has the seventh turn, how often that was confirmed, whether it ended
    alerts/cycle-05/sending/000007.json         the same of who sends messages, in the private store

A turn is taken by creating the file with the next number, which a store lets only one do. It is confirmed every few
seconds; one that is neither confirmed nor ended belongs to a process that was killed, and the next number is free. No
clock is compared with another: who waits looks whether the file changes. A server's own locks would bind only those who
run through it, and Prefect's are lost with its memory.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

from config import Cycle
from flows.core.canonical import as_json
from flows.core.errors import NotThere, StoreError
from flows.stores import Store

CONFIRMED_EVERY_S = 10.0
DEAD_AFTER_S = 45.0
# whoever has a turn for longer than any refresh takes is not waited for any more
LONGEST_S = 6 * 3600.0
_LOOKS_EVERY_S = 1.0


@contextmanager
def turn(
    store: Store, cycle: Cycle, who: str, waits: Callable[[str], None], what: Literal["refresh", "sending"] = "refresh"
) -> Iterator[Callable[[], bool]]:
    """Wait until nobody else does the same for a cycle, and keep others waiting until the body ends.

    `who` names this one to those who wait; `waits` is told once, in a sentence, whom this one waits for. A process that
    slept for longer than DEAD_AFTER_S may have lost its turn: then two are at work, which a release stands; what is
    given tells whether the turn is still this one's. Raises StoreError where the store fails.
    """
    folder = f"releases/{cycle.folder}/refreshing" if what == "refresh" else f"alerts/{cycle.folder}/sending"
    path = _take(store, folder, who, lambda other: waits(_at_work(what, cycle, other)))
    ended = threading.Event()
    confirming = threading.Thread(target=_confirm, args=(store, path, who, ended), daemon=True)
    confirming.start()

    def still() -> bool:
        store.look_again(folder)
        return max((entry.path for entry in store.entries(folder)), default="") <= path

    try:
        yield still
    finally:
        ended.set()
        confirming.join()
        with suppress(StoreError):  # others then wait until it counts as dead
            store.write(path, _said(who, 0, ended=True))


def _at_work(what: str, cycle: Cycle, other: str) -> str:
    if what == "refresh":
        return f"Another refresh of cycle {cycle.number} is at work ({other}); waiting for it."
    return f"The messages of cycle {cycle.number} are being sent already ({other}); waiting for that."


def this_process() -> str:
    """Return by what a command on this machine is named to those who wait for it."""
    return f"process {os.getpid()} of {socket.gethostname()}"


def _take(public: Store, folder: str, who: str, waits: Callable[[str], None]) -> str:
    seen, since, told = b"", time.monotonic(), False
    while True:
        public.look_again(folder)
        turns = [entry.path for entry in public.entries(folder)]
        number, held = 0, b""
        if turns:
            number = int(turns[-1].removeprefix(f"{folder}/").removesuffix(".json"))
            with suppress(NotThere):  # whoever deleted it has taken the next turn
                held = public.read(turns[-1])
        if held != seen:
            seen, since = held, time.monotonic()
        said = _read(held)
        free = not turns or said.get("ended") or time.monotonic() - since > DEAD_AFTER_S
        if free:
            path = f"{folder}/{number + 1:06d}.json"
            if public.create(path, _said(who, 0)):
                for old in turns:
                    public.delete(old)
                return path
            continue
        if held and not told:
            waits(str(said.get("who")))
            told = True
        time.sleep(_LOOKS_EVERY_S)


def _confirm(public: Store, path: str, who: str, ended: threading.Event) -> None:
    times = 0
    while times * CONFIRMED_EVERY_S < LONGEST_S and not ended.wait(CONFIRMED_EVERY_S):
        times += 1
        with suppress(StoreError):  # said by the refresh itself, which uses the same store
            public.write(path, _said(who, times))


def _read(held: bytes) -> dict[str, Any]:
    """Return what a turn's file says; nothing where it is damaged: it is dead then, unless somebody confirms it."""
    try:
        return dict(json.loads(held))
    except (ValueError, TypeError):
        return {}


def _said(who: str, confirmed: int, *, ended: bool = False) -> bytes:
    return as_json({"who": who, "confirmed": confirmed, "ended": ended})
