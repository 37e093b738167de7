"""A place on an S3 server while it is held: listed once, and nothing is asked for that is known already.

    kept/held-cycle-05.zip    in the private store: what the last one who held it read and wrote, to begin with

Over a network each call costs, so whoever does much with a place holds it. Then it is listed as a whole once; which
files there are is known from that list and from what this process did since. What is in a file is from memory where the
server's ETag, which is the MD5 of its content, is that of what was read or written before. What is written by
`write_soon` goes side by side, and is in place once `flush` returns.

What others do meanwhile is seen after `look_again`. `create` still asks the server, which lets one of many win, and of
files without such an ETag nothing is taken from memory. The zip is only there to be quick: it may be lost, and what is
in it counts only where the list has a file of that very content.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.stores.answers import md5_of
from flows.stores.entry import PIECE, Entry, is_one_in_each
from flows.stores.remote import AT_ONCE, Remote

# a larger file is asked for each time: it is the bytes that cost then, and not the call
_MOST_OF_ONE, _MOST_OF_ALL = 1 << 20, 1 << 26
_SHA256 = 64


@dataclass(frozen=True)
class _Seen:
    """A file as the server has it."""

    entry: Entry
    etag: str


@dataclass
class Memory:
    """What is known of files' contents, by their MD5: the bytes, or the SHA-256; which were used, which compared."""

    content: dict[str, bytes] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, data: bytes) -> str:
        """Keep a content, and return its MD5."""
        md5 = md5_of(data)
        with self.lock:
            self.used.add(md5)
            fits = len(data) <= _MOST_OF_ONE and self.size + len(data) <= _MOST_OF_ALL
            if fits and md5 not in self.content:
                self.content[md5] = data
                self.size += len(data)
            elif not fits and md5 not in self.sha256:
                self.sha256[md5] = hashlib.sha256(data).hexdigest()
        return md5

    def take(self, md5: str) -> bytes | None:
        """Return a content, where it is known."""
        found = self.content.get(md5)
        if found is not None:
            self.used.add(md5)
        return found

    def hash_of(self, md5: str) -> str | None:
        """Return the SHA-256 of a content that was seen once."""
        if md5 not in self.sha256 and (data := self.content.get(md5)) is not None:
            self.sha256[md5] = hashlib.sha256(data).hexdigest()
        if md5 in self.sha256:
            self.compared.add(md5)
        return self.sha256.get(md5)

    def packed(self, there: Collection[str]) -> bytes:
        """Return what was used and is still there, as a zip; the same contents are the same bytes."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            seen = (self.used | self.compared) & self.sha256.keys() & set(there)
            hashes = {md5: self.sha256[md5] for md5 in sorted(seen)}
            said = "".join(f"{md5} {sha256}\n" for md5, sha256 in hashes.items())
            archive.writestr(zipfile.ZipInfo(_HASHES), said, zipfile.ZIP_DEFLATED, compresslevel=1)
            for md5 in sorted(self.used & self.content.keys() & set(there)):
                data = self.content[md5]
                # frames are packed already
                kind = zipfile.ZIP_DEFLATED if data.startswith(b"{") else zipfile.ZIP_STORED
                archive.writestr(zipfile.ZipInfo(md5), data, kind, compresslevel=1)
        return packed.getvalue()

    def unpack(self, data: bytes) -> None:
        """Take what such a zip holds; each content is held against its MD5. What is damaged is left out."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for name in archive.namelist():
                    content = archive.read(name)
                    if name == _HASHES:
                        pairs = (line.split(" ") for line in content.decode().splitlines())
                        self.sha256 |= {md5: sha256 for md5, sha256 in pairs if len(sha256) == _SHA256}
                    elif md5_of(content) == name:
                        self.content[name] = content
                        self.size += len(content)
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, KeyError, NotImplementedError):
            # it is only there to be quick
            return


_HASHES = "sha256.txt"


