"""Drafts in Word: what is read, comments beside letters, numbers in controls that are renewed."""

from __future__ import annotations

import io
import re
import zipfile
from xml.dom import minidom

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.documents.drafts.controls import controls, filled, linked
from flows.documents.drafts.mark import marked
from flows.documents.drafts.package import Package
from flows.documents.drafts.passages import Cell, Draft, Kind, Link, Remark
from flows.documents.drafts.read import read
from flows.documents.drafts.word_text import text_of
from tests.support.word_files import covered, docx, paragraph, rich, run, table, text_box

RICH = rich()
DRAFT = read("draft.docx", RICH)
TEXTS = [one.text for one in DRAFT.passages]
NUMBER = re.compile(r"\d[\d,.\u00a0]*\d|\d|neuf")


def numbers(draft: Draft) -> list[tuple[int, int, int]]:
    return [(one.number, it.start(), it.end()) for one in draft.passages for it in NUMBER.finditer(one.text)]


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def lowered(text: str) -> str:
    """Return a text with raised digits as they stand in the file."""
    return text.replace("⁴", "4")


def test_all_that_a_word_processor_puts_between_letters_is_read_as_a_person_reads_it() -> None:
    assert TEXTS == [
        "Contents",
        "Priority 3",
        "Missions held 914 trainings & more, up from 511.",
        "460k people⁴; 5-6\t7 8 90; 12↑from 3",
        "Table 1: trainings",
        "# trainings",
        "Medical",
        "8 (up from 4)",
        "Nested",
        "in",
        "44",
        "out 45",
        "in a control 21",
        "boxed 32",
        "a",
        "33",
        "Before the box 31  behind it 34",
        "x=35 neuf missions, 12\u00a0000 km",
        " Note with 51",
        "Last note 52",
        "Draft of 61 May",
        "Page 62",
    ]
    by_text = {one.text: one for one in DRAFT.passages}
    assert by_text["Contents"].kind is Kind.MARGIN
    assert by_text["Priority 3"].kind is Kind.HEADING
    assert by_text["Table 1: trainings"].kind is Kind.CAPTION
    assert by_text["boxed 32"].kind is Kind.BOX
    assert by_text["Page 62"].kind is Kind.MARGIN
    assert by_text[" Note with 51"].heading == ("Priority 3",)
    assert by_text["8 (up from 4)"].cell == Cell(0, 1, 1)
    assert by_text["44"].cell == Cell(1, 0, 1)
    assert by_text["out 45"].cell == Cell(0, 2, 1)


def test_merged_cells_have_the_place_of_the_first_and_later_ones_move() -> None:
    wide = f"<w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>{paragraph('wide')}</w:tc>"
    rows = f"<w:tbl><w:tr>{wide}<w:tc>{paragraph('third')}</w:tc></w:tr></w:tbl>"
    draft = read("a.docx", docx(rows))
    assert [(one.text, one.cell) for one in draft.passages] == [("wide", Cell(0, 0, 0)), ("third", Cell(0, 0, 2))]


def test_comments_cover_exactly_the_letters_and_nothing_else_changes() -> None:
    remarks = [
        Remark(*at, f"{number}: {DRAFT.passages[at[0]].text[at[1] : at[2]]}", "contradicts")
        for number, at in enumerate(numbers(DRAFT))
    ]
    out = marked("draft.docx", RICH, remarks)
    assert [one.text for one in read("draft.docx", out).passages] == TEXTS
    found = covered(out)
    in_text = {said: letters for said, letters in found.items() if not said.startswith("In the ")}
    assert len(found) == len(remarks)
    # a formula is covered as a whole
    assert {said: letters for said, letters in in_text.items() if said.split(": ")[1] != letters} == {"21: 35": "x=35"}
    # headers and notes take no comment: it stands in the text, and quotes them
    assert sorted(said.split(", ")[0] for said in found if said not in in_text) == [
        "In the header or footer “Draft of 61 May”",
        "In the header or footer “Page 62”",
        "In the note “Last note 52”",
        "In the note “Note with 51”",
    ]
    before, after = parts(RICH), parts(out)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {
        "word/document.xml", "word/comments.xml", "word/_rels/document.xml.rels", "[Content_Types].xml",
    }  # fmt: skip
    for name in changed:
        minidom.parseString(after[name])
    assert _is_in(before["word/document.xml"], after["word/document.xml"])
    assert marked("draft.docx", RICH, remarks) == out


