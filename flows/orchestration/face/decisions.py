"""What people decide about the data of a pipeline, and the record in which it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from config import Cycle as Period
from config.overrides import WHOLE
from flows.core import names, notebook, visible
from flows.orchestration.face.ground import Ground, day
from flows.stores import turns

if TYPE_CHECKING:
    from flows.intake.books.record import Entry
    from flows.refresh.erasing import Erasure
    from flows.releases.withdrawals import Named


@dataclass(frozen=True, repr=False)
class Decide:
    """What can be decided; each decision becomes an entry of the record, with its day, who decided and why.

    `by` is the user of this machine where nobody is named. All raise ConfigError where a decision has no reason or
    names what there is not, and StoreError where a store fails.
    """

    _ground: Ground

    def accept(self, figure: str, cycle: int, *, mission: str = WHOLE, reason: str, by: str | None = None) -> Entry:
        """Accept a figure of the release that readers see as it is: it holds while the figure has that value."""
        from flows.releases import deciding

        with self._at(cycle) as (period, ground):
            who, why = deciding.who(by), deciding.why(reason)
            return deciding.accept(figure, mission, period, who, why, ground.config, _now(), self._stores)

    def correct(
        self,
        source: str,
        table: str,
        key: Mapping[str, str],
        column: str,
        to: str | None,
        *,
        was: str = "",
        cycle: int | None = None,
        reason: str,
        by: str | None = None,
    ) -> Entry:
        """Correct a cell before it is read: the text of a column, in the row of that key, that `was` another."""
        config = self._ground.config
        source = names.source(source, config)
        table = names.source_table(table, source, config)
        about = {"source": source, "table": table, "key": dict(key), "column": column, "from": was, "to": to}
        return self._decide("correct", about, cycle, reason, by)

    def waive(
        self,
        source: str,
        rule: str,
        *,
        mission: str | None = None,
        table: str | None = None,
        column: str | None = None,
        key: Mapping[str, str] | None = None,
        until: date | str | None = None,
        cycle: int | None = None,
        reason: str,
        by: str | None = None,
    ) -> Entry:
        """Let a rule not hold for a source, or for one mission, table, column or row of it, up to a day or for good."""
        last, config = day(until), self._ground.config
        source = names.source(source, config)
        table = names.source_table(table, source, config) if table else None
        mission = names.mission(mission, config, whole=False) if mission else None
        about: dict[str, Any] = {"source": source, "rule": rule, "mission": mission, "table": table, "column": column}
        about |= {"key": dict(key or {}), "until": last.isoformat() if last else None}
        return self._decide("waive", {name: said for name, said in about.items() if said}, cycle, reason, by)

    def waive_finding(self, identity: str, cycle: int, *, reason: str, by: str | None = None) -> Entry:
        """Let one finding of the last refresh stand, until its source sends another file."""
        from flows.releases import deciding

        period = self._ground.config.cycle(cycle)
        about = deciding.finding(identity, period, self._ground.config.of_cycle(cycle), *self._stores)
        return self._decide("waive", about, cycle, reason, by)

    def answer(self, identity: str, cycle: int | None = None, *, reason: str, by: str | None = None) -> Entry:
        """Put down what was answered to one finding of the last refresh; it is named by the beginning of its identity.

        It is looked for in every cycle, the newest first, where none is named.
        A question is not put again while the number stays between the one that was asked about and what that was held
        against; its figures are certain from the next refresh on and carry the answer. Any other finding stays.
        """
        from flows.releases import deciding

        config = self._ground.config
        period = config.cycle(cycle) if cycle else deciding.cycle_of(identity, config, self._ground.places.private)
        about = deciding.answer(identity, period, config.of_cycle(period.number), *self._stores)
        return self._decide("answer", about, period.number, reason, by)

    def withdraw(self, submission: str, cycle: int, *, reason: str, by: str | None = None) -> list[Named]:
        """Keep a file out from the next refresh on; it is named by its file or the beginning of its SHA-256."""
        from flows.releases import deciding, withdrawals

        with self._at(cycle) as (period, _):
            who, why = deciding.who(by), deciding.why(reason)
            return withdrawals.withdraw(submission, period, who, why, _now(), *self._stores)

    def reinstate(self, submission: str, cycle: int, *, reason: str, by: str | None = None) -> list[Named]:
        """Let a withdrawn file count again from the next refresh on; it is named as `withdraw` takes it."""
        from flows.releases import deciding, withdrawals

        with self._at(cycle) as (period, _):
            who, why = deciding.who(by), deciding.why(reason)
            return withdrawals.reinstate(submission, period, who, why, _now(), *self._stores)

    def erase(self, sha256: str, *, reason: str, by: str | None = None) -> Erasure:
        """Erase a file that was sent by mistake, with all that came from it, from the private store; for good.

        It is named by its SHA-256 or the beginning of that. Returns what went, where the file lies in the inbox, and
        which releases were made with it. Who is stopped in between does it again.
        """
        from flows.refresh import erasing
        from flows.releases import deciding

        ground = self._ground
        with ExitStack() as stack:
            for period in ground.config.cycles.values():
                # no refresh reads meanwhile what goes
                if ground.places.private.entries(f"pulled/{period.folder}"):
                    stack.enter_context(self._at(period.number))
            who, why = deciding.who(by), deciding.why(reason)
            return erasing.erase(sha256, who, why, _now(), ground.places, ground.config)

    def take_back(self, number: int, *, reason: str, by: str | None = None) -> Entry:
        """Take a decision back by its number in the record; both stay there. Returns the one that holds no more."""
        from flows.intake.books import record
        from flows.releases import deciding, shown

        there = record.entries(self._ground.places.private)
        cycle = there[number - 1].cycle if 0 < number <= len(there) else None
        with self._at(cycle if cycle in self._ground.config.cycles else None):
            who, why = deciding.who(by), deciding.why(reason)
            gone = deciding.take_back(number, who, why, self._ground.config, _now(), self._stores)
            shown.show(self._ground.places.public, self._ground.config)
            return gone

    def _decide(self, kind: Any, about: Mapping[str, Any], cycle: int | None, reason: str, by: str | None) -> Entry:
        from flows.intake.books.record import Decision
        from flows.releases import deciding

        decision = Decision(kind, deciding.who(by), deciding.why(reason), cycle, about)
        with self._at(cycle) as (_, ground):
            return deciding.decide(decision, ground.config, _now(), self._ground.places.private)

    @contextmanager
    def _at(self, cycle: int | None) -> Iterator[tuple[Period, Ground]]:
        """Wait until no refresh of a cycle is at work: it would not know what is decided meanwhile."""
        ground = self._ground
        if cycle is None:
            with ground.in_force():
                yield next(iter(ground.config.cycles.values())), ground
            return
        period, public = ground.config.cycle(cycle), ground.places.public
        waiting = turns.turn(public, period, turns.this_process(), lambda told: visible.tell(told, err=True))
        with ground.in_force(), waiting:
            yield period, ground.of_cycle(cycle)

    @property
    def _stores(self) -> Any:
        return self._ground.places.public, self._ground.places.private

    def __repr__(self) -> str:
        """Say in a line where decisions are put down."""
        return notebook.line("Decide", self._ground.places.private.uri)


def _now() -> datetime:
    return datetime.now(UTC)
