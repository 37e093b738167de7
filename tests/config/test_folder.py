"""The configuration folder that `a4p init` writes, and what `a4p config` says of one."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from config import ConfigError, load
from config.folder import ENTRIES, overview, start
from config.layers import roots


def test_a_new_folder_changes_nothing_and_carries_its_version(tmp_path: Path) -> None:
    written = start(tmp_path / "mine")
    assert load(tmp_path / "mine") == load()
    assert {path.parent.name for path in written} == {"mine", "sources", "published", "tables", "rules"}
    assert f"version: {version('a4p-pipeline')}\n" in (tmp_path / "mine/a4p.yaml").read_text()


@pytest.mark.parametrize("name", ENTRIES)
def test_its_example_is_right(tmp_path: Path, name: str) -> None:
    start(tmp_path / "mine")
    file = tmp_path / "mine" / name
    lines = file.read_text(encoding="utf-8").partition("An example:\n#\n")[2].splitlines()
    channels = "channels: {coordinator: 'json://localhost'}\n" if name == "alerts.yaml" else ""
    file.write_text(channels + "\n".join(line.removeprefix("# ") for line in lines) + "\n", encoding="utf-8")
    assert load(tmp_path / "mine") != load()


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="is not empty; name a new folder"):
        start(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_the_overview_says_what_is_whose(tmp_path: Path) -> None:
    shipped = {file.name: file.shipped for file in overview(roots())}
    assert shipped["figures.yaml"] == len(load().figures)
    assert (shipped["cycles.yaml"], shipped["sources"]) == (len(load().cycles), len(load().contracts))
    start(tmp_path / "mine")
    (tmp_path / "mine/missions.yaml").write_text("UNIFIL: {name: Mine, reports: true}\nATLANTIS: {name: New}\n")
    (tmp_path / "mine/cycles.yaml").write_text("cycles:\n- {number: 12, start: 2027-05-01, end: 2027-10-31}\n")
    files = {file.name: file for file in overview(roots(tmp_path / "mine"))}
    assert files["missions.yaml"].own == {"UNIFIL": "mine/missions.yaml:1", "ATLANTIS": "mine/missions.yaml:2"}
    assert files["missions.yaml"].shipped == shipped["missions.yaml"] - 1
    assert files["cycles.yaml"].own == {"12": "mine/cycles.yaml:2"}
    assert not any(file.own for name, file in files.items() if name not in {"missions.yaml", "cycles.yaml"})
