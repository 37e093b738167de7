"""Measure time and memory of the pipeline, beside other ways to do the same.

Sections can be measured one after the other; `--write` keeps each one's numbers in benchmarks/results/ and makes
benchmarks/results.md of all that are there. With `--scales` those that were measured before are kept beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import measure
from benchmarks.measure import Asked
from benchmarks.page import markdown, printed, seconds
from benchmarks.sections import SECTIONS

RESULTS = Path(__file__).parent / "results.md"
KEPT = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write where that is wanted."""
    asked = _asked(arguments)
    wanted = [name for name in SECTIONS if name in (asked.only or SECTIONS)]
    what = Asked(
        tuple(sorted(set(asked.scales))) if asked.scales else None, asked.runs, not asked.no_prefect, asked.dbt
    )
    measure.forget_settings()
    print("Measuring takes some minutes …", file=sys.stderr)
    failed = False
    try:
        with TemporaryDirectory(prefix="a4p-bench-", dir=asked.dir) as folder:
            measure.warm_up(Path(folder))
            for name in wanted:
                try:
                    _one(name, Path(folder), what, asked.write)
                except measure.Failed as failure:
                    # what was measured before it, and what comes after, still counts
                    failed = True
                    print(f"{name}: {failure}", file=sys.stderr)
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    if failed:
        sys.exit(1)


def _one(name: str, folder: Path, asked: Asked, write: bool) -> None:
    """Measure a section, print it, and keep it where that is wanted."""
    section = SECTIONS[name]
    how = _machine()
    begun = time.perf_counter()
    data: dict[str, Any] = {"how": how, **section.measure(folder, asked)}
    data["took"] = time.perf_counter() - begun
    path = KEPT / f"{name}.json"
    if write and asked.scales and path.exists():
        data = _beside(json.loads(path.read_text()), data)
    printed(section.page(data))
    print(f"{how}; measured in {seconds(data['took'])} s", "", sep="\n", flush=True)
    if write:
        KEPT.mkdir(exist_ok=True)
        path.write_text(json.dumps(data, indent=1) + "\n")
        _write_page()


def _beside(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Return what is measured now with the scales that were measured before and not again."""
    data = {**before, **{name: found for name, found in now.items() if found}}
    if isinstance(data.get("scales"), dict):
        scales = {**before["scales"], **now["scales"]}
        data["scales"] = {scale: scales[scale] for scale in sorted(scales, key=int)}
    return data


def _write_page() -> None:
    kept = {name: KEPT / f"{name}.json" for name in SECTIONS}
    data = {name: json.loads(path.read_text()) for name, path in kept.items() if path.exists()}
    RESULTS.write_text(markdown((SECTIONS[name].page(one), f"{one['how']}.") for name, one in data.items()))
    print(f"Written to {RESULTS}")


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", action="append", choices=list(SECTIONS), metavar="SECTION",
        help=f"measure this section alone; may be given several times: {', '.join(SECTIONS)}",
    )  # fmt: skip
    parser.add_argument(
        "--scales", type=_from_one, nargs="+", metavar="N",
        help="scales of the sample; where not given, 1 10 100 1000 for refresh, 1 100 for peers, 100 for incremental",
    )  # fmt: skip
    parser.add_argument(
        "--runs", type=_from_one, metavar="N", default=measure.RUNS, help=f"of each line, {measure.RUNS} unless said"
    )
    parser.add_argument("--no-prefect", action="store_true", help="leave out the refresh through a Prefect server")
    parser.add_argument(
        "--dbt", type=Path, metavar="PYTHON", help="a Python that has dbt; one is installed into .venv-dbt otherwise"
    )
    parser.add_argument("--dir", type=Path, metavar="FOLDER", help="where to put samples and stores for the time being")
    parser.add_argument("--write", action="store_true", help="also keep the numbers and write benchmarks/results.md")
    return parser.parse_args(arguments)


def _from_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 on; put blanks between several")
    return int(text)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = ", ".join(f"{name} {version(name)}" for name in ("polars", "great-expectations", "prefect"))
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, {versions}; load before the start: {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
