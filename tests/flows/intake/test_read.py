"""From grids to the contract's tables: headers wherever they stand and however they are written, and nothing else."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.core.records import FileRead
from flows.intake.read.grids import grids
from flows.intake.read.layout import recognise
from flows.intake.read.tables import read_file
from tests.support.files import (
    BOOK_ROWS,
    CONFIG,
    NOTICAS_HEADER,
    allegations,
    casualty,
    mission_book,
    noticas,
    workbook,
)
from tests.support.sweeping import SWEEP

NOTICAS = CONFIG.contract("noticas")
REQUIRED = ("casualty_id", "incident_date", "mission", "cause")
UNITS = ("unit_id", "mission", "contributing_country")
EVALUATIONS = ("unit_id", "mission", "evaluation_date", "rating", "improvement_plan")


def read(data: bytes, name: str = "f.csv", source: str = "noticas") -> tuple[FileRead, dict[str, pl.DataFrame]]:
    return read_file(data, name, CONFIG.contract(source), CONFIG)


def casualties(text: str | bytes, name: str = "f.csv") -> pl.DataFrame:
    found, frames = read(text.encode() if isinstance(text, str) else text, name)
    assert found.problem is None
    return frames["noticas"]


def test_a_frame_has_the_columns_kept_as_text_and_where_each_row_stood() -> None:
    found, frames = read(noticas(casualty(1), casualty(2, mission="UNFIL")))
    frame = frames["noticas"]
    kept = list(NOTICAS.tables["noticas"].columns_read)
    assert frame.columns == [*kept, "_sheet", "_row", "_shifted"]
    assert set(frame.select(kept).dtypes) == {pl.String}
    assert frame["_row"].to_list() == [2, 3]
    assert frame["mission"].to_list() == ["UNIFIL", "UNFIL"]
    assert frame["m49_code"].to_list() == ["516", "516"]
    assert frame["gender"].to_list() == [None, None]
    table = found.tables["noticas"]
    assert (table.rows, table.header_row, table.missing, table.repeated, table.unknown) == (2, 1, (), (), 0)


@pytest.mark.parametrize(
    "header",
    [
        "casualty_id,incident_date,mission,cause",
        "CASUALTY_ID,Incident_Date,Mission_Acronym,Type_Of_Incident",
        "\ufeffCasualty ID , incident  date,MISSION\u00a0ACRONYM,Type-of-incident",
        '"Casualty\nID","Incident\r\ndate",Mission:,(cause)',
        "Casu\u00adalty ID\u200b,\u200eIncident date,Miss\u2060ion,cause",
    ],
)
def test_headers_by_name_or_alias_however_they_are_written(header: str) -> None:
    frame = casualties(f"{header}\nX-1,2024-01-15,UNIFIL,Illness\n")
    assert frame.select(REQUIRED).rows() == [("X-1", "2024-01-15", "UNIFIL", "Illness")]


def test_titles_and_blank_rows_above_the_header() -> None:
    frame = casualties(
        "Notifications of casualties\n\nas of,2024-05-01\ncasualty_id,incident_date,mission,cause\n\nX,d,m,c\n"
    )
    assert frame.select(*REQUIRED, "_row", "_shifted").rows() == [("X", "d", "m", "c", 6, False)]


def test_columns_in_any_order_with_blank_ones_before_and_between() -> None:
    frame = casualties(",,cause,,mission,incident_date,casualty_id\n,,c,,m,d,X\n")
    assert frame.select(*REQUIRED, "_shifted").rows() == [("X", "d", "m", "c", False)]


@pytest.mark.parametrize(
    ("line", "shifted"),
    [
        ("X,d,m,c", False),
        ("X,d,m,", False),
        ("X,d,m", True),
        ("X", True),
        # an unquoted separator moves what comes after it
        ("X,d,m,c,x", True),
        # blank cells at the end move nothing
        ("X,d,m,c,,", False),
    ],
)
@pytest.mark.parametrize("others", [0, 1, 5])
def test_a_row_has_a_cell_for_each_column(line: str, shifted: bool, others: int) -> None:
    text = "\n".join([",".join(REQUIRED), line, *["Y,d,m,c"] * others, ""])
    assert casualties(text)["_shifted"].to_list() == [shifted, *[False] * others]


def test_a_header_that_ends_with_separators_names_no_more_columns() -> None:
    frame = casualties("casualty_id,incident_date,mission,cause,,\nX,d,m,c\nX,d,m,c,,\nX,d,m\n")
    assert frame["_shifted"].to_list() == [False, False, True]


def test_notes_beside_the_table_of_a_workbook_shift_nothing() -> None:
    cells = [(None, *REQUIRED), (None, "X", date(2024, 1, 15), "m", "c", None, "a note"), (None, "Y")]
    frame = casualties(workbook({"Any": cells}), "f.xlsx")
    assert frame.select("casualty_id", "incident_date", "_row", "_shifted").rows() == [
        ("X", "2024-01-15 00:00:00", 2, False),
        ("Y", None, 3, False),
    ]


def test_rows_without_a_cell_of_the_contracts_columns_do_not_count() -> None:
    found, frames = read(b"casualty_id,incident_date,mission,cause,remark\nX,d,m,c,\n,,,,end of list\n")
    assert frames["noticas"]["_row"].to_list() == [2]
    assert found.tables["noticas"].rows == 1
    assert found.tables["noticas"].unknown == 1


def test_a_table_without_a_named_sheet_is_the_sheet_that_holds_most_of_its_columns() -> None:
    data = workbook({"About": [("mission", "note")], "Data": [REQUIRED, ("X", "d", "m", "c")], "Empty": []})
    frame = casualties(data, "f.xlsx")
    assert frame["casualty_id"].to_list() == ["X"]
    # what such a sheet is called may be anything, and is not kept
    assert frame["_sheet"].to_list() == [None]


def test_sheets_by_name_in_either_language() -> None:
    english = mission_book("UNIFIL")
    assert {name: frame.height for name, frame in read(english, "f.xlsx", "mission_report")[1].items()} == (BOOK_ROWS)
    french = workbook({" couverture ": [("Mission", "Reporting cycle"), ("MINUSCA", "Cycle 5")]})
    found, frames = read(french, "f.xlsx", "mission_report")
    assert frames["cover"]["_sheet"].to_list() == ["Couverture"]
    assert (found.claimed_mission, found.claimed_cycle) == ("MINUSCA", "Cycle 5")
    assert [name for name, table in found.tables.items() if table.absent] == list(found.tables)[1:]


def test_what_is_missing_or_named_twice() -> None:
    found, frames = read(b"casualty_id,mission,Mission_Acronym,incident_date\nX,m,n,d\n")
    table = found.tables["noticas"]
    assert (table.missing, table.repeated, table.rows) == (("cause",), ("mission",), 1)
    assert frames["noticas"]["cause"].to_list() == [None]
    # a column that is never read may stand twice
    found, _ = read(b"casualty_id,mission,cause,incident_date,name,Casualty_Name\nX,m,c,d,n,n\n")
    assert found.tables["noticas"].repeated == ()


def test_a_file_without_any_column_of_the_contract() -> None:
    found, frames = read(b"one,two\n1,2\n")
    assert found.tables["noticas"].missing == REQUIRED
    assert found.tables["noticas"].header_row is None
    assert frames["noticas"].is_empty()
    assert frames["noticas"].columns == casualties(noticas(casualty(1))).columns


def test_json_counts_records_from_one() -> None:
    records = [{"Casualty_ID": f"X-{n}", "incident_date": 1705276800000, "mission": "m", "cause": "c"} for n in (1, 2)]
    frame = casualties(json.dumps(records), "f.json")
    assert frame.select("casualty_id", "incident_date", "_row").rows() == [
        ("X-1", "1705276800000", 1),
        ("X-2", "1705276800000", 2),
    ]


PERSONAL = {
    source: [
        (table, spelling)
        for table, definition in contract.tables.items()
        for name, column in definition.columns.items()
        if column.personal
        for spelling in (name, *column.spellings, name.upper().replace("_", " "))
    ]
    for source, contract in CONFIG.contracts.items()
}


@pytest.mark.parametrize(
    ("source", "table", "spelling"), [(s, *one) for s, all_of in PERSONAL.items() for one in all_of]
)
def test_personal_columns_are_never_in_a_frame(source: str, table: str, spelling: str) -> None:
    definition = CONFIG.contract(source).tables[table]
    header = [*definition.columns_read, spelling, "remarks of a colleague"]
    sheet = definition.sheet[0] if definition.sheet else "S"
    data = workbook({sheet: [header, [*("x" for _ in definition.columns_read), "Canary", "Canary"]]})
    found, frames = read(data, "f.xlsx", source)
    assert frames[table].height == 1
    assert "Canary" not in repr(frames[table].to_dicts())
    assert "Canary" not in repr(found)
    assert spelling not in frames[table].columns


def test_each_source_has_its_personal_columns_tried() -> None:
    assert {source for source, spellings in PERSONAL.items() if spellings} == {
        "noticas",
        "conduct_allegations",
        "fpu_evaluations",
        "military_unit_evaluations",
        "mission_report",
        "senior_leadership",
        "training_readiness",
    }


FPU = workbook(
    {
        "Units": [UNITS, ("U", "MINUSCA", "Senegal")],
        "Evaluations": [(*EVALUATIONS, "quarter"), ("U", "MINUSCA", "2024-01-01", "Average", "N", "Q1")],
    }
)
MILITARY = workbook(
    {
        "Units": [(*UNITS, "unit_type"), ("U", "MINUSCA", "Nepal", "Battalion")],
        "Evaluations": [EVALUATIONS, ("U", "MINUSCA", "2024-01-01", "Satisfactory", "N")],
    }
)
PERSONNEL = (
    b"contributing_country,mission,personnel_type,female_personnel,male_personnel,last_reporting_date\n"
    b"France,UNIFIL,Troops,0,700,2024-04-30\n"
)
CRIMES = workbook(
    {
        "Crimes": [
            (
                *("mission", "cases_reported", "cases_investigated", "perpetrators_identified"),
                *("perpetrators_detained", "perpetrators_tried", "perpetrators_convicted"),
            ),
            ("TOTAL", 1, 1, 1, 1, 1, 1),
        ]
    }
)
HOSPITALS = workbook(
    {
        "Hospitals": [("hospital_id", "mission", "level"), ("H", "UNIFIL", "1+")],
        "Interruptions": [("hospital_id", "mission", "service", "days"), ("H", "UNIFIL", "X-ray", 3)],
    }
)
LEADERSHIP = workbook(
    {
        "Senior leaders": [("post_id", "mission", "post", "gender", "uniformed"), ("P", "UNIFIL", "x", "F", "N")],
        "All posts": [("mission", "as_of_date", "women", "men"), ("UNIFIL", "2024-04-30", 1, 1)],
    }
)
TPP = workbook(
    {
        "Trainings": [("stream", "trainings", "trainees"), ("TOTAL", 1, 1)],
        "Summary": [("period_from", "period_to", "trainings", "trainees"), ("2023-11-01", "2024-04-30", 1, 1)],
    }
)
PKI = workbook(
    {
        "Courses": [("course", "uniformed", "civilian", "women"), ("C", 1, 1, 1)],
        "Summary": [("period_from", "period_to", "trained"), ("2023-11-01", "2024-04-30", 2)],
    }
)
READINESS = workbook(
    {
        "Contingents": [
            ("contingent_id", "mission", "contributing_country", "deployed_on", "certified"),
            ("C", "UNIFIL", "Nepal", "2024-01-01", "Y"),
        ],
        "Police courses": [("contributing_country", "course", "recognised_on"), ("Senegal", "C", "2020-01-01")],
        "Senior appointments": [("appointment_id", "grade", "appointed_on"), ("S", "D2", "2024-01-01")],
    }
)
FILES = {
    "noticas": (noticas(casualty(1)), "f.csv"),
    "conduct_allegations": (allegations(1), "f.xlsx"),
    "uniformed_personnel": (PERSONNEL, "f.csv"),
    "fpu_evaluations": (FPU, "f.xlsx"),
    "military_unit_evaluations": (MILITARY, "f.xlsx"),
    "mission_report": (mission_book("UNIFIL"), "f.xlsx"),
    "crimes_against_peacekeepers": (CRIMES, "f.xlsx"),
    "explosive_ordnance": (b"mission,up_to,exploded\nUNIFIL,2024-04-30,3\n", "f.csv"),
    "hospitals": (HOSPITALS, "f.xlsx"),
    "paet_visits": (b"mission,date_of_visit\nUNIFIL,2024-01-01\n", "f.csv"),
    "pki_trainings": (PKI, "f.xlsx"),
    "senior_leadership": (LEADERSHIP, "f.xlsx"),
    "strategic_communications": (b"indicator,value\nMentions,3\n", "f.csv"),
    "tpp_trainings": (TPP, "f.xlsx"),
    "training_readiness": (READINESS, "f.xlsx"),
}


def test_there_is_a_file_of_each_source() -> None:
    assert set(FILES) == set(CONFIG.contracts)


@pytest.mark.parametrize("source", FILES)
def test_a_file_is_known_by_its_columns(source: str) -> None:
    data, name = FILES[source]
    assert recognise(grids(data, name), CONFIG) == source


@pytest.mark.parametrize("sent_to", CONFIG.contracts)
@pytest.mark.parametrize("source", FILES)
def test_a_file_in_the_folder_of_another_source_says_whose_it_is(source: str, sent_to: str) -> None:
    data, name = FILES[source]
    found, _ = read(data, name, sent_to)
    assert found.looks_like == (source if source != sent_to else None)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6) | st.sampled_from(
    ["NA", "004", "x\ny", "1,5"]
)


@settings(max_examples=60 if SWEEP else 15, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=10),
    st.integers(0, 5),
    st.permutations(REQUIRED),
    st.sampled_from(["f.xlsx", "f.json"]),
)
def test_rows_written_are_rows_read(drawn: list[tuple[str, ...]], above: int, header: list[str], name: str) -> None:
    lines = [tuple(cell.replace("=", "-") for cell in line) for line in drawn]
    if name == "f.json":
        data = json.dumps([dict(zip(header, line, strict=True)) for line in lines]).encode()
        first = 1
    else:
        data = workbook({"S": [*[("Title",)] * above, header, *lines]})
        first = above + 2
    frame = read(data, name)[1]["noticas"]
    kept = [(number, line) for number, line in enumerate(lines, start=first) if any(cell.strip() for cell in line)]
    assert frame["_row"].to_list() == [number for number, _ in kept]
    assert [tuple(cell or "" for cell in row) for row in frame.select(header).rows()] == [line for _, line in kept]
    assert not frame["_shifted"].any()


def test_the_header_of_the_tests_is_one_of_the_contract() -> None:
    assert set(NOTICAS_HEADER.split(",")) <= set(NOTICAS.tables["noticas"].columns_read)
