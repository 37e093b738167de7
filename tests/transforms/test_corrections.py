"""Corrections of text: the cell that is meant and no other."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Correction
from transforms.corrections import correct, flag

TEXT = pl.LazyFrame(
    {"id": ["1", "2", "3", None], "cause": ["Ilness", "Ilness", "Illness", None], "mission": ["A", "B", "A", "A"]}
)


def correction(key: dict[str, str], from_: str | None, to: str | None, column: str = "cause") -> Correction:
    said: dict[str, Any] = {"source": "s", "table": "t", "key": key, "column": column, "from": from_, "to": to}
    return Correction.model_validate({**said, "reason": "Misspelt.", "owner": "Coordinator"})


def corrected(*corrections: Correction, text: pl.LazyFrame = TEXT) -> pl.DataFrame:
    return correct(text, corrections).collect()


def test_only_the_row_that_is_meant_is_corrected_and_it_is_said_where() -> None:
    found = corrected(correction({"id": "2"}, "Ilness", "Illness"))
    assert found["cause"].to_list() == ["Ilness", "Illness", "Illness", None]
    assert found[flag(0)].to_list() == [False, True, False, False]
    assert found.drop("cause", flag(0)).equals(TEXT.drop("cause").collect())


def test_a_key_of_several_columns_means_rows_that_have_all_of_them() -> None:
    found = corrected(correction({"cause": "Ilness", "mission": "A"}, "A", "C", "mission"))
    assert found["mission"].to_list() == ["C", "B", "A", "A"]


def test_a_key_may_mean_several_rows() -> None:
    assert corrected(correction({"cause": "Ilness"}, "Ilness", "Illness"))[flag(0)].sum() == 2


def test_where_the_source_has_mended_it_nothing_is_changed() -> None:
    found = corrected(correction({"id": "3"}, "Ilness", "Accident"))
    assert found["cause"].equals(TEXT.collect()["cause"])
    assert not found[flag(0)].any()


@pytest.mark.parametrize("blank", ["", None])
def test_a_blank_cell_is_filled_in_and_a_cell_made_blank(blank: str | None) -> None:
    found = corrected(correction({"mission": "A"}, blank, "Accident"), correction({"id": "1"}, "Ilness", None))
    assert found["cause"].to_list() == [None, "Ilness", "Illness", "Accident"]


def test_space_does_not_matter() -> None:
    text = pl.LazyFrame({"id": [" 1\u00a0", "2 "], "cause": ["Malicious\n  act ", "Malicious act"]})
    found = corrected(
        correction({"id": "1"}, " Malicious  act", "Accident"),
        correction({"id": " 2"}, "Malicious act", "X"),
        text=text,
    )
    assert found["cause"].to_list() == ["Accident", "X"]


def test_a_later_correction_sees_what_an_earlier_one_wrote() -> None:
    found = corrected(correction({"id": "1"}, "Ilness", "Illness"), correction({"id": "1"}, "Illness", "Accident"))
    assert found["cause"][0] == "Accident"
    assert [found[flag(number)][0] for number in range(2)] == [True, True]


def test_the_column_of_the_key_may_be_corrected() -> None:
    assert corrected(correction({"id": "1"}, "1", "7", "id"))["id"].to_list() == ["7", "2", "3", None]
    # a key that says otherwise than the cell means no row
    assert not corrected(correction({"id": "1"}, "2", "7", "id"))[flag(0)].any()


def test_without_corrections_the_text_is_as_it_was() -> None:
    assert corrected().equals(TEXT.collect())


CELL = st.sampled_from([None, "", "a", "b"])


@given(st.lists(st.tuples(CELL, CELL)), CELL.filter(bool), CELL, CELL)
def test_all_else_stays(rows: list[tuple[str | None, str | None]], key: str, from_: str | None, to: str | None) -> None:
    text = pl.LazyFrame(rows, schema={"id": pl.String, "cause": pl.String}, orient="row")
    found = corrected(correction({"id": key}, from_, to), text=text)
    meant = [one == key and (cell or "") == (from_ or "") for one, cell in rows]
    assert found[flag(0)].to_list() == meant
    assert found["cause"].to_list() == [to if hit else cell for hit, (_, cell) in zip(meant, rows, strict=True)]
