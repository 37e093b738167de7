"""The first sheet of a marked workbook lists the findings: how severe, where, what is wrong, what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from config import Language
from expectations.messages import catalogue, form, message_and_remedy
from expectations.questions import KINDS, kind_of
from expectations.severity import SEVERITIES
from flows.core.wording import number
from flows.core.xml_edits import Edit, as_xml, first, spliced, with_attributes
from flows.feedback.marked_copy.marking import MOST_COMMENTS, Placed, sheet_paths
from flows.feedback.marked_copy.package import WORKBOOK_PART, NotMarkable, Package
from flows.feedback.marked_copy.styles import GROUNDS, Styles

MOST_LISTED = 20_000
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_WIDTHS = (18, 46, 70, 70)
_DEEP, _RED = "FF0B4F7D", "FFB8431F"
_LONGEST_NAME = 31
_BARE_WORKBOOK_VIEW = '<{p}bookViews><{p}workbookView activeTab="0"/></{p}bookViews>'


def add_findings_sheet(
    book: Package,
    file: str,
    findings: Sequence[Mapping[str, Any]],
    placed: Placed,
    language: Language,
    *,
    alone: str | None = None,
    whole: bool = True,
) -> None:
    """Add the list as the first sheet, the one that is seen when the workbook is opened.

    `alone` names the text that says why the file is not in the workbook: the list then takes the place of its only
    sheet. `whole` says that the copy holds all of the file.
    """
    paths = sheet_paths(book)
    notes = _notes(findings, placed, language, alone=alone, whole=whole)
    sheet = _sheet(book, file, findings, placed, language, paths, notes)
    placed.styles.write()
    if alone:
        book.put(next(iter(paths.values())), sheet)
        return
    path = book.free("xl/worksheets/sheet{}.xml")
    book.put(path, sheet)
    book.declare(path, _CONTENT_TYPE)
    new = book.relate(WORKBOOK_PART, "worksheet", path)
    for other in paths.values():
        _leave_unselected(book, other)
    _enlist(book, _free_name(form("findings", language), paths), new)


def _enlist(book: Package, name: str, relation: str) -> None:
    """Put the sheet before the others; what counts sheets by their order counts one more."""
    data = book.part(WORKBOOK_PART)
    found = book.elements(WORKBOOK_PART, "sheets", "sheet", "workbookView", "definedName")
    sheets = first(found, "sheets")
    if sheets is None:
        raise NotMarkable
    p = sheets.prefix
    last = max((int(one.attributes.get("sheetId", 0)) for one in found if one.local == "sheet"), default=0)
    said = (
        f'<{p}sheet xmlns:r="{book.relation_ns}" name="{as_xml(name)}" sheetId="{last + 1}" r:id="{relation}"/>'
    ).encode()
    edits: list[Edit] = [(sheets.inner, sheets.inner, said)]
    views = [one for one in found if one.local == "workbookView"]
    for view in views:
        tag = data[view.start : view.inner]
        edits.append((view.start, view.inner, with_attributes(tag, activeTab=0, firstSheet=0)))
    if not views:
        edits.append((sheets.start, sheets.start, _BARE_WORKBOOK_VIEW.format(p=p).encode()))
    for one in found:
        local = one.attributes.get("localSheetId")
        if one.local == "definedName" and local is not None and local.isdigit():
            tag = data[one.start : one.inner]
            edits.append((one.start, one.inner, with_attributes(tag, localSheetId=int(local) + 1)))
    book.put(WORKBOOK_PART, spliced(data, edits))


def _leave_unselected(book: Package, path: str) -> None:
    """Unselect a sheet: two selected ones would be edited together."""
    data = book.part(path)
    head, start, rest = data.partition(b"sheetData")
    changed = re.sub(rb"""tabSelected\s*=\s*["'](?:1|true)["']""", b'tabSelected="0"', head)
    if changed != head:
        book.put(path, changed + start + rest)


def _free_name(name: str, taken: Mapping[str, str]) -> str:
    known = {one.lower() for one in taken}
    candidates = (name, *(f"{name} {count}" for count in range(2, len(known) + 3)))
    return next(one for one in candidates if one.lower() not in known)[:_LONGEST_NAME]


class _Looks:
    """The styles of the sheet."""

    def __init__(self, styles: Styles) -> None:
        self.title = styles.own(font=f'<p:b/><p:sz val="18"/><p:color rgb="{_DEEP}"/>', wrap=False)
        self.note = styles.own(font='<p:sz val="11"/><p:color rgb="FF4D5B68"/>')
        self.strong = styles.own(font='<p:b/><p:sz val="11"/>')
        self.header = styles.own(font='<p:b/><p:sz val="11"/><p:color rgb="FFFFFFFF"/>', ground=_DEEP)
        self.text = styles.own(font='<p:sz val="11"/>')
        self.link = styles.own(font=f'<p:u/><p:sz val="11"/><p:color rgb="{_DEEP}"/>')
        self.severity = {one: styles.own(font='<p:b/><p:sz val="11"/>', ground=GROUNDS[one]) for one in SEVERITIES}


def _sheet(
    book: Package,
    file: str,
    findings: Sequence[Mapping[str, Any]],
    placed: Placed,
    language: Language,
    paths: Mapping[str, str],
    notes: Sequence[str],
) -> bytes:
    looks = _Looks(placed.styles)
    rows: list[str] = []
    merged: list[str] = []
    links: list[str] = []

    def line(cells: Sequence[tuple[str, int]], height: float | None = None) -> int:
        at = len(rows) + 1
        said = "".join(
            f'<c r="{"ABCD"[column]}{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{as_xml(words)}</t>'
            "</is></c>"
            for column, (words, style) in enumerate(cells)
        )
        high = f' ht="{height}" customHeight="1"' if height else ""
        rows.append(f'<row r="{at}"{high}>{said}</row>')
        return at

    def across(words: str, style: int, height: float | None = None) -> None:
        at = line([(words, style)], height)
        merged.append(f'<mergeCell ref="A{at}:D{at}"/>')

    across(form("found", language, file=file), looks.title, 28)
    across(_counted(findings, language), looks.strong)
    for said in notes:
        across(said, looks.note, 15.5 * (1 + len(said) // 190))
    line([])
    headings = (catalogue().labels[one].text(language) for one in ("severity", "where", "what_is_wrong", "what_to_do"))
    header = line([(heading, looks.header) for heading in headings], 20)
    for finding, place in list(zip(findings, placed.places, strict=True))[:MOST_LISTED]:
        message, remedy = message_and_remedy(finding, language)
        linked = place.sheet in paths
        severity = finding["severity"]
        at = line(
            [
                (form(kind_of(finding), language), looks.severity.get(severity, looks.text)),
                (place.said(language), looks.link if linked else looks.text),
                (message, looks.text),
                (remedy, looks.text),
            ],
            15.5 * max(1 + len(message) // 66, 1 + len(remedy) // 66, 1 + len(place.said(language)) // 42),
        )
        if linked and place.sheet:
            target = "'" + place.sheet.replace("'", "''") + "'!" + (place.cell or "A1")
            links.append(f'<hyperlink ref="B{at}" location="{as_xml(target)}" display="{as_xml(target)}"/>')
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in enumerate(_WIDTHS, start=1)
    )
    filtered = f'<autoFilter ref="A{header}:D{len(rows)}"/>' if findings else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{book.main_ns}"><sheetPr><tabColor rgb="{_RED}"/>'
        '<pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
        f'<pane ySplit="{header}" topLeftCell="A{header + 1}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="A{header + 1}" sqref="A{header + 1}"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{"".join(rows)}</sheetData>{filtered}'
        f'<mergeCells count="{len(merged)}">{"".join(merged)}</mergeCells>'
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def _counted(findings: Sequence[Mapping[str, Any]], language: Language) -> str:
    """Say how many there are of each severity and what it means: `2 × Must be mended (…) · 1 × Note (…)`."""
    counts = Counter(map(kind_of, findings))
    said = [
        f"{number(counts[one], language=language)} × {form(one, language)} ({form(f'{one}_means', language)})"
        for one in KINDS
        if one in counts
    ]
    return "  ·  ".join(said) or form("nothing_found", language)


def _notes(
    findings: Sequence[Mapping[str, Any]], placed: Placed, language: Language, *, alone: str | None, whole: bool
) -> list[str]:
    notes = []
    if alone:
        notes.append(form(alone, language))
    if placed.cells:
        where = form("mend_here" if whole else "mend_your_own", language)
        notes += [f"{form('marked', language)} {where}", form("told_once", language)]
    if placed.cells > MOST_COMMENTS:
        shown = {"shown": number(MOST_COMMENTS, language=language), "all": number(placed.cells, language=language)}
        notes.append(form("commented_until", language, **shown))
    if len(findings) > MOST_LISTED:
        shown = {"shown": number(MOST_LISTED, language=language), "all": number(len(findings), language=language)}
        notes.append(form("listed_until", language, **shown))
    return notes
