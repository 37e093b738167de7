"""A closed cycle is refreshed by the facts of its time, whatever was changed for later ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import config
from tests.support.sharing import a4p

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_documents")]

MONUSCO = (
    "MONUSCO: {name: United Nations Organization Stabilization Mission in the Democratic Republic of the Congo, "
    "start: 2010-07-01, reports: true, agreement: SOFA}\n"
)
LEAVES = MONUSCO.replace("}", ", changes: [{from_cycle: 6, reports: false}]}")
# of cycle 4 alone
OTHERWISE = """\
fatalities_total:
  priority: 4
  title: {en: Deaths in peacekeeping operations, fr: Décès dans les opérations de maintien de la paix}
  unit: people
  source: NOTICAS / UNOCC
  table: casualties
  window: since 2017-01-01
  dated_by: incident_date
  where: in_scope
  value: count(*)
  by: mission
  better: lower
  changes: [{to_cycle: 4, where: in_scope and cause = 'Illness'}]
"""


@pytest.fixture
def place(tmp_path: Path, released: Path) -> Path:
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    (tmp_path / "mine").mkdir()
    return tmp_path


def refreshed(place: Path, **files: str) -> str:
    for name, text in files.items():
        (place / f"mine/{name}.yaml").write_text(text)
    code, out, err = a4p(place, "refresh", "--cycle", "5", A4P_CONFIG="mine")
    assert code == 0, err
    return out


def figures(place: Path) -> pl.DataFrame:
    return pl.read_parquet(place / "store/public/current/cycle-05/tables/figures.parquet")


def figures_of(place: Path, figure: str) -> dict[str, object]:
    return figures(place).filter(pl.col("figure") == figure, pl.col("mission") == "ALL").row(0, named=True)


@pytest.mark.documents
def test_a_mission_that_leaves_later_changes_nothing_of_before(place):
    assert "Nothing changed" in refreshed(place, missions=LEAVES)
    code, out, _ = a4p(place, "template", "--source=mission_report", "--mission=MONUSCO", "--cycle=5", "--out=5.xlsx",
                       A4P_CONFIG="mine")  # fmt: skip
    assert code == 0, out
    code, _, err = a4p(place, "template", "--source=mission_report", "--mission=MONUSCO", "--cycle=6", "--out=6.xlsx",
                       A4P_CONFIG="mine")  # fmt: skip
    assert code == 2
    assert "'MONUSCO' is no reporting mission" in err
    statuses = {cycle: a4p(place, "status", f"--cycle={cycle}", A4P_CONFIG="mine")[1] for cycle in (5, 6)}
    assert ["MONUSCO" in statuses[cycle] for cycle in (5, 6)] == [True, False]


def test_a_mission_that_is_taken_out_of_every_cycle_changes_the_release(place):
    assert "Published release r002" in refreshed(place, missions=MONUSCO.replace("reports: true", "reports: false"))


def test_the_cycle_before_is_worked_out_by_its_own_definitions(place):
    before = figures(place)
    assert "Published release r002" in refreshed(place, figures=OTHERWISE)
    now = figures(place)
    total, illness = pl.col("figure") == "fatalities_total", pl.col("figure") == "fatalities_illness"
    assert now.filter(total)["value"].equals(before.filter(total)["value"])
    whole = pl.col("mission") == "ALL"
    assert now.filter(total, whole)["previous"][0] == before.filter(illness, whole)["previous"][0]


def test_the_sample_of_a_cycle_is_of_the_missions_that_report_then(place):
    (place / "mine/missions.yaml").write_text(LEAVES)
    code, _, err = a4p(place, "sample", "later", "--cycle", "6", A4P_CONFIG="mine")
    assert code == 0, err
    reports = {cycle: place / f"later/cycle-{cycle:02d}/mission_report/MONUSCO" for cycle in (5, 6)}
    assert [reports[cycle].exists() for cycle in (5, 6)] == [True, False]


def test_the_operations_of_a_cycle_are_those_that_go_on_when_it_ends(released):
    row = figures_of(released, "missions_total")
    # MINUSMA closed in December 2023
    assert (row["value"], row["previous"], row["change"]) == (11, 12, -1)
    missions = pl.read_parquet(released / "store/public/current/cycle-05/tables/missions.parquet")
    assert set(missions.filter("in_operation", "reports")["mission"]) == set(missions.filter("reports")["mission"])


def test_a_file_is_held_against_the_lists_of_the_cycle_on_its_cover(place):
    contract = Path(config.__file__).with_name("sources") / "mission_report.yaml"
    listed = "one_of: [Induction, Refresher, SEA prevention, Training of trainers]"
    now = f"one_of: [Basic training], changes: [{{to_cycle: 5, {listed}}}]"
    (place / "mine/sources").mkdir()
    text = contract.read_text(encoding="utf-8")
    assert listed in text
    (place / "mine/sources/mission_report.yaml").write_text(text.replace(listed, now), encoding="utf-8")
    (file,) = (place / "inbox/cycle-05/mission_report/UNFICYP").iterdir()
    assert a4p(place, "check", str(file), A4P_CONFIG="mine")[0] == 0
    offered = {}
    for cycle in (5, 6):
        of = ("--source=mission_report", "--mission=UNFICYP", f"--cycle={cycle}", f"--out={cycle}.xlsx")
        assert a4p(place, "template", *of, A4P_CONFIG="mine")[0] == 0
        lists = openpyxl.load_workbook(place / f"{cycle}.xlsx").worksheets[-1]
        offered[cycle] = {cell for row in lists.iter_rows(values_only=True) for cell in row} & {
            "Basic training",
            "Refresher",
        }
    assert offered == {5: {"Refresher"}, 6: {"Basic training"}}


RENAMED = """\
fatalities_illness: ~
deaths_from_illness:
  priority: 4
  title: {en: Deaths from illness, fr: Décès dus à la maladie}
  unit: people
  source: NOTICAS / UNOCC
  table: casualties
  window: since 2017-01-01
  dated_by: incident_date
  where: in_scope and cause = 'Illness'
  value: count(*)
  by: mission
  better: lower
  formerly: {name: fatalities_illness, to_cycle: 4}
