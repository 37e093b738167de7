"""Allegations of misconduct, counted by the day of report; single allegations are made up.

The sums of a year are those that were published for peacekeeping missions. Names are placeholders: they stand in the
file because the office's own files have such columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from config import Cycle, load
from sample.draw import at, day, dice
from sample.workbook import ROWS_OF_A_SHEET, Cell, Sheet, save, stamp

SEA, OTHER = "SEA", "Other serious misconduct"
REPORTED = {
    2010: {SEA: 85, OTHER: 412}, 2011: {SEA: 74, OTHER: 386}, 2012: {SEA: 60, OTHER: 352}, 2013: {SEA: 66, OTHER: 331},
    2014: {SEA: 52, OTHER: 318}, 2015: {SEA: 69, OTHER: 297}, 2016: {SEA: 104, OTHER: 322}, 2017: {SEA: 62, OTHER: 284},
    2018: {SEA: 55, OTHER: 268}, 2019: {SEA: 80, OTHER: 301}, 2020: {SEA: 66, OTHER: 233}, 2021: {SEA: 75, OTHER: 259},
    2022: {SEA: 79, OTHER: 315}, 2023: {SEA: 98, OTHER: 364},
}  # fmt: skip
COUNTED_TO = date(2024, 5, 28)
REPORTED_TO = {SEA: 41, OTHER: 150}  # in 2024, to that day
OF_MINUSCA = {2016: 52, 2017: 19}  # of the SEA allegations
DAYS_AFTER_CYCLE = 28
YEARS_AFTER_CLOSURE = 2
CLOSED_BEFORE = 2020

WEIGHTS = {
    "MINURSO": 2, "MINUSCA": 55, "MONUSCO": 60, "UNDOF": 3, "UNFICYP": 5, "UNIFIL": 25, "UNISFA": 8, "UNMIK": 4,
    "UNMISS": 40, "UNMOGIP": 1, "UNTSO": 2, "MINUJUSTH": 8, "MINURCAT": 6, "MINUSMA": 30, "MINUSTAH": 40, "MONUC": 50,
    "UNAMID": 25, "UNMIL": 35, "UNMIS": 20, "UNMIT": 8, "UNOCI": 25,
}  # fmt: skip
CIVILIAN = {"UNMIK"}
WHEN = {"on one day": 52, "over a period": 18, "in the previous year": 15, "earlier": 8, "not known": 7}
PERSONNEL = {"Military": 58, "Police": 11, "Civilian": 31}
STATUS = {"Pending": 25, "Substantiated": 35, "Unsubstantiated": 32, "Other": 8}
ACTIONS = {
    "Military": ["Repatriation", "Barred from service", "Jail", "Demotion"],
    "Police": ["Repatriation", "Barred from service", "Suspension"],
    "Civilian": ["Separation", "Dismissal", "Suspension"],
}
HEADER = (
    "Allegation ID", "Category", "Mission", "Date reported", "Incident from", "Incident to", "Personnel category",
    "Status", "Action taken", "Victim name", "Subject name",
)  # fmt: skip


class Report(NamedTuple):
    """What is drawn of an allegation before its details."""

    reported: date
    mission: str
    category: str


def write(inbox: Path, cycle: Cycle, scale: int, seed: int) -> list[Path]:
    """Write all allegations that were reported by the time at which the office sends them for a cycle."""
    until = cycle.end + timedelta(days=DAYS_AFTER_CYCLE)
    received = at(until + timedelta(days=1), 14)
    reports = sorted(_reports(seed, until))
    rows = _rows(reports, scale, seed)
    path = inbox / cycle.folder / "conduct_allegations" / f"Allegations 2010 to {until:%Y-%m-%d}.xlsx"
    if len(reports) * scale <= ROWS_OF_A_SHEET:
        return [save(path, [Sheet("Allegations", HEADER, list(rows))], received)]
    path = path.with_suffix(".csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(HEADER)
        # one by one, since there are millions
        lines.writerows(rows)
    return [stamp(path, received)]


def _reports(seed: int, until: date) -> Iterator[Report]:
    """Draw the reports up to a day; a later day adds to them and changes none."""
    for first, last, numbers in _periods(until):
        chance = dice(seed, "conduct", first)
        for category, number in numbers.items():
            of_minusca = OF_MINUSCA.get(first.year) if category == SEA else None
            for place in range(number):
                reported = day(chance, first, last)
                if of_minusca is None:
                    mission = _mission(chance, reported)
                else:
                    mission = "MINUSCA" if place < of_minusca else _mission(chance, reported, {"MINUSCA"})
                if reported <= until:
                    yield Report(reported, mission, category)


def _periods(until: date) -> Iterator[tuple[date, date, dict[str, int]]]:
    """Yield the periods for which numbers are known, then years like the last full one."""
    for year, numbers in REPORTED.items():
        yield date(year, 1, 1), date(year, 12, 31), numbers
    yield date(COUNTED_TO.year, 1, 1), COUNTED_TO, REPORTED_TO
    for year in range(COUNTED_TO.year, until.year + 1):
        first, last = max(date(year, 1, 1), COUNTED_TO + timedelta(days=1)), date(year, 12, 31)
        yield first, last, {kind: number * (last - first).days // 365 for kind, number in REPORTED[2023].items()}


def _mission(chance: Random, reported: date, without: set[str] | None = None) -> str:
    """Draw a mission whose life an allegation of that day can be about."""
    missions = load().missions
    possible = []
    for mission in WEIGHTS:
        life = missions[mission]
        begun = (life.start or reported) <= reported - timedelta(days=90)
        known = not life.end or reported <= life.end + timedelta(days=365 * YEARS_AFTER_CLOSURE)
        if begun and known and mission not in (without or ()):
            possible.append(mission)
    # little is heard of a mission that has closed
    weights = [
        WEIGHTS[mission] * (0.15 if (missions[mission].end or reported) < reported else 1) for mission in possible
    ]
    return chance.choices(possible, weights)[0]


def _rows(reports: list[Report], scale: int, seed: int) -> Iterator[list[Cell]]:
    """Yield a row for each report and scale, numbered within the year and with the details drawn."""
    missions = load().missions
    total = len(reports) * scale
    whens = dice(seed, "conduct", "when").choices(list(WHEN), list(WHEN.values()), k=total)
    personnel = dice(seed, "conduct", "personnel").choices(list(PERSONNEL), list(PERSONNEL.values()), k=total)
    statuses = dice(seed, "conduct", "status").choices(list(STATUS), list(STATUS.values()), k=total)
    uniform = dice(seed, "conduct", "details").random
    year, serial, place = 0, 0, 0
    for reported, mission, category in reports:
        life = missions[mission]
        start, last = life.start or date.min, min(reported, life.end or reported)
        if reported.year != year:
            year, serial = reported.year, 0
        for _ in range(scale):
            serial += 1
            first, to = _incident(whens[place], start, last, uniform(), uniform())
            kind = "Civilian" if mission in CIVILIAN else personnel[place]
            # what was reported long ago is closed
            status = "Unsubstantiated" if statuses[place] == "Pending" and year < CLOSED_BEFORE else statuses[place]
            action = _action(status, kind, uniform())
            place += 1
            yield [
                f"{year}-{serial:05d}",
                category,
                mission,
                reported,
                first,
                to,
                kind,
                status,
                action,
                f"Victim {place:05d}" if category == SEA else None,
                f"Subject {place:05d}",
            ]


def _incident(when: str, start: date, last: date, one: float, other: float) -> tuple[date | None, date | None]:
    """Place the alleged act between a mission's start and the last day that it can have been on."""
    if when == "not known":
        return None, None
    if when == "in the previous year":
        back = (last - date(last.year, 1, 1)).days + 1 + int(one * 365)
    elif when == "earlier":
        back = 731 + int(one * 1000)
    else:
        back = int(one * min(120, (last - date(last.year, 1, 1)).days + 1))
    to = max(start, date.fromordinal(last.toordinal() - back))
    if when != "over a period":
        return to, None
    first = max(start, date.fromordinal(to.toordinal() - 1 - int(other * 400)))
    return first, to if to > first else None


def _action(status: str, kind: str, one: float) -> str:
    if status == "Substantiated":
        return ACTIONS[kind][int(one * len(ACTIONS[kind]))]
    return {"Pending": "Pending", "Unsubstantiated": "Not applicable"}.get(status, "None")
