"""Erasing a file that was sent by mistake, with all that came from it, from the private store.

The decision is put into the record first: from then on the file is not read again, wherever it lies in the inbox. Then
the places below are gone through, its raw file last, so that who was stopped in between is known by it: the next
refresh, `a4p restore` or the same command goes through them again. A backup that is brought back is known in the same
way. What an erased file says is not written over on the disk, and a bucket that keeps versions keeps them: the runbook
says what to do there.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import polars as pl

from config import Config, ConfigError
from flows.core import logs
from flows.core.canonical import hash_of
from flows.core.errors import NotReadable, NotThere
from flows.intake.books import earlier, erasures, record
from flows.intake.books.erasures import Erased, Trace
from flows.intake.books.record import Decision, Entry
from flows.intake.read import limits
from flows.intake.receive import pulled
from flows.intake.receive.inbox import note_of
from flows.refresh import reuse
from flows.releases import copies_apart, editions, shelf
from flows.releases.made_with import Made, folder_of, made_of, made_with, to_refresh
from flows.releases.make import lineage
from flows.stores import Store, checked, frames
from flows.stores.checked import Damaged
from flows.stores.from_settings import Places

_LEAST_OF_A_HASH = 8
_HASH = re.compile(r"[0-9a-f]{8,64}")
_WHOLE = 64
# of a server, so many at a time are removed
_AT_ONCE = 16
# what was written for so long was left unfinished by who was killed
_UNFINISHED = timedelta(minutes=10)


@dataclass(frozen=True)
class Erasure:
    """What came of erasing a file: the decision, and how many files of each place went or were written anew.

    `again` tells whether it was decided before. `in_inbox` are the places where the file lies there, `made` the
    releases that were made with it, `quoted` the decisions that name it, `refresh` the cycles to refresh.
    """

    decision: Entry
    again: bool
    done: Mapping[str, int]
    in_inbox: tuple[str, ...]
    made: tuple[Made, ...]
    quoted: tuple[int, ...]
    refresh: tuple[int, ...]


@dataclass(frozen=True)
class _Of:
    """What is erased, and where."""

    trace: Trace
    since: datetime
    places: Places
    config: Config

    @property
    def erased(self) -> Erased:
        """The file."""
        return self.trace.erased


def erase(wanted: str, by: str, reason: str, now: datetime, places: Places, config: Config) -> Erasure:
    """Decide that a file is erased, and erase it; it is named by its SHA-256 or the beginning of that.

    Raises ConfigError where no file, or several, are meant; StoreError where a store fails: give the command again.
    """
    private = places.private
    there = record.entries(private)
    sha256 = _meant(wanted, there, places)
    before = erasures.decided(there).get(sha256)
    erased = erasures.of(before) if before else erasures.received(sha256, private)
    trace = erasures.trace(erased, private, _tables(erased, config))
    decision = before or record.add(_decision(erased, by, reason, config), now, private)
    size = _size(sha256, erased, private)
    done = remove(decision, places, config)
    made = tuple(made_with(erased, places, config))
    quoted = tuple(entry.number for entry in erasures.quoted(trace, there))
    lying = tuple(in_inbox(sha256, places.inbox, size))
    refresh = tuple(to_refresh(erased, made, places.public, config))
    return Erasure(decision, before is not None, done, lying, made, quoted, refresh)


def finish(there: Sequence[Entry], places: Places, config: Config) -> list[Entry]:
    """Erase again what was not erased to the end, or came back from a backup; return the decisions of these files.

    In: the record of decisions. Raises StoreError where a store fails.
    """
    back = erasures.back(there, places.private)
    for decision in back:
        says = f"A file that {decision.place} erased was in the private store, and is erased again."
        logs.warn("erased.again", says, decision=decision.number)
        remove(decision, places, config)
    return back


def remove(decision: Entry, places: Places, config: Config) -> dict[str, int]:
    """Go through all places, in their order; return how many files of each went or were written anew."""
    erased = erasures.of(decision)
    raw = erasures.raw(erased.sha256, places.private, erased.sources)
    if not raw and not erased.slots:
        return {}
    there = erasures.received(erased.sha256, places.private, erased.sources)
    erased = Erased(erased.sha256, tuple(sorted({*erased.slots, *there.slots})))
    trace = erasures.trace(erased, places.private, _tables(erased, config))
    of = _Of(trace, _since(raw, decision, places.private), places, config)
    return {place: count for place, one in PLACES.items() if (count := one(of))}


# --- the places ------------------------------------------------------------------------------------------------------


def _editions(of: _Of) -> int:
    """Remove the editions of each release that name the file: their pages and workbooks name rows, too."""
    gone = 0
    for place in copies_apart.places_of_editions(of.places).values():
        for cycle in of.config.cycles.values():
            for one in shelf.releases(of.places.public, cycle):
                paths = sorted(entry.path for entry in place.entries(one.path))
                tables = (place.read(path) for path in paths if path.endswith(".parquet"))
                if any(_names_it(data, of, cycle.folder) for data in tables):
                    # what says what the edition has goes last: who is stopped before begins again
                    gone += _deleted(sorted(paths, key=lambda path: path.endswith((editions.NAME, ".parquet"))), place)
    return gone


def _copies_of_editions(of: _Of) -> int:
    """Remove the copies of editions that name the file, and those of which that cannot be seen."""
    private, gone = of.places.private, 0
    for cycle in of.config.cycles.values():
        for path, files in copies_apart.every(private, cycle):
            tables = [data for name, data in files.items() if name.endswith(".parquet")]
            if not tables or any(_names_it(data, of, cycle.folder) for data in tables):
                gone += _deleted([path], private)
    return gone


def _names_it(table: bytes, of: _Of, cycle: str) -> bool:
    frame = pl.read_parquet(io.BytesIO(table))
    return not frame.filter(erasures.of_it(frame, of.trace, cycle)).is_empty()


def _lineages(of: _Of) -> int:
    """Take the file's name out of what is kept of the making of releases; its hash stays, as in the record."""
    private, changed = of.places.private, 0
    for entry in private.entries(lineage.FOLDER):
        with suppress(NotThere, Damaged):
            said = checked.read_json(private, entry.path, checked.OBJECT)
            left = erasures.without_names(said, of.trace)
            if left != said:
                checked.write_json(private, entry.path, left)
                changed += 1
    return changed


