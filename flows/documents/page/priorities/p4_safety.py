"""Priority 4: accountability to peacekeepers (safety and security)."""

from __future__ import annotations

from flows.core.wording import day, listed, number, shown
from flows.documents import charts
from flows.documents.charts import Alone, Bars, Chart, Columns, Rows, Series
from flows.documents.page.cells import added_up
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic
from flows.documents.series import added, coloured, texts, unmarked, year_labels

_REMOVED = {
    "exploded": "Exploded",
    "removed_by_mission": "Removed by the mission",
    "removed_by_others": "Removed by others",
}
# of missions that give a total, and not of what it is made up
_NOT_TOLD_APART = "not_told_apart"


def _causes(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("fatalities_by_cause")
    if not rows:
        return None
    labels, note = year_labels([row["year"] for row in rows], release.as_of("fatalities_total"), release.cycle)
    bars = Bars(
        list(labels),
        coloured(texts(rows, "cause"), charts.CAUSES, str.capitalize),
        added(((row["year"], row["cause"]), row["deaths"]) for row in rows),
        labels,
    )
    first, last = bars.label(bars.categories[0]), bars.label(bars.categories[-1])
    whole = listed(
        [
            f"{series.name} {number(sum(bars.at(year, cause) for year in labels))}"
            for cause, series in bars.series.items()
        ]
    )
    return Chart(
        "p4-causes",
        "Deaths by cause and year",
        "Deaths in peacekeeping operations, by year of the incident",
        Columns(bars),
        "NOTICAS / UNOCC",
        heading="Year",
        total="All causes",
        spoken=f"Deaths by year, {first} to {last}, stacked by cause: {whole}.",
        note=note,
        alone=Alone(
            "Deaths in peacekeeping operations by cause and year",
            "fatalities_by_cause",
            "Deaths by year of the incident.",
            after=unmarked(note),
        ),
    )


def _malicious(release: Release, notes: Notes) -> Chart | None:
    rows = [row for row in release.rows("fatalities_malicious_share") if row["malicious_pct"] is not None]
    if not rows:
        return None
    labels, note = year_labels([row["year"] for row in rows], release.as_of("fatalities_total"), release.cycle)
    by_year = {row["year"]: row for row in rows}
    years = [year for year in labels if year in by_year]
    bars = Bars(
        years,
        {"share": Series("Share of deaths by malicious acts", charts.RED)},
        {(year, "share"): by_year[year]["malicious_pct"] for year in years},
        labels,
    )
    return Chart(
        "p4-malicious",
        "Share of deaths by malicious acts",
        "Percent of all deaths of the year",
        Columns(bars, unit="percent"),
        "NOTICAS / UNOCC",
        heading="Year",
        spoken=f"Percent of the deaths of each year: {bars.in_words('percent')}.",
        columns=("Year", "All deaths", "By malicious acts", "Share"),
        rows=tuple(
            (
                labels[year],
                number(by_year[year]["deaths"]),
                number(by_year[year]["malicious_deaths"]),
                shown(by_year[year]["malicious_pct"], 1, "percent"),
            )
            for year in years
        ),
        note=note,
        plain=True,
        alone=Alone(
            "Share of deaths by malicious acts (percent)",
            "fatalities_malicious_share",
            "Deaths by malicious acts in percent of all deaths of the year.",
            after=unmarked(note),
            reads=("year", "malicious_pct"),
            decimals=0,
        ),
    )


def _deaths_by_mission(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("fatalities_by_mission")
    if not rows:
        return None
    causes = coloured(texts(rows, "cause"), charts.CAUSES, str.capitalize)
    counts = added(((row["mission"], row["cause"]), row["deaths"]) for row in rows)
    everyone = Bars(texts(rows, "mission"), causes, counts)
    ranked = sorted(everyone.categories, key=lambda one: (-everyone.total(one), one))
    # a long tail of missions with a death or two would make the chart unreadable; the table under it names them all
    drawn, tail = (ranked, []) if len(ranked) <= 12 else (ranked[:11], ranked[11:])
    rest = f"{len(tail)} others"
    of_rest = added(((rest, cause), everyone.at(mission, cause)) for mission in tail for cause in causes)
    bars = Bars([*drawn, *([rest] if tail else [])], causes, counts | of_rest)
    return Chart(
        "p4-missions",
        "Deaths by mission and cause",
        "Deaths since 1 January 2017, missions that have closed included",
        Rows(bars, label_width=100),
        "NOTICAS / UNOCC",
        heading="Mission",
        total="All causes",
        spoken=f"Deaths by mission: {bars.in_words()}.",
        rows=Bars(ranked, causes, counts).table(),
    )


def _by_personnel_type(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("fatalities_by_personnel_type")
    if not rows:
        return None
    deaths = added(((row["personnel_type"], "deaths"), row["deaths"]) for row in rows)
    kinds = sorted(texts(rows, "personnel_type"), key=lambda kind: (-deaths[kind, "deaths"], kind))
    bars = Bars(kinds, {"deaths": Series("Deaths", charts.BLUE)}, deaths)
    return Chart(
        "p4-personnel",
        "Deaths by kind of personnel",
        "Deaths since 1 January 2017, missions that have closed included",
        Rows(bars, label_width=150),
        "NOTICAS / UNOCC",
        heading="Kind of personnel",
        spoken=f"Deaths by kind of personnel: {bars.in_words()}.",
        plain=True,
    )


def _ordnance(release: Release, notes: Notes) -> Chart | None:
    rows = _by_mission(release, "explosive_ordnance")
    if not rows:
        return None
    rest = {row["mission"]: _rest(row) for row in rows}
    series = {what: Series(name, charts.ORDNANCE[what]) for what, name in _REMOVED.items()}
    if any(rest.values()):
        series[_NOT_TOLD_APART] = Series("Not told apart", charts.GREY)
    counts = added(((row["mission"], what), row[what]) for row in rows for what in _REMOVED)
    counts |= {(mission, _NOT_TOLD_APART): count for mission, count in rest.items() if count}
    bars = Bars([row["mission"] for row in rows], series, counts)
    return Chart(
        "p4-ordnance",
        "Explosive ordnance incidents by mission",
        "Ordnance that exploded, or was removed, and by whom",
        Rows(bars, label_width=100),
        "UNMAS",
        heading="Mission",
        total="All incidents",
        spoken=f"Incidents by mission: {bars.in_words()}.",
        rows=tuple(
            (
                row["mission"],
                *(number(row[what]) for what in _REMOVED),
                *([number(rest[row["mission"]])] if _NOT_TOLD_APART in series else []),
                number(row["incidents"]),
            )
            for row in rows
        ),
        note=_up_to(rows),
    )


def _risk_education(release: Release, notes: Notes) -> Chart | None:
    rows = [row for row in _by_mission(release, "explosive_ordnance") if row["people_educated"] is not None]
    if not rows:
        return None
    counts = added(((row["mission"], "people"), row["people_educated"]) for row in rows)
    bars = Bars([row["mission"] for row in rows], {"people": Series("People", charts.BLUE)}, counts)
    return Chart(
        "p4-risk-education",
        "People who received risk education by mission",
        "Education on the risks of explosive ordnance",
        Rows(bars, label_width=100, total_width=70),
        "UNMAS",
        heading="Mission",
        spoken=f"People by mission: {bars.in_words()}.",
        note=_up_to(rows),
        plain=True,
    )


def _ordnance_by_mission(release: Release, notes: Notes) -> Grid | None:
    rows = _by_mission(release, "explosive_ordnance")
    if not rows:
        return None

    def line(name: str, own: list[Row]) -> tuple[Cell, ...]:
        return (Cell(name), *(added_up(own, what) for what in (*_REMOVED, "incidents", "people_educated")))

    return Grid(
        "p4-ordnance-by-mission",
        "Explosive ordnance and risk education by mission",
        ("Mission", *_REMOVED.values(), "All incidents", "People who received risk education"),
        (*(line(row["mission"], [row]) for row in rows), line("All missions", rows)),
        note=_up_to(rows),
        source="UNMAS",
        totals=1,
    )


def _rest(row: Row) -> int:
    """Return the incidents of which it is not told whether they exploded or who removed them."""
    return int((row["incidents"] or 0) - sum(row[what] or 0 for what in _REMOVED))


def _by_mission(release: Release, table: str) -> list[Row]:
    return sorted(release.rows(table), key=lambda row: str(row["mission"]))


def _up_to(rows: list[Row]) -> str:
    """Say from which day to which is counted, mission by mission where they differ."""
    days = {(row["counted_from"], row["up_to"]) for row in rows if row["up_to"]}
    if len(days) > 1:
        return "Up to: " + "; ".join(f"{row['mission']} {day(row['up_to'])}" for row in rows) + "."
    if not days:
        return ""
    first, last = days.pop()
    return f"From {day(first)} to {day(last)}." if first else f"Up to {day(last)}."


TOPICS = (
    Topic(
        "safety",
        "Safety and security",
        (
            "casualties",
            "fatalities_by_cause",
            "fatalities_malicious_share",
            "fatalities_by_mission",
            "fatalities_by_personnel_type",
        ),
        (
            Block("deaths by cause", "noticas", _causes, _causes),
            Block("the share of deaths by malicious acts", "noticas", _malicious, _malicious),
            Block("deaths by mission", "noticas", _deaths_by_mission),
            Block("deaths by kind of personnel", "noticas", _by_personnel_type),
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
