"""Priorities 1 to 3: each column of each table, from rows made by hand, with what they come to worked out by hand."""

from datetime import date

from config import ParityTarget
from tests.transforms.frames import CYCLE, FEW, MORE, assert_rows, typed
from transforms.p1_political_strategy import political_engagement
from transforms.p2_integration import cpas_impact_assessments, integration, mission_plans
from transforms.p3_capabilities import (
    conduct_trainings,
    contingent_readiness,
    pki_trainings,
    police_course_recognition,
    senior_leadership_programme,
    tpp_trainings,
)
from transforms.p3_women import parity_targets, senior_leadership, uniformed_women, women_in_patrols, women_in_posts


def test_political_engagement_is_of_each_mission_that_reports() -> None:
    counts = ("peacebuilding_events", "events_with_womens_groups", "forum_participants")
    reported = typed(
        f"mission political_strategy:bool {' '.join(f'{count}:int {count}_obs_status' for count in counts)}",
        ("UNMISS", True, 12, "A", None, "O", None, "V"),
        # a second row of a mission, and one that does not report
        ("UNMISS", False, 90, "A", 91, "A", 92, "A"),
        ("MINUSMA", True, 93, "A", 94, "A", 95, "A"),
        ("MINURSO", False, 0, "A", 7, "A", 300, "A"),
    )
    assert_rows(
        political_engagement(reported, FEW, CYCLE),
        f"cycle mission political_strategy {' '.join(f'{count} {count}_obs_status' for count in counts)}",
        (5, "MINURSO", False, 0, "A", 7, "A", 300, "A"),
        (5, "UNFICYP", None, None, "O", None, "O", None, "O"),
        # a blank cell of a sheet that came will not be filled
        (5, "UNMISS", True, 12, "A", None, "L", None, "V"),
    )


def test_a_plan_is_answered_left_blank_or_missing() -> None:
    answers = typed("mission approved_plan:bool", ("UNMISS", False), ("UNMISS", True), ("MINURSO", None))
    assert_rows(
        mission_plans(answers, FEW, CYCLE),
        "cycle mission approved_plan obs_status",
        (5, "MINURSO", None, "L"),
        (5, "UNFICYP", None, "O"),
        (5, "UNMISS", False, "A"),
    )


def test_an_impact_assessment_is_answered_left_blank_or_missing() -> None:
    answers = typed("mission impact_assessment:bool", ("MINUSMA", True), ("UNFICYP", None), ("MINURSO", True))
    assert_rows(
        cpas_impact_assessments(answers, FEW, CYCLE),
        "cycle mission impact_assessment obs_status",
        (5, "MINURSO", True, "A"),
        (5, "UNFICYP", None, "L"),
        (5, "UNMISS", None, "O"),
    )


def test_integration_is_of_the_first_row_of_each_mission() -> None:
    reported = typed(
        "mission integrated:bool joint_programming:bool",
        ("UNMISS", True, False),
        ("UNMISS", False, True),
        ("MINURSO", None, True),
    )
    assert_rows(
        integration(reported, FEW, CYCLE),
        "cycle mission integrated joint_programming obs_status",
        (5, "MINURSO", None, True, "O"),
        (5, "UNFICYP", None, None, "O"),
        (5, "UNMISS", True, False, "A"),
    )


def test_conduct_trainings_stand_as_they_were_reported() -> None:
    reported = typed(
        "mission training sessions:int sessions_obs_status training_days:int training_days_obs_status "
        "participants:int participants_obs_status",
        ("UNMISS", "SEA", 3, "A", 5, "A", 120, "A"),
        ("UNMISS", "Other", 0, "A", None, "O", None, "V"),
        ("MINURSO", "SEA", 1, "A", 2, "A", 30, "A"),
    )
    assert_rows(
        conduct_trainings(reported, CYCLE),
        "cycle mission training sessions sessions_obs_status training_days training_days_obs_status "
        "participants participants_obs_status",
        (5, "MINURSO", "SEA", 1, "A", 2, "A", 30, "A"),
        (5, "UNMISS", "Other", 0, "A", None, "O", None, "V"),
        (5, "UNMISS", "SEA", 3, "A", 5, "A", 120, "A"),
    )


def test_contingents_and_those_of_them_that_certified() -> None:
    deployed = typed(
        "mission certified:bool",
        ("UNMISS", True),
        ("UNMISS", False),
        ("UNMISS", None),
        ("UNMISS", True),
        ("MINUSMA", True),
        ("MINURSO", False),
        ("UNFICYP", True),
        ("UNDOF", None),
        ("MONUSCO", True),
    )
    assert_rows(
        contingent_readiness(deployed, MORE, CYCLE),
        "cycle mission contingents certified",
        (5, "MINURSO", 1, 0),
        (5, "MONUSCO", 1, 1),
        (5, "UNDOF", 1, 0),
        (5, "UNFICYP", 1, 1),
        (5, "UNMISS", 4, 2),
    )


