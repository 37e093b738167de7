"""What the command line says of decisions."""

from __future__ import annotations

import polars as pl

from flows.cli.as_data import as_data
from flows.core import terminal


def of_record(record: pl.DataFrame, form: str) -> str:
    """Show the record of decisions, or give it as CSV or JSON."""
    if form != "table":
        return as_data(record, form)
    if record.is_empty():
        return "Nothing is decided. See what can be: a4p decide --help\n"
    rows = [
        (
            row["decision"],
            row["kind"],
            "" if row["cycle"] is None else str(row["cycle"]),
            f"{row['on']:%Y-%m-%d %H:%M}" if row["on"] else "",
            row["by"] or "",
            row["about"],
            row["reason"],
            row["state"],
        )
        for row in record.iter_rows(named=True)
    ]
    headings = ("Decision", "Kind", "Cycle", "On (UTC)", "By", "About", "Reason", "State")
    return terminal.page(terminal.table(headings, rows)) + "\n"
