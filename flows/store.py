"""The only door to folders and object storage: whole files in, whole files out, and the exclusive creation of one.

What is too large to be held goes by way of a file on this machine's disk: `scratch` and `take` in, `near` out.

A folder, `file://…`, `s3://bucket/prefix` and whatever else fsspec knows look alike from here.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from config.loader import ConfigError

_PART = ".part"
# a pipe would be waited for, and a link may lead anywhere; the flags that a system does not have are left out
_PLAINLY = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY"):
    _PLAINLY |= getattr(os, _flag, 0)
_AGAIN = "run this again"
_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_NO_BUCKET = frozenset({"NoSuchBucket", "404"})
_BROKEN_OFF = frozenset({"ClientPayloadError", "ResponseStreamingError", "IncompleteReadError"})
_WAITS = (0.1, 0.3, 0.9, 0)  # seconds between four attempts
_PIECE = 1 << 23


class StoreError(Exception):
    """A store, server or network failed; the text is one sentence that says what to do."""


class Unanswered(StoreError):
    """A server does not answer, or is overloaded: the same call may go through later."""


class NotThere(StoreError):
    """The file that was asked for is not in the store."""


# what a class of error, or a code that an S3 server answers with, means to a person; the first that fits is said
_MEANINGS: tuple[tuple[str, type[StoreError], str], ...] = (
    (
        "NoCredentialsError",
        StoreError,
        "The store {store} needs credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ),
    (
        "InvalidAccessKeyId SignatureDoesNotMatch ExpiredToken InvalidToken TokenRefreshRequired InvalidClientTokenId "
        "AuthFailure PartialCredentialsError CredentialRetrievalError ProfileNotFound TokenRetrievalError",
        StoreError,
        f"The store {{store}} refuses the credentials; {_KEYS}.",
    ),
    (
        "AccessDenied AllAccessDisabled AccountProblem NotSignedUp 401 403",
        StoreError,
        f"The store {{store}} refuses the credentials; {_KEYS}, and that they may read and write there.",
    ),
    (
        "NoSuchBucket 404",
        StoreError,
        "There is no bucket '{bucket}' for the store {store}; create it, or correct the URI.",
    ),
    (
        "InvalidBucketName ParamValidationError",
        StoreError,
        "'{bucket}' in {store} is no name for a bucket; correct the URI.",
    ),
    (
        "RequestTimeTooSkewed",
        StoreError,
        "The clock of this machine differs from that of the store {store}; set it right.",
    ),
    (
        "QuotaExceeded InsufficientCapacity XMinioStorageFull 507",
        StoreError,
        f"The store {{store}} takes no more data; make room in it and {_AGAIN}.",
    ),
    (
        "SlowDown ServiceUnavailable InternalError OperationAborted 500 502 503 504",
        Unanswered,
        f"The store {{store}} is overloaded or out of order; {_AGAIN} later.",
    ),
    (
        "SSLError",
        StoreError,
        "The server {server} has no valid certificate; check its address, http:// or https://.",
    ),
    (
        "EndpointConnectionError HTTPClientError ProxyConnectionError FSTimeoutError TimeoutError ConnectionError",
        Unanswered,
        "The server {server} does not answer; check that it runs and that its address is right.",
    ),
    (
        " ".join(sorted(_BROKEN_OFF)),
        Unanswered,
        f"The server {{server}} breaks off its answers; check the network to it and {_AGAIN} later.",
    ),
)


@dataclass(frozen=True)
class Entry:
    """One file of a store: its path in it, its size in bytes, and when it was last written (UTC).

    `is_file` is false for what only stands there: a symbolic link, a pipe, a device.
    """

    path: str
    size: int
    modified: datetime
    is_file: bool = True


@dataclass(frozen=True)
class Store:
    """A place for files, named by a URI; `endpoint_url` is the S3 server, where it is not AWS.

    It holds no connection, so it can be passed to other threads and processes. Paths in it are relative, with '/'.
    Every method raises StoreError where the place fails.
    """

    uri: str
    endpoint_url: str | None = None

    def __post_init__(self) -> None:
        """Make a folder's path absolute, for another process may run in another folder."""
        scheme, host = _parts(self.uri)
        if not self.uri or (scheme == "s3" and not host):
            raise ConfigError(f"'{self.uri}' names no place for files; give a folder, or s3://bucket/prefix.")
        whole = self.uri if "://" in self.uri else str(Path(self.uri).expanduser().absolute())
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

    def read(self, path: str) -> bytes:
        """Return a file's content. Raises NotThere where there is none."""
        with self._failures_told(path):
            return self._place.read(_checked(path))

    def write(self, path: str, data: bytes) -> None:
        """Write a file, new or over the old one; a reader sees the old content or the new, never half of it."""
        with self._failures_told(path):
            self._place.write(_checked(path), data)

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

        Symbolic links are not followed.
        """
        with self._failures_told(folder):
            found = self._place.entries(_checked(folder) if folder else "")
            return sorted((one for one in found if one.is_file or others), key=lambda entry: entry.path)

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
        """Give a path on this machine's disk for a file that is not there yet, which `take` may put in its place.

        In a folder it lies where taking it only renames it. What is left at the end goes.
        """
        with ExitStack() as stack:
            with self._failures_told(""):
                folder = stack.enter_context(self._place.beside())
            part = folder / f".{uuid.uuid4().hex}{_PART}"
            # not a word of the store where the caller fails
            stack.callback(part.unlink, missing_ok=True)
            yield part

    def take(self, path: str, file: Path) -> None:
        """Write a file with the content of one of `scratch`, which is moved where it can be; whole or not at all."""
        with self._failures_told(path):
            self._place.take(_checked(path), file)

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
            with copy.open("xb") as file:
                for piece in self.pieces(path):
                    file.write(piece)
            yield copy

    @property
    def _folder(self) -> Path | None:
        if "://" not in self.uri:
            return Path(self.uri)
        return Path(self.uri.removeprefix("file://")) if self.uri.startswith("file://") else None

    @property
    def _place(self) -> _Folder | _Remote:
        folder = self._folder
        # a forked child must not use its parent's connections
        return _Folder(folder) if folder else _remote(self.uri, self.endpoint_url, os.getpid())

    @contextmanager
    def _failures_told(self, path: str) -> Iterator[None]:
        # the libraries behind fsspec share no base for their errors
        failures = OSError if self._folder else Exception
        try:
            yield
        except (StoreError, ConfigError):
            raise
        except failures as error:
            raise (_folder_failure if self._folder else _remote_failure)(self, path, error) from error


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


def _checked(path: str) -> str:
    """Return a path as it is, or refuse one that could lead out of the store."""
    if not path or "\\" in path or "\0" in path or any(part in {"", ".", ".."} for part in path.split("/")):
        raise StoreError(f"'{path}' is no path in a store (no leading '/', no '..', no '\\'); rename the file.")
    return path


class _Folder:
    """A folder of the file system."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes:
        with self._opened(path) as file:
            return file.read()

    def pieces(self, path: str) -> Iterator[bytes]:
        with self._opened(path) as file:
            while piece := file.read(_PIECE):
                yield piece

    @contextmanager
    def _opened(self, path: str) -> Iterator[BinaryIO]:
        number = os.open(self._inside(path), _PLAINLY)
        try:
            mode = os.fstat(number).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            if not stat.S_ISREG(mode):
                raise StoreError(f"{self.root / path} is a pipe or a device, where a file is needed; move it away.")
            with open(number, "rb", closefd=False) as file:
                yield file
        finally:
            os.close(number)

    @contextmanager
    def beside(self) -> Iterator[Path]:
        self.root.mkdir(parents=True, exist_ok=True)
        yield self.root

    def take(self, path: str, file: Path) -> None:
        target = self._inside(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as written:
            os.fsync(written.fileno())
        file.replace(target)

    def write(self, path: str, data: bytes) -> None:
        with self._written(path, data) as part:
            part.replace(self._inside(path))

    def create(self, path: str, data: bytes) -> bool:
        with self._written(path, data) as part:
            try:
                # unlike an exclusive open, a link shows the file only once it is whole
                os.link(part, self._inside(path))
            except FileExistsError:
                # over a network a link may be made, its answer lost, and the call made again
                return os.path.samefile(part, self.root / path)
            except OSError as error:
                if error.errno in {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}:
                    raise StoreError(
                        f"The file system of {self.root} has no hard links, which releases need; use another folder."
                    ) from error
                raise
        return True

    def exists(self, path: str) -> bool:
        return (self.root / path).is_file()

    def entries(self, folder: str) -> Iterator[Entry]:
        if any((self.root / part).is_symlink() for part in [Path(folder), *Path(folder).parents][:-1]):
            return
        for parent, folders, names in os.walk(self.root / folder, onerror=_raise_unless_absent):
            for name in [*names, *(one for one in folders if Path(parent, one).is_symlink())]:
                file = Path(parent, name)
                if name.startswith(".") and name.endswith(_PART):
                    continue
                with suppress(FileNotFoundError):  # gone since the folder was read
                    found = file.lstat()
                    modified = datetime.fromtimestamp(found.st_mtime, UTC)
                    is_file = stat.S_ISREG(found.st_mode)
                    yield Entry(file.relative_to(self.root).as_posix(), found.st_size, modified, is_file)

    def delete(self, path: str) -> None:
        self._inside(path).unlink(missing_ok=True)

    def _inside(self, path: str) -> Path:
        """Return where a path is; raises StoreError where a linked folder leads out of the store."""
        file = self.root / path
        if not file.parent.resolve().is_relative_to(self.root.resolve()):
            raise StoreError(f"A link in {self.root} leads out of it at {path}; put the folder itself there.")
        return file

    @contextmanager
    def _written(self, path: str, data: bytes) -> Iterator[Path]:
        """Write the data beside its place, for the body to move there; what is left of it goes."""
        folder = self._inside(path).parent
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{uuid.uuid4().hex}{_PART}"
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                # a release's last file must not reach the disk before its others
                os.fsync(file.fileno())
            yield part
        finally:
            part.unlink(missing_ok=True)


class _Remote:
    """A place behind fsspec."""

    def __init__(self, files: Any, root: str) -> None:
        self.files = files
        self.root = root.rstrip("/")
        self.is_s3 = "s3" in files.protocol

    def read(self, path: str) -> bytes:
        return self._range(path)

    def pieces(self, path: str) -> Iterator[bytes]:
        if not self.is_s3:
            with self.files.open(f"{self.root}/{path}", "rb", block_size=_PIECE) as file:
                while piece := file.read(_PIECE):
                    yield bytes(piece)
            return
        found = self.files.info(f"{self.root}/{path}")
        for begin in range(0, int(found["size"]), _PIECE):
            yield self._range(path, begin, min(begin + _PIECE, int(found["size"])))
        if self.files.info(f"{self.root}/{path}")["ETag"] != found["ETag"]:
            raise StoreError(f"The file {path} was replaced while it was read; {_AGAIN}.")

    def _range(self, path: str, begin: int | None = None, end: int | None = None) -> bytes:
        for wait in _WAITS:
            try:
                return bytes(self.files.cat_file(f"{self.root}/{path}", start=begin, end=end))
            except Exception as error:
                # the library makes a call again that was not answered, but not one whose answer breaks off
                if not wait or not _BROKEN_OFF.intersection(_causes(error)):
                    raise
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def beside(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="a4p-") as folder:
            yield Path(folder)

    def take(self, path: str, file: Path) -> None:
        self.files.put_file(str(file), f"{self.root}/{path}")

    def write(self, path: str, data: bytes) -> None:
        self.files.pipe_file(f"{self.root}/{path}", data)

    def create(self, path: str, data: bytes) -> bool:
        writer = uuid.uuid4().hex
        # some servers ignore the condition when an upload in parts ends: the chunk is larger than the whole
        given = {"chunksize": len(data) + 1, "Metadata": {"writer": writer}} if self.is_s3 else {}
        for wait in _WAITS:
            try:
                self.files.pipe_file(f"{self.root}/{path}", data, mode="create", **given)
                return True
            except FileExistsError:
                return self._is_by(writer, path)
            except OSError as error:
                causes = _causes(error)
                if {"PreconditionFailed", "412"}.intersection(causes):
                    return self._is_by(writer, path)
                if "ConditionalRequestConflict" not in causes or not wait:
                    raise
                time.sleep(wait)  # AWS: someone else is writing it at this moment, and may yet fail
        raise AssertionError("the last attempt returns or raises")

    def _is_by(self, writer: str, path: str) -> bool:
        """Tell whether a file that is there was created by this very call: its answer may have been lost."""
        try:
            return self.is_s3 and self.files.metadata(f"{self.root}/{path}").get("writer") == writer
        except FileNotFoundError:
            return False

    def exists(self, path: str) -> bool:
        try:
            return bool(self.files.info(f"{self.root}/{path}")["type"] == "file")
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise
            return False

    def entries(self, folder: str) -> Iterator[Entry]:
        top = f"{self.root}/{folder}" if folder else self.root
        for name, info in self._found(top).items():
            if info["type"] == "file" and name.startswith(f"{top}/") and not name.endswith("/"):
                yield Entry(name.removeprefix(f"{self.root}/"), int(info["size"] or 0), _modified(info))

    def _found(self, top: str) -> dict[str, Any]:
        try:
            return dict(self.files.find(top, detail=True))
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise
            return {}

    def delete(self, path: str) -> None:
        try:
            self.files.rm_file(f"{self.root}/{path}")
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise


@lru_cache
def _remote(uri: str, endpoint_url: str | None, process: int) -> _Remote:
    if uri.startswith("s3://"):
        return _Remote(_s3(endpoint_url or _aws_endpoint(), process), uri.removeprefix("s3://"))
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(uri)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"The store {uri} cannot be used ({error}); use a folder, or s3://bucket/prefix.") from None
    return _Remote(files, root)


