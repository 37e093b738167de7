"""Figures of tables of a few rows: what they come to, with which status, and what they are compared with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from config import Config, Figure
from tests.transforms.frames import CONFIG, CYCLE, typed
from transforms.certainty import Certainty
from transforms.figures import SCHEMA, under_both_names, valued
from transforms.previous import with_previous

BEFORE = CONFIG.cycle(4)
START, END = CYCLE.start, CYCLE.end


def figure(value: str, **more: object) -> Figure:
    said = {"priority": 4, "title": {"en": "x"}, "unit": "people", "source": "s", "table": "t", "value": value}
    return Figure.model_validate({**said, **more})


def told(definition: Figure, table: pl.LazyFrame, sure: Certainty | None = None) -> dict[str, tuple[float | None, str]]:
    """The value and status of each mission, and of all."""
    made = valued(definition, table, START, END, sure or Certainty())
    return {mission: (value, status) for mission, value, status in made.select("mission", "value", "obs_status").rows()}


# What is counted


DATED = typed(
    "mission day:date year:int n:int",
    ("UNMISS", START, 2023, 1),
    ("UNMISS", END, 2024, 2),
    ("UNMISS", date(2023, 10, 31), 2022, 4),
    ("UNIFIL", date(2024, 5, 1), 2025, 8),
)


@pytest.mark.parametrize(
    ("dated_by", "where", "value"), [("day", None, 3), ("year", None, 3), (None, None, 15), ("day", "n > 1", 2)]
)
def test_rows_are_counted_from_the_first_day_of_the_window_to_its_last(
    dated_by: str | None, where: str | None, value: float
) -> None:
    assert told(figure("sum(n)", dated_by=dated_by, where=where), DATED) == {"ALL": (value, "A")}


def test_by_mission_a_figure_is_the_whole_and_each_of_them() -> None:
    counted = told(figure("sum(n)", by="mission"), DATED)
    assert counted == {"ALL": (15, "A"), "UNMISS": (7, "A"), "UNIFIL": (8, "A")}
    missing = told(figure("sum(n)", by="mission"), DATED, Certainty(missing=frozenset({"UNIFIL", "UNDOF"})))
    assert missing == {"ALL": (15, "P"), "UNMISS": (7, "A"), "UNDOF": (None, "O"), "UNIFIL": (None, "O")}
    assert told(figure("sum(n)", by="mission"), DATED, Certainty(missing=frozenset({"ALL"}))) == {"ALL": (None, "O")}
    # of one that is missing in a table that the figure is made from, what others have of it is not told
    in_part = valued(figure("sum(n)", by="mission"), DATED, START, END, Certainty(missing=frozenset({"UNIFIL"})))
    assert sorted(in_part["mission"]) == ["ALL", "UNIFIL", "UNMISS"]
    assert in_part.filter(mission="UNIFIL")["value"].to_list() == [None]


# Nothing


EMPTY = DATED.limit(0)
STATED = typed("mission n:int n_obs_status", ("UNMISS", 3, "A"))


@pytest.mark.parametrize(
    ("definition", "table", "said"),
    [
        # nothing to be counted is none of it, and nothing to be shared out has no shares
        (figure("sum(n)"), EMPTY, (0, "A")),
        (figure("count(*)"), EMPTY, (0, "A")),
        (figure("100 * sum(n) / sum(n)", unit="percent"), EMPTY, (None, "M")),
        (figure("100 * sum(n) / sum(n)", unit="percent", where="n = 0"), DATED, (None, "M")),
        # all have said that there is none
        (figure("sum(n)", obs_status="n_obs_status"), STATED.limit(0), (0, "A")),
        (figure("100 * sum(n) / sum(n)", unit="percent", obs_status="n_obs_status"), STATED.limit(0), (None, "O")),
        # of what is there nothing is counted
        (figure("sum(n)", obs_status="n_obs_status", where="n > 9"), STATED, (None, "O")),
        # a number that is divided by zero
        (figure("sum(n) / 0"), DATED, (None, "O")),
    ],
)
def test_nothing_is_zero_impossible_or_missing(
    definition: Figure, table: pl.LazyFrame, said: tuple[object, str]
) -> None:
    assert told(definition, table) == {"ALL": said}


def test_nothing_where_a_mission_is_missing_is_no_zero() -> None:
    definition = figure("sum(n)", obs_status="n_obs_status")
    assert told(definition, STATED.limit(0), Certainty(missing=frozenset({"UNDOF"}))) == {"ALL": (None, "O")}


# Statuses


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(3, "A"), (4, "A")], (7, "A")),
        ([(3, "A"), (None, "M")], (3, "A")),
        ([(3, "A"), (None, "L")], (3, "L")),
        ([(3, "P"), (None, "L")], (3, "P")),
        *(([(3, "A"), (None, status)], (3, "P")) for status in "VOQ"),
        ([(None, "V"), (None, "L")], (None, "V")),
        # all that the figure counts is there, though more was not given
        ([(3, "L")], (3, "L")),
    ],
)
def test_the_status_of_a_figure_is_what_its_rows_lack(
    rows: list[tuple[int | None, str]], said: tuple[float | None, str]
) -> None:
    table = typed("mission n:int n_obs_status", *(("UNMISS", *row) for row in rows))
    assert told(figure("sum(n)", obs_status="n_obs_status"), table) == {"ALL": said}


def test_of_several_statuses_that_one_counts_which_is_not_normal() -> None:
    table = typed("mission n:int n_obs_status m_obs_status", ("UNMISS", 3, "A", "L"), ("UNMISS", 4, "A", "A"))
    assert told(figure("sum(n)", obs_status="n_obs_status, m_obs_status"), table) == {"ALL": (7, "L")}


def test_how_many_rows_there_are_is_not_known_where_none_of_them_was_given() -> None:
    counted = figure("count(*)", obs_status="s")
    assert told(counted, typed("mission s", ("UNMISS", "O"), ("UNDOF", "O"))) == {"ALL": (None, "O")}
    assert told(counted, typed("mission s", ("UNMISS", "O"), ("UNDOF", "A"))) == {"ALL": (2, "P")}


def test_without_a_status_a_blank_that_is_counted_was_not_collected() -> None:
    table = typed("mission n:int m:int", ("UNMISS", 3, None), ("UNMISS", None, 1))
    assert told(figure("sum(n)"), table) == {"ALL": (3, "L")}
    assert told(figure("sum(n)", where="m is null"), table) == {"ALL": (3, "A")}
    assert told(figure("count(*)"), table) == {"ALL": (2, "A")}


def test_a_whole_lacks_the_missions_that_give_no_number() -> None:
    table = typed("mission n:int m:int", ("UNMISS", 4, 2), ("UNIFIL", 4, 0))
    divided = figure("sum(n) / sum(m)", by="mission")
    assert told(divided, table) == {"ALL": (4, "P"), "UNMISS": (2, "A"), "UNIFIL": (None, "O")}


# What it was before


def rows(*told: tuple[str, str, float | None, str, int | None, int | None], when: int = 5) -> pl.DataFrame:
    """Rows of figures: name, mission, value, status, and of how many missions it is and should be."""
    made = [
        {"cycle": when, "figure": name, "mission": mission, "value": value, "obs_status": status, "as_of": BEFORE.end}
        | {"missions_in": of, "missions_expected": expected}
        for name, mission, value, status, of, expected in told
    ]
    return pl.DataFrame([dict.fromkeys(SCHEMA) | row for row in made], schema=SCHEMA)


def compared(now: pl.DataFrame, then: pl.DataFrame, *names: str) -> list[tuple[object, ...]]:
    config: Config = replace(CONFIG, figures={name: figure("sum(n)") for name in names})
    made = with_previous(now, then, config, CYCLE, BEFORE)
    return made.select("figure", "mission", "previous", "change", "previous_status", "not_compared").rows()


def test_a_figure_is_compared_with_that_of_the_cycle_before() -> None:
    now = rows(
        *(("a", "ALL", 10, "A", None, None), ("b", "ALL", 5, "A", None, None), ("c", "ALL", None, "O", None, None)),
        ("d", "ALL", 0.3, "A", None, None),
    )
    then = rows(
        *(("a", "ALL", 7, "P", None, None), ("b", "ALL", None, "O", None, None), ("c", "ALL", 2, "A", None, None)),
        *(("d", "ALL", 0.1, "A", None, None), ("gone", "ALL", 1, "A", None, None)),
        when=4,
    )
    # one that was not there is left as it is; that a tenth is none in powers of two is no part of a change
    assert compared(now, then, "a", "b", "c", "d") == [
        ("a", "ALL", 7, 3, "P", None),
        ("b", "ALL", None, None, None, None),
        ("c", "ALL", 2, None, "A", None),
        ("d", "ALL", 0.1, 0.2, "A", None),
    ]


@pytest.mark.parametrize(
    ("here", "there", "why"),
    [
        ((11, 11), (11, 11), None),
        # as many are silent in both
        ((9, 11), (9, 11), None),
        ((10, 11), (11, 11), "1 mission missing"),
        ((9, 11), (11, 11), "2 missions missing"),
        ((11, 11), (8, 11), "3 missions missing in the previous cycle"),
        ((None, None), (None, None), None),
    ],
)
def test_wholes_of_other_missions_are_not_compared(
    here: tuple[int | None, int | None], there: tuple[int | None, int | None], why: str | None
) -> None:
    now, then = rows(("a", "ALL", 10, "A", *here)), rows(("a", "ALL", 7, "A", *there), when=4)
    assert compared(now, then, "a") == [("a", "ALL", 7, None if why else 3, "A", why)]


def by_mission(silent: Collection[str], *, when: int = 5) -> pl.DataFrame:
    names = ("UNDOF", "UNIFIL", "UNMISS")
    whole = ("a", "ALL", 10.0, "A", 3 - len(silent), 3)
    own = [("a", name, None if name in silent else 5.0, "L" if name in silent else "A", None, None) for name in names]
    return rows(whole, *own, when=when)


@pytest.mark.parametrize(
    ("here", "there", "why"),
    [
        (set(), set(), None),
        ({"UNDOF"}, {"UNDOF"}, None),
        ({"UNDOF"}, {"UNIFIL"}, "1 mission missing, 1 mission missing in the previous cycle"),
        ({"UNDOF", "UNIFIL"}, {"UNIFIL"}, "1 mission missing"),
    ],
)
def test_by_mission_it_counts_which_were_silent(here: set[str], there: set[str], why: str | None) -> None:
    whole, *own = compared(by_mission(here), by_mission(there, when=4), "a")
    assert whole == ("a", "ALL", 10, None if why else 0, "A", why)
    # each mission is compared with itself
    for _, mission, previous, change, _, reason in own:
        expected = None if mission in there else 5
        assert (previous, reason) == (expected, None)
        assert change == (None if mission in here | there else 0)


def test_a_figure_that_was_renamed_stands_under_both_names_the_whole_first() -> None:
    table = rows(*((name, mission, 1, "A", None, None) for name in "bc" for mission in ("ALL", "AAAA")))

    def named(former: dict[str, str]) -> list[tuple[str, str]]:
        return under_both_names(table, former).select("figure", "mission").rows()

    b, c = [("b", "ALL"), ("b", "AAAA")], [("c", "ALL"), ("c", "AAAA")]
    assert named({"b": "a"}) == [("a", "ALL"), ("a", "AAAA"), *b, *c]
    assert named({"d": "c"}) == [*b, *c, ("d", "ALL"), ("d", "AAAA")]
    # both are there already, or neither
    assert named({"b": "c"}) == named({"x": "y"}) == named({}) == [*b, *c]
