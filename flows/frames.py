"""Frames in a store: written by content hash, so that a path says what it holds, and scanned lazily."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable

import polars as pl

from flows.store import Store


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


def scan_all(store: Store, paths: Iterable[str], schema: dict[str, pl.DataType] | None = None) -> pl.LazyFrame:
    """Scan several Parquet files of one schema as one frame; an empty frame of `schema` where there are none."""
    frames = [scan(store, path) for path in paths]
    return pl.concat(frames) if frames else pl.LazyFrame(schema=schema)


def parquet(frame: pl.DataFrame) -> bytes:
    """Return a frame as the bytes of a Parquet file."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    return buffer.getvalue()
