"""From Great Expectations' outcomes to findings: one row for each thing wrong, with where it stands and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from expectations.engine import Outcome, validate
from expectations.rule import Rule

SCHEMA = {
    "source": pl.String,
    "table": pl.String,
    "mission": pl.String,
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.Int64,
    "column": pl.String,
    "rule": pl.String,
    "severity": pl.String,
    "message": pl.String,
    "remedy": pl.String,
}
ORDER = ("source", "table", "mission", "file", "sheet", "row", "column", "rule")
# from this many on, a rule that every row of a file breaks is told once, for the file
_ALL_ROWS = 10


class CannotJudge(Exception):
    """A rule could not be evaluated: a mistake in the rule or its contract, not in the data."""


@dataclass(frozen=True)
class Verdict:
    """What the gate found in a frame: positions of the rows it refuses, and the findings as SCHEMA says."""

    refused: pl.Series
    findings: pl.DataFrame
    reasons: pl.DataFrame


def judge(
    frame: pl.LazyFrame, rules: Sequence[Rule], *, source: str | None = None, table: str | None = None
) -> Verdict:
    """Hold a frame against rules.

    In: a frame with `_file`, `_sheet`, `_row` and `mission` (and `source`, `table` where they are not given), and the
    columns that the rules name. Out: positions (from 0) of rows that a critical rule refuses, findings, and for each
    refused position the names of the rules that refused it.
    Raises CannotJudge where Great Expectations could not evaluate a rule.
    """
    frame = frame.with_columns(rule.beside for rule in rules if rule.beside is not None)
    outcomes = validate(frame, [rule.expectation for rule in rules])
    for rule, outcome in zip(rules, outcomes, strict=True):
        if outcome.error:
            # what pandas says of an error may quote a cell
            why = outcome.error if outcome.native else "pandas could not evaluate it"
            raise CannotJudge(f"The rule '{rule.name}' could not be evaluated: {why}")
    failed = [(rule, outcome) for rule, outcome in zip(rules, outcomes, strict=True) if outcome.rows.len()]
    if not failed:
        nothing = pl.Series("refused", [], dtype=pl.UInt32)
        return Verdict(
            nothing, pl.DataFrame(schema=SCHEMA), pl.DataFrame(schema={"position": pl.UInt32, "reasons": pl.String})
        )
    details = sorted({rule.detail for rule, _ in failed if rule.detail})
    own = [name for name, given in (("source", source), ("table", table)) if given is None]
    places = frame.select(
        "_file", "_sheet", "_row", "mission", *own, *(pl.col(name).cast(pl.String) for name in details)
    ).collect()
    given = {name: value for name, value in (("source", source), ("table", table)) if value is not None}
    places = places.with_columns(pl.lit(value).alias(name) for name, value in given.items())
    sizes = places.group_by("_file").len("_rows")
    findings = pl.concat([_findings(rule, outcome, places, sizes) for rule, outcome in failed])
    critical = [(rule, outcome) for rule, outcome in failed if rule.severity == "critical"]
    return Verdict(_union(critical), findings.sort(ORDER), _reasons(critical))


def _findings(rule: Rule, outcome: Outcome, places: pl.DataFrame, sizes: pl.DataFrame) -> pl.DataFrame:
    rows = places[outcome.rows]
    if rule.severity == "info":
        rows = _once_a_file(rows, " Rows: ")
    else:
        counts = rows.group_by("_file").len("_failing").join(sizes, on="_file")
        everywhere = counts.filter((pl.col("_failing") == pl.col("_rows")) & (pl.col("_rows") >= _ALL_ROWS))["_file"]
        all_of_it = pl.col("_file").is_in(everywhere.to_list()).fill_null(False)
        rows = pl.concat(
            [
                rows.filter(~all_of_it).with_columns(_note=pl.lit("")),
                _once_a_file(rows.filter(all_of_it), " In every row: "),
            ]
        )
    message = pl.lit(rule.message)
    if rule.detail:
        begun = f"{rule.message[:-1]}:" if rule.message.endswith(".") else rule.message
        completed = pl.concat_str(pl.lit(f"{begun} "), pl.col(rule.detail), pl.lit("."))
        message = pl.coalesce(completed, message)
    return rows.select(
        "source",
        "table",
        "mission",
        file="_file",
        sheet="_sheet",
        row=pl.col("_row").cast(pl.Int64),
        column=pl.lit(rule.column, pl.String),
        rule=pl.lit(rule.name),
        severity=pl.lit(rule.severity),
        message=pl.concat_str(message, pl.col("_note")),
        remedy=pl.lit(rule.remedy),
    )


def _once_a_file(rows: pl.DataFrame, note: str) -> pl.DataFrame:
    """Keep the first row of each file and say how many there are."""
    counted = pl.when(pl.len().over("_file") > 1).then(
        pl.concat_str(pl.lit(note), pl.len().over("_file").cast(pl.String), pl.lit(", the first is named here."))
    )
    return rows.with_columns(_note=counted.fill_null("")).unique("_file", keep="first", maintain_order=True)


def _union(critical: Sequence[tuple[Rule, Outcome]]) -> pl.Series:
    if not critical:
        return pl.Series("refused", [], dtype=pl.UInt32)
    return pl.concat([outcome.rows.cast(pl.UInt32) for _, outcome in critical]).unique().sort().alias("refused")


def _reasons(critical: Sequence[tuple[Rule, Outcome]]) -> pl.DataFrame:
    if not critical:
        return pl.DataFrame(schema={"position": pl.UInt32, "reasons": pl.String})
    named = [
        pl.DataFrame({"position": outcome.rows.cast(pl.UInt32)}).with_columns(reason=pl.lit(rule.name))
        for rule, outcome in critical
    ]
    return pl.concat(named).group_by("position").agg(reasons=pl.col("reason").sort().str.join("; ")).sort("position")
