"""NOTICAS: deaths in the field, as the UN Peace and Security Data Hub publishes them.

The counts from 2017 to 3 September 2024 are those of the 5th report; single deaths are made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import polars as pl

from config import Cycle, load
from sample.draw import at, day, dice, spread
from sample.people import CONTRIBUTORS, HOSTS
from sample.workbook import stamp

PUBLISHED = {4: date(2023, 11, 28), 5: date(2024, 9, 3)}
COUNTED_TO = PUBLISHED[5]
DAYS_TO_REGISTER = (9, 80)

MALICIOUS = {
    "MINUSCA": {2017: 15, 2018: 7, 2019: 2, 2020: 6, 2021: 4, 2022: 3, 2023: 1, 2024: 4},
    "MINUSMA": {2017: 24, 2018: 11, 2019: 22, 2020: 6, 2021: 20, 2022: 15, 2023: 5},
    "MONUSCO": {2017: 19, 2018: 8, 2020: 1, 2021: 1, 2022: 13, 2023: 1, 2024: 3},
    "UNAMID": {2017: 1},
    "UNIFIL": {2022: 1, 2024: 1},
    "UNISFA": {2019: 1},
    "UNMISS": {2018: 1},
}
OTHER_CAUSES = {  # from 2017 to 2024
    "Illness": (46, 38, 41, 80, 76, 46, 42, 30),
    "Accident": (17, 19, 15, 14, 11, 11, 8, 5),
    "To Be Determined": (1, 1, 2, 2, 3, 3, 4, 4),
    "Unknown": (0, 1, 0, 1, 1, 1, 1, 1),
    "Self-Inflicted": (1, 1, 1, 1, 0, 1, 0, 0),
}
A_LATER_YEAR = {"Malicious Act": 12, "Illness": 45, "Accident": 9, "To Be Determined": 4, "Unknown": 1}
WEIGHTS = {
    "MINUSCA": 115, "MONUSCO": 114, "MINUSMA": 95, "UNMISS": 80, "UNAMID": 50, "UNISFA": 30, "UNIFIL": 20,
    "UNDOF": 8, "MINURSO": 5, "UNMIL": 4, "UNFICYP": 2, "UNMIK": 1, "UNMOGIP": 1, "UNTSO": 1,
}  # fmt: skip

EARLIER = 600  # deaths of 1990 to 2016, none of which the report counts
EARLIER_CAUSES = {"Illness": 38, "Accident": 33, "Malicious Act": 22, "Self-Inflicted": 3, "Unknown": 4}
EARLIER_WEIGHTS = {
    "UNPROFOR": 60, "UNTAC": 30, "UNOSOM II": 45, "ONUMOZ": 12, "UNAMIR": 10, "UNAVEM III": 12, "UNAMSIL": 50,
    "MONUC": 45, "UNMEE": 10, "UNTAET": 10, "ONUB": 8, "UNMIL": 55, "UNMIS": 20, "UNOCI": 35, "MINUSTAH": 60,
    "UNAMID": 60, "UNIFIL": 45, "UNFICYP": 6, "UNDOF": 8, "UNIKOM": 6, "UNMIK": 15, "UNTSO": 4, "UNMOGIP": 1,
    "MINURSO": 4, "MONUSCO": 25, "UNMISS": 20, "UNISFA": 8, "MINUSMA": 35, "MINUSCA": 15, "UNMIBH": 6, "UNMIT": 5,
}  # fmt: skip

POLITICAL = 30  # deaths in special political missions, out of the report's scope
POLITICAL_MISSIONS = ("UNAMA", "UNAMI", "UNSMIL", "UNSOM", "OSESGY")
POLITICAL_CAUSES = {"Illness": 18, "Malicious Act": 5, "Accident": 3, "To Be Determined": 3, "Self-Inflicted": 1}

OBSERVERS = {"UNTSO", "UNMOGIP", "MINURSO"}
PERSONNEL = {
    "Malicious Act": {"Military": 88, "Police": 5, "Local": 4, "International Civilian": 3},
    "Accident": {"Military": 70, "Police": 6, "Local": 12, "International Civilian": 9, "Other": 3},
    "": {"Military": 74, "Police": 9, "Local": 9, "International Civilian": 6, "Other": 2},
}


class Death(NamedTuple):
    """What is drawn of a death before its details: when it became known, when and where it was, and of what."""

    registered: date
    incident: date
    mission: str
    cause: str


def write(inbox: Path, cycle: Cycle, scale: int, seed: int) -> list[Path]:
    """Write the data set as it was last updated for a cycle."""
    updated = PUBLISHED.get(cycle.number, cycle.end + timedelta(days=14))
    folder = inbox / cycle.folder / "noticas"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"noticas_{updated:%Y-%m-%d}.csv"
    _records(sorted(_deaths(seed, updated)), updated, scale, seed).write_csv(path)
    return [stamp(path, at(updated, 6))]


def _deaths(seed: int, updated: date) -> Iterator[Death]:
    """Draw the deaths that were registered by a day; a later day adds to them and changes none."""
    for period in (
        _earlier(dice(seed, "noticas", "earlier")),
        _political(dice(seed, "noticas", "political")),
        _counted(dice(seed, "noticas", "counted")),
        _later(seed, updated),
    ):
        yield from (death for death in period if death.registered <= updated)


def _earlier(chance: Random) -> Iterator[Death]:
    for mission, number in zip(EARLIER_WEIGHTS, spread(EARLIER, list(EARLIER_WEIGHTS.values())), strict=True):
        for _ in range(number):
            incident = _incident(chance, mission, date(1990, 1, 1), date(2016, 12, 31))
            yield _death(chance, incident, mission, _pick(chance, EARLIER_CAUSES))


def _political(chance: Random) -> Iterator[Death]:
    for cause, number in POLITICAL_CAUSES.items():
        for _ in range(number):
            mission = chance.choice(POLITICAL_MISSIONS)
            incident = day(chance, date(2017, 1, 1), COUNTED_TO - timedelta(days=DAYS_TO_REGISTER[0]))
            yield _death(chance, incident, mission, cause, COUNTED_TO)


def _counted(chance: Random) -> Iterator[Death]:
    """Draw the deaths that the 5th report counts."""
    ends = {2023: date(2023, 9, 5), 2024: COUNTED_TO - timedelta(days=DAYS_TO_REGISTER[0])}
    for mission, years in MALICIOUS.items():
        for year, number in years.items():
            # all of 2023 were known when cycle 4 was reported
            first, last = date(year, 1, 1), ends.get(year, date(year, 12, 31))
            for _ in range(number):
                yield _death(chance, _incident(chance, mission, first, last), mission, "Malicious Act", COUNTED_TO)
    for cause, numbers in OTHER_CAUSES.items():
        for year, number in enumerate(numbers, start=2017):
            for _ in range(number):
                incident = day(chance, date(year, 1, 1), ends[2024] if year == 2024 else date(year, 12, 31))
                yield _death(chance, incident, _mission(chance, incident), cause, COUNTED_TO)


def _later(seed: int, updated: date) -> Iterator[Death]:
    for year in range(COUNTED_TO.year, updated.year + 1):
        chance = dice(seed, "noticas", year)
        first = max(date(year, 1, 1), COUNTED_TO + timedelta(days=1))
        last = date(year, 12, 31)
        for cause, number in A_LATER_YEAR.items():
            for _ in range(round(number * (last - first).days / 365)):
                incident = day(chance, first, last)
                yield _death(chance, incident, _mission(chance, incident), cause)


def _death(chance: Random, incident: date, mission: str, cause: str, by: date = date.max) -> Death:
    registered = incident + timedelta(days=chance.randint(*DAYS_TO_REGISTER))
    return Death(min(registered, by), incident, mission, cause)


def _incident(chance: Random, mission: str, first: date, last: date) -> date:
    life = load().missions[mission]
    return day(chance, max(first, life.start or first), min(last, life.end or last))


def _mission(chance: Random, incident: date) -> str:
    missions = load().missions
    alive = {
        mission: weight
        for mission, weight in WEIGHTS.items()
        if (missions[mission].start or incident) <= incident <= (missions[mission].end or incident)
    }
    return _pick(chance, alive)


def _pick(chance: Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _records(deaths: list[Death], updated: date, scale: int, seed: int) -> pl.DataFrame:
    """Turn deaths into the data set's rows, numbered in the order in which they were registered."""
    countries = load().countries
    plan = [death for death in deaths for _ in range(scale)]
    # each its own dice, so that more deaths change nothing about those before them
    people = dice(seed, "noticas", "personnel")
    kinds = {cause: (list(weights), list(weights.values())) for cause, weights in PERSONNEL.items()}
    nationals = dice(seed, "noticas", "nationality").choices(
        list(CONTRIBUTORS), list(CONTRIBUTORS.values()), k=len(plan)
    )
    personnel: list[str] = []
    for place, death in enumerate(plan):
        kind = people.choices(*kinds.get(death.cause, kinds[""]))[0]
        if kind == "Local" and death.mission in HOSTS:
            nationals[place] = HOSTS[death.mission]
        elif kind == "Local":
            kind = "International Civilian"
        elif kind == "Military" and death.mission in OBSERVERS:
            kind = "Military Observer"
        personnel.append(kind)
    return pl.DataFrame(
        {
            "id": range(1, len(plan) + 1),
            "incident_date": [death.incident for death in plan],
            # five digits that start again are enough: no mission has 100,000 in a month
            "casualty_id": [
                f"{death.mission}-{death.registered:%Y-%m}-{serial % 100_000:05d}"
                for serial, death in enumerate(plan, start=1)
            ],
            "mission_acronym": [death.mission for death in plan],
            "type_of_casualty": "Fatality",
            "gender": dice(seed, "noticas", "gender").choices(["M", "F"], [93, 7], k=len(plan)),
            "casualty_nationality": [countries[nation].name for nation in nationals],
            "casualty_personnel_type": personnel,
            "type_of_incident": [death.cause for death in plan],
            "m49_code": [countries[nation].m49 for nation in nationals],
            "isocode3": nationals,
            "last_update": updated,
        }
    )
