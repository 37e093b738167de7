"""Priority 4: accountability to peacekeepers (crimes against peacekeepers)."""

from __future__ import annotations

from flows.core import wording
from flows.core.wording import number
from flows.documents import charts
from flows.documents.charts import Alone, Chart, Way, Ways
from flows.documents.page.cells import count, unless_suppressed, whole_of
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic

# each step with what it is called, and the words for what it is a share of
_CASES = (("cases_reported", "Reported", "cases reported"), ("cases_investigated", "Investigated", ""))
_PEOPLE = (
    ("perpetrators_identified", "Identified", "people identified"),
    ("perpetrators_detained", "Detained", "people detained"),
    ("perpetrators_tried", "Tried", "people tried"),
    ("perpetrators_convicted", "Convicted", ""),
)
# the figures for the whole are called as the columns, but for cases
_FIGURES = {"cases_reported": "crime_cases_reported", "cases_investigated": "crime_cases_investigated"}


def _funnel(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("crimes_against_peacekeepers")
    ways = (
        Way("p4-funnel-cases", "Cases", _steps(release, rows, _CASES), charts.BLUE),
        Way("p4-funnel-people", "Alleged perpetrators", _steps(release, rows, _PEOPLE), charts.DEEP),
    )
    if not any(way.steps for way in ways):
        return None
    return Chart(
        "p4-funnel",
        "From the case reported to the conviction",
        "Since 2013, all missions together; each step as a share of the one before it",
        Ways(ways),
        "OROLSI – Justice and Corrections",
        heading="Step",
        columns=("Step", "Number", "Share of the step before"),
        rows=tuple(
            (f"{way.title}: {label.lower()}", number(value), share or "–")
            for way in ways
            for label, value, share in way.steps
        ),
        alone=Alone(
            "Crimes against peacekeepers since 2013",
            "crimes_against_peacekeepers",
            "From the case to the conviction: first cases, then people; all missions together.",
        ),
    )


def _steps(release: Release, rows: list[Row], way: tuple[tuple[str, str, str], ...]) -> list[tuple[str, float, str]]:
    """Return label, number, and the share of the step before with its base in words: `69% of the 294 people …`.

    A step of which nothing is known is left out.
    """
    steps: list[tuple[str, float, str]] = []
    base = ""
    for column, label, next_base in way:
        value = whole_of(release, rows, column, _FIGURES.get(column, column))
        if value is None:
            continue
        before = steps[-1][1] if steps else 0
        steps.append((label, value, f"{wording.share(value, before)} of the {number(before)} {base}" if before else ""))
        base = next_base
    return steps


def _crimes_by_mission(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("crimes_against_peacekeepers"), key=lambda row: str(row["mission"]))
    if not rows:
        return None
    columns = [column for column, _, _ in (*_CASES, *_PEOPLE)]
    return Grid(
        "p4-crimes",
        "Crimes against peacekeepers by mission",
        (
            "Mission",
            "Cases reported",
            "Cases investigated by the host state",
            "Alleged perpetrators identified",
            "Detained",
            "Tried",
            "Convicted",
        ),
        (
            *((Cell(row["mission"]), *(unless_suppressed(row, column, notes) for column in columns)) for row in rows),
            (
                Cell("All missions"),
                *(count(whole_of(release, rows, column, _FIGURES.get(column, column))) for column in columns),
            ),
        ),
        note="Cumulative since 2013. The line of all missions is computed; a total that the source states is not used.",
        source="OROLSI – Justice and Corrections",
        totals=1,
    )


TOPICS = (
    Topic(
        "crimes",
        "Crimes against peacekeepers",
        ("crimes_against_peacekeepers",),
        (
            Block("crimes against peacekeepers", "crimes_against_peacekeepers", _funnel, _funnel),
            Block("crimes against peacekeepers by mission", "crimes_against_peacekeepers", _crimes_by_mission),
        ),
    ),
)
