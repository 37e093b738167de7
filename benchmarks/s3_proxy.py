"""An HTTP proxy before an S3 server that counts the calls and lets each take longer, as over a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from urllib.parse import urlsplit

_HANGS_S = 60


@dataclass
class Counted:
    """A running proxy: its address, the calls that it has seen ('PUT /bucket/key?query'), how long each waits."""

    endpoint: str
    calls: list[str] = field(default_factory=list)
    delay: float = 0.0
    peak: int = 0
    _open: int = 0


@contextmanager
def counted(server: str) -> Iterator[Counted]:
    """Run a proxy before the server at this address."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    where = urlsplit(server)
    proxy = Counted("")

    async def start() -> asyncio.Server:
        return await asyncio.start_server(
            lambda reader, writer: _serve(proxy, str(where.hostname), int(where.port or 80), reader, writer),
            "127.0.0.1",
            0,
        )

    async def stop() -> None:
        listening.close()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    listening = asyncio.run_coroutine_threadsafe(start(), loop).result(_HANGS_S)
    proxy.endpoint = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(_HANGS_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_HANGS_S)
        loop.close()


async def _serve(
    proxy: Counted, host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Pass on the calls of a connection, one after the other, until the client ends it."""
    with suppress(OSError, asyncio.IncompleteReadError):
        while True:
            request, first = await _request(reader, writer)
            proxy.calls.append(first)
            proxy._open += 1
            proxy.peak = max(proxy.peak, proxy._open)
            if proxy.delay:
                await asyncio.sleep(proxy.delay)
            answer = await _asked(host, port, request)
            proxy._open -= 1
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
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    headers["connection"] = "close"
    told = "\r\n".join([first, *(f"{name}: {value}" for name, value in headers.items())])
    return f"{told}\r\n\r\n".encode("latin-1") + body, first.rpartition(" ")[0]


async def _asked(host: str, port: int, request: bytes) -> bytes:
    """Ask the server over a connection of its own; its end is the end of the answer, and not of the client's."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        await writer.drain()
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join(kept) + b"\r\n\r\n" + body
