from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Column, Table, load, normalised_header
from transforms.standardise import standardise

CONFIG = load()
NOTICAS = CONFIG.contracts["noticas"]


def typed(cells: list[str | None], **column: object) -> pl.DataFrame:
    table = Table(one_row_is="a row", columns={"cell": Column.model_validate(column)})
    text = pl.LazyFrame(
        {"cell": cells, "_file": ["f"] * len(cells), "_sheet": [None] * len(cells), "_row": range(len(cells))},
        schema_overrides={"cell": pl.String, "_sheet": pl.String},
    )
    return standardise(text, table, NOTICAS, CONFIG, {}).collect()


def values(cells: list[str | None], **column: object) -> list[object]:
    return typed(cells, **column)["cell"].to_list()


def test_words_in_number_cells_keep_their_meaning():
    words = {"None": "0", "Under Validation": "V", "No SOFA/SOMA": "M", "-----": "L"}
    frame = typed(["None", "under validation", "No SOFA/SOMA", "-----", "", None, "7"], type="count", words=words)
    assert frame["cell"].to_list() == [0, None, None, None, None, None, 7]
    assert frame["cell_obs_status"].to_list() == ["A", "V", "M", "L", "O", "O", "A"]


def test_counts():
    said = ["12", "12.0", " 1,234 ", "1 234", "1\u202f234\u00a0567", "12.5", "twelve", "-3", "1e3", "0.000"]
    assert values(said, type="count") == [12, 12, 1234, 1234, 1234567, None, None, -3, 1000, 0]
    assert not typed(said, type="count")["cell__unclear"].any()


@pytest.mark.parametrize("kind", ["count", "number"])
@pytest.mark.parametrize(
    "cell", ["2\n120", "2\t120", "2 \r\n 120", "2\u2028120", "2\u200b\n120", "2  120", "1 234,567", "1,234 567"]
)
def test_what_may_be_two_numbers_or_two_marks_is_none(cell: str, kind: str):
    frame = typed([cell, "7"], type=kind)
    assert frame.select("cell", "cell__unclear").rows() == [(None, True), (7, False)]


@pytest.mark.parametrize("cell", ["60.000", "218.000", "-1.234", "1.234.567", "1,234.567", "1234.000", "\u200f60.000"])
def test_a_count_with_three_decimals_may_be_thousands(cell: str):
    frame = typed([cell, "7", "12.0", "12.00", "12.0000"], type="count")
    assert frame["cell"].to_list() == [None, 7, 12, 12, 12]
    assert frame["cell__unclear"].to_list() == [True, False, False, False, False]
    # a share may well have three
    assert values(["60.125"], type="number") == [60.125]


@pytest.mark.parametrize("comma", ["37,5", "1.234,56", "0,125", "1 234,5", "12,3456"])
def test_where_commas_are_decimals_three_digits_behind_one_may_be_thousands(comma: str):
    for kind in ("count", "number"):
        frame = typed([comma, "3,430", "1,234,567", "7"], type=kind)
        assert frame["cell"].to_list() == [None, None, 1234567, 7]
        assert frame["cell__unclear"].to_list() == [False, True, False, False]
    assert values(["1,234", "3,430", "1,234.5"], type="number") == [1234, 3430, 1234.5]


def test_what_a_computer_adds_in_the_fifteenth_digit_is_no_part_of_a_count():
    said = ["83.00000000000001", "82.99999999999999", "0.1e-15", "83.4", "83.0001", "83.0000001", "999999999999.4"]
    assert values(said, type="count") == [83, 83, 0, None, None, None, None]


def test_days_in_seconds_or_milliseconds_are_read_by_the_size_of_all():
    def days(*cells: str) -> list[tuple[object, bool]]:
        frame = typed([*cells], type="date", formats=["iso", "epoch_ms"])
        return frame.select("cell", "cell__unclear").rows()

    of_2024, of_1948 = (date(2024, 1, 15), False), (date(1948, 7, 6), False)
    assert days("1705276800", "-678153600") == [of_2024, of_1948]
    assert days("1705276800000", "-678153600000", "2024-01-15") == [of_2024, of_1948, of_2024]
    # beside milliseconds, a whole day early in 1970 is one, and what is none may be seconds
    assert days("1705276800000", "1641600000") == [of_2024, (date(1970, 1, 20), False)]
    assert days("1705276800000", "1705276801") == [of_2024, (None, True)]
    # no such day
    assert days("170527680000000", "1705276800000") == [(None, False), of_2024]


