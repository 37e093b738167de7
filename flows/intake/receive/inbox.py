"""Step one: every raw file is copied once, by content hash, with when and from where. The inbox is never changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pydantic import TypeAdapter

from config import Config, Contract, Cycle
from flows.core.errors import NotReadable, NotThere, StoreError
from flows.core.records import Astray, Submission
from flows.intake.read import limits
from flows.intake.read.limits import Unreadable
from flows.intake.receive.parts import part_of
from flows.stores import Entry, Store, checked

# how the path of a file begins that the pipeline fetches itself, and that stands in no inbox
FETCHED = "hub/"
# what office programs, browsers and file systems leave beside the files, in small letters
_LEFT_BEHIND = ("~$", ".")
_NOT_SENT = (
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "icon\r",
    "__macosx",
    "$recycle.bin",
    "system volume information",
)
# what is not whole yet
_UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".tmp", ".temp", ".swp")
_NO_NOTE = (
    "bring it back from a backup of the private store, or remove it: the file then counts as received on the day that "
    "the inbox says"
)


@dataclass(frozen=True)
class _Note:
    """When and from where a file came first; `size` and `problem` of one that was not opened."""

    file: str
    received_at: datetime
    raw: str
    size: int | None = None
    problem: str | None = None
    where: str = ""


_NOTE = TypeAdapter(_Note)


class Erased(Exception):
    """A file that somebody had erased came again: nothing of it is stored. Its argument is the SHA-256."""


class FromInbox(NamedTuple):
    """What a pull took from the inbox, newest first, and what it had to leave out."""

    submissions: list[Submission]
    left_out: list[Astray]


def pull(
    contract: Contract,
    config: Config,
    cycle: Cycle,
    inbox: Store,
    private: Store,
    erased: Mapping[str, str] | None = None,
) -> FromInbox:
    """Copy a source's files of a cycle into the private store.

    Returns every file of the inbox, newest first within its slot (the source, or the source and mission). What is too
    large, is no file or has no plain name is not opened; it is returned with its problem. What cannot be read, or is
    gone since the folder was looked at, is left out, and so is what was `erased` (days by SHA-256).
    Raises StoreError where the inbox or the store fails.
    """
    submissions, left_out, erased = [], [], erased or {}
    entries = sent(inbox.entries(_folder(contract, cycle), others=True))
    for entry in sorted(entries, key=lambda entry: (entry.modified, entry.path), reverse=True):
        mission = mission_of(f"{entry.path}/any" if entry.is_folder else entry.path, contract, config, cycle)
        barred = limits.barred(entry.path, entry.size, entry.is_file)
        with ExitStack() as stack:
            try:
                if entry.is_folder:
                    raise NotReadable(f"The folder {entry.path} cannot be read.")
                data = stack.enter_context(_content(entry, barred, inbox, private))
            except (NotThere, NotReadable):
                left_out.append(Astray(limits.plain_name(entry.path), "unreadable", contract.source, mission))
                continue
            try:
                stored = store_raw(
                    private,
                    data,
                    contract.source,
                    mission,
                    cycle,
                    entry.path,
                    entry.modified,
                    PurePosixPath(entry.path).name,
                    barred,
                    entry.size,
                    erased,
                )
            except Erased as error:
                day = erased[str(error)]
                left_out.append(Astray(limits.plain_name(entry.path), "erased", contract.source, mission, day))
                continue
            submissions.append(replace(stored, part=part_of(entry.path, contract)))
    return FromInbox(submissions, left_out)


def fetch_again(submissions: Iterable[Submission], inbox: Store, private: Store) -> None:
    """Replace raw copies that are damaged or lost by the same content, where it still stands in the inbox.

    Of those that stand there no more it is told when they are read.
    """
    for one in submissions:
        if one.problem or one.file.startswith(FETCHED) or checked.is_whole(private, one.raw, one.sha256):
            continue
        with suppress(StoreError), checked.near(inbox, one.file, one.sha256) as file, private.scratch() as copy:
            shutil.copyfile(file, copy)
            private.take(one.raw, copy)


def files_of(contract: Contract, cycle: Cycle, inbox: Store) -> list[Entry]:
    """Return what a source sent for a cycle; not what office programs and file systems leave beside it."""
    return [one for one in sent(inbox.entries(_folder(contract, cycle), others=True)) if not one.is_folder]


def mission_of(path: str, contract: Contract, config: Config, cycle: Cycle) -> str | None:
    """Return the mission in whose folder of the inbox a file lies; None where that is no mission's."""
    inside = PurePosixPath(path).relative_to(_folder(contract, cycle)).parts
    mission = inside[0].upper() if contract.sent_by == "missions" and len(inside) > 1 else None
    return mission if mission in config.reporting_missions else None


def _folder(contract: Contract, cycle: Cycle) -> str:
    return f"{cycle.folder}/{contract.source}"


