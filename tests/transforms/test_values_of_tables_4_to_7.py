"""Priorities 4 to 7: each column of each table, from rows made by hand, with what they come to worked out by hand."""

from datetime import date

import polars as pl

from tests.transforms.frames import CYCLE, FEW, MORE, assert_rows, typed
from transforms.p4_crimes import crimes_against_peacekeepers
from transforms.p4_health import explosive_ordnance, hospitals, mental_health_support, service_interruptions
from transforms.p4_safety import (
    casualties,
    fatalities_by_cause,
    fatalities_by_mission,
    fatalities_by_personnel_type,
    fatalities_malicious_share,
)
from transforms.p5_accountability import (
    allegations,
    fpu_evaluation_ratings,
    fpu_evaluations_by_mission,
    military_unit_evaluations_by_mission,
    paet_visits,
    sea_actions,
    sea_allegations_by_year,
    sea_allegations_yearly,
    serious_misconduct_by_year,
)
from transforms.p6_communications import communications_indicators, information_integrity
from transforms.p7_cooperation import coordination_mechanisms, sofa_soma_incidents

FIRST, LAST = date(2023, 11, 1), date(2024, 4, 30)
BEFORE, AFTER = date(2023, 10, 31), date(2024, 5, 1)


def test_crimes_of_missions_that_report_without_the_stated_total() -> None:
    counts = (
        *("cases_reported", "cases_investigated", "perpetrators_identified"),
        *("perpetrators_detained", "perpetrators_tried", "perpetrators_convicted"),
    )
    stated = typed(
        f"mission_or_total {' '.join(f'{count}:int' for count in counts)}",
        ("UNMISS", 60, 50, 40, 30, 20, 10),
        ("MINURSO", 6, 0, None, 3, 2, 1),
        ("MINUSMA", 7, 7, 7, 7, 7, 7),
        ("TOTAL", 73, 57, 47, 40, 29, 18),
    )
    assert_rows(
        crimes_against_peacekeepers(stated, FEW, CYCLE),
        f"cycle mission {' '.join(f'{count} {count}_obs_status' for count in counts)}",
        (5, "MINURSO", 6, "A", 0, "A", None, "O", 3, "A", 2, "A", 1, "A"),
        (5, "UNMISS", 60, "A", 50, "A", 40, "A", 30, "A", 20, "A", 10, "A"),
    )


def test_hospitals_of_each_level_with_a_zero_where_there_is_none() -> None:
    there = typed("mission level", ("UNMISS", "2"), ("UNMISS", "1+"), ("UNMISS", "2"), ("MINURSO", "3"), ("UNAMA", "3"))
    assert_rows(
        hospitals(there, FEW, CYCLE),
        "cycle mission level hospitals",
        (5, "MINURSO", "1+", 0),
        (5, "MINURSO", "2", 0),
        (5, "MINURSO", "3", 1),
        (5, "UNFICYP", "1+", 0),
        (5, "UNFICYP", "2", 0),
        (5, "UNFICYP", "3", 0),
        (5, "UNMISS", "1+", 1),
        (5, "UNMISS", "2", 2),
        (5, "UNMISS", "3", 0),
    )


def test_days_without_a_service_and_their_share_of_the_182_days() -> None:
    interrupted = typed(
        "mission service days:int",
        ("UNMISS", "X-ray", 91),
        ("UNMISS", "X-ray", 90),
        ("UNMISS", "Dentist", 30),
        ("MINURSO", "Surgery", 200),
        ("UNFICYP", "X-ray", None),
        ("MINUSMA", "X-ray", 1),
    )
    assert_rows(
        service_interruptions(interrupted, FEW, CYCLE),
        "cycle mission service days_unavailable share_of_cycle_pct",
        # more days than there are cannot be right, and stand as they are
        (5, "MINURSO", "Surgery", 200, 20_000 / 182),
        (5, "UNFICYP", "X-ray", None, None),
        (5, "UNMISS", "Dentist", 30, 3_000 / 182),
        (5, "UNMISS", "X-ray", 91, 50.0),
    )


