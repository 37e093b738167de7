"""Whatever is sent and whatever is out already: something can be published, and no small cell computed from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np
import polars as pl
import pytest

from config import Config, Disclosure
from tests.support.sweeping import SWEEP
from tests.transforms.attacker import cannot_be_helped
from tests.transforms.frames import CONFIG, CYCLE
from tests.transforms.test_suppression import (
    CRIMES,
    DETAINED,
    DETAINED_CONFIG,
    MISSIONS,
    ONE_LINE,
    as_table,
    asking,
    determined_by_bounds,
    determined_by_rank,
    drawn,
    figure,
    figures,
    lines_of,
    one_line,
    out,
)
from transforms import figures as making
from transforms.known_sums import Earlier
from transforms.suppression import audit, suppress
from transforms.withholding import Withheld, withhold
from transforms.withholding import _beside as beside

# of 500 all end in a release; these take some seconds, those of make sweep some minutes
SEQUENCES = 500 if SWEEP else 10
pytestmark = pytest.mark.sweep


def released(truths: Sequence[Mapping[str, pl.DataFrame]], config: Config) -> list[Withheld]:
    """Publish one after the other, each beside those before it; none may give a small cell away.

    Figures that stay although their table is left out may: their owner has agreed.
    """
    earlier: list[Earlier] = []
    made = []
    for number, truth in enumerate(truths, 1):
        made.append(withhold(truth, config, CYCLE, earlier))
        found = audit(truth, made[-1].tables, config, CYCLE, earlier)
        agreed = {one for one, entry in config.disclosure.items() if any(stays.figure for stays in entry.disregard)}
        assert {one.table for one in found} <= agreed.intersection(made[-1].totals)
        earlier.append(replace(out(made[-1].tables, name=f"r{number:03d}"), truth=truth))
    return made


# Random sequences of corrections


def corrected(counts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The same table with a row less, a row more, or one or two numbers a little different."""
    match int(random.integers(4)):
        case 0 if len(counts) > 2:
            return np.delete(counts, random.integers(len(counts)), 0)
        case 1:
            return np.vstack([counts, random.integers(0, 9, counts.shape[1])])
    changed = counts.copy()
    for _ in range(random.integers(1, 3)):
        at = (random.integers(len(counts)), random.integers(counts.shape[1]))
        changed[at] = max(0, changed[at] + random.integers(-3, 4))
    return changed


def sequence(seed: int) -> tuple[list[dict[str, pl.DataFrame]], Config, Disclosure]:
    """Three to five states of a table, each a correction of the one before; every other one has figures by mission."""
    random, counts = np.random.default_rng(10_000 + seed), drawn(seed)
    of = "mission" if seed % 2 else "site"
    entry, truths = as_table(counts, of)[1], []
    for _ in range(random.integers(3, 6)):
        frame = as_table(counts, of)[0]
        truths.append({"t": frame})
        if seed % 2:
            missions = frame.group_by("mission").agg(pl.sum("n")).sort("mission")
            sums = [*missions.rows(), ("ALL", frame["n"].sum())]
            truths[-1]["figures"] = figures(*(("f", mission, float(n), None) for mission, n in sums))
        counts = corrected(counts, random)
    return truths, asking({"f": figure("sum(n)")} if seed % 2 else {}, t=entry), entry


@pytest.fixture(scope="module")
def sequences() -> list[tuple[list[dict[str, pl.DataFrame]], list[Withheld], Disclosure]]:
    """What was to be published, what was, and the declaration of each sequence."""
    made = []
    for seed in range(SEQUENCES):
        truths, config, entry = sequence(seed)
        made.append((truths, released(truths, config), entry))
    return made


