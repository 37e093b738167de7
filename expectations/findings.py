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

from config import Language, Messages, Phrase, Waiver
from config.labels import as_compared
from expectations.columns import SCHEMA
from expectations.engine import validate
from expectations.messages import SUFFIX, in_french
from expectations.questions import sentence
from expectations.rule import Rule

NO_REASONS = pl.DataFrame(schema={"position": pl.UInt32, "reasons": pl.String})
ORDER = ("source", "table", "mission", "file", "sheet", "row", "column", "rule")
# from this many on, a rule that every row of a file breaks is told once, for the file
_ALL_ROWS = 10


class CannotJudge(Exception):
    """A rule could not be evaluated: a mistake in the rule or its contract, not in the data."""


@dataclass(frozen=True)
class Verdict:
    """What the gate found in a frame: positions of the rows it refuses, and the findings as SCHEMA says.

    `used` counts for each waiver, by its place, the failures that it let stand. `impossible` names for each column the
    missions, or ALL, in whose rows its value cannot be right; of a whole file one finding may tell.
    """

    refused: pl.Series
    findings: pl.DataFrame
    reasons: pl.DataFrame
    used: Mapping[str, int] = field(default_factory=dict)
    impossible: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def judge(
    frame: pl.LazyFrame,
    rules: Sequence[Rule],
    messages: Messages,
    *,
    source: str | None = None,
    table: str | None = None,
    key: Sequence[str] = (),
    waivers: Sequence[Waiver] = (),
    answered_in: str | None = None,
    streamed: bool = False,
) -> Verdict:
    """Hold a frame against rules.

    In: a frame with `_file`, `_sheet`, `_row` and `mission` (and `source`, `table` where they are not given), and the
    columns that the rules name; the texts that stand around what a rule tells; the columns by which a row is known
    again; the waivers in force, which let a finding stand without refusing its row; the column in which a source
    explains unusual numbers of its rows (`answered_in`), where there is one. `streamed` says that the frame is a scan
    of a file too large to be held.
    Out: positions (from 0) of rows that a critical rule refuses, findings, and for each refused position the names of
    the rules that refused it.
    Raises CannotJudge where Great Expectations could not evaluate a rule.
    """
    frame = frame.with_columns(rule.beside for rule in rules if rule.beside is not None)
    outcomes = validate(frame, [rule.expectation for rule in rules], streamed=streamed)
    for rule, outcome in zip(rules, outcomes, strict=True):
        if outcome.error:
            # what pandas says of an error may quote a cell
            why = outcome.error if outcome.native else "pandas could not evaluate it"
            raise CannotJudge(f"The rule '{rule.name}' could not be evaluated: {why}")
    failed = [(rule, outcome) for rule, outcome in zip(rules, outcomes, strict=True) if outcome.rows.len()]
    if not failed:
        return Verdict(_positions([]), pl.DataFrame(schema=SCHEMA), NO_REASONS)
    files = frame.select(pl.col("_file").cast(pl.Categorical)).collect().to_series()
    sizes = pl.DataFrame({"_file": files}).group_by("_file").len("_rows")
    failing = [_Failing.of(rule, outcome.rows, files, sizes, waivers) for rule, outcome in failed]
    places = _places(frame, failing, source, table, key, waivers, answered_in)
    failures = [_Failure(one, _waive(one.rule, places.of(one), waivers)) for one in failing]
    findings = pl.concat(_findings(one.rule, rows, messages) for one in failures for rows in one.parts)
    refusing = [one for one in failures if one.rule.severity == "critical"]
    used = Counter(place for one in failures for place in one.rows["_waiver"].drop_nulls())
    return Verdict(_positions(refusing), _identified(findings), _reasons(refusing), used, _impossible(frame, failing))


