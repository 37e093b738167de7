"""Safety of peacekeepers: crimes against them (OROLSI), explosive ordnance (UNMAS), hospitals (DHMOSH).

The sums are those of the 5th report, with its errors: a share of those convicted that is of those tried, and days
without a service that are more than a cycle has.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from config import Cycle
from sample.draw import at, known_of, later
from sample.workbook import Cell, Sheet, save

# since 2013: cases reported and investigated; perpetrators identified, detained, tried, convicted
CRIMES = {
    4: {
        "MINUSCA": (60, 47, 95, 58, 44, 29),
        "MONUSCO": (43, 37, 191, 141, 88, 55),
        "UNIFIL": (4, 4, 7, 1, 0, 0),
    },
    5: {
        "MINUSCA": (62, 49, 96, 61, 48, 30),
        "MONUSCO": (44, 38, 191, 141, 88, 55),
        "UNIFIL": (4, 4, 7, 1, 0, 0),
    },
}
PRINTED_CONVICTED_PCT = {5: 63}  # called a share of those identified; it is of those tried
CRIMES_HEADER = (
    "Mission", "Cases reported", "Cases investigated", "Perpetrators identified", "Perpetrators detained",
    "Perpetrators tried", "Perpetrators convicted", "Investigated of reported pct", "Detained of identified pct",
    "Tried of detained pct", "Convicted of identified pct",
)  # fmt: skip

UP_TO = {4: date(2023, 11, 30), 5: date(2024, 8, 31)}
# exploded, removed by the mission, removed by others; people who received risk education
ORDNANCE: dict[int, dict[str, tuple[int, int, int, int | None]]] = {
    4: {
        "MINURSO": (0, 2, 0, 40),
        "MINUSCA": (11, 22, 5, 9300),
        "MONUSCO": (96, 31, 9, 64200),
        "UNIFIL": (2, 11, 3, None),
        "UNISFA": (2, 6, 1, 5200),
        "UNMISS": (4, 19, 3, 281_000),
        "UNTSO": (0, 0, 0, None),
    },
    5: {
        "MINURSO": (0, 3, 0, 50),
        "MINUSCA": (14, 27, 6, 11_720),
        "MONUSCO": (121, 39, 12, 81_040),
        "UNIFIL": (4890, 64, 71, None),
        "UNISFA": (1, 8, 2, 4_190),
        "UNMISS": (5, 24, 4, 363_000),
        "UNTSO": (1, 0, 0, None),
    },
}
HOSPITALS = {
    "MINURSO": ("1+",),
    "MINUSCA": ("1+", "2", "2", "2"),
    "MONUSCO": ("1+", "2", "2", "3"),
    "UNDOF": ("1+",),
    "UNIFIL": ("1+", "1+"),
    "UNISFA": ("1+", "2"),
    "UNMISS": ("1+", "2", "2", "2", "2"),
}
# hospital, service, days; the share is printed in cycle 5, and computed in others
INTERRUPTIONS = {
    4: [("UNMISS-H3", "Ultrasound", 21), ("MINUSCA-H2", "X-ray", 6)],
    5: [("UNMISS-H3", "Ultrasound", 247), ("UNMISS-H2", "Intensive care", 30)],
}
LATER_INTERRUPTIONS = [("UNMISS-H2", "Ultrasound", 9)]
PRINTED_SHARES = {247: 81.5, 30: 9.9}
DAYS_AFTER_CYCLE = 34


def write_crimes(inbox: Path, cycle: Cycle) -> list[Path]:
    """Write the cases since 2013 by mission, and their total with its shares."""
    by_mission = {
        mission: [later(count, cycle) for count in counts] for mission, counts in known_of(CRIMES, cycle).items()
    }
    reported, investigated, identified, detained, tried, convicted = total = [
        sum(counts) for counts in zip(*by_mission.values(), strict=True)
    ]
    shares = [(investigated, reported), (detained, identified), (tried, detained), (convicted, identified)]
    stated = [round(100 * part / base) for part, base in shares]
    stated[-1] = PRINTED_CONVICTED_PCT.get(cycle.number, stated[-1])
    rows: list[list[Cell]] = [[mission, *counts, *[None] * len(shares)] for mission, counts in by_mission.items()]
    rows.append(["TOTAL", *total, *stated])
    path = inbox / cycle.folder / "crimes_against_peacekeepers" / f"Crimes since 2013, {cycle.end:%B %Y}.xlsx"
    return [save(path, [Sheet("Crimes", CRIMES_HEADER, rows)], at(cycle.end + timedelta(days=DAYS_AFTER_CYCLE), 9))]


def write_ordnance(inbox: Path, cycle: Cycle) -> list[Path]:
    """Write explosive ordnance incidents and risk education by mission, up to a day."""
    up_to = UP_TO.get(cycle.number, cycle.end + timedelta(days=30))
    rows: list[list[Cell]] = []
    for mission, (*incidents, educated) in known_of(ORDNANCE, cycle).items():
        exploded, removed, others = (later(count or 0, cycle) for count in incidents)
        taught = educated and later(educated, cycle)
        rows.append([mission, up_to, exploded + removed + others, exploded, removed, others, taught])
    header = [
        "Mission", "Up to", "Incidents", "Exploded", "Removed by mission", "Removed by others", "Risk education",
    ]  # fmt: skip
    path = inbox / cycle.folder / "explosive_ordnance" / f"UNMAS update {up_to:%Y-%m-%d}.xlsx"
    return [save(path, [Sheet("EO update", header, rows)], at(up_to + timedelta(days=4), 8))]


def write_hospitals(inbox: Path, cycle: Cycle) -> list[Path]:
    """Write the hospitals and the days of the cycle on which a service of theirs was not available."""
    hospitals: list[list[Cell]] = [
        [f"{mission}-H{place}", mission, level]
        for mission, levels in HOSPITALS.items()
        for place, level in enumerate(levels, start=1)
    ]
    interruptions: list[list[Cell]] = []
    for hospital, service, days in INTERRUPTIONS.get(cycle.number, LATER_INTERRUPTIONS):
        share = PRINTED_SHARES[days] if cycle.number == 5 else round(100 * days / cycle.days, 1)
        interruptions.append([hospital, hospital.split("-")[0], service, days, share])
    path = inbox / cycle.folder / "hospitals" / f"Hospitals {cycle.end:%Y-%m}.xlsx"
    sheets = [
        Sheet("Hospitals", ["Hospital ID", "Mission", "Level"], hospitals),
        Sheet("Interruptions", ["Hospital ID", "Mission", "Service", "Days", "Share of cycle pct"], interruptions),
    ]
    return [save(path, sheets, at(cycle.end + timedelta(days=DAYS_AFTER_CYCLE), 14))]
