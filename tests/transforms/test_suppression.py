"""Small cells stay untold: hundreds of random tables, an attacker of its own, and mutations that must be caught."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from config import Config, Disclosure, Figure
from config.dated import Formerly
from config.disclosure import Disregarded
from tests.support.sweeping import SWEEP
from tests.transforms.frames import CONFIG, CYCLE, figure_rows
from transforms import known_sums
from transforms.known_sums import Earlier
from transforms.suppression import audit, suppress
from transforms.withholding import withhold

# a mistake in the programmes shows in one table of ten or more; make sweep looks for rarer ones
TABLES = 1_000 if SWEEP else 300
pytestmark = pytest.mark.sweep
THRESHOLD = 5
Line = tuple[dict[int, int], int]


def asking(figures: Mapping[str, Figure] | None = None, **entries: Disclosure) -> Config:
    """The configuration with these tables alone."""
    return replace(CONFIG, figures=dict(figures or {}), disclosure=entries)


# Random tables of one or two dimensions, the first of them with groups, and all their totals


def drawn(seed: int) -> np.ndarray:
    """Counts in rows and columns: many small, many zeros, or skewed as allegations are."""
    random = np.random.default_rng(seed)
    size = (int(random.integers(2, 6)), int(random.integers(2, 6)) if random.integers(2) else 1)
    kinds = (random.integers(0, 12, size), random.poisson(2, size), random.geometric(0.08, size) - 1)
    return np.asarray(kinds[int(random.integers(3))])


def as_table(counts: np.ndarray, of: str = "site") -> tuple[pl.DataFrame, Disclosure]:
    """The table, and its declaration: every margin is known, and so are sums by groups of rows where there are some.

    Its rows are `of` something; where that is a mission, each knows its own (test_insiders).
    """
    height, width = counts.shape
    rows = [
        (f"m{row}", f"c{column}", f"g{row // 2 if height == 4 else 0}", int(counts[row, column]), "A")
        for row, column in product(range(height), range(width))
    ]
    frame = pl.DataFrame(rows, schema=[of, "kind", "group", "n", "n_obs_status"], orient="row")
    totals = [(of,), ("kind",), ("group", "kind"), ()] if width > 1 else [("group",), ()]
    entry = Disclosure(aggregation=(of, "kind", "group"), counts=("n",), threshold=THRESHOLD, totals=totals)
    return frame, entry


def lines_of(frame: pl.DataFrame, truth: pl.DataFrame, entry: Disclosure) -> Iterator[Line]:
    """What the attacker writes down: each total less what is shown of it, over what is not."""
    for by in entry.totals:
        keys = truth.select(by).rows() if by else [()] * truth.height
        for key in set(keys):
            members = [row for row in range(truth.height) if keys[row] == key]
            total = sum(truth["n"][row] for row in members)
            hidden = {row: 1 for row in members if frame["n"][row] is None}
            if hidden:
                yield hidden, total - sum(frame["n"][row] or 0 for row in members)


def determined_by_rank(lines: list[Line], hidden: list[int]) -> set[int]:
    """Cells whose unit vector lies in the row space of the totals: exact elimination, no rounding."""
    matrix = [[Fraction(line.get(cell, 0)) for cell in hidden] for line, _ in lines]
    pivots: list[tuple[int, list[Fraction]]] = []
    for row in matrix:
        left = list(row)
        for at, pivot in pivots:
            if left[at]:
                left = [one - left[at] * other for one, other in zip(left, pivot, strict=True)]
        at = next((at for at, one in enumerate(left) if one), None)
        if at is not None:
            left = [one / left[at] for one in left]
            pivots = [(a, [x - p[at] * y for x, y in zip(p, left, strict=True)]) for a, p in pivots]
            pivots.append((at, left))
    return {hidden[at] for at, pivot in pivots if sum(1 for one in pivot if one) == 1}


def determined_by_bounds(lines: list[Line], hidden: list[int]) -> set[int]:
    """Cells whose least and greatest value, with nothing below zero, are the same: a linear programme for each."""
    at = {cell: number for number, cell in enumerate(hidden)}
    matrix = np.zeros((len(lines), len(hidden)))
    for row, (line, _) in enumerate(lines):
        for cell in line:
            matrix[row, at[cell]] = 1
    found = set()
    for cell in hidden:
        goal = np.eye(len(hidden))[at[cell]]
        least, most = (
            sign * linprog(sign * goal, A_eq=matrix, b_eq=[value for _, value in lines], bounds=(0, None)).fun
            for sign in (1, -1)
        )
        if most - least < 1 - 1e-6:
            found.add(cell)
    return found


def fillings(lines: list[Line], hidden: list[int], filled: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Every way to fill the hidden cells with whole numbers that makes every total: brute force."""
    known = dict(zip(hidden, filled, strict=False))
    for line, value in lines:
        left = value - sum(known[cell] for cell in line if cell in known)
        if left < 0 or (left and all(cell in known for cell in line)):
            return
    if len(filled) == len(hidden):
        yield filled
        return
    cell = hidden[len(filled)]
    most = min(value - sum(known.get(one, 0) for one in line) for line, value in lines if cell in line)
    for value in range(most + 1):
        yield from fillings(lines, hidden, (*filled, value))


