"""Cells of numbers and dates that can be read in more than one way, and what the rest of their file says of them.

What is ambiguous is no value: `218.000` may be 218 or 218 thousand, `3,430` may be three and a half or three thousand,
a day may be counted in seconds or in milliseconds. Where a file's other cells say how its office writes, that decides;
where they do not, the cell is refused and nobody guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from config import Column, Contract, Table
from config.unclear import has_both_orders, is_percent

# signs that nobody sees: zero-width ones, directions of writing, soft hyphens, byte-order marks
INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
# one kind of mark for thousands in a number
_THOUSANDS = r"(?:(?:,\d{3})+|(?: \d{3})+|(?:'\d{3})+)"
GROUPED = rf"^[-+]?[1-9]\d{{0,2}}{_THOUSANDS}(?:\.\d+)?$"
# a line break, a tab or several spaces between digits: two numbers in a cell, or one
_TWO_NUMBERS = r"\d\s*(?:[\t\n\x0b\x0c\r\u{85}\u{2028}\u{2029}]| {2})\s*\d"
# marks of two kinds, of which one may be the decimal one
_TWO_MARKS = r"^[-+]?\d{1,3}(?:[ ,']\d{3})*(?: \d{3}[,']|,\d{3}[ ']|'\d{3}[ ,])\d{3}(?:[ ,']\d{3})*(?:\.\d+)?$"
# not 0.000: nothing is nothing, whatever the mark
_THREE_DECIMALS = r"^[-+]?0*[1-9]\d*(?:[ ,'.]\d{3})*\.\d{3}$"
# a raised or lowered figure is the mark of a note, or a power
_RAISED = r"\d\s*[⁰¹²³⁴-⁹₀-₉]"
_UNCLEAR = {
    "count": f"{_TWO_NUMBERS}|{_TWO_MARKS}|{_THREE_DECIMALS}|{_RAISED}",
    "number": f"{_TWO_NUMBERS}|{_TWO_MARKS}|{_RAISED}",
}
_ONE_COMMA = r"^[-+]?[1-9]\d{0,2},\d{3}$"
_DECIMAL_COMMA = r"^[-+]?(?:\d[\d. ]*,(?:\d{1,2}|\d{4,})|(?:0|\d{4,}|\d{1,3}(?:[. ]\d{3})+),\d{3})\s*%?$"
# from here on a number is one of milliseconds: as seconds it would be a day after the year 2100
_SECONDS_UNTIL = 4_102_444_800
_DAY = 86_400_000
# a file with fewer shares says nothing of how they are written
_FEWEST_SHARES = 3


# what all tables of a file together say of it: its commas are decimal ones, its percentages are shares of one
DECIMAL_COMMAS, SHARES_OF_ONE = HABITS = ("decimal_commas", "shares_of_one")


@dataclass(frozen=True)
class Habits:
    """How files write: those with decimal commas, and for a column those with milliseconds, or with shares of one."""

    decimal_commas: frozenset[str] = frozenset()
    milliseconds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shares_of_one: Mapping[str, frozenset[str]] = field(default_factory=dict)


def of_file(tables: Mapping[str, pl.DataFrame], contract: Contract) -> tuple[str, ...]:
    """Return which of HABITS a file has, from the text of all its tables."""
    numbers, shares = [], [pl.Series([], dtype=pl.Float64)]
    for name, text in tables.items():
        for column, definition in contract.tables[name].columns_read.items():
            if definition.type in ("count", "number"):
                numbers.append(text[column].filter(text[column].str.contains(",", literal=True)).str.strip_chars())
            if is_percent(definition):
                shares.append(text[column].cast(pl.Float64, strict=False))
    share = pl.concat(shares).drop_nulls()
    below = int(share.is_between(0, 1, closed="none").sum())
    known = {
        DECIMAL_COMMAS: any(cells.str.contains(_DECIMAL_COMMA).any() for cells in numbers),
        SHARES_OF_ONE: below >= _FEWEST_SHARES and bool((share <= 1).all()),
    }
    return tuple(habit for habit, has in known.items() if has)


def habits(text: pl.LazyFrame, table: Table, *, streamed: bool = False) -> Habits:
    """Return how the files of a table write, from all their cells; these are gone through once, `streamed` in parts.

    In: the table's columns as text, without spaces around it, `_file`, and where it is known `_habits`, what `of_file`
    says of the file, parted by spaces.
    """
    numbers = [name for name, column in table.columns_read.items() if column.type in ("count", "number")]
    days = [
        name for name, column in table.columns_read.items() if "epoch_ms" in column.formats and column.type == "date"
    ]
    shares = [name for name, column in table.columns_read.items() if is_percent(column)]
    asked: list[pl.Expr] = []
    if numbers:
        # most cells have no comma, which is seen much faster
        with_comma = [pl.col(name).filter(pl.col(name).str.contains(",", literal=True)) for name in numbers]
        commas = [cells.str.contains(_DECIMAL_COMMA).any().fill_null(False) for cells in with_comma]
        asked.append(pl.any_horizontal(commas).alias("commas"))
    asked += [(_epoch(name).abs() >= _SECONDS_UNTIL).any().alias(f"milliseconds {name}") for name in days]
    for name in shares:
        share = pl.col(name).cast(pl.Float64, strict=False)
        below = share.is_between(0, 1, closed="none").sum()
        asked.append(((below >= _FEWEST_SHARES) & (share.max() <= 1)).alias(f"shares {name}"))
    if not asked:
        return Habits()
    known = pl.col("_habits").first() if "_habits" in text.collect_schema() else pl.lit("")
    of_all_tables = [known.str.contains(habit, literal=True).alias(habit) for habit in HABITS]
    by_file = (
        text.group_by("_file").agg(*asked, *of_all_tables).collect(engine="streaming" if streamed else "in-memory")
    )

    def files(*signs: str) -> frozenset[str]:
        return frozenset(by_file.filter(pl.any_horizontal(signs))["_file"])

    return Habits(
        files("commas", DECIMAL_COMMAS) if numbers else frozenset(),
        {name: files(f"milliseconds {name}") for name in days},
        {name: files(f"shares {name}", SHARES_OF_ONE) for name in shares},
    )


def seen(text: str) -> str:
    """Return a text without the signs that nobody sees."""
    return text.translate(dict.fromkeys(map(ord, INVISIBLE)))


def without_invisible(text: pl.Expr) -> pl.Expr:
    """Return a column's texts without the signs that nobody sees."""

    def of(some: pl.Series) -> pl.Series:
        # they take several bytes, and in most columns no letter does
        if (some.str.len_bytes() == some.str.len_chars()).all():
            return some
        return some.str.replace_all(f"[{INVISIBLE}]", "")

    return text.map_batches(of, return_dtype=pl.String, is_elementwise=True)


