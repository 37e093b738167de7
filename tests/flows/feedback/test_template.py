"""A template: made from any contract, filled in as a person would, sent back and read without a finding."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from config import NONE, ConfigError, Contract, Label, Language, Table, load, normalised_header
from flows.feedback.check import Checked, check_data
from flows.feedback.template import template, write
from flows.intake.read.grids import grids
from flows.intake.read.layout import grid_of, placed_columns
from tests.expectations.rows import CLEAN
from tests.expectations.rows.cells import Cells
from tests.expectations.rows.mission_report import MISSION
from tests.support.sweeping import some
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE = CONFIG.cycle(5)
ROOT = Path(__file__).parents[3]
REPORT = CONFIG.contract("mission_report")
LANGUAGES: tuple[Language, ...] = ("en", "fr")
EVERY = [(source, language) for source in CONFIG.contracts for language in LANGUAGES]
Rows = Mapping[str, Sequence[Mapping[str, Any]]]

FILLED: Rows = {
    "cover": [{"completed_on": date(2024, 5, 20)}],
    "political_engagement": [
        {"political_strategy": "Y", "peacebuilding_events": 4, "events_with_womens_groups": "None", "highlights": "—"}
    ],
    "mission_plan": [{"approved_plan": "Y", "remarks": "signed"}],
    "cpas_impact_assessment": [{"impact_assessment": "Y", "date_of_assessment": date(2024, 2, 29)}],
    "integration": [{"integrated": "Y", "joint_programming": "N"}],
    "conduct_training": [
        {"training": "Induction", "sessions": 12, "training_days": 30, "participants": "Under Validation"},
        {"training": "Refresher", "sessions": "None", "training_days": 0, "participants": "-----"},
    ],
    "women_in_patrols": [{"year": 2022, "patrols": 100, "patrols_with_women": 40}, {"year": 2023, "patrols": 120}],
    "mental_health_support": [{"mechanism": "Staff counsellor", "formal": "Y"}],
    "communications": [{"information_integrity_group": "N", "activities": "Radio"}],
    "sofa_soma": [
        {"new_incidents": 3, "total_incidents": "Under Validation", "impact_civilian_movement": "-----"},
    ],
    "coordination": [{"mechanism": "Joint committee", "formal": "Y", "status": "On-going", "contribution": "Medium"}],
}


def made(source: str, language: Language) -> bytes:
    contract = CONFIG.contract(source)
    return template(contract, CONFIG, CYCLE, MISSION if sent_by_missions(source) else None, language)


def opened(source: str, language: Language) -> Any:
    return openpyxl.load_workbook(io.BytesIO(made(source, language)))


def sheet_of(book: Any, contract: Contract, table: str, language: Language) -> Worksheet:
    name = contract.tables[table].sheet_name(language)
    found = book[name] if name else book.worksheets[1]
    assert isinstance(found, Worksheet)
    return found


def column_of(sheet: Worksheet, title: str) -> int:
    headers = {str(cell.value).removesuffix(" *"): cell.column for cell in sheet[1]}
    return headers[title]


def filled_in(
    source: str,
    rows: Rows,
    language: Language,
    translated: Mapping[str, str] | None = None,
    given: bytes | None = None,
) -> bytes:
    """Fill in a template, the one that is given where one is, only in cells that a person may write into."""
    contract = CONFIG.contract(source)
    book = openpyxl.load_workbook(io.BytesIO(given)) if given else opened(source, language)
    for table, records in rows.items():
        sheet = sheet_of(book, contract, table, language)
        assert sheet.protection.sheet
        for number, record in enumerate(records, start=2):
            for column, value in record.items():
                at = column_of(sheet, contract.tables[table].title(column, language))
                assert not locked(sheet, number, at), f"{table}.{column} is locked"
                sheet.cell(number, at).value = (translated or {}).get(value, value) if isinstance(value, str) else value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def locked(sheet: Worksheet, row: int, column: int) -> bool:
    """Whether a cell is locked: by its own style, else by its column's."""
    cell = sheet.cell(row, column)
    if cell.has_style:
        return bool(cell.protection.locked)
    # neighbouring columns that look the same are one entry
    columns = [one for one in sheet.column_dimensions.values() if one.min <= column <= one.max]
    return all(one.protection.locked for one in columns)


