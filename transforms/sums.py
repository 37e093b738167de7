"""What is known of a sum. It stands alone: who only states sums need not load what computes with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    """A combination of cells that is known to lie between two numbers; `low` is `high` where it is known exactly."""

    of: Mapping[int, int]
    low: float
    high: float