def determined_by_trying(lines: list[Line], hidden: list[int], enough: int = 300) -> set[int] | None:
    """Cells that have one value in all fillings; None where there are too many to try."""
    seen: list[set[int]] = [set() for _ in hidden]
    for number, filling in enumerate(fillings(lines, hidden)):
        for values, value in zip(seen, filling, strict=True):
            values.add(value)
        if all(len(values) > 1 for values in seen):
            return set()
        if number > enough:
            return None
    return {cell for cell, values in zip(hidden, seen, strict=True) if len(values) == 1}


@pytest.fixture(scope="module")
def suppressed() -> list[tuple[pl.DataFrame, pl.DataFrame, Disclosure]]:
    """The tables as they were and as they are published, and the declaration of each."""
    made = []
    for seed in range(TABLES):
        truth, entry = as_table(drawn(seed))
        made.append((truth, suppress({"t": truth}, asking(t=entry), CYCLE)["t"], entry))
    return made


def nothing_helps(truth: pl.DataFrame, entry: Disclosure) -> bool:
    """Whether totals that are zero leave a small cell no partner: it is known even if every cell is hidden."""
    every = list(range(truth.height))
    known = determined_by_bounds(list(lines_of(truth.with_columns(n=pl.lit(None, pl.Int64)), truth, entry)), every)
    return any(0 < truth["n"][row] < THRESHOLD for row in known)


@pytest.mark.slow
def test_the_audit_finds_no_cell_of_any_table(suppressed):
    found = {
        number
        for number, (truth, published, entry) in enumerate(suppressed)
        if audit({"t": truth}, {"t": published}, asking(t=entry), CYCLE)
    }
    # it refuses exactly those in which no suppression at all could help
    assert found == {number for number in found if nothing_helps(suppressed[number][0], suppressed[number][2])}
    assert len(found) < TABLES / 100
    # and there was something to do: most tables have small cells, and some cells of most stay
    assert sum(published["n"].null_count() > 0 for _, published, _ in suppressed) > TABLES * 0.8
    assert sum(published["n"].count() > 0 for _, published, _ in suppressed) > TABLES * 0.5


@pytest.mark.slow
def test_an_attacker_finds_none_either(suppressed):
    tried = 0
    for truth, published, entry in suppressed:
        hidden = [row for row in range(published.height) if published["n"][row] is None]
        lines = list(lines_of(published, truth, entry))
        if not hidden:
            continue
        by_trying = determined_by_trying(lines, hidden) if len(hidden) < 9 else None
        tried += by_trying is not None
        by_any = determined_by_bounds(lines, hidden) if by_trying is None else by_trying
        if by_any | determined_by_rank(lines, hidden):
            assert nothing_helps(truth, entry)
            assert audit({"t": truth}, {"t": published}, asking(t=entry), CYCLE)
    assert tried > TABLES * 0.5


