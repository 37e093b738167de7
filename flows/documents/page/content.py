"""The sections of the page by priority and topic, and the figures that stand large at its top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from config import Figure
from flows.core.wording import listed, sentence
from flows.documents.charts import Chart
from flows.documents.page import disagreements, figures
from flows.documents.page.disagreements import Disagreement
from flows.documents.page.figures import FigureLine
from flows.documents.page.model import Grid, Notes, Release, Row
from flows.documents.page.priorities import TITLES, TOPICS
from flows.documents.page.svg import Picture, picture
from flows.documents.page.topics import Topic
from transforms.catalogue import staged_for

# the figures that stand large at the top, where the release has them
KEY_FIGURES = (
    "approved_mission_plans",
    "conduct_discipline_trainings",
    "fatalities_malicious",
    "sea_allegations",
    "serious_misconduct",
    "new_sofa_incidents_reported",
)


@dataclass(frozen=True)
class Part:
    """A topic of a priority, with what it has to show."""

    id: str
    title: str
    figures: tuple[FigureLine, ...]
    blocks: tuple[Picture | Grid, ...]
    absent: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True)
class Section:
    """A section of one priority."""

    number: int
    title: str
    parts: tuple[Part, ...]
    notes: Notes

    @property
    def figures(self) -> tuple[FigureLine, ...]:
        """The figures of all its parts."""
        return tuple(line for part in self.parts for line in part.figures)


def sections(release: Release) -> tuple[Section, ...]:
    """Return the sections that have something to show, by priority."""
    made = (_section(release, priority, title) for priority, title in TITLES.items())
    return tuple(section for section in made if section.parts)


def key_figures(release: Release, made: Sequence[Section]) -> tuple[FigureLine, ...]:
    """Return the figures that stand large at the top of the page."""
    lines = {line.name: line for section in made for line in section.figures if line.has_value}
    return tuple(lines[name] for name in KEY_FIGURES if name in lines)


def _section(release: Release, priority: int, title: str) -> Section:
    notes = Notes(f"p{priority}")
    own = figures.of_priority(release, priority)
    known = {table for topic in TOPICS.get(priority, ()) for table in topic.tables}
    # a figure that is new in figures.yaml shows before anybody has given it a place
    others = tuple(dict.fromkeys(definition.table for definition, _ in own if definition.table not in known))
    topics = [*TOPICS.get(priority, ()), *([Topic(f"more-{priority}", "More figures", others)] if others else [])]
    parts = [_part(release, topic, own, notes) for topic in topics]
    return Section(priority, title, tuple(part for part in parts if part.figures or part.blocks or part.absent), notes)


def _part(release: Release, topic: Topic, every: Sequence[tuple[Figure, Row]], notes: Notes) -> Part:
    own = [one for one in every if one[0].table in topic.tables]
    own.sort(key=lambda one: topic.tables.index(one[0].table))
    restated = {row["figure"]: row for row in release.rows("restatements") if row["mission"] == "ALL"}
    lines = figures.figure_lines(own, release, notes, restated)  # first, so that their footnotes are the first
    blocks: list[Picture | Grid] = []
    absent: dict[str, list[str]] = {}
    for block in topic.blocks:
        drawn = block.draw(release, notes)
        if drawn is None:
            absent.setdefault(block.source, []).append(block.what)
        else:
            blocks.append(picture(drawn) if isinstance(drawn, Chart) else drawn)
    by_mission = figures.by_mission(topic.name, own, release.cycle)
    return Part(
        topic.name,
        topic.title,
        lines,
        (*blocks, *([by_mission] if by_mission else [])),
        tuple(f"{sentence(listed(what))}: {_why(release, topic, source)}" for source, what in absent.items()),
        disagreements.of_topic(release, topic),
    )


def _why(release: Release, topic: Topic, source: str) -> str:
    """Say why there is nothing to show of a source: it is withheld, or it is missing."""
    staged = {name for table in topic.tables if table in release.left_out for name in staged_for(table)}
    contract = release.config.contracts.get(source)
    if contract and staged & set(contract.tables):
        return (
            "left out of this release, since small numbers that could point at people could be computed. "
            "The figures of the whole stay."
        )
    return (
        "no data in this release. "
        f"The source is missing or has sent nothing that could be used: {release.source(source)}."
    )