def test_mechanisms_of_mental_health_stand_as_they_were_reported() -> None:
    reported = typed(
        "mission mechanism formal:bool", ("UNMISS", "Peers", False), ("UNMISS", "Counsel", True), ("MINURSO", "A", None)
    )
    assert_rows(
        mental_health_support(reported, CYCLE),
        "cycle mission mechanism formal",
        (5, "MINURSO", "A", None),
        (5, "UNMISS", "Counsel", True),
        (5, "UNMISS", "Peers", False),
    )


def test_explosive_ordnance_with_the_sum_of_what_is_known() -> None:
    first, last = date(2023, 10, 1), date(2024, 4, 30)
    cleared = ("people_educated", "routes_verified_km", "items_destroyed", "land_released_m2")
    further = (*cleared, "hazards_removed", "observers_injured")
    counted = typed(
        "mission counted_from:date up_to:date incidents:int exploded:int removed_by_mission:int removed_by_others:int "
        + " ".join(f"{count}:int" for count in further),
        ("UNMISS", first, last, 99, 5, 0, 7, 1000, 1, 2, 3, 4, 0),
        ("MINURSO", None, last, None, None, 3, None, *[None] * 6),
        ("UNFICYP", None, None, None, None, None, None, 20, *[None] * 5),
        ("UNDOF", first, last, 8, None, 3, None, *[None] * 6),
        ("UNAMA", first, last, 3, 1, 1, 1, *[1] * 6),
    )
    blank = [None, "L"] * 6
    assert_rows(
        explosive_ordnance(counted, MORE, CYCLE),
        "cycle mission counted_from up_to incidents incidents_obs_status exploded removed_by_mission removed_by_others "
        + " ".join(f"{count} {count}_obs_status" for count in further),
        (5, "MINURSO", None, last, 3, "L", None, 3, None, *blank),
        # where a part is blank, what the source states
        (5, "UNDOF", first, last, 8, "A", None, 3, None, *blank),
        (5, "UNFICYP", None, None, None, "O", None, None, None, 20, "A", *blank[2:]),
        (5, "UNMISS", first, last, 12, "A", 5, 0, 7, 1000, "A", 1, "A", 2, "A", 3, "A", 4, "A", 0, "A"),
    )


def test_a_casualty_is_in_scope_that_died_in_a_peacekeeping_operation() -> None:
    day = date(2017, 1, 1)
    notified = typed(
        "casualty_id incident_date:date mission cause type_of_casualty personnel_type gender _file _row:int",
        ("3", day, "MINUSMA", "Illness", "Fatality", "Military", "M", "f.csv", 4),
        ("1", date(2016, 12, 31), "UNMISS", "Accident", "Injury", "Police", "F", "g.csv", 2),
        ("2", day, "UNAMA", "Malicious Act", "Fatality", "Civilian", None, "g.csv", 3),
        # a file that names no type tells of deaths
        ("4", None, "UNMISS", None, None, None, "M", "h.csv", 2),
        # of no mission that is known
        ("5", day, "Atlantis", "Illness", "Fatality", "Military", "M", "g.csv", 6),
    )
    assert_rows(
        casualties(notified, FEW),
        "casualty_id incident_date year mission in_scope cause personnel_type uniformed gender file row",
        ("3", day, 2017, "MINUSMA", True, "Illness", "Military", True, "M", "f.csv", 4),
        ("1", date(2016, 12, 31), 2016, "UNMISS", False, "Accident", "Police", True, "F", "g.csv", 2),
        ("2", day, 2017, "UNAMA", False, "Malicious Act", "Civilian", False, None, "g.csv", 3),
        ("4", None, None, "UNMISS", True, None, None, None, "M", "h.csv", 2),
        ("5", day, 2017, "Atlantis", False, "Illness", "Military", True, "M", "g.csv", 6),
    )


