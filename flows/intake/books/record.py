"""The record of decisions: who decided what, when and why, in one chain of entries to which is only ever added.

    decisions/000001.json         an entry with the hash of the one before, created if there is none of that number
    decisions-copied/000001.json  the same once more, from which one that was lost or damaged is brought back

An entry names what it is about by hash or key. None is changed or taken out: who takes a decision back adds an entry
that says so. What stands in corrections.yaml, waivers.yaml and accepted.yaml are decisions too; they stand there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter

from config import Acceptance, Config, ConfigError, Correction, Waiver
from config.loader import Document
from config.overrides import read_accepted, read_corrections, read_waivers
from flows.core.canonical import hash_of
from flows.core.errors import NotThere
from flows.stores import Store, checked
from flows.stores.checked import Damaged

Kind = Literal["waive", "correct", "accept", "withdraw", "reinstate", "answer", "erase", "take-back"]
RESTORED = "bring it back with: a4p restore"
# what the number of an entry stands behind where a decision is named
PLACE = "decision "
_FOLDER, _COPIES = "decisions", "decisions-copied"
_NOT_RESTORED = "bring it back from a backup of the private store"
One = TypeVar("One", Correction, Waiver, Acceptance)


@dataclass(frozen=True)
class Decision:
    """What somebody decides: of which kind, about what, who and why. `about` is JSON, its keys depend on the kind."""

    kind: Kind
    by: str
    reason: str
    cycle: int | None
    about: Mapping[str, Any]


@dataclass(frozen=True)
class Entry(Decision):
    """A decision in the record, under its number; `before` is the hash of the entry before it, '' for the first."""

    number: int
    on: datetime
    before: str
    hash: str = field(default="", compare=False)

    @property
    def place(self) -> str:
        """By what people name it."""
        return f"{PLACE}{self.number}"


_ENTRY = TypeAdapter(Entry)


@dataclass(frozen=True)
class Head:
    """How far the record reached at some time: how many entries, and the hash of the last."""

    entries: int
    hash: str


def entries(private: Store) -> list[Entry]:
    """Return all entries, oldest first.

    Raises StoreError where the store fails, and where one is missing, damaged or not in the chain.
    """
    # the copies are listed first: each was made after its entry
    copied, names = _names(private, _COPIES), _names(private, _FOLDER)
    there: list[Entry] = []
    for number in range(1, max((*names, *copied), default=0) + 1):
        there.append(_linked(private, number, there, RESTORED if number in copied else _NOT_RESTORED))
    return there


def add(decision: Decision, now: datetime, private: Store) -> Entry:
    """Add a decision to the record; of two who add at once each gets a number of its own, and one follows the other.

    Raises StoreError where the store fails or the record is damaged.
    """
    while True:
        there = entries(private)
        number, before = len(there) + 1, there[-1].hash if there else ""
        entry = Entry(**vars(decision), number=number, on=now, before=before)
        data = _ENTRY.dump_json(entry, indent=2, exclude={"hash"})
        if checked.create_json(private, _path(_FOLDER, number), data):
            copy(private)
            return replace(entry, hash=hash_of(private.read(_path(_FOLDER, number))))


def copy(private: Store) -> None:
    """Copy the entries that have no copy: who added one may have been stopped before."""
    copied = _names(private, _COPIES)
    for number in sorted(_names(private, _FOLDER) - copied):
        private.create(_path(_COPIES, number), private.read(_path(_FOLDER, number)))


def restore(private: Store) -> int:
    """Bring back the entries that are missing or damaged from their copies, and copies from entries; return how many.

    Raises StoreError where one is lost in both places.
    """
    back = 0
    there: list[Entry] = []
    for number in sorted(_names(private, _COPIES) | _names(private, _FOLDER)):
        whole: list[bytes] = []
        for folder in (_FOLDER, _COPIES):
            try:
                whole.append(_whole(private, _path(folder, number), there))
            except (NotThere, Damaged):
                continue
        if not whole:
            raise checked.damaged(private, _path(_FOLDER, number), _NOT_RESTORED)
        for folder in (_FOLDER, _COPIES):
            back += _put_right(private, _path(folder, number), whole[0])
        there.append(_linked(private, number, there, _NOT_RESTORED))
    return back


def problems(private: Store, reached: Head | None = None) -> Iterator[str]:
    """Say what is wrong with the record; `reached` is how far it reached when something was made with it."""
    try:
        there = entries(private)
    except (NotThere, Damaged) as error:
        yield str(error)
        return
    if reached and (len(there) < reached.entries or head(there[: reached.entries]) != reached):
        yield (
            f"The record of decisions in {private.at(_FOLDER)} is not the one of {reached.entries} entries that the "
            f"release was made with; {_NOT_RESTORED}."
        )
    for number in range(1, len(there) + 1):
        path = _path(_COPIES, number)
        try:
            if private.read(path) != private.read(_path(_FOLDER, number)):
                yield f"The copy {path} of an entry of the record is not what was written; {RESTORED}."
        except NotThere:
            yield f"The copy {path} of an entry of the record is missing; {RESTORED}."


def head(there: Sequence[Entry]) -> Head | None:
    """Return how far a record reaches; None where there is no entry."""
    return Head(len(there), there[-1].hash) if there else None


def taken_back(there: Iterable[Entry]) -> dict[int, Entry]:
    """Return by the numbers of decisions that were taken back the entries that say so."""
    return {entry.about["number"]: entry for entry in there if entry.kind == "take-back"}


def standing(there: Sequence[Entry]) -> list[Entry]:
    """Return the decisions of a record that nobody took back, oldest first."""
    back = taken_back(there)
    return [entry for entry in there if entry.number not in back and entry.kind != "take-back"]


def laid_over(config: Config, there: Sequence[Entry]) -> Config:
    """Return a configuration with the corrections, waivers and accepted figures of a record behind its own.

    One that names what the configuration does not know any more is left out; `fits` says which.
    """
    every = [one for entry in standing(there) if (one := fits(entry, config))]
    if not every:
        return config
    return replace(
        config,
        corrections=(*config.corrections, *(one for one in every if isinstance(one, Correction))),
        waivers=(*config.waivers, *(one for one in every if isinstance(one, Waiver))),
        accepted=(*config.accepted, *(one for one in every if isinstance(one, Acceptance))),
    )


def fits(entry: Entry, config: Config) -> Correction | Waiver | Acceptance | None:
    """Return a decision as the configuration has it; None where it is of another kind, or names what there is not."""
    try:
        return as_configured(entry, config, entry.place)
    except ConfigError:
        return None


def as_configured(decision: Decision, config: Config, place: str) -> Correction | Waiver | Acceptance | None:
    """Return a decision as corrections.yaml, waivers.yaml or accepted.yaml would have it; None for other kinds.

    Raises ConfigError where it names what there is not, or is personal.
    """
    said = {**decision.about, "cycle": decision.cycle, "reason": decision.reason, "owner": decision.by}
    document = Document(Path(place), [said], {})
    match decision.kind:
        case "correct":
            return _placed(read_corrections(document, config.contracts), place)
        case "answer" if "between" in decision.about:
            # of the next cycles too
            about = {name: part for name, part in decision.about.items() if name not in ("identity", "file")}
            answered = {**about, "reason": decision.reason, "owner": decision.by}
            return _placed(
                read_waivers(Document(Path(place), [answered], {}), config.contracts, config.missions), place
            )
        case "waive":
            return _placed(read_waivers(document, config.contracts, config.missions), place)
        case "accept":
            return _placed(read_accepted(document, config.figures, config.cycles, config.missions), place)
        case _:
            return None


def _placed(read: tuple[One, ...], place: str) -> One:
    (one,) = read
    one._place = place
    return one


def _linked(private: Store, number: int, there: Sequence[Entry], remedy: str) -> Entry:
    path = _path(_FOLDER, number)
    try:
        data = _whole(private, path, there)
    except (NotThere, Damaged):
        raise checked.damaged(private, path, remedy) from None
    return replace(_read(data), hash=hash_of(data))


def _whole(private: Store, path: str, there: Sequence[Entry]) -> bytes:
    """Return an entry's bytes. Raises NotThere, and Damaged where it is not what was written or not the next one."""
    data = private.read(path)
    entry = checked.parsed(private, path, data, _ENTRY, RESTORED)
    if (entry.number, entry.before) != (len(there) + 1, there[-1].hash if there else ""):
        raise checked.damaged(private, path, RESTORED)
    return data


def _read(data: bytes) -> Entry:
    return _ENTRY.validate_json(checked.without_checksum(data) or b"")


def _put_right(private: Store, path: str, data: bytes) -> int:
    try:
        if private.read(path) == data:
            return 0
    except NotThere:
        pass
    private.write(path, data)
    return 1


def _names(private: Store, folder: str) -> set[int]:
    stems = (Path(entry.path).stem for entry in private.entries(folder))
    return {int(stem) for stem in stems if stem.isdecimal()}


def _path(folder: str, number: int) -> str:
    return f"{folder}/{number:06d}.json"
