"""Where each figure comes from: what is counted, whose data it is, and the files of the release it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from config import Figure
from expectations.severity import SEVERITIES
from flows.core import wording
from flows.core.wording import counted, day, listed, number
from flows.documents.page import sql_in_words
from flows.documents.page.figures import FigureLine
from flows.documents.page.model import Release, Row
from transforms import catalogue

_FINDINGS = {"critical": "critical finding", "warning": "warning", "info": "note"}


@dataclass(frozen=True)
class FileLine:
    """One file that a figure was made from."""

    name: str
    received: str
    rows: str


@dataclass(frozen=True)
class SourceLine:
    """A source of a figure: who answers for it, which files came, what was found on them."""

    source: str
    title: str
    owner: str
    files: tuple[FileLine, ...]
    files_said: str
    findings: str


@dataclass(frozen=True)
class Origin:
    """All that is known of how one figure was made."""

    figure: str
    title: str
    counts: str
    rule: str
    sql: str
    table: str
    table_said: str
    window: str
    made_of: str
    sources: tuple[SourceLine, ...]


def origins(release: Release, lines: Sequence[FigureLine]) -> tuple[Origin, ...]:
    """Return the origin of each figure that the page shows, in its order."""
    figures = release.config.figures
    return tuple(_origin(release, line, figures[line.name]) for line in lines if line.name in figures)


def staged_tables(release: Release, figure: Figure) -> frozenset[str]:
    """Return the source tables that a figure is counted on, and those that state it."""
    stated = {said.table for said in (figure.stated, figure.stated_previous) if said}
    return catalogue.staged_for(figure.table) | stated


def _origin(release: Release, line: FigureLine, figure: Figure) -> Origin:
    entry = catalogue.entries().get(figure.table)
    fields = {name: field.description for name, field in entry.fields.items()} if entry else {}
    tables = staged_tables(release, figure)
    sources = [
        _source(release, source, tables & set(contract.tables))
        for source, contract in release.config.contracts.items()
        if tables & set(contract.tables)
    ]
    stated = "The source states this figure too; what its rows give is what counts." if figure.stated else ""
    return Origin(
        line.name,
        line.title,
        sql_in_words.counted(figure.value, figure.where, fields),
        " ".join(part for part in (figure.rule, stated) if part),
        " ".join(["select", figure.value, "from", figure.table, *(["where", figure.where] if figure.where else [])]),
        figure.table,
        entry.description if entry else "",
        _window(release, line, figure),
        "" if sources or entry is None else entry.source,
        tuple(sources),
    )


def _window(release: Release, line: FigureLine, figure: Figure) -> str:
    match figure.window.split():
        case ["since", _]:
            said = f"{line.since} to {line.as_of}"
        case ["last", *_]:
            said = f"the calendar year {release.cycle.last_calendar_year}"
        case ["snapshot"]:
            return f"The whole table, as it was on {line.as_of}"
        case _:
            said = f"the cycle, {wording.days(release.cycle)}"
    dated = f", by {figure.dated_by.replace('_', ' ')}" if figure.dated_by else ""
    return wording.sentence(said) + dated


def _source(release: Release, source: str, tables: frozenset[str]) -> SourceLine:
    contract = release.config.contracts[source]
    sent = [row for row in release.rows("submissions") if row["source"] == source and row["table"] in tables]
    by_file: dict[str, list[Row]] = {}
    for row in sent:
        if row["status"] == "accepted":
            by_file.setdefault(str(row["file"]), []).append(row)
    files = tuple(_file(name, rows) for name, rows in sorted(by_file.items()))
    return SourceLine(
        source,
        str(contract.title),
        contract.owner,
        files,
        _all_files([row for rows in by_file.values() for row in rows], len(files)) if _tells_files(release) else "",
        _findings(release, source, tables, {*by_file, *(row["file"] for row in sent)}),
    )


def _tells_files(release: Release) -> bool:
    """Tell whether those who read the page may know of files."""
    return "submissions" in release.tables


def _file(name: str, rows: list[Row]) -> FileLine:
    received = min((row["received_at"] for row in rows if row["received_at"]), default=None)
    return FileLine(name, f"received {day(received)}" if received else "", _rows(rows))


def _all_files(rows: list[Row], files: int) -> str:
    """Say how many files there are, when they came and how many rows they have."""
    if not rows:
        return "no file that could be used"
    days = sorted({row["received_at"].date() for row in rows if row["received_at"]})
    when = f", received {day(days[0])}" if days else ""
    when += f" to {day(days[-1])}" if len(days) > 1 else ""
    return f"{counted(files, 'file')}{when}, {_rows(rows)}"


def _rows(rows: list[Row]) -> str:
    staged, refused = (sum(row[column] or 0 for row in rows) for column in ("rows_staged", "rows_quarantined"))
    return counted(staged, "row") + (f" ({number(refused)} more refused)" if refused else "")


def _findings(release: Release, source: str, tables: frozenset[str], files: set[str | None]) -> str:
    """Count the findings on the tables, and on the files as wholes."""
    findings = release.frame("findings")
    if findings is None:
        return ""
    known = pl.Series(list(files), dtype=pl.String).implode()
    of_a_file = pl.col("table").is_null() & pl.col("file").is_in(known, nulls_equal=True)
    own = findings.filter(pl.col("source") == source, pl.col("table").is_in(sorted(tables)) | of_a_file)
    counts = dict(own.group_by("severity").len().iter_rows())
    return listed([counted(counts[severity], _FINDINGS[severity]) for severity in SEVERITIES if severity in counts])
