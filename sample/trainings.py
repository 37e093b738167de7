"""Trainings of the Triangular Partnership Programme (DOS) and of the Peacekeeping-Intelligence Academy.

The numbers are those of the 5th report, with its errors: the programme's total of trainees is not that of its streams,
and both captions still give the period and the numbers of cycle 4.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from config import Cycle, load
from sample.draw import at, known_of, later
from sample.workbook import Cell, Sheet, save

# trainings, trainees, women in percent
STREAMS = {
    4: {"Engineering": (2, 38, 8), "Medical": (4, 37, 46), "C4ISR": (4, 68, 31)},
    5: {"Engineering": (6, 110, 5), "Medical": (8, 85, 37), "C4ISR": (5, 119, 26)},
}
# uniformed, civilian, women
COURSES = {
    4: {
        "PKI Fundamentals": (16, 17, 6),
        "Open-Source PKI": (10, 12, 5),
        "Human PKI": (6, 4, 2),
        "Military PKI": (8, 2, 1),
        "PKI Analysis": (4, 8, 3),
    },
    5: {
        "PKI Fundamentals": (12, 6, 4),
        "Open-Source PKI": (7, 5, 2),
        "Human PKI": (4, 2, 2),
        "Military PKI": (6, 2, 1),
    },
}
PRINTED_TRAINEES = {5: 306}  # the streams add up to 314
SUMMARY_OF = {5: 4}  # whose numbers the summary still holds
DAYS_AFTER_CYCLE = 30


def write_tpp(inbox: Path, cycle: Cycle) -> list[Path]:
    """Write the programme's streams with the numbers of the cycle before, its total row and its summary."""
    now, previous = _streams(cycle), load().cycles.get(cycle.number - 1)
    before = _streams(previous) if previous else {}
    rows: list[list[Cell]] = []
    for stream, (trainings, trainees, women) in now.items():
        then = before.get(stream, (None, None, None))
        rows.append([stream, trainings, then[0], trainees, then[1], women, then[2]])
    trainings, trainees, women = _of_all(now)
    trainings_before, trainees_before, _ = _of_all(before) if before else (None, None, None)
    trainees = PRINTED_TRAINEES.get(cycle.number, trainees)
    rows.append(["TOTAL", trainings, trainings_before, trainees, trainees_before, women, None])
    header = [
        "Stream", "Trainings", "Trainings previous", "Trainees", "Trainees previous", "Female pct",
        "Female pct previous",
    ]  # fmt: skip
    said = _summarised(cycle)
    summary: list[Cell] = [said.start, said.end, *_of_all(_streams(said))]
    path = inbox / cycle.folder / "tpp_trainings" / f"TPP trainings cycle {cycle.number}.xlsx"
    sheets = [
        Sheet("Trainings", header, rows),
        Sheet("Summary", ["Period from", "Period to", "Trainings", "Trainees", "Female pct"], [summary]),
    ]
    return [save(path, sheets, at(cycle.end + timedelta(days=DAYS_AFTER_CYCLE), 10))]


def write_pki(inbox: Path, cycle: Cycle) -> list[Path]:
    """Write the academy's courses and its summary."""
    said = _summarised(cycle)
    uniformed, civilian, women = (sum(counts) for counts in zip(*_courses(said).values(), strict=True))
    trained = uniformed + civilian
    summary: list[Cell] = [said.start, said.end, trained, round(100 * women / trained)]
    path = inbox / cycle.folder / "pki_trainings" / f"PKI Academy cycle {cycle.number}.xlsx"
    sheets = [
        Sheet(
            "Courses",
            ["Course", "Uniformed", "Civilian", "Women"],
            [[course, *counts] for course, counts in _courses(cycle).items()],
        ),
        Sheet("Summary", ["Period from", "Period to", "Trained", "Female pct"], [summary]),
    ]
    return [save(path, sheets, at(cycle.end + timedelta(days=DAYS_AFTER_CYCLE + 3), 16))]


def _streams(cycle: Cycle) -> dict[str, tuple[int, int, int]]:
    return {
        stream: (later(trainings, cycle), later(trainees, cycle), women)
        for stream, (trainings, trainees, women) in known_of(STREAMS, cycle).items()
    }


def _courses(cycle: Cycle) -> dict[str, tuple[int, int, int]]:
    return {
        course: (later(uniformed, cycle), later(civilian, cycle), later(women, cycle))
        for course, (uniformed, civilian, women) in known_of(COURSES, cycle).items()
    }


def _of_all(streams: dict[str, tuple[int, int, int]]) -> tuple[int, int, int]:
    """Add up the streams, women weighted by trainees."""
    trainees = sum(people for _, people, _ in streams.values())
    women = sum(people * share for _, people, share in streams.values())
    return sum(trainings for trainings, _, _ in streams.values()), trainees, round(women / trainees)


def _summarised(cycle: Cycle) -> Cycle:
    return load().cycle(SUMMARY_OF.get(cycle.number, cycle.number))
