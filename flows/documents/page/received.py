"""What the page says about what came in: when against the due date, what has to be mended, what was, and how fast."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import polars as pl

from config import Contract
from expectations.severity import SEVERITIES, to_mend
from flows.core.standing import Standing, standings
from flows.core.wording import counted, day, number
from flows.documents.page.cells import NONE
from flows.documents.page.model import Cell, Grid, Release, Row
from flows.documents.page.quality import named


def mending(release: Release) -> Grid | None:
    """Return one line a source: due and received, open findings, those waived, those mended and in how many days."""
    if not release.rows("submissions"):
        return None
    board = _board(release)
    lines = []
    contracts: dict[str, Contract | None] = dict(release.config.contracts)
    kept, waived = _counts(release, "source", "severity"), _counts(release, "source", waived=True)
    others = {str(source) for source, *_ in (*kept, *waived)} - set(contracts)
    for source, contract in [*contracts.items(), *((other, None) for other in sorted(others))]:
        own = [one for one in board if one.source == source]
        mended = [row for row in release.rows("mended") if row["source"] == source]
        lines.append(
            (
                Cell(named(release, source)[0]),
                Cell(day(contract.due(release.cycle))) if contract else NONE,
                _received(own) if contract else NONE,
                *(_count(kept.get((source, one), 0), one == "critical") for one in SEVERITIES),
                _count(waived.get((source,), 0)),
                _count(len(mended)),
                _days(mended),
            )
        )
    return Grid(
        "mending-by-source",
        "What has to be mended, and what was",
        (
            "Source",
            "Due",
            "Received",
            "Critical findings",
            "Warnings",
            "Notes",
            "Waived",
            "Mended",
            "Days to mend",
        ),
        tuple(lines),
        note="Waived: the coordinator lets it stand, and the reason is given below. Mended: found in an earlier "
        "submission of this cycle, and put right by a later one. Days to mend: the median of the days between the two.",
    )


def matrices(release: Release) -> tuple[Grid, ...]:
    """Return a table for each source that missions send: what each mission's file holds, sheet by sheet."""
    if not release.rows("submissions"):
        return ()
    contracts = [one for one in release.config.contracts.values() if one.sent_by == "missions"]
    board = _board(release)
    return tuple(
        _matrix(release, contract, [one for one in board if one.source == contract.source and one.mission])
        for contract in contracts
    )


def _matrix(release: Release, contract: Contract, board: Sequence[Standing]) -> Grid:
    asked = (pl.col("source") == contract.source) & to_mend()
    found = _counts(release, "mission", "table", only=asked)
    lines = []
    for standing in board:
        lines.append(
            (
                Cell(str(standing.mission)),
                _received([standing]),
                *(
                    _sheet(standing.of_table(table), found.get((standing.mission, table), 0))
                    for table in contract.tables
                ),
            )
        )
    titles = [table.sheet_name("en") or name.replace("_", " ") for name, table in contract.tables.items()]
    return Grid(
        f"matrix-{contract.source}",
        f"{contract.title}: what each mission sent",
        ("Mission", "Received", *titles),
        tuple(lines),
        note="✓ accepted with nothing to mend; ! accepted, with so many findings to look at; ✗ refused, and in no "
        "figure; – not sent.",
        upright=True,
    )


def _counts(
    release: Release, *by: str, only: pl.Expr | None = None, waived: bool = False
) -> dict[tuple[str | None, ...], int]:
    """Return how many findings there are of each kind, `waived` or else those that nobody lets stand."""
    findings = release.frame("findings")
    if findings is None:
        return {}
    stands = pl.col("waived").fill_null("") != "" if "waived" in findings.columns else pl.lit(False)
    of_these = findings.filter(stands if waived else ~stands, *([] if only is None else [only]))
    return {tuple(kind): count for *kind, count in of_these.group_by(*by).len().iter_rows()}


def _sheet(status: str | None, found: int) -> Cell:
    """Return what became of a sheet: a sign, and how many findings ask for something."""
    if status is None:
        return NONE
    if status == "refused":
        return Cell("", symbol="✗", tone="bad", spoken="refused")
    if found:
        return Cell(number(found), symbol="!", tone="medium", spoken=" to mend")
    return Cell("", symbol="✓", tone="good", spoken="accepted")


def _received(board: Sequence[Standing]) -> Cell:
    came = [one for one in board if one.received_on]
    withdrawn = board[0].withdrawal if len(board) == 1 else ()
    if not came:
        return Cell("not received", kind="absent", note=", ".join(withdrawn))
    if len(board) > 1:
        late = sum(one.late for one in came)
        missing = len([one for one in board if one.mission]) - len([one for one in came if one.mission])
        said = [f"{late} late"] if late else []
        said += [f"{missing} not received"] if missing else []
        return Cell(counted(len(came), "file"), note=", ".join(said))
    said = [f"{counted(came[0].days_late, 'day')} late"] if came[0].late else []
    said += [f"{came[0].state}, {came[0].in_use}"] if came[0].in_use else []
    return Cell(day(came[0].received_on), note=", ".join((*said, *withdrawn)))


def _board(release: Release) -> list[Standing]:
    return standings(release.tables["submissions"], release.config, release.cycle)


def _count(count: int, alarming: bool = False) -> Cell:
    return Cell(number(count), kind="number", alarming=alarming and count > 0)


def _days(mended: Sequence[Row]) -> Cell:
    """Return the median of the days between the submission with a finding and the one without it."""
    # the file that mends may have been written before the one that it mends was handed in
    days = [
        max(0.0, (row["mended_on"] - row["sent_on"]).total_seconds() / 86_400)
        for row in mended
        if row["mended_on"] is not None and row["sent_on"] is not None
    ]
    return Cell(number(median(days), 1), kind="number") if days else NONE
