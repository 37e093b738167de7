"""What the page says about the data itself: what each source sent, what was refused, and what needs mending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    if not submissions and not release.rows("findings"):
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
    findings = release.rows("findings")
    grouped: list[SourceMends] = []
    for source in sorted({str(row["source"] or _PIPELINE) for row in findings}):
        rules: dict[tuple[str, str, str, str], list[Row]] = {}
        for row in findings:
            if str(row["source"] or _PIPELINE) == source:
                rules.setdefault(
                    (row["severity"], str(row["rule"]), str(row["message"]), row.get("waived") or ""), []
                ).append(row)
        made = sorted(
            (
                (rank(severity), bool(waived), -len(rows), rule, message, _mend(severity, rows, waived))
                for (severity, rule, message, waived), rows in rules.items()
            ),
            key=lambda one: one[:5],
        )
        title, owner = named(release, source)
        grouped.append(SourceMends(source, title, owner, tuple(one[5] for one in made)))
    return tuple(sorted(grouped, key=lambda one: (min(rank(mend.severity) for mend in one.mends), one.source)))


def _mend(severity: str, rows: list[Row], waived: str) -> Mend:
    first = first_of(rows)
    files = {row["file"] for row in rows if row["file"]}
    times = counted(len(rows), "time")
    return Mend(
        severity,
        words.SEVERITY.get(kind_of(first), severity),
        first["message"] or "",
        f"{times} in {counted(len(files), 'file')}" if len(files) > 1 else times,
        place(first),
        first["remedy"] or "",
        first["rule"] or "",
        waived,
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
