"""The refresh beside other programs that do the same with the same sources, in turn, each in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import measure as measuring
from benchmarks.measure import CHECKOUT, Asked, Failed, new_store, run, said, shown
from benchmarks.page import NONE, Line, Mark, Page, seconds, where_time_goes

SCALES = (1, 100)
OURS, FLOOR, PANDAS = "a4p refresh", "floor: bare Polars", "pandas with GX"
DBT, DAGSTER = "dbt with DuckDB", "Dagster with dataframely"
_MODULES = {FLOOR: "floor", PANDAS: "pandas_gx", DBT: "dbt_duckdb.run", DAGSTER: "dagster_dataframely"}
# those that do not fit beside the rest: the extra of pyproject.toml that has them, and the environment made for it
_APART = {DBT: ("bench", ".venv-dbt"), DAGSTER: ("bench-dagster", ".venv-dagster")}


@dataclass(frozen=True)
class Limit:
    """How long the refresh may take, as a multiple of another program's time, and at which scales.

    With `imports` it is of what a user waits for; against the floor it is of the work, too.
    """

    than: str
    most: float
    scales: tuple[int, ...]
    said: str
    imports: bool = False


LIMITS = (
    Limit(FLOOR, 1.5, (100,), "at most 1.5 ×", imports=True),
    Limit(FLOOR, 1.3, (100,), "at most 1.3 ×"),
    Limit(PANDAS, 1 / 5, (100,), "at least 5 × faster"),
    Limit(DBT, 1.0, (1, 100), "faster"),
    Limit(DAGSTER, 1.0, (100,), "faster"),
)


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Measure all programs at each scale, and see that their results are the same."""
    pythons = {FLOOR: Path(sys.executable), PANDAS: Path(sys.executable)}
    missing = []
    for name in _APART:
        python, why = _python(name, asked.dbt if name == DBT else None)
        if python:
            pythons[name] = python
        else:
            missing.append(why)
    at = {}
    for scale in asked.scales or SCALES:
        sample = measuring.write_sample(folder, scale)
        inbox = folder / f"compared-{scale}"
        with shown(f"scale {scale}: making some rows faulty"):
            run([sys.executable, "-m", "benchmarks.peers.inbox", str(sample), str(inbox)], folder)
        at[str(scale)] = _at_scale(inbox, scale, pythons, asked.runs)
        shutil.rmtree(inbox)
    return {"scales": at, "left out": "; ".join(missing)}


def _at_scale(inbox: Path, scale: int, pythons: Mapping[str, Path], runs: int) -> dict[str, Any]:
    programs = [OURS, *pythons]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in programs}
    timed: list[dict[str, Any]] = []
    if DBT in pythons:
        # a user's project has been parsed before
        with shown(f"scale {scale}: letting dbt parse its project"):
            _program(DBT, inbox, pythons[DBT])
    for number in range(runs):
        with new_store(inbox) as store:
            for name in programs:
                with shown(f"scale {scale}: {name} {number + 1}"):
                    found[name].append(_ours(inbox, store) if name == OURS else _program(name, inbox, pythons[name]))
                if number == 0 and name != OURS:
                    _same(name, _out(name, inbox), store)
                if name != OURS:
                    shutil.rmtree(_out(name, inbox))
        with shown(f"scale {scale}: timing the steps of a refresh"), new_store(inbox) as store:
            timed.append(measuring.timed(inbox, store))
    parts = measuring.medians([one["seconds"] for one in timed])
    return {
        "rows": timed[0]["rows"],
        "bytes": timed[0]["bytes"],
        "programs": {name: _together(each) for name, each in found.items()},
        "parts": parts,
        "gx": measuring.medians([one["gx"] for one in timed]),
    }


def _ours(inbox: Path, store: Path) -> dict[str, Any]:
    done = run(measuring.refresh(inbox), store)
    return {"seconds": done.seconds, "cpu": done.cpu, "peak": done.peak}


def _program(name: str, inbox: Path, python: Path) -> dict[str, Any]:
    out = _out(name, inbox)
    shutil.rmtree(out, ignore_errors=True)
    with new_store(inbox) as folder:
        command = [str(python), "-m", f"benchmarks.peers.{_MODULES[name]}"]
        done = run([*command, str(inbox), str(out)], folder)
        told = said(folder)
    return {
        "seconds": done.seconds,
        "cpu": done.cpu,
        "peak": done.peak,
        "imports": told["imports"],
        "parts": told["seconds"],
    }


def _out(name: str, inbox: Path) -> Path:
    """Return where a program writes: the same place each time, by which dbt knows what it has parsed."""
    return inbox.parent / f"{inbox.name}-{_MODULES[name]}"


def _same(name: str, out: Path, store: Path) -> None:
    with new_store(out) as folder:
        try:
            run([sys.executable, "-m", "benchmarks.peers.compare", str(out), str(store)], folder)
        except Failed as failure:
            raise Failed(f"{name} gives other results than the refresh: {failure}") from None


def _together(runs: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "seconds": [one["seconds"] for one in runs],
        "cpu": [one["cpu"] for one in runs],
        "peak": max(one["peak"] for one in runs),
    }
    if "imports" in runs[0]:
        found["imports"] = median(one["imports"] for one in runs)
        found["parts"] = measuring.medians([one["parts"] for one in runs])
    return found


