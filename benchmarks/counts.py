"""What commands do, counted and not timed: the same on every machine, however busy it is.

    python -m benchmarks.counts status --cycle 5

runs a command of `a4p` and prints, as JSON, how often it called Python functions (imports among them), had Polars
collect, called the stores, validated and waited for the disk, and how many modules it had loaded at its end.
"""

from __future__ import annotations

import cProfile
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from pstats import Stats
from typing import Any

from benchmarks import measure
from benchmarks.measure import CYCLE

# one source without others that refer to it, and one workbook
SOURCE, MISSION = "hospitals", "UNMIK"
# more than this, as a share of what is kept, is a loss that somebody has to see
MOST = 1.25
# fewer than these go up and down by themselves
_FEW = 5
_POLARS = ("collect' of 'builtins.PyLazyFrame'", "collect_all")
Counts = dict[str, int]


def of_commands(sample: Path, folder: Path) -> dict[str, Counts]:
    """Count what a small refresh does into a new store and once more, the status after it, and a check of a workbook.

    In: the inbox of the whole sample, and an empty folder to work in.
    """
    inbox = folder / "inbox"
    for cycle in (CYCLE - 1, CYCLE):
        shutil.copytree(sample / f"cycle-{cycle:02d}" / SOURCE, inbox / f"cycle-{cycle:02d}" / SOURCE)
    (book,) = (sample / f"cycle-{CYCLE:02d}" / "mission_report" / MISSION).glob("*.xlsx")
    refresh = measure.refresh(inbox)[1:]
    return {
        "refresh": _of(refresh, folder),
        "nothing changed": _of(refresh, folder),
        "status": _of(["status", "--cycle", str(CYCLE)], folder),
        "check": _of(["check", str(book)], folder),
    }


def more(now: Mapping[str, Counts], kept: Mapping[str, Counts]) -> Iterator[str]:
    """Say of each count whether it is more than a quarter above the one that is kept, or nobody knows it."""
    for command, counts in now.items():
        for what, count in counts.items():
            before = kept.get(command, {}).get(what)
            if before is None:
                yield f"{command}: {what} is not kept; keep it with python -m benchmarks --only counts --write"
            elif count > max(before * MOST, before + _FEW):
                above = 100 * count / max(before, 1) - 100
                yield f"{command}: {count:,} {what}, {above:.0f} % above the {before:,} kept"


def _of(arguments: list[str], folder: Path) -> Counts:
    measure.run([sys.executable, "-m", "benchmarks.counts", *arguments], folder)
    counts: Counts = measure.said(folder)
    return counts


def main(arguments: list[str]) -> None:
    """Run a command and print what it did."""
    from flows.cli import commands

    profile = cProfile.Profile()
    profile.enable()
    try:
        commands.main(arguments)
    finally:
        profile.disable()
        # cProfile counts for pstats, whose own type says less than it has
        stats: Any = Stats(profile)
        print(json.dumps(_counted(stats.stats, len(sys.modules))))


def _counted(stats: Mapping[tuple[str, int, str], tuple[int, int, Any, Any, Any]], modules: int) -> Counts:
    counts = dict.fromkeys(("Python calls", "collects", "store calls", "validations", "fsyncs"), 0)
    for (file, _, function), (_, calls, *_) in stats.items():
        if file != "~":
            counts["Python calls"] += calls
        elif any(name in function for name in _POLARS):
            counts["collects"] += calls
        elif "fsync" in function:
            counts["fsyncs"] += calls
        if file.endswith("flows/stores/__init__.py") and not function.startswith("_"):
            counts["store calls"] += calls
        if file.endswith("expectations/engine/validation.py") and function == "validate":
            counts["validations"] += calls
    return {**counts, "modules": modules}


if __name__ == "__main__":
    main(sys.argv[1:])
