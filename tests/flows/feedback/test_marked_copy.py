"""A marked workbook: the findings stand in exactly their cells, and all else is what the source sent."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter.utility import xl_rowcol_to_cell

from config import ConfigError, Language, load
from expectations.columns import SCHEMA
from expectations.troubles import TROUBLES
from flows.feedback import marked_copy
from flows.feedback.check import Checked, check, check_data
from flows.feedback.marked_copy import Marked, marked
from flows.feedback.marked_copy.styles import GROUNDS
from flows.intake.read.grids import grids
from tests.support.files import NOTICAS_HEADER, casualty, mission_book, noticas
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE = CONFIG.cycle(5)
NOTICAS = CONFIG.contract("noticas")
REPORT = CONFIG.contract("mission_report")
TRAININGS = "Conduct trainings"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RED, AMBER, BLUE = (GROUNDS[severity] for severity in ("critical", "warning", "info"))


def checked(data: bytes, name: str, **said: Any) -> Checked:
    """Check a file; what is told of its parts around the tables is not what these tests are about."""
    result = check_data(data, name, datetime(2024, 5, 25, tzinfo=UTC), CONFIG, cycle=CYCLE, **said)
    around = [trouble.rule for trouble in TROUBLES.values()]
    return replace(result, findings=result.findings.filter(~pl.col("rule").is_in(around)))


def marks(data: bytes, name: str, language: Language = "en") -> Marked:
    """Check a file and mark what is found."""
    result = checked(data, name)
    return marked(data, name, result.findings, CONFIG.contract(result.source or "noticas"), CONFIG, language)


def found(*places: tuple[str, int | None, str | None], severity: str = "critical") -> pl.DataFrame:
    """Return findings in these places: table, row, column."""
    rows = [
        {
            "table": table,
            "row": row,
            "column": column,
            "severity": severity,
            "message": f"Wrong: {number}.",
            "remedy": "Do.",
        }
        for number, (table, row, column) in enumerate(places)
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def with_parts(data: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """Return a file with its parts changed; one for which None is returned is left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in {**parts(data), **more}.items():
            if (changed := change(name, content)) is not None:
                file.writestr(name, changed)
    return buffer.getvalue()


def coloured(sheet: Any) -> dict[str, str]:
    """Return the cells of a sheet that have a severity's ground, with that ground."""
    cells = {cell.coordinate: cell.fill.fgColor.rgb for row in sheet.iter_rows() for cell in row if cell.has_style}
    return {address: colour for address, colour in cells.items() if colour in GROUNDS.values()}


def commented(sheet: Any) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}


def listed(book: Any) -> list[tuple[str, ...]]:
    """Return the lines of the list of findings: severity, where, what, what to do."""
    lines = [tuple(str(cell.value or "") for cell in row[:4]) for row in book.worksheets[0].iter_rows()]
    begin = next(at for at, line in enumerate(lines) if line[0] in ("Severity", "Gravité"))
    return lines[begin + 1 :]


def links(book: Any) -> list[str]:
    return [cell.hyperlink.location for row in book.worksheets[0].iter_rows() for cell in row if cell.hyperlink]


# --- a workbook as a mission keeps it ---------------------------------------------------------------------------------


def png() -> bytes:
    """A picture of one point."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")


def rich(*, macros: bool = False, folder: Path | None = None) -> bytes:
    """A mission's workbook with all that people put into one; A4, B5 and C5 of its trainings are wrong."""
    buffer = io.BytesIO()
    plain = opened(mission_book("UNMISS"))
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name in plain.sheetnames:
            if name == TRAININGS:
                _trainings(book)
                continue
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(plain[name].iter_rows(values_only=True)):
                for column, cell in enumerate(cells):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(row, column, cell, book.add_format({"num_format": "dd/mm/yyyy"}))
                    elif cell is not None:
                        sheet.write(row, column, cell)
        _notes(book)
        if macros and folder:
            (folder / "vbaProject.bin").write_bytes(b"\xd0\xcf\x11\xe0 macros \x00\x01")
            book.add_vba_project(str(folder / "vbaProject.bin"))
    return buffer.getvalue()