"""


@pytest.mark.documents
def test_a_figure_that_is_renamed_is_found_under_both_names(place):
    def said(*command: str) -> str:
        code, out, err = a4p(place, *command, A4P_CONFIG="mine")
        assert code == 0, err
        return out

    before = figures(place).filter(pl.col("figure") == "fatalities_illness").drop("figure")
    assert "Published release r002" in refreshed(place, figures=RENAMED)
    for name in ("fatalities_illness", "deaths_from_illness"):
        # with its value of the cycle before, which had the former name
        assert figures(place).filter(pl.col("figure") == name).drop("figure").equals(before)
        history = said("history", name, "--cycle=5", "--format=csv").splitlines()
        assert [line.split(",")[0] for line in history[1:]] == ["r001", "r002"]
        for release in ("r001", "r002"):
            explained = said("explain", name, "--cycle=5", "--release", release, "--mission=UNFICYP")
            assert "Made again from these rows alone, it is the same." in explained
    document = json.loads(said("diff", "r001", "r002", "--cycle=5", "--json"))
    assert document["figures"] == []
    then, now = (
        (place / f"store/public/releases/cycle-05/{name}/report.html").read_text(encoding="utf-8")
        for name in ("r001", "r002")
    )
    assert now.count(">Deaths from illness<") == then.count(">Deaths from illness<") > 0
    (book,) = (place / "store/public/releases/cycle-05/r002").glob("*.xlsx")
    sentences = openpyxl.load_workbook(book, read_only=True)["Figures"].iter_rows(values_only=True)
    assert {"deaths_from_illness", "fatalities_illness"} & {cell for row in sentences for cell in row} == {
        "deaths_from_illness"
    }
