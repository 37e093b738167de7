"""Whether the tests of many cases run all of them (`make sweep`), or the sample of `make test`."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
# the property of a test that planted a trouble: whether nothing was said of it
PLANTED = "silent"
SWEEP = os.environ.get("A4P_SWEEP") == "1"


def some(cases: Sequence[T], most: int) -> list[T]:
    """Return all cases in the sweep; else at most this many, spread evenly over them, with the first and the last."""
    if SWEEP or len(cases) <= most:
        return list(cases)
    return [cases[number * (len(cases) - 1) // (most - 1)] for number in range(most)]
