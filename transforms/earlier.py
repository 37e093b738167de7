"""Earlier numbers: what was accepted in a cycle, in one long frame, and what the numbers of later cycles stand beside.

A row is known again by its mission and its key, as that is compared, without days and years. Several rows may be alike
in that, such as those of several months. Rows that state totals are left out.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from config import Table
from config.earlier import SAME_YEAR, compared_numbers, known, year_of
from transforms.compared import compared

_LONG = {"mission": pl.String, "key": pl.String, "column": pl.String, "value": pl.Float64, "year": pl.Int64}
_ROW = ("mission", "key")
# so many rows that are alike are kept of a cycle: one a month
_LAST = 6


def numbers(staged: pl.LazyFrame, table: Table) -> pl.DataFrame:
    """Return the numbers of accepted rows, a row for each of them: mission, key, column, value, year.

    In: the accepted rows of a table, typed.
    """
    wanted, names = compared_numbers(table), staged.collect_schema().names()
    if not wanted:
        return pl.DataFrame(schema=_LONG)
    days = [name for name in table.key if name in table.columns_read and table.columns_read[name].type == "date"]
    year = year_of(table)
    in_time = list(dict.fromkeys(name for name in (year, *days, table.dated_by) if name))
    rows = staged.filter(~_is_total(table)).select(
        (pl.col("mission") if "mission" in names else pl.lit(None, pl.String)).fill_null("").alias("mission"),
        _key(table).alias("key"),
        *(pl.col(name).cast(pl.Float64) for name in wanted),
        *(pl.col(name).alias(f"_{at}") for at, name in enumerate(in_time)),
        year=(pl.col(year) if year else pl.lit(None)).cast(pl.Int64),
    )
    if in_time:
        rows = rows.sort(*(f"_{at}" for at in range(len(in_time))), maintain_order=True)
    last = rows.filter(pl.col("key").is_not_null()).group_by(_ROW, maintain_order=True).tail(_LAST)
    long = last.unpivot(wanted, index=[*_ROW, "year"], variable_name="column", value_name="value")
    return (
        long.filter(pl.col("value").is_not_null())
        .select(pl.col(name).cast(kind) for name, kind in _LONG.items())
        .sort(*_ROW, "column", maintain_order=True)
        .collect()
    )


def beside(typed: pl.LazyFrame, earlier: Mapping[int, pl.DataFrame], table: Table) -> pl.LazyFrame:
    """Add to typed rows what is known of their earlier numbers.

    In: the rows of a table, as transforms.standardise gives them; the numbers of earlier cycles, by the cycle's number.
    Out: the same rows in the same order; for each number the columns that config.earlier.KNOWN names, and whether the
    last numbers are of the year that the row is of.
    """
    every = [frame.with_columns(cycle=pl.lit(number, pl.Int64)) for number, frame in sorted(earlier.items())]
    long = pl.concat(every) if every else pl.DataFrame(schema={**_LONG, "cycle": pl.Int64})
    wide = long.select(*_ROW).unique(maintain_order=True)
    for name in compared_numbers(table):
        wide = wide.join(_summary(long.filter(pl.col("column") == name), name, table), on=_ROW, how="left")
    years = long.group_by(_ROW, maintain_order=True).agg(_year=pl.col("year").sort_by("cycle").last())
    wide = wide.join(years, on=_ROW, how="left").rename({"mission": "_of_mission", "key": "_of_key"})
    year = year_of(table)
    same_year = (pl.col(year) == pl.col("_year")).fill_null(False) if year else pl.lit(False)
    of_row = {"_of_mission": pl.col("mission").fill_null(""), "_of_key": pl.when(~_is_total(table)).then(_key(table))}
    return (
        typed.with_columns(**of_row)
        .join(wide.lazy(), on=["_of_mission", "_of_key"], how="left", maintain_order="left")
        .with_columns(same_year.alias(SAME_YEAR))
        .drop("_of_mission", "_of_key", "_year")
    )


def _summary(long: pl.DataFrame, name: str, table: Table) -> pl.DataFrame:
    """Sum up the earlier numbers of a column, row by row.

    The usual ones lie between the last and the median. Of nothing no ratio can be told: zeros can be last, and no more.
    """
    base = table.bounds(name).base
    value, positive = pl.col("value"), pl.col("value").filter(pl.col("value") > 0)
    logs = positive.clip(base).log()
    of = {
        "last": value.last(),
        "low": pl.min_horizontal(positive.last(), positive.median()),
        "high": pl.max_horizontal(positive.last(), positive.median()),
        "median": positive.median(),
        "spread": (logs - logs.median()).abs().median(),
        "times": positive.len().cast(pl.Int64),
        "then": pl.col("cycle").last(),
    }
    ordered = long.sort("cycle", maintain_order=True)
    return ordered.group_by(_ROW, maintain_order=True).agg(
        number.alias(known(name, what)) for what, number in of.items()
    )


def _key(table: Table) -> pl.Expr:
    """Return by what a row is known again in other cycles, beside its mission."""
    year = year_of(table)
    columns = table.columns_read
    names = [
        name for name in table.key if name in columns and columns[name].type not in ("date", "mission") and name != year
    ]
    parts = (compared(pl.col(name).cast(pl.String)) for name in names)
    return pl.concat_str([pl.lit(""), *parts], separator="\x1f")


def _is_total(table: Table) -> pl.Expr:
    """Tell which rows state the totals of others."""
    rows = [statement.total_row for statement in table.states if statement.total_row]
    return pl.any_horizontal(pl.lit(False), *((pl.col(of.column) == of.says).fill_null(False) for of in rows))
