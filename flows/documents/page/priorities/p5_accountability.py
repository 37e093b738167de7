"""Priority 5: accountability of peacekeepers."""

from __future__ import annotations

from flows.core.wording import counted, listed, number
from flows.documents import charts, words
from flows.documents.charts import Alone, Bars, Chart, Columns, Rows, Series
from flows.documents.page.cells import count, suppressed
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic
from flows.documents.series import (
    SUPPRESSED,
    added,
    allowed,
    coloured,
    ordered,
    texts,
    unmarked,
    with_suppressed,
    year_labels,
)

_INCIDENT_YEARS = {
    "current": "In the year reported",
    "previous": "In the year before",
    "other": "Earlier",
    "unknown": "Not known",
    SUPPRESSED: "Suppressed, together",
}
_TWICE = "A unit may be evaluated more than once in a cycle."
_OVER_A_PERIOD = "An act over a period counts for the year in which it ended."
# what is no action stands below the actions
_NO_ACTION = {"None": "No action taken", "Pending": "Pending", "Not applicable": "Not applicable"}


def _ratings(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("fpu_evaluation_ratings")
    if not rows:
        return None
    units = {row["mission"]: row for row in release.rows("fpu_evaluations_by_mission")}
    scale = allowed(release, "fpu_evaluations", "rating")
    steps = dict(zip(scale, charts.SCALE, strict=False))
    missions = texts(rows, "mission")
    bars = Bars(
        missions,
        {rating: Series(rating, steps.get(rating, charts.GREY)) for rating in ordered(texts(rows, "rating"), scale)},
        added(((row["mission"], row["rating"]), row["evaluations"]) for row in rows),
        {mission: _of_units(mission, units.get(mission), "FPU") for mission in missions},
    )
    return Chart(
        "p5-ratings",
        "Outcome of evaluations of formed police units",
        "Evaluations in the cycle, by mission (formed police units in the mission) and rating",
        Rows(bars, label_width=150),
        "OROLSI PD",
        heading="Mission",
        total="All evaluations",
        spoken=f"Evaluations by mission: {bars.parts_in_words(str.lower)}.",
        note=_TWICE,
        alone=Alone(
            "Outcome of evaluations of formed police units by mission",
            "fpu_evaluation_ratings",
            f"Evaluations in the cycle by rating. {_TWICE}",
        ),
    )


def _military(release: Release, notes: Notes) -> Chart | None:
    rows = sorted(release.rows("military_unit_evaluations_by_mission"), key=lambda row: str(row["mission"]))
    if not rows:
        return None
    bars = Bars(
        [row["mission"] for row in rows],
        {"evaluations": Series("Evaluations", charts.BLUE)},
        added(((row["mission"], "evaluations"), row["evaluations"]) for row in rows),
        {row["mission"]: _of_units(row["mission"], row, "unit") for row in rows},
    )
    return Chart(
        "p5-military",
        "Evaluations of military units",
        "Evaluations in the cycle, by mission (military units in the mission)",
        Rows(bars, label_width=150),
        "OMA",
        heading="Mission",
        spoken=f"Evaluations by mission: {bars.in_words()}.",
        columns=("Mission", "Units", "Units evaluated", "Evaluations"),
        rows=tuple(
            (row["mission"], number(row["units"]), number(row["units_evaluated"]), number(row["evaluations"]))
            for row in rows
        ),
        note=_TWICE,
        plain=True,
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
    hidden, shown = [], {}
    for row in rows:
        action = _NO_ACTION.get(row["action_taken"], str(row["action_taken"]))
        if suppressed(row, "allegations"):
            hidden.append(action)
        else:
            shown[action] = row["allegations"]
    bars = Bars(
        list(shown),
        {"allegations": Series("Allegations", charts.DEEP)},
        {(action, "allegations"): count for action, count in shown.items()},
    )
    suppressed_ones = f"{words.MEANING['Q']} {listed(hidden)}." if hidden else ""
    return Chart(
        "p5-actions",
        "Actions taken on substantiated allegations of sexual exploitation and abuse",
        "Substantiated allegations reported since 1 January 2010",
        Rows(bars, label_width=140),
        "CDS",
        heading="Action",
        spoken=f"Allegations by action: {bars.in_words()}.",
        rows=(*bars.table(), *((action, words.ABSENT["Q"]) for action in hidden)),
        note=suppressed_ones,
        plain=True,
        alone=Alone(
            "Actions on substantiated allegations of SEA since 2010",
            "sea_actions",
            "Substantiated allegations of sexual exploitation and abuse by the action taken.",
            after=suppressed_ones,
        ),
    )


def _sea(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("sea_allegations_by_year")
    if not rows:
        return None
    hidden = {(row["year_reported"], row["incident_year"]) for row in rows if suppressed(row, "allegations")}
    wholes = release.rows("sea_allegations_yearly")
    rows = with_suppressed(rows, wholes, "year_reported", "incident_year", "allegations")
    labels, note = year_labels([row["year_reported"] for row in rows], None, release.cycle)
    bars = Bars(
        list(labels),
        coloured(texts(rows, "incident_year"), charts.INCIDENT_YEARS, lambda year: _INCIDENT_YEARS.get(year, year)),
        added(((row["year_reported"], row["incident_year"]), row["allegations"]) for row in rows),
        labels,
    )
    return Chart(
        "p5-sea",
        "Allegations of sexual exploitation and abuse",
        "By year reported, and by when the incident was",
        Columns(bars),
        "CDS",
        heading="Year reported",
        spoken=f"Allegations by year reported: {bars.in_words()}.",
        rows=_with_words(bars, hidden),
        note=f"{_OVER_A_PERIOD} {note}".strip(),
        data_note=words.MEANING["Q"] if hidden else "",
        alone=Alone(
            "Allegations of sexual exploitation and abuse by year reported",
            "sea_allegations_by_year",
            f"By when the incident was; {_OVER_A_PERIOD[0].lower()}{_OVER_A_PERIOD[1:]}",
            after=unmarked(note),
        ),
    )


def _with_words(bars: Bars, hidden: set[tuple[int, str]]) -> tuple[tuple[str, ...], ...]:
    """Say of each suppressed number that it is, where a zero would stand."""
    places = {(bars.label(year), list(bars.series).index(series)) for year, series in hidden}
    return tuple(
        tuple(words.ABSENT["Q"] if (row[0], at - 1) in places else text for at, text in enumerate(row))
        for row in bars.table()
    )


def _misconduct(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("serious_misconduct_by_year")
    if not rows:
        return None
    labels, note = year_labels([row["year_reported"] for row in rows], None, release.cycle)
    bars = Bars(
        list(labels),
        {"allegations": Series("Allegations", charts.DEEP)},
        added(((row["year_reported"], "allegations"), row["allegations"]) for row in rows),
        labels,
    )
    subtitle = "By year reported; sexual exploitation and abuse excluded"
    return Chart(
        "p5-misconduct",
        "Allegations of other serious misconduct",
        subtitle,
        Columns(bars),
        "CDS",
        heading="Year reported",
        spoken=f"Allegations by year reported: {bars.in_words()}.",
        note=note,
        plain=True,
        alone=Alone(
            "Allegations of other serious misconduct by year reported",
            "serious_misconduct_by_year",
            f"{subtitle}.",
            after=unmarked(note),
            reads=("year_reported", "allegations"),
        ),
    )


TOPICS = (
    Topic(
        "performance",
        "Performance",
        ("fpu_evaluations_by_mission", "fpu_evaluation_ratings", "paet_visits", "military_unit_evaluations_by_mission"),
        (
            Block("evaluations of formed police units", "fpu_evaluations", _ratings, _ratings),
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
            Block("actions on sexual exploitation and abuse", "conduct_allegations", _actions, _actions),
            Block("allegations of sexual exploitation and abuse", "conduct_allegations", _sea, _sea),
            Block("allegations of other serious misconduct", "conduct_allegations", _misconduct, _misconduct),
        ),
    ),
)
