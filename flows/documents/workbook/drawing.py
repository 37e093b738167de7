"""Excel's own charts: what one is made of, the blocks of cells that some read, and how they are put on their sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from xlsxwriter.worksheet import Worksheet

from flows.documents.charts import DEEP, GRID, INK, MUTED, on
from flows.documents.workbook.book import CONTENTS, Book, address, put

Value = str | int | float | None
_WIDTH, _HEIGHT = 640, 360  # pixels: ten columns and eighteen rows
_COLUMNS, _ROWS = 10, 18
_ABREAST = 2


@dataclass(frozen=True)
class Block:
    """Rows added up for one chart: a title, a header, rows whose first cell is the category."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Cells:
    """The cells that a chart reads: rows of a sheet, the column of the categories, and one of each series."""

    sheet: str
    header: int
    first: int
    last: int
    category: int
    series: tuple[int, ...]

    def column(self, at: int) -> list[Any]:
        """Return the cells of a column, as a chart names them."""
        return [self.sheet, self.first, at, self.last, at]


@dataclass(frozen=True)
class Chart:
    """A chart: what it says, the cells it reads, a colour for each series.

    `names` are those of the series, the header cells where there are none. With `total`, the last series is written
    above the bars and not drawn.
    """

    title: str
    kind: Literal["column", "bar", "line"]
    cells: Cells
    colours: tuple[str, ...]
    said: str
    table: str
    names: tuple[str, ...] = ()
    stacked: bool = False
    total: bool = False
    form: str = "#,##0"
    labelled: bool = True


@dataclass
class Drawn:
    """The charts of a workbook, and the blocks on the sheet of their data, one under the other."""

    sheet: str
    charts: list[Chart] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def place(self, title: str, header: Sequence[str], rows: Sequence[Sequence[Value]]) -> Cells:
        """Add a block and return its cells."""
        top = sum(len(block.rows) + 3 for block in self.blocks) + 1
        self.blocks.append(Block(title, tuple(header), tuple(tuple(row) for row in rows)))
        return Cells(self.sheet, top, top + 1, top + len(rows), 0, tuple(range(1, len(header))))


