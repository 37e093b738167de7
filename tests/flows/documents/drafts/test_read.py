"""Drafts of text, Markdown and HTML, and what is said where nothing can be read."""

from __future__ import annotations

import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from config import ConfigError
from flows.core.errors import NotReadable
from flows.documents.drafts.passages import Cell, Kind
from flows.documents.drafts.read import read
from tests.support.word_files import docx, paragraph

REPORT = Path(__file__).parents[5] / "shared/report-5/report.txt"


def said(name: str, text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, one.text) for one in read(name, text.encode()).passages]


def test_text_that_is_wrapped_is_unwrapped_and_stars_are_taken_out() -> None:
    text = (
        "Missions held approximately **914 conduct trainings** in\n6 months, for peace-\n"
        "keeping.\n\n- 29** Uniformed Personnel\n(down from 44)\n- 15** Civilian\n\n¹ A note with 3.\n"
    )
    assert said("a.txt", text) == [
        (
            "paragraph",
            "Missions held approximately 914 conduct trainings in 6 months, for peacekeeping.",
        ),
        ("paragraph", "29 Uniformed Personnel (down from 44)"),
        ("paragraph", "15 Civilian"),
        ("note", "¹ A note with 3."),
    ]


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_tables_with_bars_are_cells(name: str) -> None:
    rows = "| | # trainings |\n|---|:---:|\n| Medical | **8** (up from 4) |\n| a \\| b | |"
    text = f"Trainings by kind\n\n{rows}\n\nAfter it."
    draft = read(name, text.encode())
    assert [(one.text, one.cell) for one in draft.passages if one.cell] == [
        ("# trainings", Cell(0, 0, 1)),
        ("Medical", Cell(0, 1, 0)),
        ("8 (up from 4)", Cell(0, 1, 1)),
        ("a | b", Cell(0, 2, 0)),
    ]
    assert (draft.passages[0].kind, draft.passages[-1].text) == (Kind.CAPTION, "After it.")


def test_markdown_without_its_signs() -> None:
    text = (
        "---\ntitle: Draft\n---\nPriority 3\n==========\n\n## Training [2024]\n\n"
        "Held *914* [trainings](http://x.y/2023)[^1] and `511`.\nOn the next line ~~400~~ 5\\_000.\n\n"
        "Name | Number\n--- | ---\na | 1\n\n[^1]: A note with 7.\n\n***\n\n> quoted 8\n"
    )
    assert said("a.md", text) == [
        ("heading", "Priority 3"),
        ("heading", "Training [2024]"),
        ("paragraph", "Held 914 trainings and 511. On the next line 5_000."),
        ("cell", "Name"),
        ("cell", "Number"),
        ("cell", "a"),
        ("cell", "1"),
        ("note", "A note with 7."),
        ("paragraph", "quoted 8"),
    ]


def test_a_page_as_a_browser_shows_it() -> None:
    page = (
        "<html><head><title>T 1</title><style>p{margin:2px}</style></head><body><nav>Page 9</nav>"
        "<h1>Priority&nbsp;3</h1>"
        "<p>Held <b>91</b>4<sup>3</sup><sup><a href='#n'>4</a></sup> &amp;<br>more<script>var a = 5</script>"
        "<p hidden>6</p><p style='display: none'>7</p><p>It was <del>8</del><ins>9</ins>"
        "<table><caption>Table 1: All</caption><tr><th rowspan=2>Mission<th colspan=2>Wide<tr><td>10<td>11</table>"
        "<ul><li>one<li>two</ul><div>tail</div>"
    )
    draft = read("a.html", page.encode())
    assert [(one.kind.value, one.text) for one in draft.passages] == [
        ("margin", "Page 9"),
        ("heading", "Priority\u00a03"),
        ("paragraph", "Held 914³ & more"),
        ("paragraph", "It was 9"),
        ("caption", "Table 1: All"),
        ("cell", "Mission"),
        ("cell", "Wide"),
        ("cell", "10"),
        ("cell", "11"),
        ("paragraph", "one"),
        ("paragraph", "two"),
        ("paragraph", "tail"),
    ]
    assert [one.cell for one in draft.passages if one.cell] == [
        Cell(0, 0, 0),
        Cell(0, 0, 1),
        Cell(0, 1, 1),
        Cell(0, 1, 2),
    ]


