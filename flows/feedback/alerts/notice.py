"""Who has to be told what: from the ledger, from what was sent, and from what was told before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import polars as pl

from config import Config, Cycle, Language
from config.alerts import Alerts
from expectations.questions import furthest
from expectations.severity import to_mend, worst_first
from flows.core.quality_tables import SUBMISSIONS
from flows.core.standing import Standing, standings
from flows.intake.books import ledger as ledgers
from flows.intake.books.ledger import ASKED, MENDED_BY_SOURCE, OPEN, TO_MEND
from flows.intake.books.told import Told
from flows.intake.receive.inbox import FETCHED

Kind = Literal["received", "findings", "reminder", "invitation", "due_soon", "overdue", "closed"]
# what asks for a file of which nothing came
ASKING: tuple[Kind, ...] = ("invitation", "due_soon", "overdue")


@dataclass(frozen=True)
class Notice:
    """One message that is due to a source, or to one of its missions.

    `open` are the ledger's open findings that nobody waived, those to be told first in front; `new` the identities of
    those that were not told before; `came` tells whether a file came in since the source was told last.
    """

    kind: Kind
    standing: Standing
    language: Language
    open: pl.DataFrame
    new: frozenset[str]
    mended: int
    waived: int
    came: bool = True

    @property
    def slot(self) -> str:
        """The source, and mission, in one word."""
        return self.standing.name

    @property
    def points(self) -> pl.DataFrame:
        """What there is to mend."""
        return self.open.filter(TO_MEND)

    @property
    def questions(self) -> pl.DataFrame:
        """The numbers of which the source is asked whether they are right, the most unusual first."""
        return self.open.filter(ASKED).sort(furthest(), nulls_last=True, maintain_order=True)

    @property
    def to_see_to(self) -> pl.DataFrame:
        """What the source is to do something about."""
        return self.open.filter(TO_MEND | ASKED)

    @property
    def files(self) -> tuple[str, ...]:
        """The hashes of the files that the message is about."""
        return tuple(sorted(set(self.standing.judged["sha256"])))

    @property
    def id(self) -> str:
        """What makes the message this one: the same is not sent twice by a channel."""
        said = [self.kind, self.slot, self.files, sorted(self.open["identity"]), sorted(self.new)]
        return hashlib.blake2b(json.dumps(said).encode(), digest_size=12).hexdigest()

    def told(self, before: Told, now: datetime) -> Told:
        """Return what the source has been told once the message went out."""
        awaited = now if self.kind in ASKING else before.awaited_on
        return Told(tuple(sorted({*before.files, *self.files})), self.to_see_to.height, awaited, told_on=now)


def notices(
    ledger: pl.DataFrame,
    submissions: pl.DataFrame,
    told: Mapping[str, Told],
    config: Config,
    cycle: Cycle,
    now: datetime,
) -> list[Notice]:
    """Return the messages that are due now, in the order of the contracts.

    One is due where a file came in, where there are findings that were not told, where all are settled, and after some
    days again where something is still to be mended or still awaited; where no file came in, one a day at most.
    """
    return [
        notice
        for standing in standings(submissions, config, cycle, now.astimezone(UTC).date())
        if (notice := _notice(standing, ledger, told, config, now))
    ]


def _notice(
    standing: Standing, ledger: pl.DataFrame, told: Mapping[str, Told], config: Config, now: datetime
) -> Notice | None:
    before = told.get(standing.name, Told())
    own = ledger.filter(pl.col("source") == standing.source)
    if config.contract(standing.source).sent_by == "missions":
        own = own.filter(pl.col("mission").eq_missing(pl.lit(standing.mission, pl.String)))
    open_ = own.filter(OPEN & pl.col("waived_by").is_null())
    open_ = open_.sort(worst_first(), pl.col("alerted_on").is_not_null(), "table", "file", "row", "column", "rule")
    newest = standing.newest
    notice = Notice(
        kind="reminder",
        standing=standing,
        language=config.alerts.language_of(standing.source, standing.mission),
        open=open_,
        new=frozenset(open_.filter(pl.col("alerted_on").is_null())["identity"]),
        mended=own.filter(MENDED_BY_SOURCE & to_mend()).height,
        waived=own.filter(OPEN & pl.col("waived_by").is_not_null()).height,
        came=newest is not None and newest["sha256"] not in before.files,
    )
    kind = _kind(notice, before, config.alerts, now)
    # one message a file that is handed in; of all else, one a day at most
    wait = not notice.came and before.told_on is not None and _same_day(before.told_on, now)
    return replace(notice, kind=kind) if kind and not wait else None


def _same_day(before: datetime, now: datetime) -> bool:
    return before.astimezone(UTC).date() == now.astimezone(UTC).date()


def invitations(told: Mapping[str, Told], config: Config, cycle: Cycle) -> list[Notice]:
    """Return a message to each source, and mission, that asks for its file of a cycle, but to who was told anything."""
    nothing = ledgers.empty()
    return [
        Notice(
            kind="invitation",
            standing=standing,
            language=config.alerts.language_of(standing.source, standing.mission),
            open=nothing,
            new=frozenset(),
            mended=0,
            waived=0,
            came=False,
        )
        for standing in standings(pl.DataFrame(schema=SUBMISSIONS), config, cycle)
        if not told.get(standing.name, Told()).anything
    ]


def _kind(notice: Notice, before: Told, alerts: Alerts, now: datetime) -> Kind | None:
    newest, points, wait = notice.standing.newest, notice.to_see_to, timedelta(days=alerts.remind_after_days)
    if newest is None and points.is_empty():
        return _asking(notice.standing, before.awaited_on, alerts, now)
    if before.points and points.is_empty():
        return "closed"
    # what the pipeline fetches itself needs no receipt
    if notice.came and not (points.is_empty() and str(newest and newest["file"]).startswith(FETCHED)):
        return "received"
    if notice.new & set(points["identity"]):
        return "findings"
    last = points.select(pl.max_horizontal("alerted_on", "reminded_on").min()).item()
    return "reminder" if last is not None and now - last >= wait else None


def _asking(standing: Standing, asked: datetime | None, alerts: Alerts, now: datetime) -> Kind | None:
    """Return how to ask for a file of which nothing came, where that is due; `asked` is when it was asked for last."""
    today, due = now.astimezone(UTC).date(), standing.due
    asked_on = asked.astimezone(UTC).date() if asked else date.min
    if standing.late:
        again = asked is None or now - asked >= timedelta(days=alerts.remind_after_days)
        return "overdue" if again or asked_on <= due else None
    reached = [days for days in alerts.remind_before_days if today >= due - timedelta(days=days)]
    # one that was missed is not sent beside a later one
    soon = standing.state == "awaited" and reached and asked_on < due - timedelta(days=min(reached))
    return "due_soon" if soon else None
