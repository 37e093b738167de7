"""A message as an e-mail, given to a mail server or written as a file."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, getaddresses, parseaddr

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from config import ConfigError
from config.alerts import Smtp
from flows.core.errors import StoreError
from flows.feedback.alerts.letter import Letter

TRIES, FIRST_WAIT_S, LIMIT_S = 3, 1.0, 20.0
_WORKBOOK = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_NOBODY = "a4p@localhost"

Attachments = Sequence[tuple[str, bytes]]


class Refused(StoreError):
    """The mail server does not take this message, or not for an address; it would take others.

    `told` says whether it took the message for the other addresses.
    """

    def __init__(self, said: str, *, told: bool = False) -> None:
        """Keep what is said to people, and whether the others are told."""
        super().__init__(said)
        self.told = told


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


def send(mail: EmailMessage, smtp: Smtp, environment: Mapping[str, str]) -> None:
    """Give an e-mail to the mail server, once more where it does not answer or asks to come again.

    Raises ConfigError where the password's variable is not set, Refused where the server does not take the message, or
    not for every address, StoreError where it cannot be used at all.
    """
    login = credentials(smtp, environment)
    all_of_them = [address for _, address in getaddresses([str(mail["To"])])]
    left = list(all_of_them)

    def once() -> None:
        with _connected(smtp) as server:
            if login:
                server.login(*login)
            refused = server.send_message(mail, to_addrs=left)
        left[:] = refused
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    tries = Retrying(
        retry=retry_if_exception(_may_pass),
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=FIRST_WAIT_S, max=20),
        reraise=True,
    )
    try:
        tries(once)
    except (OSError, smtplib.SMTPException) as error:
        raise _told(smtp, error, left, told=len(left) < len(all_of_them)) from None


def credentials(smtp: Smtp, environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Return user and password; raises ConfigError where a variable that the configuration names is not set."""
    if smtp.user_env is None or smtp.password_env is None:
        return None
    for name in (smtp.user_env, smtp.password_env):
        if not environment.get(name):
            raise ConfigError(f"The variable {name}, which config/alerts.yaml names for the mail server, is not set.")
    return environment[smtp.user_env], environment[smtp.password_env]


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


def _told(smtp: Smtp, error: Exception, left: Sequence[str], *, told: bool) -> StoreError:
    """Say what failed; never what the server answered, which may quote the message."""
    server, whom = f"The mail server {smtp.host}:{smtp.port}", ", ".join(left)
    if told or isinstance(error, smtplib.SMTPRecipientsRefused):
        others = " (others were told)" if told else ""
        return Refused(f"{server} takes no mail for {whom}{others}; correct the contract's contact.", told=told)
    match error:
        case smtplib.SMTPDataError():
            return Refused(f"{server} did not take the message to {whom} (code {error.smtp_code}); ask who runs it.")
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
