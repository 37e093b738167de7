"""A marked copy that its source mends and hands in: the old marks go first, and what the source put there stays."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any
from xml.parsers import expat

import openpyxl
import polars as pl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from config import Language
from flows.feedback.marked_copy import marked
from flows.feedback.marked_copy.styles import GROUNDS
from tests.flows.feedback.test_marked_copy import (
    CONFIG,
    RED,
    REPORT,
    TRAININGS,
    checked,
    coloured,
    commented,
    found,
    marks,
    opened,
    parts,
    rich,
)
from tests.support.files import mission_book

pytestmark = pytest.mark.slow

NAME = "UNMISS A4P+ cycle 5.xlsx"
CASES = Path(os.environ.get("A4P_CASES", Path(__file__).parents[4] / "shared" / "cases"))
WRONG = found(("conduct_training", 2, "sessions"), ("conduct_training", 3, "training"), ("coordination", 2, "status"))


def with_marks(data: bytes, findings: pl.DataFrame, language: Language = "en") -> bytes:
    return marked(data, NAME, findings, REPORT, CONFIG, language).workbook


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def shown(data: bytes) -> dict[str, tuple[object, ...]]:
    """What a reader sees of each cell of the source's own sheets: value, ground, comment, format, font."""
    book = opened(data)
    return {
        f"{sheet.title}!{cell.coordinate}": (
            cell.value,
            cell.fill.fgColor.rgb if cell.fill.fill_type else None,
            cell.comment.text if cell.comment else None,
            cell.number_format,
            cell.font.b,
        )
        for sheet in book.worksheets
        if sheet.title not in ("Findings", "Constatations")
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def places(sheet: Any) -> dict[str, str]:
    return {name: place.attr_text for name, place in sheet.defined_names.items()}


def all_xml(data: bytes) -> None:
    """Every part is XML whose names all have their namespaces."""
    for name, content in parts(data).items():
        if name.endswith((".xml", ".rels", ".vml")):
            expat.ParserCreate(namespace_separator=" ").Parse(content, True)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("other", ["en", "fr"])
def test_marked_twice_is_marked_once(language: Language, other: Language) -> None:
    once, twice = (with_marks(data, WRONG, other) for data in (rich(), with_marks(rich(), WRONG, language)))
    assert shown(once) == shown(twice)
    assert opened(once).sheetnames == opened(twice).sheetnames
    all_xml(twice)


@pytest.mark.parametrize("anew", [False, True], ids=["as it was", "saved by another program"])
def test_a_mended_cell_is_clean(anew: bool) -> None:
    before = rich()
    copy = with_marks(before, WRONG)
    copy = saved(opened(copy)) if anew else copy
    less = WRONG.filter(pl.col("table") == "coordination")
    again = with_marks(copy, less)
    assert coloured(opened(again)[TRAININGS]) == {}
    assert "A4P+" not in str(commented(opened(again)[TRAININGS]))
    assert len(coloured(opened(again)["Coordination mechanisms"])) == 1
    none = with_marks(copy, WRONG.clear())
    assert shown(none) == shown(before)
    assert opened(none).sheetnames == ["Findings", *opened(before).sheetnames]
    all_xml(none)


def test_names_for_places_in_other_sheets_still_lead_there() -> None:
    before = opened(rich())
    again = opened(with_marks(with_marks(rich(), WRONG), WRONG.clear()))
    for name in (sheet.title for sheet in before.worksheets):
        assert places(again[name]) == places(before[name])
        assert again[name].auto_filter.ref == before[name].auto_filter.ref


def test_what_the_source_added_to_a_marked_cell_stays() -> None:
    book = opened(with_marks(mission_book("UNMISS"), WRONG))
    book[TRAININGS]["B2"].comment = Comment("asked the section again", "Awa")
    book[TRAININGS]["A3"].value = "Refresher"
    book[TRAININGS]["A3"].fill = PatternFill("solid", fgColor="FF00FF00")
    again = opened(with_marks(saved(book), WRONG.clear()))[TRAININGS]
    assert commented(again) == {"B2": "asked the section again"}
    assert again["A3"].fill.fgColor.rgb == "FF00FF00"
    assert coloured(again) == {}


def test_a_ground_of_that_colour_is_the_sources_own_where_nothing_was_marked() -> None:
    book = opened(mission_book("UNMISS"))
    book[TRAININGS]["A2"].fill = PatternFill("solid", fgColor=RED)
    assert coloured(opened(with_marks(saved(book), WRONG.clear()))[TRAININGS]) == {"A2": RED}


def test_a_sheet_of_the_sources_own_with_that_name_stays() -> None:
    book = opened(mission_book("UNMISS"))
    book.create_sheet("Findings")["A1"] = "What we saw on patrol"
    names = opened(with_marks(saved(book), WRONG)).sheetnames
    assert names == ["Findings 2", *opened(mission_book("UNMISS")).sheetnames, "Findings"]


def test_comments_of_a_program_with_prefixes_of_its_own_are_added_to() -> None:
    book = opened(mission_book("UNMISS"))
    book[TRAININGS]["B2"].comment = Comment("to be looked at again", "Awa")
    again = with_marks(saved(book), WRONG)
    all_xml(again)
    assert commented(opened(again)[TRAININGS])["B2"].startswith("to be looked at again\n\nA4P+ check:\n")


@pytest.mark.parametrize("name", ["openpyxl-with-notes.xlsx", "remend.xlsx"])
def test_files_as_people_send_them(name: str) -> None:
    if not (CASES / name).is_file():
        pytest.skip("the files as people send them are not beside the checkout; A4P_CASES names their folder")
    data = (CASES / name).read_bytes()
    once = marks(data, name, "fr").workbook
    all_xml(once)
    wrong = checked(data, name).findings.filter(pl.col("severity") != "info")
    cells = {(row, column) for row, column in wrong.select("row", "column").iter_rows()}
    book = openpyxl.load_workbook(io.BytesIO(once))
    grounds = [colour for sheet in book.worksheets[1:] for colour in coloured(sheet).values()]
    assert len(grounds) == len(cells)
    assert set(grounds) <= set(GROUNDS.values())
    assert book.sheetnames.count("Constatations") == 1
    assert not any(title.startswith("Constatations ") for title in book.sheetnames)
    assert shown(marks(once, name, "fr").workbook) == shown(once)
