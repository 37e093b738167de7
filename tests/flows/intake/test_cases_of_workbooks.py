"""Files as people send them: workbooks that show otherwise than they hold, or hold more than a table.

The first part are files that stand beside the checkout; name their folder in A4P_CASES where they are elsewhere. What
follows are workbooks made here, one for each kind.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from config.unclear import MERGED, UNCALCULATED
from flows.core.records import FileRead
from flows.intake.read.grids import grids
from flows.intake.read.tables import read_file
from tests.flows.intake.test_cases_of_values import FOLDER
from tests.support.files import CONFIG, Rooms, Row, workbook
from tests.support.troubles import saved


class Sent(NamedTuple):
    """A file, whose it is, what is told of it (but for notes), and what is read of a table: a column and its values."""

    file: str
    source: str
    told: set[tuple[str, str, int | None]]
    table: str
    column: str
    values: list[object]


def twice(rule: str, severity: str, *rows: int | None) -> set[tuple[str, str, int | None]]:
    return {(rule, severity, row) for row in rows}


UNMISS, MINUSCA = "mission_report/UNMISS", "mission_report/MINUSCA"
OF_ANOTHER_CYCLE = twice("period_from_is_of_the_cycle", "warning", 2) | twice("period_to_is_of_the_cycle", "warning", 2)
SENT = [
    Sent(
        "02_formula_without_value.xlsx",
        UNMISS,
        twice("patrols_has_a_result", "critical", 3) | twice("patrols_with_women_has_a_result", "critical", 3),
        "women_in_patrols",
        "patrols",
        [],
    ),
    Sent(
        "03_superscript_footnote.xlsx",
        UNMISS,
        twice("new_incidents_is_read_one_way", "critical", 3),
        "sofa_soma",
        "new_incidents",
        [],
    ),
    Sent(
        "07_sheet_per_month.xlsx",
        "noticas",
        twice("rows_stand_on_one_sheet", "critical", None),
        "noticas",
        "mission",
        [],
    ),
    Sent(
        "08_hidden_sheet_first.xlsx",
        "noticas",
        twice("hidden_sheets_hold_no_rows", "warning", None),
        "noticas",
        "casualty_id",
        ["UNMISS-2024-00001"],
    ),
    Sent(
        "09_hidden_rows.xlsx",
        "noticas",
        twice("rows_are_shown", "warning", 3),
        "noticas",
        "casualty_id",
        [f"UNMISS-2024-0000{number}" for number in (1, 2, 3, 4)],
    ),
    Sent(
        "10_total_rows.csv",
        "uniformed_personnel",
        twice("rows_hold_no_totals", "warning", 4),
        "uniformed_personnel",
        "female_personnel",
        [100, 50],
    ),
    Sent(
        "11_pki_total_row.xlsx",
        "pki_trainings",
        twice("rows_hold_no_totals", "warning", 6) | OF_ANOTHER_CYCLE,
        "pki_courses",
        "women",
        [4, 2, 2, 1],
    ),
    Sent(
        "12_note_under_table.xlsx",
        UNMISS,
        twice("nothing_stands_below_the_table", "warning", 6),
        "mental_health_support",
        "mechanism",
        ["Counselling unit, on call day and night", "Training on stress in field offices"],
    ),
    Sent(
        "13_merged_cells.xlsx",
        "noticas",
        twice("cells_are_not_merged", "warning", 2),
        "noticas",
        "mission",
        ["UNMISS"] * 3,
    ),
    Sent("14_footnote_in_header.xlsx", UNMISS, set(), "women_in_patrols", "patrols", [35400]),
    Sent(
        "15_sheet_copy.xlsx",
        UNMISS,
        twice("sheets_stand_once", "warning", None),
        "conduct_training",
        "sessions",
        [83, 54, 46, 7],
    ),
    Sent("16_french_right.xlsx", UNMISS, set(), "women_in_patrols", "patrols", [35400]),
    Sent("16b_french_upper_no_accents.xlsx", UNMISS, set(), "women_in_patrols", "engagement_teams", [14]),
    Sent(
        "16g_french_optional_headers_without_accents.xlsx", UNMISS, set(), "women_in_patrols", "engagement_teams", [14]
    ),
    Sent("36b_space_at_the_end.xlsx", "paet_visits", set(), "paet_visits", "mission", ["MINUSCA", "UNMISS"]),
    Sent(
        "38_transposed.xlsx",
        UNMISS,
        twice("headers_stand_in_a_row", "critical", None),
        "sofa_soma",
        "new_incidents",
        [],
    ),
    Sent("41_two_row_header.xlsx", "uniformed_personnel", set(), "uniformed_personnel", "female_personnel", [100]),
    Sent("42_libreoffice.ods", "paet_visits", set(), "paet_visits", "mission", ["MINUSCA", "UNMISS"]),
    Sent(
        "47_hidden_column_read_visible_not.xlsx",
        "paet_visits",
        twice("columns_are_shown", "warning", None) | twice("headers_are_named_as_agreed", "warning", 1),
        "paet_visits",
        "visited_on",
        ["2023-11-05"],
    ),
    Sent(
        "49_same_country_spelt_five_ways.csv",
        "uniformed_personnel",
        twice("row_is_listed_once", "critical", 3, 4, 5, 6),
        "uniformed_personnel",
        "contributing_country",
        ["Côte d'Ivoire"],
    ),
    Sent(
        "63_stacked_blocks.xlsx",
        "senior_leadership",
        twice("header_stands_once", "critical", 25),
        "mission_posts",
        "women",
        [],
    ),
    Sent(
        "71_row_struck_out.xlsx",
        "training_readiness",
        twice("nothing_is_struck_out", "warning", 2),
        "recognised_police_courses",
        "contributing_country",
        ["Senegal", "Rwanda", "India", "India", "Ghana", "Rwanda", "Jordan"],
    ),
    Sent(
        "80_id_became_a_date.xlsx",
        "military_unit_evaluations",
        twice("unit_id_is_no_date", "warning", 2) | twice("unit_id_is_one_of_military_units", "critical", 2),
        "military_unit_evaluations",
        "unit_id",
        [],
    ),
    Sent(
        "a05_totals.xlsx",
        MINUSCA,
        twice("rows_hold_no_totals", "warning", 6),
        "conduct_training",
        "sessions",
        [42, 18, 25, 3],
    ),
    Sent(
        "a07_del_opt_col.xlsx",
        MINUSCA,
        twice("columns_of_tables_are_there", "warning", None),
        "conduct_training",
        "training_days",
        [None] * 4,
    ),
    Sent(
        "a09_rename_sheet.xlsx",
        MINUSCA,
        twice("sheet_has_its_name", "critical", None),
        "conduct_training",
        "sessions",
        [],
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.file)
def test_what_a_workbook_shows_is_read_or_told(sent: Sent, tmp_path: Any) -> None:
    file = FOLDER / sent.file
    if not file.is_file():
        pytest.skip(f"{sent.file} is not in {FOLDER}; name its folder in A4P_CASES")
    rooms = Rooms(tmp_path)
    rooms.put(f"{sent.source}/{sent.file}", file.read_bytes())
    gathered = rooms.gather(sent.source.partition("/")[0])
    told = rooms.findings(gathered).filter(pl.col("severity") != "info")
    assert set(told.select("rule", "severity", "row").iter_rows()) == sent.told
    values = rooms.staged(gathered, sent.table)[sent.column].cast(pl.String).to_list()
    wanted = [None if value is None else str(value) for value in sent.values]
    # of the many units those that are told of are the point
    assert values == wanted or (sent.file.startswith("80") and len(values) == 180)


# Workbooks made here


VISITS = [("Mission", "Date of visit"), ("UNMISS", date(2023, 12, 1)), ("MINUSCA", date(2023, 12, 2))]
COURSES = [("Course", "Uniformed", "Civilian", "Women"), ("A", 12, 6, 4), ("B", 7, 5, 2)]
SUMMARY = [("Period from", "Period to", "Trained", "Women (percent)"), (date(2023, 11, 1), date(2024, 4, 30), 30, 20)]


class Seen(NamedTuple):
    """What is told of a file, each with its place, and the texts of its tables."""

    told: list[tuple[str, str]]
    texts: dict[str, pl.DataFrame]
    file: FileRead


def seen(data: bytes, source: str, name: str = "sent.xlsx") -> Seen:
    file, frames = read_file(data, name, CONFIG.contract(source), CONFIG)
    return Seen([(one.trouble, one.where) for one in file.told], frames, file)


def changed(rows: dict[str, list[Row]], change: Callable[[Worksheet], object]) -> bytes:
    """Return a workbook with these rows after a change to its first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in rows.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
    change(book.worksheets[0])
    return saved(book)


