"""What a refresh takes when nothing changed, and when one cell of one mission's workbook did, against a full one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import measure as measuring
from benchmarks.measure import CYCLE, Asked, Failed, new_store, run, shown
from benchmarks.page import Mark, Page, seconds, where_time_goes

SCALE = 100
_MISSION, _SHEET, _HEADER = "UNMISS", "Conduct trainings", "Number of sessions"
_MOST = {"nothing changed": 0.10, "one workbook changed": 0.20}


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Refresh into a new store, again, and again with a workbook changed, in turn."""
    scale = asked.scales[-1] if asked.scales else SCALE
    sample = measuring.write_sample(folder, scale)
    changed = folder / f"changed-{scale}"
    shutil.copytree(sample, changed)
    change(changed)
    taken: dict[str, list[float]] = {"full": [], **{name: [] for name in _MOST}}
    for number in range(asked.runs):
        with shown(f"scale {scale}: full, unchanged and changed {number + 1}"), new_store(sample) as store:
            inbox = inbox_of(store, sample)
            taken["full"].append(run(measuring.refresh(inbox), store).seconds)
            taken["nothing changed"].append(run(measuring.refresh(inbox), store).seconds)
            _expect(store, ["r001"])
            inbox = inbox_of(store, changed)
            taken["one workbook changed"].append(run(measuring.refresh(inbox), store).seconds)
            _expect(store, ["r001", "r002"])
    with shown(f"scale {scale}: timing the steps"), new_store(sample) as store:
        run(measuring.refresh(inbox_of(store, sample)), store)
        parts = {
            name: measuring.timed(inbox_of(store, raw), store)["seconds"]
            for name, raw in zip(_MOST, (sample, changed), strict=True)
        }
    shutil.rmtree(changed)
    return {"scale": scale, "seconds": taken, "parts": parts}


def page(data: dict[str, Any]) -> Page:
    """Show the seconds, and the shares of a full refresh."""
    of = {name: median(taken) for name, taken in data["seconds"].items()}
    full = of["full"]
    lines = [(name, [seconds(taken), f"{100 * taken / full:.0f} %"]) for name, taken in of.items()]
    marks = [
        Mark(
            f"{name}, scale {data['scale']}",
            f"{100 * of[name] / full:.0f} % of a full refresh",
            f"at most {100 * most:.0f} %",
            of[name] <= most * full,
            where_time_goes(data["parts"][name]),
        )
        for name, most in _MOST.items()
    ]
    runs = len(data["seconds"]["full"])
    return Page(
        f"A refresh of the sample at scale {data['scale']} that has been done before",
        ("median s", "of a full refresh"),
        [lines],
        [f"{runs} runs, in turn: into a new store, again, and with one cell of {_MISSION}'s workbook changed."],
        marks,
    )


def inbox_of(store: Path, raw: Path) -> Path:
    """Return one place for the raw files, whichever they are, so that nothing but the workbook differs."""
    inbox = store / "inbox"
    inbox.unlink(missing_ok=True)
    inbox.symlink_to(raw, target_is_directory=True)
    return inbox


def change(inbox: Path) -> None:
    """Change one cell of one mission's workbook, which is received an hour later."""
    import openpyxl  # type: ignore[import-untyped]

    (path,) = (inbox / f"cycle-{CYCLE:02d}" / "mission_report" / _MISSION).glob("*.xlsx")
    received = path.stat().st_mtime
    book = openpyxl.load_workbook(path)
    sheet = book[_SHEET]
    header = next(cell for row in sheet.iter_rows() for cell in row if cell.value == _HEADER)
    sheet.cell(header.row + 1, header.column).value += 1
    book.save(path)
    os.utime(path, (received + 3600, received + 3600))


def _expect(store: Path, releases: list[str]) -> None:
    there = sorted(path.parent.name for path in store.glob("public/releases/cycle-05/r*/datapackage.json"))
    if there != releases:
        raise Failed(f"The releases are {', '.join(there)}, and not {', '.join(releases)}.")
