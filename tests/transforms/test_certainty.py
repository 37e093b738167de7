"""A figure claims no more than it knows: its status, how many missions are in it, what it may be compared with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import polars as pl
import pytest

from flows.documents.words import compared as compared_in_words
from tests.transforms.frames import CYCLE, MISSIONS, casualty, noticas
from tests.transforms.test_figures import only
from transforms.certainty import Known
from transforms.certainty import _of_each as rows_of_each
from transforms.figures import figures
from transforms.p4_safety import casualties
from transforms.previous import with_previous

SOFA = "new_sofa_incidents_reported"
TWO = frozenset({"UNMISS", "UNIFIL"})


def sofa(**by_mission: tuple[int | None, str]) -> dict[str, pl.LazyFrame]:
    rows = [(mission, *reported) for mission, reported in by_mission.items()]
    schema = {"mission": pl.String, "new_incidents": pl.Int64, "new_incidents_obs_status": pl.String}
    return {"sofa_soma_incidents": pl.LazyFrame(rows, schema=schema, orient="row")}


def counted(
    tables: Mapping[str, pl.LazyFrame],
    known: Known | None = None,
    missing: Collection[str] = (),
    cycle=CYCLE,
) -> pl.DataFrame:
    of = {"sofa_soma": known or Known(TWO)}
    return figures(tables, only(SOFA), cycle, {}, {"sofa_soma": missing}, known=of)


def sure(frame: pl.DataFrame) -> dict[str, tuple[float | None, str, int | None, int]]:
    columns = ("mission", "value", "obs_status", "missions_in", "rows_refused")
    return {mission: tuple(rest) for mission, *rest in frame.select(columns).iter_rows()}


BOTH = sofa(UNMISS=(10, "A"), UNIFIL=(4, "A"))


def test_a_figure_of_which_all_is_in_is_normal() -> None:
    assert sure(counted(BOTH)) == {
        "ALL": (14, "A", 2, 0),
        "UNMISS": (10, "A", None, 0),
        "UNIFIL": (4, "A", None, 0),
    }
    assert counted(BOTH)["missions_expected"].to_list() == [2, None, None]


def test_a_refused_row_makes_its_mission_and_the_whole_provisional() -> None:
    assert sure(counted(BOTH, Known(TWO, {"UNIFIL": 3}))) == {
        "ALL": (14, "P", 2, 3),
        "UNMISS": (10, "A", None, 0),
        "UNIFIL": (4, "P", None, 3),
    }


def test_a_refused_row_of_headquarters_may_be_any_missions() -> None:
    assert {status for _, status, _, _ in sure(counted(BOTH, Known(refused={"ALL": 1}))).values()} == {"P"}


def test_a_value_that_cannot_be_right_is_not_validated() -> None:
    impossible = {"new_incidents": ("UNMISS",)}
    assert sure(counted(BOTH, Known(TWO, {"UNMISS": 1}, impossible))) == {
        "ALL": (14, "V", 2, 1),
        "UNMISS": (10, "V", None, 1),
        "UNIFIL": (4, "A", None, 0),
    }
    # of a column that the figure does not count nothing follows, where its table has that column
    table = {name: rows.with_columns(total_incidents=1) for name, rows in BOTH.items()}
    assert sure(counted(table, Known(TWO, {}, {"total_incidents": ("UNMISS",)})))["ALL"] == (14, "A", 2, 0)


def test_a_number_that_its_source_is_asked_about_is_provisional_until_it_is_answered() -> None:
    asked = Known(TWO, questions={"new_incidents": {"UNMISS": 2}})
    assert sure(counted(BOTH, asked)) == {
        "ALL": (14, "P", 2, 0),
        "UNMISS": (10, "P", None, 0),
        "UNIFIL": (4, "A", None, 0),
    }
    assert counted(BOTH, asked)["questions"].to_list() == [2, 0, 2]
    answered = Known(TWO, answers={"new_incidents": {"UNMISS": ("a new post", "a flood"), "UNIFIL": ("none",)}})
    rows = counted(BOTH, answered)
    assert rows["obs_status"].to_list() == ["A", "A", "A"]
    assert dict(rows.select("mission", "answers").iter_rows()) == {
        "ALL": "UNIFIL: none; UNMISS: a flood; a new post",
        "UNMISS": "a flood; a new post",
        "UNIFIL": "none",
    }


def test_a_question_about_another_column_of_the_table_is_none_of_the_figures() -> None:
    table = {name: rows.with_columns(total_incidents=1) for name, rows in BOTH.items()}
    other = Known(
        TWO, questions={"total_incidents": {"UNMISS": 1}}, answers={"total_incidents": {"UNMISS": ("all of them",)}}
    )
    assert sure(counted(table, other))["ALL"] == (14, "A", 2, 0)
    assert counted(table, other)["answers"].null_count() == 3


@pytest.mark.parametrize(
    ("reported", "status", "missions_in"),
    [((None, "M"), "A", 2), ((0, "A"), "A", 2), ((None, "L"), "L", 1), ((None, "V"), "P", 2), ((None, "O"), "P", 1)],
)
def test_the_whole_says_what_it_lacks(reported: tuple[int | None, str], status: str, missions_in: int) -> None:
    whole = sure(counted(sofa(UNMISS=(10, "A"), UNIFIL=reported)))["ALL"]
    assert whole == (10, status, missions_in, 0)


def test_a_mission_that_sent_nothing_is_missing() -> None:
    whole = sure(counted(sofa(UNMISS=(10, "A")), missing={"UNIFIL"}))["ALL"]
    assert whole == (10, "P", 1, 0)


def test_where_nothing_is_in_no_mission_is() -> None:
    frame = counted(sofa(), missing={"ALL"})
    assert frame.select("value", "obs_status", "missions_in", "missions_expected").rows() == [(None, "O", 0, 2)]


def test_what_is_open_and_may_change_a_number_makes_it_provisional() -> None:
    of_one = counted(BOTH, Known(TWO, doubts={"UNIFIL": 2}))
    assert of_one.select("mission", "obs_status", "in_doubt").rows() == [
        ("ALL", "P", 2),
        ("UNIFIL", "P", 2),
        ("UNMISS", "A", 0),
    ]
    of_all = counted(BOTH, Known(TWO, doubts={"ALL": 1}))
    assert of_all.select("obs_status", "in_doubt").unique().rows() == [("P", 1)]


def test_data_that_end_before_the_window_does_make_it_provisional() -> None:
    deaths = {"casualties": casualties(noticas(casualty(date(2020, 1, 1), "UNIFIL", "Illness")), MISSIONS)}

    def status(reaches: date | None) -> set[tuple[object, ...]]:
        of = {"noticas": Known(reaches=reaches)}
        frame = figures(deaths, only("fatalities_total"), CYCLE, {}, {}, known=of)
        return set(frame.select("obs_status", "in_doubt").rows())

    assert status(CYCLE.end) == status(date(2024, 9, 3)) == status(None) == {("A", 0)}
    assert status(date(2024, 4, 29)) == {("P", 1)}


def courses(women: int | None) -> dict[str, pl.LazyFrame]:
    rows = {"course": ["a", "b"], "uniformed": [4, 6], "civilian": [0, 0], "women": [3, women]}
    return {"pki_trainings": pl.LazyFrame(rows, schema_overrides={"women": pl.Int64})}


@pytest.mark.parametrize(("women", "value", "status"), [(2, 50, "A"), (None, 30, "L"), (0, 30, "A")])
def test_a_blank_that_a_figure_counts_is_not_a_zero(women: int | None, value: float, status: str) -> None:
    config = only("pki_female_share")
    frame = figures(courses(women), config, CYCLE, {}, {})
    assert frame.select("value", "obs_status").rows() == [(value, status)]


def test_a_word_in_one_of_several_rows_is_not_a_zero_either() -> None:
    assert sure(counted(sofa(UNMISS=(10, "A"), UNIFIL=(None, "L"))))["ALL"] == (10, "L", 1, 0)
    twice = pl.concat([sofa(UNIFIL=(10, "A"))["sofa_soma_incidents"], sofa(UNIFIL=(None, "L"))["sofa_soma_incidents"]])
    assert sure(counted({"sofa_soma_incidents": twice}))["UNIFIL"] == (10, "L", None, 0)


def test_the_worst_of_several_statuses_counts() -> None:
    rows = [("UNMISS", 2023, None, "L", 7, "A"), ("UNIFIL", 2023, 0, "A", 0, "A"), ("UNDOF", 2023, 10, "A", 5, "A")]
    names = ("patrols", "patrols_obs_status", "patrols_with_women", "patrols_with_women_obs_status")
    table = pl.LazyFrame(rows, schema=["mission", "year", *names], orient="row")
    found = figures({"women_in_patrols": table}, only("patrols_with_women"), CYCLE, {}, {})
    statuses = {
        mission: (value, status) for mission, value, status in found.select("mission", "value", "obs_status").rows()
    }
    assert statuses == {"ALL": (50, "L"), "UNMISS": (None, "L"), "UNIFIL": (None, "M"), "UNDOF": (50, "A")}


def test_where_no_mission_is_asked_there_is_no_coverage() -> None:
    deaths = {"casualties": casualties(noticas(casualty(date(2020, 1, 1), "UNIFIL", "Illness")), MISSIONS)}
    frame = figures(deaths, only("fatalities_total"), CYCLE, {}, {}, known={"noticas": Known()})
    assert frame.select("missions_in", "missions_expected").null_count().row(0) == (frame.height, frame.height)
    assert frame.select("window", "window_start", "window_end").unique().rows() == [
        ("since", date(2017, 1, 1), CYCLE.end)
    ]


# --- compared ---------------------------------------------------------------------------------------------------------


def compared(now: pl.DataFrame, then: pl.DataFrame) -> tuple[object, ...]:
    cycle = only(SOFA).cycle(CYCLE.number - 1)
    whole = with_previous(now, then, only(SOFA), CYCLE, cycle).filter(pl.col("mission") == "ALL")
    return whole.select("value", "previous", "change", "not_compared").row(0)


def test_like_is_compared_with_like() -> None:
    before = only(SOFA).cycle(CYCLE.number - 1)
    then = counted(sofa(UNMISS=(7, "A"), UNIFIL=(1, "A")), cycle=before)
    assert compared(counted(BOTH), then) == (14, 8, 6, None)
    row = with_previous(counted(BOTH), then, only(SOFA), CYCLE, before).row(0, named=True)
    assert (row["previous_start"], row["previous_end"], row["previous_status"]) == (before.start, before.end, "A")


@pytest.mark.parametrize(
    ("status", "first", "words"),
    [
        ("A", None, "up from 8"),
        ("L", None, "up from 8"),
        ("P", None, "up from 8 (provisional)"),
        ("V", 3.0, "up from 8 (provisional, first published as 3)"),
        ("A", 3.0, "up from 8 (first published as 3)"),
    ],
)
def test_a_previous_value_says_how_sure_it_was(status: str, first: float | None, words: str) -> None:
    before = only(SOFA).cycle(CYCLE.number - 1)
    then = counted(sofa(UNMISS=(7, "A"), UNIFIL=(1, "A")), cycle=before)
    then = then.with_columns(
        obs_status=pl.when(pl.col("mission") == "ALL").then(pl.lit(status)).otherwise("obs_status"),
        first_value=pl.lit(first, pl.Float64),
    )
    row = with_previous(counted(BOTH), then, only(SOFA), CYCLE, before).row(0, named=True)
    change = compared_in_words(row, 0, None)
    assert change is not None
    assert (change.words, row["change"]) == (words, 6)


@pytest.mark.parametrize(
    ("now", "then", "why"),
    [
        (("L", "A"), ("A", "A"), "1 mission missing"),
        (("A", "A"), ("A", "O"), "1 mission missing in the previous cycle"),
        (("L", "A"), ("A", "L"), "1 mission missing, 1 mission missing in the previous cycle"),
        (("L", "A"), ("L", "A"), None),
        (("M", "A"), ("A", "A"), None),
    ],
)
def test_what_is_made_of_other_missions_is_not_compared(
    now: tuple[str, str], then: tuple[str, str], why: str | None
) -> None:
    def frame(statuses: tuple[str, str]) -> pl.DataFrame:
        by_mission = {
            mission: (5 if status == "A" else None, status)
            for mission, status in zip(("UNMISS", "UNIFIL"), statuses, strict=True)
        }
        return counted(sofa(MINUSCA=(1, "A"), **by_mission), Known(TWO | {"MINUSCA"}))

    value, previous, change, said = compared(frame(now), frame(then))
    assert said == why
    assert change == (None if why else value - previous)


def test_a_mission_that_sent_nothing_before_is_told() -> None:
    then = counted(sofa(UNMISS=(10, "A")), missing={"UNIFIL"})
    assert compared(counted(BOTH), then) == (14, 10, None, "1 mission missing in the previous cycle")


def test_a_release_of_before_coverage_is_compared_as_it_was() -> None:
    then = counted(BOTH).drop("missions_in", "missions_expected", "rows_refused", "window")
    assert compared(counted(BOTH), then) == (14, 14, 0, None)


def test_rows_of_which_no_mission_is_known_count_for_each_of_them() -> None:
    every = pl.DataFrame({"mission": ["UNIFIL", "UNISFA", "ALL"]})
    assert every.select(rows_of_each({"UNIFIL": 2, "ALL": 3})).to_series().to_list() == [5, 3, 5]
    assert every.select(rows_of_each({"UNIFIL": 2})).to_series().to_list() == [2, 0, 2]
