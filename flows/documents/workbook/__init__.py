"""The workbook for authors: a release as one Excel file, with sentences, tables that know their fields, and charts.

from flows.documents import workbook
xlsx = workbook.render(config, config.cycle(5), "provisional", ["Hospitals: nothing has been received."], tables)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from config import Config, Cycle
from flows.documents.workbook import charts, contents, figures, pages
from flows.documents.workbook.book import Book
from flows.documents.workbook.drawing import draw

__all__ = ["book", "render"]


def render(
    config: Config,
    cycle: Cycle,
    status: str,
    missing: Sequence[str],
    tables: Mapping[str, pl.DataFrame],
    up_to: date | None = None,
) -> bytes:
    """Return a release's workbook.

    In: `status`, final or provisional; `missing`, what is not in, one sentence each; `tables`, the curated tables with
    `figures`, `findings` and `submissions`, any of which may be absent or empty; the day up to which data are counted,
    where that is before the cycle's end. Out: an xlsx file without macros and without any address outside it, in which
    NUMBER stands for the release's name. The same input gives the same bytes.
    """
    names = pages.Names()
    front = names.of("Contents")
    said = pages.Page(names.of("Figures"), "figures", figures.sentences(config, cycle, tables.get("figures")))
    gallery, workings = names.of("Charts"), names.of("Chart data")
    checks = pages.checks(names, tables)
    curated = pages.curated(names, tables)
    drawn, left_out = charts.of(config, cycle, {page.table: page for page in curated}, tables.get("figures"), workings)

    book = Book(cycle, status)
    every = [front, said.sheet, gallery, *(page.sheet for page in curated)]
    every += [*([workings] if drawn.blocks else []), *(page.sheet for page in checks)]
    for sheet in every:
        book.add(sheet)
    contents.write(book, front, config, missing, up_to, [said, *curated, *checks], gallery, workings, drawn)
    figures.write(book, said)
    for page in (*curated, *checks):
        pages.write(book, page)
    draw(book, gallery, workings, drawn, left_out)
    return book.bytes()
