"""The page of a release: one HTML file that opens offline, prints on A4 and says the report's figures in plain words.

from flows.documents.page import render
html = render(config, config.cycle(5), "provisional", ["noticas: nothing has been received"], tables)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from config import Config, Cycle
from flows.core.wording import day
from flows.documents.page import content, provenance, quality, received
from flows.documents.page.model import Release
from flows.documents.page.svg import Picture
from flows.documents.page.templates import dressed, template
from flows.documents.words import NUMBER, release_named

__all__ = ["changes", "index", "render", "sql_in_words"]


def render(
    config: Config,
    cycle: Cycle,
    status: str,
    missing: Sequence[str],
    tables: Mapping[str, pl.DataFrame],
    up_to: date | None = None,
    left_out: Sequence[str] = (),
    earlier: pl.DataFrame | None = None,
) -> str:
    """Return a release's page as HTML.

    In: `status`, final or provisional; `missing`, what is not in, one sentence each; `tables`, the curated tables with
    `figures`, and of those on the release's quality the ones that its readers may read; the day up to which data are
    counted, where that is before the cycle's end; `left_out`, those whose rows are withheld; `earlier`, the figures of
    the cycles before, as transforms.series has them. Any curated table that is absent or empty is said to be missing;
    without `findings` and `submissions` no file, row or finding is named. Out: one document without script and without
    any address to fetch, in which NUMBER stands for the release's name. The same input gives the same bytes.
    """
    release = Release(config, cycle, tables, left_out, earlier)
    sections = content.sections(release)
    lines = [(section, provenance.origins(release, section.figures)) for section in sections]
    blocks = [block for section in sections for part in section.parts for block in part.blocks]
    legends = [block.chart.legend for block in blocks if isinstance(block, Picture)]
    return template("page.html.j2").render(
        **dressed(colour for legend in legends for _, colour in legend if colour != "dashed"),
        cycle=cycle,
        start=day(cycle.start),
        end=day(cycle.end),
        status=status,
        named=release_named(NUMBER),
        up_to=up_to,
        missing=[_named(config, sentence) for sentence in missing],
        key_figures=content.key_figures(release, sections),
        sections=sections,
        origins=[(section.number, section.title, origins) for section, origins in lines if origins],
        quality=quality.by_source(release),
        mending=received.mending(release),
        matrices=received.matrices(release),
        mends=quality.mends(release),
        tells_files="submissions" in tables,
        known_sources=set(config.contracts),
        sources=list(config.contracts.values()),
        day=day,
        missions={code: mission.name for code, mission in config.missions.items()},
    )


def _named(config: Config, sentence: str) -> tuple[str, str]:
    """Give the source that a sentence begins with its title, for readers who do not know its name in the pipeline."""
    for source, contract in config.contracts.items():
        if sentence.startswith(source):
            return str(contract.title), sentence
    return "", sentence
