"""Cases of units and their evaluations, of trainings and of readiness."""

from __future__ import annotations

from tests.expectations.cases.case import (
    MARK,
    Case,
    also,
    at,
    blank,
    negative,
    no,
    of_one,
    one,
    repeated,
    spaced,
    unlisted,
)
from tests.expectations.rows import CLEAN

TPP_COUNTS = ("trainings", "trainings_previous", "trainees", "trainees_previous")
TPP_TOTAL = len(CLEAN["tpp_streams"]) - 1

CASES = [
    # lists of units
    *blank("fpu_units", "unit_id", "mission", "contributing_country"),
    *spaced("fpu_units", "unit_id", "contributing_country"),
    *no("mission", "fpu_units", "mission"),
    repeated("fpu_units", "unit_id"),
    one("fpu_units", "formed_police_unit_is_in_a_peacekeeping_operation", "warning", "mission", mission="UNAMA"),
    *blank("military_units", "unit_id", "mission", "contributing_country"),
    *spaced("military_units", "unit_id", "contributing_country", "unit_type"),
    *no("mission", "military_units", "mission"),
    repeated("military_units", "unit_id"),
    one("military_units", "military_unit_is_in_a_peacekeeping_operation", "warning", "mission", mission="UNAMA"),
    # evaluations
    *blank("fpu_evaluations", "unit_id", "mission", "quarter", "evaluation_date", "rating"),
    *spaced("fpu_evaluations", "unit_id", "quarter", "rating"),
    *no("date", "fpu_evaluations", "evaluation_date"),
    *no("mission", "fpu_evaluations", "mission"),
    *no("yes_no", "fpu_evaluations", "improvement_plan"),
    *unlisted("fpu_evaluations", "quarter", "rating"),
    repeated("fpu_evaluations", "evaluation_date"),
    one("fpu_evaluations", "quarter_is_that_of_the_date", "warning", "quarter", evaluation_date="2024-02-02"),
    *at(
        1,
        one("fpu_evaluations", "quarter_is_that_of_the_date", "warning", "quarter", evaluation_date="2024-01-30"),
        one("fpu_evaluations", "quarter_is_that_of_the_date", "warning", "quarter", quarter="Q1"),
    ),
    one("fpu_evaluations", "unit_id_is_one_of_fpu_units", "critical", "unit_id", unit_id=MARK),
    one("fpu_evaluations", "unit_id_is_one_of_fpu_units", "critical", "unit_id", mission="MONUSCO"),
    one(
        "fpu_evaluations",
        "evaluation_date_is_in_the_cycle",
        "critical",
        "evaluation_date",
        evaluation_date="2023-10-31",
    ),
    one(
        "fpu_evaluations",
        "evaluation_date_is_in_the_cycle",
        "critical",
        "evaluation_date",
        evaluation_date="2024-05-01",
    ),
    Case(
        "fpu_evaluations",
        "fpu_evaluation_is_not_in_the_future",
        "critical",
        "evaluation_date",
        {"evaluation_date": "2024-05-21"},
        also=frozenset({"evaluation_date_is_in_the_cycle"}),
    ),
    one(
        "fpu_evaluations",
        "an_evaluation_that_needs_improvement_has_a_plan",
        "warning",
        "improvement_plan",
        rating="Needs improvement",
        improvement_plan="N",
    ),
    *blank("military_unit_evaluations", "unit_id", "mission", "evaluation_date", "rating"),
    *spaced("military_unit_evaluations", "unit_id", "rating"),
    *no("date", "military_unit_evaluations", "evaluation_date"),
    *no("mission", "military_unit_evaluations", "mission"),
    *no("yes_no", "military_unit_evaluations", "improvement_plan"),
    *unlisted("military_unit_evaluations", "rating"),
    repeated("military_unit_evaluations", "evaluation_date"),
    one("military_unit_evaluations", "unit_id_is_one_of_military_units", "critical", "unit_id", mission="MONUSCO"),
    one(
        "military_unit_evaluations",
        "evaluation_date_is_in_the_cycle",
        "critical",
        "evaluation_date",
        evaluation_date="2023-10-31",
    ),
    Case(
        "military_unit_evaluations",
        "unit_evaluation_is_not_in_the_future",
        "critical",
        "evaluation_date",
        {"evaluation_date": "2024-05-21"},
        also=frozenset({"evaluation_date_is_in_the_cycle"}),
    ),
    one(
        "military_unit_evaluations",
        "a_poor_rating_has_a_plan",
        "warning",
        "improvement_plan",
        rating="Satisfactory with shortfalls",
        improvement_plan="N",
    ),
    # readiness
    *blank("deploying_contingents", "contingent_id", "mission", "contributing_country", "deployed_on", "certified"),
    *spaced("deploying_contingents", "contingent_id", "contributing_country"),
    *no("mission", "deploying_contingents", "mission"),
    *no("date", "deploying_contingents", "deployed_on"),
    *no("yes_no", "deploying_contingents", "certified"),
    repeated("deploying_contingents", "contingent_id"),
    *(
        one("deploying_contingents", "deployed_on_is_in_the_cycle", "critical", "deployed_on", deployed_on=day)
        for day in ("2023-10-31", "2024-05-01")
    ),
    *also(
        ["deployed_on_is_in_the_cycle"],
        one(
            "deploying_contingents",
            "deployment_is_not_in_the_future",
            "critical",
            "deployed_on",
            deployed_on="2024-05-21",
        ),
    ),
    *blank("recognised_police_courses", "contributing_country", "course", "recognised_on"),
    *spaced("recognised_police_courses", "contributing_country", "course"),
    *no("date", "recognised_police_courses", "recognised_on"),
    repeated("recognised_police_courses", "course"),
    one(
        "recognised_police_courses",
        "recognition_is_not_in_the_future",
        "critical",
        "recognised_on",
        recognised_on="2024-05-21",
    ),
    *blank("senior_appointments", "appointment_id", "grade", "appointed_on"),
    *spaced("senior_appointments", "appointment_id", "grade"),
    *no("mission", "senior_appointments", "mission"),
    *no("date", "senior_appointments", "appointed_on", "attended_on"),
    *unlisted("senior_appointments", "grade"),
    repeated("senior_appointments", "appointment_id"),
    *(
        one(
            "senior_appointments",
            "appointment_was_in_the_year_before_the_cycle_ended",
            "warning",
            "appointed_on",
            appointed_on=day,
        )
        for day in ("2023-04-30", "2024-05-01")
    ),
    *also(
        ["appointment_was_in_the_year_before_the_cycle_ended"],
        one(
            "senior_appointments",
            "appointment_is_not_in_the_future",
            "critical",
            "appointed_on",
            appointed_on="2024-05-21",
            attended_on=None,
        ),
    ),
    one("senior_appointments", "attendance_is_not_in_the_future", "critical", "attended_on", attended_on="2024-05-21"),
    one(
        "senior_appointments",
        "attendance_follows_the_appointment",
        "critical",
        "attended_on",
        attended_on="2023-07-31",
    ),
    # trainings
    *at(
        TPP_TOTAL,
        *blank("tpp_streams", "stream", "trainings", "trainees"),
        *no("count", "tpp_streams", *TPP_COUNTS),
        *no("number", "tpp_streams", "female_pct", "female_pct_previous"),
        *unlisted("tpp_streams", "stream"),
        *negative("tpp_streams", "female_pct"),
        *negative("tpp_streams", "female_pct_previous"),
        repeated("tpp_streams", "stream"),
        one("tpp_streams", "female_pct_is_in_range", "critical", "female_pct", female_pct="100.5"),
        *(
            Case(
                "tpp_streams",
                f"{column}_is_in_percent",
                "critical",
                column,
                {column: "0.31"},
                others={0: {column: "0.05"}, 1: {column: "0.375"}},
                told_too=(0, 1),
            )
            for column in ("female_pct", "female_pct_previous")
        ),
        *(
            case
            for count in TPP_COUNTS
            for case in also([f"{count}_of_the_total_row_is_the_sum"], *negative("tpp_streams", count))
        ),
        *(
            one("tpp_streams", f"{count}_of_the_total_row_is_the_sum", "warning", count, **{count: "98765"})
            for count in TPP_COUNTS
        ),
    ),
    *spaced("tpp_streams", "stream"),
    # of 110 and of 38 people that is no whole number
    one("tpp_streams", "share_fits_its_count", "warning", "female_pct", female_pct="7.7"),
    one("tpp_streams", "share_fits_its_count", "warning", "female_pct_previous", female_pct_previous="6.1"),
    one("tpp_summary", "share_fits_its_count", "warning", "female_pct", female_pct="19.2"),
    one("pki_summary", "share_fits_its_count", "warning", "female_pct", trained="4", female_pct="37"),
    # a wrong stream shows in the total
    Case(
        "tpp_streams",
        "trainees_of_the_total_row_is_the_sum",
        "warning",
        "trainees",
        {"trainees": "111"},
        points_at=TPP_TOTAL,
    ),
    *blank("tpp_summary", "period_from", "period_to"),
    *no("date", "tpp_summary", "period_from", "period_to"),
    *no("count", "tpp_summary", "trainings", "trainees"),
    *no("number", "tpp_summary", "female_pct"),
    *negative("tpp_summary", "trainings"),
    *negative("tpp_summary", "trainees"),
    *negative("tpp_summary", "female_pct"),
    of_one("tpp_summary", "female_pct", {"period_from": "2023-11-02"}, {"period_from": "2023-11-03"}),
    repeated("tpp_summary", "period_from"),
    one("tpp_summary", "period_from_is_of_the_cycle", "warning", "period_from", period_from="2023-10-31"),
    one("tpp_summary", "period_to_is_of_the_cycle", "warning", "period_to", period_to="2024-05-01"),
    *blank("pki_courses", "course", "uniformed", "civilian", "women"),
    *spaced("pki_courses", "course"),
    *no("count", "pki_courses", "uniformed", "civilian", "women"),
    *negative("pki_courses", "women"),
    *also(
        ["women_are_among_those_trained"],
        *negative("pki_courses", "uniformed"),
        *negative("pki_courses", "civilian"),
    ),
    repeated("pki_courses", "course"),
    *(
        one("pki_courses", "women_are_among_those_trained", "critical", "women", women=women)
        for women in ("19", "98765")
    ),
    *blank("pki_summary", "period_from", "period_to"),
    *no("date", "pki_summary", "period_from", "period_to"),
    *no("count", "pki_summary", "trained"),
    *no("number", "pki_summary", "female_pct"),
    *negative("pki_summary", "trained"),
    *negative("pki_summary", "female_pct"),
    of_one("pki_summary", "female_pct", {"period_from": "2023-11-02"}, {"period_from": "2023-11-03"}),
    repeated("pki_summary", "period_from"),
    # as where the summary of the cycle before was left
    *also(
        ["period_to_is_of_the_cycle"],
        one(
            "pki_summary",
            "period_from_is_of_the_cycle",
            "warning",
            "period_from",
            period_from="2023-05-01",
            period_to="2023-10-31",
        ),
    ),
    one("pki_summary", "period_to_is_of_the_cycle", "warning", "period_to", period_to="2023-10-31"),
    # visits
    *blank("paet_visits", "mission", "visited_on"),
    *no("mission", "paet_visits", "mission"),
    *no("date", "paet_visits", "visited_on"),
    repeated("paet_visits", "visited_on"),
    *(
        one("paet_visits", "visited_on_is_in_the_cycle", "critical", "visited_on", visited_on=day)
        for day in ("2023-10-31", "2024-05-01")
    ),
    *also(
        ["visited_on_is_in_the_cycle"],
        one("paet_visits", "visit_is_not_in_the_future", "critical", "visited_on", visited_on="2024-05-21"),
    ),
]
