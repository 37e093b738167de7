"""What can be computed of unknown counts from linear sums of them that are known: integer programmes, solved by HiGHS.

Unknowns are numbered; a sum says between which two numbers a combination of them lies (the same number twice where it
is known exactly). Nothing here knows tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from transforms.sums import Sum

_INF = float("inf")
# further than this a value need not be moved to open a range, nor is one dearer: solvers lose count of larger numbers
_FAR = 1e6


@dataclass
class Seen:
    """The least and the greatest value of each cell in the solutions that were found so far."""

    low: dict[int, float] = field(default_factory=dict)
    high: dict[int, float] = field(default_factory=dict)

    def add(self, cell: int, value: float) -> None:
        """Take in the value of a cell in one more solution."""
        self.low[cell] = min(self.low.get(cell, value), value)
        self.high[cell] = max(self.high.get(cell, value), value)

    def width(self, cell: int) -> float:
        """Return how far apart the values of a cell were."""
        return self.high.get(cell, 0) - self.low.get(cell, 0)


def about(unknown: Iterable[int], sums: Sequence[Sum], values: Sequence[int]) -> list[Sum]:
    """Return what the sums say of the unknown cells alone, the others being known."""
    wanted, found = set(unknown), {}
    for one in sums:
        left = {cell: times for cell, times in one.of.items() if cell in wanted}
        if left:
            rest = sum(times * values[cell] for cell, times in one.of.items() if cell not in wanted)
            found[(*sorted(left.items()), one.low - rest, one.high - rest)] = Sum(left, one.low - rest, one.high - rest)
    return list(found.values())


def groups(cells: Iterable[int], sums: Sequence[Sum]) -> list[tuple[list[int], list[Sum]]]:
    """Return the cells in groups that no sum connects, each with its sums."""
    leader = {cell: cell for cell in cells}

    def of(cell: int) -> int:
        while leader[cell] != cell:
            leader[cell] = cell = leader[leader[cell]]
        return cell

    for one in sums:
        first, *others = one.of
        for other in others:
            leader[of(other)] = of(first)
    members: dict[int, list[int]] = {}
    for cell in leader:
        members.setdefault(of(cell), []).append(cell)
    said: dict[int, list[Sum]] = {}
    for one in sums:
        said.setdefault(of(next(iter(one.of))), []).append(one)
    return [(own, said.get(first, [])) for first, own in sorted(members.items())]


def too_narrow(
    cells: Sequence[int],
    sums: Sequence[Sum],
    values: Sequence[int],
    least: Mapping[int, int],
    widths: Mapping[int, int],
    others: list[Mapping[int, int]],
) -> list[int]:
    """Return the cells that a reader can narrow down to a range less wide than its width in `widths`.

    In: unknown cells and what is known of their sums; the values they have; the least value that the reader takes each
    of them to have, and that none is below. `others` are values that are possible too, each as what differs in them
    from those there are; what is found is added, so that few programmes are solved.
    """
    at = {cell: number for number, cell in enumerate(cells)}
    rows = _matrix([one.of for one in sums], at)
    now = np.array([values[cell] for cell in cells], dtype=float)
    # by how much the values may be others: of numbers with many digits a programme would lose the last ones
    low, high = _left(rows, sums, now)
    lower = np.maximum(np.array([least[cell] for cell in cells]) - now, -_FAR)
    seen = Seen()
    for cell in cells:
        for one in ({}, *others):
            seen.add(cell, one.get(cell, 0))
    narrow = []
    for cell in (cell for cell in cells if cell in widths):
        for sign in (1, -1):
            if seen.width(cell) >= widths[cell]:
                break
            upper = np.full(len(cells), _FAR)
            upper[at[cell]] = widths[cell]  # further off is no matter, and a programme has to end
            goal = np.zeros(len(cells))
            goal[at[cell]] = sign
            solution = _solved(goal, rows, low, high, lower, upper)
            if solution is not None:
                found = {other: int(value) for other, value in zip(cells, solution, strict=True) if value}
                others.append(found)
                for other, value in found.items():
                    seen.add(other, value)
        if seen.width(cell) < widths[cell]:
            narrow.append(cell)
    return narrow


def partners(
    cell: int,
    cells: Sequence[int],
    sums: Sequence[Sum],
    values: Sequence[int],
    costs: Mapping[int, float],
    least: Mapping[int, int],
    width: int,
    one_of: Sequence[int] = (),
) -> set[int] | None:
    """Return the cheapest cells that must be unknown too for a cell's range to be `width` wide; None where none do.

    It looks for two other sets of values that keep every sum and in which the cell differs by `width`; what differs in
    them from the values there are is what must be unknown. `least` is what each cell may fall to; where `one_of` is
    given, one of these cells is among the partners.
    """
    count, at = len(cells), {each: number for number, each in enumerate(cells)}
    rows = _matrix([one.of for one in sums], at)
    now = np.array([values[each] for each in cells], dtype=float)
    # four parts: what rises and what falls in the one set of values, and in the other
    up, down = csr_array(np.eye(count)), csr_array(-np.eye(count))
    low, high = _left(rows, sums, now)
    floor = np.array([float(least[each]) for each in cells]) - now
    blank, nothing = csr_array((len(sums), count)), csr_array((count, count))
    limits = [
        LinearConstraint(hstack([rows, -rows, blank, blank]), low, high),
        LinearConstraint(hstack([blank, blank, rows, -rows]), low, high),
        LinearConstraint(hstack([up, down, nothing, nothing]), floor, _INF),
        LinearConstraint(hstack([nothing, nothing, up, down]), floor, _INF),
    ]
    apart = np.zeros(4 * count)
    apart[[at[cell] + shift * count for shift in range(4)]] = (1, -1, -1, 1)
    limits.append(LinearConstraint(apart, width, _INF))
    if one_of:
        # one that rises and falls at once is where it was, and of no help
        any_of = np.zeros(4 * count)
        for shift, sign in enumerate((1, -1, 1, -1)):
            any_of[[at[each] + shift * count for each in one_of]] = sign
        limits.append(LinearConstraint(any_of, 1, _INF))
    cost = np.tile(np.minimum([costs[each] for each in cells], _FAR) + 1e-3, 4)
    upper = np.full(4 * count, min(float(now.sum() + width), _FAR))
    result = milp(cost, integrality=np.ones(4 * count), bounds=Bounds(0, upper), constraints=limits)
    if result.x is None:
        return None
    moved = np.abs(result.x.reshape(4, count)).sum(axis=0) > 0.5
    return {each for each in cells if moved[at[each]]}


def _matrix(sums: Sequence[Mapping[int, int]], at: Mapping[int, int]) -> csr_array:
    places = [(row, at[cell], times) for row, one in enumerate(sums) for cell, times in one.items()]
    if not places:
        return csr_array((len(sums), len(at)))
    rows, columns, numbers = zip(*places, strict=True)
    return csr_array((np.array(numbers, dtype=float), (rows, columns)), shape=(len(sums), len(at)))


def _left(rows: csr_array, sums: Sequence[Sum], now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much each sum may fall and rise from what the values make of it."""
    held = rows @ now if sums else np.zeros(0)
    low, high = (np.array([getattr(one, side) for one in sums], dtype=float) - held for side in ("low", "high"))
    return low, high


def _solved(
    goal: np.ndarray, rows: csr_array, low: np.ndarray, high: np.ndarray, least: np.ndarray, most: np.ndarray
) -> list[float] | None:
    limits = LinearConstraint(rows, low, high) if len(low) else ()
    result = milp(goal, integrality=np.ones(len(goal)), bounds=Bounds(least, most), constraints=limits)
    return None if result.x is None else [float(value) for value in np.round(result.x)]
