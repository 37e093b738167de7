"""A source checks its own file before sending it: the same contract and rules as the refresh, nothing kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

import polars as pl

from config import Config, ConfigError, Contract, Cycle, by_its_config
from expectations.severity import critical_and_open
from flows.core import temporary
from flows.core.errors import StoreError
from flows.core.records import Numbers, ReadSubmission, Submission
from flows.core.within import FILE_S, within
from flows.intake.books import earlier
from flows.intake.gate import claims, decisions, gate
from flows.intake.gate.feeding import columns_of_figures
from flows.intake.gate.in_order import in_order
from flows.intake.read import limits, submissions
from flows.intake.read.grids import grids
from flows.intake.read.layout import recognise
from flows.intake.read.limits import Unreadable
from flows.intake.receive.inbox import note_of, store_raw
from flows.stores import Store, checked, frames

logger = logging.getLogger(__name__)


class NotRecognised(ConfigError):
    """A file that has the columns of no source, so that someone has to say which one it is of."""


@dataclass(frozen=True)
class Checked:
    """What a check found: findings as expectations.columns.SCHEMA says, rows read and accepted.

    `mission` and `cycle` are those that the file was held to: as they were given, else as its cover says.
    """

    file: str
    source: str | None
    refused: bool
    rows_read: int
    rows_accepted: int
    findings: pl.DataFrame
    mission: str | None = None
    cycle: int | None = None


def check(
    file: Path,
    config: Config,
    source: str | None = None,
    mission: str | None = None,
    cycle: Cycle | None = None,
    known: Store | None = None,
) -> Checked:
    """Check one file, and hold its numbers against those of earlier cycles in the private store `known`.

    Nothing is written there. The source is told from the file's columns, mission and cycle from its cover, where they
    are not given.
    Raises ConfigError where the source or mission is not known, or cannot be told.
    """
    received = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    data, barred = opened(file)
    return check_data(data, file.name, received, config, source, mission, cycle, barred, known)


def opened(file: Path) -> tuple[bytes, Unreadable | None]:
    """Return a file's content; where it must not be opened (flows.intake.read.limits.barred) a note of it, and why."""
    found = file.stat()
    barred = limits.barred(file.name, found.st_size, S_ISREG(found.st_mode))
    if barred:
        return note_of(file.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC), barred), barred
    return file.read_bytes(), None


@by_its_config
def check_data(
    data: bytes,
    name: str,
    received: datetime,
    config: Config,
    source: str | None = None,
    mission: str | None = None,
    cycle: Cycle | None = None,
    barred: Unreadable | None = None,
    known: Store | None = None,
) -> Checked:
    """Check the bytes of a file, which came in at a moment, as `check` does; `barred` says why it was not opened."""
    barred = barred or limits.barred(name, len(data))
    if cycle:
        config = config.of_cycle(cycle.number)
    reporting = config.reporting_missions if cycle else config.missions_of_any_cycle
    if mission and mission.upper() not in reporting:
        raise ConfigError(f"'{mission}' is no reporting mission; they are {', '.join(reporting)}.")
    told = source or (None if barred else _recognised(data, name, config))
    # any contract will do to say what is wrong with a file that cannot be read
    contract = config.contract(told or next(iter(config.contracts)))
    with temporary.folder() as folder:
        private = Store(str(folder), private=True)
        kept = store_raw(
            private, data, contract.source, mission.upper() if mission else None, cycle, name, received, name, barred
        )
        one = submissions.read(kept, submissions.shapes(contract.source, config), private)
        claimed = None if cycle else claims.claimed_cycle(one.found, config.cycles)
        if claimed and (then := config.of_cycle(claimed.number)).contracts.get(contract.source) != contract:
            # what it is held against is known only now
            return check_data(data, name, received, then, source, mission, claimed, barred, known)
        if claimed:
            cycle, config = claimed, config.of_cycle(claimed.number)
        history = _history(contract, config, cycle, known, private)
        return _judged(_of_mission(one, config), told, contract, config, cycle, history, private)


def _judged(
    one: ReadSubmission,
    source: str | None,
    contract: Contract,
    config: Config,
    cycle: Cycle | None,
    history: Mapping[str, Numbers],
    private: Store,
) -> Checked:
    config = decisions.in_force(config, cycle, one.submission.received_at.date())
    judged = gate.judge_files(
        [one], ([], []), columns_of_figures([one], config, cycle), config, cycle, private, placed=False
    )
    tables = in_order(
        [contract],
        [one],
        judged,
        lambda waiting: [
            gate.gate_table(
                of.contract, of.table, of.texts, of.parents, config, cycle, history.get(of.table, ()), private
            )
            for of in waiting
        ],
    )
    findings = pl.concat(
        frames.scan(private, path).collect() for path in (judged.findings, *(gated.findings for gated in tables))
    )
    counts = [gated.rows[one.submission.file] for gated in tables if one.submission.file in gated.rows]
    critical = findings.filter(critical_and_open())
    refused = bool(judged.refused or judged.refused_tables or critical.height)
    return Checked(
        one.submission.file,
        source,
        refused,
        sum(read for read, _, _ in counts),
        sum(staged for _, staged, _ in counts),
        findings,
        one.submission.mission,
        cycle.number if cycle else None,
    )


def _history(
    contract: Contract, config: Config, cycle: Cycle | None, known: Store | None, private: Store
) -> dict[str, Numbers]:
    """Copy what the numbers of a source are held against from a store into the one that is worked in."""
    if cycle is None or known is None:
        return {}
    try:
        every = earlier.before(cycle, config.cycles.values(), known)
        history = {table: numbers for table, numbers in every.items() if table in contract.tables}
        for path in {path for numbers in history.values() for _, path in numbers}:
            private.write(path, checked.read(known, path))
    except StoreError as error:
        # a source may have no store of its own, or none that it reaches
        logger.warning("The file is not held against earlier cycles: %s", error)
        return {}
    return history


def _recognised(data: bytes, name: str, config: Config) -> str | None:
    """Tell the source from the file's columns; None where the file cannot be read."""
    try:
        with within(FILE_S * limits.times(), f"Reading {name}"):
            found = grids(data, name)
    except Unreadable:
        return None
    source = recognise(found, config)
    if source is None:
        raise NotRecognised(
            f"{name} has the columns of no source; name its source with --source: {', '.join(config.contracts)}."
        )
    return source


def _of_mission(one: ReadSubmission, config: Config) -> ReadSubmission:
    """Take the mission from the file's cover where nobody said whose it is."""
    submission = one.submission
    mission = submission.mission or claims.canonical_mission(one.found.claimed_mission, config.missions)
    return ReadSubmission(
        Submission(**{**vars(submission), "mission": mission}),
        one.found,
        one.texts,
    )
