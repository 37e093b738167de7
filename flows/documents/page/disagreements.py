"""What the sources state of their own data and their rows do not bear out, for the topic whose figures it touches."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flows.core.wording import counted
from flows.documents.page import provenance, quality
from flows.documents.page.model import Release, Row
from flows.documents.page.topics import Topic
from transforms import catalogue

_RULE = (
    r"^(stated_figure_is_that_of_the_rows|.+_of_the_total_row_is_the_sum|.+_is_the_sum_of_its_parts|.+_is_that_share"
    r"|period_.+_is_of_the_cycle|.*days_fit_into_the_cycle)$"
)


@dataclass(frozen=True)
class Disagreement:
    """One statement of a source that its own rows do not bear out."""

    source: str
    title: str
    message: str
    place: str


def of_topic(release: Release, topic: Topic) -> tuple[Disagreement, ...]:
    """Return the disagreements in the source tables that a topic is made from."""
    findings = release.frame("findings")
    if findings is None:
        return ()
    own = pl.col("table").is_in(sorted(_source_tables(release, topic)))
    said: dict[tuple[str, str, str], list[Row]] = {}
    for row in findings.filter(own, pl.col("rule").str.contains(_RULE)).iter_rows(named=True):
        key = (str(row["source"]), str(row["mission"] or ""), str(row["message"]))
        said.setdefault(key, []).append(row)
    return tuple(_disagreement(release, key[0], rows) for key, rows in sorted(said.items()))


def _disagreement(release: Release, source: str, rows: list[Row]) -> Disagreement:
    first = quality.first_of(rows)
    contract = release.config.contracts.get(source)
    place = quality.place(first)
    more = f", and {counted(len(rows) - 1, 'more place')}" if len(rows) > 1 else ""
    mission = f"{first['mission']}: " if first["mission"] else ""
    return Disagreement(
        source,
        f"{contract.title} ({contract.owner})" if contract else source,
        f"{mission}{first['message'] or ''}",
        f"{place}{more}" if place else "",
    )


def _source_tables(release: Release, topic: Topic) -> frozenset[str]:
    """Return the source tables behind a topic's tables, and those in which sources state its figures."""
    made_from = frozenset[str]().union(*(catalogue.staged_for(table) for table in topic.tables))
    figures = [figure for figure in release.config.figures.values() if figure.table in topic.tables]
    return made_from.union(*(provenance.staged_tables(release, figure) for figure in figures))