def _trainings(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet(TRAININGS)
    looks = book.add_format({"bold": True, "italic": True, "border": 2, "num_format": "0.00", "font_color": "#123456"})
    sheet.merge_range("A1:C1", "Conduct and discipline", book.add_format({"bold": True, "align": "center"}))
    sheet.write_row("A3", ["Training", "Sessions", "Training days", "Remarks"])
    sheet.write_row("A4", ["Inductoin", 12, 24, "as planned"], looks)
    sheet.write("A5", "Refresher", looks)
    sheet.write("B5", "many", looks)
    sheet.write_formula("C5", "=250*2", looks, 500)
    sheet.write_formula("E5", "=SUM(B4:C4)", None, 36)
    sheet.set_column("A:A", 31.5, None, {"level": 1})
    sheet.set_row(3, 27)
    sheet.write_comment("A4", "Ask Ms. Diop", {"author": "J. Doe"})
    sheet.write_comment("D4", "Keep me", {"author": "J. Doe"})
    sheet.data_validation("B4:B20", {"validate": "integer", "criteria": ">=", "value": 0})
    sheet.conditional_format("B4:B20", {"type": "data_bar"})
    sheet.freeze_panes(3, 1)
    sheet.autofilter("A3:D5")
    sheet.print_area("A1:D5")
    sheet.set_header('&C&"Arial"Trainings')
    sheet.insert_image("G2", "point.png", {"image_data": io.BytesIO(png())})
    sheet.add_table("G10:H12", {"columns": [{"header": "x"}, {"header": "y"}]})


def _notes(book: xlsxwriter.Workbook) -> None:
    notes = book.add_worksheet("Our notes")
    notes.write_column("A1", [1, 2, 3])
    notes.write_formula("B1", f"='{TRAININGS}'!B4*2", None, 24)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='Our notes'!$A$1:$A$3"})
    notes.insert_chart("D2", chart)
    notes.print_area("A1:B3")
    notes.write_comment("A2", "Ours")
    book.add_worksheet("Hidden").hide()
    book.add_chartsheet("Chart").set_chart(_of_notes(book))
    book.define_name("Total", "='Our notes'!$B$1")
    book.define_name(f"'{TRAININGS}'!Here", f"='{TRAININGS}'!$B$4")
    book.set_custom_property("Desk", "A4P")


def _of_notes(book: xlsxwriter.Workbook) -> Any:
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "='Our notes'!$A$1:$A$3"})
    return chart


def part_of(book: Mapping[str, bytes], sheet: str) -> str:
    """Return the path of a sheet's part."""
    relations = ElementTree.fromstring(book["xl/_rels/workbook.xml.rels"])
    targets = {one.get("Id"): one.get("Target") for one in relations}
    for one in ElementTree.fromstring(book["xl/workbook.xml"]).iter(f"{MAIN}sheet"):
        if one.get("name") == sheet:
            key = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
            return f"xl/{targets[one.get(key)]}"
    raise KeyError(sheet)


def test_only_marked_cells_and_what_marks_them_change() -> None:
    data = rich()
    book = marks(data, "UNMISS.xlsx").workbook
    before, after = parts(data), parts(book)
    sheet = part_of(before, TRAININGS)
    expected = {
        "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", sheet,
        # it has comments already: they are added to
        "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml",
        # the sheet that was open is so no longer
        part_of(before, "Cover"),
    }  # fmt: skip
    assert {name for name in before if before[name] != after.get(name)} == expected
    assert set(after) - set(before) == {part_of(after, "Findings")}
    # the cover is no longer the sheet that is open, and nothing else of it changes
    cover = part_of(before, "Cover")
    assert after[cover] == before[cover].replace(b'tabSelected="1"', b'tabSelected="0"')
    # of the marked sheet's XML three numbers of styles change
    changed = re.compile(rb'(<c r="(?:A4|B5|C5)" s=")\d+"')
    assert changed.sub(rb'\1"', after[sheet]) == changed.sub(rb'\1"', before[sheet])
    assert len(changed.findall(before[sheet])) == 3


