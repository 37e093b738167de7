"""Priority 3: capabilities and mindsets (training)."""

from __future__ import annotations

from flows.core import wording
from flows.core.wording import counted, day, number, shown
from flows.documents.page.cells import NONE, added_up, count, percent, suppressed, value
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic
from flows.documents.series import allowed, ordered, texts


def _contingents(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("contingent_readiness"), key=lambda row: str(row["mission"]))
    if not rows:
        return None

    def line(name: str, own: list[Row]) -> tuple[Cell, ...]:
        deployed, certified = (sum(row[column] for row in own) for column in ("contingents", "certified"))
        return Cell(name), count(deployed), count(certified), percent(certified, deployed)

    return Grid(
        "p3-contingents",
        "Deploying contingents and their certification by mission",
        ("Mission", "Contingents that deployed", "Certified as operationally ready", "Share"),
        (*(line(row["mission"], [row]) for row in rows), line("All missions", rows)),
        source="OMA / ITS",
        totals=1,
    )


def _police_courses(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("police_course_recognition"), key=lambda row: str(row["contributing_country"]))
    if not rows:
        return None
    return Grid(
        "p3-police-courses",
        "Countries with a recognised United Nations Police course, to date",
        ("Country", "Recognised courses", "First recognised on"),
        tuple(
            (Cell(row["contributing_country"]), count(row["courses"]), Cell(day(row["first_recognised_on"])))
            for row in rows
        ),
        source="ITS",
    )


def _leaders(release: Release, notes: Notes) -> Grid | None:
    rows = release.rows("senior_leadership_programme")
    if not rows:
        return None
    grades = ordered(texts(rows, "grade"), allowed(release, "senior_appointments", "grade"))

    def line(name: str, own: list[Row]) -> tuple[Cell, ...]:
        appointed, in_time, ever = (
            sum(row[column] for row in own) for column in ("appointed", "attended_within_6_months", "attended")
        )
        return Cell(name), count(appointed), count(in_time), percent(in_time, appointed), count(ever)

    return Grid(
        "p3-leaders",
        "New senior leaders and the mandatory leadership programme by grade",
        ("Grade", "Newly appointed", "Attended within six months", "Share of the appointed", "Attended at any time"),
        (*(line(grade, [row for row in rows if row["grade"] == grade]) for grade in grades), line("All grades", rows)),
        note=f"Appointed in the year to {day(release.cycle.end)}.",
        source="ITS",
        totals=1,
    )


def _trainings(release: Release, notes: Notes) -> Grid | None:
    rows = release.rows("conduct_trainings")
    if not rows:
        return None
    kinds = list(dict.fromkeys([*allowed(release, "conduct_training", "training"), *sorted(texts(rows, "training"))]))
    kinds = [kind for kind in kinds if any(row["training"] == kind for row in rows)]
    sums = ("training_days", "participants")
    lines = []
    for mission in sorted(texts(rows, "mission")):
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
        return value(None, statuses[0] if statuses else None, notes)
    whole = all(status in ("A", "M", None) for status in statuses)
    return Cell(number(sum(known)), "" if whole else notes.of_status("P"), "number")


def _partnership(release: Release, notes: Notes) -> Grid | None:
    rows = release.rows("tpp_trainings")
    if not rows:
        return None
    streams = ordered(texts(rows, "stream"), allowed(release, "tpp_streams", "stream"))
    rows.sort(key=lambda row: streams.index(row["stream"]))
    whole = [added_up(rows, "trainings"), added_up(rows, "trainees"), Cell(_women_pct(rows), kind="number")]
    before = [_before(release, name) for name in ("tpp_trainings", "tpp_trainees", "tpp_female_share")]
    known = any(cell is not NONE for cell in before)
    return Grid(
        "p3-partnership",
        "Triangular Partnership Programme by stream of training",
        ("Stream", "Trainings", "Trainees", "Share of women"),
        (
            *(
                (
                    Cell(row["stream"]),
                    _against(row["trainings"], row.get("trainings_previous")),
                    _against(row["trainees"], row.get("trainees_previous")),
                    _against(row["female_pct"], row.get("female_pct_previous"), "percent"),
                )
                for row in rows
            ),
            (Cell("All streams"), *whole),
            *([(Cell(f"All streams, cycle {release.cycle.number - 1}"), *before)] if known else []),
        ),
        note="The line of all streams is computed from the streams, and the share of women in it weighted by trainees; "
        "a total that the source states is not used. Numbers of the previous cycle are the source's.",
        source="TPP – DOS",
        totals=2 if known else 1,
    )


def _against(now: float | None, before: float | None, unit: str = "") -> Cell:
    """Show a number and, where the source states it, the previous cycle's, as in print: 6 (up from 2)."""
    if now is None:
        return NONE
    if before is None:
        return Cell(shown(now, 0, unit), kind="number")
    way = "up from" if now > before else "down from" if now < before else "as in the previous cycle,"
    return Cell(f"{shown(now, 0, unit)} ({way} {shown(before, 0, unit)})", kind="number")


def _women_pct(rows: list[Row]) -> str:
    """Return the share of women over all streams; one that does not state its share leaves it unknown."""
    if any(row["female_pct"] is None or row["trainees"] is None for row in rows):
        return "–"
    return wording.share(
        sum(row["trainees"] * row["female_pct"] for row in rows) / 100, sum(r["trainees"] for r in rows)
    )


def _before(release: Release, figure: str) -> Cell:
    row = release.figure(figure)
    if row is None or row["previous"] is None:
        return NONE
    return Cell(shown(row["previous"], 0, row["unit"] or ""), kind="number")


def _academy(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("pki_trainings"), key=lambda row: str(row["course"]))
    if not rows:
        return None

    def line(name: str, own: list[Row], share: Cell | None = None) -> tuple[Cell, ...]:
        uniformed, civilian, women = (sum(row[one] or 0 for row in own) for one in ("uniformed", "civilian", "women"))
        everyone = uniformed + civilian
        return Cell(name), count(uniformed), count(civilian), count(everyone), share or percent(women, everyone)

    hidden = [row for row in rows if suppressed(row, "women")]
    known = release.figure("pki_female_share") if hidden else None
    whole = Cell(shown(known["value"], 0, "percent"), kind="number") if known and known["value"] is not None else None
    return Grid(
        "p3-academy",
        "Peacekeeping-Intelligence Academy by course",
        ("Course", "Uniformed personnel", "Civilian personnel", "All trainees", "Share of women"),
        (
            *(line(row["course"], [row], value(None, "Q", notes) if row in hidden else None) for row in rows),
            line(f"All {counted(len(rows), 'course')}" if len(rows) > 1 else "All courses", rows, whole),
        ),
        source="Peacekeeping-Intelligence coordination team",
        totals=1,
    )


TOPICS = (
    Topic(
        "training",
        "Training",
        ("contingent_readiness", "police_course_recognition", "senior_leadership_programme", "conduct_trainings"),
        (
            Block("certified contingents", "training_readiness", _contingents),
            Block("recognised police courses", "training_readiness", _police_courses),
            Block("the senior leadership programme", "training_readiness", _leaders),
            Block("conduct and discipline training", "mission_report", _trainings),
        ),
    ),
    Topic(
        "specialised-training",
        "Specialised training",
        ("tpp_trainings", "pki_trainings"),
        (
            Block("the Triangular Partnership Programme", "tpp_trainings", _partnership),
            Block("the Peacekeeping-Intelligence Academy", "pki_trainings", _academy),
        ),
    ),
)
