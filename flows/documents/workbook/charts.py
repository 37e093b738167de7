"""The charts of the main series. One whose table is absent or empty is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from config import Config, Cycle
from flows.core.wording import day, listed
from flows.documents.page.charts import BLUE, CAUSES, DEEP, GREY, INCIDENT_YEARS, PALE, RED, SCALE
from flows.documents.series import SUPPRESSED, with_suppressed
from flows.documents.words import MEANING
from flows.documents.workbook.drawing import Cells, Chart, Drawn, Value
from flows.documents.workbook.pages import Page

_INCIDENTS = {
    "current": "In the year reported",
    "previous": "In the year before",
    "other": "Earlier",
    "unknown": "Not known",
    SUPPRESSED: "Suppressed, together",
}
_CRIMES = {
    "cases_reported": "Cases reported",
    "cases_investigated": "Cases investigated",
    "perpetrators_identified": "Alleged perpetrators identified",
    "perpetrators_detained": "Alleged perpetrators detained",
    "perpetrators_tried": "Alleged perpetrators tried",
    "perpetrators_convicted": "Alleged perpetrators convicted",
}
_TWICE = "A unit may be evaluated more than once in a cycle."


@dataclass(frozen=True)
class Desk:
    """All that a chart is made from: the pages of the tables, and where blocks of cells are put."""

    config: Config
    cycle: Cycle
    pages: Mapping[str, Page]
    figures: pl.DataFrame | None
    drawn: Drawn

    def frame(self, table: str) -> pl.DataFrame | None:
        """Return the rows of a table as they stand on its sheet; nothing where there are none."""
        page = self.pages.get(table)
        return page.frame if page and page.frame.height else None

    def cells(self, table: str, category: str, *series: str, first: int = 0, rows: int | None = None) -> Cells:
        """Return the cells of a table's own sheet: all its rows, or some from a first one on."""
        page = self.pages[table]
        at = page.frame.columns.index
        last = first + (page.frame.height if rows is None else rows)
        return Cells(page.sheet, 0, first + 1, last, at(category), tuple(at(one) for one in series))

    def whole(self, frame: pl.DataFrame, column: str) -> int:
        """Add up a column; where something in it is suppressed, return the figure for the whole instead."""
        status = f"{column}_obs_status"
        names = (column, f"crime_{column}")
        if self.figures is not None and status in frame.columns and (frame[status] == "Q").any():
            known = self.figures.filter(pl.col("figure").is_in(names), pl.col("mission") == "ALL")["value"].drop_nulls()
            if known.len():
                return int(known[0])
        return int(frame[column].sum())

    def sheet(self, table: str) -> str:
        """Return the name of a table's sheet."""
        return self.pages[table].sheet

    def source(self, table: str) -> str:
        """Return where a table comes from, as it is printed under a chart."""
        return f"Source: {self.pages[table].entry.source}."

    def unfinished(self, last: int, figure: str | None = None) -> str:
        """Say how far the last year goes where it is not a whole one; nothing otherwise."""
        if last <= self.cycle.last_calendar_year:
            return ""
        known = pl.DataFrame() if self.figures is None or figure is None else self.figures
        ends: Sequence[date] = known.filter(pl.col("figure") == figure)["as_of"].to_list() if known.width else []
        if ends and ends[0] is not None and ends[0].year == last:
            return f" {last} until {day(ends[0])}." if (ends[0].month, ends[0].day) != (12, 31) else ""
        return f" {last} is not a whole year."


def of(
    config: Config, cycle: Cycle, pages: Mapping[str, Page], figures: pl.DataFrame | None, workings: str
) -> tuple[Drawn, list[str]]:
    """Return the charts, and in words those that there is nothing to draw for.

    In: the pages of the curated tables by table, the table `figures`, the name of the sheet for the charts' data.
    """
    drawn, left_out = Drawn(workings), []
    desk = Desk(config, cycle, pages, figures, drawn)
    for what, make in _CHARTS:
        chart = make(desk)
        if chart is None:
            left_out.append(what)
        else:
            drawn.charts.append(chart)
    return drawn, left_out


def _deaths(desk: Desk) -> Chart | None:
    frame = desk.frame("fatalities_by_cause")
    if frame is None:
        return None
    title = "Deaths in peacekeeping operations by cause and year"
    years, causes = _span(frame["year"]), _ordered(frame["cause"], CAUSES)
    cells = _pivot(desk, title, frame, ("year", "cause", "deaths"), years, {one: one.capitalize() for one in causes})
    said = f"Deaths by year of the incident. {desk.source('fatalities_by_cause')}"
    return Chart(
        title,
        "column",
        cells,
        tuple(CAUSES.get(cause, GREY) for cause in causes),
        said + desk.unfinished(years[-1], "fatalities_total"),
        desk.sheet("fatalities_by_cause"),
        stacked=True,
        total=True,
        labelled=False,
    )


