"""Numbers that are in form and may be wrong: each rule that asks, at its bounds and against a plain computation."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import great_expectations as gx
import polars as pl
import pytest

from config import load
from config.earlier import KNOWN, SAME_YEAR, compared_numbers, known
from expectations.engine import asked, validate
from expectations.engine.validation import FALLBACK_RESULT
from expectations.plausible import questions_of_history, questions_of_the_row
from expectations.questions import QUESTIONS, without_numbers
from expectations.rule import Setting

CONFIG = load()
CYCLE = CONFIG.cycle(6)
HELD = ["value", *(what for what in KNOWN if what != "then")]
Numbers = Sequence[float | None]


def marked(expectation: Any, columns: Sequence[str], rows: Sequence[Numbers]) -> list[bool]:
    """Return which rows an expectation asks about."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Float64), orient="row")
    (outcome,) = validate(frame, [expectation])
    assert outcome.error is None
    assert outcome.native
    asked_of = outcome.rows.to_list()
    return [place in asked_of for place in range(len(rows))]


def held(value: float | None, *earlier: float) -> Numbers:
    """Return a number with what is known of earlier ones, as transforms.earlier sums them up."""
    median = _median([number for number in earlier if number > 0])
    usual = [number for number in (earlier[-1], median) if number]
    spread = _median([abs(math.log(max(number, 10) / max(median, 10))) for number in earlier if number > 0])
    return value, earlier[-1], min(usual), max(usual), median, spread, len(earlier)


def _median(numbers: Sequence[float]) -> float:
    ordered, middle = sorted(numbers), len(numbers) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


FAR = asked.ExpectNumberNearEarlierOnes(column_list=HELD, ratio=4, base=10, deviations=5, severity="warning")
TENFOLD = asked.ExpectNumberToBeNoTenfold(column_list=HELD, base=10, severity="warning")
THOUSANDFOLD = asked.ExpectNumberToBeNoThousandfold(column_list=HELD, base=10, severity="warning")
FALLEN = asked.ExpectCountNotToFall(column_list=HELD, base=10, severity="warning")


@pytest.mark.parametrize(
    ("numbers", "far"),
    [
        # four times, and a quarter, is not more than that
        (held(400, 100, 100), False),
        (held(401, 100, 100), True),
        (held(25, 100, 100), False),
        (held(24, 100, 100), True),
        # numbers below ten count as ten
        (held(40, 6), False),
        (held(41, 6), True),
        (held(0, 40, 40), False),
        (held(0, 41, 41), True),
        (held(9, 1), False),
        # one that is like the last, or like most, is not far
        (held(100, 20, 20, 100), False),
        (held(20, 20, 20, 100), False),
        (held(None, 100, 100), False),
        # six that vary little, and six that vary much
        (held(260, 100, 101, 99, 100, 102, 98), True),
        (held(230, 100, 101, 99, 100, 102, 98), False),
        (held(260, 40, 160, 60, 240, 90, 130), False),
        # five are too few to tell
        (held(260, 100, 101, 99, 100, 102), False),
        # far from most, and like the last
        (held(260, 100, 101, 99, 100, 102, 240), False),
        # what is ten times as much has a rule of its own
        (held(1000, 100, 100), False),
    ],
)
def test_a_jump(numbers: Numbers, far: bool) -> None:
    assert marked(FAR, HELD, [numbers]) == [far]


@pytest.mark.parametrize(
    ("expectation", "numbers", "is_asked"),
    [
        (TENFOLD, held(1000, 100, 100), True),
        (TENFOLD, held(1500, 100, 100), True),
        (TENFOLD, held(1510, 100, 100), False),
        (TENFOLD, held(670, 100, 100), True),
        (TENFOLD, held(660, 100, 100), False),
        (TENFOLD, held(10, 100, 100), True),
        # of 14 a tenth is 1, of 6 there is none
        (TENFOLD, held(1, 14, 14), True),
        (TENFOLD, held(1, 6, 6), False),
        (TENFOLD, held(99, 9, 9), False),
        (TENFOLD, held(100, 9, 9), True),
        (TENFOLD, held(0, 100, 100), False),
        # all kinds of numbers are usual here
        (TENFOLD, held(100, 10, 90, 100, 1000), False),
        # ten times the last one, and not twice the usual one; a tenth of the usual one, and more than the last one
        (TENFOLD, held(100, 60, 60, 10), False),
        (TENFOLD, held(15, 200, 200, 10), False),
        # where a tenth is cut off: of 21 it may be 1, of 23 it is no more
        (TENFOLD, held(1, 21, 21), True),
        (TENFOLD, held(1, 23, 23), False),
        (THOUSANDFOLD, held(55_000, 54, 58), True),
        (THOUSANDFOLD, held(5_000, 54, 58), False),
        (THOUSANDFOLD, held(55, 54_000, 58_000), True),
        (FALLEN, held(99, 99, 100), True),
        (FALLEN, held(100, 99, 100), False),
        (FALLEN, held(10, 99, 100), False),
        (FALLEN, held(None, 99, 100), False),
    ],
)
def test_a_zero_too_many_and_a_count_that_falls(expectation: Any, numbers: Numbers, is_asked: bool) -> None:
    assert marked(expectation, HELD, [numbers]) == [is_asked]


