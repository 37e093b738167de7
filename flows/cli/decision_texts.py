"""What the command line says of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from config import Config
from flows.cli.as_data import as_data
from flows.core import terminal, visible
from flows.core.wording import place

if TYPE_CHECKING:
    from flows.refresh.erasing import Erasure
    from flows.releases.made_with import Made

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


def of_erasure(erasure: Erasure) -> str:
    """Say what was erased, where the file still lies, and what to do about each release that was made with it."""
    decision = erasure.decision
    sha256 = f"{decision.about['sha256'][:12]}…"
    done = ", ".join(f"{place} {count}" for place, count in erasure.done.items())
    lines = [
        f"The file with SHA-256 {sha256} is erased by {decision.place}"
        + (f" of {decision.on:%Y-%m-%d}, once more." if erasure.again else "."),
        f"Files of the private store that went or were written anew: {done or 'none'}.",
    ]
    if erasure.in_inbox:
        lines += ["It is not read again, and still lies in the inbox; remove it there:"]
        lines += [f"  - {path}" for path in erasure.in_inbox]
    if erasure.quoted:
        told = ", ".join(map(str, erasure.quoted))
        lines.append(f"The record only grows: decisions that name it, and stay as they are: {told} (a4p record).")
    if erasure.made:
        lines.append(
            "Releases that it came for. They stay as published: tables and figures, its name and hash in "
            "`submissions`, places in `findings`:"
        )
        lines += [f"  - {_made(one)}" for one in erasure.made]
    lines += [f"Next: a4p refresh --cycle {number}" for number in erasure.refresh]
    lines.append("Backups, versions that a bucket keeps, and mails that were sent hold it still; see docs/runbook.md.")
    return "\n".join(map(visible.in_line, lines))


def _made(one: Made) -> str:
    """Say what to do about a release that a file came for."""
    name = f"cycle {one.cycle}, {one.release}{' (readers see it)' if one.shown else ''}"
    if not one.used:
        return f"{name}: none of its rows is in it; it may stay."
    if one.withdrawn:
        return f"{name}: it is withdrawn already."
    if one.to:
        back = f"a4p decide withdraw --cycle {one.cycle} --to {one.to} --reason TEXT"
        return f"{name}: lead readers back before the next refresh, with: {back}"
    return f"{name}: no release before it is without the file; the next refresh makes one, which takes its place."
