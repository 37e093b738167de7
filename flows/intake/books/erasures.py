"""Files that were erased: what the record of decisions says of them, and what the ledger has to forget.

A decision to erase names the file by its SHA-256, and the slots in which it was received; not by its name, which may be
personal. It cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from flows.core.canonical import as_json
from flows.core.errors import NotThere
from flows.intake.books.record import Entry
from flows.stores import Store, checked

ERASE = "erase"
_LEDGER = "ledger"
_RECEIVED = TypeAdapter(dict[str, Any])
_NUMBERS = TypeAdapter(dict[str, str])
_COUNTED = TypeAdapter(dict[str, Any])


@dataclass(frozen=True)
class Erased:
    """A file that is to be erased: its SHA-256, and in which slots it was received, each in one word."""

    sha256: str
    slots: tuple[str, ...] = ()

    @property
    def sources(self) -> frozenset[str]:
        """The sources that it was received of."""
        return frozenset(PurePosixPath(slot).parts[1] for slot in self.slots)

    @property
    def cycles(self) -> frozenset[str]:
        """The folders of the cycles that it was received for."""
        return frozenset(PurePosixPath(slot).parts[0] for slot in self.slots)


@dataclass(frozen=True)
class Trace:
    """What is to be found of a file: its names that no other file has, and all that it had in refreshes by cycle."""

    erased: Erased
    names: frozenset[str]
    files: Mapping[str, frozenset[str]]
    tables: Collection[str]

    @property
    def named(self) -> str | None:
        """A pattern that finds one of its own names in a text, as words of it; None where it has none."""
        return rf"(?:^|\W)(?:{'|'.join(map(re.escape, sorted(self.names)))})(?:\W|$)" if self.names else None

    def names_it(self, text: str) -> bool:
        """Tell whether a text has one of its own names in it."""
        return bool(self.named and re.search(self.named, text))


def decided(there: Iterable[Entry]) -> dict[str, Entry]:
    """Return by SHA-256 the first decision of a record to erase each file."""
    found: dict[str, Entry] = {}
    for entry in there:
        if entry.kind == ERASE:
            found.setdefault(entry.about["sha256"], entry)
    return found


def days(there: Iterable[Entry]) -> dict[str, str]:
    """Return by SHA-256 the days on which it was decided to erase files."""
    return {sha256: f"{entry.on:%Y-%m-%d}" for sha256, entry in decided(there).items()}


def of(entry: Entry) -> Erased:
    """Return what a decision to erase is about."""
    return Erased(entry.about["sha256"], tuple(entry.about["slots"]))


def received(sha256: str, private: Store, sources: Collection[str] = ()) -> Erased:
    """Return a file with the slots in which it was received, as it lies in the private store.

    `sources` are those to look at, all where there is none. Raises StoreError where the store fails.
    """
    slots = []
    for path in raw(sha256, private, sources):
        where = PurePosixPath(path)
        if where.parent.name == "received" and "-" in where.stem:
            cycle, _, mission = where.stem.rpartition("-")
            slots.append("/".join((cycle, where.parts[1], *([mission] if mission != "ALL" else []))))
    return Erased(sha256, tuple(sorted(set(slots))))


def raw(sha256: str, private: Store, sources: Collection[str] = ()) -> list[str]:
    """Return the paths at which a file and its notes lie in the private store, the notes of its receipt last."""
    every = sources or [PurePosixPath(one.path).name for one in private.children("raw") if one.is_folder]
    paths = [entry.path for source in every for entry in private.entries(f"raw/{source}/{sha256}")]
    return sorted(paths, key=lambda path: ("/received/" in path, path))


def kept(private: Store) -> set[str]:
    """Return the SHA-256 of every file that lies in the private store."""
    sources = (one.path for one in private.children("raw") if one.is_folder)
    return {PurePosixPath(one.path).name for source in sources for one in private.children(source) if one.is_folder}


def back(there: Iterable[Entry], private: Store) -> list[Entry]:
    """Return the decisions to erase of which the file is in the private store: it came back, or is still there."""
    return [entry for sha256, entry in decided(there).items() if raw(sha256, private, of(entry).sources)]


def trace(erased: Erased, private: Store, tables: Collection[str]) -> Trace:
    """Return what is to be found of a file; `tables` are those of its sources. Raises Damaged, StoreError."""
    carried: dict[str, set[str]] = {}
    files: dict[str, frozenset[str]] = {}
    for path in raw(erased.sha256, private, erased.sources):
        if "/received/" in path:
            said = checked.read_json(private, path, _RECEIVED)
            carried.setdefault(str(said["file"]), set()).add(erased.sha256)
    for entry in private.entries(_LEDGER):
        where = PurePosixPath(entry.path)
        if where.name in ("submissions.parquet", "sent.parquet"):
            pairs = checked.read_frame(private, entry.path).select("file", "sha256").rows()
            for file, sha256 in pairs:
                carried.setdefault(file, set()).add(sha256)
            own = frozenset(file for file, sha256 in pairs if sha256 == erased.sha256)
            if where.name == "submissions.parquet":
                files[where.parent.name] = own
    of_names: dict[str, set[str]] = {}
    for file, hashes in carried.items():
        of_names.setdefault(PurePosixPath(file).name, set()).update(hashes)
    only_its_own = {name for name, hashes in of_names.items() if hashes == {erased.sha256}}
    return Trace(erased, frozenset(only_its_own), files, tables)


def forget(of: Trace, private: Store) -> int:
    """Take out of the ledgers of all cycles what is of a file, or names it; return how many files were written anew.

    That are its findings, numbers and sums, and what was asked about a later number of its source, which may quote one
    of it. What is still so comes back with the next refresh. Raises Damaged, StoreError.
    """
    # what says which file is meant goes last: who is stopped before begins again
    paths = sorted((entry.path for entry in private.entries(_LEDGER)), key=lambda path: ("submissions" in path, path))
    return sum(_forgotten(path, of, private) for path in paths)


def _forgotten(path: str, of: Trace, private: Store) -> bool:
    where = PurePosixPath(path)
    cycle = where.stem if len(where.parts) == 2 else where.parent.name
    with suppress(NotThere):
        if where.suffix == ".parquet":
            frame = checked.read_frame(private, path)
            left = frame.filter(~of_it(frame, of, cycle))
            if left.height < frame.height:
                checked.write_frame(private, path, left)
                return True
        elif where.name == "counted.json":
            return _thinned(private, path, _COUNTED, lambda name: name in of.files.get(cycle, ()) or of.names_it(name))
        elif where.name == "numbers.json" and cycle in of.erased.cycles:
            return _thinned(private, path, _NUMBERS, lambda name: name in of.tables)
    return False


def of_it(frame: pl.DataFrame, of: Trace, cycle: str) -> pl.Expr:
    """Return which rows of a table of a cycle's folder are of a file, name it, or may quote a number of it."""
    sha256, names = of.erased.sha256, frame.columns
    hashed = next((name for name in ("sha256", "sent_as") if name in names), None)
    own = pl.lit(False)
    if hashed:
        own = own | (pl.col(hashed) == sha256).fill_null(False)
    if "file" in names and hashed != "sha256":
        unknown = pl.col(hashed).is_null() if hashed else pl.lit(True)
        own = own | (pl.col("file").is_in(list(of.files.get(cycle, ()))).fill_null(False) & unknown)
    if "earlier" in names and any(before < cycle for before in of.erased.cycles):
        own = own | (pl.col("source").is_in(list(of.erased.sources)) & pl.col("earlier").is_not_null())
    texts = [name for name in names if frame.schema[name] == pl.String]
    if of.named:
        own = own | pl.any_horizontal(pl.col(texts).str.contains(of.named).fill_null(False))
    return own


def _thinned(private: Store, path: str, kind: TypeAdapter[dict[str, Any]], goes: Callable[[str], bool]) -> bool:
    said = checked.read_json(private, path, kind)
    left = {name: one for name, one in said.items() if not goes(name)}
    if len(left) < len(said):
        checked.write_json(private, path, left)
    return len(left) < len(said)


def without_names(said: Any, of: Trace) -> Any:
    """Return a document without the file's own names: `erased` stands in their place."""
    if isinstance(said, dict):
        return {key: without_names(one, of) for key, one in said.items()}
    if isinstance(said, list):
        return [without_names(one, of) for one in said]
    if isinstance(said, str):
        for name in of.names:
            said = said.replace(name, "erased")
    return said


def quoted(of: Trace, there: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the other decisions of a record that name a file by its hash or name; they stay as they are."""
    for entry in there:
        text = as_json(dict(entry.about)).decode()
        if entry.kind != ERASE and (of.erased.sha256 in text or of.names_it(text) or of.names_it(entry.reason)):
            yield entry
