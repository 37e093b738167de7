"""The tables of the scorecard by source: their columns, and what each of these holds. No release has them."""

from __future__ import annotations

import polars as pl

from transforms.dictionary import FieldEntry

_SLOT = {
    "source": FieldEntry("Source, as config/sources names it.", kind=pl.String()),
    "title": FieldEntry("What the source sends, in words.", kind=pl.String()),
    "mission": FieldEntry("Mission, of a source that missions send.", kind=pl.String()),
}
_CYCLE = {"cycle": FieldEntry("Number of the cycle.", kind=pl.Int64())}
# one row a source, mission and cycle
CYCLES = {
    **_SLOT,
    **_CYCLE,
    "due": FieldEntry("Day on which it was due.", kind=pl.Date()),
    "received_on": FieldEntry("Day on which its first file came; empty where none counts.", kind=pl.Date()),
    "days_late": FieldEntry("Days after the due day; 0 where it came in time.", "days", kind=pl.Int64()),
    "status": FieldEntry("How it stands after the last refresh of the cycle.", kind=pl.String()),
    "files": FieldEntry("Files that were sent, but for those that were withdrawn.", "files", kind=pl.Int64()),
    "accepted_at_first": FieldEntry(
        "Whether the first file was accepted whole when it was looked at; empty where nobody looked at it.",
        kind=pl.Boolean(),
    ),
    "times_sent": FieldEntry(
        "How often it was sent until it was accepted whole; empty where that is not so yet. Parts of one file count as "
        "one.",
        "times",
        kind=pl.Int64(),
    ),
    "findings": FieldEntry(
        "Critical findings and warnings of all its files, each once, but for those that a decision lets stand.",
        "findings",
        kind=pl.Int64(),
    ),
    "critical": FieldEntry("Those that refuse a row or a file.", "findings", kind=pl.Int64()),
    "warnings": FieldEntry("Those that are to be looked at.", "findings", kind=pl.Int64()),
    "most_frequent": FieldEntry("The most frequent of them, and how often each was found.", kind=pl.String()),
    "mended": FieldEntry("Those that a later file of the source put right.", "findings", kind=pl.Int64()),
    "to_mend": FieldEntry("Those that are still open.", "findings", kind=pl.Int64()),
    "let_stand": FieldEntry("Findings that a decision lets stand, which are counted here alone.", kind=pl.Int64()),
    "days_to_mend": FieldEntry("Days until one was mended (the median).", "days", kind=pl.Float64()),
    "most_days_to_mend": FieldEntry("Days until the last of them was mended.", "days", kind=pl.Float64()),
    "questions": FieldEntry("Questions that the source was asked of its numbers.", "questions", kind=pl.Int64()),
    "answered": FieldEntry("Those that it answered.", "questions", kind=pl.Int64()),
    "corrected": FieldEntry("Those after which the number was corrected.", "questions", kind=pl.Int64()),
    "taken": FieldEntry("Those of which the number was taken as it is.", "questions", kind=pl.Int64()),
    "unanswered": FieldEntry("Those that are still open.", "questions", kind=pl.Int64()),
    "trend": FieldEntry(
        "Against its last cycle: better or worse where nothing speaks against that (days late, accepted at first, "
        "findings), some of both, as before.",
        kind=pl.String(),
    ),
}
# one row a source, mission, cycle and rule that its files broke
KINDS = {
    **_SLOT,
    **_CYCLE,
    "rule": FieldEntry("Name of the rule: what should hold.", kind=pl.String()),
    "severity": FieldEntry("Critical refuses the row or file, warning keeps it.", kind=pl.String()),
    "what": FieldEntry("What was wrong.", kind=pl.String()),
    "what_fr": FieldEntry("What was wrong, in French.", kind=pl.String()),
    "findings": FieldEntry("How often it was found.", "findings", kind=pl.Int64()),
    "again": FieldEntry("Whether it was found in the cycle before too.", kind=pl.Boolean()),
}
# one row a source and mission
TREND = {
    **_SLOT,
    "cycles": FieldEntry("The cycles that are counted, oldest first.", kind=pl.String()),
    "expected": FieldEntry("In how many of them it came or should have come.", "cycles", kind=pl.Int64()),
    "in_time": FieldEntry("In how many of these it came in time.", "cycles", kind=pl.Int64()),
    "accepted_at_first": FieldEntry(
        "In how many of these the first file was accepted whole.", "cycles", kind=pl.Int64()
    ),
    "findings": FieldEntry("Findings of each cycle, oldest first; – where nothing came.", kind=pl.String()),
    "days_to_mend": FieldEntry("Days to mend of each cycle, oldest first; – where none was.", kind=pl.String()),
    "each_time": FieldEntry("What was wrong in the last cycle, and in the one before too.", kind=pl.String()),
    "trend": FieldEntry("The last cycle against the one before it.", kind=pl.String()),
}


def schema(fields: dict[str, FieldEntry]) -> dict[str, pl.DataType]:
    """Return the columns of a table with their types."""
    return {name: entry.kind for name, entry in fields.items()}
