"""What holds between the entries of a file, and no model of one entry can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.loader import Document
from config.models import Country, Cycle


def cycles_follow(cycles: Sequence[Cycle], document: Document) -> None:
    """Raise ConfigError where cycles are listed twice, end before they start, overlap, or are not in order."""
    before: dict[int, Cycle] = {}
    for at, cycle in enumerate(cycles):
        if cycle.number in before:
            raise document.mistake(("cycles", at), f"cycle {cycle.number} stands here twice; keep one of them")
        if cycle.end < cycle.start:
            raise document.mistake(("cycles", at, "end"), f"cycle {cycle.number} ends before it starts")
        for other in before.values():
            if cycle.start <= other.end and other.start <= cycle.end:
                said = f"cycle {cycle.number} overlaps cycle {other.number} ({other.start} to {other.end})"
                raise document.mistake(("cycles", at, "start"), said)
            if (cycle.number < other.number) != (cycle.start < other.start):
                said = f"cycle {cycle.number} is not in order with cycle {other.number}, which starts {other.start}"
                raise document.mistake(("cycles", at, "start"), said)
        before[cycle.number] = cycle


def codes_are_unique(countries: Mapping[str, Country], document: Document) -> None:
    """Raise ConfigError where two countries have one M49 code."""
    taken: dict[str, str] = {}
    for code, country in countries.items():
        if country.m49 in taken:
            said = f"{code} has the M49 code {country.m49} of {taken[country.m49]}; correct one of them"
            raise document.mistake((code, "m49"), said)
        taken[country.m49] = code