def checked(data: bytes, **said: Any) -> Checked:
    return check_data(data, "sent back.xlsx", datetime(2024, 5, 25, tzinfo=UTC), CONFIG, cycle=CYCLE, **said)


# --- sent back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missions_template_filled_in_is_read_without_a_finding(language: Language) -> None:
    translated = {"Y": "O"} if language == "fr" else None
    result = checked(filled_in("mission_report", FILLED, language, translated), mission="UNIFIL")
    assert result.findings.select("table", "row", "column", "message").rows() == []
    assert (result.source, result.mission, result.cycle, result.refused) == ("mission_report", "UNIFIL", 5, False)
    rows = sum(len(records) for records in FILLED.values())
    assert (result.rows_read, result.rows_accepted) == (rows, rows)


@pytest.mark.sweep
@pytest.mark.parametrize(("source", "language"), some(EVERY, 16))
def test_every_sources_template_filled_in_is_read_without_a_finding(source: str, language: Language) -> None:
    contract = CONFIG.contract(source)
    rows = {name: [typed(table, row) for row in CLEAN[name]] for name, table in contract.tables.items()}
    translated = {"Y": "O"} if language == "fr" else None
    result = checked(
        filled_in(source, rows, language, translated), mission=MISSION if sent_by_missions(source) else None
    )
    assert result.findings.select("table", "row", "column", "message").rows() == []
    assert (result.source, result.refused) == (source, False)
    assert result.rows_read == result.rows_accepted == sum(len(records) for records in rows.values())


WITH_NONE = [
    (source, language)
    for source, language in EVERY
    if any(table.none_is_an_answer for table in CONFIG.contract(source).tables.values())
]


@pytest.mark.parametrize(("source", "language"), WITH_NONE)
def test_the_word_for_none_is_taken_where_a_table_may_have_nothing_to_list(source: str, language: Language) -> None:
    tables = CONFIG.contract(source).tables
    word = NONE.text(language)
    rows = {
        name: [{next(iter(table.columns_read)): word}]
        if table.none_is_an_answer
        else [typed(table, row) for row in CLEAN[name]]
        for name, table in tables.items()
    }
    data = filled_in(source, rows, language, {"Y": "O"} if language == "fr" else None)
    result = checked(data, mission=MISSION if sent_by_missions(source) else None)
    assert result.findings.select("table", "row", "column", "message").rows() == []
    listed = sum(len(rows[name]) for name, table in tables.items() if not table.none_is_an_answer)
    assert (result.source, result.refused, result.rows_read, result.rows_accepted) == (source, False, listed, listed)


@pytest.mark.parametrize(("source", "language"), EVERY)
def test_the_word_for_none_is_asked_for_and_offered_where_it_is_an_answer(source: str, language: Language) -> None:
    contract, word, book = CONFIG.contract(source), NONE.text(language), opened(source, language)
    front = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    for number, (name, table) in enumerate(contract.tables.items(), start=1):
        sheet = sheet_of(book, contract, name, language)
        note = f"{word} " in sheet["A1"].comment.text.splitlines()[-1]
        required = str(next(row[2] for row in front if row[0] == book.worksheets[number].title)).endswith(word)
        assert note == required == table.none_is_an_answer
        for title, rule in rules(sheet).items():
            if rule.type == "list" and rule.errorStyle is None:
                first = title == sheet["A1"].value.removesuffix(" *")
                assert (offered(book, rule)[-1] == word) == (first and table.none_is_an_answer)


def sent_by_missions(source: str) -> bool:
    return CONFIG.contract(source).sent_by == "missions"


def typed(table: Table, row: Cells) -> dict[str, Any]:
    """Return a row's cells as a person types them into a workbook; what is filled in or blank is left out."""
    given = {"mission", "cycle"} if table.sheet_name("en") == "Cover" else set()
    return {name: typed_cell(table, name, cell) for name, cell in row.items() if cell is not None and name not in given}


def typed_cell(table: Table, name: str, cell: str) -> Any:
    kind = table.columns[name].type
    if kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        return date.fromisoformat(cell)
    if kind in ("count", "number", "cycle") and re.fullmatch(r"-?[\d.]+", cell):
        return float(cell) if "." in cell else int(cell)
    return cell


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_value_in_a_template_is_found(language: Language) -> None:
    rows = {**FILLED, "sofa_soma": [{"new_incidents": "lots", "total_incidents": -1}]}
    found = checked(filled_in("mission_report", rows, language)).findings
    assert set(found.select("row", "column", "severity").rows()) == {
        (2, "new_incidents", "critical"),
        (2, "total_incidents", "critical"),
    }


