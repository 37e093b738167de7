"""What people wait for at the size of the real job, beside the time that it takes to import Great Expectations."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import measure as measuring
from benchmarks.measure import A4P, CYCLE, Asked, Run, new_store, run, said, shown
from benchmarks.page import Mark, Page, seconds
from benchmarks.sections import incremental

YARDSTICK = "import great_expectations"
PAGE = "a workbook on the check page, warm"
# at most so many times the yardstick, and what is wanted beyond; seconds for the page
MARKS = {
    "full refresh into a new store": (1.8, 1.2),
    "one workbook changed": (0.9, 0.6),
    "nothing changed": (0.35, 0.2),
    "a4p check of a workbook": (0.7, 0.5),
    PAGE: (0.5, 0.3),
    "a4p status": (0.2, 0.1),
    "a4p figures": (0.2, 0.1),
    "a4p explain": (0.2, 0.1),
}
HELP, HELP_S = "a4p --help", 0.5
_MISSION = "UNMIK"


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Measure each in turn, so that all have the same of what else the machine does."""
    sample = measuring.write_sample(folder, 1)
    changed = folder / "changed-1"
    if not changed.exists():
        shutil.copytree(sample, changed)
        incremental.change(changed)
    taken: dict[str, list[Run]] = {name: [] for name in (YARDSTICK, *MARKS, HELP) if name != PAGE}
    page: list[float] = []
    for number in range(asked.runs):
        with shown(f"the real job: run {number + 1}"), new_store(sample) as store:
            _one(taken, page, sample, changed, store)
    shutil.rmtree(changed)
    return {
        "seconds": {**{name: [one.seconds for one in runs] for name, runs in taken.items()}, PAGE: page},
        "cpu": {name: [one.cpu for one in runs] for name, runs in taken.items()},
    }


def page(data: dict[str, Any]) -> Page:
    """Show seconds, and multiples of the yardstick beside their marks."""
    taken = {name: median(of) for name, of in data["seconds"].items()}
    cpu = {name: median(of) for name, of in data["cpu"].items()}
    lines, marks = [], []
    for name in (YARDSTICK, *MARKS, HELP):
        times = f"{taken[name] / taken[YARDSTICK]:.2f}"
        of_cpu = f"{cpu[name] / cpu[YARDSTICK]:.2f}" if name in cpu else "–"
        lines.append((name, [seconds(taken[name]), times, of_cpu]))
    for name, (most, beyond) in MARKS.items():
        of, unit = (taken[name], "s") if name == PAGE else (taken[name] / taken[YARDSTICK], "Y")
        marks.append(Mark(name, f"{of:.2f} {unit}", f"≤ {most} {unit}, beyond ≤ {beyond}", of <= most))
    marks.append(Mark(HELP, f"{taken[HELP]:.2f} s", f"under {HELP_S} s", taken[HELP] < HELP_S))
    return Page(
        "The real job",
        ("median s", "Y", "Y of CPU"),
        [lines],
        [
            f"Whole processes, at scale 1 in both cycles; Y is the time of python -c '{YARDSTICK}' in the same run. On "
            "the check page an answer is timed, once the libraries are loaded."
        ],
        marks,
    )


def _one(taken: dict[str, list[Run]], page: list[float], sample: Path, changed: Path, store: Path) -> None:
    def timed(name: str, command: list[str]) -> None:
        taken[name].append(run(command, store))

    cycle = ["--cycle", str(CYCLE)]
    (book,) = (sample / f"cycle-{CYCLE:02d}" / "mission_report" / _MISSION).glob("*.xlsx")
    timed(YARDSTICK, [sys.executable, "-c", YARDSTICK])
    timed("full refresh into a new store", measuring.refresh(incremental.inbox_of(store, sample)))
    timed("nothing changed", measuring.refresh(incremental.inbox_of(store, sample)))
    timed("one workbook changed", measuring.refresh(incremental.inbox_of(store, changed)))
    timed("a4p check of a workbook", [A4P, "check", str(book)])
    timed("a4p status", [A4P, "status", *cycle])
    timed("a4p figures", [A4P, "figures", *cycle])
    timed("a4p explain", [A4P, "explain", "approved_mission_plans", *cycle])
    timed(HELP, [A4P, "--help"])
    run([sys.executable, "-m", "benchmarks.check_page", str(book), "3"], store)
    page.append(median(said(store)["seconds"]))