def test_deaths_since_2017_by_cause_year_and_mission() -> None:
    rows = typed(
        "casualty_id incident_date:date year:int mission in_scope:bool cause",
        ("1", date(2016, 12, 31), 2016, "UNMISS", True, "Illness"),
        ("10", date(2021, 1, 1), 2021, "UNFICYP", True, "Illness"),
        ("2", date(2017, 1, 1), 2017, "UNMISS", True, "Malicious Act"),
        ("3", date(2017, 1, 2), 2017, "UNMISS", True, "Malicious Act"),
        ("4", date(2017, 1, 3), 2017, "UNMISS", True, "Illness"),
        ("5", date(2018, 1, 1), 2018, "MINURSO", True, "Malicious Act"),
        ("6", date(2018, 1, 1), 2018, "MINURSO", False, "Malicious Act"),
        ("7", date(2019, 1, 1), 2019, "UNFICYP", True, "Accident"),
        ("8", date(2019, 1, 1), 2019, "MINURSO", True, "Accident"),
        ("9", date(2020, 1, 1), 2020, "UNFICYP", True, "Accident"),
    )
    assert_rows(
        fatalities_by_cause(rows),
        "year cause deaths",
        (2017, "Illness", 1),
        (2017, "Malicious Act", 2),
        (2018, "Malicious Act", 1),
        (2019, "Accident", 2),
        (2020, "Accident", 1),
        (2021, "Illness", 1),
    )
    assert_rows(
        fatalities_malicious_share(rows),
        "year deaths malicious_deaths malicious_pct",
        # two of three
        (2017, 3, 2, 200 / 3),
        (2018, 1, 1, 100.0),
        (2019, 2, 0, 0.0),
        (2020, 1, 0, 0.0),
        (2021, 1, 0, 0.0),
    )
    kinds = rows.with_columns(personnel_type=pl.when(pl.col("year") < 2019).then(pl.lit("Police")))
    assert_rows(
        fatalities_by_personnel_type(kinds.with_columns(uniformed=pl.col("personnel_type") == "Police")),
        "year personnel_type uniformed deaths",
        (2017, "Police", True, 3),
        (2018, "Police", True, 1),
        (2019, "Not stated", None, 2),
        (2020, "Not stated", None, 1),
        (2021, "Not stated", None, 1),
    )
    assert_rows(
        fatalities_by_mission(rows),
        "mission cause deaths",
        ("MINURSO", "Accident", 1),
        ("MINURSO", "Malicious Act", 1),
        ("UNFICYP", "Accident", 2),
        ("UNFICYP", "Illness", 1),
        ("UNMISS", "Illness", 1),
        ("UNMISS", "Malicious Act", 2),
    )


def test_allegations_in_peacekeeping_missions_with_the_year_they_count_for() -> None:
    reported = date(2016, 6, 1)
    told = typed(
        "allegation_id category mission date_reported:date incident_from:date incident_to:date status action_taken "
        "_file _row:int",
        ("1", "SEA", "MINUSMA", reported, date(2013, 1, 1), date(2016, 1, 1), "Pending", None, "f.xlsx", 2),
        ("2", "Other", "UNMISS", reported, date(2015, 12, 31), None, "Substantiated", "Jail", "f.xlsx", 3),
        ("3", "SEA", "UNMISS", reported, date(2014, 12, 31), None, "Pending", None, "g.xlsx", 4),
        ("4", "SEA", "UNAMA", reported, reported, None, "Pending", None, "g.xlsx", 5),
        ("5", "SEA", "MINURSO", reported, None, None, "Unsubstantiated", None, "g.xlsx", 6),
    )
    assert_rows(
        allegations(told, FEW),
        "allegation_id category mission year_reported incident_year status action_taken file row",
        ("1", "SEA", "MINUSMA", 2016, "current", "Pending", None, "f.xlsx", 2),
        ("2", "Other", "UNMISS", 2016, "previous", "Substantiated", "Jail", "f.xlsx", 3),
        ("3", "SEA", "UNMISS", 2016, "other", "Pending", None, "g.xlsx", 4),
        ("5", "SEA", "MINURSO", 2016, "unknown", "Unsubstantiated", None, "g.xlsx", 6),
    )


MISCONDUCT = "Other serious misconduct"
ALLEGATIONS = typed(
    "category year_reported:int incident_year status action_taken",
    ("SEA", 2023, "current", "Substantiated", "Repatriation"),
    ("SEA", 2023, "current", "Substantiated", "Repatriation"),
    ("SEA", 2023, "unknown", "Pending", "Repatriation"),
    ("SEA", 2022, "other", "Substantiated", None),
    ("SEA", 2010, "previous", "Substantiated", "Jail"),
    ("SEA", 2011, "other", "Substantiated", "Fine"),
    ("SEA", 2009, "previous", "Substantiated", "Jail"),
    (MISCONDUCT, 2023, "current", "Substantiated", "Jail"),
    (MISCONDUCT, 2023, "previous", "Pending", None),
    (MISCONDUCT, 2021, "current", "Pending", None),
    (MISCONDUCT, 2020, "current", "Pending", None),
    (MISCONDUCT, 2017, "current", "Pending", None),
    (MISCONDUCT, 2018, "current", "Pending", None),
)