@contextmanager
def _content(entry: Entry, barred: Unreadable | None, inbox: Store, private: Store) -> Iterator[bytes | Path]:
    """Give a file's content, as a copy on the disk where it is large; of a file that is not opened, a note of it."""
    if barred:
        yield note_of(entry.path, entry.size, entry.modified, barred)
    elif not limits.is_large(entry.size):
        data = inbox.read(entry.path)
        _of_size(len(data), entry, inbox)
        yield data
    else:
        with private.scratch() as copy:
            with copy.open("wb") as file:
                for piece in inbox.pieces(entry.path):
                    file.write(piece)
            _of_size(copy.stat().st_size, entry, inbox)
            yield copy


def _of_size(came: int, entry: Entry, inbox: Store) -> None:
    """Refuse what is not of the size that the inbox lists: somebody is still writing it, or part of it was lost.

    Raises NotReadable, so that it is told and looked for in the next refresh.
    """
    # a server of web pages may list none
    if entry.size and came != entry.size:
        raise NotReadable(f"The file {inbox.at(entry.path)} has {entry.size} bytes, of which {came} came; try again.")


def note_of(path: str, size: int, modified: datetime, barred: Unreadable) -> bytes:
    """Return what is kept of a file that is not opened."""
    said = {"file": limits.plain_name(path), "size": size, "modified": modified.isoformat(), "problem": barred.problem}
    return json.dumps(said, indent=2).encode()


def store_raw(
    private: Store,
    data: bytes | Path,
    source: str,
    mission: str | None,
    cycle: Cycle | None,
    file: str,
    received_at: datetime,
    name: str,
    barred: Unreadable | None = None,
    size: int | None = None,
    erased: Collection[str] = (),
) -> Submission:
    """Store a raw file by its hash, with a note of when and from where it came first; return its submission.

    A copy that is damaged is replaced. Raises Damaged where the note is, and Erased for a file that was `erased`.

    `data` is its content, or a file of `private.scratch` that holds it.
    `barred` says why it was not opened, `size` how large it is; the data are then a note of it.
    """
    sha256 = checked.hash_of(data) if isinstance(data, Path) else hashlib.sha256(data).hexdigest()
    if sha256 in erased:
        raise Erased(sha256)
    file, name = limits.plain_name(file), "not-opened.json" if barred else name
    problem, where = (barred.problem, barred.where) if barred else (None, "")
    if size is None:
        size = data.stat().st_size if isinstance(data, Path) else len(data)
    raw = f"raw/{source}/{sha256}/{name}"
    slot = f"{cycle.folder if cycle else 'no-cycle'}-{mission or 'ALL'}"
    note = f"raw/{source}/{sha256}/received/{slot}.json"
    if not checked.is_whole(private, raw, sha256):
        private.take(raw, data) if isinstance(data, Path) else private.write(raw, data)
    received = received_at.astimezone(UTC).replace(microsecond=0)
    said: dict[str, str | int | None] = {
        "file": file,
        "mission": mission,
        "received_at": received.isoformat(),
        "raw": raw,
    }
    said |= {"size": size, "problem": problem, "where": where} if barred else {}
    if not checked.create_json(private, note, said):
        received = _noted(private, note).received_at.astimezone(UTC)
    return Submission(source, mission, file, sha256, size, received, raw, problem, where)


def received(private: Store, source: str, mission: str | None, cycle: Cycle) -> list[Submission]:
    """Return everything that a slot ever received, newest first. Raises Damaged."""
    ending = f"/received/{cycle.folder}-{mission or 'ALL'}.json"
    found = []
    every = private.entries(f"raw/{source}")
    # of the list, since a damaged copy has the size that it had
    sizes = {entry.path: entry.size for entry in every}
    for entry in every:
        sha256 = PurePosixPath(entry.path).parts[2]
        if not entry.path.endswith(ending):
            continue
        note = _noted(private, entry.path)
        found.append(
            Submission(
                source,
                mission,
                note.file,
                sha256,
                sizes.get(note.raw, 0) if note.size is None else note.size,
                note.received_at.astimezone(UTC),
                note.raw,
                note.problem,
                note.where,
            )
        )
    return sorted(found, key=lambda submission: (submission.received_at, submission.sha256), reverse=True)


def _noted(private: Store, path: str) -> _Note:
    return checked.read_json(private, path, _NOTE, _NO_NOTE)


def sent(entries: Iterable[Entry]) -> list[Entry]:
    """Return what somebody sent: not what programs and file systems leave beside it, nor what is not whole yet."""
    return [entry for entry in entries if not any(map(_is_nothing, PurePosixPath(entry.path).parts))]


def _is_nothing(name: str) -> bool:
    name = name.lower()
    return name.startswith(_LEFT_BEHIND) or name in _NOT_SENT or name.endswith(_UNFINISHED)
