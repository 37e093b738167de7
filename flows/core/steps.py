"""The way to run a step of a refresh, handed in: here and now, as a Prefect task, on another machine.

A step is a function of a module, and arguments that may travel: paths, small records, stores, configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")


class Call(NamedTuple):
    """A step to run: its name for people, the function, its arguments."""

    name: str
    do: Callable[..., Any]
    args: tuple[Any, ...]


class Step(Protocol):
    """The way to run steps."""

    def __call__(self, name: str, do: Callable[..., T], /, *args: Any) -> T:
        """Run a step and return what it returns."""
        ...

    def all(self, calls: Sequence[Call]) -> list[Any]:
        """Run steps that do not wait for each other, and return what they return, in their order."""
        ...


@dataclass(frozen=True)
class InTurn:
    """Steps run one after the other, each by a function that is given its name, what to do and the arguments."""

    run: Callable[..., Any]

    def __call__(self, name: str, do: Callable[..., T], /, *args: Any) -> T:
        """Run a step and return what it returns."""
        result: T = self.run(name, do, *args)
        return result

    def all(self, calls: Sequence[Call]) -> list[Any]:
        """Run steps in their order, and return what they return."""
        return [self.run(name, do, *args) for name, do, args in calls]


def _here(_name: str, do: Callable[..., T], /, *args: Any) -> T:
    return do(*args)


# one after the other, since Polars uses every core for each
direct: Step = InTurn(_here)


def renamed(step: Step, pattern: str) -> Step:
    """Return the way to run steps, each by another name for people: the pattern with its own name in it."""
    return _Renamed(step, pattern)


@dataclass(frozen=True)
class _Renamed:
    step: Step
    pattern: str

    def __call__(self, name: str, do: Callable[..., T], /, *args: Any) -> T:
        return self.step(self.pattern.format(name), do, *args)

    def all(self, calls: Sequence[Call]) -> list[Any]:
        return self.step.all([call._replace(name=self.pattern.format(call.name)) for call in calls])
