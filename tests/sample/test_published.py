"""What comes out of the pipeline for the clean sample is what the 5th report prints, with the errors it prints."""

from collections import Counter

import pytest

import sample
from tests.sample.findings import found_in, of_release

pytestmark = pytest.mark.slow

# what the report prints and does not contradict itself: figure, mission, value, previous value where it gives one
PUBLISHED = [
    ("missions_total", "ALL", 11, None),
    ("missions_without_political_strategy", "ALL", 4, None),
    ("peacebuilding_events", "UNFICYP", 163, None),
    ("peacebuilding_events_with_womens_groups", "UNFICYP", 41, None),
    ("trust_building_forum_participants", "UNMIK", 190, None),
    ("approved_mission_plans", "ALL", 8, None),
    ("cpas_impact_assessments", "ALL", 10, 11),
    ("integrated_missions", "ALL", 4, None),
    ("joint_programming_missions", "ALL", 8, None),
    ("contingents_certified_ready", "ALL", 100, None),
    ("police_course_recognition_pccs", "ALL", 5, None),
    ("senior_leaders_trained_within_6_months", "ALL", 24, None),
    ("conduct_discipline_trainings", "ALL", 914, 511),
    ("tpp_trainings", "ALL", 19, 10),
    ("tpp_female_share", "ALL", 22, 29),
    ("pki_trained_uniformed", "ALL", 29, 44),
    ("pki_trained_civilian", "ALL", 15, 43),
    ("pki_courses_offered", "ALL", 4, 5),
    ("pki_female_share", "ALL", 20, None),
    ("engagement_teams", "MONUSCO", 16, None),
    ("patrols_with_women", "MINUSCA", 46, 32),
    ("women_senior_leadership_share", "ALL", 37, 29),
    ("women_heads_of_mission", "ALL", 3, None),
    ("women_deputy_heads_of_mission", "ALL", 4, 3),
    ("women_share_hom_dhom_excluding_uniformed", "ALL", 50, None),
    ("fatalities_illness_share", "ALL", 55, None),
    ("fatalities_malicious_share", "ALL", 27, None),
    ("fatalities_malicious", "ALL", 196, None),
    ("eo_incidents", "MINUSCA", 47, None),
    ("eo_incidents", "UNIFIL", 5_000, None),
    ("eo_incidents", "MONUSCO", 170, None),
    ("eo_risk_education_total", "UNMISS", 375_000, None),
    ("eo_risk_education_total", "MONUSCO", 81_000, None),
    ("eo_risk_education_total", "MINUSCA", 11_700, None),
    ("eo_risk_education_total", "MINURSO", 50, None),
    ("eo_routes_verified", "MINURSO", 15_000, None),
    ("eo_routes_verified", "UNISFA", 540, None),
    ("eo_items_destroyed", "MINURSO", 160, None),
    ("eo_items_destroyed", "UNMISS", 365_000, None),
    ("eo_items_destroyed", "MINUSCA", 1_700, None),
    ("eo_items_destroyed", "MONUSCO", 68_924, None),
    ("eo_land_released", "UNISFA", 1_600_000, None),
    ("eo_hazards_removed", "UNISFA", 330, None),
    ("eo_observers_injured", "UNTSO", 3, None),
    ("hospitals_level_1_plus", "ALL", 19, None),
    ("missions_with_hospitals", "ALL", 7, None),
    ("crime_cases_investigated", "ALL", 91, None),
    ("crime_cases_investigated_share", "ALL", 83, None),
    ("perpetrators_detained", "ALL", 203, None),
    ("perpetrators_detained_share", "ALL", 69, None),
    ("perpetrators_tried", "ALL", 136, None),
    ("perpetrators_tried_share", "ALL", 67, None),
    ("perpetrators_convicted_share", "ALL", 63, None),
    ("fpus", "ALL", 27, None),
    ("fpus_evaluated", "ALL", 27, None),
    ("fpus_evaluated_twice", "ALL", 27, None),
    ("fpu_evaluations_needing_improvement", "ALL", 0, None),
    ("fpu_evaluations", "ALL", 54, None),
    ("paet_visits", "ALL", 2, None),
    ("sea_allegations", "ALL", 98, None),
    ("serious_misconduct", "ALL", 364, None),
    ("new_followers", "ALL", 60_000, None),
    ("mentions_change", "ALL", 9, None),
    ("engagement_change", "ALL", 40, None),
    ("information_integrity_groups", "ALL", 5, None),
    ("missions_with_formal_coordination_mechanism", "ALL", 8, None),
    ("new_sofa_incidents_reported", "ALL", 206, None),
    ("total_sofa_incidents_reported", "ALL", 790, None),
]
# what the rows give where the report contradicts itself
COUNTED = [
    ("tpp_trainees", "ALL", 314, 143),
    ("pki_trained", "ALL", 44, 87),
    ("eo_risk_education_total", "ALL", 467_750, None),
    ("missions_with_coordination_mechanism", "ALL", 10, None),
    ("ultrasound_down_days", "UNMISS", 247, None),
    ("icu_closed_days", "UNMISS", 30, None),
    ("crime_cases_reported", "ALL", 110, None),
    ("perpetrators_identified", "ALL", 294, None),
    ("perpetrators_convicted", "ALL", 85, None),
]
PRINTED_ERRORS = Counter(
    {
        ("tpp_streams", "trainees_of_the_total_row_is_the_sum"): 1,
        ("tpp_summary", "period_from_is_of_the_cycle"): 1,
        ("tpp_summary", "period_to_is_of_the_cycle"): 1,
        ("tpp_summary", "stated_figure_is_that_of_the_rows"): 3,  # trainings, trainees, share of women
        ("pki_summary", "period_from_is_of_the_cycle"): 1,
        ("pki_summary", "period_to_is_of_the_cycle"): 1,
        ("pki_summary", "stated_figure_is_that_of_the_rows"): 1,
        ("service_interruptions", "days_fit_into_the_cycle"): 1,
        ("service_interruptions", "share_of_cycle_pct_is_that_share"): 2,
        ("crimes", "convicted_of_identified_pct_is_that_share"): 1,
        # what is asked: the same errors beside cycle 4
        ("tpp_summary", "numbers_are_not_those_of_the_last_cycle"): 1,
        ("service_interruptions", "number_is_no_tenfold_of_earlier_ones"): 1,
    }
)


