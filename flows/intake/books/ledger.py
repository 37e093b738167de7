"""The ledger of a cycle: every finding there ever was, when it came, who was told, and what put it right.

ledger/cycle-05.parquet              one row an identity, replaced whole, by refreshes alone
alerts/cycle-05/told.json            what was told since (flows.intake.books.told), laid over it when it is loaded
ledger/cycle-05/findings.parquet     what the last refresh found, and
ledger/cycle-05/submissions.parquet  what it was sent, so that sources can be told of it later
ledger/cycle-05/late.json            the sources, and missions, that were late then, and whether these are being written
ledger/cycle-05/sent.parquet         every file that was sent, and what became of it (flows.intake.books.sent_files)
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
from pydantic import TypeAdapter

from config import Config, Cycle
from expectations import severity
from expectations.questions import is_question
from flows.core.errors import NotThere
from flows.core.quality_tables import MENDED
from flows.core.records import INBOX, Counted, LastRefresh, News
from flows.core.standing import LOOKED_AT, slot_name, standings
from flows.intake.books import earlier, sent_files, told
from flows.intake.receive.astray import OF_PLACES
from flows.stores import Store, checked
from flows.stores.checked import Damaged

if TYPE_CHECKING:
    from flows.core.records import Published

_WHEN = pl.Datetime("us", "UTC")
SCHEMA: dict[str, pl.DataType] = {
    "identity": pl.String(),
    "source": pl.String(),
    "table": pl.String(),
    "mission": pl.String(),
    "rule": pl.String(),
    "severity": pl.String(),
    "column": pl.String(),
    "first_seen": _WHEN,
    "last_seen": _WHEN,
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "message": pl.String(),
    "remedy": pl.String(),
    "message_fr": pl.String(),
    "remedy_fr": pl.String(),
    "alerted_on": _WHEN,
    "reminded_on": _WHEN,
    "resolved_on": _WHEN,
    "resolved_by": pl.String(),
    "reopened": pl.Int64(),
    "sent_on": _WHEN,
    "mended_on": _WHEN,
    "waived_by": pl.String(),
    "waived_reason": pl.String(),
    "sent_as": pl.String(),
    "value": pl.Float64(),
    "earlier": pl.Float64(),
    "unknown_on": _WHEN,
}
OPEN = pl.col("resolved_on").is_null()
MENDED_BY_SOURCE = ~OPEN & pl.col("mended_on").is_not_null()
# what a source is to mend, and the numbers of which it is asked whether they are right; the rest is for the record
TO_MEND = OPEN & pl.col("waived_by").is_null() & severity.to_mend() & ~is_question()
ASKED = OPEN & pl.col("waived_by").is_null() & is_question()
# the file that mends may have been written before the one that it mends was handed in
DAYS_TO_MEND = ((pl.col("mended_on") - pl.col("sent_on")).dt.total_seconds() / 86_400).clip(0)

_WRITTEN_WITHIN_S, _LOOKS_EVERY_S = 15.0, 0.2
_LATE = TypeAdapter(dict[str, list[str]])
_COUNTED: TypeAdapter[Counted] = TypeAdapter(dict[str, dict[str, dict[str, int]]])
_NO_LEDGER = (
    "bring it back from a backup of the private store, or remove it: what sources were told and what they mended is "
    "then forgotten, and what is open is told anew"
)
_NO_REFRESH = "a4p refresh writes it anew"


def empty() -> pl.DataFrame:
    """Return a ledger without entries."""
    return pl.DataFrame(schema=SCHEMA)


def update(
    ledger: pl.DataFrame,
    findings: pl.DataFrame,
    submissions: pl.DataFrame,
    now: datetime,
    by_mission: Collection[str] = (),
) -> pl.DataFrame:
    """Bring a ledger up to date with what a refresh found.

    A finding that is not seen any more is closed by the submission now in use; one that comes back is reopened, and is
    then told anew. A finding of a source, mission or table of which nothing was judged this time stays as it is.
    `by_mission` are the sources whose files are a mission's.

    `sent_on` and `mended_on` are when the submissions with the finding, and without it, were received: they depend on
    what was sent and not on when it was looked at. `sent_as` is the content of the one with the finding. What the same
    file does not have any more, or an earlier one since that was withdrawn, its source did not mend: the coordinator
    decided, and `mended_on` stays empty.
    """
    seen = _seen(findings, submissions, now)
    state = ["first_seen", "alerted_on", "reminded_on", "unknown_on", "resolved_on", "reopened", "_sent_on"]
    ledger = ledger.rename({"sent_on": "_sent_on"})
    back = pl.col("resolved_on").is_not_null()
    present = (
        seen.join(ledger.select("identity", *state), on="identity", how="left", maintain_order="left")
        .with_columns(
            first_seen=pl.col("first_seen").fill_null(now),
            alerted_on=pl.when(~back).then("alerted_on"),
            reminded_on=pl.when(~back).then("reminded_on"),
            unknown_on=pl.when(~back).then("unknown_on"),
            reopened=pl.col("reopened").fill_null(0) + back.cast(pl.Int64),
            sent_on=pl.when(~back).then("_sent_on").fill_null(pl.col("sent_on")),
        )
        .with_columns(
            resolved_on=pl.lit(None, _WHEN), resolved_by=pl.lit(None, pl.String), mended_on=pl.lit(None, _WHEN)
        )
    )
    ledger = ledger.rename({"_sent_on": "sent_on"})
    absent = ledger.join(seen, on="identity", how="anti", maintain_order="left")
    closed = _closed(absent, submissions, now, by_mission)
    return pl.concat([frame.select(_typed()) for frame in (present, closed)]).sort("source", "first_seen", "identity")


def by_slot(ledger: pl.DataFrame, by_mission: Collection[str] = ()) -> pl.DataFrame:
    """Return what is to be mended, what its source mended, and in how many days (the median), by source and mission.

    And how many of its numbers it is asked about.

    `by_mission` are the sources whose files are a mission's; of the others `mission` is null.
    """
    asked = severity.to_mend()
    return (
        of_slots(ledger, by_mission)
        .group_by("source", "mission")
        .agg(
            to_mend=TO_MEND.sum().cast(pl.Int64),
            asked=ASKED.sum().cast(pl.Int64),
            mended=(MENDED_BY_SOURCE & asked).sum().cast(pl.Int64),
            days_to_mend=DAYS_TO_MEND.filter(asked).median(),
        )
        .sort("source", "mission", nulls_last=True)
    )


def of_slots(ledger: pl.DataFrame, by_mission: Collection[str]) -> pl.DataFrame:
    """Return a ledger with the mission alone of those sources whose files are a mission's, `by_mission`."""
    return ledger.with_columns(mission=pl.when(pl.col("source").is_in(list(by_mission))).then("mission"))


