"""Measure the refresh of the sample at several scales, and print one table; `--write` also keeps it as Markdown."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import measure
from benchmarks.measure import Measured, Run

RESULTS = Path(__file__).parent / "results.md"
TITLE = f"Refresh of the sample's cycle {measure.CYCLE}"
NONE = "–"
Line = tuple[str, list[str]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write where that is wanted."""
    asked = _asked(arguments)
    measure.forget_settings()
    machine = _machine()
    print("Measuring takes some minutes …", file=sys.stderr)
    scales = sorted(set(asked.scales))
    measured: list[Measured] = []
    try:
        with TemporaryDirectory(prefix="a4p-bench-") as folder:
            measure.warm_up(Path(folder))
            inboxes = {}
            for scale in scales:
                inboxes[scale] = measure.write_sample(Path(folder), scale)
                measured.append(measure.at_scale(inboxes[scale], scale, asked.runs))
            of_help = measure.of_help(Path(folder), asked.runs)
            # last, for a server's libraries make this process larger, and with it all that it starts
            prefect = [] if asked.no_prefect else measure.through_prefect(inboxes[scales[0]], asked.runs)
    except measure.Failed as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("Stopped.")

    groups = list(_groups(measured, of_help, prefect))
    notes = _notes(asked.runs)
    _print(machine, scales, groups, notes)
    if asked.write:
        RESULTS.write_text(_markdown(machine, scales, groups, notes))
        print(f"Written to {RESULTS}")


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--scales", type=_from_one, nargs="+", default=[1, 10, 100], metavar="N", help="1 10 100 where not given"
    )
    parser.add_argument(
        "--runs", type=_from_one, metavar="N", help=f"{measure.RUNS}, fewer where a run is long; so many always if set"
    )
    parser.add_argument("--no-prefect", action="store_true", help="leave out the refresh through a Prefect server")
    parser.add_argument("--write", action="store_true", help="also write the table to benchmarks/results.md")
    return parser.parse_args(arguments)


def _from_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def _groups(measured: Sequence[Measured], of_help: list[Run], prefect: list[Run]) -> Iterator[list[Line]]:
    """Return the lines of the table, each with a cell for each scale, in groups that belong together."""

    def line(name: str, cell: Callable[[Measured], str]) -> Line:
        return name, [cell(one) for one in measured]

    def first(name: str, runs: list[Run]) -> Line:
        return name, [_seconds(median(_times(runs))) if runs else NONE, *[NONE] * (len(measured) - 1)]

    yield [
        line("rows read", lambda one: f"{one.rows:,}"),
        line("raw files read, MB", lambda one: f"{one.size / 1e6:,.1f}"),
        line("runs", lambda one: str(len(one.refresh))),
    ]
    yield [
        line("refresh, median s", lambda one: _seconds(median(_times(one.refresh)))),
        line("refresh, fastest s", lambda one: _seconds(min(_times(one.refresh)))),
        line("refresh, slowest s", lambda one: _seconds(max(_times(one.refresh)))),
        line("rows a second", lambda one: f"{one.rows / median(_times(one.refresh)):,.0f}"),
        line("peak memory, MB", lambda one: f"{max(run.peak for run in one.refresh) / 1e6:,.0f}"),
    ]
    yield [
        line(f"{part}, % of the time", lambda one, part=part: f"{100 * one.parts[part] / sum(one.parts.values()):.0f}")  # type: ignore[misc]
        for part in measured[0].parts
    ]
    yield [
        line("again, nothing changed, median s", lambda one: _seconds(median(_times(one.again)))),
        first("through a Prefect server, median s", prefect),
        first("a4p --help, median s", of_help),
    ]


def _notes(runs: int | None) -> list[str]:
    most = f"{measure.RUNS} runs a scale, and no more once they have taken {measure.LONG_S} seconds"
    fewer = min(runs or measure.RUNS, measure.FEWER)
    return [
        f"Rows and files are those of cycles {measure.CYCLE - 1} and {measure.CYCLE}: a refresh into a new store reads "
        "both, for the change since the previous cycle.",
        "Start-up is Python and imports, reading is pull and read, gate is the checks of files and tables.",
        f"Runs: {_so_many(runs) + ' a scale' if runs else most}; at most {_so_many(fewer)} for the parts, 'again' and "
        "'through a Prefect server', whose own start is not counted.",
    ]


def _so_many(runs: int) -> str:
    return f"{runs} run{'s' if runs > 1 else ''}"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = ", ".join(f"{name} {version(name)}" for name in ("polars", "great-expectations", "prefect"))
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, {versions}; load before the start: {os.getloadavg()[0]:.1f}"
    )


def _times(runs: list[Run]) -> list[float]:
    return [run.seconds for run in runs]


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value < 1 else f"{value:.1f}"


def _print(machine: str, scales: list[int], groups: list[list[Line]], notes: list[str]) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    for scale in scales:
        table.add_column(f"scale {scale}", justify="right")
    for group in groups:
        for name, cells in group:
            table.add_row(name, *cells)
        table.add_section()
    print(TITLE)
    Console(highlight=False).print(table)
    print(*notes, machine, sep="\n")


def _markdown(machine: str, scales: list[int], groups: list[list[Line]], notes: list[str]) -> str:
    rows = [
        f"| | {' | '.join(f'scale {scale}' for scale in scales)} |",
        f"|---|{'--:|' * len(scales)}",
        *(f"| {name} | {' | '.join(cells)} |" for group in groups for name, cells in group),
    ]
    return "\n".join([f"# {TITLE}", "", machine, "", *rows, "", *notes, ""])


if __name__ == "__main__":
    main()
