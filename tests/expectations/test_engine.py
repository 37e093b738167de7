"""The engine on frames made by hand: every kind of expectation, its counts and its rows."""

from __future__ import annotations

import datetime as dt
import gc
import logging
import os
import subprocess
import sys
import threading
import weakref
from decimal import Decimal
from pathlib import Path
from typing import Any

import great_expectations.expectations as gxe
import numpy as np
import polars as pl
import pytest
from great_expectations.expectations.row_conditions import Column

from expectations import engine
from expectations.engine import ExpectCompoundColumnsToBeListedOnce, Outcome, validate
from expectations.engine.table import Table
from expectations.engine.validation import FALLBACK_RESULT, NATIVE_RESULT, results_of

# made so that nothing is computed: a process that has computed cannot be forked (tests.mutations.trials)
FRAME = pl.DataFrame(
    [
        pl.Series("i", [1, 2, None, 4, 4]),
        pl.Series("j", [1, 1, 5, None, 9]),
        pl.Series("f", [0.5, float("nan"), None, 2.0, 7.0]),
        pl.Series("s", ["a", "bb", None, "c\n", "Bb"]),
        pl.Series("b", [True, False, None, True, True]),
        pl.Series("d", [dt.date(2024, 1, 1), dt.date(2024, 6, 1), None, dt.date(2023, 1, 1), dt.date(2024, 1, 1)]),
        pl.Series("t", np.array([dt.datetime(2024, 1, 1, hour) for hour in range(5)], dtype="datetime64[us]")),
        pl.Series("c", ["x", "y", None, "x", "z"], dtype=pl.Categorical),
        pl.Series("e", ["x", "y", None, "x", "z"], dtype=pl.Enum(["z", "y", "x"])),
        pl.Series("m", [Decimal("1.50"), Decimal("2.00"), None, Decimal("-1.00"), Decimal("9.99")]),
    ]
)
DATE, MOMENT = dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 2)


def only(frame: pl.DataFrame | pl.LazyFrame, expectation: Any) -> Outcome:
    (outcome,) = validate(frame, [expectation])
    return outcome


