"""Step two: raw files that were pulled are read into text, one Parquet file a table.

Takes and gives paths in the private store, never frames, so that it can run anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pydantic import TypeAdapter

from config import Column, Contract, Table
from config.parts import Contracts
from flows.core import code_version
from flows.core.canonical import plain
from flows.core.errors import NotThere
from flows.core.records import FileRead, ReadSubmission, Submission
from flows.core.within import FILE_S, TookTooLong, within
from flows.intake.read import limits
from flows.intake.read.tables import read_file, read_large
from flows.stores import Store, checked, frames
from flows.stores.checked import Damaged


@dataclass(frozen=True)
class Shapes:
    """By what a source's files are read: the shape of its own contract, of all contracts, how large a file may be.

    A file may look like another source's; of that no more counts than by which columns it is known.
    """

    own: Contract
    known: Contracts
    file_limits: int


def known_by(config: Contracts) -> Contracts:
    """Return the contracts with no more than the columns by which files of theirs are known."""
    return Contracts(contracts={name: _shape(contract) for name, contract in config.contracts.items()})


def shapes(source: str, config: Contracts, known: Contracts | None = None) -> Shapes:
    """Return by what the files of a source are read, with nothing else that contracts say; `known` is of `known_by`."""
    known, contract = known or known_by(config), config.contracts[source]
    tables = {}
    for name, shape in known.contracts[source].tables.items():
        table = contract.tables[name]
        # how a file writes its numbers is told from those columns alone
        numbers = {
            column: shape.columns[column].model_copy(update={"type": kept.type, "unit": kept.unit})
            for column, kept in table.columns_read.items()
            if kept.type in ("count", "number")
        }
        # a line of totals that the contract knows is a row of it
        states = tuple(stated for stated in table.states if stated.total_row)
        own = {"none_is_an_answer": table.none_is_an_answer, "states": states, "columns": {**shape.columns, **numbers}}
        tables[name] = shape.model_copy(update=own)
    said = {name: getattr(contract, name) for name in ("claims", "nulls", "none", "template")} | {"tables": tables}
    return Shapes(known.contracts[source].model_copy(update=said), known, limits.times())


def _shape(contract: Contract) -> Contract:
    tables = {}
    for name, table in contract.tables.items():
        columns = {
            # a title is one of its names
            column: Column.model_construct(
                type="text",
                required=one.required,
                required_since=one.required_since,
                personal=one.personal,
                named=one.spellings,
            )
            for column, one in table.columns.items()
        }
        looks: dict[str, Any] = {"sheet": table.sheet, "columns": columns, "since": table.since}
        tables[name] = Table.model_construct(**looks)
    said: dict[str, Any] = {"source": contract.source, "template": contract.template, "tables": tables}
    return Contract.model_construct(**said)


def read_source(
    submissions: Sequence[Submission], shapes: Shapes, private: Store, anew: bool = False
) -> list[ReadSubmission]:
    """Read a source's files, those that were read before only where they are to be read `anew`."""
    return [read(submission, shapes, private, anew=anew) for submission in submissions]


@dataclass(frozen=True)
class _Known:
    """What was found in a file, and where the text of its tables lies."""

    found: FileRead
    texts: Mapping[str, str]


_KNOWN = TypeAdapter(_Known)


def read(submission: Submission, shapes: Shapes, private: Store, *, anew: bool = False) -> ReadSubmission:
    """Read one raw file into text, one Parquet file a table.

    What was read before in the same way is used again, unless it is damaged or to be read `anew`.
    Raises Damaged where the raw file is not what was received.
    """
    if submission.problem:
        return ReadSubmission(submission, FileRead(problem=submission.problem, where=submission.where), {})
    way = hashlib.sha256(plain((code_version.of_code(__name__), shapes))).hexdigest()[:16]
    folder = f"read/{submission.source}/{submission.sha256}/{way}-{_ending(submission.file)}"
    known = None if anew else _known(private, f"{folder}/found.json")
    if known is None:
        with limits.allowing(shapes.file_limits):
            reading = _read_large if limits.is_large(submission.size) else _read_held
            try:
                with within(FILE_S * shapes.file_limits, "The file"):
                    known = reading(submission, shapes, private, folder)
            except TookTooLong:
                # no reason to keep all other files waiting; another machine, or a4p refresh --full, may be quicker
                return ReadSubmission(submission, FileRead(problem="too_slow"), {})
        checked.write_json(private, f"{folder}/found.json", _KNOWN.dump_json(known), lasting=False)
    return ReadSubmission(submission, known.found, known.texts)


def _known(private: Store, path: str) -> _Known | None:
    """Return what was read before; None where that is lost or damaged."""
    try:
        known = checked.read_json(private, path, _KNOWN)
    except (NotThere, Damaged):
        return None
    return known if all(checked.is_whole(private, text) for text in known.texts.values()) else None


def _read_held(submission: Submission, shapes: Shapes, private: Store, folder: str) -> _Known:
    data = checked.read(private, submission.raw, submission.sha256, checked.RECEIVED_AGAIN)
    found, tables = read_file(data, submission.file, shapes.own, shapes.known)
    return _Known(found, {table: frames.put(private, f"{folder}/{table}", text) for table, text in tables.items()})


def _read_large(submission: Submission, shapes: Shapes, private: Store, folder: str) -> _Known:
    with ExitStack() as stack:
        raw = stack.enter_context(checked.near(private, submission.raw, submission.sha256, checked.RECEIVED_AGAIN))
        written = {table: stack.enter_context(private.scratch()) for table in shapes.own.tables}
        found = read_large(raw, submission.file, shapes.own, shapes.known, written)
        return _Known(
            found, {table: frames.put_file(private, f"{folder}/{table}", written[table]) for table in found.tables}
        )


def _ending(file: str) -> str:
    # a name may be all ending, and longer than what the disk allows beside the hashes
    return PurePosixPath(file).suffix.removeprefix(".").lower()[:16]
