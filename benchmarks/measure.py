"""What is measured: commands in processes of their own, each refresh into a new store, nothing of the user's settings.

This process stays small: what it holds when it starts another counts into the peak memory of that one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

CYCLE = 5
RUNS = 5
CHECKOUT = Path(__file__).parent.parent
A4P = str(Path(sys.executable).with_name("a4p"))


class Failed(Exception):
    """A command that is measured failed; the text says which, and what it said."""


@dataclass(frozen=True)
class Asked:
    """What the user asked for: scales, None where each section has its own; runs of each line; which Python has dbt."""

    scales: tuple[int, ...] | None = None
    runs: int = RUNS
    prefect: bool = True
    dbt: Path | None = None


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds from its start to its end, of the CPU, and the most memory it held, in bytes."""

    seconds: float
    cpu: float
    peak: int


def forget_settings() -> None:
    """Drop the user's settings of the pipeline and of Prefect from this process, and so from all that it starts."""
    for name in [name for name in os.environ if name.startswith(("A4P_", "PREFECT_"))]:
        del os.environ[name]


def write_sample(folder: Path, scale: int) -> Path:
    """Write the sample at a scale, and return its inbox; one that is there already is taken as it is."""
    inbox = folder / f"inbox-{scale}"
    if not inbox.exists():
        with shown(f"scale {scale}: writing the sample"):
            run([A4P, "sample", str(inbox), "--cycle", str(CYCLE), "--scale", str(scale)], folder)
    return inbox


def warm_up(folder: Path) -> None:
    """Import all that a refresh needs, so that the first run that counts finds it compiled."""
    with shown("importing everything once"):
        run([sys.executable, "-c", "import benchmarks.timed"], folder)


def refresh(inbox: Path) -> list[str]:
    """Return the command that refreshes from an inbox."""
    return [A4P, "refresh", "--cycle", str(CYCLE), "--inbox", str(inbox)]


def timed(inbox: Path, store: Path, **more: str) -> dict[str, Any]:
    """Refresh into a store with the steps timed, and return what benchmarks.timed says."""
    begun = repr(time.monotonic())
    run([sys.executable, "-m", "benchmarks.timed", begun, str(CYCLE), str(inbox)], store, **more)
    return said(store)


def said(folder: Path) -> dict[str, Any]:
    """Return what the command that ran last in a folder printed: its last line is JSON."""
    answer: dict[str, Any] = json.loads((folder / "said.txt").read_text().splitlines()[-1])
    return answer


def medians(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the median seconds of each part of several runs."""
    return {part: median(one[part] for one in parts) for part in parts[0]}


def run(command: Sequence[str], folder: Path, **more: str) -> Run:
    """Run a command in a folder, which also holds its store and what it says; raise Failed where it fails."""
    places = {
        "A4P_PUBLIC_URI": str(folder / "public"),
        "A4P_PRIVATE_URI": str(folder / "private"),
        "A4P_PREFECT_HOME": str(folder / "prefect"),
        "PYTHONPATH": str(CHECKOUT),
    }
    output_, errors_ = folder / "said.txt", folder / "complained.txt"
    with output_.open("wb") as output, errors_.open("wb") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **places, **more}, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        complained = (errors_.read_text().strip() or output_.read_text().strip())[-4000:]
        raise Failed(f"{' '.join(command)} failed ({process.returncode}): {complained}")
    # Linux counts it in KiB, macOS in bytes
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak)


@contextmanager
def new_store(inbox: Path) -> Iterator[Path]:
    """Give a new folder beside the inbox, and remove it with all that a refresh has put there."""
    with TemporaryDirectory(dir=inbox.parent, prefix="store-") as folder:
        yield Path(folder)


@contextmanager
def shown(name: str) -> Iterator[None]:
    """Say on the terminal what is being measured; nothing where the output is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    print(f"\r\033[K  {name} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
