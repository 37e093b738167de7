"""Reading keeps every cell as it stands and every row where it stood."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.intake.read.grids import Grid, grids, separator_of
from flows.intake.read.limits import Unreadable
from tests.support.files import workbook
from tests.support.sweeping import SWEEP

Cells = tuple[str | None, ...]


def rows(grid: Grid) -> dict[int, Cells]:
    """The cells of each row by its number."""
    return {row["_row"]: tuple(value for name, value in row.items() if not name.startswith("_")) for row in named(grid)}


def named(grid: Grid) -> list[dict[str, str | None]]:
    return grid.cells.to_dicts()  # type: ignore[no-any-return]


def of_csv(text: str) -> dict[int, Cells]:
    (grid,) = grids(text.encode(), "f.csv")
    return rows(grid)


def of_json(text: str) -> dict[int, Cells]:
    (grid,) = grids(text.encode(), "f.json")
    return rows(grid)


def of_xlsx(cells: list[tuple[object, ...]]) -> dict[int, Cells]:
    (grid,) = grids(workbook({"S": cells}), "f.xlsx")
    return rows(grid)


def problem(data: bytes, name: str) -> tuple[str, str]:
    with pytest.raises(Unreadable) as refused:
        grids(data, name)
    return refused.value.problem, refused.value.where


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a,b\n1,2\n", {1: ("a", "b"), 2: ("1", "2")}),
        ("a,b\n1,2", {1: ("a", "b"), 2: ("1", "2")}),
        ("\ufeffa,b\r\n1,2\r\n", {1: ("a", "b"), 2: ("1", "2")}),
        ("a,b\r1,2\r3,4\r", {1: ("a", "b"), 2: ("1", "2"), 3: ("3", "4")}),
        ("a;b\n1;2\n", {1: ("a", "b"), 2: ("1", "2")}),
        ("a\tb\n1\t2\n", {1: ("a", "b"), 2: ("1", "2")}),
        ("a;b\n1,5;2,5\n3,7;1,1\n", {1: ("a", "b"), 2: ("1,5", "2,5"), 3: ("3,7", "1,1")}),
        ("a,b\nx;y;z,;;\n", {1: ("a", "b"), 2: ("x;y;z", ";;")}),
        ("a\n1\n\n2\n", {1: ("a",), 2: ("1",), 4: ("2",)}),
        ('a,b\n"1,2",3\n', {1: ("a", "b"), 2: ("1,2", "3")}),
        ('a,b\n"say ""no""",3\n', {1: ("a", "b"), 2: ('say "no"', "3")}),
        ('a,b\nx"y,2\n', {1: ("a", "b"), 2: ('x"y', "2")}),
        # a line break inside quotes is part of its cell, and its row is one row
        ('a,b\n"x\r\ny",2\n3,4\n', {1: ("a", "b"), 2: ("x\r\ny", "2"), 3: ("3", "4")}),
        ('a,b\n"x\ny",2\n3\n', {1: ("a", "b"), 2: ("x\ny", "2"), 3: ("3", None)}),
        # blank rows are left out and counted
        ("\n\na,b\n\n1,2\n,\n \t, \n3,4\n", {3: ("a", "b"), 5: ("1", "2"), 8: ("3", "4")}),
        ("Title\n\na,b\n1,2\n", {1: ("Title", None), 3: ("a", "b"), 4: ("1", "2")}),
        # words and numbers stay text
        ("a,b\nNA,None\nnull,NaN\n", {1: ("a", "b"), 2: ("NA", "None"), 3: ("null", "NaN")}),
        ("a,b\n004,250.0\n1e5,TRUE\n", {1: ("a", "b"), 2: ("004", "250.0"), 3: ("1e5", "TRUE")}),
        ("a,b\n x , y\u00a0\n", {1: ("a", "b"), 2: (" x ", " y\u00a0")}),
        ("a,b\n#DIV/0!,\n", {1: ("a", "b"), 2: ("#DIV/0!", None)}),
        (",,a,b\n,,1,2\n", {1: (None, None, "a", "b"), 2: (None, None, "1", "2")}),
    ],
)
def test_csv(text: str, read: dict[int, Cells]) -> None:
    assert of_csv(text) == read


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("a,b\n1,2\n", [2, 2]),
        ("a,b,c\n1,2\n4,5,6\n", [3, 2, 3]),
        ("a,b,c\n1,2,3\n4\n", [3, 3, 1]),
        ("a,b,c\n1,2,3\n\n4,5\n", [3, 3, 2]),
        ("a,b\n1,2,3\n", [2, 3]),
        ('a,b,c\n"1,2",3\n', [3, 2]),
        ('a,b,c\n"1,2,3,4"\n5,6,7\n', [3, 1, 3]),
        ("Title\na,b\n1,2\n", [1, 2, 2]),
    ],
)
def test_csv_rows_say_how_many_cells_they_have(text: str, lengths: list[int]) -> None:
    (grid,) = grids(text.encode(), "f.csv")
    assert grid.cells["_length"].to_list() == lengths