def mended(
    ledger: pl.DataFrame, findings: pl.DataFrame, submissions: pl.DataFrame, by_mission: Collection[str] = ()
) -> pl.DataFrame:
    """Return the findings that a later submission put right, as MENDED says; a row a finding.

    In: the ledger before a refresh, and what that refresh found. Nothing of it depends on when it is looked at.
    """
    now = submissions["received_at"].max() or datetime.fromtimestamp(0, UTC)
    known = update(ledger, findings, submissions, now, by_mission)  # type: ignore[arg-type]
    return (
        known.filter(MENDED_BY_SOURCE, ~pl.col("source").is_in(["pipeline", INBOX]))
        .select(list(MENDED))
        .sort("source", "identity")
    )


def mission_sources(config: Config) -> set[str]:
    """Return the sources whose files are a mission's."""
    return {name for name, contract in config.contracts.items() if contract.sent_by == "missions"}


def load(private: Store, cycle: Cycle) -> pl.DataFrame:
    """Return the ledger of a cycle, with what was told since a refresh wrote it; an empty one where there is none yet.

    `unknown_on` is when a message about a finding was sent of which nobody knows whether it arrived. Where what was
    told is damaged, which who sends is told, the ledger is as it was written. Raises Damaged where it is so itself.
    """
    ledger = written(private, cycle)
    with suppress(Damaged):
        return told.laid_over(ledger, told.read(private, cycle))
    return ledger