def test_allegations_by_year_reported_and_year_of_incident() -> None:
    every = ("current", "other", "previous", "unknown")
    counted = {
        (2009, "previous"): 1,
        (2010, "previous"): 1,
        (2011, "other"): 1,
        (2022, "other"): 1,
        (2023, "current"): 2,
        (2023, "unknown"): 1,
    }
    assert_rows(
        sea_allegations_by_year(ALLEGATIONS),
        "year_reported incident_year allegations allegations_obs_status",
        *((year, of, counted.get((year, of), 0), "A") for year in (2009, 2010, 2011, 2022, 2023) for of in every),
    )


def test_allegations_of_whole_years() -> None:
    assert_rows(
        sea_allegations_yearly(ALLEGATIONS),
        "year_reported allegations",
        *((2009, 1), (2010, 1), (2011, 1), (2022, 1), (2023, 3)),
    )
    assert_rows(
        serious_misconduct_by_year(ALLEGATIONS),
        "year_reported allegations",
        *((2017, 1), (2018, 1), (2020, 1), (2021, 1), (2023, 2)),
    )


def test_actions_on_substantiated_allegations_since_2010() -> None:
    assert_rows(
        sea_actions(ALLEGATIONS),
        "action_taken allegations allegations_obs_status",
        ("Fine", 1, "A"),
        ("Jail", 1, "A"),
        ("Pending", 1, "A"),
        ("Repatriation", 2, "A"),
    )


def test_visits_in_the_cycle() -> None:
    visits = typed(
        "mission visited_on:date",
        ("UNMISS", FIRST),
        ("UNMISS", LAST),
        ("UNMISS", BEFORE),
        ("MINURSO", AFTER),
        ("MINURSO", LAST),
        ("UNFICYP", FIRST),
        ("UNDOF", LAST),
        ("MONUSCO", LAST),
        ("MINUSMA", FIRST),
    )
    assert_rows(
        paet_visits(visits, MORE, CYCLE),
        "cycle mission visits",
        *((5, "MINURSO", 1), (5, "MONUSCO", 1), (5, "UNDOF", 1), (5, "UNFICYP", 1), (5, "UNMISS", 2)),
    )


UNITS = typed(
    "unit_id mission",
    ("A", "UNMISS"),
    ("B", "UNMISS"),
    # a unit that stands twice is one
    ("B", "UNMISS"),
    ("C", "MINURSO"),
    ("D", "UNFICYP"),
    ("F", "UNDOF"),
    ("G", "MONUSCO"),
    ("E", "MINUSMA"),
)
EVALUATIONS = typed(
    "unit_id mission evaluation_date:date rating",
    ("A", "UNMISS", FIRST, "Average"),
    ("A", "UNMISS", LAST, "Average"),
    ("B", "UNMISS", date(2024, 1, 1), "Very good"),
    ("B", "UNMISS", BEFORE, "Average"),
    ("C", "MINURSO", AFTER, "Average"),
    ("D", "UNFICYP", FIRST, "Average"),
    ("F", "UNDOF", FIRST, "Outstanding"),
    ("E", "MINUSMA", FIRST, "Average"),
)


def test_units_and_their_evaluations_in_the_cycle() -> None:
    columns = "cycle mission units units_evaluated units_evaluated_twice evaluations"
    rows = [
        (5, "MINURSO", 1, 0, 0, 0),
        (5, "MONUSCO", 1, 0, 0, 0),
        (5, "UNDOF", 1, 1, 0, 1),
        (5, "UNFICYP", 1, 1, 0, 1),
        (5, "UNMISS", 2, 2, 1, 3),
    ]
    assert_rows(military_unit_evaluations_by_mission(UNITS, EVALUATIONS, MORE, CYCLE), columns, *rows)
    assert_rows(fpu_evaluations_by_mission(UNITS, EVALUATIONS, MORE, CYCLE), columns, *rows)


