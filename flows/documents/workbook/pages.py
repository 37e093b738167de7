"""The sheets that hold a table each: which there are, what they are called, and how one is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl
from xlsxwriter.format import Format

from expectations.severity import worst_first
from flows.core import wording
from flows.documents import dictionary, words
from flows.documents.charts import DEEP, MUTED
from flows.documents.workbook.book import AUTHOR, CONTENTS, DATE, MOMENT, Book, address, put, shown
from transforms import catalogue
from transforms.dictionary import FieldEntry, TableEntry
from transforms.rounding import decimals_shown

MOST_ROWS = 20_000
CHECKS = ("findings", "submissions")
_ACRONYMS = {"cpas", "eo", "fpu", "paet", "pki", "sea", "sofa", "soma", "tpp"}
_LONGEST_NAME = 31
_NARROWEST, _WIDEST, _HIGHEST = 9, 60, 405
_WIDTHS = {"sha256": 20}  # nobody reads one to its end
_CODES = "; ".join(f"{code} {said}" for code, said in {"A": "complete", **words.ABSENT}.items())

# the way back is not in a cell, so that a sheet holds its table and nothing else
_BACK: dict[str, Any] = {
    "url": address(CONTENTS),
    "tip": "To the contents",
    "width": 90,
    "height": 20,
    "x_offset": 14,
    "y_offset": 2,
    "object_position": 3,
    "font": {"color": DEEP, "bold": True, "size": 10},
    "align": {"vertical": "middle", "horizontal": "center"},
    "line": {"color": DEEP, "width": 0.75},
    "fill": {"color": "#ffffff"},
}


class Names:
    """Gives each sheet a name that is short enough, readable, and not taken."""

    def __init__(self) -> None:
        self._taken = {"history"}  # Excel keeps that one for itself

    def of(self, name: str) -> str:
        """Return the name of a sheet, as near to this one as Excel allows."""
        words_ = re.sub(r"[^\w ()+-]+", " ", name).split() or ["Sheet"]
        while len(" ".join(words_)) > _LONGEST_NAME and len(words_) > 1:
            words_.pop()
        while len(words_) > 1 and words_[-1] in ("by", "of", "and", "in", "on", "to", "with", "within"):
            words_.pop()
        short, free, another = " ".join(words_)[:_LONGEST_NAME], "", 1
        while not free or free.lower() in self._taken:
            tail = f" {another}" if another > 1 else ""
            free, another = short[: _LONGEST_NAME - len(tail)] + tail, another + 1
        self._taken.add(free.lower())
        return free


@dataclass(frozen=True)
class Page:
    """A sheet with a table: its name in the workbook, the table's name, its rows."""

    sheet: str
    table: str
    whole: pl.DataFrame

    @property
    def frame(self) -> pl.DataFrame:
        """The rows that are written."""
        return self.whole.head(MOST_ROWS)

    @cached_property
    def entry(self) -> TableEntry:
        """What the data dictionary says of the table; its name, where it does not know it."""
        known = dictionary.entries().get(self.table)
        return known or TableEntry(self.table, wording.sentence(self.table.replace("_", " ")) + ".", {}, (), "", "")

    @property
    def said(self) -> str:
        """What the table holds, and where the rest is if it is too long for a sheet."""
        if self.whole.height <= MOST_ROWS:
            return self.entry.description
        folder = "quality" if self.table in CHECKS else "tables"
        return (
            f"{self.entry.description} The first {MOST_ROWS:,} of {self.whole.height:,} rows; "
            f"all of them are in the release's {folder}/{self.table}.parquet."
        )

    @property
    def priority(self) -> int | None:
        """The priority of the report that the table is of, where it is of one."""
        function = catalogue.tables().get(self.table)
        found = re.search(r"\.p(\d)_", function.__module__ + ".") if function else None
        return int(found[1]) if found else None


def curated(names: Names, tables: Mapping[str, pl.DataFrame]) -> list[Page]:
    """Return the pages of the curated tables: by priority, then the lists that they refer to, then any others."""
    order = [name for name in catalogue.tables() if not catalogue.is_private(name)]
    known = [name for name in order if name in tables]
    others = sorted(set(tables) - set(catalogue.tables()) - {"figures", *CHECKS})
    found = [Page("", name, tables[name]) for name in (*known, *others)]
    found.sort(key=lambda page: page.priority or 9)
    return [Page(names.of(_readable(page.table)), page.table, page.whole) for page in found]


def checks(names: Names, tables: Mapping[str, pl.DataFrame]) -> list[Page]:
    """Return the pages of the findings, worst first, and of the submissions, of those that its readers may read."""
    made = []
    for name in CHECKS:
        if name not in tables:
            continue
        frame = tables[name]
        if "severity" in frame.columns:
            frame = frame.sort(worst_first(), maintain_order=True)
        made.append(Page(names.of(_readable(name)), name, frame))
    return made


def _readable(table: str) -> str:
    said = [part.upper() if part in _ACRONYMS else part for part in table.split("_")]
    return wording.sentence(" ".join(said))


