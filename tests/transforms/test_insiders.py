"""Each mission is a reader who knows its own numbers, and every release is read beside every other one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from config import Config, Disclosure
from config.disclosure import Disregarded
from tests.support.sweeping import SWEEP
from tests.transforms.attacker import Attacker, attacked, cannot_be_helped
from tests.transforms.frames import CYCLE
from tests.transforms.test_suppression import (
    BY_MISSION,
    CRIMES,
    DETAINED_CONFIG,
    MISSIONS,
    THRESHOLD,
    as_table,
    asking,
    figure,
    figures,
    out,
)
from tests.transforms.test_withholding import corrected
from transforms.knowledge import knowledge, shown_in
from transforms.known_sums import Earlier
from transforms.suppression import suppress
from transforms.withholding import Withheld, withhold

TABLES = 1_000 if SWEEP else 6
pytestmark = pytest.mark.sweep
Frames = Mapping[str, pl.DataFrame]


def published(truths: Sequence[Frames], config: Config) -> list[Withheld]:
    """Publish one release after the other, each beside those before it, whose tables are still known."""
    earlier: list[Earlier] = []
    made = []
    for number, truth in enumerate(truths, 1):
        made.append(withhold(truth, config, CYCLE, earlier))
        earlier.append(replace(out(made[-1].tables, name=f"r{number:03d}"), truth={"t": truth["t"]}))
    return made


# Random tables, each with two corrections


def drawn(seed: int) -> np.ndarray:
    """Counts of two to seven missions, in one to four kinds: many small, many zeros, or skewed."""
    random = np.random.default_rng(50_000 + seed)
    size = (int(random.integers(2, 8)), int(random.integers(1, 5)))
    kinds = (random.integers(0, 12, size), random.poisson(2, size), random.geometric(0.08, size) - 1)
    return np.asarray(kinds[int(random.integers(3))])


def of_counts(counts: np.ndarray) -> dict[str, pl.DataFrame]:
    """The table, and figures for the missions and the whole."""
    frame = as_table(counts, "mission")[0]
    missions = frame.group_by("mission").agg(pl.sum("n")).sort("mission")
    sums = [*missions.rows(), ("ALL", frame["n"].sum())]
    return {"t": frame, "figures": figures(*(("f", mission, float(n), None) for mission, n in sums))}


def three(seed: int) -> tuple[list[dict[str, pl.DataFrame]], Config, Disclosure]:
    """A table and two corrections of it."""
    random, counts = np.random.default_rng(60_000 + seed), drawn(seed)
    entry, truths = as_table(counts, "mission")[1], []
    for _ in range(3):
        truths.append(of_counts(counts))
        counts = corrected(counts, random)
    return truths, asking({"f": figure("sum(n)")}, t=entry), entry


@pytest.fixture(scope="module")
def sequences() -> list[tuple[list[dict[str, pl.DataFrame]], list[Withheld], Disclosure]]:
    """What was to be published, what was, and the declaration, of each table in three releases."""
    drawn_ones = [three(seed) for seed in range(TABLES)]
    return [(truths, published(truths, config), entry) for truths, config, entry in drawn_ones]


@pytest.mark.slow
def test_no_mission_finds_a_small_number_of_another_in_three_releases(sequences):
    given = hidden = stay = 0
    for seed, (truths, made, entry) in enumerate(sequences):
        assert attacked(truths, made, entry.totals) == set(), seed
        for truth, one in zip(truths, made, strict=True):
            given += truth["t"].height
            hidden += truth["t"].height if one.left_out else one.tables["t"]["n"].null_count()
            stay += not one.left_out
    assert 0.2 * given < hidden < 0.95 * given
    assert stay > TABLES


@pytest.mark.slow
def test_a_table_is_left_out_where_no_suppression_could_help(sequences):
    """Even with every cell hidden, its totals and the releases before it tell a mission of a small number."""
    left_out = helpless = 0
    for truths, made, entry in sequences:
        for number, one in enumerate(made, 1):
            if one.left_out:
                left_out += 1
                helpless += cannot_be_helped(truths[:number], made[:number], entry.totals)
    # the few others: a reader is taken to know too that what is hidden is not zero
    assert helpless > 0.9 * left_out > 0


# What is suppressed beside that which points at people


def hides(truth: Frames, rows: Sequence[int]) -> Withheld:
    """The release that hides these rows of a table, and the figures of the missions."""
    table = truth["t"].with_columns(n=pl.when(~pl.int_range(pl.len()).is_in(list(rows))).then("n"))
    return Withheld({"t": table, "figures": truth["figures"].filter(mission="ALL")})


def fewest(truth: Frames, entry: Disclosure) -> int | None:
    """How many cells at least must be hidden for nobody to find a small one: all ways are tried; None where none is."""
    small = [row for row, value in enumerate(truth["t"]["n"]) if 0 < value < THRESHOLD]
    others = [row for row in range(truth["t"].height) if row not in small]
    for number in range(len(others) + 1):
        for more in combinations(others, number):
            if not attacked([truth], [hides(truth, [*small, *more])], entry.totals):
                return len(small) + number
    return None


@pytest.mark.slow
def test_few_cells_more_are_suppressed_than_must_be():
    least = hidden = 0
    for seed in range(400 if SWEEP else 12):
        counts = drawn(seed)
        if not 6 <= counts.size <= 9:
            continue
        truth, entry = of_counts(counts), as_table(counts, "mission")[1]
        made = withhold(truth, asking({"f": figure("sum(n)")}, t=entry), CYCLE)
        optimum = fewest(truth, entry)
        assert (optimum is None) == bool(made.left_out), seed
        if optimum:
            least += optimum
            hidden += made.tables["t"]["n"].null_count()
    assert least <= hidden <= 1.1 * least


# The attacks that were met with, on what was published alone


def crimes(unifil: int, minusca: int = 61) -> dict[str, pl.DataFrame]:
    """Who was detained, in three missions and in all."""
    table = MISSIONS.with_columns(n=pl.Series([minusca, 141, unifil]))
    rows = [*table.select("mission", "n").rows(), ("ALL", table["n"].sum())]
    return {"t": table, "figures": figures(*(("detained", mission, float(n), None) for mission, n in rows))}


def test_a_mission_cannot_subtract_its_own_number():
    made = withhold(CRIMES, DETAINED_CONFIG, CYCLE)
    shown = dict(made.tables["figures"].select("mission", "value").rows())
    assert shown["ALL"] == 203
    assert shown["UNIFIL"] is None
    # MINUSCA knows its 61, MONUSCO its 141: each needs the other's
    assert (shown["MINUSCA"], shown["MONUSCO"]) == (None, None)
    assert made.tables["t"]["n"].null_count() == 3


@pytest.mark.parametrize("unifil", [0, 1, 2, 4, 9, 30])
def test_a_later_release_does_not_tell_what_the_first_one_hid(unifil):
    truths = [crimes(2), crimes(unifil), crimes(2, minusca=70)]
    made = published(truths, DETAINED_CONFIG)
    assert made[0].tables["t"]["n"].to_list() == [None, None, None]
    # two of the three are hidden as before: whoever saw one of them would have UNIFIL's of r001 from the whole
    assert made[1].left_out or made[1].tables["t"].head(2)["n"].null_count() == 2
    assert attacked(truths, made, [()]) == set()


def test_a_number_that_comes_to_another_mission_is_not_told_by_a_sum_that_did_not_change():
    """Who now has the three that the last one had, in a sum that is the same, would have the other's of before."""
    before = of_counts(np.array([[11], [5], [3], [4], [0], [3]]))
    now = of_counts(np.array([[11], [5], [3], [4], [3]]))
    entry = Disclosure(aggregation=("mission", "kind", "group"), counts=("n",), threshold=5, totals=(("group",), ()))
    made = published([before, now], asking({"f": figure("sum(n)")}, t=entry))
    assert not made[0].left_out
    assert attacked([before, now], made, entry.totals) == set()
    # shown as it would be by itself it tells of it
    alone = suppress(now, asking({"f": figure("sum(n)")}, t=entry), CYCLE)
    assert attacked([before, now], [made[0], Withheld(alone)], entry.totals) != set()