def test_the_attacker_finds_what_is_there_to_be_found():
    truth, entry = as_table(np.array([[1, 20, 30], [40, 50, 60]]))
    published = truth.with_columns(n=pl.when(pl.col("n") != 1).then(pl.col("n")))
    lines = list(lines_of(published, truth, entry))
    assert determined_by_rank(lines, [0]) == determined_by_bounds(lines, [0]) == determined_by_trying(lines, [0]) == {0}


def test_nothing_is_lost_and_nothing_else_is_changed(suppressed):
    for truth, published, _ in suppressed:
        assert published.columns == truth.columns
        assert published.height == truth.height
        shown = published["n"].is_not_null()
        assert published.filter(shown).equals(truth.filter(shown))
        assert published.drop("n", "n_obs_status").equals(truth.drop("n", "n_obs_status"))
        assert set(published.filter(~shown)["n_obs_status"]) <= {"Q"}
        small = (truth["n"] > 0) & (truth["n"] < THRESHOLD)
        assert not (small & shown).any()


def test_without_a_small_cell_nothing_is_suppressed():
    truth, entry = as_table(np.array([[5, 20, 0], [40, 0, 60]]))
    assert suppress({"t": truth}, asking(t=entry), CYCLE)["t"].equals(truth)


@pytest.mark.slow
def test_a_cell_that_is_shown_again_is_caught(suppressed):
    """The audit can fail: show a small cell, or the only partner that keeps one safe."""
    small = caught = partners = given_away = 0
    tried = suppressed[: 150 if SWEEP else 50]
    for truth, published, entry in tried:
        hidden = [row for row in range(published.height) if published["n"][row] is None]
        for row in hidden[:4]:
            at = pl.int_range(pl.len()) == row
            mutant = published.with_columns(n=pl.when(at).then(pl.lit(truth["n"][row])).otherwise("n"))
            refused = bool(audit({"t": truth}, {"t": mutant}, asking(t=entry), CYCLE))
            left = [one for one in hidden if one != row]
            lines = list(lines_of(mutant, truth, entry))
            if 0 < truth["n"][row] < THRESHOLD:
                small += 1
                caught += refused
            else:
                partners += 1
                given_away += refused
            if left and determined_by_rank(lines, left):
                assert refused
    assert caught == small > 0.6 * len(tried)
    # few partners were not needed: the programme takes the cheapest, cell after cell
    assert given_away > partners * 0.5 > 10


# What the cheapest partner is, and what a reader who knows that zeros are shown may conclude

ONE_LINE = Disclosure(aggregation=("kind",), counts=("n",), threshold=5, totals=[()])


def one_line(*counts: int) -> pl.DataFrame:
    return pl.DataFrame({"kind": [f"k{at}" for at in range(len(counts))], "n": counts}).with_columns(
        n_obs_status=pl.lit("A")
    )


def shown(*counts: int, **more: object) -> list[int | None]:
    return shown_of(one_line(*counts), ONE_LINE.model_copy(update=more))


def shown_of(frame: pl.DataFrame, entry: Disclosure) -> list[int | None]:
    truth = {"t": frame}
    published = suppress(truth, asking(t=entry), CYCLE)
    assert audit(truth, published, asking(t=entry), CYCLE) == []
    return published["t"]["n"].to_list()


def test_the_smallest_partner_is_taken():
    assert shown(3, 40, 9, 70) == [None, 40, None, 70]


def test_two_ones_need_a_third_since_neither_can_be_zero():
    assert shown(1, 1, 9, 70) == [None, None, None, 70]


def test_a_zero_is_suppressed_only_where_nothing_else_is_left():
    assert shown(3, 0, 9) == [None, 0, None]
    assert shown(4, 0) == [None, None]