def courses(change: Callable[[Worksheet], object]) -> Seen:
    return seen(changed({"Courses": COURSES, "Summary": SUMMARY}, change), "pki_trainings")


def visits(*rows: Sequence[Any], sheet: str = "Visits") -> Seen:
    return seen(workbook({sheet: [*VISITS, *rows]}), "paet_visits")


@pytest.mark.parametrize(
    "line",
    [
        ("Total", 19, 11, 6),
        ("TOTAL :", 19, 11, 6),
        ("Grand total", 19, 11, 6),
        ("Sous-total", 19, 11, 6),
        ("Total général", 19, 11, None),
        ("Ensemble", 19, 11, 6),
        ("Total (all courses)", 19, 11, 6),
        ("Moyenne", 9.5, 5.5, 3),
    ],
)
def test_a_line_of_totals_is_told_and_never_counted(line: Row) -> None:
    said = seen(workbook({"Courses": [*COURSES, line], "Summary": SUMMARY}), "pki_trainings")
    assert said.told == [("total_row", "4")]
    assert said.texts["pki_courses"]["women"].to_list() == ["4", "2"]


@pytest.mark.parametrize("name", ["Total Quality Management", "Totality", "Sum of Knowledge Course 2"])
def test_a_course_that_is_called_like_a_total_is_none(name: str) -> None:
    said = seen(workbook({"Courses": [*COURSES, (name, 1, 1, 1)], "Summary": SUMMARY}), "pki_trainings")
    assert "total_row" not in dict(said.told) or name.startswith("Sum of")


