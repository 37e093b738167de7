"""What can be computed of a few unknown counts, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from transforms.intervals import Seen, about, groups, partners, too_narrow
from transforms.sums import Sum

INF = float("inf")


def line(*cells: int, total: float) -> Sum:
    """Cells that add up to a total that is known."""
    return Sum(dict.fromkeys(cells, 1), total, total)


def test_the_least_and_the_greatest_value_that_were_seen() -> None:
    seen = Seen()
    assert seen.width(7) == 0
    for value in (0, -2, 3, 1):
        seen.add(7, value)
    assert (seen.low[7], seen.high[7], seen.width(7)) == (-2, 3, 5)


def test_what_a_sum_says_of_the_unknown_cells_alone() -> None:
    values = [4, 3, 10]
    sums = [Sum({0: 1, 1: 2}, 9, 11), line(1, 2, total=13), Sum({0: 1, 2: 1}, 13, 15), Sum({0: 1, 2: 1}, 13, 15)]
    # less twice three; of the known ones alone nothing is said; less ten, which two of them say
    assert about([0], sums, values) == [Sum({0: 1}, 3, 5)]
    assert about([0, 1], sums, values) == [Sum({0: 1, 1: 2}, 9, 11), Sum({1: 1}, 3, 3), Sum({0: 1}, 3, 5)]


def test_cells_that_no_sum_connects_are_in_groups_of_their_own() -> None:
    first, second, third = line(3, 0, total=5), line(0, 4, total=6), line(1, total=2)
    assert groups(range(5), [first, second, third]) == [([1], [third]), ([2], []), ([0, 3, 4], [first, second])]


@pytest.mark.parametrize(
    ("values", "sums", "least", "width", "narrow"),
    [
        # two of a total of four: each may be none or all of it
        ([2, 2], [line(0, 1, total=4)], 0, 4, []),
        ([2, 2], [line(0, 1, total=4)], 0, 5, [0, 1]),
        ([2, 2], [line(0, 1, total=4)], 1, 2, []),
        ([2, 2], [line(0, 1, total=4)], 1, 3, [0, 1]),
        ([1, 1], [line(0, 1, total=2)], 1, 1, [0, 1]),
        # a total of one cell, one that holds within two, and none at all
        ([3], [line(0, total=3)], 0, 1, [0]),
        ([3], [Sum({0: 1}, 2, 4)], 0, 2, []),
        ([3], [Sum({0: 1}, 2, 4)], 0, 3, [0]),
        ([3], [Sum({0: 1}, -INF, 4)], 0, 4, []),
        ([3], [], 0, 99, []),
        ([3], [], 0, 0, []),
        # one goes by fours where the other goes by ones
        ([1, 2], [Sum({0: -4, 1: 1}, -2, -2), Sum({1: 1}, 0, 6)], 0, 1, []),
        ([1, 2], [Sum({0: -4, 1: 1}, -2, -2), Sum({1: 1}, 0, 5)], 0, 1, [0, 1]),
    ],
)
def test_a_cell_is_narrow_whose_range_is_less_wide(
    values: Sequence[int], sums: Sequence[Sum], least: int, width: int, narrow: Sequence[int]
) -> None:
    cells = range(len(values))
    floor, widths = dict.fromkeys(cells, least), dict.fromkeys(cells, width)
    assert too_narrow(cells, sums, values, floor, widths, []) == narrow


def taken(
    values: Sequence[int], sums: Sequence[Sum], least: int, width: int, costs: Mapping[int, float], *one_of: int
) -> set[int] | None:
    """The partners of the first cell; what costs nothing is suppressed already."""
    cells = range(len(values))
    every = {cell: float(costs.get(cell, values[cell])) for cell in cells} | {0: 0.0}
    return partners(0, cells, sums, values, every, dict.fromkeys(cells, least), width, one_of)


def test_the_cheapest_partner_opens_a_range() -> None:
    total = [line(0, 1, 2, 3, total=122)]
    assert taken([3, 40, 9, 70], total, 1, 1, {}) == {0, 2}
    assert taken([3, 40, 9, 70], total, 1, 1, {3: 0}) == {0, 3}
    # in rows and columns it takes three: those of the cheaper of two rectangles
    square = [line(0, 1, 2, total=73), line(3, 4, 5, total=95), line(0, 3, total=33), line(1, 4, total=70)]
    assert taken([3, 30, 40, 30, 40, 25], [*square, line(2, 5, total=65)], 1, 1, {}) == {0, 2, 3, 5}


def test_so_wide_as_is_asked_for() -> None:
    """One of two may rise by one and fall by one, as long as none may be zero."""
    total = [line(0, 1, 2, total=13)]
    assert taken([2, 2, 9], total, 1, 2, {1: 0}) == {0, 1}
    assert taken([2, 2, 9], total, 1, 3, {1: 0}) == {0, 1, 2}
    assert taken([2, 2, 9], total, 0, 4, {1: 0}) == {0, 1}


def test_where_no_partner_helps_there_is_none() -> None:
    assert taken([3, 9], [line(0, total=3), line(0, 1, total=12)], 0, 1, {}) is None
    assert taken([1, 1], [line(0, 1, total=2)], 1, 1, {}) is None


def test_a_partner_may_have_to_move_further_than_any_count_is_large() -> None:
    assert taken([1, 2], [Sum({1: 1, 0: -4}, -2, -2)], 0, 1, {}) == {0, 1}


def test_what_is_no_help_is_no_partner_though_it_costs_nothing() -> None:
    apart = [line(0, 1, total=12), line(2, 3, total=50)]
    assert taken([3, 9, 20, 30], apart, 1, 1, {2: 0, 3: 0}) == {0, 1}


def test_one_of_some_cells_is_among_the_partners_and_moves() -> None:
    total = [line(0, 1, 2, 3, total=2)]
    assert taken([1, 1, 0, 0], total, 0, 1, {1: 0, 2: 8, 3: 9}) == {0, 1}
    assert taken([1, 1, 0, 0], total, 0, 1, {1: 0, 2: 8, 3: 9}, 2, 3) == {0, 2}
    # of a zero that is known to be one nothing is won
    assert taken([3, 3, 0], [line(0, 1, total=6), line(2, total=0)], 0, 1, {1: 0, 2: 8}, 2) is None
