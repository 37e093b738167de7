"""Priority 3: capabilities and mindsets (participation of women in peacekeeping)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flows.core.wording import day, month, number, sentence, shown
from flows.documents import charts
from flows.documents.charts import Alone, Bars, Beside, Chart, Line, Lines, Rows, Series
from flows.documents.page.cells import NONE, count, percent, reported
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic
from flows.documents.series import added, allowed, coloured, ordered, texts
from transforms.rounding import points_between, rounded


def _women(release: Release, notes: Notes) -> Chart | None:
    every = [row for row in release.rows("uniformed_women") if row["women_pct"] is not None]
    if not every:
        return None
    # the page is about a cycle: later months, which a later delivery may bring, belong to the next one
    rows = [row for row in every if row["month"] <= release.cycle.end] or every
    against = [row for row in rows if row["target_pct"] is not None] or rows
    since, last = min(row["month"] for row in against), max(row["month"] for row in rows)
    rows = [row for row in rows if row["month"] >= since]
    categories = ordered(texts(rows, "category"), [target.category for target in release.config.parity_targets])
    lines = []
    for at, category in enumerate(categories, start=1):
        own = sorted((row for row in rows if row["category"] == category), key=lambda row: row["month"])
        share = [(_years(row["month"]), row["women_pct"]) for row in own]
        target = [(_years(row["month"]), row["target_pct"]) for row in own if row["target_pct"] is not None]
        spoken = f"{category}: {shown(own[-1]['women_pct'], 1, 'percent')} women in {month(own[-1]['month'])}"
        spoken += f", against a target of {shown(own[-1]['target_pct'], 1, 'percent')}." if target else "."
        lines.append(Line(f"p3-women-{at}", category, spoken, share, target))
    months = sorted({row["month"] for row in rows})
    yearly = [one for one in months if one.month == 12 or one == last]
    cells = {(row["month"], row["category"]): row for row in rows}
    return Chart(
        "p3-women",
        "Women in uniform against the targets of the parity strategy",
        f"Share of women in percent, {month(since)} to {month(last)}",
        Lines(
            tuple(lines),
            (_years(since), max(_years(last), _years(since) + 0.5)),
            max(max(row["women_pct"], row["target_pct"] or 0) for row in rows),
        ),
        release.owner("uniformed_personnel"),
        heading="Month",
        columns=("Month", *(f"{category} (target)" for category in categories)),
        rows=tuple((month(end), *(_share(cells.get((end, category))) for category in categories)) for end in yearly),
        data_note="The last month of each year and the latest month; targets in brackets.",
    )


def _share(row: Row | None) -> str:
    if row is None:
        return "–"
    target = f" ({shown(row['target_pct'], 1, 'percent')})" if row["target_pct"] is not None else ""
    return f"{shown(row['women_pct'], 1, 'percent')}{target}"


def _years(month: date) -> float:
    return round(month.year + month.timetuple().tm_yday / 366, 3)


def _latest(release: Release) -> tuple[date, list[Row]]:
    """Return the latest month of the cycle, or of all where none is of the cycle, and its rows.

    Later months, which a later delivery may bring, belong to the next cycle.
    """
    every = [row for row in release.rows("uniformed_women") if row["women_pct"] is not None]
    months = [row["month"] for row in every]
    last = max([end for end in months if end <= release.cycle.end] or months, default=release.cycle.end)
    return last, [row for row in every if row["month"] == last]


def _against_targets(release: Release, notes: Notes) -> Chart | None:
    last, rows = _latest(release)
    if not rows:
        return None
    bars = Bars(
        [row["category"] for row in rows],
        {"women_pct": Series("Share of women", charts.BLUE), "target_pct": Series("Target", charts.GREY)},
        {(row["category"], share): row[share] for row in rows for share in ("women_pct", "target_pct")},
    )
    derived = "Targets of years that the strategy does not state are interpolated."
    return Chart(
        "p3-women-against-targets",
        f"Women in uniform, {month(last)}",
        "Share of women in percent",
        Beside(bars),
        release.owner("uniformed_personnel"),
        heading="Category",
        alone=Alone(
            f"Women in uniform against targets, {month(last)} (percent)",
            "uniformed_women",
            "Share of women among those deployed, and target of the parity strategy.",
            after=derived if any(row["target_derived"] for row in rows) else "",
            reads=("category", "women_pct", "target_pct"),
            decimals=1,
        ),
    )


def _women_now(release: Release, notes: Notes) -> Grid | None:
    last, latest = _latest(release)
    if not latest:
        return None
    rows = {row["category"]: row for row in latest}
    categories = ordered(list(rows), [target.category for target in release.config.parity_targets])
    derived = "Derived: the strategy states no target for this year; it is interpolated between the years it states."
    lines = []
    for category in categories:
        row, target = rows[category], rows[category]["target_pct"]
        lines.append(
            (
                Cell(category),
                Cell(number(row["women"]), kind="number"),
                Cell(number(row["personnel"]), kind="number"),
                Cell(shown(row["women_pct"], 1, "percent"), kind="number"),
                Cell("–", kind="absent")
                if target is None
                else Cell(shown(target, 1, "percent"), notes.mark(derived) if row["target_derived"] else "", "number"),
                _gap(row["women_pct"], target),
            )
        )
    return Grid(
        "p3-women-now",
        f"Women in uniform, {month(last)}",
        ("Category", "Women", "All personnel", "Share of women", "Target", "Against the target"),
        tuple(lines),
        source=release.owner("uniformed_personnel"),
    )


def _gap(share: float, target: float | None) -> Cell:
    if target is None:
        return Cell("–", kind="absent")
    points, decimals = points_between(rounded(share, 1, "percent"), rounded(target, 1, "percent"), share - target, 1)
    if points == 0:
        return Cell("on target", kind="yes")
    text = f"{number(abs(points), decimals)} points {'above' if points > 0 else 'below'}"
    return Cell(text, kind="yes" if points > 0 else "", alarming=points < 0)


def _patrols(release: Release, notes: Notes) -> Grid | None:
    rows = release.rows("women_in_patrols")
    year = release.cycle.last_calendar_year
    by_year = {(row["mission"], row["year"]): row for row in rows}
    missions = sorted({row["mission"] for row in rows if row["year"] in (year, year - 1)})
    if not missions:
        return None
    before = _share_of_year_before(release, by_year, year)
    return Grid(
        "p3-patrols",
        "Women in patrols, and engagement teams, by mission",
        (
            "Mission",
            f"Patrols, {year}",
            "Of these, with women",
            f"Share with women, {year}",
            *([f"Share with women, {year - 1}"] if before else []),
            f"Engagement teams at the end of {year}",
        ),
        tuple(
            (
                Cell(mission),
                reported(now := by_year.get((mission, year)), "patrols", notes),
                reported(now, "patrols_with_women", notes),
                _with_women(now),
                *([before.get(mission, NONE)] if before else []),
                reported(now, "engagement_teams", notes),
            )
            for mission in missions
        ),
        source="A4P+ reporting",
    )


def _with_women(row: Row | None) -> Cell:
    return NONE if row is None else percent(row["patrols_with_women"], row["patrols"])


def _share_of_year_before(release: Release, by_year: Mapping[tuple[str, int], Row], year: int) -> dict[str, Cell]:
    """Return the year before's share of patrols with women: as missions report it, or as the cycle before had it."""
    shares: dict[str, Cell] = {}
    cycle = release.config.cycles.get(release.cycle.number - 1)
    if cycle and cycle.last_calendar_year == year - 1:
        shares = {
            row["mission"]: Cell(shown(row["previous"], 0, "percent"), kind="number")
            for row in release.rows("figures")
            if row["figure"] == "patrols_with_women" and row["mission"] != "ALL" and row["previous"] is not None
        }
    reported_then = {mission: _with_women(row) for (mission, when), row in by_year.items() if when == year - 1}
    return shares | {mission: cell for mission, cell in reported_then.items() if cell is not NONE}


