"""What is kept of a source's earlier files: where a raw file lies, and the rows that were accepted last."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import PurePosixPath

import polars as pl

from config import Config, Contract, Cycle
from flows.core.errors import NotThere
from flows.core.records import Submission
from flows.intake.books import ledger
from flows.intake.read import submissions
from flows.stores import Store, checked, frames
from flows.stores.checked import Damaged

# of longer tables nobody wants to be told again what stood in them
_MOST_ROWS = 500

# the rows of each table, as text
LastRows = Mapping[str, pl.DataFrame]


def raw_path(private: Store, source: str, sha256: str, name: str) -> str:
    """Return where a raw file is kept; of several names of one content, that which ends as the given one."""
    folder = f"raw/{source}/{sha256}"
    kept = [entry.path for entry in private.entries(folder) if not entry.path.startswith(f"{folder}/received/")]
    if not kept:
        raise NotThere(f"The raw file {name} is not in {private.at(folder)}; restore it from a copy.")
    ending = PurePosixPath(name).suffix.lower()
    return next((path for path in kept if PurePosixPath(path).suffix.lower() == ending), kept[0])


def last_rows(contract: Contract, mission: str | None, cycle: Cycle, config: Config, private: Store) -> LastRows:
    """Return what a source, or mission, had accepted in the cycle before; nothing where none is kept whole.

    Personal columns are none of them.
    """
    before = config.cycles.get(cycle.number - 1)
    with suppress(NotThere, Damaged):
        last = ledger.last_refresh(private, before) if before else None
        if last is None:
            return {}
        sent = last.submissions.filter(pl.col("source") == contract.source, pl.col("status") == "accepted")
        if mission:
            sent = sent.filter(pl.col("mission") == mission)
        if sent.is_empty():
            return {}
        file, sha256, received = sent.sort("received_at")["file", "sha256", "received_at"].row(-1)
        raw = raw_path(private, contract.source, sha256, PurePosixPath(file).name)
        size = len(checked.read(private, raw, sha256, checked.RECEIVED_AGAIN))
        submission = Submission(contract.source, mission, file, sha256, size, received, raw)
        read = submissions.read(submission, submissions.shapes(contract.source, config), private)
        accepted = set(sent.filter(pl.col("sha256") == sha256)["table"]) - contract.covers
        found = {table: frames.scan(private, path) for table, path in read.texts.items() if table in accepted}
        return {
            table: frame.select(list(contract.tables[table].columns_read)).collect()
            for table, frame in found.items()
            if 0 < read.found.tables[table].rows <= _MOST_ROWS
        }
    return {}
