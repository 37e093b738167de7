"""One try to give an e-mail to the mail server, by RFC 5321: the answer to the end of the data decides, nothing else.

Before that end nothing has been given, whatever happens. Behind it nobody knows until the answer comes, and it may take
10 minutes (RFC 5321, 4.5.3.2.6). What the server says when the connection ends is of no account.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import parseaddr

from config.alerts import Smtp
from flows.feedback.alerts.answer import Answer

CONNECT_S, STEP_S = 20.0, 120.0
# for a message as a whole: until its end was sent, and from there to the answer
BEFORE_END_S, ANSWER_S = 300.0, 600.0
_QUIT_S = 5.0
# what servers answer to a message that is too large (RFC 1870, RFC 3463); 552 is a full mailbox as well
_TOO_LARGE, _TOO_LARGE_STATUS = 552, (b"5.3.4", b"5.2.3")
_END = b".\r\n"
_ANSWER, _LONGEST = re.compile(rb"([2-5]\d\d)([ -]?)([^\r\n]*)\r?\n"), 8192


class _Watch:
    """Cuts a connection off when its time is over, however slowly something still comes."""

    def __init__(self) -> None:
        self.cut = False
        self._connection: socket.socket | None = None
        self._timer: threading.Timer | None = None

    def over(self, connection: socket.socket) -> None:
        # one of its own, for TLS takes the connection over
        self._connection = connection.dup()

    def until(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, self._cut_off)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer.join()
        if self._connection:
            self._connection.close()

    def _cut_off(self) -> None:
        self.cut = True
        if self._connection:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)


class _Connection(smtplib.SMTP):
    """A connection that is watched from its first byte on, also while TLS is agreed on."""

    def __init__(self, smtp: Smtp, watch: _Watch) -> None:
        self._watch = watch
        # this one checks certificate and name; SSL_CERT_FILE names an authority of one's own
        self._tls = ssl.create_default_context() if smtp.security != "none" else None
        self._at_once = smtp.security == "tls"
        super().__init__(smtp.host, smtp.port, timeout=CONNECT_S)
        if self._tls and not self._at_once:
            try:
                self.starttls(context=self._tls)
            except (OSError, smtplib.SMTPException):
                self.close()
                raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((host, port), timeout)
        self._watch.over(made)
        made.settimeout(STEP_S)
        return self._tls.wrap_socket(made, server_hostname=host) if self._tls and self._at_once else made

    def getreply(self) -> tuple[int, bytes]:
        """Return what the server answers; one that breaks off in the middle of a line, such as 25, is no answer."""
        if self.file is None and self.sock is not None:
            self.file = self.sock.makefile("rb")
        said: list[bytes] = []
        while True:
            try:
                line = self.file.readline(_LONGEST + 1) if self.file else b""
            except OSError:
                line = b""
            answer = _ANSWER.fullmatch(line)
            if answer is None or len(line) > _LONGEST:
                self.close()
                raise smtplib.SMTPServerDisconnected("no answer that the protocol knows")
            said.append(answer[3])
            if answer[2] != b"-":
                return int(answer[1]), b"\n".join(said)


class _Try:
    """How far a try has come: a connection, a recipient, the end of the data."""

    def __init__(self, smtp: Smtp, to: Sequence[str], watch: _Watch) -> None:
        self.smtp, self.to, self.watch = smtp, tuple(to), watch
        self.server = f"The mail server {smtp.host}:{smtp.port}"
        self.taken: list[str] = []
        self.later: dict[str, int] = {}
        self.refused: list[str] = []
        self.in_mail = self.at_the_end = False

    def run(self, mail: EmailMessage, login: tuple[str, str] | None) -> Answer:
        self.watch.until(BEFORE_END_S)
        server = _Connection(self.smtp, self.watch)
        try:
            if login:
                server.login(*login)
            server.ehlo_or_helo_if_needed()
            answer = self._message(server, mail)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        self._leave(server)
        return answer

    def _message(self, server: smtplib.SMTP, mail: EmailMessage) -> Answer:
        sender = parseaddr(self.smtp.sender)[1]
        abroad = not "".join((sender, *self.to)).isascii()
        if abroad and not server.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError
        data = _lines(mail.as_bytes(policy=SMTPUTF8) if abroad else mail.as_bytes())
        if server.has_extn("size"):
            most = server.esmtp_features.get("size", "")
            if most.isdigit() and 0 < int(most) < len(data):
                return self._too_large(_TOO_LARGE)
        options = [f"SIZE={len(data)}"] if server.has_extn("size") else []
        code, said = server.mail(sender, [*options, *(["SMTPUTF8", "BODY=8BITMIME"] if abroad else [])])
        if _is_too_large(code, said):
            return self._too_large(code)
        if code // 100 != 2:
            raise smtplib.SMTPSenderRefused(code, said, sender)
        self.in_mail = True
        for address in self.to:
            self._recipient(address, *server.rcpt(address))
        if not self.taken:
            return self._answer()
        code, said = server.docmd("DATA")
        if code == 354:
            server.send(data)
            # from here on it may have been taken
            self.at_the_end = True
            self.watch.until(ANSWER_S)
            assert server.sock is not None
            server.sock.settimeout(ANSWER_S)
            server.send(_END)
            code, said = server.getreply()
        return self._decided(code, said)

    def _recipient(self, address: str, code: int, said: bytes) -> None:
        if code == 421:
            raise smtplib.SMTPServerDisconnected
        if code // 100 == 2:
            self.taken.append(address)
        elif code // 100 == 5:
            self.refused.append(address)
        else:
            self.later[address] = code

    def _decided(self, code: int, said: bytes) -> Answer:
        if code // 100 == 2 and self.at_the_end:
            return self._answer()
        if _is_too_large(code, said):
            return self._too_large(code)
        if code // 100 == 5:
            whom = ", ".join(self.taken)
            refuses = f"{self.server} did not take the message to {whom} (code {code}); ask who runs it."
            return Answer(later=tuple(self.later), refused=(*self.refused, *self.taken), says=(refuses,))
        if code // 100 == 4:
            whom = ", ".join(self.taken)
            not_now = f"{self.server} does not take the message to {whom} now (code {code}); it is sent the next time."
            return Answer(later=(*self.later, *self.taken), refused=tuple(self.refused), not_now=(not_now,), again=True)
        # no answer that the protocol knows
        raise smtplib.SMTPServerDisconnected

    def _answer(self) -> Answer:
        """Return how it stands once the server has taken the message, or has no recipient for it."""
        others = " (others were told)" if self.taken else ""
        says, not_now = [], []
        if self.refused:
            whom = ", ".join(self.refused)
            says.append(f"{self.server} takes no mail for {whom}{others}; correct the contract's contact.")
        if self.later:
            whom, code = ", ".join(self.later), next(iter(self.later.values()))
            now = f"now (code {code}){others}; it is sent the next time."
            not_now.append(f"{self.server} takes no mail for {whom} {now}")
        took, later, refused = tuple(self.taken), tuple(self.later), tuple(self.refused)
        return Answer(took, later, refused, says=tuple(says), not_now=tuple(not_now), again=True)

    def _too_large(self, code: int) -> Answer:
        whom = ", ".join(self.to)
        too_large = f"{self.server} did not take the message to {whom} (code {code}: too large); ask who runs it."
        return Answer(refused=self.to, says=(too_large,), too_large=True)

    def failed(self, error: Exception) -> Answer:
        """Say what failed; never what the server answered, which may quote the message."""
        if self.at_the_end:
            whom = ", ".join(self.taken)
            nobody_knows = f"{self.server} gave no answer to the message to {whom}: nobody knows whether it arrived."
            return Answer(
                later=tuple(self.later),
                refused=tuple(self.refused),
                unknown=tuple(self.taken),
                says=(nobody_knows,),
                faulty=True,
            )
        smtp, whom = self.smtp, ", ".join(self.to)
        match error:
            case smtplib.SMTPAuthenticationError() if error.smtp_code // 100 == 5:
                wrong = f"refuses the user or password; check {smtp.user_env} and {smtp.password_env}."
                return self._none(wrong, stops=True)
            case smtplib.SMTPNotSupportedError():
                return self._none("does not offer what config/alerts.yaml asks for; check smtp.security.", stops=True)
            case ssl.SSLCertVerificationError():
                nobodys = "has no valid certificate; check its name, or name its authority's file in SSL_CERT_FILE."
                return self._none(nobodys, stops=True)
            case smtplib.SMTPSenderRefused() if error.smtp_code // 100 == 5:
                return self._none(f"takes no mail from {smtp.sender}; correct smtp.sender in config/alerts.yaml.")
            case smtplib.SMTPResponseException() if error.smtp_code // 100 == 4:
                later = f"takes no mail now (code {error.smtp_code}); it is sent the next time."
                return self._none(later, again=True)
            case smtplib.SMTPResponseException():
                return self._none(f"did not take a message (code {error.smtp_code}); ask who runs it.")
        if self.watch.cut:
            slow = f"was too slow to take the message to {whom}, and was left; it is sent the next time."
            return self._none(slow)
        if self.in_mail:
            return self._none(f"broke off before it took the message to {whom}; it is sent the next time.", again=True)
        return self._none("does not answer; check that it runs and that its address is right.", again=True)

    def _none(self, what: str, *, again: bool = False, stops: bool = False) -> Answer:
        return Answer(later=self.to, not_now=(f"{self.server} {what}",), again=again, faulty=True, stops=stops)

    def _leave(self, server: smtplib.SMTP) -> None:
        """End the connection politely; what is answered to that is of no account."""
        self.watch.until(_QUIT_S)
        with suppress(OSError, smtplib.SMTPException):
            server.docmd("QUIT")
        server.close()


def give(mail: EmailMessage, to: Sequence[str], smtp: Smtp, login: tuple[str, str] | None) -> Answer:
    """Try once to give an e-mail to the mail server for these addresses; `login` is user and password.

    Nothing is raised: the answer says what became of it, for each address.
    """
    watch = _Watch()
    one = _Try(smtp, to, watch)
    try:
        return one.run(mail, login)
    except (OSError, smtplib.SMTPException) as error:
        return one.failed(error)
    finally:
        watch.end()


def _is_too_large(code: int, said: bytes) -> bool:
    return code == _TOO_LARGE or (code // 100 == 5 and said.startswith(_TOO_LARGE_STATUS))


def _lines(data: bytes) -> bytes:
    """Return a message as it is sent: a point at the beginning of a line is doubled, and the last line ends."""
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    quoted = data.replace(b"\r\n.", b"\r\n..")
    return b"." + quoted if quoted.startswith(b".") else quoted