def known_of(truth: Mapping[str, pl.DataFrame], earlier: Sequence[Withheld]) -> set[int]:
    """Rows whose number an earlier release shows as it still is, in the table or as the figure of a mission."""
    key = truth["t"].drop("n_obs_status").columns
    shown = {row for one in earlier for row in one.tables["t"].select(key).rows()}
    said = {
        row
        for one in earlier
        if "figures" in one.tables
        for row in one.tables["figures"].select("mission", "value").rows()
    }
    alone = truth["t"]["kind"].n_unique() == 1
    return {
        at
        for at, row in enumerate(truth["t"].select(key).rows())
        if row in shown or (alone and (row[0], row[-1]) in said)
    }


@pytest.mark.slow
def test_every_sequence_of_corrections_ends_in_releases(sequences):
    made = [one for _, releases, _ in sequences for one in releases]
    assert len(made) >= 3 * SEQUENCES
    # and there was something to do: most of the tables that stay have suppressed cells
    stay = [one.tables["t"] for one in made if not one.left_out]
    assert sum(frame["n"].null_count() > 0 for frame in stay) > 0.5 * len(stay)
    # few are left out where nobody knows some of the numbers (of two missions each has the other's from their total)
    by_site = [one for one in made if "site" in one.tables["t"].columns]
    assert sum(not one.left_out for one in by_site) > 0.75 * len(by_site)


@pytest.mark.slow
def test_a_table_is_left_out_where_no_suppression_could_help(sequences):
    """Even with every cell hidden, its totals and the releases before it tell of a small number; few are others."""
    left_out = helpless = 0
    for truths, made, entry in sequences:
        for number, one in enumerate(made, 1):
            if one.left_out:
                left_out += 1
                helpless += cannot_be_helped(truths[:number], made[:number], entry.totals)
    assert helpless > 0.9 * left_out > 0
    # of the tables that suppression can help, as good as none is left out
    every = sum(len(made) for _, made, _ in sequences)
    assert every - left_out > 0.95 * (every - helpless)


@pytest.mark.slow
def test_an_attacker_who_kept_the_earlier_releases_finds_nothing(sequences):
    tried = 0
    for truths, releases, entry in sequences:
        for number, (truth, made) in enumerate(zip(truths, releases, strict=True)):
            if made.left_out:
                continue
            published = made.tables["t"]
            hidden = [row for row in range(published.height) if published["n"][row] is None]
            assert not known_of(truth, releases[:number]) & set(hidden)
            if hidden:
                lines = list(lines_of(published, truth["t"], entry))
                assert not determined_by_bounds(lines, hidden) | determined_by_rank(lines, hidden)
                tried += number > 0
    assert tried > SEQUENCES


# The corrections that were met with: courses of the academy, a row less and again a row less

COURSES = {
    "PKI Fundamentals": (12, 6, 4),
    "Open-Source PKI": (7, 5, 2),
    "Human PKI": (4, 2, 2),
    "Military PKI": (6, 2, 1),
}
ACADEMY = replace(
    CONFIG,
    figures={name: one for name, one in CONFIG.figures.items() if one.table == "pki_trainings"},
    disclosure={"pki_trainings": CONFIG.disclosure["pki_trainings"]},
)