def _notes_of_pulls(of: _Of) -> int:
    return pulled.forget(of.erased.sha256, of.places.private)


def _ledger(of: _Of) -> int:
    return erasures.forget(of.trace, of.places.private)


def _drafts(of: _Of) -> int:
    """Remove drafts to its sources, of every cycle: a later one may have its rows in a template."""
    # it loads what writes mails, which no refresh needs
    from flows.feedback import alerts

    slots = {"/".join(PurePosixPath(slot).parts[1:]): of.since for slot in of.erased.slots}
    return alerts.drop_drafts(slots, of.config.cycles.values(), of.places.private)


def _results(of: _Of) -> int:
    """Remove all results: which came from which file is not written down, and each can be worked out again."""
    return _deleted((entry.path for entry in of.places.private.entries(reuse.FOLDER)), of.places.private, _AT_ONCE)


def _worked_out(of: _Of) -> int:
    """Remove all that was worked out, but what a release or a later cycle needs and that holds nothing of the file."""
    private, free = of.places.private, _free(of)
    every = (entry.path for folder in reuse.WORKED_OUT for entry in private.entries(folder))
    return _deleted((path for path in every if path not in free), private, _AT_ONCE)


def _unfinished(of: _Of) -> int:
    return of.places.private.drop_unfinished(_UNFINISHED)


def _raw(of: _Of) -> int:
    """Remove the file, and then the notes of its receipt; before it what says that the Hub gave it last."""
    private, sha256 = of.places.private, of.erased.sha256
    fetched = (
        entry.path
        for source in of.erased.sources
        for entry in private.entries(f"raw/{source}/fetched")
        if sha256.encode() in private.read(entry.path)
    )
    return _deleted([*fetched, *erasures.raw(sha256, private, of.erased.sources)], private)


# all places of what came from a file, in the order in which they are gone through
PLACES: Mapping[str, Callable[[_Of], int]] = {
    "kept": _results,
    "worked out": _worked_out,
    "alerts": _drafts,
    "internal": _editions,
    "editions": _copies_of_editions,
    "lineage": _lineages,
    "ledger": _ledger,
    "pulled": _notes_of_pulls,
    "unfinished": _unfinished,
    "raw": _raw,
}
# what else there is in the private store, and why it stays
STAYS: Mapping[str, str] = {
    "decisions": "a chain to which is only added; it names files by their hash, some also by their name",
    "decisions-copied": "the same",
    "withdrawals": "decisions of before there was a record",
    "releases": "copies of what was published, byte for byte",
    "inbox": "a hash of the names, sizes and times that the inbox had",
    "hash-key.json": "the key of published hashes, which hangs on no file",
    "runs": "counts and times of the last refresh",
}


