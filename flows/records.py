"""The small records that pass between the steps of a refresh: what was pulled, read and judged, by path and hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from flows.read import FileRead

Slot = tuple[str, str | None]


@dataclass(frozen=True)
class Submission:
    """One raw file of one source, and of one mission where it is a mission's.

    `file` is its path in the inbox, `raw` its copy in the private store; `received_at` is when it came in first.
    `problem` and `where` say why it was not even opened (flows.limits.barred); `raw` is then a note of that.
    """

    source: str
    mission: str | None
    file: str
    sha256: str
    size: int
    received_at: datetime
    raw: str
    problem: str | None = None
    where: str = ""


@dataclass(frozen=True)
class ReadSubmission:
    """A submission, what was found in it, and where the text of its tables lies in the private store."""

    submission: Submission
    found: FileRead
    texts: Mapping[str, str]


@dataclass(frozen=True)
class GatedTable:
    """One source table behind the gate: paths in the private store, counts, and the date of its newest row.

    `rows` gives for each file the rows read, staged and quarantined, `used` how often each correction and waiver.
    """

    source: str
    table: str
    staged: str
    quarantine: str
    findings: str
    newest: date | None
    rows: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class JudgedFiles:
    """Which files, and which tables of the others, the rules on files refuse; `findings` is a path."""

    refused: frozenset[str]
    refused_tables: frozenset[tuple[str, str]]
    findings: str
    used: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Gathered:
    """All that a cycle's sources sent, behind the gate, as of a day: that asked for, or that of the newest receipt.

    `withdrawn` are the files that were sent and stay out, since a release that they came with was withdrawn.
    """

    pulled: Mapping[Slot, Sequence[Submission]]
    reads: Sequence[ReadSubmission]
    judged: JudgedFiles
    tables: Sequence[GatedTable]
    on: date
    withdrawn: Sequence[Submission] = ()


@dataclass(frozen=True)
class Origin:
    """What a release depends on besides what was gathered: the previous cycle's figures, and the day asked for."""

    previous: str | None
    as_of: date | None
