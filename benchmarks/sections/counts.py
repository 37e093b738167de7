"""What commands do, counted: each test run compares it with what is kept here."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import counts
from benchmarks import measure as measuring
from benchmarks.measure import Asked, shown
from benchmarks.page import Page


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Count once: it comes out the same each time."""
    sample = measuring.write_sample(folder, 1)
    with shown("counting"), TemporaryDirectory(dir=folder, prefix="counts-") as place:
        return {"counts": counts.of_commands(sample, Path(place))}


def page(data: dict[str, Any]) -> Page:
    """Show a line a command."""
    kept: dict[str, dict[str, int]] = data["counts"]
    columns = list(next(iter(kept.values())))
    return Page(
        "What commands do, counted",
        columns,
        [[(command, [f"{of[column]:,}" for column in columns]) for command, of in kept.items()]],
        [
            f"A refresh of {counts.SOURCE} in both cycles, the same again, the status after it, and a check of one "
            "workbook. A test fails where a count is a quarter above this one."
        ],
    )
