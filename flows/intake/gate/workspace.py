"""Where the frames of one table are worked on: in memory, or on the disk where they are too large to be held.

Both give the same rows in the same order. Which of them a table goes by depends on its rows alone, so that the same
rows are the same bytes from run to run and from machine to machine.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Protocol

import polars as pl

from flows.stores import Store, checked, frames

# held, a row of twelve columns takes about 700 bytes with its text and its values, and is judged a fifth faster
MOST_ROWS_HELD = 1_000_000


class Desk(Protocol):
    """A way to read frames of the private store, hold those that are asked several times, and put results into it."""

    streamed: bool

    def scan(self, path: str) -> pl.LazyFrame:
        """Scan a frame of the store."""
        ...

    def held(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Return a frame so that it is worked out once, however many queries it is in."""
        ...

    def put(self, folder: str, frame: pl.LazyFrame) -> tuple[str, pl.LazyFrame]:
        """Write a frame under a folder, named by the hash of its bytes; return its path, and the frame as written."""
        ...


def desk_for(rows: int, store: Store, stack: ExitStack) -> Desk:
    """Return the desk for a table of so many rows; what lies on the disk goes when the stack is closed."""
    return OnDisk(store, stack) if rows > MOST_ROWS_HELD else InMemory(store)


class InMemory:
    """The desk for most tables."""

    streamed = False

    def __init__(self, store: Store) -> None:
        """Work on frames of a store."""
        self._store = store

    def scan(self, path: str) -> pl.LazyFrame:
        """Scan a frame of the store."""
        return frames.scan(self._store, path)

    def held(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Hold a frame in memory; of so few rows the streaming engine would spend three times as long."""
        return frame.collect(engine="in-memory").lazy()

    def put(self, folder: str, frame: pl.LazyFrame) -> tuple[str, pl.LazyFrame]:
        """Write a frame that is held."""
        whole = frame.collect(engine="in-memory")
        return frames.put(self._store, folder, whole), whole.lazy()


class OnDisk:
    """The desk for what is too large to be held; a column at a time is, where a rule asks for all of it."""

    streamed = True

    def __init__(self, store: Store, stack: ExitStack) -> None:
        """Work on frames of a store; the stack keeps what lies on the disk meanwhile."""
        self._store, self._stack = store, stack

    def scan(self, path: str) -> pl.LazyFrame:
        """Scan a frame of the store, a copy of it where the store is no folder; it is checked first."""
        return pl.scan_parquet(self._stack.enter_context(checked.near(self._store, path)))

    def held(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Write a frame beside the store's files, for as long as it is needed."""
        file = self._stack.enter_context(self._store.scratch())
        frame.sink_parquet(file, compression="lz4", row_group_size=frames.ROWS_AT_A_TIME, maintain_order=True)
        return pl.scan_parquet(file)

    def put(self, folder: str, frame: pl.LazyFrame) -> tuple[str, pl.LazyFrame]:
        """Write a frame as it comes."""
        file = self._stack.enter_context(self._store.scratch())
        frames.sink(frame, file)
        path = frames.put_file(self._store, folder, file)
        return path, pl.scan_parquet(self._store.local(path) or file)
