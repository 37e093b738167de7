"""The charts and small tables of each priority. One that has nothing to show returns nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from config import Cycle
from flows.report import charts, words
from flows.report.charts import Bars, Chart
from flows.report.model import Cell, Grid, Notes, Release, Row
from flows.report.words import counted, day, listed, number, sentence

_INCIDENT_YEARS = {
    "current": "In the year reported",
    "previous": "In the year before",
    "other": "Earlier",
    "unknown": "Not known",
}


# --- Priority 2 ---------------------------------------------------------------------------------------------------


def _checklist(release: Release, notes: Notes) -> Grid | None:
    plans = {row["mission"]: row["approved_plan"] for row in release.rows("mission_plans")}
    assessments = {row["mission"]: row["impact_assessment"] for row in release.rows("cpas_impact_assessments")}
    if not plans and not assessments:
        return None
    missions = sorted({*plans, *assessments})
    return Grid(
        "p2-checklist",
        "Mission plans and impact assessments by mission",
        ("Mission", "Approved mission plan", "CPAS impact assessment conducted"),
        tuple((Cell(one), _yes_no(plans.get(one), notes), _yes_no(assessments.get(one), notes)) for one in missions),
        note="CPAS: the Comprehensive Planning and Performance Assessment System. A blank cell in a workbook means no.",
        source="A4P+ reporting",
    )


def _yes_no(answer: bool | None, notes: Notes) -> Cell:
    if answer is None:
        return Cell(words.ABSENT["O"], notes.of_status("O"), "absent")
    return Cell("Yes", kind="yes") if answer else Cell("No", kind="no")


# --- Priority 3 ---------------------------------------------------------------------------------------------------


def _trainings(release: Release, notes: Notes) -> Grid | None:
    rows = release.rows("conduct_trainings")
    if not rows:
        return None
    kinds = list(dict.fromkeys([*_allowed(release, "conduct_training", "training"), *sorted(_texts(rows, "training"))]))
    kinds = [kind for kind in kinds if any(row["training"] == kind for row in rows)]
    sums = ("training_days", "participants")
    lines = []
    for mission in sorted(_texts(rows, "mission")):
        own = [row for row in rows if row["mission"] == mission]
        by_kind = [_sum([row for row in own if row["training"] == kind], "sessions", notes) for kind in kinds]
        lines.append((Cell(mission), *by_kind, _sum(own, "sessions", notes), *(_sum(own, one, notes) for one in sums)))
    return Grid(
        "p3-trainings",
        "Conduct and discipline training by mission",
        ("Mission", *(f"{kind}, sessions" for kind in kinds), "All sessions", "Days of training", "Participants"),
        tuple(lines),
        source="A4P+ reporting",
    )


def _sum(rows: list[Row], column: str, notes: Notes) -> Cell:
    """Add up what is known; say so where something of it is not."""
    statuses = [row[f"{column}_obs_status"] for row in rows]
    known = [row[column] for row in rows if row[column] is not None]
    if not known:
        return _value(None, statuses[0] if statuses else None, notes)
    whole = all(status in ("A", "M", None) for status in statuses)
    return Cell(number(sum(known)), "" if whole else notes.of_status("P"), "number")


def _women(release: Release, notes: Notes) -> Chart | None:
    every = [row for row in release.rows("uniformed_women") if row["women_pct"] is not None]
    if not every:
        return None
    # the page is about a cycle: later months, which a later delivery may bring, belong to the next one
    rows = [row for row in every if row["month"] <= release.cycle.end] or every
    against = [row for row in rows if row["target_pct"] is not None] or rows
    since, last = min(row["month"] for row in against), max(row["month"] for row in rows)
    rows = [row for row in rows if row["month"] >= since]
    categories = _ordered(_texts(rows, "category"), [target.category for target in release.config.parity_targets])
    top = max(max(row["women_pct"], row["target_pct"] or 0) for row in rows)
    end = max(_years(last), _years(since) + 0.5)
    panels = []
    for at, category in enumerate(categories, start=1):
        own = sorted((row for row in rows if row["category"] == category), key=lambda row: row["month"])
        share = [(_years(row["month"]), row["women_pct"]) for row in own]
        target = [(_years(row["month"]), row["target_pct"]) for row in own if row["target_pct"] is not None]
        said = f"{category}: {number(own[-1]['women_pct'], 1)}% women in {own[-1]['month']:%B %Y}"
        said += f", against a target of {number(own[-1]['target_pct'], 1)}%." if target else "."
        panels.append(charts.lines(f"p3-women-{at}", category, said, share, target, (_years(since), end), top))
    months = sorted({row["month"] for row in rows})
    yearly = [one for one in months if one.month == 12 or one == last]
    cells = {(row["month"], row["category"]): row for row in rows}
    return Chart(
        "p3-women",
        "Women in uniform against the targets of the parity strategy",
        f"Share of women in percent, {since:%B %Y} to {last:%B %Y}",
        tuple(panels),
        (("Share of women", charts.BLUE), ("Target", "dashed")),
        ("Month", *(f"{category} (target)" for category in categories)),
        tuple(
            (f"{month:%B %Y}", *(_share(cells.get((month, category))) for category in categories)) for month in yearly
        ),
        data_note="The last month of each year and the latest month; targets in brackets.",
        source=release.owner("uniformed_personnel"),
    )


def _share(row: Row | None) -> str:
    if row is None:
        return "–"
    target = f" ({number(row['target_pct'], 1)}%)" if row["target_pct"] is not None else ""
    return f"{number(row['women_pct'], 1)}%{target}"


def _years(month: date) -> float:
    return round(month.year + month.timetuple().tm_yday / 366, 3)


def _women_now(release: Release, notes: Notes) -> Grid | None:
    every = [row for row in release.rows("uniformed_women") if row["women_pct"] is not None]
    if not every:
        return None
    last = max((row["month"] for row in every if row["month"] <= release.cycle.end), default=None)
    last = last or max(row["month"] for row in every)
    rows = {row["category"]: row for row in every if row["month"] == last}
    categories = _ordered(list(rows), [target.category for target in release.config.parity_targets])
    derived = "Derived: the strategy states no target for this year; it is interpolated between the years it states."
    lines = []
    for category in categories:
        row, target = rows[category], rows[category]["target_pct"]
        lines.append(
            (
                Cell(category),
                Cell(number(row["women"]), kind="number"),
                Cell(number(row["personnel"]), kind="number"),
                Cell(f"{number(row['women_pct'], 1)}%", kind="number"),
                Cell("–", kind="absent")
                if target is None
                else Cell(f"{number(target, 1)}%", notes.mark(derived) if row["target_derived"] else "", "number"),
                _gap(row["women_pct"], target),
            )
        )
    return Grid(
        "p3-women-now",
        f"Women in uniform, {last:%B %Y}",
        ("Category", "Women", "All personnel", "Share of women", "Target", "Against the target"),
        tuple(lines),
        source=release.owner("uniformed_personnel"),
    )


def _gap(share: float, target: float | None) -> Cell:
    if target is None:
        return Cell("–", kind="absent")
    points = round(share - target, 1)
    if points == 0:
        return Cell("on target", kind="yes")
    text = f"{number(abs(points), 1)} points {'above' if points > 0 else 'below'}"
    return Cell(text, kind="yes" if points > 0 else "", alarming=points < 0)


# --- Priority 4 ---------------------------------------------------------------------------------------------------


def _causes(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("fatalities_by_cause")
    if not rows:
        return None
    colours = _coloured(_texts(rows, "cause"), charts.CAUSES)
    labels, note = _year_labels([row["year"] for row in rows], release.as_of("fatalities_total"), release.cycle)
    bars = Bars(
        list(labels.values()), colours, _added(((labels[row["year"]], row["cause"]), row["deaths"]) for row in rows)
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
    labels, note = _year_labels([row["year"] for row in rows], release.as_of("fatalities_total"), release.cycle)
    by_label = {labels[row["year"]]: row for row in rows}
    categories = [one for one in labels.values() if one in by_label]
    colours = {"share": charts.RED}
    bars = Bars(categories, colours, {(one, "share"): round(row["malicious_pct"]) for one, row in by_label.items()})
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
    colours = _coloured(_texts(rows, "cause"), charts.CAUSES)
    counts = _added(((row["mission"], row["cause"]), row["deaths"]) for row in rows)
    everyone = Bars(sorted(_texts(rows, "mission")), colours, counts)
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


# --- Priority 5 ---------------------------------------------------------------------------------------------------


def _ratings(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("fpu_evaluation_ratings")
    if not rows:
        return None
    units = {row["mission"]: row for row in release.rows("fpu_evaluations_by_mission")}
    scale = _allowed(release, "fpu_evaluations", "rating")
    steps = dict(zip(scale, charts.SCALE, strict=False))
    colours = {rating: steps.get(rating, charts.GREY) for rating in _ordered(_texts(rows, "rating"), scale)}
    labels = {mission: _of_units(mission, units.get(mission), "FPU") for mission in sorted(_texts(rows, "mission"))}
    bars = Bars(
        list(labels.values()),
        colours,
        _added(((labels[row["mission"]], row["rating"]), row["evaluations"]) for row in rows),
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
    counts = _added(((labels[row["mission"]], "evaluations"), row["evaluations"]) for row in rows)
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


def _sea(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("sea_allegations_by_year")
    if not rows:
        return None
    colours = _coloured(_texts(rows, "incident_year"), charts.INCIDENT_YEARS)
    labels, note = _year_labels([row["year_reported"] for row in rows], None, release.cycle)
    counts = _added(((labels[row["year_reported"]], row["incident_year"]), row["allegations"]) for row in rows)
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
        bars.table(names),
        note=f"An act over a period counts for the year in which it ended. {note}".strip(),
        source="CDS",
    )


def _misconduct(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("serious_misconduct_by_year")
    if not rows:
        return None
    labels, note = _year_labels([row["year_reported"] for row in rows], None, release.cycle)
    counts = _added(((labels[row["year_reported"]], "allegations"), row["allegations"]) for row in rows)
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


# --- Priority 7 ---------------------------------------------------------------------------------------------------


def _agreements(release: Release, notes: Notes) -> Grid | None:
    rows = release.rows("sofa_soma_incidents")
    if not rows:
        return None
    impacts = ("impact_civilian_movement", "impact_uniformed_movement", "impact_mandated_tasks")
    lines = []
    for row in sorted(rows, key=lambda row: str(row["mission"])):
        lines.append(
            (
                Cell(row["mission"]),
                Cell(row["agreement"] if row["agreement"] not in (None, "none") else "–"),
                _incidents(row, "new_incidents", notes),
                _incidents(row, "total_incidents", notes),
                *(_impact(row, impact) for impact in impacts),
            )
        )
    return Grid(
        "p7-agreements",
        "Incidents under agreements with host States, and their impact on missions",
        (
            "Mission",
            "Agreement",
            "New incidents in the cycle",
            "All unresolved incidents",
            "Impact on movement of civilian personnel",
            "Impact on movement of uniformed personnel",
            "Impact on mandated tasks",
        ),
        tuple(lines),
        note="SOFA: status-of-forces agreement. SOMA: status-of-mission agreement.",
        source="A4P+ reporting / SAGE",
    )


def _incidents(row: Row, column: str, notes: Notes) -> Cell:
    status = row[f"{column}_obs_status"]
    if row[column] is not None:
        return _value(row[column], status, notes)
    if status == "M":
        return Cell("No SOFA/SOMA", kind="absent")
    return Cell(sentence(words.ABSENT.get(status, "–")), notes.of_status(status), "absent")


def _impact(row: Row, column: str) -> Cell:
    impact = row[column]
    if impact is None:
        no_agreement = row["new_incidents_obs_status"] == "M"
        unsent = row["new_incidents_obs_status"] == "O"
        return Cell("–" if no_agreement or unsent else "none reported", kind="absent")
    return Cell(f"{impact}", alarming=impact == "High")


# --- what several blocks share ------------------------------------------------------------------------------------

Draw = Callable[[Release, Notes], Chart | Grid | None]
BLOCKS: dict[int, tuple[tuple[str, str, Draw], ...]] = {
    2: (("mission plans and impact assessments", "mission_report", _checklist),),
    3: (
        ("the share of women in uniform", "uniformed_personnel", _women),
        ("women in uniform in the latest month", "uniformed_personnel", _women_now),
        ("conduct and discipline training", "mission_report", _trainings),
    ),
    4: (
        ("deaths by cause", "noticas", _causes),
        ("the share of deaths by malicious acts", "noticas", _malicious),
        ("deaths by mission", "noticas", _deaths_by_mission),
    ),
    5: (
        ("evaluations of formed police units", "fpu_evaluations", _ratings),
        ("evaluations of military units", "military_unit_evaluations", _military),
        ("allegations of sexual exploitation and abuse", "conduct_allegations", _sea),
        ("allegations of other serious misconduct", "conduct_allegations", _misconduct),
    ),
    7: (("incidents under agreements with host States", "mission_report", _agreements),),
}


def _texts(rows: list[Row], column: str) -> list[str]:
    return sorted({row[column] for row in rows if row[column] is not None})


def _ordered(found: list[str], order: Iterable[str]) -> list[str]:
    """Return what was found in a given order; what that order does not know comes last."""
    known = [one for one in dict.fromkeys(order) if one in found]
    return [*known, *(one for one in found if one not in known)]


def _coloured(found: list[str], palette: Mapping[str, str]) -> dict[str, str]:
    return {one: palette.get(one, charts.GREY) for one in _ordered(found, palette)}


def _added(pairs: Iterable[tuple[tuple[str, str], float | None]]) -> dict[tuple[str, str], float]:
    sums: dict[tuple[str, str], float] = {}
    for key, value in pairs:
        sums[key] = sums.get(key, 0) + (value or 0)
    return sums


def _allowed(release: Release, table: str, column: str) -> tuple[str, ...]:
    """Return the values that a contract allows, in its order."""
    for contract in release.config.contracts.values():
        if table in contract.tables and column in contract.tables[table].columns:
            return contract.tables[table].columns[column].one_of or ()
    return ()


def _year_labels(years: list[int], as_of: date | None, cycle: Cycle) -> tuple[dict[int, str], str]:
    """Return the label of each year from the first to the last, and a note where the last is not a whole year."""
    span = range(min(years), max(years) + 1)
    labels = {year: str(year) for year in span}
    last = span[-1]
    if as_of is not None and as_of.year == last:
        if (as_of.month, as_of.day) == (12, 31):
            return labels, ""
        return {**labels, last: f"{last}*"}, f"* {last} until {day(as_of)}."
    if last > cycle.last_calendar_year:
        return {**labels, last: f"{last}*"}, f"* {last} is not a whole year: it counts what has been received so far."
    return labels, ""


def _value(value: float | None, status: str | None, notes: Notes) -> Cell:
    if value is None:
        mark = "" if status == "M" else notes.of_status(status)
        return Cell(words.ABSENT.get(status or "", "–"), mark, "absent")
    return Cell(number(value), notes.of_status(status), "number")
