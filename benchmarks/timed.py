"""A refresh whose steps are timed, in a process of its own: prints, as JSON, where the seconds went and what was read.

    python -m benchmarks.timed START CYCLE INBOX

START is the monotonic clock when this process was asked for, so that Python's start counts too.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from typing import Any, TypeVar

from flows.cli import commands

commands.tidy_seldom()

# the steps import these late; here they come first, so that importing them counts as start-up
import fastexcel  # noqa: F401
import jinja2  # noqa: F401
import vl_convert  # noqa: F401

from expectations.seldom_used import load_great_expectations

load_great_expectations()

import expectations.contract
import expectations.curated
import expectations.files
import expectations.findings
import expectations.sources
import flows.documents.page  # noqa: F401
from config import Config, Cycle, load
from expectations.engine.table import Table
from flows.cli import refresh_texts
from flows.core import settings
from flows.core.steps import InTurn, Phase, Step
from flows.intake.read.submissions import read_source, shapes
from flows.refresh.story import pull, refresh
from flows.stores.from_settings import Places, places_of

T = TypeVar("T")
REST = "rest"
# what a step is a part of
_PARTS = {
    Phase.PULL: "reading",
    Phase.READ: "reading",
    Phase.CHECK: "gate",
    Phase.MAKE: "transform",
    Phase.SUPPRESS: "transform",
    Phase.BRING: "release",
    Phase.BUILD: "release",
    Phase.PUBLISH: "release",
    Phase.KEEP: "release",
}
PARTS = ("start-up", *dict.fromkeys(_PARTS.values()), REST)


def main(start: float, number: int, inbox: str) -> None:
    """Do what `a4p refresh` does, and print the seconds of each part, and the rows and bytes of the raw files.

    `gx` are the seconds that are spent in Great Expectations, in the gate and in the transform: its queries, which
    Polars answers, and what it takes without them.
    """
    config = load()
    cycle = config.cycle(number)
    places = places_of(settings.load(), inbox)
    seconds: defaultdict[str, float] = defaultdict(float)

    def run(step: Step[T]) -> T:
        begun = time.monotonic()
        try:
            return step.run()
        finally:
            # the steps of the cycle before are parts of the same
            seconds[_PARTS.get(step.kind.phase, REST)] += time.monotonic() - begun

    whole = _timing(expectations.findings, "validate")
    queries = _timing(Table, "answer")
    seconds["start-up"] = time.monotonic() - start
    published = refresh(cycle, places, config, InTurn(run))
    refresh_texts.of_refresh(published, cycle, config)
    seconds[REST] += time.monotonic() - start - sum(seconds.values())

    cycles = [config.cycles[known] for known in (number - 1, number) if known in config.cycles]
    rows, size = (sum(counts) for counts in zip(*(_read(each, places, config) for each in cycles), strict=True))
    parts = {part: seconds[part] for part in PARTS}
    gx = {"queries": sum(queries), "without queries": sum(whole) - sum(queries)}
    print(json.dumps({"seconds": parts, "gx": gx, "rows": rows, "bytes": size}))


def _timing(where: Any, name: str) -> list[float]:
    """Have each call of a function add its seconds to the list that is returned."""
    taken: list[float] = []
    do = getattr(where, name)

    def timed(*args: Any, **named: Any) -> Any:
        begun = time.monotonic()
        try:
            return do(*args, **named)
        finally:
            taken.append(time.monotonic() - begun)

    setattr(where, name, timed)
    return taken


def _read(cycle: Cycle, places: Places, config: Config) -> tuple[int, int]:
    """Return the rows and bytes of a cycle's raw files, which the refresh has read before."""
    reads = [
        one
        for contract in config.contracts.values()
        for one in read_source(
            pull(contract, config, cycle, places).submissions, shapes(contract.source, config), places.private
        )
    ]
    rows = sum(table.rows for one in reads for table in one.found.tables.values())
    return rows, sum(one.submission.size for one in reads)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