def test_totals_are_held_against_the_rows_above_since_the_last_and_of_all() -> None:
    lines = [("Subtotal", 19, 11, 6), ("C", 1, 1, 1), ("Subtotal", 1, 1, 1), ("Grand total", 20, 12, 7)]
    right = seen(workbook({"Courses": [*COURSES, *lines], "Summary": SUMMARY}), "pki_trainings")
    assert right.told == [("total_row", "4, 6, 7")]
    lines[-1] = ("Grand total", 20, 12, 8)
    wrong = seen(workbook({"Courses": [*COURSES, *lines], "Summary": SUMMARY}), "pki_trainings")
    assert wrong.told == [("total_row", "4, 6, 7"), ("wrong_total", "7")]


def test_a_line_of_totals_that_the_contract_knows_is_a_row() -> None:
    streams = [("Stream", "Trainings", "Trainees"), ("Medical", 6, 110), ("Total", 6, 110)]
    summary = [("Period from", "Period to", "Trainings", "Trainees"), (date(2023, 11, 1), date(2024, 4, 30), 6, 110)]
    from config import Contract
    from flows.intake.read.submissions import shapes

    contract: Contract = shapes("tpp_trainings", CONFIG).own
    file, frames = read_file(workbook({"Trainings": streams, "Summary": summary}), "f.xlsx", contract, CONFIG)
    assert file.told == ()
    assert frames["tpp_streams"]["stream"].to_list() == ["Medical", "Total"]


