"""What is due is written, sent, and noted (flows.feedback.alerts.dispatch); one process sends at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from functools import partial

import polars as pl

from config import Config, ConfigError, Cycle, by_its_config
from config.alerts import CONTACTS
from expectations.columns import SCHEMA as FINDING
from flows.core import logs, notebook, visible, wording
from flows.core.errors import StoreError
from flows.core.quality_tables import SUBMISSIONS
from flows.core.records import LastRefresh
from flows.feedback.alerts import channels, mail, transaction
from flows.feedback.alerts.answer import Answer
from flows.feedback.alerts.attached import attached
from flows.feedback.alerts.dispatch import Parcel, Sending, Way, dispatch
from flows.feedback.alerts.drafts import as_draft, put
from flows.feedback.alerts.last_cycle import told_first
from flows.feedback.alerts.letter import Letter, letter
from flows.feedback.alerts.mail import Attachments
from flows.feedback.alerts.notice import Notice, notices
from flows.feedback.alerts.notice import invitations as to_invite
from flows.feedback.alerts.readers import ToReader
from flows.intake.books import ledger as ledgers
from flows.intake.books import outbox
from flows.intake.books import told as books
from flows.intake.books.outbox import OUTBOX
from flows.intake.books.told import Told
from flows.stores import Store, turns


@dataclass(frozen=True, repr=False)
class Message:
    """A message that is due: what about, its words, to whom, by which ways, with what.

    `alone` are its words where what is attached cannot go with it. `unknown_since` is when it was given without an
    answer, where it was.
    """

    notice: Notice
    letter: Letter
    to: tuple[str, ...]
    ways: tuple[str, ...]
    attachments: Attachments
    alone: Letter
    unknown_since: datetime | None = None

    def __repr__(self) -> str:
        """Say in a line whose it is; not to whom it goes, which is personal."""
        return notebook.line(f"Message to {self.notice.slot}", self.letter.subject)


@dataclass(frozen=True, repr=False)
class Outcome:
    """What went out to sources, by which ways, and to readers; and one sentence for each thing that failed.

    Of the messages in `unknown` nobody knows whether they arrived.
    """

    sent: tuple[Message, ...]
    unsent: tuple[Message, ...]
    failures: tuple[str, ...]
    to_readers: tuple[ToReader, ...] = ()
    unknown: tuple[Message, ...] = ()

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
    told = books.read(private, cycle)
    due = [
        notice
        for notice in notices(ledger, last.submissions, told, config, cycle, now)
        if not sources or notice.standing.source in sources
    ]
    return _messages(due, told, last, config, cycle, private)


def _shown(sentence: str) -> None:
    visible.tell(sentence, err=True)


@by_its_config
def send(
    cycle: Cycle,
    private: Store,
    config: Config,
    now: datetime,
    environment: Mapping[str, str],
    sources: Collection[str] = (),
    waits: Callable[[str], None] = _shown,
) -> Outcome:
    """Send the messages that are due, and note what went out.

    A way that fails does not stop the others. A message that a way did not take is tried again there the next time,
    and its findings count as told only then; one that was given without an answer too, twice at most, and after that
    where `sources` names its source. `environment` holds the keys and passwords that the configuration names. `waits`
    is told whom this waits for where another process sends. Raises ConfigError where one of them is not set.
    """
    with turns.turn(private, cycle, turns.this_process(), waits, "sending") as held:
        messages = prepare(cycle, private, config, now, sources)
        return _send(messages, Sending(cycle, private, config, now, environment), held, asked_for=bool(sources))


@by_its_config
def invitations(cycle: Cycle, private: Store, config: Config) -> list[Message]:
    """Return the messages that open a cycle: to each source, and mission, that was not told anything of it yet."""
    nothing = LastRefresh(pl.DataFrame(schema=FINDING), pl.DataFrame(schema=SUBMISSIONS))
    told = books.read(private, cycle)
    return _messages(to_invite(told, config, cycle), told, nothing, config, cycle, private)


@by_its_config
def invite(
    cycle: Cycle,
    private: Store,
    config: Config,
    now: datetime,
    environment: Mapping[str, str],
    waits: Callable[[str], None] = _shown,
) -> Outcome:
    """Send the messages that open a cycle, as `send` does; who was invited is not invited again."""
    with turns.turn(private, cycle, turns.this_process(), waits, "sending") as held:
        return _send(invitations(cycle, private, config), Sending(cycle, private, config, now, environment), held)


def _send(messages: list[Message], of: Sending, held: Callable[[], bool], *, asked_for: bool = False) -> Outcome:
    _check(messages, of.config, of.environment)
    told = books.read(of.private, of.cycle)
    if messages and (left := books.without_known(told, ledgers.written(of.private, of.cycle))) != told:
        books.write(of.private, of.cycle, left)
    parcels = [_parcel(message, of) for message in messages]
    became: dict[str, list[Message]] = {"out": [], "later": [], "unknown": []}
    says: list[str] = []
    for message, one in zip(messages, dispatch(parcels, of, held, asked_for=asked_for), strict=True):
        became[one.state].append(message)
        says += one.says
        _log("alert.sent" if one.state == "out" else f"alert.{one.state.replace('later', 'unsent')}", message, of.cycle)
    # somebody is to send what lies there
    says += outbox.damaged(of.cycle, of.private)
    sent, unsent, unknown = (tuple(became[state]) for state in ("out", "later", "unknown"))
    return Outcome(sent, unsent, tuple(dict.fromkeys(says)), unknown=unknown)


def _parcel(message: Message, of: Sending) -> Parcel:
    notice = message.notice

    def told(before: Told) -> Told:
        return notice.told(before, of.now)

    ways = tuple(
        Way(name, message.to if name == CONTACTS else (name,), partial(_give, message, name, of))
        for name in message.ways
    )
    return Parcel(notice.slot, notice.id, books.marks(notice.open), ways, told)


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
    messages = [_message(one, last, of_last_cycle.get(one.slot, ()), config, cycle, private) for one in due]
    return [replace(one, unknown_since=_unknown_since(one.notice, told)) for one in messages]


def _unknown_since(notice: Notice, told: Mapping[str, Told]) -> datetime | None:
    known = told.get(notice.slot, Told())
    return known.begun.since if known.unknown and known.begun and known.begun.id == notice.id else None


def _message(
    notice: Notice, last: LastRefresh, of_last_cycle: Sequence[str], config: Config, cycle: Cycle, private: Store
) -> Message:
    to = contacts(notice, config)
    by_mail = config.alerts.smtp and to
    ways = [OUTBOX if way == CONTACTS and not by_mail else way for way in config.alerts.route(notice.standing.source)]
    with_it = attached(notice, last, config, cycle, private)
    written = letter(notice, config, cycle, with_it.says, last.counted, of_last_cycle)
    says = None if with_it.says == "attached_template" else "not_attached"
    alone = letter(notice, config, cycle, says, last.counted, of_last_cycle) if with_it.files else written
    return Message(notice, written, to, tuple(dict.fromkeys(ways or [OUTBOX])), with_it.files, alone)


def _check(messages: list[Message], config: Config, environment: Mapping[str, str]) -> None:
    """Find out before anything is sent whether what the configuration names is there."""
    alerts = config.alerts
    ways = {way for message in messages for way in message.ways}
    if CONTACTS in ways and alerts.smtp:
        mail.credentials(alerts.smtp, environment)
    for way in sorted(ways & set(alerts.channels)):
        channels.check(way, alerts.channels[way], environment)


def _give(message: Message, way: str, of: Sending, to: tuple[str, ...], since: datetime) -> Answer:
    """Give a message once by one way to those who have not got it; its name and day are those of the first try."""
    config, environment = of.config, of.environment
    alerts, notice = config.alerts, message.notice
    try:
        if way in alerts.channels:
            channels.send(way, alerts.channels[way], message.letter, message.attachments, environment)
        elif way == CONTACTS and alerts.smtp:
            login = mail.credentials(alerts.smtp, environment)
            answer = transaction.give(_email(message, config, since), to, alerts.smtp, login)
            if not answer.too_large or not message.attachments:
                return answer
            alone = replace(message, letter=message.alone, attachments=())
            return transaction.give(_email(alone, config, since), to, alerts.smtp, login)
        else:
            put(_email(message, config, since), of.cycle, of.private, since, notice.slot.replace("/", "-"))
    except channels.NobodyKnows as error:
        return Answer(unknown=to, says=(str(error),), faulty=True)
    except StoreError as error:
        return Answer(later=to, not_now=(str(error),), faulty=True)
    return Answer(took=to)


def draft(message: Message, config: Config, now: datetime) -> bytes:
    """Return a message as a file that mail programs open as a draft that is ready to be sent."""
    return as_draft(_email(message, config, now))


def _email(message: Message, config: Config, now: datetime) -> EmailMessage:
    alerts = config.alerts
    sender = [alerts.smtp.sender] if alerts.smtp else []
    name = f"{message.notice.id}.{now:%Y%m%d%H%M%S}"
    return mail.email(
        message.letter, message.to, message.attachments, now, name, *sender, answers_to=alerts.coordinator
    )


def _known(private: Store, cycle: Cycle) -> tuple[pl.DataFrame, LastRefresh]:
    ledger, last = ledgers.known(private, cycle)
    if last is None:
        raise ConfigError(
            f"Cycle {cycle.number} has not been refreshed yet; do so with: a4p refresh --cycle {cycle.number}"
        )
    return ledger, last