ROWS = [
    (gxe.ExpectColumnValuesToNotBeNull(column="i"), [2]),
    (gxe.ExpectColumnValuesToNotBeNull(column="f"), [1, 2]),
    (gxe.ExpectColumnValuesToNotBeNull(column="t"), []),
    (gxe.ExpectColumnValuesToBeNull(column="s"), [0, 1, 3, 4]),
    (gxe.ExpectColumnValuesToBeUnique(column="i"), [3, 4]),
    (gxe.ExpectColumnValuesToBeUnique(column="c"), [0, 3]),
    (gxe.ExpectColumnValuesToBeUnique(column="s"), []),
    (gxe.ExpectColumnValuesToBeInSet(column="i", value_set=[1, 2.0, "4"]), [3, 4]),
    (gxe.ExpectColumnValuesToBeInSet(column="i", value_set=[1, 2, 4.0, 4.5]), []),
    (gxe.ExpectColumnValuesToBeInSet(column="s", value_set=["a", 3, None]), [1, 3, 4]),
    (gxe.ExpectColumnValuesToBeInSet(column="c", value_set=["x", "y"]), [4]),
    (gxe.ExpectColumnValuesToBeInSet(column="e", value_set=["x", "unheard of"]), [1, 4]),
    (gxe.ExpectColumnValuesToBeInSet(column="d", value_set=[DATE]), [1, 3]),
    # a moment that is not midnight equals no date
    (gxe.ExpectColumnValuesToBeInSet(column="d", value_set=["2024-01-01", dt.datetime(2024, 6, 1, 1)]), [1, 3]),
    (gxe.ExpectColumnValuesToBeInSet(column="t", value_set=[MOMENT, "2024-01-01 03:00"]), [0, 1, 4]),
    (gxe.ExpectColumnValuesToBeInSet(column="b", value_set=[True]), [1]),
    (gxe.ExpectColumnValuesToBeInSet(column="f", value_set=[2, 7, 0.5]), []),
    (gxe.ExpectColumnValuesToBeInSet(column="m", value_set=[1.5, 2]), [3, 4]),
    (gxe.ExpectColumnValuesToNotBeInSet(column="i", value_set=[4, 5]), [3, 4]),
    (gxe.ExpectColumnValuesToNotBeInSet(column="s", value_set=["z"]), []),
    (gxe.ExpectColumnValuesToBeBetween(column="i", min_value=2, max_value=3), [0, 3, 4]),
    (gxe.ExpectColumnValuesToBeBetween(column="i", min_value=1, strict_min=True), [0]),
    (gxe.ExpectColumnValuesToBeBetween(column="i", max_value=4, strict_max=True), [3, 4]),
    (gxe.ExpectColumnValuesToBeBetween(column="f", max_value=7.0), []),
    (gxe.ExpectColumnValuesToBeBetween(column="d", min_value=DATE), [3]),
    (gxe.ExpectColumnValuesToBeBetween(column="d", min_value="2024-01-01"), [3]),
    (gxe.ExpectColumnValuesToBeBetween(column="d", max_value=MOMENT), [1]),
    (gxe.ExpectColumnValuesToBeBetween(column="t", max_value=MOMENT, strict_max=True), [2, 3, 4]),
    (gxe.ExpectColumnValuesToBeBetween(column="t", min_value=DATE), []),
    (gxe.ExpectColumnValuesToBeBetween(column="m", min_value=0, max_value=9.5), [3, 4]),
    (gxe.ExpectColumnValuesToMatchRegex(column="s", regex="^[a-z]+$"), [4]),
    (gxe.ExpectColumnValuesToMatchRegex(column="s", regex=r"^\w+\Z"), [3]),
    (gxe.ExpectColumnValuesToMatchRegex(column="s", regex="^(?!b)"), [1]),
    (gxe.ExpectColumnValuesToMatchRegex(column="i", regex="^[14]$"), [1]),
    (gxe.ExpectColumnValuesToMatchRegex(column="b", regex="True"), [1]),
    (gxe.ExpectColumnValuesToNotMatchRegex(column="c", regex="x|y"), [0, 1, 3]),
    (gxe.ExpectColumnValueLengthsToBeBetween(column="s", min_value=2), [0]),
    (gxe.ExpectColumnValueLengthsToBeBetween(column="s", min_value=1, max_value=2), []),
    (gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="i", column_B="j"), [0, 2, 3, 4]),
    (gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="i", column_B="j", or_equal=True), [2, 3, 4]),
    (
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="i", column_B="j", or_equal=True, ignore_row_if="either_value_is_missing"
        ),
        [4],
    ),
    (gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="t", column_B="d", or_equal=True), [1, 2]),
    (gxe.ExpectColumnPairValuesToBeEqual(column_A="i", column_B="j"), [1, 2, 3, 4]),
    (gxe.ExpectColumnPairValuesToBeEqual(column_A="c", column_B="e"), []),
    (gxe.ExpectCompoundColumnsToBeUnique(column_list=["b", "c"]), [0, 3]),
    (gxe.ExpectCompoundColumnsToBeUnique(column_list=["i", "s"]), []),
    (gxe.ExpectMulticolumnSumToEqual(column_list=["i", "j"], sum_total=3), [0, 2, 3, 4]),
    (
        gxe.ExpectMulticolumnSumToEqual(
            column_list=["i", "j"], sum_total=3, ignore_row_if="any_value_is_missing", mostly=0.1
        ),
        [0, 4],
    ),
    # true is one
    (gxe.ExpectMulticolumnSumToEqual(column_list=["i", "b"], sum_total=2), [3, 4]),
]


@pytest.mark.parametrize(("expectation", "rows"), ROWS, ids=lambda value: str(value)[:60])
@pytest.mark.parametrize("lazy", [False, True])
def test_a_rule_of_rows_gives_their_number_and_positions(expectation: Any, rows: list[int], lazy: bool) -> None:
    outcome = only(FRAME.lazy() if lazy else FRAME, expectation)
    assert outcome.error is None
    assert outcome.native
    assert outcome.rows.to_list() == rows
    assert outcome.rows.dtype == pl.UInt32
    assert outcome.rows_failed == len(rows)
    assert outcome.rows_checked == 5
    assert outcome.success is (not rows or expectation.mostly < 1)


