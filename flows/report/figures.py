"""The figures of a section as a reader sees them: value, change, as-of date, and what is not in it yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from config import Figure
from flows.report import words
from flows.report.model import Cell, Grid, Notes, Release, Row
from flows.report.words import Change, day, listed, number

# statuses of a mission's value that leave the whole provisional; M, which cannot exist, does not
_OPEN = ("P", "V", "L", "Q", "O")


@dataclass(frozen=True)
class FigureLine:
    """One figure of the report as a reader sees it."""

    name: str
    title: str
    number: str
    unit: str
    change: Change | None
    as_of: str
    source: str
    since: str = ""
    mark: str = ""

    @property
    def has_value(self) -> bool:
        """Whether there is a number, and not a word for its absence."""
        return self.number != ""


def is_of(release: Release, figure: str, priority: int) -> bool:
    """Return whether a figure is one of a priority."""
    known = release.definition(figure)
    return known is not None and known[1].priority == priority


def figure_lines(release: Release, rows: list[Row], notes: Notes) -> tuple[FigureLine, ...]:
    """Return the figures for the whole of peacekeeping, in the order of figures.yaml."""
    order = list(release.config.figures)
    whole = [(*known, row) for row in rows if row["mission"] == "ALL" and (known := release.definition(row["figure"]))]
    lines = []
    for _, definition, row in sorted(whole, key=lambda one: (order.index(one[0]), one[2]["figure"])):
        value, unit = row["value"], row["unit"]
        since = definition.window.removeprefix("since ") if definition.window.startswith("since") else ""
        # a count that has run for years can only rise, which is neither better nor worse
        better = None if since and unit != "percent" else definition.better
        lines.append(
            FigureLine(
                row["figure"],
                _title(definition, row["figure"]),
                "" if value is None else number(value, definition.decimals) + ("%" if unit == "percent" else ""),
                words.ABSENT.get(row["obs_status"], "no value")
                if value is None
                else ""
                if unit in ("percent", "number")
                else words.unit_of(value, unit),
                words.change(value, row["previous"], unit, definition.decimals, better),
                day(row["as_of"]),
                row["source"] or "",
                f"since {day(date.fromisoformat(since))}" if since else "",
                _status_mark(row, rows, notes),
            )
        )
    return tuple(lines)


def _title(definition: Figure, figure: str) -> str:
    year = re.search(r"\d{4}$", figure)
    return definition.title.en.replace("{year}", year[0] if year else "")


def _status_mark(row: Row, rows: list[Row], notes: Notes) -> str:
    """Mark a figure that is not final, and say which missions are not in it where that is known."""
    status = row["obs_status"]
    if status != "P":
        return notes.of_status(status)
    without: dict[str, list[str]] = {}
    for other in rows:
        if other["figure"] == row["figure"] and other["mission"] != "ALL" and other["obs_status"] in _OPEN:
            without.setdefault(words.ABSENT[other["obs_status"]], []).append(other["mission"])
    if not without:
        return notes.of_status(status)
    missions = "; ".join(f"{listed(sorted(names))} ({why})" for why, names in sorted(without.items()))
    return notes.mark(f"Provisional: not yet complete for {missions}.")


def by_mission(release: Release, priority: int, rows: list[Row]) -> Grid | None:
    """Return every figure of a section that is known by mission, one column a figure."""
    split = [row for row in rows if row["mission"] != "ALL"]
    order = list(release.config.figures)
    names: dict[str, Figure] = {}
    for row in split:
        known = release.definition(row["figure"])
        if known:
            names[row["figure"]] = known[1]
    names = dict(sorted(names.items(), key=lambda one: (order.index(_known(release, one[0])), one[0])))
    if not names:
        return None
    cells = {
        (row["mission"], row["figure"]): _in_words(row, names[row["figure"]]) for row in split if row["figure"] in names
    }
    return Grid(
        f"p{priority}-by-mission",
        "These figures by mission",
        ("Mission", *(_title(definition, name) for name, definition in names.items())),
        tuple(
            (Cell(mission), *(cells.get((mission, name), Cell("–", kind="absent")) for name in names))
            for mission in sorted({row["mission"] for row in split})
        ),
        folded=True,
    )


def _in_words(row: Row, definition: Figure) -> Cell:
    """Say a status beside the value: the table is folded away, and a footnote may have nothing to stand by in print."""
    if row["value"] is None:
        return Cell(words.ABSENT.get(row["obs_status"], "–"), kind="absent")
    status = row["obs_status"] if row["obs_status"] in words.ABSENT else ""
    return Cell(number(row["value"], definition.decimals), kind="number", note=words.ABSENT.get(status, ""))


def _known(release: Release, figure: str) -> str:
    known = release.definition(figure)
    return known[0] if known else figure
