"""How the last pull left each source: a source that is not pulled stands exactly so, files and order.

    pulled/cycle-05/noticas.json    its submissions as they were pulled, and for each slot what was accepted of it

What was accepted last stays in use where all that came later is refused or withdrawn. A file that was in use and is not
there any more, while the one before it is, was taken out: it does not come back. Nor does anything of a slot that was
left without a file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import polars as pl
from pydantic import TypeAdapter

from config import Config, Contract, Cycle
from flows.core.errors import NotThere
from flows.core.records import Gathered, Known, Slot, Submission
from flows.intake.books import ledger
from flows.intake.receive import inbox as pulling
from flows.stores import Store, checked


@dataclass(frozen=True)
class Left:
    """How a pull left a source: its submissions, and what of each slot was accepted, the one in use first.

    `noted` tells whether there is a note that says so.
    """

    source: str
    submissions: tuple[Submission, ...] = ()
    accepted: tuple[Submission, ...] = ()
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


def note(left: Left, submissions: Sequence[Submission], cycle: Cycle, private: Store) -> Left:
    """Note what a source's pull gave, after the one that left it so, and return how it is left now."""
    slots = {(one.source, one.mission) for one in submissions}
    there = tuple(one for one in left.accepted if (one.source, one.mission) in slots)
    now = replace(left, submissions=tuple(submissions), accepted=there)
    if now != left or not left.noted:
        _write(now, cycle, private)
    return now


def note_in_use(left: Collection[Left], gathered: Gathered, cycle: Cycle, private: Store) -> None:
    """Note what is in use of each slot, now that its files are judged."""
    used = [one.submission for one in gathered.reads if one.submission.file not in gathered.judged.refused]
    for one in left:
        accepted = one.accepted
        for submission in used:
            if submission.source == one.source:
                accepted = _on_top(submission, accepted)
        if accepted != one.accepted:
            _write(replace(one, accepted=accepted), cycle, private)


def without(
    out: Collection[Known], left: Collection[Left]
) -> tuple[dict[Slot, list[Submission]], list[Submission], list[Submission]]:
    """Return the submissions by slot without those that are out; those that are out; what was accepted before.

    A slot all of whose files are out has what was accepted before them.
    """
    slots: dict[Slot, list[Submission]] = {}
    every = [one for source in left for one in source.submissions]
    withdrawn = [one for one in every if one.known in out]
    accepted = [one for source in left for one in source.accepted if one.known not in out]
    for one in every:
        if one.known not in out:
            slots.setdefault((one.source, one.mission), []).append(one)
    for one in accepted:
        slot = one.source, one.mission
        files = {other.file for other in withdrawn if (other.source, other.mission) == slot}
        if slot not in slots and files:
            slots[slot] = [named_apart(one, files)]
    return slots, withdrawn, accepted


def accepted_in(cycle: Cycle, out: Collection[Known], private: Store) -> list[Submission]:
    """Return what is in use of each slot of another cycle, as its last refresh left it, but for what is withdrawn.

    Nothing where that was before such notes were made. Raises StoreError where the store fails, or a note is damaged.
    """
    notes = [entry.path for entry in private.entries(f"pulled/{cycle.folder}")]
    found: dict[Slot, Submission] = {}
    for path in notes:
        for one in checked.read_json(private, path, _LEFT, _REMEDY).accepted:
            if one.known not in out:
                found.setdefault((one.source, one.mission), one)
    return list(found.values())


def replaced_by(one: Submission, accepted: Sequence[Submission]) -> Submission | None:
    """Return what was accepted of a submission's slot before it, the newest; None where nothing was."""
    own = [other for other in accepted if (other.source, other.mission) == (one.source, one.mission)]
    known = [number for number, other in enumerate(own) if read_as(other) == read_as(one)]
    below = own[known[0] + 1 :] if known else own
    return below[0] if below else None


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


def _on_top(submission: Submission, accepted: Sequence[Submission]) -> tuple[Submission, ...]:
    """Return what was accepted of a source with a slot's submission as the one in use.

    What came after it before is no more; what it came after stays below it.
    """
    slot = submission.source, submission.mission
    own = [one for one in accepted if (one.source, one.mission) == slot]
    known = [number for number, one in enumerate(own) if read_as(one) == read_as(submission)]
    below = own[known[0] + 1 :] if known else own
    # the name that it had in the inbox, without what sets an earlier copy apart
    named = own[known[0]] if known else submission
    others = [one for one in accepted if (one.source, one.mission) != slot]
    return tuple(sorted([named, *below, *others], key=lambda one: one.mission or ""))


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
