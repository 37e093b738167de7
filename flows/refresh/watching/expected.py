"""How far a refresh is, and how long it will take: from what its steps took the last time, and take this time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from flows.core.steps import Kind, Phase, StepId
from flows.refresh.watching.run import Began, Ended, Event, StepBegan, StepDone, StepEnded, StepFailed

# where nothing is known of an earlier refresh: the seconds of a step of each phase, in proportion
_USUAL = {
    Phase.CONFIGURE: 0.6,
    Phase.PULL: 0.02,
    Phase.READ: 0.15,
    Phase.CHECK: 0.15,
    Phase.PREVIOUS: 0.1,
    Phase.MAKE: 0.6,
    Phase.SUPPRESS: 0.8,
    Phase.BRING: 0.1,
    Phase.BUILD: 2.0,
    Phase.PUBLISH: 0.3,
    Phase.KEEP: 0.1,
    Phase.TELL: 0.1,
}
# the first check of all loads Great Expectations
_LOADING = {Kind.CHECK_FILES: 2.5}
# how much of the whole must have been seen before this run's pace counts more than the last one's
_TRUST = 0.04
# without an earlier refresh nothing is said before that much of the whole was seen
_ENOUGH = 0.05


class Expected:
    """What is expected of a refresh; it is told of what happens, by one thread, and asked, by another.

    Steps that do not come - nothing to read, or reused - are passed over when a later phase begins. The pace of
    the steps so far counts for those to come, so that many that take no time shorten what is left at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._began = clock()
        self._known = False
        self._durations: Mapping[str, float] = {}
        self._before: Sequence[StepId] = ()
        self._costs: dict[StepId, float] = {}
        self._waiting: list[StepId] = []
        self._running: dict[StepId, float] = {}
        self._done = 0
        self._seen_cost, self._spent = 0.0, 0.0
        self._most = 0.0

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        with self._lock:
            match event:
                case Began():
                    self._plan(event.expected, event.before, event.earlier)
                case StepBegan():
                    self._step_began(event.step)
                case StepDone() | StepEnded() | StepFailed():
                    self._step_ended(event.step, event.seconds)
                case Ended():
                    self._waiting.clear()
                    self._running.clear()
                    self._most = 1.0

    @property
    def done(self) -> int:
        """Steps that were done."""
        return self._done

    @property
    def of(self) -> int:
        """Steps that were done, run now, or are still expected."""
        return self._done + len(self._running) + len(self._waiting)

    @property
    def now(self) -> StepId | None:
        """The step that began last of those that run; None between two."""
        with self._lock:
            return next(reversed(self._running), None)

    @property
    def seconds_left(self) -> float | None:
        """About how many seconds it will take; None as long as nobody can say."""
        with self._lock:
            total = sum(self._costs.values())
            if not self._known and self._seen_cost < _ENOUGH * total:
                return None
            return self._left()

    @property
    def left(self) -> str:
        """How long it will take, in words; nothing as long as nobody can say."""
        seconds = self.seconds_left
        if seconds is None:
            return ""
        if seconds < 1:
            return "almost done"
        return f"about {round(seconds)} s left" if seconds < 90 else f"about {round(seconds / 60)} min left"

    @property
    def share(self) -> float:
        """How much of the time is over, from 0 to 1; it never goes back."""
        with self._lock:
            spent = self._clock() - self._began
            whole = spent + self._left()
            self._most = max(self._most, min(spent / whole, 1.0) if whole > 0 else 0.0)
            return self._most

    def _plan(self, expected: Sequence[StepId], before: Sequence[StepId], durations: Mapping[str, float]) -> None:
        self._known = bool(durations)
        self._waiting = list(expected)
        self._durations, self._before = durations, before
        self._costs = {step: self._cost(step, expected) for step in expected}
        # a display may have asked before there was a plan
        self._began, self._most = self._clock(), 0.0

    def _cost(self, step: StepId, others: Sequence[StepId]) -> float:
        if step.name in self._durations:
            return self._durations[step.name]
        alike = [self._durations[one.name] for one in others if one.phase == step.phase and one.name in self._durations]
        usual = _LOADING.get(step.kind, _USUAL[step.phase]) if step.earlier is None else _USUAL[step.phase]
        return sum(alike) / len(alike) if alike else usual

    def _step_began(self, step: StepId) -> None:
        if step.phase == Phase.PREVIOUS and self._before:
            self._waiting += self._before
            self._costs |= {one: self._cost(one, self._before) for one in self._before}
            self._before = ()
        over = set(list(Phase)[: list(Phase).index(step.phase)])
        # those that did not come cost nothing
        self._seen_cost += sum(self._costs[one] for one in self._waiting if one.phase in over)
        self._waiting = [one for one in self._waiting if one.phase not in over and one != step]
        self._costs.setdefault(step, self._cost(step, list(self._costs)))
        self._running[step] = self._clock()

    def _step_ended(self, step: StepId, seconds: float) -> None:
        if self._running.pop(step, None) is None:
            # it was done before the others that run beside it
            return
        self._done += 1
        self._seen_cost += self._costs.get(step, 0.0)
        self._spent += seconds

    def _left(self) -> float:
        pace, now = self._pace(), self._clock()
        running = sum(max(pace * self._costs[step] - (now - began), 0.0) for step, began in self._running.items())
        return running + pace * sum(self._costs[step] for step in self._waiting)

    def _pace(self) -> float:
        """Return how long steps take, against what was expected; an earlier refresh's pace holds until this has one."""
        trusted = _TRUST * sum(self._costs.values()) if self._known else 0.0
        seen = self._seen_cost + trusted
        return (self._spent + trusted) / seen if seen else 1.0
