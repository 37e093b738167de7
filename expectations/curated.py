"""Rules on the curated tables and across them. A critical one that fails keeps the release from being published.

All tables go through the gate as two frames, one of their keys and one of their numbers, since a suite has a fixed
cost and the tables are small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import great_expectations.expectations as gxe
import polars as pl
from great_expectations.expectations.row_conditions import Column as Cell

from config import Messages
from expectations.rule import Rule, told


def key_rules(messages: Messages) -> list[Rule]:
    """Return the rules on the frame that `keys` gives."""
    rules = [
        Rule(
            "key_is_unique",
            gxe.ExpectCompoundColumnsToBeUnique(
                column_list=["table", "key"], ignore_row_if="never", severity="critical"
            ),
            None,
        )
    ]
    return told(rules, messages)


def keys(tables: Mapping[str, pl.LazyFrame], key_of: Mapping[str, Sequence[str]]) -> pl.LazyFrame:
    """Return one row for each row of each table: the table and its key as one text.

    Of a table with very many rows it is only those whose key is not the only one of its kind.
    """
    parts = []
    for name, frame in tables.items():
        key = pl.concat_str(pl.col(*key_of[name]).cast(pl.String).fill_null("∅"), separator="·")
        placed = _placed(frame, name).select(*_PLACE, "table", key=key)
        many = frame.select(pl.len()).collect().item() > _MANY_ROWS
        parts.append(placed.filter(pl.col("key").is_duplicated()) if many else placed)
    return pl.concat(parts)


def number_rules(messages: Messages) -> list[Rule]:
    """Return the rules on the frame that `numbers` gives."""
    rules = [
        Rule(
            "number_is_not_negative",
            gxe.ExpectColumnValuesToBeBetween(column="value", min_value=0, severity="critical"),
            None,
            detail="column",
        ),
        Rule(
            "share_is_at_most_the_whole",
            gxe.ExpectColumnValuesToBeBetween(
                column="value", max_value=100, row_condition=Cell("unit") == "percent", severity="critical"
            ),
            None,
            detail="column",
        ),
    ]
    return told(rules, messages)


def numbers(tables: Mapping[str, pl.LazyFrame], unit_of: Mapping[tuple[str, str], str]) -> pl.LazyFrame:
    """Return one row for each number that has a unit; those that may be negative are left out."""
    parts = [
        _placed(tables[table], table).select(
            *_PLACE,
            "table",
            column=pl.lit(column),
            unit=pl.lit(unit),
            value=pl.col(column).cast(pl.Float64),
        )
        for (table, column), unit in unit_of.items()
        if table in tables and unit not in _BELOW_ZERO
    ]
    return pl.concat(parts)


def figure_rules(messages: Messages) -> list[Rule]:
    """Return the rules on the frame that `figures_with_sums` gives: a value or a reason, parts that make the whole."""
    rules = [
        Rule(
            "figure_has_a_value_or_a_reason",
            gxe.ExpectColumnValuesToNotBeNull(
                column="value",
                row_condition=(Cell("obs_status") == "A") | (Cell("obs_status") == "P"),
                severity="critical",
            ),
            "value",
            detail="figure",
        ),
        Rule(
            "missions_add_up_to_the_whole",
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="value",
                column_B="sum_of_missions",
                ignore_row_if="either_value_is_missing",
                severity="critical",
            ),
            "value",
            detail="figure",
        ),
    ]
    return told(rules, messages)


def figures_with_sums(figures: pl.LazyFrame) -> pl.LazyFrame:
    """Add to each figure of the whole the sum of its missions' values, where the figure is counted by mission."""
    sums = (
        figures.filter(pl.col("mission") != "ALL", pl.col("unit") != "percent")  # shares do not add up
        .group_by("figure")
        .agg(sum_of_missions=pl.when(pl.col("value").is_not_null().any()).then(pl.sum("value")))
        .with_columns(mission=pl.lit("ALL"))
    )
    return _placed(figures, "figures").join(sums, on=["figure", "mission"], how="left", maintain_order="left")


def statement_rules(messages: Messages) -> list[Rule]:
    """Return the rules on what sources state of whole figures, for the frame of figures.stated_by_sources."""
    rules = [
        Rule(
            "stated_figure_is_that_of_the_rows",
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="stated", column_B="computed", ignore_row_if="either_value_is_missing", severity="warning"
            ),
            None,
            detail="note",
        )
    ]
    return told(rules, messages)


def input_rules(messages: Messages) -> list[Rule]:
    """Return the rules on what was accepted of each source table: its newest date against the cycle's last day."""
    rules = [
        Rule(
            "data_reach_the_end_of_the_cycle",
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="newest",
                column_B="cycle_end",
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                severity="warning",
            ),
            None,
            detail="newest",
        )
    ]
    return told(rules, messages)


def scope_rules(messages: Messages) -> list[Rule]:
    """Return the rule that rows are of missions that figures count, for one row a file: `outside`, those that are not.

    It only informs: files are right to hold other missions too.
    """
    rules = [
        Rule(
            "rows_are_of_missions_that_count",
            gxe.ExpectColumnValuesToBeNull(column="outside", severity="info"),
            None,
            detail="outside",
        )
    ]
    return told(rules, messages)


# the keys of more are compared before they go through the gate, so that they need not be held as text
_MANY_ROWS = 1_000_000
# units of which there may be less than none: gaps between shares, changes, places on a map
_BELOW_ZERO = ("percentage points", "percent change", "degrees")
_PLACE = ("_file", "_sheet", "_row", "mission")


def _placed(frame: pl.LazyFrame, table: str) -> pl.LazyFrame:
    """Give the rows of a curated table a place that a finding can name."""
    return frame.with_columns(
        table=pl.lit(table),
        mission=pl.col("mission") if "mission" in frame.collect_schema() else pl.lit(None, pl.String),
        _file=pl.lit(None, pl.String),
        _sheet=pl.lit(None, pl.String),
        _row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    )