def academy(*gone: str) -> dict[str, pl.DataFrame]:
    rows = [(5, course, *COURSES[course], "A") for course in sorted(set(COURSES) - set(gone))]
    columns = ["cycle", "course", "uniformed", "civilian", "women", "women_obs_status"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    made = making.figures({"pki_trainings": frame.lazy()}, ACADEMY, CYCLE, {}, {})
    return {"pki_trainings": frame, "figures": made}


@pytest.mark.parametrize("gone", permutations(COURSES, 2), ids=", ".join)
def test_a_course_less_and_again_a_course_less(gone):
    truths = [academy(), academy(gone[0]), academy(*gone)]
    last = released(truths, ACADEMY)[-1]
    # with one course that r001 shows and one small one, the share of all gives the small one away
    helpless = "PKI Fundamentals" not in gone and gone[0] != "PKI Fundamentals"
    assert last.left_out == ({"pki_trainings": "cycle-05/r001"} if helpless else {})
    assert last.tables["pki_trainings"].height == (0 if helpless else 2)
    # what the report prints stays, and what would tell more than that does not
    told = last.tables["figures"]
    assert told.drop("unrounded").equals(truths[-1]["figures"].drop("unrounded"))
    assert told.filter(pl.col("unrounded").is_null())["figure"].to_list() == ["pki_female_share"]


def test_a_figure_that_did_not_change_is_known_though_its_row_is_called_otherwise():
    """Two missions move to another group: their numbers, which the figures of before show, hide the new one no more."""

    def of(*rows: tuple[str, str, int]) -> dict[str, pl.DataFrame]:
        frame = pl.DataFrame(rows, schema=["mission", "group", "n"], orient="row").with_columns(
            n_obs_status=pl.lit("A")
        )
        sums = [*frame.select("mission", "n").rows(), ("ALL", frame["n"].sum())]
        return {"t": frame, "figures": figures(*(("f", mission, float(n), None) for mission, n in sums))}

    entry = Disclosure(aggregation=("mission", "group"), counts=("n",), threshold=5, totals=(("group",), ()))
    config = asking({"f": figure("sum(n)")}, t=entry)
    stay = (("m0", "g0", 19), ("m1", "g0", 13))
    before = of(*stay, ("m2", "g1", 7), ("m3", "g1", 16))
    now = of(*stay, ("m2", "g0", 7), ("m3", "g0", 16), ("m4", "g0", 4))
    careless = suppress(now, config, CYCLE)
    assert careless["t"]["n"].null_count() < now["t"].height
    (given_away,) = audit(now, careless, config, CYCLE, [replace(out(before), truth=before)])
    assert (given_away.table, given_away.by) == ("t", "cycle-05/r001")
    made = released([before, now], config)[-1]
    assert made.left_out == {"t": "cycle-05/r001"}
    # where the number did change, nobody knows it any more
    other = of(*stay, ("m2", "g0", 8), ("m3", "g0", 17), ("m4", "g0", 4))
    assert released([before, other], config)[-1].left_out == {}


# What is withheld, step by step


def test_what_nothing_can_keep_safe_is_left_out():
    """A mission alone in its total is the total."""
    made = withhold({"t": one_line(3)}, asking(t=ONE_LINE), CYCLE)
    assert made.left_out == {"t": None}
    assert made.tables["t"].is_empty()
    assert made.tables["t"].schema == one_line(3).schema


def test_a_whole_count_is_suppressed_before_its_table_is_left_out():
    """Partners are looked for among cells that stay above zero, and no course but the second can make room."""
    courses = pl.DataFrame({"course": list("abc"), "women": [2, 3, 0], "people": [10, 10, 0], "women_obs_status": "A"})
    entry = Disclosure(
        aggregation=("course",), counts=("women",), threshold=3, protection=4, at_most={"women": ("people",)}
    )
    config = asking({"women": figure("100 * sum(women) / sum(people)", by=None, unit="percent")}, t=entry)
    truth = {"t": courses, "figures": figures(("women", "ALL", 25, None))}
    assert audit(truth, suppress(truth, config, CYCLE), config, CYCLE) != []
    made = withhold(truth, config, CYCLE)
    assert made.left_out == {}
    assert made.tables["t"]["women"].to_list() == [None, None, 0]
    assert audit(truth, made.tables, config, CYCLE) == []


def test_with_a_table_go_the_figures_of_missions_and_those_of_the_whole_stay():
    made = withhold(CRIMES, DETAINED_CONFIG, CYCLE, [out({"figures": DETAINED})])
    assert made.left_out == {"t": "cycle-05/r001"}
    assert made.tables["t"].is_empty()
    rows = {row["mission"]: row for row in made.tables["figures"].to_dicts()}
    assert (rows["ALL"]["value"], rows["ALL"]["previous"], rows["ALL"]["obs_status"]) == (203, 200, "A")
    for mission in MISSIONS["mission"]:
        row = rows[mission]
        assert (row["value"], row["previous"], row["change"], row["obs_status"]) == (None, None, None, "Q")
    assert audit(CRIMES, made.tables, DETAINED_CONFIG, CYCLE, [out({"figures": DETAINED})]) == []


def test_a_figure_that_was_not_received_is_not_called_suppressed():
    unsent = DETAINED.filter(mission="UNIFIL").with_columns(
        mission=pl.lit("UNMISS"), value=pl.lit(None, pl.Float64), obs_status=pl.lit("O")
    )
    truth = {"t": MISSIONS, "figures": pl.concat([DETAINED, unsent])}
    made = withhold(truth, DETAINED_CONFIG, CYCLE, [out({"t": MISSIONS})])
    assert made.left_out
    (row,) = made.tables["figures"].filter(mission="UNMISS").to_dicts()
    assert (row["value"], row["previous"], row["obs_status"]) == (None, None, "O")


def test_beside_a_table_are_those_that_show_sums_of_it_and_whose_sums_it_shows():
    def shows(table: str) -> Disclosure:
        shown = {"n": {"table": table, "count": "n", "by": ["kind"]}}
        return Disclosure(aggregation=("kind",), counts=("n",), threshold=5, shown_in=shown)

    alone = Disclosure(aggregation=("kind",), counts=("n",), threshold=5)
    config = asking(t=shows("u"), u=alone, v=shows("w"), w=alone)
    assert [beside(table, config) for table in "tuvw"] == [{"u"}, {"t"}, {"w"}, {"v"}]


def test_other_tables_stay():
    truth = {"t": one_line(3), "u": one_line(3, 40, 9, 70)}
    made = withhold(truth, asking(t=ONE_LINE, u=ONE_LINE), CYCLE)
    assert made.left_out == {"t": None}
    assert made.tables["u"]["n"].to_list() == [None, 40, None, 70]


def test_what_an_earlier_release_shows_of_a_table_that_is_left_out_still_tells_of_another():
    """Both cells of the first table are out, so they give their sum in the second away: it goes too."""
    parts = pl.DataFrame({"year": [1, 1, 2], "kind": list("aba"), "n": [3, 1, 30], "n_obs_status": "A"})
    years = pl.DataFrame({"year": [1, 2], "all": [4, 30], "all_obs_status": "A"})
    linked = Disclosure(
        aggregation=("year", "kind"), counts=("n",), threshold=5,
        shown_in={"n": {"table": "u", "count": "all", "by": ["year"]}},
    )  # fmt: skip
    config = asking(t=linked, u=Disclosure(aggregation=("year",), counts=("all",), threshold=5))
    truth = {"t": parts, "u": years}
    assert withhold(truth, config, CYCLE).left_out == {}
    made = withhold(truth, config, CYCLE, [out({"t": parts})])
    assert made.left_out == {"t": "cycle-05/r001", "u": "cycle-05/r001"}


def test_a_release_without_the_table_gives_nothing_away_later():
    made = withhold(CRIMES, DETAINED_CONFIG, CYCLE, [out({"figures": DETAINED})])
    again = withhold(CRIMES, DETAINED_CONFIG, CYCLE, [out(made.tables)])
    assert again.left_out == {}
    assert again.tables["t"]["n"].to_list() == [None, None, None]


def test_large_counts_are_no_trouble():
    """Of numbers with many digits the last ones still count."""
    most = 999_999_999_999
    frame = one_line(3, most, most - 1, 0)
    made = withhold({"t": frame}, asking(t=ONE_LINE), CYCLE)
    assert made.left_out == {}
    assert sorted(n is None for n in made.tables["t"]["n"].to_list()[1:]) == [False, False, True]
    alone = frame.with_columns(n=pl.when(pl.col("n") != 3).then("n"))
    assert audit({"t": frame}, {"t": alone}, asking(t=ONE_LINE), CYCLE) != []
