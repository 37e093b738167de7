"""The status board of a cycle: who has sent what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date
from pathlib import PurePosixPath

import polars as pl

from config import Config, Cycle
from flows.core.records import Known
from flows.intake.books import ledger
from flows.intake.read.limits import plain_name
from flows.intake.receive import pulled
from flows.stores import Entry, Store

SCHEMA = {
    "source": pl.String,
    "mission": pl.String,
    "due": pl.Date,
    "status": pl.String,
    "received_on": pl.Date,
    "file": pl.String,
    "to_mend": pl.Int64,
    "mended": pl.Int64,
    "days_to_mend": pl.Float64,
}


def board(
    cycle: Cycle,
    config: Config,
    inbox: Store,
    private: Store,
    judged: pl.DataFrame | None,
    out: Collection[Known],
    today: date,
) -> pl.DataFrame:
    """Return one row a source, and mission where missions send.

    In: the submissions of the release that readers are led to, where there is one; the submissions that are withdrawn.

    `status` is accepted, refused (of what the latest release used), received (in the inbox and not yet refreshed),
    each with 'late' where it came after the due date, or overdue, or awaited. A file that is withdrawn counts as if it
    had not come; where it is newer than the one that counts, or the only one, that is said. `to_mend` counts the
    critical findings and warnings that the ledger has open, `mended` those that a later submission put right, in
    `days_to_mend` days (the median).
    """
    rows = []
    for source, contract in config.contracts.items():
        # named as the refresh names them
        sent = [replace(one, path=plain_name(one.path)) for one in inbox.entries(f"{cycle.folder}/{source}")]
        left = pulled.last(contract, config, cycle, private).submissions if out else ()
        gone = {one.file for one in left if one.known in out}
        for mission in config.reporting_missions if contract.sent_by == "missions" else (None,):
            every = sorted(_of(sent, mission), key=lambda entry: (entry.modified, entry.path))
            newest = next((one for one in reversed(every) if one.path not in gone), None)
            due = contract.due(cycle)
            on = newest.modified.astimezone(UTC).date() if newest else None
            status = _status(newest, judged) if newest else ("overdue" if today > due else "awaited")
            if on and on > due:
                status += ", late"
            if every and every[-1].path in gone:
                status += ", newer file withdrawn" if newest else ", file withdrawn"
            rows.append((source, mission, due, status, on, newest.path if newest else None))
    received = pl.DataFrame(rows, schema=dict(list(SCHEMA.items())[:6]), orient="row")
    by_mission = ledger.mission_sources(config)
    found = ledger.by_slot(ledger.load(private, cycle), by_mission)
    joined = received.join(found, on=["source", "mission"], how="left", nulls_equal=True, maintain_order="left")
    return joined.select(
        *list(SCHEMA)[:6], pl.col("to_mend").fill_null(0), pl.col("mended").fill_null(0), "days_to_mend"
    ).cast(SCHEMA)  # type: ignore[arg-type]


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
