"""The columns of findings: their types, and what they hold, as the data dictionary says it."""

from __future__ import annotations

import polars as pl

COLUMNS: dict[str, tuple[pl.DataType, str]] = {
    "source": (pl.String(), "Source, as config/sources names it."),
    "table": (pl.String(), "Table of the source; empty where the whole file is meant."),
    "mission": (pl.String(), "Mission whose file or row it is, where it is one mission's."),
    "file": (pl.String(), "File in the inbox."),
    "sheet": (pl.String(), "Sheet of a workbook."),
    "row": (pl.Int64(), "Row in the sheet or file, as a spreadsheet counts it; the number of a JSON record."),
    "column": (pl.String(), "Column, as the contract names it."),
    "rule": (pl.String(), "Name of the rule: what should hold."),
    "severity": (pl.String(), "Critical refuses the row or file, warning keeps it, info records."),
    "message": (pl.String(), "What is wrong."),
    "remedy": (pl.String(), "What to do."),
    "message_fr": (pl.String(), "What is wrong, in French."),
    "remedy_fr": (pl.String(), "What to do, in French."),
    "identity": (pl.String(), "By what the finding is known again in later refreshes: what is wrong with what."),
    "waived": (pl.String(), "Who lets it stand and why; empty where it has to be mended."),
    "value": (pl.Float64(), "The number that is asked about; empty where nothing is asked."),
    "earlier": (pl.Float64(), "What that number is held against; empty where nothing is asked."),
}
SCHEMA = {name: kind for name, (kind, _) in COLUMNS.items()}
# a number that is suppressed in a release could be told by these, so no release has them (expectations.questions)
INTERNAL = ("value", "earlier")
RELEASED = {name: entry for name, entry in COLUMNS.items() if name not in INTERNAL}
