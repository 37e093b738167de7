"""Priority 1: collective coherence behind a political strategy."""

from __future__ import annotations

import polars as pl

from config import Cycle
from transforms.reporting import each_reporting_mission, reported_counts

_COUNTS = ("peacebuilding_events", "events_with_womens_groups", "forum_participants")


def political_engagement(political_engagement: pl.LazyFrame, missions: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Political strategy and engagement of the missions in the cycle; one row a reporting mission.

    Source: A4P+ reporting
    Rule: 5th report, Priority 1: missions mandated to observe a ceasefire have no articulated political strategy (note
        1); events are those organised or supported in the cycle.

    Fields:
        cycle: Number of the cycle.
        mission: Acronym.
        political_strategy: Whether the mission has an articulated political strategy; empty where it is not known.
        peacebuilding_events (events): Intercommunal and peacebuilding events.
        peacebuilding_events_obs_status: SDMX observation status of the events.
        events_with_womens_groups (events): Those of the events that were held with women's groups.
        events_with_womens_groups_obs_status: SDMX observation status of the events with women's groups.
        forum_participants (people): Participants of trust-building forums.
        forum_participants_obs_status: SDMX observation status of the participants.

    Key: cycle, mission
    """
    return (
        each_reporting_mission(missions, cycle)
        .join(political_engagement.unique("mission", keep="first", maintain_order=True), on="mission", how="left")
        .select("cycle", "mission", "political_strategy", *reported_counts(_COUNTS))
        .sort("mission")
    )
