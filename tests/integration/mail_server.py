"""A real mail server on loopback, with TLS and passwords, and a real receiver of webhooks."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "a4p", "correct horse"


def certificate(folder: Path) -> Path:
    """Write a key and a certificate that it signs itself, for this machine; returns their file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@dataclass(frozen=True)
class Received:
    """A message as the server took it: for whom, through what, and what it says."""

    to: tuple[str, ...]
    encrypted: bool
    user: str
    mail: EmailMessage

    @property
    def plain(self) -> str:
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    @property
    def attachments(self) -> Mapping[str, bytes]:
        return {str(part.get_filename()): part.get_content() for part in self.mail.iter_attachments()}


@dataclass
class Mailbox:
    """What the server takes, and how it answers: `refuses` addresses, `busy` so often, `too_large` for an address.

    What has more than `largest` bytes is too large as well; `says` is what it answers to a message that it took.
    """

    port: int = 0
    received: list[Received] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    too_large: set[str] = field(default_factory=set)
    largest: int = 1 << 30
    says: str = "250 OK"
    busy: int = 0
    logins: int = 0

    def take(self) -> list[Received]:
        """Return what came since this was last asked."""
        taken, self.received = self.received, []
        return taken

    # what aiosmtpd calls

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 5.1.1 No such user here"
        if self.busy:
            self.busy -= 1
            return "451 4.7.1 Come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if self.too_large & set(envelope.rcpt_tos) or len(envelope.content) > self.largest:
            return "552 5.3.4 Too large"
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        user = session.auth_data.login.decode() if session.auth_data else ""
        self.received.append(Received(tuple(envelope.rcpt_tos), session.ssl is not None, user, mail))
        return self.says


@contextmanager
def mail_server(pem: Path | None) -> Iterator[Mailbox]:
    """Run a mail server that takes mail only after STARTTLS and a right password; with neither where `pem` is None."""
    box = Mailbox()

    def known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
        box.logins += 1
        right = isinstance(login, LoginPassword) and (login.login, login.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False, auth_data=login if right else None)

    secured: dict[str, Any] = {}
    if pem:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
        secured = {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": known,
        }
    with socket.create_server((HOST, 0)) as free:
        box.port = free.getsockname()[1]
    # it warns of a part of itself at each login
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    server = Controller(box, hostname=HOST, port=box.port, **secured)
    server.start()
    try:
        yield box
    finally:
        server.stop()


@dataclass
class Hook:
    """What a receiver of webhooks was sent, and with what it answers; `drips` for ever, a byte at a time."""

    port: int = 0
    answer: int = 200
    drips: bool = False
    asked: list[str] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)

    def take(self) -> list[dict[str, Any]]:
        taken, self.received = self.received, []
        return taken


@contextmanager
def webhook() -> Iterator[Hook]:
    """Run a server that takes JSON."""
    hook = Hook()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # where a redirected message ends
            hook.asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if hook.answer == 200:
                hook.received.append(said)
            if hook.drips:
                with suppress(OSError):
                    self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
                    while True:
                        time.sleep(0.2)
                        self.wfile.write(b"z")
                return
            self.send_response(hook.answer)
            if 300 <= hook.answer < 400:
                self.send_header("Location", f"http://{HOST}:{hook.port}/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((HOST, 0), Answer) as server:
        hook.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()