def _leadership(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("senior_leadership")
    if not rows:
        return None
    series = {id(row): _who(row) for row in rows}
    bars = Bars(
        ordered(texts(rows, "post"), allowed(release, "senior_leaders", "post")),
        coloured(sorted(set(series.values())), charts.GENDERS, sentence),
        added(((row["post"], series[id(row)]), row["people"]) for row in rows),
    )
    return Chart(
        "p3-leadership",
        "People in post in senior mission leadership",
        "By post and gender; posts that uniformed officers hold are told apart",
        Rows(bars, label_width=160),
        "A4P+ reporting",
        heading="Post",
        spoken=bars.parts_in_words(str) + ".",
        note="Vacant posts are not counted.",
    )


def _who(row: Row) -> str:
    gender = {"F": "women", "M": "men"}.get(row["gender"], "not known")
    return f"uniformed {gender}" if row["uniformed"] else gender


def _posts(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("women_in_posts"), key=lambda row: row["as_of_date"])
    if not rows:
        return None
    return Grid(
        "p3-posts",
        "Women in all posts of missions led by DPO",
        ("Day of the count", "Women", "All people in posts", "Share of women"),
        tuple(
            (
                Cell(day(row["as_of_date"])),
                count(row["women"]),
                count(row["people"]),
                percent(row["women"], row["people"], 1),
            )
            for row in rows
        ),
        source="A4P+ reporting",
    )


TOPICS = (
    Topic(
        "women-in-uniform",
        "Women in uniform",
        ("uniformed_women", "parity_targets", "women_in_patrols"),
        (
            Block("the share of women in uniform", "uniformed_personnel", _women),
            Block("women in uniform in the latest month", "uniformed_personnel", _women_now, _against_targets),
            Block("women in patrols and engagement teams", "mission_report", _patrols),
        ),
    ),
    Topic(
        "leadership",
        "Gender in senior leadership and in all posts",
        ("women_in_posts", "senior_leadership"),
        (
            Block("senior leadership by gender", "senior_leadership", _leadership),
            Block("women in all posts", "senior_leadership", _posts),
        ),
    ),
)
