"""A refresh that is watched: each step tells when it begins and ends, and the refresh tells what came of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from config import Config, Cycle
from flows.core import logs
from flows.core.records import Published
from flows.core.settings import Settings
from flows.core.steps import Call, InTurn, Step
from flows.stores.from_settings import Places

T = TypeVar("T")
# the kind of all steps that work out the previous cycle's figures
PREVIOUS = "previous"


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
    """A step as its name says: what it does (pull, read, check …, previous), of which source or source table."""

    name: str
    kind: str
    source: str | None = None
    table: str | None = None


@dataclass(frozen=True)
class Began:
    """The refresh begins: with which steps, as far as one can know, and how many seconds each took when it last ran.

    `before` are those that come if the previous cycle's figures have to be worked out too.
    """

    at: datetime
    expected: Sequence[Part]
    before: Sequence[Part]
    earlier: Mapping[str, float]


@dataclass(frozen=True)
class StepBegan:
    """A step begins."""

    at: datetime
    part: Part


@dataclass(frozen=True)
class StepDone:
    """One of several steps that run side by side is done; StepEnded comes once all of them are."""

    at: datetime
    part: Part
    seconds: float


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


Event = Began | StepBegan | StepDone | StepEnded | StepFailed | Ended | Failed
Watcher = Callable[[Event], None]


def watched(run: Run, refresh: Callable[[Watching], Published], *more: Watcher) -> Published:
    """Refresh while it is watched, and return what came of it.

    In: a function that refreshes, and runs its steps by `Watching.steps`; who watches besides those that the settings
    ask for. Raises what the refresh raises.
    """
    from flows.refresh.watching import watchers

    watching, earlier = watchers.of(run)
    told = _All([*watching, *more])
    began = time.monotonic()
    before = run.cycle.number - 1
    told(Began(_now(), expected(run.config), expected_before(run.config, before), earlier))
    try:
        published = refresh(Watching(run.config, told))
    except BaseException as error:
        told(Failed(_now(), time.monotonic() - began, error))
        raise
    told(Ended(_now(), time.monotonic() - began, published))
    return published


def expected(config: Config) -> list[Part]:
    """Return the steps of a refresh to which every source sent a file, of which nothing is kept, in their order."""
    names = [*_gathering(config), *_MAKING, "bring together what was found", "build the release", "publish the release"]
    return [part(name, config) for name in (*names, "keep a copy of the release", "tell")]


def expected_before(config: Config, cycle: int) -> list[Part]:
    """Return the steps that work out a previous cycle's figures, where it has no release; `cycle` is its number."""
    return [part(f"{name} (cycle {cycle})", config) for name in (*_gathering(config), *_MAKING)]


_MAKING = ("make the tables", "make the figures", "suppress small cells")


def _gathering(config: Config) -> list[str]:
    return [
        *(f"pull {source}" for source in config.contracts),
        *(f"read {source}" for source in config.contracts),
        "check the files",
        *(f"check {table}" for contract in config.contracts.values() for table in contract.tables),
    ]


def part(name: str, config: Config) -> Part:
    """Return a step's parts, from its name."""
    own, _, of_before = name.partition(" (cycle ")
    kind, _, rest = own.partition(" ")
    kind = PREVIOUS if of_before else kind
    if rest in config.contracts:
        # a table may have its source's name
        return Part(name, kind, rest, rest if own.startswith("check ") else None)
    for source, contract in config.contracts.items():
        if rest in contract.tables:
            return Part(name, kind, source, rest)
    return Part(name, kind)


class Watching:
    """A refresh that is being watched: it is handed the steps, and tells when each begins and ends."""

    def __init__(self, config: Config, tell: Watcher) -> None:
        self._config, self._tell = config, tell
        self._running: dict[str, float] = {}
        self._took: dict[str, float] = {}

    def steps(self, step: Step) -> Step:
        """Return a way to run steps that runs them by another, and tells of each."""
        return _Watched(step, self)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Give a context for a step to run in, where it is only there that one knows when it is done."""
        self.begin(name)
        yield
        self._took[name] = time.monotonic() - self._running.get(name, time.monotonic())
        self._tell(StepDone(_now(), part(name, self._config), self._took[name]))

    def begin(self, name: str) -> None:
        """Tell that a step begins, unless it has."""
        if name not in self._running:
            self._running[name] = time.monotonic()
            self._tell(StepBegan(_now(), part(name, self._config)))

    def end(self, name: str, result: Any) -> None:
        """Tell that a step has ended, and what it gave."""
        self._tell(StepEnded(_now(), part(name, self._config), self._seconds(name), result))

    def fail(self, name: str, error: BaseException) -> None:
        """Tell that a step has failed."""
        self._tell(StepFailed(_now(), part(name, self._config), self._seconds(name), error))

    def _seconds(self, name: str) -> float:
        began = self._running.pop(name, time.monotonic())
        return self._took.pop(name, time.monotonic() - began)


@dataclass(frozen=True)
class _Watched:
    inner: Step
    watching: Watching

    def __call__(self, name: str, do: Callable[..., T], /, *args: Any) -> T:
        """Run a step and return what it returns."""
        self.watching.begin(name)
        try:
            result = self.inner(name, do, *args)
        except BaseException as error:
            self.watching.fail(name, error)
            raise
        self.watching.end(name, result)
        return result

    def all(self, calls: Sequence[Call]) -> list[Any]:
        """Run steps that do not wait for each other, and return what they return, in their order."""
        if isinstance(self.inner, InTurn):
            return [self(name, do, *args) for name, do, args in calls]
        for call in calls:
            self.watching.begin(call.name)
        results = self.inner.all(calls)
        for call, result in zip(calls, results, strict=True):
            self.watching.end(call.name, result)
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
