"""Faults of single rows, as sources make them: what rule finds each, which rows it can befall, how it changes one."""

from __future__ import annotations

from datetime import date

from sample.evaluations import MILITARY_UNITS
from sample.faults.delivery import Row
from sample.faults.fault import CRITICAL, INFO, WARNING, Change, Fits, RowFault, Scene
from sample.people import CONTRIBUTORS


def _put(column: str, cell: str | int | None) -> Change:
    def change(row: Row, scene: Scene) -> None:
        row[column] = cell

    return change


def _holds(column: str, *cells: str) -> Fits:
    return lambda row, scene: row[column] in cells


def _stay(row: Row, scene: Scene) -> None:
    """Change nothing: the fault is that the row stands there a second time."""


def _space_after(column: str) -> Change:
    def change(row: Row, scene: Scene) -> None:
        row[column] = f"{row[column]} "

    return change


def _after_receipt(column: str) -> Change:
    def change(row: Row, scene: Scene) -> None:
        row[column] = scene.received + scene.days()

    return change


def _before_the_cycle(column: str) -> Change:
    def change(row: Row, scene: Scene) -> None:
        row[column] = scene.cycle.start - scene.days(5, 90)

    return change


def _before_the_mission(column: str) -> Change:
    def change(row: Row, scene: Scene) -> None:
        began = scene.began(row)
        assert began
        row[column] = began - scene.days(10, 300)

    return change


def _after_the_mission(row: Row, scene: Scene) -> None:
    ended = scene.ended(row)
    assert ended
    row["incident_date"] = ended + scene.days(10, (scene.received - ended).days)


def _goes_on(row: Row, scene: Scene) -> bool:
    return scene.ended(row) is None


def _began_lately(row: Row, scene: Scene) -> bool:
    return (scene.began(row) or date.min) > date(1990, 1, 1)


def _ended_long_ago(row: Row, scene: Scene) -> bool:
    ended = scene.ended(row)
    return ended is not None and (scene.received - ended).days > 30


def _code_of_another_country(row: Row, scene: Scene) -> None:
    row["iso_alpha3"] = scene.chance.choice([code for code in CONTRIBUTORS if code != row["iso_alpha3"]])


def _code_as_number(row: Row, scene: Scene) -> None:
    row["m49_code"] = f"{int(str(row['m49_code']))}.0"


def _day_first(column: str) -> Change:
    def change(row: Row, scene: Scene) -> None:
        day = row.day(column)
        assert day
        row[column] = f"{day:%d/%m/%Y}"

    return change


def _cell_too_many(row: Row, scene: Scene) -> None:
    row.cells.append("see e-mail")


def _negative(row: Row, scene: Scene) -> None:
    row["male_personnel"] = -(row.number("male_personnel") or 1)


def _some(column: str) -> Fits:
    return lambda row, scene: (row.number(column) or 0) > 0


def _ends_before_it_begins(row: Row, scene: Scene) -> None:
    begins = row.day("incident_from")
    assert begins
    row["incident_to"] = begins - scene.days()


def _lasted(row: Row, scene: Scene) -> bool:
    return row["incident_from"] is not None and row["incident_to"] is not None


def _on_one_day(row: Row, scene: Scene) -> bool:
    return row["incident_from"] is not None and row["incident_to"] is None


def _after_its_report(row: Row, scene: Scene) -> None:
    reported = row.day("date_reported")
    assert reported
    row["incident_from"] = reported + scene.days(5, 200)


def _of_another_mission(row: Row, scene: Scene) -> None:
    row["mission"] = scene.chance.choice([mission for mission in MILITARY_UNITS if mission != row["mission"]])


def _poor_with_plan(row: Row, scene: Scene) -> bool:
    return row["rating"] in ("Unsatisfactory", "Satisfactory with shortfalls") and row["improvement_plan"] == "Yes"


def _not_in_the_list(row: Row, scene: Scene) -> None:
    row["unit_id"] = f"{row['mission']}-FPU-99"


def _more_new_than_all(row: Row, scene: Scene) -> None:
    row["new_incidents"] = (row.number("total_incidents") or 0) + scene.chance.randint(1, 40)


def _more_days_than_the_cycle(row: Row, scene: Scene) -> None:
    row["training_days"] = scene.cycle.days + scene.chance.randint(1, 120)


def _without_agreement(row: Row, scene: Scene) -> bool:
    return row["new_incidents"] == "No SOFA/SOMA"


