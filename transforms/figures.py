"""The report's figures, from the curated tables and their definitions in figures.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import polars as pl

from config import Cycle, Figure
from config.parts import OfFigures
from transforms import rounding
from transforms.catalogue import staged_for
from transforms.certainty import NOT_REPORTED, WHOLE, Certainty, Known, certainty
from transforms.dictionary import FieldEntry, TableEntry
from transforms.made_of import columns_counted
from transforms.wording import exact

ENTRY = TableEntry(
    name="figures",
    description="The report's figures in long form; one row a figure and mission, ALL for the whole of peacekeeping.",
    fields={
        "cycle": FieldEntry("Number of the cycle.", kind=pl.Int64()),
        "figure": FieldEntry("Name of the figure, as in config/figures.yaml.", kind=pl.String()),
        "mission": FieldEntry("Acronym of the mission, or ALL for the whole of peacekeeping.", kind=pl.String()),
        "value": FieldEntry(
            "Value in the unit of the row, as the report prints it: rounded once, half away from zero; a percentage is "
            "0 or 100 only where it is none or all, and has decimals else (99.6). Empty where there is none, as "
            "obs_status says.",
            kind=pl.Float64(),
        ),
        "unit": FieldEntry("Unit of value, previous and change.", kind=pl.String()),
        "previous": FieldEntry("Value of the previous cycle, as it prints it.", kind=pl.Float64()),
        "change": FieldEntry(
            "Unrounded value less unrounded previous one, of a percentage in points; of the two as they are printed "
            "where one has no unrounded value. Empty where the two cannot be compared, not_compared says why.",
            kind=pl.Float64(),
        ),
        "as_of": FieldEntry("Last day that the figure counts.", kind=pl.Date()),
        "obs_status": FieldEntry(
            "SDMX observation status: A normal, P provisional, V unvalidated, M cannot exist, "
            "L exists but was not collected, Q suppressed, O missing.",
            kind=pl.String(),
        ),
        "source": FieldEntry("Source that it is made from, as in the table sources.", kind=pl.String()),
        "missions_in": FieldEntry(
            "Missions that reported what the figure is made of; empty where no mission is asked, and for one mission.",
            "missions",
            kind=pl.Int64(),
        ),
        "missions_expected": FieldEntry("Missions that were to report it in the cycle.", "missions", kind=pl.Int64()),
        "rows_refused": FieldEntry(
            "Rows that were not accepted of the tables that the figure is made from.", "rows", kind=pl.Int64()
        ),
        "in_doubt": FieldEntry(
            "What is open in accepted files that the figure is made from, and may make it wrong.",
            "findings",
            kind=pl.Int64(),
        ),
        "questions": FieldEntry(
            "Numbers that the figure is made of and of which a source is asked whether they are right, open still.",
            "questions",
            kind=pl.Int64(),
        ),
        "answers": FieldEntry("What sources answered of unusual numbers that it is made of.", kind=pl.String()),
        "window": FieldEntry(
            "What the figure counts: a cycle, a year, since a date, or snapshot, all that there is. Only what counts a "
            "cycle may be added up over cycles: two of them may tell the same year.",
            kind=pl.String(),
        ),
        "year": FieldEntry(
            "Calendar year that the figure counts; empty where it counts no calendar year.", kind=pl.Int64()
        ),
        "window_start": FieldEntry("First day that the figure counts; empty where it has none.", kind=pl.Date()),
        "window_end": FieldEntry("Last day that the figure's window has.", kind=pl.Date()),
        "previous_start": FieldEntry("First day that the previous value counts.", kind=pl.Date()),
        "previous_end": FieldEntry("Last day that the previous value counts.", kind=pl.Date()),
        "previous_status": FieldEntry("SDMX observation status of the previous value.", kind=pl.String()),
        "previous_first": FieldEntry(
            "What was first published as the previous value, where that was another one.", kind=pl.Float64()
        ),
        "not_compared": FieldEntry("Why value and previous are not compared.", kind=pl.String()),
        "accepted": FieldEntry("Why a value that is not certain is accepted as it is, and by whom.", kind=pl.String()),
        "unrounded": FieldEntry(
            "Value before it is rounded, to compute with; to show, take value. Empty for a share of a table whose "
            "small numbers are suppressed, since they could be computed from it.",
            kind=pl.Float64(),
        ),
        "previous_unrounded": FieldEntry(
            "Previous value before it was rounded; empty where the previous release does not give it.",
            kind=pl.Float64(),
        ),
    },
    key=("cycle", "figure", "mission"),
    source="config/figures.yaml",
    rule="Each figure's window, condition and value stand in config/figures.yaml.",
    imputed="Zero where what a figure counts was sent and holds none of it, and where all missions answered that there "
    "is none; a share of nothing is left empty.",
)
SCHEMA = ENTRY.schema
STATEMENTS = {
    "figure": pl.String,
    "table": pl.String,
    "what": pl.String,
    "stated": pl.Float64,
    "computed": pl.Float64,
    "note": pl.String,
}
_ROW = {"mission": pl.String, "value": pl.Float64, "obs_status": pl.String}
# what tells of a figure how large it is, and is not told where that is suppressed
TELLING = ("value", "previous", "change", "unrounded", "previous_unrounded", "answers")
# what is known once the period before is
_OF_PREVIOUS = (
    "previous_start",
    "previous_end",
    "previous_status",
    "previous_first",
    "not_compared",
    "accepted",
    "previous_unrounded",
)
# all that report have said that there is none
_NONE_AT_ALL = pl.DataFrame([("ALL", 0.0, "A")], schema=_ROW, orient="row")
_YES = pl.lit(True)
_NOT_FINAL = ("P", "V", "O", "Q")
# the kinds of windows, by the first word of how figures.yaml names them
_KINDS = {"since": "since", "last": "year", "snapshot": "snapshot"}


def former_names(definitions: Mapping[str, Figure], cycle: Cycle, *, ever: bool = False) -> dict[str, str]:
    """Return, by the name that it has, the former name of each figure that is found under both in a cycle.

    `{year}` in a former name is the last calendar year that was over when the cycle ended. `ever` gives those too that
    are found no more, for a release of the cycle that was made while they were.
    """
    return {
        name: definition.formerly.name.replace("{year}", str(cycle.last_calendar_year))
        for name, definition in definitions.items()
        if definition.formerly and (ever or cycle.number <= definition.formerly.found_to)
    }


def under_both_names(table: pl.DataFrame, former: Mapping[str, str]) -> pl.DataFrame:
    """Return a table of figures, from whichever time, in which each that was renamed has its rows under both names."""
    there, more = set(table["figure"]), []
    for name, old in former.items():
        for has, lacks in ((name, old), (old, name)):
            if has in there and lacks not in there:
                more.append(table.filter(pl.col("figure") == has).with_columns(figure=pl.lit(lacks)))
    return pl.concat([table, *more]).sort("figure", pl.col("mission") != "ALL", "mission") if more else table


def figures(
    curated: Mapping[str, pl.LazyFrame],
    config: OfFigures,
    cycle: Cycle,
    newest: Mapping[str, date],
    gaps: Mapping[str, Collection[str]],
    as_of: date | None = None,
    known: Mapping[str, Known] | None = None,
) -> pl.DataFrame:
    """Compute every figure of a cycle; what is of the previous one is empty.

    A figure is V where a value that cannot be right is in it, P where a row or a mission that belongs to it is not, L
    where it lacks missions that left it blank, and A where nothing of this is so.

    In: the curated tables; for each staged table the date of its newest data (`newest`), what is missing of it
    (`gaps`: the reporting missions that sent nothing, `{"ALL"}` where nothing of the source is in), and what else is
    known of its rows; the as-of date where one is asked for.
    Out: a frame as SCHEMA says, sorted by figure and mission, ALL first.
    """
    rows: list[pl.DataFrame] = []
    for name, definition in config.figures.items():
        upstream = staged_for(definition.table)
        columns = curated[definition.table].collect_schema().names()
        sure = certainty(
            definition, columns, upstream, gaps, known or {}, min(window(definition, cycle, cycle.end)[1], cycle.end)
        )
        dated = [newest[table] for table in upstream if table in newest]
        data_as_of = max(dated, default=cycle.end)
        start, end = window(definition, cycle, min(data_as_of, as_of) if as_of else data_as_of)
        # what has no days of its own counts its whole window, whatever the day that is asked for
        until = min(end, as_of) if as_of and len(dated) == len(upstream) else end
        rows.append(
            valued(definition, curated[definition.table], start, end, sure).select(
                pl.lit(cycle.number, pl.Int64).alias("cycle"),
                pl.lit(name).alias("figure"),
                "mission",
                rounding.as_shown("value", definition.decimals, definition.unit),
                rounding.as_it_is("value").alias("unrounded"),
                pl.lit(definition.unit).alias("unit"),
                pl.lit(None, pl.Float64).alias("previous"),
                pl.lit(None, pl.Float64).alias("change"),
                pl.lit(until, pl.Date).alias("as_of"),
                "obs_status",
                pl.lit(definition.source).alias("source"),
                "missions_in",
                "missions_expected",
                "rows_refused",
                "in_doubt",
                "questions",
                "answers",
                pl.lit(_KINDS.get(definition.window.split()[0], "cycle")).alias("window"),
                pl.lit(end.year if definition.is_yearly else None, pl.Int64).alias("year"),
                pl.lit(start, pl.Date).alias("window_start"),
                pl.lit(end, pl.Date).alias("window_end"),
                *(pl.lit(None, SCHEMA[name]).alias(name) for name in _OF_PREVIOUS),
            )
        )
    frame = pl.concat(rows).select(list(SCHEMA)) if rows else pl.DataFrame(schema=SCHEMA)
    return frame.cast(SCHEMA).sort("figure", pl.col("mission") != "ALL", "mission")  # type: ignore[arg-type]


def window(definition: Figure, cycle: Cycle, data_as_of: date) -> tuple[date | None, date]:
    """Return the first and last day that a figure counts; None where it has no first day."""
    match definition.window.split():
        case ["since", first]:
            return date.fromisoformat(first), data_as_of
        case ["last", "calendar", "year"]:
            return date(cycle.last_calendar_year, 1, 1), date(cycle.last_calendar_year, 12, 31)
        case ["snapshot"]:
            return None, data_as_of
        case _:
            return cycle.start, cycle.end


def counted_rows(definition: Figure, table: pl.LazyFrame, start: date | None, end: date) -> pl.Expr:
    """Return the condition for the rows of a figure's table that it counts: its window and its `where`."""
    kept = pl.sql_expr(definition.where) if definition.where else pl.lit(True)
    if definition.dated_by is None:
        return kept
    day = pl.col(definition.dated_by)
    if table.collect_schema()[definition.dated_by].is_integer():  # a table by year
        return kept & (day <= end.year) & (day >= start.year if start else pl.lit(True))
    return kept & (day <= end) & (day >= start if start else pl.lit(True))


