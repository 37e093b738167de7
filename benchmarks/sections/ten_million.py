"""Ten million rows like those of NOTICAS through the gate, in bounded memory."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Asked, enough, run, said, shown
from benchmarks.page import Mark, Page, seconds

_MOST_BYTES = 4e9


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Run benchmarks.ten_million, which says its seconds, rows and peak memory."""
    runs: list[dict[str, Any]] = []
    while not enough([one["seconds"] for one in runs], asked.runs):
        with shown(f"ten million rows: run {len(runs) + 1}"):
            run([sys.executable, "-m", "benchmarks.ten_million"], folder)
            runs.append(said(folder))
    return {"runs": runs}


def page(data: dict[str, Any]) -> Page:
    """Show seconds and peak memory."""
    runs = data["runs"]
    taken, peak = median(one["seconds"] for one in runs), max(one["peak"] for one in runs)
    rows = runs[0]["rows"]
    return Page(
        "Ten million rows like those of NOTICAS",
        ["measured"],
        [
            [("rows", [f"{rows:,}"]), ("runs", [str(len(runs))])],
            [("median s", [seconds(taken)]), ("rows a second", [f"{rows / taken:,.0f}"])],
            [("peak memory, MB", [f"{peak / 1e6:,.0f}"])],
        ],
        marks=[Mark(f"{rows:,} rows, peak memory", f"{peak / 1e9:.2f} GB", "under 4 GB", peak < _MOST_BYTES)],
    )
