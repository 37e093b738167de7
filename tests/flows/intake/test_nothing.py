"""What nothing is filled in is refused; where there truly is nothing, a word says so."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from config import Config, Contract, Language, Table
from flows.core.records import TableRead
from flows.feedback.check import Checked, check_data
from flows.feedback.template import template
from flows.intake.books.completeness import gaps, missing, submissions
from flows.intake.read.tables import read_file, read_large
from flows.refresh.story import gather
from tests.support.files import CONFIG, CYCLE, IMPACTS, Rooms, mission_book, workbook
from tests.support.sharing import a4p, with_results
from tests.support.sweeping import some
from transforms.figures import figures

pytestmark = pytest.mark.slow

LANGUAGES: tuple[Language, ...] = ("en", "fr")
EVERY = [
    (source, mission, language)
    for source, contract in CONFIG.contracts.items()
    for mission in (some(CONFIG.reporting_missions, 3) if contract.sent_by == "missions" else (None,))
    for language in LANGUAGES
]
VISITS = CONFIG.contract("paet_visits")
HEADER = ("mechanism", "formal", "status", "contribution")


def checked(data: bytes, name: str = "sent.xlsx", **said: Any) -> Checked:
    return check_data(data, name, datetime(2024, 5, 25, tzinfo=UTC), CONFIG, cycle=CYCLE, **said)


def coordination(*rows: tuple[object, ...]) -> Checked:
    return checked(mission_book("UNIFIL", coordination=[HEADER, *rows]))


def told(result: Checked) -> list[tuple[Any, ...]]:
    return result.findings.select("table", "row", "rule", "severity").rows()


# A template as it is delivered


@pytest.mark.sweep
@pytest.mark.parametrize(("source", "mission", "language"), some(EVERY, 16))
def test_a_template_as_it_is_delivered_is_refused(source: str, mission: str | None, language: Language) -> None:
    contract = CONFIG.contract(source)
    result = checked(template(contract, CONFIG, CYCLE, mission, language), source=source, mission=mission)
    assert told(result) == [(None, None, "file_has_rows", "critical")]
    assert (result.refused, result.rows_accepted) == (True, 0)
    asked = any(table.none_is_an_answer for table in contract.tables.values())
    (finding,) = result.findings.iter_rows(named=True)
    assert ("write the word None" in finding["remedy"]) == ("Néant" in finding["remedy_fr"]) == asked


def test_a_blank_template_leaves_the_last_accepted_workbook_in_use(rooms: Rooms) -> None:
    good = rooms.put("mission_report/UNIFIL/a.xlsx", mission_book("UNIFIL"))
    blank = template(CONFIG.contract("mission_report"), CONFIG, CYCLE, "UNIFIL")
    rooms.put("mission_report/UNIFIL/b.xlsx", blank, datetime(2024, 5, 21, tzinfo=UTC))
    gathered = rooms.gather()
    assert rooms.staged(gathered, "cover")["_file"].to_list() == [good]
    assert "UNIFIL" not in gaps(gathered, CONFIG)["conduct_training"]


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path)


# One sheet of several


SHEETS = [
    (source, name)
    for source, contract in CONFIG.contracts.items()
    for name in contract.tables
    if len(contract.tables) > 1
]


def emptied(source: str, name: str, inbox: Path) -> bytes:
    """Return a file of the sample with nothing below the header of one of its sheets."""
    folder = inbox / CYCLE.folder / source
    (file,) = folder.glob("UNMISS/*.xlsx" if source == "mission_report" else "*.xlsx")
    book = openpyxl.load_workbook(file)
    table = CONFIG.contract(source).tables[name]
    sheet = next(one for one in book.worksheets if one.title in table.sheet)
    # some write a title above the header
    header = 2 if sheet.cell(1, 2).value is None and sheet.max_column > 1 else 1
    sheet.delete_rows(header + 1, sheet.max_row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.sweep
@pytest.mark.parametrize(("source", "name"), some([one for one in SHEETS if one[1] != "cover"], 10))
def test_one_empty_sheet_of_several_is_refused_and_the_others_are_used(
    source: str, name: str, sample_inbox: Path
) -> None:
    result = checked(emptied(source, name, sample_inbox), source=source)
    assert (name, None, "table_is_filled_in", "critical") in told(result)
    assert result.refused
    (finding,) = result.findings.filter(pl.col("rule") == "table_is_filled_in").iter_rows(named=True)
    assert finding["sheet"] == CONFIG.contract(source).tables[name].sheet[0]
    assert ("None" in finding["remedy"]) == CONFIG.contract(source).tables[name].none_is_an_answer
    children = {one for one, table in CONFIG.contract(source).tables.items() if name in table.refers_to}
    # rows that refer to the sheet are refused with it
    assert (result.rows_accepted > 0) == (not children)


def test_a_french_sheet_is_named_as_it_is_in_the_workbook(sample_inbox: Path) -> None:
    (file,) = (sample_inbox / CYCLE.folder / "mission_report/MINUSCA").iterdir()
    book = openpyxl.load_workbook(file)
    book["Santé mentale"].delete_rows(2, 9)
    buffer = io.BytesIO()
    book.save(buffer)
    (finding,) = checked(buffer.getvalue()).findings.iter_rows(named=True)
    assert (finding["table"], finding["sheet"]) == ("mental_health_support", "Santé mentale")


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u202f", "\t"])
def test_cells_that_hold_blanks_alone_are_no_rows(blank: str) -> None:
    result = checked(mission_book("UNIFIL", mission_plan=[("approved_plan", "remarks"), (blank, " ")]))
    assert told(result) == [("mission_plan", None, "table_is_filled_in", "critical")]


def test_a_row_among_others_whose_first_cell_is_blank_is_read() -> None:
    data = (
        b"casualty_id,incident_date,mission,cause\nX-1,2024-01-15,UNIFIL,Illness\n ,2024-01-16,UNIFIL,Illness\n , ,,\n"
    )
    found, frames = read_file(data, "f.csv", CONFIG.contract("noticas"), CONFIG)
    assert found.tables["noticas"].rows == 2
    assert frames["noticas"]["_row"].to_list() == [2, 3]


def test_an_empty_file_of_one_table_is_asked_for_the_word_where_it_is_an_answer() -> None:
    result = checked(b"mission,visited_on\n", "visits.csv", source="paet_visits")
    assert told(result) == [(None, None, "file_has_rows", "critical")]
    assert "the word None" in result.findings["remedy"][0]


# The word for none


@cache
def without_the_sheet() -> Checked:
    return checked(mission_book("UNIFIL", coordination=None))


@pytest.mark.parametrize(
    "word",
    [
        "None",
        "NONE",
        "none.",
        " none ",
        "Néant",
        "NEANT",
        "néant",
        "Ne\u0301ant",
        "« Néant »",
        "(None)",
        "nil",
        "Aucun",
    ],
)
def test_the_word_says_that_there_is_nothing(word: str) -> None:
    result = coordination((word, None, None, None))
    assert told(result) == []
    others = without_the_sheet()
    assert (result.refused, result.rows_read, result.rows_accepted) == (False, others.rows_read, others.rows_accepted)


@pytest.mark.parametrize(
    "row",
    [("None", "N", None, None), ("None", "-----", "—", "None"), ("None", "0", " ", "0.0"), (None, None, None, "Néant")],
)
def test_cells_beside_the_word_that_say_nothing_do_not_matter(row: tuple[object, ...]) -> None:
    assert told(coordination(row)) == []


def test_the_word_on_several_lines_is_said_once() -> None:
    rows = [("None", "None", "None"), ("None", None, None)]
    assert (
        told(checked(mission_book("UNIFIL", conduct_training=[("training", "sessions", "participants"), *rows]))) == []
    )


@pytest.mark.parametrize(
    "rows",
    [
        [("None",), ("Joint committee", "Y", "New", None)],
        [("Joint committee", "Y", "New", None), ("Néant", None, None, None)],
        [("None", "Y", None, None)],
        [("None", None, None, "Medium")],
    ],
)
def test_the_word_beside_anything_else_is_a_contradiction(rows: list[tuple[object, ...]]) -> None:
    result = coordination(*rows)
    row = 1 + next(number for number, one in enumerate(rows, start=1) if one[0] in ("None", "Néant"))
    assert told(result) == [("coordination", row, "none_stands_alone", "critical")]
    assert result.refused


def test_the_word_is_a_value_where_the_contract_has_it_so() -> None:
    book = mission_book(
        "UNIFIL",
        mission_plan=[("approved_plan", "remarks"), ("None", None)],
        sofa_soma=[("new_incidents", "total_incidents", *(f"impact_{of}" for of in IMPACTS)), ("None", None)],
    )
    assert told(checked(book)) == []
    found, frames = read_file(book, "f.xlsx", CONFIG.contract("mission_report"), CONFIG)
    assert (found.tables["sofa_soma"].rows, found.tables["sofa_soma"].none_in) == (1, None)
    assert frames["mission_plan"]["approved_plan"].to_list() == ["None"]


def test_the_word_is_no_answer_where_the_contract_does_not_say_so() -> None:
    rows = {"Units": [("unit_id", "mission", "contributing_country"), ("None", None, None)]}
    rows["Evaluations"] = [("unit_id", "mission", "evaluation_date", "rating"), ("None", None, None, None)]
    result = checked(workbook(rows), source="military_unit_evaluations")
    assert {(table, rule) for table, _, rule, _ in told(result)} == {
        ("military_units", "mission_is_given"),
        ("military_units", "contributing_country_is_given"),
    }
    assert (result.rows_read, result.rows_accepted) == (1, 0)


def test_rows_are_conserved_and_what_says_none_is_in_use(rooms: Rooms) -> None:
    said = rooms.put("paet_visits/a.csv", b"mission,visited_on\nNone,\n")
    gathered = rooms.gather()
    (row,) = submissions(gathered).filter(pl.col("file") == said).iter_rows(named=True)
    assert [row[name] for name in ("rows_read", "rows_staged", "rows_quarantined", "status")] == [0, 0, 0, "accepted"]
    assert gaps(gathered, CONFIG)["paet_visits"] == frozenset()
    assert not [one for one in missing(gathered, submissions(gathered), CONFIG, CYCLE) if "(PAET)" in one]


def test_a_large_file_says_it_as_a_small_one_does(tmp_path: Path) -> None:
    file, text = tmp_path / "f.csv", tmp_path / "text.parquet"
    for data in (
        b"mission,visited_on\nNone,\n",
        b"mission,visited_on\nUNIFIL,2024-01-31\n" * 3 + b"None,\n",
        b"mission,visited_on\n" + b" ,\n" * 50,
        b"mission,visited_on\n" + b"UNIFIL,2024-01-31\n" * 50 + b"nil,\n" + b"UNIFIL,2024-01-31\n" * 50,
    ):
        file.write_bytes(data)
        found = read_large(file, "f.csv", VISITS, CONFIG, {"paet_visits": text}, 64)
        whole, frames = read_file(data, "f.csv", VISITS, CONFIG)
        assert found == whole
        assert pl.read_parquet(text).equals(frames["paet_visits"])


def test_the_first_column_of_such_a_table_cannot_hold_the_word_as_a_value() -> None:
    contract = CONFIG.contract("mission_report")
    tables = contract.model_dump(by_alias=True)["tables"]
    tables["mission_plan"]["none_is_an_answer"] = True
    with pytest.raises(
        ValueError, match="none_is_an_answer of mission_plan: a word in its first column 'approved_plan'"
    ):
        Contract.model_validate({**contract.model_dump(by_alias=True), "tables": tables})


# A table that may be left out, and one that a waiver lets stand


@pytest.mark.parametrize("sent", [None, ("mechanism", "formal")])
def test_a_table_that_may_be_left_out_and_holds_nothing_is_no_zero(sent: tuple[str, ...] | None, rooms: Rooms) -> None:
    contract = CONFIG.contract("mission_report")
    tables = {**contract.tables, "mental_health_support": optional(contract.tables["mental_health_support"])}
    config = load_with(contract.model_copy(update={"tables": tables}))
    rooms.put("mission_report/UNIFIL/f.xlsx", mission_book("UNIFIL", mental_health_support=[sent] if sent else None))
    rooms.put("mission_report/UNMISS/f.xlsx", mission_book("UNMISS"))
    gathered = gather(CYCLE, rooms.places, config)
    # the two books are the same, which is told
    assert set(rooms.findings(gathered)["rule"]) == {"numbers_are_of_this_mission"}
    assert "UNIFIL" in gaps(gathered, config)["mental_health_support"]
    assert "UNMISS" not in gaps(gathered, config)["mental_health_support"]
    named = [one for one in missing(gathered, submissions(gathered), config, CYCLE) if "(UNIFIL)" in one]
    assert named == []


def optional(table: Table) -> Table:
    return table.model_copy(update={"optional": True})


def load_with(contract: Contract) -> Config:
    return replace(CONFIG, contracts={**CONFIG.contracts, contract.source: contract})


# A release


@pytest.mark.usefixtures("no_documents")
def test_a_release_with_an_empty_sheet_is_provisional_and_its_figures_are_no_zeros(
    sample_inbox: Path, released: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample_inbox / "cycle-05", tmp_path / "inbox/cycle-05")
    with_results(released, tmp_path / "store/private")
    for source, name in (
        ("senior_leadership", "senior_leaders"),
        ("mission_report", "conduct_training"),
        ("fpu_evaluations", "fpu_evaluations"),
    ):
        data = emptied(source, name, sample_inbox)
        folder = tmp_path / "inbox/cycle-05" / source
        (file,) = folder.glob("UNMISS/*.xlsx" if source == "mission_report" else "*.xlsx")
        file.write_bytes(data)
    code, out, _ = a4p(tmp_path, "refresh", "--cycle", "5")
    assert (code, "Published release r001 (provisional)" in out) == (0, True)
    assert "Senior leadership and mission posts by gender (DPO Senior Leadership): nothing of Senior leaders" in out
    assert "Mission workbook (UNMISS): nothing of Conduct trainings could be used" in out
    _, text, _ = a4p(tmp_path, "figures", "--cycle", "5", "--format", "json")
    found = {(row["figure"], row["mission"]): (row["value"], row["obs_status"]) for row in json.loads(text)}
    for name in ("women_heads_of_mission", "women_senior_leadership_share", "fpu_evaluations"):
        assert found[name, "ALL"] == (None, "O")
    assert found["conduct_discipline_trainings", "UNMISS"] == (None, "O")
    sessions, status = found["conduct_discipline_trainings", "ALL"]
    assert (0 < sessions < 914, status) == (True, "P")
    # nor does a table say zero
    current = tmp_path / "store/public/current/cycle-05/tables"
    # what the file has on its other sheet is used
    assert pl.read_parquet(current / "women_in_posts.parquet").height == 2
    assert pl.read_parquet(current / "fpu_evaluations_by_mission.parquet").is_empty()


def test_what_every_mission_says_none_of_is_zero() -> None:
    definition = CONFIG.figures["conduct_discipline_trainings"]
    schema = {"mission": pl.String, "sessions": pl.Int64, "sessions_obs_status": pl.String}
    table = {"conduct_trainings": pl.LazyFrame(schema=schema)}
    config = replace(CONFIG, figures={"conduct_discipline_trainings": definition})
    said = figures(table, config, CYCLE, {}, gaps={"conduct_training": frozenset()})
    assert said.select("mission", "value", "obs_status").rows() == [("ALL", 0.0, "A")]
    unsent = figures(table, config, CYCLE, {}, gaps={"conduct_training": frozenset({"UNIFIL"})})
    assert unsent.select("mission", "value", "obs_status").rows() == [("ALL", None, "O"), ("UNIFIL", None, "O")]


def test_a_table_is_blank_only_where_its_header_is_whole() -> None:
    assert TableRead(header_row=1).blank
    assert not TableRead(header_row=1, rows=1).blank
    assert not TableRead(header_row=1, none_in=2).blank
    assert not TableRead(header_row=1, missing=("formal",)).blank
    assert not TableRead().blank
