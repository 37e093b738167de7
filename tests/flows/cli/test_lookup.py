"""Figures are found as people ask for them: some of them, in any letters, by alias, with `latest`, or nearly right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.sharing import a4p

pytestmark = pytest.mark.slow


def test_only_the_figures_that_are_asked_for(released: Path) -> None:
    def asked(*options: str) -> list[tuple[str, str]]:
        code, out, err = a4p(released, "figures", "--cycle", "5", "--format", "json", *options)
        assert code == 0, err
        return [(row["figure"], row["mission"]) for row in json.loads(out)]

    assert asked("--figure", "Fatalities-Malicious", "--mission", "all") == [("fatalities_malicious", "ALL")]
    assert set(asked("--mission", "unfil")) == {row for row in asked() if row[1] == "UNIFIL"}
    assert [figure for figure, _ in asked("--priority", "2", "--mission", "ALL")] == [
        "approved_mission_plans",
        "cpas_impact_assessments",
        "integrated_missions",
        "joint_programming_missions",
    ]
    both = asked("--figure", "tpp_trainings", "--figure", "missions_total")
    assert both == [("missions_total", "ALL"), ("tpp_trainings", "ALL")]


def test_each_figure_has_its_title_once(released: Path) -> None:
    _, out, _ = a4p(released, "figures", "--cycle", "5", "--figure", "new_sofa_incidents_reported")
    lines = out.splitlines()
    assert lines[1].endswith("New SOFA and SOMA incidents reported")
    assert out.count("New SOFA and SOMA incidents reported") == 1 < len(lines) - 1
    assert out.endswith("\n")
    _, out, _ = a4p(released, "figures", "--cycle", "5", "--figure", "sea_allegations_2023")
    assert "2023" in out.splitlines()[1].rpartition("  ")[2]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (("figures",), ("--release", "latest")),
        (("explain", "missions_total"), ("--release", "LATEST", "--mission", "all")),
        (("history", "missions_total"), ()),
        (("diff", "R001", "latest"), ()),
        (("releases",), ()),
        (("reconcile",), ("--release", "latest")),
    ],
)
def test_latest_is_understood(released: Path, command: tuple[str, ...], options: tuple[str, ...]) -> None:
    code, out, err = a4p(released, *command, "--cycle", "latest", *options)
    assert code == 0, err
    by_number = [option.replace("LATEST", "r001").replace("latest", "r001") for option in options]
    assert out == a4p(released, *(one.replace("latest", "r001") for one in command), "--cycle", "5", *by_number)[1]


def test_latest_of_nothing(tmp_path: Path) -> None:
    code, _, err = a4p(tmp_path, "figures", "--cycle", "latest")
    assert (code, err) == (2, "No cycle has a release yet; make one with: a4p refresh --cycle N\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("figures", "--figure", "malicious"), "There is no figure 'malicious'; did you mean fatalities_malicious or "),
        (("figures", "--mission", "UNMISX"), "There is no mission 'UNMISX'; did you mean UNMISS or UNMIK?"),
        (("figures", "--priority", "8"), "There is no priority 8; they are 1, 2, 3, 4, 5, 6, 7."),
        (("figures", "--figure", "missions_total", "--mission", "UNMISS"), "No figure is of missions_total and UNMISS"),
        (("explain", "fatalites_total"), "There is no figure 'fatalites_total'; did you mean fatalities_total? See"),
        (("explain", "missions_total", "--mission", "unmiss"), "is not known for UNMISS; it is for ALL."),
        (("history", "fatalites_total"), "There is no figure 'fatalites_total'; did you mean fatalities_total? See"),
        (("history", "missions_total", "--mission", "unmiss"), "is not known for UNMISS; leave out --mission"),
        (("alerts", "--source", "notica"), "There is no source 'notica'; did you mean noticas? The sources are"),
    ],
)
def test_what_is_near_is_told(released: Path, arguments: tuple[str, ...], says: str) -> None:
    code, _, err = a4p(released, *arguments, "--cycle", "5")
    assert code == 2
    assert says in err
