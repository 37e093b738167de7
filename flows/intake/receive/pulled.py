"""How the last pull left each source: a source that is not pulled stands exactly so, files and order.

    pulled/cycle-05/noticas.json    its submissions as they were pulled, and for each slot what was accepted of it

What was accepted last stays in use where all that came later is refused or withdrawn. A file that was in use and is not
there any more, while the one before it is, was taken out: it does not come back. Nor does anything of a slot that was
left without a file, but where that file was erased: then the one before it stays until another comes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import polars as pl
from pydantic import TypeAdapter

from config import Config, Contract, Cycle
from flows.core.errors import NotThere
from flows.core.records import Astray, Gathered, Known, Slot, Submission
from flows.intake.books import ledger
from flows.intake.receive import inbox as pulling
from flows.intake.receive.parts import together
from flows.stores import Store, checked


@dataclass(frozen=True)
class Left:
    """How a pull left a source: its submissions, and what of each slot was accepted, the one in use first.

    `seen` counts for each file in which pull it was there first, under its name and with its content; `left_out` could
    not be read. `stays` are the slots whose accepted files stay in use though all that came later was erased. `noted`
    tells whether there is a note that says so.
    """

    source: str
    submissions: tuple[Submission, ...] = ()
    accepted: tuple[Submission, ...] = ()
    seen: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[Astray, ...] = ()
    stays: tuple[Slot, ...] = ()
    noted: bool = field(default=True, compare=False)


_LEFT = TypeAdapter(Left)
# what `named_apart` adds
_EARLIER = re.compile(r" \(earlier copy [0-9a-f]{8}\)(?=\.[^/.]*$|$)")
_REMEDY = (
    "bring it back from a backup of the private store, or remove it and refresh every source: then what is in the "
    "inbox counts, and no copy of what was overwritten there"
)


def last(contract: Contract, config: Config, cycle: Cycle, private: Store) -> Left:
    """Return how the last pull left a source; without anything where it was never pulled.

    Of a store in which pulls were not noted yet it is as the last refresh found it.
    Raises StoreError where the store fails, and where the note is damaged.
    """
    try:
        return checked.read_json(private, _path(contract.source, cycle), _LEFT, _REMEDY)
    except NotThere:
        return _before_it_was_noted(contract, config, cycle, private)


def note(
    left: Left,
    submissions: Sequence[Submission],
    cycle: Cycle,
    private: Store,
    left_out: Sequence[Astray] = (),
) -> Left:
    """Note what a source's pull gave, and left out, after the one that left it so; return how it is left now."""
    seen = _seen(left, submissions)
    slots = {(one.source, one.mission) for one in submissions}
    stays = tuple(slot for slot in left.stays if slot not in slots)
    there = tuple(one for one in left.accepted if (one.source, one.mission) in slots.union(stays))
    now = replace(
        left, submissions=tuple(submissions), accepted=there, seen=seen, left_out=tuple(left_out), stays=stays
    )
    if now != left or not left.noted:
        _write(now, cycle, private)
    return now


def in_order(left: Left, submissions: Sequence[Submission]) -> list[Submission]:
    """Return what a pull gave in the order in which it counts: what was seen first in a later pull goes before.

    In: how the last pull left the source, and its submissions, newest first by the times of the files. That of a file
    says when it was written, and a correction may have been written before what it corrects was handed in.
    """
    seen = _seen(left, submissions)
    return sorted(submissions, key=lambda one: seen[_name(one)], reverse=True)


def kept(left: Left, left_out: Sequence[Astray]) -> list[Submission]:
    """Return what the last pull had of files, and of files in folders, that cannot be read this time."""
    gone = [one.file for one in left_out]
    return [
        one for one in left.submissions if any(one.file == file or one.file.startswith(f"{file}/") for file in gone)
    ]


def _seen(left: Left, submissions: Sequence[Submission]) -> dict[str, int]:
    known = dict(left.seen) or {_name(one): 0 for one in left.submissions}
    this = max(known.values(), default=-1) + 1
    return {**{_name(one): this for one in submissions}, **known}


def _name(one: Submission) -> str:
    return f"{one.sha256} {one.file}"


def note_in_use(left: Collection[Left], gathered: Gathered, cycle: Cycle, private: Store) -> None:
    """Note what is in use of each slot, now that its files are judged."""
    used = [one.submission for one in gathered.reads if one.submission.file not in gathered.judged.refused]
    for one in left:
        accepted = one.accepted
        for mission in dict.fromkeys(submission.mission for submission in used if submission.source == one.source):
            slot = one.source, mission
            accepted = _on_top([of for of in used if (of.source, of.mission) == slot], accepted)
        if accepted != one.accepted:
            _write(replace(one, accepted=accepted), cycle, private)


def without(
    out: Collection[Known], left: Collection[Left]
) -> tuple[dict[Slot, list[Submission]], list[Submission], list[Submission]]:
    """Return the submissions by slot without those that are out; those that are out; what was accepted before.

    A slot all of whose files are out, or erased, has what was accepted before them.
    """
    stays = {slot for source in left for slot in source.stays}
    erased = [one for source in left for one in source.left_out if one.trouble == "erased"]
    slots: dict[Slot, list[Submission]] = {}
    every = [one for source in left for one in source.submissions]
    withdrawn = [one for one in every if one.known in out]
    accepted = [one for source in left for one in source.accepted if one.known not in out]
    for one in every:
        if one.known not in out:
            slots.setdefault((one.source, one.mission), []).append(one)
    for slot in dict.fromkeys((one.source, one.mission) for one in accepted):
        files = {other.file for other in withdrawn if (other.source, other.mission) == slot}
        files |= {other.file for other in erased if (other.source, other.mission) == slot}
        if slot not in slots and (files or slot in stays):
            slots[slot] = [named_apart(one, files) for one in together(_of_slot(slot, accepted))]
    return slots, withdrawn, accepted


