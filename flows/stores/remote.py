"""A place behind fsspec: object storage, or another file system of the network."""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.errors import ConfigError
from flows.core.errors import NotThere, StoreError, Unanswered
from flows.stores.entry import AGAIN, PIECE, Entry

_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_NO_BUCKET = frozenset({"NoSuchBucket", "404"})
_BROKEN_OFF = frozenset({"ClientPayloadError", "ResponseStreamingError", "IncompleteReadError"})
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
        " ".join(sorted(_BROKEN_OFF)),
        Unanswered,
        f"The server {{server}} breaks off its answers; check the network to it and {AGAIN} later.",
    ),
)


class Remote:
    """A place behind fsspec."""

    def __init__(self, files: Any, root: str) -> None:
        self.files = files
        self.root = root.rstrip("/")
        self.is_s3 = "s3" in files.protocol

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        return self._range(path)

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield a file's content piece by piece, all of one version."""
        if not self.is_s3:
            with self.files.open(f"{self.root}/{path}", "rb", block_size=PIECE) as file:
                while piece := file.read(PIECE):
                    yield bytes(piece)
            return
        found = self.files.info(f"{self.root}/{path}")
        for begin in range(0, int(found["size"]), PIECE):
            yield self._range(path, begin, min(begin + PIECE, int(found["size"])))
        # one piece is of one version
        if int(found["size"]) > PIECE and self.files.info(f"{self.root}/{path}")["ETag"] != found["ETag"]:
            raise StoreError(f"The file {path} was replaced while it was read; {AGAIN}.")

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
        """Give a folder of this machine that goes at the end."""
        with tempfile.TemporaryDirectory(prefix="a4p-") as folder:
            yield Path(folder)

    def take(self, path: str, file: Path) -> None:
        """Send a file of `beside` to its place."""
        self.files.put_file(str(file), f"{self.root}/{path}")

    def write(self, path: str, data: bytes) -> None:
        """Write a file, new or over the old one."""
        self.files.pipe_file(f"{self.root}/{path}", data)

    def create(self, path: str, data: bytes) -> bool:
        """Write a file only if there is none of that name, and tell whether this call did."""
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
        """Tell whether a file is there; raises where there is no bucket."""
        try:
            return bool(self.files.info(f"{self.root}/{path}")["type"] == "file")
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise
            return False

    def entries(self, folder: str) -> Iterator[Entry]:
        """Yield the files below a folder."""
        top = f"{self.root}/{folder}" if folder else self.root
        for name, info in self._found(top).items():
            if info["type"] == "file" and name.startswith(f"{top}/") and not name.endswith("/"):
                yield Entry(name.removeprefix(f"{self.root}/"), int(info["size"] or 0), _modified(info))

    def children(self, folder: str) -> Iterator[Entry]:
        """Yield what stands in a folder itself: files and folders."""
        top = f"{self.root}/{folder}" if folder else self.root
        try:
            found = self.files.ls(top, detail=True)
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
            return dict(self.files.find(top, detail=True))
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise
            return {}

    def delete(self, path: str) -> None:
        """Remove a file, if it is there."""
        try:
            self.files.rm_file(f"{self.root}/{path}")
        except FileNotFoundError as error:
            if _NO_BUCKET.intersection(_causes(error)):
                raise


@lru_cache
def connected(uri: str, endpoint_url: str | None, process: int) -> Remote:
    """Return the place behind a URI; its connection is kept for each process."""
    if uri.startswith("s3://"):
        return Remote(_s3(endpoint_url or _aws_endpoint(), process), uri.removeprefix("s3://"))
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


def failure(uri: str, endpoint_url: str | None, where: str, error: BaseException) -> StoreError:
    """Return what is told of a server that failed; `where` is the path that was asked for."""
    # nothing of the errors' own texts: they may quote headers
    causes, server = _causes(error), endpoint_url or _aws_endpoint() or f"of {uri}"
    for words, kind, sentence in _MEANINGS:
        if set(words.split()).intersection(causes):
            return kind(sentence.format(store=uri, server=server, bucket=urlsplit(uri).netloc))
    if isinstance(error, FileNotFoundError):
        return NotThere(f"There is no file {where}; check the name.")
    return StoreError(f"The store {uri} failed ({causes[0]}); {AGAIN}, and tell who runs it if that fails too.")
