"""What a release says of its input: which files came, what became of their rows, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from config import Config, Cycle
from flows.records import GatedTable, Gathered, JudgedFiles, ReadSubmission
from transforms.dictionary import FieldEntry, TableEntry

SUBMISSIONS: dict[str, pl.DataType] = {
    "source": pl.String(),
    "table": pl.String(),
    "mission": pl.String(),
    "file": pl.String(),
    "sha256": pl.String(),
    "received_at": pl.Datetime("us", "UTC"),
    "rows_read": pl.Int64(),
    "rows_staged": pl.Int64(),
    "rows_quarantined": pl.Int64(),
    "status": pl.String(),
}
_WHERE = {
    "source": FieldEntry("Source, as config/sources names it."),
    "table": FieldEntry("Table of the source; empty where the whole file is meant."),
    "mission": FieldEntry("Mission whose file or row it is, where it is one mission's."),
    "file": FieldEntry("File in the inbox."),
}
ENTRIES = {
    "submissions": TableEntry(
        name="submissions",
        description="Files that the sources sent for the cycle and what became of their rows; a row a file and table.",
        fields={
            **_WHERE,
            "sha256": FieldEntry("SHA-256 of the raw file."),
            "received_at": FieldEntry("When the file first came in."),
            "rows_read": FieldEntry("Rows read.", "rows"),
            "rows_staged": FieldEntry("Rows accepted.", "rows"),
            "rows_quarantined": FieldEntry("Rows refused, kept apart with the reason.", "rows"),
            "status": FieldEntry(
                "Accepted, refused, superseded by a later file, or withdrawn with the release that it came with."
            ),
        },
        key=("source", "table", "mission", "file"),
        source="the refresh",
        rule="Rows read are rows staged and rows quarantined.",
    ),
    "findings": TableEntry(
        name="findings",
        description="What is wrong with the files and rows that were sent; a row a finding.",
        fields={
            **_WHERE,
            "sheet": FieldEntry("Sheet of a workbook."),
            "row": FieldEntry("Row in the sheet or file, as a spreadsheet counts it; the number of a JSON record."),
            "column": FieldEntry("Column, as the contract names it."),
            "rule": FieldEntry("Name of the rule: what should hold."),
            "severity": FieldEntry("Critical refuses the row or file, warning keeps it, info records."),
            "message": FieldEntry("What is wrong."),
            "remedy": FieldEntry("What to do."),
            "message_fr": FieldEntry("What is wrong, in French."),
            "remedy_fr": FieldEntry("What to do, in French."),
            "identity": FieldEntry("By what the finding is known again in later refreshes: what is wrong with what."),
            "waived": FieldEntry("Who lets it stand and why; empty where it has to be mended."),
        },
        key=("source", "table", "mission", "file", "sheet", "row", "column", "rule"),
        source="the refresh",
        rule="Rules follow from the contract of the source and from its business rules.",
    ),
    "restatements": TableEntry(
        name="restatements",
        description="Figures that an earlier release of the cycle published with another value; a row a figure and "
        "mission.",
        fields={
            "cycle": FieldEntry("Number of the cycle."),
            "figure": FieldEntry("Name of the figure, as in config/figures.yaml."),
            "mission": FieldEntry("Acronym of the mission, or ALL for the whole of peacekeeping."),
            "unit": FieldEntry("Unit of the values."),
            "first_value": FieldEntry("Value when it was first published."),
            "value_before": FieldEntry("Value before the last change."),
            "value": FieldEntry("Value now; empty where there is none any more."),
            "times": FieldEntry("How often it changed.", "times"),
        },
        key=("cycle", "figure", "mission"),
        source="the releases of the cycle",
        rule="A number that comes where there was none is no restatement.",
    ),
    "mended": TableEntry(
        name="mended",
        description="Findings of the cycle's earlier submissions that a later one put right; a row a finding.",
        fields={
            **_WHERE,
            "sheet": FieldEntry("Sheet of the workbook with the finding."),
            "row": FieldEntry("Row in the sheet or file with the finding."),
            "column": FieldEntry("Column, as the contract names it."),
            "rule": FieldEntry("Name of the rule: what should hold."),
            "severity": FieldEntry("Severity of the finding while it was open."),
            "message": FieldEntry("What was wrong."),
            "message_fr": FieldEntry("What was wrong, in French."),
            "identity": FieldEntry("By what the finding is known again in later refreshes: what is wrong with what."),
            "sent_on": FieldEntry("When the submission in which it was first found was received."),
            "mended_on": FieldEntry("When the submission that put it right was received."),
            "resolved_by": FieldEntry("SHA-256 of the submission that put it right."),
            "reopened": FieldEntry("How often it had been put right before and came back.", "times"),
        },
        key=("identity",),
        source="the ledger of the cycle",
        rule="A finding is put right by the first submission of its source, mission and table that does not have it.",
    ),
}


def submissions(gathered: Gathered) -> pl.DataFrame:
    """Return one row a file and table; a file that could not be read, or was replaced before it was, has one row."""
    rows: list[tuple[object, ...]] = []
    judged = gathered.judged
    read = {one.submission.file for one in gathered.reads}
    for one in gathered.reads:
        submission = one.submission
        head = (submission.source, submission.mission, submission.file, submission.sha256, submission.received_at)
        if not one.texts:
            rows.append((*head, None, 0, 0, 0, "refused"))
        for gated in gathered.tables:
            if gated.source == submission.source and submission.file in gated.rows:
                refused = submission.file in judged.refused or (submission.file, gated.table) in judged.refused_tables
                status = "refused" if refused else "accepted"
                rows.append((*head, gated.table, *gated.rows[submission.file], status))
    replaced = [one for slot in gathered.pulled.values() for one in slot if one.file not in read]
    for status, not_read in (("superseded", replaced), ("withdrawn", gathered.withdrawn)):
        rows += [
            (one.source, one.mission, one.file, one.sha256, one.received_at, None, None, None, None, status)
            for one in not_read
        ]
    order = ("source", "mission", "file", "sha256", "received_at", "table", *list(SUBMISSIONS)[6:])
    frame = pl.DataFrame(rows, schema={name: SUBMISSIONS[name] for name in order}, orient="row")
    return frame.select(list(SUBMISSIONS)).sort("source", "mission", "table", "file", nulls_last=True)


def missing(gathered: Gathered, sent: pl.DataFrame, config: Config, cycle: Cycle) -> tuple[str, ...]:
    """Return a sentence for each required source, and mission, of which nothing could be used."""
    missing_by_table = _lacking(gathered, config, _usable)
    said = []
    for contract in config.contracts.values():
        if not contract.required:
            continue
        due = f"due {contract.due(cycle).day} {contract.due(cycle):%B %Y}"
        tables = {name: missing_by_table[name] for name in contract.tables if missing_by_table[name]}
        whole = [name for name in contract.tables if "ALL" in missing_by_table[name]]
        of_source = sent.filter(pl.col("source") == contract.source)
        if len(whole) == len(contract.tables):
            why = "nothing that was sent could be used" if of_source.height else "nothing has been received"
            said.append(f"{contract.title.en} ({contract.owner}): {why}, {due}.")
            continue
        for mission in sorted({mission for missions in tables.values() for mission in missions}):
            short = [name for name, missions in tables.items() if mission in missions]
            who = contract.owner if mission == "ALL" else mission
            what = "" if len(short) == len(contract.tables) else f" of {', '.join(short)}"
            came = of_source if mission == "ALL" else of_source.filter(pl.col("mission") == mission)
            why = "could be used" if came.height else "has been received"
            said.append(f"{contract.title.en} ({who}): nothing{what} {why}, {due}.")
    return tuple(said)


def summary(submissions: pl.DataFrame, findings: pl.DataFrame) -> dict[str, object]:
    """Return the quality of the input in numbers."""
    by_severity: Mapping[str, int] = dict(findings.group_by("severity").len().iter_rows())
    return {
        "files": submissions["file"].n_unique(),
        "files_refused": submissions.filter(pl.col("status") == "refused")["file"].n_unique(),
        "rows_read": int(submissions["rows_read"].sum()),
        "rows_staged": int(submissions["rows_staged"].sum()),
        "rows_quarantined": int(submissions["rows_quarantined"].sum()),
        **{f"findings_{severity}": by_severity.get(severity, 0) for severity in ("critical", "warning", "info")},
    }


def gaps(gathered: Gathered, config: Config) -> dict[str, frozenset[str]]:
    """Return for each source table what figures lack of it: missions that reported nothing, or ALL.

    Nothing is reported where nothing could be used, and where a table that may be left out, or was let stand by a
    waiver, holds no row and does not say that there is none.
    """
    return _lacking(gathered, config, _reported)


def _lacking(
    gathered: Gathered, config: Config, is_in: Callable[[ReadSubmission, GatedTable, JudgedFiles], bool]
) -> dict[str, frozenset[str]]:
    missing: dict[str, frozenset[str]] = {}
    for gated in gathered.tables:
        by_missions = config.contract(gated.source).sent_by == "missions"
        in_use = {
            one.submission.mission or "ALL"
            for one in gathered.reads
            if one.submission.source == gated.source and is_in(one, gated, gathered.judged)
        }
        expected = set(config.reporting_missions) if by_missions else {"ALL"}
        missing[gated.table] = frozenset(expected - in_use) if in_use else frozenset({"ALL"})
    return missing


def _usable(one: ReadSubmission, gated: GatedTable, judged: JudgedFiles) -> bool:
    file = one.submission.file
    if file in judged.refused or (file, gated.table) in judged.refused_tables or gated.table not in one.texts:
        return False
    _, staged, quarantined = gated.rows[file]
    return staged > 0 or quarantined == 0


def _reported(one: ReadSubmission, gated: GatedTable, judged: JudgedFiles) -> bool:
    if not _usable(one, gated, judged):
        return False
    _, staged, _ = gated.rows[one.submission.file]
    return staged > 0 or one.found.tables[gated.table].none_in is not None