def _free(of: _Of) -> set[str]:
    """Return what was worked out that something needs, and that holds nothing of the file."""
    private, config, tables, cycles = of.places.private, of.config, of.trace.tables, of.erased.cycles
    named: dict[str, bool] = {}

    def name(path: str | None, free: bool) -> None:
        if path:
            named[path] = named.get(path, True) and free

    for cycle in config.cycles.values():
        for table, path in earlier.noted(cycle, private).items():
            name(path, table not in tables or cycle.folder not in cycles)
        for one in shelf.releases(of.places.public, cycle):
            said = made_of(one, private)
            for kind in ("staged", "quarantine"):
                for table, path in said.get(kind, {}).items():
                    name(path, table not in tables or _has_none(path, of.erased.sha256, private))
            for table, numbers in said.get("history", {}).items():
                for number, path in numbers:
                    name(path, table not in tables or folder_of(number, config) not in cycles)
            # that of a release holds what is published; else it was worked out of all raw files
            published = str(said.get("previous")).startswith("previous/")
            name(said.get("previous"), published or folder_of(cycle.number - 1, config) not in cycles)
            name(said.get("series"), True)
    return {path for path, free in named.items() if free}


def _has_none(path: str, sha256: str, private: Store) -> bool:
    """Tell whether a frame of rows is there, whole, and has none of a file."""
    with suppress(NotThere, Damaged, NotReadable, pl.exceptions.PolarsError):
        of_file = frames.scan(private, path).filter(pl.col("_sha256") == sha256).select(pl.len())
        return not of_file.collect().item()
    return False


def _deleted(paths: Iterable[str], private: Store, at_once: int = 1) -> int:
    """Remove files, on a server some at once; else in their order. Returns how many."""
    every = list(paths)
    if private.is_folder or at_once == 1:
        for path in every:
            private.delete(path)
    else:
        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(private.delete, every))
    return len(every)


# --- what is meant, and where it lies --------------------------------------------------------------------------------


def in_inbox(sha256: str, inbox: Store, size: int | None = None) -> Iterator[str]:
    """Yield the paths of the inbox at which a file lies; only files of its size are read, where that is known.

    Of a file that was never opened the SHA-256 is that of the note of it. Raises StoreError where the inbox fails.
    """
    for entry in inbox.entries(others=True):
        with suppress(NotThere, NotReadable):
            if barred := limits.barred(entry.path, entry.size, entry.is_file):
                note = note_of(entry.path, entry.size, entry.modified, barred)
                if hash_of(note) == f"sha256:{sha256}":
                    yield entry.path
            elif size in (None, entry.size) and checked.is_whole(inbox, entry.path, sha256):
                yield entry.path


def _size(sha256: str, erased: Erased, private: Store) -> int | None:
    every = (entry for source in erased.sources for entry in private.entries(f"raw/{source}/{sha256}"))
    return next((one.size for one in every if "/received/" not in one.path), None)


def _meant(wanted: str, there: Sequence[Entry], places: Places) -> str:
    """Return the SHA-256 of the file that is meant: one that was received, or erased before, or lies in the inbox."""
    begins = wanted.strip().lower().removeprefix("sha256:")
    if not _HASH.fullmatch(begins):
        raise ConfigError(
            f"'{wanted}' is no SHA-256, nor its beginning with at least {_LEAST_OF_A_HASH} characters; `submissions` "
            "in a release and `a4p explain` name that of each file, and so does: sha256sum FILE"
        )
    raw = erasures.kept(places.private)
    known = sorted(one for one in {*raw, *erasures.decided(there)} if one.startswith(begins) and len(one) == _WHOLE)
    if len(known) == 1:
        return known[0]
    if known:
        raise ConfigError(f"Several files have a SHA-256 that begins with {begins}: {', '.join(known)}.")
    if len(begins) == _WHOLE and next(in_inbox(begins, places.inbox), None):
        return begins
    raise ConfigError(
        f"Neither the private store nor the inbox has a file with the SHA-256 {begins}; "
        "give all of it where it only lies in the inbox."
    )


def _decision(erased: Erased, by: str, reason: str, config: Config) -> Decision:
    numbers = [cycle.number for cycle in config.cycles.values() if cycle.folder in erased.cycles]
    about = {"sha256": erased.sha256, "slots": list(erased.slots)}
    return Decision("erase", by, reason, numbers[0] if len(numbers) == 1 else None, about)


def _tables(erased: Erased, config: Config) -> Collection[str]:
    """Return the tables of the sources of a file, by the facts of every cycle."""
    every = (config.of_cycle(number).contracts for number in config.cycles)
    own = (contracts[source] for contracts in every for source in erased.sources if source in contracts)
    return {table for contract in own for table in contract.tables}


def _since(raw: Sequence[str], decision: Entry, private: Store) -> datetime:
    """Return when a file was received first, by its notes; what was written before has nothing of it."""
    found = [decision.on]
    for path in raw:
        if "/received/" in path:
            said = checked.read_json(private, path, checked.OBJECT)
            found.append(datetime.fromisoformat(str(said["received_at"])))
    return min(found).astimezone(UTC)