def test_marked_cells_keep_their_looks_and_values() -> None:
    data = rich()
    before, after = opened(data)[TRAININGS], opened(marks(data, "UNMISS.xlsx").workbook)[TRAININGS]
    assert coloured(after) == {"A4": RED, "B5": RED, "C5": AMBER}
    for row in before.iter_rows():
        for cell in row:
            now = after[cell.coordinate]
            assert now.value == cell.value
            for look in ("font", "border", "alignment", "number_format", "protection"):
                assert repr(getattr(now, look)) == repr(getattr(cell, look)), (cell.coordinate, look)
            assert (repr(now.fill) == repr(cell.fill)) == (cell.coordinate not in ("A4", "B5", "C5"))
    assert after["C5"].value == "=250*2"
    assert after.merged_cells.ranges == before.merged_cells.ranges
    assert after.column_dimensions["A"].width == before.column_dimensions["A"].width


def test_what_is_counted_by_the_order_of_sheets_still_means_the_same() -> None:
    data = rich()
    before, after = opened(data), opened(marks(data, "UNMISS.xlsx").workbook)
    assert after.sheetnames == ["Findings", *before.sheetnames]
    assert after.active.title == "Findings"
    assert [sheet.title for sheet in after.worksheets if sheet.sheet_view.tabSelected] == ["Findings"]
    for sheet in before.worksheets:
        now = after[sheet.title]
        assert (now.print_area, set(now.defined_names)) == (sheet.print_area, set(sheet.defined_names))
        assert now.sheet_state == sheet.sheet_state
    assert before[TRAININGS].print_area
    assert "Here" in before[TRAININGS].defined_names
    assert after.defined_names["Total"].value == before.defined_names["Total"].value


def test_comments_that_are_there_stay() -> None:
    after = opened(marks(rich(), "UNMISS.xlsx").workbook)
    said = commented(after[TRAININGS])
    assert set(said) == {"A4", "B5", "C5", "D4"}
    assert said["D4"] == "Keep me"
    assert said["A4"].startswith("Ask Ms. Diop\n\nA4P+ check:\nMust be mended: ")
    assert after[TRAININGS]["D4"].comment.author == "J. Doe"
    assert after[TRAININGS]["B5"].comment.author == "A4P+ check"
    assert commented(after["Our notes"]) == {"A2": "Ours"}


def test_a_marked_workbook_is_checked_as_the_file_itself() -> None:
    data = rich()
    again = marks(data, "UNMISS.xlsx").workbook
    columns = ["table", "row", "column", "message"]
    first, second = (checked(one, "UNMISS.xlsx").findings.select(columns) for one in (data, again))
    assert first.height == 3
    assert second.equals(first)
    # and can be marked once more; the first list goes
    twice = opened(marks(again, "UNMISS.xlsx", "fr").workbook)
    assert twice.sheetnames[:2] == ["Constatations", "Cover"]
    assert coloured(twice[TRAININGS]) == {"A4": RED, "B5": RED, "C5": AMBER}


# --- workbooks as other programs write them ---------------------------------------------------------------------------

ODD = noticas(casualty(1), casualty(2, cause="Ilness"))


def book_of_casualties(*lines: str, header: str = NOTICAS_HEADER) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        for row, line in enumerate((header, *lines)):
            for column, cell in enumerate(line.split(",")):
                if cell:
                    sheet.write_string(row, column, cell)
    return buffer.getvalue()


def prefixed(name: str, content: bytes) -> bytes:
    """Write elements with a prefix, as some programs do."""
    if not name.startswith("xl/") or not name.endswith(".xml") or b"spreadsheetml/2006/main" not in content:
        return content
    content = re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1x:", content)
    return content.replace(
        b' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"',
        b' xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"',
    )


