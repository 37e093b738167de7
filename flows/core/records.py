"""The small records that pass between the steps of a refresh: what was pulled, read and judged, by path and hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

Status = Literal["final", "provisional"]
Slot = tuple[str, str | None]
# the sums of main numbers by file, table and column
Counted = Mapping[str, Mapping[str, Mapping[str, int]]]
# what a table's numbers are held against: cycles by their numbers, each with a path in the private store
Numbers = tuple[tuple[int, str], ...]
# a submission by source, mission and content: the same under whatever name it comes again
Known = tuple[str, str | None, str]
# the source of findings on what lies in the inbox and is of no source
INBOX = "inbox"


@dataclass(frozen=True)
class Cells:
    """What became of the cells of a sheet, or of several, that hold something: the first is the sum of the others.

    `used` are those of a table's headers and rows, refused ones too, `personal` those of columns that are never read,
    `told` those that a finding names, `ignored` those that the contract lets stand, such as a title above the header.
    """

    read: int = 0
    used: int = 0
    personal: int = 0
    told: int = 0
    ignored: int = 0

    def __add__(self, other: Cells) -> Cells:
        """Return the cells of both."""
        return Cells(*(own + more for own, more in zip(astuple(self), astuple(other), strict=True)))

    @property
    def add_up(self) -> bool:
        """Whether every cell was used, left out as personal, told or ignored."""
        return self.read == self.used + self.personal + self.told + self.ignored


@dataclass(frozen=True)
class Told:
    """A part of a file that was not read as rows, or that has to be looked at: once for a region, not for a cell.

    `trouble` is one of expectations.troubles.TROUBLES, `where` says the place, `where_fr` in French where that is not
    the same; `row` is the first of it. `cells` are those that were not used.
    """

    trouble: str
    where: str = ""
    table: str | None = None
    sheet: str | None = None
    row: int | None = None
    cells: int = 0
    where_fr: str = ""


@dataclass(frozen=True)
class TableRead:
    """What was found of one table in one file.

    `lacking` are columns that need not be there and are not. `cells` are those of its sheet; those of sheets of no
    table count with the file's first table. `none_in` is the row that says that there is nothing to list,
    `contradicted` says that there is something beside it. `sheet` is the name of its sheet, as the contract spells it.
    """

    rows: int = 0
    width: int = 0
    header_row: int | None = None
    absent: bool = False
    missing: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    unknown: int = 0
    none_in: int | None = None
    contradicted: bool = False
    sheet: str | None = None
    cells: Cells = Cells()

    @property
    def blank(self) -> bool:
        """Whether the table is there, and nothing is filled in below its header."""
        return self.header_row is not None and not self.missing and not self.rows and self.none_in is None


@dataclass(frozen=True)
class FileRead:
    """What was found in one file: a problem that keeps it from being read, or its tables.

    `template` is the version of the template that it was made from, where it was made from one.
    """

    problem: str | None = None
    where: str = ""
    looks_like: str | None = None
    claimed_mission: str | None = None
    claimed_cycle: str | None = None
    habits: tuple[str, ...] = ()
    tables: Mapping[str, TableRead] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    template: int | None = None


@dataclass(frozen=True)
class Submission:
    """One raw file of one source, and of one mission where it is a mission's.

    `file` is its path in the inbox, `raw` its copy in the private store; `received_at` is when it came in first.
    `problem` and `where` say why it was not even opened (flows.intake.read.limits); `raw` is then a note of that.
    `part` says which part it is, where others belong to it (flows.intake.receive.parts).
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
    part: str | None = None

    @property
    def known(self) -> Known:
        """By what it is known, under whatever name it comes."""
        return self.source, self.mission, self.sha256


@dataclass(frozen=True)
class Astray:
    """A file or folder of the inbox that does not count: wrong place, a link, not to be read, or erased.

    `source` and `mission` are whose it is, as far as its path says; `day` is when it was erased.
    """

    file: str
    trouble: Literal["misplaced", "linked", "unreadable", "erased"]
    source: str | None = None
    mission: str | None = None
    day: str | None = None


@dataclass(frozen=True)
class ReadSubmission:
    """A submission, what was found in it, and where the text of its tables lies in the private store."""

    submission: Submission
    found: FileRead
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Earlier:
    """A submission that a file is compared with: the one that it replaces, or the one in use in an earlier cycle."""

    file: str
    cycle: int
    submission: Submission


@dataclass(frozen=True)
class Compared:
    """What is told of a file beside earlier ones and those of other missions."""

    file: str
    told: tuple[Told, ...]


@dataclass(frozen=True)
class TableText:
    """The text of one table in one file, on its way to the gate: where it lies, how many rows it has.

    `refused` says that the rules on files refuse the file, or this table of it; `habits` how the whole file writes its
    numbers (transforms.notation.HABITS), `template` the version of the template that it was made from. Where it is of
    several parts of a file, `part` counts them, 0 is the newest.
    """

    file: str
    sha256: str
    mission: str | None
    received_on: date
    text: str
    rows: int
    refused: bool = False
    habits: tuple[str, ...] = ()
    template: int | None = None
    part: int | None = None


@dataclass(frozen=True)
class PassedOver:
    """A file not looked at since another, named by `by`, took its place; `trouble` is one of expectations.troubles."""

    source: str
    mission: str | None
    file: str
    by: str
    trouble: str


