"""Telling readers who asked for it of releases, restated figures and withdrawals: once each, by mail.

What is said is public: figures by their titles, and where the release lies. Nothing is said of files or rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from config import Config, Cycle, Language, by_its_config
from flows.core import logs, notebook
from flows.core.errors import StoreError
from flows.core.for_readers import ForReaders, Restated
from flows.core.wording import number
from flows.feedback.alerts import mail, transaction
from flows.feedback.alerts.answer import Answer
from flows.feedback.alerts.dispatch import Parcel, Sending, Way, dispatch
from flows.feedback.alerts.drafts import put
from flows.feedback.alerts.letter import Letter, Listed
from flows.feedback.alerts.words import text
from flows.intake.books import told as books
from flows.intake.books.told import Told
from flows.stores import Store, turns
from transforms.rounding import decimals_shown

WHOLE = "ALL"
_MOST = 40
# what there is to know for who was told of a release last
News = Callable[[str | None], ForReaders | None]


@dataclass(frozen=True, repr=False)
class ToReader:
    """A message that is due to a reader: to whom, what there is to know, its words."""

    to: str
    news: ForReaders
    letter: Letter

    @property
    def slot(self) -> str:
        """By what the reader is known among those who are told."""
        return f"reader {self.to}"

    def __repr__(self) -> str:
        """Say in a line what it is about; not to whom it goes, which is personal."""
        return notebook.line("Message to a reader", self.letter.subject)


@by_its_config
def due(cycle: Cycle, private: Store, config: Config, news: News) -> list[ToReader]:
    """Return the messages that are due to the readers of `on_release`; nothing is sent or noted."""
    told = books.read(private, cycle)
    messages = []
    for address in dict.fromkeys(config.alerts.on_release):
        last = told.get(f"reader {address}", Told()).files
        if known := news(last[-1] if last else None):
            messages.append(ToReader(address, known, letter(known, cycle, config.alerts.language)))
    return messages


@by_its_config
def send(
    cycle: Cycle, private: Store, config: Config, news: News, now: datetime, environment: Mapping[str, str]
) -> tuple[list[ToReader], list[str]]:
    """Send what is due, and note what each reader knows now; without a mail server it is written into the outbox.

    Returns the messages that went out, and a sentence for each that did not, which is tried again the next time. Raises
    ConfigError where a password is not set.
    """
    with turns.turn(private, cycle, turns.this_process(), lambda _: None, "sending") as held:
        messages, of = due(cycle, private, config, news), Sending(cycle, private, config, now, environment)
        parcels = [_parcel(message, of) for message in messages]
        sent: list[ToReader] = []
        failures: list[str] = []
        # nobody can ask for one of them by name, so an answer that does not come never makes them wait
        for message, one in zip(messages, dispatch(parcels, of, held, asked_for=True), strict=True):
            failures += one.says
            if one.state == "out":
                logs.event("alert.sent", cycle=cycle.number, source="readers", mission=None, ways="mail")
                sent.append(message)
    return sent, list(dict.fromkeys(failures))


def _parcel(message: ToReader, of: Sending) -> Parcel:
    alerts, release = of.config.alerts, message.news.release
    smtp = alerts.smtp
    login = mail.credentials(smtp, of.environment) if smtp else None
    known = hashlib.blake2b(f"{message.slot} {release}".encode(), digest_size=8).hexdigest()

    def told(before: Told) -> Told:
        return replace(before, files=(*before.files, release), told_on=of.now, taken={}, begun=None)

    def give(to: tuple[str, ...], since: datetime) -> Answer:
        name, sender = f"{known}.{since:%Y%m%d%H%M%S}", [smtp.sender] if smtp else []
        written = mail.email(message.letter, to, (), since, name, *sender, answers_to=alerts.coordinator)
        if smtp:
            return transaction.give(written, to, smtp, login)
        try:
            put(written, of.cycle, of.private, since, f"reader-{known[:8]}")
        except StoreError as error:
            return Answer(later=to, not_now=(str(error),), faulty=True)
        return Answer(took=to)

    return Parcel(message.slot, known, (), (Way("mail", (message.to,), give),), told)


def letter(news: ForReaders, cycle: Cycle, language: Language) -> Letter:
    """Return the words of a message to readers."""
    said = {"cycle": cycle.number, "release": news.release, "known": news.known}
    what = text("subject_reader_withdrawn" if news.withdrawn else "subject_reader_release", language, **said)
    subject = text("subject", language, cycle=cycle.number, what=what)
    return Letter(subject, list(_blocks(news, said, language)), language)


def _blocks(news: ForReaders, said: Mapping[str, object], language: Language) -> Iterator[str | Listed]:
    yield text("greeting", language)
    yield text("reader_withdrawn" if news.withdrawn else "reader_release", language, **said, why=news.withdrawn)
    yield text("reader_final" if news.status == "final" else "reader_provisional", language)
    lines = [_restated(one, language) for one in news.restated]
    if lines:
        more = [text("reader_more", language, n=len(lines) - _MOST)] if len(lines) > _MOST else []
        yield Listed(text("reader_restated", language, **said), [*lines[:_MOST], *more])
    elif news.known:
        yield text("reader_same", language, **said)
    yield text("reader_place", language, place=news.place)
    yield text("signed", language)


def _restated(one: Restated, language: Language) -> str:
    whose = "" if one.mission == WHOLE else f" ({one.mission})"
    was, now = (
        text("reader_none", language) if it is None else number(it, decimals_shown(it, 0, one.unit), language)
        for it in (one.was, one.now)
    )
    return text("reader_figure", language, title=one.title.text(language) + whose, was=was, now=now, unit=one.unit)
