"""The tables of an invented release of the whole report, beside those of report_tables."""

from __future__ import annotations

from datetime import date

import polars as pl

_END, _YEAR_END = date(2024, 4, 30), date(2023, 12, 31)
_WORKBOOK, _TPP, _PKI, _JCS, _DPO = (
    "A4P+ reporting", "TPP - DOS", "PKI coordination team", "OROLSI JCS", "DPO strategic communications",
)  # fmt: skip
MISSIONS = (
    "MINURSO", "MINUSCA", "MONUSCO", "UNDOF", "UNFICYP", "UNIFIL", "UNISFA", "UNMIK", "UNMISS", "UNMOGIP", "UNTSO",
)  # fmt: skip
FIGURES: list[tuple[object, ...]] = [
    ("missions_without_political_strategy", "ALL", 4.0, "missions", 4.0, _END, "P", _WORKBOOK),
    ("peacebuilding_events", "ALL", 511.0, "events", 498.0, _END, "P", _WORKBOOK),
    ("peacebuilding_events_with_womens_groups", "ALL", 122.0, "events", 97.0, _END, "P", _WORKBOOK),
    ("trust_building_forum_participants", "ALL", 190.0, "people", None, _END, "P", _WORKBOOK),
    ("peacebuilding_events", "UNFICYP", 163.0, "events", None, _END, "A", _WORKBOOK),
    ("peacebuilding_events", "UNISFA", None, "events", None, _END, "O", _WORKBOOK),
    ("integrated_missions", "ALL", 4.0, "missions", 4.0, _END, "P", _WORKBOOK),
    ("joint_programming_missions", "ALL", 7.0, "missions", 8.0, _END, "P", _WORKBOOK),
    ("contingents_certified_ready", "ALL", 100.0, "percent", 100.0, _END, "A", "OMA / ITS"),
    ("police_course_recognition_pccs", "ALL", 5.0, "countries", 4.0, _END, "A", "ITS"),
    ("senior_leaders_trained_within_6_months", "ALL", 24.0, "percent", 31.0, _END, "A", "ITS"),
    ("tpp_trainings", "ALL", 19.0, "trainings", 10.0, _END, "A", _TPP),
    ("tpp_trainees", "ALL", 314.0, "people", 143.0, _END, "A", _TPP),
    ("tpp_female_share", "ALL", 22.0, "percent", 29.0, _END, "A", _TPP),
    ("pki_trained", "ALL", 44.0, "people", 87.0, _END, "A", _PKI),
    ("pki_trained_uniformed", "ALL", 29.0, "people", 44.0, _END, "A", _PKI),
    ("pki_trained_civilian", "ALL", 15.0, "people", 43.0, _END, "A", _PKI),
    ("pki_courses_offered", "ALL", 4.0, "courses", 5.0, _END, "A", _PKI),
    ("pki_female_share", "ALL", 20.0, "percent", 20.0, _END, "A", _PKI),
    ("engagement_teams", "ALL", 61.0, "teams", 52.0, _YEAR_END, "P", _WORKBOOK),
    ("engagement_teams", "MONUSCO", 16.0, "teams", None, _YEAR_END, "A", _WORKBOOK),
    ("patrols_with_women", "ALL", 41.0, "percent", 35.0, _YEAR_END, "P", _WORKBOOK),
    ("patrols_with_women", "MINUSCA", 46.0, "percent", 32.0, _YEAR_END, "A", _WORKBOOK),
    ("women_senior_leadership_share", "ALL", 37.0, "percent", 29.0, _END, "A", _WORKBOOK),
    ("women_heads_of_mission", "ALL", 3.0, "people", 3.0, _END, "A", _WORKBOOK),
    ("women_deputy_heads_of_mission", "ALL", 4.0, "people", 3.0, _END, "A", _WORKBOOK),
    ("women_share_hom_dhom_excluding_uniformed", "ALL", 50.0, "percent", 45.0, _END, "A", _WORKBOOK),
    ("eo_routes_verified", "ALL", 15540.0, "km", None, date(2024, 8, 31), "L", "UNMAS"),
    ("eo_items_destroyed", "ALL", 435784.0, "items", None, date(2024, 8, 31), "L", "UNMAS"),
    ("eo_land_released", "ALL", 1600000.0, "m2", None, date(2024, 8, 31), "L", "UNMAS"),
    ("eo_hazards_removed", "ALL", 330.0, "hazards", None, date(2024, 8, 31), "L", "UNMAS"),
    ("eo_observers_injured", "ALL", 3.0, "people", None, date(2024, 8, 31), "L", "UNMAS"),
    ("eo_incidents", "ALL", 1249.0, "incidents", 1198.0, date(2024, 8, 31), "A", "UNMAS"),
    ("eo_risk_education_total", "ALL", 468700.0, "people", 391000.0, date(2024, 8, 31), "A", "UNMAS"),
    ("hospitals_level_1_plus", "ALL", 19.0, "hospitals", 20.0, _END, "A", "DHMOSH"),
    ("missions_with_hospitals", "ALL", 7.0, "missions", 7.0, _END, "A", "DHMOSH"),
    ("ultrasound_down_days", "ALL", 247.0, "days", 12.0, _END, "A", "DHMOSH"),
    ("ultrasound_down_days", "UNMISS", 247.0, "days", None, _END, "A", "DHMOSH"),
    ("icu_closed_days", "ALL", 30.0, "days", 0.0, _END, "A", "DHMOSH"),
    ("crime_cases_reported", "ALL", 110.0, "cases", 107.0, _END, "A", _JCS),
    ("crime_cases_investigated", "ALL", 91.0, "cases", 89.0, _END, "A", _JCS),
    ("crime_cases_investigated_share", "ALL", 83.0, "percent", 83.0, _END, "A", _JCS),
    ("perpetrators_detained_share", "ALL", 69.0, "percent", 68.0, _END, "A", _JCS),
    ("perpetrators_tried_share", "ALL", 67.0, "percent", 66.0, _END, "A", _JCS),
    ("perpetrators_convicted_share", "ALL", 63.0, "percent", 64.0, _END, "A", _JCS),
    ("perpetrators_identified", "ALL", 294.0, "people", 293.0, _END, "A", _JCS),
    ("perpetrators_detained", "ALL", 203.0, "people", 200.0, _END, "A", _JCS),
    ("perpetrators_tried", "ALL", 136.0, "people", 132.0, _END, "A", _JCS),
    ("perpetrators_convicted", "ALL", 85.0, "people", 84.0, _END, "A", _JCS),
    ("paet_visits", "ALL", 2.0, "visits", 1.0, _END, "A", "OROLSI PD"),
    ("new_followers", "ALL", 60000.0, "people", 48000.0, _END, "A", _DPO),
    ("mentions_change", "ALL", 9.0, "percent", -3.0, _END, "A", _DPO),
    ("engagement_change", "ALL", 40.0, "percent", 12.0, _END, "A", _DPO),
    ("information_integrity_groups", "ALL", 4.0, "missions", 3.0, _END, "P", _DPO),
    ("missions_with_coordination_mechanism", "ALL", 9.0, "missions", 9.0, _END, "P", _WORKBOOK),
    ("missions_with_formal_coordination_mechanism", "ALL", 7.0, "missions", 7.0, _END, "P", _WORKBOOK),
]


