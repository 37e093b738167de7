"""The figures of a section as a reader sees them: value, change, as-of date, and what is not in it yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from config import Cycle, Figure
from flows.core import wording
from flows.core.wording import day, listed, shown
from flows.documents import words
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.small_lines import Small, small_line
from flows.documents.words import Change

# statuses of a mission's value that leave the whole provisional; M, which cannot exist, does not, nor does Q, which the
# whole counts
_OPEN = ("P", "V", "L", "O")
# what may be coloured as better or worse
_SURE = ("A", "L")


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
    status: str
    since: str = ""
    mark: str = ""
    doubt: str = ""
    restated: str = ""
    final: bool = True
    over_time: Small | None = None

    @property
    def has_value(self) -> bool:
        """Whether there is a number, and not a word for its absence."""
        return self.number != ""


def of_priority(release: Release, priority: int) -> list[tuple[Figure, Row]]:
    """Return the rows of a priority's figures with their definitions, in the order of figures.yaml."""
    own = {name: figure for name, figure in release.config.figures.items() if figure.priority == priority}
    rows = [row for row in release.rows("figures") if row["figure"] in own]
    rows.sort(key=lambda row: list(own).index(row["figure"]))
    return [(own[row["figure"]], row) for row in rows]


def figure_lines(
    own: Sequence[tuple[Figure, Row]], release: Release, notes: Notes, restated: Mapping[str, Row]
) -> tuple[FigureLine, ...]:
    """Return the figures for the whole of peacekeeping; `restated` are those published with another value before."""
    rows, cycle = [row for _, row in own], release.cycle
    return tuple(
        replace(
            _line(definition, row, rows, cycle, notes, restated.get(row["figure"])),
            over_time=_over_time(definition, row, release),
        )
        for definition, row in own
        if row["mission"] == "ALL"
    )


def _over_time(definition: Figure, row: Row, release: Release) -> Small | None:
    return small_line(
        {**release.before(row["figure"]), release.cycle.number: row["value"]},
        lambda value: _number(value, row["figure"], row["unit"], definition),
    )


def _line(
    definition: Figure, row: Row, rows: list[Row], cycle: Cycle, notes: Notes, restated: Row | None
) -> FigureLine:
    value, unit, status = row["value"], row["unit"], row["obs_status"] or ""
    since = definition.window.removeprefix("since ") if definition.window.startswith("since") else ""
    # what is not sure is neither better nor worse, nor is a count that has run for years and can only rise
    better = definition.better if status in _SURE and not (since and unit != "percent") else None
    return FigureLine(
        row["figure"],
        definition.title.of_year(cycle.last_calendar_year).en,
        _number(value, row["figure"], unit, definition),
        "" if value is None or unit in ("percent", "number") else words.unit_of(value, unit),
        words.compared(row, definition.decimals, better),
        day(row["as_of"]),
        definition.source,
        _status(row),
        f"since {day(date.fromisoformat(since))}" if since else "",
        _status_mark(row, rows, notes),
        _doubt(definition, row, rows, cycle, notes),
        _restated(restated, row, definition, notes),
        status == "A",
    )


def _status(row: Row) -> str:
    """Say how sure a figure is, and what part of it is in."""
    status = row["obs_status"] or ""
    if row["value"] is None:
        return wording.sentence(words.ABSENT.get(status, "not known"))
    said = words.STATUS.get(status, wording.sentence(words.ABSENT.get(status, "not known")))
    coverage = wording.coverage(row)
    return f"{said}: {coverage}" if coverage else said


def _restated(restated: Row | None, row: Row, definition: Figure, notes: Notes) -> str:
    """Mark a figure that an earlier release gave another value, and say which."""
    if restated is None:
        return ""
    first = _number(restated["first_value"], row["figure"], row["unit"], definition)
    return notes.mark(f"Restated: first published as {first}.")


def _doubt(definition: Figure, row: Row, rows: list[Row], cycle: Cycle, notes: Notes) -> str:
    """Mark days that are more than the cycle has, what is accepted though it is not certain, and what was answered."""
    said = []
    if row["unit"] == "days" and definition.window == "cycle":
        own = [other for other in rows if other["figure"] == row["figure"] and other["mission"] != "ALL"]
        missions = sorted(other["mission"] for other in own if (other["value"] or 0) > cycle.days)
        said += [f"Cannot be right for {listed(missions)}: the cycle has {cycle.days} days."] if missions else []
    said += [f"Accepted as it is: {row['accepted']}."] if row.get("accepted") else []
    said += [f"Unusual, and explained: {row['answers']}."] if row.get("answers") else []
    return notes.mark(" ".join(said)) if said else ""


def _number(value: float | None, figure: str, unit: str, definition: Figure) -> str:
    if value is None:
        return ""
    text = shown(value, definition.decimals, unit)
    # a figure that is itself a change has a sign
    return f"+{text}" if figure.endswith("_change") and value > 0 else text


def _status_mark(row: Row, rows: list[Row], notes: Notes) -> str:
    """Mark a figure that is not final or not of all, and say which missions are not in it where that is known."""
    status = row["obs_status"]
    if status not in ("P", "L") or row["value"] is None:
        return notes.of_status(status)
    without: dict[str, list[str]] = {}
    for other in rows:
        if other["figure"] == row["figure"] and other["mission"] != "ALL" and other["obs_status"] in _OPEN:
            without.setdefault(words.ABSENT[other["obs_status"]], []).append(other["mission"])
    said = "Provisional: not yet complete" if status == "P" else "Reported in part"
    missions = "; ".join(f"{listed(sorted(names))} ({why})" for why, names in sorted(without.items()))
    if missions:
        said += f" for {missions}" if status == "P" else f"; without {missions}"
    elif status == "P" and not wording.coverage(row):
        return notes.of_status(status)
    coverage = wording.coverage(row)
    return notes.mark(f"{said}{f' ({coverage})' if coverage else ''}.")


def by_mission(topic: str, own: Sequence[tuple[Figure, Row]], cycle: Cycle) -> Grid | None:
    """Return every figure of a topic that is known by mission, one column a figure."""
    split = [(definition, row) for definition, row in own if row["mission"] != "ALL"]
    names = {row["figure"]: definition for definition, row in split}
    if not names:
        return None
    cells = {(row["mission"], row["figure"]): _in_words(row, definition) for definition, row in split}
    return Grid(
        f"{topic}-by-mission",
        "These figures by mission",
        ("Mission", *(definition.title.of_year(cycle.last_calendar_year).en for definition in names.values())),
        tuple(
            (Cell(mission), *(cells.get((mission, name), Cell("–", kind="absent")) for name in names))
            for mission in sorted({row["mission"] for _, row in split})
        ),
        folded=True,
    )


def _in_words(row: Row, definition: Figure) -> Cell:
    """Say a status beside the value: the table is folded away, and a footnote may have nothing to stand by in print."""
    if row["value"] is None:
        return Cell(words.ABSENT.get(row["obs_status"], "–"), kind="absent")
    status = row["obs_status"] if row["obs_status"] in words.ABSENT else ""
    text = shown(row["value"], definition.decimals, row["unit"] or "")
    return Cell(text, kind="number", note=words.ABSENT.get(status, ""))