def test_recognised_courses_by_country_since_the_first() -> None:
    recognised = typed(
        "contributing_country course recognised_on:date",
        ("Ghana", "A", date(2023, 3, 1)),
        ("Ghana", "B", date(2021, 9, 30)),
        ("Ghana", "C", date(2024, 1, 1)),
        ("Atlantis", "A", date(2022, 2, 2)),
        ("France", "A", date(2020, 5, 5)),
        ("Zembla", "A", date(2022, 2, 3)),
        ("Elbonia", "A", date(2022, 2, 4)),
    )
    # a name that stands twice in the registry makes no second row
    registry = typed(
        "iso_alpha3 m49_code name", ("GHA", "288", "Ghana"), ("GHA", "288", "Ghana"), ("FRA", "250", "France")
    )
    assert_rows(
        police_course_recognition(recognised, registry),
        "contributing_country iso_alpha3 m49_code courses first_recognised_on",
        ("Atlantis", None, None, 1, date(2022, 2, 2)),
        ("Elbonia", None, None, 1, date(2022, 2, 4)),
        ("France", "FRA", "250", 1, date(2020, 5, 5)),
        ("Ghana", "GHA", "288", 3, date(2021, 9, 30)),
        ("Zembla", None, None, 1, date(2022, 2, 3)),
    )


def test_new_leaders_by_grade_and_their_attendance() -> None:
    appointed = typed(
        "grade appointed_on:date attended_on:date",
        # the year before the cycle's last day, 30 April 2024, begins on 1 May 2023
        ("USG", date(2023, 4, 30), date(2023, 5, 1)),
        ("USG", date(2023, 5, 1), date(2023, 11, 1)),
        ("USG", date(2023, 5, 1), date(2023, 11, 2)),
        ("USG", date(2024, 4, 30), None),
        ("USG", date(2024, 5, 1), None),
        ("D2", date(2024, 1, 1), date(2024, 1, 1)),
        ("ASG", date(2024, 1, 1), None),
        ("D1", date(2024, 1, 2), None),
        ("P5", date(2024, 1, 3), None),
    )
    assert_rows(
        senior_leadership_programme(appointed, CYCLE),
        "cycle grade appointed attended_within_6_months attended",
        (5, "ASG", 1, 0, 0),
        (5, "D1", 1, 0, 0),
        (5, "D2", 1, 1, 1),
        (5, "P5", 1, 0, 0),
        (5, "USG", 3, 1, 2),
    )


def test_streams_of_the_triangular_partnership_without_the_stated_total() -> None:
    columns = "stream trainings:int trainees:int female_pct:float trainings_previous:int trainees_previous:int "
    reported = typed(
        f"{columns} female_pct_previous:float",
        ("Medical", 2, 30, 12.5, 3, 40, 10.0),
        ("TOTAL", 9, 130, 11.0, 8, 140, 9.0),
        ("Engineering", 7, 100, 10.5, 5, 90, None),
    )
    assert_rows(
        tpp_trainings(reported, CYCLE),
        "cycle stream trainings trainees female_pct trainings_previous trainees_previous female_pct_previous",
        (5, "Engineering", 7, 100, 10.5, 5, 90, None),
        (5, "Medical", 2, 30, 12.5, 3, 40, 10.0),
    )


def test_courses_of_the_academy_with_the_women_among_all() -> None:
    courses = typed("course uniformed:int civilian:int women:int", ("B", 20, 4, None), ("A", 30, 0, 11))
    assert_rows(
        pki_trainings(courses, CYCLE),
        "cycle course uniformed civilian women women_obs_status",
        (5, "A", 30, 0, 11, "A"),
        (5, "B", 20, 4, None, "O"),
    )


