"""Ten million rows like those of NOTICAS through the gate, in bounded memory."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Asked, Failed, medians, run, said, shown
from benchmarks.page import Mark, Page, seconds

_MOST_BYTES = 4e9


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Run benchmarks.ten_million, which says its seconds, rows and peak memory."""
    runs: list[dict[str, Any]] = []
    for number in range(asked.runs):
        with shown(f"ten million rows: run {number + 1}"):
            runs.append(_measured(folder))
    return {"runs": runs}


def _measured(folder: Path) -> dict[str, Any]:
    try:
        run([sys.executable, "-m", "benchmarks.ten_million"], folder)
    except Failed:
        # it fails where it takes too much memory, once it has said how much: that is shown as it is
        if not (folder / "said.txt").read_text().startswith("{"):
            raise
    return said(folder)


def page(data: dict[str, Any]) -> Page:
    """Show seconds, those of each step, and peak memory."""
    runs = data["runs"]
    taken, peak = median(one["total_seconds"] for one in runs), max(one["peak_bytes"] for one in runs)
    parts = medians([one["seconds"] for one in runs])
    rows = runs[0]["rows"]
    return Page(
        "Ten million rows like those of NOTICAS",
        ["measured"],
        [
            [("rows", [f"{rows:,}"]), ("runs", [str(len(runs))])],
            [("median s", [seconds(taken)]), ("rows a second", [f"{rows / taken:,.0f}"])],
            [(f"{part}, median s", [seconds(of_part)]) for part, of_part in parts.items()],
            [("peak memory, MB", [f"{peak / 1e6:,.0f}"])],
        ],
        marks=[Mark(f"{rows:,} rows, peak memory", f"{peak / 1e9:.2f} GB", "under 4 GB", peak < _MOST_BYTES)],
    )
