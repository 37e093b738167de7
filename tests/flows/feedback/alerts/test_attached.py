"""What is given back with a message: the source's own file, marked, and no personal data or file of somebody else."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from config import Config, Contract
from flows.core.records import LastRefresh
from flows.feedback.alerts.attached import Attached, attached
from flows.feedback.alerts.personal import NotRemovable, without_personal
from flows.feedback.marked_copy import annotate
from flows.feedback.template import template
from flows.intake.receive.inbox import store_raw
from flows.stores import Store
from tests.flows.feedback.alerts.cycle import ALONE, MISSIONS, NOW, Cycle, file, finding, findings, sent
from tests.support.files import CONFIG, CYCLE, NOTICAS_HEADER, casualty, mission_book, noticas, workbook

pytestmark = pytest.mark.slow

# the name of one who died, of one who answers, and words that are no names
NAME, FOCAL = "Ndeshimona Hamutenya", "Aurélien Okonkwo-Lefèvre"
NAMED = noticas(f"{casualty(1, cause='Typo')},{NAME},U-774512", header=f"{NOTICAS_HEADER},Casualty Name,Index number")


def given(data: bytes, name: str, found: pl.DataFrame, private: Store, *, mission: str | None = None) -> Attached:
    """What goes with the message on a file with these findings."""
    source = "mission_report" if mission else "noticas"
    path = f"cycle-05/{source}/{name}"
    kept = store_raw(private, data, source, mission, CYCLE, path, NOW, name)
    found = found.with_columns(file=pl.lit(path), source=pl.lit(source), mission=pl.lit(mission, pl.String))
    said = {"table": "sofa_soma", "mission": mission} if mission else {}
    received = sent(file(source, sha256=kept.sha256, file=path, **said))
    cycle = Cycle(MISSIONS if mission else ALONE).refresh(*found.to_dicts(), files=received)
    (notice,) = cycle.due
    return attached(notice, LastRefresh(found, received), cycle.config, CYCLE, private)


def texts_in(data: bytes) -> str:
    """Everything that stands in a workbook, in whichever part."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


@pytest.fixture
def private(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def test_the_file_comes_back_with_its_cells_marked(private: Store) -> None:
    with_it = given(noticas(casualty(1, cause="Typo")), "n.csv", findings(finding("a", row=2)), private)
    assert with_it.says == "attached"
    ((name, data),) = with_it.files
    assert name == "n - findings.xlsx"
    cell = openpyxl.load_workbook(io.BytesIO(data))["Data"]["E2"]
    assert cell.value == "Typo"
    assert "It is wrong." in cell.comment.text


def test_names_of_people_are_left_out_of_it(private: Store) -> None:
    with_it = given(NAMED, "n.csv", findings(finding("a", row=2)), private)
    assert with_it.says == "attached_without_names"
    ((_, data),) = with_it.files
    assert "Mend them in your own file" in texts_in(data)
    assert not [said for said in (NAME, "Hamutenya", "U-774512") if said in texts_in(data)]
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Data"]
    assert [cell.value for cell in sheet[1]] == [*NOTICAS_HEADER.split(","), "Casualty Name", "Index number"]
    assert [cell.value for cell in sheet[2]][-2:] == [None, None]
    assert sheet["E2"].value == "Typo"
    assert sheet["E2"].comment is not None


def test_a_missions_focal_point_is_left_out_of_its_workbook(private: Store) -> None:
    cover = [("mission", "cycle", "completed_on", "Focal point name"), ("UNMISS", 5, date(2024, 5, 10), FOCAL)]
    book = mission_book("UNMISS", cover=cover)
    assert FOCAL in texts_in(book)
    found = findings(finding("a", table="sofa_soma", sheet="SOFA-SOMA incidents", row=2, column="new_incidents"))
    with_it = given(book, "UNMISS.xlsx", found, private, mission="UNMISS")
    ((_, data),) = with_it.files
    assert with_it.says == "attached_without_names"
    assert FOCAL not in texts_in(data)
    opened = openpyxl.load_workbook(io.BytesIO(data))
    sheet = opened[CONFIG.contract("mission_report").tables["sofa_soma"].sheet[0]]
    assert (sheet["A2"].value, sheet["A2"].comment is not None) == (3, True)
    before = openpyxl.load_workbook(io.BytesIO(book))
    for name in before.sheetnames:
        kept = [[cell.value for cell in row] for row in opened[name].iter_rows()]
        was = [[None if cell.value == FOCAL else cell.value for cell in row] for row in before[name].iter_rows()]
        assert kept == was


@pytest.mark.parametrize("rule", ["mission_is_the_folders", "file_is_of_this_source"])
def test_a_file_that_may_be_somebody_elses_is_not_given_to_whom_it_was_filed_under(rule: str, private: Store) -> None:
    found = findings(finding("a", table=None, row=None, column="mission", rule=rule))
    assert given(mission_book("UNIFIL"), "UNMISS.xlsx", found, private, mission="UNMISS") == Attached()


def test_a_file_in_which_no_column_is_known_is_not_given_back(private: Store) -> None:
    """Where the header is lost, a name may stand anywhere."""
    found = findings(finding("a", row=None, rule="required_columns_are_there"))
    assert given(f"1,{NAME}\n2,{NAME}\n".encode(), "n.csv", found, private).says == "not_attached"


def test_a_file_that_cannot_be_read_comes_back_as_its_list_of_findings(private: Store) -> None:
    found = findings(finding("a", table=None, row=None, column=None))
    with_it = given(f"<!DOCTYPE html><html>{NAME}</html>".encode(), "n.csv", found, private)
    ((_, data),) = with_it.files
    assert (with_it.says, NAME in texts_in(data)) == ("attached_list", False)


@pytest.mark.parametrize(("config", "source"), [(ALONE, "noticas"), (MISSIONS, "mission_report")])
def test_the_template_goes_with_the_message_that_a_file_is_awaited(config: Config, source: str, private: Store) -> None:
    cycle = Cycle(config).refresh(files=sent())
    cycle.now = NOW.replace(year=2025)
    for notice in cycle.due:
        with_it = attached(notice, LastRefresh(findings(), sent()), config, CYCLE, private)
        mission, language = notice.standing.mission, notice.language
        assert with_it.says == "attached_template"
        ((name, data),) = with_it.files
        assert (mission or "") in name
        assert data == template(config.contract(source), config, CYCLE, mission, language)


def test_a_file_without_findings_is_not_attached(private: Store) -> None:
    assert given(noticas(casualty(1)), "n.csv", findings(), private) == Attached()


def test_what_is_waived_is_not_marked(private: Store) -> None:
    waived = findings(finding("a", row=2, waived="Coordinator: agreed"))
    assert given(noticas(casualty(1)), "n.csv", waived, private) == Attached()


def test_files_that_are_too_large_are_not_attached(private: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    small = ALONE.alerts.model_copy(update={"attach_at_most_mb": 0.001})
    monkeypatch.setattr("tests.flows.feedback.alerts.test_attached.ALONE", replace(ALONE, alerts=small))
    found = findings(finding("a", row=2))
    assert given(noticas(casualty(1)), "n.csv", found, private) == Attached(says="not_attached")


# Taking personal columns out

NOTICAS: Contract = CONFIG.contract("noticas")


def marked(book: bytes, contract: Contract = NOTICAS) -> bytes:
    return annotate(book, "n.xlsx", findings(finding("a", row=2)), contract, CONFIG)


def test_a_text_that_an_open_column_shows_too_stays_there() -> None:
    book = workbook(
        {"S": [("casualty_id", "mission", "incident_date", "cause", "name"), ("UNIFIL", "UNIFIL", "x", "y", "UNIFIL")]}
    )
    data, left_out = without_personal(marked(book), NOTICAS, CONFIG)
    assert left_out
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(data))["S"][2]] == [
        "UNIFIL",
        "UNIFIL",
        "x",
        "y",
        None,
    ]


