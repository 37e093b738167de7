"""What a reader knows of cells, sum by sum, on tables of a few rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from config import Config, Disclosure, Figure
from tests.transforms.frames import CONFIG, CYCLE, figure_rows, typed
from transforms.known_sums import (
    Earlier,
    FigureRow,
    Total,
    can_follow,
    cells_of,
    declared_totals,
    of_earlier,
    of_figures,
    within_tables,
)
from transforms.known_sums import (
    figure_rows as rows_of_figures,
)
from transforms.sums import Sum

INF = float("inf")
COUNTED = Disclosure(aggregation=("cycle", "mission"), counts=("n",), threshold=5)


def asking(figures: Mapping[str, Figure] | None = None, **entries: Disclosure) -> Config:
    """The configuration with these tables alone."""
    return replace(CONFIG, figures=dict(figures or {}), disclosure=entries)


def figure(value: str, **more: object) -> Figure:
    said = {"title": {"en": "x"}, "unit": "people", "source": "s", "table": "t", "by": "mission", "window": "snapshot"}
    return Figure.model_validate({"priority": 4, "value": value, **said, **more})


def row_of(part: Total, whole: Total | None, decimals: int, name: str = "x", mission: str = "ALL") -> FigureRow:
    """A row of the figures that is made of the cells of the table."""
    return FigureRow(name, mission, "t", part, whole, decimals, "people")


def exactly(value: float, **times: int) -> Sum:
    """A sum that is known: `c0=1, c2=-1` are cell 0 less cell 2."""
    return Sum({int(cell[1:]): number for cell, number in times.items()}, value, value)


def test_a_total_adds_what_is_no_cell() -> None:
    assert Total({0: 1, 2: -3}, 10.0).value([4, 99, 2]) == 8.0


@pytest.mark.parametrize(
    ("decimals", "low", "high"), [(0, 7.0, 7.0), (1, 6.95, 7.05), (2, 6.995, 7.005), (-1, 2.0, 12.0)]
)
def test_a_sum_says_what_its_cells_add_up_to_as_far_as_it_is_rounded(decimals: int, low: float, high: float) -> None:
    (said,) = row_of(Total({0: 1, 1: 2}, 3.0), None, decimals).says(10.0)
    assert said.of == {0: 1, 1: 2}
    assert (said.low, said.high) == (pytest.approx(low), pytest.approx(high))


def test_a_share_says_two_things_of_its_part_and_whole() -> None:
    part, whole = Total({0: 1}, 2.0), Total({0: 1, 1: 1}, 4.0)
    # 24.5 <= 100 part / whole <= 25.5
    assert row_of(part, whole, 0).says(25.0) == [
        Sum({0: 149, 1: -51}, -INF, -196.0),
        Sum({0: 151, 1: -49}, -204.0, INF),
    ]
    # 12.45 <= 100 part / whole <= 12.55
    assert row_of(Total({0: 1}, 0.0), Total({1: 1}, 0.0), 1).says(12.5) == [
        Sum({0: 2000, 1: -251}, -INF, 0.0),
        Sum({0: 2000, 1: -249}, 0.0, INF),
    ]
    # a cell that cancels out is none
    assert row_of(Total({0: 51}, 0.0), Total({0: 200, 1: 1}, 0.0), 0).says(25.0)[0].of == {1: -51}


@pytest.mark.parametrize(("part", "holds"), [(48, False), (49, True), (50, True), (51, True), (52, False)])
def test_a_share_holds_for_all_that_is_rounded_to_it(part: int, holds: bool) -> None:
    assert (row_of(Total({0: 1}, 0.0), Total({}, 200.0), 0).still_says(25.0, [part]) != []) is holds


def test_a_sum_holds_for_its_value_alone() -> None:
    row = row_of(Total({0: 1, 1: 2}, 3.0), None, 0)
    assert [row.still_says(10.0, values) != [] for values in ([3, 2], [3, 3], [2, 2])] == [True, False, False]
    assert row.cells == {0, 1}
    assert replace(row, whole=Total({2: 1}, 0.0)).cells == {0, 1, 2}


@pytest.mark.parametrize(
    ("value", "where", "follows"),
    [
        ("sum(n)", None, True),
        ("sum(n)", "kind = 'a'", True),
        ("sum(n) filter (where kind = 'a') + sum(n)", None, True),
        ("100 * sum(n) / sum(people)", None, True),
        # a condition on a count tells of a cell
        ("sum(n)", "n > 3", False),
        ("count(*)", "n > 3", False),
        ("count(*) filter (where n > 3)", None, False),
        # made of cells, and no sum of them
        ("max(n)", None, False),
        ("100 * sum(n) / count(*)", None, False),
        ("100 * max(n) / sum(people)", None, False),
        # made of none
        ("max(people)", None, True),
        ("count(*)", None, True),
    ],
)
def test_what_a_figure_is_made_of_can_be_followed(value: str, where: str | None, follows: bool) -> None:
    assert can_follow(figure(value, where=where), COUNTED) is follows


def test_cells_are_the_counts_that_have_a_value_of_tables_with_a_threshold() -> None:
    config = asking(
        t=Disclosure(aggregation=("mission",), counts=("n", "m"), threshold=5),
        u=Disclosure(aggregation=("mission",), counts=("n",)),
        v=COUNTED,
        missing=COUNTED,
    )
    table = typed("mission n:int m:int", ("a", 7, None), ("b", None, 0)).collect()
    cells = cells_of({"t": table, "u": table, "v": table.select("mission", "n")}, config)
    assert cells.places == [("t", "n", 0), ("t", "m", 1), ("v", "n", 0)]
    assert list(cells.values) == [7, 0, 7]
    assert cells.at == {("t", "n", 0): 0, ("t", "m", 1): 1, ("v", "n", 0): 2}


def test_totals_are_known_by_what_is_declared() -> None:
    entry = Disclosure(aggregation=("year", "kind"), counts=("n",), threshold=5, totals=[("year",), ()])
    table = typed("year:int kind n:int", (1, "a", 3), (1, "b", 20), (2, "a", 30), (2, "b", None)).collect()
    config, truth = asking(t=entry), {"t": table}
    cells = cells_of(truth, config)
    assert within_tables(cells, truth, config) == [
        exactly(23, c0=1, c1=1),
        exactly(30, c2=1),
        exactly(53, c0=1, c1=1, c2=1),
    ]
    assert declared_totals(cells, truth, config) == {frozenset({0, 1}), frozenset({2}), frozenset({0, 1, 2})}
    # of a table that is not there nothing is known
    nothing = asking(t=entry, u=entry)
    assert within_tables(cells, truth, nothing) == within_tables(cells, truth, config)
    assert declared_totals(cells, truth, nothing) == declared_totals(cells, truth, config)


def test_sums_that_another_table_shows_are_known_or_cells_themselves() -> None:
    shown = {"n": {"table": "u", "count": "all", "by": ["year"]}}
    entry = Disclosure(aggregation=("year", "kind"), counts=("n",), threshold=5, shown_in=shown)
    truth = {
        "t": typed("year:int kind n:int", (1, "a", 3), (1, "b", 20), (2, "a", 30)).collect(),
        "u": typed("year:int all:int", (2, 30), (1, 23), (3, 7)).collect(),
    }
    alone = asking(t=entry)
    assert within_tables(cells_of(truth, alone), truth, alone) == [exactly(30, c2=1), exactly(23, c0=1, c1=1)]
    both = asking(t=entry, u=Disclosure(aggregation=("year",), counts=("all",), threshold=2))
    assert within_tables(cells_of(truth, both), truth, both) == [
        exactly(0, c2=1, c3=-1),
        exactly(0, c0=1, c1=1, c4=-1),
    ]
    without = {"t": truth["t"]}
    assert within_tables(cells_of(without, alone), without, alone) == []


def test_columns_beside_a_cell_are_its_sum_or_its_bound() -> None:
    entry = Disclosure(
        aggregation=("kind",),
        counts=("women", "held"),
        threshold=5,
        parts={"people": ("women", "men")},
        at_most={"held": ("known", "women")},
    )
    table = typed(
        "kind women:int men:int people:int held:int known:int",
        ("a", 2, 50, 52, 3, 1),
        ("b", 4, 60, None, 4, 1),
        # more are held than are known: a reader who builds on the bound is wrong
        ("c", None, 7, 9, 6, 5),
        ("d", 1, 1, 2, 9, 7),
    ).collect()
    config, truth = asking(t=entry), {"t": table}
    # cells 0 to 2 are the women of a, b and d, cells 3 to 6 who is held
    assert within_tables(cells_of(truth, config), truth, config) == [
        exactly(2, c0=1),
        Sum({3: 1, 0: -1}, -INF, 1.0),
        Sum({4: 1, 1: -1}, -INF, 1.0),
        exactly(1, c2=1),
    ]


SHARE, SUM = "100 * sum(n) / sum(people)", "sum(n) filter (where kind = 'a') + sum(people)"
ROWS = typed(
    "cycle:int mission kind n:int people:int",
    (5, "UNIFIL", "a", 3, 10),
    (5, "UNIFIL", "b", 20, 100),
    (5, "UNMISS", "a", 30, None),
)


def released(*rows: tuple[str, str, float | None, float | None]) -> pl.DataFrame:
    """Figures with a value and a previous one, and the change where both are known."""
    return figure_rows(
        [
            (5, name, mission, value, "people", before, None if None in (value, before) else value - before)
            for name, mission, value, before in rows
        ]
    )


def test_rows_of_figures_are_sums_of_the_cells_that_they_count() -> None:
    config, truth = (
        asking({"sum": figure(SUM), "share": figure(SHARE, decimals=1), "n": figure("count(*)")}, t=COUNTED),
        {"t": ROWS.collect()},
    )
    figures = released(
        ("sum", "ALL", 143, None), ("sum", "UNMISS", 30, None), ("share", "UNIFIL", 21, None), ("n", "ALL", 3, None)
    )
    made = [row for row, _ in rows_of_figures(figures, cells_of(truth, config), truth, config, CYCLE)]
    assert made == [
        row_of(Total({0: 1, 2: 1}, 110.0), None, 0, "sum", "ALL"),
        row_of(Total({2: 1}, 0.0), None, 0, "sum", "UNMISS"),
        row_of(Total({0: 1, 1: 1}, 0.0), Total({}, 110.0), 1, "share", "UNIFIL"),
    ]
    # as another cycle defined them, and of tables that are there
    defined = {"sum": figure("sum(n)"), "share": figure(SHARE, table="u")}
    rows = list(rows_of_figures(figures, cells_of(truth, config), truth, config, CYCLE, defined))
    assert [(row.figure, row.part.of) for row, _ in rows] == [("sum", {0: 1, 1: 1, 2: 1}), ("sum", {2: 1})]
    without = asking({"sum": figure("sum(n)", table="u")}, t=COUNTED, u=COUNTED)
    assert list(rows_of_figures(figures, cells_of(truth, without), truth, without, CYCLE)) == []
    # a cell that is counted twice
    twice = asking({"sum": figure("sum(n) + sum(n)")}, t=COUNTED)
    (row,) = rows_of_figures(released(("sum", "UNMISS", 60, None)), cells_of(truth, twice), truth, twice, CYCLE)
    assert row[0].part == Total({2: 2}, 0.0)


def test_figures_count_the_rows_of_their_window() -> None:
    config = asking({"n": figure("sum(n)", window="last calendar year", dated_by="year", by=None)}, t=COUNTED)
    truth = {"t": typed("year:int mission n:int", (2022, "a", 3), (2023, "a", 4), (2024, "a", 5)).collect()}
    ((row, _),) = rows_of_figures(released(("n", "ALL", 4, None)), cells_of(truth, config), truth, config, CYCLE)
    assert row.part == Total({1: 1}, 0.0)
    since = asking({"n": figure("sum(n)", window="since 2022-01-01", dated_by="day", by=None)}, t=COUNTED)
    days = [date(2022, 1, 1), date(2024, 4, 30), date(2024, 5, 1)]
    truth = {"t": pl.DataFrame({"day": days, "mission": "a", "n": [3, 4, 5]})}
    for as_of, cells in ((None, {0: 1, 1: 1}), (date(2024, 5, 1), {0: 1, 1: 1, 2: 1}), (date(2024, 4, 29), {0: 1})):
        figures = released(("n", "ALL", 4, None)).with_columns(as_of=pl.lit(as_of, pl.Date))
        ((row, _),) = rows_of_figures(figures, cells_of(truth, since), truth, since, CYCLE)
        assert row.part.of == cells


def test_values_previous_values_and_changes_say_something_of_the_cells() -> None:
    config, truth = (
        asking({"n": figure("sum(n)")}, t=COUNTED.model_copy(update={"cumulative": True})),
        {"t": ROWS.collect()},
    )
    cells = cells_of(truth, config)

    def said(value: float | None, previous: float | None, change: float | None = None) -> list[Sum]:
        row = released(("n", "UNIFIL", value, previous))
        if change is not None:
            row = row.with_columns(change=pl.lit(change))
        return of_figures(row, cells, truth, config, CYCLE)

    known = exactly(23, c0=1, c1=1)
    assert said(23, None) == [known]
    assert said(None, None) == []
    # with the previous value, which some release shows, it is the value
    assert said(None, None, 3.0) == [known]
    assert said(23, 20) == [known]
    # a previous value that still holds
    assert said(23, 23) == [known, known]
    assert said(None, 23) == [known]
    # where each cycle counts anew it says nothing
    anew = asking({"n": figure("sum(n)")}, t=COUNTED)
    assert of_figures(released(("n", "UNIFIL", None, 23)), cells, truth, anew, CYCLE) == []
    share = asking({"n": figure("100 * sum(n) / sum(n) ")}, t=COUNTED)
    row = released(("n", "UNIFIL", None, None)).with_columns(change=pl.lit(3.0))
    assert of_figures(row, cells, truth, share, CYCLE) == [known, known]
    # without what is added to the cells: 3 cases beside the 110 people
    beside = asking({"n": figure(SUM)}, t=COUNTED)
    assert of_figures(row, cells, truth, beside, CYCLE) == [exactly(3, c0=1)]


def earlier(cycle: int = 5, **tables: pl.DataFrame) -> Earlier:
    return Earlier(f"cycle-{cycle:02d}/r001", CONFIG.cycle(cycle), tables)


def test_an_earlier_release_says_what_still_holds() -> None:
    goes_on = COUNTED.model_copy(update={"cumulative": True})
    config, truth = (
        asking({"n": figure("sum(n)")}, t=goes_on),
        {"t": typed("cycle:int mission n:int", (5, "UNIFIL", 3), (5, "UNMISS", 40), (5, "UNDOF", 7)).collect()},
    )
    cells = cells_of(truth, config)
    # one stands, one has changed, one was suppressed, one is gone
    then = typed(
        "cycle:int mission n:int", (4, "UNMISS", 40), (4, "UNIFIL", 2), (4, "UNDOF", None), (4, "UNMIK", 1)
    ).collect()
    before = earlier(4, t=then)
    assert of_earlier(before, cells, truth, config, CYCLE) == [exactly(40, c1=1)]
    # of another cycle where each counts anew; of this one
    anew = asking({"n": figure("sum(n)")}, t=COUNTED)
    assert of_earlier(before, cells, truth, anew, CYCLE) == []
    assert of_earlier(earlier(5, t=then), cells, truth, anew, CYCLE) == [exactly(40, c1=1)]
    # a release that is left aside, and one whose table was broken down otherwise
    let = {"release": "cycle-04/r001", "owner": "CDS", "reason": "withdrawn on 3 May"}
    aside = asking({}, t=Disclosure.model_validate({**goes_on.model_dump(), "disregard": [let]}))
    assert of_earlier(before, cells, truth, aside, CYCLE) == []
    assert of_earlier(earlier(4, t=then.drop("mission")), cells, truth, config, CYCLE) == []
    assert of_earlier(earlier(4, t=then.drop("n")), cells, truth, config, CYCLE) == []
    # its figures, where they hold
    figures = released(("n", "ALL", 50, None), ("n", "UNIFIL", 4, None), ("n", "UNDOF", None, None))
    assert of_earlier(earlier(4, figures=figures), cells, truth, config, CYCLE) == [exactly(50, c0=1, c1=1, c2=1)]
    assert of_earlier(earlier(4, figures=figures), cells, truth, anew, CYCLE) == []


def test_a_table_of_one_row_needs_no_key() -> None:
    entry = Disclosure(aggregation=(), counts=("n",), threshold=5)
    config, truth = asking(t=entry), {"t": pl.DataFrame({"n": [3]})}
    assert of_earlier(earlier(4, t=pl.DataFrame({"n": [3]})), cells_of(truth, config), truth, config, CYCLE) == [
        exactly(3, c0=1)
    ]


def share(decimals: int = 0) -> FigureRow:
    """The share of the first cell in the second."""
    return FigureRow("f", "ALL", "t", Total({0: 1}, 0), Total({1: 1}, 0), decimals, "percent")


@pytest.mark.parametrize(
    ("decimals", "value", "ends", "most", "least"),
    [
        # 37% is from 36.5 to 37.5: 200 parts are at most 75 and at least 73 wholes
        (0, 37, True, (200, -75), (200, -73)),
        # 99.6 is what is shown of no whole number: from 99.55 to 99.65
        (0, 99.6, True, (2000, -1993), (2000, -1991)),
        # before, it could have been any number that is rounded to a half
        (0, 99.6, False, (200, -200), (200, -198)),
        (1, 36.8, True, (2000, -737), (2000, -735)),
        # all and none are that exactly, and were not before
        (0, 100, True, (200, -200), (200, -200)),
        (0, 100, False, (200, -201), (200, -199)),
        (0, 0, True, (200, 0), (200, 0)),
        (0, 0, False, (200, -1), (200, 1)),
    ],
)
def test_what_a_share_says_of_its_two_numbers(
    decimals: int, value: float, ends: bool, most: tuple[int, int], least: tuple[int, int]
) -> None:
    at_most, at_least = share(decimals).says(value, ends)
    assert (at_most.of.get(0, 0), at_most.of.get(1, 0), at_most.high) == (*most, 0)
    assert (at_least.of.get(0, 0), at_least.of.get(1, 0), at_least.low) == (*least, 0)


def test_a_share_of_before_says_what_it_said_then_where_the_numbers_still_make_it() -> None:
    # 249 of 250 are 99.6 percent, which was published as 100 before
    assert share().still_says(99.6, [249, 250]) == share().says(99.6)
    assert share().still_says(100, [249, 250]) == share().says(100, ends=False)
    assert share().still_says(100, [250, 250]) == share().says(100)
    assert share().still_says(98, [249, 250]) == []