@dataclass(frozen=True)
class TableRules:
    """What the rules of a source table come from and tell: modules of code, and entries of config/messages.yaml.

    `modules` is None where one of them was registered so that nobody knows what it depends on.
    """

    modules: tuple[str, ...] | None
    texts: tuple[str, ...]


@dataclass(frozen=True)
class GatedTable:
    """One source table behind the gate: paths in the private store, counts, and the date of its newest row.

    `rows` gives for each file the rows read, staged and quarantined, `used` how often each correction and waiver.
    `impossible` names for each column the missions, or ALL, of which a value that cannot be right was counted.
    `repeated` counts for each file those rows in quarantine that a later part of the same file has, which lack nothing.
    `questions` counts for each column, by mission or ALL, the numbers that its source is asked about; `answers` has
    what it answered. `numbers` is the path of those that later cycles are held against. `sums` gives
    for each file the sums of its main numbers, which are never published.
    """

    source: str
    table: str
    staged: str
    quarantine: str
    findings: str
    newest: date | None
    rows: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    sums: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    impossible: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repeated: Mapping[str, int] = field(default_factory=dict)
    questions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    numbers: str | None = None


@dataclass(frozen=True)
class JudgedFiles:
    """Which files, and which tables of the others, the rules on files refuse; `findings` is a path.

    `doubtful` gives source, table and mission of each finding that may make numbers of an accepted table wrong and was
    not let stand; None stands for all tables, and for a file of headquarters.
    """

    refused: frozenset[str]
    refused_tables: frozenset[tuple[str, str]]
    findings: str
    used: Mapping[str, int] = field(default_factory=dict)
    doubtful: tuple[tuple[str, str | None, str | None], ...] = ()


@dataclass(frozen=True)
class Gathered:
    """All that a cycle's sources sent, behind the gate, as of a day: that asked for, or that of the newest receipt.

    `withdrawn` are the files that were sent and stay out, since a release that they came with was withdrawn; `earlier`
    those that the files were compared with, `astray` what lies in the inbox and does not count. `history` is what the
    numbers of each table were held against.
    """

    pulled: Mapping[Slot, Sequence[Submission]]
    reads: Sequence[ReadSubmission]
    judged: JudgedFiles
    tables: Sequence[GatedTable]
    on: date
    withdrawn: Sequence[Submission] = ()
    earlier: Sequence[Earlier] = ()
    astray: Sequence[Astray] = ()
    history: Mapping[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """What a release depends on besides what was gathered: the previous cycle's figures, and the day asked for.

    `series` is the path of the figures of all cycles before, by the releases that readers saw then.
    """

    previous: str | None
    as_of: date | None
    series: str | None = None


@dataclass(frozen=True)
class Curated:
    """The curated tables of a cycle by name (paths in the private store), and what the gate on them found.

    `left_out` are those without rows, since nothing else keeps their small numbers untold; each with the earlier
    releases that would give them away, None where the totals that stay published do. `without_totals` are those of them
    whose figures of the whole are suppressed too.
    """

    tables: Mapping[str, str]
    findings: str
    newest: Mapping[str, date]
    used: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, str | None] = field(default_factory=dict)
    without_totals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """A committed release: its name ('r001'), its cycle, where it lies, 'final' or 'provisional', its descriptor."""

    name: str
    cycle: int
    uri: str
    status: str
    descriptor: dict[str, Any]

    @property
    def path(self) -> str:
        """The release's folder in its store."""
        return f"releases/cycle-{self.cycle:02d}/{self.name}"

    @property
    def hashes(self) -> dict[str, str]:
        """The hash of each file but the descriptor, by the file's path in the release."""
        return hashes_in(self.descriptor)


def hashes_in(description: Mapping[str, Any]) -> dict[str, str]:
    """Return the hash of each file of a release but the descriptor, as its descriptor says."""
    return {resource["path"]: resource["hash"] for resource in description["resources"]}


@dataclass(frozen=True)
class News:
    """What a refresh found that the one before it did not: sources, and missions, with refused or late submissions."""

    refused: tuple[Slot, ...] = ()
    late: tuple[Slot, ...] = ()


@dataclass(frozen=True)
class LastRefresh:
    """What the last refresh of a cycle found and was sent, and what was counted in it, which nobody else is told."""

    findings: pl.DataFrame
    submissions: pl.DataFrame
    counted: Counted = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """What came of a refresh: the release (None where nothing could be published), if it is new, what was found.

    `newly_refused` and `newly_late` are sources, and missions, that were not so at the last refresh. `like` names the
    withdrawn release that was made once more, and is not published again.
    """

    release: Release | None
    new: bool
    status: str
    missing: tuple[str, ...]
    submissions: pl.DataFrame
    findings: pl.DataFrame
    report_uri: str | None = None
    internal_report_uri: str | None = None
    newly_refused: tuple[Slot, ...] = ()
    newly_late: tuple[Slot, ...] = ()
    like: str | None = None


@dataclass(frozen=True)
class Checks:
    """What a release says of its own data, as paths in the private store: a frame each."""

    findings: str
    submissions: str
    mended: str = ""
    restatements: str = ""


@dataclass(frozen=True)
class Built:
    """A release's files before they are published: paths in the private store by their paths in the release.

    `document` is the descriptor but for the release's name; there are neither where nothing of any source could be
    used. `apart` are those of the editions for who may read more, by audience.
    """

    status: Status
    missing: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    document: dict[str, Any] | None = None
    apart: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
