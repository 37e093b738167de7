"""A place behind fsspec: object storage, or another file system of the network."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from config.errors import ConfigError
from flows.core import temporary
from flows.core.errors import NotThere, NotWhole, StoreError, Unanswered
from flows.stores import answers
from flows.stores.answers import Answer
from flows.stores.entry import AGAIN, PIECE, Entry, is_one_in_each

T = TypeVar("T")
_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_NO_BUCKET = frozenset({"NoSuchBucket", "404"})
_BROKEN_OFF = frozenset({"ClientPayloadError", "ResponseStreamingError", "IncompleteReadError"})
# of an answer with a bit or a byte that is wrong; the last two where the library takes a list or a head apart
_GARBLED = frozenset({"Torn", "ResponseParserError", "BadHttpMessage", "ClientResponseError", "ValueError", "KeyError"})
# calls at a time, over as many connections
AT_ONCE = 32
_LONG_LIST = 60_000_000  # bytes
_WAITS = (0.1, 0.3, 0.9, 0)  # seconds between four attempts

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
        f"The store {{store}} takes no more data; make room in it and {AGAIN}.",
    ),
    (
        "SlowDown ServiceUnavailable InternalError OperationAborted 500 502 503 504",
        Unanswered,
        f"The store {{store}} is overloaded or out of order; {AGAIN} later.",
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
        "Torn",
        NotWhole,
        f"The server {{server}} gives other bytes than those it has of {{where}}; check the network to it and {AGAIN}, "
        "and bring the file back from a backup if that fails too.",
    ),
    (
        f"{' '.join(sorted(_BROKEN_OFF))} ResponseParserError BadHttpMessage ClientResponseError",
        Unanswered,
        f"The server {{server}} breaks off or garbles its answers; check the network to it and {AGAIN} later.",
    ),
)


class Remote:
    """A place behind fsspec; it is `unprotected` where answers come without TLS, so that they may be garbled."""

    def __init__(self, files: Any, root: str, unprotected: bool = False) -> None:
        self.files, self.unprotected = files, unprotected
        self.root = root.rstrip("/")
        self.is_s3 = "s3" in files.protocol

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        if self.is_s3:
            return self._got(path).data
        return _again(lambda: bytes(self.files.cat_file(f"{self.root}/{path}")))

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield a file's content piece by piece, all of one version. Raises Torn at the end where it is not whole."""
        if not self.is_s3:
            with self.files.open(f"{self.root}/{path}", "rb", block_size=PIECE) as file:
                while piece := file.read(PIECE):
                    yield bytes(piece)
            return
        found = self._info(path)
        size, etag = int(found["size"]), str(found["ETag"]).strip('"')
        if size <= PIECE:
            yield self._got(path).data
            return
        content, md5 = hashlib.md5(usedforsecurity=False), None
        for begin in range(0, size, PIECE):
            answer = self._got(path, begin, min(begin + PIECE, size))
            if answer.etag != etag:
                raise StoreError(f"The file {path} was replaced while it was read; {AGAIN}.")
            content.update(answer.data)
            md5 = answer.md5
            yield answer.data
        if md5 and content.hexdigest() != md5:
            raise answers.Torn("the content is not that of the ETag")

    def _got(self, path: str, begin: int | None = None, end: int | None = None) -> Answer:
        """Return what an S3 server has of a file; an answer that is not whole is asked for again."""
        from fsspec.asyn import sync

        def call() -> Answer:
            answer: Answer = sync(self.files.loop, answers.got, self.files, f"{self.root}/{path}", begin, end)
            return answer

        return _again(call)

    def _info(self, path: str) -> dict[str, Any]:
        return _again(lambda: dict(self.files.info(f"{self.root}/{path}", **self._within())))

    def _within(self, size: int = 0) -> dict[str, float]:
        """Return what limits the time of a call that moves so many bytes; other libraries have limits of their own."""
        return {"timeout": answers.limit(size)} if self.is_s3 else {}

    @contextmanager
    def beside(self) -> Iterator[Path]:
        """Give a folder of this machine that goes at the end."""
        with temporary.folder() as folder:
            yield folder

    def take(self, path: str, file: Path) -> None:
        """Send a file of `beside` to its place."""
        self.files.put_file(str(file), f"{self.root}/{path}", **self._within(file.stat().st_size))

    def write(self, path: str, data: bytes, *, lasting: bool = True) -> None:
        """Write a file, new or over the old one; a server has it once it answers, whether it is `lasting` or not."""
        self.files.pipe_file(f"{self.root}/{path}", data, **self._within(len(data)))

    def create(self, path: str, data: bytes) -> bool:
        """Write a file only if there is none of that name, and tell whether this call did."""
        writer = uuid.uuid4().hex
        # some servers ignore the condition when an upload in parts ends: the chunk is larger than the whole
        given = {"chunksize": len(data) + 1, "Metadata": {"writer": writer}} if self.is_s3 else {}
        for wait in _WAITS:
            try:
                self.files.pipe_file(f"{self.root}/{path}", data, mode="create", **given, **self._within(len(data)))
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
            if not self.is_s3:
                return False
            said = _again(lambda: dict(self.files.metadata(f"{self.root}/{path}", **self._within())))
            return said.get("writer") == writer
        except FileNotFoundError:
            return False

    def exists(self, path: str) -> bool:
        """Tell whether a file is there; raises where there is no bucket."""
        try:
            return bool(self._info(path)["type"] == "file")
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise
            return False

    def entries(self, folder: str) -> Iterator[Entry]:
        """Yield the files below a folder."""
        yield from (entry for entry, _ in self.listed(folder))

    def listed(self, folder: str) -> Iterator[tuple[Entry, str]]:
        """Yield the files below a folder, each with its ETag, '' where the place has none."""
        top = f"{self.root}/{folder}" if folder else self.root
        for name, info in self._found(top).items():
            if info["type"] == "file" and name.startswith(f"{top}/") and not name.endswith("/"):
                entry = Entry(name.removeprefix(f"{self.root}/"), int(info["size"] or 0), _modified(info))
                yield entry, str(info.get("ETag") or "").strip('"')

    def one_in_each(self, folder: str, name: str) -> Iterator[Entry]:
        """Yield the files of a name in the folders of a folder."""
        yield from (one for one in self.entries(folder) if is_one_in_each(one.path, folder, name))

    def unfinished(self) -> Iterator[Entry]:
        """Yield nothing: a file is there once it was sent whole."""
        yield from ()

    def children(self, folder: str) -> Iterator[Entry]:
        """Yield what stands in a folder itself: files and folders."""
        top = f"{self.root}/{folder}" if folder else self.root
        try:
            found = self._sure(lambda: list(self.files.ls(top, detail=True, **self._within())))
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise
            return
        for info in found:
            path = info["name"].rstrip("/").removeprefix(f"{self.root}/")
            if path not in {"", folder, self.root}:
                is_folder = info["type"] == "directory"
                yield Entry(path, int(info["size"] or 0), _modified(info), not is_folder, is_folder)

    def _found(self, top: str) -> dict[str, Any]:
        try:
            # a list of very many files is many calls
            return self._sure(lambda: dict(self.files.find(top, detail=True, **self._within(_LONG_LIST))))
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise
            return {}

    def _sure(self, call: Callable[[], T]) -> T:
        """Return a list of files; of an unprotected one, which has no checksum, what was answered twice.

        While others write, no two may be the same: the last one is then as good as any.
        """
        found = _again(call)
        for _ in _WAITS if self.unprotected else ():
            once_more = _again(call)
            if once_more == found:
                break
            found = once_more
        return found

    def delete(self, path: str) -> None:
        """Remove a file, if it is there."""
        try:
            self.files.rm_file(f"{self.root}/{path}", **self._within())
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise


