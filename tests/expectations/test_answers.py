"""Questions about numbers that are answered: by the coordinator's decision, or by the source beside the row."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from config import Waiver, load
from expectations.engine import asked
from expectations.findings import judge
from expectations.questions import Asks, answered_range, furthest, is_question, kind_of, sentence
from expectations.rule import Rule

MESSAGES = load().messages
OPEN = None


def asks(name: str = "share_fits_its_count") -> Rule:
    """Ask about each percent that is no whole number of people: 37 percent of four."""
    expectation = asked.ExpectShareOfAWholeNumber(column_list=["pct", "people"], severity="warning")
    return Rule(name, expectation, "pct", "It is odd.", "Correct it, or answer.", asks=Asks("pct", "people"))


def waived(
    rows: Sequence[tuple[str, float, int, str | None]], *waivers: Waiver, rule: Rule | None = None
) -> dict[str, str | None]:
    """Return by the names of the rows that are asked about who answered what."""
    schema = {"name": pl.String, "pct": pl.Float64, "people": pl.Int64, "why": pl.String}
    frame = pl.LazyFrame(rows, schema=schema, orient="row").with_columns(
        _file=pl.lit("f"),
        _sheet=pl.lit("S"),
        _row=pl.int_range(2, pl.len() + 2, dtype=pl.UInt32),
        mission=pl.lit("UNMISS"),
    )
    verdict = judge(
        frame, [rule or asks()], MESSAGES, source="s", table="t", key=["name"], waivers=waivers, answered_in="why"
    )
    assert verdict.refused.is_empty()
    names = {number: name for number, (name, *_) in enumerate(rows, start=2)}
    return {names[row]: said for row, said in verdict.findings.select("row", "waived").iter_rows()}


def answer(low: float, high: float, **more: object) -> Waiver:
    about = {"source": "s", "rule": "share_fits_its_count", "column": "pct", "reason": "two left", "owner": "Desk"}
    return Waiver.model_validate({**about, "between": (low, high), **more})


ODD = [("a", 37.0, 4, None), ("b", 62.0, 4, None), ("even", 50.0, 4, None)]


def test_a_question_is_open_until_somebody_answers() -> None:
    assert waived(ODD) == {"a": OPEN, "b": OPEN}


def test_an_answer_holds_for_its_row_and_while_the_number_stays_in_its_range() -> None:
    assert waived(ODD, answer(37, 37, key={"name": "a"})) == {"a": "Desk: two left", "b": OPEN}
    # of any row, from its one bound to the other
    assert waived(ODD, answer(37, 60)) == {"a": "Desk: two left", "b": OPEN}
    assert waived(ODD, answer(37, 62)) == {"a": "Desk: two left", "b": "Desk: two left"}
    assert waived(ODD, answer(38, 61)) == {"a": OPEN, "b": OPEN}
    assert waived(ODD, answer(0, 99, mission="UNIFIL")) == {"a": OPEN, "b": OPEN}


def test_an_answer_to_one_question_about_a_number_answers_the_others_about_it() -> None:
    assert waived(ODD, answer(0, 99), rule=asks("number_is_near_earlier_ones")) == dict.fromkeys("ab", "Desk: two left")
    assert waived(ODD, answer(0, 99, column="people")) == {"a": OPEN, "b": OPEN}


def test_an_answer_lets_no_fault_stand() -> None:
    rule = asks()
    fault = Rule(rule.name, rule.expectation, rule.column, rule.message, rule.remedy)
    assert waived(ODD, answer(0, 99), rule=fault) == {"a": OPEN, "b": OPEN}


def test_a_source_answers_beside_its_row() -> None:
    rows = [("a", 37.0, 4, " a new  centre "), ("b", 62.0, 4, "  "), ("even", 50.0, 4, "nothing odd here")]
    assert waived(rows) == {"a": "UNMISS: a new centre", "b": OPEN}
    # what was decided counts before it
    assert waived(rows, answer(37, 37))["a"] == "Desk: two left"


@pytest.mark.parametrize(
    ("rule", "value", "earlier", "between"),
    [
        ("number_is_near_earlier_ones", 58, 6, (6, 58)),
        ("number_is_near_earlier_ones", 6, 58, (6, 58)),
        ("number_is_near_earlier_ones", 6, None, (6, 6)),
        # the two numbers are of different things
        ("share_fits_its_count", 37, 4, (37, 37)),
    ],
)
def test_an_answer_holds_from_what_was_asked_about_to_what_that_was_held_against(rule, value, earlier, between) -> None:
    assert answered_range({"rule": rule, "value": value, "earlier": earlier}) == between


def test_the_most_unusual_number_is_asked_about_first() -> None:
    found = pl.DataFrame({"value": [20.0, 1.0, 5.0, 7.0], "earlier": [10.0, 100.0, None, 7.0]})
    assert found.sort(furthest(), nulls_last=True)["value"].to_list() == [1, 20, 7, 5]


def test_a_question_is_of_a_kind_of_its_own() -> None:
    rules = pl.DataFrame({"rule": ["share_fits_its_count", "cause_is_known"]})
    assert rules.select(is_question()).to_series().to_list() == [True, False]
    assert kind_of({"rule": "share_fits_its_count", "severity": "warning"}) == "question"
    assert kind_of({"rule": "cause_is_known", "severity": "warning"}) == "warning"


def test_a_question_names_its_row_and_both_numbers_in_the_readers_language() -> None:
    text = "Is {value}{row} right? In cycle {then} it was {earlier}."
    row = {"value": 12345.5, "last": None, "then": 4, "training": "Induction", "other": None}
    named, unnamed = Asks("value", "last", "then", "training"), Asks("value", "last", None, "other")
    assert sentence(text, named, row, "en", MESSAGES) == "Is 12,345.5 (Induction) right? In cycle 4 it was ."
    assert (
        sentence(text, named, row, "fr", MESSAGES) == "Is 12\u202f345,5 (Formation initiale) right? In cycle 4 it was ."
    )
    assert sentence(text, unnamed, row, "en", MESSAGES) == "Is 12,345.5 right? In cycle  it was ."
