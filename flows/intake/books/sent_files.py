"""Every file that was sent in a cycle, in the order in which they came, and what became of it when it was looked at.

    ledger/cycle-05/sent.parquet    one row a source, mission and content, replaced whole

Of a file that another one replaced a later refresh says only that; what was said of it before stays here.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from config import Cycle
from flows.core.errors import NotThere
from flows.core.standing import LOOKED_AT, newest_last, verdict
from flows.stores import Store, checked

# the verdicts are accepted, accepted in part or refused, and null where nobody looked at the file; the first of them
# stays as it was, also where a decision or another rule accepts the file later
SCHEMA: dict[str, pl.DataType] = {
    "source": pl.String(),
    "mission": pl.String(),
    "sha256": pl.String(),
    "file": pl.String(),
    "received_at": pl.Datetime("us", "UTC"),
    "first_verdict": pl.String(),
    "verdict": pl.String(),
    "withdrawn": pl.Boolean(),
}
_REMEDY = (
    "bring it back from a backup of the private store, or remove it: whether files were accepted at first is then not "
    "known any more of those that were replaced"
)


def update(before: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    """Return what is known of the files of a cycle after a refresh, as SCHEMA says, in the order in which they came.

    In: the same before it, and the submissions that it found.
    """
    known = {_content(row): row for row in before.iter_rows(named=True)}
    for slot in submissions.partition_by("source", "mission", maintain_order=True):
        for rows in newest_last(slot).partition_by("sha256", maintain_order=True):
            row = {**rows.row(0, named=True), "received_at": rows["received_at"].min()}
            looked_at = rows.filter(LOOKED_AT)
            now = verdict(looked_at) if looked_at.height else None
            old = known.get(_content(row), row)
            known[_content(row)] = {
                **row,
                "first_verdict": old.get("first_verdict") or now,
                "verdict": now or old.get("verdict"),
                "withdrawn": rows["status"].eq("withdrawn").all(),
            }
    return pl.DataFrame([{name: row[name] for name in SCHEMA} for row in known.values()], schema=SCHEMA)


def load(private: Store, cycle: Cycle) -> pl.DataFrame:
    """Return what is known of the files of a cycle; nothing where no refresh noted any. Raises Damaged."""
    try:
        return checked.read_frame(private, _path(cycle), _REMEDY)
    except NotThere:
        return pl.DataFrame(schema=SCHEMA)


def tell(submissions: pl.DataFrame, cycle: Cycle, private: Store) -> None:
    """Note what a refresh found. Raises Damaged."""
    checked.write_frame(private, _path(cycle), update(load(private, cycle), submissions))


def _content(row: dict[str, Any]) -> tuple[str, str | None, str]:
    return row["source"], row["mission"], row["sha256"]


def _path(cycle: Cycle) -> str:
    return f"ledger/{cycle.folder}/sent.parquet"