def page(data: dict[str, Any]) -> Page:
    """Show each program at each scale, and the ratios."""
    scales: dict[str, dict[str, Any]] = data["scales"]
    names = list(next(iter(scales.values()))["programs"])
    columns = [f"{name}, scale {scale}" for scale in scales for name in names]
    groups: list[list[Line]] = [
        [_line("rows read", scales, names, lambda one, name: f"{one['rows']:,}")],
        [
            _line("runs", scales, names, lambda one, name: str(len(one["programs"][name]["seconds"]))),
            _line("whole process, median s", scales, names, lambda one, name: seconds(_whole(one, name))),
            _line("of it imports, s", scales, names, lambda one, name: seconds(_imports(one, name))),
            _line("CPU, median s", scales, names, lambda one, name: seconds(median(one["programs"][name]["cpu"]))),
            _line("peak memory, MB", scales, names, lambda one, name: f"{one['programs'][name]['peak'] / 1e6:,.0f}"),
        ],
        [
            _line("refresh ÷ this", scales, names, lambda one, name: _ratio(one, name, True)),
            _line("the same, imports apart", scales, names, lambda one, name: _ratio(one, name, False)),
        ],
    ]
    return Page("Beside other programs", columns, groups, _notes(scales, data["left out"]), _marks(scales))


def _line(name: str, scales: dict[str, dict[str, Any]], names: list[str], cell: Any) -> Line:
    return name, [cell(one, each) for one in scales.values() for each in names]


def _whole(one: dict[str, Any], name: str) -> float:
    return float(median(one["programs"][name]["seconds"]))


def _imports(one: dict[str, Any], name: str) -> float:
    return float(one["parts"]["start-up"] if name == OURS else one["programs"][name]["imports"])


def _ratio(one: dict[str, Any], name: str, with_imports: bool) -> str:
    return NONE if name == OURS else f"{_times(one, name, with_imports):.2f}"


def _times(one: dict[str, Any], name: str, with_imports: bool) -> float:
    ours, theirs = _whole(one, OURS), _whole(one, name)
    if not with_imports:
        ours, theirs = ours - _imports(one, OURS), theirs - _imports(one, name)
    return ours / theirs


def _marks(scales: dict[str, dict[str, Any]]) -> list[Mark]:
    found = []
    for limit in LIMITS:
        for scale, one in scales.items():
            if int(scale) not in limit.scales or limit.than not in one["programs"]:
                continue
            apart = limit.than == FLOOR and not limit.imports
            times = _times(one, limit.than, not apart)
            measured = f"{times:.2f} ×" if limit.than == FLOOR else f"{1 / times:.2f} × faster"
            work = {part: taken for part, taken in one["parts"].items() if part != "start-up" or not apart}
            what = f"the refresh against {limit.than}, scale {scale}{', imports apart' if apart else ''}"
            reached = times <= limit.most if limit.most != 1 else times < 1
            found.append(Mark(what, measured, limit.said, reached, where_time_goes(work)))
    return found


def _notes(scales: dict[str, dict[str, Any]], left_out: str) -> list[str]:
    notes = [
        "The sources that grow with the sample's scale, both cycles, about one row in a thousand faulty: NOTICAS, "
        "uniformed personnel, allegations, evaluations. Measured in turn; rows accepted and refused, why, what was "
        "found, tables and figures were compared and are the same, but for cells that a release suppresses.",
        "The other programs have no rules on files, lineage, findings in words, suppression, report or release. pandas "
        "reads workbooks by openpyxl, its default; dbt by DuckDB's excel extension.",
    ]
    for scale, one in scales.items():
        gx, parts = one["gx"], one["parts"]
        notes.append(
            f"At scale {scale} the refresh takes {seconds(gx['without queries'])} s in Great Expectations and "
            f"{seconds(gx['queries'])} s in the queries by which Polars answers it; "
            + ", ".join(f"{name} {seconds(taken)} s" for name, taken in parts.items())
            + "."
        )
        for name in (FLOOR, PANDAS, DAGSTER):
            if name not in one["programs"]:
                continue
            taken = one["programs"][name]["parts"]
            notes.append(f"{name}: " + ", ".join(f"{part} {seconds(value)} s" for part, value in taken.items()) + ".")
    return [*notes, f"Left out: {left_out}"] if left_out else notes


def _python(name: str, given: Path | None) -> tuple[Path | None, str]:
    """Return a Python that has a program which does not fit beside the rest, installed where there is none.

    `given` is one that the user has. Where the program cannot be had, None and why.
    """
    if given:
        if not given.exists():
            raise Failed(f"There is no {given}; give the Python of an environment that has dbt.")
        return given, ""
    extra, folder = _APART[name]
    environment = CHECKOUT / folder
    python = environment / "bin" / "python"
    done = environment / ".installed"
    if not done.exists():
        extras = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        with shown(f"installing {name} into {folder}"):
            for command in (
                [sys.executable, "-m", "venv", str(environment)],
                [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *extras[extra]],
            ):
                made = subprocess.run(command, capture_output=True, text=True, check=False)
                if made.returncode:
                    return None, f"{name}, which could not be installed: {made.stderr.strip().splitlines()[-1:]}"
        done.touch()
    return python, ""
