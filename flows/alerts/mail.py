"""A message as an e-mail, given to a mail server or written as a file."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from config import ConfigError
from config.alerts import Smtp
from flows.alerts.letter import Letter
from flows.store import StoreError

TRIES, FIRST_WAIT_S, LIMIT_S = 3, 1.0, 20.0
_WORKBOOK = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_NOBODY = "a4p@localhost"

Attachments = Sequence[tuple[str, bytes]]


class Refused(StoreError):
    """The mail server takes no mail for an address; it would take others."""


def email(
    letter: Letter, to: Sequence[str], attachments: Attachments, now: datetime, name: str, sender: str = _NOBODY
) -> EmailMessage:
    """Return a message as an e-mail; `name` is unlike that of every other message."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = ", ".join(to) or "undisclosed-recipients:;"
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    mail["Content-Language"] = letter.language
    # so that nobody's absence notice answers
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.plain)
    mail.add_alternative(letter.html, subtype="html")
    for file, data in attachments:
        mail.add_attachment(data, maintype=_WORKBOOK[0], subtype=_WORKBOOK[1], filename=file)
    return mail


def send(mail: EmailMessage, smtp: Smtp, environment: Mapping[str, str]) -> None:
    """Give an e-mail to the mail server, once more where it does not answer or asks to come again.

    Raises ConfigError where the password's variable is not set, Refused where the server takes none of the addresses,
    StoreError where it cannot be used at all.
    """
    login = credentials(smtp, environment)
    tries = Retrying(
        retry=retry_if_exception(_may_pass),
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=FIRST_WAIT_S, max=20),
        reraise=True,
    )
    try:
        tries(_once, mail, smtp, login)
    except (OSError, smtplib.SMTPException) as error:
        raise _told(smtp, error) from None


def credentials(smtp: Smtp, environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Return user and password; raises ConfigError where a variable that the configuration names is not set."""
    if smtp.user_env is None or smtp.password_env is None:
        return None
    for name in (smtp.user_env, smtp.password_env):
        if not environment.get(name):
            raise ConfigError(f"The variable {name}, which config/alerts.yaml names for the mail server, is not set.")
    return environment[smtp.user_env], environment[smtp.password_env]


def _once(mail: EmailMessage, smtp: Smtp, login: tuple[str, str] | None) -> None:
    with _connected(smtp) as server:
        if login:
            server.login(*login)
        server.send_message(mail)


@contextmanager
def _connected(smtp: Smtp) -> Iterator[smtplib.SMTP]:
    # the default context checks certificate and name; SSL_CERT_FILE names an authority of one's own
    if smtp.security == "tls":
        context = ssl.create_default_context()
        with smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=LIMIT_S, context=context) as server:
            yield server
        return
    with smtplib.SMTP(smtp.host, smtp.port, timeout=LIMIT_S) as server:
        if smtp.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        yield server


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return True
    return isinstance(error, OSError) and not isinstance(error, (ssl.SSLCertVerificationError, smtplib.SMTPException))


def _told(smtp: Smtp, error: Exception) -> StoreError:
    """Say what failed; never what the server answered, which may quote the message."""
    server = f"The mail server {smtp.host}:{smtp.port}"
    match error:
        case smtplib.SMTPRecipientsRefused():
            return Refused(f"{server} takes no mail for {', '.join(error.recipients)}; correct the contact.")
        case smtplib.SMTPSenderRefused():
            return StoreError(f"{server} takes no mail from {smtp.sender}; correct smtp.sender in config/alerts.yaml.")
        case smtplib.SMTPAuthenticationError():
            return StoreError(f"{server} refuses the user or password; check {smtp.user_env} and {smtp.password_env}.")
        case smtplib.SMTPNotSupportedError():
            return StoreError(f"{server} does not offer what config/alerts.yaml asks for; check smtp.security.")
        case ssl.SSLCertVerificationError():
            return StoreError(
                f"{server} has no valid certificate; check its name, or name its authority's file in SSL_CERT_FILE."
            )
        case smtplib.SMTPResponseException():
            return StoreError(f"{server} did not take a message (code {error.smtp_code}); ask who runs it.")
        case _:
            return StoreError(f"{server} does not answer; check that it runs and that its address is right.")
