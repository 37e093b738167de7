from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from config import load
from flows import frames
from flows.refresh import Places, curate, gather, previous_figures
from flows.store import Store

Outcome = tuple[list[dict[str, object]], pl.DataFrame]


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """Hold an inbox against the real rules and curate it: what was found, and the figures."""
    config = load()

    def run(inbox: Path, number: int, *, with_previous: bool = False) -> Outcome:
        cycle, store = config.cycle(number), tmp_path_factory.mktemp("store")
        places = Places(Store(str(inbox)), Store(str(store / "private")), Store(str(store / "public")))
        gathered = gather(cycle, places, config)
        previous = previous_figures(cycle, places, config, None) if with_previous else None
        curated = curate(gathered, previous, config, cycle, places)
        paths = [gathered.judged.findings, *(table.findings for table in gathered.tables), curated.findings]
        found = [row for path in paths for row in frames.scan(places.private, path).collect().iter_rows(named=True)]
        return found, frames.scan(places.private, curated.tables["figures"]).collect()

    return run
