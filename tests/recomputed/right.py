"""A sample that is right, refreshed cycle by cycle, and what its raw files give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import sample
from config import load
from flows.refresh.story import refresh
from tests.recomputed.statements import Values, recomputed
from tests.support.sharing import a4p, places_in
from tests.support.without_documents import without_documents

CONFIG = load()
CYCLES = (4, 5, 6, 7)
# the report printed 247 and 30 days of a cycle of 182, and shares that do not go with them
PRINTED = 5
PRINTED_WRONG = [
    (figure, mission) for figure in ("ultrasound_down_days", "icu_closed_days") for mission in ("ALL", "UNMISS")
]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Right:
    """What the raw files of a cycle give, and those of the cycle before under the names that figures have now."""

    values: Values
    previous: Values


def make(folder: Path, seed: int) -> None:
    """Write the sample of all cycles into a folder and refresh them, one after the other.

    What the report printed though it cannot be right is accepted, so that its cycle is final.
    """
    for cycle in CYCLES[1::2]:
        sample.write(folder / "inbox", cycle, seed=seed)
    with without_documents():
        for cycle in CYCLES:
            refresh(CONFIG.cycle(cycle), places_in(folder), CONFIG, now=NOW)
            if cycle == PRINTED:
                accept(folder)
                refresh(CONFIG.cycle(cycle), places_in(folder), CONFIG, now=NOW)


def accept(folder: Path) -> None:
    """Decide that the figures stay that the report printed wrong."""
    for figure, mission in PRINTED_WRONG:
        about = ("--figure", figure, "--mission", mission, "--cycle", str(PRINTED))
        code, _, err = a4p(folder, "decide", "accept", *about, "--by", "The coordinator", "--reason", "As printed")
        assert code == 0, err


@cache
def right(folder: Path, cycle: int) -> Right:
    """Work out once more what the raw files of a cycle in such a folder give."""
    values, year_before = recomputed(folder / "inbox", cycle)
    previous: Values = {}
    if cycle > CYCLES[0]:
        earlier, now, then = right(folder, cycle - 1), year_of(cycle), year_of(cycle - 1)
        for (figure, mission), value in earlier.values.items():
            # where both cycles report on the same year, the year before is the same too
            same = now == then and CONFIG.figures[figure].is_yearly
            previous[figure, mission] = earlier.previous.get((figure, mission)) if same else value
    return Right(values, previous | year_before)


def year_of(cycle: int) -> int:
    """Return the last calendar year that was over when a cycle ended."""
    return CONFIG.cycle(cycle).last_calendar_year
