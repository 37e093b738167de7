"""Tests wait for events; the limit is there for what hangs, and no machine is so slow that it reaches it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
HANGS_S = 900
# what `slower` does, where the limits of CPU seconds were chosen
_USUAL_S = 0.09


def until(true: Callable[[], T], what: Callable[[], object] = lambda: "", *, every_s: float = 0.2) -> T:
    """Wait until something is true, and return it; `what` is told where it never comes."""
    end = time.monotonic() + HANGS_S
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(every_s)
    raise AssertionError(f"it did not come true within {HANGS_S} seconds: {what()}")


def slower() -> float:
    """Return how many times slower this machine computes just now than a usual one, at least 1."""
    begun = time.process_time()
    sum(number * number for number in range(1_500_000))
    return max(1.0, (time.process_time() - begun) / _USUAL_S)
