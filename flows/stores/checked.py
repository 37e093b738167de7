"""Files of a store that are held against a checksum when they are read, so that a flipped bit is never taken for data.

Two kinds of file, by where their checksum stands:

- Named by their content: the name is the SHA-256 (`staged/noticas/<sha256>.parquet`), or it is known otherwise.
- Documents, which are replaced or whose name says what they are about: a JSON object or a Parquet file that holds its
  own checksum, as the last key of the object or among the file's metadata; or an e-mail, as its first header. All stay
  what they are for other programs.
  One without a checksum was written by version 0.5.0 or before: it is taken as it is, where it can be read at all.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import polars as pl
from pydantic import TypeAdapter, ValidationError

from flows.core.errors import NotThere, NotWhole
from flows.stores import Store

T = TypeVar("T")

FROM_A_BACKUP = "bring it back from a backup of the private store"
MADE_AGAIN = "a4p refresh makes it again while it is in use, else bring it back from a backup of the private store"
# of a raw file; the same content is the same under any name
RECEIVED_AGAIN = (
    "put the same file into the inbox again and refresh, or bring it back from a backup of the private store"
)

# two words that stand in no text: where one of them is damaged the other still says that there was a checksum
_KEY, _WORD, _BLANK = "a4p_checksum", "a4p_sha256:", "0" * 64
_CHECKSUM = re.compile(rf"{_KEY}.{{2,4}}{_WORD}([0-9a-f]{{64}})".encode(), re.DOTALL)
_LAST_KEY = f'\n  "{_KEY}": "{_WORD}{_BLANK}"\n}}'.encode()
_HEADER = re.compile(rf"{_KEY}: {_WORD}([0-9a-f]{{64}})".encode())
_NAMED = re.compile("[0-9a-f]{64}")
# of Polars: what it says of a file that is no Parquet, or fails as
_NO_PARQUET = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, MemoryError)
# a JSON object of which the reader looks at each part itself
OBJECT = TypeAdapter(dict[str, Any])


class Damaged(NotWhole):
    """A file is not what was written; the text names it and says what to do."""


def damaged(store: Store, path: str, remedy: str) -> Damaged:
    """Return the error for a damaged file; `remedy` says what to do, without a full stop."""
    return Damaged(f"The file {store.at(path)} is damaged; {remedy}.")


# --- named by their content ------------------------------------------------------------------------------------------


def hash_in(path: str) -> str | None:
    """Return the SHA-256 that a path's last part is; None where it is none, so that the file cannot be checked."""
    stem = PurePosixPath(path).stem
    return stem if _NAMED.fullmatch(stem) else None


def is_whole(store: Store, path: str, sha256: str | None = None) -> bool:
    """Tell whether a file is there and is what its name says, or what `sha256` does; it is read in pieces.

    In a store that is held on a server it is the server's word for what it has that tells.
    """
    wanted = (sha256 or hash_in(path) or "").removeprefix("sha256:")
    if not wanted:
        return store.exists(path)
    known = store.known_hash(path)
    if known:
        return known == wanted
    digest = hashlib.sha256()
    try:
        for piece in store.pieces(path):
            digest.update(piece)
    except (NotThere, NotWhole):
        return False
    return digest.hexdigest() == wanted


def read(store: Store, path: str, sha256: str | None = None, remedy: str = MADE_AGAIN) -> bytes:
    """Return the content of a file named by it. Raises NotThere, and Damaged with what to do."""
    data, wanted = store.read(path), sha256 or hash_in(path)
    if wanted and hashlib.sha256(data).hexdigest() != wanted:
        raise damaged(store, path, remedy)
    return data


@contextmanager
def near(store: Store, path: str, sha256: str | None = None, remedy: str = MADE_AGAIN) -> Iterator[Path]:
    """Give the path on this machine's disk of a file named by its content, as `Store.near` does, once it is checked.

    Raises NotThere, and Damaged with what to do.
    """
    wanted = sha256 or hash_in(path)
    with store.near(path) as file:
        if wanted and hash_of(file) != wanted:
            raise damaged(store, path, remedy)
        yield file


