"""How far a refresh is, and how long it will take: from what its steps took the last time, and take this time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from flows.refresh.watching.run import PREVIOUS, Began, Ended, Event, Part, StepBegan, StepDone, StepEnded, StepFailed

# where nothing is known of an earlier refresh: the seconds of a step of each kind, in proportion
_USUAL = {
    "pull": 0.02,
    "read": 0.15,
    "check": 0.15,
    PREVIOUS: 0.1,
    "make": 0.6,
    "suppress": 0.8,
    "bring": 0.1,
    "build": 2.0,
    "publish": 0.3,
    "keep": 0.1,
    "tell": 0.1,
}
_OF_OTHERS = 0.2
# the first check of all loads Great Expectations
_LOADING = {"check the files": 2.5}
# how much of the whole must have been seen before this run's pace counts more than the last one's
_TRUST = 0.04
# without an earlier refresh nothing is said before that much of the whole was seen
_ENOUGH = 0.05


class Expected:
    """What is expected of a refresh; it is told of what happens, by one thread, and asked, by another.

    Steps that do not come - nothing to read, or reused - are passed over when a later kind of step begins. The pace of
    the steps so far counts for those to come, so that many that take no time shorten what is left at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._began = clock()
        self._known = False
        self._durations: Mapping[str, float] = {}
        self._before: Sequence[Part] = ()
        self._kinds: list[str] = []
        self._costs: dict[str, float] = {}
        self._waiting: dict[str, Part] = {}
        self._running: dict[str, tuple[Part, float]] = {}
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
                    self._step_began(event.part)
                case StepDone() | StepEnded() | StepFailed():
                    self._step_ended(event.part, event.seconds)
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
    def now(self) -> Part | None:
        """The step that began last of those that run; None between two."""
        with self._lock:
            return next(reversed([part for part, _ in self._running.values()]), None)

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

    def _plan(self, expected: Sequence[Part], before: Sequence[Part], durations: Mapping[str, float]) -> None:
        self._known = bool(durations)
        self._waiting = {part.name: part for part in expected}
        self._kinds = list(dict.fromkeys(part.kind for part in expected))
        self._kinds.insert(self._kinds.index("check") + 1, PREVIOUS)
        self._durations, self._before = durations, before
        self._costs = {part.name: self._cost(part) for part in expected}
        # a display may have asked before there was a plan
        self._began, self._most = self._clock(), 0.0

    def _cost(self, part: Part) -> float:
        if part.name in self._durations:
            return self._durations[part.name]
        alike = [seconds for name, seconds in self._durations.items() if name.split(" ")[0] == part.kind]
        usual = _LOADING.get(part.name, _USUAL.get(part.kind, _OF_OTHERS))
        return sum(alike) / len(alike) if alike else usual

    def _step_began(self, part: Part) -> None:
        if part.kind == PREVIOUS and self._before:
            self._waiting |= {one.name: one for one in self._before}
            self._costs |= {one.name: self._cost(one) for one in self._before}
            self._before = ()
        if part.kind in self._kinds:
            over = self._kinds[: self._kinds.index(part.kind)]
            for name in [name for name, one in self._waiting.items() if one.kind in over]:
                del self._waiting[name]
                # it cost nothing
                self._seen_cost += self._costs[name]
        self._waiting.pop(part.name, None)
        self._costs.setdefault(part.name, self._cost(part))
        self._running[part.name] = (part, self._clock())

    def _step_ended(self, part: Part, seconds: float) -> None:
        if self._running.pop(part.name, None) is None:
            # it was done before the others that run beside it
            return
        self._done += 1
        self._seen_cost += self._costs.get(part.name, 0.0)
        self._spent += seconds

    def _left(self) -> float:
        pace, now = self._pace(), self._clock()
        running = sum(max(pace * self._costs[part.name] - (now - began), 0.0) for part, began in self._running.values())
        return running + pace * sum(self._costs[name] for name in self._waiting)

    def _pace(self) -> float:
        """Return how long steps take, against what was expected; an earlier refresh's pace holds until this has one."""
        trusted = _TRUST * sum(self._costs.values()) if self._known else 0.0
        seen = self._seen_cost + trusted
        return (self._spent + trusted) / seen if seen else 1.0
