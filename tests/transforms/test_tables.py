import inspect
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.transforms.frames import CONFIG, CYCLE, MISSIONS, allegation, casualty, conduct, frame, noticas
from transforms import catalogue
from transforms.p2_integration import mission_plans
from transforms.p3_capabilities import senior_leadership_programme
from transforms.p3_women import parity_targets, uniformed_women, women_in_posts
from transforms.p4_health import explosive_ordnance
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
    sea_allegations_by_year,
    sea_allegations_yearly,
    serious_misconduct_by_year,
)
from transforms.p6_communications import communications_indicators
from transforms.p7_cooperation import sofa_soma_incidents

TARGETS = parity_targets(CONFIG.parity_targets)
CLEARED = ("routes_verified_km", "items_destroyed", "land_released_m2", "hazards_removed", "observers_injured")


def test_fatalities_count_peacekeeping_operations_since_2017():
    rows = casualties(
        noticas(
            casualty(date(2017, 1, 1), "MINUSMA", "Malicious Act"),
            casualty(date(2017, 6, 1), "MINUSMA", "Illness"),
            casualty(date(2016, 12, 31), "MINUSMA", "Malicious Act"),
            casualty(date(2018, 1, 1), "UNAMA", "Malicious Act"),
            casualty(date(2018, 1, 2), "UNIFIL", "Accident", type_of_casualty="Injury"),
            casualty(date(2018, 1, 3), "UNIFIL", "Accident"),
            # it may be an injury, as one of this file is
            casualty(date(2018, 1, 4), "UNIFIL", "Accident", type_of_casualty=None),
        ),
        MISSIONS,
    )
    assert fatalities_by_cause(rows).collect().rows() == [
        (2017, "Illness", 1),
        (2017, "Malicious Act", 1),
        (2018, "Accident", 1),
    ]
    assert fatalities_malicious_share(rows).collect().rows() == [(2017, 2, 1, 50.0), (2018, 1, 0, 0.0)]
    assert fatalities_by_mission(rows).collect().rows() == [
        ("MINUSMA", "Illness", 1),
        ("MINUSMA", "Malicious Act", 1),
        ("UNIFIL", "Accident", 1),
    ]


def test_a_file_without_any_type_of_casualty_is_of_deaths():
    day = date(2018, 1, 3)
    rows = casualties(
        noticas(
            casualty(day, "UNIFIL", "Accident", type_of_casualty=None, _file="deaths.csv"),
            casualty(day, "UNIFIL", "Illness", type_of_casualty=None, _file="deaths.csv"),
            casualty(day, "UNDOF", "Illness", type_of_casualty="Injury", _file="both.csv"),
            casualty(day, "UNDOF", "Accident", type_of_casualty=None, _file="both.csv"),
        ),
        MISSIONS,
    )
    assert fatalities_by_mission(rows).collect().rows() == [("UNIFIL", "Accident", 1), ("UNIFIL", "Illness", 1)]


def test_deaths_by_kind_of_personnel():
    kinds = {1: "Military", 2: "Military", 3: "Police", 4: "Military Observer", 5: "Local", 6: None}
    rows = casualties(
        noticas(
            *(casualty(date(2018, 1, day), "UNIFIL", "Illness", personnel_type=kind) for day, kind in kinds.items()),
            casualty(date(2019, 1, 1), "UNIFIL", "Illness"),
            casualty(date(2019, 1, 1), "UNAMA", "Illness"),
        ),
        MISSIONS,
    )
    assert fatalities_by_personnel_type(rows).collect().rows() == [
        (2018, "Local", False, 1),
        (2018, "Military", True, 2),
        (2018, "Military Observer", True, 1),
        (2018, "Not stated", None, 1),
        (2018, "Police", True, 1),
        (2019, "Military", True, 1),
    ]