def test_the_attacker_finds_what_is_there_to_be_found():
    """In what 0.5.0 published he is right: MINUSCA has UNIFIL's number, and anybody has it with a second release."""
    first, second = crimes(2), crimes(7)
    hidden = hides(first, [0, 2])
    assert Attacker("MINUSCA", [()]).finds([first], [hidden.tables]) == {("UNIFIL", 2)}
    assert Attacker("", [()]).finds([first], [hidden.tables]) == set()
    assert Attacker("", [()]).finds([first, second], [hidden.tables, second]) == {("UNIFIL", 2)}


def test_of_two_missions_the_whole_is_told_only_where_its_owner_agreed():
    """Each has the other's number from it; then nothing is told of any of them."""
    table = MISSIONS.filter(pl.col("mission") != "MONUSCO")
    truth = {"t": table, "figures": figures(("detained", "ALL", 62, None), ("detained", "MINUSCA", 61, None))}
    made = withhold(truth, DETAINED_CONFIG, CYCLE)
    assert (made.left_out, made.totals) == ({"t": None}, ("t",))
    assert made.tables["figures"].select("mission", "value", "obs_status").rows() == [
        ("ALL", None, "Q"), ("MINUSCA", None, "Q"),
    ]  # fmt: skip
    let = Disregarded(figure="detained", owner="OROLSI", reason="it is printed")
    agreed = asking(DETAINED_CONFIG.figures, t=BY_MISSION.model_copy(update={"disregard": (let,)}))
    made = withhold(truth, agreed, CYCLE)
    # the one knows the other's whatever is suppressed, so the table need not be left out
    assert (made.left_out, made.totals) == ({}, ())
    assert made.tables["t"]["n"].to_list() == [None, None]
    assert made.tables["figures"]["value"].to_list() == [62, None]


def test_what_another_release_hides_is_no_zero_to_whoever_sees_what_it_shows_beside_it():
    """Of 2, 141 and 61 the first two are hidden, and something stands beside them: so they are one at least."""
    first = crimes(2)
    hidden = replace(out(hides(first, [1, 2]).tables), truth={"t": first["t"]})
    known = knowledge(crimes(5), DETAINED_CONFIG, CYCLE, [hidden])
    least = {known.cells.values[cell]: value for cell, value in known.least.items()}
    assert least == {141: 1, 2: 1}
    # and what is shown is no guess
    assert shown_in(known.before["cycle-05/r001"]) == {at for at, value in enumerate(known.cells.values) if value == 61}


def test_a_release_whose_rows_are_gone_counts_with_what_it_shows():
    first = withhold(crimes(2), DETAINED_CONFIG, CYCLE).tables
    (second,) = published([crimes(9)], DETAINED_CONFIG)
    assert second.tables["t"]["n"].null_count() == 0
    again = suppress(crimes(9), DETAINED_CONFIG, CYCLE, [out(first)])
    assert again["t"]["n"].null_count() == 0
