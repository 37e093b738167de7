"""Publishers that are processes of their own: killed at a chosen write, or started at the same moment."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from threading import Barrier
from typing import Any

import polars as pl

from config import Cycle
from flows.core.canonical import hash_of
from flows.core.errors import NotThere
from flows.releases import shelf
from flows.releases.make.table_files import table_files
from flows.stores import Store
from tests.support.waiting import HANGS_S

CYCLE = Cycle(number=5, start=date(2023, 11, 1), end=date(2024, 4, 30))
# each process is a fork of one that has imported everything and has never used it
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["flows.releases.shelf", "s3fs"])


def content(value: int) -> dict[str, bytes]:
    return {**table_files({"figures": pl.DataFrame({"value": [value]})}), "report.html": f"<p>{value}</p>".encode()}


def describe(name: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "resources": [{"path": path, "hash": hash_of(data)} for path, data in sorted(files.items())],
        "a4p": {"release": name, "status": "final"},
    }


def since(before: shelf.Release | None) -> dict[str, bytes]:
    return {"changes.json": json.dumps({"from": before.name if before else None}).encode()}


def publish(store: Store, value: int) -> tuple[str, bool]:
    """Publish the content of a value; return the release's name and whether it is new."""
    found, is_new = shelf.publish(store, CYCLE, content(value), describe, since)
    return found.name, is_new


@dataclass(frozen=True)
class Dying(Store):
    """A store whose process is killed when it is about to make its change number `dies_at`, counted from 0."""

    dies_at: int = 1000
    changes: list[str] = field(default_factory=list, compare=False)

    def write(self, path: str, data: bytes) -> None:
        self._about_to(path)
        super().write(path, data)

    def create(self, path: str, data: bytes) -> bool:
        self._about_to(path)
        return super().create(path, data)

    def delete(self, path: str) -> None:
        self._about_to(path)
        super().delete(path)

    def _about_to(self, path: str) -> None:
        if len(self.changes) == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.changes.append(path)


def _publish_and_die(store: Dying, value: int, environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
    publish(store, value)
    assert len(store.changes) == store.dies_at, "what is not killed at a change is killed after the last"
    os.kill(os.getpid(), signal.SIGKILL)


def assert_a_kill_is_survived(store: Store, at: int, environment: Mapping[str, str]) -> tuple[bool, bool, bool]:
    """Kill a process that publishes over an older release, when it is about to make its change number `at`.

    Return whether the release was there by then, whether latest.json led to it, and whether current/ was it.
    """
    assert publish(store, 1) == ("r001", True)
    process = PROCESSES.Process(
        target=_publish_and_die, args=(Dying(store.uri, store.endpoint_url, dies_at=at), 2, environment)
    )
    process.start()
    process.join(HANGS_S)
    assert process.exitcode == -signal.SIGKILL

    found = [assert_whole(store, name) for name in names(store)]
    led = {"r001": 1, "r002": 2}[seen(store)]
    shown = current(store)
    assert found in ([1], [1, 2])
    assert led in found
    assert shown in {1, 2, None}

    assert publish(store, 2) == ("r002", len(found) == 1)
    assert [assert_whole(store, name) for name in names(store)] == [1, 2]
    assert seen(store) == "r002"
    assert current(store) == 2
    return len(found) == 2, led == 2, shown == 2


def names(store: Store) -> list[str]:
    ends = "/datapackage.json"
    committed = [entry.path for entry in store.entries("releases/cycle-05") if entry.path.endswith(ends)]
    return [path.removesuffix(ends).rpartition("/")[2] for path in committed]


def seen(store: Store) -> str:
    """Return the release that a reader of latest.json is led to."""
    found = shelf.latest(store, CYCLE)
    assert found is not None
    return found.name


def assert_whole(store: Store, name: str) -> int:
    """Assert that a release is, file by file, the content of one value; return that."""
    found = shelf.get(store, CYCLE, name)
    kept = {path: store.read(f"{found.path}/{path}") for path in found.hashes}
    assert "from" in json.loads(kept.pop("changes.json"))
    value = int(kept["report.html"].decode().removeprefix("<p>").removesuffix("</p>"))
    assert kept == content(value)
    return value


def current(store: Store) -> int | None:
    """Return the value that current/ shows, None where a reader finds by release.json that it is not one release.

    Whatever a reader takes for one release is one, as a whole, and each file is known to be of one release.
    """
    told = json.loads(store.read("current/cycle-05/release.json"))
    kept: dict[str, bytes] = {}
    for path in told["hashes"]:
        try:
            kept[path] = store.read(f"current/cycle-05/{path}")
        except NotThere:
            return None
    hashes = {path: hash_of(data) for path, data in kept.items()}
    if hashes != told["hashes"]:
        published = [one.hashes.items() for one in shelf.releases(store, CYCLE)]
        assert all(any(one in items for items in published) for one in hashes.items())
        return None
    value = assert_whole(store, told["release"])
    assert "from" in json.loads(kept.pop("changes.json"))
    assert kept == content(value)
    return value


_start: Barrier | None = None


def _begin(start: Barrier, environment: Mapping[str, str]) -> None:
    global _start  # noqa: PLW0603 - a process is given it once
    os.environ.update(environment)
    _start = start


def _publish_together(store: Store, value: int) -> tuple[str, bool]:
    assert _start is not None
    store.exists("warm")  # the connection is there before the start
    _start.wait(HANGS_S)
    return publish(store, value)


def publish_at_once(
    stores: Sequence[Store], values: Sequence[int], environment: Mapping[str, str]
) -> list[list[tuple[str, bool]]]:
    """Publish the values into each store in turn, each value in a process of its own, all at the same moment."""
    count = len(values)
    given = (PROCESSES.Barrier(count), environment)
    with ProcessPoolExecutor(count, mp_context=PROCESSES, initializer=_begin, initargs=given) as pool:
        return [list(pool.map(_publish_together, [store] * count, values, timeout=HANGS_S)) for store in stores]