def written(private: Store, cycle: Cycle) -> pl.DataFrame:
    """Return the ledger of a cycle as the last refresh wrote it. Raises Damaged."""
    path = _path(cycle)
    try:
        return pl.concat([empty(), checked.read_frame(private, path, _NO_LEDGER)], how="diagonal")
    except NotThere:
        return empty()
    except pl.exceptions.PolarsError:
        # one without a checksum, whose columns are of other types
        raise checked.damaged(private, path, _NO_LEDGER) from None


def save(private: Store, cycle: Cycle, ledger: pl.DataFrame) -> None:
    """Replace the ledger of a cycle."""
    checked.write_frame(private, _path(cycle), ledger)


def last_refresh(private: Store, cycle: Cycle) -> LastRefresh | None:
    """Return what the last refresh found and was sent; None where there was none. Raises Damaged."""
    paths = (_path(cycle, name) for name in ("findings", "submissions"))
    try:
        findings, submissions = (checked.read_frame(private, path, _NO_REFRESH) for path in paths)
    except NotThere:
        return None
    # an earlier version kept no sums, and what is damaged is only not said
    with suppress(NotThere, Damaged):
        return LastRefresh(findings, submissions, checked.read_json(private, _counted(cycle), _COUNTED))
    return LastRefresh(findings, submissions)


def known(private: Store, cycle: Cycle) -> tuple[pl.DataFrame, LastRefresh | None]:
    """Return the ledger and what the last refresh found, as one refresh left them, so that they say the same.

    One that is just writing them is waited for, unless it was killed then. Raises Damaged.
    """
    until = time.monotonic() + _WRITTEN_WITHIN_S
    while True:
        before = _is_written(private, cycle)
        last, ledger, again = last_refresh(private, cycle), load(private, cycle), last_refresh(private, cycle)
        if (before and _is_written(private, cycle) and _same(last, again)) or time.monotonic() > until:
            return ledger, last
        time.sleep(_LOOKS_EVERY_S)


def late(private: Store, cycle: Cycle) -> list[str]:
    """Return the sources, and missions, that were late at the last refresh, each in one word."""
    # the list that version 0.5.0 wrote, which cannot be checked, counts as damaged too
    with suppress(NotThere, Damaged):
        return checked.read_json(private, _late(cycle), _LATE).get("late", [])
    return []


def _is_written(private: Store, cycle: Cycle) -> bool:
    with suppress(NotThere, Damaged):
        return "written_since" not in checked.read_json(private, _late(cycle), _LATE)
    return True