def test_a_zero_that_is_suppressed_may_be_one_and_where_nothing_is_left_to_take_a_one_may_be_none():
    assert shown(1, 0) == [None, None]
    assert shown(1, 1) == [None, None]
    assert shown(1, 1, 0, 0) == [None, None, 0, 0]
    # one of several zeros is enough
    assert sorted(shown(1, 0, 0)[1:], key=str) == [0, None]


def test_where_two_ones_have_no_partner_all_that_stands_in_a_sum_with_them_goes():
    """Nobody of the others can make room; but where all of them are hidden, one of the ones may be a zero."""
    truth = pl.DataFrame({"part": list("abxy"), "group": list("gghh"), "n": [1, 1, 20, 30], "n_obs_status": "A"})
    entry = Disclosure(aggregation=("part", "group"), counts=("n",), threshold=5, totals=[("group",), ()])
    published = suppress({"t": truth}, asking(t=entry), CYCLE)
    assert published["t"]["n"].to_list() == [None, None, None, None]
    assert audit({"t": truth}, published, asking(t=entry), CYCLE) == []


def test_a_zero_counts_for_more_than_any_number_beside_it():
    """One rectangle that opens the range of the one has a zero in it, the other two zeros and smaller numbers."""
    truth, entry = as_table(np.array([[1, 40, 0], [50, 0, 0], [0, 0, 20]]))
    published = suppress({"t": truth}, asking(t=entry), CYCLE)
    assert published["t"]["n"].to_list() == [None, None, 0, None, None, 0, 0, 0, 20]


def test_a_cell_that_its_total_tells_gets_no_partners_elsewhere():
    """Alone in its row it is known whatever is suppressed in its column."""
    truth = pl.DataFrame({"mission": list("abbb"), "kind": list("xxyy"), "n": [3, 40, 50, 60], "n_obs_status": "A"})
    entry = Disclosure(aggregation=("mission", "kind"), counts=("n",), threshold=5, totals=[("mission",), ("kind",)])
    published = suppress({"t": truth}, asking(t=entry), CYCLE)
    assert published["t"]["n"].to_list() == [None, 40, 50, 60]


def test_the_range_is_as_wide_as_declared():
    assert shown(2, 2, 9, 70) == [None, None, 9, 70]
    assert shown(2, 2, 9, 70, protection=3) == [None, None, None, 70]


def test_without_a_known_total_nothing_but_the_small_cell_goes():
    assert shown(3, 40, 9, totals=()) == [None, 40, 9]


def test_what_nothing_can_keep_safe_is_refused():
    """A mission alone in its total is the total."""
    truth = {"t": one_line(3)}
    published = suppress(truth, asking(t=ONE_LINE), CYCLE)
    (found,) = audit(truth, published, asking(t=ONE_LINE), CYCLE)
    assert (found.table, found.count, found.cells, found.by) == ("t", "n", 1, None)


# Other tables, columns beside, shares, figures


def figure(value: str, by: str | None = "mission", unit: str = "people", **more: object) -> Figure:
    return Figure(
        priority=4, title={"en": "x"}, unit=unit, source="s", table="t", value=value, by=by, window="snapshot", **more
    )


def figures(*rows: tuple[str, str, float | None, float | None], status: str = "A") -> pl.DataFrame:
    made = [
        (5, name, mission, value, "people", before, value - before if value and before else None, None, status, "s")
        for name, mission, value, before in rows
    ]
    return figure_rows(made)


