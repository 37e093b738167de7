"""The engine against Great Expectations' own pandas engine: random frames, random suites, equal results.

What is left out because it cannot be equal:

- Whole numbers with gaps become floats in pandas, so their text does ("5.0"): patterns and lengths of numbers are not
  compared.
- pandas raises where moments are compared with dates, or a row condition with a date: the engine answers.
- On categories pandas refuses comparisons that the engine makes by their text: pandas is given the text.
- Decimals are numbers of Python in pandas, which now raises and now gives a decimal for their sum: their summaries are
  not compared.
- Python compares a decimal with the binary fraction nearest to a bound, so its 0.20 is below 0.2; here it is not. The
  bounds for decimals are fractions that both write exactly.
- pandas leaves some patterns to a library of its own, in which `{,3}` and `{1,2}+` are not what they are in Python.
- Median, mean, sum and deviation are compared to nine digits: the order of additions differs.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import random
from decimal import Decimal
from functools import cache
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import polars as pl
import pytest
from great_expectations.expectations.row_conditions import Column

from expectations.engine import ExpectCompoundColumnsToBeListedOnce
from expectations.engine.table import Table
from expectations.engine.validation import NATIVE_RESULT, outcome_of, results_of
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")  # of patterns made to be odd

SEEDS = int(os.environ.get("A4P_ENGINE_SEEDS", "60" if SWEEP else "15"))
ROWS = (0, 1, 2, 9, 60, 400)
EXPECTATIONS_A_CASE = 20

NUMBERS = ("i", "i2", "small", "f", "f2")
COLUMNS = (*NUMBERS, "s", "u", "d", "d2", "t", "b", "c", "m")
DAY, MOMENT = dt.date(2024, 1, 1), dt.datetime(2024, 1, 1)
COUNTS = (
    "element_count",
    "unexpected_count",
    "unexpected_percent",
    "unexpected_percent_total",
    "missing_count",
    "missing_percent",
    "observed_value",
)


def random_frame(rng: random.Random) -> pl.DataFrame:
    rows = rng.choice(ROWS)

    def column(value: Any, dtype: Any) -> pl.Series:
        gaps = rng.choice([0, 0.05, 0.3, 0.3, 1])
        return pl.Series([None if rng.random() < gaps else value() for _ in range(rows)], dtype=dtype, strict=False)

    def words() -> str:
        return rng.choice(["a", "b", "zz9", "é", "e\u0301", "", "a\n", "X1", " a"]) + rng.choice(["", "q", "\u0661"])

    return pl.DataFrame(
        {
            "i": column(lambda: rng.randint(-5, 50), pl.Int64),
            "i2": column(lambda: rng.randint(-5, 50), pl.Int64),
            "small": column(lambda: rng.randint(-100, 100), pl.Int8),
            "f": column(lambda: rng.choice([rng.gauss(0, 10), rng.randint(0, 5), math.nan]), pl.Float64),
            "f2": column(lambda: rng.choice([0.0, -0.0, 1.0, 2.0, 5.0]), pl.Float64),
            "s": column(words, pl.String),
            "u": column(lambda: f"id{rng.randint(0, 10 * rows)}", pl.String),
            "d": column(lambda: DAY + dt.timedelta(days=rng.randint(-30, 30)), pl.Date),
            "d2": column(lambda: DAY + dt.timedelta(days=rng.randint(-30, 30)), pl.Date),
            "t": column(lambda: MOMENT + dt.timedelta(hours=rng.randint(0, 2000)), pl.Datetime("ns")),
            "b": column(lambda: rng.random() < 0.5, pl.Boolean),
            "c": column(lambda: rng.choice(["x", "y", "zz"]), pl.Categorical),
            "m": column(lambda: Decimal(rng.randint(-500, 500)) / 100, pl.Decimal(10, 2)),
        }
    )


def as_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """The hand-over under which pandas sees the same values: Python's dates, numbers and texts where numpy has none."""
    frame = frame.with_columns(pl.col("c").cast(pl.String))
    copied = frame.to_pandas()
    for name in ("s", "u", "c", "d", "d2", "b", "m"):
        if frame[name].dtype != pl.Boolean or frame[name].null_count():
            copied[name] = pd.Series(frame[name].to_list(), dtype=object)
    return copied


def random_condition(rng: random.Random) -> Any:
    simple = [
        Column("i") > 0,
        Column("i") >= 10,
        Column("i") != 3,
        Column("i") == 7,
        Column("f") < 2,
        Column("f2") <= 1.0,
        Column("s") == "a",
        Column("s") != "a",
        Column("s").is_null(),
        Column("f").is_not_null(),
        Column("f2").is_in([1.0, 2]),
        Column("i").is_not_in([1, 2, 3]),
        Column("c").is_in(["x", "zz"]),
        Column("s").is_not_in(["a", "b"]),
    ]
    first, second, third = rng.choices(simple, k=3)
    return rng.choice([first, first, first & second, first | second, (first & second) | third])


