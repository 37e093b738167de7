"""A chart is defined once: what the page shows of it, the workbook shows too."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.utils import range_boundaries

from flows.documents import workbook
from flows.documents.charts import Alone, Bars, Beside, Chart, Columns, Series
from flows.documents.page import priorities, render, svg
from flows.documents.page.model import Notes, Release
from flows.documents.page.topics import Block, Topic
from tests.support.files import CONFIG, CYCLE
from tests.support.report_tables import MISSING, tables

TABLES = tables()
RELEASE = Release(CONFIG, CYCLE, TABLES)
DRAWN = [
    chart
    for topics in priorities.TOPICS.values()
    for topic in topics
    for block in topic.blocks
    if block.chart and (chart := block.chart(RELEASE, Notes(""))) and block.chart is block.draw
]


@pytest.fixture(scope="module")
def page() -> str:
    return render(CONFIG, CYCLE, "provisional", MISSING, TABLES)


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook.render(CONFIG, CYCLE, "provisional", MISSING, TABLES)))


def on_the_page(page: str, chart: str) -> tuple[list[tuple[str, str]], list[list[str]]]:
    """Return the legend of a chart, and the rows of its numbers."""
    figure = re.search(rf'<figure id="{chart}".*?</figure>', page, re.S)
    assert figure
    legend = re.findall(r'<i class="of-(\w+)"></i>([^<]*)</li>', figure[0])
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", figure[0], re.S)]
    return [(unescape(name), f"#{colour}") for colour, name in legend], [list(map(unescape, row)) for row in rows]


def in_the_workbook(book: Any, title: str) -> list[tuple[str, str, list[tuple[Any, Any]]]]:
    """Return the series of a chart: name, colour, and category and value of each bar."""
    (chart,) = [
        drawn
        for drawn in book["Charts"]._charts
        if "".join(run.t for paragraph in drawn.title.tx.rich.p for run in paragraph.r or []) == title
    ]
    made = []
    for series in chart.ser:
        name = series.tx.v or cells(book, series.tx.strRef.f)[0]
        categories = cells(book, (series.cat.strRef or series.cat.numRef).f)
        values = cells(book, series.val.numRef.f)
        colour = f"#{series.spPr.solidFill.srgbClr}".lower()
        made.append((name, colour, list(zip(categories, values, strict=True))))
    return made


def cells(book: Any, reference: str) -> list[Any]:
    sheet, place = reference.rsplit("!", 1)
    left, top, _, bottom = range_boundaries(place.replace("$", ""))
    return [book[sheet.strip("'")].cell(row, left).value for row in range(top, bottom + 1)]


@pytest.mark.parametrize("chart", DRAWN, ids=[chart.id for chart in DRAWN])
def test_page_and_workbook_draw_the_same(chart: Chart, page: str, book: Any) -> None:
    assert chart.alone
    legend, (_, *rows) = on_the_page(page, chart.id)
    series = in_the_workbook(book, chart.alone.title)
    if legend:
        assert [(name, colour) for name, colour, _ in series] == legend
    else:
        assert len(series) == 1
    bars = chart.bars
    assert len(bars.categories) > 1
    for (_, _, drawn), name in zip(series, bars.series, strict=True):
        assert [category for category, _ in drawn] == list(bars.categories)
        assert [value for _, value in drawn] == [bars.at(category, name) for category in bars.categories]
    # what the page writes under the chart is what both draw
    if not chart.rows:
        shown = [[cell.replace(",", "") for cell in row] for row in rows]
        wanted = [[bars.label(bar), *(f"{bars.at(bar, name):.0f}" for name in bars.series)] for bar in bars.categories]
        assert [row[: 1 + len(bars.series)] for row in shown] == wanted


def test_a_chart_with_its_section_is_added_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def chart(release: Release, notes: Notes) -> Chart | None:
        bars = Bars(["A", "B"], {"n": Series("Paths", "#0b4f7d")}, {("A", "n"): 3, ("B", "n"): None})
        alone = Alone("Paths by letter, alone", "hospitals", "Invented.")
        return Chart("p1-new", "Paths", "By letter", Columns(bars), "Nobody", "Letter", plain=True, alone=alone)

    topic = Topic("new", "A new section", (), (Block("paths", "hospitals", chart, chart),))
    monkeypatch.setitem(priorities.TOPICS, 1, (*priorities.TOPICS[1], topic))
    html = render(CONFIG, CYCLE, "provisional", MISSING, TABLES)
    assert "A new section" in html
    assert on_the_page(html, "p1-new")[1] == [["Letter", "Paths"], ["A", "3"], ["B", "0"]]
    written = openpyxl.load_workbook(io.BytesIO(workbook.render(CONFIG, CYCLE, "provisional", MISSING, TABLES)))
    assert in_the_workbook(written, "Paths by letter, alone") == [("Paths", "#0b4f7d", [("A", 3), ("B", 0)])]
    assert "Invented. Source: Nobody." in {cell.value for row in written["Charts"] for cell in row}


def test_the_page_refuses_what_it_cannot_draw() -> None:
    bars = Bars(["A"], {"n": Series("N", "#0b4f7d")}, {("A", "n"): 1})
    with pytest.raises(ValueError, match="p1-beside"):
        svg.picture(Chart("p1-beside", "", "", Beside(bars), "", ""))


def test_a_step_of_which_nothing_is_known_is_no_zero() -> None:
    unknown = TABLES["crimes_against_peacekeepers"].with_columns(perpetrators_tried=pl.lit(None, pl.Int64))
    release = Release(CONFIG, CYCLE, {**TABLES, "crimes_against_peacekeepers": unknown})
    (block,) = [block for block in priorities.p4_crimes.TOPICS[0].blocks if block.chart]
    assert block.chart
    made = block.chart(release, Notes(""))
    assert made
    assert "Alleged perpetrators tried" not in made.bars.categories
    assert "Alleged perpetrators convicted" in made.bars.categories