@lru_cache
def _s3(endpoint_url: str | None, process: int) -> Any:
    import s3fs

    # an absent server is told after 15 seconds at most, one that takes a call and says nothing after 90
    config: dict[str, Any] = {
        "connect_timeout": 4,
        "read_timeout": 30,
        "retries": {"mode": "standard", "total_max_attempts": 3},
    }
    if endpoint_url:
        # servers other than AWS: many have no host name for each bucket, and do not know the newer checksums
        config |= {
            "s3": {"addressing_style": "path"},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
    files = s3fs.S3FileSystem(
        endpoint_url=endpoint_url,
        config_kwargs=config,
        use_listings_cache=False,
        skip_instance_cache=True,
        max_concurrency=1,  # more would ask for the size before each read
    )
    files.retries = 1  # its own attempts would multiply those above
    return files


def _aws_endpoint() -> str | None:
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


def _raise_unless_absent(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _modified(info: dict[str, Any]) -> datetime:
    """Return when a file was last written, as the file system's own word for it says; the epoch where it does not."""
    when = next((info[word] for word in ("LastModified", "mtime", "last_modified", "created") if info.get(word)), 0)
    if not isinstance(when, datetime):
        when = datetime.fromtimestamp(float(when), UTC)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _causes(error: BaseException) -> list[str]:
    """Return the codes that an S3 server gave, then the names of an error's classes and of the errors behind it."""
    codes: list[str] = []
    names: list[str] = []
    behind: BaseException | None = error
    while behind is not None:
        response = getattr(behind, "response", None)
        if isinstance(response, dict):
            codes.append(str(response.get("Error", {}).get("Code")))
        names += [kind.__name__ for kind in type(behind).__mro__]
        behind = behind.__cause__
    return codes + names


def _folder_failure(store: Store, path: str, error: BaseException) -> StoreError:
    number = getattr(error, "errno", None)
    where = store.local(path) if path else store.uri
    match number:
        case errno.ENOENT:
            return NotThere(f"There is no file {where}; check the name.")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return StoreError(f"There is no permission to use {where}; allow this user to read and write there.")
        case errno.ENOSPC | errno.EDQUOT:
            return StoreError(f"The disk of {store.uri} is full; make room on it and {_AGAIN}.")
        case errno.ENOTDIR | errno.EEXIST:
            return StoreError(f"A file stands where {where} needs a folder; move it away, or use another folder.")
        case errno.ELOOP:
            return StoreError(f"{where} is a link, where a file is needed; put the file itself there.")
        case errno.EISDIR:
            return StoreError(f"{where} is a folder, where a file is needed; move it away.")
        case errno.ENAMETOOLONG:
            return StoreError(f"The name {where} is too long for its disk; rename the file.")
    return StoreError(f"The folder {store.uri} failed ({getattr(error, 'strerror', None) or error}); check its disk.")


def _remote_failure(store: Store, path: str, error: BaseException) -> StoreError:
    # nothing of the errors' own texts: they may quote headers
    causes, server = _causes(error), store.endpoint_url or _aws_endpoint() or f"of {store.uri}"
    for words, kind, sentence in _MEANINGS:
        if set(words.split()).intersection(causes):
            return kind(sentence.format(store=store.uri, server=server, bucket=urlsplit(store.uri).netloc))
    if isinstance(error, FileNotFoundError):
        return NotThere(f"There is no file {store.at(path) if path else store.uri}; check the name.")
    return StoreError(f"The store {store.uri} failed ({causes[0]}); {_AGAIN}, and tell who runs it if that fails too.")
