"""The sections of the benchmark, in the order in which they are measured: what each measures and how it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Asked
from benchmarks.page import Page
from benchmarks.sections import check, counts, incremental, network, peers, refresh, small, ten_million, years


@dataclass(frozen=True)
class Section:
    """A section: measures into a folder and returns numbers that can be kept as JSON; shows such numbers."""

    measure: Callable[[Path, Asked], dict[str, Any]]
    page: Callable[[dict[str, Any]], Page]


SECTIONS = {
    name: Section(module.measure, module.page)
    for name, module in {
        "small": small,
        "counts": counts,
        "peers": peers,
        "incremental": incremental,
        "ten-million": ten_million,
        "check": check,
        "network": network,
        "years": years,
        # last, for a Prefect server's libraries make this process larger, and with it all that it starts
        "refresh": refresh,
    }.items()
}
