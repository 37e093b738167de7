"""The tables of an invented release of cycle 5, near enough to real ones to judge the page by."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from tests.support.report_tables_more import FIGURES, more_tables

MISSING = [
    "mission_report: UNISFA has sent nothing (due 14 June 2024)",
    "conduct_allegations: the file of 3 June 2024 was refused; the one before it is in use",
]
AS_OF = date(2024, 9, 3)
MISSIONS = (
    "MINURSO", "MINUSCA", "MONUSCO", "UNDOF", "UNFICYP", "UNIFIL", "UNISFA", "UNMIK", "UNMISS", "UNMOGIP", "UNTSO",
)  # fmt: skip
STATUS = {"value": pl.Float64, "previous": pl.Float64, "change": pl.Float64}
TABLES = (
    "figures", "fatalities_by_cause", "fatalities_malicious_share", "fatalities_by_mission",
    "fatalities_by_personnel_type", "uniformed_women",
    "sea_allegations_by_year", "serious_misconduct_by_year", "fpu_evaluations_by_mission",
    "military_unit_evaluations_by_mission", "fpu_evaluation_ratings", "mission_plans", "cpas_impact_assessments",
    "conduct_trainings", "sofa_soma_incidents", "political_engagement", "integration", "contingent_readiness",
    "police_course_recognition", "senior_leadership_programme", "tpp_trainings", "pki_trainings", "women_in_patrols",
    "senior_leadership", "women_in_posts", "explosive_ordnance", "hospitals", "service_interruptions",
    "mental_health_support", "crimes_against_peacekeepers", "paet_visits", "sea_actions", "communications_indicators",
    "information_integrity", "coordination_mechanisms", "findings", "submissions",
)  # fmt: skip


def tables() -> dict[str, pl.DataFrame]:
    """Return every table that the page knows."""
    made = {
        "figures": figures(),
        **_fatalities(),
        "uniformed_women": _women(),
        **_conduct(),
        **_evaluations(),
        **_missions(),
        **more_tables(),
        "findings": findings(),
        "submissions": submissions(),
    }
    assert set(made) == set(TABLES)
    return made


def figures() -> pl.DataFrame:
    end, year_end = date(2024, 4, 30), date(2023, 12, 31)
    rows = [
        ("missions_total", "ALL", 11.0, "missions", None, end, "A", "A4P+ reporting"),
        ("approved_mission_plans", "ALL", 8.0, "missions", None, end, "P", "A4P+ reporting"),
        ("cpas_impact_assessments", "ALL", 9.0, "missions", 11.0, end, "P", "A4P+ reporting"),
        ("conduct_discipline_trainings", "ALL", 914.0, "sessions", 511.0, end, "P", "A4P+ reporting"),
        ("fatalities_total", "ALL", 1018.0, "people", 961.0, AS_OF, "A", "NOTICAS / UNOCC"),
        ("fatalities_malicious", "ALL", 196.0, "people", 192.0, AS_OF, "A", "NOTICAS / UNOCC"),
        ("fatalities_illness", "ALL", 561.0, "people", 530.0, AS_OF, "A", "NOTICAS / UNOCC"),
        ("fatalities_accident", "ALL", 148.0, "people", 148.0, AS_OF, "A", "NOTICAS / UNOCC"),
        ("fatalities_illness_share", "ALL", 55.0, "percent", 55.0, AS_OF, "A", "NOTICAS / UNOCC"),
        ("fatalities_malicious_share", "ALL", 27.0, "percent", 28.0, AS_OF, "A", "NOTICAS / UNOCC"),
        ("fatalities_uniformed", "ALL", 860.0, "people", 811.0, AS_OF, "A", "NOTICAS / UNOCC"),
        ("fatalities_uniformed_share", "ALL", 84.0, "percent", 84.0, AS_OF, "A", "NOTICAS / UNOCC"),
        ("fpus_evaluated", "ALL", 27.0, "units", 27.0, end, "A", "OROLSI PD"),
        ("fpus_evaluated_twice", "ALL", 27.0, "units", 24.0, end, "A", "OROLSI PD"),
        ("fpu_evaluations_needing_improvement", "ALL", 0.0, "evaluations", 0.0, end, "A", "OROLSI PD"),
        ("fpus", "ALL", 27.0, "units", 27.0, end, "A", "OROLSI PD"),
        ("fpu_evaluations", "ALL", 54.0, "evaluations", 51.0, end, "A", "OROLSI PD"),
        ("military_unit_evaluations", "ALL", None, "evaluations", None, end, "O", "OMA"),
        ("sea_allegations", "ALL", 98.0, "allegations", 79.0, year_end, "A", "CDS"),
        ("serious_misconduct", "ALL", 1364.0, "allegations", 1402.0, year_end, "A", "CDS"),
        ("new_sofa_incidents_reported", "ALL", 206.0, "incidents", 181.0, end, "P", "A4P+ reporting / SAGE"),
        ("total_sofa_incidents_reported", "ALL", 1790.0, "incidents", 1651.0, end, "P", "A4P+ reporting / SAGE"),
        ("new_sofa_incidents_reported", "UNIFIL", None, "incidents", None, end, "V", "A4P+ reporting / SAGE"),
        ("new_sofa_incidents_reported", "UNISFA", None, "incidents", None, end, "O", "A4P+ reporting / SAGE"),
        ("new_sofa_incidents_reported", "UNMISS", 125.0, "incidents", None, end, "A", "A4P+ reporting / SAGE"),
        ("new_sofa_incidents_reported", "UNMIK", None, "incidents", None, end, "M", "A4P+ reporting / SAGE"),
        ("conduct_discipline_trainings", "UNISFA", None, "sessions", None, end, "O", "A4P+ reporting"),
        ("conduct_discipline_trainings", "UNMISS", 302.0, "sessions", None, end, "A", "A4P+ reporting"),
        *FIGURES,
        *(("cpas_impact_assessments", one, None if one == "UNISFA" else float(one != "UNDOF"), "missions", 1.0, end,
           "O" if one == "UNISFA" else "A", "A4P+ reporting") for one in MISSIONS),
    ]  # fmt: skip
    columns = ("figure", "mission", "value", "unit", "previous", "as_of", "obs_status", "source")
    frame = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None).with_columns(
        cycle=pl.lit(5, pl.Int64), change=pl.col("value") - pl.col("previous")
    )
    order = ("cycle", "figure", "mission", "value", "unit", "previous", "change", "as_of", "obs_status", "source")
    return frame.select(order).cast(STATUS)  # type: ignore[arg-type]


def _fatalities() -> dict[str, pl.DataFrame]:
    by_year = {
        2017: (61, 53, 16, 4, 1, 0), 2018: (27, 58, 17, 5, 0, 1), 2019: (28, 65, 20, 6, 1, 0),
        2020: (13, 104, 13, 5, 0, 0), 2021: (25, 92, 15, 6, 2, 0), 2022: (32, 60, 22, 3, 2, 0),
        2023: (7, 52, 10, 4, 6, 1), 2024: (3, 31, 8, 3, 12, 0),
    }  # fmt: skip
    causes = ("Malicious Act", "Illness", "Accident", "Self-Inflicted", "To Be Determined", "Unknown")
    rows = [
        (year, cause, deaths)
        for year, counts in by_year.items()
        for cause, deaths in zip(causes, counts, strict=True)
        if deaths
    ]
    share = [
        (year, sum(counts), counts[0], round(100 * counts[0] / sum(counts), 2)) for year, counts in by_year.items()
    ]
    weights = {
        "MINUSMA": (99, 71, 30), "MINUSCA": (38, 98, 41), "MONUSCO": (31, 121, 22), "UNMISS": (9, 104, 27),
        "UNAMID": (4, 49, 6), "UNIFIL": (4, 33, 12), "UNISFA": (6, 22, 4), "UNFICYP": (0, 5, 1), "UNDOF": (0, 6, 2),
        "UNTSO": (0, 4, 1), "MINURSO": (0, 3, 1), "UNMIK": (0, 2, 0), "MINUJUSTH": (0, 2, 1), "UNMOGIP": (0, 1, 0),
        "MINUSTAH": (0, 3, 2),
    }  # fmt: skip
    mission = [
        (one, cause, n) for one, counts in weights.items() for cause, n in zip(causes, counts, strict=False) if n
    ]
    return {
        "fatalities_by_cause": pl.DataFrame(rows, schema=["year", "cause", "deaths"], orient="row").cast(
            {"year": pl.Int32}
        ),
        "fatalities_malicious_share": pl.DataFrame(
            share, schema=["year", "deaths", "malicious_deaths", "malicious_pct"], orient="row"
        ).cast({"year": pl.Int32}),
        "fatalities_by_personnel_type": pl.DataFrame(
            [(2023, "Military", True, 60), (2023, "Local", False, 9), (2024, "Military", True, 48)],
            schema=["year", "personnel_type", "uniformed", "deaths"],
            orient="row",
        ),
        "fatalities_by_mission": pl.DataFrame(mission, schema=["mission", "cause", "deaths"], orient="row"),
    }


def _women() -> pl.DataFrame:
    begin = {
        "Military contingents": (4.0, 0.45, 78000, 5.0, 1.0),
        "Military observers and staff officers": (11.5, 1.5, 2100, 15.0, 1.0),
        "Formed police units": (9.0, 1.1, 7600, 10.0, 1.0),
        "Individual police officers": (22.0, 1.7, 1900, 20.0, 1.0),
    }
    rows = []
    for year in range(2018, 2025):
        for month in range(1, 13):
            if (year, month) > (2024, 6):
                break
            last = (date(year + month // 12, month % 12 + 1, 1)).toordinal() - 1
            for category, (start, pace, people, target, target_pace) in begin.items():
                personnel = people - 40 * (year - 2018) * (1 if people < 9000 else 60)
                women = round(personnel * (start + pace * (year - 2018 + month / 12) + 0.3 * (month % 3)) / 100)
                pct, goal = round(100 * women / personnel, 2), target + target_pace * (year - 2018)
                known = year in (2021, 2028)
                rows.append(
                    (date.fromordinal(last), category, women, personnel, pct, goal, not known, round(pct - goal, 2))
                )
    columns = (
        "month", "category", "women", "personnel", "women_pct", "target_pct", "target_derived", "gap_points",
    )  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")


def _conduct() -> dict[str, pl.DataFrame]:
    totals = {
        2010: 85, 2011: 75, 2012: 60, 2013: 66, 2014: 52, 2015: 69, 2016: 104, 2017: 62, 2018: 55, 2019: 80, 2020: 66,
        2021: 75, 2022: 79, 2023: 98, 2024: 41,
    }  # fmt: skip
    sea = []
    for year, total in totals.items():
        current, previous, unknown = total * 4 // 10, total * 2 // 10, total // 20
        parts = {"current": current, "previous": previous, "unknown": unknown}
        parts["other"] = total - sum(parts.values())
        sea += [(year, when, count) for when, count in sorted(parts.items()) if count]
    serious = [(year, 280 + (year * 37) % 140) for year in range(2010, 2025)]
    return {
        "sea_allegations_by_year": pl.DataFrame(
            sea, schema=["year_reported", "incident_year", "allegations"], orient="row"
        ).cast({"year_reported": pl.Int32}),
        "serious_misconduct_by_year": pl.DataFrame(serious, schema=["year_reported", "allegations"], orient="row").cast(
            {"year_reported": pl.Int32}
        ),
    }


def _evaluations() -> dict[str, pl.DataFrame]:
    columns = ["cycle", "mission", "units", "units_evaluated", "evaluations"]
    ratings = {
        "MINUSCA": {"Below average": 1, "Average": 9, "Above average": 12, "Very good": 7, "Outstanding": 1},
        "MONUSCO": {"Average": 6, "Above average": 8, "Very good": 2},
        "UNMISS": {"Unsatisfactory": 1, "Above average": 4, "Very good": 3},
    }
    military = {
        "MINURSO": (2, 1, 1), "MINUSCA": (38, 31, 35), "MONUSCO": (35, 29, 31), "UNDOF": (8, 8, 9),
        "UNFICYP": (5, 4, 4), "UNIFIL": (32, 12, 12), "UNISFA": (14, 9, 9), "UNMISS": (41, 40, 47),
    }  # fmt: skip
    return {
        "fpu_evaluations_by_mission": pl.DataFrame(
            [(5, "MINUSCA", 15, 15, 30), (5, "MONUSCO", 8, 8, 16), (5, "UNMISS", 4, 4, 8)], schema=columns, orient="row"
        ),
        "military_unit_evaluations_by_mission": pl.DataFrame(
            [(5, one, *counts) for one, counts in military.items()], schema=columns, orient="row"
        ),
        "fpu_evaluation_ratings": pl.DataFrame(
            [(5, one, rating, n) for one, found in ratings.items() for rating, n in found.items()],
            schema=["cycle", "mission", "rating", "evaluations"],
            orient="row",
        ),
    }


def _missions() -> dict[str, pl.DataFrame]:
    in_it = [one for one in MISSIONS if one != "UNISFA"]
    plans = [(5, one, one not in ("MONUSCO", "UNMOGIP"), "A") for one in in_it] + [(5, "UNISFA", None, "O")]
    cpas = [(5, one, one != "UNDOF", "A") for one in in_it] + [(5, "UNISFA", None, "O")]
    kinds = ("Induction", "Refresher", "SEA prevention", "Training of trainers")
    trainings = [
        (
            5,
            one,
            kind,
            7 + (13 * i + 5 * j) % 40,
            "A",
            5 + (7 * i + 3 * j) % 30,
            "A",
            120 + (211 * i + 97 * j) % 1400,
            "A",
        )
        for i, one in enumerate(in_it)
        for j, kind in enumerate(kinds)
    ]
    trainings[4] = (5, "MINUSCA", "Induction", None, "V", None, "L", None, "V")
    impact = ("No/Low", "Medium", "High")
    incidents = {
        "MINURSO": ("SOMA", 0, "A", 2, "A", None), "MINUSCA": ("SOFA", 10, "A", 174, "A", 1),
        "MONUSCO": ("SOFA", 27, "A", 29, "A", 2), "UNDOF": ("SOFA", 0, "A", 0, "A", 0),
        "UNFICYP": ("SOFA", None, "L", None, "L", None), "UNIFIL": ("SOFA", 43, "A", None, "V", 1),
        "UNISFA": ("SOFA", None, "O", None, "O", None), "UNMIK": ("none", None, "M", None, "M", None),
        "UNMISS": ("SOFA", 125, "A", 1585, "A", 2), "UNMOGIP": ("none", None, "M", None, "M", None),
        "UNTSO": ("none", None, "M", None, "M", None),
    }  # fmt: skip
    sofa = [
        (5, one, kind, new, new_status, total, total_status, *([None] * 3 if at is None else [impact[at]] * 3))
        for one, (kind, new, new_status, total, total_status, at) in incidents.items()
    ]
    return {
        "mission_plans": pl.DataFrame(plans, schema=["cycle", "mission", "approved_plan", "obs_status"], orient="row"),
        "cpas_impact_assessments": pl.DataFrame(
            cpas, schema=["cycle", "mission", "impact_assessment", "obs_status"], orient="row"
        ),
        "conduct_trainings": pl.DataFrame(
            trainings,
            schema=[
                "cycle", "mission", "training", "sessions", "sessions_obs_status", "training_days",
                "training_days_obs_status", "participants", "participants_obs_status",
            ],
            orient="row",
            infer_schema_length=None,
        ),
        "sofa_soma_incidents": pl.DataFrame(
            sofa,
            schema=[
                "cycle", "mission", "agreement", "new_incidents", "new_incidents_obs_status", "total_incidents",
                "total_incidents_obs_status", "impact_civilian_movement", "impact_uniformed_movement",
                "impact_mandated_tasks",
            ],
            orient="row",
            infer_schema_length=None,
        ),
    }  # fmt: skip


def findings() -> pl.DataFrame:
    noticas, workbook = (
        "cycle-05/noticas/notifications_2024-09.csv",
        "cycle-05/mission_report/UNMISS/A4P_UNMISS_v3.xlsx",
    )
    rows: list[tuple[object, ...]] = [
        ("noticas", "noticas", "MONUSCO", noticas, None, 12 + 7 * at, "cause", "cause is one of the list", "critical",
         "The cause 'Malicious act ' is not one of the six that are allowed.",
         "Write one of: Malicious Act, Illness, Accident, Self-Inflicted, To Be Determined, Unknown.")
        for at in range(9)
    ]  # fmt: skip
    rows += [
        ("noticas", "noticas", "UNAMID", noticas, None, 201, "incident_date", "incident within the mission", "info",
         "The incident is dated after the mission closed.", "Check the date; the row is kept."),
        ("mission_report", "sofa_soma", "UNMISS", workbook, "SOFA-SOMA incidents", 6, "total_incidents",
         "total is at least new", "critical", "The total of incidents (12) is less than the new ones (125).",
         "Give the total of all unresolved incidents, the new ones included."),
        ("mission_report", "conduct_training", "MINUSCA", "cycle-05/mission_report/MINUSCA/workbook.xlsx",
         "Conduct trainings", 5, "sessions", "sessions where there are days", "warning",
         "Days of training are given, and no session.", "Add the number of sessions, or write None for the days."),
        ("mission_report", "conduct_training", "UNMIK", "cycle-05/mission_report/UNMIK/workbook final FINAL (2).xlsx",
         "Conduct trainings", 7, "sessions", "sessions where there are days", "warning",
         "Days of training are given, and no session.", "Add the number of sessions, or write None for the days."),
        ("conduct_allegations", "conduct_allegations", None, "cycle-05/conduct_allegations/june.xlsx", None, None, None,
         "columns are there", "critical", "The column 'date_reported' is missing, so the file was refused.",
         "Add the column and send the file again."),
        *_disagreements(),
    ]  # fmt: skip
    columns = (
        "source", "table", "mission", "file", "sheet", "row", "column", "rule", "severity", "message", "remedy",
    )  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def _disagreements() -> list[tuple[object, ...]]:
    """Return what sources state of themselves and their rows do not bear out."""
    tpp, crimes = "cycle-05/tpp_trainings/TPP cycle 5.xlsx", "cycle-05/crimes_against_peacekeepers/crimes.xlsx"
    hospitals, stated = "cycle-05/hospitals/hospitals.xlsx", "stated_figure_is_that_of_the_rows"
    current = "Bring the source's summary up to date; the report uses what the rows give."
    return [
        ("tpp_trainings", "tpp_streams", None, tpp, "Trainings", 6, "trainees", "trainees_of_the_total_row_is_the_sum",
         "warning", "trainees of the row TOTAL is not the sum of the rows above it.",
         "Correct the row TOTAL, or the row that is wrong; the sum of the rows is what counts."),
        ("tpp_trainings", "tpp_summary", None, tpp, "Summary", 2, "period_from", "period_from_is_of_the_cycle",
         "warning", "The period that is stated is not that of cycle 5 (2023-11-01 to 2024-04-30).",
         "Bring the summary up to date: its period and its numbers may be those of another cycle."),
        ("tpp_trainings", "tpp_summary", None, tpp, None, None, None, stated, "warning",
         "What the source states of the whole is not what its rows give: the source states 10, its rows give 19; 10 is "
         "the previous cycle's value", current),
        ("tpp_trainings", "tpp_summary", None, tpp, None, None, None, stated, "warning",
         "What the source states of the whole is not what its rows give: the source states 143, its rows give 314; 143 "
         "is the previous cycle's value", current),
        ("pki_trainings", "pki_summary", None, "cycle-05/pki_trainings/academy.xlsx", None, None, None, stated,
         "warning", "What the source states of the whole is not what its rows give: the source states 87, its rows "
         "give 44; 87 is the previous cycle's value", current),
        ("hospitals", "service_interruptions", "UNMISS", hospitals, "Interruptions", 2, "days",
         "days_fit_into_the_cycle", "warning", "days is more days than the cycle has: cycle 5 has 182.",
         "Count the days from 2023-11-01 to 2024-04-30 only."),
        ("hospitals", "service_interruptions", "UNMISS", hospitals, "Interruptions", 2, "share_of_cycle_pct",
         "share_of_cycle_pct_is_that_share", "warning",
         "share_of_cycle_pct is not the share that days is of the days of the cycle.",
         "Correct the share, or say what it is a share of: here it is days of the days of the cycle."),
        ("crimes_against_peacekeepers", "crimes", None, crimes, "Crimes", 5, "convicted_of_identified_pct",
         "convicted_of_identified_pct_is_that_share", "warning",
         "convicted_of_identified_pct is not the share that perpetrators_convicted is of perpetrators_identified.",
         "Correct the share, or say what it is a share of: here it is perpetrators_convicted of "
         "perpetrators_identified."),
    ]  # fmt: skip


def submissions() -> pl.DataFrame:
    when = datetime(2024, 6, 3, 9, 30)
    rows: list[tuple[object, ...]] = [
        ("noticas", "noticas", None, "cycle-05/noticas/notifications_2024-05.csv", "a" * 64, when, 4900, 0, 0,
         "superseded"),
        ("noticas", "noticas", None, "cycle-05/noticas/notifications_2024-09.csv", "b" * 64, when, 4980, 4971, 9,
         "accepted"),
        ("conduct_allegations", "conduct_allegations", None, "cycle-05/conduct_allegations/may.xlsx", "c" * 64, when,
         6120, 6120, 0, "accepted"),
        ("conduct_allegations", "conduct_allegations", None, "cycle-05/conduct_allegations/june.xlsx", "d" * 64, when,
         6144, 0, 6144, "refused"),
        ("uniformed_personnel", "uniformed_personnel", None, "cycle-05/uniformed_personnel/2024-04.csv", "e" * 64, when,
         31240, 31240, 0, "accepted"),
        ("fpu_evaluations", "fpu_units", None, "cycle-05/fpu_evaluations/q1q2.xlsx", "f" * 64, when, 27, 27, 0,
         "accepted"),
        ("fpu_evaluations", "fpu_evaluations", None, "cycle-05/fpu_evaluations/q1q2.xlsx", "f" * 64, when, 54, 54, 0,
         "accepted"),
    ]  # fmt: skip
    for source, table, file, count in (
        ("tpp_trainings", "tpp_streams", "TPP cycle 5.xlsx", 4),
        ("tpp_trainings", "tpp_summary", "TPP cycle 5.xlsx", 1),
        ("pki_trainings", "pki_courses", "academy.xlsx", 4),
        ("pki_trainings", "pki_summary", "academy.xlsx", 1),
        ("hospitals", "hospitals", "hospitals.xlsx", 19),
        ("hospitals", "service_interruptions", "hospitals.xlsx", 3),
        ("crimes_against_peacekeepers", "crimes", "crimes.xlsx", 4),
        ("paet_visits", "paet_visits", "paet.csv", 2),
        ("explosive_ordnance", "explosive_ordnance", "eo.csv", 7),
        ("strategic_communications", "communications_indicators", "channels.csv", 3),
        ("senior_leadership", "senior_leaders", "leaders.xlsx", 20),
        ("senior_leadership", "mission_posts", "leaders.xlsx", 22),
        ("training_readiness", "deploying_contingents", "readiness.xlsx", 41),
        ("training_readiness", "recognised_police_courses", "readiness.xlsx", 7),
        ("training_readiness", "senior_appointments", "readiness.xlsx", 25),
    ):
        rows.append((source, table, None, f"cycle-05/{source}/{file}", f"{source[:8]:0<64}", when, count, count, 0,
                     "accepted"))  # fmt: skip
    for at, mission in enumerate(one for one in MISSIONS if one != "UNISFA"):
        file, sha256 = f"cycle-05/mission_report/{mission}/workbook.xlsx", f"{at:064d}"
        rows.append(("mission_report", "sofa_soma", mission, file, sha256, when, 1, int(mission != "UNMISS"),
                     int(mission == "UNMISS"), "accepted"))  # fmt: skip
        rows.append(("mission_report", "conduct_training", mission, file, sha256, when, 4, 4, 0, "accepted"))
        rows += [
            ("mission_report", table, mission, file, sha256, when, 1, 1, 0, "accepted")
            for table in ("cover", "political_engagement", "mission_plan", "cpas_impact_assessment", "integration",
                          "women_in_patrols", "mental_health_support", "communications", "coordination")
        ]  # fmt: skip
    columns = (
        "source", "table", "mission", "file", "sha256", "received_at", "rows_read", "rows_staged", "rows_quarantined",
        "status",
    )  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