TABLES = [
    (gxe.ExpectTableRowCountToEqual(value=5), True),
    (gxe.ExpectTableRowCountToEqual(value=4), False),
    (gxe.ExpectTableRowCountToBeBetween(min_value=5), True),
    (gxe.ExpectTableRowCountToBeBetween(max_value=4), False),
    (gxe.ExpectColumnToExist(column="i"), True),
    (gxe.ExpectColumnToExist(column="nowhere"), False),
    (gxe.ExpectTableColumnsToMatchSet(column_set=list("ijfsbdtcem")), True),
    (gxe.ExpectTableColumnsToMatchSet(column_set=["i", "j"]), False),
    (gxe.ExpectTableColumnsToMatchSet(column_set=["i", "j"], exact_match=False), True),
    (gxe.ExpectTableColumnCountToEqual(value=10), True),
    (gxe.ExpectTableColumnCountToEqual(value=11), False),
    (gxe.ExpectColumnMaxToBeBetween(column="i", min_value=4, max_value=4), True),
    (gxe.ExpectColumnMaxToBeBetween(column="f", max_value=6), False),
    (gxe.ExpectColumnMaxToBeBetween(column="d", max_value=dt.date(2024, 6, 1)), True),
    (gxe.ExpectColumnMaxToBeBetween(column="t", max_value=dt.datetime(2024, 1, 1)), False),
    (gxe.ExpectColumnMinToBeBetween(column="i", min_value=1), True),
    (gxe.ExpectColumnMinToBeBetween(column="m", min_value=0), False),
    (gxe.ExpectColumnMeanToBeBetween(column="i", min_value=2.75, max_value=2.75), True),
    (gxe.ExpectColumnMeanToBeBetween(column="m", min_value=4), False),
    (gxe.ExpectColumnSumToBeBetween(column="i", min_value=11, max_value=11), True),
    (gxe.ExpectColumnSumToBeBetween(column="f", max_value=9), False),
    (gxe.ExpectColumnMedianToBeBetween(column="i", min_value=3, max_value=3), True),
    (gxe.ExpectColumnMedianToBeBetween(column="j", max_value=2), False),
    (gxe.ExpectColumnStdevToBeBetween(column="i", min_value=1.49, max_value=1.51), True),
    (gxe.ExpectColumnStdevToBeBetween(column="i", max_value=1), False),
    (gxe.ExpectColumnUniqueValueCountToBeBetween(column="c", min_value=3, max_value=3), True),
    (gxe.ExpectColumnUniqueValueCountToBeBetween(column="i", max_value=2), False),
]


@pytest.mark.parametrize(("expectation", "success"), TABLES, ids=lambda value: str(value)[:60])
def test_a_rule_of_a_table_gives_no_rows(expectation: Any, success: bool) -> None:
    outcome = only(FRAME, expectation)
    assert outcome == Outcome(success, None, 0, pl.Series(dtype=pl.UInt32), native=True, error=None)
    assert outcome.rows.is_empty()


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (Column("i") == 4, [3, 4]),
        (Column("i") != 4, [0, 1, 2]),
        (Column("i") > 1, [1, 3, 4]),
        (Column("i") >= 4, [3, 4]),
        (Column("i") < 2, [0]),
        (Column("i") <= 2, [0, 1]),
        (Column("s") == "a", [0]),
        (Column("s").is_null(), [2]),
        (Column("f").is_null(), [1, 2]),
        (Column("f").is_not_null(), [0, 3, 4]),
        (Column("c").is_in(["x", "w"]), [0, 3]),
        (Column("c").is_not_in(["x"]), [1, 2, 4]),
        (Column("i").is_in([1, 4.0]), [0, 3, 4]),
        (Column("b") == True, [0, 3, 4]),  # noqa: E712
        (Column("d") > DATE, [1]),
        (Column("t") >= "2024-01-01 03:00", [3, 4]),
        ((Column("i") == 4) & (Column("s") == "Bb"), [4]),
        ((Column("i") == 1) | (Column("s") == "Bb"), [0, 4]),
        (((Column("i") == 4) & (Column("j") > 5)) | Column("i").is_null(), [2, 4]),
    ],
    ids=str,
)
def test_a_row_condition_leaves_rows_out_and_positions_alone(condition: Any, kept: list[int]) -> None:
    fails = gxe.ExpectColumnValuesToBeBetween(column="t", max_value=dt.datetime(2000, 1, 1), row_condition=condition)
    outcome = only(FRAME, fails)
    assert outcome.error is None
    assert (outcome.rows_checked, outcome.rows.to_list()) == (len(kept), kept)


def test_uniqueness_is_judged_among_the_rows_that_a_condition_keeps() -> None:
    unique = gxe.ExpectColumnValuesToBeUnique(column="i", row_condition=Column("j") == 9)
    assert only(FRAME, unique).success


