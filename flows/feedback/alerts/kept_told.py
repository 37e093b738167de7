"""What was told to whom, as it is kept: alerts/cycle-05/told.json in the private store; and the outbox beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath

import polars as pl

from config import Cycle
from flows.core.errors import NotThere
from flows.feedback.alerts.notice import TOLD, Told
from flows.intake.books import ledger
from flows.stores import Store, checked

OUTBOX = "outbox"
# how the name of a draft begins: when it was written
STAMP = "%Y%m%dT%H%M%SZ"
_REMEDY = (
    "bring it back from a backup of the private store, or remove it: sources are then told once more that their files "
    "came"
)


def read(private: Store, cycle: Cycle) -> dict[str, Told]:
    """Return what was told, by whom it was told to; nothing where nobody was told anything yet. Raises Damaged."""
    try:
        return checked.read_json(private, _path(cycle), TOLD, _REMEDY)
    except NotThere:
        return {}


def write(private: Store, cycle: Cycle, told: Mapping[str, Told]) -> None:
    """Keep what was told."""
    checked.write_json(private, _path(cycle), TOLD.dump_json(dict(sorted(told.items())), indent=2))


def outbox(cycle: Cycle) -> str:
    """Return the folder of the private store into which messages are written that no channel takes."""
    return f"alerts/{cycle.folder}/{OUTBOX}"


def drop_drafts(slots: Mapping[str, datetime], cycles: Iterable[Cycle], private: Store) -> int:
    """Remove the drafts to sources, or missions, that were written since a time each; return how many.

    In: the times, by source and mission as an alert names them. What they told counts as not told: a draft may not have
    been sent, so that the next messages tell what is still open.
    """
    gone = 0
    for cycle in cycles:
        drafts: dict[str, str] = {}
        for entry in private.entries(outbox(cycle)):
            written, _, whose = PurePosixPath(entry.path).stem.partition("-")
            since = next((since for name, since in slots.items() if name.replace("/", "-") == whose), None)
            if since and datetime.strptime(written, STAMP).replace(tzinfo=UTC) >= since.replace(microsecond=0):
                drafts[entry.path] = whose
        if drafts:
            known = ledger.load(private, cycle)
            slot = pl.concat_str("source", "mission", separator="-", ignore_nulls=True)
            own = slot.is_in(list(drafts.values())) | pl.col("source").is_in(list(drafts.values()))
            untold = pl.when(~(own & ledger.OPEN)).then("alerted_on").alias("alerted_on")
            ledger.save(private, cycle, known.with_columns(untold))
        for path in drafts:
            private.delete(path)
        gone += len(drafts)
    return gone


def _path(cycle: Cycle) -> str:
    return f"alerts/{cycle.folder}/told.json"
