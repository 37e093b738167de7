"""Clean rows of casualties, allegations, personnel and leaders."""

from __future__ import annotations

from collections.abc import Sequence

from tests.expectations.rows.cells import Cells

CLEAN: dict[str, Sequence[Cells]] = {
    "noticas": (
        {
            "casualty_id": "UNIFIL-2024-01-0001",
            "incident_date": "2024-01-15",
            "mission": "UNIFIL",
            "type_of_casualty": "Fatality",
            "cause": "Illness",
            "personnel_type": "Local",
            "gender": "M",
            "nationality": "France",
            "m49_code": "250",
            "iso_alpha3": "FRA",
            "last_update": "2024-05-01",
            "record_id": "1",
        },
        # a special political mission is known and no error; so is a second casualty alike in all but its number
        {
            "casualty_id": "UNAMA-2024-01-0001",
            "incident_date": "1705276800000",
            "mission": "UNAMA",
            "type_of_casualty": "Fatality",
            "cause": "Malicious Act",
            "nationality": "Afghanistan",
            "m49_code": "004",
            "iso_alpha3": "AFG",
            "last_update": "1714521600000",
        },
        {
            "casualty_id": "UNAMA-2024-01-0002",
            "incident_date": "2024-05-20",
            "mission": "UNFIL",
            "type_of_casualty": "Injury",
            "cause": "To Be Determined",
            "m49_code": "516",
            "iso_alpha3": "NAM",
        },
        # the first and the last day of a mission, and the day of the last update
        *(
            {
                "casualty_id": f"MINUSMA-{day}",
                "incident_date": day,
                "mission": "MINUSMA",
                "type_of_casualty": "Injury",
                "cause": "Accident",
                "nationality": "Chad",
                "m49_code": "148",
                "iso_alpha3": "TCD",
                "last_update": "2023-12-31",
            }
            for day in ("2013-04-25", "2023-12-31")
        ),
    ),
    "conduct_allegations": (
        {
            "allegation_id": "A-1",
            "category": "SEA",
            "mission": "MONUSCO",
            "date_reported": "2024-05-20",
            "incident_from": "2023-12-01",
            "incident_to": "2023-12-05",
            "personnel_category": "Military",
            "status": "Pending",
            "action_taken": "None",
        },
        {
            "allegation_id": "A-2",
            "category": "other serious misconduct",
            "mission": "UNIFIL",
            "date_reported": "2023-01-01",
        },
        {
            "allegation_id": "A-3",
            "category": "SEA",
            "mission": "MINUSCA",
            "date_reported": "2023-12-31",
            "incident_from": "2023-12-31",
            "incident_to": "2023-12-31",
        },
    ),
    "uniformed_personnel": (
        {
            "contribution_id": "1",
            "contributing_country": "France",
            "iso_alpha3": "FRA",
            "m49_code": "250",
            "mission": "UNIFIL",
            "personnel_type": "Troops",
            "female_personnel": "0",
            "male_personnel": "700",
            "last_reporting_date": "2024-04-30",
        },
        {
            "contributing_country": "France",
            "iso_alpha3": "FRA",
            "m49_code": "250",
            "mission": "UNIFIL",
            "personnel_type": "Troops",
            "female_personnel": "7",
            "male_personnel": "690",
            "last_reporting_date": "2024-03-31",
        },
    ),
    "senior_leaders": (
        {"post_id": "P-1", "mission": "UNIFIL", "post": "Head of Mission", "gender": "M", "uniformed": "Y"},
        # a vacant post
        {"post_id": "P-2", "mission": "UNMISS", "post": "deputy head of mission", "gender": None, "uniformed": "No"},
    ),
    "mission_posts": (
        # counted on the day on which the file was received
        {"mission": "UNIFIL", "as_of_date": "2024-05-20", "women": "0", "men": "70"},
        {"mission": "UNIFIL", "as_of_date": "2023-12-31", "women": "30", "men": "0"},
        {"mission": "UNMISS", "as_of_date": "2023-12-31", "women": "900", "men": "1,800"},
    ),
}