@pytest.mark.parametrize(
    ("rows", "noted"),
    [
        ([("Source: Police Division, May 2024", None)], "4"),
        ([(None, None), ("* dates to be confirmed", None)], "5"),
        ([(None, None), ("Visits by the Standing Police Capacity are not listed.", None)], "5"),
        ([("Notes :", "voir annexe")], "4"),
        ([("Établi par la section", None)], "4"),
    ],
)
def test_notes_below_a_table_are_told_and_never_counted(rows: list[Row], noted: str) -> None:
    said = visits(*rows)
    assert said.told == [("note_row", noted)]
    assert said.texts["paet_visits"]["mission"].to_list() == ["UNMISS", "MINUSCA"]


def test_a_row_that_is_not_finished_is_no_note() -> None:
    said = visits(("MONUSCO", None))
    assert said.told == []
    assert said.texts["paet_visits"]["mission"].to_list() == ["UNMISS", "MINUSCA", "MONUSCO"]


def test_a_row_alone_below_a_blank_line_is_counted_and_told_where_it_may_be_one() -> None:
    rows = [("mechanism", "formal"), ("Counselling", "Y"), ("Groups", "Y"), (None, None), ("Peers", None)]
    tables = {table.sheet[0]: [tuple(table.columns)] for table in CONFIG.contract("mission_report").tables.values()}
    said = seen(workbook({**tables, "Mental health support": rows}), "mission_report")
    assert ("rows_apart", "5") in said.told
    assert said.texts["mental_health_support"].height == 3


def test_rich_text_is_read_as_it_is_seen() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        raised, struck = book.add_format({"font_script": 1}), book.add_format({"font_strikeout": True})
        sheet = book.add_worksheet("Courses")
        for at, name in enumerate(COURSES[0]):
            sheet.write_rich_string(0, at, str(name), raised, "1")
        sheet.write_rich_string(1, 0, "A", raised, "a")
        sheet.write_rich_string(1, 1, "12", raised, "1")
        sheet.write_rich_string(1, 2, struck, "6", "7")
        sheet.write_number(1, 3, 4, struck)
    said = seen(buffer.getvalue(), "pki_trainings")
    assert said.texts["pki_courses"].select("course", "uniformed", "civilian", "women").rows() == [
        ("Aᵃ", "12¹", "7", "4")
    ]
    assert ("struck_out", "2") in said.told


def test_numbers_in_percent_format_are_in_percent_at_full_precision() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for form in ("0%", "0.0 %", '0.00" %"'):
            sheet = book.add_worksheet(form.replace('"', ""))
            sheet.write_number(1, 2, 0.2857, book.add_format({"num_format": form}))
    texts = [grid.cells.row(0)[0] for grid in grids(buffer.getvalue(), "f.xlsx")]
    # what stands in quotes is no format
    assert texts == ["28.57%", "28.57%", "0.2857"]


def test_a_formula_without_a_result_says_so() -> None:
    def plant(sheet: Worksheet) -> None:
        sheet["B2"] = "=6+6"

    said = courses(plant)
    assert said.texts["pki_courses"]["uniformed"].to_list() == [UNCALCULATED, "7"]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_formula(0, 0, "=1+1", None, 2)
        sheet.write_formula(1, 0, "=1+1")
        sheet.write_formula(3, 0, "=1/0", None, "#DIV/0!")
    (grid,) = grids(buffer.getvalue(), "f.xlsx")
    # a zero of a workbook that no spreadsheet has calculated is none
    assert [row[0] for row in grid.cells.rows()] == ["2", UNCALCULATED, "#DIV/0!"]


def test_merged_texts_are_of_each_row_and_merged_numbers_of_none() -> None:
    def plant(sheet: Worksheet) -> None:
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("B2:B3")

    said = courses(plant)
    assert said.told == [("merged_cells", "A2:A3, B2:B3")]
    assert said.texts["pki_courses"].select("course", "uniformed", "women").rows() == [
        ("A", MERGED, "4"),
        ("A", MERGED, "2"),
    ]


