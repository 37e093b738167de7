"""What a release says of its input: which files came, what became of their rows, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import polars as pl

from config import Config, Cycle
from expectations.severity import SEVERITIES
from flows.core.quality_tables import RECEIVED, SUBMISSIONS
from flows.core.records import Counted, GatedTable, Gathered, JudgedFiles, ReadSubmission, Submission
from flows.core.standing import missions_of, standings
from flows.core.wording import day
from transforms.certainty import Known

# what became of cells, in the order of the columns of the table of submissions
_CELLS = ("read", "used", "personal", "told", "ignored")
_STATUSES = ("accepted", "refused", "superseded", "withdrawn")


def submissions(gathered: Gathered) -> pl.DataFrame:
    """Return one row a file and table; a file that could not be read, or was replaced before it was, has one row."""
    rows: list[tuple[object, ...]] = []
    judged = gathered.judged
    read = {one.submission.file for one in gathered.reads}
    order = _order(gathered)
    for one in gathered.reads:
        submission = one.submission
        head = (submission.source, submission.mission, submission.file, submission.sha256, submission.received_at)
        if not one.texts:
            rows.append((*head, None, 0, 0, 0, 0, "refused", *(None,) * len(_CELLS), order.get(submission)))
        for gated in gathered.tables:
            if gated.source == submission.source and submission.file in gated.rows:
                refused = submission.file in judged.refused or (submission.file, gated.table) in judged.refused_tables
                status = "refused" if refused else "accepted"
                cells = one.found.tables[gated.table].cells
                of_cells = [getattr(cells, name) for name in _CELLS]
                counts = *gated.rows[submission.file], gated.repeated.get(submission.file, 0)
                rows.append((*head, gated.table, *counts, status, *of_cells, order.get(submission)))
    replaced = [one for slot in gathered.pulled.values() for one in slot if one.file not in read]
    for status, not_read in (("superseded", replaced), ("withdrawn", gathered.withdrawn)):
        rows += [
            (
                one.source,
                one.mission,
                one.file,
                one.sha256,
                one.received_at,
                *(None,) * 5,
                status,
                *(None,) * len(_CELLS),
                order.get(one),
            )
            for one in not_read
        ]
    columns = ("source", "mission", "file", "sha256", "received_at", "table", *list(SUBMISSIONS)[6:])
    frame = pl.DataFrame(rows, schema={name: SUBMISSIONS[name] for name in columns}, orient="row")
    return frame.select(list(SUBMISSIONS)).sort("source", "mission", "table", "file", nulls_last=True)


def _order(gathered: Gathered) -> dict[Submission, int]:
    """Return in which order the files of each slot count: as they were pulled, and then those accepted before."""
    order: dict[Submission, int] = {}
    for slot, pulled in gathered.pulled.items():
        read = [one.submission for one in gathered.reads if (one.submission.source, one.submission.mission) == slot]
        every = dict.fromkeys([*pulled, *read])
        order |= {one: number for number, one in enumerate(every, start=1)}
    return order


def missing(gathered: Gathered, sent: pl.DataFrame, config: Config, cycle: Cycle) -> tuple[str, ...]:
    """Return a sentence for each source, and mission, of which something is missing.

    Of required ones that nothing could be used.
    """
    missing_by_table = _lacking(gathered, config, _usable)
    came = {(slot.source, slot.mission) for slot in standings(sent, config, cycle) if slot.received_on}
    said = []
    for contract in config.contracts.values():
        if not contract.required:
            continue
        due = f"due {day(contract.due(cycle))}"
        tables = {name: missing_by_table[name] for name in contract.tables if missing_by_table[name]}
        whole = [name for name in contract.tables if "ALL" in missing_by_table[name]]
        anything = any(source == contract.source for source, _ in came)
        if len(whole) == len(contract.tables):
            why = "nothing that was sent could be used" if anything else "nothing has been received"
            said.append(f"{contract.title.en} ({contract.owner}): {why}, {due}.")
            continue
        for mission in sorted({mission for missions in tables.values() for mission in missions}):
            short = [name for name, missions in tables.items() if mission in missions]
            who = contract.owner if mission == "ALL" else mission
            what = "" if len(short) == len(contract.tables) else f" of {', '.join(map(contract.table_title, short))}"
            of_it = anything if mission == "ALL" else (contract.source, mission) in came
            why = "could be used" if of_it else "has been received"
            said.append(f"{contract.title.en} ({who}): nothing{what} {why}, {due}.")
    return tuple(said)


def still_open(gathered: Gathered, config: Config, cycle: Cycle) -> tuple[str, ...]:
    """Return a sentence for each source, and mission, that is in and not all of it certain.

    Rows were refused, a finding may change numbers, or the data end before the cycle. By themselves these
    keep no release from being final: the figures that they make uncertain do, unless a decision names them.
    """
    return (*_in_part(gathered, config), *_too_old(gathered, config, cycle))


def _in_part(gathered: Gathered, config: Config) -> Iterator[str]:
    """Say of which sources, and missions, rows of what is in use were refused, or numbers may be wrong."""
    read, refused = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for gated in gathered.tables:
        for one in gathered.reads:
            if one.submission.source == gated.source and _usable(one, gated, gathered.judged):
                rows, _, quarantined = gated.rows[one.submission.file]
                slot = gated.source, one.submission.mission or ""
                read[slot] += rows
                refused[slot] += quarantined - gated.repeated.get(one.submission.file, 0)
    for (source, mission), number in sorted(refused.items()):
        if number:
            contract = config.contract(source)
            # how many rows there are may be what is suppressed
            some = f"{number:,} of {read[source, mission]:,}" if contract.classification == "unclassified" else "some"
            yield f"{contract.title.en} ({mission or contract.owner}): {some} rows could not be used."
    doubts = Counter((source, mission or "") for source, _, mission in gathered.judged.doubtful)
    for (source, mission), number in sorted(doubts.items()):
        contract = config.contract(source)
        what = f"{number} findings are open that may change its numbers"
        if number == 1:
            what = "a finding is open that may change its numbers"
        yield f"{contract.title.en} ({mission or contract.owner}): {what}."


def _too_old(gathered: Gathered, config: Config, cycle: Cycle) -> Iterator[str]:
    """Say of which sources the newest data are from before the end of the cycle, where they should reach it."""
    for gated in gathered.tables:
        contract = config.contract(gated.source)
        if gated.newest and gated.newest < cycle.end and not contract.tables[gated.table].within_cycle:
            title = contract.title.en if len(contract.tables) == 1 else contract.table_title(gated.table)
            until = f"the newest data are of {day(gated.newest)}, before the end of the cycle"
            yield f"{title} ({contract.owner}): {until}."


def counted(gathered: Gathered) -> Counted:
    """Return the sums of the main numbers of what was accepted."""
    sums: dict[str, dict[str, Mapping[str, int]]] = {}
    for gated in gathered.tables:
        for file, of_columns in gated.sums.items():
            sums.setdefault(file, {})[gated.table] = of_columns
    return sums


def summary(submissions: pl.DataFrame, findings: pl.DataFrame) -> dict[str, object]:
    """Return the quality of the input in numbers."""
    by_severity: Mapping[str, int] = dict(findings.group_by("severity").len().iter_rows())
    return {
        "files": submissions["file"].n_unique(),
        "files_refused": submissions.filter(pl.col("status") == "refused")["file"].n_unique(),
        "rows_read": int(submissions["rows_read"].sum()),
        "rows_staged": int(submissions["rows_staged"].sum()),
        "rows_quarantined": int(submissions["rows_quarantined"].sum()),
        **{f"findings_{severity}": by_severity.get(severity, 0) for severity in SEVERITIES},
    }


def by_source(submissions: pl.DataFrame, findings: pl.DataFrame, config: Config) -> pl.DataFrame:
    """Return how many files each source sent and what became of them, and how many findings are open, as RECEIVED says.

    No file, mission or row is named, and no row counted: of a small table that would tell what is suppressed.
    """
    files = submissions.unique(["source", "file", "sha256", "status"])
    counts = [(pl.col("status") == status).sum().alias(f"files_{status}") for status in _STATUSES]
    found = findings.filter(pl.col("waived").is_null())
    severities = [(pl.col("severity") == one).sum().alias(f"findings_{one}") for one in SEVERITIES]
    return (
        pl.DataFrame({"source": list(config.contracts)}, schema={"source": pl.String})
        .join(files.group_by("source").agg(counts), on="source", how="left", maintain_order="left")
        .join(found.group_by("source").agg(severities), on="source", how="left", maintain_order="left")
        .with_columns(pl.exclude("source").fill_null(0))
        .select(list(RECEIVED))
        .cast(RECEIVED)  # type: ignore[arg-type]
    )


def gaps(gathered: Gathered, config: Config) -> dict[str, frozenset[str]]:
    """Return for each source table what figures lack of it: missions that reported nothing, or ALL.

    Nothing is reported where nothing could be used, and where a table that may be left out, or was let stand by a
    waiver, holds no row and does not say that there is none.
    """
    return _lacking(gathered, config, _reported)


def known(gathered: Gathered, config: Config) -> dict[str, Known]:
    """Return for each source table what figures have to say of how sure they are."""
    mission_of = {one.submission.file: one.submission.mission or "ALL" for one in gathered.reads}
    of = {}
    for gated in gathered.tables:
        refused: Counter[str] = Counter()
        for file, (_, _, quarantined) in gated.rows.items():
            lacking = quarantined - gated.repeated.get(file, 0)
            if lacking and file in mission_of:
                refused[mission_of[file]] += lacking
        expected = frozenset(mission for mission in missions_of(config.contract(gated.source), config) if mission)
        doubts = Counter[str]()
        for source, table, mission in gathered.judged.doubtful:
            if source == gated.source and table in (gated.table, None):
                doubts[mission or "ALL"] += 1
        definition = config.contract(gated.source).tables[gated.table]
        of[gated.table] = Known(
            expected,
            dict(sorted(refused.items())),
            gated.impossible,
            dict(sorted(doubts.items())),
            gated.questions,
            gated.answers,
            # events of a cycle need not reach its last day
            None if definition.within_cycle else gated.newest,
        )
    return of


def _lacking(
    gathered: Gathered, config: Config, is_in: Callable[[ReadSubmission, GatedTable, JudgedFiles], bool]
) -> dict[str, frozenset[str]]:
    missing: dict[str, frozenset[str]] = {}
    for gated in gathered.tables:
        in_use = {
            one.submission.mission or "ALL"
            for one in gathered.reads
            if one.submission.source == gated.source and is_in(one, gated, gathered.judged)
        }
        expected = {mission or "ALL" for mission in missions_of(config.contract(gated.source), config)}
        missing[gated.table] = frozenset(expected - in_use) if in_use else frozenset({"ALL"})
    return missing


def _usable(one: ReadSubmission, gated: GatedTable, judged: JudgedFiles) -> bool:
    file = one.submission.file
    if file in judged.refused or (file, gated.table) in judged.refused_tables or gated.table not in one.texts:
        return False
    _, staged, quarantined = gated.rows[file]
    return staged > 0 or quarantined == gated.repeated.get(file, 0)


def _reported(one: ReadSubmission, gated: GatedTable, judged: JudgedFiles) -> bool:
    if not _usable(one, gated, judged):
        return False
    _, staged, _ = gated.rows[one.submission.file]
    return staged > 0 or one.found.tables[gated.table].none_in is not None
