"""Priority 7: cooperation with host country."""

from __future__ import annotations

from typing import Literal

from flows.core.wording import listed, sentence
from flows.documents import words
from flows.documents.page.cells import NONE, mission_headings, value
from flows.documents.page.model import Cell, Grid, Notes, Release, Row
from flows.documents.page.topics import Block, Topic

# arrows and dots say the level by their number, colour underlines it, and the word stands beside them
_IMPACTS: dict[str, tuple[str, Literal["low", "medium", "high"]]] = {
    "No/Low": ("▶", "low"),
    "Medium": ("▶▶", "medium"),
    "High": ("▶▶▶", "high"),
}
_CONTRIBUTIONS = {"No to little": "●○○", "Medium": "●●○", "Significant": "●●●"}
_STATUSES = {"New": ("+", "New"), "Update/Enhance": ("↑", "Updated or enhanced"), "On-going": ("→", "On-going")}


def _agreements(release: Release, notes: Notes) -> Grid | None:
    rows = release.rows("sofa_soma_incidents")
    if not rows:
        return None
    impacts = ("impact_civilian_movement", "impact_uniformed_movement", "impact_mandated_tasks")
    lines = []
    for row in sorted(rows, key=lambda row: str(row["mission"])):
        lines.append(
            (
                Cell(row["mission"]),
                Cell(row["agreement"] if row["agreement"] not in (None, "none") else "–"),
                _incidents(row, "new_incidents", notes),
                _incidents(row, "total_incidents", notes),
                *(_impact(row, impact) for impact in impacts),
            )
        )
    return Grid(
        "p7-agreements",
        "Incidents under agreements with host states, and their impact on missions",
        (
            "Mission",
            "Agreement",
            "New incidents in the cycle",
            "All unresolved incidents",
            "Impact on movement of civilian personnel",
            "Impact on movement of uniformed personnel",
            "Impact on mandated tasks",
        ),
        tuple(lines),
        note="SOFA: status-of-forces agreement. SOMA: status-of-mission agreement. ▶ no or low impact, "
        "▶▶ medium impact, ▶▶▶ high impact.",
        source="A4P+ reporting / SAGE",
        stacked=True,
    )


def _incidents(row: Row, column: str, notes: Notes) -> Cell:
    status = row[f"{column}_obs_status"]
    if row[column] is not None:
        return value(row[column], status, notes)
    if status == "M":
        return Cell("No SOFA/SOMA", kind="absent")
    return Cell(sentence(words.ABSENT.get(status, "–")), notes.of_status(status), "absent")


def _impact(row: Row, column: str) -> Cell:
    impact = row[column]
    if impact is None:
        no_agreement = row["new_incidents_obs_status"] == "M"
        unsent = row["new_incidents_obs_status"] == "O"
        return NONE if no_agreement or unsent else Cell("none reported", kind="absent")
    symbol, tone = _IMPACTS.get(impact, ("", "medium"))
    return Cell(impact, symbol=symbol, tone=tone)


def _mechanisms(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("coordination_mechanisms"), key=lambda row: (str(row["mission"]), str(row["mechanism"])))
    if not rows:
        return None
    missions = [row["mission"] for row in rows]
    without = [one for one in release.config.reporting_missions if one not in missions]
    formal = {True: "Formal", False: "Informal"}
    none_known = f" No mechanism is known of {listed(without)}." if without else ""
    return Grid(
        "p7-mechanisms",
        "Mechanisms of coordination with the host state, their status and contribution",
        ("Mission", "Mechanism", "Formal or informal", "Status", "Contribution to cooperation"),
        tuple(
            (
                mission,
                Cell(row["mechanism"]),
                Cell(formal[row["formal"]]) if row["formal"] in formal else NONE,
                _status(row["status"]),
                _contribution(row["contribution"]),
            )
            for mission, row in zip(mission_headings(missions), rows, strict=True)
        ),
        note="Contribution: ●○○ no to little, ●●○ medium, ●●● significant." + none_known,
        source="A4P+ reporting",
        stacked=True,
    )


def _status(status: str | None) -> Cell:
    if status is None:
        return NONE
    symbol, name = _STATUSES.get(status, ("", status))
    return Cell(name, symbol=symbol, kind="" if symbol else "absent")


def _contribution(contribution: str | None) -> Cell:
    if contribution is None:
        return NONE
    symbol = _CONTRIBUTIONS.get(contribution, "")
    return Cell(contribution, symbol=symbol, kind="" if symbol else "absent")


TOPICS = (
    Topic(
        "agreements",
        "Agreements with host states",
        ("sofa_soma_incidents",),
        (Block("incidents under agreements with host states", "mission_report", _agreements),),
    ),
    Topic(
        "coordination",
        "Coordination with host states",
        ("coordination_mechanisms",),
        (Block("mechanisms of coordination", "mission_report", _mechanisms),),
    ),
)