def test_json_keeps_the_text_of_numbers_and_counts_records() -> None:
    text = (
        '[{"a": 1.50, "b": null, "c": true}, {"b": " ", "a": ""}, {"d": "NA", "a": -678153600000}, {"a": {"x": "é"}}]'
    )
    assert of_json(text) == {
        0: ("a", "b", "c", "d"),
        1: ("1.50", None, "true", None),
        3: ("-678153600000", None, None, "NA"),
        4: ('{"x": "é"}', None, None, None),
    }


@pytest.mark.parametrize("key", ["data", "value", "results"])
def test_json_records_may_stand_in_an_envelope(key: str) -> None:
    assert of_json(json.dumps({"count": 1, key: [{"a": "1"}]})) == {0: ("a",), 1: ("1",)}


@pytest.mark.parametrize(
    "around",
    [
        {"count": 1, "next": None, "previous": None},
        {"total": "1", "page": 1, "pages": 1, "page_size": 100},
        {"@odata.context": "x", "@odata.count": 1},
        {"links": [{"rel": "self", "href": "x"}], "_links": {"self": {"href": "x"}, "next": {"href": None}}},
        {"has_more": False, "next_token": "", "meta": {"total": 1, "total_pages": 1}},
    ],
)
def test_an_answer_that_says_that_it_is_whole_is_read(around: dict[str, object]) -> None:
    assert of_json(json.dumps({**around, "data": [{"a": "1", "next": "2", "total": 7}]}))[1] == ("1", "2", "7")


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ('a;b;"c, of d, e, and, so on, in all"\n1;2;x, y, z, and, more\n', ";"),
        ("a;b;c, of d\n1;2;x, y, z\n3;4;x, y, z, and more\n", ";"),
        ("a;b\n1,5;2,5\n", ";"),
        ('a,"b;c;d;e"\n1,2\n', ","),
        ('a\tb\n"x\n,y";z\t2\n', "\t"),
        ("A list; of 5, in all\na|b|c\n1|2|3\n", "|"),
    ],
)
def test_a_separator_stands_equally_often_in_most_lines(text: str, separator: str) -> None:
    assert separator_of(text.encode()) == separator


def test_json_without_records_has_no_rows() -> None:
    assert of_json("[]") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"a": 1},', ("truncated", "line 1")),
        ('[{"a": 1},\n{"a"', ("truncated", "line 2")),
        ('{"a": 1}', ("no_records", "")),
        ("[1, 2]", ("no_records", "")),
        ('{"data": {"a": 1}}', ("no_records", "")),
        ('{"a": 1}\n{"a": 2}', ("no_records", "line 2")),
        ("[" * 100_000, ("no_records", "")),
        ('[{"a": "\\ud800"}]', ("half_characters", "")),
    ],
)
def test_json_that_is_no_list_of_records(text: str, said: tuple[str, str]) -> None:
    assert problem(text.encode(), "f.json") == said


def test_xlsx_gives_every_cell_as_text() -> None:
    cells = [
        ("a", "b"),
        (43, 250.5),
        (date(2024, 4, 30), datetime(2024, 4, 30, 13, 5)),
        ("004", "NA"),
        ("None", "2024-04-30"),
        (True, 1701129600000),
        (" x ", "a\nb"),
        (0.1, -7),
    ]
    assert of_xlsx(cells) == {
        1: ("a", "b"),
        2: ("43", "250.5"),
        3: ("2024-04-30 00:00:00", "2024-04-30 13:05:00"),
        4: ("004", "NA"),
        5: ("None", "2024-04-30"),
        6: ("true", "1701129600000"),
        7: (" x ", "a\nb"),
        8: ("0.1", "-7"),
    }


def test_xlsx_rows_keep_their_numbers_and_failing_formulas_say_so() -> None:
    cells: list[tuple[object, ...]] = [
        (),
        (),
        (None, None, "Title"),
        (),
        (None, None, "a", "b"),
        (None, None, 1, "=1/0"),
        (),
        (None, None, "=1/0", " "),
        (None, None, " ", " "),
        (None, None, 3, None),
    ]
    read = {number: row[-2:] for number, row in of_xlsx(cells).items()}
    assert read == {
        3: ("Title", None),
        5: ("a", "b"),
        6: ("1", "#DIV/0!"),
        8: ("#DIV/0!", " "),
        10: ("3", None),
    }


def test_xlsx_sheets_without_cells_and_charts_do_no_harm() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("Empty")
        book.add_worksheet("Full").write_string(0, 0, "a")
        book.add_chartsheet("Chart")
    read = {grid.sheet: rows(grid) for grid in grids(buffer.getvalue(), "f.xlsx")}
    assert read == {"Empty": {}, "Full": {1: ("a",)}, "Chart": {}}