def unclear(name: str, column: Column, known: Habits) -> pl.Expr:
    """Return whether a cell, as text, can be read in more than one way."""
    cell = pl.col(name)
    if column.type == "date":
        ways = [pl.lit(False)]
        if "epoch_ms" in column.formats:
            ways.append(_in(known.milliseconds[name]) & ~_is_milliseconds(name))
        if has_both_orders(column):
            ways.append(day_month(name, "%d/%m/%Y") != day_month(name, "%m/%d/%Y"))
        return pl.any_horizontal(ways).fill_null(False)
    several = cell.str.contains(_UNCLEAR[column.type])
    if known.decimal_commas:
        several |= _in(known.decimal_commas) & cell.str.contains(_ONE_COMMA)
    return several.fill_null(False)


def of_epoch(name: str, known: Habits) -> pl.Expr:
    """Return the day of a number of seconds or milliseconds since 1970, by the size of all such numbers of its file."""
    number = _epoch(name)
    milliseconds = pl.when(_is_milliseconds(name)).then(pl.from_epoch(number, "ms"))
    seconds = pl.from_epoch(pl.when(number.abs() < _SECONDS_UNTIL).then(number), "s").cast(pl.Datetime("ms"))
    day = pl.when(_in(known.milliseconds[name])).then(milliseconds).otherwise(seconds).dt.date()
    return pl.when(day.dt.year().is_between(1900, 2100)).then(day)


def day_month(name: str, form: str) -> pl.Expr:
    """Return the day of a text such as 30/4/2024, in one order of day and month."""
    written = pl.col(name).str.extract(r"^(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})$").str.replace_all(r"[.-]", "/")
    return written.str.to_date(form, strict=False)


def share_of_one(name: str, known: Habits, expected: pl.Expr | None) -> pl.Expr:
    """Return whether a number that should be in percent is a share of one: 0.29 for 29 percent.

    In: a typed column, with its text; where the row says part and base, the percentage that these give.
    """
    share = pl.col(name)
    looks = _in(known.shares_of_one[name])
    if expected is not None:
        as_it_stands = (share - expected).abs() <= 0.5
        hundredfold = 100 * share
        # 0.6 may have been 0.55
        rounding = pl.when(hundredfold == (10 * share).round(0) * 10).then(5.0).otherwise(0.5)
        otherwise = (hundredfold - expected).abs() <= rounding + 1e-9
        looks = (looks | otherwise.fill_null(False)) & ~as_it_stands.fill_null(False)
    # 0.5% says itself that it is in percent
    says_so = pl.col(f"{name}__text").str.contains("%", literal=True)
    return (looks & (share > 0) & (share <= 1) & ~says_so).fill_null(False)


def _in(files: frozenset[str]) -> pl.Expr:
    return pl.col("_file").is_in(sorted(files)) if files else pl.lit(False)


def _epoch(name: str) -> pl.Expr:
    # nine digits or more, so that a bare year or 20240430 is never taken for a day of 1970
    return pl.col(name).str.extract(r"^(-?\d{9,15}|0)(?:\.0)?$").cast(pl.Int64, strict=False)


def _is_milliseconds(name: str) -> pl.Expr:
    # beside larger ones a small number is a day early in 1970; of seconds one in a thousand would be a whole day
    number = _epoch(name)
    return (number.abs() >= _SECONDS_UNTIL) | (number % _DAY == 0)
