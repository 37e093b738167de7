"""Priority 1: collective coherence behind a political strategy."""

from __future__ import annotations

from flows.documents.page.cells import reported, yes_no
from flows.documents.page.model import Cell, Grid, Notes, Release
from flows.documents.page.topics import Block, Topic


def _engagement(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("political_engagement"), key=lambda row: str(row["mission"]))
    if not rows:
        return None
    counts = ("peacebuilding_events", "events_with_womens_groups", "forum_participants")
    return Grid(
        "p1-engagement",
        "Political strategy and engagement by mission",
        (
            "Mission",
            "Articulated political strategy",
            "Intercommunal and peacebuilding events",
            "Of these, with women’s groups",
            "Participants of trust-building forums",
        ),
        tuple(
            (
                Cell(row["mission"]),
                yes_no(row["political_strategy"], notes),
                *(reported(row, one, notes) for one in counts),
            )
            for row in rows
        ),
        note="Missions mandated to observe a ceasefire have no articulated political strategy.",
        source="A4P+ reporting",
    )


TOPICS = (
    Topic(
        "strategy",
        "Political strategy and engagement",
        ("missions", "political_engagement"),
        (Block("political strategy and engagement", "mission_report", _engagement),),
    ),
)
