"""A number written as the one before it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Language
from flows.documents.drafts.wording import NotWritten, in_words, number_in, written_like


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        ("914", 915, "915"),
        ("914", 1012, "1,012"),
        ("1914", 2012, "2012"),
        ("460k", 512345, "512k"),
        ("5,000", 6123, "6,123"),
        ("up from 511", 530, "up from 530"),
        ("nine", 12, "twelve"),
        ("Nine missions", 21, "Twenty-one missions"),
        ("nine", 101, "101"),
        ("37%", 38.4, "38%"),
        ("37 %", 38.4, "38 %"),
        ("37.5%", 38.46, "38.5%"),
        ("99%", 99.7, "99.7%"),
        ("99%", 100, "100%"),
        ("over 5000", 6123, "over 6000"),
        ("over 5000", 5999, "over 5000"),
        ("less than 500", 530, "less than 600"),
        ("approximately 914", 1012, "approximately 1,012"),
        ("approximately 900", 1012, "approximately 1,000"),
        ("1.6 million", 2345678, "2.3 million"),
        ("12\u00a0000", 13000, "13\u00a0000"),
        (" 914 ", 7, " 7 "),
    ],
)
def test_a_number_keeps_the_form_that_it_is_written_in(old: str, value: float, new: str) -> None:
    assert written_like(old, value) == new


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        ("neuf", 12, "douze"),
        ("Neuf", 71, "Soixante et onze"),
        ("soixante et onze", 80, "quatre-vingts"),
        ("six", 81, "quatre-vingt-un"),
        ("1,6 million", 2345678, "2,3 millions"),
        ("914", 1012, "1\u00a0012"),
        ("plus de 540", 583, "plus de 580"),
        ("3,5 %", 4.26, "4,3 %"),
    ],
)
def test_in_french_too(old: str, value: float, new: str) -> None:
    assert written_like(old, value, "fr") == new


def test_words_before_the_number_say_that_it_is_rounded_and_only_right_before_it() -> None:
    assert written_like("500", 640, around="UNMAS cleared over ") == "600"
    assert written_like("500", 640, around="over the past six months ") == "640"


@pytest.mark.parametrize(
    ("old", "value"),
    [
        ("many", 3),
        ("8 (up from 4)", 9),
        ("nine", 9.5),
        ("one", 2),
        ("nine", 1),
        ("460k", 0.2),
        ("914", -3),
        ("914", float("nan")),
    ],
)
def test_what_cannot_be_written_so_is_refused_with_the_reason(old: str, value: float) -> None:
    with pytest.raises(NotWritten, match=r"\w"):
        written_like(old, value)


@given(st.integers(0, 100), st.integers(0, 100), st.sampled_from(["en", "fr"]))
def test_numbers_in_words_are_read_as_they_are_written(old: int, new: int, language: Language) -> None:
    assert number_in(in_words(old, language), language) == old
    if old != 1 and new != 1:
        assert number_in(written_like(in_words(old, language), new, language), language) == new


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(["{}", "{:,}", "up from {}", "({:,})"]))
def test_whole_numbers_are_written_whole(old: int, new: int, form: str) -> None:
    assert number_in(written_like(form.format(old), new)) == new
