"""The only door to folders and object storage: whole files in, whole files out, and the exclusive creation of one.

It may name core alone. It does not know what is in a file: it keeps bytes and frames by path and by hash, refuses what
is damaged, and tells each failure in one sentence.

What is too large to be held goes by way of a file on this machine's disk: `scratch` and `take` in, `near` out.

A folder, `file://…`, `s3://bucket/prefix` and whatever else fsspec knows look alike from here.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from config.errors import ConfigError
from flows.core.errors import NotReadable, NotWhole, StoreError
from flows.stores import held, rights
from flows.stores.entry import PART, Entry
from flows.stores.folder import Folder
from flows.stores.folder import failure as of_folder
from flows.stores.held import Below, Held
from flows.stores.remote import Remote, connected
from flows.stores.remote import failure as of_remote

__all__ = [
    "Entry",
    "Store",
    "checked",
    "for_people",
    "frames",
    "from_settings",
    "holding",
    "keyed",
    "probe_exclusive",
    "rights",
    "turns",
]


_FILE = "file://"
_SAME = {"local": "file", "s3a": "s3", "gcs": "gs"}


@dataclass(frozen=True)
class Store:
    """A place for files, named by a URI; `endpoint_url` is the S3 server, where it is not AWS.

    A folder that is `private` is closed to all other users of the machine; who may read a bucket, its server says.
    It holds no connection, so it can be passed to other threads and processes. Paths in it are relative, with '/'.
    Every method raises StoreError where the place fails.
    """

    uri: str
    endpoint_url: str | None = None
    private: bool = False

    def __post_init__(self) -> None:
        """Make a folder's path absolute, for another process may run in another folder."""
        scheme, host = _parts(self.uri)
        scheme = _SAME.get(scheme, scheme)
        if not self.uri or (scheme == "s3" and not host):
            raise ConfigError(f"'{self.uri}' names no place for files; give a folder, or s3://bucket/prefix.")
        whole = _with_scheme(self.uri) if "://" in self.uri else str(Path(self.uri).expanduser().absolute())
        if "://" in whole and not whole.startswith(_FILE) and ".." in whole.split("/"):
            raise ConfigError(f"'{self.uri}' has '..' in it, which servers do not follow; write out where it leads.")
        bare = whole.rstrip("/")
        object.__setattr__(self, "uri", whole if not bare or bare.endswith(":") else bare)
        if self.endpoint_url is not None:
            _parts(self.endpoint_url)
            object.__setattr__(self, "endpoint_url", self.endpoint_url if scheme == "s3" else None)

    def at(self, path: str) -> str:
        """Return the full URI of a path."""
        return f"{self.uri}/{_checked(path)}"

    def local(self, path: str) -> str | None:
        """Return the path in the file system, or None where the store is no folder."""
        folder = self._folder
        return str(folder / _checked(path)) if folder else None

    @property
    def is_folder(self) -> bool:
        """Tell whether it is a folder of this machine's file system."""
        return self._folder is not None

    def holds(self, other: Store) -> bool:
        """Tell whether another store is a folder or a prefix in this one, or this one itself."""
        own, others = self._folder, other._folder
        if own and others:
            return others.resolve().is_relative_to(own.resolve())
        if own or others or self.endpoint_url != other.endpoint_url:
            return False
        (scheme, path), (others_scheme, others_path) = _address(self.uri), _address(other.uri)
        return scheme == others_scheme and others_path.is_relative_to(path)

    def read(self, path: str) -> bytes:
        """Return a file's content. Raises NotThere where there is none."""
        with self._failures_told(path):
            return self._place.read(_checked(path))

    def write(self, path: str, data: bytes) -> None:
        """Write a file, new or over the old one; a reader sees the old content or the new, never half of it."""
        with self._failures_told(path):
            self._place.write(_checked(path), data)

    def write_for_now(self, path: str, data: bytes) -> None:
        """Write a file that can be made again, as `write_soon` does, but without waiting until it is on the disk.

        It may be lost or damaged where the machine stops within seconds, and who reads it sees that it is.
        """
        if self._held:
            self.write_soon(path, data)
            return
        with self._failures_told(path):
            self._place.write(_checked(path), data, lasting=False)

    def write_soon(self, path: str, data: bytes) -> None:
        """Write a file as `write` does; where the store is held on a server, it is in place once `finish` returns."""
        if self._held is None:
            self.write(path, data)
            return
        with self._failures_told(path):
            self._held.write_soon(_checked(path), data)

    def finish(self) -> None:
        """Wait until all that `write_soon` was given is in place."""
        if self._held:
            with self._failures_told(""):
                self._held.flush()

    def look_again(self, folder: str) -> None:
        """Have what stands below a folder asked for anew, where the store is held: others may have written there."""
        if self._held:
            with self._failures_told(folder):
                self._held.look_again(_checked(folder))

    def known_hash(self, path: str) -> str | None:
        """Return the SHA-256 of a file where that is known without reading it; else None.

        It is known of a store that is held, from the server's MD5 of the file, where that very content was seen before.
        """
        with self._failures_told(path):
            known: str | None = self._held.hash_of(_checked(path)) if self._held else None
        return known

    def create(self, path: str, data: bytes) -> bool:
        """Write a file only if there is none of that name; of many who try at once, one is told True.

        Who wrote it is told so even where the answer was lost and the call was made again.
        """
        with self._failures_told(path):
            return self._place.create(_checked(path), data)

    def exists(self, path: str) -> bool:
        """Tell whether a file is there."""
        with self._failures_told(path):
            return self._place.exists(_checked(path))

    def entries(self, folder: str = "", *, others: bool = False) -> list[Entry]:
        """Return every file below a folder, sorted by path; with `others` also what is no file of its own.

        Symbolic links are not followed. With `others` a folder that cannot be read is one of them; else that is raised.
        """
        with self._failures_told(folder):
            found = list(self._place.entries(_checked(folder) if folder else ""))
        closed = next((one for one in found if one.is_folder), None)
        if closed and not others:
            raise NotReadable(f"There is no permission to read the folder {self.at(closed.path)}; allow it.")
        return sorted((one for one in found if one.is_file or others), key=lambda entry: entry.path)

    def children(self, folder: str = "") -> list[Entry]:
        """Return what stands in a folder itself, files, folders and links, sorted by path."""
        with self._failures_told(folder):
            return sorted(self._place.children(_checked(folder) if folder else ""), key=lambda entry: entry.path)

    def one_in_each(self, folder: str, name: str) -> list[Entry]:
        """Return the files of a name that stand in the folders of a folder, sorted by path; no other is looked at."""
        with self._failures_told(folder):
            return sorted(self._place.one_in_each(_checked(folder), name), key=lambda entry: entry.path)

    def unfinished(self) -> list[Entry]:
        """Return the files that are not whole, since they are being written or their writer was stopped.

        No other method tells of them. What a server was not sent whole, it does not have.
        """
        with self._failures_told(""):
            return sorted(self._place.unfinished(), key=lambda entry: entry.path)

    def delete(self, path: str) -> None:
        """Remove a file; it need not be there."""
        with self._failures_told(path):
            self._place.delete(_checked(path))

    def copy_in(self, path: str, source: Store, source_path: str) -> None:
        """Write a file with the content of one of another store, or of this one."""
        self.write(path, source.read(source_path))

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield a file's content in pieces of some megabytes. Raises NotThere where there is none."""
        with self._failures_told(path):
            yield from self._place.pieces(_checked(path))

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give the path of a new file on this machine's disk, for what `take` may put in its place.

        In a folder it lies where taking it only renames it. What is left at the end goes.
        """
        with ExitStack() as stack:
            with self._failures_told(""):
                folder = stack.enter_context(self._place.beside())
            part = folder / f".{uuid.uuid4().hex}{PART}"
            # not a word of the store where the caller fails
            stack.callback(part.unlink, missing_ok=True)
            with self._failures_told(""), open(part, "xb", opener=rights.opener if self.private else None):
                # there from now on, so that whoever writes it leaves its rights as they are
                pass
            yield part

    def take(self, path: str, file: Path) -> None:
        """Write a file with the content of one of `scratch`, which is moved where it can be; whole or not at all."""
        with self._failures_told(path):
            self._place.take(_checked(path), file)

    def drop_unfinished(self, older_than: timedelta) -> int:
        """Remove what writers who were killed left unfinished in a folder, where it is older; return how many files.

        A server shows no such pieces.
        """
        folder = self._folder
        if folder is None:
            return 0
        with self._failures_told(""):
            return Folder(folder, self.private).drop_unfinished(older_than)

    @contextmanager
    def near(self, path: str) -> Iterator[Path]:
        """Give a file's path on this machine's disk, of a copy where the store is no folder; it is for reading only.

        Raises NotThere where there is none.
        """
        local = self.local(path)
        if local:
            with self._failures_told(path):
                Path(local).stat()
            yield Path(local)
            return
        with self.scratch() as copy:
            try:
                self._fetch(path, copy)
            except NotWhole:
                # only at its end is it known whether a large file came whole
                self._fetch(path, copy)
            yield copy

    def _fetch(self, path: str, copy: Path) -> None:
        with copy.open("wb") as file:
            for piece in self.pieces(path):
                file.write(piece)

    @property
    def _folder(self) -> Path | None:
        if "://" not in self.uri:
            return Path(self.uri)
        return Path(self.uri.removeprefix(_FILE)) if self.uri.startswith(_FILE) else None

    @property
    def _place(self) -> Folder | Remote | Held | Below:
        folder = self._folder
        if folder:
            return Folder(folder, self.private)
        # a forked child must not use its parent's connections
        return self._held or connected(self.uri, self.endpoint_url, os.getpid())

    @property
    def _held(self) -> Held | Below | None:
        return held.held(self.uri, self.endpoint_url)

    @contextmanager
    def _failures_told(self, path: str) -> Iterator[None]:
        # the libraries behind fsspec share no base for their errors
        failures = OSError if self._folder else Exception
        try:
            yield
        except (StoreError, ConfigError):
            raise
        except failures as error:
            if self._folder:
                raise of_folder(self.uri, self.local(path) or self.uri if path else self.uri, error) from error
            raise of_remote(self.uri, self.endpoint_url, self.at(path) if path else self.uri, error) from error


@contextmanager
def holding(private: Store, public: Store, name: str) -> Iterator[None]:
    """Hold the stores of this process that lie on an S3 server, so that little is asked of it; see `held`.

    `name` says for whom what was used is kept. Not for who has other processes write there meanwhile. What was written
    is in place at the end. Raises StoreError where a store fails.
    """
    at = {(one.uri, one.endpoint_url) for one in (private, public) if one.uri.startswith("s3://")}
    kept = f"kept/held-{name}.zip"
    with held.holding({where: connected(*where, os.getpid()) for where in at}):
        own = private._held
        if own:
            with private._failures_told(kept):
                own.begin_with(kept)
        yield
        for one in (private, public):
            one.finish()
        if own:
            with private._failures_told(kept):
                own.keep(kept)


@cache
def probe_exclusive(store: Store) -> None:
    """Check once in a process that a store refuses to create a file that is already there; leaves nothing behind.

    Raises StoreError where it does not: two publishers could then take the same release for theirs.
    """
    path = f".probe-{uuid.uuid4().hex}"
    first = store.create(path, b"first")
    try:
        second = store.create(path, b"second")
    finally:
        store.delete(path)
    if not first or second:
        raise StoreError(
            f"The store {store.uri} overwrites a file where it must refuse to (it ignores If-None-Match), so releases "
            "in it would not be safe; use a server that knows conditional writes, or a folder."
        )


def _parts(uri: str) -> tuple[str, str]:
    """Return scheme and host of a URI, and refuse one that would carry a password into messages and releases."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise ConfigError(f"'{uri}' is no URI; give a folder, or s3://bucket/prefix.") from None
    if parts.password:
        raise ConfigError(f"A store's address must hold no password; take it out of the one at {parts.hostname}.")
    return parts.scheme, parts.netloc


def _with_scheme(uri: str) -> str:
    """Return a URI with its scheme as it is written here; fsspec knows some under several names."""
    scheme, _, rest = uri.partition("://")
    return f"{_SAME.get(scheme.lower(), scheme.lower())}://{rest}"


def _address(uri: str) -> tuple[str, PurePosixPath]:
    """Return the scheme of a URI that is no folder, and its host and path, by which one lies in another."""
    parts = urlsplit(uri)
    # neither a user nor empty steps of the path make it another place
    return parts.scheme, PurePosixPath(parts.netloc.rpartition("@")[2].lower(), *filter(None, parts.path.split("/")))


def _checked(path: str) -> str:
    """Return a path as it is, or refuse one that could lead out of the store."""
    if not path or "\\" in path or "\0" in path or any(part in {"", ".", ".."} for part in path.split("/")):
        raise StoreError(f"'{path}' is no path in a store (no leading '/', no '..', no '\\'); rename the file.")
    return path