def _malicious(desk: Desk) -> Chart | None:
    table = "fatalities_malicious_share"
    frame = desk.frame(table)
    if frame is None:
        return None
    last = max(frame["year"].drop_nulls(), default=desk.cycle.last_calendar_year)
    said = f"Deaths by malicious acts in percent of all deaths of the year. {desk.source(table)}"
    return Chart(
        "Share of deaths by malicious acts (percent)",
        "line",
        desk.cells(table, "year", "malicious_pct"),
        (RED,),
        said + desk.unfinished(last, "fatalities_total"),
        desk.sheet(table),
        names=("Share of deaths by malicious acts",),
        form="0",
    )


def _women(desk: Desk) -> Chart | None:
    table = "uniformed_women"
    frame = desk.frame(table)
    if frame is None:
        return None
    # later months, which a later delivery may bring, belong to the next cycle
    months: list[date] = frame["month"].drop_nulls().to_list()
    month = max([one for one in months if one <= desk.cycle.end] or months)
    at = [row for row, one in enumerate(frame["month"]) if one == month]
    title = f"Women in uniform against targets, {month:%B %Y} (percent)"
    shares = ("women_pct", "target_pct")
    if at == list(range(at[0], at[-1] + 1)):
        cells = desk.cells(table, "category", *shares, first=at[0], rows=len(at))
    else:
        cells = desk.drawn.place(
            title, ("Category", "Share of women", "Target"), frame[at, ["category", *shares]].rows()
        )
    derived = "target_derived" in frame.columns and frame[at, ["target_derived"]].to_series().fill_null(False).any()
    note = " Targets of years that the strategy does not state are interpolated." if derived else ""
    return Chart(
        title,
        "column",
        cells,
        (BLUE, GREY),
        f"Share of women among those deployed, and target of the parity strategy. {desk.source(table)}{note}",
        desk.sheet(table),
        names=("Share of women", "Target"),
        form="0.0",
    )


def _crimes(desk: Desk) -> Chart | None:
    table = "crimes_against_peacekeepers"
    frame = desk.frame(table)
    if frame is None:
        return None
    title = "Crimes against peacekeepers since 2013"
    rows = [(said, desk.whole(frame, column)) for column, said in _CRIMES.items() if frame[column].count()]
    if not rows:
        return None
    cells = desk.drawn.place(title, ("Step", "Number"), rows)
    said = f"From the case to the conviction: first cases, then people; all missions together. {desk.source(table)}"
    return Chart(title, "bar", cells, (DEEP,), said, desk.sheet(table))


def _hospitals(desk: Desk) -> Chart | None:
    table = "hospitals"
    frame = desk.frame(table)
    if frame is None:
        return None
    found = frame.filter(pl.col("hospitals") > 0)
    missions, levels = sorted(found["mission"].unique()), sorted(found["level"].unique())
    if not missions:
        return None
    without = sorted(set(frame["mission"]) - set(missions))
    title = "Hospitals of level 1+ and above by mission"
    names = {level: f"Level {level}" for level in levels}
    cells = _pivot(desk, title, found, ("mission", "level", "hospitals"), missions, names, total=False)
    none = f" None in {listed(without)}." if without else ""
    colours = dict(zip(("1+", "2", "3"), (PALE, BLUE, DEEP), strict=True))
    return Chart(
        title,
        "bar",
        cells,
        tuple(colours.get(level, GREY) for level in levels),
        f"{desk.source(table)}{none}",
        desk.sheet(table),
        stacked=True,
    )


def _ratings(desk: Desk) -> Chart | None:
    table = "fpu_evaluation_ratings"
    frame = desk.frame(table)
    if frame is None:
        return None
    scale = desk.config.table_contract("fpu_evaluations")[1].columns["rating"].one_of or ()
    steps = dict(zip(scale, SCALE, strict=False))
    ratings = _ordered(frame["rating"], scale)
    title = "Outcome of evaluations of formed police units by mission"
    names = {rating: rating for rating in ratings}
    missions = sorted(frame["mission"].unique())
    cells = _pivot(desk, title, frame, ("mission", "rating", "evaluations"), missions, names, total=False)
    return Chart(
        title,
        "bar",
        cells,
        tuple(steps.get(rating, GREY) for rating in ratings),
        f"Evaluations in the cycle by rating. {_TWICE} {desk.source(table)}",
        desk.sheet(table),
        stacked=True,
    )


