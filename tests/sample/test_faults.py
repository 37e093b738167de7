"""Planted faults are found, each by its rule and in its place, and nothing else is."""

import json
import shutil
from collections import Counter
from datetime import UTC, datetime

import pytest

import sample
from config import ConfigError
from expectations.questions import QUESTIONS
from tests.sample.findings import found_in, of_release
from tests.support.sharing import with_results
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.slow

PLACE = ("source", "table", "mission", "file", "sheet", "row", "column", "rule", "severity")


@pytest.fixture(scope="module")
def printed_errors(released):
    # what is asked beside cycle 4 is no error, and here nothing is known of that
    return Counter(place(finding) for finding in of_release(released)[0] if finding["rule"] not in QUESTIONS)


@pytest.fixture
def faulty(sample_inbox, tmp_path):
    return shutil.copytree(sample_inbox, tmp_path / "inbox")


def place(finding, *, once=frozenset()):
    """Where a finding stands; one that is told once a file stands in no row."""
    told_once = (finding["file"], finding["rule"]) in once
    return tuple(None if told_once and name == "row" else finding[name] for name in PLACE)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", [0, 1, 2] if SWEEP else [0])
def test_every_fault_is_found_and_nothing_else(faulty, with_faults, printed_errors, seed):
    with_results(with_faults, faulty.parent / "store/private")
    planted = sample.plant(faulty, 5, seed)
    findings = found_in(faulty.parent, 5)
    once = {(fault["file"], fault["rule"]) for fault in planted if fault["row"] is None}
    found = Counter(place(finding, once=once) for finding in findings)
    wanted = Counter(place(fault) for fault in planted)
    assert not wanted - found, "not found"
    # a value too many, by which its row is refused, stands beside the table too
    more = Counter({at: n for at, n in (found - wanted).items() if "nothing_stands_beside_the_table" not in at})
    # of a number that goes with a wrong one it is asked, too: people without sessions
    asked_of = {at[PLACE.index("column")] for at in more if at[PLACE.index("rule")] in QUESTIONS}
    assert asked_of <= {"participants"}
    assert Counter({at: n for at, n in more.items() if at[PLACE.index("rule")] not in QUESTIONS}) == printed_errors


def test_no_fault_hides_another(faulty):
    planted = sample.plant(faulty, 5)
    refused = {fault["file"] for fault in planted if fault["table"] is None}
    per_file = Counter(fault["file"] for fault in planted)
    assert {per_file[file] for file in refused} == {1}
    rows = [(fault["file"], fault["table"], fault["row"]) for fault in planted if fault["row"]]
    assert len(set(rows)) == len(rows)
    assert len({(fault["file"], fault["rule"]) for fault in planted if fault["row"] is None}) == sum(
        fault["row"] is None for fault in planted
    )


def test_faults_are_of_every_kind(faulty):
    planted = sample.plant(faulty, 5)
    assert len(planted) >= 40
    assert {fault["severity"] for fault in planted} == {"critical", "warning", "info"}
    assert {fault["rule"] for fault in planted} >= {
        "file_is_whole",
        "file_is_no_web_page",
        "file_holds_something",
        "mission_is_the_folders",
        "cycle_is_the_folders",
        "required_columns_are_there",
        "columns_are_named_once",
        "sheet_is_there",
        "row_is_listed_once",
        "incident_is_not_in_the_future",
        "incident_is_not_before_the_mission_began",
        "mission_is_a_mission",
        "cause_has_no_spaces_around_it",
        "iso_alpha3_is_of_the_nationality",
        "m49_code_is_written_as_text",
        "cause_is_given",
        "cause_is_one_of_the_list",
        "female_personnel_is_a_count",
        "unit_id_is_one_of_military_units",
        "new_incidents_are_part_of_the_total",
        "training_days_fit_into_the_cycle",
        "incident_ends_after_it_begins",
        "report_follows_the_incident",
        "evaluation_date_is_in_the_cycle",
        "incidents_is_the_sum_of_its_parts",
        "investigated_of_reported_pct_is_that_share",
        "deployed_on_is_a_date",
    }


def test_the_list_stands_beside_the_cycle_and_goes_when_the_files_are_written_anew(faulty):
    planted = sample.plant(faulty, 5)
    listed = faulty / "faults-cycle-05.json"
    assert json.loads(listed.read_text(encoding="utf-8")) == planted
    assert all((faulty / str(fault["file"])).is_file() for fault in planted)
    sample.write(faulty)
    assert not listed.exists()


def test_writing_anew_mends_every_fault(sample_inbox, faulty):
    sample.plant(faulty, 5, 7)
    sample.write(faulty)
    assert contents(faulty) == contents(sample_inbox)


def test_only_files_with_a_fault_are_changed_and_none_in_its_time(sample_inbox, faulty):
    planted = sample.plant(faulty, 5, 4)
    before, after = contents(sample_inbox), contents(faulty)
    assert set(before) == set(after) - {"faults-cycle-05.json"}
    changed = {file for file in before if before[file][0] != after[file][0]}
    assert changed == {fault["file"] for fault in planted}
    assert all(before[file][1] == after[file][1] for file in before)


def test_the_same_seed_plants_the_same_and_another_elsewhere(sample_inbox, tmp_path):
    found = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        shutil.copytree(sample_inbox, tmp_path / name)
        sample.plant(tmp_path / name, 5, seed)
        found.append(contents(tmp_path / name))
    assert found[0] == found[1]
    one, other = (
        {(fault["rule"], fault["file"], fault["row"]) for fault in json.loads(each["faults-cycle-05.json"][0])}
        for each in (found[0], found[2])
    )
    # a cell of which there is one, or a file in which every row is meant, stays
    assert len(one & other) < len(one) / 3


def test_faults_can_be_planted_into_larger_and_other_cycles(tmp_path, monkeypatch):
    monkeypatch.setattr("sample.conduct.ROWS_OF_A_SHEET", 1000)
    sample.write(tmp_path, 4, scale=2)
    assert len(sample.plant(tmp_path, 4)) >= 40


def test_refuses_what_it_cannot_plant_into(tmp_path):
    with pytest.raises(FileNotFoundError, match="no files of cycle 5"):
        sample.plant(tmp_path, 5)
    with pytest.raises(ConfigError, match="99"):
        sample.plant(tmp_path, 99)


def contents(folder):
    """The bytes of each file and when it came in; the list of faults is made now."""
    return {
        path.relative_to(folder).as_posix(): (
            path.read_bytes(),
            datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.suffix != ".json" else None,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }
