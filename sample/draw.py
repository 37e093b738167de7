"""Chance, made repeatable: dice with a name, days between days, a total spread over weights, hours of receipt.

And one thing that does not fall by chance: what is known of a cycle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from config import Cycle

T = TypeVar("T")


def dice(seed: int, *about: object) -> Random:
    """Return the dice for one purpose; the same seed and purpose always fall the same way, whatever else is drawn."""
    return Random("/".join(str(part) for part in (seed, *about)))  # noqa: S311 - sample data, no secrets


def day(chance: Random, first: date, last: date) -> date:
    """Draw a day from first to last, both included."""
    return first + timedelta(days=chance.randint(0, (last - first).days))


def spread(total: int, weights: Sequence[float]) -> list[int]:
    """Spread a whole total over weights in whole parts that add up to it (largest remainders)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def at(received: date, hour: int) -> datetime:
    """Return the moment at which a file comes in: a full hour of a day, in UTC."""
    return datetime.combine(received, time(hour), tzinfo=UTC)


def later(count: int, cycle: Cycle) -> int:
    """Return a count of cycle 5 as a later cycle has it: a twentieth more each time, so that no two are the same."""
    more = max(0, cycle.number - 5)
    return count + max(more, count * more // 20) if count else 0


def known_of(by_cycle: Mapping[int, T], cycle: Cycle) -> T:
    """Return what is known of a cycle; cycles of which nothing is known resemble cycle 5."""
    return by_cycle.get(cycle.number, by_cycle[5])
