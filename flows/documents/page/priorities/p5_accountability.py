"""Priority 5: accountability of peacekeepers."""

from __future__ import annotations

from flows.core.wording import counted, listed, number
from flows.documents import words
from flows.documents.page import charts
from flows.documents.page.cells import count, suppressed
from flows.documents.page.charts import Bars, Chart
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic
from flows.documents.series import SUPPRESSED, added, allowed, coloured, ordered, texts, with_suppressed, year_labels

_INCIDENT_YEARS = {
    "current": "In the year reported",
    "previous": "In the year before",
    "other": "Earlier",
    "unknown": "Not known",
    SUPPRESSED: "Suppressed, together",
}
# what is no action stands below the actions
_NO_ACTION = {"None": "No action taken", "Pending": "Pending", "Not applicable": "Not applicable"}


def _ratings(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("fpu_evaluation_ratings")
    if not rows:
        return None
    units = {row["mission"]: row for row in release.rows("fpu_evaluations_by_mission")}
    scale = allowed(release, "fpu_evaluations", "rating")
    steps = dict(zip(scale, charts.SCALE, strict=False))
    colours = {rating: steps.get(rating, charts.GREY) for rating in ordered(texts(rows, "rating"), scale)}
    labels = {mission: _of_units(mission, units.get(mission), "FPU") for mission in sorted(texts(rows, "mission"))}
    bars = Bars(
        list(labels.values()),
        colours,
        added(((labels[row["mission"]], row["rating"]), row["evaluations"]) for row in rows),
    )
    said = "Evaluations by mission: " + "; ".join(
        f"{one}: "
        + listed([f"{number(bars.at(one, series))} {series.lower()}" for series in colours if bars.at(one, series)])
        for one in bars.categories
    )
    return Chart(
        "p5-ratings",
        "Outcome of evaluations of formed police units",
        "Evaluations in the cycle, by mission (formed police units in the mission) and rating",
        (
            charts.rows(
                "p5-ratings", "Outcome of evaluations of formed police units", said + ".", bars, label_width=150
            ),
        ),
        tuple(colours.items()),
        ("Mission", *colours, "All evaluations"),
        bars.table({rating: rating for rating in colours}),
        note="A unit may be evaluated more than once in a cycle.",
        source="OROLSI PD",
    )


def _military(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("military_unit_evaluations_by_mission")
    if not rows:
        return None
    labels = {row["mission"]: _of_units(row["mission"], row, "unit") for row in rows}
    colours = {"evaluations": charts.BLUE}
    counts = added(((labels[row["mission"]], "evaluations"), row["evaluations"]) for row in rows)
    bars = Bars([labels[mission] for mission in sorted(labels)], colours, counts)
    said = "Evaluations by mission: " + listed([f"{one} {number(bars.total(one))}" for one in bars.categories])
    return Chart(
        "p5-military",
        "Evaluations of military units",
        "Evaluations in the cycle, by mission (military units in the mission)",
        (charts.rows("p5-military", "Evaluations of military units", said + ".", bars, label_width=150),),
        (),
        ("Mission", "Units", "Units evaluated", "Evaluations"),
        tuple(
            (row["mission"], number(row["units"]), number(row["units_evaluated"]), number(row["evaluations"]))
            for row in sorted(rows, key=lambda row: str(row["mission"]))
        ),
        note="A unit may be evaluated more than once in a cycle.",
        source="OMA",
    )


def _of_units(mission: str, row: Row | None, unit: str) -> str:
    return f"{mission} ({counted(row['units'], unit)})" if row and row["units"] is not None else mission


def _visits(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("paet_visits"), key=lambda row: str(row["mission"]))
    if not rows:
        return None
    return Grid(
        "p5-visits",
        "Visits to inspect, assess and evaluate police performance",
        ("Mission", "Visits in the cycle"),
        tuple((Cell(row["mission"]), count(row["visits"])) for row in rows),
        note="The visits are known as PAET.",
        source="OROLSI PD",
    )


def _actions(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("sea_actions")
    if not rows:
        return None
    rows.sort(key=lambda row: (row["action_taken"] in _NO_ACTION, -(row["allegations"] or 0), row["action_taken"]))
    hidden = [row["action_taken"] for row in rows if suppressed(row, "allegations")]
    rows = [row for row in rows if row["action_taken"] not in hidden]
    names = {action: _NO_ACTION.get(action, action) for action in (str(row["action_taken"]) for row in rows)}
    counts = added(((names[str(row["action_taken"])], "allegations"), row["allegations"]) for row in rows)
    bars = Bars(list(names.values()), {"allegations": charts.DEEP}, counts)
    title = "Actions taken on substantiated allegations of sexual exploitation and abuse"
    said = "Allegations by action: " + listed([f"{one} {number(bars.total(one))}" for one in bars.categories])
    return Chart(
        "p5-actions",
        title,
        "Substantiated allegations reported since 1 January 2010",
        (charts.rows("p5-actions", title, said + ".", bars, label_width=140),),
        (),
        ("Action", "Allegations"),
        (
            *bars.table({"allegations": "Allegations"}),
            *((_NO_ACTION.get(action, action), words.ABSENT["Q"]) for action in hidden),
        ),
        note=f"{words.MEANING['Q']} {listed(hidden)}." if hidden else "",
        source="CDS",
    )


def _sea(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("sea_allegations_by_year")
    if not rows:
        return None
    hidden = {(row["year_reported"], row["incident_year"]) for row in rows if suppressed(row, "allegations")}
    wholes = release.rows("sea_allegations_yearly")
    rows = with_suppressed(rows, wholes, "year_reported", "incident_year", "allegations")
    colours = coloured(texts(rows, "incident_year"), charts.INCIDENT_YEARS)
    labels, note = year_labels([row["year_reported"] for row in rows], None, release.cycle)
    counts = added(((labels[row["year_reported"]], row["incident_year"]), row["allegations"]) for row in rows)
    bars = Bars(list(labels.values()), colours, counts)
    names = {series: _INCIDENT_YEARS.get(series, series) for series in colours}
    title = "Allegations of sexual exploitation and abuse"
    said = "Allegations by year reported: " + listed([f"{one} {number(bars.total(one))}" for one in bars.categories])
    return Chart(
        "p5-sea",
        title,
        "By year reported, and by when the incident was",
        (charts.columns("p5-sea", title, said + ".", bars),),
        tuple((names[series], colour) for series, colour in colours.items()),
        ("Year reported", *names.values(), "All") if len(names) > 1 else ("Year reported", *names.values()),
        _with_words(bars.table(names), [(year, list(names).index(series)) for year, series in hidden], labels),
        note=f"An act over a period counts for the year in which it ended. {note}".strip(),
        data_note=words.MEANING["Q"] if hidden else "",
        source="CDS",
    )


def _with_words(
    table: tuple[tuple[str, ...], ...], hidden: list[tuple[int, int]], labels: dict[int, str]
) -> tuple[tuple[str, ...], ...]:
    """Say of each suppressed number that it is, where a zero would stand."""
    places = {(labels[year], at) for year, at in hidden}
    return tuple(
        tuple(words.ABSENT["Q"] if (row[0], at - 1) in places else text for at, text in enumerate(row)) for row in table
    )


def _misconduct(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("serious_misconduct_by_year")
    if not rows:
        return None
    labels, note = year_labels([row["year_reported"] for row in rows], None, release.cycle)
    counts = added(((labels[row["year_reported"]], "allegations"), row["allegations"]) for row in rows)
    bars = Bars(list(labels.values()), {"allegations": charts.DEEP}, counts)
    title = "Allegations of other serious misconduct"
    said = "Allegations by year reported: " + listed([f"{one} {number(bars.total(one))}" for one in bars.categories])
    return Chart(
        "p5-misconduct",
        title,
        "By year reported; sexual exploitation and abuse excluded",
        (charts.columns("p5-misconduct", title, said + ".", bars),),
        (),
        ("Year reported", "Allegations"),
        bars.table({"allegations": "Allegations"}),
        note=note,
        source="CDS",
    )


TOPICS = (
    Topic(
        "performance",
        "Performance",
        ("fpu_evaluations_by_mission", "fpu_evaluation_ratings", "paet_visits", "military_unit_evaluations_by_mission"),
        (
            Block("evaluations of formed police units", "fpu_evaluations", _ratings),
            Block("evaluations of military units", "military_unit_evaluations", _military),
            Block("visits to assess police performance", "paet_visits", _visits),
        ),
    ),
    Topic(
        "conduct",
        "Conduct and discipline",
        (
            "allegations",
            "sea_allegations_by_year",
            "sea_allegations_yearly",
            "sea_actions",
            "serious_misconduct_by_year",
        ),
        (
            Block("actions on sexual exploitation and abuse", "conduct_allegations", _actions),
            Block("allegations of sexual exploitation and abuse", "conduct_allegations", _sea),
            Block("allegations of other serious misconduct", "conduct_allegations", _misconduct),
        ),
    ),
)
