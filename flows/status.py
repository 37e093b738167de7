"""The status board of a cycle: who has sent what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date
from pathlib import PurePosixPath

import polars as pl

from config import Config, Cycle
from flows.limits import plain_name
from flows.release import latest, read_table
from flows.store import Entry, Store

SCHEMA = {
    "source": pl.String,
    "mission": pl.String,
    "due": pl.Date,
    "status": pl.String,
    "received_on": pl.Date,
    "file": pl.String,
}


def board(cycle: Cycle, config: Config, inbox: Store, public: Store, today: date) -> pl.DataFrame:
    """Return one row a source, and mission where missions send.

    `status` is accepted, refused (of what the latest release used), received (in the inbox and not yet refreshed),
    each with 'late' where it came after the due date, or overdue, or awaited.
    """
    release = latest(public, cycle)
    judged = read_table(public, release, "submissions") if release else None
    rows = []
    for source, contract in config.contracts.items():
        # named as the refresh names them
        sent = [replace(one, path=plain_name(one.path)) for one in inbox.entries(f"{cycle.folder}/{source}")]
        for mission in config.reporting_missions if contract.sent_by == "missions" else (None,):
            newest = max(_of(sent, mission), key=lambda entry: (entry.modified, entry.path), default=None)
            due = contract.due(cycle)
            on = newest.modified.astimezone(UTC).date() if newest else None
            status = _status(newest, judged) if newest else ("overdue" if today > due else "awaited")
            if on and on > due:
                status += ", late"
            rows.append((source, mission, due, status, on, newest.path if newest else None))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _of(entries: list[Entry], mission: str | None) -> list[Entry]:
    if mission is None:
        return entries
    return [entry for entry in entries if mission in (part.upper() for part in PurePosixPath(entry.path).parts)]


def _status(newest: Entry, judged: pl.DataFrame | None) -> str:
    if judged is None:
        return "received"
    statuses = judged.filter(pl.col("file") == newest.path)["status"].to_list()
    if not statuses:
        return "received"
    return "refused" if "refused" in statuses else "accepted"
