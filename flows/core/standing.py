"""How each source, and each mission of a source that missions send, stands in a cycle: the one place that says so.

Status board, page, messages, Prefect's page and the log of what is new all ask here. A slot is received on the day its
first file came: one that came in time and was corrected later is in time. A file that was withdrawn counts as if it had
not come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Literal

import polars as pl

from config import Config, Contract, Cycle

State = Literal["accepted", "accepted in part", "refused", "received", "overdue", "awaited", "not sent"]

# the others were not looked at: a later file took their place, or the release that they came with was withdrawn
NOT_LOOKED_AT = ("superseded", "withdrawn")
LOOKED_AT = ~pl.col("status").is_in(NOT_LOOKED_AT)


@dataclass(frozen=True)
class Standing:
    """One slot of a cycle.

    `state` is accepted, accepted in part (some of its files, tables or rows are refused), refused, received (and not
    judged yet); where nothing counts as received overdue or awaited, or not sent where it need not come. `days_late`
    counts from the due day to the first file, or to the day it is asked on. `withdrawn` tells whether the file that
    came last is. `sent` is its part of the submissions that count, one row a file and table.
    """

    source: str
    mission: str | None
    due: date
    state: State
    received_on: date | None
    days_late: int
    withdrawn: bool
    sent: pl.DataFrame = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The slot in one word."""
        return slot_name(self.source, self.mission)

    @property
    def late(self) -> bool:
        """Whether it came after the due day, or did not come and had to."""
        return self.days_late > 0

    @property
    def to_see_to(self) -> bool:
        """Whether somebody has to do something about it."""
        return self.state in ("refused", "accepted in part", "overdue")

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said beside its state: that it came late, that its newest file is withdrawn."""
        late = ("late",) if self.late and self.received_on else ()
        return (*late, *self.withdrawal)

    @property
    def withdrawal(self) -> tuple[str, ...]:
        """The words for a newest file that is withdrawn, where it is."""
        if not self.withdrawn:
            return ()
        return ("newer file withdrawn" if self.received_on else "file withdrawn",)

    @property
    def words(self) -> str:
        """All of it in a few words: `accepted`, `accepted, late`, `overdue, file withdrawn`."""
        return ", ".join((self.state, *self.remarks))

    @property
    def judged(self) -> pl.DataFrame:
        """The files that were looked at, not those that a later one replaced."""
        return self.sent.filter(LOOKED_AT)

    @property
    def refused(self) -> pl.DataFrame:
        """The files, and tables of files, that were refused."""
        return self.sent.filter(pl.col("status") == "refused")

    @property
    def in_use(self) -> str | None:
        """What of it figures are made of, in words, where that is not all that was sent."""
        if self.state != "accepted in part":
            return None
        used = self.judged.filter(pl.col("status") == "accepted")
        newest = self.newest
        if newest and newest["file"] not in used["file"]:
            files = sorted({PurePosixPath(file).name for file in used["file"]})
            return f"{', '.join(files)} {'stays' if len(files) == 1 else 'stay'} in use"
        refused = self.judged.filter(pl.col("status") == "refused")["table"].drop_nulls().n_unique()
        sheets = [f"{refused} {'table' if refused == 1 else 'tables'} refused"] if refused else []
        lacking = _lacking(used)
        rows = [f"{used['rows_staged'].sum():,} of {used['rows_staged'].sum() + lacking:,} rows in use"]
        return ", ".join([*sheets, *(rows if lacking else ())])

    @property
    def newest(self) -> Mapping[str, Any] | None:
        """The file that came last, as one of its rows; None where nothing came."""
        return _newest(self.judged)

    def of_table(self, table: str) -> State | None:
        """Return whether one of its tables could be used, from any of its files; None where it was not sent."""
        own = self.judged.filter(pl.col("table").eq_missing(pl.lit(table)) | pl.col("table").is_null())
        statuses = set(own["status"])
        return "accepted" if "accepted" in statuses else "refused" if statuses else None


def standings(submissions: pl.DataFrame, config: Config, cycle: Cycle, today: date | None = None) -> list[Standing]:
    """Return how every slot stands, in the order of the contracts.

    In: a release's submissions, or a frame with their columns source, mission, table, file, received_at and status,
    which may be `received` too, and `order`, 0 for what was not judged yet, and where rows are counted rows_staged,
    rows_quarantined and rows_repeated; the day it is asked on, without which
    nothing is overdue (a document that does not depend on the clock). Files of a source that missions send which lie
    in no mission's folder make a slot of their own.
    """
    return [
        standing
        for contract in config.contracts.values()
        for standing in _of_source(submissions, contract, config, contract.due(cycle), today)
    ]


def slot_name(source: str, mission: str | None) -> str:
    """Return a slot in one word: `noticas`, `mission_report/UNMISS`."""
    return f"{source}/{mission}" if mission else source


def missions_of(contract: Contract, config: Config) -> tuple[str | None, ...]:
    """Return the missions that have a slot of their own of a source; None for one that headquarters send."""
    return config.reporting_missions if contract.sent_by == "missions" else (None,)


def days_late(received_on: date, due: date) -> int:
    """Return how many days after the due day something came; 0 where it came in time."""
    return max((received_on - due).days, 0)


def _of_source(
    submissions: pl.DataFrame, contract: Contract, config: Config, due: date, today: date | None
) -> Iterator[Standing]:
    own = submissions.filter(pl.col("source") == contract.source)
    if contract.sent_by != "missions":
        yield _standing(own, contract, None, due, today)
        return
    for mission in missions_of(contract, config):
        yield _standing(own.filter(pl.col("mission") == mission), contract, mission, due, today)
    astray = own.filter(pl.col("mission").is_null())
    if astray["status"].ne("withdrawn").any():
        yield _standing(astray, contract, None, due, today)


def _standing(every: pl.DataFrame, contract: Contract, mission: str | None, due: date, today: date | None) -> Standing:
    sent, last = every.filter(pl.col("status") != "withdrawn"), _newest(every)
    first = newest_last(sent)["received_at"].head(1).to_list()
    received_on: date | None = first[0].date() if first else None
    state, late = _awaited(contract.required, due, today)
    if received_on:
        state, late = verdict(sent.filter(LOOKED_AT)), days_late(received_on, due)
    withdrawn = last is not None and last["status"] == "withdrawn"
    return Standing(contract.source, mission, due, state, received_on, late, withdrawn, sent)


def _awaited(required: bool, due: date, today: date | None) -> tuple[State, int]:
    """Return the state of a slot of which nothing came, and how many days it is overdue."""
    if not required:
        return "not sent", 0
    late = days_late(today, due) if today else 0
    return "overdue" if late else "awaited", late


def verdict(judged: pl.DataFrame) -> State:
    """Return what became of files that were looked at: of those of a slot, or of a single one."""
    newest, statuses = _newest(judged), set(judged["status"])
    if newest is None or newest["status"] == "received":
        return "received"
    if "accepted" not in statuses:
        return "refused"
    return "accepted in part" if "refused" in statuses or _lacking(judged) else "accepted"


def _lacking(judged: pl.DataFrame) -> int:
    """Return how many rows are refused of what no later part of the same file has; a release of before counts none."""
    if "rows_quarantined" not in judged.columns:
        return 0
    repeated = pl.col("rows_repeated").fill_null(0) if "rows_repeated" in judged.columns else 0
    return int(judged.select((pl.col("rows_quarantined").fill_null(0) - repeated).sum()).item())


def newest_last(files: pl.DataFrame) -> pl.DataFrame:
    """Return files in the order in which they count, where it is known of all of them, else by when they came."""
    if "order" in files.columns and not files["order"].has_nulls():
        return files.sort(-pl.col("order"), "received_at", "file", "table", nulls_last=True)
    return files.sort("received_at", "file", "table", nulls_last=True)


def _newest(files: pl.DataFrame) -> Mapping[str, Any] | None:
    ordered = newest_last(files)
    return ordered.row(-1, named=True) if len(ordered) else None