def altered(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its parts changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return buffer.getvalue()


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
@pytest.mark.parametrize("change", [lambda part: part[: len(part) // 2], lambda _: b"\x00\xff" * 50, lambda _: b""])
def test_xlsx_with_a_damaged_part(part: str, change: Callable[[bytes], bytes]) -> None:
    book = workbook({"S": [("a", "b"), ("x", "y")]})
    assert problem(altered(book, part, change), "f.xlsx")[0] == "truncated"


def test_thousands_of_columns_are_too_many() -> None:
    wide = ",".join(["x"] * 2_001)
    assert problem(f"{wide}\n{wide}\n".encode(), "f.csv")[0] == "too_wide"
    assert problem(f"{wide}\nx\n".encode(), "f.csv")[0] == "too_wide"
    assert problem(workbook({"S": [["x"] * 2_001]}), "f.xlsx")[0] == "too_wide"
    assert problem(json.dumps([{str(n): "x" for n in range(2_001)}]).encode(), "f.json")[0] == "too_wide"


@pytest.mark.parametrize(
    "lines",
    [
        ["a,b" + "," * 16_382, "1,2" + "," * 16_382],
        ["a,b" + "," * 16_382, "1,2" + "," * 16_381 + " "],
        ["a,b", "1,2" + "," * 16_382],
        ["a,b" + "," * 16_382, '"1","2"' + "," * 16_382],
    ],
)
def test_blanks_up_to_the_last_column_there_is_make_no_file_too_wide(lines: list[str]) -> None:
    assert of_csv("\n".join([*lines, ""])) == {1: ("a", "b"), 2: ("1", "2")}
    something = lines[1].rstrip(" ") + "x"
    assert problem(f"{lines[0]}\n{something}\n".encode(), "f.csv")[0] == "too_wide"


@pytest.mark.parametrize("text", ['a,b\n"x,y\nz,w\n', 'a,b\n1,"x,y\nz,w\n', 'a,b\n"x"y,2\n'])
def test_csv_with_a_quote_that_does_not_close_loses_no_rows_in_silence(text: str) -> None:
    assert problem(text.encode(), "f.csv")[0] == "truncated"


def test_csv_that_is_not_utf8_says_where() -> None:
    assert problem("a,b\n1,2\nCôte,3\n".encode("latin-1"), "f.csv") == ("encoding", "line 3")


# Random tables: what is written is what is read. Line breaks inside a CSV cell are written as csv writes them.

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ["NA", "None", "007", "1,5", 'a"b', "x\ny", "'", ";;", "\t", " ", "", "2024-04-30", "#x", "[1]", "<a>"]
)
# no cell of the first row is blank, so that it stands for a header and gives the table its width
Drawn = tuple[list[str], list[list[str]]]


def tables(narrowest: int) -> st.SearchStrategy[Drawn]:
    return st.integers(narrowest, 5).flatmap(
        lambda width: st.tuples(
            st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=width, max_size=width),
            st.lists(st.lists(TEXT, min_size=width, max_size=width), max_size=8),
        )
    )


def expected(table: Drawn, first: int = 1) -> dict[int, Cells]:
    """The rows that hold something, by number; a cell without text is none."""
    header, body = table
    lines = enumerate([header, *body], start=first)
    return {
        number: tuple(cell or None for cell in line) for number, line in lines if any(cell.strip() for cell in line)
    }


def without_empty(read: dict[int, Cells]) -> dict[int, Cells]:
    return {number: tuple(cell or None for cell in line) for number, line in read.items()}


@settings(max_examples=150 if SWEEP else 40, deadline=None)
@given(tables(2), st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_csv_written_is_csv_read(table: Drawn, ending: str, quoting: int) -> None:
    header, body = table
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=ending, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([header, *body])
    (grid,) = grids(buffer.getvalue().encode(), "f.csv")
    assert without_empty(rows(grid)) == expected(table)
    assert set(grid.cells["_length"]) == {len(header)}


@settings(max_examples=100 if SWEEP else 25, deadline=None)
@given(tables(1))
def test_json_written_is_json_read(table: Drawn) -> None:
    header, body = table
    header = [f"{name}{number}" for number, name in enumerate(header)]
    (grid,) = grids(json.dumps([dict(zip(header, line, strict=True)) for line in body]).encode(), "f.json")
    assert without_empty(rows(grid)) == (expected((header, body), first=0) if body else {})


@settings(max_examples=50 if SWEEP else 15, deadline=None)
@given(tables(1))
def test_xlsx_written_is_xlsx_read(table: Drawn) -> None:
    header, body = table
    lines = [tuple(cell or None for cell in line) for line in [header, *body]]
    # a formula is what the helper makes of a text that begins with =
    plain = [tuple(cell.replace("=", "-") if cell else cell for cell in line) for line in lines]
    (grid,) = grids(workbook({"S": plain}), "f.xlsx")
    drawn = (list(plain[0]), [[cell or "" for cell in line] for line in plain[1:]])
    assert without_empty(rows(grid)) == expected(drawn)  # type: ignore[arg-type]
