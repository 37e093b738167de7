"""An attacker of the tests' own: he writes down all releases as one system of whole numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.transforms.test_suppression import THRESHOLD
from transforms.withholding import Withheld

Frames = Mapping[str, pl.DataFrame]


@dataclass
class Attacker:
    """A mission with all releases: which number each cell is, what is known of them, and which of them are small."""

    mission: str
    totals: Sequence[Sequence[str]]

    def finds(self, truths: Sequence[Frames], releases: Sequence[Frames]) -> set[tuple[object, ...]]:
        """Return the small cells of others, with their values, that have no other value in any solution."""
        numbers: dict[tuple[object, ...], int] = {}
        known: dict[int, int] = {}
        lines: set[tuple[frozenset[int], int]] = set()
        for truth, release in zip(truths, releases, strict=True):
            at = []
            key = [column for column in truth["t"].columns if column not in {"cycle", "n", "n_obs_status"}]
            shown = dict(zip(release["t"].select(key).rows(), release["t"]["n"], strict=True))
            for place, value in zip(truth["t"].select(key).rows(), truth["t"]["n"], strict=True):
                # what did not change is one number, and he knows that it did not
                number = numbers.setdefault((*place, value), len(numbers))
                at.append(number)
                if place[0] == self.mission or shown.get(place) is not None:
                    known[number] = value
            lines |= {
                (frozenset(at[row] for row in rows), sum(truth["t"]["n"][row] for row in rows))
                for rows in self._sums(truth["t"], release)
            }
        small = {one: number for one, number in numbers.items() if 0 < one[-1] < THRESHOLD and one[0] != self.mission}
        free = sorted(set(range(len(numbers))) - known.keys())
        column = {number: place for place, number in enumerate(free)}
        values = {number: one[-1] for one, number in numbers.items()}
        rows = {
            (frozenset(cells & column.keys()), total - sum(values[cell] for cell in cells - column.keys()))
            for cells, total in lines
        }
        matrix = np.array([[float(number in cells) for number in free] for cells, _ in rows if cells])
        right = [total for cells, total in rows if cells]
        found = {one for one, number in small.items() if number in known}
        for one, number in small.items():
            if number not in known and self._is_sure(matrix, right, column[number], one[-1]):
                found.add(one)
        return found

    def _sums(self, truth: pl.DataFrame, release: Frames) -> Iterator[list[int]]:
        """Return the rows of which a release tells a sum: of a table that is left out, the figures that stay."""
        told: list[tuple[Sequence[str], object]] = []
        if not release["t"].is_empty():
            told += [(by, key) for by in self.totals for key in set(truth.select(by).rows() if by else [()])]
        rows = release["figures"].select("mission", "value").rows() if "figures" in release else ()
        for mission, value in rows:
            if value is not None:
                told.append(((), ()) if mission == "ALL" else (("mission",), (mission,)))
        for by, key in told:
            keys = truth.select(by).rows() if by else [()] * truth.height
            yield [row for row in range(truth.height) if keys[row] == key]

    @staticmethod
    def _is_sure(matrix: np.ndarray, right: Sequence[float], at: int, value: int) -> bool:
        """Whether no solution in whole numbers has the cell higher or lower than it is."""
        if not len(matrix) or not matrix[:, at].any():
            return False
        count = matrix.shape[1]
        for low, high in ((0, value - 1), (value + 1, np.inf)):
            bounds = Bounds(np.zeros(count), np.full(count, np.inf))
            bounds.lb[at], bounds.ub[at] = low, high
            solved = milp(
                np.zeros(count),
                integrality=np.ones(count),
                bounds=bounds,
                constraints=LinearConstraint(matrix, right, right),
            )
            if solved.x is not None:
                return False
        return True


def attacked(
    truths: Sequence[Frames], made: Sequence[Withheld], totals: Sequence[Sequence[str]]
) -> set[tuple[object, ...]]:
    """Return what anybody, or a mission, finds of the others' small cells."""
    missions = {mission for truth in truths if "mission" in truth["t"].columns for mission in truth["t"]["mission"]}
    releases = [one.tables for one in made]
    return {found for mission in ("", *missions) for found in Attacker(mission, totals).finds(truths, releases)}


def cannot_be_helped(truths: Sequence[Frames], made: Sequence[Withheld], totals: Sequence[Sequence[str]]) -> bool:
    """Tell whether the last table would give a small cell away even if all its cells were hidden.

    Its declared totals, and the figures of the whole, stay published.
    """
    hidden = {"t": truths[-1]["t"].with_columns(n=pl.lit(None, pl.Int64))}
    if "figures" in truths[-1]:
        hidden["figures"] = truths[-1]["figures"].filter(mission="ALL")
    return bool(attacked(truths, [*made[:-1], Withheld(hidden)], totals))
