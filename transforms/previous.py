"""What a figure was before, and whether it may be held against that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from config import Cycle
from config.parts import OfFigures
from transforms.catalogue import staged_for
from transforms.certainty import NOT_REPORTED, WHOLE, Known, certainty
from transforms.figures import SCHEMA, former_names, under_both_names, valued, window
from transforms.rounding import as_it_is, as_shown

_BEFORE = (
    "previous",
    "previous_unrounded",
    "previous_start",
    "previous_end",
    "previous_status",
    "previous_first",
)
# what the figures of releases of before do not tell
_NEWER = ("unrounded", "previous_unrounded")


def with_year_before(
    now: pl.DataFrame,
    curated: Mapping[str, pl.LazyFrame],
    config: OfFigures,
    cycle: Cycle,
    gaps: Mapping[str, Collection[str]],
    known: Mapping[str, Known] | None = None,
) -> pl.DataFrame:
    """Add to yearly figures what the same tables give for the year before, where these reach back so far.

    A newer file corrects the year before as well, so it goes before what an earlier cycle said. Where missions send
    the table, each speaks of one year alone.

    In: what figures() makes, and what it makes them of. Out: the same rows.
    """
    rows = []
    for name, definition in config.figures.items():
        upstream = staged_for(definition.table)
        table = curated[definition.table]
        start, end = (date(cycle.last_calendar_year - 1, *day) for day in ((1, 1), (12, 31)))
        sure = certainty(definition, table.collect_schema().names(), upstream, gaps, known or {}, end)
        if not definition.is_yearly or definition.dated_by is None or sure.expected:
            continue
        if not _reaches_back(table, definition.dated_by, start.year):
            continue
        rows.append(
            valued(definition, table, start, end, sure).select(
                pl.lit(name).alias("figure"),
                "mission",
                as_shown("value", definition.decimals, definition.unit).alias("previous"),
                as_it_is("value").alias("previous_unrounded"),
                pl.lit(start, pl.Date).alias("previous_start"),
                pl.lit(end, pl.Date).alias("previous_end"),
                pl.col("obs_status").alias("previous_status"),
                pl.lit(None, pl.Float64).alias("previous_first"),
            )
        )
    if not rows:
        return now
    before = pl.concat(rows).filter(pl.col("previous").is_not_null())
    return with_change(_joined(now, before))


def _reaches_back(table: pl.LazyFrame, dated_by: str, year: int) -> bool:
    """Return whether a table has anything of a year, or of one before: without that it says nothing of it."""
    day = pl.col(dated_by)
    of = day if table.collect_schema()[dated_by].is_integer() else day.dt.year()
    return bool(table.select((of <= year).any()).collect().item())


def with_previous(
    current: pl.DataFrame, previous: pl.DataFrame, config: OfFigures, cycle: Cycle, before: Cycle
) -> pl.DataFrame:
    """Add the previous cycle's value and the change to a cycle's figures, where they have none yet.

    A yearly figure is compared with the same figure of the previous cycle's year; where both cycles report on the same
    year, with what that cycle compared it with. Where a newer file gives the year before another value than the
    previous cycle published, that one is said too.

    In: the figures; those of the previous cycle, where it is known with `first_value`, what a restated one was first
    published as. Out: the same rows as SCHEMA says.
    """
    same_year = cycle.last_calendar_year == before.last_calendar_year
    yearly = [name for name, definition in config.figures.items() if same_year and definition.is_yearly]
    starts = {
        name: window(definition, before, before.end)[0]
        for name, definition in config.figures.items()
        if name not in yearly
    }
    previous = under_both_names(previous, former_names(config.figures, before, ever=True)).with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in _NEWER if name not in previous.columns
    )
    same = previous.filter(pl.col("figure").is_in(list(starts)))
    known = same.filter(pl.col("value").is_not_null()).select(
        "figure",
        "mission",
        previous=pl.col("value"),
        previous_unrounded=pl.col("unrounded"),
        previous_start=pl.col("figure").replace_strict(starts, default=None, return_dtype=pl.Date),
        previous_end=pl.col("as_of"),
        previous_status=pl.col("obs_status"),
        previous_first=pl.col("first_value") if "first_value" in same.columns else pl.lit(None, pl.Float64),
    )
    # a release of before does not say of which days its previous values are
    if set(_BEFORE) <= set(previous.columns):
        of_year = previous.filter(pl.col("figure").is_in(yearly), pl.col("previous").is_not_null())
        known = pl.concat([known, of_year.select(known.columns)])
    own = current.filter(pl.col("previous").is_not_null())["figure"]
    why = pl.col("figure").replace_strict(_unlike(current, same), default=None, return_dtype=pl.String)
    whole = (pl.col("mission") == WHOLE) & pl.col("value").is_not_null() & pl.col("previous").is_not_null()
    compared_with = ~pl.col("figure").is_in(own.implode())
    return with_change(_joined(current, known).with_columns(not_compared=pl.when(whole & compared_with).then(why)))


def _joined(current: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return figures with what they were before, where that is not known yet."""
    on = ["figure", "mission"]
    both = current.join(before, on=on, how="left", maintain_order="left", suffix="_then")
    # all of it is of the same day
    own, published = pl.col("previous").is_not_null(), pl.coalesce("previous_first_then", "previous_then")
    return both.with_columns(
        *(pl.when(own).then(pl.col(name)).otherwise(pl.col(f"{name}_then")).alias(name) for name in _BEFORE[:-1]),
        previous_first=pl.when(~own)
        .then("previous_first_then")
        .when(published != pl.col("previous"))
        .then(published)
        .otherwise("previous_first"),
    ).select(list(SCHEMA))


def with_change(both: pl.DataFrame) -> pl.DataFrame:
    """Return figures with their change: of the unrounded values, where both are known, else of the rounded ones."""
    exact, shown = pl.col("unrounded") - pl.col("previous_unrounded"), pl.col("value") - pl.col("previous")
    compared = pl.when(pl.col("not_compared").is_null()).then(pl.coalesce(exact, shown))
    return both.with_columns(change=compared).with_columns(as_it_is("change"))


def _unlike(now: pl.DataFrame, before: pl.DataFrame) -> dict[str, str]:
    """Return, by figure, why two cycles' wholes are not to be compared: some missions are in one of them only."""
    silent, silent_before = _silent(now), _silent(before)
    why = {}
    for figure in silent.keys() | silent_before.keys():
        here, there = silent.get(figure, set()), silent_before.get(figure, set())
        said = [
            f"{len(only)} {'mission' if len(only) == 1 else 'missions'} missing{when}"
            for only, when in ((here - there, ""), (there - here, " in the previous cycle"))
            if only
        ]
        if said:
            why[figure] = ", ".join(said)
    return why


def _silent(rows: pl.DataFrame) -> dict[str, set[str]]:
    """Return the missions that reported nothing for each figure; of one that is not by mission how many, by numbers."""
    by_mission = rows.filter(pl.col("mission") != WHOLE)
    left = by_mission.filter(pl.col("obs_status").is_in(NOT_REPORTED)).group_by("figure").agg("mission")
    silent: dict[str, set[str]] = {figure: set(missions) for figure, missions in left.iter_rows()}
    # a release of before says nothing of coverage
    if "missions_in" in rows.columns:
        whole = rows.filter(pl.col("mission") == WHOLE, ~pl.col("figure").is_in(by_mission["figure"].implode()))
        lacks = pl.col("missions_expected") - pl.col("missions_in")
        for figure, number in whole.select("figure", lacks).drop_nulls().iter_rows():
            silent[figure] = set(map(str, range(number)))
    return silent
