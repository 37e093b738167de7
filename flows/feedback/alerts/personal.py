"""Personal data are taken out of a marked workbook before it goes out: their columns, and the properties' names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from config import Contract
from flows.feedback.marked_copy.marking import sheet_paths
from flows.feedback.marked_copy.markup import Edit, as_xml, spliced
from flows.feedback.marked_copy.package import NotMarkable, Package
from flows.feedback.marked_copy.scan import scan
from flows.intake.read.elements import elements
from flows.intake.read.grids import Grid, grids
from flows.intake.read.layout import placed_columns
from flows.intake.read.limits import Unreadable

_SHARED = "xl/sharedStrings.xml"
_PROPERTIES = "docProps/core.xml"
# shorter texts stand everywhere by chance
_TELLING = 4
_INDEX = re.compile(rb"<(?:\w+:)?v>\s{0,20}(\d{1,9})\s{0,20}</(?:\w+:)?v>")
_IS_SHARED = re.compile(rb"""(?:^|\s)t\s{0,20}=\s{0,20}["']s["']""")
_NAMED = re.compile(rb"(<((?:\w+:)?(?:creator|lastModifiedBy))\b[^>]*>).*?(</\2>)", re.DOTALL)


class NotRemovable(Exception):
    """A file of which nobody can tell where its personal data stand, so that it must not go out."""


def has_personal(contract: Contract) -> bool:
    """Tell whether a source's files may hold personal data."""
    return any(column.personal for table in contract.tables.values() for column in table.columns.values())


def without_personal(workbook: bytes, contract: Contract) -> tuple[bytes, bool]:
    """Return a marked workbook with the cells of personal columns blank, and whether there were any.

    Raises NotRemovable where no table of the source is recognised in it, or what was taken out stands elsewhere too.
    """
    try:
        # the first sheet is the list of findings, which holds no cell's value
        own = grids(workbook, "marked.xlsx")[1:]
    except Unreadable:
        raise NotRemovable from None
    if own and not any(any(placed_columns(grid, table)[1]) for grid in own for table in contract.tables.values()):
        raise NotRemovable
    try:
        book = Package(workbook)
        paths = sheet_paths(book)
        taken: set[str] = set()
        for grid in own:
            if grid.sheet is not None and (cells := _cells(grid, contract)):
                taken |= _blank(book, paths[grid.sheet], grid, cells)
        if not taken:
            return workbook, False
        _forget(book, paths.values())
    except (NotMarkable, KeyError):
        raise NotRemovable from None
    if _stand_elsewhere(book, paths.values(), taken):
        raise NotRemovable
    return book.bytes(), True


def _cells(grid: Grid, contract: Contract) -> dict[int, int]:
    """Return the grid's personal columns, each with the row of its header."""
    cells = {}
    for table in contract.tables.values():
        position, columns = placed_columns(grid, table)
        if position is not None:
            personal = [at for at, name in enumerate(columns) if name and table.columns[name].personal]
            cells.update(dict.fromkeys(personal, int(grid.cells["_row"][position])))
    return cells


def _blank(book: Package, path: str, grid: Grid, cells: dict[int, int]) -> set[str]:
    """Empty the columns below their headers; returns what stood there."""
    rows = grid.cells.filter(grid.cells["_row"] > min(cells.values()))
    scanned = scan(book.part(path), set(rows["_row"]))
    edits: list[Edit] = []
    for number, row in scanned.wanted.items():
        for column, header in cells.items():
            at = row.cells.get(column + scanned.first_column)
            if at is None or number <= header:
                continue
            start, inner, style = at
            if scanned.data[inner - 2 : inner] == b"/>":
                continue
            end = scanned.data.index(f"</{scanned.prefix}c>".encode(), inner) + len(f"</{scanned.prefix}c>")
            reference = re.search(rb"""\br\s*=\s*["'][A-Z]+\d+["']""", scanned.data[start:inner])
            said = reference[0].decode() if reference else ""
            edits.append((start, end, f'<{scanned.prefix}c {said} s="{style}"/>'.encode()))
    book.put(path, spliced(scanned.data, edits))
    return {
        text.strip()
        for column, header in cells.items()
        for text in rows.filter(rows["_row"] > header)[str(column)].drop_nulls()
        if text.strip()
    }


def _forget(book: Package, sheets: Iterable[str]) -> None:
    """Empty the shared texts that no cell shows any more, and the names in the properties."""
    if _PROPERTIES in book.paths:
        book.put(_PROPERTIES, _NAMED.sub(rb"\1\3", book.part(_PROPERTIES)))
    if _SHARED not in book.paths:
        return
    shown = {
        int(index[1])
        for path in sheets
        for cell in elements(book.part(path), b"c")
        if cell.content and _IS_SHARED.search(cell.attributes) and (index := _INDEX.search(cell.content))
    }
    data = book.part(_SHARED)
    edits = [
        (item.start, item.end, b"<%bsi><%bt/></%bsi>" % (item.prefix, item.prefix, item.prefix))
        for number, item in enumerate(elements(data, b"si"))
        if number not in shown
    ]
    book.put(_SHARED, spliced(data, edits))


def _stand_elsewhere(book: Package, sheets: Iterable[str], taken: set[str]) -> bool:
    """Tell whether a part other than the sheets holds a text: a comment, a chart, a pivot table's copy of the data."""
    telling = [as_xml(text).encode() for text in taken if len(text) >= _TELLING and not text.isdigit()]
    others = book.paths - {*sheets, _SHARED}
    return any(text in data for path in others for data in (book.part(path),) for text in telling)
