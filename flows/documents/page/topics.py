"""Topics: the parts of a priority as the report prints them, each with its figures, charts and small tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flows.documents.charts import Chart
from flows.documents.page.model import Grid, Notes, Release

Draw = Callable[[Release, Notes], Chart | Grid | None]


@dataclass(frozen=True)
class Block:
    """A chart or small table: what it shows and of which source, for when there is nothing to show, and its making.

    `chart` makes the workbook's chart of it, where it has one: mostly it is the same function.
    """

    what: str
    source: str
    draw: Draw
    chart: Callable[[Release, Notes], Chart | None] | None = None


@dataclass(frozen=True)
class Topic:
    """A part of a priority. The figures counted on one of its `tables`, in this order, are its figures."""

    name: str
    title: str
    tables: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
