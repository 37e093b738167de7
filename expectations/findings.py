"""From Great Expectations' outcomes to findings: one row for each thing wrong, with where it stands and what to do."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any

import polars as pl

from config import Language, Waiver
from expectations.engine import validate
from expectations.messages import SUFFIX, catalogue, in_french
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
    "message_fr": pl.String,
    "remedy_fr": pl.String,
    "identity": pl.String,
    "waived": pl.String,
}
ORDER = ("source", "table", "mission", "file", "sheet", "row", "column", "rule")
# from this many on, a rule that every row of a file breaks is told once, for the file
_ALL_ROWS = 10


class CannotJudge(Exception):
    """A rule could not be evaluated: a mistake in the rule or its contract, not in the data."""


@dataclass(frozen=True)
class Verdict:
    """What the gate found in a frame: positions of the rows it refuses, and the findings as SCHEMA says.

    `used` counts for each waiver, by its place, the failures that it let stand.
    """

    refused: pl.Series
    findings: pl.DataFrame
    reasons: pl.DataFrame
    used: Mapping[str, int] = field(default_factory=dict)


def judge(
    frame: pl.LazyFrame,
    rules: Sequence[Rule],
    *,
    source: str | None = None,
    table: str | None = None,
    key: Sequence[str] = (),
    waivers: Sequence[Waiver] = (),
) -> Verdict:
    """Hold a frame against rules.

    In: a frame with `_file`, `_sheet`, `_row` and `mission` (and `source`, `table` where they are not given), and the
    columns that the rules name; the columns by which a row is known again; the waivers in force, which let a finding
    stand without refusing its row. Out: positions (from 0) of rows that a critical rule refuses, findings, and for
    each refused position the names of the rules that refused it.
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
        return Verdict(_positions([]), pl.DataFrame(schema=SCHEMA), _reasons([]))
    places = _places(frame, [rule for rule, _ in failed], source, table, key, waivers)
    sizes = places.group_by("_file").len("_rows")
    failures = [_Failure(rule, _waive(rule, places[outcome.rows], waivers)) for rule, outcome in failed]
    findings = pl.concat(_findings(one.rule, rows, sizes) for one in failures for rows in one.parts)
    refusing = [one for one in failures if one.rule.severity == "critical"]
    used = Counter(place for one in failures for place in one.rows["_waiver"].drop_nulls())
    return Verdict(_positions(refusing), _identified(findings), _reasons(refusing), used)


def recorded(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return findings that are no rule's verdict; `about` says what each is about, for its identity."""
    frame = pl.DataFrame(list(rows), schema={**SCHEMA, "about": pl.String})
    return _identified(frame.rename({"about": "_about"}))


def cell_text(name: str) -> pl.Expr:
    """Return a column's text as keys are compared: without the space around it, runs of space one."""
    return pl.col(name).cast(pl.String).str.replace_all(r"\s+", " ").str.strip_chars()


@dataclass(frozen=True)
class _Failure:
    """A rule and the places of the rows that break it, with the waiver of each, where there is one."""

    rule: Rule
    rows: pl.DataFrame

    @property
    def held(self) -> pl.DataFrame:
        return self.rows.filter(pl.col("waived").is_null())

    @property
    def parts(self) -> list[pl.DataFrame]:
        """The rows that no waiver lets stand, and those of each waiver."""
        return self.rows.partition_by("waived", maintain_order=True)


def _places(
    frame: pl.LazyFrame,
    rules: Sequence[Rule],
    source: str | None,
    table: str | None,
    key: Sequence[str],
    waivers: Sequence[Waiver],
) -> pl.DataFrame:
    """Return what findings say of each row: where it stands, what it is about, and the texts that waivers ask for."""
    names = frame.collect_schema().names()

    def text(column: str) -> pl.Expr:
        return cell_text(f"{column}__text" if f"{column}__text" in names else column)

    details = sorted({rule.detail for rule in rules if rule.detail})
    given = {name: value for name, value in (("source", source), ("table", table)) if value is not None}
    asked = sorted({column for waiver in waivers for column in waiver.key} & set(names))
    keys = [text(column) for column in key if column in names]
    row = pl.format("row {}", pl.col("_row"))
    about = pl.concat_str(pl.lit("key"), *keys, separator="\x1e") if keys else row
    return (
        frame.select(
            "_file",
            "_sheet",
            "_row",
            "mission",
            *(name for name in ("source", "table") if name not in given),
            *(pl.col(name).cast(pl.String) for name in details),
            *(text(name).alias(f"_text_{name}") for name in asked),
            _about=pl.coalesce(about, row, pl.lit("file")),
        )
        .with_columns(pl.lit(value).alias(name) for name, value in given.items())
        .with_row_index("_position")
        .collect()
    )


def _waive(rule: Rule, rows: pl.DataFrame, waivers: Sequence[Waiver]) -> pl.DataFrame:
    """Add which waiver, if any, lets each of the rows that break a rule stand, and why."""
    place = why = pl.lit(None, pl.String)
    for waiver in waivers:
        if waiver.rule != rule.name or waiver.column not in {None, rule.column}:
            continue
        if not all(f"_text_{column}" in rows.columns for column in waiver.key):
            continue
        meant = [pl.col("source") == waiver.source]
        meant += [pl.col("mission") == waiver.mission] if waiver.mission else []
        meant += [pl.col("table") == waiver.table] if waiver.table else []
        meant += [pl.col(f"_text_{column}") == value for column, value in waiver.key.items()]
        applies = reduce(and_, meant).fill_null(False)
        place = pl.coalesce(place, pl.when(applies).then(pl.lit(waiver.place)))
        why = pl.coalesce(why, pl.when(applies).then(pl.lit(waiver.why)))
    return rows.with_columns(_waiver=place, waived=why)


def _findings(rule: Rule, rows: pl.DataFrame, sizes: pl.DataFrame) -> pl.DataFrame:
    if rule.severity == "info":
        rows = _once_a_file(rows, "some_rows")
    else:
        counts = rows.group_by("_file").len("_failing").join(sizes, on="_file")
        everywhere = counts.filter((pl.col("_failing") == pl.col("_rows")) & (pl.col("_rows") >= _ALL_ROWS))["_file"]
        all_of_it = pl.col("_file").is_in(everywhere.to_list()).fill_null(False)
        rows = pl.concat(
            [
                rows.filter(~all_of_it).with_columns(pl.lit("").alias(f"_note{suffix}") for suffix in SUFFIX.values()),
                _once_a_file(rows.filter(all_of_it), "every_row"),
            ]
        )
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
        message=_message(rule, rows, "en"),
        remedy=pl.lit(rule.remedy),
        message_fr=_message(rule, rows, "fr"),
        remedy_fr=pl.lit(rule.remedy_fr or rule.remedy),
        waived="waived",
        _about="_about",
    )


