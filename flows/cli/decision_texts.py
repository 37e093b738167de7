"""What the command line says of decisions."""

from __future__ import annotations

import polars as pl

from config import Config
from flows.cli.as_data import as_data
from flows.core import terminal
from flows.core.wording import place

# of an identity, to be typed
_ENOUGH = 8


def of_questions(questions: pl.DataFrame, config: Config, number: int, form: str) -> str:
    """Show the questions to sources that are open, or give them as CSV or JSON."""
    if form != "table":
        return as_data(questions, form)
    if questions.is_empty():
        return f"Cycle {number}: no source is asked about a number.\n"
    rows = [
        (
            row["identity"][:_ENOUGH],
            row["mission"] or config.contract(row["source"]).owner,
            config.contract(row["source"]).title.en,
            place(row, config),
            row["message"],
        )
        for row in questions.iter_rows(named=True)
    ]
    told = (
        "Put an answer down with: a4p decide answer ID --text TEXT; take a number as it is with: "
        "a4p decide answer ID --as-it-is"
    )
    return terminal.page(terminal.table(("ID", "Asked", "Source", "Where", "Question"), rows), told) + "\n"


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