class Held:
    """A place on an S3 server that is held; it does what `Remote` does."""

    def __init__(self, remote: Remote, memory: Memory) -> None:
        self.remote, self.memory = remote, memory
        self.root, self.files = remote.root, remote.files
        self._there: dict[str, _Seen] | None = None
        self._unsure: set[str] = set()
        self._made: set[str] = set()
        self._lock = threading.RLock()
        self._threads = ThreadPoolExecutor(AT_ONCE)
        self._waiting: list[Future[None]] = []

    # --- what is there -----------------------------------------------------------------------------------------------

    def look_again(self, folder: str) -> None:
        """Forget what was listed below a folder: others may have written there."""
        self.flush()
        with self._lock:
            self._unsure.add(folder)

    def _known(self, path: str) -> dict[str, _Seen]:
        """Return all that is there, sure at least of what meets a path."""
        with self._lock:
            if self._there is None:
                self._there = self._listed("")
                self._unsure.clear()
            for folder in sorted(one for one in self._unsure if _meet(one, path)):
                self._unsure.discard(folder)
                for gone in [one for one in self._there if _meet(one, folder) and len(one) >= len(folder)]:
                    del self._there[gone]
                self._there |= self._listed(folder)
            return self._there

    def _listed(self, folder: str) -> dict[str, _Seen]:
        return {entry.path: _Seen(entry, etag) for entry, etag in self.remote.listed(folder)}

    def _seen(self, path: str) -> _Seen | None:
        return self._known(path).get(path)

    def _note(self, path: str, data: bytes) -> None:
        md5 = self.memory.keep(data)
        with self._lock:
            self._known(path)[path] = _Seen(Entry(path, len(data), datetime.now(UTC)), md5)

    # --- as `Remote` ------------------------------------------------------------------------------------------------

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        seen = self._seen(path)
        if seen is None:
            raise FileNotFoundError(path)
        known = self.memory.take(seen.etag)
        if known is not None:
            return known
        self.flush()
        data = self.remote.read(path)
        self.memory.keep(data)
        return data

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield a file's content piece by piece."""
        seen = self._seen(path)
        if seen is None:
            raise FileNotFoundError(path)
        if seen.entry.size <= PIECE:
            yield self.read(path)
            return
        self.flush()
        yield from self.remote.pieces(path)

    def hash_of(self, path: str) -> str | None:
        """Return the SHA-256 of a file by its ETag, where that content was seen before; else None."""
        seen = self._seen(path)
        return self.memory.hash_of(seen.etag) if seen else None

    def write(self, path: str, data: bytes, lasting: bool = True) -> None:
        """Write a file, new or over the old one, where there is not that very content."""
        if not self._has(path, data):
            self.remote.write(path, data)
            self._note(path, data)

    def write_soon(self, path: str, data: bytes) -> None:
        """Write a file as `write` does; it is in place once `flush` returns."""
        if not self._has(path, data):
            with self._lock:
                self._waiting.append(self._threads.submit(self.remote.write, path, data))
                self._note(path, data)

    def _has(self, path: str, data: bytes) -> bool:
        seen = self._seen(path)
        return bool(seen and seen.etag == self.memory.keep(data))

    def create(self, path: str, data: bytes) -> bool:
        """Write a file only if there is none of that name, and tell whether this call did."""
        known = self._seen(path)
        # of one that this process made the server is asked: whether it refuses is what `probe_exclusive` wants to know
        if known and path not in self._made:
            return False
        made = self.remote.create(path, data)
        if made:
            self._made.add(path)
            self._note(path, data)
        elif not known:
            # another did meanwhile, and maybe more
            self.look_again(path.rpartition("/")[0])
        return made

    def exists(self, path: str) -> bool:
        """Tell whether a file is there."""
        return self._seen(path) is not None

    def entries(self, folder: str) -> Iterator[Entry]:
        """Yield the files below a folder."""
        with self._lock:
            found = [one.entry for one in self._known(folder).values()]
        yield from (one for one in found if not folder or one.path.startswith(f"{folder}/"))

    def children(self, folder: str) -> Iterator[Entry]:
        """Yield what stands in a folder itself: files and folders."""
        inside = f"{folder}/" if folder else ""
        folders = set()
        for one in list(self.entries(folder)):
            name, _, rest = one.path.removeprefix(inside).partition("/")
            if not rest:
                yield one
            elif name not in folders:
                folders.add(name)
                yield Entry(f"{inside}{name}", 0, datetime.fromtimestamp(0, UTC), False, True)

    def one_in_each(self, folder: str, name: str) -> Iterator[Entry]:
        """Yield the files of a name in the folders of a folder."""
        yield from (one for one in self.entries(folder) if is_one_in_each(one.path, folder, name))

    def unfinished(self) -> Iterator[Entry]:
        """Yield nothing: a file is there once it was sent whole."""
        yield from ()

    def beside(self) -> AbstractContextManager[Path]:
        """Give a folder of this machine that goes at the end."""
        return self.remote.beside()

    def take(self, path: str, file: Path) -> None:
        """Send a file of `beside` to its place."""
        if file.stat().st_size <= _MOST_OF_ONE:
            self.write(path, file.read_bytes())
            return
        self.remote.take(path, file)
        self.look_again(path.rpartition("/")[0])

    def delete(self, path: str) -> None:
        """Remove a file, if it is there."""
        self.flush()
        if self._seen(path):
            self.remote.delete(path)
            with self._lock:
                self._known(path).pop(path, None)

    # --- at the end ------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Wait until all that was written is in place. Raises as the server does, from then on each time."""
        with self._lock:
            waiting = list(self._waiting)
        for one in waiting:
            # one that failed stays, lest it is told where nobody listens
            one.result()
        with self._lock:
            self._waiting = [one for one in self._waiting if one not in waiting]

    def wait(self) -> None:
        """Wait as `flush` does, and tell nothing."""
        wait(self._waiting)

    def begin_with(self, path: str) -> None:
        """Take into memory what was kept when the place was held last."""
        if self._seen(path):
            self.memory.unpack(self.remote.read(path))

    def keep(self, path: str) -> None:
        """Keep what was used of all places that are held, for the next one who holds them."""
        every = [one for one in _HELD.values() if one.memory is self.memory]
        there = {seen.etag for one in every for seen in (one._there or {}).values()}
        self.write(path, self.memory.packed(there))

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()


