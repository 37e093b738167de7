"""Names are understood as people write them; where there is none, what is near is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config import ConfigError, load
from config.dated import Formerly
from config.near import did_you_mean
from flows.core import names

CONFIG = load()
CYCLE = CONFIG.cycle(5)
THERE = ["fatalities_malicious", "fatalities_malicious_share", "fatalities_total", "sea_allegations_2023"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("UNIFIL", "UNIFIL"),
        ("unifil", "UNIFIL"),
        (" Unfil ", "UNIFIL"),
        ("all", "ALL"),
        ("unmis", "UNMIS"),
        ("unavem-ii", "UNAVEM II"),
        ("United Nations Interim Force in Lebanon", "UNIFIL"),
    ],
)
def test_a_mission_is_known_in_small_letters_and_by_its_aliases(said: str, meant: str) -> None:
    assert names.mission(said, CONFIG) == meant


def test_of_missions_that_are_as_near_those_are_told_that_report() -> None:
    with pytest.raises(ConfigError, match=r"There is no mission 'UNMISX'; did you mean UNMISS or UNMIK\? All of them"):
        names.mission("UNMISX", CONFIG)
    with pytest.raises(ConfigError, match=r"There is no mission 'ATLANTIS'; all of them stand in config/missions"):
        names.mission("ATLANTIS", CONFIG)
    with pytest.raises(ConfigError, match="There is no mission 'ALL'"):
        names.mission("ALL", CONFIG, whole=False)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("fatalities_total", "fatalities_total"),
        ("Fatalities-Total", "fatalities_total"),
        ("deaths in peacekeeping operations", "fatalities_total"),
    ],
)
def test_a_figure_is_known_in_any_letters_and_by_its_title(said: str, meant: str) -> None:
    assert names.figure(said, THERE, CONFIG, CYCLE) == meant


def test_a_figure_is_known_by_the_name_that_it_had_long_after_it_was_renamed() -> None:
    renamed = CONFIG.figures["fatalities_total"].model_copy(update={"formerly": Formerly(name="deaths", to_cycle=1)})
    config = replace(CONFIG, figures={**CONFIG.figures, "fatalities_total": renamed})
    assert names.figure("deaths", THERE, config.of_cycle(5), CYCLE) == "fatalities_total"
    # and in a release of before by the new one
    assert names.figure("fatalities_total", ["deaths"], config.of_cycle(5), CYCLE) == "deaths"


def test_figures_that_are_near_are_told() -> None:
    with pytest.raises(ConfigError, match=r"^There is no figure 'malicious'; did you mean fatalities_malicious or "):
        names.figure("malicious", THERE, CONFIG, CYCLE)
    with pytest.raises(ConfigError, match=r"did you mean fatalities_total\? See them with: a4p figures --cycle 5$"):
        names.figure("fatalites_total", THERE, CONFIG, CYCLE)
    with pytest.raises(ConfigError, match=r"^There is no figure 'zebra'; see them with: a4p figures --cycle 5$"):
        names.figure("zebra", THERE, CONFIG, CYCLE)


def test_sources_and_their_tables() -> None:
    assert names.source("NOTICAS", CONFIG) == "noticas"
    assert names.source("Notifications of casualties", CONFIG) == "noticas"
    assert names.source_table("SOFA-SOMA", "mission_report", CONFIG) == "sofa_soma"
    with pytest.raises(ConfigError, match=r"There is no source 'notica'; did you mean noticas\? The sources are "):
        names.source("notica", CONFIG)
    with pytest.raises(ConfigError, match=r"There is no table 'sofa_som'; did you mean sofa_soma\?"):
        names.source_table("sofa_som", "mission_report", CONFIG)
    with pytest.raises(ConfigError, match=r"There is no source 'notica'; did you mean noticas\? The sources are "):
        CONFIG.contract("notica")


def test_at_most_three_are_told_and_those_that_are_alike_first() -> None:
    there = ["fatalities_total", "missions_total", "totals", "eo_total", "zzz"]
    assert did_you_mean("total", there) == "did you mean totals, eo_total or fatalities_total?"
    assert did_you_mean("q", ["abc", "q_1"]) == ""
