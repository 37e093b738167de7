"""A configuration of the user's, laid over the pipeline's: what counts, where it stands, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from config import ConfigError, load
from config.layers import roots
from tests.support.patrol_bases import CONTRACT

SHIPPED = load()


def folder(at: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_text(text, encoding="utf-8")
    return at


def test_an_empty_folder_changes_nothing(tmp_path: Path) -> None:
    assert load(tmp_path) == SHIPPED


def test_an_entry_counts_and_the_others_stay(tmp_path: Path) -> None:
    mine = load(folder(tmp_path, {"missions.yaml": "UNIFIL: {name: Mine, reports: true}\nATLANTIS: {name: New}\n"}))
    assert mine.missions["UNIFIL"].name == "Mine"
    assert mine.missions["UNIFIL"].aliases == ()
    assert list(mine.missions) == [*SHIPPED.missions, "ATLANTIS"]
    assert {name: one for name, one in mine.missions.items() if name not in {"UNIFIL", "ATLANTIS"}} == {
        name: one for name, one in SHIPPED.missions.items() if name != "UNIFIL"
    }


def test_an_entry_with_nothing_behind_it_takes_the_shipped_one_away(tmp_path: Path) -> None:
    mine = load(folder(tmp_path, {"figures.yaml": "engagement_teams: ~\n", "sources/hospitals.yaml": ""}))
    assert set(SHIPPED.figures) - set(mine.figures) == {"engagement_teams"}
    assert set(SHIPPED.contracts) - set(mine.contracts) == {"hospitals"}


def test_texts_and_schedules_are_laid_over_entry_by_entry(tmp_path: Path) -> None:
    text = (
        "rules:\n  file_has_rows:\n    message: {en: Blank., fr: Vide.}\n    remedy: {en: Fill it in., fr: Remplir.}\n"
    )
    schedule = "refreshes:\n  noticas-daily: ~\n"
    mine = load(folder(tmp_path, {"messages.yaml": text, "schedules.yaml": schedule}))
    assert mine.messages.rules["file_has_rows"].message.en == "Blank."
    assert set(mine.messages.rules) == set(SHIPPED.messages.rules)
    assert mine.messages.letters == SHIPPED.messages.letters
    assert set(SHIPPED.schedules.refreshes) - set(mine.schedules.refreshes) == {"noticas-daily"}
    assert mine.schedules.timezone == SHIPPED.schedules.timezone


def test_cycles_and_targets_are_known_by_what_they_are_of(tmp_path: Path) -> None:
    twelfth, fourth = (
        "{number: 12, start: 2027-05-01, end: 2027-10-31}",
        "{number: 4, start: 2023-05-02, end: 2023-10-31}",
    )
    cycles = f"cycles:\n  - {twelfth}\n  - {fourth}\n"
    targets = "uniformed_women:\n  - {category: Military contingents, year: 2028, women_pct: 16}\n"
    mine = load(folder(tmp_path, {"cycles.yaml": cycles, "parity_targets.yaml": targets}))
    assert list(mine.cycles) == [*SHIPPED.cycles, 12]
    assert mine.cycles[4].start.isoformat() == "2023-05-02"
    assert len(mine.parity_targets) == len(SHIPPED.parity_targets)
    assert {16.0} == {
        one.women_pct for one in mine.parity_targets if (one.category, one.year) == ("Military contingents", 2028)
    }


def test_a_contract_is_taken_as_a_whole_and_decisions_are_added(tmp_path: Path) -> None:
    waiver = "- {source: patrol_bases, rule: base_is_given, reason: a, owner: b}\n"
    mine = load(folder(tmp_path / "ours", {"sources/patrol_bases.yaml": CONTRACT, "waivers.yaml": waiver}))
    assert mine.contracts["patrol_bases"].place == "ours/sources/patrol_bases.yaml:5"
    assert [one.place for one in mine.waivers] == ["ours/waivers.yaml:1"]
    assert {name: one for name, one in mine.contracts.items() if name != "patrol_bases"} == SHIPPED.contracts


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "ours", {"missions.yaml": "ATLANTIS: {name: New}\n"})
    assert "ATLANTIS" not in load().missions
    (tmp_path / ".env").write_text("A4P_CONFIG=ours\nOTHER=x\n")
    assert "ATLANTIS" in load().missions
    monkeypatch.setenv("A4P_CONFIG", str(tmp_path / "theirs"))
    with pytest.raises(ConfigError, match=r"There is no folder .*/theirs, .*make one with: a4p init .*/theirs"):
        load()


@pytest.mark.parametrize(
    ("files", "place", "says"),
    [
        (
            {"missions.yaml": "UNMISS: {name: M, repots: true}\n"},
            "missions.yaml:1",
            "'UNMISS.repots' is not known here",
        ),
        ({"cycles.yaml": "cycles:\n- {number: 5, start: 2023-11-01, end: 2024-10-31}\n"}, "cycles.yaml:", "overlaps"),
        (
            {"cycles.yaml": "cycles:\n- {number: 12, start: 2027-11-01, end: 2027-05-01}\n"},
            "cycles.yaml:2",
            "ends before",
        ),
        (
            {"cycles.yaml": "cycles:\n- {number: 99, start: 2020-11-01, end: 2020-12-01}\n"},
            "cycles.yaml:",
            "is not in order with cycle",
        ),
        (
            {"cycles.yaml": "cycles:\n" + "- {number: 12, start: 2027-05-01, end: 2027-10-31}\n" * 2},
            "cycles.yaml:3",
            "stands here twice",
        ),
        ({"countries.yaml": "XYZ: {m49: 004, name: New}\n"}, "countries.yaml:1", "XYZ has the M49 code 004 of AFG"),
        ({"a4p.yaml": "version: 99.0\n"}, "a4p.yaml:1", "written for version 99.0, and this is"),
        ({"a4p.yaml": "version: new\n"}, "a4p.yaml:1", "such as 0.6.0"),
        ({"sources/hospitals.yaml": CONTRACT}, "sources/hospitals.yaml:1", "must be named as its file, 'hospitals'"),
        ({"corrections.yaml": "a: 1\n"}, "corrections.yaml:1", "this file is a list"),
        ({"disclosure.yaml": "- a\n"}, "disclosure.yaml:1", "begin each with 'table_name:'"),
    ],
)
def test_a_mistake_is_told_with_the_users_file_and_line(
    tmp_path: Path, files: Mapping[str, str], place: str, says: str
) -> None:
    with pytest.raises(ConfigError) as error:
        load(folder(tmp_path, files))
    assert f"{tmp_path}/{place}" in str(error.value)
    assert says in str(error.value)


def test_what_an_older_folder_says_wrongly_names_its_version(tmp_path: Path) -> None:
    mistaken = {"missions.yaml": "UNMISS: {name: M, repots: true}\n"}
    with pytest.raises(ConfigError) as error:
        load(folder(tmp_path, {**mistaken, "a4p.yaml": "version: 0.5.0\n"}))
    assert "was written for version 0.5.0, and this is" in str(error.value)
    assert "CHANGELOG.md says what has changed" in str(error.value)


def test_the_shipped_folder_is_not_laid_over_itself() -> None:
    assert len(roots(Path(load.__code__.co_filename).parent)) == 1
