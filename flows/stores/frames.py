"""Frames in a store: written by content hash, so that a path says what it holds, and scanned lazily."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import polars as pl

from flows.stores import Store, checked

# rows that are written together where a frame is too large to be held; the same rows are then the same bytes
ROWS_AT_A_TIME = 262_144
# a file up to this size is checked and scanned as it is read once; a larger one is read for each
_MOST_BYTES_HELD = 1 << 25
# also as a keyboard for East Asian languages writes them
_LIKE_A_FORMULA = r"\A[=+\-@\t\r\n＝＋－＠]"


def put(store: Store, folder: str, frame: pl.DataFrame, *, lasting: bool = False) -> str:
    """Write a frame as Parquet under `folder`, named by the hash of its bytes, and return its path.

    A file of that name which is damaged is written anew; `lasting` says that who reads it could not make it again.
    """
    data = parquet(frame)
    path = f"{folder}/{hashlib.sha256(data).hexdigest()}.parquet"
    checked.put(store, path, data, lasting=lasting)
    return path


def sink(frame: pl.LazyFrame, file: Path) -> None:
    """Write a frame as Parquet to a file, row after row, without holding it; the same rows give the same bytes."""
    frame.sink_parquet(file, compression="zstd", statistics=True, row_group_size=ROWS_AT_A_TIME, maintain_order=True)


class Written:
    """A Parquet file written one frame after the other; `like` has the columns that each of them has."""

    def __init__(self, file: Path, like: pl.DataFrame) -> None:
        """Write to a file that is not there yet."""
        self._file, self._like = file, like
        self._waiting: list[pl.DataFrame] = []

    def __enter__(self) -> Written:
        """Begin."""
        import pyarrow.parquet

        self._writer = pyarrow.parquet.ParquetWriter(self._file, self._like.to_arrow().schema, compression="zstd")
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        """Write what is left, and end the file."""
        if not failed:
            self._write()
        self._writer.close()

    def add(self, frame: pl.DataFrame) -> None:
        """Write a frame after those before it."""
        self._waiting.append(frame)
        if sum(waiting.height for waiting in self._waiting) >= ROWS_AT_A_TIME:
            self._write()

    def _write(self) -> None:
        self._writer.write_table(pl.concat([self._like, *self._waiting]).to_arrow(), ROWS_AT_A_TIME)
        self._waiting.clear()


def put_file(store: Store, folder: str, file: Path) -> str:
    """Put a Parquet file of the store's scratch under `folder`, named by the hash of its bytes; return its path."""
    path = f"{folder}/{checked.hash_of(file)}.parquet"
    if not checked.is_whole(store, path):
        store.take(path, file)
    return path


def scan(store: Store, path: str) -> pl.LazyFrame:
    """Scan a Parquet file of a store, which is held against the hash in its name.

    Raises NotThere, and Damaged with what to do.
    """
    local = Path(store.local(path) or "")
    if local.is_file() and local.stat().st_size > _MOST_BYTES_HELD:
        with checked.near(store, path) as file:
            return pl.scan_parquet(file)
    return pl.scan_parquet(io.BytesIO(checked.read(store, path)))


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame for a CSV file: an apostrophe before each text, headers too, that begins like a formula.

    A spreadsheet would run what begins with = + - @, a tab or a line's end as a formula; the apostrophe tells it, and
    a person, that it is text. Numbers in columns of numbers stay as they are.
    """
    texts = pl.selectors.string() | pl.selectors.categorical() | pl.selectors.enum()
    safe = frame.with_columns(texts.cast(pl.String).str.replace(_LIKE_A_FORMULA, "'${0}"))
    return safe.rename({name: f"'{name}" for name in frame.columns if re.match(_LIKE_A_FORMULA, name)})


def parquet(frame: pl.DataFrame) -> bytes:
    """Return a frame as the bytes of a Parquet file."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    return buffer.getvalue()