def without_references(name: str, content: bytes) -> bytes:
    if not name.startswith("xl/worksheets/sheet"):
        return content
    return re.sub(rb'(<(?:row|c))(?: spans="[^"]*")? r="[^"]*"', rb"\1", content)


def without_styles(name: str, content: bytes) -> bytes | None:
    if name == "xl/styles.xml":
        return None
    return (
        re.sub(rb"<(?:Relationship|Override) [^>]*styles[^>]*/>", b"", content)
        if "rels" in name or "Types" in name
        else content
    )


def in_utf16(name: str, content: bytes) -> bytes:
    if not name.startswith("xl/worksheets/sheet"):
        return content
    return content.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")


def with_absolute_targets(name: str, content: bytes) -> bytes:
    return content.replace(b'Target="worksheets/', b'Target="/xl/worksheets/') if name.endswith(".rels") else content


def with_odd_parts(name: str, content: bytes) -> bytes:
    return (
        content.replace(b"<sheetData>", b"<!-- <sheetData> <c r='E3'> --><sheetData>") if "sheet1" in name else content
    )


@pytest.mark.parametrize(
    "change", [prefixed, without_references, without_styles, with_absolute_targets, with_odd_parts]
)
def test_a_workbook_of_another_program_is_marked(change: Callable[[str, bytes], bytes | None]) -> None:
    data = with_parts(book_of_casualties(casualty(1), casualty(2, cause="Ilness")), change, **{"odd/part.bin": b"\0\1"})
    assert data != book_of_casualties(casualty(1), casualty(2, cause="Ilness"))
    book = marks(data, "c.xlsx").workbook
    assert parts(book)["odd/part.bin"] == b"\0\1"
    # the library reads what it wrote itself: with prefixes and references as the format has them
    sheet = opened(book)["Sheet1"]
    assert (coloured(sheet), list(commented(sheet))) == ({"E3": RED}, ["E3"])
    assert grids(book, "c.xlsx")[1].cells.rows() == grids(data, "c.xlsx")[0].cells.rows()


def test_a_workbook_in_utf16_is_marked() -> None:
    data = with_parts(book_of_casualties(casualty(1), casualty(2)), in_utf16)
    sheet = opened(marked_copy.annotate(data, "c.xlsx", found(("noticas", 3, "cause")), NOTICAS, CONFIG))
    assert sheet.sheetnames[0] == "Findings"


def test_a_workbook_that_cannot_be_marked_comes_back_as_its_list() -> None:
    """A part that declares entities of its own is not read."""

    def with_doctype(name: str, content: bytes) -> bytes:
        return (
            content.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY e "e">]><worksheet') if "sheet1" in name else content
        )

    data = with_parts(book_of_casualties(casualty(1), casualty(2)), with_doctype)
    result = marked(data, "c.xlsx", found(("noticas", 3, "cause")), NOTICAS, CONFIG)
    book = opened(result.workbook)
    assert book.sheetnames == ["Findings"]
    assert listed(book) == [("Must be mended", "The whole file", "Wrong: 0.", "Do.")]


@pytest.mark.parametrize(
    ("name", "data"), [("c.xlsx", b"PK\x03\x04 no zip"), ("c.csv", b"\xff\xfea\0"), ("c.xlsx", ODD)]
)
def test_a_file_that_cannot_be_read_comes_back_as_its_list(name: str, data: bytes) -> None:
    result = checked(data, name, source="noticas")
    book = opened(marked_copy.annotate(data, name, result.findings, NOTICAS, CONFIG))
    assert book.sheetnames == ["Findings"]
    assert [line[1] for line in listed(book)] == ["The whole file"]
    assert "could not be read" in " ".join(str(cell.value) for cell in book.worksheets[0]["A"])