IN_COLUMNS = ["a", "b", "c", *(f"{name}_{end}" for end in ("low", "high") for name in "abc")]
USUAL = (50, 40, 1200)


@pytest.mark.parametrize(
    ("numbers", "at"),
    [
        ((55, 42, 1100), None),
        # one column to the right, with a blank or what fell over the edge
        ((None, 55, 42), 2),
        ((1100, 55, 42), 0),
        # to the left
        ((42, 1100, None), 1),
        # a jump of one number alone
        ((55, 42, 42), None),
        # numbers too small to be told apart
        ((3, 1, 2), None),
        ((None, None, None), None),
    ],
)
def test_numbers_one_column_beside_their_own(numbers: Numbers, at: int | None) -> None:
    row = (*numbers, *USUAL, *USUAL)
    asked_at = [
        marked(asked.ExpectNumbersInTheirColumns(column_list=IN_COLUMNS, base=10, at=place), IN_COLUMNS, [row])[0]
        for place in range(3)
    ]
    assert asked_at == [place == at for place in range(3)]


@pytest.mark.parametrize(
    ("numbers", "usual", "at"),
    [
        # two columns, one number and what it left behind: a blank or a zero, and not another number
        ((None, 55), (50, 1200), 1),
        ((0, 55), (50, 1200), 0),
        ((3, 55), (50, 1200), None),
        ((55, None), (1200, 50), 0),
        # what stands where a ten belongs has to be one
        ((1200, 50, 10), (50, 10, 1200), 0),
        ((1200, 50, 3), (50, 10, 1200), None),
        # where a number of nine belongs, another one of no size tells nothing
        ((1200, 50, 3), (50, 9, 1200), 0),
    ],
)
def test_what_fell_over_the_edge_and_what_can_be_told_apart(numbers: Numbers, usual: Numbers, at: int | None) -> None:
    names = "abc"[: len(usual)]
    columns = [*names, *(f"{name}_{end}" for end in ("low", "high") for name in names)]
    row = (*numbers, *usual, *usual)
    asked_at = [
        marked(asked.ExpectNumbersInTheirColumns(column_list=columns, base=10, at=place), columns, [row])[0]
        for place in range(len(usual))
    ]
    assert asked_at == [place == at for place in range(len(usual))]


@pytest.mark.parametrize(
    ("numbers", "last", "at"),
    [
        ((55, 42, 1100), (55, 42, 1100), 0),
        ((5, 421, 1234), (5, 421, 1234), 2),
        ((55, 42, 1101), (55, 42, 1100), None),
        ((55, None, 1234), (55, None, 1234), 2),
        ((55, None, 1234), (55, 1, 1234), None),
        # so few digits, without the zeros at their ends, may be the same by chance
        ((55, 42, 9), (55, 42, 9), None),
        ((55, 42, 1000), (55, 42, 1000), 0),
        ((None, 60_000, 9_000), (None, 60_000, 9_000), None),
    ],
)
def test_the_last_numbers_again(numbers: Numbers, last: Numbers, at: int | None) -> None:
    columns = ["a", "b", "c", "a_last", "b_last", "c_last"]
    asked_at = [
        marked(asked.ExpectNumbersNotToBeTheLastOnes(column_list=columns, at=place), columns, [(*numbers, *last)])[0]
        for place in range(3)
    ]
    assert asked_at == [place == at for place in range(3)]


@pytest.mark.parametrize(
    ("share", "base", "is_asked"),
    [(37, 4, True), (25, 4, False), (50, 4, False), (24.9, 4, False), (24.8, 4, True),
     (7.7, 110, True), (7.3, 110, False), (33, 3, False), (34, 3, False), (35, 3, True), (0, 4, False),
     (0.4, 4, False), (37, 0, False), (None, 4, False)],
)  # fmt: skip
def test_a_share_of_no_whole_number(share: float | None, base: float, is_asked: bool) -> None:
    expectation = asked.ExpectShareOfAWholeNumber(column_list=["share", "base"])
    assert marked(expectation, ["share", "base"], [(share, base)]) == [is_asked]