def test_a_day_that_two_orders_of_day_and_month_give_differently_is_none():
    frame = typed(["3/4/2024", "30/4/2024", "4/30/2024", "4/4/2024"], type="date", formats=["dmy", "mdy"])
    assert frame["cell"].to_list() == [None, date(2024, 4, 30), date(2024, 4, 30), date(2024, 4, 4)]
    assert frame["cell__unclear"].to_list() == [True, False, False, False]


def test_percentages_that_are_all_below_one_may_be_shares_of_one():
    def of_one(*cells: str) -> list[bool]:
        return typed([*cells], type="number", unit="percent")["cell__of_one"].to_list()

    assert of_one("0.29", "0.05", "0", "0.375", "1") == [True, True, False, True, True]
    assert of_one("0.29", "0.05", "0.375", "12") == [False] * 4
    assert of_one("0.55", "0.4") == [False] * 2
    assert values(["0.29", "0.05", "0.375"], type="number", unit="percent") == [0.29, 0.05, 0.375]


def test_signs_that_nobody_sees_are_no_part_of_a_text():
    said = ["\u200fUNMISS", "Malicious\u00ad Act", "UN\ufeffIFIL\u200b", "\u200b", "Côte"]
    frame = typed(said, type="text")
    assert frame["cell"].to_list() == ["UNMISS", "Malicious Act", "UNIFIL", None, "Côte"]
    # a cell of nothing else is blank
    assert frame["cell__text"].to_list() == [*said[:3], None, "Côte"]


@pytest.mark.parametrize(
    ("form", "cell", "day"),
    [
        ("iso", "2024-04-30", date(2024, 4, 30)),
        ("iso", "2024-04-30 00:00:00", date(2024, 4, 30)),
        ("iso", "2024-04-30T13:00:00Z", date(2024, 4, 30)),
        ("iso", "30/04/2024", None),
        ("iso", "2024-02-30", None),
        ("epoch_ms", "-678153600000", date(1948, 7, 6)),
        ("epoch_ms", "1701129600000", date(2023, 11, 28)),
        ("epoch_ms", "2024", None),
        ("epoch_ms", "20240430", None),
        ("dmy", "30/4/2024", date(2024, 4, 30)),
        ("mdy", "4/30/2024", date(2024, 4, 30)),
    ],
)
def test_dates_in_the_formats_allowed(form, cell, day):
    assert values([cell], type="date", formats=[form]) == [day]


def test_null_tokens_are_the_contracts_and_no_others():
    assert values(["NA", "null", "None", "", "  ", "\u00a0"], type="text") == ["NA", "null", "None", None, None, None]


def test_spaces_around_and_inside():
    assert values(["Local ", " a\n b ", "x\u00a0y"], type="text") == ["Local", "a b", "x y"]


def test_listed_values_in_any_case():
    assert values(["MALICIOUS act", "Flu"], type="text", one_of=["Malicious Act"]) == ["Malicious Act", "Flu"]


def test_missions_by_alias():
    said = ["UNFIL", "unifil", "UNSecretariat", "UNAMA", "ATLANTIS"]
    assert values(said, type="mission") == ["UNIFIL", "UNIFIL", "UN Secretariat", "UNAMA", None]


def test_country_codes_are_three_characters():
    assert values(["4", "250.0", "004", "x", "1234"], type="m49") == ["004", "250", "004", None, None]


def test_yes_and_no_in_both_languages():
    assert values(["Y", "oui", "non", "N", "maybe", ""], type="yes_no") == [True, True, False, False, None, None]


def test_headers_compare_without_case_spaces_marks_and_breaks():
    assert {normalised_header(header) for header in ("\ufeffCasualty_ID", "casualty id ", "Casualty\nID")} == {
        "casualty_id"
    }