def test_a_cell_that_the_file_leaves_out_is_put_in() -> None:
    data = book_of_casualties(casualty(1), casualty(2, cause=""))
    book = opened(marks(data, "c.xlsx").workbook)
    assert coloured(book["Sheet1"]) == {"E3": RED}
    assert book["Sheet1"]["E3"].value is None
    assert "“Cause” is blank" in commented(book["Sheet1"])["E3"]


def test_a_cell_inside_a_merged_range_is_marked_where_it_shows() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("S")
        for row, line in enumerate((NOTICAS_HEADER, casualty(1), casualty(2))):
            sheet.write_row(row, 0, line.split(","))
        sheet.merge_range("E2:E3", "Ilness")
    result = marked_copy.annotate(buffer.getvalue(), "c.xlsx", found(("noticas", 3, "cause")), NOTICAS, CONFIG)
    marked_book = opened(result)
    assert set(coloured(marked_book["S"])) == set(commented(marked_book["S"])) == {"E2"}


# --- CSV and JSON -----------------------------------------------------------------------------------------------------


def test_a_csv_comes_back_as_a_workbook_of_text_with_its_cells_marked() -> None:
    lines = [
        casualty(1),
        "",
        casualty(2, cause="=1+1"),
        casualty(3, day="@SUM(A1)"),
        casualty(4, cause="+49"),
        casualty(5, cause="-----"),
    ]
    data = noticas(*lines)
    book = opened(marks(data, "casualties.csv").workbook)
    assert book.sheetnames == ["Findings", "Data"]
    sheet = book["Data"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        [cell or None for cell in line.split(",")] if line else [None] * 10 for line in (NOTICAS_HEADER, *lines)
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert coloured(sheet) == {"E4": RED, "B5": RED, "E6": RED, "E7": RED}
    assert set(commented(sheet)) == {"E4", "B5", "E6", "E7"}
    assert [line[1] for line in listed(book)] == [
        "row 4 (Cause)", "row 5 (Incident date)", "row 6 (Cause)", "row 7 (Cause)",
    ]  # fmt: skip
    assert links(book) == ["'Data'!E4", "'Data'!B5", "'Data'!E6", "'Data'!E7"]


def test_a_json_comes_back_as_a_workbook_with_its_records_marked() -> None:
    names = NOTICAS_HEADER.split(",")
    records = [
        dict(zip(names, casualty(number, cause=cause).split(","), strict=True))
        for number, cause in ((1, "Illness"), (2, "Ilness"))
    ]
    data = json.dumps({"data": records}).encode()
    book = opened(marks(data, "casualties.json").workbook)
    sheet = book["Data"]
    assert [cell.value for cell in sheet[1]] == names
    assert [cell.value for cell in sheet[3]] == list(records[1].values())
    assert set(coloured(sheet)) == set(commented(sheet)) == {"E3"}
    assert listed(book)[0][1] == "record 2 (Cause)"
    assert links(book) == ["'Data'!E3"]


def test_text_of_a_csv_stays_what_it_is() -> None:
    odd = ["x_x0041_y", "_x0041_x0042_", "a&lt;<b>\"'", "two\r\nlines", " spaces ", "é\u00a0漢", "tab\there"]
    rows = [["casualty_id", "remarks"], *([f"C-{number}", text] for number, text in enumerate(odd))]
    data = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows).encode()
    book = marked_copy.annotate(data, "c.csv", found(("noticas", 2, "casualty_id")), NOTICAS, CONFIG)
    assert grids(book, "c.xlsx")[1].cells.rows() == grids(data, "c.csv")[0].cells.rows()


# --- the list of findings ---------------------------------------------------------------------------------------------


