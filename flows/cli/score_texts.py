"""What the command line says of the scorecard by source."""

from __future__ import annotations

from typing import Any

import polars as pl

from flows.cli.as_data import as_data
from flows.core import terminal
from flows.core.wording import counted

_FIRST = "First file accepted"
_OF_FINDINGS = ("Findings", "Most frequent", "Days to mend", "Questions")
_BY_CYCLE = ("Source", "Mission", "Cycle", "Came", _FIRST, "Sent", *_OF_FINDINGS, "Trend")
_OVER_ALL = ("Source", "Mission", "Cycles", "In time", _FIRST, "Findings", "Days to mend", "Each time", "Trend")


def of_scorecard(cycles: pl.DataFrame, trend: pl.DataFrame, form: str) -> str:
    """Show how each source has done in each cycle, then over all of them; or give the first as CSV or JSON."""
    if form != "table":
        return as_data(cycles, form)
    if cycles.is_empty():
        return "Nothing is known of that yet; refresh a cycle with: a4p refresh --cycle N\n"
    rows = map(_cycle, cycles.iter_rows(named=True))
    each = terminal.table(_BY_CYCLE, rows, right=("Cycle", "Days to mend"))
    if cycles["cycle"].n_unique() == 1:
        return terminal.page(each) + "\n"
    all_cycles = terminal.table(_OVER_ALL, map(_over_all, trend.iter_rows(named=True)))
    return terminal.page(each, "", "Over the cycles, oldest first:", all_cycles) + "\n"


def _cycle(row: dict[str, Any]) -> list[str | None]:
    return [
        row["title"],
        row["mission"],
        str(row["cycle"]),
        _came(row),
        {True: "yes", False: "no", None: ""}[row["accepted_at_first"]],
        _sent(row),
        _findings(row),
        row["most_frequent"].split("; ")[0] if row["most_frequent"] else "",
        "" if row["days_to_mend"] is None else f"{row['days_to_mend']:,.1f}",
        _questions(row),
        row["trend"],
    ]


def _came(row: dict[str, Any]) -> str:
    if row["days_late"] is None:
        return str(row["status"])
    return "in time" if row["days_late"] == 0 else f"{counted(row['days_late'], 'day')} late"


def _sent(row: dict[str, Any]) -> str:
    """Say how often it was sent until it was accepted; of what is not accepted yet, how often so far."""
    if row["times_sent"]:
        return counted(row["times_sent"], "time")
    return f"{counted(row['files'], 'file')}, not accepted whole" if row["files"] else ""


def _findings(row: dict[str, Any]) -> str:
    kinds = {"critical": row["critical"], "to look at": row["warnings"]}
    said = [f"{number:,} {kind}" for kind, number in kinds.items() if number]
    said += [f"{row['to_mend']:,} still to mend"] if row["to_mend"] else []
    said += [f"{row['let_stand']:,} let stand"] if row["let_stand"] else []
    return ", ".join(said)


def _first_of(kinds: str | None) -> str | None:
    """Return the first of several kinds, and how many more there are: a line is short, and a workbook names them."""
    if not kinds:
        return None
    first, *others = kinds.split("; ")
    return f"{first}, and {len(others)} more" if others else first


def _questions(row: dict[str, Any]) -> str:
    ends = ("answered", "corrected", "taken", "unanswered")
    words = {"taken": "taken as it is", "unanswered": "open"}
    said = [f"{row[end]:,} {words.get(end, end)}" for end in ends if row[end]]
    return f"{row['questions']:,}: {', '.join(said)}" if row["questions"] else ""


def _over_all(row: dict[str, Any]) -> list[str | None]:
    of = row["expected"]
    shares = [f"{row[name]} of {of}" if of else "" for name in ("in_time", "accepted_at_first")]
    more = [row["findings"], row["days_to_mend"], _first_of(row["each_time"]), row["trend"]]
    return [row["title"], row["mission"], row["cycles"], *shares, *more]
