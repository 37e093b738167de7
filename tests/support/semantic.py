"""Whether a set of tables is a star that a reporting tool can take as it is: what is wrong with it, in sentences.

What a table is said to be (its key, what it refers to) is taken from the data dictionary, what it is from its file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import pandas as pd
import polars as pl

from flows.documents import dictionary
from transforms.relations import references

# numbers that are no measures: they order, or name a point in time or in a list
ORDINALS = (
    "cycle",
    "reporting_cycle",
    "year",
    "calendar_year",
    "year_reported",
    "quarter",
    "month_number",
    "priority",
    "status_order",
)
# they have their unit in a column beside them
IN_UNIT_OF_ROW = ("value", "previous", "change", "previous_first", "unrounded", "previous_unrounded")


def problems(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Say what keeps tables from being a star with whole references, one grain a table, and types."""
    entries = dictionary.entries()
    for name, table in tables.items():
        entry = entries[name]
        if table.select(entry.key).is_duplicated().any() or table.select(entry.key).null_count().row(0) != (0,) * len(
            entry.key
        ):
            yield f"{name}: the key {', '.join(entry.key)} is not unique, or blank"
        if entry.dimension != ("cycle" not in table.columns) and name != "cycles":
            yield f"{name}: has cycle or not, against what it is"
        for column, (other, key) in references(name, table.columns).items():
            lost = set(table[column].drop_nulls()) - set(tables[other][key])
            if lost:
                yield f"{name}.{column}: {sorted(lost)[:3]} are not in {other}.{key}"
        for column, kind in table.schema.items():
            said = entry.fields[column]
            if not said.description:
                yield f"{name}.{column}: has no description"
            measure = kind.is_numeric() and column not in (*ORDINALS, *IN_UNIT_OF_ROW) and not column.endswith("_order")
            if measure and not said.unit:
                yield f"{name}.{column}: has no unit"


def objects(paths: Mapping[str, str]) -> Iterator[str]:
    """Say which columns pandas has no type for, of Parquet files by table, read as docs/connect.md says."""
    for name, path in paths.items():
        frame = pd.read_parquet(path, dtype_backend="pyarrow")
        yield from (f"{name}.{column}" for column, kind in frame.dtypes.items() if str(kind) == "object")


def mixed_grain(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Say which tables of facts have rows of a whole beside rows of its parts; `figures` is left as it was."""
    for name, table in tables.items():
        if name in ("figures", "missions"):
            continue
        for column, kind in table.schema.items():
            if kind == pl.String and set(table[column].drop_nulls().str.to_uppercase()) & {
                "ALL",
                "TOTAL",
                "GRAND TOTAL",
            }:
                yield f"{name}.{column}: has rows of the whole"


def totals(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Say which figures that are said to add up over missions do not, where each of their numbers is known."""
    adds_up = tables["figure_definitions"].filter("adds_up_over_missions")["figure"].to_list()
    on = ["cycle", "figure"]
    parts = (
        tables["figures_by_mission"]
        .filter(pl.col("figure").is_in(adds_up))
        .group_by(on)
        .agg(pl.col("value").sum().alias("parts"), hidden=(pl.col("obs_status") == "Q").any())
        .filter(~pl.col("hidden"))
    )
    both = parts.join(tables["figures_total"].filter(pl.col("value").is_not_null()), on=on)
    for cycle, figure, added, whole in (
        both.filter(pl.col("parts") != pl.col("value")).select(*on, "parts", "value").rows()
    ):
        yield f"{figure} of cycle {cycle}: missions add up to {added}, not to {whole}"
    if not both.height:
        yield "no figure was held against its parts"


def detected(tables: Mapping[str, pl.DataFrame]) -> set[tuple[str, str, str]]:
    """Return the relationships that Power BI detects: columns of one name and type in two tables, unique in one.

    As (table of many rows, table of one row a value, column), where all values of the one are in the other.
    """
    found = set()
    for left, right in combinations(sorted(tables), 2):
        for column in set(tables[left].columns) & set(tables[right].columns):
            a, b = tables[left][column], tables[right][column]
            for many, one, side in ((left, right, b), (right, left, a)):
                values, known = (set(tables[table][column].drop_nulls()) for table in (many, one))
                unique = a.dtype == b.dtype and not side.is_duplicated().any() and not side.has_nulls()
                # where each value stands once on both sides, the longer list is the one that is referred to
                if unique and values and (values < known or (values == known and tables[many].height > len(known))):
                    found.add((many, one, column))
    return found
