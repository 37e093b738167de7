"""Spreadsheets of LibreOffice (.ods): the same values, looks and findings as of a workbook of Excel.

Those made here by hand are read everywhere; where LibreOffice is installed, what it makes of troubled workbooks is too.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from config import Config
from config.unclear import UNCALCULATED
from flows.core.records import Cells
from flows.feedback.check import Checked, check_data
from flows.feedback.marked_copy import marked
from flows.intake.read import limits
from flows.intake.read.grids import Grid, grids
from flows.intake.read.limits import Unreadable
from flows.intake.read.tables import read_file
from tests.flows.intake.test_mutations import planted
from tests.support.files import CONFIG, CYCLE
from tests.support.sweeping import some
from tests.support.troubles import KINDS
from tests.support.waiting import HANGS_S

SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("o", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("draw", "drawing"),
    )
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
STYLES = """
<style:style style:name="struck" style:family="table-cell"><style:text-properties
 style:text-line-through-style="solid"/></style:style>
<style:style style:name="as-struck" style:family="table-cell" style:parent-style-name="struck"/>
<style:style style:name="not-struck" style:family="table-cell" style:parent-style-name="struck"><style:text-properties
 style:text-line-through-style="none"/></style:style>
<style:style style:name="away" style:family="table"><style:table-properties table:display="false"/></style:style>
<style:style style:name="out" style:family="text"><style:text-properties
 style:text-line-through-type="single"/></style:style>