def stated_by_sources(
    now: pl.DataFrame, staged: Mapping[str, pl.LazyFrame], config: OfFigures, cycle: Cycle
) -> pl.DataFrame:
    """Hold the figures against what the sources state of them themselves.

    In: the figures with previous values, and the staged tables that the sources' statements stand in.
    Out: one row a statement: `figure`, `table` and `what` (value or previous value), `stated`, `computed` rounded as
    the figure is, `note` (what the stated number is, where that can be told).
    """
    rows = []
    by_figure = {row["figure"]: row for row in now.filter(pl.col("mission") == "ALL").iter_rows(named=True)}
    for name, definition in config.figures.items():
        figure = by_figure[name]
        for what, statement in (("value", definition.stated), ("previous", definition.stated_previous)):
            if statement is None:
                continue
            said = staged[statement.table].select(pl.sql_expr(statement.value).cast(pl.Float64).alias("said")).collect()
            stated = said["said"][0]
            if stated is not None and figure[what] is not None:
                note = f"{definition.title.of_year(cycle.last_calendar_year).en}: {_told(what, stated, figure)}"
                rows.append((name, statement.table, what, stated, figure[what], note))
    frame = pl.DataFrame(rows, schema=STATEMENTS, orient="row")
    return frame.with_columns(rounding.as_shown(name) for name in ("stated", "computed"))


