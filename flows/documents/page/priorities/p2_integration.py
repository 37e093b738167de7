"""Priority 2: strategic and operational integration."""

from __future__ import annotations

from flows.documents.page.cells import NONE, yes_no
from flows.documents.page.model import Cell, Grid, Notes, Release
from flows.documents.page.topics import Block, Topic


def _checklist(release: Release, notes: Notes) -> Grid | None:
    plans = {row["mission"]: (row["approved_plan"], row["obs_status"]) for row in release.rows("mission_plans")}
    assessments = {
        row["mission"]: (row["impact_assessment"], row["obs_status"]) for row in release.rows("cpas_impact_assessments")
    }
    if not plans and not assessments:
        return None
    before = {
        row["mission"]: bool(row["previous"])
        for row in release.rows("figures")
        if row["figure"] == "cpas_impact_assessments" and row["mission"] != "ALL" and row["previous"] is not None
    }
    number = release.cycle.number

    def answered(row: tuple[bool | None, str] | None) -> Cell:
        answer, status = row or (None, "O")
        return yes_no(answer, notes, status)

    return Grid(
        "p2-checklist",
        "Mission plans and CPAS impact assessments by mission",
        (
            "Mission",
            "Approved mission plan",
            *([f"CPAS impact assessment, cycle {number - 1}"] if before else []),
            f"CPAS impact assessment, cycle {number}",
        ),
        tuple(
            (
                Cell(mission),
                answered(plans.get(mission)),
                *([yes_no(before[mission], notes) if mission in before else NONE] if before else []),
                answered(assessments.get(mission)),
            )
            for mission in sorted({*plans, *assessments})
        ),
        note="CPAS: the Comprehensive Planning and Performance Assessment System.",
        source="A4P+ reporting",
    )


def _integration(release: Release, notes: Notes) -> Grid | None:
    rows = sorted(release.rows("integration"), key=lambda row: str(row["mission"]))
    if not rows:
        return None
    return Grid(
        "p2-integration",
        "Degree of integration and joint programming by mission, as missions report it",
        ("Mission", "Integrated, or with a functioning coordination mechanism", "Joint programming in the cycle"),
        tuple(
            (Cell(row["mission"]), yes_no(row["integrated"], notes), yes_no(row["joint_programming"], notes))
            for row in rows
        ),
        source="A4P+ reporting",
    )


TOPICS = (
    Topic(
        "plans",
        "Integration across mission units",
        ("mission_plans", "cpas_impact_assessments"),
        (Block("mission plans and impact assessments", "mission_report", _checklist),),
    ),
    Topic(
        "integration",
        "Integration with other UN entities",
        ("integration",),
        (Block("integration and joint programming", "mission_report", _integration),),
    ),
)
