"""Clean rows of units and their evaluations, of trainings and of readiness."""

from __future__ import annotations

from collections.abc import Sequence

from tests.expectations.rows.cells import Cells

_EVALUATIONS: Sequence[Cells] = (
    {"unit_id": "U-1", "mission": "MINUSCA", "evaluation_date": "2023-12-11", "improvement_plan": None},
    {"unit_id": "U-2", "mission": "UNMISS", "evaluation_date": "2024-04-30", "improvement_plan": "Y"},
)
CLEAN: dict[str, Sequence[Cells]] = {
    "fpu_units": (
        {"unit_id": "U-1", "mission": "MINUSCA", "contributing_country": "Senegal"},
        {"unit_id": "U-2", "mission": "UNMISS", "contributing_country": "Rwanda"},
    ),
    "fpu_evaluations": (
        {**_EVALUATIONS[0], "quarter": "Q1", "rating": "Very good"},
        {**_EVALUATIONS[1], "quarter": "Q2", "rating": "Needs improvement"},
        # a unit may be evaluated more than once in a quarter
        {**_EVALUATIONS[1], "evaluation_date": "2024-02-01", "quarter": "Q2", "rating": "Average"},
        {**_EVALUATIONS[1], "evaluation_date": "2024-01-31", "quarter": "Q1", "rating": "Average"},
    ),
    "military_units": (
        {"unit_id": "U-1", "mission": "MINUSCA", "contributing_country": "Nepal", "unit_type": "Battalion"},
        {"unit_id": "U-2", "mission": "UNMISS", "contributing_country": "Mongolia"},
    ),
    "military_unit_evaluations": (
        {**_EVALUATIONS[0], "rating": "Satisfactory"},
        {**_EVALUATIONS[1], "rating": "Unsatisfactory"},
        {**_EVALUATIONS[1], "rating": "Satisfactory", "evaluation_date": "2023-11-01"},
    ),
    "deploying_contingents": (
        {
            "contingent_id": "C-1",
            "mission": "UNIFIL",
            "contributing_country": "Nepal",
            "deployed_on": "2023-11-01",
            "certified": "Y",
        },
        {
            "contingent_id": "C-2",
            "mission": "UNMISS",
            "contributing_country": "Rwanda",
            "deployed_on": "2024-04-30",
            "certified": "No",
        },
    ),
    "recognised_police_courses": (
        {"contributing_country": "Senegal", "course": "Protection of civilians", "recognised_on": "2024-05-20"},
        {"contributing_country": "Senegal", "course": "Police commanders", "recognised_on": "2019-02-01"},
        {"contributing_country": "Rwanda", "course": "Police commanders", "recognised_on": "2019-02-01"},
    ),
    "senior_appointments": (
        {
            "appointment_id": "S-1",
            "mission": "UNIFIL",
            "grade": "D2",
            "appointed_on": "2023-08-01",
            "attended_on": "2024-05-20",
        },
        # the first and the last day of the year, and a programme begun on the day of the appointment
        {"appointment_id": "S-2", "grade": "usg", "appointed_on": "2023-05-01", "attended_on": "2023-05-01"},
        {"appointment_id": "S-3", "grade": "ASG", "appointed_on": "2024-04-30"},
    ),
    "tpp_streams": (
        {
            "stream": "Engineering",
            "trainings": "6",
            "trainings_previous": "2",
            "trainees": "110",
            "trainees_previous": "38",
            "female_pct": "5",
            "female_pct_previous": "8",
        },
        # a stream that is new
        {"stream": "Medical", "trainings": "8", "trainees": "85", "female_pct": "37.6"},
        {
            "stream": "TOTAL",
            "trainings": "14",
            "trainings_previous": "2",
            "trainees": "195",
            "trainees_previous": "38",
            "female_pct": "19",
            "female_pct_previous": "8",
        },
    ),
    "tpp_summary": (
        {
            "period_from": "2023-11-01",
            "period_to": "2024-04-30",
            "trainings": "14",
            "trainees": "195",
            "female_pct": "19",
        },
    ),
    "pki_courses": (
        {"course": "Fundamentals", "uniformed": "12", "civilian": "6", "women": "8"},
        # women only, and nobody
        {"course": "Analysis", "uniformed": "2", "civilian": "4", "women": "6"},
        {"course": "Open sources", "uniformed": "0", "civilian": "0", "women": "0"},
    ),
    "pki_summary": ({"period_from": "2023-11-01", "period_to": "2024-04-30", "trained": "24", "female_pct": "58"},),
    "paet_visits": (
        {"mission": "UNIFIL", "visited_on": "2023-11-01"},
        {"mission": "UNIFIL", "visited_on": "2024-04-30"},
        {"mission": "UNMISS", "visited_on": "2024-04-30"},
    ),
}
