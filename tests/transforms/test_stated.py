"""Whether what a row states of its file, its other columns or the cycle is borne out: at the bounds and beyond."""

from __future__ import annotations

import polars as pl
import pytest

from config import Column, Cycle, Table
from tests.transforms.frames import CONFIG, CYCLE
from transforms.standardise import standardise

NOTICAS = CONFIG.contracts["noticas"]
COUNT, PERCENT = Column(type="count"), Column(type="number", unit="percent")


def borne_out(
    states: dict[str, object], columns: dict[str, Column], *rows: tuple[str | None, ...], cycle: Cycle | None = CYCLE
) -> list[object]:
    """What is found of the last column that is stated, row by row; each row begins with its file."""
    table = Table.model_validate({"one_row_is": "a row", "columns": columns, "states": [states]})
    schema = dict.fromkeys(("_file", *columns), pl.String)
    text = pl.LazyFrame(rows, schema=schema, orient="row").with_columns(
        _sheet=pl.lit(None, pl.String), _row=pl.int_range(pl.len(), dtype=pl.UInt32)
    )
    made = standardise(text, table, NOTICAS, CONFIG, {}, cycle).collect()
    found = [name for name in made.columns if name.endswith("__borne_out")]
    return made[found[-1]].to_list() if found else []


def test_a_row_of_totals_is_the_sum_of_the_others_of_its_file() -> None:
    states = {"total_row": {"column": "name", "says": "TOTAL", "of": ["n"]}}
    rows = [("f", "a", "3"), ("f", "b", "4"), ("f", "TOTAL", "7"), ("g", "a", "3"), ("g", "TOTAL", "4")]
    said = borne_out(states, {"name": Column(type="text"), "n": COUNT}, *rows)
    assert said == [None, None, True, None, False]


def test_a_column_of_totals_is_the_sum_of_its_parts() -> None:
    states = {"total": {"column": "all", "parts": ["a", "b"]}}
    rows = [("f", "3", "4", "7"), ("f", "3", "4", "8"), ("f", "3", None, "3"), ("f", "3", "4", None)]
    assert borne_out(states, {"a": COUNT, "b": COUNT, "all": COUNT}, *rows) == [True, False, None, None]


@pytest.mark.parametrize(
    ("said", "part", "base", "holds"),
    [
        ("30", "30", "100", True),
        # 30.5 and 29.5 are 30 where they are rounded, 30.6 and 31.2 are not
        ("30", "61", "200", True),
        ("30", "59", "200", True),
        ("30", "306", "1000", False),
        ("30", "312", "1000", False),
        # what is said with a tenth is rounded to one
        ("30.1", "603", "2000", True),
        ("30.1", "604", "2000", False),
        ("30.1", "301", "1000", True),
        ("30.1", "31", "100", False),
        ("30", "0", "0", None),
        (None, "30", "100", None),
    ],
)
def test_a_share_of_a_column_may_be_rounded(said: str | None, part: str, base: str, holds: bool | None) -> None:
    states = {"share": {"column": "pct", "part": "part", "base": "base"}}
    columns = {"part": COUNT, "base": COUNT, "pct": PERCENT}
    assert borne_out(states, columns, ("f", part, base, said)) == [holds]


def test_a_share_of_the_cycle_is_of_its_182_days() -> None:
    states = {"share": {"column": "pct", "part": "days", "base": "days_of_cycle"}}
    columns = {"days": COUNT, "pct": PERCENT}
    rows = [("f", "91", "50"), ("f", "91", "49"), ("f", "30", "16.5"), ("f", "182", "100")]
    assert borne_out(states, columns, *rows) == [True, False, True, True]
    assert borne_out(states, columns, *rows, cycle=None) == []