def recorded(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return findings that are no rule's verdict; `about` says what each is about, for its identity."""
    frame = pl.DataFrame(list(rows), schema={**SCHEMA, "about": pl.String})
    return _identified(frame.rename({"about": "_about"}))


def is_of_a_file(finding: Mapping[str, Any]) -> bool:
    """Tell whether a finding is of a whole file, whose first row alone it names, and not of that row."""
    parts = [finding[name] or "" for name in ("source", "table", "mission", "rule", "column")]
    return bool(finding["identity"] == _hash("\x1f".join([*parts, "file"])))


def _impossible(frame: pl.LazyFrame, failing: Iterable[_Failing]) -> dict[str, tuple[str, ...]]:
    """Return for each column the missions, or ALL, in whose rows its value cannot be right, told or not."""
    of: dict[str, set[str]] = {}
    for one in failing:
        if one.rule.impossible:
            missions = frame.select("mission").collect().to_series()[one.rows].fill_null("ALL").unique()
            of.setdefault(one.rule.impossible, set()).update(missions)
    return {column: tuple(sorted(missions)) for column, missions in sorted(of.items())}


def cell_text(name: str) -> pl.Expr:
    """Return a column's text as keys are compared: without the space around it, runs of space one."""
    return pl.col(name).cast(pl.String).str.replace_all(r"\s+", " ").str.strip_chars()


@dataclass(frozen=True)
class _Failing:
    """A rule, the positions of all rows that break it, and of those that are told, each with `_failing` and `_rows`.

    These are how many rows of its file break the rule, and how many rows the file has. Where a rule is told once for a
    file, its first row is enough, and a file may have millions.
    """

    rule: Rule
    rows: pl.Series
    told: pl.DataFrame

    @classmethod
    def of(
        cls, rule: Rule, rows: pl.Series, files: pl.Series, sizes: pl.DataFrame, waivers: Sequence[Waiver]
    ) -> _Failing:
        """Choose the rows that are told; `files` says in which file each row stands, `sizes` how many each has."""
        of_file = pl.DataFrame({"_position": rows, "_file": files[rows]})
        counts = of_file.group_by("_file").agg(pl.len().alias("_failing"), first=pl.col("_position").min())
        counts = counts.join(sizes, on="_file", how="left")
        counted = of_file.join(counts, on="_file", how="left", nulls_equal=True, maintain_order="left")
        once = pl.lit(rule.severity == "info") | _in_every_row()
        # a waiver may be about any of them
        waived = any(waiver.rule == rule.name for waiver in waivers)
        told = counted if waived else counted.filter(~once | (pl.col("_position") == pl.col("first")))
        return cls(rule, rows, told.drop("_file", "first"))


@dataclass(frozen=True)
class _Failure:
    """What breaks a rule, with the waiver of each row that is told, where there is one."""

    failing: _Failing
    rows: pl.DataFrame

    @property
    def rule(self) -> Rule:
        return self.failing.rule

    @property
    def held(self) -> pl.Series:
        """The positions of the rows that no waiver lets stand."""
        waived = self.rows.filter(pl.col("waived").is_not_null())["_position"]
        rows = self.failing.rows
        return rows.filter(~rows.is_in(waived.implode())) if waived.len() else rows

    @property
    def parts(self) -> list[pl.DataFrame]:
        """The rows that no waiver lets stand, and those of each waiver."""
        if self.rows["waived"].null_count() == self.rows.height:
            return [self.rows]
        # every row is told here, and each part is a matter of its own
        parts = self.rows.partition_by("waived", maintain_order=True)
        return [part.with_columns(_failing=pl.len().over("_file")) for part in parts]


def _in_every_row() -> pl.Expr:
    # rows that stand in no file are told one by one
    return ((pl.col("_failing") == pl.col("_rows")) & (pl.col("_rows") >= _ALL_ROWS)).fill_null(False)


@dataclass(frozen=True)
class _Places:
    """Where the rows stand that are told; `positions` says which of the frame they are, ascending."""

    positions: pl.Series
    rows: pl.DataFrame

    def of(self, failing: _Failing) -> pl.DataFrame:
        """Return the places of the rows that are told of a rule."""
        told = failing.told
        return self.rows[self.positions.search_sorted(told["_position"])].hstack(told.select("_failing", "_rows"))


def _places(
    frame: pl.LazyFrame,
    failing: Sequence[_Failing],
    source: str | None,
    table: str | None,
    key: Sequence[str],
    waivers: Sequence[Waiver],
    answered_in: str | None,
) -> _Places:
    """Return what findings say of each row: where it stands, what it is about, and the texts that waivers ask for."""
    names = frame.collect_schema().names()

    def text(column: str) -> pl.Expr:
        return cell_text(f"{column}__text" if f"{column}__text" in names else column)

    of_rules = {one.rule.detail for one in failing if one.rule.detail}
    questions = [one.rule.asks for one in failing if one.rule.asks]
    numbers = {number for asks in questions for number in asks.numbers}
    of_rows = {asks.row for asks in questions if asks.row}
    details = sorted({*of_rules, *(french for name in of_rules if (french := f"{name}_fr") in names)})
    given = {name: value for name, value in (("source", source), ("table", table)) if value is not None}
    asked = sorted({column for waiver in waivers for column in waiver.key} & set(names))
    answers = [answered_in] if questions and answered_in in names else []
    keys = [text(column) for column in key if column in names]
    row = pl.format("row {}", pl.col("_row"))
    about = pl.concat_str(pl.lit("key"), *keys, separator="\x1e") if keys else row
    positions = pl.concat([one.told["_position"] for one in failing]).unique().sort()
    given_by_rows = [name for name in ("source", "table") if name not in given]
    given_by_rows += ["_sha256"] if "_sha256" in names else []
    texts = [f"{name}__text" if f"{name}__text" in names else name for name in (*key, *asked) if name in names]
    wanted = dict.fromkeys(
        (
            *("_position", "_file", "_sheet", "_row", "mission"),
            *(*given_by_rows, *details, *texts, *numbers, *of_rows, *answers),
        )
    )
    # the texts are put together afterwards, in one piece: Polars fails at that where a piece of the frame has no row
    rows = (
        frame.with_row_index("_position")
        .filter(pl.col("_position").is_in(positions.implode()))
        .select(*wanted)
        .collect()
        .sort("_position")
        .rechunk()
    )
    places = rows.select(
        "_position",
        "_file",
        "_sheet",
        "_row",
        "mission",
        *given_by_rows,
        *(pl.col(name).cast(pl.String) for name in details),
        *(text(name).alias(f"_text_{name}") for name in asked),
        *(pl.col(name).alias(f"_asks_{name}") for name in sorted(numbers)),
        *(cell_text(name).alias(f"_asks_{name}") for name in sorted(of_rows - numbers)),
        *(cell_text(name).alias("_answer") for name in answers),
        _about=pl.coalesce(about, row, pl.lit("file")),
    ).with_columns(pl.lit(value).alias(name) for name, value in given.items())
    return _Places(positions, places)


def _waive(rule: Rule, rows: pl.DataFrame, waivers: Sequence[Waiver]) -> pl.DataFrame:
    """Add which waiver, if any, lets each of the rows that break a rule stand, and why."""
    place = why = pl.lit(None, pl.String)
    for waiver in waivers:
        # what answered one question about a number answers the next while that stays in its range
        meant_here = waiver.rule == rule.name or (waiver.between and rule.asks)
        if not meant_here or waiver.column not in {None, rule.column} or (waiver.between and not rule.asks):
            continue
        needed = [*(f"_text_{column}" for column in waiver.key), *(["_sha256"] if waiver.sha256 else [])]
        if not set(needed) <= set(rows.columns):
            continue
        meant = [pl.col("source") == waiver.source]
        meant += [pl.col("mission") == waiver.mission] if waiver.mission else []
        meant += [pl.col("table") == waiver.table] if waiver.table else []
        meant += [pl.col("_sha256") == waiver.sha256] if waiver.sha256 else []
        meant += [_alike(rows[f"_text_{column}"], value) for column, value in waiver.key.items()]
        meant += [_asked_of(rule, "value", rows).is_between(*waiver.between)] if waiver.between else []
        applies = reduce(and_, meant).fill_null(False)
        place = pl.coalesce(place, pl.when(applies).then(pl.lit(waiver.place)))
        why = pl.coalesce(why, pl.when(applies).then(pl.lit(waiver.why)))
    if rule.asks and "_answer" in rows.columns:
        whose = pl.coalesce("mission", "source")
        said = pl.col("_answer").replace("", None)
        why = pl.coalesce(why, pl.concat_str(whose, pl.lit(": "), said))
    return rows.with_columns(_waiver=place, waived=why)


def _alike(texts: pl.Series, value: str) -> pl.Expr:
    """Return which texts are compared as the value is: keys are known in any spelling."""
    wanted = as_compared(value)
    return pl.lit(texts.is_in([text for text in texts.drop_nulls().unique() if as_compared(text) == wanted]))


def _findings(rule: Rule, rows: pl.DataFrame, messages: Messages) -> pl.DataFrame:
    if rule.severity == "info":
        rows = _once_a_file(rows, messages.phrases["some_rows"])
    else:
        rows = pl.concat(
            [
                rows.filter(~_in_every_row()).with_columns(
                    pl.lit("").alias(f"_note{suffix}") for suffix in SUFFIX.values()
                ),
                _once_a_file(rows.filter(_in_every_row()), messages.phrases["every_row"]),
            ]
        )
    value, earlier = (_asked_of(rule, name, rows) for name in ("value", "earlier"))
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
        message=_message(rule, rows, "en", messages),
        remedy=pl.lit(rule.remedy),
        message_fr=_message(rule, rows, "fr", messages),
        remedy_fr=pl.lit(rule.remedy_fr or rule.remedy),
        waived="waived",
        value=value,
        earlier=earlier,
        _about="_about",
    )


