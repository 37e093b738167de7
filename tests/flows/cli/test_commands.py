"""The command line as a person uses it, in this process."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import duckdb
import pytest

from tests.support.sharing import a4p, sources, with_results

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_documents")]


def test_a_refresh_tells_what_it_did(released, tmp_path):
    out = (released / "out.txt").read_text()
    assert "running the steps directly" in (released / "err.txt").read_text()
    assert "Cycle 5, 1 November 2023 to 30 April 2024" in out
    assert "Notifications of casualties" in out
    assert f"Published release r001 (final): {released}/store/public/releases/cycle-05/r001" in out
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    code, out, _ = a4p(tmp_path, "refresh", "--cycle", "5")
    assert (code, "Nothing changed; release r001 (final) stays the latest" in out) == (0, True)


def test_a_refused_file_does_not_stop_a_release_and_is_named(released, tmp_path):
    shutil.copytree(released / "inbox/cycle-05", tmp_path / "inbox/cycle-05")
    with_results(released, tmp_path / "store/private")
    workbook = next((tmp_path / "inbox/cycle-05/mission_report/UNISFA").iterdir())
    workbook.write_bytes(workbook.read_bytes()[:2000])
    code, out, _ = a4p(tmp_path, "refresh", "--cycle", "5")
    assert code == 0
    assert "Published release r001 (provisional)" in out
    assert "Mission workbook (UNISFA): nothing could be used, due 14 June 2024." in out
    assert "The file is damaged or cut off." in out
    code, out, _ = a4p(tmp_path, "figures", "--cycle", "5", "--format", "json")
    figures = {(row["figure"], row["mission"]): row for row in json.loads(out)}
    assert figures["new_sofa_incidents_reported", "ALL"]["value"] == 205
    assert figures["new_sofa_incidents_reported", "ALL"]["obs_status"] == "P"
    assert figures["new_sofa_incidents_reported", "UNISFA"]["obs_status"] == "O"
    assert figures["fatalities_malicious", "ALL"]["obs_status"] == "A"


def test_figures_in_three_forms(released):
    code, table, _ = a4p(released, "figures", "--cycle", "5")
    assert code == 0
    assert "conduct_discipline_trainings ALL 914 sessions 511" in " ".join(table.split())
    _, rows, _ = a4p(released, "figures", "--cycle", "5", "--format", "csv", "--release", "r001")
    assert "5,conduct_discipline_trainings,ALL,914.0,sessions,511.0,403.0,2024-04-30,A,mission_report" in rows
    _, text, _ = a4p(released, "figures", "--cycle", "5", "--format", "json")
    assert {row["figure"] for row in json.loads(text)} >= {
        "fatalities_malicious",
        "sea_allegations",
        "sea_allegations_2023",
    }


def test_single_files_of_a_release_and_of_all_cycles(released, tmp_path):
    every, one = str(tmp_path / "all.duckdb"), str(tmp_path / "five.sqlite")
    code, out, _ = a4p(released, "export", "--duckdb", every)
    assert (code, out.partition(": ")[0], out.partition(" of ")[2]) == (0, f"Wrote {every}", "r001 of cycle 5.\n")
    code, out, _ = a4p(released, "export", "--sqlite", one, "--cycle", "latest", "--release", "r001")
    assert (code, out.partition(": ")[0]) == (0, f"Wrote {one}")
    with duckdb.connect(every, read_only=True) as connection:
        bare = "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal"
        assert connection.execute(bare).fetchall() == []
        keys = "SELECT count(*) FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
        assert (
            connection.execute(keys).fetchone() == connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
        )
    with closing(sqlite3.connect(one)) as connection:
        assert connection.execute("SELECT value FROM figures WHERE figure = 'fatalities_malicious'").fetchone() == (
            196,
        )
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert len(connection.execute("PRAGMA foreign_key_list(figures)").fetchall()) >= 4
    assert a4p(released, "export", "--sqlite", one)[0] == 2
    assert a4p(released, "export", "--zip", one, "--release", "r001")[0] == 2
    assert a4p(released, "export")[0] == 2


def test_as_of_counts_up_to_a_day(sample_inbox, tmp_path):
    sources(sample_inbox, tmp_path / "inbox", "noticas")
    a4p(tmp_path, "refresh", "--cycle", "5", "--as-of", "2023-12-31")
    _, text, _ = a4p(tmp_path, "figures", "--cycle", "5", "--format", "json")
    figures = {(row["figure"], row["mission"]): row for row in json.loads(text)}
    malicious = figures["fatalities_malicious", "ALL"]
    assert (malicious["value"], malicious["as_of"]) == (188, "2023-12-31")


def test_one_source_anew_keeps_the_others_as_they_were(sample_inbox, tmp_path):
    sources(sample_inbox, tmp_path / "inbox", "noticas", "mission_report/UNMISS", "mission_report/UNMIK")
    a4p(tmp_path, "refresh", "--cycle", "5")
    shutil.rmtree(tmp_path / "inbox/cycle-05/mission_report/UNMISS")
    code, out, _ = a4p(tmp_path, "refresh", "--cycle", "5", "--source", "noticas")
    assert (code, "Nothing changed" in out) == (0, True)
    code, out, _ = a4p(tmp_path, "refresh", "--cycle", "5")
    assert (code, "Published release r002 (provisional)" in out) == (0, True)
    _, text, _ = a4p(tmp_path, "figures", "--cycle", "5", "--format", "json")
    statuses = {(row["figure"], row["mission"]): row["obs_status"] for row in json.loads(text)}
    assert statuses["new_sofa_incidents_reported", "UNMISS"] == "O"
    assert statuses["new_sofa_incidents_reported", "UNMIK"] == "M"


def test_releases_and_status(released):
    _, out, _ = a4p(released, "releases")
    assert "r001     final   yes" in out
    _, out, _ = a4p(released, "status", "--cycle", "5")
    assert "25 accepted" in out
    assert "Mission workbook, due 2024-06-14" in out
    assert "UNMOGIP  accepted" in out
    _, out, _ = a4p(released, "status", "--cycle", "6")
    assert "25 overdue" in out


def test_a_sample_can_have_faults_that_are_listed(tmp_path):
    code, out, _ = a4p(tmp_path, "sample", "inbox", "--faults", "--seed", "4")
    listed = json.loads((tmp_path / "inbox/faults-cycle-05.json").read_text())
    assert code == 0
    assert f"Planted {len(listed)} faults; they are listed in inbox/faults-cycle-05.json." in out
    code, out, _ = a4p(tmp_path, "sample", "inbox")
    assert (code, "Planted" in out) == (0, False)
    assert not (tmp_path / "inbox/faults-cycle-05.json").exists()


def test_check_says_what_is_wrong_and_where(released, tmp_path):
    good = next((released / "inbox/cycle-05/mission_report/UNMISS").iterdir())
    code, out, _ = a4p(tmp_path, "check", str(good))
    assert code == 0
    assert "(Mission workbook): would be accepted" in out
    code, out, _ = a4p(tmp_path, "check", str(good), "--mission", "UNTSO", "--cycle", "4")
    assert code == 1
    assert "names another mission than the one it was sent for: UNMISS" in out
    assert "of another cycle than 4: it says 5" in out
    code, out, _ = a4p(tmp_path, "check", str(good), "--cycle", "4", "--json")
    (result,) = json.loads(out)
    assert (code, result["source"], result["accepted"]) == (1, "mission_report", False)
    assert {finding["rule"] for finding in result["findings"]} == {"cycle_is_the_folders"}
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["refresh"], 2, "Missing option '--cycle'"),
        (["refresh", "--cycle", "99"], 2, "Cycle 99 is not in config/cycles.yaml"),
        (["refresh", "--cycle", "5", "--source", "nothing"], 2, "There is no source 'nothing'; the sources are"),
        (["refresh", "--cycle", "5", "--as-of", "yesterday"], 2, "does not match the format"),
        (["refresh", "--cycle", "5"], 2, "There is no file for cycle 5 in"),
        (["figures", "--cycle", "5"], 2, "Cycle 5 has no release yet"),
        (["check", "nothing.csv"], 2, "does not exist"),
        (["dance"], 2, "No such command 'dance'"),
    ],
)
def test_wrong_use_is_one_sentence(tmp_path, arguments, code, says):
    got, out, err = a4p(tmp_path, *arguments)
    assert got == code, out + err
    assert says in err
    assert "Traceback" not in err


def test_nothing_that_can_be_used_is_exit_code_1(tmp_path):
    folder = tmp_path / "inbox/cycle-05/noticas"
    folder.mkdir(parents=True)
    (folder / "noticas.csv").write_bytes(b"<html>log in</html>")
    code, out, _ = a4p(tmp_path, "refresh", "--cycle", "5")
    assert code == 1
    assert "Nothing was published: no file of any source could be used." in out
    assert "web page" in out


def test_a_wrong_setting_is_named(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("A4P_HUB_URL=hub.example.org\n")
    code, _, err = a4p(tmp_path, "status", "--cycle", "5")
    assert code == 2
    assert "A4P_HUB_URL" in err


def test_help_imports_nothing_heavy():
    """Half a second would be gone with any one of them."""
    heavy = {"polars", "prefect", "great_expectations", "pandas", "s3fs", "fsspec", "pydantic"}
    code = (
        "import sys\nfrom flows.cli import commands\n"
        "try:\n    commands.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('loaded:', *sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "refresh" in ran.stdout
    assert not heavy & set(ran.stderr.split())


WAIVER = "- {source: hospitals, rule: hospital_id_is_given, reason: Agreed by telephone, owner: A4P+ coordinator}\n"
CORRECTION = (
    "- {source: hospitals, table: hospitals, key: {hospital_id: X-1}, column: level, from: two, to: '2',\n"
    "   reason: Agreed by telephone, owner: A4P+ coordinator}\n"
)


def test_refresh_and_status_say_what_is_no_longer_needed(sample_inbox, tmp_path):
    sources(sample_inbox, tmp_path / "inbox", "hospitals")
    (tmp_path / "mine").mkdir()
    for name, text in (("waivers", WAIVER), ("corrections", CORRECTION)):
        (tmp_path / f"mine/{name}.yaml").write_text(text)
    for command in ("refresh", "status"):
        code, out, err = a4p(tmp_path, command, "--cycle", "5", A4P_CONFIG="mine")
        assert code == 0, err
        said = " ".join(out.partition("No longer needed:")[2].split())
        assert "The correction of" in said
        assert "(mine/corrections.yaml:1) is no longer needed: no row has the text that it corrects." in said
        assert "(mine/waivers.yaml:1) is no longer needed: no finding matches it." in said
        assert "Remove it from mine/waivers.yaml." in said
    for command in ("refresh", "status"):
        code, out, _ = a4p(tmp_path, command, "--cycle", "5")
        assert (code, "No longer needed" in out) == (0, False)


def test_a_printed_report_is_held_against_a_release(released, tmp_path):
    code, text, _ = a4p(released, "reconcile", "--cycle", "5", "--format", "json")
    contradictions = {row["figure"]: row["reason"] for row in json.loads(text) if row["verdict"] == "contradicts"}
    assert code == 0
    assert "19; between May and October 2023 is cycle 4" in contradictions["tpp_trainings"]
    assert contradictions["tpp_trainees"] == "the rows give 314 people, not 306"
    draft = tmp_path / "draft.csv"
    draft.write_text("figure,value,printed,unit\nfpus,27,27,units\nconduct_discipline_trainings,900,900,sessions\n")
    code, table, _ = a4p(released, "reconcile", "--cycle", "5", "--file", str(draft), "--strict")
    lines = [" ".join(line.split()) for line in table.splitlines()]
    assert code == 1
    assert lines[1:] == [
        "equal fpus ALL 27 27 units",
        "contradicts conduct_discipline_trainings ALL 900 914 sessions the rows give 914 sessions, not 900",
        "1 equal, 1 contradicts",
    ]
    draft.write_text("figure,value,printed,unit\nfpus,27,27\n")
    code, _, told = a4p(released, "reconcile", "--cycle", "5", "--file", str(draft))
    assert (code, told.strip()) == (
        2,
        f"{draft}:2: 3 cells, where the first line names 4 columns; put a text with commas into quotation marks.",
    )
