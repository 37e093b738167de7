"""The sections of the page by priority, and the figures that stand large at its top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flows.report import figures
from flows.report.charts import Chart
from flows.report.figures import FigureLine
from flows.report.model import Grid, Notes, Release
from flows.report.priorities import BLOCKS
from flows.report.words import listed, sentence

PRIORITIES = {
    1: "Collective coherence behind a political strategy",
    2: "Strategic and operational integration",
    3: "Capabilities and mindsets",
    4: "Accountability to peacekeepers",
    5: "Accountability of peacekeepers",
    6: "Strategic communications",
    7: "Cooperation with host country",
}
# the figures that stand large at the top, where the release has them
KEY_FIGURES = (
    "approved_mission_plans",
    "conduct_discipline_trainings",
    "fatalities_malicious",
    "sea_allegations_{year}",
    "serious_misconduct_{year}",
    "new_sofa_incidents_reported",
)


@dataclass(frozen=True)
class Section:
    """A section of one priority."""

    number: int
    title: str
    figures: tuple[FigureLine, ...]
    blocks: tuple[Chart | Grid, ...]
    absent: tuple[str, ...]
    notes: Notes


def sections(release: Release) -> tuple[Section, ...]:
    """Return the sections that have something to show, by priority."""
    made = (_section(release, priority, title) for priority, title in PRIORITIES.items())
    return tuple(section for section in made if section.figures or section.blocks or section.absent)


def key_figures(release: Release, made: Sequence[Section]) -> tuple[FigureLine, ...]:
    """Return the figures that stand large at the top of the page."""
    lines = {line.name: line for section in made for line in section.figures if line.has_value}
    templates = {name: known[0] for name in lines if (known := release.definition(name))}
    return tuple(lines[name] for key in KEY_FIGURES for name, template in templates.items() if template == key)


def _section(release: Release, priority: int, title: str) -> Section:
    notes = Notes(f"p{priority}")
    own = [row for row in release.rows("figures") if figures.is_of(release, row["figure"], priority)]
    lines = figures.figure_lines(release, own, notes)  # first, so that their footnotes are the first
    blocks: list[Chart | Grid] = []
    absent: dict[str, list[str]] = {}
    for what, source, draw in BLOCKS.get(priority, ()):
        block = draw(release, notes)
        if block is None:
            absent.setdefault(source, []).append(what)
        else:
            blocks.append(block)
    by_mission = figures.by_mission(release, priority, own)
    return Section(
        priority,
        title,
        lines,
        (*blocks, *([by_mission] if by_mission else [])),
        tuple(
            f"{sentence(listed(what))}: no data in this release. "
            f"The source is missing or has sent nothing that could be used: {release.source(source)}."
            for source, what in absent.items()
        ),
        notes,
    )