@pytest.mark.parametrize(
    ("reported", "start", "end", "marked"),
    [
        # the report's own examples, Priority 5
        (date(2016, 6, 1), date(2016, 2, 1), None, "current"),
        (date(2016, 6, 1), date(2015, 2, 1), None, "previous"),
        (date(2016, 6, 1), date(2013, 2, 1), None, "other"),
        (date(2015, 6, 1), date(2014, 10, 1), date(2015, 2, 1), "current"),
        # the edges
        (date(2016, 1, 1), date(2015, 12, 31), date(2015, 12, 31), "previous"),
        (date(2016, 12, 31), date(2014, 1, 1), date(2014, 12, 31), "other"),
        (date(2016, 6, 1), date(2016, 2, 1), date(2017, 2, 1), "current"),
        (date(2016, 6, 1), None, date(2016, 1, 1), "current"),
        (date(2016, 6, 1), None, None, "unknown"),
    ],
)
def test_year_of_incident_by_the_reports_rule(reported, start, end, marked):
    rows = allegations(conduct(allegation(1, reported, start, end)), MISSIONS).collect()
    assert rows["incident_year"].to_list() == [marked]


def test_allegations_are_counted_apart_and_in_the_missions_of_note_7_only():
    day = date(2023, 5, 1)
    rows = allegations(
        conduct(
            allegation(1, day, day, None),
            allegation(2, day, date(2020, 1, 1), None),
            allegation(3, day, day, None, category="Other serious misconduct"),
            allegation(4, day, day, None, mission="UNAMA"),
            # a peacekeeping operation, and not one of the 21
            allegation(5, day, day, None, mission="UNMEE"),
        ),
        MISSIONS,
    )
    assert sea_allegations_by_year(rows).collect().rows() == [
        (2023, "current", 1, "A"),
        (2023, "other", 1, "A"),
        (2023, "previous", 0, "A"),
        (2023, "unknown", 0, "A"),
    ]
    assert sea_allegations_yearly(rows).collect().rows() == [(2023, 2)]
    assert serious_misconduct_by_year(rows).collect().rows() == [(2023, 1)]


def test_a_blank_plan_is_no_answer_and_a_missing_sheet_is_missing():
    plans = frame(
        [{"mission": "UNMISS", "approved_plan": True}, {"mission": "MONUSCO", "approved_plan": None}],
        mission=pl.String,
        approved_plan=pl.Boolean,
    )
    table = mission_plans(plans, MISSIONS, CYCLE).collect()
    said = {row["mission"]: (row["approved_plan"], row["obs_status"]) for row in table.iter_rows(named=True)}
    assert len(said) == 11
    assert said["UNMISS"] == (True, "A")
    assert said["MONUSCO"] == (None, "L")
    # of a workbook whose sheet of plans was refused nothing is known of the plan
    assert said["UNDOF"] == said["UNTSO"] == (None, "O")


def test_sofa_incidents_keep_what_words_meant():
    columns = {
        "mission": pl.String,
        "new_incidents": pl.Int64,
        "new_incidents_obs_status": pl.String,
        "total_incidents": pl.Int64,
        "total_incidents_obs_status": pl.String,
        "impact_civilian_movement": pl.String,
        "impact_uniformed_movement": pl.String,
        "impact_mandated_tasks": pl.String,
    }
    rows = [
        ("UNIFIL", 43, "A", None, "V", "High", "High", "Medium"),
        ("MINURSO", 0, "A", 2, "A", "-----", "-----", "-----"),
        ("UNMIK", None, "M", None, "O", None, None, None),
        ("UNMOGIP", 3, "A", 5, "A", None, None, None),
    ]
    table = sofa_soma_incidents(pl.LazyFrame(rows, schema=columns, orient="row"), MISSIONS, CYCLE).collect()
    said = {row[1]: row[2:] for row in table.iter_rows()}
    assert said["UNIFIL"] == ("SOFA", 43, "A", None, "V", "High", "High", "Medium")
    assert said["MINURSO"] == ("SOMA", 0, "A", 2, "A", None, None, None)
    assert said["UNMIK"] == ("none", None, "M", None, "M", None, None, None)
    # what cannot be is not counted, whatever is written
    assert said["UNTSO"][1:5] == (None, "M", None, "M")
    assert said["UNMOGIP"][1:5] == (None, "M", None, "M")
    assert said["UNMISS"][1:5] == (None, "O", None, "O")


