"""What the page says about the data itself: what each source sent, what was refused, and what needs mending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from expectations.questions import kind_of
from expectations.severity import rank
from flows.core.records import INBOX
from flows.core.standing import NOT_LOOKED_AT
from flows.core.wording import counted, number, quoted_place
from flows.documents import words
from flows.documents.page.model import Cell, Grid, Release, Row

_PIPELINE = "pipeline"  # the source of findings on curated tables, which no source sent


@dataclass(frozen=True)
class Mend:
    """One rule that a source's files break: how often, where first, and what to do about it."""

    severity: str
    severity_word: str
    message: str
    times: str
    first: str
    remedy: str
    rule: str
    waived: str = ""


@dataclass(frozen=True)
class SourceMends:
    """All that one source is asked to mend, worst first."""

    source: str
    title: str
    owner: str
    mends: tuple[Mend, ...]


def by_source(release: Release) -> Grid | None:
    """Return one line a source: files and rows, else files and findings; nothing where neither is known."""
    submissions = release.rows("submissions")
    if not submissions and release.frame("findings") is None:
        return _in_short(release)
    others = _names(submissions) - set(release.config.contracts)
    sources = [*release.config.contracts, *sorted(others)]
    lines = []
    for source in sources:
        own = [row for row in submissions if row["source"] == source]
        files = [_files(own, status) for status in ("accepted", "refused", "superseded", "withdrawn")]
        read, staged, held = (_rows(own, column) for column in ("rows_read", "rows_staged", "rows_quarantined"))
        title, owner = named(release, source)
        lines.append(
            (
                Cell(title, note=owner),
                Cell(number(files[0]), kind="number") if own else Cell("nothing received", kind="absent"),
                _bad(files[1]),
                Cell(number(files[2]), kind="number", note=f"{files[3]} withdrawn" if files[3] else ""),
                Cell(number(read), kind="number", note="" if read == staged + held else "does not add up"),
                Cell(number(staged), kind="number"),
                Cell(number(held), kind="number"),
            )
        )
    return Grid(
        "quality-by-source",
        "What each source sent, and what became of it",
        (
            "Source and owner",
            "Files accepted",
            "Files refused",
            "Files replaced",
            "Rows read",
            "= rows accepted",
            "+ rows refused",
        ),
        tuple(lines),
        note="A replaced file is one whose place a later file of the same source took; its rows are not counted here. "
        "Refused rows are set aside with the reason, and are in no figure.",
    )


def _in_short(release: Release) -> Grid | None:
    """Return one line a source for those who are not told of files and rows."""
    lines = []
    for row in release.rows("received"):
        title, owner = named(release, row["source"])
        sent = any(row[f"files_{status}"] for status in ("accepted", "refused", "superseded", "withdrawn"))
        lines.append(
            (
                Cell(title, note=owner),
                Cell(number(row["files_accepted"]), kind="number") if sent else Cell("nothing received", kind="absent"),
                _bad(row["files_refused"]),
                Cell(number(row["files_superseded"]), kind="number"),
                _bad(row["findings_critical"]),
                Cell(number(row["findings_warning"]), kind="number"),
            )
        )
    if not lines:
        return None
    return Grid(
        "quality-by-source",
        "What each source sent, and what was found",
        ("Source and owner", "Files accepted", "Files refused", "Files replaced", "Critical findings", "Warnings"),
        tuple(lines),
        note="A replaced file is one whose place a later file of the same source took. For a critical finding a row or "
        "file was refused, and is in no figure; a warning is on what was kept. Those who sent the files are told what "
        "to mend.",
    )


def _bad(count: int) -> Cell:
    return Cell(number(count), kind="number", alarming=count > 0)


def named(release: Release, source: str) -> tuple[str, str]:
    """Return the title and owner of a source; what the pipeline finds in its own tables is nobody's file."""
    contract = release.config.contracts.get(source)
    if contract:
        return str(contract.title), contract.owner
    return {_PIPELINE: ("The pipeline’s own tables", "the engineers"), INBOX: ("The inbox", "the coordinator")}.get(
        source, (source, "")
    )


def mends(release: Release) -> tuple[SourceMends, ...]:
    """Return the findings, grouped by source, rule and what is said."""
    findings = release.frame("findings")
    if findings is None:
        return ()
    own = {
        "_source": _filled(pl.col("source"), _PIPELINE),
        "_waived": _filled(pl.col("waived")) if "waived" in findings.columns else pl.lit(""),
    }
    # there may be as many findings as rows: only the first one of each kind becomes an object of Python
    kinds = (
        findings.with_row_index("_place")
        .with_columns(**own, _file=pl.when(pl.col("file") != "").then("file"))
        .sort(
            _filled(pl.col("mission")),
            _filled(pl.col("file")),
            pl.col("row").fill_null(0),
            _filled(pl.col("column")),
            _filled(pl.col("message")),
            maintain_order=True,
        )
        .group_by("_source", "severity", "rule", "message", "_waived", maintain_order=True)
        .agg(
            pl.all().exclude("_place", "_file").first(),
            pl.min("_place"),
            pl.len().alias("_times"),
            pl.col("_file").drop_nulls().n_unique().alias("_files"),
        )
        .sort("_place")
    )
    grouped: dict[str, list[Row]] = {}
    for row in kinds.iter_rows(named=True):
        grouped.setdefault(row["_source"], []).append(row)
    found = [
        SourceMends(source, *named(release, source), tuple(map(_mend, sorted(grouped[source], key=_worst_and_most))))
        for source in sorted(grouped)
    ]
    return tuple(sorted(found, key=lambda one: (min(rank(mend.severity) for mend in one.mends), one.source)))


def _filled(column: pl.Expr, otherwise: str = "") -> pl.Expr:
    return pl.when(column != "").then(column).otherwise(pl.lit(otherwise))


def _worst_and_most(first: Row) -> tuple[int, bool, int, str, str]:
    return rank(first["severity"]), bool(first["_waived"]), -first["_times"], str(first["rule"]), str(first["message"])


def _mend(first: Row) -> Mend:
    """Say what is to be mended, by the finding that stands first, and how many there are."""
    severity, times = str(first["severity"]), counted(first["_times"], "time")
    return Mend(
        severity,
        words.SEVERITY.get(kind_of(first), severity),
        first["message"] or "",
        f"{times} in {counted(first['_files'], 'file')}" if first["_files"] > 1 else times,
        place(first),
        first["remedy"] or "",
        first["rule"] or "",
        first["_waived"],
    )


def first_of(rows: Sequence[Row]) -> Row:
    """Return the finding that stands first, by mission, file and row."""
    return min(
        rows,
        key=lambda row: (
            str(row["mission"] or ""),
            str(row["file"] or ""),
            row["row"] or 0,
            str(row["column"] or ""),
            str(row["message"] or ""),
        ),
    )


def place(row: Row) -> str:
    """Say where a finding stands, as far as that is known: file, sheet, row and column."""
    return ", ".join(part for part in (row["file"], quoted_place(row)) if part) or (row["mission"] or "")


def _files(rows: list[Row], status: str) -> int:
    # a workbook of several tables may have a line for each of them
    return len({(row["file"], row["sha256"]) for row in rows if row["status"] == status})


def _rows(rows: list[Row], column: str) -> int:
    return sum(row[column] or 0 for row in rows if row["status"] not in NOT_LOOKED_AT)


def _names(*tables: list[Row]) -> set[str]:
    return {str(row["source"]) for table in tables for row in table if row["source"]}
