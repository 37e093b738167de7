"""What an earlier check left in a workbook that its source mends and hands in: it goes before new marks come.

Our list of findings, our comments, and what we added to comments of others; the grounds of cells, where any of these
shows that the workbook was marked. Programs write a workbook anew in their own way when they save it, so that our
marks are known by what a reader sees of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from html import unescape
from typing import get_args

from xlsxwriter.utility import xl_cell_to_rowcol

from config import Language
from expectations.messages import form
from flows.core.xml_edits import Edit, Element, spliced, with_attributes
from flows.feedback.marked_copy.marking import sheet_paths
from flows.feedback.marked_copy.package import WORKBOOK_PART, Package
from flows.feedback.marked_copy.styles import Styles
from flows.intake.read.elements import elements
from flows.intake.read.grids import Grid
from flows.intake.read.own_sheets import is_list_of_findings

_LANGUAGES: tuple[Language, ...] = get_args(Language)
_BREAKS = r"(?:(?:\r?\n|&#10;|&#x[aA];|_x000[aA]_)){2}"
_OF_SHAPE = re.compile(rb"<(?:\w+:)?(Row|Column)>\s{0,20}(\d{1,9})\s{0,20}</")
_STYLED_CELL = re.compile(rb"""(<(?:\w+:)?c\s(?:[^<>]*?\s)?s=["'])(\d+)(?=["'])""")


def clear(book: Package, sheets: Sequence[Grid]) -> None:
    """Take the marks of earlier checks out of a workbook; `sheets` are its sheets as they are read."""
    paths = sheet_paths(book)
    lists = [sheet.sheet for sheet in sheets if sheet.sheet in paths and is_list_of_findings(sheet)]
    commented = [_without_comments(book, path) for name, path in paths.items() if name not in lists]
    if lists or any(commented):
        _without_grounds(book, [path for name, path in paths.items() if name not in lists])
    for name in lists:
        _without_sheet(book, name, paths[name])


def _without_comments(book: Package, sheet: str) -> bool:
    """Take our comments off a sheet, and what we added to others; tell whether there were any."""
    relations = book.relations(sheet)
    ours = {form("author", language) for language in _LANGUAGES}
    changed = False
    for path in (one.target for one in relations if one.kind == "comments" and one.target in book.paths):
        data = book.part(path)
        found = book.elements(path, "author", "comment", "t")
        authors = [unescape(data[one.inner : one.close].decode()) for one in found if one.local == "author"]
        by_us = {str(number) for number, name in enumerate(authors) if name in ours}
        comments = [one for one in found if one.local == "comment"]
        out = [one for one in comments if one.attributes.get("authorId") in by_us]
        edits: list[Edit] = [(one.start, one.end, b"") for one in out]
        edits += [
            edit for one in comments if one not in out for text in _texts(found, one) if (edit := _cut(data, text))
        ]
        if edits:
            changed = True
            book.put(path, spliced(data, edits))
            _without_boxes(book, [one.target for one in relations if one.kind == "vmlDrawing"], out)
    return changed


def _texts(found: Sequence[Element], comment: Element) -> list[Element]:
    return [one for one in found if one.local == "t" and comment.inner <= one.start < comment.close]


def _cut(data: bytes, text: Element) -> Edit | None:
    """Return the edit that cuts off what we added to a comment, from our name on."""
    for language in _LANGUAGES:
        heading = re.escape(form("also_said", language, author=form("author", language)))
        if added := re.search(_BREAKS + heading, data[text.inner : text.close].decode()):
            return text.inner + len(added.string[: added.start()].encode()), text.close, b""
    return None


def _without_boxes(book: Package, drawings: Collection[str], comments: Collection[Element]) -> None:
    cells = {xl_cell_to_rowcol(one.attributes.get("ref", "A1").replace("$", "")) for one in comments}
    for path in book.paths & set(drawings):
        data = book.part(path)
        edits: list[Edit] = []
        for shape in elements(data, b"shape"):
            place = {name: int(number) for name, number in _OF_SHAPE.findall(shape.content or b"")}
            if (place.get(b"Row"), place.get(b"Column")) in cells:
                edits.append((shape.start, shape.end, b""))
        book.put(path, spliced(data, edits))


def _without_grounds(book: Package, sheets: Collection[str]) -> None:
    """Give marked cells the style that they had, or the same without a ground where no cell has it any more."""
    styles = Styles(book)
    for path in sheets:
        data = book.part(path)
        used = Counter(int(cell[2]) for cell in _STYLED_CELL.finditer(data))
        before = {style: styles.before(style, used) for style in used}

        def plain(cell: re.Match[bytes], before: dict[int, int] = before) -> bytes:
            return cell[1] + str(before[int(cell[2])]).encode()

        if any(style != other for style, other in before.items()):
            book.put(path, _STYLED_CELL.sub(plain, data))
    styles.write()


def _without_sheet(book: Package, name: str, path: str) -> None:
    data = book.part(WORKBOOK_PART)
    found = book.elements(WORKBOOK_PART, "sheet", "definedName", "workbookView")
    sheets = [one for one in found if one.local == "sheet"]
    at = next(number for number, one in enumerate(sheets) if one.attributes["name"] == name)
    edits: list[Edit] = [(sheets[at].start, sheets[at].end, b"")]
    for one in found:
        local = one.attributes.get("localSheetId", "")
        if one.local == "definedName" and local.isdigit() and int(local) >= at:
            tag = data[one.start : one.inner]
            edits.append(
                (one.start, one.end, b"")
                if int(local) == at
                else (one.start, one.inner, with_attributes(tag, localSheetId=int(local) - 1))
            )
        if one.local == "workbookView":
            edits.append(
                (one.start, one.inner, with_attributes(data[one.start : one.inner], activeTab=0, firstSheet=0))
            )
    book.put(WORKBOOK_PART, spliced(data, edits))
    book.remove(WORKBOOK_PART, path)