def test_evaluations_are_counted_in_the_cycle_and_by_mission():
    # MINUSMA, which does not report, stands in no table of performance (5th report, note 5)
    units = pl.LazyFrame({"unit_id": ["A", "B", "C", "D"], "mission": ["MINUSCA", "MINUSCA", "UNMISS", "MINUSMA"]})
    done = pl.LazyFrame(
        {
            "unit_id": ["A", "A", "B", "C", "D"],
            "mission": ["MINUSCA", "MINUSCA", "MINUSCA", "UNMISS", "MINUSMA"],
            "evaluation_date": [date(2023, 11, 1), date(2024, 4, 30), date(2024, 5, 1), date(2023, 10, 31), CYCLE.end],
            "rating": ["Average", "Very good", "Average", "Average", "Average"],
        }
    )
    assert fpu_evaluations_by_mission(units, done, MISSIONS, CYCLE).collect().rows() == [
        (5, "MINUSCA", 2, 1, 1, 2),
        (5, "UNMISS", 1, 0, 0, 0),
    ]
    assert fpu_evaluation_ratings(done, MISSIONS, CYCLE).collect().rows() == [
        (5, "MINUSCA", "Average", 1),
        (5, "MINUSCA", "Very good", 1),
    ]


def test_women_against_the_target_of_the_year():
    personnel = pl.LazyFrame(
        {
            "mission": ["UNMISS", "UNMISS", "UNMISS", "UNAMA"],
            "personnel_type": ["Troops", "Experts on Mission", "Staff Officers", "Troops"],
            "female_personnel": [9, 10, 10, 100],
            "male_personnel": [91, 40, 40, 0],
            "last_reporting_date": [date(2024, 4, 30)] * 4,
        }
    )
    rows = uniformed_women(personnel, MISSIONS, TARGETS).collect().rows()
    assert rows == [
        (date(2024, 4, 30), "Military contingents", 9, 100, 9.0, 11.0, True, -2.0),
        (date(2024, 4, 30), "Military observers and staff officers", 20, 100, 20.0, 21.0, True, -1.0),
    ]


def test_targets_are_those_known_and_else_derived():
    said = {(row[0], row[1]): row[2:] for row in TARGETS.collect().iter_rows()}
    assert said["Military contingents", 2021] == (8.0, False)
    assert said["Military contingents", 2024] == (11.0, True)
    assert said["Military contingents", 2028] == (15.0, False)
    assert said["Formed police units", 2024] == (16.0, True)
    assert said["Individual police officers", 2028] == (30.0, False)


