"""The status board of a cycle: who has sent what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date

import polars as pl

from config import Config, Contract, Cycle
from flows.core.quality_tables import SUBMISSIONS
from flows.core.records import Known
from flows.core.standing import missions_of, standings
from flows.intake.books import ledger
from flows.intake.read.limits import plain_name
from flows.intake.receive import pulled
from flows.intake.receive.inbox import FETCHED, files_of, mission_of
from flows.stores import Store

SCHEMA = {
    "source": pl.String,
    "mission": pl.String,
    "due": pl.Date,
    "status": pl.String,
    "in_use": pl.String,
    "received_on": pl.Date,
    "file": pl.String,
    "to_mend": pl.Int64,
    "asked": pl.Int64,
    "mended": pl.Int64,
    "days_to_mend": pl.Float64,
}
_COUNTED = ("rows_staged", "rows_quarantined", "rows_repeated")
_COLUMNS = ("source", "table", "mission", "file", "received_at", "status", "order", *_COUNTED)


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

    `status` is how the slot stands, in words (flows.core.standing): what that release used, and `received` of what
    came after it. `in_use` says what figures are made of where that is not all of it. `to_mend` counts the critical
    findings and warnings that the ledger has open, `asked` its open questions about numbers, `mended` those that a
    later submission put right, in `days_to_mend` days (the median).
    """
    sent = [_sent(contract, config, cycle, inbox, private, judged, out) for contract in config.contracts.values()]
    rows = [
        (
            slot.source,
            slot.mission,
            slot.due,
            slot.words,
            slot.in_use,
            slot.received_on,
            slot.newest["file"] if slot.newest else None,
        )
        for slot in standings(pl.concat(sent), config, cycle, today)
        if slot.mission in missions_of(config.contract(slot.source), config)
    ]
    received = pl.DataFrame(rows, schema=dict(list(SCHEMA.items())[:7]), orient="row")
    by_mission = ledger.mission_sources(config)
    found = ledger.by_slot(ledger.load(private, cycle), by_mission)
    joined = received.join(found, on=["source", "mission"], how="left", nulls_equal=True, maintain_order="left")
    numbers = pl.col("to_mend", "asked", "mended").fill_null(0)
    return joined.select(*list(SCHEMA)[:7], numbers, "days_to_mend").cast(SCHEMA)  # type: ignore[arg-type]


def _sent(
    contract: Contract,
    config: Config,
    cycle: Cycle,
    inbox: Store,
    private: Store,
    judged: pl.DataFrame | None,
    out: Collection[Known],
) -> pl.DataFrame:
    """Return what a source sent, a row a file and table: of the release what is still there, and what came since."""
    # named as the refresh names them
    there = {plain_name(entry.path): entry for entry in files_of(contract, cycle, inbox)}
    columns = {name: SUBMISSIONS[name] for name in _COLUMNS}
    rows = []
    before = pl.DataFrame(schema=columns)
    if judged is not None:
        # a release of before says nothing of the order
        before = pl.concat([before, judged.filter(source=contract.source)], how="diagonal").select(list(columns))
    for row in before.iter_rows():
        if row[3].startswith(FETCHED) or pulled.inbox_name(row[3]) in there:
            rows.append(row)
    known = {row[3] for row in rows}
    for file, entry in there.items():
        if file not in known:
            mission = mission_of(entry.path, contract, config, cycle)
            when = entry.modified.astimezone(UTC)
            rows.append((contract.source, None, mission, file, when, "received", 0, None, None, None))
    left = pulled.last(contract, config, cycle, private).submissions if out else ()
    gone = pl.col("file").is_in([submission.file for submission in left if submission.known in out])
    return pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        status=pl.when(gone).then(pl.lit("withdrawn")).otherwise("status")
    )