def _told(what: str, stated: float, figure: Mapping[str, Any]) -> str:
    if what == "previous":
        return f"the source states {exact(stated)} of the previous cycle, whose release gives {exact(figure[what])}"
    numbers = f"the source states {exact(stated)}, its rows give {exact(figure[what])}"
    if stated == figure["previous"]:
        return f"{numbers}; {exact(stated)} is the previous cycle's value"
    return numbers


def valued(definition: Figure, table: pl.LazyFrame, start: date | None, end: date, sure: Certainty) -> pl.DataFrame:
    """Return what a figure is over a window of its table, how sure that is, and of how many missions."""
    counted = table.filter(counted_rows(definition, table, start, end))
    rows = _rows(definition, counted, sure)
    if (
        definition.obs_status
        and definition.unit != "percent"
        and not sure.missing
        and table.limit(1).collect().is_empty()
    ):
        rows = _NONE_AT_ALL
    return _sure(rows, definition, sure)


def value_of(definition: Figure, counted: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row `value`: what a figure is over the rows that it counts, rounded as the figure is."""
    return counted.select(value=_value(definition)).select(
        rounding.as_shown("value", definition.decimals, definition.unit)
    )


def _value(definition: Figure) -> pl.Expr:
    # a share of nothing, and a number that is divided by zero, are none
    number = pl.sql_expr(definition.value).cast(pl.Float64)
    value = pl.when(number.is_finite()).then(number)
    if not definition.obs_status and definition.unit != "percent":
        # where nothing is to be counted there are none of it
        return pl.when(pl.len() == 0).then(0.0).otherwise(value)
    return value


def _sure(rows: pl.DataFrame, definition: Figure, sure: Certainty) -> pl.DataFrame:
    """Add to mission, value and obs_status how sure each is, and let the status claim no more than that."""
    whole = pl.col("mission") == WHOLE
    left = rows.filter(~whole, pl.col("obs_status").is_in(NOT_REPORTED))
    silent = left["mission"].to_list()
    # what was not collected will not come in later; what is missing may
    lacking = "P" if "O" in left["obs_status"] else "L"
    given = pl.col("value").is_not_null()
    return rows.with_columns(
        missions_in=pl.when(whole).then(pl.lit(sure.reported_by(silent), pl.Int64)),
        missions_expected=pl.when(whole).then(pl.lit(len(sure.expected) or None, pl.Int64)),
        rows_refused=sure.rows_refused(),
        in_doubt=sure.in_doubt(),
        questions=sure.is_asked(),
        answers=sure.answered(),
    ).with_columns(
        obs_status=pl.when(given & sure.is_impossible())
        .then(pl.lit("V"))
        .when(given & pl.any_horizontal(pl.col("rows_refused", "in_doubt", "questions") > 0))
        .then(pl.lit("P"))
        .when(given & whole & (pl.col("obs_status") == "A") & pl.lit(bool(silent)))
        .then(pl.lit(lacking))
        .otherwise("obs_status")
    )


def _status_of_rows(definition: Figure) -> pl.Expr:
    """Return the status of each row that is counted: of several columns that one which is not normal, blanks as L."""
    if definition.obs_status:
        columns = [name.strip() for name in definition.obs_status.split(",")]
        return pl.coalesce(*(pl.when(pl.col(name) != "A").then(name) for name in columns), pl.lit("A"))
    blank = [pl.col(name).is_null() for name in sorted(columns_counted(definition.value))]
    return pl.when(pl.any_horizontal(blank)).then(pl.lit("L")).otherwise(pl.lit("A")) if blank else pl.lit("A")


def _is_given(definition: Figure) -> pl.Expr:
    """Return whether a row has all that the figure counts, though its status may say that more of it was not given."""
    columns = sorted(columns_counted(definition.value))
    return pl.all_horizontal(pl.col(name).is_not_null() for name in columns) if columns else pl.lit(False)


def _rows(definition: Figure, counted: pl.LazyFrame, sure: Certainty) -> pl.DataFrame:
    """Return mission, value and obs_status: one row ALL and, where the figure is by mission, one a mission."""
    status = _status_of_rows(definition)
    # what is made of absent values alone is absent too, and not zero
    numbered = (pl.col("_status").is_in(("A", "P")) | _is_given(definition)).any() if definition.obs_status else _YES
    value = _value(definition)
    measures = (
        pl.when(numbered).then(value).alias("value"),
        pl.when(~numbered)
        .then(pl.col("_status").first())
        # a share of nothing cannot exist; a number that is made of absent ones is missing
        .when(value.is_null())
        .then(pl.lit("M" if definition.unit == "percent" else "O"))
        .when(pl.col("_status").is_in(_NOT_FINAL).any())
        .then(pl.lit("P"))
        .when((pl.col("_status") == "L").any())
        .then(pl.lit("L"))
        .otherwise(pl.lit("A"))
        .fill_null("O")
        .alias("obs_status"),
    )
    missing = sure.missing
    counted = counted.with_columns(_status=status)
    if "ALL" in missing:  # nothing of the source is in: no number, not a zero
        return pl.DataFrame([("ALL", None, "O")], schema=_ROW, orient="row")
    whole = counted.select(pl.lit("ALL").alias("mission"), *measures).collect()
    if missing:
        # where what is left gives no number, the number itself is missing
        given = pl.col("value").is_not_null()
        whole = whole.with_columns(obs_status=pl.when(given).then(pl.lit("P")).otherwise(pl.lit("O")))
    if definition.by is None:
        return whole
    by_mission = counted.group_by("mission").agg(*measures).filter(~pl.col("mission").is_in(list(missing))).collect()
    unsent = pl.DataFrame([(mission, None, "O") for mission in sorted(missing)], schema=_ROW, orient="row")
    return pl.concat([whole, by_mission, unsent])