def _is_in(before: bytes, after: bytes) -> bool:
    """Whether a text came from another one by insertions alone."""
    letters = iter(after)
    return all(letter in letters for letter in before)


def test_comments_that_are_there_stay_and_new_ones_get_free_numbers() -> None:
    first = marked("a.docx", docx(paragraph("held 914 and 915")), [Remark(0, 5, 8, "one", "stale")])
    second = marked("a.docx", first, [Remark(0, 13, 16, "two", "stale")])
    assert covered(second) == {"one": "914", "two": "915"}
    assert parts(second)["[Content_Types].xml"].count(b"comments+xml") == 1


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_wherever_remarks_stand_the_text_stays_and_each_covers_its_letters(data: st.DataObject) -> None:
    ranges = []
    for number in range(data.draw(st.integers(1, 6))):
        passage = data.draw(st.sampled_from(DRAFT.passages[:18]))
        start = data.draw(st.integers(0, len(passage.text) - 1))
        end = data.draw(st.integers(start + 1, len(passage.text)))
        ranges.append(Remark(passage.number, start, end, f"r{number}", "unsure"))
    out = marked("draft.docx", RICH, ranges)
    again = read("draft.docx", out)
    assert [one.text for one in again.passages] == TEXTS
    for part in ("word/document.xml", "word/comments.xml"):
        minidom.parseString(parts(out)[part])
    found = covered(out)
    for remark in ranges:
        passage = DRAFT.passages[remark.passage]
        wanted = lowered(passage.text[remark.start : remark.end])
        if passage.cell == Cell(0, 1, 1):
            # the blank between two paragraphs of a cell stands nowhere
            assert found.get(remark.text, "").replace(" ", "") == wanted.replace(" ", "")
        elif passage.text[0] == "x" or passage.kind is Kind.CAPTION:
            # what a program computes and a formula are covered as a whole
            assert wanted.strip() in found[remark.text]
        elif passage.text.startswith("Before the box"):
            assert wanted == found[remark.text].replace("boxed 32a33", "")
        else:
            assert wanted == found[remark.text]


def links(draft: Draft) -> list[Link]:
    return [Link(*at, f"a4p:f:figure_{number}:ALL:v", "A figure") for number, at in enumerate(numbers(draft))]


def test_linked_and_filled_with_the_same_the_file_says_the_same() -> None:
    out = linked(RICH, links(DRAFT))
    assert [one.text for one in read("draft.docx", out).passages] == TEXTS
    held = controls(out)
    wanted = {one.tag: DRAFT.passages[one.passage].text[one.start : one.end] for one in links(DRAFT)}
    # half in a tracked change, computed by the program, and in a formula: no control can hold these
    assert set(wanted.values()) - {one.text for one in held} == {"511", "1", "35"}
    assert all(wanted[one.tag] == one.text for one in held)
    assert filled(out, {one.number: one.text or "" for one in held}) == out
    assert linked(out, links(DRAFT)) == out


def test_filling_changes_the_controls_alone_and_keeps_how_they_are_set() -> None:
    out = linked(RICH, links(DRAFT))
    held = controls(out)
    new = filled(out, {one.number: f"<{one.number}>" for one in held})
    assert "Missions held <1> trainings & more, up from 511." in [one.text for one in read("a.docx", new).passages]
    document = parts(new)["word/document.xml"].decode()
    assert '<w:rPr><w:b/></w:rPr><w:t xml:space="preserve">&lt;1&gt;</w:t>' in document
    before, after = parts(out), parts(new)
    same = [name for name in before if before[name] == after[name]]
    assert "word/media/image1.png" in same
    assert "word/styles.xml" in same
    with zipfile.ZipFile(io.BytesIO(out)) as one, zipfile.ZipFile(io.BytesIO(new)) as other:
        assert [(e.filename, e.date_time) for e in one.infolist()] == [
            (e.filename, e.date_time) for e in other.infolist()
        ]
        for name in same:
            packed = [_raw(content, archive.getinfo(name)) for content, archive in ((out, one), (new, other))]
            assert packed[0] == packed[1]