def test_a_table_that_does_not_begin_in_the_first_column_or_row() -> None:
    header = (None, "casualty_id", "name", "cause", "first name")
    book = workbook(
        {"S": [("Deaths",), (), header, (None, "C-1", NAME, "Typo", FOCAL), (None, "C-2", None, "Illness", NAME)]}
    )
    data, left_out = without_personal(marked(book), NOTICAS, CONFIG)
    assert left_out
    assert NAME not in texts_in(data)
    assert FOCAL not in texts_in(data)
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(data))["S"].iter_rows()]
    assert rows[2:] == [list(header), [None, "C-1", None, "Typo", None], [None, "C-2", None, "Illness", None]]


def test_names_in_formulas_numbers_and_rich_text_go_too() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.set_properties({"author": NAME})
        sheet = book.add_worksheet("S")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, ["casualty_id", "cause", "name", "index_number"])
        sheet.write_row(1, 0, ["C-1", "Typo"])
        sheet.write_formula(1, 2, '="Ndeshimona "&"Hamutenya"', None, NAME)
        sheet.write_number(1, 3, 774512)
        sheet.write_rich_string(2, 2, bold, "Aurélien ", "Okonkwo-Lefèvre")
        sheet.write_string(2, 0, "C-2")
    assert "Aurélien" in texts_in(marked(buffer.getvalue()))
    data, left_out = without_personal(marked(buffer.getvalue()), NOTICAS, CONFIG)
    assert left_out
    assert not [said for said in ("Hamutenya", "774512", "Aurélien", "Okonkwo") if said in texts_in(data)]


def test_a_name_that_stands_in_a_comment_too_keeps_the_file_from_being_given_back() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["casualty_id", "cause", "name"])
        sheet.write_row(1, 0, ["C-1", "Typo", NAME])
        sheet.write_comment(1, 0, f"{NAME} was repatriated")
    with pytest.raises(NotRemovable):
        without_personal(marked(buffer.getvalue()), NOTICAS, CONFIG)


def test_a_file_without_personal_columns_stays_as_it_is() -> None:
    book = marked(workbook({"S": [("casualty_id", "mission", "cause"), ("C-1", "UNIFIL", "Typo")]}))
    assert without_personal(book, NOTICAS, CONFIG) == (book, False)


def test_the_same_name_is_taken_out_of_json(private: Store) -> None:
    cells = {"casualty_id": "C-1", "incident_date": "2024-01-15", "mission": "UNIFIL", "cause": "Typo", "name": NAME}
    with_it = given(json.dumps([cells]).encode(), "n.json", findings(finding("a", row=1)), private)
    ((_, data),) = with_it.files
    assert (with_it.says, NAME in texts_in(data)) == ("attached_without_names", False)
    cell = openpyxl.load_workbook(io.BytesIO(data))["Data"]["D2"]
    assert (cell.value, cell.comment is not None) == ("Typo", True)
