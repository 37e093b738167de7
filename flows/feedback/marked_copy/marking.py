"""Mark the cells that findings name: a coloured ground by severity, and a comment that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from config import Language
from expectations.messages import form, message_and_remedy
from expectations.questions import kind_of
from expectations.severity import SEVERITIES
from flows.core.xml_edits import Edit, spliced, with_attributes
from flows.feedback.marked_copy.comments import comment
from flows.feedback.marked_copy.package import WORKBOOK_PART, Package
from flows.feedback.marked_copy.places import Place
from flows.feedback.marked_copy.scan import Row, Scanned, scan
from flows.feedback.marked_copy.styles import Styles

MOST_COMMENTS = 5_000
_MOST_IN_A_COMMENT = 6
Finding = Mapping[str, Any]
Cell = tuple[int, int]


@dataclass(frozen=True)
class Placed:
    """The findings' places in the workbook, in their order, how many cells are marked, and its styles."""

    places: Sequence[Place]
    cells: int
    styles: Styles


def mark(book: Package, findings: Sequence[Finding], places: Sequence[Place], language: Language) -> Placed:
    """Mark the cells of a workbook; findings without a cell are only placed. Raises NotMarkable."""
    styles = Styles(book)
    paths = sheet_paths(book)
    by_sheet: dict[str, list[int]] = {}
    for number, place in enumerate(places):
        if place.sheet in paths and place.row is not None:
            by_sheet.setdefault(place.sheet, []).append(number)
    placed = list(places)
    cells = 0
    for sheet, numbers in by_sheet.items():
        scanned = scan(book.part(paths[sheet]), {row for number in numbers if (row := places[number].row) is not None})
        at: dict[Cell, list[Finding]] = {}
        for number in numbers:
            placed[number] = place = places[number].moved(scanned.first_column - 1)
            assert place.row is not None
            assert place.column is not None
            at.setdefault(scanned.anchor(place.row, place.column), []).append(findings[number])
        commented = dict(list(at.items())[: max(MOST_COMMENTS - cells, 0)])
        edits = _coloured(scanned, at, styles)
        said = {cell: (_address(cell), _said(found, language)) for cell, found in commented.items()}
        if said and (edit := comment(book, paths[sheet], scanned, said, language)):
            edits.append(edit)
        book.put(paths[sheet], spliced(scanned.data, edits))
        cells += len(at)
    return Placed(placed, cells, styles)


def sheet_paths(book: Package) -> dict[str, str]:
    """Return the parts of a workbook's sheets by the sheets' names."""
    targets = {one.id: one.target for one in book.relations(WORKBOOK_PART) if one.kind == "worksheet"}
    sheets = book.elements(WORKBOOK_PART, "sheet")[1:]
    return {sheet.attributes["name"]: targets[key] for sheet in sheets if (key := sheet.get("id") or "") in targets}


def _said(found: Sequence[Finding], language: Language) -> str:
    lines = []
    for finding in sorted(found, key=_rank)[:_MOST_IN_A_COMMENT]:
        message, remedy = message_and_remedy(finding, language)
        severity = form(kind_of(finding), language)
        lines.append(f"{form('comment', language, severity=severity, message=message)}\n{remedy}")
    return "\n\n".join(lines)


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding["severity"]) if finding["severity"] in SEVERITIES else len(SEVERITIES)


def _address(cell: Cell) -> str:
    return str(xl_rowcol_to_cell(cell[0] - 1, cell[1] - 1))


def _coloured(scanned: Scanned, at: Mapping[Cell, Sequence[Finding]], styles: Styles) -> list[Edit]:
    """Return the edits that give the cells their ground; a cell that the file leaves out is put in."""
    edits: list[Edit] = []
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), found in at.items():
        by_row.setdefault(row, {})[column] = min(found, key=_rank)["severity"]
    missing: dict[int, bytes] = {}
    for number, cells in sorted(by_row.items()):
        known = scanned.wanted.get(number)
        if known is None:
            inside = "".join(_cell(scanned, None, number, one, cells[one], styles) for one in sorted(cells))
            missing[number] = f'<{scanned.prefix}row r="{number}">{inside}</{scanned.prefix}row>'.encode()
        else:
            edits += _in_row(scanned, known, cells, styles)
    return edits + _rows(scanned, missing)


def _in_row(scanned: Scanned, row: Row, cells: Mapping[int, str], styles: Styles) -> list[Edit]:
    edits: list[Edit] = []
    added: dict[int, str] = {}
    for column, severity in sorted(cells.items()):
        if column in row.cells:
            start, inner, style = row.cells[column]
            tag = with_attributes(scanned.data[start:inner], s=styles.marked(style, severity))
            edits.append((start, inner, tag))
            continue
        before = next((start for other, start in row.starts if other > column), row.close)
        added[before] = added.get(before, "") + _cell(scanned, row, row.number, column, severity, styles)
    if added and row.inner == row.end:
        tag = scanned.data[row.start : row.inner].removesuffix(b"/>").rstrip()
        inside = "".join(added.values())
        return [(row.start, row.end, tag + f">{inside}</{scanned.prefix}row>".encode())]
    return edits + [(before, before, said.encode()) for before, said in added.items()]


def _cell(scanned: Scanned, row: Row | None, number: int, column: int, severity: str, styles: Styles) -> str:
    base = row.style if row and row.style is not None else scanned.style_of_column(column)
    return f'<{scanned.prefix}c r="{_address((number, column))}" s="{styles.marked(base, severity)}"/>'


def _rows(scanned: Scanned, missing: Mapping[int, bytes]) -> list[Edit]:
    whole = scanned.sheet_data
    assert whole is not None
    if not missing:
        return []
    if whole.inner == whole.end:
        tag = scanned.data[whole.start : whole.inner].removesuffix(b"/>").rstrip()
        inside = b"".join(missing[number] for number in sorted(missing))
        return [(whole.start, whole.end, tag + b">" + inside + f"</{whole.name}>".encode())]
    edits: list[Edit] = []
    for number in sorted(missing):
        before = next((row.start for row in scanned.rows if row.number > number), whole.close)
        edits.append((before, before, missing[number]))
    return edits