def test_worst_first_with_links_to_the_cells() -> None:
    book = opened(marks(rich(), "UNMISS.xlsx").workbook)
    assert listed(book) == [
        ("Must be mended", f"{TRAININGS}, A4 (Training)", "“Training” is not one of the allowed values.",
         "Write one of: Induction, Refresher, SEA prevention, Training of trainers."),
        ("Must be mended", f"{TRAININGS}, B5 (Sessions)", "“Sessions” is not a whole number.",
         "Write a whole number in digits (twelve at most), or one of the words None, Under Validation, -----."),
        ("Please look at", f"{TRAININGS}, C5 (Training days)",
         "“Training days” is more days than the cycle has: cycle 5 has 182.",
         "Count the days from 2023-11-01 to 2024-04-30 only."),
    ]  # fmt: skip
    assert links(book) == [f"'{TRAININGS}'!{cell}" for cell in ("A4", "B5", "C5")]
    sheet = book["Findings"]
    assert sheet["A1"].value == "Findings in UNMISS.xlsx"
    assert sheet["A2"].value.startswith("2 × Must be mended")
    assert sheet.auto_filter.ref


def test_in_french() -> None:
    book = opened(marks(rich(), "UNMISS.xlsx", "fr").workbook)
    assert book.sheetnames[0] == "Constatations"
    lines = listed(book)
    assert [line[0] for line in lines] == ["À corriger", "À corriger", "À examiner"]
    assert lines[1][2] == "La valeur de la colonne «\u00a0Séances\u00a0» n'est pas un nombre entier."
    said = commented(book[TRAININGS])
    assert said["B5"].startswith("À corriger\u00a0: La valeur de la colonne")
    assert said["A4"].startswith("Ask Ms. Diop\n\nVérification A4P+\u00a0:\nÀ corriger\u00a0: ")


def test_a_finding_on_a_file_or_a_sheet_is_listed_and_marks_nothing() -> None:
    data = mission_book("UNMISS", coordination=None, sofa_soma=[("remarks",), ("none",)])
    book = opened(marks(data, "UNMISS.xlsx").workbook)
    places = {line[1] for line in listed(book)}
    assert "SOFA-SOMA incidents" in {place.partition(" (")[0] for place in places}
    assert not any(coloured(sheet) or commented(sheet) for sheet in book.worksheets[1:])


def test_a_wrong_mission_on_the_cover_is_marked_there() -> None:
    data = mission_book("UNMISS")
    result = checked(data, "UNMISS.xlsx", mission="UNTSO")
    book = opened(marked_copy.annotate(data, "UNMISS.xlsx", result.findings, REPORT, CONFIG))
    assert coloured(book["Cover"]) == {"A2": RED}
    assert links(book) == ["'Cover'!A2"]


def test_nothing_found_is_said() -> None:
    book = opened(marks(mission_book("UNMISS"), "UNMISS.xlsx").workbook)
    assert listed(book) == []
    assert book["Findings"]["A2"].value == "Nothing was found."


def test_one_comment_a_cell_says_all_of_it() -> None:
    data = book_of_casualties(casualty(1), casualty(2))
    findings = pl.concat([
        found(("noticas", 3, "cause"), severity="info"), found(("noticas", 3, "cause"), severity="critical"),
        found(("noticas", 2, "cause"), severity="info"),
    ])  # fmt: skip
    sheet = opened(marked_copy.annotate(data, "c.xlsx", findings, NOTICAS, CONFIG))["Sheet1"]
    # its ground is that of the worst
    assert coloured(sheet) == {"E3": RED, "E2": BLUE}
    assert commented(sheet)["E3"] == "Must be mended: Wrong: 0.\nDo.\n\nNote: Wrong: 0.\nDo."


def test_no_value_of_a_cell_and_no_name_of_a_person_is_copied() -> None:
    header = f"{NOTICAS_HEADER},name,index_number"
    data = noticas(
        f"{casualty(1, cause='SECRET-1')},Jane Roe,UN-77",
        f"{casualty(2, day='SECRET-2')},John Roe,UN-78",
        header=header,
    )
    for name, content in (
        ("c.csv", data),
        ("c.xlsx", book_of_casualties(*data.decode().splitlines()[1:], header=header)),
    ):
        book = marks(content, name).workbook
        own = parts(book)
        said = own[part_of(own, "Findings")] + own["xl/comments1.xml"]
        assert b"SECRET" not in said
        assert b"Roe" not in said
        assert b"UN-7" not in said
        # it is the source's own file: nothing is taken away from it
        assert opened(book).worksheets[1]["K2"].value == "Jane Roe"