def test_incidents_with_ordnance_are_the_parts_or_what_is_stated():
    counts = ("incidents", "exploded", "removed_by_mission", "removed_by_others", "people_educated", *CLEARED)
    rows = [
        ("MINUSCA", None, 14, 27, 6, 11_700, None, 1_700, None, None, None),
        # what is stated is not that sum
        ("MONUSCO", 170, 121, 39, 12, 0, None, 68_924, None, None, None),
        ("UNIFIL", 5_000, 9, None, None, None, None, None, None, None, None),
        ("UNISFA", None, 9, None, 1, None, 540, None, 1_600_000, 330, None),
        ("UNMISS", None, None, None, None, None, None, None, None, None, None),
        ("UNTSO", 1, None, None, None, None, None, None, None, None, 3),
        ("UNSOM", 3, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    ]
    sent = pl.LazyFrame(
        rows, schema=dict.fromkeys(("mission", *counts), pl.Int64) | {"mission": pl.String}, orient="row"
    ).with_columns(counted_from=date(2023, 10, 1), up_to=date(2024, 8, 31))
    table = explosive_ordnance(sent, MISSIONS, CYCLE).collect()
    assert table.select("mission", "incidents", "incidents_obs_status").rows() == [
        ("MINUSCA", 47, "A"),
        ("MONUSCO", 172, "A"),
        ("UNIFIL", 5_000, "A"),
        ("UNISFA", 10, "L"),
        ("UNMISS", None, "O"),
        ("UNTSO", 1, "A"),
    ]
    assert set(table.select("cycle", "counted_from", "up_to").rows()) == {(5, date(2023, 10, 1), date(2024, 8, 31))}
    said = {
        (row["mission"], name): row[name]
        for row in table.iter_rows(named=True)
        for name in ("exploded", "removed_by_mission", "removed_by_others", "people_educated", *CLEARED)
        if row[name] is not None
    }
    assert said == {
        ("MINUSCA", "exploded"): 14,
        ("MINUSCA", "removed_by_mission"): 27,
        ("MINUSCA", "removed_by_others"): 6,
        ("MINUSCA", "people_educated"): 11_700,
        ("MINUSCA", "items_destroyed"): 1_700,
        ("MONUSCO", "exploded"): 121,
        ("MONUSCO", "removed_by_mission"): 39,
        ("MONUSCO", "removed_by_others"): 12,
        ("MONUSCO", "people_educated"): 0,
        ("MONUSCO", "items_destroyed"): 68_924,
        ("UNIFIL", "exploded"): 9,
        ("UNISFA", "exploded"): 9,
        ("UNISFA", "removed_by_others"): 1,
        ("UNISFA", "routes_verified_km"): 540,
        ("UNISFA", "land_released_m2"): 1_600_000,
        ("UNISFA", "hazards_removed"): 330,
        ("UNTSO", "observers_injured"): 3,
    }
    for name in ("people_educated", *CLEARED):
        statuses = dict(table.select("mission", f"{name}_obs_status").rows())
        assert statuses == {mission: "A" if (mission, name) in said else "L" for mission in statuses}


def test_leaders_are_those_appointed_in_the_year_and_attendance_is_in_time_within_six_months():
    rows = [
        (date(2023, 4, 30), date(2023, 5, 1)),
        (date(2023, 5, 1), date(2023, 11, 1)),
        (date(2023, 5, 2), date(2023, 11, 3)),
        (date(2024, 4, 30), None),
        (date(2024, 5, 1), date(2024, 5, 1)),
    ]
    appointments = pl.LazyFrame(
        rows, schema={"appointed_on": pl.Date, "attended_on": pl.Date}, orient="row"
    ).with_columns(grade=pl.lit("D2"))
    assert senior_leadership_programme(appointments, CYCLE).collect().rows() == [(5, "D2", 3, 1, 2)]


@pytest.mark.parametrize("name", sorted(catalogue.tables()))
def test_every_table_has_an_entry_for_each_of_its_columns(name, curated_from_nothing):
    entry = catalogue.entries()[name]
    assert list(entry.fields) == curated_from_nothing[name].collect_schema().names()
    assert set(entry.key) <= set(entry.fields)
    assert entry.source
    assert entry.rule


def test_every_table_that_is_published_says_its_cycle_first_but_those_that_others_refer_to(curated_from_nothing):
    public = {name: entry for name, entry in catalogue.entries().items() if not catalogue.is_private(name)}
    dimensions = {name for name, entry in public.items() if entry.dimension}
    assert {"missions", "cycles", "countries", "sources", "parity_targets"} <= dimensions
    for name in public.keys() - dimensions:
        assert next(iter(public[name].fields)) == "cycle"
        assert public[name].key[0] == "cycle"
        assert curated_from_nothing[name].collect_schema().names()[0] == "cycle"
    for name in dimensions - {"cycles"}:
        assert "cycle" not in public[name].fields


@pytest.mark.parametrize("name", sorted(catalogue.tables()))
def test_what_nobody_sent_is_said_in_the_dictionary(name):
    """A table that fills blanks, or takes one column in place of another, says so; statuses are no such values."""
    table = catalogue.tables()[name]
    source = inspect.getsource(table)
    for helper, function in inspect.getmembers(inspect.getmodule(table), inspect.isfunction):
        source += inspect.getsource(function) if helper.startswith("_") and f"{helper}(" in source else ""
    fills = re.search(r"fill_null\((?!\"O\"|False)|coalesce\(", source)
    assert bool(catalogue.entries()[name].imputed) >= bool(fills)


def test_the_tables_that_are_known_to_fill_blanks_say_so():
    entries = catalogue.entries()
    assert {name for name, entry in entries.items() if entry.imputed} >= {
        *("casualties", "fatalities_by_personnel_type", "allegations", "sea_allegations_by_year", "sea_actions"),
        *("explosive_ordnance", "hospitals", "service_interruptions", "uniformed_women", "parity_targets"),
        *("fpu_evaluations_by_mission", "military_unit_evaluations_by_mission"),
    }


def test_how_the_tables_of_several_cycles_go_together():
    entries = catalogue.entries().values()
    assert {entry.name for entry in entries if entry.dimension} == {
        *("calendar", "causes", "countries", "cycles", "host_countries", "missions", "obs_statuses"),
        *("parity_targets", "ratings", "sources"),
    }
    # these hold all that was known until then
    assert {entry.name for entry in entries if entry.cumulative} == {
        *("crimes_against_peacekeepers", "explosive_ordnance", "fatalities_by_cause", "fatalities_by_mission"),
        *("fatalities_by_personnel_type", "fatalities_malicious_share", "police_course_recognition"),
        *("sea_actions", "sea_allegations_by_year", "sea_allegations_yearly", "serious_misconduct_by_year"),
    }
    # and these tell anew of days and years of which a cycle before has told
    assert {entry.name: entry.period for entry in entries if entry.period} == {
        "uniformed_women": ("month",),
        "women_in_patrols": ("mission", "year"),
        "women_in_posts": ("as_of_date",),
    }


def test_every_table_has_a_test_of_its_values():
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_values_of_*.py"))
    assert {name for name in catalogue.tables() if not re.search(rf"\b{name}\(", tests)} == set()


def test_tables_can_be_made_from_nothing(curated_from_nothing):
    frames = pl.collect_all(list(curated_from_nothing.values()))
    assert len(frames) == len(catalogue.tables())


def test_there_is_no_change_in_percent_from_zero():
    rows = frame(
        [
            {"indicator": "a", "cycle_value": 30, "year_before_value": 20},
            {"indicator": "b", "cycle_value": 30, "year_before_value": 0},
            {"indicator": "c", "cycle_value": 0, "year_before_value": 0},
            {"indicator": "d", "cycle_value": 30, "year_before_value": None},
            {"indicator": "e", "cycle_value": 0, "year_before_value": 20},
        ],
        indicator=pl.String,
        cycle_value=pl.Int64,
        year_before_value=pl.Int64,
    )
    table = communications_indicators(rows, CYCLE).collect()
    assert table.select("indicator", "change_pct", "change_pct_obs_status").rows() == [
        ("a", 50.0, "A"),
        ("b", None, "M"),
        ("c", None, "M"),
        ("d", None, "O"),
        ("e", -100.0, "A"),
    ]


def test_nobody_has_no_share_of_women():
    day = date(2024, 4, 30)
    posts = frame([{"as_of_date": day, "women": 0, "men": 0}], as_of_date=pl.Date, women=pl.Int64, men=pl.Int64)
    assert women_in_posts(posts).collect().rows() == [(day, 0, 0, None)]
    deployed = frame(
        [{"mission": "UNIFIL", "personnel_type": "Troops", "last_reporting_date": day, "female_personnel": 0}],
        mission=pl.String,
        personnel_type=pl.String,
        last_reporting_date=pl.Date,
        female_personnel=pl.Int64,
    ).with_columns(male_personnel=pl.lit(0, pl.Int64))
    (row,) = uniformed_women(deployed, MISSIONS, TARGETS).collect().to_dicts()
    assert (row["personnel"], row["women_pct"], row["gap_points"]) == (0, None, None)
