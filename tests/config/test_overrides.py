"""corrections.yaml, waivers.yaml and accepted.yaml: what they may say, and that a mistake names file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config import Acceptance, ConfigError, Correction, Waiver, load
from config.loader import read
from config.overrides import read_accepted, read_corrections, read_waivers

CONFIG = load()
CORRECTION = """\
# why it is here
- source: noticas
  table: noticas
  key: {casualty_id: UNIFIL-2024-01-0007}
  column: mission
  from: UNFILL
  to: UNIFIL
  cycle: 5
  reason: Misspelt in the source's system
  owner: A4P+ coordinator
"""
WAIVER = """\
- source: mission_report
  rule: training_days_fit_into_the_cycle
  mission: UNMISS
  table: conduct_training
  column: training_days
  key: {training: Induction}
  cycle: 5
  until: 2024-12-31
  reason: "Agreed: two places on the same days"
  owner: A4P+ coordinator
"""


def corrections(folder: Path, text: str) -> tuple[Correction, ...]:
    path = folder / "corrections.yaml"
    path.write_text(text, encoding="utf-8")
    return read_corrections(read(path), CONFIG.contracts)


def waivers(folder: Path, text: str) -> tuple[Waiver, ...]:
    path = folder / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return read_waivers(read(path), CONFIG.contracts, CONFIG.missions)


ACCEPTED = """\
- figure: serious_misconduct_2023
  cycle: 5
  mission: UNMISS
  value: 12
  reason: The source confirmed it
  owner: A4P+ coordinator