def test_mostly_forgives_and_still_tells_the_rows() -> None:
    outcome = only(FRAME, gxe.ExpectColumnValuesToNotBeNull(column="i", mostly=0.8))
    assert outcome.success
    assert outcome.rows.to_list() == [2]


def test_outcomes_come_in_the_order_of_the_expectations_and_equal_ones_each_get_one() -> None:
    asked = [
        gxe.ExpectTableRowCountToEqual(value=5),
        gxe.ExpectColumnValuesToNotBeNull(column="s"),
        gxe.ExpectColumnValuesToNotBeNull(column="t"),
        gxe.ExpectColumnValuesToNotBeNull(column="s"),
        gxe.ExpectColumnValuesToBeNull(column="nowhere"),
        gxe.ExpectColumnValuesToBeNull(column="nowhere"),
    ]
    outcomes = validate(FRAME, asked)
    assert [outcome.rows.to_list() for outcome in outcomes] == [[], [2], [], [2], [], []]
    assert [outcome.error is None for outcome in outcomes] == [True] * 4 + [False] * 2
    assert outcomes[4].error == outcomes[5].error == 'Error: The column "nowhere" in BatchData does not exist.'


def test_no_expectations_no_outcomes() -> None:
    assert validate(FRAME, []) == []


def test_an_expectation_that_raises_leaves_its_neighbours_alone() -> None:
    broken = [
        gxe.ExpectColumnValuesToBeInSet(column="nowhere", value_set=["a"]),
        gxe.ExpectColumnValuesToBeBetween(column="s", min_value=3),
        gxe.ExpectColumnValuesToBeBetween(column="i", max_value=DATE),
        gxe.ExpectColumnValuesToBeBetween(column="d", max_value=3),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="i", column_B="d"),
        gxe.ExpectColumnValuesToNotBeNull(column="i", row_condition=Column("d") > 3),
        gxe.ExpectMulticolumnSumToEqual(column_list=["i", "d"], sum_total=1),
        gxe.ExpectColumnMeanToBeBetween(column="nowhere", max_value=3),
        gxe.ExpectColumnValuesToNotBeNull(column="i", row_condition=Column("nowhere") == 1),
        gxe.ExpectColumnValuesToNotBeNull(column="i", row_condition='col("i") and so on', condition_parser="pandas"),
        gxe.ExpectMulticolumnSumToEqual(column_list=["i", "s"], sum_total=1),
        gxe.ExpectColumnMaxToBeBetween(column="t", max_value=3),
        gxe.ExpectColumnValuesToMatchRegex(column="s", regex="(unclosed"),
        gxe.ExpectColumnValuesToBeInSet(column="s", value_set={"$PARAMETER": "never_given"}),
    ]
    sound = gxe.ExpectColumnValuesToNotBeNull(column="i")
    asked = [part for each in broken for part in (each, sound)]
    outcomes = validate(FRAME, asked)
    for each, outcome in zip(broken, outcomes[::2], strict=True):
        assert outcome.error, each
        assert not outcome.success
        assert outcome.rows.is_empty()
    assert {outcome.error for outcome in outcomes[1::2]} == {None}
    assert all(outcome.rows.to_list() == [2] for outcome in outcomes[1::2])


def test_an_error_is_one_sentence_not_a_query() -> None:
    error = only(FRAME, gxe.ExpectColumnValuesToBeBetween(column="s", min_value=3)).error
    assert error == "cannot compare string with numeric type (f64)"


def test_what_polars_does_not_know_goes_to_pandas_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    asked = [
        gxe.ExpectColumnValuesToMatchRegexList(column="s", regex_list=["^a", "^b"]),
        gxe.ExpectColumnValuesToNotBeNull(column="s"),
        gxe.ExpectColumnDistinctValuesToBeInSet(column="c", value_set=["x", "y", "z"]),
        gxe.ExpectColumnQuantileValuesToBeBetween(
            column="i", quantile_ranges={"quantiles": [0.5], "value_ranges": [[9, 10]]}
        ),
        gxe.ExpectColumnValuesToMatchRegexList(column="nowhere", regex_list=["^a"]),
    ]
    with caplog.at_level(logging.WARNING, logger="expectations.engine"):
        listed, null, distinct, quantile, broken = validate(FRAME, asked)
    assert [outcome.native for outcome in (listed, null, distinct, quantile, broken)] == [False, True] + [False] * 3
    assert (listed.success, listed.rows_checked, listed.rows_failed) == (False, 5, 2)
    assert listed.rows.to_list() == [3, 4]
    assert null.rows.to_list() == [2]
    assert distinct.success
    assert not quantile.success
    assert broken.error
    named = {record.args[0] for record in caplog.records if isinstance(record.args, tuple)}
    assert named == {
        "ExpectColumnDistinctValuesToBeInSet",
        "ExpectColumnQuantileValuesToBeBetween",
        "ExpectColumnValuesToMatchRegexList",
    }
    assert len(caplog.records) == 3


