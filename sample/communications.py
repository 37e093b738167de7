"""Indicators of the digital channels of UN Peacekeeping (DPO Strategic Communications)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from config import Cycle
from sample.draw import at, known_of, later
from sample.workbook import Cell, Sheet, save

# in the cycle, and in the same months of the year before; the 5th report prints 60,000, +9% and +40%
INDICATORS: dict[int, dict[str, tuple[int, int | None]]] = {
    4: {
        "New followers": (48_500, None),
        "Mentions": (197_400, 188_000),
        "Engaged users": (2_310_000, 2_100_000),
    },
    5: {
        "New followers": (60_000, None),
        "Mentions": (218_000, 200_000),
        "Engaged users": (3_430_000, 2_450_000),
    },
}
DAYS_AFTER_CYCLE = 22


def write(inbox: Path, cycle: Cycle) -> list[Path]:
    """Write the indicators of a cycle."""
    rows: list[list[Cell]] = [
        [indicator, later(value, cycle), before and later(before, cycle)]
        for indicator, (value, before) in known_of(INDICATORS, cycle).items()
    ]
    sheet = Sheet("Indicators", ["Indicator", "Value", "Same period of the year before"], rows)
    path = inbox / cycle.folder / "strategic_communications" / f"Digital channels cycle {cycle.number}.xlsx"
    return [save(path, [sheet], at(cycle.end + timedelta(days=DAYS_AFTER_CYCLE), 17))]
