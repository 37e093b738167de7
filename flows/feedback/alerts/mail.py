"""A message as an e-mail, and user and password of the server that takes it (flows.feedback.alerts.transaction)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr

from config import ConfigError
from config.alerts import Smtp
from flows.feedback.alerts.letter import Letter

_WORKBOOK = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_NOBODY = "a4p@localhost"

Attachments = Sequence[tuple[str, bytes]]


class _Subject(str):
    """A subject as a mail program gets it: Python's own way loses spaces where it has to break one with accents."""

    name = "Subject"

    def fold(self, *, policy: Policy[EmailMessage]) -> str:
        charset = "us-ascii" if self.isascii() else "utf-8"
        return f"Subject: {Header(self, charset, header_name='Subject').encode(linesep=policy.linesep)}{policy.linesep}"


def email(
    letter: Letter,
    to: Sequence[str],
    attachments: Attachments,
    now: datetime,
    name: str,
    sender: str = _NOBODY,
    *,
    answers_to: str | None = None,
) -> EmailMessage:
    """Return a message as an e-mail; `name` is unlike that of every other message."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = ", ".join(to) or "undisclosed-recipients:;"
    if answers_to:
        mail["Reply-To"] = answers_to
    mail["Subject"] = _Subject(letter.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    # so that nobody's absence notice answers
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.plain)
    mail.add_alternative(letter.html, subtype="html")
    for file, data in attachments:
        mail.add_attachment(data, maintype=_WORKBOOK[0], subtype=_WORKBOOK[1], filename=file)
    # last, for it would go with the part that is made first
    mail["Content-Language"] = letter.language
    return mail


def credentials(smtp: Smtp, environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Return user and password; raises ConfigError where a variable that the configuration names is not set."""
    if smtp.user_env is None or smtp.password_env is None:
        return None
    for name in (smtp.user_env, smtp.password_env):
        if not environment.get(name):
            raise ConfigError(f"The variable {name}, which config/alerts.yaml names for the mail server, is not set.")
    return environment[smtp.user_env], environment[smtp.password_env]
