from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.utils import range_boundaries

from config import load
from flows.documents import workbook
from flows.documents.workbook import pages
from flows.documents.workbook.figures import sentences
from tests.support import report_tables
from transforms import catalogue, dimensions

CONFIG = load()
CYCLE = CONFIG.cycle(5)
ROOT = Path(__file__).parents[3]
CHARTS = 9
MISSIONS = ("MINURSO", "MINUSCA", "MONUSCO", "UNDOF", "UNFICYP", "UNIFIL", "UNISFA", "UNMISS")
LIKE_FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=HYPERLINK('x')",
    "{=1}",
    "https://example.org",
    "mailto:a@b.c",
    "007",
)


def release() -> dict[str, pl.DataFrame]:
    """Return the tables of an invented release of cycle 5, all those that a chart is made of among them."""
    crimes = {
        "MINUSCA": (12, 9, 22, 17, 9, 7), "MONUSCO": (49, 38, 133, 60, 43, 39), "UNIFIL": (2, 2, 15, 8, 7, 1),
        "UNMISS": (9, 3, 1, 1, 1, 1),
    }  # fmt: skip
    hospitals = {
        "MINUSCA": (6, 3, 0),
        "MONUSCO": (3, 2, 1),
        "UNIFIL": (2, 0, 0),
        "UNISFA": (1, 1, 0),
        "UNMISS": (4, 4, 0),
    }
    actions = {"Awaiting": 31, "Civil sanction": 4, "Dismissal": 88, "Jail": 72, "None": 12, "Repatriation": 24}
    return {
        **report_tables.tables(),
        "missions": dimensions.missions(CONFIG.missions, CYCLE).collect(),
        "countries": dimensions.countries(CONFIG.countries).collect(),
        "crimes_against_peacekeepers": pl.DataFrame(
            [(5, mission, *counts) for mission, counts in crimes.items()],
            schema=[
                "cycle", "mission", "cases_reported", "cases_investigated", "perpetrators_identified",
                "perpetrators_detained", "perpetrators_tried", "perpetrators_convicted",
            ],
            orient="row",
        ),
        "hospitals": pl.DataFrame(
            [
                (5, mission, level, count)
                for mission in MISSIONS
                for level, count in zip(("1+", "2", "3"), hospitals.get(mission, (0, 0, 0)), strict=True)
            ],
            schema=["cycle", "mission", "level", "hospitals"],
            orient="row",
        ),
        "sea_actions": pl.DataFrame({"action_taken": list(actions), "allegations": list(actions.values())}),
    }  # fmt: skip


def rendered(tables: dict[str, pl.DataFrame], status: str = "provisional") -> bytes:
    return workbook.render(CONFIG, CYCLE, status, report_tables.MISSING, tables)


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def charts_of(book: Any) -> list[Any]:
    return list(book["Charts"]._charts)


@pytest.fixture(scope="module")
def data() -> bytes:
    return rendered(release())


@pytest.fixture(scope="module")
def book(data: bytes) -> Any:
    return opened(data)


def figure(book: Any, name: str, mission: str = "ALL") -> dict[str, Any]:
    header, *rows = book["Figures"].iter_rows(values_only=True)
    found = [dict(zip(header, row, strict=True)) for row in rows if (row[11], row[2]) == (name, mission)]
    assert len(found) == 1, (name, mission)
    return found[0]


# --- the file ---------------------------------------------------------------------------------------------------------


def test_the_same_release_gives_the_same_bytes(data: bytes) -> None:
    shuffled = dict(reversed(release().items()))
    assert hashlib.sha256(rendered(shuffled)).digest() == hashlib.sha256(data).digest()