def test_another_mission_or_cycle_than_the_template_is_for_is_found() -> None:
    data = filled_in("mission_report", FILLED, "fr")
    assert "mission_is_the_folders" in checked(data, mission="UNTSO").findings["rule"]
    other = check_data(data, "f.xlsx", datetime(2024, 5, 25, tzinfo=UTC), CONFIG, cycle=CONFIG.cycle(4))
    assert "cycle_is_the_folders" in other.findings["rule"]


# --- what it holds ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "language"), EVERY)
def test_every_table_has_its_sheet_and_every_column_its_header(source: str, language: Language) -> None:
    contract = CONFIG.contract(source)
    found = grids(made(source, language), "template.xlsx")
    for table in contract.tables.values():
        grid = grid_of(table, found)
        assert grid is not None
        position, columns = placed_columns(grid, table)
        assert position == 0
        assert [name for name in columns if name] == list(table.columns_read)


@pytest.mark.parametrize(("source", "language"), EVERY)
def test_only_headers_and_what_is_filled_in_are_locked(source: str, language: Language) -> None:
    contract = CONFIG.contract(source)
    book = opened(source, language)
    for name, table in contract.tables.items():
        sheet = sheet_of(book, contract, name, language)
        assert sheet.protection.sheet
        assert sheet.freeze_panes == "A2"
        given = {"mission", "cycle"} if name == "cover" else set()
        for at, column in enumerate(table.columns_read, start=1):
            assert sheet.cell(1, at).protection.locked
            assert sheet.cell(1, at).comment.text
            assert locked(sheet, 2, at) == (column in given)
    assert book.worksheets[0].protection.sheet
    assert [sheet.sheet_state for sheet in book.worksheets[:-1]] == ["visible"] * (len(contract.tables) + 1)
    assert book.worksheets[-1].sheet_state == "hidden"


@pytest.mark.parametrize(("source", "language"), EVERY)
def test_no_personal_column_is_asked_for(source: str, language: Language) -> None:
    contract = CONFIG.contract(source)
    book = opened(source, language)
    asked = {normalised_header(str(cell.value)) for sheet in book.worksheets[1:-1] for cell in sheet[1] if cell.value}
    personal = {
        normalised_header(spelling)
        for table in contract.tables.values()
        for name, column in table.columns.items()
        if column.personal
        for spelling in (name, *column.spellings)
    }
    assert asked
    assert not asked & personal


def test_the_mission_stands_on_the_cover_and_nowhere_else_in_the_tables() -> None:
    book = opened("mission_report", "en")
    said = [
        (sheet.title, cell.value)
        for sheet in book.worksheets[1:-1]
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if cell.value is not None
    ]
    assert said == [("Cover", "UNIFIL"), ("Cover", 5)]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "en",
            {
                "Mission workbook", "Cycle 5, 1 November 2023 to 30 April 2024", "14 June 2024", "confidential",
                "UNIFIL (unifil-a4p@example.org)", "one kind of conduct and discipline training in the cycle",
                "Under validation: there is a number, and it is not yet confirmed", "No SOFA/SOMA",
            },
        ),
        (
            "fr",
            {
                "Classeur de la mission", "Cycle 5, du 1er novembre 2023 au 30 avril 2024", "14 juin 2024",
                "confidentiel", "Formations déontologie", "l'engagement politique de la mission pendant le cycle",
                "En cours de validation\u00a0: le nombre existe mais n'est pas encore confirmé",
            },
        ),
    ],
)  # fmt: skip
def test_the_instructions_say_who_by_when_and_what_words_mean(language: Language, says: set[str]) -> None:
    front = opened("mission_report", language).worksheets[0]
    assert says <= {cell.value for row in front.iter_rows() for cell in row}
    links = {cell.hyperlink.location for row in front.iter_rows() for cell in row if cell.hyperlink}
    assert len(links) == len(REPORT.tables)


