"""What holds between the entries of a file, and no model of one entry can say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from config.figures import Figure
from config.loader import Document
from config.models import Cycle
from config.places import Country


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


def names_hold_no_year(figures: Mapping[str, Figure], document: Document) -> None:
    """Raise ConfigError where the name of a figure has a gap for the year: that stands in a column of its own."""
    for name in figures:
        if "{year}" in name:
            said = f"'{name}' is no name of a figure: leave out '{{year}}', it stands in the column 'year' of figures"
            raise document.mistake((name,), said)


def former_names_are_free(figures: Mapping[str, Figure], cycles: Collection[int], document: Document) -> None:
    """Raise ConfigError where the former name of a figure is another's, or its last cycle is none."""
    taken = dict.fromkeys(figures, "")
    for name, figure in figures.items():
        if figure.formerly is None:
            continue
        former, at = figure.formerly, (name, "formerly")
        if former.name in taken:
            said = f"'{former.name}' is a name of {taken[former.name] or 'a figure that there is'}; take that away"
            raise document.mistake((*at, "name"), said)
        if former.to_cycle not in cycles:
            allowed = ", ".join(map(str, sorted(cycles)))
            said = f"there is no cycle {former.to_cycle} in cycles.yaml; allowed: {allowed}"
            raise document.mistake((*at, "to_cycle"), said)
        taken[former.name] = name


def codes_are_unique(countries: Mapping[str, Country], document: Document) -> None:
    """Raise ConfigError where two countries have one M49 code."""
    taken: dict[str, str] = {}
    for code, country in countries.items():
        if country.m49 in taken:
            said = f"{code} has the M49 code {country.m49} of {taken[country.m49]}; correct one of them"
            raise document.mistake((code, "m49"), said)
        taken[country.m49] = code
