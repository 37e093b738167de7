"""The tables in which a release says what it was made of: their columns, and what each of these holds."""

from __future__ import annotations

import polars as pl

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
