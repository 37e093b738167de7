"""Measure the refresh of the sample at several scales and the check of a file; `--write` also keeps it as Markdown."""

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
from benchmarks.measure import Check, Measured, Run

RESULTS = Path(__file__).parent / "results.md"
TITLE = f"Refresh of the sample's cycle {measure.CYCLE}"
TITLE_OF_CHECKS = "Check of a file of 10,000 rows, median s"
CHECKED = ("check", "with --annotate")
NOTE_OF_CHECKS = "Python's start and imports, about as long for any file, are not counted."
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
            checks = measure.of_check(Path(folder), asked.runs)
            # last, for a server's libraries make this process larger, and with it all that it starts
            prefect = [] if asked.no_prefect else measure.through_prefect(inboxes[scales[0]], asked.runs)
    except measure.Failed as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("Stopped.")

    columns = [f"scale {scale}" for scale in scales]
    groups = list(_groups(measured, of_help, prefect))
    of_checks = [list(_checks(checks))]
    notes = _notes(asked.runs)
    print(TITLE)
    _print(columns, groups)
    print(*notes, "", TITLE_OF_CHECKS, sep="\n")
    _print(CHECKED, of_checks)
    print(NOTE_OF_CHECKS, machine, sep="\n")
    if asked.write:
        refresh = [f"# {TITLE}", machine, _markdown(columns, groups), "\n".join(notes)]
        check = [f"# {TITLE_OF_CHECKS}", _markdown(CHECKED, of_checks), NOTE_OF_CHECKS]
        RESULTS.write_text("\n\n".join([*refresh, *check, ""]))
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


def _checks(checks: Sequence[Check]) -> Iterator[Line]:
    for one in checks:
        rows = f"{one.faulty:,} faulty rows" if one.faulty else "clean"
        yield f"{one.file}, {rows}", [_seconds(one.check), _seconds(one.marked)]


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


def _print(columns: Sequence[str], groups: list[list[Line]]) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for group in groups:
        for name, cells in group:
            table.add_row(name, *cells)
        table.add_section()
    Console(highlight=False).print(table)


def _markdown(columns: Sequence[str], groups: list[list[Line]]) -> str:
    rows = [
        f"| | {' | '.join(columns)} |",
        f"|---|{'--:|' * len(columns)}",
        *(f"| {name} | {' | '.join(cells)} |" for group in groups for name, cells in group),
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