def test_a_header_in_french_and_its_note() -> None:
    sheet = opened("mission_report", "fr")["Formations déontologie"]
    headers = ["Formation *", "Séances *", "Jours de formation", "Participants", "Explication"]
    assert [cell.value for cell in sheet[1]] == headers
    days = sheet["C1"].comment.text
    assert "Jours du cycle pendant lesquels une formation a eu lieu." in days
    assert "Unité\u00a0: jours." in days
    assert "de 0 à 182" in days
    assert "Néant, -----" in days


def test_a_french_template_is_french_to_its_lists() -> None:
    book = opened("mission_report", "fr")
    values = {cell.value for row in book["Listes"].iter_rows() for cell in row if cell.value}
    assert {"Moyen", "Néant", "En cours de validation", "Élevé", "Formation initiale", "En cours"} <= values
    assert not values & {"Medium", "High", "Induction", "On-going", "New", "Significant"}
    english = {cell.value for row in opened("mission_report", "en")["Lists"].iter_rows() for cell in row if cell.value}
    assert not english & {"Moyen", "Néant", "En cours de validation"}


IN_FRENCH = {
    "Y": "O",
    "None": "Néant",
    "Under Validation": "En cours de validation",
    "Induction": "Formation initiale",
    "Refresher": "remise a niveau",
    "On-going": "EN COURS",
    "Medium": "moyenne",
}


def test_what_a_french_list_says_is_read_as_the_english_value() -> None:
    french, english = (
        checked(filled_in("mission_report", FILLED, "fr", said), mission="UNIFIL") for said in (IN_FRENCH, {"Y": "O"})
    )
    assert french.findings.select("table", "row", "column", "message").rows() == []
    assert (french.rows_read, french.rows_accepted) == (english.rows_read, english.rows_accepted)
    assert french.rows_read > 0


def test_a_value_that_is_on_no_list_is_refused_in_french_with_the_list() -> None:
    result = checked(filled_in("mission_report", FILLED, "fr", {**IN_FRENCH, "Medium": "Modéré"}), mission="UNIFIL")
    (finding,) = result.findings.to_dicts()
    assert (finding["column"], finding["severity"]) == ("contribution", "critical")
    assert "Moyen, Importante, Aucun rapport disponible" in finding["remedy_fr"]
    assert "Medium, Significant, No report available" in finding["remedy"]


# --- lists and checks in the cells ------------------------------------------------------------------------------------


def rules(sheet: Worksheet) -> dict[str, Any]:
    """Return the validations of a sheet by the title of their column."""
    headers = {cell.column_letter: str(cell.value).removesuffix(" *") for cell in sheet[1]}
    found = {}
    for rule in sheet.data_validations.dataValidation:
        for area in rule.sqref.ranges:
            found[headers[area.coord.split(":")[0].rstrip("0123456789")]] = rule
    return found


def offered(book: Any, rule: Any) -> list[str]:
    """Return the values of a drop-down list."""
    name, _, area = rule.formula1.partition("!")
    return [str(row[0].value) for row in book[name.strip("'")][area.replace("$", "")]]


def test_lists_are_offered_and_checked() -> None:
    book = opened("fpu_evaluations", "en")
    found = rules(book["Evaluations"])
    assert offered(book, found["Quarter"]) == ["Q1", "Q2"]
    assert offered(book, found["Improvement plan"]) == ["Y", "N"]
    assert offered(book, found["Mission"])[:11] == list(CONFIG.reporting_missions)
    assert set(offered(book, found["Mission"])) == set(CONFIG.missions)
    assert (found["Quarter"].type, found["Quarter"].errorStyle) == ("list", None)  # none: stop
    # a unit is one of the other sheet's, which may be filled in later
    assert "Units'!$A$2" in found["Unit ID"].formula1
    assert found["Unit ID"].errorStyle == "warning"
    days = found["Evaluation date"]
    assert (days.type, days.operator) == ("date", None)  # none: between
    assert [int(days.formula1), int(days.formula2)] == [
        (day - date(1899, 12, 30)).days for day in (CYCLE.start, CYCLE.end)
    ]


def test_numbers_are_checked_with_the_contracts_bounds() -> None:
    found = rules(opened("tpp_trainings", "en")["Trainings"])
    assert (found["Trainings"].type, found["Trainings"].operator, found["Trainings"].formula1) == (
        "whole", "greaterThanOrEqual", "0",
    )  # fmt: skip
    women = found["Women (percent)"]
    assert (women.type, women.formula1, women.formula2) == ("decimal", "0", "100")
    assert "from 0 to 100" in women.error


