"""An HTTP proxy before a real server that lets chosen calls go wrong, in the ways in which networks and servers do."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Literal, get_args
from urllib.parse import urlsplit

from tests.support.waiting import HANGS_S

Fault = Literal["500", "503", "slow", "cut", "half", "lost"]
# 500, 503: the server is never asked.   slow: the answer comes late and in pieces.   cut: the connection ends, unasked.
# half: the server does it, and its answer ends in the middle.   lost: the server does it, and its answer never comes
FAULTS: tuple[Fault, ...] = get_args(Fault)
Garble = Literal["flip", "short", "drip"]
# flip: a bit of the answer's body is another.   short: a byte of it is missing, and its head says so many.
# drip: it comes a byte at a time, for as long as anybody waits
GARBLES: tuple[Garble, ...] = get_args(Garble)
DRIPS_EVERY_S = 0.5
_CODES = {"500": "InternalError", "503": "SlowDown"}


@dataclass
class FaultProxy:
    """A running proxy: its address, the calls it has seen ('PUT /bucket/key'), and which of them go wrong."""

    endpoint: str
    calls: list[str] = field(default_factory=list)
    fails: Callable[[int], Fault | Garble | None] = lambda number: None

    def breaks(self, at: int, fault: Fault | Garble, *, forever: bool = False) -> None:
        """Let the call with this number from now on, counted from 0, go wrong; or that and all after it."""
        self.calls.clear()
        self.fails = lambda number: fault if number == at or (forever and number > at) else None

    def heals(self) -> None:
        """Let every call through from now on."""
        self.calls.clear()
        self.fails = lambda number: None


@contextmanager
def fault_proxy(server: str) -> Iterator[FaultProxy]:
    """Run a proxy before the server at this address."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    where = urlsplit(server)
    proxy = FaultProxy("")

    async def start() -> asyncio.Server:
        return await asyncio.start_server(
            lambda reader, writer: _serve(proxy, str(where.hostname), int(where.port or 80), reader, writer),
            "127.0.0.1",
            0,
        )

    async def stop() -> None:
        listening.close()
        open_calls = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in open_calls:
            task.cancel()
        await asyncio.gather(*open_calls, return_exceptions=True)

    listening = asyncio.run_coroutine_threadsafe(start(), loop).result(HANGS_S)
    proxy.endpoint = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(HANGS_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(HANGS_S)
        loop.close()


async def _serve(
    proxy: FaultProxy, host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Handle the one call of a connection; both sides are told to open another for the next."""
    with suppress(OSError, asyncio.IncompleteReadError):
        request, head = await _request(reader, writer)
        number = len(proxy.calls)
        proxy.calls.append(head)
        fault = proxy.fails(number)
        if fault in {"500", "503"}:
            writer.write(_refusal(fault))
        elif fault != "cut":
            answer = await _asked(host, port, request)
            if fault == "slow":
                await asyncio.sleep(0.3)
                for at in range(0, len(answer), len(answer) // 3 + 1):
                    writer.write(answer[at : at + len(answer) // 3 + 1])
                    await writer.drain()
                    await asyncio.sleep(0.05)
            elif fault == "half":
                writer.write(answer[: len(answer) // 2])
            elif fault in {"flip", "short"}:
                writer.write(_garbled(answer, fault, number))
            elif fault == "drip":
                for at in range(len(answer)):
                    writer.write(answer[at : at + 1])
                    await writer.drain()
                    await asyncio.sleep(DRIPS_EVERY_S)
            elif fault is None:
                writer.write(answer)
        await writer.drain()
    writer.close()


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[bytes, str]:
    """Read a call whole; return it as it goes on to the server, and its method and path."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
    if headers.pop("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert "transfer-encoding" not in headers, "the client sends how long its body is"
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    headers["connection"] = "close"
    told = "\r\n".join([first, *(f"{name}: {value}" for name, value in headers.items())])
    return f"{told}\r\n\r\n".encode("latin-1") + body, first.rpartition(" ")[0].partition("?")[0]


async def _asked(host: str, port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        await writer.drain()
        return await reader.read()
    finally:
        writer.close()


def _garbled(answer: bytes, how: str, number: int) -> bytes:
    """Return an answer with a bit of its body turned, or a byte of it left out; as it is where it has none."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if not body or b"transfer-encoding" in head.lower():
        return answer
    at = random.Random(number).randrange(len(body))
    if how == "flip":
        body = body[:at] + bytes([body[at] ^ 1 << number % 8]) + body[at + 1 :]
    else:
        body = body[:at] + body[at + 1 :]
        length = f"content-length: {len(body)}".encode()
        head = re.sub(rb"content-length: *[0-9]+", length, head, flags=re.IGNORECASE)
    return head + b"\r\n\r\n" + body


def _refusal(status: str) -> bytes:
    body = f"<?xml version='1.0'?><Error><Code>{_CODES[status]}</Code><Message>no</Message></Error>".encode()
    head = f"HTTP/1.1 {status} No\r\ncontent-type: application/xml\r\ncontent-length: {len(body)}\r\n"
    return f"{head}connection: close\r\n\r\n".encode() + body