def test_so_many_findings_that_not_all_are_commented() -> None:
    places = [("noticas", row, column) for row in range(2, 1802) for column in ("cause", "mission", "incident_date")]
    data = noticas(*(casualty(number) for number in range(1800)))
    book = opened(marked_copy.annotate(data, "c.csv", found(*places), NOTICAS, CONFIG))
    assert len(coloured(book["Data"])) == len(places) == 5_400
    assert len(commented(book["Data"])) == 5_000
    assert len(listed(book)) == len(links(book)) == 5_400
    assert "Comments stand on the first 5,000 marked cells; all 5,400 are coloured." in {
        cell.value for cell in book["Findings"]["A"]
    }


# --- each finding of a cell in exactly that cell ----------------------------------------------------------------------

HEADERS = {
    name: [name, *column.spellings]
    for name, column in NOTICAS.tables["noticas"].columns_read.items()
    if not column.personal
}
VALUES = st.sampled_from(["", "", "x", "=1", "a b", "2024-01-01", "  ", "é"])


@st.composite
def sheets(draw: st.DrawFn) -> tuple[list[list[str]], list[str], list[tuple[int, int]]]:
    """Rows of text below a header, the columns' names, and the cells (row, column from 0) that are wrong."""
    names = draw(st.lists(st.sampled_from(sorted(HEADERS)), min_size=2, unique=True))
    rows = draw(st.lists(st.lists(VALUES, min_size=len(names), max_size=len(names)), min_size=1, max_size=8))
    # a blank row is no row of the table, and has no findings
    filled = [at for at, row in enumerate(rows) if any(cell.strip() for cell in row)]
    cells = [(row, column) for row in filled for column in range(len(names))]
    wrong = draw(st.lists(st.sampled_from(cells), unique=True)) if cells else []
    titles = [draw(st.sampled_from(HEADERS[name])) for name in names]
    return [titles, *rows], names, wrong


def written(rows: Sequence[Sequence[str]], above: int, left: int, styled: bool) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        grey = book.add_format({"bg_color": "#cccccc"})
        for row, cells in enumerate(rows):
            if styled:
                for column in range(left):
                    sheet.write_blank(above + row, column, None, grey)
            for column, cell in enumerate(cells):
                if cell:
                    sheet.write_string(above + row, left + column, cell)
                elif styled:
                    sheet.write_blank(above + row, left + column, None, grey)
    return buffer.getvalue()


def exactly(
    book: bytes, sheet: str, names: Sequence[str], cells: Sequence[tuple[int, int]], findings: pl.DataFrame
) -> None:
    """Hold that each finding is in its cell, row and column from 0 in the sheet, and nothing anywhere else."""
    expected = [xl_rowcol_to_cell(row, column) for row, column in cells]
    workbook = opened(book)
    assert set(coloured(workbook[sheet])) == set(expected)
    said = {
        address: f"Must be mended: {message}\nDo."
        for address, message in zip(expected, findings["message"], strict=True)
    }
    assert commented(workbook[sheet]) == said
    assert links(workbook) == [f"'{sheet}'!{address}" for address in expected]