def _again(call: Callable[[], T]) -> T:
    """Return what a call returns; it is made again where its answer breaks off or is not whole."""
    for wait in _WAITS:
        try:
            return call()
        except Exception as error:
            # the library makes a call again that was not answered, but not one whose answer breaks off
            if not wait or not (_BROKEN_OFF | _GARBLED).intersection(_names(error)) or _is_not_there(error):
                raise
            time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def _is_not_there(error: Exception) -> bool:
    """Tell whether it is said that there is no such file, as some libraries do after a KeyError of their own."""
    return isinstance(error, FileNotFoundError) and isinstance(error.__cause__, KeyError)


@lru_cache
def connected(uri: str, endpoint_url: str | None, process: int) -> Remote:
    """Return the place behind a URI; its connection is kept for each process."""
    if uri.startswith("s3://"):
        server = endpoint_url or _aws_endpoint()
        return Remote(_s3(server, process), uri.removeprefix("s3://"), (server or "").startswith("http://"))
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(uri)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"The store {uri} cannot be used ({error}); use a folder, or s3://bucket/prefix.") from None
    return Remote(files, root)


@lru_cache
def _s3(endpoint_url: str | None, process: int) -> Any:
    import s3fs

    # an absent server is told after 15 seconds at most, one that takes a call and says nothing after 90
    config: dict[str, Any] = {
        "connect_timeout": 4,
        "read_timeout": 30,
        "max_pool_connections": AT_ONCE,
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


def _modified(info: dict[str, Any]) -> datetime:
    """Return when a file was last written, as the file system's own word for it says; the epoch where it does not."""
    when = next((info[word] for word in ("LastModified", "mtime", "last_modified", "created") if info.get(word)), 0)
    if not isinstance(when, datetime):
        when = datetime.fromtimestamp(float(when), UTC)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _causes(error: BaseException) -> list[str]:
    """Return the codes that an S3 server gave, then the names of an error's classes and of the errors behind it."""
    codes = [
        str(response.get("Error", {}).get("Code"))
        for behind in _behind(error)
        if isinstance(response := getattr(behind, "response", None), dict)
    ]
    return codes + [kind.__name__ for behind in _behind(error) for kind in type(behind).__mro__]


def _names(error: BaseException) -> list[str]:
    """Return the names of an error's own class, and of those of the errors behind it."""
    return [type(behind).__name__ for behind in _behind(error)]


def _behind(error: BaseException) -> Iterator[BaseException]:
    behind: BaseException | None = error
    while behind is not None:
        yield behind
        behind = behind.__cause__


def failure(uri: str, endpoint_url: str | None, where: str, error: BaseException) -> StoreError:
    """Return what is told of a server that failed; `where` is the path that was asked for."""
    # nothing of the errors' own texts: they may quote headers
    causes, server = _causes(error), endpoint_url or _aws_endpoint() or f"of {uri}"
    for words, kind, sentence in _MEANINGS:
        if set(words.split()).intersection(causes):
            return kind(sentence.format(store=uri, server=server, bucket=urlsplit(uri).netloc, where=where))
    if isinstance(error, FileNotFoundError):
        return NotThere(f"There is no file {where}; check the name.")
    return StoreError(f"The store {uri} failed ({causes[0]}); {AGAIN}, and tell who runs it if that fails too.")
