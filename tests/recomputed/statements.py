"""Each figure of the report once more: one SQL statement over the raw files gives it, for all and for each mission."""

from __future__ import annotations

from pathlib import Path

import duckdb

from config import load
from tests.recomputed.raw import connect

# by figure and mission
Values = dict[tuple[str, str], float | None]

# a row for all, and one a mission
EACH = "GROUP BY GROUPING SETS ((), (mission))"
DEATHS = """FROM noticas JOIN missions USING (mission)
    WHERE peacekeeping AND (type_of_casualty = 'Fatality' OR (SELECT count(type_of_casualty) FROM noticas) = 0)
    AND day(incident_date) BETWEEN DATE '2017-01-01'
        AND (SELECT greatest(max(day(last_update)), max(day(incident_date))) FROM noticas)"""
# the report's notes 4 and 5: MINUSMA is in none of these
REPORTS = "mission IN (SELECT mission FROM missions WHERE reports)"
IN_CYCLE = "BETWEEN (SELECT start FROM cycle) AND (SELECT last FROM cycle)"


def _reported(table: str, value: str) -> str:
    """Return the statement of a number that each reporting mission tells in its workbook."""
    return f"SELECT missions.mission, {value} FROM missions LEFT JOIN {table} ON sender = missions.mission \
        WHERE reports GROUP BY GROUPING SETS ((), (missions.mission))"


def _yearly(value: str) -> str:
    return f"SELECT sender AS mission, {value} FROM women_in_patrols WHERE num(year) = (SELECT year FROM cycle) \
        GROUP BY GROUPING SETS ((), (sender))"


def _evaluated(units: str, evaluations: str) -> str:
    """Return the statement of how many evaluations the missions had that have units."""
    return f"""SELECT mission, sum(many) FROM (
        SELECT u.mission, (SELECT count(*) FROM {evaluations} e WHERE e.mission = u.mission
            AND day(evaluation_date) {IN_CYCLE}) AS many
        FROM (SELECT DISTINCT mission FROM {units} WHERE {REPORTS}) u) {EACH}"""


def _times_evaluated(times: int) -> str:
    """Return the statement of how many formed police units were evaluated so many times in the cycle, or more."""
    return f"""SELECT mission, count(*) FILTER (many >= {times}) FROM (
        SELECT u.mission, u.unit_id, count(evaluation_date) AS many
        FROM (SELECT DISTINCT mission, unit_id FROM fpu_units WHERE {REPORTS}) u
        LEFT JOIN fpu_evaluations e ON e.unit_id = u.unit_id AND day(evaluation_date) {IN_CYCLE}
        GROUP BY u.mission, u.unit_id) {EACH}"""


def _ordnance(value: str) -> str:
    return f"SELECT mission, {value} FROM explosive_ordnance WHERE {REPORTS} {EACH}"


def _share_of_crimes(part: str, whole: str) -> str:
    return f"""SELECT NULL, 100 * sum(num({part})) / sum(num({whole}))
        FROM (SELECT *, mission_or_total AS mission FROM crimes) WHERE {REPORTS}"""


def _crimes(column: str) -> str:
    return f"SELECT mission, sum(num({column})) FROM (SELECT *, mission_or_total AS mission FROM crimes) \
        WHERE {REPORTS} {EACH}"


def _without(service: str) -> str:
    return f"""SELECT mission, coalesce(sum(days), 0) FROM (SELECT mission, max(num(days)) AS days
        FROM service_interruptions WHERE service = '{service}' AND {REPORTS} GROUP BY mission) {EACH}"""


def _appointed(post: str) -> str:
    return f"SELECT NULL, count(*) FROM senior_leaders WHERE gender = 'F' AND post = '{post}'"


def _allegations(category: str) -> str:
    return f"""SELECT NULL, count(*) FROM conduct_allegations WHERE {NOTE_7}
        AND category = '{category}' AND year(day(date_reported)) = (SELECT year FROM cycle)"""


def _change(indicator: str) -> str:
    return f"""SELECT NULL, 100 * (num(cycle_value) - num(year_before_value)) / num(year_before_value)
        FROM communications_indicators WHERE indicator = '{indicator}'"""


UNIFORMED = "personnel_type IN ('Military', 'Military Observer', 'Police')"
# the report's note 7
NOTE_7 = """mission IN ('MINURSO', 'MINUSCA', 'MONUSCO', 'UNDOF', 'UNFICYP', 'UNIFIL', 'UNISFA', 'UNMIK', 'UNMISS',
    'UNMOGIP', 'UNTSO', 'MINUJUSTH', 'MINURCAT', 'MINUSMA', 'MINUSTAH', 'MONUC', 'UNAMID', 'UNMIL', 'UNMIS', 'UNMIT',
    'UNOCI')"""
# the report's note 8
HAS_AGREEMENT = "missions.mission NOT IN ('UNMIK', 'UNMOGIP', 'UNTSO')"
STREAMS = "FROM tpp_streams WHERE stream <> 'TOTAL'"
OF_THE_YEAR = "day(appointed_on) > last - INTERVAL 1 YEAR AND day(appointed_on) <= last"

