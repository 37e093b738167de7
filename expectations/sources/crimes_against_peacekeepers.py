"""Business rules of the crimes against peacekeepers: each step from the report to the conviction is of the one before.

They are warnings, since justice may take its steps in another order: a trial in absentia is of no one detained.
"""

from __future__ import annotations

from expectations.common import at_least
from expectations.rule import Rule, Setting, on


def _part_of(part: str, whole: str) -> Rule:
    return Rule(
        "",
        at_least(whole, part, "warning"),
        part,
        others={"whole": whole},
    )


@on("crimes")
def investigated_cases_are_of_those_reported(setting: Setting) -> Rule:
    """The report tells the share of reported cases that the host state investigates (5th report, Priority 4)."""
    return _part_of("cases_investigated", "cases_reported")


@on("crimes")
def detained_perpetrators_are_of_those_identified(setting: Setting) -> Rule:
    """The report tells the share of identified alleged perpetrators who are detained."""
    return _part_of("perpetrators_detained", "perpetrators_identified")


@on("crimes")
def tried_perpetrators_are_of_those_detained(setting: Setting) -> Rule:
    """The report tells the share of detained alleged perpetrators who are brought to trial."""
    return _part_of("perpetrators_tried", "perpetrators_detained")


@on("crimes")
def convicted_perpetrators_are_of_those_tried(setting: Setting) -> Rule:
    """Nobody is convicted without a trial."""
    return _part_of("perpetrators_convicted", "perpetrators_tried")