def forget(sha256: str, private: Store) -> int:
    """Take a file that is erased out of the notes of all pulls; return how many notes were written anew.

    What was accepted of its slot before stays in use, where nothing else is left there. Raises Damaged.
    """
    written = 0
    for entry in private.entries("pulled"):
        left = checked.read_json(private, entry.path, _LEFT, _REMEDY)
        submissions, accepted = (
            tuple(one for one in of if one.sha256 != sha256) for of in (left.submissions, left.accepted)
        )
        there = {(one.source, one.mission) for one in submissions}
        gone = dict.fromkeys((one.source, one.mission) for one in left.submissions if one.sha256 == sha256)
        before = {(one.source, one.mission) for one in accepted}
        stays = dict.fromkeys((*left.stays, *(slot for slot in gone if slot in before and slot not in there)))
        seen = {name: number for name, number in left.seen.items() if not name.startswith(f"{sha256} ")}
        now = replace(left, submissions=submissions, accepted=accepted, seen=seen, stays=tuple(stays))
        if now != left:
            checked.write_json(private, entry.path, _LEFT.dump_json(now, indent=2, exclude={"noted"}))
            written += 1
    return written


def accepted_in(cycle: Cycle, out: Collection[Known], private: Store) -> list[Submission]:
    """Return what is in use of each slot of another cycle, as its last refresh left it, but for what is withdrawn.

    Nothing where that was before such notes were made. Raises StoreError where the store fails, or a note is damaged.
    """
    found: list[Submission] = []
    for entry in private.entries(f"pulled/{cycle.folder}"):
        accepted = checked.read_json(private, entry.path, _LEFT, _REMEDY).accepted
        there = [one for one in accepted if one.known not in out]
        for slot in dict.fromkeys((one.source, one.mission) for one in there):
            found += together(_of_slot(slot, there))
    return found


def replaced_by(one: Submission, accepted: Sequence[Submission]) -> list[Submission]:
    """Return what was accepted of a submission's slot before it, the newest; of a part what it takes the place of."""
    own = _of_slot((one.source, one.mission), accepted)
    known = [number for number, other in enumerate(own) if read_as(other) == read_as(one)]
    below = own[known[0] + 1 :] if known else own
    if one.part is None:
        return together(below)
    return [other for other in below if other.part in {one.part, None}][:1]


def named_apart(earlier: Submission, taken: Collection[str]) -> Submission:
    """Name a copy from before the inbox file was overwritten otherwise than what stands there now."""
    if earlier.file not in taken:
        return earlier
    path = PurePosixPath(earlier.file)
    return replace(earlier, file=str(path.with_stem(f"{path.stem} (earlier copy {earlier.sha256[:8]})")))


def inbox_name(file: str) -> str:
    """Return the path that a file has, or had, in the inbox, without what sets an earlier copy apart."""
    return _EARLIER.sub("", file)


def read_as(submission: Submission) -> tuple[str, str]:
    """What the reading depends on: the content, and the ending of the name."""
    return submission.sha256, PurePosixPath(submission.file).suffix.lower()


def _of_slot(slot: Slot, submissions: Sequence[Submission]) -> list[Submission]:
    return [one for one in submissions if (one.source, one.mission) == slot]


def _on_top(used: Sequence[Submission], accepted: Sequence[Submission]) -> tuple[Submission, ...]:
    """Return what was accepted of a source with what is in use of a slot on top: a file, or several that are one.

    What came after them before is no more; what they came after stays below them.
    """
    slot = used[0].source, used[0].mission
    own = _of_slot(slot, accepted)
    known = {read_as(one): number for number, one in reversed(list(enumerate(own)))}
    now = [read_as(one) for one in used]
    first = min(known[one] for one in now) if all(one in known for one in now) else 0
    below = [one for one in own[first:] if read_as(one) not in now]
    # the name that it had in the inbox, without what sets an earlier copy apart
    named = [own[known[read_as(one)]] if read_as(one) in known else one for one in used]
    others = [one for one in accepted if (one.source, one.mission) != slot]
    return tuple(sorted([*named, *below, *others], key=lambda one: one.mission or ""))


def _before_it_was_noted(contract: Contract, config: Config, cycle: Cycle, private: Store) -> Left:
    """Return how the last refresh found a source, in a store made before pulls were noted (0.5.0)."""
    refreshed = ledger.last_refresh(private, cycle)
    if refreshed is None:
        return Left(contract.source, noted=False)
    sent = refreshed.submissions.filter(pl.col("source") == contract.source)
    accepted = set(sent.filter(pl.col("status") == "accepted")["sha256"])
    missions = (*config.reporting_missions, None) if contract.sent_by == "missions" else (None,)
    known = set(sent.select("mission", "sha256").iter_rows())
    found = [
        one
        for mission in missions
        for one in pulling.received(private, contract.source, mission, cycle)
        if (mission, one.sha256) in known
    ]
    in_use = tuple(one for one in found if one.sha256 in accepted)
    return Left(contract.source, tuple(found), in_use, noted=False)


def _write(left: Left, cycle: Cycle, private: Store) -> None:
    checked.write_json(private, _path(left.source, cycle), _LEFT.dump_json(left, indent=2, exclude={"noted"}))


def _path(source: str, cycle: Cycle) -> str:
    return f"pulled/{cycle.folder}/{source}.json"
