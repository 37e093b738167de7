"""A refresh that is watched: each step tells when it begins and ends, and the refresh tells what came of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from config import Config, Cycle
from flows.core import logs
from flows.core.records import Published
from flows.core.settings import Settings
from flows.core.steps import InTurn, Kind, Runner, Step, StepId
from flows.stores.from_settings import Places

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
class Began:
    """The refresh begins: with which steps, as far as one can know, and how many seconds each took when it last ran.

    `before` are those that come if the previous cycle's figures have to be worked out too.
    """

    at: datetime
    expected: Sequence[StepId]
    before: Sequence[StepId]
    earlier: Mapping[str, float]


@dataclass(frozen=True)
class StepBegan:
    """A step begins."""

    at: datetime
    step: StepId


@dataclass(frozen=True)
class StepDone:
    """One of several steps that run side by side is done; StepEnded comes once all of them are."""

    at: datetime
    step: StepId
    seconds: float


@dataclass(frozen=True)
class StepEnded:
    """A step has ended: after how many seconds, with what."""

    at: datetime
    step: StepId
    seconds: float
    result: Any


@dataclass(frozen=True)
class StepFailed:
    """A step has failed: after how many seconds, why."""

    at: datetime
    step: StepId
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
        published = refresh(Watching(told))
    except BaseException as error:
        told(Failed(_now(), time.monotonic() - began, error))
        raise
    told(Ended(_now(), time.monotonic() - began, published))
    return published


# what works out a cycle's figures
_FIGURES = (
    Kind.PULL,
    Kind.READ,
    Kind.COMPARE,
    Kind.CHECK_FILES,
    Kind.CHECK_TABLE,
    Kind.MAKE_TABLES,
    Kind.MAKE_FIGURES,
    Kind.SUPPRESS,
)
_RELEASE = (Kind.BRING_TOGETHER, Kind.BUILD, Kind.PUBLISH, Kind.KEEP_COPY, Kind.TELL)


def expected(config: Config) -> list[StepId]:
    """Return the steps of a refresh to which every source sent a file, of which nothing is kept, in their order."""
    return [step for kind in (Kind.CHECK_DEFINITIONS, *_FIGURES, *_RELEASE) for step in _of_kind(kind, config)]


def expected_before(config: Config, cycle: int) -> list[StepId]:
    """Return the steps that work out a previous cycle's figures, where it has no release; `cycle` is its number."""
    steps = (step for kind in _FIGURES for step in _of_kind(kind, config))
    # of a cycle before that one there is mostly nothing; missions are compared with each other
    return [
        replace(step, earlier=cycle) for step in steps if step.kind is not Kind.COMPARE or _by_missions(step, config)
    ]


def _by_missions(step: StepId, config: Config) -> bool:
    return config.contracts[str(step.source)].sent_by == "missions"


def _of_kind(kind: Kind, config: Config) -> list[StepId]:
    match kind.each:
        case "source":
            return [StepId(kind, source) for source in config.contracts]
        case "table":
            contracts = config.contracts.items()
            return [StepId(kind, source, table) for source, contract in contracts for table in contract.tables]
    return [StepId(kind)]


class Watching:
    """A refresh that is being watched: it is handed the steps, and tells when each begins and ends."""

    def __init__(self, tell: Watcher) -> None:
        self._tell = tell
        self._running: dict[StepId, float] = {}
        self._took: dict[StepId, float] = {}

    def steps(self, runner: Runner) -> Runner:
        """Return a way to run steps that runs them by another, and tells of each."""
        return _Watched(runner, self)

    @contextmanager
    def of(self, step: StepId) -> Iterator[None]:
        """Give a context for a step to run in, where it is only there that one knows when it is done."""
        self.begin(step)
        yield
        self._took[step] = time.monotonic() - self._running.get(step, time.monotonic())
        self._tell(StepDone(_now(), step, self._took[step]))

    def begin(self, step: StepId) -> None:
        """Tell that a step begins, unless it has."""
        if step not in self._running:
            self._running[step] = time.monotonic()
            self._tell(StepBegan(_now(), step))

    def end(self, step: StepId, result: Any) -> None:
        """Tell that a step has ended, and what it gave."""
        self._tell(StepEnded(_now(), step, self._seconds(step), result))

    def fail(self, step: StepId, error: BaseException) -> None:
        """Tell that a step has failed."""
        self._tell(StepFailed(_now(), step, self._seconds(step), error))

    def _seconds(self, step: StepId) -> float:
        began = self._running.pop(step, time.monotonic())
        return self._took.pop(step, time.monotonic() - began)


@dataclass(frozen=True)
class _Watched:
    inner: Runner
    watching: Watching

    def __call__(self, step: Step[T], /) -> T:
        """Run a step and return what it returns."""
        self.watching.begin(step.id)
        try:
            result = self.inner(step)
        except BaseException as error:
            self.watching.fail(step.id, error)
            raise
        self.watching.end(step.id, result)
        return result

    def all(self, steps: Sequence[Step[T]], /) -> list[T]:
        """Run steps that do not wait for each other, and return what they return, in their order."""
        if isinstance(self.inner, InTurn):
            return [self(step) for step in steps]
        for step in steps:
            self.watching.begin(step.id)
        results = self.inner.all(steps)
        for step, result in zip(steps, results, strict=True):
            self.watching.end(step.id, result)
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
