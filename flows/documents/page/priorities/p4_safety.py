"""Priority 4: accountability to peacekeepers (safety and security)."""

from __future__ import annotations

from flows.core import wording
from flows.core.wording import day, listed, number
from flows.documents.page import charts
from flows.documents.page.cells import added_up, count
from flows.documents.page.charts import Bars, Chart
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic
from flows.documents.series import added, coloured, texts, year_labels

_REMOVED = {
    "exploded": "Exploded",
    "removed_by_mission": "Removed by the mission",
    "removed_by_others": "Removed by others",
}


def _causes(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("fatalities_by_cause")
    if not rows:
        return None
    colours = coloured(texts(rows, "cause"), charts.CAUSES)
    labels, note = year_labels([row["year"] for row in rows], release.as_of("fatalities_total"), release.cycle)
    bars = Bars(
        list(labels.values()), colours, added(((labels[row["year"]], row["cause"]), row["deaths"]) for row in rows)
    )
    whole = {series: sum(bars.at(one, series) for one in bars.categories) for series in colours}
    said = f"Deaths by year, {bars.categories[0]} to {bars.categories[-1]}, stacked by cause: " + listed(
        [f"{_cause(cause)} {number(count)}" for cause, count in whole.items()]
    )
    names = {cause: _cause(cause) for cause in colours}
    return Chart(
        "p4-causes",
        "Deaths by cause and year",
        "Deaths in peacekeeping operations, by year of the incident",
        (charts.columns("p4-causes", "Deaths by cause and year", said + ".", bars),),
        tuple((names[cause], colour) for cause, colour in colours.items()),
        ("Year", *names.values(), "All causes"),
        bars.table(names),
        note=note,
        source="NOTICAS / UNOCC",
    )


def _malicious(release: Release, notes: Notes) -> Chart | None:
    rows = [row for row in release.rows("fatalities_malicious_share") if row["malicious_pct"] is not None]
    if not rows:
        return None
    labels, note = year_labels([row["year"] for row in rows], release.as_of("fatalities_total"), release.cycle)
    by_label = {labels[row["year"]]: row for row in rows}
    categories = [one for one in labels.values() if one in by_label]
    colours = {"share": charts.RED}
    bars = Bars(
        categories, colours, {(one, "share"): wording.rounded(row["malicious_pct"]) for one, row in by_label.items()}
    )
    said = "Percent of the deaths of each year: " + listed([f"{one} {number(bars.total(one))}%" for one in categories])
    return Chart(
        "p4-malicious",
        "Share of deaths by malicious acts",
        "Percent of all deaths of the year",
        (charts.columns("p4-malicious", "Share of deaths by malicious acts", said + ".", bars, unit="%"),),
        (),
        ("Year", "All deaths", "By malicious acts", "Share"),
        tuple(
            (
                one,
                number(by_label[one]["deaths"]),
                number(by_label[one]["malicious_deaths"]),
                f"{number(by_label[one]['malicious_pct'], 1)}%",
            )
            for one in categories
        ),
        note=note,
        source="NOTICAS / UNOCC",
    )


def _deaths_by_mission(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("fatalities_by_mission")
    if not rows:
        return None
    colours = coloured(texts(rows, "cause"), charts.CAUSES)
    counts = added(((row["mission"], row["cause"]), row["deaths"]) for row in rows)
    everyone = Bars(sorted(texts(rows, "mission")), colours, counts)
    ranked = sorted(everyone.categories, key=lambda one: (-everyone.total(one), one))
    # a long tail of missions with a death or two would make the chart unreadable; the table under it names them all
    drawn, tail = (ranked, []) if len(ranked) <= 12 else (ranked[:11], ranked[11:])
    rest = f"{len(tail)} others"
    for mission in tail:
        for cause in colours:
            counts[rest, cause] = counts.get((rest, cause), 0) + counts.get((mission, cause), 0)
    bars = Bars([*drawn, *([rest] if tail else [])], colours, counts)
    said = "Deaths by mission: " + listed([f"{one} {number(bars.total(one))}" for one in bars.categories])
    names = {cause: _cause(cause) for cause in colours}
    return Chart(
        "p4-missions",
        "Deaths by mission and cause",
        "Deaths since 1 January 2017, missions that have closed included",
        (charts.rows("p4-missions", "Deaths by mission and cause", said + ".", bars, label_width=100),),
        tuple((names[cause], colour) for cause, colour in colours.items()),
        ("Mission", *names.values(), "All causes"),
        Bars(ranked, colours, counts).table(names),
        source="NOTICAS / UNOCC",
    )


def _cause(cause: str) -> str:
    return cause.capitalize()


def _ordnance(release: Release, notes: Notes) -> Chart | None:
    rows = _by_mission(release, "explosive_ordnance")
    if not rows:
        return None
    bars = Bars(
        [row["mission"] for row in rows],
        charts.ORDNANCE,
        added(((row["mission"], what), row[what]) for row in rows for what in _REMOVED),
    )
    title = "Explosive ordnance incidents by mission"
    said = "Incidents by mission: " + listed([f"{one} {number(bars.total(one))}" for one in bars.categories])
    return Chart(
        "p4-ordnance",
        title,
        "Ordnance that exploded, or was removed, and by whom",
        (charts.rows("p4-ordnance", title, said + ".", bars, label_width=100),),
        tuple((name, charts.ORDNANCE[what]) for what, name in _REMOVED.items()),
        ("Mission", *_REMOVED.values(), "All incidents"),
        tuple(
            (row["mission"], *(number(row[what]) for what in _REMOVED), number(bars.total(row["mission"])))
            for row in rows
        ),
        note=_up_to(rows),
        source="UNMAS",
    )


def _risk_education(release: Release, notes: Notes) -> Chart | None:
    rows = [row for row in _by_mission(release, "explosive_ordnance") if row["people_educated"] is not None]
    if not rows:
        return None
    counts = added(((row["mission"], "people"), row["people_educated"]) for row in rows)
    bars = Bars([row["mission"] for row in rows], {"people": charts.BLUE}, counts)
    title = "People who received risk education by mission"
    said = "People by mission: " + listed([f"{one} {number(bars.total(one))}" for one in bars.categories])
    return Chart(
        "p4-risk-education",
        title,
        "Education on the risks of explosive ordnance",
        (charts.rows("p4-risk-education", title, said + ".", bars, label_width=100, total_width=70),),
        (),
        ("Mission", "People"),
        bars.table({"people": "People"}),
        note=_up_to(rows),
        source="UNMAS",
    )


def _ordnance_by_mission(release: Release, notes: Notes) -> Grid | None:
    rows = _by_mission(release, "explosive_ordnance")
    if not rows:
        return None

    def line(name: str, own: list[Row]) -> tuple[Cell, ...]:
        every = [row[what] for row in own for what in _REMOVED if row[what] is not None]
        return (
            Cell(name),
            *(added_up(own, what) for what in _REMOVED),
            count(sum(every) if every else None),
            added_up(own, "people_educated"),
        )

    return Grid(
        "p4-ordnance-by-mission",
        "Explosive ordnance and risk education by mission",
        ("Mission", *_REMOVED.values(), "All incidents", "People who received risk education"),
        (*(line(row["mission"], [row]) for row in rows), line("All missions", rows)),
        note=_up_to(rows),
        source="UNMAS",
        totals=1,
    )


def _by_mission(release: Release, table: str) -> list[Row]:
    return sorted(release.rows(table), key=lambda row: str(row["mission"]))


def _up_to(rows: list[Row]) -> str:
    """Say up to which day is counted, mission by mission where they differ."""
    days = {row["up_to"] for row in rows if row["up_to"]}
    if len(days) > 1:
        return "Up to: " + "; ".join(f"{row['mission']} {day(row['up_to'])}" for row in rows) + "."
    return f"Up to {day(days.pop())}." if days else ""


TOPICS = (
    Topic(
        "safety",
        "Safety and security",
        ("casualties", "fatalities_by_cause", "fatalities_malicious_share", "fatalities_by_mission"),
        (
            Block("deaths by cause", "noticas", _causes),
            Block("the share of deaths by malicious acts", "noticas", _malicious),
            Block("deaths by mission", "noticas", _deaths_by_mission),
        ),
    ),
    Topic(
        "ordnance",
        "Explosive ordnance",
        ("explosive_ordnance",),
        (
            Block("explosive ordnance incidents", "explosive_ordnance", _ordnance),
            Block("risk education", "explosive_ordnance", _risk_education),
            Block("explosive ordnance by mission", "explosive_ordnance", _ordnance_by_mission),
        ),
    ),
)
