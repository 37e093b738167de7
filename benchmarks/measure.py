"""What is measured: commands in processes of their own, each refresh into a new store, nothing of the user's settings.

This process stays small: what it holds when it starts another counts into the peak memory of that one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from flows.progress import shown

CYCLE = 5
RUNS = 5
# lines beside the main one need fewer runs
FEWER = 3
# where nobody says how many runs, a measurement that has taken so long gets no more of them
LONG_S = 60
CHECKOUT = Path(__file__).parent.parent
A4P = str(Path(sys.executable).with_name("a4p"))


class Failed(Exception):
    """A command that is measured failed; the text says which, and what it said."""


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds from its start to its end, and the most memory it held, in bytes."""

    seconds: float
    peak: int


@dataclass(frozen=True)
class Check:
    """A source's check of its own file: how many rows are faulty, seconds without and with the marked workbook."""

    file: str
    faulty: int
    check: float
    marked: float


@dataclass(frozen=True)
class Measured:
    """The refresh of the sample at one scale: into a new store, and again; what was read; the seconds of its parts."""

    scale: int
    refresh: list[Run]
    again: list[Run]
    rows: int
    size: int
    parts: dict[str, float]


def forget_settings() -> None:
    """Drop the user's settings of the pipeline and of Prefect from this process, and so from all that it starts."""
    for name in [name for name in os.environ if name.startswith(("A4P_", "PREFECT_"))]:
        del os.environ[name]


def write_sample(folder: Path, scale: int) -> Path:
    """Write the sample at a scale, and return its inbox."""
    inbox = folder / f"inbox-{scale}"
    with shown(f"scale {scale}: writing the sample"):
        run([A4P, "sample", str(inbox), "--cycle", str(CYCLE), "--scale", str(scale)], folder)
    return inbox


def warm_up(folder: Path) -> None:
    """Import all that a refresh needs, so that the first run that counts finds it compiled."""
    with shown("importing everything once"):
        run([sys.executable, "-c", "import benchmarks.timed"], folder)


def at_scale(inbox: Path, scale: int, runs: int | None) -> Measured:
    """Measure the refresh of the sample at a scale."""
    refreshed: list[Run] = []
    again: list[Run] = []
    timed: list[dict[str, Any]] = []
    fewer = min(runs or RUNS, FEWER)
    while _more(refreshed, runs):
        with shown(f"scale {scale}: refresh {len(refreshed) + 1}"), new_store(inbox) as store:
            refreshed.append(run(_refresh(inbox), store))
            if len(again) < fewer:
                again.append(run(_refresh(inbox), store))
                if (store / "public/releases/cycle-05/r002").exists():
                    raise Failed("The second refresh made a second release, though nothing had changed.")
    while len(timed) < fewer:
        with shown(f"scale {scale}: timing the steps"), new_store(inbox) as store:
            begun = repr(time.monotonic())
            run([sys.executable, "-m", "benchmarks.timed", begun, str(CYCLE), str(inbox)], store)
            timed.append(json.loads((store / "said.txt").read_text()))
    parts = {part: median(one["seconds"][part] for one in timed) for part in timed[0]["seconds"]}
    return Measured(scale, refreshed, again, timed[0]["rows"], timed[0]["bytes"], parts)


def through_prefect(inbox: Path, runs: int | None) -> list[Run]:
    """Measure the refresh through a Prefect server, whose start is not counted."""
    from flows import prefect_server
    from flows.settings import Settings

    refreshed: list[Run] = []
    home = Settings(_env_file=None, prefect_home=str(inbox.parent / "prefect"))
    with prefect_server.running(home) as api:
        while len(refreshed) < min(runs or RUNS, FEWER):
            with shown(f"through a Prefect server: refresh {len(refreshed) + 1}"), new_store(inbox) as store:
                refreshed.append(run(_refresh(inbox), store, PREFECT_API_URL=api))
    return refreshed


def of_check(folder: Path, runs: int | None) -> list[Check]:
    """Measure a source's check of its own file, once the libraries are loaded."""
    with shown("checking files of 10,000 rows"):
        run([sys.executable, "-m", "benchmarks.check", str(folder), str(runs or RUNS)], folder)
    return [Check(**one) for one in json.loads((folder / "said.txt").read_text())]


def of_help(folder: Path, runs: int | None) -> list[Run]:
    """Measure how soon `a4p --help` comes."""
    return [run([A4P, "--help"], folder) for _ in range(runs or RUNS)]


def run(command: list[str], folder: Path, **more: str) -> Run:
    """Run a command in a folder, which also holds its store and what it says; raise Failed where it fails."""
    places = {
        "A4P_PUBLIC_URI": str(folder / "public"),
        "A4P_PRIVATE_URI": str(folder / "private"),
        "A4P_PREFECT_HOME": str(folder / "prefect"),
        "PYTHONPATH": str(CHECKOUT),
    }
    said, complained = folder / "said.txt", folder / "complained.txt"
    with said.open("wb") as output, complained.open("wb") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **places, **more}, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{' '.join(command)} failed ({process.returncode}): {complained.read_text().strip()}")
    # Linux counts it in KiB, macOS in bytes
    return Run(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


@contextmanager
def new_store(inbox: Path) -> Iterator[Path]:
    """Give a new folder beside the inbox, and remove it with all that a refresh has put there."""
    with TemporaryDirectory(dir=inbox.parent, prefix="store-") as folder:
        yield Path(folder)


def _refresh(inbox: Path) -> list[str]:
    return [A4P, "refresh", "--cycle", str(CYCLE), "--inbox", str(inbox)]


def _more(done: list[Run], runs: int | None) -> bool:
    if runs is not None:
        return len(done) < runs
    return len(done) < RUNS and sum(one.seconds for one in done) < LONG_S