@pytest.mark.parametrize(
    ("numbers", "is_asked"),
    [((9, 7, None), False), ((7, 7, None), False), ((6, 7, None), True), ((700, 7, None), False),
     ((701, 7, None), True),
     # all parts are given, or none is
     ((6, 3, 4), False), ((6, None, None), False), ((6, 0, None), False), ((None, 7, None), False)],
)  # fmt: skip
def test_a_total_beside_some_of_its_parts(numbers: Numbers, is_asked: bool) -> None:
    columns = ["total", "one", "other"]
    expectation = asked.ExpectTotalToHoldItsParts(column_list=columns, times=100)
    assert marked(expectation, columns, [numbers]) == [is_asked]


@pytest.mark.parametrize(
    ("numbers", "is_asked"),
    [((60, 3), False), ((61, 3), True), ((3, 3), False), ((2, 3), True), ((0, 0), False), ((1, 0), True),
     ((-1, 3), False), ((5, None), False), ((None, 3), False)],
)  # fmt: skip
def test_more_and_fewer_than_possible(numbers: Numbers, is_asked: bool) -> None:
    expectation = asked.ExpectRateToBePossible(column_list=["value", "per"], at_least=1, at_most=20)
    assert marked(expectation, ["value", "per"], [numbers]) == [is_asked]


def _far(value: float, last: float, low: float, high: float, median: float, spread: float, times: float) -> bool:
    def ratio(number: float, other: float) -> float:
        return max(number, 10) / max(other, 10)

    if _of_times(10, 1.5)(value, last, low, high) or _of_times(1000, 3)(value, last, low, high):
        return False
    if times < 6:
        return max(ratio(value, high), ratio(low, value)) > 4
    by_chance = math.sqrt(0.15**2 + 1 / max(median, 10))
    away = abs(math.log(max(value, 10)) - math.log(max(median, 10))) / max(spread * 1.4826, by_chance)
    return away > 5 and max(ratio(value, last), ratio(last, value)) > 2


def _of_times(times: float, alike: float) -> Callable[..., bool]:
    def is_multiple(value: float, _: float, low: float, high: float, *__: float) -> bool:
        more, less = value / times, value * times
        large = more >= 10 and low / alike <= more <= high * alike and value > high * 2
        small = high >= 10 / alike and less >= 10 and low / alike - times / 2 <= less <= high * alike
        return large or (small and 0 < value < low / 2)

    return is_multiple


@pytest.mark.parametrize(
    ("expectation", "plain"),
    [(FAR, _far), (TENFOLD, _of_times(10, 1.5)), (THOUSANDFOLD, _of_times(1000, 3))],
    ids=["far", "tenfold", "thousandfold"],
)
def test_it_is_as_a_plain_computation_has_it(expectation: Any, plain: Callable[..., bool]) -> None:
    chance = random.Random(18)
    rows = []
    for _ in range(400):
        size = 10 ** chance.uniform(0, 5)
        earlier = [max(1, round(size * math.exp(chance.gauss(0, 0.4)))) for _ in range(chance.randint(1, 9))]
        value = round(size * chance.choice((1, 1, 2, 5, 0.3, 10, 0.1, 1000, 0.001)) * math.exp(chance.gauss(0, 0.3)))
        rows.append(held(value, *earlier))
    expected = [plain(*row) for row in rows]
    assert marked(expectation, HELD, rows) == expected
    assert 5 < sum(expected) < 350


def test_great_expectations_own_engine_asks_the_same() -> None:
    rows = [held(401, 100, 100), held(400, 100, 100), held(None, 100, 100)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(HELD, pl.Float64), orient="row")
    batch = (
        gx.get_context(mode="ephemeral")
        .data_sources.add_pandas("numbers")
        .add_dataframe_asset("numbers")
        .add_batch_definition_whole_dataframe("numbers")
        .get_batch({"dataframe": frame.to_pandas()})
    )
    result = batch.validate(FAR.copy(), result_format=dict(FALLBACK_RESULT))
    assert result.result["unexpected_index_list"] == [0]


# The rules that contracts make of them


def every_table() -> list[str]:
    return [table for contract in CONFIG.contracts.values() for table in contract.tables]


