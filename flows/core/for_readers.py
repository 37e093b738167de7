"""What readers of releases are to know, as the room of releases hands it to those who tell them."""

from __future__ import annotations

from dataclasses import dataclass

from config import Label


@dataclass(frozen=True)
class Restated:
    """A figure that readers know with another value: its title, whose it is, its value then and now."""

    title: Label
    mission: str
    was: float | None
    now: float | None
    unit: str


@dataclass(frozen=True)
class ForReaders:
    """What readers of a cycle are to know: the release that they are led to, and what is otherwise than they know it.

    `place` is where its page lies. `known` is the release that they were told of last, None where of none; `withdrawn`
    says why that one was, None where it was not.
    """

    release: str
    status: str
    place: str
    known: str | None = None
    withdrawn: str | None = None
    restated: tuple[Restated, ...] = ()
