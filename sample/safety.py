"""Safety of peacekeepers: crimes against them (OROLSI), explosive ordnance (UNMAS), hospitals (DHMOSH).

The numbers are those of the 5th report, with its errors: a share of those convicted that is of those tried, and days
without a service that are more than a cycle has. The parts of risk education make 467,750 people, and not 460,000.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

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

COUNTED_FROM = date(2023, 10, 1)
UP_TO = {4: date(2023, 11, 30), 5: date(2024, 8, 31)}


class Ordnance(NamedTuple):
    """What UNMAS tells of a mission: incidents in all or by their parts, and what was done; None where it is silent."""

    incidents: int | None = None
    exploded: int | None = None
    removed_by_mission: int | None = None
    removed_by_others: int | None = None
    educated: int | None = None
    routes_km: int | None = None
    destroyed: int | None = None
    released_m2: int | None = None
    hazards: int | None = None
    injured: int | None = None


# what the report prints of cycle 5 as "over" so many is that many; the parts of MONUSCO, and the incidents of those of
# which it prints none, are made up
ORDNANCE = {
    4: {
        "MINURSO": Ordnance(1, 0, 1, 0, educated=20),
        "MINUSCA": Ordnance(18, 6, 9, 3, educated=4_300),
        "MONUSCO": Ordnance(61, 44, 13, 4, educated=29_000),
        "UNIFIL": Ordnance(1_900),
        "UNISFA": Ordnance(5, 0, 4, 1),
        "UNMISS": Ordnance(12, 2, 8, 2, educated=120_000),
        "UNTSO": Ordnance(0, 0, 0, 0, injured=0),
    },
    5: {
        "MINURSO": Ordnance(3, 0, 3, 0, educated=50, routes_km=15_000, destroyed=160),
        "MINUSCA": Ordnance(47, 14, 27, 6, educated=11_700, destroyed=1_700),
        "MONUSCO": Ordnance(170, 120, 38, 12, educated=81_000, destroyed=68_924),
        "UNIFIL": Ordnance(5_000),
        "UNISFA": Ordnance(11, 1, 8, 2, routes_km=540, released_m2=1_600_000, hazards=330),
        "UNMISS": Ordnance(33, 5, 24, 4, educated=375_000, destroyed=365_000),
        "UNTSO": Ordnance(1, 1, 0, 0, injured=3),
    },
}
ORDNANCE_HEADER = (
    "Mission", "Counted from", "Up to", "Incidents", "Exploded", "Removed by mission", "Removed by others",
    "Risk education", "Routes verified (km)", "Items destroyed", "Land released (square metres)", "Hazards removed",
    "Observers injured",
)  # fmt: skip
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
    """Write explosive ordnance incidents, risk education and clearance by mission, from a day to a day."""
    up_to = UP_TO.get(cycle.number, cycle.end + timedelta(days=30))
    rows: list[list[Cell]] = []
    for mission, known in known_of(ORDNANCE, cycle).items():
        incidents, *others = (None if count is None else later(count, cycle) for count in known)
        # the parts grow each by its own, and still make the whole
        parts = [part for part in others[:3] if part is not None]
        rows.append([mission, COUNTED_FROM, up_to, sum(parts) if parts else incidents, *others])
    path = inbox / cycle.folder / "explosive_ordnance" / f"UNMAS update {up_to:%Y-%m-%d}.xlsx"
    return [save(path, [Sheet("EO update", ORDNANCE_HEADER, rows)], at(up_to + timedelta(days=4), 8))]


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
