"""What is due is written, sent, and noted in the ledger once it went out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage

import polars as pl

from config import Config, ConfigError, Cycle, by_its_config
from config.alerts import CONTACTS
from expectations.columns import SCHEMA as FINDING
from flows.core import logs, notebook, wording
from flows.core.errors import StoreError
from flows.core.quality_tables import SUBMISSIONS
from flows.core.records import LastRefresh
from flows.feedback.alerts import channels, kept_told, mail
from flows.feedback.alerts.attached import attached
from flows.feedback.alerts.kept_told import OUTBOX
from flows.feedback.alerts.last_cycle import told_first
from flows.feedback.alerts.letter import Letter, letter
from flows.feedback.alerts.mail import Attachments
from flows.feedback.alerts.notice import Notice, Told, mark_told, notices
from flows.feedback.alerts.notice import invitations as to_invite
from flows.feedback.alerts.readers import ToReader
from flows.intake.books import ledger as ledgers
from flows.stores import Store


@dataclass(frozen=True, repr=False)
class Message:
    """A message that is due: what about, its words, to whom, by which ways, with what."""

    notice: Notice
    letter: Letter
    to: tuple[str, ...]
    ways: tuple[str, ...]
    attachments: Attachments

    def __repr__(self) -> str:
        """Say in a line whose it is; not to whom it goes, which is personal."""
        return notebook.line(f"Message to {self.notice.slot}", self.letter.subject)


@dataclass(frozen=True, repr=False)
class Outcome:
    """What went out to sources, by which ways, and to readers; and one sentence for each way that failed."""

    sent: tuple[Message, ...]
    unsent: tuple[Message, ...]
    failures: tuple[str, ...]
    to_readers: tuple[ToReader, ...] = ()

    def with_readers(self, told: Sequence[ToReader], failures: Sequence[str]) -> Outcome:
        """Return the same with what went out to readers, and what did not."""
        return replace(self, to_readers=tuple(told), failures=(*self.failures, *failures))

    def check(self) -> None:
        """Raise StoreError where something did not go out."""
        if self.failures:
            raise StoreError("\n".join(self.failures))

    def __repr__(self) -> str:
        """Say in a line how many went out."""
        left = f"{len(self.unsent)} still to be sent" if self.unsent else ""
        return notebook.line("Outcome", f"{wording.counted(len(self.sent), 'message')} out", left)


@by_its_config
def prepare(
    cycle: Cycle, private: Store, config: Config, now: datetime, sources: Collection[str] = ()
) -> list[Message]:
    """Return the messages that are due after the last refresh of a cycle; nothing is sent or noted.

    `sources` limits them to these. Raises ConfigError where the cycle was never refreshed.
    """
    ledger, last = _known(private, cycle)
    told = kept_told.read(private, cycle)
    due = [
        notice
        for notice in notices(ledger, last.submissions, told, config, cycle, now)
        if not sources or notice.standing.source in sources
    ]
    return _messages(due, told, last, config, cycle, private)


@by_its_config
def send(
    cycle: Cycle,
    private: Store,
    config: Config,
    now: datetime,
    environment: Mapping[str, str],
    sources: Collection[str] = (),
) -> Outcome:
    """Send the messages that are due, and note in the ledger what went out.

    A way that fails does not stop the others. A message that a way did not take is tried again there the next time,
    and its findings count as told only then. `environment` holds the keys and passwords that the configuration names.
    Raises ConfigError where one of them is not set.
    """
    return _send(prepare(cycle, private, config, now, sources), cycle, private, config, now, environment)


@by_its_config
def invitations(cycle: Cycle, private: Store, config: Config) -> list[Message]:
    """Return the messages that open a cycle: to each source, and mission, that was not told anything of it yet."""
    nothing = LastRefresh(pl.DataFrame(schema=FINDING), pl.DataFrame(schema=SUBMISSIONS))
    told = kept_told.read(private, cycle)
    return _messages(to_invite(told, config, cycle), told, nothing, config, cycle, private)


@by_its_config
def invite(cycle: Cycle, private: Store, config: Config, now: datetime, environment: Mapping[str, str]) -> Outcome:
    """Send the messages that open a cycle, as `send` does; who was invited is not invited again."""
    return _send(invitations(cycle, private, config), cycle, private, config, now, environment)


def _send(
    messages: list[Message],
    cycle: Cycle,
    private: Store,
    config: Config,
    now: datetime,
    environment: Mapping[str, str],
) -> Outcome:
    told = kept_told.read(private, cycle)
    _check(messages, config, environment)
    down: dict[str, str] = {}
    failures: list[str] = []
    sent, unsent = [], []
    for message in messages:
        notice = message.notice
        before = told.get(notice.slot, Told())
        taken = list(before.taken.get(notice.id, ()))
        for way in message.ways:
            if way in taken or way in down:
                continue
            try:
                _deliver(message, way, cycle, private, config, now, environment)
                taken.append(way)
            except mail.Refused as refused:
                failures.append(str(refused))
                taken += [way] if refused.told else []
            except StoreError as error:
                down[way] = str(error)
        if set(message.ways) <= set(taken):
            sent.append(message)
            told[notice.slot] = notice.told(before, now)
            # as it stands now: a refresh may have gone by meanwhile
            if notice.open.height:
                ledger = mark_told(ledgers.load(private, cycle), notice.open["identity"], now)
                ledgers.save(private, cycle, ledger)
            _log("alert.sent", message, cycle)
        else:
            unsent.append(message)
            _log("alert.unsent", message, cycle)
            told[notice.slot] = replace(before, taken={notice.id: tuple(taken)} if taken else {})
        kept_told.write(private, cycle, told)
    return Outcome(tuple(sent), tuple(unsent), (*failures, *down.values()))


def _log(event: str, message: Message, cycle: Cycle) -> None:
    standing = message.notice.standing
    logs.event(
        event, cycle=cycle.number, source=standing.source, mission=standing.mission, ways=", ".join(message.ways)
    )


def contacts(notice: Notice, config: Config) -> tuple[str, ...]:
    """Return the addresses of a source's contacts; `{mission}` in one stands for the mission's acronym."""
    mission = notice.standing.mission
    named = config.contract(notice.standing.source).contact
    return tuple(
        one.replace("{mission}", mission.lower() if mission else "")
        for one in named
        if mission or "{mission}" not in one
    )


def _messages(
    due: Sequence[Notice],
    told: Mapping[str, Told],
    last: LastRefresh,
    config: Config,
    cycle: Cycle,
    private: Store,
) -> list[Message]:
    of_last_cycle = told_first(due, told, config, cycle, private)
    return [_message(one, last, of_last_cycle.get(one.slot, ()), config, cycle, private) for one in due]


def _message(
    notice: Notice, last: LastRefresh, of_last_cycle: Sequence[str], config: Config, cycle: Cycle, private: Store
) -> Message:
    to = contacts(notice, config)
    by_mail = config.alerts.smtp and to
    ways = [OUTBOX if way == CONTACTS and not by_mail else way for way in config.alerts.route(notice.standing.source)]
    with_it = attached(notice, last, config, cycle, private)
    written = letter(notice, config, cycle, with_it.says, last.counted, of_last_cycle)
    return Message(notice, written, to, tuple(dict.fromkeys(ways or [OUTBOX])), with_it.files)


def _check(messages: list[Message], config: Config, environment: Mapping[str, str]) -> None:
    """Find out before anything is sent whether what the configuration names is there."""
    alerts = config.alerts
    ways = {way for message in messages for way in message.ways}
    if CONTACTS in ways and alerts.smtp:
        mail.credentials(alerts.smtp, environment)
    for way in sorted(ways & set(alerts.channels)):
        channels.address(way, alerts.channels[way], environment)


def _deliver(
    message: Message,
    way: str,
    cycle: Cycle,
    private: Store,
    config: Config,
    now: datetime,
    environment: Mapping[str, str],
) -> None:
    alerts, notice = config.alerts, message.notice
    if way in alerts.channels:
        channels.send(way, alerts.channels[way], message.letter, message.attachments, environment)
        return
    if way == CONTACTS and alerts.smtp:
        mail.send(_email(message, config, now), alerts.smtp, environment)
    else:
        file = f"{now.astimezone(UTC):{kept_told.STAMP}}-{notice.slot.replace('/', '-')}.eml"
        private.write(f"{kept_told.outbox(cycle)}/{file}", draft(message, config, now))


def draft(message: Message, config: Config, now: datetime) -> bytes:
    """Return a message as a file that mail programs open as a draft that is ready to be sent."""
    written = _email(message, config, now)
    written["X-Unsent"] = "1"
    return written.as_bytes()


def _email(message: Message, config: Config, now: datetime) -> EmailMessage:
    alerts = config.alerts
    sender = [alerts.smtp.sender] if alerts.smtp else []
    name = f"{message.notice.id}.{now:%Y%m%d%H%M%S}"
    return mail.email(
        message.letter, message.to, message.attachments, now, name, *sender, answers_to=alerts.coordinator
    )


def _known(private: Store, cycle: Cycle) -> tuple[pl.DataFrame, LastRefresh]:
    last = ledgers.last_refresh(private, cycle)
    if last is None:
        raise ConfigError(
            f"Cycle {cycle.number} has not been refreshed yet; do so with: a4p refresh --cycle {cycle.number}"
        )
    return ledgers.load(private, cycle), last
