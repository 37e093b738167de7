"""Files that mean harm are refused before they cost anything, and what goes out runs nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import polars as pl
import pytest

from config import Column, ConfigError, Label, load
from expectations.columns import SCHEMA
from expectations.messages import in_french
from flows.cli.as_data import as_data
from flows.core.errors import StoreError
from flows.documents.workbook.book import Book
from flows.documents.workbook.pages import Page
from flows.documents.workbook.pages import write as write_page
from flows.feedback.check import check
from flows.feedback.marked_copy import annotate
from flows.feedback.template import template
from flows.intake.books.board import board
from flows.intake.books.completeness import submissions
from flows.intake.read import archives, limits
from flows.intake.read.grids import grids
from flows.intake.read.limits import Unreadable
from flows.releases.make.table_files import table_files
from flows.stores import Store, frames
from tests.support import hostile
from tests.support.files import CONFIG, CYCLE, Rooms, allegations, casualty, noticas
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
MOST_SECONDS, MOST_MB = 2, 300
Checked = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def files() -> list[hostile.Hostile]:
    """Made when they are asked for: to pack them takes seconds."""
    return hostile.files()


@pytest.fixture(scope="module")
def checked(files: list[hostile.Hostile]) -> Checked:
    """What a check said of each file, in a process of its own that checks one after the other."""
    with TemporaryDirectory() as folder:
        for one in files:
            one.write(Path(folder, one.name))
        said = subprocess.run(
            [sys.executable, "-m", "tests.support.hostile", folder],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=HANGS_S,
            check=False,
        )
    assert said.returncode == 0, said.stderr[-2000:]
    return {
        bytes.fromhex(name).decode("utf-8", "surrogateescape"): one for name, one in json.loads(said.stdout).items()
    }


def test_there_are_a_hundred_of_many_kinds(files: list[hostile.Hostile]) -> None:
    assert len(files) >= 100
    assert {one.rule for one in files} >= set(hostile.LIKE.values())


def test_every_hostile_file_is_refused_by_its_finding_at_once(files: list[hostile.Hostile], checked: Checked) -> None:
    assert len(checked) == len(files)
    others = {one.name: found for one in files if not as_wanted(found := checked[one.name], one.rule)}
    assert others == {}


def as_wanted(said: dict[str, Any], rule: str) -> bool:
    """Tell whether a file is refused by its rule alone and at little cost, and shown as no command to a terminal."""
    cheap = said["seconds"] < MOST_SECONDS and said["mb"] < MOST_MB
    return bool(said["refused"] and said["rules"] == [rule] and cheap and said["file"].isprintable())


def test_the_clean_workbook_and_its_odd_but_harmless_kin_are_read(tmp_path: Path) -> None:
    """Programs differ: a sheet may lie of its size, be styled to its end, or leave out where its cells stand."""
    rows = hostile.CLEAN_ROWS
    styled = '<row r="1048576"><c r="A1048576" s="0"/><c r="XFD1048576" s="0"></c></row>'
    begin, end = hostile.cells("\0").split("\0")
    inner = begin[begin.index("<worksheet") :]
    prefixed = rows
    for name in ("row", "c", "is", "t"):
        prefixed = prefixed.replace(f"<{name} ", f"<x:{name} ").replace(f"<{name}>", f"<x:{name}>")
        prefixed = prefixed.replace(f"</{name}>", f"</x:{name}>")
    kin = {
        "clean": begin + rows + end,
        "a size that is a lie": begin.replace("<sheetData", '<dimension ref="A1:XFD1048576"/><sheetData') + rows + end,
        "styled to its end": begin + rows + styled + end,
        "without places": begin + hostile.re_placed(rows) + end,
        "with a prefix": f'<x:worksheet xmlns:x="{hostile.MAIN}"><x:sheetData>{prefixed}</x:sheetData></x:worksheet>',
        "with a comment": inner.join(["<!-- A1 -->", rows + end]),
    }
    for name, sheet in kin.items():
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(hostile.workbook(sheet))
        result = check(path, CONFIG, source="noticas")
        assert (result.refused, result.rows_accepted) == (False, 1), (name, result.findings["message"].to_list())


def test_no_file_of_the_sample_is_refused_by_a_limit(sample_inbox: Path) -> None:
    written = [path for path in sample_inbox.rglob("*") if path.suffix in {".csv", ".xlsx", ".json"}]
    assert len(written) > 40
    for path in written:
        assert limits.barred(path.name, path.stat().st_size) is None
        assert grids(path.read_bytes(), path.name), path


# The inbox


def test_an_inbox_with_links_pipes_and_names_that_lead_elsewhere(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path)
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "payroll.csv").write_bytes(noticas(casualty(66)))
    rooms.put("conduct_allegations/good.xlsx", allegations(1, 2, 3))
    clean = rooms.put("noticas/clean.csv", noticas(casualty(1)))
    folder = rooms.inbox / CYCLE.folder / "noticas"
    (folder / "link.csv").symlink_to(secret / "payroll.csv")
    (folder / "linked folder").symlink_to(secret)
    (folder / "zero.csv").symlink_to("/dev/zero")
    (folder / "broken.csv").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe.csv")
    good = noticas(casualty(2))
    for name in ("x\\..\\up.csv", "turn\u202evsc.csv", "\x1b]0;x\x07.csv", "line\nbreak.csv", "half\udcff.csv"):
        (folder / name).write_bytes(good)
    (folder / f"x.{'y' * 250}").write_bytes(good)
    (folder / "large.csv").touch()
    os.truncate(folder / "large.csv", 900 * hostile.MB)

    gathered = rooms.gather()
    found = dict(rooms.findings(gathered).group_by("file").agg(pl.col("rule").unique()).iter_rows())
    stem = f"{CYCLE.folder}/noticas/"
    assert {file.removeprefix(stem): rules for file, rules in found.items()} == {
        **{name: ["file_is_no_link"] for name in ("link.csv", "linked folder", "zero.csv", "broken.csv", "pipe.csv")},
        "x%5C..%5Cup.csv": ["file_name_is_plain"],
        "turn%E2%80%AEvsc.csv": ["file_name_is_plain"],
        "%1B]0;x%07.csv": ["file_name_is_plain"],
        "line%0Abreak.csv": ["file_name_is_plain"],
        "half%FF.csv": ["file_name_is_plain"],
        f"x.{'y' * 250}": ["file_is_what_its_name_says"],
        "large.csv": ["file_is_small_enough"],
        # of the days of incidents that file says nothing
        f"{CYCLE.folder}/conduct_allegations/good.xlsx": ["columns_of_figures_are_there"],
    }
    # the rest of the run goes on, with the last file that can be used
    accepted = submissions(gathered).filter(pl.col("status") == "accepted")["file"].to_list()
    assert sorted(accepted) == [f"{CYCLE.folder}/conduct_allegations/good.xlsx", clean]
    assert rooms.staged(gathered, "noticas")["casualty_id"].to_list() == ["UNIFIL-2024-01-0001"]
    places = rooms.places
    status = board(CYCLE, CONFIG, places.inbox, places.private, None, (), date(2024, 5, 20))
    shown = status["file"].drop_nulls()
    assert len(shown) == 2
    assert all(file.isprintable() for file in shown)
    # nothing of what the links lead to was copied
    kept = b"".join(path.read_bytes() for path in Path(rooms.private.uri).rglob("*") if path.is_file())
    assert b"UNIFIL-2024-01-0066" not in kept
    # and the same again, from what was kept
    again = rooms.gather("conduct_allegations")
    assert rooms.staged(again, "noticas")["casualty_id"].to_list() == ["UNIFIL-2024-01-0001"]


def test_a_store_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_bytes(b"secret")
    store = Store(str(tmp_path / "store"))
    store.write("a", b"a")
    (tmp_path / "store" / "link").symlink_to(tmp_path / "outside" / "x")
    (tmp_path / "store" / "folder").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "store" / "pipe")
    for path in ("link", "folder/x", "pipe"):
        with pytest.raises(StoreError, match=r"link|pipe"):
            store.read(path)
    for path in ("folder/y", "folder/deeper/y"):
        with pytest.raises(StoreError, match="leads out of it"):
            store.write(path, b"")
        with pytest.raises(StoreError, match="leads out of it"):
            store.create(path, b"")
    with pytest.raises(StoreError, match="leads out of it"):
        store.delete("folder/x")
    assert [entry.path for entry in store.entries()] == ["a"]
    assert (tmp_path / "outside" / "x").read_bytes() == b"secret"
    assert {path.name for path in (tmp_path / "outside").iterdir()} == {"x"}


@pytest.mark.parametrize(
    "name", ["a.csv", "Rapport été (final) – v2.xlsx", "a/b c/d.csv", "تقرير.xlsx", "報告.csv", "100%.csv"]
)
def test_a_plain_name_stays(name: str) -> None:
    assert limits.plain_name(name) == name


@pytest.mark.parametrize("name", ["../x", "a/../x", "./x", "/x", "a//x", "a\\x", "a\tx", "\u2066x", "x\u2028"])
def test_a_name_that_leads_elsewhere_does_not(name: str) -> None:
    said = limits.plain_name(name)
    assert said != name
    assert said.isprintable()
    assert not {"", ".", ".."} & set(said.split("/"))
    barred = limits.barred(name, 1)
    assert barred is not None
    assert barred.problem == "name"


def test_how_large_a_file_is_is_told_beside_the_limit() -> None:
    with pytest.raises(Unreadable) as refused:
        limits.hold_size(87 * limits.MB - 1)
    assert refused.value.where == f"87 MB, and the limit is {limits.MOST_FILE_MB} MB"
    limits.hold_size(limits.MOST_FILE_MB * limits.MB)


def test_an_operator_may_let_in_larger_files(monkeypatch: pytest.MonkeyPatch) -> None:
    size, long = 100 * limits.MB, "a,b\n" * (limits.MOST_ROWS + 1)
    with pytest.raises(Unreadable) as refused:
        limits.hold_text(long.encode())
    assert (refused.value.problem, refused.value.where) == (
        "too_many_cells",
        "the limit is 2,000,000 rows and 20,000,000 cells",
    )
    monkeypatch.setenv("A4P_FILE_LIMITS", "3")
    limits.hold_text(long.encode())
    limits.hold_size(size)
    with pytest.raises(Unreadable) as refused:
        limits.hold_size(2 * size)
    assert refused.value.where == "200 MB, and the limit is 150 MB"
    assert (
        in_french(limits.too_many_cells().where, load().messages)
        == "la limite est de 6\u202f000\u202f000 lignes et 60\u202f000\u202f000 cellules"
    )
    # how a file may be put together stays as it is
    bomb = hostile.workbook(hostile.cells("<row/>" * 5 * limits.MB))
    with pytest.raises(Unreadable) as refused:
        archives.hold_workbook(bomb)
    assert (refused.value.problem, refused.value.where) == ("expands", "")
    with pytest.raises(Unreadable) as refused:
        limits.hold_cells(1, limits.MOST_COLUMNS + 1)
    assert refused.value.problem == "too_wide"
    monkeypatch.setenv("A4P_FILE_LIMITS", "none")
    with pytest.raises(ConfigError, match="A4P_FILE_LIMITS is 'none'"):
        limits.hold_size(1)


# What goes out: ten thousand texts that begin like a formula

BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CLASSICS = (
    "=1+1",
    '=HYPERLINK("http://127.0.0.1/?"&A1,"see")',
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "+1",
    "-5",
    "-----",
    '-2+3+cmd|" /C calc"!A0',
    "\t=1",
    "\r=1",
    "=",
    '="a""b"',
    "=1\n=2",
    "＝1+1",
)


@pytest.fixture(scope="module")
def formulas() -> list[str]:
    chance = random.Random(hostile.SEED)
    letters = "=+-@\t\n,;'\"|!()A1 é{}&<>%"
    drawn = {chance.choice(BEGINS) + "".join(chance.choices(letters, k=chance.randint(0, 20))) for _ in range(20_000)}
    return [*CLASSICS, *sorted(drawn - set(CLASSICS))][:10_000]


def is_text(cell: Any) -> bool:
    return cell.data_type in ("s", "inlineStr") and not isinstance(cell.value, int | float)


def in_xml(text: str) -> str:
    """A text as openpyxl gives it back: XML has one sign for the end of a line."""
    return text.replace("_x000D_", "\r").replace("\r\n", "\n").replace("\r", "\n")


def assert_as_text(found: Iterable[str], wanted: Iterable[str]) -> None:
    for one, text in zip(found, wanted, strict=True):
        assert one == f"'{text}"


def test_csv_files_keep_it_as_text_and_parquet_as_it_is(formulas: list[str]) -> None:
    assert len(formulas) == 10_000
    table = pl.DataFrame({"=name": formulas, "number": [-5] * len(formulas), "+share": [-0.5] * len(formulas)})
    files = table_files({"t": table})
    for data in (files["tables/t.csv"].decode("utf-8-sig"), as_data(table, "csv")):
        header, *rows = csv.reader(io.StringIO(data, newline=""))
        assert header == ["'=name", "number", "'+share"]
        assert_as_text([row[0] for row in rows], formulas)
        assert {(row[1], row[2]) for row in rows} == {("-5", "-0.5")}
    assert pl.read_parquet(io.BytesIO(files["tables/t.parquet"])).equals(table)


def test_other_text_is_left_alone() -> None:
    table = pl.DataFrame({"a": ["x=1", " =1", "'=1", "1-2", "", None], "b": [date(2024, 1, 1)] * 6})
    assert frames.as_text(table).equals(table)
    coded = pl.DataFrame({"a": ["=1", None]}, schema={"a": pl.Categorical})
    assert frames.as_text(coded)["a"].to_list() == ["'=1", None]


def test_no_other_place_writes_csv() -> None:
    """Whoever adds one is told here to pass it through `as_text`."""
    rooms = [path for room in ("flows", "transforms", "expectations") for path in (ROOT / room).rglob("*.py")]
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in rooms}
    writing = {name: text for name, text in texts.items() if "write_csv(" in text}
    assert writing.keys() == {"flows/cli/as_data.py", "flows/releases/make/table_files.py"}
    assert all("frames.as_text(" in text for text in writing.values())
    assert not any("csv.writer(" in path.read_text(encoding="utf-8") for path in rooms)


def test_the_workbook_for_authors_keeps_it_as_text(formulas: list[str]) -> None:
    book = Book(CYCLE, "final")
    book.add("S")
    write_page(book, Page("S", "t", pl.DataFrame({"=name": formulas, "number": [-5] * len(formulas)})))
    sheet = openpyxl.load_workbook(io.BytesIO(book.bytes()))["S"]
    (head, _), *rows = sheet.iter_rows(max_col=2)
    assert (head.value, is_text(head)) == ("=name", True)
    assert len(rows) == len(formulas)
    for (cell, number), text in zip(rows, formulas, strict=True):
        assert is_text(cell), text
        assert in_xml(cell.value) == in_xml(text)
        assert number.value == -5


def test_a_csv_file_given_back_as_a_workbook_keeps_it_as_text(formulas: list[str]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["casualty_id", "=remark"], *([f"x{n}", text] for n, text in enumerate(formulas))])
    data = buffer.getvalue().encode()
    findings = pl.DataFrame(
        [
            {"source": "noticas", "file": "=f.csv", "rule": "r", "severity": "warning", "message": text, "remedy": text}
            for text in formulas
        ],
        schema=SCHEMA,
    )
    given = annotate(data, "=f.csv", findings, CONFIG.contract("noticas"), CONFIG)
    listed, back = openpyxl.load_workbook(io.BytesIO(given)).worksheets
    head, *rows = back.iter_rows(min_col=2, max_col=2)
    assert (head[0].value, is_text(head[0])) == ("=remark", True)
    for (cell,), text in zip(rows, formulas, strict=True):
        assert is_text(cell), text
        assert in_xml(cell.value) == in_xml(text)
    cells = [cell for row in listed.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 2 * len(formulas)
    assert all(map(is_text, cells))


def test_a_template_keeps_it_as_text() -> None:
    contract = CONFIG.contract("noticas")
    table = contract.tables["noticas"]
    said = [text for text in CLASSICS if text.strip() == text]
    columns = {f"{text} {n}": Column(type="text", title=Label(en=text)) for n, text in enumerate(said)}
    columns |= {"choice": Column(type="text", one_of=tuple(dict.fromkeys(said)))}
    hostile_table = table.model_copy(update={"columns": columns, "key": (), "as_of": (), "dated_by": None})
    changed = contract.model_copy(
        update={"tables": {"noticas": hostile_table}, "title": Label(en="=1+1"), "owner": "@SUM(1)"}
    )
    book = openpyxl.load_workbook(io.BytesIO(template(changed, CONFIG, CYCLE)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert all(map(is_text, cells))
    values = {cell.value for cell in cells}
    assert any(value.startswith(BEGINS) for value in values)