def test_uniformed_women_by_month_and_category() -> None:
    deployed = typed(
        "mission personnel_type last_reporting_date:date female_personnel:int male_personnel:int",
        ("UNMISS", "Troops", date(2024, 2, 10), 1, 2),
        ("UNMISS", "Formed Police Units", date(2023, 12, 31), 8, 24),
        ("UNFICYP", "Formed Police Units", date(2023, 12, 5), 2, 6),
        ("UNMISS", "Individual Police", date(2023, 12, 31), 3, 7),
        ("UNMISS", "Experts on Mission", date(2023, 12, 31), 5, 15),
        ("UNMISS", "Staff Officers", date(2023, 12, 31), 0, 20),
        ("UNMISS", "Troops", date(2023, 12, 31), 0, 0),
        ("MINUSMA", "Troops", date(2023, 12, 31), 70, 30),
    )
    targets = typed(
        "category year:int target_pct:float target_derived:bool",
        ("Formed police units", 2023, 15.3, True),
        ("Individual police officers", 2023, 25.0, False),
        ("Individual police officers", 2024, 99.0, False),
        ("Military observers and staff officers", 2023, 20.0, True),
        ("Military contingents", 2024, 11.3, True),
    )
    december, february = date(2023, 12, 31), date(2024, 2, 29)
    assert_rows(
        uniformed_women(deployed, FEW, targets),
        "month category women personnel women_pct target_pct target_derived gap_points",
        (december, "Formed police units", 10, 40, 25.0, 15.3, True, 9.7),
        (december, "Individual police officers", 3, 10, 30.0, 25.0, False, 5.0),
        (december, "Military contingents", 0, 0, None, None, None, None),
        (december, "Military observers and staff officers", 5, 40, 12.5, 20.0, True, -7.5),
        # a third of three
        (february, "Military contingents", 1, 3, 100 / 3, 11.3, True, 100 / 3 - 11.3),
    )


def test_targets_before_between_and_after_the_known_years() -> None:
    known = (
        ParityTarget(category="B", year=2023, women_pct=11),
        ParityTarget(category="B", year=2020, women_pct=10),
        ParityTarget(category="A", year=2028, women_pct=30),
    )
    of_b = [8.0, 9.0, 10.0, 31 / 3, 32 / 3, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]
    assert_rows(
        parity_targets(known),
        "category year target_pct target_derived",
        # a point a year to the only one that is known
        *(("A", year, float(year - 1998), year != 2028) for year in range(2018, 2029)),
        *(("B", 2018 + place, target, place not in (2, 5)) for place, target in enumerate(of_b)),
    )


def test_leaders_by_post_gender_and_service() -> None:
    leaders = typed(
        "post gender uniformed:bool",
        ("Head of mission", "M", True),
        ("Head of mission", "F", False),
        ("Head of mission", "M", False),
        ("Head of mission", "M", False),
        # a post that is vacant
        ("Head of mission", None, False),
        ("Deputy head of mission", "F", False),
    )
    assert_rows(
        senior_leadership(leaders, CYCLE),
        "cycle post gender uniformed people",
        (5, "Deputy head of mission", "F", False, 1),
        (5, "Head of mission", "F", False, 1),
        (5, "Head of mission", "M", False, 2),
        (5, "Head of mission", "M", True, 1),
    )


def test_women_in_posts_by_day() -> None:
    posts = typed(
        "mission as_of_date:date women:int men:int",
        ("UNMISS", date(2024, 4, 30), 1, 3),
        ("UNFICYP", date(2024, 4, 30), 1, 1),
        ("UNMISS", date(2023, 10, 31), 2, 5),
        ("UNMISS", date(2023, 4, 30), 0, 0),
        ("UNMISS", date(2022, 4, 30), 1, 1),
        ("UNMISS", date(2022, 10, 31), 1, 3),
    )
    assert_rows(
        women_in_posts(posts),
        "as_of_date women people women_pct",
        (date(2022, 4, 30), 1, 2, 50.0),
        (date(2022, 10, 31), 1, 4, 25.0),
        (date(2023, 4, 30), 0, 0, None),
        (date(2023, 10, 31), 2, 7, 200 / 7),
        (date(2024, 4, 30), 2, 6, 100 / 3),
    )


def test_patrols_with_women_by_mission_and_year() -> None:
    reported = typed(
        "mission year:int patrols:int patrols_obs_status patrols_with_women:int patrols_with_women_obs_status "
        "engagement_teams:int engagement_teams_obs_status",
        ("UNMISS", 2023, 100, "A", 20, "A", 3, "A"),
        ("UNMISS", 2022, 90, "A", None, "O", None, "V"),
        ("UNFICYP", 2023, None, "O", 7, "A", 0, "A"),
    )
    assert_rows(
        women_in_patrols(reported),
        "mission year patrols patrols_obs_status patrols_with_women patrols_with_women_obs_status "
        "engagement_teams engagement_teams_obs_status",
        ("UNFICYP", 2023, None, "L", 7, "A", 0, "A"),
        ("UNMISS", 2022, 90, "A", None, "L", None, "V"),
        ("UNMISS", 2023, 100, "A", 20, "A", 3, "A"),
    )
