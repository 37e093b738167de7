"""The report's figures, from the curated tables and their definitions in figures.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import polars as pl

from config import Cycle, Figure
from config.parts import OfFigures
from transforms.catalogue import staged_for
from transforms.dictionary import FieldEntry, TableEntry
from transforms.wording import exact

ENTRY = TableEntry(
    name="figures",
    description="The report's figures in long form; one row a figure and mission, ALL for the whole of peacekeeping.",
    fields={
        "cycle": FieldEntry("Number of the cycle.", kind=pl.Int64()),
        "figure": FieldEntry("Name of the figure, as in config/figures.yaml.", kind=pl.String()),
        "mission": FieldEntry("Acronym of the mission, or ALL for the whole of peacekeeping.", kind=pl.String()),
        "value": FieldEntry(
            "Value in the unit of the row; empty where there is none, obs_status says why.", kind=pl.Float64()
        ),
        "unit": FieldEntry("Unit of value, previous and change.", kind=pl.String()),
        "previous": FieldEntry("Value of the previous cycle.", kind=pl.Float64()),
        "change": FieldEntry("Value less previous.", kind=pl.Float64()),
        "as_of": FieldEntry("Last day that the figure counts.", kind=pl.Date()),
        "obs_status": FieldEntry(
            "SDMX observation status: A normal, P provisional, V unvalidated, M cannot exist, "
            "L exists but was not collected, Q suppressed, O missing.",
            kind=pl.String(),
        ),
        "source": FieldEntry("Where the figure comes from, as printed under it.", kind=pl.String()),
    },
    key=("cycle", "figure", "mission"),
    source="config/figures.yaml",
    rule="Each figure's window, condition and value stand in config/figures.yaml.",
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
# all that report have said that there is none
_NONE_AT_ALL = pl.DataFrame([("ALL", 0.0, "A")], schema=_ROW, orient="row")
# L is final: what is not collected will not come in later
_NOT_FINAL = ("P", "V", "O", "Q")


def figure_name(template: str, cycle: Cycle) -> str:
    """Return a figure's name for a cycle: `{year}` is the last calendar year that was over when the cycle ended."""
    return template.replace("{year}", str(cycle.last_calendar_year))


def former_names(definitions: Mapping[str, Figure], cycle: Cycle) -> dict[str, str]:
    """Return, by the name that it has, the former name of each figure that is found under both in a cycle."""
    return {
        figure_name(name, cycle): figure_name(definition.formerly.name, cycle)
        for name, definition in definitions.items()
        if definition.formerly
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
) -> pl.DataFrame:
    """Compute every figure of a cycle; `previous` and `change` are empty.

    In: the curated tables; for each staged table the date of its newest data (`newest`) and what is missing of it
    (`gaps`: the reporting missions that sent nothing, `{"ALL"}` where nothing of the source is in); the as-of date
    where one is asked for.
    Out: a frame as SCHEMA says, sorted by figure and mission, ALL first.
    """
    rows: list[pl.DataFrame] = []
    for template, definition in config.figures.items():
        upstream = staged_for(definition.table)
        missing = {mission for table in upstream for mission in gaps.get(table, ())}
        data_as_of = max((newest[table] for table in upstream if table in newest), default=cycle.end)
        start, end = window(definition, cycle, min(data_as_of, as_of) if as_of else data_as_of)
        counted = curated[definition.table].filter(counted_rows(definition, curated[definition.table], start, end))
        found = _rows(definition, counted, missing)
        if (
            definition.obs_status
            and definition.unit != "percent"
            and not missing
            and curated[definition.table].limit(1).collect().is_empty()
        ):
            found = _NONE_AT_ALL
        rows.append(
            found.select(
                pl.lit(cycle.number, pl.Int64).alias("cycle"),
                pl.lit(figure_name(template, cycle)).alias("figure"),
                "mission",
                pl.col("value").round(definition.decimals, mode="half_away_from_zero"),
                pl.lit(definition.unit).alias("unit"),
                pl.lit(None, pl.Float64).alias("previous"),
                pl.lit(None, pl.Float64).alias("change"),
                pl.lit(min(end, as_of) if as_of else end, pl.Date).alias("as_of"),
                "obs_status",
                pl.lit(definition.source).alias("source"),
            )
        )
    frame = pl.concat(rows) if rows else pl.DataFrame(schema=SCHEMA)
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
    for template, definition in config.figures.items():
        figure = by_figure[figure_name(template, cycle)]
        for what, statement in (("value", definition.stated), ("previous", definition.stated_previous)):
            if statement is None:
                continue
            said = staged[statement.table].select(pl.sql_expr(statement.value).cast(pl.Float64).alias("said")).collect()
            stated = said["said"][0]
            if stated is not None and figure[what] is not None:
                note = f"{definition.title.en}: {_told(what, stated, figure)}"
                rows.append((figure["figure"], statement.table, what, stated, figure[what], note))
    frame = pl.DataFrame(rows, schema=STATEMENTS, orient="row")
    return frame.with_columns(pl.col("stated", "computed").round(0, mode="half_away_from_zero"))