def test_a_number_cell_takes_its_words_and_no_others(tmp_path: Path) -> None:
    book = opened("mission_report", "en")
    rule = rules(book["Conduct trainings"])["Training days"]
    assert rule.type == "custom"
    formula = rule.formula1
    lists = book.worksheets[-1]
    area = formula[formula.index("Lists!") :].partition("!")[2].partition(",")[0].replace("$", "")
    assert [row[0].value for row in lists[area]] == ["None", "-----"]
    # tried out by a spreadsheet program where there is one
    verdicts = calculated(formula, area, [row[0].value for row in lists[area]], tmp_path)
    if verdicts is not None:
        assert verdicts == {0: 1, 182: 1, 183: 0, -1: 0, 1.5: 0, "none": 1, "-----": 1, "many": 0}


def calculated(formula: str, area: str, words: list[str], folder: Path) -> dict[Any, int] | None:
    """Reckon a validation's formula, for each of some cells, with LibreOffice; None where it is not installed."""
    import csv
    import shutil

    if not shutil.which("soffice"):
        return None
    values = [0, 182, 183, -1, 1.5, "none", "-----", "many"]
    book = openpyxl.Workbook()
    first = book.active
    lists = book.create_sheet("Lists")
    for (cell,), word in zip(lists[area], words, strict=True):
        cell.value = word
    for row, value in enumerate(values, start=1):
        first[f"C{row}"] = value
        first[f"D{row}"] = "=IF(" + formula.removeprefix("=").replace("C2", f"C{row}") + ",1,0)"
    book.save(folder / "tried.xlsx")
    home = f"-env:UserInstallation=file://{folder}/office"
    command = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        "csv",
        "--outdir",
        str(folder),
        str(folder / "tried.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=HANGS_S)
    rows = list(csv.reader((folder / "tried.csv").read_text(encoding="utf-8").splitlines()))
    return {value: int(row[-1]) for value, row in zip(values, rows, strict=True)}


def test_no_message_of_a_check_is_longer_than_excel_allows() -> None:
    for source, language in EVERY:
        for sheet in opened(source, language).worksheets[1:-1]:
            for rule in sheet.data_validations.dataValidation:
                assert 0 < len(rule.error) <= 255
                assert 0 < len(rule.errorTitle) <= 32
                assert len(rule.formula1) <= 255


# --- use --------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_same_template_has_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys; from config import load; from flows.feedback.template import template; c = load();"
        "sys.stdout.buffer.write(template(c.contract('mission_report'), c, c.cycle(5), 'UNIFIL', 'fr'))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert ran.stdout == made("mission_report", "fr")


@pytest.mark.parametrize(
    ("source", "mission", "says"),
    [
        ("mission_report", None, "is sent by missions; name one with --mission: MINURSO"),
        ("mission_report", "UNMIS", "'UNMIS' is no reporting mission"),
        ("noticas", "UNIFIL", "is sent by UNOCC and not by missions"),
    ],
)
def test_a_wrong_mission_is_told(source: str, mission: str | None, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        template(CONFIG.contract(source), CONFIG, CYCLE, mission)


def test_a_template_never_replaces_one_that_may_be_filled_in(tmp_path: Path) -> None:
    out = tmp_path / "UNMISS.xlsx"
    write(out, made("mission_report", "en"))
    write(out, made("mission_report", "en"))
    out.write_bytes(filled_in("mission_report", FILLED, "en"))
    with pytest.raises(ConfigError, match="may be filled in"):
        write(out, made("mission_report", "en"))
    with pytest.raises(ConfigError, match=r"end in \.xlsx"):
        write(tmp_path / "UNMISS.xls", made("mission_report", "en"))
    with pytest.raises(ConfigError, match="no folder"):
        write(tmp_path / "there" / "UNMISS.xlsx", made("mission_report", "en"))


def test_two_columns_may_not_share_a_name() -> None:
    raw = REPORT.tables["sofa_soma"].model_dump(by_alias=True)
    raw["columns"]["total_incidents"]["title"] = Label(en="New  incidents")
    with pytest.raises(ValueError, match="is a name of both new_incidents and total_incidents"):
        type(REPORT.tables["sofa_soma"]).model_validate(raw)