@pytest.mark.parametrize("table", every_table())
def test_every_rule_that_asks_is_a_warning_that_tells_two_numbers_of_a_column_that_may_be_told(table: str) -> None:
    contract, definition = CONFIG.table_contract(table)
    setting = Setting(CONFIG, contract, CYCLE)
    rules = [*questions_of_the_row(definition, setting), *questions_of_history(definition, setting)]
    for rule in rules:
        assert rule.name in QUESTIONS
        assert rule.severity == "warning"
        assert rule.column in definition.columns_read
        assert rule.question
        for text in (rule.question.en, rule.question.fr):
            assert "{value}" in text
            assert "{earlier}" in text
            assert text.endswith("?")
        assert not any(gap in text for text in (rule.message, rule.message_fr) for gap in "{}?")
    columns = {rule.column for rule in questions_of_history(definition, setting)}
    assert columns == set(compared_numbers(definition))


def test_every_question_is_told_in_a_release_by_its_column_alone() -> None:
    rows = [
        {"source": "mission_report", "table": "conduct_training", "column": "sessions", "rule": rule,
         "message": "58 and 6?", "message_fr": "58 et 6 ?", "value": 58.0, "earlier": 6.0}
        for rule in sorted(QUESTIONS)
    ]  # fmt: skip
    rows.append({**rows[0], "rule": "sessions_is_given", "message": "“Sessions” is blank.", "value": None})
    plain = without_numbers(pl.DataFrame(rows), CONFIG.contracts, CONFIG.messages)
    assert not {"value", "earlier"} & set(plain.columns)
    *asked_of, other = plain.iter_rows(named=True)
    assert other["message"] == "“Sessions” is blank."
    for row in asked_of:
        assert "“Sessions”" in row["message"]
        assert "Séances" in row["message_fr"]
        assert not any(sign.isdigit() for sign in row["message"] + row["message_fr"])
        assert row["message"].endswith("its source is asked.")
        assert row["message_fr"].endswith("la source est interrogée.")


def test_a_total_and_a_share_are_left_to_their_parts() -> None:
    crimes = CONFIG.table_contract("crimes")[1]
    assert compared_numbers(crimes)[-1] == "perpetrators_convicted"
    contract, definition = CONFIG.table_contract("explosive_ordnance")
    rules = questions_of_history(definition, Setting(CONFIG, contract, CYCLE))
    conditions = {rule.column: str(rule.expectation.row_condition) for rule in rules if "near" in rule.name}
    assert "incidents__borne_out" in conditions["incidents"]
    assert "borne_out" not in conditions["exploded"]


def test_of_a_row_that_stands_one_column_beside_its_own_no_number_is_asked_about_by_itself() -> None:
    contract, definition = CONFIG.table_contract("women_in_patrols")
    rules = questions_of_history(definition, Setting(CONFIG, contract, CYCLE))
    (far,) = (rule for rule in rules if (rule.name, rule.column) == ("number_is_near_earlier_ones", "patrols"))
    value, *earlier = held(84_000, 2_100, 2_000)
    row = {
        "patrols": value,
        **dict(zip((known("patrols", what) for what in KNOWN if what != "then"), earlier, strict=True)),
    }
    frame = pl.DataFrame([{**row, "_moved": moved} for moved in (True, False)])
    (outcome,) = validate(frame, [far.expectation])
    assert outcome.rows.to_list() == [1]


@pytest.mark.parametrize("table", every_table())
def test_numbers_that_go_on_or_may_stay_are_not_asked_about_because_they_do(table: str) -> None:
    contract, definition = CONFIG.table_contract(table)
    rules = {rule.name for rule in questions_of_history(definition, Setting(CONFIG, contract, CYCLE))}
    may_stay = definition.cumulative or bool(definition.plausible and definition.plausible.may_stay)
    is_asked = "numbers_are_not_those_of_the_last_cycle" in rules
    assert is_asked is (bool(compared_numbers(definition)) and not may_stay)


def test_numbers_of_the_same_year_may_come_again() -> None:
    contract, definition = CONFIG.table_contract("women_in_patrols")
    rules = [
        rule
        for rule in questions_of_history(definition, Setting(CONFIG, contract, CYCLE))
        if rule.name == "numbers_are_not_those_of_the_last_cycle"
    ]
    row: dict[str, Any] = {"patrols": 8400, "patrols_with_women": 2352, "engagement_teams": 4}
    last = {known(name, "last"): value for name, value in row.items()}
    frame = pl.DataFrame([{**row, **last, SAME_YEAR: same} for same in (True, False)])
    outcomes = validate(frame, [rule.expectation for rule in rules])
    assert [outcome.rows.to_list() for outcome in outcomes] == [[], [1], []]
