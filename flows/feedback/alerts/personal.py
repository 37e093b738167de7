"""Personal data are taken out of a marked workbook before it goes out: their columns, and the properties' names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from config import Config, Contract
from flows.core.xml_edits import Edit, spliced
from flows.feedback.alerts.elsewhere import Wanted, stands_elsewhere, words_known
from flows.feedback.marked_copy.marking import sheet_paths
from flows.feedback.marked_copy.package import NotMarkable, Package
from flows.feedback.marked_copy.scan import scan
from flows.intake.read.elements import elements
from flows.intake.read.grids import Grid, grids, letters_of
from flows.intake.read.layout import placed_columns
from flows.intake.read.limits import Unreadable

_SHARED = "xl/sharedStrings.xml"
_PROPERTIES = "docProps/core.xml"
_INDEX = re.compile(rb"<(?:\w+:)?v>\s{0,20}(\d{1,9})\s{0,20}</(?:\w+:)?v>")
_IS_SHARED = re.compile(rb"""(?:^|\s)t\s{0,20}=\s{0,20}["']s["']""")
_NAMED = ("creator", "lastModifiedBy")


class NotRemovable(Exception):
    """A file of which nobody can tell where its personal data stand, so that it must not go out."""


class StandsElsewhere(NotRemovable):
    """A file in which what stands in a personal column stands in another place too, or may stand there."""


def has_personal(contract: Contract) -> bool:
    """Tell whether a source's files may hold personal data."""
    return any(column.personal for table in contract.tables.values() for column in table.columns.values())


def without_personal(workbook: bytes, contract: Contract, config: Config) -> tuple[bytes, bool]:
    """Return a marked workbook with the cells of personal columns blank, and whether there were any.

    Raises NotRemovable where no table of the source is recognised in it, StandsElsewhere where what was taken out
    stands, or may stand, in another place of the file too.
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
        if stands_elsewhere(book, Wanted(taken, words_known(contract, config))):
            raise StandsElsewhere
    except (NotMarkable, KeyError):
        raise NotRemovable from None
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
    blank = []
    for number, row in scanned.wanted.items():
        for column, header in cells.items():
            at = row.cells.get(column + scanned.first_column)
            if at is None or number <= header:
                continue
            start, inner, style = at
            blank.append(f"{letters_of(column + scanned.first_column - 1)}{number}")
            if scanned.data[inner - 2 : inner] == b"/>":
                continue
            end = scanned.data.index(f"</{scanned.prefix}c>".encode(), inner) + len(f"</{scanned.prefix}c>")
            reference = re.search(rb"""\br\s*=\s*["'][A-Z]+\d+["']""", scanned.data[start:inner])
            said = reference[0].decode() if reference else ""
            edits.append((start, end, f'<{scanned.prefix}c {said} s="{style}"/>'.encode()))
    book.put(path, spliced(scanned.data, edits))
    _without_links(book, path, blank)
    return {
        text.strip()
        for column, header in cells.items()
        for text in rows.filter(rows["_row"] > header)[str(column)].drop_nulls()
        if text.strip()
    }


def _forget(book: Package, sheets: Iterable[str]) -> None:
    """Empty the shared texts that no cell shows any more, the names in the properties, and a picture of a sheet."""
    if _PROPERTIES in book.paths:
        named = book.elements(_PROPERTIES, "creator", "lastModifiedBy")
        edits = [(one.inner, one.close, b"") for one in named if one.local in _NAMED]
        book.put(_PROPERTIES, spliced(book.part(_PROPERTIES), edits))
    for relation in book.relations(""):
        if relation.kind == "thumbnail":
            book.remove("", relation.target)
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


def _without_links(book: Package, path: str, cells: Iterable[str]) -> None:
    """Take the links of cells out of a sheet: a spreadsheet program makes one of each address of mail."""
    gone = set(cells)
    if b"hyperlink" not in book.part(path):
        return
    found = book.elements(path, "hyperlinks", "hyperlink")
    links = [one for one in found if one.local == "hyperlink"]
    out = [one for one in links if one.attributes.get("ref", "").replace("$", "") in gone]
    if not out:
        return
    # a list without any is not allowed
    cut = out if len(out) < len(links) else [one for one in found if one.local == "hyperlinks"]
    book.put(path, spliced(book.part(path), [(one.start, one.end, b"") for one in cut]))
    kept = {one.get("id") for one in links if one not in out}
    book.forget(path, {key for one in out if (key := one.get("id")) and key not in kept})
