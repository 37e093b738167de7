"""How rows of a table become the categories and series of a chart, in an order that a reader expects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from config import Cycle
from flows.core.wording import day
from flows.documents.charts import GREY, Category, Series
from flows.documents.page.model import Release, Row

SUPPRESSED = "suppressed"  # the series of all that is suppressed


def texts(rows: list[Row], column: str) -> list[str]:
    """Return the texts that stand in a column, each once, in alphabetical order."""
    return sorted({row[column] for row in rows if row[column] is not None})


def ordered(found: list[str], order: Iterable[str]) -> list[str]:
    """Return what was found in a given order; what that order does not know comes last."""
    known = [one for one in dict.fromkeys(order) if one in found]
    return [*known, *(one for one in found if one not in known)]


def coloured(found: list[str], palette: Mapping[str, str], name: Callable[[str], str] = str) -> dict[str, Series]:
    """Return the series of a chart in the order of a palette, with their colours; `name` says what each is called."""
    return {series: Series(name(series), palette.get(series, GREY)) for series in ordered(found, palette)}


def added(pairs: Iterable[tuple[tuple[Category, str], float | None]]) -> dict[tuple[Category, str], float]:
    """Add up numbers by category and series."""
    sums: dict[tuple[Category, str], float] = {}
    for key, value in pairs:
        sums[key] = sums.get(key, 0) + (value or 0)
    return sums


def with_suppressed(rows: list[Row], wholes: list[Row], by: str, series: str, count: str) -> list[Row]:
    """Add to the rows one for what is suppressed of each whole, so that bars are as long as the whole is.

    In: the rows of a table with its columns of category (`by`), series and count; the rows of the table that shows the
    whole of each category in the columns `by` and `count`.
    """
    shown: dict[object, float] = {}
    for row in rows:
        shown[row[by]] = shown.get(row[by], 0) + (row[count] or 0)
    hidden = {row[by] for row in rows if row.get(f"{count}_obs_status") == "Q"}
    return [
        *rows,
        *(
            {by: whole[by], series: SUPPRESSED, count: whole[count] - shown[whole[by]]}
            for whole in wholes
            if whole[by] in hidden
        ),
    ]


def allowed(release: Release, table: str, column: str) -> tuple[str, ...]:
    """Return the values that a contract allows, in its order."""
    for contract in release.config.contracts.values():
        if table in contract.tables and column in contract.tables[table].columns:
            return contract.tables[table].columns[column].one_of or ()
    return ()


def year_labels(years: list[int], as_of: date | None, cycle: Cycle) -> tuple[dict[Category, str], str]:
    """Return the label of each year from the first to the last, and a note where the last is not a whole year."""
    span = range(min(years), max(years) + 1)
    labels: dict[Category, str] = {year: str(year) for year in span}
    last = span[-1]
    if as_of is not None and as_of.year == last:
        if (as_of.month, as_of.day) == (12, 31):
            return labels, ""
        return {**labels, last: f"{last}*"}, f"* {last} until {day(as_of)}."
    if last > cycle.last_calendar_year:
        return {**labels, last: f"{last}*"}, f"* {last} is not a whole year: it counts what has been received so far."
    return labels, ""


def unmarked(note: str) -> str:
    """Return such a note as it is said where no label has its mark."""
    return note.removeprefix("* ")