STATEMENTS = {
    "missions_total": "SELECT NULL, count(*) FROM missions, cycle WHERE peacekeeping AND began <= last \
        AND coalesce(ended >= last, true)",
    "approved_mission_plans": _reported("mission_plan", "count(*) FILTER (yes(approved_plan))"),
    "cpas_impact_assessments": _reported("cpas_impact_assessment", "count(*) FILTER (yes(impact_assessment))"),
    "conduct_discipline_trainings": f"SELECT mission, sum(num(sessions)) FROM (SELECT *, sender AS mission \
        FROM conduct_training) {EACH}",
    "fatalities_total": f"SELECT mission, count(*) {DEATHS} {EACH}",
    "fatalities_malicious": f"SELECT mission, count(*) {DEATHS} AND cause = 'Malicious Act' {EACH}",
    "fatalities_illness": f"SELECT mission, count(*) {DEATHS} AND cause = 'Illness' {EACH}",
    "fatalities_accident": f"SELECT mission, count(*) {DEATHS} AND cause = 'Accident' {EACH}",
    "fatalities_illness_share": f"SELECT NULL, 100.0 * count(*) FILTER (cause = 'Illness') / count(*) {DEATHS}",
    "fatalities_malicious_share": f"SELECT NULL, 100.0 * count(*) FILTER (cause = 'Malicious Act') / count(*) {DEATHS}",
    "fatalities_uniformed": f"SELECT mission, count(*) {DEATHS} AND {UNIFORMED} {EACH}",
    "fatalities_uniformed_share": f"SELECT NULL, 100.0 * count(*) FILTER ({UNIFORMED}) / count(*) {DEATHS}",
    "fpus": f"SELECT mission, count(DISTINCT unit_id) FROM fpu_units WHERE {REPORTS} {EACH}",
    "fpu_evaluations": _evaluated("fpu_units", "fpu_evaluations"),
    "fpus_evaluated": _times_evaluated(1),
    "fpus_evaluated_twice": _times_evaluated(2),
    "fpu_evaluations_needing_improvement": f"SELECT mission, count(*) FILTER (rating = 'Needs improvement') \
        FROM fpu_evaluations WHERE {REPORTS} AND day(evaluation_date) {IN_CYCLE} {EACH}",
    "military_unit_evaluations": _evaluated("military_units", "military_unit_evaluations"),
    "sea_allegations": _allegations("SEA"),
    "serious_misconduct": _allegations("Other serious misconduct"),
    "new_sofa_incidents_reported": _reported("sofa_soma", f"sum(num(new_incidents)) FILTER ({HAS_AGREEMENT})"),
    "total_sofa_incidents_reported": f"SELECT missions.mission, sum(num(total_incidents)) FILTER ({HAS_AGREEMENT}) \
        FROM missions LEFT JOIN sofa_soma ON sender = missions.mission WHERE reports \
        AND coalesce(trim(total_incidents), '') <> 'Under Validation' GROUP BY GROUPING SETS ((), (missions.mission))",
    "missions_without_political_strategy": "SELECT NULL, count(*) FROM political_engagement \
        WHERE NOT yes(political_strategy)",
    "peacebuilding_events": _reported("political_engagement", "sum(num(peacebuilding_events))"),
    "peacebuilding_events_with_womens_groups": _reported("political_engagement", "sum(num(events_with_womens_groups))"),
    "trust_building_forum_participants": _reported("political_engagement", "sum(num(forum_participants))"),
    "integrated_missions": _reported("integration", "count(*) FILTER (yes(integrated))"),
    "joint_programming_missions": _reported("integration", "count(*) FILTER (yes(joint_programming))"),
    "contingents_certified_ready": f"SELECT NULL, 100.0 * count(*) FILTER (yes(certified)) / count(*) \
        FROM deploying_contingents WHERE {REPORTS}",
    "police_course_recognition_pccs": "SELECT NULL, count(DISTINCT contributing_country) \
        FROM recognised_police_courses",
    "senior_leaders_trained_within_6_months": f"SELECT NULL, 100.0 * count(*) FILTER (day(attended_on) <= \
        day(appointed_on) + INTERVAL 6 MONTH) / count(*) FROM senior_appointments, cycle WHERE {OF_THE_YEAR}",
    "tpp_trainings": f"SELECT NULL, sum(num(trainings)) {STREAMS}",
    "tpp_trainees": f"SELECT NULL, sum(num(trainees)) {STREAMS}",
    "tpp_female_share": f"SELECT NULL, sum(num(trainees) * num(female_pct)) / sum(num(trainees)) \
        {STREAMS} AND female_pct IS NOT NULL",
    "pki_trained": "SELECT NULL, sum(num(uniformed) + num(civilian)) FROM pki_courses",
    "pki_trained_uniformed": "SELECT NULL, sum(num(uniformed)) FROM pki_courses",
    "pki_trained_civilian": "SELECT NULL, sum(num(civilian)) FROM pki_courses",
    "pki_courses_offered": "SELECT NULL, count(*) FROM pki_courses",
    "pki_female_share": "SELECT NULL, 100 * sum(num(women)) / sum(num(uniformed) + num(civilian)) FROM pki_courses",
    "engagement_teams": _yearly("sum(num(engagement_teams))"),
    "patrols_with_women": _yearly(
        "100 * sum(num(patrols_with_women)) FILTER (patrols IS NOT NULL) "
        "/ sum(num(patrols)) FILTER (patrols_with_women IS NOT NULL)"
    ),
    "women_senior_leadership_share": "SELECT NULL, 100.0 * count(*) FILTER (gender = 'F') / count(gender) \
        FROM senior_leaders",
    "women_heads_of_mission": _appointed("Head of Mission"),
    "women_deputy_heads_of_mission": _appointed("Deputy Head of Mission"),
    "women_share_hom_dhom_excluding_uniformed": "SELECT NULL, 100.0 * count(*) FILTER (gender = 'F') / count(gender) \
        FROM senior_leaders WHERE NOT yes(uniformed)",
    "eo_incidents": _ordnance(
        "sum(coalesce(num(exploded) + num(removed_by_mission) + num(removed_by_others), num(incidents), "
        "coalesce(num(exploded), 0) + coalesce(num(removed_by_mission), 0) + coalesce(num(removed_by_others), 0)))"
    ),
    "eo_risk_education_total": _ordnance("sum(num(people_educated))"),
    "eo_routes_verified": _ordnance("sum(num(routes_verified_km))"),
    "eo_items_destroyed": _ordnance("sum(num(items_destroyed))"),
    "eo_land_released": _ordnance("sum(num(land_released_m2))"),
    "eo_hazards_removed": _ordnance("sum(num(hazards_removed))"),
    "eo_observers_injured": _ordnance("sum(num(observers_injured))"),
    "hospitals_level_1_plus": "SELECT missions.mission, count(hospital_id) FROM missions LEFT JOIN hospitals \
        USING (mission) WHERE reports GROUP BY GROUPING SETS ((), (missions.mission))",
    "missions_with_hospitals": f"SELECT NULL, count(DISTINCT mission) FROM hospitals WHERE {REPORTS}",
    "ultrasound_down_days": _without("Ultrasound"),
    "icu_closed_days": _without("Intensive care"),
    "crime_cases_reported": _crimes("cases_reported"),
    "crime_cases_investigated": _crimes("cases_investigated"),
    "crime_cases_investigated_share": _share_of_crimes("cases_investigated", "cases_reported"),
    "perpetrators_identified": _crimes("perpetrators_identified"),
    "perpetrators_detained": _crimes("perpetrators_detained"),
    "perpetrators_tried": _crimes("perpetrators_tried"),
    "perpetrators_convicted": _crimes("perpetrators_convicted"),
    "perpetrators_detained_share": _share_of_crimes("perpetrators_detained", "perpetrators_identified"),
    "perpetrators_tried_share": _share_of_crimes("perpetrators_tried", "perpetrators_detained"),
    "perpetrators_convicted_share": _share_of_crimes("perpetrators_convicted", "perpetrators_tried"),
    "paet_visits": f"SELECT mission, count(*) FROM paet_visits WHERE {REPORTS} AND day(visited_on) {IN_CYCLE} {EACH}",
    "new_followers": "SELECT NULL, num(cycle_value) FROM communications_indicators WHERE indicator = 'New followers'",
    "mentions_change": _change("Mentions"),
    "engagement_change": _change("Engaged users"),
    "information_integrity_groups": _reported("communications", "count(*) FILTER (yes(information_integrity_group))"),
    "missions_with_coordination_mechanism": "SELECT sender, count(DISTINCT sender) FROM coordination \
        WHERE mechanism NOT IN ('None', 'Néant') GROUP BY GROUPING SETS ((), (sender))",
    "missions_with_formal_coordination_mechanism": "SELECT sender, count(DISTINCT sender) FROM coordination \
        WHERE yes(formal) GROUP BY GROUPING SETS ((), (sender))",
}


def recomputed(inbox: Path, cycle: int) -> tuple[Values, Values]:
    """Return the values of a cycle's figures from its raw files, and what they give of the year before the yearly ones.

    A value is not rounded, and None where there is none. Of the year before only headquarters' files tell.
    """
    base, values, year_before = connect(inbox, cycle), Values(), Values()
    known = load().of_cycle(cycle)
    for name, definition in known.figures.items():
        values |= _values(base, name)
        if definition.window == "last calendar year" and definition.table != "women_in_patrols":
            base.execute("UPDATE cycle SET year = year - 1")
            year_before |= _values(base, name)
            base.execute("UPDATE cycle SET year = year + 1")
    base.close()
    return values, year_before


def _values(base: duckdb.DuckDBPyConnection, figure: str) -> Values:
    rows = base.execute(f"SELECT mission, CAST(value AS DOUBLE) FROM ({STATEMENTS[figure]}) AS t(mission, value)")
    return {(figure, mission or "ALL"): value for mission, value in rows.fetchall()}
