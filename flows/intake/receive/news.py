"""What lies in the inbox, by names, sizes and times; nothing is opened. A refresh notes what it found there.

A file in a wrong folder counts too, so that its sender is told of it as soon as it is there.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter

from config import Config, Cycle
from flows.core.errors import NotThere
from flows.intake.receive import astray
from flows.intake.receive.inbox import sent
from flows.stores import Store, checked
from flows.stores.checked import Damaged


@dataclass(frozen=True)
class _Note:
    files: int
    hash: str
    at: str


_NOTE = TypeAdapter(_Note)


@dataclass(frozen=True)
class Seen:
    """What a refresh of a cycle looks at: how many files, and a hash of their names, sizes and times."""

    files: int
    hash: str


def look(inbox: Store, config: Config, cycle: Cycle) -> Seen:
    """Return what lies in the inbox now, but for the folders of other cycles. Raises StoreError where it fails."""
    entries = []
    for one in astray.at_the_top(inbox, config, cycle):
        entries += sent(inbox.entries(one.path, others=True)) if one.is_folder else [one]
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(f"{entry.path}\0{entry.size}\0{entry.modified.isoformat()}\n".encode())
    return Seen(len(entries), digest.hexdigest())


def note(private: Store, cycle: Cycle, seen: Seen, now: datetime | None = None) -> None:
    """Note what a refresh of the whole cycle found, or was asked for because of."""
    at = (now or datetime.now(UTC)).isoformat()
    checked.write_json(private, _path(cycle), {"files": seen.files, "hash": seen.hash, "at": at})


def noted(private: Store, cycle: Cycle) -> tuple[Seen, str] | None:
    """Return what was noted last, and when; None where nothing was, or it is damaged, so that it is looked at anew."""
    with suppress(NotThere, Damaged):
        said = checked.read_json(private, _path(cycle), _NOTE)
        return Seen(said.files, said.hash), said.at
    return None


def quiet(
    inbox: Store,
    config: Config,
    cycle: Cycle,
    seen: Seen,
    seconds: float,
    wait: Callable[[float], None] = time.sleep,
) -> bool:
    """Wait, and tell whether nothing has changed since it was seen: no file is still being written."""
    wait(seconds)
    return look(inbox, config, cycle) == seen


def _path(cycle: Cycle) -> str:
    return f"inbox/{cycle.folder}.json"