def _same(one: LastRefresh | None, other: LastRefresh | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.findings.equals(other.findings) and one.submissions.equals(other.submissions)


def tell(
    published: Published,
    config: Config,
    cycle: Cycle,
    private: Store,
    now: datetime,
    counted: Counted | None = None,
    numbers: Mapping[str, str] | None = None,
) -> News:
    """Bring the ledger up to date with a refresh, and say what is new of refused and late submissions.

    `counted` and `numbers` are the sums of what was accepted, and where that lies that later cycles are held against.
    Where what is known of the refresh before is damaged, all of them are. Raises Damaged where the ledger itself is.
    """
    before = None
    with suppress(Damaged):
        before = last_refresh(private, cycle)
    ledger = update(load(private, cycle), published.findings, published.submissions, now, mission_sources(config))
    late_before = late(private, cycle)
    news, late_now = _news(published.submissions, before, late_before, config, cycle, now)
    # first and last, for who reads what is between
    checked.write_json(private, _late(cycle), {"late": late_before, "written_since": [now.isoformat()]})
    sent_files.tell(published.submissions, cycle, private)
    save(private, cycle, ledger)
    for name, frame in (("findings", published.findings), ("submissions", published.submissions)):
        checked.write_frame(private, _path(cycle, name), frame)
    checked.write_json(private, _counted(cycle), counted or {})
    earlier.note(numbers or {}, cycle, private)
    checked.write_json(private, _late(cycle), {"late": late_now})
    return news


def _seen(findings: pl.DataFrame, submissions: pl.DataFrame, now: datetime) -> pl.DataFrame:
    names = [name for name in SCHEMA if name in findings.columns]
    # the owner of a waiver holds no colon
    parts = pl.col("waived").str.splitn(": ", 2)
    received = (
        submissions.sort("received_at")
        .group_by("file")
        .agg(sent_on=pl.col("received_at").max(), sent_as=pl.col("sha256").last())
    )
    return (
        findings.unique("identity", keep="first", maintain_order=True)
        .join(received, on="file", how="left", maintain_order="left")
        .with_columns(waived_by=parts.struct.field("field_0"), waived_reason=parts.struct.field("field_1"))
        .select(*names, "waived_by", "waived_reason", "sent_on", "sent_as", last_seen=pl.lit(now, _WHEN))
    )


def _closed(
    absent: pl.DataFrame, submissions: pl.DataFrame, now: datetime, by_mission: Collection[str]
) -> pl.DataFrame:
    """Close the findings of which a refresh saw nothing, where it judged what they are about."""
    slot = pl.when(pl.col("source").is_in(list(by_mission))).then("mission").alias("_slot")
    sent = submissions.filter(LOOKED_AT).with_columns(slot).sort(-pl.col("order").fill_null(0), "received_at")
    in_use = sent.filter(pl.col("status") == "accepted")
    found = absent.with_columns(slot, _at=pl.int_range(pl.len()))
    for name, frame, keys in (
        ("_of_table", in_use, ["source", "_slot", "table"]),
        ("_of_slot", sent, ["source", "_slot"]),
        ("_of_source", sent, ["source"]),
    ):
        newest = frame.group_by(keys).agg(pl.struct("sha256", "received_at").last().alias(name))
        found = found.join(newest, on=keys, how="left", nulls_equal=True)
    # a mission's file that lies in no mission's folder is of the whole source
    of_a_file = pl.when(pl.col("source").is_in(list(by_mission)) & pl.col("mission").is_null()).then("_of_source")
    by = pl.when(pl.col("table").is_null()).then(of_a_file.otherwise("_of_slot")).otherwise("_of_table")
    heard = by.is_not_null() | (pl.col("source") == "pipeline") | pl.col("rule").is_in(OF_PLACES)
    content = by.struct.field("sha256")
    # the file with the finding is still looked at, or was withdrawn; one of which nothing is known was mended
    there = submissions.filter(LOOKED_AT | (pl.col("status") == "withdrawn"))["sha256"].unique()
    decided = pl.col("sent_as").is_in(there.implode()).fill_null(False)
    mended_on = pl.when(~decided).then(by.struct.field("received_at"))
    return (
        found.with_columns(
            resolved_on=pl.when(OPEN & heard).then(pl.lit(now, _WHEN)).otherwise("resolved_on"),
            resolved_by=pl.when(OPEN & heard).then(content).otherwise("resolved_by"),
            mended_on=pl.when(OPEN & heard).then(mended_on).otherwise("mended_on"),
        )
        .sort("_at")
        .select(list(SCHEMA))
    )


def _news(
    submissions: pl.DataFrame,
    before: LastRefresh | None,
    late_before: Collection[str],
    config: Config,
    cycle: Cycle,
    now: datetime,
) -> tuple[News, list[str]]:
    known = set(before.submissions.filter(pl.col("status") == "refused")["sha256"]) if before else set()
    refused, now_late = [], []
    for standing in standings(submissions, config, cycle, now.astimezone(UTC).date()):
        slot = (standing.source, standing.mission)
        if set(standing.refused["sha256"]) - known:
            refused.append(slot)
        if standing.late:
            now_late.append(slot)
    new = tuple(slot for slot in now_late if slot_name(*slot) not in late_before)
    return News(tuple(refused), new), [slot_name(*slot) for slot in now_late]


def _typed() -> list[pl.Expr]:
    return [pl.col(name).cast(kind) for name, kind in SCHEMA.items()]


def _late(cycle: Cycle) -> str:
    return f"ledger/{cycle.folder}/late.json"


def _counted(cycle: Cycle) -> str:
    return f"ledger/{cycle.folder}/counted.json"


def _path(cycle: Cycle, of_last_refresh: str | None = None) -> str:
    return f"ledger/{cycle.folder}/{of_last_refresh}.parquet" if of_last_refresh else f"ledger/{cycle.folder}.parquet"
