"""Earlier numbers: which are kept of a cycle, and what the numbers of a later one stand beside."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from config import load
from config.earlier import SAME_YEAR, compared_numbers, known, year_of
from transforms import earlier

CONFIG = load()


def table(name: str):
    return CONFIG.table_contract(name)[1]


def trainings(*rows: tuple[str, str, int | None, int | None, int | None]) -> pl.LazyFrame:
    names = ["mission", "training", "sessions", "training_days", "participants"]
    return pl.LazyFrame(rows, schema=names, orient="row")


def personnel(*rows: tuple[str, date, int, int]) -> pl.LazyFrame:
    names = ["contributing_country", "last_reporting_date", "female_personnel", "male_personnel"]
    return pl.LazyFrame(rows, schema=names, orient="row").with_columns(
        mission=pl.lit("UNIFIL"), personnel_type=pl.lit("Troops")
    )


def test_numbers_are_kept_by_mission_and_key_as_it_is_compared() -> None:
    kept = earlier.numbers(
        trainings(("UNIFIL", "SEA  Prevention", 5, None, 60), ("UNDOF", "Induction", 0, 1, 2)),
        table("conduct_training"),
    )
    assert kept.rows() == [
        ("UNDOF", "\x1finduction", "participants", 2.0, None),
        ("UNDOF", "\x1finduction", "sessions", 0.0, None),
        ("UNDOF", "\x1finduction", "training_days", 1.0, None),
        ("UNIFIL", "\x1fsea prevention", "participants", 60.0, None),
        ("UNIFIL", "\x1fsea prevention", "sessions", 5.0, None),
    ]


def test_rows_of_totals_are_left_out() -> None:
    streams = pl.LazyFrame({"stream": ["Medical", "TOTAL"], "trainings": [8, 8], "trainees": [85, 85]}).with_columns(
        pl.lit(None, pl.Int64).alias(name)
        for name in ("trainings_previous", "trainees_previous", "female_pct", "female_pct_previous")
    )
    kept = earlier.numbers(streams, table("tpp_streams"))
    # of headquarters' table no mission is known
    assert set(kept["mission"]) == {""}
    assert set(kept["key"]) == {"\x1fmedical"}


def test_of_several_months_each_counts_and_the_last_one_is_last() -> None:
    months = [date(2023, month, 28) for month in (10, 5, 8)]
    kept = earlier.numbers(
        personnel(*(("Nepal", month, number, 100) for number, month in enumerate(months))), table("uniformed_personnel")
    )
    women = kept.filter(pl.col("column") == "female_personnel")["value"].to_list()
    assert women == [1.0, 2.0, 0.0]
    # the month is no part of what a row is known by
    assert set(kept["key"]) == {"\x1fnepal\x1ftroops"}


def test_a_table_without_numbers_keeps_none() -> None:
    assert compared_numbers(table("noticas")) == []
    assert earlier.numbers(pl.LazyFrame({"casualty_id": ["x"]}), table("noticas")).is_empty()


def test_the_year_is_no_part_of_what_a_row_is_known_by() -> None:
    patrols = table("women_in_patrols")
    assert year_of(patrols) == "year"
    names = ["mission", "year", "patrols", "patrols_with_women", "engagement_teams"]
    kept = earlier.numbers(pl.LazyFrame([("UNDOF", 2023, 50, 9, None)], schema=names, orient="row"), patrols)
    assert kept.rows() == [("UNDOF", "", "patrols", 50.0, 2023), ("UNDOF", "", "patrols_with_women", 9.0, 2023)]
    now = pl.LazyFrame({"mission": ["UNDOF", "UNDOF", "UNIFIL"], "year": [2023, 2024, 2023]})
    beside = earlier.beside(now, {5: kept}, patrols).collect()
    assert beside[SAME_YEAR].to_list() == [True, False, False]
    assert beside[known("patrols", "last")].to_list() == [50.0, 50.0, None]


def test_what_is_known_of_earlier_numbers() -> None:
    definition = table("conduct_training")
    cycles = {
        number: earlier.numbers(trainings(("UNIFIL", "Induction", sessions, None, None)), definition)
        for number, sessions in ((4, 20), (5, 0), (7, 80), (6, 40))
    }
    rows = trainings(
        ("UNIFIL", "Refresher", 1, 1, 1), ("UNIFIL", "INDUCTION", 90, 1, 1), ("UNDOF", "Induction", 90, 1, 1)
    )
    beside = earlier.beside(rows, cycles, definition).collect()
    assert beside["sessions"].to_list() == [1, 90, 90]
    other, own, _ = beside.select(pl.selectors.starts_with("sessions__")).iter_rows(named=True)
    assert set(other.values()) == {None}
    assert own == {
        "sessions__last": 80.0,
        # between the last and the median; of the zero no ratio can be told
        "sessions__low": 40.0,
        "sessions__high": 80.0,
        "sessions__median": 40.0,
        "sessions__spread": pytest.approx(math.log(2)),
        "sessions__times": 3,
        "sessions__then": 7,
    }


def test_nothing_known_is_nothing_beside() -> None:
    definition = table("conduct_training")
    rows = trainings(("UNIFIL", "Induction", 90, 1, 1))
    beside = earlier.beside(rows, {}, definition).collect()
    assert beside[known("sessions", "last")].to_list() == [None]
    assert beside.height == 1
