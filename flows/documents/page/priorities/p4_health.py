"""Priority 4: accountability to peacekeepers (health and well-being)."""

from __future__ import annotations

from flows.core.wording import listed, number, shown
from flows.documents import charts
from flows.documents.charts import Alone, Bars, Chart, Rows
from flows.documents.page.cells import NONE, count, mission_headings
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic
from flows.documents.series import added, coloured, texts


def _hospitals(release: Release, notes: Notes) -> Chart | None:
    rows = release.rows("hospitals")
    if not rows:
        return None
    counts = added(((row["mission"], row["level"]), row["hospitals"]) for row in rows)
    levels = coloured(texts(rows, "level"), charts.HOSPITALS, "Level {}".format)
    missions = texts(rows, "mission")
    everyone = Bars(missions, levels, counts)
    without = [mission for mission in missions if not everyone.total(mission)]
    bars = Bars([mission for mission in missions if mission not in without], levels, counts)
    if not bars.categories:
        return None
    return Chart(
        "p4-hospitals",
        "Hospitals in missions by level",
        "Hospitals of level 1+ and above",
        Rows(bars, label_width=100),
        "DHMOSH",
        heading="Mission",
        total="All levels",
        spoken=bars.parts_in_words("of level {}".format) + ".",
        rows=everyone.table(),
        note=f"Without any: {listed(without)}." if without else "",
        alone=Alone(
            "Hospitals of level 1+ and above by mission",
            "hospitals",
            after=f"None in {listed(without)}." if without else "",
        ),
    )


def _interruptions(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("service_interruptions"), key=lambda row: (str(row["mission"]), str(row["service"])))
    if not rows:
        return None
    days = release.cycle.days
    return Grid(
        "p4-interruptions",
        "Services of hospitals that were not available",
        ("Mission", "Service", "Days without it", f"Share of the cycle’s {days} days"),
        tuple(
            (mission, Cell(row["service"]), *_days(row, days))
            for mission, row in zip(mission_headings([row["mission"] for row in rows]), rows, strict=True)
        ),
        note="Where several hospitals of a mission report a service, the one with most days counts.",
        source="DHMOSH",
    )


def _days(row: Row, days: int) -> tuple[Cell, Cell]:
    without, share = row["days_unavailable"], row["share_of_cycle_pct"]
    impossible = without is not None and without > days
    part = NONE if share is None else Cell(shown(share, 1, "percent"), kind="number", alarming=impossible)
    if impossible:
        wrong = f"cannot be right: the cycle has {days} days"
        return Cell(number(without), kind="number", note=wrong, alarming=True), part
    return count(without), part


def _mental_health(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("mental_health_support"), key=lambda row: (str(row["mission"]), str(row["mechanism"])))
    if not rows:
        return None
    missions = [row["mission"] for row in rows]
    without = [one for one in release.config.reporting_missions if one not in missions]
    formal = {True: "Formal", False: "Informal"}
    return Grid(
        "p4-mental-health",
        "Mechanisms to support the mental health of personnel",
        ("Mission", "Mechanism", "Formal or informal"),
        tuple(
            (mission, Cell(row["mechanism"]), Cell(formal[row["formal"]]) if row["formal"] in formal else NONE)
            for mission, row in zip(mission_headings(missions), rows, strict=True)
        ),
        note=f"No mechanism is known of {listed(without)}." if without else "",
        source="A4P+ reporting",
        stacked=True,
    )


TOPICS = (
    Topic(
        "health",
        "Health and well-being",
        ("hospitals", "service_interruptions", "mental_health_support"),
        (
            Block("hospitals", "hospitals", _hospitals, _hospitals),
            Block("interruptions of services", "hospitals", _interruptions),
            Block("mental health support", "mission_report", _mental_health),
        ),
    ),
)
