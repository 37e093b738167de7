"""Messages as drafts in the outbox, for somebody to send."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import PurePosixPath

import polars as pl

from config import Cycle
from flows.intake.books import ledger, told
from flows.intake.books import outbox as books
from flows.stores import Store, turns

# how the name of a draft begins: when it was written
STAMP = "%Y%m%dT%H%M%SZ"


def as_draft(written: EmailMessage) -> bytes:
    """Return a message as a file that mail programs open as a draft that is ready to be sent."""
    written["X-Unsent"] = "1"
    return written.as_bytes()


def put(written: EmailMessage, cycle: Cycle, private: Store, since: datetime, whose: str) -> None:
    """Write a message into the outbox, by when it was first tried and whose it is. Raises StoreError."""
    books.put(f"{since.astimezone(UTC):{STAMP}}-{whose}.eml", as_draft(written), cycle, private)


def drop_drafts(slots: Mapping[str, datetime], cycles: Iterable[Cycle], private: Store) -> int:
    """Remove the drafts to sources, or missions, that were written since a time each; return how many.

    In: the times, by source and mission as an alert names them. What they told counts as not told: a draft may not have
    been sent, so that the next messages tell what is still open.
    """
    gone = 0
    for cycle in cycles:
        drafts: dict[str, str] = {}
        for entry in private.entries(books.outbox(cycle)):
            written, _, whose = PurePosixPath(entry.path).stem.partition("-")
            since = next((since for name, since in slots.items() if name.replace("/", "-") == whose), None)
            if since and datetime.strptime(written, STAMP).replace(tzinfo=UTC) >= since.replace(microsecond=0):
                drafts[entry.path] = whose
        if drafts:
            # nobody may send at the same time: what was told is written by who has this turn
            with turns.turn(private, cycle, turns.this_process(), lambda _: None, "sending"):
                _untell(set(drafts.values()), cycle, private)
        for path in drafts:
            private.delete(path)
        gone += len(drafts)
    return gone


def _untell(whose: Collection[str], cycle: Cycle, private: Store) -> None:
    known = ledger.load(private, cycle)
    slot = pl.concat_str("source", "mission", separator="-", ignore_nulls=True)
    own = slot.is_in(list(whose)) | pl.col("source").is_in(list(whose))
    untold = pl.when(~(own & ledger.OPEN)).then("alerted_on").alias("alerted_on")
    left = {
        name: replace(one, about=(), begun=None) if name.replace("/", "-") in whose else one
        for name, one in told.read(private, cycle).items()
    }
    # in this order: what the ledger takes over is then no longer laid over it
    ledger.save(private, cycle, known.with_columns(untold))
    told.write(private, cycle, left)
