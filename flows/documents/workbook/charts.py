"""The charts of the report's sections as Excel's own. One whose table is absent or empty is left out."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from config import Config, Cycle
from flows.documents.charts import Alone, Beside, Chart, Columns
from flows.documents.page.model import Notes, Release
from flows.documents.page.priorities import TOPICS
from flows.documents.workbook import drawing
from flows.documents.workbook.drawing import Cells, Drawn, Value
from flows.documents.workbook.pages import Page, number_format
from transforms.rounding import decimals_shown


def of(
    config: Config, cycle: Cycle, pages: Mapping[str, Page], figures: pl.DataFrame | None, workings: str
) -> tuple[Drawn, list[str]]:
    """Return the charts, and in words those that there is nothing to draw for.

    In: the pages of the curated tables by table, the table `figures`, the name of the sheet for the charts' data.
    """
    tables = {name: page.frame for name, page in pages.items()}
    release = Release(config, cycle, tables if figures is None else {**tables, "figures": figures})
    drawn, left_out = Drawn(workings), []
    for block in (block for topics in TOPICS.values() for topic in topics for block in topic.blocks):
        if block.chart is None:
            continue
        chart = block.chart(release, Notes(""))
        if chart is None or chart.alone is None or not chart.bars.categories:
            left_out.append(block.what)
        else:
            drawn.charts.append(_excel(chart, chart.alone, pages[chart.alone.table], drawn))
    return drawn, left_out


def _excel(chart: Chart, alone: Alone, page: Page, drawn: Drawn) -> drawing.Chart:
    upright = isinstance(chart.drawing, Columns | Beside)
    stacked = len(chart.legend) > 0 and not isinstance(chart.drawing, Beside)
    total = stacked and upright
    there = _on_its_sheet(chart, alone, page)
    return drawing.Chart(
        alone.title,
        "column" if upright else "bar",
        there or _placed(chart, alone, drawn, total=total),
        chart.bars.colours,
        " ".join(part for part in (alone.before, f"Source: {chart.source}.", alone.after) if part),
        page.sheet,
        names=chart.bars.names if there else (),
        stacked=stacked,
        total=total,
        form=_form(chart, alone),
        labelled=not total,
    )


def _form(chart: Chart, alone: Alone) -> str:
    """Return how Excel writes the numbers: counts, or percentages, of which none looks like none or all and is not."""
    if alone.decimals is None:
        return "#,##0"
    known = [value for value in chart.bars.values.values() if value is not None]
    return number_format("0", max(decimals_shown(value, alone.decimals, "percent") for value in known))


def _on_its_sheet(chart: Chart, alone: Alone, page: Page) -> Cells | None:
    """Return the cells of the table's own sheet in which the numbers stand row by row; None where they do not."""
    bars, columns = chart.bars, page.frame.columns
    if not alone.reads or not set(alone.reads) <= set(columns):
        return None
    wanted = [(bar, *(bars.values.get((bar, series)) for series in bars.series)) for bar in bars.categories]
    rows = page.frame.select(alone.reads).rows()
    first = next((at for at in range(len(rows)) if rows[at : at + len(wanted)] == wanted), None)
    if first is None:
        return None
    category, *series = map(columns.index, alone.reads)
    return Cells(page.sheet, 0, first + 1, first + len(wanted), category, tuple(series))


def _placed(chart: Chart, alone: Alone, drawn: Drawn, *, total: bool) -> Cells:
    """Place a block of the numbers: a row a category, a column a series, and the totals in a last one if asked for."""
    bars, rows = chart.bars, []
    # a target that is not stated is no zero
    at = (lambda *key: bars.values.get(key)) if isinstance(chart.drawing, Beside) else bars.at
    for bar in bars.categories:
        values: list[Value] = [at(bar, series) for series in bars.series]
        rows.append([bar, *values, *([bars.total(bar)] if total else [])])
    return drawn.place(alone.title, (chart.heading, *bars.names, *(["All"] if total else [])), rows)