def random_expectation(rng: random.Random) -> Any:
    """An expectation of any kind that the engine knows, with options of any kind."""
    pick, coin = rng.choice, lambda: rng.random() < 0.5
    every = {} if rng.random() < 0.6 else {"row_condition": random_condition(rng)}
    rows = every | {"mostly": pick([1, 0.9, 0.5, 0.1])}
    strict = {"strict_min": coin(), "strict_max": coin()}
    pairs = rows | {"ignore_row_if": pick(["both_values_are_missing", "either_value_is_missing", "neither"])}
    keys = rows | {"ignore_row_if": pick(["all_values_are_missing", "any_value_is_missing", "never"])}
    key = rng.sample(("i", "small", "f2", "s", "u", "d", "b", "c"), k=rng.randint(2, 3))
    day, moment = DAY + dt.timedelta(days=rng.randint(-30, 30)), MOMENT + dt.timedelta(hours=rng.randint(0, 2000))
    low, high = sorted(rng.choices(range(-5, 50), k=2))
    number, pattern = pick(NUMBERS), pick(PATTERNS)
    return pick(
        [
            lambda: gxe.ExpectColumnValuesToNotBeNull(column=pick(COLUMNS), **rows),
            lambda: gxe.ExpectColumnValuesToBeNull(column=pick(COLUMNS), **rows),
            lambda: gxe.ExpectColumnValuesToBeUnique(column=pick(COLUMNS), **rows),
            lambda: gxe.ExpectColumnValuesToBeInSet(column="s", value_set=["a", "b", "zz9", None, "éq"], **rows),
            lambda: gxe.ExpectColumnValuesToBeInSet(column="c", value_set=["x", "other"], **rows),
            lambda: gxe.ExpectColumnValuesToBeInSet(column=number, value_set=[0, 1, 2.0, 3.5, low, high], **rows),
            lambda: gxe.ExpectColumnValuesToBeInSet(column=number, value_set=list(range(low, high)), **rows),
            lambda: gxe.ExpectColumnValuesToBeInSet(column="d", value_set=[day, DAY], **rows),
            lambda: gxe.ExpectColumnValuesToBeInSet(column="b", value_set=[coin()], **rows),
            lambda: gxe.ExpectColumnValuesToNotBeInSet(column="s", value_set=["a", "", "zz9q"], **rows),
            lambda: gxe.ExpectColumnValuesToNotBeInSet(column=number, value_set=[low, high, 1.0], **rows),
            lambda: gxe.ExpectColumnValuesToNotBeInSet(column="t", value_set=[moment, MOMENT], **rows),
            lambda: gxe.ExpectColumnValuesToBeBetween(column=number, min_value=low, max_value=high, **strict, **rows),
            lambda: gxe.ExpectColumnValuesToBeBetween(column=number, min_value=low + 0.5, **strict, **rows),
            lambda: gxe.ExpectColumnValuesToBeBetween(column="m", max_value=low / 8, **strict, **rows),
            lambda: gxe.ExpectColumnValuesToBeBetween(column="b", min_value=1, **rows),
            lambda: gxe.ExpectColumnValuesToBeBetween(column="d", min_value=day, **strict, **rows),
            lambda: gxe.ExpectColumnValuesToBeBetween(column="t", max_value=moment, **strict, **rows),
            lambda: gxe.ExpectColumnValuesToBeBetween(column="t", min_value=MOMENT, max_value=moment, **strict, **rows),
            lambda: gxe.ExpectColumnValuesToMatchRegex(column=pick("suc"), regex=pattern, **rows),
            lambda: gxe.ExpectColumnValuesToNotMatchRegex(column=pick("suc"), regex=pattern, **rows),
            lambda: gxe.ExpectColumnValueLengthsToBeBetween(
                column=pick("suc"), min_value=1, max_value=pick([1, 3, None]), **strict, **rows
            ),
            lambda: gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=number, column_B=pick(NUMBERS), or_equal=coin(), **pairs
            ),
            lambda: gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="d", column_B="d2", or_equal=coin(), **pairs | {"ignore_row_if": "either_value_is_missing"}
            ),
            lambda: gxe.ExpectColumnPairValuesToBeEqual(column_A=number, column_B=pick(NUMBERS), **pairs),
            lambda: gxe.ExpectColumnPairValuesToBeEqual(column_A="s", column_B=pick("suc"), **pairs),
            lambda: gxe.ExpectCompoundColumnsToBeUnique(column_list=key, **keys),
            lambda: ExpectCompoundColumnsToBeListedOnce(column_list=key, **keys),
            lambda: gxe.ExpectMulticolumnSumToEqual(
                column_list=rng.sample(NUMBERS, k=rng.randint(2, 3)), sum_total=low, **keys
            ),
            lambda: gxe.ExpectTableRowCountToBeBetween(min_value=pick([0, 9]), max_value=pick([60, None])),
            lambda: gxe.ExpectTableRowCountToEqual(value=pick(ROWS)),
            lambda: gxe.ExpectColumnToExist(column=pick([*COLUMNS, "nowhere"])),
            lambda: gxe.ExpectTableColumnsToMatchSet(column_set=pick([COLUMNS, COLUMNS[:3]]), exact_match=coin()),
            lambda: gxe.ExpectTableColumnCountToEqual(value=pick([len(COLUMNS), 3])),
            lambda: gxe.ExpectColumnMaxToBeBetween(column=number, max_value=high, **every),
            lambda: gxe.ExpectColumnMinToBeBetween(column=number, min_value=low, **every),
            lambda: gxe.ExpectColumnMaxToBeBetween(column="t", max_value=moment, **every),
            lambda: gxe.ExpectColumnMeanToBeBetween(column=number, min_value=low / 10, **every),
            lambda: gxe.ExpectColumnMedianToBeBetween(column=number, max_value=high, **every),
            lambda: gxe.ExpectColumnStdevToBeBetween(column=number, min_value=0, max_value=9, **every),
            lambda: gxe.ExpectColumnSumToBeBetween(column=number, min_value=low, **every),
            lambda: gxe.ExpectColumnUniqueValueCountToBeBetween(column=pick(COLUMNS), max_value=8, **every),
            lambda: gxe.ExpectColumnValuesToNotBeNull(column="nowhere", **rows),
        ]
    )()


