"""A figure over the cycles as a line no larger than a word, with its values as text beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

_WIDTH, _HEIGHT, _MARGIN = 72, 18, 3


@dataclass(frozen=True)
class Small:
    """A line as it stands on the page: drawn, which cycles it is of, and all its values for those who listen."""

    svg: Markup
    short: str
    spoken: str


def small_line(values: Mapping[int, float | None], written: Callable[[float | None], str]) -> Small | None:
    """Draw a figure over the cycles, by their numbers; `written` says a value.

    Where a value is missing, the line is broken. None where there are not two values to draw a line between.
    """
    cycles = sorted(cycle for cycle, value in values.items() if value is not None)
    if len(cycles) < 2:
        return None
    first, last = cycles[0], cycles[-1]
    spoken = [f"{written(values.get(cycle)) or 'no value'} in cycle {cycle}" for cycle in range(first, last + 1)]
    return Small(_drawn(values, cycles), f"cycles {first}–{last}", ", ".join(spoken))


def _drawn(values: Mapping[int, float | None], cycles: list[int]) -> Markup:
    given = {cycle: value for cycle in cycles if (value := values[cycle]) is not None}
    low, high = min(given.values()), max(given.values())
    across = (_WIDTH - 2 * _MARGIN) / (cycles[-1] - cycles[0])
    up = (_HEIGHT - 2 * _MARGIN) / ((high - low) or 1)
    # what never changes runs along the middle
    floor = _HEIGHT / 2 if high == low else _HEIGHT - _MARGIN
    places = {
        cycle: f"{_MARGIN + (cycle - cycles[0]) * across:.1f},{floor - (value - low) * up:.1f}"
        for cycle, value in given.items()
    }
    parts = []
    # cycles that follow each other have the same distance from their place in the list
    for _, run in groupby(enumerate(places), key=lambda one: one[1] - one[0]):
        points = [places[cycle] for _, cycle in run]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
            if len(points) > 1
            else _dot(points[0])
        )
    parts.append(_dot(places[cycles[-1]]))
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    # numbers alone are put in
    return Markup(  # noqa: S704 # nosec B704
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )


def _dot(place: str) -> str:
    across, _, down = place.partition(",")
    return f'<circle cx="{across}" cy="{down}" r="2" fill="currentColor"/>'
