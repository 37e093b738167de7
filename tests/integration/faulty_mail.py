"""A mail server on a socket of loopback that fails where it is told to: before, in or behind a message."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import product

from tests.integration.mail_server import HOST

# how far a connection comes: `end` is before the message is taken, `taken` and `quit` behind that
STAGES = ("greeting", "ehlo", "mail", "rcpt", "data", "body", "end", "taken", "quit")
ANSWERS = {"closing": "421 4.3.2 closing", "later": "451 4.7.1 later", "never": "550 5.7.1 no", "garbage": "what?"}
ACTIONS = ("drop", *ANSWERS, "silent", "drip")
# of what is taken no answer may say that it is not
_HONEST = {"taken": ("drop", "garbage", "silent", "drip"), "body": ("drop", "silent")}
FAULTS = [(stage, action) for stage, action in product(STAGES, ACTIONS) if action in _HONEST.get(stage, ACTIONS)]
# whose message the faults are of that the server knows a message by
FIRST = "first@example.org"


@dataclass
class FaultyMail:
    """What the server has taken, by address, with the name of each message; and where it fails."""

    port: int = 0
    fault: tuple[str, str] | None = None
    pause_s: float = 0.0
    took: list[tuple[str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def copies(self, address: str) -> int:
        return [to for to, _ in self.took].count(address)

    def names(self, address: str) -> set[str]:
        return {name for to, name in self.took if to == address}


class _Gone(Exception):
    """The connection is at its end."""


class _Talk(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self) -> None:
        self.box: FaultyMail = self.server.box  # type: ignore[attr-defined]
        self.to: list[str] = []
        self.asked: list[str] = []
        with suppress(_Gone, OSError):
            self.say("greeting", "220 here")
            while line := self.rfile.readline():
                time.sleep(self.box.pause_s)
                word = line.decode().strip().upper()
                if word.startswith(("EHLO", "HELO")):
                    self.say("ehlo", "250 here")
                elif word.startswith("MAIL"):
                    self.say("mail", "250 ok")
                elif word.startswith("RCPT"):
                    address = line.decode().partition("<")[2].partition(">")[0]
                    self.asked.append(address)
                    if self.say("rcpt", "250 ok", of=address):
                        self.to.append(address)
                elif word == "DATA":
                    self.data()
                elif word == "QUIT":
                    self.say("quit", "221 bye")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

    def data(self) -> None:
        if not self.say("data", "354 go on"):
            return
        if self.faulty("body"):
            self.rfile.readline()
            self.fail("body", "")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise _Gone
            lines.append(line)
        name = next(line.decode().split()[1] for line in lines if line.lower().startswith(b"message-id"))
        if self.faulty("end"):
            self.say("end", "")
            return
        time.sleep(self.box.pause_s)
        self.box.took += [(one, name) for one in self.to]
        time.sleep(self.box.pause_s)
        self.say("taken", "250 taken")

    def faulty(self, stage: str, of: str | None = None) -> bool:
        if not self.box.fault or self.box.fault[0] != stage:
            return False
        if stage in ("greeting", "ehlo", "mail"):
            return True
        return of == FIRST if of else FIRST in self.asked

    def say(self, stage: str, answer: str, of: str | None = None) -> bool:
        """Answer, or fail; tells whether it was the answer."""
        if self.faulty(stage, of):
            return self.fail(stage, answer)
        self.wfile.write(f"{answer}\r\n".encode())
        return True

    def fail(self, stage: str, answer: str) -> bool:
        assert self.box.fault
        action = self.box.fault[1]
        if action in ANSWERS:
            self.wfile.write(f"{ANSWERS[action]}\r\n".encode())
            if action == "closing":
                raise _Gone
            return False
        if action == "drop":
            raise _Gone
        # until the other side has had enough
        self.connection.settimeout(0.1)
        while not self.box.ended.is_set():
            if action == "drip":
                self.wfile.write(b"2")
            with suppress(TimeoutError):
                if not self.connection.recv(1 << 16):
                    raise _Gone
        raise _Gone


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    # a client that was killed is no error
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@contextmanager
def faulty_mail() -> Iterator[FaultyMail]:
    """Run the server; it fails as its `fault` says, a stage and an action, as long as that stands."""
    box = FaultyMail()
    with _Server((HOST, 0), _Talk) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.socket.getsockname()[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            box.ended.set()
            server.shutdown()
            thread.join()
