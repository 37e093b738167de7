"""A refresh that is watched: each step tells when it begins and ends, and the refresh tells what came of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from config import Config, Cycle
from flows import logs
from flows.publish import Published
from flows.refresh import Places
from flows.settings import Settings
from flows.steps import Call, InTurn, Step

T = TypeVar("T")


@dataclass(frozen=True)
class Run:
    """One refresh: of what, with which settings; `id` is a UUID, Prefect's where it runs through Prefect."""

    cycle: Cycle
    config: Config
    settings: Settings
    places: Places
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Part:
    """A step as its name says: what it does (pull, read, check …), of which source or source table."""

    name: str
    kind: str
    source: str | None = None
    table: str | None = None


@dataclass(frozen=True)
class Began:
    """The refresh begins: with which steps, as far as one can know, and how many seconds each took the last time."""

    at: datetime
    expected: Sequence[Part]
    earlier: Mapping[str, float]


@dataclass(frozen=True)
class StepBegan:
    """A step begins."""

    at: datetime
    part: Part


@dataclass(frozen=True)
class StepEnded:
    """A step has ended: after how many seconds, with what."""

    at: datetime
    part: Part
    seconds: float
    result: Any


@dataclass(frozen=True)
class StepFailed:
    """A step has failed: after how many seconds, why."""

    at: datetime
    part: Part
    seconds: float
    error: BaseException


@dataclass(frozen=True)
class Ended:
    """The refresh has ended: after how many seconds, with what; also where nothing could be published."""

    at: datetime
    seconds: float
    published: Published


@dataclass(frozen=True)
class Failed:
    """The refresh has failed: after how many seconds, why."""

    at: datetime
    seconds: float
    error: BaseException


Event = Began | StepBegan | StepEnded | StepFailed | Ended | Failed
Watcher = Callable[[Event], None]


def watched(run: Run, step: Step, refresh: Callable[[Step], Published], *more: Watcher) -> Published:
    """Refresh with steps that are watched, and return what came of it.

    In: the way to run a step; a function that refreshes with the way that it is given; who watches besides those that
    the settings ask for. Raises what the refresh raises.
    """
    from flows.watching import watchers

    watching, earlier = watchers.of(run)
    told = _All([*watching, *more])
    began = time.monotonic()
    told(Began(_now(), expected(run.config, run.cycle), earlier))
    try:
        published = refresh(_Watched(step, run.config, told))
    except BaseException as error:
        told(Failed(_now(), time.monotonic() - began, error))
        raise
    told(Ended(_now(), time.monotonic() - began, published))
    return published


def expected(config: Config, cycle: Cycle) -> list[Part]:
    """Return the steps of a refresh to which every source sent a file, in about their order."""
    names = [
        *(f"pull {source}" for source in config.contracts),
        *(f"read {source}" for source in config.contracts),
        "check the files",
        *(f"check {table}" for contract in config.contracts.values() for table in contract.tables),
        f"find the figures of cycle {cycle.number - 1}",
        "curate the tables",
        "publish the release",
        "tell",
    ]
    return [part(name, config) for name in names]


def part(name: str, config: Config) -> Part:
    """Return a step's parts, from its name."""
    kind, _, rest = name.partition(" ")
    if rest in config.contracts:
        # a table may have its source's name
        return Part(name, kind, rest, rest if kind == "check" else None)
    for source, contract in config.contracts.items():
        if rest in contract.tables:
            return Part(name, kind, source, rest)
    return Part(name, kind)


@dataclass(frozen=True)
class _Watched:
    """A way to run steps that tells of each."""

    inner: Step
    config: Config
    tell: Watcher

    def __call__(self, name: str, do: Callable[..., T], /, *args: Any) -> T:
        """Run a step and return what it returns."""
        one = part(name, self.config)
        self.tell(StepBegan(_now(), one))
        began = time.monotonic()
        try:
            result = self.inner(name, do, *args)
        except BaseException as error:
            self.tell(StepFailed(_now(), one, time.monotonic() - began, error))
            raise
        self.tell(StepEnded(_now(), one, time.monotonic() - began, result))
        return result

    def all(self, calls: Sequence[Call]) -> list[Any]:
        """Run steps that do not wait for each other, and return what they return, in their order."""
        if isinstance(self.inner, InTurn):
            return [self(name, do, *args) for name, do, args in calls]
        parts = [part(call.name, self.config) for call in calls]
        for one in parts:
            self.tell(StepBegan(_now(), one))
        began = time.monotonic()
        results = self.inner.all(calls)
        # who runs them together says nothing of each alone
        share = (time.monotonic() - began) / max(len(calls), 1)
        for one, result in zip(parts, results, strict=True):
            self.tell(StepEnded(_now(), one, share, result))
        return results


class _All:
    """Every watcher; one that fails is left out from then on."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self.watchers = list(watchers)

    def __call__(self, event: Event) -> None:
        for watcher in list(self.watchers):
            try:
                watcher(event)
            except Exception as error:
                self.watchers.remove(watcher)
                said = logs.failure(error)
                logs.warn(
                    "watcher.failed",
                    f"What watches this refresh failed and was left out ({said['error']}); the refresh goes on.",
                    error=said["error"],
                    watcher=type(watcher).__name__,
                )


def _now() -> datetime:
    return datetime.now(UTC)
