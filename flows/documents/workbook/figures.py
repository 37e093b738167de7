"""The sheet of the figures: each as the report says it in a sentence, with the numbers that the sentence is made of."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from config import Config, Cycle, Figure
from flows.core import wording
from flows.documents import words
from flows.documents.workbook import pages
from flows.documents.workbook.book import Book
from transforms.dictionary import FieldEntry
from transforms.figures import former_names
from transforms.rounding import points_between

WHOLE = "ALL"
FIELDS = {
    "Priority": FieldEntry("Priority of A4P+, 1 to 7.", kind=pl.Int64()),
    "Figure": FieldEntry("What is counted.", kind=pl.String()),
    "Mission": FieldEntry("Acronym of the mission; ALL for the whole of peacekeeping, in bold.", kind=pl.String()),
    "Sentence": FieldEntry(
        "The figure as the report says it, and against the previous cycle where that is known.", kind=pl.String()
    ),
    "Value": FieldEntry(
        "Value in the unit of the row, rounded as the report prints it: 55 percent is 55. Empty where there is none; "
        "see Status.",
        kind=pl.Float64(),
    ),
    "Unit": FieldEntry(
        "Unit of value, previous and change; the change of a percent is in percentage points.", kind=pl.String()
    ),
    "Previous": FieldEntry(
        "Value of the previous cycle, or of the year before for a yearly figure.", kind=pl.Float64()
    ),
    "Change": FieldEntry(
        "Value less previous, both before they are rounded, with a decimal where the rounded ones do not show it; "
        "empty where the two are not compared, as the sentence says.",
        kind=pl.Float64(),
    ),
    "As of": FieldEntry("Last day that the figure counts.", kind=pl.Date()),
    "Status": FieldEntry(
        "Complete; Reported in part: missions left it blank. Or: "
        + " ".join(words.MEANING[code] for code in sorted(words.MEANING, key="PVLOQM".index)),
        kind=pl.String(),
    ),
    "Source": FieldEntry("Where the figure comes from, as printed under it.", kind=pl.String()),
    "Name": FieldEntry("Name of the figure in the release's tables and in the pipeline's commands.", kind=pl.String()),
}
_SCHEMA = {name: entry.kind for name, entry in FIELDS.items()}
_LAST = 1_000_000


def sentences(config: Config, cycle: Cycle, figures: pl.DataFrame | None) -> pl.DataFrame:
    """Return the figures of a cycle as authors read them.

    In: the table `figures`, if there is one. Out: a row a figure and mission, by priority and in the order of
    figures.yaml, the whole before the missions.
    """
    definitions, order = config.figures, list(config.figures)
    former = list(former_names(config.figures, cycle).values())
    own = (pl.col("cycle") == cycle.number) & ~pl.col("figure").is_in(former)
    given = figures.filter(own).to_dicts() if figures is not None else []

    def place(row: dict[str, Any]) -> tuple[Any, ...]:
        known = definitions.get(row["figure"])
        at = (known.priority, order.index(row["figure"])) if known else (_LAST, _LAST)
        return (*at, row["figure"], row["mission"] != WHOLE, row["mission"])

    rows = [_row(row, definitions.get(row["figure"]), cycle) for row in sorted(given, key=place)]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def write(book: Book, page: pages.Page) -> None:
    """Write the sheet; the figures for the whole of peacekeeping stand out from those of the missions."""
    strong = {at for at, mission in enumerate(page.frame["Mission"]) if mission == WHOLE}
    pages.write(book, page, strong, {"Sentence": 74}, FIELDS, mixed=("Value", "Previous", "Change"))


def _row(row: dict[str, Any], definition: Figure | None, cycle: Cycle) -> tuple[object, ...]:
    title = definition.title.of_year(cycle.last_calendar_year).en if definition else row["figure"]
    coverage = wording.coverage(row)
    known = words.STATUS if row["value"] is not None else {}
    status = known.get(row["obs_status"]) or wording.sentence(words.ABSENT.get(row["obs_status"], "No value"))
    status += f": {coverage}" if coverage and row["value"] is not None else ""
    status += f". Explained: {row['answers']}" if row.get("answers") else ""
    numbers = (row["value"], row["unit"], row["previous"], _change(row, definition), row["as_of"])
    return (
        definition.priority if definition else None,
        title,
        row["mission"],
        _sentence(row, definition, cycle),
        *numbers,
        status,
        definition.source if definition else row["source"],
        row["figure"],
    )


def _change(row: dict[str, Any], definition: Figure | None) -> float | None:
    """Return a change as the sentence says it: of a percentage in points, with a decimal where it takes one."""
    change, value, previous = row["change"], row["value"], row["previous"]
    if row["unit"] != "percent" or None in (change, value, previous):
        found: float | None = change
        return found
    return points_between(value, previous, change, definition.decimals if definition else 0)[0]


def _sentence(row: dict[str, Any], definition: Figure | None, cycle: Cycle) -> str:
    """Say a figure: `914 sessions, up from 511`, `55% (as of 3 September 2024)`, or why there is no number."""
    value, unit, as_of = row["value"], row["unit"] or "", row["as_of"]
    if value is None:
        return words.ABSENT.get(row["obs_status"], "no value")
    decimals = definition.decimals if definition else 0
    if unit == "missions" and row["mission"] != WHOLE:
        return _yes_no(value, row["previous"])
    said = wording.shown(value, decimals, unit)
    if unit not in ("", "number", "percent"):
        said += f" {words.unit_of(value, unit)}"
    window = definition.window if definition else "cycle"
    if window.startswith("since "):
        said += f" since {wording.day(date.fromisoformat(window.removeprefix('since ')))}"
    coverage, change = wording.coverage(row), words.compared(row, decimals, None)
    said += f", {coverage}" if coverage else ""
    said += f", {change.words}" if change else ""
    # the year stands in the title of a yearly figure, and the cycle's last day at the head of the workbook
    dated = as_of is not None and as_of != cycle.end and window != "last calendar year"
    return f"{said} (as of {wording.day(as_of)})" if dated else said


def _yes_no(value: float, previous: float | None) -> str:
    """Say of one mission whether it counts in a number of missions."""
    now, before = ("yes" if one else "no" for one in (value, previous))
    if previous is None:
        return now
    return f"{now}, unchanged" if now == before else f"{now}, in the previous cycle {before}"