# the places that a process holds, by its number, the URI and the server; a forked child holds none
_HELD: dict[tuple[int, str, str | None], Held] = {}


def held(uri: str, endpoint_url: str | None) -> Held | Below | None:
    """Return a place that this process holds, or that lies in one; None where it does not."""
    own = {at: one for at, one in _HELD.items() if at[0] == os.getpid() and at[2] == endpoint_url}
    for (_, whole, _), one in own.items():
        if uri == whole:
            return one
        if uri.startswith(f"{whole}/"):
            return Below(one, uri.removeprefix(f"{whole}/"))
    return None


@contextmanager
def holding(places: Mapping[tuple[str, str | None], Remote]) -> Iterator[None]:
    """Hold places, by URI and server, while the body runs. What was given to `write_soon` is tried to the end."""
    memory = Memory()
    new = {(os.getpid(), *at): Held(remote, memory) for at, remote in places.items()}
    _HELD.update(new)
    try:
        yield
    finally:
        for at, one in new.items():
            one.close()
            del _HELD[at]


def _before_a_fork() -> None:
    """Put all in place that was written: a child asks the server for it."""
    for (process, *_), one in _HELD.items():
        if process == os.getpid():
            one.wait()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_a_fork)


class Below:
    """A folder of a place that is held, as a place of its own."""

    def __init__(self, held: Held, folder: str) -> None:
        self._held, self._folder = held, folder
        self.root, self.files = f"{held.root}/{folder}", held.files

    def _at(self, path: str) -> str:
        return f"{self._folder}/{path}" if path else self._folder

    def _own(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        for one in entries:
            path = one.path.removeprefix(f"{self._folder}/")
            yield Entry(path, one.size, one.modified, one.is_file, one.is_folder)

    def __getattr__(self, name: str) -> Any:
        """Do what the place does, in the folder: the first argument of each of these is a path."""
        do = getattr(self._held, name)
        if name in ("entries", "children", "one_in_each"):
            return lambda folder, *more: self._own(do(self._at(folder), *more))
        if name in ("flush", "unfinished", "beside"):
            return do
        return lambda path, *more: do(self._at(path), *more)


def _meet(one: str, other: str) -> bool:
    """Tell whether a path is another one, or lies in it, or the other in it."""
    return not one or not other or one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