BY_MISSION = Disclosure(aggregation=("cycle", "mission"), counts=("n",), threshold=5, cumulative=True)
# by rows, which is no computing: a process that has computed cannot be forked (tests.mutations.trials)
MISSIONS = pl.DataFrame(
    [(5, "MINUSCA", 61, "A"), (5, "MONUSCO", 141, "A"), (5, "UNIFIL", 1, "A")],
    schema=["cycle", "mission", "n", "n_obs_status"],
    orient="row",
)
DETAINED = figures(
    ("detained", "ALL", 203, 200), ("detained", "MINUSCA", 61, 58), ("detained", "MONUSCO", 141, 141),
    ("detained", "UNIFIL", 1, 1),
)  # fmt: skip
CRIMES = {"t": MISSIONS, "figures": DETAINED}
DETAINED_CONFIG = asking({"detained": figure("sum(n)")}, t=BY_MISSION)


def test_figures_of_missions_are_suppressed_with_their_cells_and_the_whole_stays():
    published = suppress(CRIMES, DETAINED_CONFIG, CYCLE)
    # with its own 61, MINUSCA would have UNIFIL's from the whole if MONUSCO's were shown
    assert published["t"]["n"].to_list() == [None, None, None]
    rows = {row["mission"]: row for row in published["figures"].to_dicts()}
    assert {mission: row["value"] for mission, row in rows.items()} == {
        "ALL": 203, "MINUSCA": None, "MONUSCO": None, "UNIFIL": None,
    }  # fmt: skip
    for mission in ("MINUSCA", "MONUSCO", "UNIFIL"):
        assert (rows[mission]["previous"], rows[mission]["change"], rows[mission]["obs_status"]) == (None, None, "Q")
    assert published["figures"].filter(mission="ALL").equals(DETAINED.filter(mission="ALL"))
    assert audit(CRIMES, published, DETAINED_CONFIG, CYCLE) == []


@pytest.mark.parametrize(
    "leak",
    [
        {"mission": "UNIFIL", "value": 1.0},
        {"mission": "MINUSCA", "value": 61.0},
        {"mission": "UNIFIL", "previous": 1.0},
        {"mission": "UNIFIL", "previous": 0.0, "change": 1.0},
    ],
)
def test_a_figure_that_gives_a_cell_away_is_caught(leak):
    published = suppress(CRIMES, DETAINED_CONFIG, CYCLE)
    here = pl.col("mission") == leak["mission"]
    told = published["figures"].with_columns(
        pl.when(here).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
        for column, value in leak.items()
        if column != "mission"
    )
    found = audit(CRIMES, {**published, "figures": told}, DETAINED_CONFIG, CYCLE)
    assert [(one.table, one.count, one.by) for one in found] == [("t", "n", None)]


def test_a_share_with_a_known_base_is_a_total():
    """20% of 44 is 9, so the women of one course could be computed from the others."""
    courses = pl.DataFrame(
        {"course": list("abcd"), "women": [4, 1, 8, 9], "people": [18, 8, 6, 12], "women_obs_status": "A"}
    )
    entry = Disclosure(aggregation=("course",), counts=("women",), threshold=3)
    share = figure("100 * sum(women) / sum(people)", by=None, unit="percent")
    truth = {"t": courses, "figures": figures(("women", "ALL", 50, None))}
    config = asking({"women": share}, t=entry)
    published = suppress(truth, config, CYCLE)
    assert published["t"]["women"].to_list() == [None, None, 8, 9]
    alone = courses.with_columns(women=pl.when(pl.col("women") != 1).then("women"))
    assert audit(truth, {**truth, "t": alone}, config, CYCLE) != []
    # a share that is rounded to tens tells less than the range needs
    loose = replace(config, figures={"women": share.model_copy(update={"decimals": -1})})
    assert suppress(truth, loose, CYCLE)["t"]["women"].to_list() == [4, None, 8, 9]


