"""A cycle of a pipeline: who has sent what, its refresh, its releases, and what sources are to be told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from config import Config
from config import Cycle as Period
from flows.core import notebook, wording
from flows.core.records import Published
from flows.orchestration.face.ground import Ground, day
from flows.orchestration.face.releases import Release, Releases

if TYPE_CHECKING:
    from flows.core.for_readers import ForReaders
    from flows.feedback.alerts import Message, Outcome
    from flows.feedback.alerts.readers import ToReader
    from flows.feedback.opening import Opened


@dataclass(frozen=True, repr=False)
class Cycle:
    """A reporting cycle, of which `period` has the dates."""

    period: Period
    _ground: Ground

    @property
    def number(self) -> int:
        """Its number."""
        return self.period.number

    @property
    def config(self) -> Config:
        """The configuration that it goes by."""
        return self._ground.config

    @property
    def releases(self) -> Releases:
        """Its releases."""
        return Releases(self.period, self._ground)

    def status(self, today: date | str | None = None) -> pl.DataFrame:
        """Return who has sent what: a row a source, and mission where missions send (flows.intake.books.board)."""
        from flows.intake.books.board import board
        from flows.releases import withdrawals

        places = self._ground.places
        with self._ground.in_force():
            shown = self.releases.shown()
            judged = shown.table("submissions") if shown and "submissions" in shown.tables else None
            out = withdrawals.out(self.period, places.public, places.private)
            on = day(today) or date.today()
            return board(self.period, self._ground.config, places.inbox, places.private, judged, out, today=on)

    def refresh(
        self,
        as_of: date | str | None = None,
        only: str | Sequence[str] = (),
        *,
        inbox: str | Path | None = None,
        full: bool = False,
        with_server: bool = False,
    ) -> Result:
        """Refresh the cycle: pull the raw files, check them, curate the tables, publish a release.

        `as_of` counts only what is dated up to a day. `only` names the sources to pull anew; the others stand as their
        last pull left them. `inbox` is read instead of the one that the settings name. `full` works everything out
        anew. `with_server` starts a Prefect server for this run.
        Refused files and rows stop nothing: they are in the result's findings. Raises ConfigError where there is no
        file at all, or what is asked for cannot be; StoreError where a store, server or network fails; NotPublishable
        where nothing may go out.
        """
        from flows.orchestration import run

        ground, sources, until = self._ground, self._ground.sources(only), day(as_of)
        with ground.in_force(logged=True):
            published = run.run(
                self.period,
                ground.config,
                ground.settings,
                str(inbox) if inbox else None,
                until,
                sources,
                with_server=with_server,
                anew=full,
                prefect=ground.prefect,
            )
        return Result(published, self.period, ground)

    def open(self, folder: str | Path) -> Opened:
        """Write every template of the cycle into a folder, and the invitations to fill them in; nothing is sent.

        Raises ConfigError where another file stands in place of a template: it may be filled in.
        """
        from flows.feedback import opening

        with self._ground.in_force():
            private = self._ground.places.private
            return opening.write(Path(folder), self.period, private, self._ground.config, datetime.now(UTC))

    def invite(self, *, check: bool = True) -> Outcome:
        """Send the invitations of the cycle to who was not told anything of it yet; raises as `Messages.send` does."""
        from flows.feedback import alerts

        with self._ground.in_force(logged=True):
            private = self._ground.places.private
            outcome = alerts.invite(self.period, private, self._ground.config, datetime.now(UTC), os.environ)
        if check:
            outcome.check()
        return outcome

    def questions(self) -> pl.DataFrame:
        """Return the numbers of which sources are asked whether they are right, as the last refresh found them.

        A row a question that is not answered, those furthest from what was expected first, as
        expectations.columns.SCHEMA says; `identity` names it for `Decide.answer`.
        """
        from flows.releases import deciding

        with self._ground.in_force():
            return deciding.questions(self.period, self._ground.places.private)

    def messages(self, only: str | Sequence[str] = ()) -> Messages:
        """Return the messages that are due to the sources, or to some of them; nothing is sent by that."""
        return Messages(self._ground.sources(only), self.period, self._ground)

    def __repr__(self) -> str:
        """Say in a line which cycle it is."""
        return notebook.line(f"Cycle {self.number}", f"{self.period.start} to {self.period.end}")

    def _repr_html_(self) -> str:
        shown = self.releases.shown()
        facts = {
            "From": self.period.start,
            "To": self.period.end,
            "Latest release": f"{shown.name} ({shown.status})" if shown else "none yet",
        }
        return notebook.html(f"Cycle {self.number}", facts)


@dataclass(frozen=True, repr=False)
class Result:
    """What came of a refresh. `published` has all of it, the other names what is mostly asked for."""

    published: Published
    _period: Period
    _ground: Ground

    @property
    def release(self) -> Release | None:
        """The release, new or not; None where nothing could be published."""
        found = self.published.release
        return Release(found, self._period, self._ground) if found else None

    @property
    def new(self) -> bool:
        """Whether this refresh made the release."""
        return self.published.new

    @property
    def findings(self) -> pl.DataFrame:
        """What was found in the files, and what to do about it; a row a finding."""
        return self.published.findings

    @property
    def submissions(self) -> pl.DataFrame:
        """What was sent, and what became of it; a row a file and table."""
        return self.published.submissions

    @property
    def missing(self) -> tuple[str, ...]:
        """What the release lacks to be final, a sentence each."""
        return self.published.missing

    def __repr__(self) -> str:
        """Say in a line what came of it."""
        return notebook.line(f"Refresh of cycle {self._period.number}", *self._facts().values())

    def _repr_html_(self) -> str:
        counted = self.findings.group_by("source", "severity").len("findings").sort("source", "severity")
        return notebook.html(
            f"Refresh of cycle {self._period.number}",
            self._facts(),
            notebook.table(("Lacks to be final",), [(one,) for one in self.missing]),
            notebook.table(("Source", "Severity", "Findings"), counted.iter_rows()),
        )

    def _facts(self) -> dict[str, str]:
        one = self.published.release
        what = "new release" if self.new else "nothing changed; release"
        return {
            "Release": f"{what} {one.name} ({one.status})" if one else "nothing could be published",
            "Found": wording.counted(self.findings.height, "finding"),
            "Missing": f"{len(self.missing):,} missing" if self.missing else "",
        }


@dataclass(frozen=True, repr=False)
class Messages:
    """The messages that are due to sources after the last refresh of a cycle, all where `only` is empty."""

    only: tuple[str, ...]
    period: Period
    _ground: Ground

    @cached_property
    def due(self) -> tuple[Message, ...]:
        """The messages as they are when this is asked for first; raises ConfigError where nothing was refreshed yet."""
        from flows.feedback import alerts

        with self._ground.in_force():
            private = self._ground.places.private
            return tuple(alerts.prepare(self.period, private, self._ground.config, datetime.now(UTC), self.only))

    @cached_property
    def to_readers(self) -> tuple[ToReader, ...]:
        """The messages to readers of releases (`on_release`) that are due; none where only some sources are meant."""
        from flows.feedback.alerts import readers

        if self.only:
            return ()
        with self._ground.in_force():
            private = self._ground.places.private
            return tuple(readers.due(self.period, private, self._ground.config, self._news))

    def _news(self, known: str | None) -> ForReaders | None:
        from flows.releases import news

        public, url = self._ground.places.public, self._ground.settings.public_url
        return news.for_readers(known, self.period, self._ground.config, public, url)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The sources, and missions, of whose last message nobody knows whether it arrived."""
        from flows.intake.books import told

        kept = told.read(self._ground.places.private, self.period)
        return tuple(sorted(name for name, slot in kept.items() if slot.unknown and not name.startswith("reader ")))

    @property
    def damaged(self) -> tuple[str, ...]:
        """What is to be said of drafts of the outbox that are not what was written: nobody may send these."""
        from flows.intake.books import outbox

        return tuple(outbox.damaged(self.period, self._ground.places.private))

    @property
    def outbox(self) -> str:
        """The folder into which those are written that no mail server or channel takes."""
        from flows.feedback import alerts

        return self._ground.places.private.at(alerts.outbox(self.period))

    def send(self, *, check: bool = True) -> Outcome:
        """Send what is due now, and note that it was sent; what was told once is not told again.

        Raises StoreError once all others are out where something did not go out, unless `check` is false: the outcome
        says then what. Raises ConfigError where nothing was refreshed yet, or a password or key is not set.
        """
        from flows.feedback import alerts

        with self._ground.in_force(logged=True):
            private = self._ground.places.private
            config, now = self._ground.config, datetime.now(UTC)
            outcome = alerts.send(self.period, private, config, now, os.environ, self.only)
            if not self.only:
                told, failures = alerts.readers.send(self.period, private, config, self._news, now, os.environ)
                outcome = outcome.with_readers(told, failures)
        if check:
            outcome.check()
        return outcome

    def __iter__(self) -> Iterator[Message]:
        """Give each of them."""
        return iter(self.due)

    def __len__(self) -> int:
        """Return how many are due."""
        return len(self.due)

    def __repr__(self) -> str:
        """Say in a line whom they are for."""
        return notebook.line(f"Messages of cycle {self.period.number}", ", ".join(self.only) or "to every source")

    def _repr_html_(self) -> str:
        rows = [(one.notice.slot, one.letter.subject, one.notice.open.height, ", ".join(one.ways)) for one in self.due]
        due = {"Due": wording.counted(len(rows), "message")}
        return notebook.html(
            f"Messages of cycle {self.period.number}",
            due,
            notebook.table(("To", "Subject", "Findings", "By"), rows),
        )