def test_a_merge_that_claims_a_billion_rows_is_read_like_any_other() -> None:
    data = changed({"Courses": COURSES, "Summary": SUMMARY}, lambda sheet: sheet.merge_cells("A2:A3"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(buffer, "w") as made:
        for part in given.infolist():
            made.writestr(part, given.read(part).replace(b'ref="A2:A3"', b'ref="A2:A4000000000"'))
    said = seen(buffer.getvalue(), "pki_trainings")
    assert said.told == [("merged_cells", "A2:A4000000000")]
    assert said.texts["pki_courses"]["course"].to_list() == ["A"] * said.texts["pki_courses"].height


def hide(sheet: Worksheet) -> None:
    sheet.row_dimensions[2].hidden = True


def hide_by_filter(sheet: Worksheet) -> None:
    hide(sheet)
    sheet.auto_filter.ref = "A1:D3"
    sheet.auto_filter.add_filter_column(0, ["B"])


def hide_column(sheet: Worksheet) -> None:
    sheet.column_dimensions["D"].hidden = True


def strike(sheet: Worksheet) -> None:
    sheet["B3"].font = Font(strike=True)


@pytest.mark.parametrize(
    ("change", "trouble", "where"),
    [
        (hide, "hidden_rows", "2"),
        (hide_by_filter, "filtered_rows", "2"),
        (hide_column, "hidden_columns", "D"),
        (strike, "struck_out", "3"),
    ],
)
def test_what_is_hidden_or_struck_out_is_counted_and_told(
    change: Callable[[Worksheet], object], trouble: str, where: str
) -> None:
    said = courses(change)
    assert said.told == [(trouble, where)]
    assert said.texts["pki_courses"]["women"].to_list() == ["4", "2"]


def test_a_hidden_sheet_never_wins_and_is_told() -> None:
    book = openpyxl.Workbook()
    old = book.worksheets[0]
    for line in (*VISITS, ("MONUSCO", date(2023, 12, 3))):
        old.append(line)
    old.title, old.sheet_state = "old", "veryHidden"
    for line in VISITS:
        (book["now"] if "now" in book.sheetnames else book.create_sheet("now")).append(line)
    said = seen(saved(book), "paet_visits")
    assert said.told == [("hidden_sheet_unread", "old (3)")]
    assert said.texts["paet_visits"].height == 2


def test_rows_on_several_sheets_are_told_with_their_number() -> None:
    said = seen(workbook({"Nov": VISITS, "Déc": [*VISITS, ("MONUSCO", date(2023, 12, 3))]}), "paet_visits")
    assert said.told == [("several_sheets", "Déc (3)")]


def test_sheets_and_headers_are_compared_as_people_read_them() -> None:
    rows = {
        "COURSES ": [("COURSE *", "Uniformed (1)", "Civilian\n[a]", "Women²"), ("A", 1, 2, 3)],
        "Súmmary": [("PÉRIOD FROM", "Period\u00a0to", "Trained", "Women (percent)"), SUMMARY[1]],
    }
    said = seen(workbook(rows), "pki_trainings")
    assert said.told == []
    assert said.texts["pki_courses"].select("course", "uniformed", "civilian", "women").rows() == [("A", "1", "2", "3")]


def test_a_header_that_is_not_understood_is_told_with_its_address_and_the_nearest_name() -> None:
    header = ("Course", "Uniformed", "Civilians present", "Woman", "Zone")
    said = seen(workbook({"Courses": [header, ("A", 1, 2, 3, "N")], "Summary": SUMMARY}), "pki_trainings")
    assert said.told == [("unknown_header", "C1 (Civilian), D1 (Women)"), ("spare_columns", "E")]
    assert said.file.tables["pki_courses"].missing == ("civilian", "women")


def test_a_table_on_its_side_a_header_over_two_rows_and_a_second_header_are_told() -> None:
    on_its_side = [list(line) for line in zip(*COURSES, strict=True)]
    assert seen(workbook({"Courses": on_its_side, "Summary": SUMMARY}), "pki_trainings").told == [("on_its_side", "A")]
    two = [("Course", "Personnel", None, None), (None, "in uniform", "civil", "female"), ("A", 1, 2, 3)]
    assert seen(workbook({"Courses": two, "Summary": SUMMARY}), "pki_trainings").told == [
        ("two_row_header", "B2, C2, D2")
    ]
    swapped = [*COURSES, ("Course", "Women", "Civilian", "Uniformed"), ("C", 1, 2, 3)]
    assert seen(workbook({"Courses": swapped, "Summary": SUMMARY}), "pki_trainings").told == [("header_of_others", "4")]
    again = [*COURSES, COURSES[0], ("C", 1, 2, 3)]
    said = seen(workbook({"Courses": again, "Summary": SUMMARY}), "pki_trainings")
    assert said.told == [("header_again", "4")]
    assert said.texts["pki_courses"]["women"].to_list() == ["4", "2", "3"]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (
            ("Contributing country", "Mission", "Personnel type", "Personnel", None),
            (None, None, None, "Female", "Male"),
        ),
        (
            (None, None, None, "Personnel", None),
            ("Contributing country", "Mission", "Personnel type", "Female", "Male"),
        ),
    ],
)
def test_a_header_over_two_rows_is_read_where_they_name_the_columns_together(upper: Row, lower: Row) -> None:
    rows = [(*upper, "Last reporting date"), (*lower, None), ("Nepal", "UNMISS", "Troops", 100, 900, "2024-04-30")]
    if lower[0]:
        rows[0], rows[1] = (*upper, None), (*lower, "Last reporting date")
    said = seen(workbook({"S": rows}), "uniformed_personnel")
    assert said.told == []
    assert said.texts["uniformed_personnel"].select("female_personnel", "male_personnel").rows() == [("100", "900")]