def test_nothing_is_logged_where_polars_knows_everything(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        validate(FRAME, [expectation for expectation, _ in ROWS])
    assert not caplog.records


def test_no_failing_value_is_in_great_expectations_results() -> None:
    secret = "Marker-of-a-person"
    frame = pl.DataFrame({"name": [secret, secret, "a"] * 2, "also": [secret, "b", "b"] * 2, "n": range(6)})
    native = [
        gxe.ExpectColumnValuesToBeInSet(column="name", value_set=["a"]),
        gxe.ExpectColumnValuesToMatchRegex(column="name", regex="^a$"),
        gxe.ExpectColumnValuesToMatchRegex(column="name", regex="^(?=a)"),
        gxe.ExpectColumnValuesToBeUnique(column="name"),
        gxe.ExpectColumnValuesToBeNull(column="name"),
        gxe.ExpectColumnPairValuesToBeEqual(column_A="name", column_B="also"),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["name", "also"]),
        gxe.ExpectColumnValuesToBeBetween(column="name", min_value=1),
        gxe.ExpectMulticolumnSumToEqual(column_list=["name", "n"], sum_total=1),
        ExpectCompoundColumnsToBeListedOnce(column_list=["name", "also"]),
    ]
    fallback = [
        gxe.ExpectColumnValuesToMatchRegexList(column="name", regex_list=["^a"]),
        gxe.ExpectColumnPairValuesToBeInSet(column_A="name", column_B="also", value_pairs_set=[("a", "b")]),
        gxe.ExpectSelectColumnValuesToBeUniqueWithinRecord(column_list=["name", "also"]),
    ]
    table = Table(frame)
    results = results_of(table, dict(enumerate(native)), NATIVE_RESULT)
    results |= results_of(table, dict(enumerate(fallback, len(native))), FALLBACK_RESULT)
    assert sum(result.result.get("unexpected_count", 0) > 0 for result in results.values()) >= 10
    assert secret not in str(results)
    assert secret not in str([result.to_json_dict() for result in results.values()])
    assert secret not in str(validate(frame, native + fallback))


def test_expectations_are_left_as_they_were() -> None:
    expectation = gxe.ExpectColumnValuesToNotBeNull(
        column="i", meta={"remedy": "fill it in"}, severity="warning", id="from-elsewhere"
    )
    before = expectation.dict()
    assert only(FRAME, expectation).rows.to_list() == [2]
    assert expectation.dict() == before


def test_listed_once_passes_the_first_row_of_a_key_and_fails_its_repeats() -> None:
    frame = pl.DataFrame({"k": ["a", "b", "a", "a", None, None, None], "n": [1, 1, 1, 2, 7, 7, None]})
    once = ExpectCompoundColumnsToBeListedOnce(column_list=["k", "n"])
    outcome = only(frame, once)
    assert (outcome.success, outcome.native, outcome.rows_checked) == (False, True, 7)
    assert outcome.rows.to_list() == [2, 5]
    assert only(frame.head(2), once).success


@pytest.mark.parametrize(
    ("ignored", "rows"),
    [("never", [1, 3, 5]), ("all_values_are_missing", [3, 5]), ("any_value_is_missing", [5])],
)
def test_listed_once_ignores_rows_with_missing_keys_where_told_to(ignored: str, rows: list[int]) -> None:
    frame = pl.DataFrame({"k": [None, None, "a", "a", "b", "b"], "n": [None, None, None, None, 1, 1]})
    once = ExpectCompoundColumnsToBeListedOnce(column_list=["k", "n"], ignore_row_if=ignored, mostly=0.1)
    assert only(frame, once).rows.to_list() == rows


