"""Templates of versions: what is asked for anew binds the newest, and its own sheets are known by what they hold."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from config import Config, Contract, Language, load
from flows.feedback.check import Checked, check_data
from flows.feedback.template import template
from flows.intake.read import own_sheets
from flows.intake.read.grids import grids
from tests.flows.feedback.test_template import FILLED, column_of, sheet_of

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE = CONFIG.cycle(5)
REPORT = CONFIG.contract("mission_report")
WITH_MORE = REPORT.model_copy(
    update={
        "template": 2,
        "tables": {
            **REPORT.tables,
            "mission_plan": REPORT.tables["mission_plan"].model_copy(
                update={
                    "columns": {
                        **REPORT.tables["mission_plan"].columns,
                        "approved_plan": REPORT.tables["mission_plan"]
                        .columns["approved_plan"]
                        .model_copy(update={"required": True, "required_since": 2}),
                    }
                }
            ),
            "coordination": REPORT.tables["coordination"].model_copy(update={"since": 2}),
        },
    }
)
ASKING_MORE = replace(CONFIG, contracts={**CONFIG.contracts, "mission_report": Contract(**WITH_MORE.model_dump())})


def filled_in(config: Config, language: Language = "en", change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.load_workbook(
        io.BytesIO(template(config.contract("mission_report"), config, CYCLE, "UNMISS", language))
    )
    for table, records in FILLED.items():
        sheet = sheet_of(book, REPORT, table, language)
        for number, record in enumerate(records, start=2):
            for column, value in record.items():
                sheet.cell(number, column_of(sheet, REPORT.tables[table].title(column, language))).value = value
    if change:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def checked(data: bytes, config: Config = ASKING_MORE) -> Checked:
    received = datetime(2024, 5, 25, tzinfo=UTC)
    return check_data(data, "UNMISS.xlsx", received, config, mission="UNMISS", cycle=CYCLE)


def without_what_came_later(book: Any) -> None:
    """Take out what only the second version asks for: a column of one sheet, and another sheet as a whole."""
    del book[REPORT.tables["coordination"].sheet_name("en")]
    plan = book[REPORT.tables["mission_plan"].sheet_name("en")]
    plan.protection.sheet = False
    plan.delete_cols(1)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_template_says_its_version(language: Language) -> None:
    for config, version in ((CONFIG, 1), (ASKING_MORE, 2)):
        data = template(config.contract("mission_report"), config, CYCLE, "UNMISS", language)
        assert own_sheets.version(grids(data, "UNMISS.xlsx")) == version


def test_a_right_file_in_an_earlier_template_is_accepted_with_a_warning() -> None:
    result = checked(filled_in(CONFIG, change=without_what_came_later))
    assert result.findings.select("severity", "message", "column").rows() == [
        ("warning", "The workbook was made from an earlier version of the template: 1 instead of 2.", None)
    ]
    rows = sum(len(records) for table, records in FILLED.items() if table != "coordination")
    assert (result.refused, result.rows_read, result.rows_accepted) == (False, rows, rows)


def test_the_newest_template_is_held_to_all_that_it_asks_for() -> None:
    assert checked(filled_in(ASKING_MORE)).findings.is_empty()
    result = checked(filled_in(ASKING_MORE, change=without_what_came_later))
    assert result.refused
    assert {("sheet_is_there", "coordination"), ("required_columns_are_there", "mission_plan")} <= set(
        result.findings.select("rule", "table").iter_rows()
    )


def test_a_workbook_of_no_template_is_held_to_all_that_is_asked_for() -> None:
    def without_instructions(book: Any) -> None:
        without_what_came_later(book)
        del book["Instructions"]

    assert checked(filled_in(CONFIG, change=without_instructions)).refused


def test_a_cell_that_must_be_filled_in_now_may_be_blank_in_an_earlier_template() -> None:
    def blank(book: Any) -> None:
        book[REPORT.tables["mission_plan"].sheet_name("en")]["A2"].value = None

    rules = [set(checked(filled_in(config, change=blank)).findings["rule"]) for config in (CONFIG, ASKING_MORE)]
    assert rules == [{"template_is_the_newest"}, {"approved_plan_is_given"}]


@pytest.mark.parametrize("name", ["Instructions", "Lists", "Findings"])
def test_a_sheet_of_ones_own_that_is_called_like_one_of_the_templates_is_told(name: str) -> None:
    def own(book: Any) -> None:
        if name in book.sheetnames:
            del book[name]
        sheet = book.create_sheet(name)
        for row in (["Month", "Sessions"], ["May", 12], ["June", 14]):
            sheet.append(row)

    result = checked(filled_in(CONFIG, change=own), CONFIG)
    # without its instructions nothing says that a workbook was made from a template
    name = "Lists, Instructions" if name == "Instructions" else name
    assert result.findings.select("severity", "message").rows() == [
        ("info", f"Sheets that nobody asked for were not read (#2 is the second from the left): {name}.")
    ]


def test_a_number_beside_the_instructions_is_told() -> None:
    def noted(book: Any) -> None:
        book["Instructions"]["F9"].value = 914

    assert checked(filled_in(CONFIG, change=noted), CONFIG).findings["rule"].to_list() == ["sheets_are_of_the_contract"]