@settings(max_examples=60 if SWEEP else 15, deadline=None)
@given(sheets(), st.integers(0, 4), st.integers(0, 30), st.booleans())
def test_each_finding_of_a_workbook_is_marked_in_exactly_its_cell(
    drawn: tuple[list[list[str]], list[str], list[tuple[int, int]]], above: int, left: int, styled: bool
) -> None:
    rows, names, wrong = drawn
    data = written(rows, above, left, styled)
    findings = found(*(("noticas", above + row + 2, names[column]) for row, column in wrong))
    book = marked_copy.annotate(data, "c.xlsx", findings, NOTICAS, CONFIG)
    exactly(book, "S", names, [(above + row + 1, left + column) for row, column in wrong], findings)


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A1" t="str"><v></v></c>', b'<c r="A1" t="inlineStr"><is><t></t></is></c>',
        b'<c r="A1" t="s"><v></v></c>',
        b'<c r="A1"><f>1+1</f></c>', b'<c r="A1"><f>1+1</f><v></v></c>', b'<c r="A1"><f>1+1</f><v/></c>',
        b'<c r="A1" t="str"><f>""</f><v></v></c>', b'<c r="A1" t="e"><v>#N/A</v></c>', b'<c r="A1" t="inlineStr"/>',
        b'<c r="A1" t="inlineStr"><is/></c>', b'<c r="A1" t="b"><v>0</v></c>', b'<c r="A1" s="0"/>',
    ],
)  # fmt: skip
def test_a_cell_that_shows_nothing_before_the_table_moves_no_mark(cell: bytes) -> None:
    """The reader leaves out columns without a value at the left of a sheet, such as formulas never reckoned."""

    def with_cell(name: str, content: bytes) -> bytes:
        return re.sub(rb'(<row r="1"[^>]*>)', rb"\1" + cell, content) if "sheet1" in name else content

    data = with_parts(written([["casualty_id", "cause"], ["x", "y"]], 0, 2, styled=False), with_cell)
    book = opened(marked_copy.annotate(data, "c.xlsx", found(("noticas", 2, "cause")), NOTICAS, CONFIG))
    assert set(coloured(book["S"])) == {"D2"}


@settings(max_examples=40 if SWEEP else 10, deadline=None)
@given(sheets(), st.sampled_from(["csv", "json"]))
def test_each_finding_of_a_csv_or_json_is_marked_in_exactly_its_cell(
    drawn: tuple[list[list[str]], list[str], list[tuple[int, int]]], kind: str
) -> None:
    rows, names, wrong = drawn
    if kind == "csv":
        data = "\n".join(",".join(f'"{cell}"' if cell else "" for cell in row) for row in rows).encode()
    else:
        data = json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]]).encode()
    beside = 2 if kind == "csv" else 1
    findings = found(*(("noticas", row + beside, names[column]) for row, column in wrong))
    book = marked_copy.annotate(data, f"c.{kind}", findings, NOTICAS, CONFIG)
    exactly(book, "Data", names, [(row + 1, column) for row, column in wrong], findings)


# --- use --------------------------------------------------------------------------------------------------------------


def test_it_is_written_beside_the_file_and_never_over_it(tmp_path: Path) -> None:
    file = tmp_path / "casualties.xlsx"
    file.write_bytes(book_of_casualties(casualty(1), casualty(2, cause="Ilness")))
    before = file.read_bytes()
    result = check(file, CONFIG, cycle=CYCLE)
    marked_copy.write(file, tmp_path / "out.xlsx", result, CONFIG)
    assert coloured(opened((tmp_path / "out.xlsx").read_bytes())["Sheet1"]) == {"E3": RED}
    with pytest.raises(ConfigError, match="is the file itself"):
        marked_copy.write(file, file, result, CONFIG)
    with pytest.raises(ConfigError, match=r"must be named with \.xlsx at its end"):
        marked_copy.write(file, tmp_path / "out.csv", result, CONFIG)
    with pytest.raises(ConfigError, match="There is no folder"):
        marked_copy.write(file, tmp_path / "nowhere" / "out.xlsx", result, CONFIG)
    assert file.read_bytes() == before


def test_the_same_file_gives_the_same_bytes() -> None:
    data = rich()
    assert marks(data, "UNMISS.xlsx").workbook == marks(data, "UNMISS.xlsx").workbook
    assert marks(ODD, "c.csv").workbook == marks(ODD, "c.csv").workbook
