"""Heads and deputy heads of mission, and women and men in all posts of the missions.

The sums are those of the 5th report: 3 of 11 heads and 4 of 8 deputies are women, 37% together, and 6 of 21 were in
December 2023, 29%. How many hold other posts is made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from config import Cycle, load
from sample.draw import at, dice, known_of, spread
from sample.workbook import Cell, Sheet, save

HEAD, DEPUTY = "Head of Mission", "Deputy Head of Mission"
UNIFORMED_HEADS = {"UNDOF", "UNIFIL", "UNISFA", "UNMOGIP", "UNTSO"}
WOMEN_HEADS = {"MINUSCA", "MONUSCO", "UNMIK"}
DEPUTIES = {
    4: {"MINUSCA": "FM", "MONUSCO": "FM", "UNFICYP": "M", "UNIFIL": "M", "UNISFA": "M", "UNMIK": "M", "UNMISS": "FM"},
    5: {"MINUSCA": "FM", "MONUSCO": "FM", "UNFICYP": "-", "UNIFIL": "F", "UNISFA": "-", "UNMIK": "M", "UNMISS": "FM"},
}
POSTS = {
    "MINURSO": 230, "MINUSCA": 1500, "MONUSCO": 2600, "UNDOF": 140, "UNFICYP": 150, "UNIFIL": 800, "UNISFA": 280,
    "UNMIK": 320, "UNMISS": 2700, "UNMOGIP": 70, "UNTSO": 230,
}  # fmt: skip
VACANT = "-"
WOMEN = {4: {date(2023, 11, 30): 0.31}, 5: {date(2023, 12, 31): 0.31, date(2024, 4, 30): 0.32}}
WOMEN_LATER = 0.32
# cycle 4's file comes in in December 2023, which the report compares with
DAYS_AFTER_CYCLE = 40


def write(inbox: Path, cycle: Cycle, seed: int) -> list[Path]:
    """Write the posts of senior leaders and the posts of all missions."""
    path = inbox / cycle.folder / "senior_leadership" / f"Senior leadership cycle {cycle.number}.xlsx"
    sheets = [
        Sheet(
            "Senior leaders", ["Post ID", "Mission", "Post", "Gender", "Uniformed", "Incumbent"], list(_leaders(cycle))
        ),
        Sheet("All posts", ["Mission", "As of", "Women", "Men"], list(_posts(cycle, seed))),
    ]
    return [save(path, sheets, at(cycle.end + timedelta(days=DAYS_AFTER_CYCLE), 12))]


def _leaders(cycle: Cycle) -> Iterator[list[Cell]]:
    deputies = known_of(DEPUTIES, cycle)
    for mission in load().reporting_missions:
        head = "F" if mission in WOMEN_HEADS else "M"
        uniformed = "Yes" if mission in UNIFORMED_HEADS else "No"
        yield [f"{mission}-HOM", mission, HEAD, head, uniformed, f"Head of {mission}"]
        for place, gender in enumerate(deputies.get(mission, ""), start=1):
            holder = None if gender == VACANT else f"Deputy head {place} of {mission}"
            yield [f"{mission}-DHOM-{place}", mission, DEPUTY, gender if holder else None, "No", holder]


def _posts(cycle: Cycle, seed: int) -> Iterator[list[Cell]]:
    for counted, share in WOMEN.get(cycle.number, {cycle.end: WOMEN_LATER}).items():
        chance = dice(seed, "posts", counted)
        leanings = [people * chance.uniform(0.8, 1.2) for people in POSTS.values()]
        women = spread(round(share * sum(POSTS.values())), leanings)
        for (mission, people), number in zip(POSTS.items(), women, strict=True):
            yield [mission, counted, number, people - number]
