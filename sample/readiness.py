"""Deploying contingents, recognised police courses, and new senior leaders with their training (ITS and OMA).

As the 5th report has it: every contingent is certified, five countries have a recognised course, and 6 of the 25
leaders appointed in a year began the leadership programme within six months. Most others follow within the year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from config import Cycle, load
from sample.draw import at, day, dice
from sample.people import contributors
from sample.workbook import Cell, Sheet, save

DEPLOYING = {"MINUSCA": 9, "MONUSCO": 6, "UNDOF": 2, "UNFICYP": 1, "UNIFIL": 8, "UNISFA": 4, "UNMISS": 9}
POLICE_COURSES = (
    ("SEN", "Protection of civilians for police", date(2021, 6, 15)),
    ("RWA", "United Nations Police commanders", date(2022, 3, 10)),
    ("IND", "Community-oriented policing", date(2022, 9, 1)),
    ("IND", "United Nations Police monitoring and mentoring", date(2023, 2, 20)),
    ("GHA", "United Nations Police commanders", date(2023, 7, 5)),
    ("RWA", "Police planning officers", date(2023, 12, 12)),
    ("JOR", "Community-oriented policing", date(2024, 2, 6)),
)
APPOINTED = (12, 13)  # in an even and in an odd cycle, so that a year has 25
IN_TIME = 3  # of them
GRADES = {"D2": 60, "ASG": 28, "USG": 12}
DAYS_AFTER_CYCLE = 27


def write(inbox: Path, cycle: Cycle, seed: int) -> list[Path]:
    """Write the three lists as they are known when they are sent for a cycle."""
    sent = cycle.end + timedelta(days=DAYS_AFTER_CYCLE)
    path = inbox / cycle.folder / "training_readiness" / f"Training and readiness {cycle.end:%B %Y}.xlsx"
    sheets = [
        Sheet(
            "Contingents",
            ["Contingent ID", "Mission", "Contributing country", "Deployed on", "Operational readiness certified"],
            list(_contingents(cycle, seed)),
        ),
        Sheet("Police courses", ["Contributing country", "Course", "Recognised on"], list(_courses(cycle))),
        Sheet(
            "Senior appointments",
            ["Appointment ID", "Mission", "Grade", "Appointed on", "Attended on", "Appointee"],
            [
                *_appointments(_half_year_before(cycle.start), cycle.number - 1, sent, seed),
                *_appointments(cycle.start, cycle.number, sent, seed),
            ],
        ),
    ]
    return [save(path, sheets, at(sent, 13))]


def _contingents(cycle: Cycle, seed: int) -> Iterator[list[Cell]]:
    for mission, number in DEPLOYING.items():
        chance = dice(seed, "contingents", cycle.number, mission)
        for place, country in enumerate(contributors(chance, number), start=1):
            deployed = day(chance, cycle.start, cycle.end)
            yield [f"{mission}-C{cycle.number}-{place:02d}", mission, load().countries[country].name, deployed, "Yes"]


def _courses(cycle: Cycle) -> Iterator[list[Cell]]:
    for country, course, recognised in POLICE_COURSES:
        if recognised <= cycle.end:
            yield [load().countries[country].name, course, recognised]


def _appointments(first: date, half_year: int, sent: date, seed: int) -> Iterator[list[Cell]]:
    """Draw the appointments of six months, and who of them had begun the programme when the list was sent."""
    missions = load().reporting_missions
    chance = dice(seed, "appointments", half_year)
    for place in range(1, APPOINTED[half_year % 2] + 1):
        if place <= IN_TIME:
            appointed = day(chance, first, first + timedelta(days=60))
            attended = appointed + timedelta(days=chance.randint(40, 110))
        else:
            appointed = day(chance, first, first + timedelta(days=178))
            attended = appointed + timedelta(days=chance.randint(190, 340))
        grade = chance.choices(list(GRADES), list(GRADES.values()))[0]
        yield [
            f"SL-{half_year:02d}-{place:02d}",
            chance.choice(missions),
            grade,
            appointed,
            attended if attended <= sent else None,
            f"Appointee {half_year:02d}-{place:02d}",
        ]


def _half_year_before(first: date) -> date:
    months = first.year * 12 + first.month - 1 - 6
    return date(months // 12, months % 12 + 1, 1)