def more_tables() -> dict[str, pl.DataFrame]:
    """Return the tables of the whole report that the first charts did not need."""
    return {**_engagement(), **_training(), **_women(), **_risks(), **_health(), **_conduct(), **_outreach()}


def _frame(columns: str, rows: list[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=columns.split(), orient="row", infer_schema_length=None)


def _engagement() -> dict[str, pl.DataFrame]:
    ceasefire, none = ("MINURSO", "UNDOF", "UNMOGIP", "UNTSO"), (None, "L")
    events = {"UNFICYP": ((163, "A"), (41, "A"), (0, "A")), "UNMIK": ((28, "A"), (9, "A"), (190, "A")),
              "UNMISS": ((212, "A"), (51, "A"), none), "MONUSCO": ((108, "A"), (21, "A"), none),
              "UNISFA": ((None, "O"),) * 3}  # fmt: skip
    counted = {one: events.get(one, ((0, "A"), (0, "A"), none)) for one in MISSIONS}
    return {
        "political_engagement": _frame(
            "cycle mission political_strategy peacebuilding_events peacebuilding_events_obs_status "
            "events_with_womens_groups events_with_womens_groups_obs_status forum_participants "
            "forum_participants_obs_status",
            [
                (5, one, None if one == "UNISFA" else one not in ceasefire, *pairs[0], *pairs[1], *pairs[2])
                for one, pairs in counted.items()
            ],
        ),
        "integration": _frame(
            "cycle mission integrated joint_programming obs_status",
            [
                (5, one, None, None, "O")
                if one == "UNISFA"
                else (
                    5,
                    one,
                    one in ("MINUSCA", "MONUSCO", "UNMISS", "UNMIK"),
                    one not in (*ceasefire[2:], "UNDOF"),
                    "A",
                )
                for one in MISSIONS
            ],
        ),
    }


def _training() -> dict[str, pl.DataFrame]:
    return {
        "contingent_readiness": _frame(
            "cycle mission contingents certified",
            [(5, "MINUSCA", 14, 14), (5, "MONUSCO", 9, 9), (5, "UNIFIL", 7, 7), (5, "UNMISS", 11, 11)],
        ),
        "police_course_recognition": _frame(
            "contributing_country courses first_recognised_on",
            [("Ghana", 2, date(2022, 5, 12)), ("India", 1, date(2023, 11, 3)), ("Jordan", 1, date(2023, 2, 27)),
             ("Rwanda", 3, date(2021, 9, 1)), ("Senegal", 1, date(2024, 3, 18))],
        ),
        "senior_leadership_programme": _frame(
            "cycle grade appointed attended_within_6_months attended",
            [(5, "ASG", 8, 2, 5), (5, "D2", 13, 3, 9), (5, "USG", 4, 1, 3)],
        ),
        "tpp_trainings": _frame(
            "cycle stream trainings trainees female_pct",
            [(5, "C4ISR", 5, 119, 26.0), (5, "Engineering", 6, 110, 5.0), (5, "Medical", 8, 85, 37.0)],
        ),
        "pki_trainings": _frame(
            "cycle course uniformed civilian women",
            [(5, "Human PKI", 6, 4, 2), (5, "Military PKI", 10, 0, 1), (5, "Open-Source PKI", 5, 6, 3),
             (5, "PKI Fundamentals", 8, 5, 3)],
        ),
    }  # fmt: skip


def _women() -> dict[str, pl.DataFrame]:
    patrols = {
        "MINUSCA": ((19400, 6208, 12), (20250, 9315, 14)), "MONUSCO": ((15100, 5436, 13), (14020, 5608, 16)),
        "UNFICYP": ((4200, 2100, 2), (4310, 2370, 2)), "UNIFIL": ((11800, 3776, 10), (11900, 4284, 11)),
        "UNMISS": ((9300, 2790, 15), (9800, 3430, 18)),
    }  # fmt: skip
    rows: list[tuple[object, ...]] = [
        (one, year, total, "A", women, "A", teams, "A")
        for one, years in patrols.items()
        for year, (total, women, teams) in zip((2022, 2023), years, strict=True)
    ]
    rows.append(("UNDOF", 2023, 3100, "A", None, "L", 0, "A"))
    return {
        "women_in_patrols": _frame(
            "mission year patrols patrols_obs_status patrols_with_women patrols_with_women_obs_status "
            "engagement_teams engagement_teams_obs_status",
            rows,
        ),
        "senior_leadership": _frame(
            "cycle post gender uniformed people",
            [(5, "Deputy Head of Mission", "F", False, 4), (5, "Deputy Head of Mission", "M", False, 4),
             (5, "Head of Mission", "F", False, 3), (5, "Head of Mission", "M", False, 3),
             (5, "Head of Mission", "M", True, 5)],
        ),
        "women_in_posts": _frame(
            "as_of_date women people women_pct",
            [(date(2023, 12, 31), 3770, 13000, 29.0), (date(2024, 4, 30), 4699, 12700, 37.0)],
        ),
    }  # fmt: skip


def _risks() -> dict[str, pl.DataFrame]:
    day = date(2024, 8, 31)
    return {
        "explosive_ordnance": _frame(
            "cycle mission counted_from up_to incidents exploded removed_by_mission removed_by_others people_educated",
            [
                (5, one, date(2023, 10, 1), day, *counts)
                for one, counts in {
                    "MINURSO": (160, 0, 160, 0, 54), "MINUSCA": (47, 14, 27, 6, 11700),
                    "MONUSCO": (170, 61, 88, 21, 81000), "UNIFIL": (446, None, None, None, None),
                    "UNISFA": (334, 4, 330, 0, 812), "UNMISS": (91, 9, 64, 18, 375134),
                    "UNTSO": (1, 1, None, None, None),
                }.items()
            ],
        ),
        "crimes_against_peacekeepers": _frame(
            "cycle mission cases_reported cases_investigated perpetrators_identified perpetrators_detained "
            "perpetrators_tried perpetrators_convicted",
            [(5, "MINUSCA", 62, 48, 117, 62, 38, 21), (5, "MONUSCO", 44, 40, 170, 138, 97, 64),
             (5, "UNIFIL", 4, 3, 7, 3, 1, 0)],
        ),
    }  # fmt: skip


def _health() -> dict[str, pl.DataFrame]:
    beds = {"MINURSO": (1, 0, 0), "MINUSCA": (2, 2, 0), "MONUSCO": (1, 1, 1), "UNDOF": (1, 0, 0), "UNIFIL": (2, 1, 0),
            "UNISFA": (1, 1, 0), "UNMISS": (1, 4, 0)}  # fmt: skip
    return {
        "hospitals": _frame(
            "cycle mission level hospitals",
            [
                (5, one, level, n)
                for one in MISSIONS
                for level, n in zip(("1+", "2", "3"), beds.get(one, (0, 0, 0)), strict=True)
            ],
        ),
        "service_interruptions": _frame(
            "cycle mission service days_unavailable share_of_cycle_pct",
            [(5, "UNIFIL", "Laboratory", 4, 2.2), (5, "UNMISS", "Intensive care", 30, 16.5),
             (5, "UNMISS", "Ultrasound", 247, 135.7)],
        ),
        "mental_health_support": _frame(
            "cycle mission mechanism formal",
            [
                (5, "MINURSO", "Tele-counselling in three languages by senior counsellors", True),
                (5, "MINUSCA", "Peer support network", False),
                (5, "MINUSCA", "Screening programme with referral to professional counselling", True),
                (5, "MONUSCO", "Employee assistance programme and regular field visits by staff counsellors", True),
                (5, "UNDOF", "Troop contributors' national mechanisms", None),
                (5, "UNFICYP", "Recreation facilities", False),
                (5, "UNIFIL", "Clinical psychologists and trained welfare officers", True),
                (5, "UNMIK", "Well-being group exercises", False),
                (5, "UNMISS", "Round-the-clock psychosocial support by the staff counselling unit", True),
                (5, "UNMOGIP", "First aid and stress management during the biannual observers' conference", False),
                (5, "UNTSO", "Well-being strategy of the mission", True),
            ],
        ),
    }  # fmt: skip


def _conduct() -> dict[str, pl.DataFrame]:
    actions = {"Repatriation": 171, "Jail": 88, "Dismissal": 74, "Barred from service": 39, "Separation": 21,
               "Suspension": 12, "Demotion": 9, "None": 6, "Pending": 58, "Not applicable": 4}  # fmt: skip
    return {
        "paet_visits": _frame("cycle mission visits", [(5, "MINUSCA", 1), (5, "UNMISS", 1)]),
        "sea_actions": _frame("action_taken allegations", sorted(actions.items())),
    }


def _outreach() -> dict[str, pl.DataFrame]:
    groups = ("MINUSCA", "MONUSCO", "UNIFIL", "UNMISS")
    return {
        "communications_indicators": _frame(
            "cycle indicator cycle_value year_before_value change_pct",
            [(5, "Engaged users", 1540000, 1100000, 40.0), (5, "Mentions", 218000, 200000, 9.0),
             (5, "New followers", 60000, None, None)],
        ),
        "information_integrity": _frame(
            "cycle mission information_integrity_group obs_status",
            [(5, one, None if one == "UNISFA" else one in groups, "O" if one == "UNISFA" else "A") for one in MISSIONS],
        ),
        "coordination_mechanisms": _frame(
            "cycle mission mechanism formal status contribution",
            [
                (5, "MINURSO", "Communication with both parties' coordinators", True, "On-going", "Significant"),
                (5, "MINUSCA", "Joint seminar with the government on the mission's mandate", True, "New",
                 "No report available"),
                (5, "MONUSCO", "Engagement of the head of mission with the head of state and ministers", True,
                 "Update/Enhance", "Significant"),
                (5, "MONUSCO", "Joint working group on the disengagement plan", True, "New", "Significant"),
                (5, "UNDOF", "High-level meetings with either side", True, "On-going", "Significant"),
                (5, "UNFICYP", "Meetings with law enforcement authorities of both sides", True, "On-going", "Medium"),
                (5, "UNFICYP", "Meetings with military officials of both sides", True, "On-going", "Significant"),
                (5, "UNIFIL", "Coordination with ministries on the status-of-forces agreement", True, "New", None),
                (5, "UNMISS", "High-level coordination forum", True, "On-going", "Significant"),
                (5, "UNMISS", "Weekly meeting with the monitoring mechanism on freedom of movement", True, None,
                 "No to little"),
                (5, "UNMOGIP", "Consultation of the directors general of military operations", False, "On-going",
                 "Medium"),
                (5, "UNTSO", "Quarterly liaison visits to the capitals", False, "On-going", "No to little"),
            ],
        ),
    }  # fmt: skip
