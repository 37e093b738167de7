"""The refresh of the whole sample at several scales: into a new store, again with nothing changed, through Prefect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import measure as measuring
from benchmarks.measure import CYCLE, Asked, Failed, Run, new_store, run, shown
from benchmarks.page import NONE, Line, Mark, Page, seconds, where_time_goes

SCALES = (1, 10, 100, 1000)
# at this scale files are larger than what is let in otherwise
_LARGE = 1000
_LIMITS = {"A4P_FILE_LIMITS": "15"}
# growth is linear where ten times the rows take no more than ten times as long
_LINEAR_FROM = 10


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Measure the refresh at each scale, and how soon `a4p --help` comes."""
    scales = asked.scales or SCALES
    at = {}
    for scale in scales:
        at[str(scale)] = _at_scale(measuring.write_sample(folder, scale), scale, asked.runs)
    helped = [run([measuring.A4P, "--help"], folder).seconds for _ in range(asked.runs)]
    smallest = SCALES[0]
    wanted = asked.prefect and smallest in scales
    prefect = through_prefect(folder / f"inbox-{smallest}", asked.runs) if wanted else []
    return {"scales": at, "help": helped, "prefect": prefect}


def page(data: dict[str, Any]) -> Page:
    """Show the lines of each scale, and whether time grows no faster than rows."""
    scales: dict[str, dict[str, Any]] = data["scales"]
    return Page(
        f"Refresh of the sample's cycle {CYCLE}",
        [f"scale {scale}" for scale in scales],
        list(_groups(list(scales.values()), data)),
        _notes(),
        list(_growth(scales)),
    )


def _at_scale(inbox: Path, scale: int, runs: int) -> dict[str, Any]:
    refreshed: list[Run] = []
    again: list[float] = []
    timed: list[dict[str, Any]] = []
    limits = _LIMITS if scale >= _LARGE else {}
    for number in range(runs):
        with shown(f"scale {scale}: refresh {number + 1}"), new_store(inbox) as store:
            refreshed.append(run(measuring.refresh(inbox), store, **limits))
            again.append(run(measuring.refresh(inbox), store, **limits).seconds)
            if (store / "public/releases/cycle-05/r002").exists():
                raise Failed("The second refresh made a second release, though nothing had changed.")
        with shown(f"scale {scale}: timing the steps {number + 1}"), new_store(inbox) as store:
            timed.append(measuring.timed(inbox, store, **limits))
    return {
        "rows": timed[0]["rows"],
        "bytes": timed[0]["bytes"],
        "refresh": [one.seconds for one in refreshed],
        "cpu": [one.cpu for one in refreshed],
        "peak": max(one.peak for one in refreshed),
        "again": again,
        "parts": measuring.medians([one["seconds"] for one in timed]),
        "gx": measuring.medians([one["gx"] for one in timed]),
    }


def through_prefect(inbox: Path, runs: int) -> list[float]:
    """Return the seconds of refreshes through a Prefect server, whose start is not counted."""
    from flows.core.settings import Settings
    from flows.orchestration import server

    taken: list[float] = []
    home = Settings(_env_file=None, prefect_home=str(inbox.parent / "prefect"))
    with server.running(home) as started:
        assert started.words
        known = {"PREFECT_API_URL": started.api, "PREFECT_API_AUTH_STRING": started.words}
        for number in range(runs):
            with shown(f"through a Prefect server: refresh {number + 1}"), new_store(inbox) as store:
                taken.append(run(measuring.refresh(inbox), store, **known).seconds)
    return taken


def _groups(measured: Sequence[dict[str, Any]], data: dict[str, Any]) -> Iterator[list[Line]]:
    def line(name: str, cell: Callable[[dict[str, Any]], str]) -> Line:
        return name, [cell(one) for one in measured]

    def first(name: str, taken: list[float]) -> Line:
        return name, [seconds(median(taken)) if taken else NONE, *[NONE] * (len(measured) - 1)]

    yield [
        line("rows read", lambda one: f"{one['rows']:,}"),
        line("raw files read, MB", lambda one: f"{one['bytes'] / 1e6:,.1f}"),
        line("runs", lambda one: str(len(one["refresh"]))),
    ]
    yield [
        line("refresh, median s", lambda one: seconds(median(one["refresh"]))),
        line("refresh, fastest s", lambda one: seconds(min(one["refresh"]))),
        line("refresh, slowest s", lambda one: seconds(max(one["refresh"]))),
        line("CPU, median s", lambda one: seconds(median(one["cpu"]))),
        line("rows a second", lambda one: f"{one['rows'] / median(one['refresh']):,.0f}"),
        line("peak memory, MB", lambda one: f"{one['peak'] / 1e6:,.0f}"),
    ]
    yield [
        line(f"{part}, % of the time", lambda one, part=part: _share(one, one["parts"][part]))  # type: ignore[misc]
        for part in measured[0]["parts"]
    ]
    yield [line("of it Great Expectations, %", lambda one: _share(one, one["gx"]["without queries"]))]
    yield [
        line("again, nothing changed, median s", lambda one: seconds(median(one["again"]))),
        first("through a Prefect server, median s", data["prefect"]),
        first("a4p --help, median s", data["help"]),
    ]


def _share(one: dict[str, Any], part: float) -> str:
    return f"{100 * part / sum(one['parts'].values()):.0f}"


def _growth(scales: dict[str, dict[str, Any]]) -> Iterator[Mark]:
    numbers = [int(scale) for scale in scales if int(scale) >= _LINEAR_FROM]
    for smaller, larger in pairwise(numbers):
        one, other = scales[str(smaller)], scales[str(larger)]
        rows, taken = other["rows"] / one["rows"], median(other["refresh"]) / median(one["refresh"])
        yield Mark(
            f"scale {larger} against {smaller}: {rows:.1f} × the rows",
            f"{taken:.1f} × the time",
            f"at most {rows:.1f} ×",
            taken <= rows,
            where_time_goes(other["parts"]),
        )


def _notes() -> list[str]:
    return [
        f"Rows and files are those of cycles {CYCLE - 1} and {CYCLE}: a refresh into a new store reads "
        "both, for the change since the previous cycle.",
        "Start-up is Python and imports, reading is pull and read, gate is the checks of files and tables; Great "
        "Expectations is what the gate and the transform spend in it, the queries that Polars answers for it apart.",
        "The start of the Prefect server itself is not counted.",
    ]