def test_letters_of_windows_and_of_utf_16_are_read() -> None:
    assert read("a.txt", "Opérations – 914".encode("cp1252")).passages[0].text == "Opérations – 914"
    assert read("a.txt", "\ufeffOpérations 914".encode("utf-16-le")).passages[0].text == "Opérations 914"
    page = b"<meta charset='iso-8859-2'><p>\xb1 914"
    assert read("a.html", page).passages[0].text == "ą 914"


@pytest.mark.skipif(not REPORT.exists(), reason="the printed report lies beside the checkout")
def test_the_printed_report_is_read_with_its_tables() -> None:
    draft = read("report.txt", REPORT.read_bytes())
    cells = {one.cell: one.text for one in draft.passages if one.cell}
    assert len({cell.table for cell in cells}) == 8
    assert (cells[Cell(2, 1, 0)], cells[Cell(2, 1, 2)]) == ("Engineering", "110 (↑ from 38)")
    training = next(one for one in draft.passages if "approximately 914 sessions" in one.text)
    assert training.heading == ("Priority 3", "TRAINING")
    assert not any("**" in one.text or "<" in one.text.replace("<http", "") for one in draft.passages)


BOMB = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.docx", b"", "is empty"),
        ("a.docx", b"PK\x03\x04 cut off", "is damaged"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(600), "locked with a password"),
        ("a.docx", docx(""), "there is no text in it"),
        ("a.docx", docx(paragraph("<w:r/>" * 20)), "there is no text in it"),
        ("a.docx", docx("<w:p>" * 20_000), "damaged|no word processor"),
        ("a.docx", docx("<w:sdt><w:sdtContent>" * 20_000 + "</w:sdtContent></w:sdt>" * 20_000), "no word processor"),
        ("a.docx", docx("<w:p/>" * 3_000_000), "no word processor|more than any report"),
        ("a.docx", docx("<w:t>" + "a" * 100_000_000), "more than"),
        ("a.pdf", b"%PDF-1.4 and no more", "is damaged"),
        ("a.pdf", b"hello", "is damaged"),
        ("a.txt", b"PK\x03\x04", "is no text"),
        ("a.html", b"<html><body><img src=x></body></html>", "no text in it"),
        ("a.md", b"---\n", "no text in it"),
        ("a.txt", b"x" * 10_000_001, "more than 10 MB"),
    ],
    ids=lambda one: one if isinstance(one, str) and len(one) < 60 else "",
)
def test_a_draft_that_cannot_be_read_fails_fast_and_in_one_sentence(name: str, content: bytes, why: str) -> None:
    begin = time.process_time()
    with pytest.raises(NotReadable, match=why) as failed:
        read(f"/some/folder/{name}", content)
    assert time.process_time() - begin < 5
    text = str(failed.value)
    assert "\n" not in text
    assert "/some/folder" not in text
    assert text.endswith(".")


def test_entities_that_grow_are_refused() -> None:
    content = docx(paragraph("x"))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    held["word/document.xml"] = (BOMB + "]>").encode() + b"<w>&i;</w>"
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    with pytest.raises(NotReadable, match="is damaged"):
        read("a.docx", buffer.getvalue())


@pytest.mark.parametrize("name", ["a.doc", "a.odt", "a", "a.xlsx"])
def test_other_kinds_of_files_are_told_from_the_name(name: str) -> None:
    with pytest.raises(ConfigError, match=r"is none of \.docx"):
        read(name, b"x")


def test_a_line_that_stands_alone_heads_what_follows_in_every_kind_of_file():
    said = [
        "TRAINING",
        "The academy",
        "It held 3 courses.",
        "Engineering",
        "Medical",
        "Signals",
        "All of them went well.",
    ]
    page = "".join(f"<p>{each}</p>" for each in [*said, "Who was trained"]) + "<table><tr><td>All<td>9</table>"
    found = read("a.html", f"<h1>Report</h1>{page}".encode()).passages
    kinds = {one.text: one.kind for one in found}
    assert [kinds[each] is Kind.HEADING for each in said] == [True, True, False, False, False, False, False]
    heads = {one.text: one.heading for one in found}
    assert heads["It held 3 courses."] == ("Report", "TRAINING", "The academy")
    # three short lines below each other are a list
    assert heads["All of them went well."] == ("Report", "TRAINING", "The academy")
    assert kinds["Who was trained"] is Kind.CAPTION