def _sea(desk: Desk) -> Chart | None:
    table = "sea_allegations_by_year"
    frame = desk.frame(table)
    if frame is None:
        return None
    title = "Allegations of sexual exploitation and abuse by year reported"
    wholes = desk.frame("sea_allegations_yearly")
    rows = with_suppressed(
        frame.to_dicts(),
        wholes.to_dicts() if wholes is not None else [],
        "year_reported",
        "incident_year",
        "allegations",
    )
    frame = pl.DataFrame(
        [(row["year_reported"], row["incident_year"], row["allegations"]) for row in rows],
        schema=["year_reported", "incident_year", "allegations"],
        orient="row",
    )
    years, when = _span(frame["year_reported"]), _ordered(frame["incident_year"], INCIDENT_YEARS)
    names = {one: _INCIDENTS.get(one, one) for one in when}
    cells = _pivot(desk, title, frame, ("year_reported", "incident_year", "allegations"), years, names)
    said = f"By when the incident was; an act over a period counts for the year in which it ended. {desk.source(table)}"
    return Chart(
        title,
        "column",
        cells,
        tuple(INCIDENT_YEARS.get(one, GREY) for one in when),
        said + desk.unfinished(years[-1]),
        desk.sheet(table),
        stacked=True,
        total=True,
        labelled=False,
    )


def _misconduct(desk: Desk) -> Chart | None:
    table = "serious_misconduct_by_year"
    frame = desk.frame(table)
    if frame is None:
        return None
    last = max(frame["year_reported"].drop_nulls(), default=desk.cycle.last_calendar_year)
    said = f"By year reported; sexual exploitation and abuse excluded. {desk.source(table)}"
    return Chart(
        "Allegations of other serious misconduct by year reported",
        "column",
        desk.cells(table, "year_reported", "allegations"),
        (DEEP,),
        said + desk.unfinished(last),
        desk.sheet(table),
        names=("Allegations",),
    )


def _actions(desk: Desk) -> Chart | None:
    table = "sea_actions"
    frame = desk.frame(table)
    if frame is None:
        return None
    title = "Actions on substantiated allegations of SEA since 2010"
    ranked = frame.sort("allegations", "action_taken", descending=[True, False]).select("action_taken", "allegations")
    hidden = ranked.filter(pl.col("allegations").is_null())["action_taken"].to_list()
    if len(hidden) == ranked.height:
        return None
    cells = desk.drawn.place(title, ("Action taken", "Allegations"), ranked.drop_nulls("allegations").rows())
    said = f"Substantiated allegations of sexual exploitation and abuse by the action taken. {desk.source(table)}"
    said += f" {MEANING['Q']} {listed(hidden)}." if hidden else ""
    return Chart(title, "bar", cells, (DEEP,), said, desk.sheet(table))


_CHARTS = (
    ("women in uniform against targets", _women),
    ("deaths by cause and year", _deaths),
    ("share of deaths by malicious acts", _malicious),
    ("hospitals by mission", _hospitals),
    ("crimes against peacekeepers", _crimes),
    ("outcome of evaluations of formed police units", _ratings),
    ("allegations of sexual exploitation and abuse", _sea),
    ("allegations of other serious misconduct", _misconduct),
    ("actions on substantiated allegations", _actions),
)


def _pivot(
    desk: Desk,
    title: str,
    frame: pl.DataFrame,
    columns: tuple[str, str, str],
    categories: Sequence[Any],
    names: Mapping[str, str],
    total: bool = True,
) -> Cells:
    """Place a block of sums: a row a category, a column a series, and the totals in a last column where asked for.

    In: the table's columns of category, series and value; the categories in order; the series in order by their names.
    """
    sums: dict[tuple[Any, str], float] = {}
    for category, series, value in frame.select(columns).iter_rows():
        sums[category, series] = sums.get((category, series), 0) + (value or 0)
    rows: list[list[Value]] = []
    for category in categories:
        values = [sums.get((category, series), 0) for series in names]
        rows.append([category, *values, *([sum(values)] if total else [])])
    header = [columns[0].replace("_", " ").capitalize(), *names.values(), *(["All"] if total else [])]
    return desk.drawn.place(title, header, rows)


def _span(years: pl.Series) -> list[int]:
    """Return every year from the first to the last."""
    known = years.drop_nulls().to_list()
    return list(range(min(known), max(known) + 1))


def _ordered(found: pl.Series, order: Iterable[str]) -> list[str]:
    """Return what was found in a given order; what that order does not know comes last."""
    there = set(found.drop_nulls())
    known = [one for one in dict.fromkeys(order) if one in there]
    return [*known, *sorted(there - set(known))]