def _told(what: str, stated: float, figure: Mapping[str, Any]) -> str:
    if what == "previous":
        return f"the source states {exact(stated)} of the previous cycle, whose release gives {exact(figure[what])}"
    numbers = f"the source states {exact(stated)}, its rows give {exact(figure[what])}"
    if stated == figure["previous"]:
        return f"{numbers}; {exact(stated)} is the previous cycle's value"
    return numbers


def with_previous(
    current: pl.DataFrame, previous: pl.DataFrame, config: OfFigures, cycle: Cycle, before: Cycle
) -> pl.DataFrame:
    """Add the previous cycle's value and the change to a cycle's figures.

    A yearly figure is compared with the same figure of the previous cycle's year; where both cycles report on the same
    year there is nothing to compare.
    """
    same_year = cycle.last_calendar_year == before.last_calendar_year
    renamed = {
        figure_name(name, before): figure_name(name, cycle)
        for name, definition in config.figures.items()
        if not (same_year and definition.window == "last calendar year")
    }
    previous = under_both_names(previous, former_names(config.figures, before))
    known = previous.filter(pl.col("value").is_not_null(), pl.col("figure").is_in(list(renamed))).select(
        pl.col("figure").replace(renamed), "mission", pl.col("value").alias("_before")
    )
    return (
        current.join(known, on=["figure", "mission"], how="left", maintain_order="left")
        .with_columns(previous=pl.col("_before"), change=(pl.col("value") - pl.col("_before")).round(6))
        .drop("_before")
        .select(list(SCHEMA))
    )


def value_of(definition: Figure, counted: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row `value`: what a figure is over the rows that it counts, rounded as the figure is."""
    return counted.select(value=_value(definition).round(definition.decimals, mode="half_away_from_zero"))


def _value(definition: Figure) -> pl.Expr:
    # a share of nothing, and a number that is divided by zero, are none
    number = pl.sql_expr(definition.value).cast(pl.Float64)
    value = pl.when(number.is_finite()).then(number)
    if not definition.obs_status and definition.unit != "percent":
        # where nothing is to be counted there are none of it
        return pl.when(pl.len() == 0).then(0.0).otherwise(value)
    return value


def _rows(definition: Figure, counted: pl.LazyFrame, missing: Collection[str]) -> pl.DataFrame:
    """Return mission, value and obs_status: one row ALL and, where the figure is by mission, one a mission."""
    status = pl.col(definition.obs_status) if definition.obs_status else pl.lit("A")
    # what is made of absent values alone is absent too, and not zero
    numbered = pl.col("_status").is_in(("A", "P")).any() if definition.obs_status else pl.lit(True)
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
        .otherwise(pl.lit("A"))
        .fill_null("O")
        .alias("obs_status"),
    )
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