def draw(book: Book, gallery: str, workings: str, drawn: Drawn, left_out: Sequence[str]) -> None:
    """Write the sheet of the charts, and the one of their data where any needs it."""
    if drawn.blocks:
        _blocks(book, workings, drawn.blocks)
    page = book.sheet(gallery)
    page.hide_gridlines(2)
    page.set_tab_color(DEEP)
    page.set_column(0, 0, 2)
    page.set_row(0, 28)
    page.write_string(0, 1, "Charts", book.format(bold=True, font_size=18, font_color=DEEP, valign="vcenter"))
    page.write_url(0, 4, address(CONTENTS), _link(book), "◂ Contents")
    step = _ROWS + 4
    for at, chart in enumerate(drawn.charts):
        down, right = divmod(at, _ABREAST)
        _put(book, page, chart, 2 + down * step, 1 + right * (_COLUMNS + 1))
    down = -(-len(drawn.charts) // _ABREAST)
    row = 2 + down * step
    if left_out:
        said = f"Not drawn, since this release has no data for them: {'; '.join(left_out)}."
        wide = _ABREAST * (_COLUMNS + 1) - 1
        page.merge_range(row, 1, row, wide, "", book.format(text_wrap=True, font_color=MUTED))
        page.write_string(row, 1, said, book.format(text_wrap=True, font_color=MUTED))
        page.set_row(row, 15.5 * (1 + len(said) // 170))
    page.set_h_pagebreaks([2 + step * at for at in range(2, down, 2)])
    page.print_area(0, 0, row, _ABREAST * (_COLUMNS + 1) - 1)
    book.for_print(gallery, f"{book.title}: charts", header_rows=False)


def _put(book: Book, page: Worksheet, chart: Chart, row: int, column: int) -> None:
    page.insert_chart(row, column, _chart(book, chart), {"description": f"{chart.title}. {chart.said}"})
    under, last = row + _ROWS, column + _COLUMNS - 1
    page.merge_range(under, column, under, last, "", book.format(text_wrap=True, font_color=MUTED, font_size=9))
    page.write_string(under, column, chart.said, book.format(text_wrap=True, font_color=MUTED, font_size=9))
    page.set_row(under, 26)
    page.write_url(under + 1, column, address(chart.table), _link(book), f"Table: {chart.table}")


def _link(book: Book) -> Any:
    return book.format(font_color=DEEP, underline=1, font_size=9, valign="vcenter")


def _blocks(book: Book, workings: str, blocks: Sequence[Block]) -> None:
    page = book.sheet(workings)
    page.set_column(0, 0, 34)
    page.set_column(1, 12, 21)
    header = {"bold": True, "font_color": "#ffffff", "bg_color": DEEP}
    row = 0
    for block in blocks:
        page.write_string(row, 0, block.title, book.format(bold=True, font_size=12, font_color=DEEP))
        for column, name in enumerate(block.header):
            style = book.format(**header, align="right" if column else "left")
            page.write_string(row + 1, column, name, style)
        for at, values in enumerate(block.rows, start=row + 2):
            for column, value in enumerate(values):
                looks = {"align": "left"} if column == 0 else {"num_format": "#,##0"}
                put(page, at, column, value, book.format(**looks))
        row += len(block.rows) + 3
    book.for_print(workings, f"{book.title}: data of the charts", header_rows=False)


def _chart(book: Book, chart: Chart) -> Any:
    made = book.chart(chart.kind, "stacked" if chart.stacked else None)
    shown = chart.cells.series[:-1] if chart.total else chart.cells.series
    for at, column in enumerate(shown):
        made.add_series(_series(chart, at, column, alone=len(shown) == 1))
    words = {"size": 9, "color": MUTED}
    upright = chart.kind != "bar"
    made.set_title({"name": chart.title, "overlay": False, "name_font": {"size": 12, "bold": True, "color": INK}})
    made.set_size({"width": _WIDTH - 8, "height": _HEIGHT - 8})
    made.set_chartarea({"border": {"none": True}})
    categories = {"num_font": words, "line": {"color": GRID}, "major_tick_mark": "none", "reverse": not upright}
    scale: dict[str, Any] = {"num_font": words, "num_format": "#,##0", "line": {"none": True}, "min": 0}
    scale |= {"major_tick_mark": "none", "major_gridlines": {"visible": upright, "line": {"color": GRID}}}
    scale["visible"] = upright
    made.set_x_axis(categories if upright else scale)
    made.set_y_axis(scale if upright else categories)
    if chart.total:
        totals = book.chart("line", None)
        totals.add_series(_total(chart, chart.cells.series[-1]))
        made.combine(totals)
    if len(shown) == 1:
        made.set_legend({"none": True})
    else:
        hidden: Mapping[str, Any] = {"delete_series": [len(shown)]} if chart.total else {}
        made.set_legend({"position": "bottom", "font": words, **hidden})
    return made


def _series(chart: Chart, at: int, column: int, alone: bool) -> dict[str, Any]:
    cells, colour = chart.cells, chart.colours[at]
    series: dict[str, Any] = {
        "name": chart.names[at] if chart.names else [cells.sheet, cells.header, column],
        "categories": cells.column(cells.category),
        "values": cells.column(column),
    }
    label: dict[str, Any] = {"value": True, "num_format": chart.form, "font": {"size": 9, "color": INK}}
    if chart.kind == "line":
        mark = {"type": "circle", "size": 6, "fill": {"color": colour}, "border": {"color": colour}}
        series |= {"line": {"color": colour, "width": 2.25}, "marker": mark}
        label["position"] = "above"
    else:
        series |= {"fill": {"color": colour}, "gap": 45}
        if chart.stacked:
            series["overlap"] = 100
            label |= {"position": "center", "num_format": f"{chart.form};;;"}  # no zeros in pieces that are not there
            label["font"] = {"size": 9, "color": on(colour)}
        else:
            series["overlap"] = -5 if not alone else 0
            label["position"] = "outside_end"
    return {**series, "data_labels": label} if chart.labelled else series


def _total(chart: Chart, column: int) -> dict[str, Any]:
    """Return the series that writes each total above its bar, and has no line of its own."""
    cells = chart.cells
    return {
        "name": [cells.sheet, cells.header, column],
        "categories": cells.column(cells.category),
        "values": cells.column(column),
        "line": {"none": True},
        "marker": {"type": "none"},
        "data_labels": {
            "value": True,
            "position": "above",
            "num_format": chart.form,
            "font": {"size": 9, "bold": True, "color": INK},
        },
    }