<style:style style:name="up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="down" style:family="text"><style:text-properties style:text-position="-33% 58%"/></style:style>
"""
VISITS = ("mission", "date_of_visit")
OFFICE = shutil.which("soffice")


def ods(*tables: str, styles: str = STYLES, head: str = "", **parts: str) -> bytes:
    """Return a spreadsheet of these tables, as its XML has them."""
    content = (
        f'<?xml version="1.0"?>{head}<o:document-content {NAMESPACES} {CALC}><o:automatic-styles>{styles}'
        f"</o:automatic-styles><o:body><o:spreadsheet>{''.join(tables)}</o:spreadsheet></o:body></o:document-content>"
    )
    return packed(**({"mimetype": SPREADSHEET, "content.xml": content} | parts))


def packed(**parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else None)
    return buffer.getvalue()


def table(*rows: str, name: str = "Visits", said: str = "") -> str:
    return f'<table:table table:name="{name}" {said}>{"".join(rows)}</table:table>'


def row(*cells: str, said: str = "") -> str:
    return f"<table:table-row {said}>{''.join(map(cell, cells))}</table:table-row>"


def cell(content: str) -> str:
    """Return a cell: a text, or XML as it is given."""
    if content.startswith("<"):
        return content
    return f"<table:table-cell o:value-type='string'><text:p>{content}</text:p></table:table-cell>"


def value(kind: str, said: str = "", shown: str = "") -> str:
    return f"<table:table-cell o:value-type='{kind}' {said}><text:p>{shown}</text:p></table:table-cell>"


def merged(text: str, rows: int, columns: int = 1) -> str:
    spans = f"table:number-rows-spanned='{rows}' table:number-columns-spanned='{columns}'"
    return f"<table:table-cell {spans}><text:p>{text}</text:p></table:table-cell>"


def empty(times: int) -> str:
    return f"<table:table-cell table:number-columns-repeated='{times}'/>"


def rich(content: str) -> str:
    return f"<table:table-cell o:value-type='string'>{content}</table:table-cell>"


def of(*rows: str, said: str = "") -> Grid:
    (grid,) = grids(ods(table(*rows, said=said)), "f.ods")
    return grid


def texts(grid: Grid) -> list[tuple[str | None, ...]]:
    return grid.cells.drop("_row", "_length").rows()


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (value("float", "o:value='12.5'", "13"), "12.5"),
        (value("float", "o:value='83.00000000000001'", "83"), "83"),
        (value("float", "o:value='1E+20'", "1E+20"), "100000000000000000000"),
        (value("float", "o:value='-0.0000001'", "0"), "-0.0000001"),
        (value("currency", "o:value='3'", "3,00 €"), "3"),
        (value("percentage", "o:value='0.285714285714286'", "29%"), "28.5714285714286%"),
        (value("percentage", "o:value='0.29'", "29%"), "29%"),
        (value("date", "o:date-value='2024-01-05'", "5 janv."), "2024-01-05 00:00:00"),
        (value("date", "o:date-value='2024-01-05T10:30:00.5'", "5 janv."), "2024-01-05 10:30:00"),
        (value("time", "o:time-value='PT36H05M00S'", "36:05"), "36:05:00"),
        (value("boolean", "o:boolean-value='true'", "VRAI"), "true"),
        (value("string", "o:string-value='whole'", ""), "whole"),
        (value("string", "", "  two\n   words "), "two words"),
        (value("string", "calcext:value-type='error' table:formula='of:=1/0' o:string-value=''", "#DIV/0!"), "#DIV/0!"),
        (value("string", "calcext:value-type='error' table:formula='of:=x' o:string-value=''", "Err:502"), "Err:502"),
        ("<table:table-cell table:formula='of:=1+1'/>", UNCALCULATED),
        (value("float", "table:formula='of:=1+1' o:value='2'", "2"), "2"),
        (
            rich("<text:p>a<text:s text:c='2'/>b<text:tab/>c</text:p><text:p>d<text:line-break/>e</text:p>"),
            "a  b\tc\nd\ne",
        ),
        (rich("<text:p>see <text:a>the list</text:a></text:p>"), "see the list"),
        (rich("<text:p>12<text:span text:style-name='up'>1</text:span></text:p>"), "12¹"),
        (rich("<text:p>H<text:span text:style-name='down'>2</text:span>O</text:p>"), "H₂O"),
        (rich("<text:p><text:span text:style-name='out'>11</text:span>12</text:p>"), "12"),
        (rich("<o:annotation><text:p>a remark</text:p></o:annotation><text:p>12</text:p>"), "12"),
        (rich("<text:p>12</text:p><draw:frame><draw:text-box><text:p>13</text:p></draw:text-box></draw:frame>"), "12"),
    ],
)
def test_a_cell_holds_what_its_reader_sees_at_full_precision(given: str, read: str) -> None:
    ((text, _),) = texts(of(row(given, "beside")))
    assert text is not None
    assert text.strip() == read.strip()


def test_rows_and_columns_stand_where_they_stand() -> None:
    grid = of(
        row(empty(16384), said="table:number-rows-repeated='2'"),
        row(empty(3), "mission", "date_of_visit"),
        row(empty(3), "UNMISS"),
        row(said="table:number-rows-repeated='4'"),
        row(
            empty(3),
            "<table:table-cell o:value-type='float' o:value='7' table:number-columns-repeated='2'/>",
            said="table:number-rows-repeated='2'",
        ),
        row(empty(16384), said="table:number-rows-repeated='1048000'"),
    )
    assert texts(grid) == [("mission", "date_of_visit"), ("UNMISS", None), ("7", "7"), ("7", "7")]
    assert grid.cells["_row"].to_list() == [3, 4, 9, 10]
    assert (grid.address(0, 3), grid.looks.first_column) == ("D3", 3)


def test_what_is_hidden_merged_and_struck_out_is_seen() -> None:
    grid = of(
        "<table:table-column/>",
        "<table:table-column table:visibility='collapse' table:number-columns-repeated='2'/>",
        "<table:table-column-group table:display='false'><table:table-column/></table:table-column-group>",
        "<table:table-column table:default-cell-style-name='struck'/>",
        row("a", "b", "c", "d", "<table:table-cell/>"),
        row(merged("x", 3, 2), "<table:covered-table-cell/>"),
        row("<table:covered-table-cell table:number-columns-repeated='2'/>", "y", said="table:visibility='collapse'"),
        f"<table:table-row-group table:display='false'>{row('z')}</table:table-row-group>",
        row(
            value("string", "table:style-name='as-struck'", "s"),
            value("string", "table:style-name='not-struck'", "t"),
            rich("<text:p><text:span text:style-name='out'>u</text:span></text:p>"),
            rich("<text:p>v<text:span text:style-name='out'>w</text:span></text:p>"),
            "by its column",
        ),
        row(said="table:visibility='collapse' table:number-rows-repeated='1000000'"),
    )  # fmt: skip
    looks = grid.looks
    assert looks.hidden_columns == ((1, 2), (3, 3))
    assert (looks.hidden_rows, looks.filtered) == ({3, 4}, False)
    assert looks.merged == ((2, 0, 4, 1),)
    assert looks.struck == {(5, 0), (5, 2), (5, 4)}
    assert looks.torn == {(5, 3)}
    (away, shown) = grids(ods(table(row("a", "b"), said="table:style-name='away'"), table(row("c"), name="2")), "f.ods")
    assert (away.looks.hidden, shown.looks.hidden, shown.sheet) == (True, False, "2")


def test_rows_that_a_filter_hides_are_told_from_those_hidden_by_hand() -> None:
    by_filter = row("a", said="table:visibility='filter' table:number-rows-repeated='2'")
    assert (of(row("h"), by_filter).looks.hidden_rows, of(row("h"), by_filter).looks.filtered) == ({2, 3}, True)
    assert not of(row("h"), by_filter, row("b", said="table:visibility='collapse'")).looks.filtered


def test_its_cells_are_used_or_told_as_those_of_a_workbook_are() -> None:
    data = ods(
        table(
            row(*VISITS, "Zone"),
            row(merged("UNMISS", 2), "2024-01-05", "N"),
            row("<table:covered-table-cell/>", "2024-01-06"),
            row("MINUSCA", "2024-01-07", said="table:visibility='collapse'"),
            row(),
            row("Note: as the sections report"),
        ),
        table(row("4711"), name="Notes"),
    )  # fmt: skip
    file, frames = read_file(data, "f.ods", CONFIG.contract("paet_visits"), CONFIG)
    assert frames["paet_visits"]["mission"].to_list() == ["UNMISS", "UNMISS", "MINUSCA"]
    told = {(one.trouble, one.where) for one in file.told}
    assert told == {
        ("spare_columns", "C"),
        ("note_row", "6"),
        ("hidden_rows", "4"),
        ("merged_cells", "A2:A3"),
        ("unused_sheets", "Notes"),
    }
    cells = sum((each.cells for each in file.tables.values()), Cells())
    assert (cells.read, cells.add_up) == (11, True)


REFUSED = {
    "a Word document": (packed(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<x/>"}), "word"),
    "slides": (packed(mimetype="application/vnd.oasis.opendocument.presentation", **{"content.xml": "<x/>"}), "slides"),
    "a drawing": (
        packed(mimetype="application/vnd.oasis.opendocument.graphics", **{"content.xml": "<x/>"}),
        "no_workbook",
    ),
    "no content": (packed(mimetype=SPREADSHEET), "no_workbook"),
    "no sheet": (ods(), "truncated"),
    "cut off": (packed(mimetype=SPREADSHEET, **{"content.xml": "<o:document-content"}), "truncated"),
    "cut off archive": (ods(table(row("a", "b")))[:-30], "truncated"),
    "locked": (ods(table(row("a")), **{"META-INF/manifest.xml": "<m:encryption-data/>"}), "locked"),
    "macros": (ods(table(row("a")), **{"Basic/Standard/Module1.xml": "<m/>"}), "macros"),
    "scripts": (ods(table(row("a")), **{"Scripts/python/a.py": "1"}), "macros"),
    "a sheet of another file": (ods(table("<table:table-source/>", row("a"))), "links"),
    "words of its own": (ods(table(row("a")), head="<!DOCTYPE x [<!ENTITY y 'z'>]>"), "disorder"),
    "a sheet in a cell": (ods(table(row(f"<table:table-cell>{table(row('a'))}</table:table-cell>"))), "disorder"),
    "a cell in a cell": (ods(table(row("<table:table-cell><table:table-cell/></table:table-cell>"))), "disorder"),
    "a path that leads out": (ods(table(row("a")), **{"../a.xml": "<a/>"}), "disorder"),
    "a row many times": (ods(table(row("a", said="table:number-rows-repeated='999999999'"))), "too_many_cells"),
    "a cell many times": (
        ods(table(row(value("string", "table:number-columns-repeated='999999'", "a")))),
        "too_wide",
    ),
    "many cells on many sheets": (
        ods(
            *(
                table(
                    row(
                        value("string", "table:number-columns-repeated='2000'", "a"),
                        said="table:number-rows-repeated='6000'",
                    ),
                    name=str(number),
                )
                for number in range(2)
            )
        ),
        "too_many_cells",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_spreadsheet_or_too_large_is_refused(name: str) -> None:
    data, problem = REFUSED[name]
    with pytest.raises(Unreadable) as refused:
        grids(data, "f.ods")
    assert refused.value.problem == problem


def test_what_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        grids(ods(table(row("a" * 9 * limits.MB))), "f.ods")
    assert refused.value.problem == "expands"


def test_a_merge_without_end_takes_no_time() -> None:
    endless = merged("UNMISS", 999_999_999, 999_999_999)
    file, _ = read_file(ods(table(row(*VISITS), row(endless))), "f.ods", CONFIG.contract("paet_visits"), CONFIG)
    assert ("merged_cells", "A2:XFD1048576") in {(one.trouble, one.where) for one in file.told}


def test_an_archive_packed_again_is_known_by_its_parts() -> None:
    content = ods(table(row("a", "b")))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in reversed(archive.namelist())}
    (grid,) = grids(packed(**parts), "f.ods")
    assert texts(grid) == [("a", "b")]
    with pytest.raises(Unreadable) as refused:
        grids(content, "f.xlsx")
    assert (refused.value.problem, refused.value.where) == ("named_otherwise", "holds an ods file")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_its_marked_copy_is_the_list_with_places(language: str) -> None:
    data = ods(table(row(empty(2), *VISITS), row(empty(2), "UNMISS", "yesterday")))
    result = checked(data, "paet_visits")
    made = marked(data, "f.ods", result.findings, CONFIG.contract("paet_visits"), CONFIG, language)
    assert (result.refused, made.cells) == (True, False)
    (listed,) = grids(made.workbook, "f.xlsx")
    said = [text for line in texts(listed) for text in line if text]
    assert any("Visits, D2" in text for text in said)
    assert any((".ods) are not marked" if language == "en" else ".ods) ne sont pas annotées") in text for text in said)


def checked(data: bytes, source: str, name: str = "f.ods", config: Config = CONFIG) -> Checked:
    return check_data(data, name, datetime(2024, 6, 1, tzinfo=UTC), config, source, None, CYCLE)


# What LibreOffice makes of troubled workbooks

TROUBLED = [
    (source, of_source, kind)
    for source, of_source in (
        ("paet_visits", "paet_visits"),
        ("pki_trainings", "pki_courses"),
        ("hospitals", "hospitals"),
        ("explosive_ordnance", "explosive_ordnance"),
    )
    for kind in KINDS
    # it computes what a workbook only names
    if kind != "a formula without a result"
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], tuple[bytes, bytes]]:
    """Workbooks with one trouble each, and what LibreOffice, which is started once, makes of them."""
    folder = tmp_path_factory.mktemp("office")
    given = {case: data for case in some(TROUBLED, 12) if (data := planted(*case))}
    names = {case: folder / f"{number}.xlsx" for number, case in enumerate(given)}
    for case, path in names.items():
        path.write_bytes(given[case])
    own, to = f"-env:UserInstallation=file://{folder}/profile", folder / "ods"
    told = [str(OFFICE), own, "--headless", "--convert-to", "ods", "--outdir", str(to), *map(str, names.values())]
    subprocess.run(told, check=True, capture_output=True, timeout=HANGS_S)
    return {case: (given[case], (to / f"{Path(path).stem}.ods").read_bytes()) for case, path in names.items()}


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed here")
@pytest.mark.parametrize(("source", "of_source", "kind"), some(TROUBLED, 12))
def test_a_troubled_workbook_saved_as_ods_gives_the_same_rows_and_findings(
    source: str, of_source: str, kind: str, saved: dict[tuple[str, str, str], tuple[bytes, bytes]]
) -> None:
    if (source, of_source, kind) not in saved:
        pytest.skip("this kind does not fit the table")
    workbook, spreadsheet = saved[source, of_source, kind]
    as_xlsx, as_ods = checked(workbook, source, "f.xlsx"), checked(spreadsheet, source)
    said = ("table", "rule", "column", "sheet", "row", "severity", "message")
    assert sorted(as_ods.findings.select(said).rows(), key=str) == sorted(as_xlsx.findings.select(said).rows(), key=str)
    assert rows_of(spreadsheet, source, "f.ods") == rows_of(workbook, source, "f.xlsx")


def rows_of(data: bytes, source: str, name: str) -> dict[str, list[tuple[object, ...]]]:
    frames: dict[str, pl.DataFrame] = read_file(data, name, CONFIG.contract(source), CONFIG)[1]
    return {name: frame.rows() for name, frame in frames.items()}
