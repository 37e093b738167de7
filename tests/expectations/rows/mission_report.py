"""Clean rows of a mission's workbook."""

from __future__ import annotations

from collections.abc import Sequence

from tests.expectations.rows.cells import Cells

MISSION = "UNIFIL"

CLEAN: dict[str, Sequence[Cells]] = {
    "cover": ({"mission": MISSION, "cycle": "Cycle 5", "completed_on": "2024-05-10"},),
    "mission_plan": ({"approved_plan": "oui", "remarks": "signed"},),
    "cpas_impact_assessment": (
        {"impact_assessment": "Y", "date_of_assessment": "2023-11-01", "remarks": "the second one"},
    ),
    "conduct_training": (
        {
            "training": "Induction",
            "sessions": "12",
            "training_days": "182",
            "participants": "1,204",
            "explanation": "a new centre",
        },
        {
            "training": "Refresher",
            "sessions": "None",
            "training_days": "None",
            "participants": "-----",
            "explanation": None,
        },
        {
            "training": "SEA prevention",
            "sessions": "Under Validation",
            "training_days": None,
            "participants": None,
            "explanation": None,
        },
    ),
    "sofa_soma": (
        {
            "new_incidents": "12",
            "total_incidents": "12",
            "impact_civilian_movement": "High",
            "impact_uniformed_movement": "No/Low",
            "impact_mandated_tasks": "-----",
            "explanation": "a new checkpoint",
        },
    ),
    "political_engagement": (
        {
            "political_strategy": "Y",
            "peacebuilding_events": "163",
            "events_with_womens_groups": "163",
            "forum_participants": "None",
            "highlights": "talks in every region",
            "explanation": "elections",
        },
    ),
    "integration": ({"integrated": "Y", "joint_programming": "non", "remarks": "with the country team"},),
    "women_in_patrols": (
        {
            "year": "2023",
            "patrols": "8,400",
            "patrols_with_women": "2,352",
            "engagement_teams": "None",
            "explanation": "floods",
        },
        # the year before those of the cycle, and the last of them
        {"year": "2022", "patrols": "70", "patrols_with_women": "70", "engagement_teams": "-----", "explanation": None},
        {"year": "2024", "patrols": "-----", "patrols_with_women": "12", "engagement_teams": None, "explanation": None},
    ),
    "mental_health_support": (
        {"mechanism": "counselling by telephone", "formal": "Y"},
        {"mechanism": "groups of peers", "formal": None},
    ),
    "communications": ({"information_integrity_group": "Y", "activities": "a press conference every week"},),
    "coordination": (
        {"mechanism": "joint committee", "formal": "Y", "status": "New", "contribution": "Significant"},
        {"mechanism": "monthly meeting", "formal": "N", "status": None, "contribution": "no report available"},
    ),
}