@pytest.mark.slow
def test_another_process_on_another_day_writes_the_same_bytes(data: bytes) -> None:
    told = "import hashlib; from tests.flows.documents.test_workbook import rendered, release; "
    told += "print(hashlib.sha256(rendered(release())).hexdigest())"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    ran = subprocess.run([sys.executable, "-c", told], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == hashlib.sha256(data).hexdigest()


def test_it_has_no_macro_and_no_address_outside_itself(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        relations = b"".join(archive.read(name) for name in names if name.endswith(".rels"))
    assert not [name for name in names if re.search(r"vba|macro|externalLink|connections", name, re.IGNORECASE)]
    assert b"External" not in relations


def test_it_names_no_person(book: Any) -> None:
    told = book.properties
    assert (told.creator, told.lastModifiedBy) == ("A4P+ data pipeline", "A4P+ data pipeline")
    assert told.title == "A4P+ report, cycle 5: workbook for authors"
    assert "1 November 2023 to 30 April 2024" in told.subject
    assert told.created == told.modified == datetime(2024, 4, 30)


def test_its_sheets_stand_in_order(book: Any) -> None:
    names = book.sheetnames
    assert names[:3] == ["Contents", "Figures", "Charts"]
    assert names[-3:] == ["Chart data", "Findings", "Submissions"]
    assert names.index("Mission plans") < names.index("Hospitals") < names.index("Missions")
    assert book.active.title == "Contents"


def test_every_sheet_prints_wide_on_as_few_pages_as_it_can(book: Any) -> None:
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape", sheet.title
        assert sheet.page_setup.fitToWidth in (1, None), sheet.title
        assert sheet.page_setup.fitToHeight == 0, sheet.title
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        if sheet.title not in ("Contents", "Charts", "Chart data"):
            assert sheet.print_title_rows == "$1:$1", sheet.title


# --- contents ---------------------------------------------------------------------------------------------------------


def text_of(sheet: Any) -> str:
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)


def test_the_contents_say_what_it_is_and_what_is_missing(book: Any) -> None:
    said = text_of(book["Contents"])
    assert said.startswith("A4P+ report, cycle 5\n1 November 2023 to 30 April 2024 (182 days)")
    assert "Provisional" in said
    for sentence in report_tables.MISSING:
        assert sentence in said


def test_the_contents_of_a_final_release_say_so() -> None:
    said = text_of(opened(workbook.render(CONFIG, CYCLE, "final", [], release()))["Contents"])
    assert "Final: every required source is in" in said
    assert "missing" not in said


def test_a_provisional_release_that_lacks_nothing_says_why_it_is_provisional() -> None:
    said = text_of(opened(workbook.render(CONFIG, CYCLE, "provisional", [], release()))["Contents"])
    assert "findings that are critical are open" in said


def test_the_contents_have_a_line_with_a_link_for_each_sheet(book: Any) -> None:
    links = [cell for row in book["Contents"].iter_rows() for cell in row if cell.hyperlink]
    assert [cell.value for cell in links] == book.sheetnames[1:]
    for cell in links:
        assert cell.hyperlink.target is None
        assert cell.hyperlink.location == f"'{cell.value}'!A1"


def test_every_link_leads_to_a_sheet(data: bytes, book: Any) -> None:
    places = [cell.hyperlink.location for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        drawings = [archive.read(name).decode() for name in archive.namelist() if "drawings/_rels" in name]
    backs = [found for text in drawings for found in re.findall(r'Target="#([^"]+)"', text)]
    assert len(backs) == len(list(table_sheets(book)))  # a way back to the contents from each
    for place in (*places, *(back.replace("&apos;", "'") for back in backs)):
        sheet, cell = place.rsplit("!", 1)
        assert sheet.strip("'") in book.sheetnames, place
        assert cell == "A1"


def test_a_line_says_what_a_row_is_how_many_there_are_and_where_they_come_from(book: Any) -> None:
    lines = {row[0]: row for row in book["Contents"].iter_rows(values_only=True)}
    entry = catalogue.entries()["hospitals"]
    assert lines["Hospitals"] == ("Hospitals", 4, entry.description, 24, "DHMOSH", "hospitals")
    assert lines["Findings"][3] == report_tables.findings().height


# --- figures ----------------------------------------------------------------------------------------------------------


def test_a_figure_reads_like_the_report(book: Any) -> None:
    trainings = figure(book, "conduct_discipline_trainings")
    assert trainings["Figure"] == "Conduct and discipline training sessions"
    assert trainings["Sentence"] == "914 sessions, up from 511"
    assert (trainings["Value"], trainings["Previous"], trainings["Change"]) == (914, 511, 403)
    assert trainings["Status"] == "Provisional"
    killed = figure(book, "fatalities_malicious")["Sentence"]
    assert killed == "196 people since 1 January 2017, up from 192 (as of 3 September 2024)"
    sea = figure(book, "sea_allegations")
    assert sea["Figure"] == "Allegations of sexual exploitation and abuse, 2023"
    assert sea["Sentence"] == "98 allegations, up from 79"


def test_a_percent_is_a_plain_number(book: Any) -> None:
    share = figure(book, "fatalities_illness_share")
    assert (share["Value"], share["Unit"]) == (55, "percent")
    assert share["Sentence"].startswith("55% since 1 January 2017, unchanged (as of 3 September 2024)")
    formats = {cell.number_format for sheet in book for row in sheet.iter_rows() for cell in row}
    assert not [one for one in formats if "%" in one]


def test_a_change_of_a_share_has_a_decimal_where_the_rounded_numbers_do_not_show_it() -> None:
    share = report_tables.figures().filter(pl.col("figure") == "tpp_female_share")
    told = share.with_columns(value=22.0, previous=29.0, change=-6.413, obs_status=pl.lit("A"))
    (row,) = sentences(CONFIG, CYCLE, told).to_dicts()
    assert (row["Value"], row["Previous"], row["Change"]) == (22, 29, -6.4)
    assert row["Sentence"] == "22%, down 6.4 points from 29%"


def test_numbers_of_several_units_each_have_their_own_decimals(book: Any) -> None:
    header = [cell.value for cell in book["Figures"][1]]
    column = header.index("Value") + 1
    cells = [row[0] for row in book["Figures"].iter_rows(min_row=2, min_col=column, max_col=column)]
    formats = {cell.number_format for cell in cells if cell.value is not None and float(cell.value).is_integer()}
    assert formats == {"#,##0"}


def test_a_figure_without_a_number_says_why(book: Any) -> None:
    found = figure(book, "military_unit_evaluations")
    assert (found["Sentence"], found["Value"], found["Status"]) == ("not received", None, "Not received")
    assert figure(book, "new_sofa_incidents_reported", "UNMIK")["Sentence"] == "not applicable"
    assert figure(book, "new_sofa_incidents_reported", "UNIFIL")["Status"] == "Under validation"


def test_the_figures_are_typed(book: Any) -> None:
    found = figure(book, "fatalities_total")
    assert found["As of"] == datetime(2024, 9, 3)
    assert isinstance(found["Value"], int | float)
    header = [cell.value for cell in book["Figures"][1]]
    as_of = book["Figures"].cell(2, header.index("As of") + 1)
    assert as_of.is_date


def test_the_figures_go_by_priority_and_the_whole_comes_before_the_missions(book: Any) -> None:
    rows = list(book["Figures"].iter_rows(min_row=2, values_only=True))
    priorities = [row[0] for row in rows]
    assert priorities == sorted(priorities)
    order = list(CONFIG.figures)
    places = [(row[0], order.index(row[11]), row[2] != "ALL", row[2]) for row in rows]
    assert places == sorted(places)


def test_a_figure_that_no_definition_knows_stands_at_the_end() -> None:
    odd = report_tables.figures().head(1).with_columns(figure=pl.lit("odd_one"), unit=pl.lit("things"))
    found = opened(rendered({"figures": pl.concat([odd, report_tables.figures()])}))["Figures"]
    last = [cell.value for cell in found[found.max_row]]
    assert last[:4] == [None, "odd_one", "ALL", "11 things"]


# --- tables -----------------------------------------------------------------------------------------------------------


def table_sheets(book: Any) -> Iterator[Any]:
    yield from (sheet for sheet in book if sheet.title not in ("Contents", "Charts", "Chart data"))


def test_every_table_has_a_filter_and_a_frozen_header(book: Any) -> None:
    for sheet in table_sheets(book):
        assert sheet.freeze_panes == "A2", sheet.title
        (table,) = sheet.tables.values()
        assert table.autoFilter.ref == table.ref, sheet.title
        assert range_boundaries(table.ref) == (1, 1, sheet.max_column, sheet.max_row), sheet.title


def test_formulas_can_name_a_table_as_the_release_does(book: Any) -> None:
    names = {name for sheet in table_sheets(book) for name in sheet.tables}
    assert names == set(release())


def test_a_table_whose_name_looks_like_a_cell_gets_another_for_formulas() -> None:
    frame = pl.DataFrame({"a": [1]})
    found = opened(rendered({"fpu2": frame, "odd-name": frame}))
    names = {sheet.title: list(sheet.tables) for sheet in table_sheets(found)}
    assert (names["Fpu2"], names["Odd-name"]) == (["table_fpu2"], ["table_odd_name"])


def test_every_header_says_in_a_note_what_its_column_holds(book: Any) -> None:
    for sheet in table_sheets(book):
        for cell in sheet[1]:
            assert cell.comment, (sheet.title, cell.value)
            assert cell.comment.author == "A4P+ data pipeline"
    note = book["Hospitals"]["D1"].comment.text
    assert note == "Hospitals of that level.\nUnit: hospitals."


def test_the_sheets_hold_the_tables_and_nothing_else(book: Any) -> None:
    sheets = {name: sheet for sheet in table_sheets(book) for name in sheet.tables}
    for name, frame in release().items():
        if name in ("figures", "findings"):
            continue
        header, *rows = sheets[name].iter_rows(values_only=True)
        assert list(header) == frame.columns, name
        expected = [tuple(map(plain, row)) for row in frame.iter_rows()]
        assert [tuple(map(plain, row)) for row in rows] == expected, name


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_values_keep_their_types() -> None:
    frame = pl.DataFrame(
        {
            "whole": [1, None],
            "share": [12.5, float("nan")],
            "yes": [True, False],
            "day": [date(2024, 4, 30), date(1066, 10, 14)],
            "moment": [datetime(2024, 4, 30, 12, 30, tzinfo=UTC), None],
            "text": ["002", ""],
        },
        schema_overrides={"moment": pl.Datetime("us", "Asia/Tokyo")},
    )
    sheet = opened(rendered({"kinds": frame}))["Kinds"]
    first, second = ([cell.value for cell in sheet[row]] for row in (2, 3))
    assert first == [1, 12.5, True, datetime(2024, 4, 30), datetime(2024, 4, 30, 12, 30), "002"]
    assert second == [None, "no number", False, "1066-10-14", None, ""]
    assert sheet["A2"].number_format == "0"
    assert sheet["B2"].number_format == "#,##0.00"
    assert sheet["D2"].is_date


def test_text_that_looks_like_a_formula_or_an_address_stays_text() -> None:
    frame = pl.DataFrame({name: [name, *LIKE_FORMULAS[:2]] for name in LIKE_FORMULAS})
    figures = report_tables.figures().with_columns(source=pl.lit("=1+1"))
    findings = report_tables.findings().with_columns(message=pl.lit("=cmd|' /C calc'!A0"))
    found = opened(rendered({"odd": frame, "figures": figures, "findings": findings}))
    sheet = found["Odd"]
    for row in sheet.iter_rows(max_row=2):
        assert tuple(cell.value for cell in row) == LIKE_FORMULAS
    for page in found:
        for row in page.iter_rows():
            assert not [cell.value for cell in row if cell.data_type == "f"], page.title
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]


def test_a_missing_sentence_that_looks_like_a_formula_stays_text() -> None:
    found = opened(workbook.render(CONFIG, CYCLE, "provisional", ["=1+1", "+2"], {}))["Contents"]
    cells = [cell for row in found.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_a_text_longer_than_a_cell_is_cut_and_the_file_opens() -> None:
    found = opened(rendered({"long": pl.DataFrame({"text": ["x" * 40_000, "a\x01b"]})}))["Long"]
    assert len(found["A2"].value) == 32_767
    assert found["A2"].value.endswith("…")


def test_a_table_longer_than_a_sheet_should_be_says_where_the_rest_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_ROWS", 3)
    found = opened(rendered(release()))
    assert found["Findings"].max_row == 4
    lines = {row[0]: row for row in found["Contents"].iter_rows(values_only=True)}
    rows = report_tables.findings().height
    assert (
        f"The first 3 of {rows} rows; all of them are in the release's quality/findings.parquet."
        in lines["Findings"][2]
    )
    assert lines["Findings"][3] == rows
    assert_charts_read_what_is_there(found)


def test_the_worst_findings_come_first(book: Any) -> None:
    header, *rows = book["Findings"].iter_rows(values_only=True)
    severities = [row[header.index("severity")] for row in rows]
    assert severities == sorted(severities, key=("critical", "warning", "info").index)


def test_private_tables_are_never_written() -> None:
    private = [name for name in catalogue.tables() if catalogue.is_private(name)]
    assert private
    found = opened(rendered({name: pl.DataFrame({"secret": [1]}) for name in private}))
    assert "secret" not in {str(cell) for sheet in found for row in sheet.iter_rows(values_only=True) for cell in row}


def test_sheet_names_are_short_readable_and_unique() -> None:
    names = pages.Names()
    named = [names.of(catalogue_name) for catalogue_name in ("Military unit evaluations by mission", "History")]
    assert named == ["Military unit evaluations", "History 2"]
    long = [names.of("x" * 40) for _ in range(12)]
    assert len(set(long)) == 12
    assert max(map(len, long)) == 31
    assert names.of("[a]: b/c?*'") == "a b c"
    assert names.of("A B C") == "A B C 2"


def test_every_table_that_there_may_be_has_a_sheet_of_its_own() -> None:
    schemas = {
        name: pl.DataFrame(schema=dict.fromkeys(entry.fields, pl.String))
        for name, entry in catalogue.entries().items()
        if not catalogue.is_private(name)
    }
    found = opened(rendered(schemas))
    assert len(found.sheetnames) == len(schemas) + 3  # contents, figures, charts
    assert len({name.lower() for name in found.sheetnames}) == len(found.sheetnames)
    assert "FPU evaluation ratings" in found.sheetnames


# --- charts -----------------------------------------------------------------------------------------------------------


def references(chart: Any) -> list[str]:
    found = []
    for part in [chart, *getattr(chart, "_charts", [])]:
        for series in part.ser:
            sources = [series.tx.strRef, series.val.numRef, getattr(series.cat, "numRef", None), series.cat.strRef]
            found += [one.f for one in sources if one is not None]
    return found


def assert_charts_read_what_is_there(book: Any) -> None:
    for chart in charts_of(book):
        read = references(chart)
        assert read
        for reference in read:
            sheet, cells = reference.rsplit("!", 1)
            left, top, right, bottom = range_boundaries(cells.replace("$", ""))
            page = book[sheet.strip("'")]
            assert right <= page.max_column, reference
            assert bottom <= page.max_row, reference
            assert all(page.cell(row, left).value is not None for row in range(top, bottom + 1)), reference


def test_there_is_a_native_chart_of_each_main_series(book: Any) -> None:
    assert len(charts_of(book)) == CHARTS
    assert "Not drawn" not in text_of(book["Charts"])
    assert_charts_read_what_is_there(book)


def title_of(chart: Any) -> str:
    return "".join(run.t for paragraph in chart.title.tx.rich.p for run in paragraph.r or [])


def chart(book: Any, start: str) -> Any:
    (found,) = [one for one in charts_of(book) if title_of(one).startswith(start)]
    return found


def test_charts_read_the_cells_of_the_tables_where_they_can(book: Any) -> None:
    for start, sheet in (("Share of deaths", "Fatalities malicious share"), ("Women", "Uniformed women")):
        found = references(chart(book, start))
        assert found
        assert all(reference.startswith(f"'{sheet}'!") for reference in found), found
    other = references(chart(book, "Allegations of other"))
    assert all(reference.startswith("'Serious misconduct by year'!") for reference in other)


def test_the_women_are_those_of_the_last_month_of_the_cycle(book: Any) -> None:
    found = chart(book, "Women in uniform")
    assert "April 2024" in title_of(found)
    _, top, _, bottom = range_boundaries(references(found)[0].rsplit("!", 1)[1].replace("$", ""))
    months = {book["Uniformed women"].cell(row, 1).value for row in range(top, bottom + 1)}
    assert months == {datetime(2024, 4, 30)}
    assert bottom - top == 3


def test_the_women_are_found_in_any_order_of_rows() -> None:
    mixed = release()["uniformed_women"].sort("category", "month")
    found = opened(rendered({"uniformed_women": mixed}))
    assert all(reference.startswith("'Chart data'!") for reference in references(chart(found, "Women")))
    assert_charts_read_what_is_there(found)


def test_the_blocks_add_up_to_the_tables(book: Any) -> None:
    rows = list(book["Chart data"].iter_rows(values_only=True))
    titles = [row[0] for row in rows]
    at = titles.index("Deaths in peacekeeping operations by cause and year")
    block = rows[at + 2 : at + 10]
    deaths = release()["fatalities_by_cause"]
    assert [row[0] for row in block] == list(range(2017, 2025))
    assert sum(row[7] for row in block) == deaths["deaths"].sum()
    at = titles.index("Crimes against peacekeepers since 2013")
    assert rows[at + 2][:2] == ("Cases reported", 72)


def test_a_year_that_is_not_over_is_said(book: Any) -> None:
    said = text_of(book["Charts"])
    assert "2024 until 3 September 2024." in said
    assert "2024 is not a whole year: it counts what has been received so far." in said


@pytest.mark.parametrize(
    ("table", "left_out"),
    [
        ("uniformed_women", "women in uniform in the latest month"),
        ("fatalities_by_cause", "deaths by cause"),
        ("fatalities_malicious_share", "the share of deaths by malicious acts"),
        ("hospitals", "hospitals"),
        ("crimes_against_peacekeepers", "crimes against peacekeepers"),
        ("fpu_evaluation_ratings", "evaluations of formed police units"),
        ("sea_allegations_by_year", "allegations of sexual exploitation and abuse"),
        ("serious_misconduct_by_year", "allegations of other serious misconduct"),
        ("sea_actions", "actions on sexual exploitation and abuse"),
    ],
)
@pytest.mark.parametrize("empty", [True, False])
def test_an_absent_or_empty_table_leaves_its_chart_out(table: str, left_out: str, empty: bool) -> None:
    tables = {name: frame for name, frame in release().items() if name not in ("countries", "missions", "submissions")}
    whole = tables.pop(table)
    if empty:
        tables[table] = whole.clear()
    found = opened(rendered(tables))
    assert len(charts_of(found)) == CHARTS - 1
    assert f"no data for them: {left_out}." in text_of(found["Charts"])


# --- absent and empty -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tables", [{}, {name: frame.clear() for name, frame in release().items()}])
def test_a_release_of_nothing_is_a_whole_workbook(tables: dict[str, pl.DataFrame]) -> None:
    found = opened(rendered(tables))
    assert found.sheetnames[:3] == ["Contents", "Figures", "Charts"]
    # without these tables it is for readers who are not told of files
    assert [name for name in ("Findings", "Submissions") if name in found.sheetnames] == (
        ["Findings", "Submissions"] if tables else []
    )
    assert "Chart data" not in found.sheetnames
    assert not charts_of(found)
    for sheet in table_sheets(found):
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref
        assert sheet["A1"].value
        assert sheet["A2"].value == "No rows in this release."


def test_columns_of_nulls_alone_and_unknown_tables_are_written() -> None:
    frame = pl.DataFrame({"nothing": [None, None], "mission": ["UNMISS", "UNDOF"]})
    found = opened(rendered({"something_new": frame}))
    assert [cell.value for cell in found["Something new"][2]] == [None, "UNMISS"]