"""


def accepted(folder: Path, text: str) -> tuple[Acceptance, ...]:
    path = folder / "accepted.yaml"
    path.write_text(text, encoding="utf-8")
    return read_accepted(read(path), CONFIG.figures, CONFIG.cycles, CONFIG.missions)


def test_there_are_none_as_it_comes() -> None:
    assert (CONFIG.corrections, CONFIG.waivers) == ((), ())


@pytest.mark.parametrize(("name", "reading"), [("corrections", corrections), ("waivers", waivers)])
def test_the_commented_example_is_right(tmp_path: Path, name: str, reading) -> None:
    shipped = (Path(__file__).parents[2] / f"config/{name}.yaml").read_text(encoding="utf-8")
    lines = [line.removeprefix("# ") for line in shipped.splitlines() if line.startswith(("# - ", "#   "))]
    (one,) = reading(tmp_path, "\n".join(lines))
    assert (one.owner, one.cycle, one.place) == ("A4P+ coordinator", 5, f"{tmp_path.name}/{name}.yaml:1")


def test_a_correction(tmp_path: Path) -> None:
    (one,) = corrections(tmp_path, CORRECTION)
    assert (one.source, one.table, one.key) == ("noticas", "noticas", {"casualty_id": "UNIFIL-2024-01-0007"})
    assert (one.column, one.from_, one.to, one.cycle) == ("mission", "UNFILL", "UNIFIL", 5)
    assert one.place == f"{tmp_path.name}/corrections.yaml:2"
    assert one.why == "A4P+ coordinator: Misspelt in the source's system"


def test_cells_are_text_whatever_they_look_like_and_may_be_blank(tmp_path: Path) -> None:
    text = CORRECTION.replace("from: UNFILL", 'from: ""').replace("to: UNIFIL", "to: 004")
    (one,) = corrections(tmp_path, text)
    assert (one.from_, one.to) == ("", "004")
    (one,) = corrections(tmp_path, CORRECTION.replace("from: UNFILL", "from: NO").replace("to: UNIFIL", "to:"))
    assert (one.from_, one.to) == ("NO", None)


def test_a_correction_may_name_the_mission_whose_file_it_is(tmp_path: Path) -> None:
    text = CORRECTION.replace("source: noticas", "source: mission_report").replace("table: noticas", "table: sofa_soma")
    text = text.replace("{casualty_id: UNIFIL-2024-01-0007}", "{mission: UNMISS}").replace(
        "column: mission", "column: new_incidents"
    )
    assert corrections(tmp_path, text)[0].key == {"mission": "UNMISS"}


def test_a_waiver(tmp_path: Path) -> None:
    (one,) = waivers(tmp_path, WAIVER)
    assert (one.rule, one.mission, one.table, one.column) == (
        "training_days_fit_into_the_cycle",
        "UNMISS",
        "conduct_training",
        "training_days",
    )
    assert (one.key, one.cycle, one.until) == ({"training": "Induction"}, 5, date(2024, 12, 31))
    assert one.place == f"{tmp_path.name}/waivers.yaml:1"


def test_a_waiver_needs_no_more_than_source_rule_reason_and_owner(tmp_path: Path) -> None:
    first, second = waivers(tmp_path, "- {source: noticas, rule: r, reason: a, owner: b}\n" * 2)
    assert (first.until, first.cycle, first.mission, first.key) == (None, None, None, {})
    assert second.place == f"{tmp_path.name}/waivers.yaml:2"


@pytest.mark.parametrize("text", ["", "# none\n", "[]\n"])
def test_an_empty_file_is_none(tmp_path: Path, text: str) -> None:
    assert corrections(tmp_path, text) == waivers(tmp_path, text) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("source: noticas", "source: notices", 2, "'notices' is no source; allowed: conduct_allegations, "),
        ("table: noticas", "table: casualties", 3, "'casualties' is no table of noticas; allowed: noticas."),
        ("casualty_id:", "casualty:", 4, "'casualty' is no column of noticas; allowed: casualty_id, "),
        ("{casualty_id: UNIFIL-2024-01-0007}", "{}", 4, "'key': "),
        ("column: mission", "column: missions", 5, "'missions' is no column of noticas; allowed: "),
        ("column: mission", "column: name", 5, "'name' is personal; personal columns are never read or corrected."),
        ("casualty_id:", "name:", 4, "'name' is personal; personal columns are never read or corrected."),
        ("  from: UNFILL\n", "", 2, "'from' is missing."),
        ("  to: UNIFIL\n", "", 2, "'to' is missing."),
        ("  owner: A4P+ coordinator\n", "", 2, "'owner' is missing."),
        ("owner: A4P+ coordinator", 'owner: "A4P+: coordinator"', 10, "'owner': "),
        ("reason: Misspelt in the source's system", 'reason: " "', 9, "'reason': "),
        ("cycle: 5", "cycle: five", 8, "'cycle': "),
        ("  to: UNIFIL", "  to: UNIFIL\n  unless: 3", 8, "'unless' is not known here; allowed: source, cycle, reason"),
    ],
)
def test_a_mistake_in_a_correction_names_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    assert old in CORRECTION
    with pytest.raises(ConfigError) as error:
        corrections(tmp_path, CORRECTION.replace(old, new, 1))
    assert str(error.value).startswith(f"{tmp_path}/corrections.yaml:{line}: ")
    assert says in str(error.value)


def test_a_file_that_is_no_list_names_itself(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"waivers.yaml:1: this file is a list; begin each entry with '- '."):
        waivers(tmp_path, "source: noticas\n")


def test_personal_columns_are_not_offered(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        corrections(tmp_path, CORRECTION.replace("column: mission", "column: missions"))
    assert "index_number" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("source: mission_report", "source: reports", 1, "'reports' is no source; allowed: "),
        ("mission: UNMISS", "mission: ATLANTIS", 3, "'ATLANTIS' is no mission of config/missions.yaml."),
        ("table: conduct_training", "table: trainings", 4, "'trainings' is no table of mission_report; allowed: cover"),
        ("column: training_days", "column: days", 5, "'days' is no column of conduct_training; allowed: training"),
        ("{training:", "{trainings:", 6, "'trainings' is no column of conduct_training; allowed: "),
        ("  table: conduct_training\n", "", 5, "a key needs the table whose rows it names."),
        ("until: 2024-12-31", "until: next year", 8, "'until': "),
        ("  rule: training_days_fit_into_the_cycle\n", "", 1, "'rule' is missing."),
        ("owner: A4P+ coordinator", "owner:", 10, "'owner': "),
        ("cycle: 5", "cycle: 5\n  cycle: 6", 8, "'cycle' stands here twice; keep one of them."),
    ],
)
def test_a_mistake_in_a_waiver_names_file_and_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in WAIVER
    with pytest.raises(ConfigError) as error:
        waivers(tmp_path, WAIVER.replace(old, new, 1))
    assert str(error.value).startswith(f"{tmp_path}/waivers.yaml:{line}: ")
    assert says in str(error.value)


def test_an_accepted_figure(tmp_path: Path) -> None:
    (one,) = accepted(tmp_path, ACCEPTED)
    # it names the figure as it was called before
    assert (one.figure, one.mission, one.cycle, one.value) == ("serious_misconduct", "UNMISS", 5, 12.0)
    assert one.place == f"{tmp_path.name}/accepted.yaml:1"
    assert accepted(tmp_path, ACCEPTED.replace("  mission: UNMISS\n", ""))[0].mission == "ALL"


@pytest.mark.parametrize(
    ("was", "given", "said"),
    [
        ("serious_misconduct_2023", "misconduct_2023", "'misconduct_2023' is no figure of config/figures.yaml"),
        ("serious_misconduct_2023", "fatalities_2023", "'fatalities_2023' is no figure of config/figures.yaml"),
        ("cycle: 5", "cycle: 99", "there is no cycle 99 in cycles.yaml; allowed: "),
        ("UNMISS", "ATLANTIS", "'ATLANTIS' is no mission of config/missions.yaml"),
    ],
)
def test_a_mistake_in_an_accepted_figure_names_its_line(tmp_path: Path, was: str, given: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"accepted\.yaml:\d+.*{said}"):
        accepted(tmp_path, ACCEPTED.replace(was, given))


def test_what_was_printed_wrong_is_accepted_as_it_comes() -> None:
    named = {(one.cycle, one.figure, one.value) for one in CONFIG.accepted}
    assert named == {(5, "ultrasound_down_days", 247.0), (5, "icu_closed_days", 30.0)}