def hash_of(file: Path) -> str:
    """Return the SHA-256 of a file, which is read in pieces."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def put(store: Store, path: str, data: bytes, *, lasting: bool = False) -> None:
    """Write a file named by its content, where it is not there yet or is damaged.

    Most can be made again by who misses them, and are not waited for; one that cannot is `lasting`.
    """
    if not is_whole(store, path, hashlib.sha256(data).hexdigest()):
        (store.write_soon if lasting else store.write_for_now)(path, data)


# --- documents -------------------------------------------------------------------------------------------------------


def write_json(store: Store, path: str, said: Mapping[str, Any] | bytes, *, lasting: bool = True) -> None:
    """Write a JSON object with its checksum, new or over the old one; `said` is the object or its JSON.

    One that can be made again is not `lasting`, and is not waited for.
    """
    (store.write if lasting else store.write_for_now)(path, with_checksum(said))


def create_json(store: Store, path: str, said: Mapping[str, Any] | bytes) -> bool:
    """Write a JSON object with its checksum where there is no file of that name; tell whether this call did."""
    return store.create(path, with_checksum(said))


def read_json(store: Store, path: str, kind: TypeAdapter[T], remedy: str = FROM_A_BACKUP) -> T:
    """Return what a JSON object of a store says, as the type that is asked for, without its checksum.

    Raises NotThere, and Damaged where it is not what was written or says nothing of that type.
    """
    return parsed(store, path, store.read(path), kind, remedy)


def parsed(store: Store, path: str, data: bytes, kind: TypeAdapter[T], remedy: str = FROM_A_BACKUP) -> T:
    """Return what the bytes of such a JSON object say, which were read from a path. Raises Damaged."""
    said = without_checksum(data)
    try:
        if said is not None:
            return kind.validate_json(said)
    except ValidationError:
        pass  # not its text: it quotes what stands there
    raise damaged(store, path, remedy)


def with_checksum(said: Mapping[str, Any] | bytes) -> bytes:
    """Return a JSON object with its checksum as the last key."""
    data = said if isinstance(said, bytes) else json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False).encode()
    data = data.rstrip()
    if not data.endswith(b"}"):
        raise ValueError("Only a JSON object can hold its checksum.")
    return _filled(data[:-1].rstrip() + (b"" if data[:-1].strip() == b"{" else b",") + _LAST_KEY)


def without_checksum(data: bytes) -> bytes | None:
    """Return a JSON object without its checksum, as it is where it never had one; None where it is damaged."""
    if not _holds(data):
        return None
    if not _CHECKSUM.search(data):
        return data
    return data[: -len(_LAST_KEY)].removesuffix(b",") + b"}"


def with_header(mail: bytes) -> bytes:
    """Return an e-mail with the checksum of all the rest as its first header."""
    return f"{_KEY}: {_WORD}{hashlib.sha256(mail).hexdigest()}\r\n".encode() + mail


def holds(mail: bytes) -> bool:
    """Tell whether an e-mail is what its checksum says; also where it has none, if there is a message at all."""
    header, _, rest = mail.partition(b"\r\n")
    if said := _HEADER.fullmatch(header):
        return said[1] == hashlib.sha256(rest).hexdigest().encode()
    return b"\r\n\r\n" in mail and _KEY.encode() not in header and _WORD.encode() not in header


def write_frame(store: Store, path: str, frame: pl.DataFrame) -> None:
    """Write a frame as Parquet with its checksum, new or over the old one."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True, metadata={_KEY: _WORD + _BLANK})
    store.write(path, _filled(buffer.getvalue()))


def read_frame(store: Store, path: str, remedy: str = FROM_A_BACKUP) -> pl.DataFrame:
    """Return a frame of a store. Raises NotThere, and Damaged where it is not what was written."""
    data = store.read(path)
    if _holds(data):
        try:
            return pl.read_parquet(io.BytesIO(data))
        except _NO_PARQUET:
            pass  # not its text: it may quote a cell
    raise damaged(store, path, remedy)


def _filled(data: bytes) -> bytes:
    """Put the checksum into its place: that of the data with zeros there."""
    place = data.rindex(f"{_WORD}{_BLANK}".encode()) + len(_WORD)
    return data[:place] + hashlib.sha256(data).hexdigest().encode() + data[place + len(_BLANK) :]


def _holds(data: bytes) -> bool:
    """Tell whether data are what their checksum says; also where they have none."""
    *_, last = [None, *_CHECKSUM.finditer(data)]
    if last is None:
        return _KEY.encode() not in data and _WORD.encode() not in data
    blank = data[: last.start(1)] + _BLANK.encode() + data[last.end(1) :]
    return hashlib.sha256(blank).hexdigest().encode() == last[1]
