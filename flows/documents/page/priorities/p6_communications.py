"""Priority 6: strategic communications."""

from __future__ import annotations

from flows.core.wording import shown
from flows.documents.page.cells import NONE, count, yes_no
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic
from flows.documents.series import allowed, ordered, texts


def _indicators(release: Release, notes: Notes) -> Grid | None:
    rows = release.rows("communications_indicators")
    if not rows:
        return None
    order = ordered(texts(rows, "indicator"), allowed(release, "communications_indicators", "indicator"))
    rows.sort(key=lambda row: order.index(row["indicator"]))
    return Grid(
        "p6-indicators",
        "Digital channels against the same months of the year before",
        ("Indicator", f"Cycle {release.cycle.number}", "Same months, year before", "Change"),
        tuple(
            (
                Cell(row["indicator"]),
                count(row["cycle_value"]),
                count(row["year_before_value"]),
                _change(row),
            )
            for row in rows
        ),
        source="DPO Strategic Communications",
    )


def _change(row: Row) -> Cell:
    value, before, change = row["cycle_value"], row["year_before_value"], row["change_pct"]
    if value is None or before is None:
        return NONE
    if value == before:
        return Cell("unchanged", symbol="=")
    if change is None:  # there is no percent of nothing
        return Cell("up from 0", symbol="▲", tone="good")
    size = shown(abs(change), 0, "percent")
    return Cell(f"up {size}", symbol="▲", tone="good") if change > 0 else Cell(f"down {size}", symbol="▼", tone="bad")


def _integrity(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("information_integrity"), key=lambda row: str(row["mission"]))
    if not rows:
        return None
    return Grid(
        "p6-integrity",
        "Working groups on information integrity by mission",
        ("Mission", "Group established"),
        tuple((Cell(row["mission"]), yes_no(row["information_integrity_group"], notes)) for row in rows),
        source="DPO Strategic Communications",
    )


TOPICS = (
    Topic(
        "channels",
        "Digital channels",
        ("communications_indicators",),
        (Block("indicators of the digital channels", "strategic_communications", _indicators),),
    ),
    Topic(
        "integrity",
        "Information integrity",
        ("information_integrity",),
        (Block("working groups on information integrity", "mission_report", _integrity),),
    ),
)