def _hospital_not_in_the_list(row: Row, scene: Scene) -> None:
    row["hospital_id"], row["service"] = f"{row['mission']}-H9", "Laboratory"
    row["days"], row["share_of_cycle_pct"] = scene.chance.randint(1, 30), None


def _total_off(column: str) -> Change:
    def change(row: Row, scene: Scene) -> None:
        row[column] = (row.number(column) or 0) + scene.chance.randint(1, 9)

    return change


def _share_off(row: Row, scene: Scene) -> None:
    share = 100 * (row.number("cases_investigated") or 0) / (row.number("cases_reported") or 1)
    row["investigated_of_reported_pct"] = round(share) - scene.chance.randint(5, 20)


ROW_FAULTS = (
    RowFault("row_is_listed_once", CRITICAL, "noticas", "casualty_id", _stay, added=True),
    RowFault(
        "incident_is_not_in_the_future", CRITICAL, "noticas", "incident_date", _after_receipt("incident_date"), _goes_on
    ),
    RowFault(
        "incident_is_not_before_the_mission_began",
        WARNING,
        "noticas",
        "incident_date",
        _before_the_mission("incident_date"),
        _began_lately,
    ),
    RowFault(
        "incident_is_not_long_after_the_mission_ended",
        INFO,
        "noticas",
        "incident_date",
        _after_the_mission,
        _ended_long_ago,
    ),
    RowFault("incident_date_is_a_date", CRITICAL, "noticas", "incident_date", _day_first("incident_date")),
    RowFault("mission_is_a_mission", CRITICAL, "noticas", "mission", _put("mission", "UNMISSA")),
    RowFault("cause_is_given", CRITICAL, "noticas", "cause", _put("cause", None)),
    RowFault("cause_is_one_of_the_list", CRITICAL, "noticas", "cause", _put("cause", "Heart failure")),
    RowFault("cause_has_no_spaces_around_it", INFO, "noticas", "cause", _space_after("cause")),
    RowFault("iso_alpha3_is_of_the_nationality", WARNING, "noticas", "iso_alpha3", _code_of_another_country),
    RowFault("m49_code_is_written_as_text", INFO, "noticas", "m49_code", _code_as_number, rows=4),
    RowFault("m49_code_is_there", INFO, "noticas", "m49_code", _put("m49_code", None)),
    RowFault("row_has_a_cell_for_each_column", CRITICAL, "noticas", None, _cell_too_many),
    RowFault("row_is_listed_once", CRITICAL, "uniformed_personnel", "last_reporting_date", _stay, added=True),
    RowFault(
        "female_personnel_is_a_count",
        CRITICAL,
        "uniformed_personnel",
        "female_personnel",
        _put("female_personnel", "a dozen"),
    ),
    RowFault(
        "male_personnel_is_in_range",
        CRITICAL,
        "uniformed_personnel",
        "male_personnel",
        _negative,
        _some("male_personnel"),
    ),
    RowFault(
        "month_is_not_in_the_future",
        CRITICAL,
        "uniformed_personnel",
        "last_reporting_date",
        _after_receipt("last_reporting_date"),
    ),
    RowFault(
        "mission_was_deployed",
        WARNING,
        "uniformed_personnel",
        "last_reporting_date",
        _before_the_mission("last_reporting_date"),
        _began_lately,
    ),
    RowFault(
        "personnel_type_is_one_of_the_list",
        CRITICAL,
        "uniformed_personnel",
        "personnel_type",
        _put("personnel_type", "Civilians"),
    ),
    RowFault(
        "incident_ends_after_it_begins",
        CRITICAL,
        "conduct_allegations",
        "incident_to",
        _ends_before_it_begins,
        _lasted,
    ),
    RowFault(
        "report_follows_the_incident",
        CRITICAL,
        "conduct_allegations",
        "date_reported",
        _after_its_report,
        _on_one_day,
    ),
    RowFault(
        "report_is_not_in_the_future",
        CRITICAL,
        "conduct_allegations",
        "date_reported",
        _after_receipt("date_reported"),
    ),
    RowFault("allegation_id_is_given", CRITICAL, "conduct_allegations", "allegation_id", _put("allegation_id", None)),
    RowFault("status_is_one_of_the_list", CRITICAL, "conduct_allegations", "status", _put("status", "Founded")),
    RowFault("unit_id_is_one_of_military_units", CRITICAL, "military_unit_evaluations", "unit_id", _of_another_mission),
    RowFault(
        "evaluation_date_is_in_the_cycle",
        CRITICAL,
        "military_unit_evaluations",
        "evaluation_date",
        _before_the_cycle("evaluation_date"),
    ),
    RowFault(
        "a_poor_rating_has_a_plan",
        WARNING,
        "military_unit_evaluations",
        "improvement_plan",
        _put("improvement_plan", "No"),
        _poor_with_plan,
    ),
    RowFault(
        "improvement_plan_is_a_yes_no",
        CRITICAL,
        "military_unit_evaluations",
        "improvement_plan",
        _put("improvement_plan", "in part"),
        _holds("rating", "Satisfactory"),
    ),
    RowFault("row_is_listed_once", CRITICAL, "fpu_evaluations", "evaluation_date", _stay, added=True),
    RowFault("rating_is_one_of_the_list", CRITICAL, "fpu_evaluations", "rating", _put("rating", "Good")),
    RowFault("unit_id_is_one_of_fpu_units", CRITICAL, "fpu_evaluations", "unit_id", _not_in_the_list),
    RowFault(
        "political_strategy_is_given",
        CRITICAL,
        "political_engagement",
        "political_strategy",
        _put("political_strategy", None),
    ),
    RowFault(
        "assessment_was_in_the_cycle",
        WARNING,
        "cpas_impact_assessment",
        "date_of_assessment",
        _before_the_cycle("date_of_assessment"),
        lambda row, scene: row["date_of_assessment"] is not None,
    ),
    RowFault(
        "training_days_fit_into_the_cycle",
        WARNING,
        "conduct_training",
        "training_days",
        _more_days_than_the_cycle,
        _some("sessions"),
    ),
    RowFault(
        "days_of_training_go_with_sessions",
        WARNING,
        "conduct_training",
        "sessions",
        _put("sessions", "None"),
        _some("training_days"),
    ),
    RowFault("participants_is_a_count", CRITICAL, "conduct_training", "participants", _put("participants", "about 40")),
    RowFault("year_is_a_count", CRITICAL, "women_in_patrols", "year", _put("year", "last year")),
    RowFault(
        "information_integrity_group_is_a_yes_no",
        CRITICAL,
        "communications",
        "information_integrity_group",
        _put("information_integrity_group", "planned"),
    ),
    # few rows can hold the next two, so they come before the other one of their table
    RowFault(
        "new_incidents_are_part_of_the_total",
        CRITICAL,
        "sofa_soma",
        "new_incidents",
        _more_new_than_all,
        _some("total_incidents"),
    ),
    RowFault(
        "incidents_are_of_an_agreement",
        WARNING,
        "sofa_soma",
        "new_incidents",
        _put("new_incidents", 3),
        _without_agreement,
    ),
    RowFault(
        "impact_mandated_tasks_is_one_of_the_list",
        CRITICAL,
        "sofa_soma",
        "impact_mandated_tasks",
        _put("impact_mandated_tasks", "Severe"),
        _holds("impact_mandated_tasks", "No/Low", "Medium", "High"),
    ),
    RowFault("row_is_listed_once", CRITICAL, "coordination", "mechanism", _stay, added=True),
    RowFault(
        "hospital_id_is_one_of_hospitals",
        CRITICAL,
        "service_interruptions",
        "hospital_id",
        _hospital_not_in_the_list,
        added=True,
    ),
    RowFault(
        "incidents_is_the_sum_of_its_parts",
        WARNING,
        "explosive_ordnance",
        "incidents",
        _total_off("incidents"),
        _some("exploded"),
    ),
    RowFault(
        "investigated_of_reported_pct_is_that_share",
        WARNING,
        "crimes",
        "investigated_of_reported_pct",
        _share_off,
        lambda row, scene: row["mission_or_total"] != "TOTAL",
    ),
    RowFault(
        "trainings_of_the_total_row_is_the_sum",
        WARNING,
        "tpp_streams",
        "trainings",
        _total_off("trainings"),
        _holds("stream", "TOTAL"),
    ),
    RowFault("gender_is_one_of_the_list", CRITICAL, "senior_leaders", "gender", _put("gender", "W")),
)

# a whole column that is wrong is told once
COLUMN_FAULT = RowFault(
    "deployed_on_is_a_date", CRITICAL, "deploying_contingents", "deployed_on", _day_first("deployed_on")
)
