"""Evaluations of military units (OMA) and of formed police units, and visits to assess them (Police Division)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

from config import Cycle, load
from sample.draw import at, day, dice, known_of, spread
from sample.people import POLICE_CONTRIBUTORS, contributors
from sample.workbook import Cell, Sheet, save

MILITARY_UNITS = {
    "MINURSO": 2, "MINUSCA": 42, "MONUSCO": 38, "UNDOF": 6, "UNFICYP": 5, "UNIFIL": 30, "UNISFA": 14, "UNMISS": 44,
}  # fmt: skip
UNIT_TYPES = (
    "Infantry battalion", "Infantry battalion", "Infantry battalion", "Engineering company", "Aviation unit",
    "Level 2 hospital", "Signals company", "Transport company", "Military police unit", "Quick reaction force",
)  # fmt: skip
EVALUATIONS_A_UNIT = (20, 60, 20)  # of a hundred units, those with none, one and two in a cycle
MILITARY_RATINGS = {"Satisfactory": 70, "Satisfactory with shortfalls": 24, "Unsatisfactory": 6}

POLICE_UNITS = {"MINUSCA": 15, "MONUSCO": 8, "UNMISS": 4}
NOT_EVALUATED = {4: 3}  # in the first quarter of a cycle
POLICE_RATINGS = {"Below average": 4, "Average": 34, "Above average": 33, "Very good": 24, "Outstanding": 5}

VISITED = {4: ["MONUSCO"], 5: ["MINUSCA", "UNMISS"]}

DAYS_AFTER_CYCLE = 20


def write_military(inbox: Path, cycle: Cycle, scale: int, seed: int) -> list[Path]:
    """Write the military units and their evaluations in a cycle: none, one or two each."""
    units: list[list[Cell]] = []
    evaluations: list[list[Cell]] = []
    for copy in range(scale):
        for mission, number in MILITARY_UNITS.items():
            chance = dice(seed, "military units", mission, copy)
            countries = contributors(chance, number)
            for place, country in enumerate(countries, start=copy * number + 1):
                name = load().countries[country].name
                units.append([f"{mission}-MU-{place:03d}", mission, name, chance.choice(UNIT_TYPES)])
        evaluations += _of_military_units(units[-sum(MILITARY_UNITS.values()) :], cycle, copy, seed)
    path = inbox / cycle.folder / "military_unit_evaluations" / f"Military unit evaluations cycle {cycle.number}.xlsx"
    sheets = [
        Sheet("Units", ["Unit ID", "Mission", "Contributing country", "Unit type"], units),
        Sheet(
            "Evaluations",
            ["Unit ID", "Mission", "Date of evaluation", "Rating", "Improvement plan", "Evaluated by"],
            evaluations,
        ),
    ]
    return [save(path, sheets, at(cycle.end + timedelta(days=DAYS_AFTER_CYCLE), 11))]


def _of_military_units(units: list[list[Cell]], cycle: Cycle, copy: int, seed: int) -> Iterator[list[Cell]]:
    chance = dice(seed, "military evaluations", cycle.number, copy)
    times = list(chain.from_iterable([n] * part for n, part in enumerate(spread(len(units), EVALUATIONS_A_UNIT))))
    chance.shuffle(times)
    halves = _halves(cycle)
    for (unit, mission, *_), number in zip(units, times, strict=True):
        # two evaluations of a unit are in different halves of the cycle
        for half in halves if number == 2 else chance.choices(halves, k=number):
            rating = chance.choices(list(MILITARY_RATINGS), list(MILITARY_RATINGS.values()))[0]
            plan = "No" if rating == "Satisfactory" and chance.random() < 0.7 else "Yes"
            yield [unit, mission, day(chance, *half), rating, plan, f"Evaluator {chance.randint(1, 40):03d}"]


def write_police(inbox: Path, cycle: Cycle, scale: int, seed: int) -> list[Path]:
    """Write the formed police units and their evaluations, one a quarter."""
    units: list[list[Cell]] = []
    evaluations: list[list[Cell]] = []
    for copy in range(scale):
        for mission, number in POLICE_UNITS.items():
            chance = dice(seed, "formed police units", mission, copy)
            for place in range(copy * number + 1, (copy + 1) * number + 1):
                country = load().countries[chance.choice(POLICE_CONTRIBUTORS)].name
                units.append([f"{mission}-FPU-{place:02d}", mission, country])
        evaluations += _of_police_units(units[-sum(POLICE_UNITS.values()) :], cycle, copy, seed)
    period = f"{cycle.start:%b %Y} - {cycle.end:%b %Y}"
    path = inbox / cycle.folder / "fpu_evaluations" / f"FPU evaluations {period}.xlsx"
    sheets = [
        Sheet("Units", ["Unit ID", "Mission", "Contributing country"], units),
        Sheet(
            "Evaluations",
            [
                "Unit ID",
                "Mission",
                "Quarter",
                "Date of evaluation",
                "Rating",
                "Performance improvement plan",
                "Evaluator",
            ],
            evaluations,
        ),
    ]
    return [save(path, sheets, at(cycle.end + timedelta(days=DAYS_AFTER_CYCLE - 2), 15))]


def _of_police_units(units: list[list[Cell]], cycle: Cycle, copy: int, seed: int) -> Iterator[list[Cell]]:
    chance = dice(seed, "police evaluations", cycle.number, copy)
    missed = set(chance.sample(range(len(units)), NOT_EVALUATED.get(cycle.number, 0)))
    for quarter, (first, last) in zip(("Q1", "Q2"), _halves(cycle), strict=True):
        for place, (unit, mission, _) in enumerate(units):
            evaluated = day(chance, first, last)
            rating = chance.choices(list(POLICE_RATINGS), list(POLICE_RATINGS.values()))[0]
            if quarter == "Q2" or place not in missed:
                yield [unit, mission, quarter, evaluated, rating, "Yes", f"Evaluator {chance.randint(1, 12):03d}"]


def write_visits(inbox: Path, cycle: Cycle, seed: int) -> list[Path]:
    """Write the Police Division's visits of inspection, assessment and evaluation in a cycle."""
    chance = dice(seed, "paet visits", cycle.number)
    rows: list[list[Cell]] = [[mission, day(chance, cycle.start, cycle.end)] for mission in known_of(VISITED, cycle)]
    path = inbox / cycle.folder / "paet_visits" / f"PAET visits cycle {cycle.number}.xlsx"
    sheet = Sheet("PAET visits", ["Mission", "Date of visit"], rows)
    return [save(path, [sheet], at(cycle.end + timedelta(days=DAYS_AFTER_CYCLE + 5), 11))]


def _halves(cycle: Cycle) -> tuple[tuple[date, date], tuple[date, date]]:
    """Return the first and the last three months of a cycle."""
    middle = cycle.second_quarter
    return (cycle.start, middle - timedelta(days=1)), (middle, cycle.end)
