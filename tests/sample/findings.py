"""What the real rules find in an inbox, and what they found in the files of a release."""

from pathlib import Path
from typing import Any

import polars as pl

from config import load
from flows.refresh.story import curate, gather
from flows.releases import editions, shelf
from flows.stores import frames
from tests.support.sharing import places_in

CONFIG = load()
Findings = list[dict[str, Any]]


def found_in(folder: Path, number: int) -> Findings:
    """Hold the inbox of a folder against the rules, and what is curated from it; returns what was found."""
    cycle, places = CONFIG.cycle(number), places_in(folder)
    gathered = gather(cycle, places, CONFIG)
    curated = curate(gathered, None, CONFIG, cycle, places)
    paths = [gathered.judged.findings, *(table.findings for table in gathered.tables), curated.findings]
    return [row for path in paths for row in frames.scan(places.private, path).collect().iter_rows(named=True)]


def of_release(folder: Path) -> tuple[Findings, pl.DataFrame]:
    """What was found in the files of a folder's first release of cycle 5, and its figures."""
    places, cycle = places_in(folder), CONFIG.cycle(5)
    found = shelf.get(places.public, cycle, "r001")
    told = editions.read_table(found, "findings", places.public, places.internal)
    return told.to_dicts(), shelf.read_table(places.public, found, "figures")
