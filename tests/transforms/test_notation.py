"""Which cells can be read in more than one way, and what their file says of them: at the bounds and beyond."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from config import Column, Contract, Table
from tests.transforms.frames import typed
from transforms.notation import (
    Habits,
    day_month,
    habits,
    of_epoch,
    of_file,
    seen,
    share_of_one,
    unclear,
    without_invisible,
)

NUMBER, COUNT = Column(type="number"), Column(type="count")
PERCENT = Column(type="number", unit="percent")
DAY, TIME = Column(type="date", formats=("dmy", "mdy")), Column(type="date", formats=("iso", "epoch_ms"))
TABLE = Table.model_validate(
    {
        "one_row_is": {"en": "a row"},
        "columns": {"n": COUNT, "m": NUMBER, "d": TIME, "p": PERCENT, "text": Column(type="text")},
    }
)


def value(expression: pl.Expr, **cells: str | None) -> object:
    """What an expression gives for one row of texts."""
    return pl.DataFrame([cells], schema=dict.fromkeys(cells, pl.String)).select(expression).item()


# How files write


def of_cells(column: str, *cells: str | None) -> Habits:
    """What the cells of one column say of their file."""
    rows = pl.LazyFrame({name: list(cells) if name == column else [None] * len(cells) for name in TABLE.columns})
    return habits(rows.cast(pl.String).with_columns(_file=pl.lit("f")), TABLE)


@pytest.mark.parametrize("column", ["n", "m", "p"])
def test_one_comma_that_can_only_be_a_decimal_one_is_enough(column: str) -> None:
    assert of_cells(column, "3,430", None, "12", "3,5").decimal_commas == {"f"}
    assert of_cells(column, "0,430").decimal_commas == {"f"}
    # thousands, or nothing at all
    assert of_cells(column, "3,430", "12").decimal_commas == set()
    assert of_cells(column, None).decimal_commas == set()
    assert of_cells("text", "3,5").decimal_commas == set()


def test_one_day_in_milliseconds_says_it_of_all() -> None:
    # as seconds the second is the first day of the year 2100
    assert of_cells("d", "1714435200", "4102444799").milliseconds == {"d": set()}
    assert of_cells("d", "1714435200", "4102444800").milliseconds == {"d": {"f"}}
    assert of_cells("d", "-4102444800").milliseconds == {"d": {"f"}}


def test_three_shares_below_one_and_none_above_say_that_all_are_shares_of_one() -> None:
    assert of_cells("p", "0.1", "0.2", "0.3").shares_of_one == {"p": {"f"}}
    assert of_cells("p", "0.1", "0.2", "0.3", "1", "0", None).shares_of_one == {"p": {"f"}}
    assert of_cells("p", "0.1", "0.2", "0.3", "1.01").shares_of_one == {"p": set()}
    # nothing and all are written the same either way
    assert of_cells("p", "0.1", "0.2", "1", "0").shares_of_one == {"p": set()}
    assert of_cells("m", "0.1", "0.2", "0.3").shares_of_one == {"p": set()}


def test_each_file_has_its_own_habits_and_those_of_its_other_tables() -> None:
    rows = typed("_file n m d p text _habits", ("f", "3,5", *[None] * 5), ("g", "3", *[None] * 5)).with_columns(
        _habits=pl.when(pl.col("_file") == "g").then(pl.lit("shares_of_one")).otherwise(pl.lit("decimal_commas"))
    )
    assert habits(rows, TABLE) == Habits(frozenset({"f"}), {"d": frozenset()}, {"p": frozenset({"g"})})
    all_of_g = rows.with_columns(_habits=pl.lit("decimal_commas shares_of_one")).filter(pl.col("_file") == "g")
    assert habits(all_of_g, TABLE) == Habits(frozenset({"g"}), {"d": frozenset()}, {"p": frozenset({"g"})})
    assert (
        habits(rows, Table.model_validate({"one_row_is": {"en": "a"}, "columns": {"text": Column(type="text")}}))
        == Habits()
    )
    # dates in other forms are no numbers of seconds
    days = Table.model_validate({"one_row_is": {"en": "a"}, "columns": {"d": DAY}})
    assert habits(rows, days) == Habits()


def contract(**columns: Column) -> Contract:
    return Contract.model_validate(
        {
            "source": "s",
            "title": {"en": "S", "fr": "S"},
            "owner": "O",
            "contact": ["o@example.org"],
            "classification": "unclassified",
            "sent_by": "headquarters",
            "due_days": 1,
            "tables": {
                name: {"one_row_is": {"en": "a row"}, "columns": {name: column}} for name, column in columns.items()
            },
        }
    )


def test_the_habits_of_a_file_are_those_of_all_its_tables_together() -> None:
    of = contract(n=COUNT, m=NUMBER, p=PERCENT, q=PERCENT, text=Column(type="text"))

    def said(**cells: list[str | None]) -> tuple[str, ...]:
        return of_file(
            {name: pl.DataFrame({name: texts}, schema={name: pl.String}) for name, texts in cells.items()}, of
        )

    assert said(n=["3", None], text=["3,5"]) == ()
    assert said(n=["3,430", "4"], m=["3,5 ", "3,430"]) == ("decimal_commas",)
    assert said(n=["3,430"]) == ()
    assert said(p=["0.1", "0.2"], q=["0.3", "1", None]) == ("shares_of_one",)
    assert said(p=["0.1", "0.2"], q=["1", "0"]) == ()
    assert said(p=["0.1", "0.2", "0.3"], q=["1.5"]) == ()
    assert said(p=["0.1", "0.2", "0.3"], m=["0,5"]) == ("decimal_commas", "shares_of_one")
    assert said(m=["0.1", "0.2", "0.3"]) == ()


# What nobody sees


def test_signs_that_nobody_sees_are_left_out() -> None:
    assert seen("a\u200bb\ufeff c\u00ad") == "ab c"
    cells = pl.DataFrame({"cell": ["a\u200bb", "é", None, "plain"]})
    assert cells.select(without_invisible(pl.col("cell")))["cell"].to_list() == ["ab", "é", None, "plain"]
    assert cells.tail(1).select(without_invisible(pl.col("cell")))["cell"].to_list() == ["plain"]


# What can be read in two ways


@pytest.mark.parametrize(
    ("cell", "of_count", "of_number"),
    [
        ("218", False, False),
        ("218.000", True, False),
        ("0.000", False, False),
        ("21.80", False, False),
        ("12  34", True, True),
        ("12 345", False, False),
        ("1,234 567", True, True),
        ("12 ³", True, True),
        (None, False, False),
    ],
)
def test_numbers_that_may_be_two(cell: str | None, of_count: bool, of_number: bool) -> None:
    assert value(unclear("n", COUNT, Habits()), n=cell, _file="f") is of_count
    assert value(unclear("n", NUMBER, Habits()), n=cell, _file="f") is of_number


@pytest.mark.parametrize(
    ("file", "cell", "said"),
    [("f", "3,430", True), ("g", "3,430", False), ("f", "3430", False), ("f", "0,430", False), ("f", None, False)],
)
def test_three_digits_behind_a_comma_are_two_things_where_commas_are_decimal_ones(
    file: str, cell: str | None, said: bool
) -> None:
    assert value(unclear("n", COUNT, Habits(decimal_commas=frozenset({"f"}))), n=cell, _file=file) is said


@pytest.mark.parametrize(
    ("cell", "said"),
    [("3/4/2024", True), ("4/4/2024", False), ("30/4/2024", False), ("4/30/2024", False), ("x", False), (None, False)],
)
def test_a_day_whose_month_may_be_the_other_number(cell: str | None, said: bool) -> None:
    assert value(unclear("d", DAY, Habits()), d=cell, _file="f") is said
    # in one order it is clear
    assert value(unclear("d", Column(type="date", formats=("dmy",)), Habits()), d=cell, _file="f") is False


@pytest.mark.parametrize(
    ("file", "cell", "said"),
    [
        ("f", "1714435201", True),
        ("g", "1714435201", False),
        ("f", "1714435200000", False),
        # a whole day of milliseconds
        ("f", "1728000000", False),
        ("f", "2024-04-30", False),
        ("f", None, False),
    ],
)
def test_seconds_beside_milliseconds(file: str, cell: str | None, said: bool) -> None:
    known = Habits(milliseconds={"d": frozenset({"f"})})
    assert value(unclear("d", TIME, known), d=cell, _file=file) is said


# Days


@pytest.mark.parametrize(
    ("file", "cell", "day"),
    [
        ("seconds", "1714435200", date(2024, 4, 30)),
        ("seconds", "1714435200.0", date(2024, 4, 30)),
        ("seconds", "1714435200.5", None),
        ("seconds", "-315619200", date(1960, 1, 1)),
        ("seconds", "4102444799", date(2099, 12, 31)),
        ("seconds", "4102444800", None),
        ("seconds", "0", date(1970, 1, 1)),
        # eight digits are a day of another form
        ("seconds", "20240430", None),
        ("seconds", None, None),
        ("milliseconds", "1714435200000", date(2024, 4, 30)),
        ("milliseconds", "1714435200", None),
        ("milliseconds", "4102444800", date(1970, 2, 17)),
        ("milliseconds", "864000000", date(1970, 1, 11)),
        ("milliseconds", "0", date(1970, 1, 1)),
        ("milliseconds", "-2208988800000", date(1900, 1, 1)),
        ("milliseconds", "-2208988800001", None),
        ("milliseconds", "4133980799000", date(2100, 12, 31)),
        ("milliseconds", "4133980800000", None),
    ],
)
def test_numbers_of_seconds_and_milliseconds(file: str, cell: str | None, day: date | None) -> None:
    known = Habits(milliseconds={"d": frozenset({"milliseconds"})})
    assert value(of_epoch("d", known), d=cell, _file=file) == day


@pytest.mark.parametrize(
    ("cell", "form", "day"),
    [
        ("30/4/2024", "%d/%m/%Y", date(2024, 4, 30)),
        ("03.04.2024", "%d/%m/%Y", date(2024, 4, 3)),
        ("3-4-2024", "%m/%d/%Y", date(2024, 3, 4)),
        ("31/4/2024", "%d/%m/%Y", None),
        ("30/4/24", "%d/%m/%Y", None),
        ("on 30/4/2024", "%d/%m/%Y", None),
    ],
)
def test_days_in_one_order(cell: str, form: str, day: date | None) -> None:
    assert value(day_month("d", form), d=cell) == day


# Shares


@pytest.mark.parametrize(
    ("share", "text", "in_habit", "else_"),
    [
        (0.29, "0.29", True, False),
        (1.0, "1", True, False),
        (1.01, "1.01", False, False),
        (0.0, "0", False, False),
        (-0.5, "-0.5", False, False),
        (0.5, "0.5%", False, False),
        (0.5, None, False, False),
        (None, "0.5", False, False),
    ],
)
def test_shares_where_the_file_writes_shares_of_one(
    share: float | None, text: str | None, in_habit: bool, else_: bool
) -> None:
    known = Habits(shares_of_one={"p": frozenset({"f"})})
    frame = pl.DataFrame(
        {"p": [share] * 2, "p__text": [text] * 2, "_file": ["f", "g"]},
        schema={"p": pl.Float64, "p__text": pl.String, "_file": pl.String},
    )
    assert frame.select(share_of_one("p", known, None)).to_series().to_list() == [in_habit, else_]


@pytest.mark.parametrize(
    ("share", "expected", "in_habit", "else_"),
    [
        (0.29, 29.0, True, True),
        # half a percent off, as far as 29 may have been rounded; and a little more
        (0.29, 29.5, True, True),
        (0.29, 28.5, True, True),
        (0.29, 29.51, True, False),
        (0.29, 33.0, True, False),
        # 0.6 may have been 0.55 or 0.65
        (0.6, 55.0, True, True),
        (0.6, 65.0, True, True),
        (0.6, 54.9, True, False),
        (0.6, 65.5, True, False),
        # as it stands it is what part and base give
        (0.5, 1.0, False, False),
        (0.5, 0.0, False, False),
        (0.5, 1.01, True, False),
        (1.0, 100.0, True, True),
        # part and base say nothing
        (0.6, None, True, False),
    ],
)
def test_shares_beside_their_part_and_base(share: float, expected: float | None, in_habit: bool, else_: bool) -> None:
    known = Habits(shares_of_one={"p": frozenset({"f"})})
    frame = pl.DataFrame(
        {"p": [share] * 2, "p__text": ["written"] * 2, "_file": ["f", "g"], "expected": [expected] * 2},
        schema_overrides={"expected": pl.Float64},
    )
    assert frame.select(share_of_one("p", known, pl.col("expected"))).to_series().to_list() == [in_habit, else_]
