"""A source's check of its own file, once the libraries are loaded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import Asked, run, said, shown
from benchmarks.page import Page, seconds


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Measure the check of clean and faulty files of 10,000 rows."""
    with shown("checking files of 10,000 rows"):
        run([sys.executable, "-m", "benchmarks.check", str(folder), str(asked.runs)], folder)
    return said(folder)


def page(data: dict[str, Any]) -> Page:
    """Show the seconds without and with the marked workbook."""
    lines = [
        (
            f"{one['file']}, {format(one['faulty'], ',') + ' faulty rows' if one['faulty'] else 'clean'}",
            [seconds(one["check"]), seconds(one["marked"])],
        )
        for one in data["files"]
    ]
    return Page(
        "Check of a file of 10,000 rows, median s",
        ("check", "with --annotate"),
        [lines],
        ["Python's start and imports, about as long for any file, are not counted."],
    )