PATTERNS = (
    *("^[a-z]", r"\d+$", "(?i)x", "^(?!a).*", "^[a-z]$", "a$|b", "(a$)", r"^\w+$", r"\s", r"\S$", "", "^$", "^.$"),
    *("[a-z&&[^b]]", "[[a]", r"^[^\d]+\Z", "z{2}", "z{2,}9?q?$", "(?:a|b)q", "a??q", r"\bq", r"[\]a]q", "é", "^.q"),
    *("(a)(q)$", r"(.)\1", "[a-c]{1,2}", "id[0-9]*?5$", r"x\.y", "x|y$", "^(x|y)$", r"\$", "[$a]$", r"a\\", "{"),
)


@cache
def _pandas_asset() -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context.data_sources.add_pandas("pandas").add_dataframe_asset("frame")


def pandas_results(frame: pl.DataFrame, expectations: list[Any]) -> dict[int, Any]:
    asset = _pandas_asset()
    copies = [expectation.copy() for expectation in expectations]
    suite = gx.ExpectationSuite(name="suite", expectations=copies)
    for number, copied in enumerate(copies):
        copied.id = str(number)
    batch = asset.get_batch(asset.build_batch_request({"dataframe": as_pandas(frame)}))
    results: dict[int, Any] = {}
    for result in batch.validate(suite, result_format={"result_format": "COMPLETE"}).results:
        results.setdefault(int(result.expectation_config.id), result)
    return results


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float | int) and isinstance(theirs, float | int):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(ours) and math.isnan(theirs))
    return bool(ours == theirs) or (ours is None and theirs is pd.NaT)


def difference(ours: Any, theirs: Any, rows: list[int]) -> dict[str, Any]:
    """What two results disagree on."""
    raised = [bool(r.exception_info and r.exception_info.get("raised_exception", True)) for r in (ours, theirs)]
    told = {"success": (ours.success, theirs.success), "raised": tuple(raised)}
    told |= {name: (ours.result.get(name), theirs.result.get(name)) for name in COUNTS}
    told["rows"] = (rows, theirs.result.get("unexpected_index_list") or [])
    return {name: pair for name, pair in told.items() if not same(*pair)}


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(SEEDS))
def test_results_equal_those_of_the_pandas_engine(seed: int) -> None:
    rng = random.Random(seed)
    frame = random_frame(rng)
    expectations = [random_expectation(rng) for _ in range(EXPECTATIONS_A_CASE)]
    table = Table(frame.lazy() if rng.random() < 0.5 else frame, streamed=seed % 3 == 0)
    ours = results_of(table, dict(enumerate(expectations)), NATIVE_RESULT)
    theirs = pandas_results(frame, expectations)
    for number, expectation in enumerate(expectations):
        rows = outcome_of(ours[number], table, native=True).rows.to_list()
        assert not difference(ours[number], theirs[number], rows), expectation.configuration.to_json_dict()