def _raw(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    return content[entry.header_offset : entry.header_offset + 30 + len(entry.filename) + entry.compress_size]


def test_a_number_that_is_in_a_control_already_is_renamed_and_not_wrapped_again() -> None:
    once = linked(docx(paragraph("held 914 times")), [Link(0, 5, 8, "a4p:f:old:ALL:v", "Old")])
    again = linked(once, [Link(0, 5, 8, "a4p:f:new:ALL:v", "New & better")])
    assert [(one.tag, one.text) for one in controls(again)] == [("a4p:f:new:ALL:v", "914")]
    assert b'w:val="New &amp; better"' in parts(again)["word/document.xml"]
    with pytest.raises(ValueError, match="a4p"):
        linked(once, [Link(0, 5, 8, "a4p:" + "x" * 61, "")])


def test_a_control_with_more_than_a_stretch_of_a_paragraph_is_not_filled() -> None:
    block = '<w:sdt><w:sdtPr><w:tag w:val="a4p:f:x:ALL:v"/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>'
    content = docx(block.format(paragraph("914") + paragraph("915")))
    assert controls(content)[0].text is None
    with pytest.raises(ValueError, match="a4p"):
        filled(content, {0: "1"})


@pytest.mark.parametrize("prefix", ["w", "ns0", ""])
def test_prefixes_of_other_programs_do_not_matter(prefix: str) -> None:
    content = docx(paragraph("held ", run("914", "<w:b/>"), " times, up from 511"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {one: archive.read(one).decode() for one in archive.namelist()}
    name = f"{prefix}:" if prefix else ""
    said = held["word/document.xml"].replace("<w:", f"<{name}").replace("</w:", f"</{name}")
    space = "xmlns:w=" if prefix == "w" else f"xmlns:{prefix}=" if prefix else "xmlns="
    held["word/document.xml"] = said.replace("xmlns:w=", space, 1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in held.items():
            archive.writestr(path, text)
    other = buffer.getvalue()
    assert [one.text for one in read("a.docx", other).passages] == ["held 914 times, up from 511"]
    out = marked("a.docx", other, [Remark(0, 6, 7, "here", "stale"), Remark(0, 24, 27, "there", "stale")])
    minidom.parseString(parts(out)["word/document.xml"])
    assert read("a.docx", out).passages[0].text == "held 914 times, up from 511"


def test_a_text_box_is_read_once_and_marked_in_the_form_that_is_read() -> None:
    content = docx(paragraph(text_box(paragraph("boxed 32"))))
    assert [one.text for one in read("a.docx", content).passages] == ["boxed 32"]
    document = parts(marked("a.docx", content, [Remark(0, 6, 8, "here", "stale")]))["word/document.xml"]
    assert document.count(b"commentRangeStart") == 1
    assert document.index(b"commentRangeStart") < document.index(b"mc:Fallback")


def test_a_long_cell_is_its_paragraphs() -> None:
    long = "word " * 30
    draft = read("a.docx", docx(table((paragraph(long) + paragraph("held 914 " + long), "b"))))
    assert [one.cell for one in draft.passages] == [Cell(0, 0, 0), Cell(0, 0, 0), Cell(0, 0, 1)]


def test_every_letter_is_found_again_in_the_file() -> None:
    text = text_of(Package("draft.docx", RICH))
    for located in text.located:
        for piece in located.pieces:
            raw = text.data[located.part][piece.start : piece.end].decode()
            if piece.plain and not raw.startswith("&") and not piece.run.raised:
                assert raw == piece.text