def write(
    book: Book,
    page: Page,
    strong: Collection[int] = (),
    widths: Mapping[str, int] | None = None,
    fields: Mapping[str, FieldEntry] | None = None,
    mixed: Collection[str] = (),
) -> None:
    """Write a table with a filter, its header frozen and each header's meaning in a note.

    In: `strong`, the rows in bold; `widths` of columns that should not be measured; `fields`, what the columns hold,
    where that is not in the page's entry; `mixed`, the columns of numbers that are not of one unit, each with the
    decimals that it has.
    """
    sheet, frame, header = book.sheet(page.sheet), page.frame, _header(book)
    fields = page.entry.fields if fields is None else fields
    sheet.set_comments_author(AUTHOR)
    for at, name in enumerate(frame.columns):
        sheet.write_string(0, at, name, header)
        if note := _note(name, fields.get(name)):
            sheet.write_comment(0, at, note, {"x_scale": 2.2, "y_scale": max(0.6, 0.25 * (1 + len(note) // 38))})
    high: dict[int, int] = {}
    for at, name in enumerate(frame.columns):
        values = frame[name].to_list()
        width = (widths or _WIDTHS).get(name) or _width(name, values)
        plain, bold = (_style(book, frame[name], fields.get(name), width, strong=one) for one in (False, True))
        sheet.set_column(at, at, width)
        for row, value in enumerate(values):
            style = bold if row in strong else plain
            if name in mixed and value is not None:
                form = number_format("#,##0", _decimals_of(value))
                style = book.format(num_format=form, **({"bold": True} if row in strong else {}))
            put(sheet, row + 1, at, value, style)
            if width == _WIDEST and isinstance(value, str):
                high[row + 1] = max(high.get(row + 1, 1), _lines(value))
    for row, lines in high.items():
        if lines > 1:
            sheet.set_row(row, min(15 * lines, _HIGHEST))
    sheet.freeze_panes(1, 0)
    _filter(book, page, header)
    last = max(len(frame.columns) - 1, 0)
    sheet.print_area(0, 0, max(frame.height, 1), last)
    book.for_print(page.sheet, page.said)
    sheet.insert_textbox(0, last + 1, "◂ Contents", _BACK)


def _header(book: Book) -> Format:
    return book.format(bold=True, font_color="#ffffff", bg_color=DEEP, valign="vcenter", align="left", indent=1)


def _filter(book: Book, page: Page, header: Format) -> None:
    """Make a table of the rows, which formulas can name; one without rows has its header alone."""
    sheet, frame = book.sheet(page.sheet), page.frame
    sheet.set_row(0, 20)
    if frame.is_empty():
        if frame.columns:
            sheet.autofilter(0, 0, 0, len(frame.columns) - 1)
        sheet.write_string(1, 0, "No rows in this release.", book.format(italic=True, font_color=MUTED))
        return
    columns = [{"header": name, "header_format": header} for name in frame.columns]
    look = {"name": _formula_name(page.table), "style": "Table Style Light 1", "columns": columns}
    sheet.add_table(0, 0, frame.height, len(frame.columns) - 1, look)


def _formula_name(table: str) -> str:
    """Return what formulas call a table: its own name, unless Excel could take it for a cell."""
    return table if re.fullmatch(r"[a-z_]{4}\w*", table) else "table_" + re.sub(r"\W", "_", table)


def _note(name: str, field: FieldEntry | None) -> str:
    if field is None:
        return ""
    unit = f"\nUnit: {field.unit}." if field.unit else ""
    codes = f"\n{_CODES}." if name.endswith("obs_status") else ""
    utc = "\nTime in UTC." if name == "received_at" else ""
    return f"{field.description}{unit}{codes}{utc}"


def _width(name: str, values: list[Any]) -> int:
    longest = max((len(line) for value in values for line in shown(value).split("\n")), default=0)
    return min(max(longest + 3, len(name) + 5, _NARROWEST), _WIDEST)


def _lines(text: str) -> int:
    """Return how many lines a text takes in the widest column; not every program finds out when it opens a file."""
    return sum(1 + len(line) // (_WIDEST - 4) for line in text.split("\n"))


def number_format(whole: str, decimals: int) -> str:
    """Return how Excel writes numbers: as it writes `whole` ones, and with so many decimals."""
    return f"{whole}.{'0' * decimals}" if decimals else whole


def _decimals(column: pl.Series, field: FieldEntry | None) -> int:
    """Return with how many decimals a column is shown: none of whole numbers; no share looks like none or all."""
    known = column.drop_nulls().drop_nans()
    if (known == known.round(0)).all():
        return 0
    unit = "percent" if field and field.unit in ("percent", "share") else ""
    return max(decimals_shown(value, 2, unit) for value in known)


def _decimals_of(value: float) -> int:
    """Return how many decimals a number has."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _style(book: Book, column: pl.Series, field: FieldEntry | None, width: int, strong: bool) -> Format:
    looks: dict[str, Any] = {"bold": True} if strong else {}
    kind = column.dtype
    if kind.is_float():
        looks["num_format"] = number_format("#,##0", _decimals(column, field))
    elif kind.is_integer():
        looks["num_format"] = "#,##0" if field and field.unit else "0"  # a number without a unit names something
    elif kind == pl.Date:
        looks |= {"num_format": DATE, "align": "left", "indent": 1}
    elif isinstance(kind, pl.Datetime):
        looks |= {"num_format": MOMENT, "align": "left", "indent": 1}
    elif kind == pl.Boolean:
        # Excel writes TRUE and FALSE whatever the format says; others would show 1 and 0
        looks |= {"align": "center", "num_format": '"TRUE";"TRUE";"FALSE"'}
    else:
        looks |= {"align": "left", "indent": 1, "text_wrap": width >= _WIDEST}
    return book.format(**looks)