def _message(rule: Rule, rows: pl.DataFrame, language: Language) -> pl.Expr:
    """Say what is wrong in a language: the rule's message, what completes it, how many rows it is true of."""
    said, colon = (rule.message_fr or rule.message, "\u00a0:") if language == "fr" else (rule.message, ":")
    message = pl.lit(said)
    if rule.detail:
        begun = f"{said[:-1]}{colon}" if said.endswith(".") else said
        detail = pl.col(rule.detail)
        if language == "fr":
            details = rows[rule.detail].drop_nulls().unique().to_list()
            detail = detail.replace({one: in_french(one) for one in details})
        message = pl.coalesce(pl.concat_str(pl.lit(f"{begun} "), detail, pl.lit(".")), message)
    return pl.concat_str(message, pl.col(f"_note{SUFFIX[language]}"))


def _once_a_file(rows: pl.DataFrame, note: str) -> pl.DataFrame:
    """Keep the first row of each file and say how many there are; the finding is then about the file."""
    count = pl.len().over("_file")
    notes = [
        pl.when(count > 1)
        .then(pl.format(f" {catalogue().phrases[note].text(language)}".replace("{count}", "{}"), count))
        .otherwise(pl.lit(""))
        .alias(f"_note{suffix}")
        for language, suffix in SUFFIX.items()
    ]
    once = rows.with_columns(notes).unique("_file", keep="first", maintain_order=True)
    return once.with_columns(_about=pl.lit("file"))


def _identified(findings: pl.DataFrame) -> pl.DataFrame:
    """Give each finding the identity by which later refreshes know it again.

    It is of what is wrong with what, not of where that stands: a row that moves, or a file that is sent again under
    another name, keeps it. Of findings that are alike in that, such as a row's second copy, each has its own.
    """
    ordered = findings.sort(*ORDER, "message")
    parts = [pl.col(name).fill_null("") for name in ("source", "table", "mission", "rule", "column", "_about")]
    said = ordered.select(what=pl.concat_str(*parts, separator="\x1f"))
    said = said.with_columns(time=pl.int_range(pl.len()).over("what"))
    identities = [_hash(f"{what}\x1f{time}" if time else what) for what, time in said.iter_rows()]
    return ordered.with_columns(identity=pl.Series(identities, dtype=pl.String)).select(list(SCHEMA))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _positions(refusing: Sequence[_Failure]) -> pl.Series:
    if not refusing:
        return pl.Series("refused", [], dtype=pl.UInt32)
    held = [one.held["_position"].cast(pl.UInt32) for one in refusing]
    return pl.concat(held).unique().sort().alias("refused")


def _reasons(refusing: Sequence[_Failure]) -> pl.DataFrame:
    if not refusing:
        return pl.DataFrame(schema={"position": pl.UInt32, "reasons": pl.String})
    named = [
        one.held.select(position=pl.col("_position").cast(pl.UInt32), reason=pl.lit(one.rule.name)) for one in refusing
    ]
    return pl.concat(named).group_by("position").agg(reasons=pl.col("reason").sort().str.join("; ")).sort("position")