def test_listed_once_counts_only_rows_that_a_condition_keeps() -> None:
    frame = pl.DataFrame({"k": ["a", "a", "a"], "n": [1, 1, 1], "on": [False, True, True]})
    once = ExpectCompoundColumnsToBeListedOnce(column_list=["k", "n"], row_condition=Column("on") == True)  # noqa: E712
    assert only(frame, once).rows.to_list() == [2]


@pytest.mark.parametrize("frame", [FRAME.clear(), FRAME.head(1)])
def test_small_frames(frame: pl.DataFrame) -> None:
    outcomes = validate(frame, [expectation for expectation, _ in ROWS])
    assert {outcome.error for outcome in outcomes} == {None}
    assert {outcome.rows_checked for outcome in outcomes} == {frame.height}


def test_a_column_of_nothing_but_gaps_without_a_type() -> None:
    frame = pl.DataFrame({"n": [None, None]})
    asked = [
        gxe.ExpectColumnValuesToBeInSet(column="n", value_set=["a", 1, DATE]),
        gxe.ExpectColumnValuesToBeBetween(column="n", min_value=DATE),
        gxe.ExpectColumnValuesToMatchRegex(column="n", regex="a"),
        gxe.ExpectColumnValuesToBeUnique(column="n"),
        gxe.ExpectColumnValuesToNotBeNull(column="n"),
    ]
    outcomes = validate(frame, asked)
    assert {outcome.error for outcome in outcomes} == {None}
    assert [outcome.rows.to_list() for outcome in outcomes] == [[], [], [], [], [0, 1]]


def test_a_column_may_be_called_as_the_engine_calls_its_own() -> None:
    frame = pl.DataFrame({"row": [5, 6], "row_": [1, None]})
    outcomes = validate(
        frame, [gxe.ExpectColumnValuesToNotBeNull(column="row_"), gxe.ExpectTableColumnCountToEqual(value=2)]
    )
    assert [outcome.success for outcome in outcomes] == [False, True]
    assert outcomes[0].rows.to_list() == [1]


def test_one_query_a_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    collected = []
    collect_all = pl.collect_all
    monkeypatch.setattr(
        pl, "collect_all", lambda plans, **options: collected.append(1) or collect_all(plans, **options)
    )
    conditional = gxe.ExpectColumnValuesToNotBeNull(column="i", row_condition=Column("j") == 9)
    validate(FRAME, [conditional, *(expectation for expectation, _ in ROWS), *(each for each, _ in TABLES)])
    assert len(collected) == 1


def test_what_cannot_be_planned_is_not_tried_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The culprits are found by planning, so that the others are still answered together."""
    collected = []
    collect_all = pl.collect_all
    monkeypatch.setattr(
        pl, "collect_all", lambda plans, **options: collected.append(1) or collect_all(plans, **options)
    )
    broken = gxe.ExpectColumnValuesToNotBeNull(column="i", row_condition=Column("d") > 3)
    outcomes = validate(FRAME, [broken, *(expectation for expectation, _ in ROWS)])
    assert [outcome.error is None for outcome in outcomes] == [False] + [True] * len(ROWS)
    # Great Expectations asks again for what is still open
    assert len(collected) < 5


def test_the_frame_is_let_go_of() -> None:
    frame = FRAME.clone()
    watched = weakref.ref(frame)
    validate(frame, [expectation for expectation, _ in ROWS])
    del frame
    gc.collect()
    assert watched() is None


@pytest.mark.slow
def test_nothing_is_written(tmp_path: Path) -> None:
    script = (
        "import great_expectations.expectations as gxe, polars as pl; from expectations.engine import validate;"
        "print(validate(pl.DataFrame({'a': [1]}), [gxe.ExpectColumnValuesToBeNull(column='a')])[0].rows.to_list())"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    root = Path(engine.__file__).parents[2]
    environment["PYTHONPATH"] = str(root)
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert (ran.stdout, ran.stderr) == ("[0]\n", "")
    assert list(tmp_path.rglob("*")) == []


def test_threads_take_turns() -> None:
    frames = [pl.DataFrame({"x": [None] * number + [1]}, schema={"x": pl.Int64}) for number in range(8)]
    found: dict[int, list[int]] = {}

    def work(number: int) -> None:
        found[number] = only(frames[number], gxe.ExpectColumnValuesToNotBeNull(column="x")).rows.to_list()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: list(range(number)) for number in range(8)}
