"""Frames in a store: written by content hash, so that a path says what it holds, and scanned lazily."""

from __future__ import annotations

import hashlib
import io
import re

import polars as pl

from flows.store import Store

# also as a keyboard for East Asian languages writes them
_LIKE_A_FORMULA = r"\A[=+\-@\t\r\n＝＋－＠]"


def put(store: Store, folder: str, frame: pl.DataFrame) -> str:
    """Write a frame as Parquet under `folder`, named by the hash of its bytes, and return its path."""
    data = parquet(frame)
    path = f"{folder}/{hashlib.sha256(data).hexdigest()}.parquet"
    if not store.exists(path):
        store.write(path, data)
    return path


def scan(store: Store, path: str) -> pl.LazyFrame:
    """Scan a Parquet file of a store."""
    local = store.local(path)
    return pl.scan_parquet(local) if local else pl.read_parquet(io.BytesIO(store.read(path))).lazy()


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