@pytest.mark.parametrize("kind", ["count", "number"])
@pytest.mark.parametrize("word", ["INF", "-inf", "Infinity", "NaN", "1e999", "1e30"])
def test_a_word_for_no_finite_number_is_no_number(word: str, kind: str) -> None:
    frame = typed([word, "7"], type=kind)
    assert frame["cell"].to_list() == [1e30 if (word, kind) == ("1e30", "number") else None, 7]
    assert frame["cell__text"].to_list() == [word, "7"]


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=30), st.sampled_from(["text", "count", "date", "m49"])
)
def test_rows_keep_their_number_and_order(cells, kind):
    frame = typed(cells, type=kind)
    assert frame["_row"].to_list() == list(range(len(cells)))
    # what was a value and is none any more still has its text, so that a rule can point at it
    lost = frame.filter(pl.col("cell").is_null() & pl.col("cell__text").is_not_null())
    assert kind != "text" or lost.is_empty() or all(not text.strip() for text in lost["cell__text"])


def test_a_count_of_more_than_twelve_digits_is_none():
    said = ["999999999999", "1000000000000", "9007199254740992", "9223372036854775807", "-9223372036854775808"]
    assert values(said, type="count") == [999_999_999_999, None, None, None, None]


@pytest.mark.parametrize(
    "cell", ["0000-01-01", "253402300800000", "-62135596800001", "99999999999999999", "9223372036854775807"]
)
def test_a_day_that_no_calendar_has_is_none(cell):
    assert values([cell, "9999-12-31"], type="date", formats=["iso", "epoch_ms"]) == [None, date(9999, 12, 31)]


def test_the_sign_of_percent_stands_behind_percentages_alone():
    assert values(["29%", "29.5 %", "29"], type="number", unit="percent") == [29, 29.5, 29]
    assert values(["29%", "29.5 %", "29"], type="number") == [None, None, 29]


def test_the_number_of_a_cycle_is_the_first_that_is_told():
    said = ["5", "Cycle 5 (Nov 2023 – Apr 2024)", "cycle", "9" * 20, None]
    assert values(said, type="cycle") == [5, 5, None, None, None]


def test_what_refers_to_a_row_is_marked_as_found_or_not_and_spelt_as_that_row_is():
    columns = {"unit_id": {"type": "text"}, "mission": {"type": "mission"}}
    units = Table.model_validate({"one_row_is": "a unit", "key": ["unit_id", "mission"], "columns": columns})
    done = units.model_copy(update={"refers_to": {"units": ("unit_id", "mission")}})

    def made(table: Table, *rows: tuple[str | None, str | None], **parents: pl.LazyFrame) -> pl.LazyFrame:
        text = pl.LazyFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row").with_columns(
            _file=pl.lit("f"), _sheet=pl.lit(None, pl.String), _row=pl.int_range(pl.len(), dtype=pl.UInt32)
        )
        return standardise(text, table, NOTICAS, CONFIG, parents)

    known = made(units, ("Bat-1", "UNMISS"), ("BAT-1", "UNMISS"), ("Bat-2", "UNIFIL"))
    asked = made(done, ("bat-1", "UNMISS"), ("Bat-1", "UNIFIL"), (None, "UNIFIL"), ("Bat-2", "UNIFIL"), units=known)
    assert asked.select("unit_id", "mission", "units__found").collect().rows() == [
        ("Bat-1", "UNMISS", True),
        ("Bat-1", "UNIFIL", False),
        (None, "UNIFIL", False),
        ("Bat-2", "UNIFIL", True),
    ]


def test_codes_are_held_against_those_of_the_country_beside():
    columns = {
        "country": {"type": "text", "country": True},
        "code": {"type": "m49", "of": "country"},
        "letters": {"type": "iso3", "of": "country"},
        "mission": {"type": "mission"},
    }
    table = Table.model_validate({"one_row_is": "a country", "columns": columns})
    rows = [("Ghana", "288", "FRA", "UNMISS"), ("Atlantis", None, None, None)]
    text = pl.LazyFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row").with_columns(
        _file=pl.lit("f"), _sheet=pl.lit(None, pl.String), _row=pl.int_range(pl.len(), dtype=pl.UInt32)
    )
    made = standardise(text, table, NOTICAS, CONFIG, {}).collect()
    beside = ("code__expected", "letters__expected", "mission__kind", "mission__start", "mission__end")
    assert made.select(beside).rows() == [
        ("288", "GHA", "peacekeeping operation", CONFIG.missions["UNMISS"].start, None),
        (None, None, None, None, None),
    ]