def test_a_share_that_is_not_rounded_tells_its_sums():
    """It is one of few fractions: 20.45% of 44 are 9, of no matter how few in the one course."""
    courses = pl.DataFrame(
        {"mission": list("abcd"), "n": [40, 1, 80, 90], "people": [180, 8, 60, 120], "n_obs_status": "A"}
    )
    entry = Disclosure(aggregation=("mission",), counts=("n",), threshold=3)
    share = figure("100 * sum(n) / sum(people)", by=None, unit="percent")
    config = asking({"share": share}, t=entry)
    rounded = figures(("share", "ALL", 57, None))
    assert suppress({"t": courses, "figures": rounded}, config, CYCLE)["t"]["n"].to_list() == [40, None, 80, 90]
    told = rounded.with_columns(unrounded=pl.lit(100 * 211 / 368))
    alone = courses.with_columns(n=pl.when(pl.col("n") != 1).then("n"))
    assert audit({"t": courses, "figures": told}, {"t": alone, "figures": told}, config, CYCLE) != []
    # so it is not published, and its change is of the rounded ones
    before = told.with_columns(previous=50.0, previous_unrounded=49.6, change=7.7)
    row = withhold({"t": courses, "figures": before}, config, CYCLE).tables["figures"].row(0, named=True)
    assert (row["value"], row["unrounded"], row["previous_unrounded"], row["change"]) == (57, None, None, 7)


