"""Files that are not what they should be: each refused in plain words, and the refresh goes on."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from flows.core.records import Gathered
from flows.intake.books.completeness import submissions
from tests.support.files import (
    BOOK_ROWS,
    CONFIG,
    NOTICAS_HEADER,
    Rooms,
    allegations,
    casualty,
    mission_book,
    noticas,
    workbook,
)

pytestmark = pytest.mark.slow

GOOD = noticas(casualty(1), casualty(2))
BOOK = workbook({"S": [NOTICAS_HEADER.split(","), casualty(1).split(",")]})
PAGE = b"\r\n<!DOCTYPE html><html><body><h1>Sign in to continue</h1></body></html>"


def ole_container(*streams: str) -> bytes:
    """A compound file, as a workbook with a password or an .xls is one: header, allocation table, directory."""
    free, end, table, size = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 512

    def entry(name: str, kind: int, child: int = free, right: int = free, start: int = end) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<BBIII", kind, 1, free, right, child)
        return text.ljust(64, b"\0") + struct.pack("<H", len(text)) + links + bytes(36) + struct.pack("<IQ", start, 0)

    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    head = magic + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    sectors = struct.pack("<II", table, end).ljust(size, b"\xff")
    entries = [entry("Root Entry", 5, child=1)]
    for number, name in enumerate(streams, start=1):
        entries.append(entry(name, 2, right=number + 1 if number < len(streams) else free))
    assert len(head) == size
    assert {len(one) for one in entries} == {128}
    return head + sectors + b"".join(entries).ljust(size, b"\0")


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return buffer.getvalue()


def encrypted_archive() -> bytes:
    """An archive whose entries say that they are encrypted."""
    data = bytearray(archive(**{"xl/workbook.xml": b"x"}))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + offset] |= 1
    return bytes(data)


def unknown_columns(count: int) -> bytes:
    more = ",".join(f"more_{number}" for number in range(count))
    return f"{NOTICAS_HEADER},{more}\n{casualty(1)}{',x' * count}\n".encode()


def answer(**around: object) -> bytes:
    """What an API answers: a record, and what it says of the others."""
    return json.dumps({**around, "results": [{"casualty_id": "UNMISS-1", "mission": "UNMISS"}]}).encode()


@dataclass(frozen=True)
class Bad:
    """A file of casualties, the rule that refuses it, and what the message ends with."""

    name: str
    data: bytes
    rule: str
    said: str = "."


BAD = {
    "empty": Bad("f.csv", b"", "file_holds_something"),
    "empty workbook": Bad("f.xlsx", b"", "file_holds_something"),
    "white space": Bad("f.csv", b"\xef\xbb\xbf \r\n\t\n", "file_holds_something"),
    "truncated workbook": Bad("f.xlsx", BOOK[: len(BOOK) // 2], "file_is_whole"),
    "first bytes of a workbook": Bad("f.xlsx", BOOK[:10], "file_is_whole"),
    "archive": Bad("f.xlsx", archive(**{"f.csv": GOOD}), "workbook_is_xlsx"),
    "archive by its name": Bad("f.zip", archive(**{"f.csv": GOOD}), "workbook_is_xlsx", "not an Excel workbook."),
    "encrypted archive": Bad("f.xlsx", encrypted_archive(), "file_is_not_locked"),
    "page as workbook": Bad("f.xlsx", PAGE, "file_is_no_web_page"),
    "page as csv": Bad("f.csv", PAGE, "file_is_no_web_page"),
    "csv as xls": Bad("f.xls", GOOD, "file_is_what_its_name_says", "content disagree: it holds a csv file."),
    "csv as xlsx": Bad("f.xlsx", GOOD, "file_is_what_its_name_says", "content disagree: it holds a csv file."),
    "workbook as csv": Bad("f.csv", BOOK, "file_is_what_its_name_says", "content disagree: it holds an xlsx file."),
    "workbook as xls": Bad("f.xls", BOOK, "file_is_what_its_name_says", "content disagree: it holds an xlsx file."),
    "json as csv": Bad("f.csv", b'[{"a": 1}]', "file_is_what_its_name_says", "content disagree: it holds a json file."),
    "unknown ending": Bad("f.dat", GOOD, "file_is_what_its_name_says", "content disagree: it holds a csv file."),
    "no ending": Bad("casualties", GOOD, "file_is_what_its_name_says", "content disagree: it holds a csv file."),
    "latin-1": Bad(
        "f.csv",
        noticas(casualty(1), casualty(2).replace("Namibia", "Côte d'Ivoire")).decode().encode("latin-1"),
        "text_is_utf8",
        "would be lost: line 3.",
    ),
    "utf-16": Bad("f.csv", GOOD.decode().encode("utf-16"), "text_is_utf8"),
    "utf-16 of the other order": Bad("f.csv", b"\xfe\xff" + GOOD.decode().encode("utf-16-be"), "text_is_utf8"),
    "picture": Bad("f.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "file_is_no_picture", "is a picture."),
    "photograph as workbook": Bad("f.xlsx", b"\xff\xd8\xff\xe0\x00\x10JFIF", "file_is_no_picture"),
    "drawing": Bad("f.csv", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "file_is_no_picture"),
    "something binary": Bad("f.csv", b"\x01\x02\x00\x03", "file_is_text_or_workbook"),
    "packed otherwise": Bad("f.csv", b"7z\xbc\xaf\x27\x1c\x00\x04", "workbook_is_xlsx", "not an Excel workbook."),
    "shortcut": Bad("f.xlsx", b"L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00", "file_is_no_shortcut"),
    "shortcut by its name": Bad("f.xlsx.lnk", b"L\x00\x00\x00\x01\x14\x02\x00", "file_is_no_shortcut"),
    "shortcut to a page": Bad("f.csv", b"[InternetShortcut]\r\nURL=https://example.org/\r\n", "file_is_no_shortcut"),
    "Word": Bad("f.xlsx", archive(**{"word/document.xml": b"<w/>"}), "file_is_no_document", "not a workbook."),
    "Word by its name": Bad("f.docx", archive(**{"word/document.xml": b"<w/>"}), "file_is_no_document"),
    "old Word": Bad(
        "f.doc", ole_container("WordDocument"), "file_is_no_document", "as Word writes it, and not a workbook."
    ),
    "rich text": Bad("f.csv", b"{\\rtf1\\ansi A}", "file_is_no_document"),
    "slides": Bad("f.pptx", archive(**{"ppt/presentation.xml": b"<p/>"}), "file_is_no_document", "not a workbook."),
    "workbook of 2003": Bad(
        "f.xls",
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "workbook_is_xlsx",
    ),
    "OpenDocument of a text": Bad(
        "f.odt",
        archive(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<o/>"}),
        "file_is_no_document",
        "not a workbook.",
    ),
    "OpenDocument without sheets": Bad(
        "f.ods",
        archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": b"<o/>"}),
        "file_is_whole",
    ),
    "headers only": Bad("f.csv", noticas(), "file_has_rows"),
    "headers only, in a workbook": Bad("f.xlsx", workbook({"S": [NOTICAS_HEADER.split(",")]}), "file_has_rows"),
    "header twice": Bad(
        "f.csv",
        noticas(f"{casualty(1)},UNIFIL", header=f"{NOTICAS_HEADER},Mission_Acronym"),
        "columns_are_named_once",
        "which one counts: Mission.",
    ),
    "200 columns": Bad("f.csv", unknown_columns(190), "columns_are_those_agreed", "agreed export: 200 instead of 14."),
    "2,500 columns": Bad("f.csv", unknown_columns(2_491), "file_has_a_reasonable_width"),
    "another source": Bad(
        "f.xlsx", allegations(1), "file_is_of_this_source", "another source: Allegations of misconduct."
    ),
    "locked workbook": Bad("f.xlsx", ole_container("EncryptionInfo", "EncryptedPackage"), "file_is_not_locked"),
    "old workbook": Bad("f.xls", ole_container("Workbook"), "workbook_is_xlsx"),
    "old workbook by a new name": Bad("f.xlsx", ole_container("Workbook"), "workbook_is_xlsx"),
    "pdf": Bad("f.xlsx", b"%PDF-1.7\n\x00\xff", "file_is_no_pdf"),
    "json that is no list": Bad("f.json", b'{"error": "not found"}', "json_is_a_list_of_records"),
    "list that holds no records": Bad("f.json", b"[1, 2]", "json_is_a_list_of_records"),
    "page of many records": Bad(
        "f.json", answer(count=250, next=None, previous=None), "json_holds_all_records", "missing: 1 of 250 records."
    ),
    "page with a link to the next": Bad(
        "f.json",
        answer(**{"@odata.nextLink": "https://example.org/api?skip=1"}),
        "json_holds_all_records",
        "missing: it says that others follow or go before.",
    ),
    "last page": Bad("f.json", answer(meta={"page": 3, "total_pages": 3}), "json_holds_all_records", "page 3 of 3."),
    "page with links in a list": Bad(
        "f.json", answer(links=[{"rel": "self", "href": "x"}, {"rel": "next", "href": "y"}]), "json_holds_all_records"
    ),
    "name twice": Bad(
        "f.json",
        b'[{"casualty_id": "X-1"}, {"casualty_id": "X-2", "casualty_id": "X-3"}]',
        "json_names_each_value_once",
        "which one counts: record 2.",
    ),
    "name twice around the records": Bad("f.json", b'{"data": [], "data": []}', "json_names_each_value_once"),
    "backslashes in the names of its parts": Bad(
        "f.xlsx", archive(**{"xl\\workbook.xml": b"x"}), "workbook_is_put_together_as_usual"
    ),
    "truncated json": Bad("f.json", b'[{"casualty_id": "X",\n"mission', "file_is_whole", "or cut off: line 2."),
    "half a character": Bad("f.json", b'[{"casualty_id": "\\ud800"}]', "text_is_whole_characters"),
    "missing column": Bad(
        "f.csv",
        b"casualty_id,mission,incident_date\nX-1,UNIFIL,2024-01-15\n",
        "required_columns_are_there",
        "Columns are missing: Cause.",
    ),
    "columns of nobody": Bad(
        "f.csv",
        b"one,two\n1,2\n",
        "required_columns_are_there",
        "Columns are missing: Casualty ID, Incident date, Mission, Cause.",
    ),
}
# words of programs and programmers, which say nothing to an office that has to mend its file
JARGON = re.compile(
    r"\werror|exception|traceback|null|none\b|parse|decode|codec|byte|bool|string|regex|polars|zip|xml|schema|0x|_[a-z]+\(",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Rooms:
    return Rooms(tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="module")
def files(rooms: Rooms) -> dict[str, str]:
    """Every bad file in one folder, as someone would leave a folder, beside a good file of another source."""
    rooms.put("conduct_allegations/good.xlsx", allegations(1, 2, 3))
    rooms.put("noticas/~$good.xlsx", b"\x05lock of an office program")
    rooms.put("noticas/.DS_Store", b"\x00\x00")
    rooms.put("noticas/Thumbs.db", b"\x00\x00")
    return {name: rooms.put(f"noticas/{name}/{bad.name}", bad.data) for name, bad in BAD.items()}


@pytest.fixture(scope="module")
def gathered(rooms: Rooms, files: Mapping[str, str]) -> Gathered:
    # every one is refused, so the refresh looks at the one before it, and so at all of them
    return rooms.gather()


@pytest.fixture(scope="module")
def findings(rooms: Rooms, gathered: Gathered) -> pl.DataFrame:
    return rooms.findings(gathered)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_plain_words(name: str, files: Mapping[str, str], findings: pl.DataFrame) -> None:
    bad = BAD[name]
    (finding,) = findings.filter(pl.col("file") == files[name]).iter_rows(named=True)
    assert finding["rule"] == bad.rule
    assert finding["severity"] == "critical"
    assert finding["source"] == "noticas"
    assert finding["message"].endswith(bad.said)
    for text in (finding["message"], finding["remedy"]):
        assert re.fullmatch(r"[A-Z].+\.", text)
        assert not JARGON.search(text), text


def test_the_good_file_of_another_source_is_accepted(rooms: Rooms, gathered: Gathered) -> None:
    said = submissions(gathered)
    good = said.filter(pl.col("source") == "conduct_allegations")
    assert good.select("file", "rows_read", "rows_staged", "rows_quarantined", "status").rows() == [
        ("cycle-05/conduct_allegations/good.xlsx", 3, 3, 0, "accepted")
    ]
    assert rooms.staged(gathered, "conduct_allegations")["allegation_id"].to_list() == ["A-1", "A-2", "A-3"]
    assert rooms.staged(gathered, "noticas").is_empty()


def test_every_file_is_accounted_for_and_none_that_nobody_sent(gathered: Gathered, files: Mapping[str, str]) -> None:
    said = submissions(gathered).filter(pl.col("source") == "noticas")
    assert said["file"].sort().to_list() == sorted(files.values())
    assert set(said["status"]) == {"refused"}
    assert (said["rows_read"] == said["rows_quarantined"]).all()


def test_the_inbox_is_left_as_it_was(rooms: Rooms, gathered: Gathered) -> None:
    sent = {path.relative_to(rooms.inbox): path.read_bytes() for path in rooms.inbox.rglob("*") if path.is_file()}
    assert len(sent) == len(BAD) + 4
    assert all(sent[Path("cycle-05", "noticas", name, bad.name)] == bad.data for name, bad in BAD.items())


@pytest.mark.slow
def test_folders_and_workbooks_of_missions(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path)
    book = "mission_report/{}/book.xlsx"
    rooms.put(book.format("UNIFIL"), mission_book("UNIFIL"))
    rooms.put(book.format("unmiss"), mission_book("UNMISS"))
    wrong = {
        rooms.put(book.format("ATLANTIS"), mission_book("MINUSCA")): "file_is_in_a_mission_folder",
        rooms.put("mission_report/book.xlsx", mission_book("UNISFA")): "file_is_in_a_mission_folder",
        rooms.put(book.format("MONUSCO"), mission_book("UNTSO")): "mission_is_the_folders",
        rooms.put(book.format("UNFICYP"), mission_book("UNFICYP", 4)): "cycle_is_the_folders",
        rooms.put(book.format("MINURSO"), mission_book("MINURSO", sofa_soma=None)): "sheet_is_there",
        rooms.put(book.format("UNDOF"), mission_book("UNDOF", conduct_training=[("training",), ("Induction",)])): (
            "required_columns_are_there"
        ),
        rooms.put(book.format("UNMIK"), GOOD): "file_is_what_its_name_says",
        rooms.put(book.format("UNMOGIP"), workbook({"Sheet1": [("note",), ("to follow",)]})): "sheet_is_there",
    }
    gathered = rooms.gather()
    found = rooms.findings(gathered).filter(pl.col("severity") == "critical")
    assert {file: set(rules) for file, rules in found.group_by("file").agg("rule").iter_rows()} == {
        file: {rule} for file, rule in wrong.items()
    }
    # a sheet that is refused takes no other with it
    in_use = {
        table: set(rooms.staged(gathered, table)["mission"]) for table in CONFIG.contract("mission_report").tables
    }
    assert in_use == {
        **{table: {"UNIFIL", "UNMISS", "MINURSO", "UNDOF"} for table in BOOK_ROWS},
        "conduct_training": {"UNIFIL", "UNMISS", "MINURSO"},
        "sofa_soma": {"UNIFIL", "UNMISS", "UNDOF"},
    }
    absent = found.filter(pl.col("file").str.contains("MINURSO")).row(0, named=True)
    assert (absent["table"], absent["sheet"], absent["mission"]) == ("sofa_soma", "SOFA-SOMA incidents", "MINURSO")


def test_an_empty_inbox_gives_empty_tables(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path)
    gathered = rooms.gather()
    assert rooms.findings(gathered).is_empty()
    assert len(gathered.tables) == sum(len(contract.tables) for contract in CONFIG.contracts.values())
    assert all(rooms.frame(one.staged).is_empty() for one in gathered.tables)
