"""What a refresh of one changed source takes after many releases: of its cycle, each with all of its files."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import measure as measuring
from benchmarks.measure import CYCLE, Asked, new_store, run, shown
from benchmarks.page import Mark, Page, seconds
from benchmarks.sections.network import change

RELEASES = (2, 10, 55, 300)
_MOST = 1.10
_FOLDER = f"cycle-{CYCLE:02d}"


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Refresh beside ever more releases, the CPU time of each run."""
    sample = measuring.write_sample(folder, 1)
    taken: dict[str, list[float]] = {}
    with new_store(sample) as store:
        inbox = store / "inbox"
        shutil.copytree(sample, inbox)
        with shown("the first release"):
            run(measuring.refresh(inbox), store)
        for number in RELEASES:
            with shown(f"after {number - 1} releases"):
                _fill_up(store, number - 1)
                # what is kept of the releases is made by the first refresh after each of them, and not by this one
                change(inbox)
                run(measuring.refresh(inbox), store)
                for _ in range(asked.runs):
                    change(inbox)
                    taken.setdefault(f"r{number:03d}", []).append(run(measuring.refresh(inbox), store).cpu)
    return {"cpu": taken}


def page(data: dict[str, Any]) -> Page:
    """Show the CPU seconds at each number of releases."""
    of = {name: median(taken) for name, taken in data["cpu"].items()}
    first, last = f"r{RELEASES[0]:03d}", f"r{RELEASES[-1]:03d}"
    grown = of[last] / of[first]
    marks = [Mark(f"one source changed, {last}", f"{grown:.2f} × {first}", f"at most {_MOST} ×", grown <= _MOST)]
    lines = [(name, [seconds(taken), f"{taken / of[first]:.2f}"]) for name, taken in of.items()]
    note = "The releases before are copies of the first, under numbers of their own."
    return Page("A refresh of one changed source after many releases", ("CPU s", f"× {first}"), [lines], [note], marks)


def _fill_up(store: Path, number: int) -> None:
    """Let there be so many releases: copies of the first, and in the private store the names of their copies."""
    public, private = store / "public" / "releases" / _FOLDER, store / "private" / "releases" / _FOLDER
    there = {path.parent.name for path in public.glob("r*/datapackage.json")}
    said = json.loads((public / "r001" / "datapackage.json").read_text())
    # without it the descriptor is one of a version that had none
    del said["a4p_checksum"]
    for name in (f"r{one:03d}" for one in range(2, number + 1)):
        if name not in there:
            shutil.copytree(public / "r001", public / name, copy_function=os.link)
            descriptor = public / name / "datapackage.json"
            descriptor.unlink()
            descriptor.write_text(json.dumps(said).replace('"r001"', f'"{name}"').replace("/r001", f"/{name}"))
            (public / "claims" / f"{name}.json").write_text("{}")
            (private / f"{name}.zip").touch()