def test_ratings_in_the_cycle() -> None:
    assert_rows(
        fpu_evaluation_ratings(EVALUATIONS, MORE, CYCLE),
        "cycle mission rating evaluations",
        (5, "UNDOF", "Outstanding", 1),
        (5, "UNFICYP", "Average", 1),
        (5, "UNMISS", "Average", 2),
        (5, "UNMISS", "Very good", 1),
    )


def test_indicators_and_their_change_in_percent() -> None:
    told = typed(
        "indicator cycle_value:int year_before_value:int",
        ("New followers", 4, 3),
        ("Mentions", 5, 0),
        ("Engaged users", 5, None),
        ("Likes", 1, 2),
    )
    assert_rows(
        communications_indicators(told, CYCLE),
        "cycle indicator cycle_value year_before_value change_pct change_pct_obs_status",
        (5, "Engaged users", 5, None, None, "O"),
        (5, "Likes", 1, 2, -50.0, "A"),
        (5, "Mentions", 5, 0, None, "M"),
        # a third more
        (5, "New followers", 4, 3, 100 / 3, "A"),
    )


def test_groups_on_information_integrity_by_mission() -> None:
    reported = typed(
        "mission information_integrity_group:bool",
        ("UNMISS", False),
        ("UNMISS", True),
        ("MINURSO", None),
        ("MINUSMA", True),
    )
    assert_rows(
        information_integrity(reported, FEW, CYCLE),
        "cycle mission information_integrity_group obs_status",
        (5, "MINURSO", None, "O"),
        (5, "UNFICYP", None, "O"),
        (5, "UNMISS", False, "A"),
    )


def test_incidents_under_agreements_and_their_impact() -> None:
    columns = (
        "mission {agreement}new_incidents{int} new_incidents_obs_status total_incidents{int} "
        "total_incidents_obs_status impact_civilian_movement impact_uniformed_movement impact_mandated_tasks"
    )
    reported = typed(
        columns.format(agreement="", int=":int"),
        ("UNMISS", 4, "A", 9, "A", "High", "-----", "Low"),
        ("UNMISS", 5, "A", 6, "A", "Low", "Low", "High"),
        ("UNFICYP", None, "O", None, "L", "-----", "Medium", None),
    )
    assert_rows(
        sofa_soma_incidents(reported, FEW, CYCLE),
        f"cycle {columns.format(agreement='agreement ', int='')}",
        (5, "MINURSO", "SOMA", None, "O", None, "O", None, None, None),
        # there can be none of an agreement that there is not
        (5, "UNFICYP", "none", None, "M", None, "M", None, "Medium", None),
        (5, "UNMISS", "SOFA", 4, "A", 9, "A", "High", None, "Low"),
    )


def test_incidents_of_a_mission_of_whose_agreement_nothing_is_known_stand_as_they_were_reported() -> None:
    columns = (
        "mission {agreement}new_incidents{int} new_incidents_obs_status total_incidents{int} "
        "total_incidents_obs_status impact_civilian_movement impact_uniformed_movement impact_mandated_tasks"
    )
    missions = typed("mission kind reports:bool agreement", ("UNNEW", "peacekeeping operation", True, None))
    reported = typed(columns.format(agreement="", int=":int"), ("UNNEW", 4, "A", None, "L", "High", "-----", None))
    assert_rows(
        sofa_soma_incidents(reported, missions, CYCLE),
        f"cycle {columns.format(agreement='agreement ', int='')}",
        (5, "UNNEW", None, 4, "A", None, "L", "High", None, None),
    )


def test_mechanisms_of_coordination_stand_as_they_were_reported() -> None:
    reported = typed(
        "mission mechanism formal:bool status contribution",
        ("UNMISS", "Task force", True, "New", "Much"),
        ("UNMISS", "Meetings", False, "On-going", None),
        ("MINURSO", "Calls", None, "Updated", "Little"),
    )
    assert_rows(
        coordination_mechanisms(reported, CYCLE),
        "cycle mission mechanism formal status contribution",
        (5, "MINURSO", "Calls", None, "Updated", "Little"),
        (5, "UNMISS", "Meetings", False, "On-going", None),
        (5, "UNMISS", "Task force", True, "New", "Much"),
    )
