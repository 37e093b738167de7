"""What a file says of itself on its cover: whose it is, and of which cycle."""

from __future__ import annotations

import re
from collections.abc import Mapping

from config import Cycle, Mission
from flows.core.records import FileRead


def canonical_mission(claim: str | None, missions: Mapping[str, Mission]) -> str | None:
    """Return the acronym of the mission that a text names, by its acronym or an alias; None where it names none."""
    wanted = " ".join((claim or "").split()).upper()
    return next(
        (
            code
            for code, mission in missions.items()
            if wanted in {spelling.upper() for spelling in (code, *mission.aliases)}
        ),
        None,
    )


def claimed_cycle(found: FileRead, cycles: Mapping[int, Cycle]) -> Cycle | None:
    """Return the cycle that a file says it covers; None where it says none that cycles.yaml knows."""
    return cycles.get(cycle_number(found.claimed_cycle) or 0)


def cycle_number(claim: str | None) -> int | None:
    """Return the number of a cycle that a text says; None where it says none."""
    digits = re.search(r"[0-9]+", claim or "")
    return int(digits[0]) if digits and len(digits[0]) <= len("2024") else None