@pytest.fixture(scope="module")
def cycle_5(released):
    """What was found, and the figures."""
    return of_release(released)


@pytest.mark.parametrize(("figure", "mission", "value", "previous"), PUBLISHED + COUNTED)
def test_a_figure_is_the_published_one(cycle_5, figure, mission, value, previous):
    _, figures = cycle_5
    (row,) = figures.rows_by_key(["figure", "mission"], named=True)[figure, mission]
    assert row["value"] == value
    if previous is not None:
        assert row["previous"] == previous


def test_the_days_counted_to_are_the_published_ones(cycle_5):
    _, figures = cycle_5
    as_of = {row["figure"]: str(row["as_of"]) for row in figures.iter_rows(named=True)}
    assert as_of["fatalities_malicious"] == "2024-09-03"
    assert as_of["eo_incidents"] == "2024-08-31"
    assert as_of["engagement_teams"] == as_of["patrols_with_women"] == as_of["sea_allegations"] == "2023-12-31"


def test_every_figure_has_a_finite_value_or_says_why_not(cycle_5):
    _, figures = cycle_5
    for row in figures.iter_rows(named=True):
        assert row["obs_status"] not in ("A", "P") or row["value"] == row["value"] is not None, row


def test_cycle_5_has_the_printed_errors_and_no_other(cycle_5):
    findings, _ = cycle_5
    assert Counter((finding["table"], finding["rule"]) for finding in to_look_at(findings)) == PRINTED_ERRORS
    assert {finding["severity"] for finding in to_look_at(findings)} == {"warning"}


def to_look_at(findings):
    """All but the note on deaths in special political missions, which the report does not count."""
    notes = [finding["rule"] for finding in findings if finding["severity"] == "info"]
    assert notes == ["rows_are_of_missions_that_count"]
    return [finding for finding in findings if finding["severity"] != "info"]


@pytest.mark.parametrize("cycle", [4, 6])
def test_other_cycles_have_none(tmp_path, cycle):
    sample.write(tmp_path / "inbox", cycle)
    assert to_look_at(found_in(tmp_path, cycle)) == []


def test_the_report_s_table_of_mechanisms(cycle_5):
    """Eighteen mechanisms in ten missions, of which two have none that is formal."""
    _, figures = cycle_5
    formal = {"MINURSO", "MINUSCA", "MONUSCO", "UNDOF", "UNFICYP", "UNIFIL", "UNISFA", "UNMISS"}
    for figure, missions in (
        ("missions_with_formal_coordination_mechanism", formal),
        ("missions_with_coordination_mechanism", formal | {"UNTSO", "UNMOGIP"}),
    ):
        assert set(figures.filter(figures["figure"] == figure)["mission"]) - {"ALL"} == missions