def test_what_stands_around_a_table_is_told_once_for_a_region() -> None:
    rows = [
        ("Exported on", "2024-05-01", None, None),
        ("Mission", "Date of visit", None, None),
        ("UNMISS", "2023-12-01", None, "see 45"),
        ("MINUSCA", "2023-12-02", None, "ok"),
    ]
    said = seen(workbook({"Visits": rows, "Notes": [("by hand",)]}), "paet_visits")
    assert said.told == [("numbers_beside", "D3"), ("above_table", "A1, B1"), ("unused_sheets", "Notes")]
    assert said.file.tables["paet_visits"].cells.told == 5


def test_csv_files_are_held_to_the_same() -> None:
    text = "Exported on;2024-05-01\nMission;Date of visit;Zone\nUNMISS;2023-12-01;N\nTotal;1;\nSource: section;;\n"
    said = seen(text.encode(), "paet_visits", "f.csv")
    assert set(said.told) == {
        ("total_row", "4"),
        ("note_row", "5"),
        ("spare_columns", "C"),
        ("above_table", "A1, B1"),
    }
    assert said.texts["paet_visits"]["mission"].to_list() == ["UNMISS"]


def test_blank_text_in_the_last_column_is_nothing() -> None:
    data = changed({"Visits": VISITS}, lambda sheet: sheet.cell(2, 16384, "\u00a0 "))
    assert seen(data, "paet_visits").texts["paet_visits"].height == 2


def test_a_sheets_name_that_may_be_somebodys_is_not_repeated() -> None:
    rows = [("training", "sessions"), ("Induction", 12)]
    report = CONFIG.contract("mission_report")
    for name, said in (("Conduct trainings (2)", "Conduct trainings (2)"), ("Conduct trainings Quenby", "#2")):
        data = workbook({"Conduct trainings": rows, name: rows})
        found, _ = read_file(data, "a.xlsx", report, CONFIG)
        assert [told.where for told in found.told if told.trouble == "sheet_unread"] == [f"{said} (1)"]
