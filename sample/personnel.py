"""Uniformed personnel by contributor, mission and type at the ends of months, women and men apart.

The six months of the cycle hold about 65,000 people, with women's shares as the parity figures have them. Each further
scale adds months before the cycle, as the Hub's historical data set has them, in missions that lived then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl

from config import Cycle, load
from sample.draw import at, dice, spread
from sample.people import CONTRIBUTORS, POLICE_CONTRIBUTORS, contributors
from sample.workbook import stamp

TROOPS, FPU, POLICE, EXPERTS, STAFF = (
    "Troops",
    "Formed Police Units",
    "Individual Police",
    "Experts on Mission",
    "Staff Officers",
)
STRENGTH = {
    "MINURSO": {TROOPS: 25, POLICE: 2, EXPERTS: 190, STAFF: 8},
    "MINUSCA": {TROOPS: 14500, FPU: 2300, POLICE: 650, EXPERTS: 160, STAFF: 430},
    "MONUSCO": {TROOPS: 11200, FPU: 1350, POLICE: 420, EXPERTS: 170, STAFF: 330},
    "UNDOF": {TROOPS: 1080, STAFF: 70},
    "UNFICYP": {TROOPS: 760, POLICE: 65, STAFF: 55},
    "UNIFIL": {TROOPS: 10300, STAFF: 230},
    "UNISFA": {TROOPS: 3500, POLICE: 150, EXPERTS: 130, STAFF: 110},
    "UNMIK": {POLICE: 10, EXPERTS: 8},
    "UNMISS": {TROOPS: 14300, FPU: 800, POLICE: 700, EXPERTS: 220, STAFF: 430},
    "UNMOGIP": {EXPERTS: 44},
    "UNTSO": {EXPERTS: 155},
}
WOMEN = {TROOPS: 0.075, FPU: 0.155, POLICE: 0.30, EXPERTS: 0.25, STAFF: 0.25}
WOMEN_GAIN_A_MONTH = 0.002  # of the share itself, from March 2024 on
PEOPLE_OF_A_CONTRIBUTOR = {TROOPS: 350, FPU: 165, POLICE: 14, EXPERTS: 6, STAFF: 7}
MOST_CONTRIBUTORS = 36
HISTORY_FROM = date(1990, 1, 31)


class Contribution(NamedTuple):
    """What one country has of one type in one mission at the end of one month."""

    month: date
    mission: str
    kind: str
    country: str
    people: int


def write(inbox: Path, cycle: Cycle, scale: int, seed: int) -> list[Path]:
    """Write the month ends of a cycle."""
    months = list(_month_ends(cycle.start, cycle.end))
    now = [contribution for month in months for contribution in _in_cycle(month, seed)]
    usual = {(row.mission, row.kind, row.country): row.people for row in now if row.month == months[0]}
    rows = [*_before(months[0], (scale - 1) * len(months), (scale - 1) * len(now), usual, seed), *now]
    folder = inbox / cycle.folder / "uniformed_personnel"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"DPO-UCHISTORICAL_{cycle.end:%Y-%m-%d}.csv"
    _records(rows, len(now), seed).write_csv(path)
    return [stamp(path, at(cycle.end + timedelta(days=15), 9))]


def _month_ends(first: date, last: date) -> Iterator[date]:
    year, month = first.year, first.month
    while (end := _first_of_next(year, month) - timedelta(days=1)) <= last:
        yield end
        year, month = end.year + month // 12, month % 12 + 1


def _first_of_next(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def _in_cycle(month: date, seed: int) -> Iterator[Contribution]:
    """Spread each mission's strength over its contributors, who stay from month to month and vary a little."""
    for mission, strengths in STRENGTH.items():
        for kind, strength in strengths.items():
            chance = dice(seed, "personnel", mission, kind)
            number = max(1, min(MOST_CONTRIBUTORS, strength // PEOPLE_OF_A_CONTRIBUTOR[kind]))
            if kind == FPU:
                countries = chance.sample(POLICE_CONTRIBUTORS, min(number, len(POLICE_CONTRIBUTORS)))
            else:
                countries = contributors(chance, number)
            sizes = [chance.uniform(0.5, 1.5) for _ in countries]
            monthly = dice(seed, "personnel", mission, kind, month)
            turned = [size * monthly.uniform(0.97, 1.03) for size in sizes]
            for country, people in zip(countries, spread(strength, turned), strict=True):
                if people:
                    yield Contribution(month, mission, kind, country, people)


def _before(
    first: date, back: int, rows: int, usual: Mapping[tuple[str, str, str], int], seed: int
) -> Iterator[Contribution]:
    """Draw so many rows of the months before the cycle, going back so far, or to 1990 and more densely.

    A contributor has about as many people of a type in a mission as it is known to have, or as were drawn once for it.
    """
    strengths = dict(usual)
    if not back:
        return
    months = list(_month_ends(HISTORY_FROM, first - timedelta(days=1)))[-back:]
    for month, number in zip(months, spread(rows, [1] * len(months)), strict=True):
        chance = dice(seed, "personnel", "history", month)
        missions = [
            mission
            for mission, life in load().missions.items()
            if life.kind == "peacekeeping operation" and life.start and life.start <= month <= (life.end or month)
        ]
        # at a scale of hundreds there are more rows than contributors could have
        countries = CONTRIBUTORS if number <= len(missions) * len(WOMEN) * len(CONTRIBUTORS) else load().countries
        places = [(mission, kind, country) for mission in missions for kind in WOMEN for country in countries]
        if number > len(places):
            raise ValueError(f"{rows} rows of uniformed personnel do not fit into the past; choose a smaller scale.")
        for mission, kind, country in sorted(chance.sample(places, number)):
            place = mission, kind, country
            if place not in strengths:
                of_place = dice(seed, "personnel", "strength", *place)
                strengths[place] = 1 + int(of_place.random() * 2 * PEOPLE_OF_A_CONTRIBUTOR[kind])
            yield Contribution(month, *place, max(1, round(strengths[place] * chance.uniform(0.97, 1.03))))


def _records(rows: list[Contribution], now: int, seed: int) -> pl.DataFrame:
    countries = load().countries
    women = _women(rows, now, seed)
    counts: dict[date, int] = {}
    ids: list[int] = []
    for row in rows:
        counts[row.month] = number = counts.get(row.month, 0) + 1
        ids.append((row.month.year * 100 + row.month.month) * 100_000 + number)
    return pl.DataFrame(
        {
            "contribution_id": ids,
            "contributing_country": [countries[row.country].name for row in rows],
            "female_personnel": women,
            "isocode3": [row.country for row in rows],
            "last_reporting_date": [row.month for row in rows],
            "m49_code": [countries[row.country].m49 for row in rows],
            "male_personnel": [row.people - number for row, number in zip(rows, women, strict=True)],
            "mission_acronym": [row.mission for row in rows],
            "personnel_type": [row.kind for row in rows],
        }
    )


def _women(rows: list[Contribution], now: int, seed: int) -> list[int]:
    """Give each row its women: the share of its type and month as a whole, more here and less there.

    The last `now` rows are of the cycle; before it a contributor leans to one side for all its months.
    """
    uneven = dice(seed, "personnel", "women")
    lasting: dict[tuple[str, str, str], float] = {}
    before = rows[: len(rows) - now]
    for row in before:
        place = row.mission, row.kind, row.country
        if place not in lasting:
            lasting[place] = dice(seed, "personnel", "women", *place).uniform(0.4, 1.6)
    leanings = [lasting[row.mission, row.kind, row.country] for row in before]
    leanings += [uneven.uniform(0.4, 1.6) for _ in range(now)]
    people: dict[tuple[date, str], int] = {}
    leaning: dict[tuple[date, str], float] = {}
    for row, lean in zip(rows, leanings, strict=True):
        group = row.month, row.kind
        people[group] = people.get(group, 0) + row.people
        leaning[group] = leaning.get(group, 0) + row.people * lean
    women: list[int] = []
    left: dict[tuple[date, str], float] = {}
    for row, lean in zip(rows, leanings, strict=True):
        group = row.month, row.kind
        months = (row.month.year - 2024) * 12 + row.month.month - 3
        share = WOMEN[row.kind] * max(0.3, 1 + WOMEN_GAIN_A_MONTH * months)
        exact = row.people * lean * share * people[group] / leaning[group] + left.get(group, 0.5)
        number = min(int(exact), row.people)
        left[group] = exact - number
        women.append(number)
    return women
