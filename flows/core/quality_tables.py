"""The tables in which a release says what it was made of: their columns, and what each of these holds."""

from __future__ import annotations

import polars as pl

from expectations.columns import RELEASED
from transforms.dictionary import FieldEntry, TableEntry

_WHEN = pl.Datetime("us", "UTC")
_FINDING = {name: FieldEntry(text, kind=kind) for name, (kind, text) in RELEASED.items()}
_WHERE = {name: _FINDING[name] for name in ("source", "table", "mission", "file")}
ENTRIES = {
    "submissions": TableEntry(
        name="submissions",
        description="Files that the sources sent for the cycle and what became of their rows; a row a file and table.",
        fields={
            **_WHERE,
            "sha256": FieldEntry("SHA-256 of the raw file.", kind=pl.String()),
            "received_at": FieldEntry("When the file first came in.", kind=_WHEN),
            "rows_read": FieldEntry("Rows read.", "rows", kind=pl.Int64()),
            "rows_staged": FieldEntry("Rows accepted.", "rows", kind=pl.Int64()),
            "rows_quarantined": FieldEntry("Rows refused, kept apart with the reason.", "rows", kind=pl.Int64()),
            "rows_repeated": FieldEntry(
                "Those of the rows quarantined that a later part of the file has: nothing is lacking for them.",
                "rows",
                kind=pl.Int64(),
            ),
            "status": FieldEntry(
                "Accepted, refused, superseded by a later file, or withdrawn with the release that it came with.",
                kind=pl.String(),
            ),
            "cells_read": FieldEntry(
                "Cells of the table's sheet that hold something; those of sheets of no table count with the first one.",
                "cells",
                kind=pl.Int64(),
            ),
            "cells_used": FieldEntry("Cells of headers and rows, refused ones too.", "cells", kind=pl.Int64()),
            "cells_personal": FieldEntry("Cells of personal columns, which are dropped.", "cells", kind=pl.Int64()),
            "cells_told": FieldEntry(
                "Cells that were not used, and that a finding tells of.", "cells", kind=pl.Int64()
            ),
            "cells_ignored": FieldEntry(
                "Cells of titles above a header, and of the sheets that templates bring with them.",
                "cells",
                kind=pl.Int64(),
            ),
            "order": FieldEntry(
                "In which order the files of a source, and mission, count: 1 is the last that came, or the last part; "
                "null where the file was withdrawn.",
                kind=pl.Int64(),
            ),
        },
        key=("source", "table", "mission", "file"),
        source="the refresh",
        rule="Rows read are rows staged and rows quarantined; cells read are cells used, personal, told and ignored.",
    ),
    "findings": TableEntry(
        name="findings",
        description="What is wrong with the files and rows that were sent; a row a finding.",
        fields=_FINDING,
        key=("identity",),
        source="the refresh",
        rule="Rules follow from the contract of the source and from its business rules.",
    ),
    "received": TableEntry(
        name="received",
        description="How many files each source sent for the cycle, and how many findings are open; a row a source.",
        fields={
            "source": FieldEntry("Source, as its contract names it.", kind=pl.String()),
            "files_accepted": FieldEntry("Files that are used, in whole or in part.", "files", kind=pl.Int64()),
            "files_refused": FieldEntry("Files of which a table or all is refused.", "files", kind=pl.Int64()),
            "files_superseded": FieldEntry(
                "Files whose place a later one of the same source took.", "files", kind=pl.Int64()
            ),
            "files_withdrawn": FieldEntry(
                "Files that stay out since a release that they came with was withdrawn.", "files", kind=pl.Int64()
            ),
            "findings_critical": FieldEntry(
                "Findings for which a row or file was refused.", "findings", kind=pl.Int64()
            ),
            "findings_warning": FieldEntry(
                "Findings on what was kept and is to be looked at.", "findings", kind=pl.Int64()
            ),
            "findings_info": FieldEntry("Findings for information.", "findings", kind=pl.Int64()),
        },
        key=("source",),
        source="the refresh",
        rule="Findings that a waiver lets stand are not counted.",
    ),
    "restatements": TableEntry(
        name="restatements",
        description="Figures that an earlier release of the cycle published with another value; a row a figure and "
        "mission.",
        fields={
            "cycle": FieldEntry("Number of the cycle.", kind=pl.Int64()),
            "figure": FieldEntry("Name of the figure, as in config/figures.yaml.", kind=pl.String()),
            "mission": FieldEntry("Acronym of the mission, or ALL for the whole of peacekeeping.", kind=pl.String()),
            "unit": FieldEntry("Unit of the values.", kind=pl.String()),
            "first_value": FieldEntry("Value when it was first published.", kind=pl.Float64()),
            "value_before": FieldEntry("Value before the last change.", kind=pl.Float64()),
            "value": FieldEntry("Value now; empty where there is none any more.", kind=pl.Float64()),
            "times": FieldEntry("How often it changed.", "times", kind=pl.Int64()),
        },
        key=("cycle", "figure", "mission"),
        source="the releases of the cycle",
        rule="A number that comes where there was none is no restatement.",
    ),
    "mended": TableEntry(
        name="mended",
        description="Findings of the cycle's earlier submissions that a later one put right; a row a finding.",
        fields={
            "source": _WHERE["source"],
            "table": _WHERE["table"],
            "mission": _WHERE["mission"],
            "rule": FieldEntry("Name of the rule: what should hold.", kind=pl.String()),
            "severity": FieldEntry("Severity of the finding while it was open.", kind=pl.String()),
            "column": FieldEntry("Column, as the contract names it.", kind=pl.String()),
            "file": _WHERE["file"],
            "sheet": FieldEntry("Sheet of the workbook with the finding.", kind=pl.String()),
            "row": FieldEntry("Row in the sheet or file with the finding.", kind=pl.Int64()),
            "message": FieldEntry("What was wrong.", kind=pl.String()),
            "message_fr": FieldEntry("What was wrong, in French.", kind=pl.String()),
            "identity": FieldEntry(
                "By what the finding is known again in later refreshes: what is wrong with what.", kind=pl.String()
            ),
            "sent_on": FieldEntry("When the submission in which it was first found was received.", kind=_WHEN),
            "mended_on": FieldEntry("When the submission that put it right was received.", kind=_WHEN),
            "resolved_by": FieldEntry("SHA-256 of the submission that put it right.", kind=pl.String()),
            "reopened": FieldEntry("How often it had been put right before and came back.", "times", kind=pl.Int64()),
        },
        key=("identity",),
        source="the ledger of the cycle",
        rule="A finding is put right by the first submission of its source, mission and table that does not have it.",
    ),
}

SUBMISSIONS = ENTRIES["submissions"].schema
RECEIVED = ENTRIES["received"].schema
RESTATEMENTS = ENTRIES["restatements"].schema
MENDED = ENTRIES["mended"].schema