def _asked_of(rule: Rule, which: str, rows: pl.DataFrame) -> pl.Expr:
    column = f"_asks_{getattr(rule.asks, which)}" if rule.asks else None
    return pl.col(column).cast(pl.Float64) if column in rows.columns else pl.lit(None, pl.Float64)


def _message(rule: Rule, rows: pl.DataFrame, language: Language, messages: Messages) -> pl.Expr:
    """Say what is wrong in a language: the rule's message, what completes it, how many rows it is true of."""
    if rule.asks and rule.question:
        asked = [
            sentence(
                getattr(rule.question, language),
                rule.asks,
                {name.removeprefix("_asks_"): value for name, value in row.items()},
                language,
                messages,
            )
            for row in rows.select(pl.selectors.starts_with("_asks_")).iter_rows(named=True)
        ]
        return pl.concat_str(pl.lit(pl.Series(asked, dtype=pl.String)), pl.col(f"_note{SUFFIX[language]}"))
    said, colon = (rule.message_fr or rule.message, "\u00a0:") if language == "fr" else (rule.message, ":")
    message = pl.lit(said)
    if rule.detail:
        begun = f"{said[:-1]}{colon}" if said.endswith(".") else said
        detail = pl.col(rule.detail)
        if language == "fr":
            details = rows[rule.detail].drop_nulls().unique().to_list()
            detail = detail.replace({one: in_french(one, messages) for one in details})
            # what names columns is said in both languages from the beginning
            detail = pl.coalesce(*([french] if (french := f"{rule.detail}_fr") in rows.columns else []), detail)
        message = pl.coalesce(pl.concat_str(pl.lit(f"{begun} "), detail, pl.lit(".")), message)
    return pl.concat_str(message, pl.col(f"_note{SUFFIX[language]}"))


def _once_a_file(rows: pl.DataFrame, note: Phrase) -> pl.DataFrame:
    """Keep the first row of each file and say how many there are; the finding is then about the file."""
    count = pl.col("_failing")
    notes = [
        pl.when(count > 1)
        .then(pl.format(f" {note.text(language)}".replace("{count}", "{}"), count))
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
    return pl.concat(one.held for one in refusing).unique().sort().alias("refused")


def _reasons(refusing: Sequence[_Failure]) -> pl.DataFrame:
    if not refusing:
        return NO_REASONS
    named = [pl.DataFrame({"position": one.held}).with_columns(reason=pl.lit(one.rule.name)) for one in refusing]
    return pl.concat(named).group_by("position").agg(reasons=pl.col("reason").sort().str.join("; ")).sort("position")