@pytest.mark.parametrize(("women", "share"), [(0, 0), (300, 100)])
def test_a_share_of_none_or_all_says_so_of_each_of_its_cells(women, share):
    """Before, 0% stood for two in 300 as well, which told no more than that there are few."""
    courses = pl.DataFrame(
        {"mission": list("ab"), "n": [women // 2, women // 2], "people": [150, 150], "n_obs_status": "A"}
    )
    entry = Disclosure(aggregation=("mission",), counts=("n",), threshold=3)
    config = asking({"share": figure("100 * sum(n) / sum(people)", by=None, unit="percent")}, t=entry)
    cells = known_sums.cells_of({"t": courses}, config)
    wide = {}
    for value in (share, 50):
        sums = known_sums.of_figures(figures(("share", "ALL", value, None)), cells, {"t": courses}, config, CYCLE)
        wide[value] = min(each.high for each in sums) - max(each.low for each in sums)
    assert wide[share] == 0
    assert wide[50] > 0


def test_columns_of_shares_go_with_their_counts():
    frame = one_line(3, 40, 9).with_columns(people=pl.lit(50), pct=pl.Series([6.0, 80.0, 18.0]))
    entry = Disclosure(
        aggregation=("kind",), counts=("n",), threshold=5, totals=[()], shares={"pct": {"part": "n", "whole": "people"}}
    )
    assert suppress({"t": frame}, asking(t=entry), CYCLE)["t"]["pct"].to_list() == [None, 80.0, None]


def test_a_column_that_is_the_sum_of_others_is_a_total():
    frame = pl.DataFrame(
        {"kind": ["a", "b"], "women": [2, 30], "men": [50, 60], "people": [52, 90]}
        | {f"{one}_obs_status": "A" for one in ("women", "men")}
    )
    entry = Disclosure(aggregation=("kind",), counts=("women", "men"), threshold=5, parts={"people": ("women", "men")})
    published = suppress({"t": frame}, asking(t=entry), CYCLE)["t"]
    assert published.select("women", "men").rows() == [(None, None), (30, 60)]


def test_a_bound_beside_a_cell_narrows_its_range():
    """One person is known in a, so at most one is held there: the range is open only while that may be none."""
    frame = pl.DataFrame({"kind": ["a", "b", "c"], "known": [1, 50, 70], "n": [1, 40, 30]}).with_columns(
        n_obs_status=pl.lit("A")
    )
    assert shown_of(frame, ONE_LINE) == [None, 40, None]
    assert shown_of(frame, ONE_LINE.model_copy(update={"at_most": {"n": ("known",)}})) == [None, None, None]


def test_a_table_that_shows_sums_of_another_is_a_total():
    parts = pl.DataFrame({"year": [1, 1, 2, 2], "kind": ["a", "b"] * 2, "n": [3, 20, 30, 40], "n_obs_status": "A"})
    years = pl.DataFrame({"year": [1, 2], "all": [23, 70]})
    entry = Disclosure(
        aggregation=("year", "kind"), counts=("n",), threshold=5,
        shown_in={"n": {"table": "u", "count": "all", "by": ["year"]}},
    )  # fmt: skip
    truth = {"t": parts, "u": years}
    published = suppress(truth, asking(t=entry), CYCLE)
    assert published["t"]["n"].to_list() == [None, None, 30, 40]
    assert published["u"].equals(years)
    assert suppress({"t": parts}, asking(t=entry), CYCLE)["t"]["n"].to_list() == [None, 20, 30, 40]


def test_two_tables_of_the_same_numbers_are_protected_together():
    """What one table shows of the other is suppressed in both."""
    parts = pl.DataFrame({"year": [1, 2], "kind": ["a", "a"], "n": [3, 30], "n_obs_status": "A"})
    years = pl.DataFrame({"year": [1, 2], "all": [3, 30], "all_obs_status": "A"})
    linked = Disclosure(
        aggregation=("year", "kind"), counts=("n",), threshold=5,
        shown_in={"n": {"table": "u", "count": "all", "by": ["year"]}},
    )  # fmt: skip
    config = asking(t=linked, u=Disclosure(aggregation=("year",), counts=("all",), threshold=2))
    published = suppress({"t": parts, "u": years}, config, CYCLE)
    assert published["t"]["n"].to_list() == published["u"]["all"].to_list() == [None, 30]


# Subtraction from releases that are out


def out(tables: Mapping[str, pl.DataFrame], cycle: int = 5, name: str = "r001") -> Earlier:
    return Earlier(f"cycle-{cycle:02d}/{name}", CONFIG.cycle(cycle), tables)


def refused(truth: Mapping[str, pl.DataFrame], config: Config, *earlier: Earlier) -> list[tuple[str, int, str | None]]:
    published = suppress(truth, config, CYCLE, earlier)
    return [(one.count, one.cells, one.by) for one in audit(truth, published, config, CYCLE, earlier)]


def test_a_cell_that_was_shown_before_the_threshold_was_raised_is_refused():
    truth, before = {"t": one_line(3, 40, 9, 70)}, {"t": one_line(3, 41, 8, 71)}
    low = asking(t=ONE_LINE.model_copy(update={"threshold": 3}))
    assert suppress(before, low, CYCLE)["t"].equals(before["t"])
    found = refused(truth, asking(t=ONE_LINE), out(before))
    assert found
    assert {(count, by) for count, _, by in found} == {("n", "cycle-05/r001")}
    assert refused(truth, low, out(before)) == []


def test_a_partner_that_was_shown_before_is_no_partner():
    """The cheapest partner was published; another one, whose number is new, keeps the cell safe."""
    before = one_line(9, 40, 9, 65).with_columns(n=pl.Series([None, None, 9, 65]))
    truth = {"t": one_line(3, 40, 9, 70)}
    published = suppress(truth, asking(t=ONE_LINE), CYCLE, [out({"t": before})])
    assert published["t"]["n"].to_list() == [None, None, 9, 70]
    assert audit(truth, published, asking(t=ONE_LINE), CYCLE, [out({"t": before})]) == []
    # the same release without that care is caught
    careless = suppress(truth, asking(t=ONE_LINE), CYCLE)
    (found,) = audit(truth, careless, asking(t=ONE_LINE), CYCLE, [out({"t": before})])[:1]
    assert (found.table, found.by) == ("t", "cycle-05/r001")


def test_one_new_case_beside_numbers_that_stand_is_refused():
    """The total rose by one and all others stayed: the difference is the cell."""
    before = one_line(0, 40, 9, 70)
    assert refused({"t": one_line(1, 40, 9, 70)}, asking(t=ONE_LINE), out({"t": before}))


def test_a_number_that_has_changed_since_says_nothing():
    before = one_line(9, 41, 11, 73)
    assert refused({"t": one_line(3, 40, 9, 70)}, asking(t=ONE_LINE), out({"t": before})) == []


def test_figures_of_an_earlier_release_are_subtracted_too():
    assert refused(CRIMES, DETAINED_CONFIG, out({"figures": DETAINED})) != []
    assert refused(CRIMES, DETAINED_CONFIG, out({"figures": DETAINED.filter(mission="ALL")})) == []


def test_an_earlier_cycle_counts_where_numbers_go_on():
    before = MISSIONS.with_columns(cycle=pl.lit(4))
    assert refused(CRIMES, DETAINED_CONFIG, out({"t": before}, cycle=4)) != []
    each_cycle_anew = asking(DETAINED_CONFIG.figures, t=BY_MISSION.model_copy(update={"cumulative": False}))
    without_previous = {**CRIMES, "figures": DETAINED.with_columns(previous=None, change=None).cast(DETAINED.schema)}
    assert refused(without_previous, each_cycle_anew, out({"t": before}, cycle=4)) == []


def test_the_same_release_again_is_no_leak():
    published = suppress(CRIMES, DETAINED_CONFIG, CYCLE)
    again = suppress(CRIMES, DETAINED_CONFIG, CYCLE, [out(published)])
    assert all(again[name].equals(published[name]) for name in published)
    assert refused(CRIMES, DETAINED_CONFIG, out(published)) == []


def test_a_release_may_be_left_aside_with_a_reason():
    let = Disregarded(release="cycle-05/r001", owner="CDS", reason="withdrawn on 3 May")
    config = asking(t=ONE_LINE.model_copy(update={"disregard": (let,)}))
    truth, before = {"t": one_line(3, 40, 9, 70)}, {"t": one_line(3, 40, 9, 70)}
    assert refused(truth, config, out(before)) == []
    assert refused(truth, config, out(before, name="r002")) != []


def test_the_releases_that_only_together_give_a_cell_away_are_all_named():
    truth = {"t": one_line(3, 9, 10, 70)}
    published = {"t": one_line(3, 9, 10, 70).with_columns(n=pl.Series([None, None, None, 70]))}
    first, second = (one_line(7, 9, 99, 71), one_line(8, 99, 10, 72))
    earlier = [out({"t": first}), out({"t": second}, name="r002")]
    assert audit(truth, published, asking(t=ONE_LINE), CYCLE) == []
    found = {one.by: one.cells for one in audit(truth, published, asking(t=ONE_LINE), CYCLE, earlier)}
    assert found == {"cycle-05/r001": 1, "cycle-05/r002": 1, "cycle-05/r001, cycle-05/r002": 1}


def test_a_yearly_figure_of_an_earlier_cycle_is_read_for_its_own_year():
    frame = pl.DataFrame({"year": [2022, 2022, 2023, 2023], "kind": list("abab"), "n": [3, 20, 9, 9]}).with_columns(
        n_obs_status=pl.lit("A")
    )
    entry = Disclosure(aggregation=("year", "kind"), counts=("n",), threshold=5)
    yearly = figure("sum(n)", by=None).model_copy(update={"window": "last calendar year", "dated_by": "year"})
    yearly = yearly.model_copy(update={"formerly": Formerly(name="all_{year}", to_cycle=4)})
    config = asking({"all": yearly}, t=entry)
    now = figures(("all", "ALL", 18, None)).with_columns(as_of=pl.lit(date(2023, 12, 31)))
    truth = {"t": frame, "figures": now}
    assert suppress(truth, config, CYCLE)["t"]["n"].to_list() == [None, 20, 9, 9]
    # under the name that it has, or the one that it had
    for name in ("all", "all_2022"):
        before = figures((name, "ALL", 23, None)).with_columns(as_of=pl.lit(date(2022, 12, 31)))
        published = suppress(truth, config, CYCLE, [out({"figures": before}, cycle=4)])
        assert published["t"]["n"].to_list() == [None, None, 9, 9]
