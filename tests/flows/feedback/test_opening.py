"""Opening a cycle: every template, with what was accepted last beside the cells, and the invitations, once."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook import Workbook

from config import ConfigError, Language
from flows.cli import commands
from flows.core.records import Published
from flows.feedback import opening
from flows.feedback.alerts import outbox, sending
from flows.feedback.check import check, check_data
from flows.feedback.template import template as made
from flows.intake.books import completeness, ledger
from tests.support.files import CONFIG, CYCLE, Rooms, mission_book
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.slow

NEXT = CONFIG.cycle(6)
NOW = datetime(2024, 11, 1, 9, tzinfo=UTC)
OFFICE = shutil.which("soffice")
SLOTS = len(CONFIG.contracts) - 1 + len(CONFIG.of_cycle(6).reporting_missions)


@pytest.fixture
def rooms(tmp_path) -> Rooms:
    return Rooms(tmp_path)


def accepted(rooms: Rooms, mission: str, book: bytes) -> None:
    """Let a mission's workbook of the cycle before be accepted."""
    rooms.put(f"mission_report/{mission}/f.xlsx", book)
    gathered = rooms.gather("mission_report")
    sent = completeness.submissions(gathered)
    assert set(sent["status"]) == {"accepted"}
    published = Published(None, False, "provisional", (), sent, rooms.findings(gathered))
    ledger.tell(published, CONFIG, CYCLE, rooms.private, NOW, completeness.counted(gathered))


def opened(rooms: Rooms) -> opening.Opened:
    return opening.write(rooms.folder / "out", NEXT, rooms.private, CONFIG, NOW)


def template(made: opening.Opened, slot: str) -> Path:
    (path,) = [path for path in made.templates if str(path.parent).endswith(slot)]
    return path


@pytest.fixture(scope="module")
def after_unifil(tmp_path_factory: pytest.TempPathFactory) -> opening.Opened:
    """The cycle opened, after a mission's workbook of the one before was accepted; to be read."""
    rooms = Rooms(tmp_path_factory.mktemp("after"))
    accepted(rooms, "UNIFIL", mission_book("UNIFIL"))
    return opened(rooms)


@pytest.fixture
def prefilled(after_unifil: opening.Opened, tmp_path: Path) -> Path:
    """That mission's template."""
    return Path(shutil.copy(template(after_unifil, "mission_report/UNIFIL"), tmp_path))


def test_there_is_a_template_and_an_invitation_for_each_source_and_mission(rooms: Rooms) -> None:
    all_of_it = opened(rooms)
    assert (len(all_of_it.templates), len(all_of_it.invitations)) == (SLOTS, SLOTS)
    assert template(all_of_it, "mission_report/UNIFIL").name == "UNIFIL A4P+ cycle 6.xlsx"
    (mail,) = [path for path in all_of_it.invitations if path.name == "mission_report-MINUSCA.eml"]
    said = message_from_bytes(mail.read_bytes(), policy=policy.default)
    due = CONFIG.contract("mission_report").due(NEXT)
    assert said["X-Unsent"] == "1"
    assert said["Subject"].startswith("A4P+, cycle 6\u00a0: vos données sont attendues pour le")
    assert str(due.year) in said["Subject"]
    (attached,) = said.iter_attachments()
    assert attached.get_content() == template(all_of_it, "mission_report/MINUSCA").read_bytes()
    body = said.get_body(("plain",))
    assert body is not None
    assert "Le cycle est ouvert" in body.get_content()
    assert "Le modèle à remplir est joint." in body.get_content()


def test_what_was_accepted_last_stands_beside_the_cells_and_is_no_value(after_unifil: opening.Opened) -> None:
    book = openpyxl.load_workbook(template(after_unifil, "mission_report/UNIFIL"))
    notes = {
        (sheet.title, str(cell.value).removesuffix(" *")): cell.comment.text
        for sheet in book.worksheets
        for cell in sheet[1]
        if cell.comment
    }
    assert notes["SOFA-SOMA incidents", "New incidents"].endswith("In cycle 5: 3.")
    assert notes["Conduct trainings", "Sessions"].endswith("In cycle 5: Induction: 12; Refresher: None.")
    assert notes["Conduct trainings", "Training"].endswith("In cycle 5: Induction; Refresher.")
    # nothing is known of the mission's plan but that it is approved, and nothing is said of its cover
    assert not notes["Cover", "Completed on"].startswith("In cycle")
    assert "In cycle" not in notes["Cover", "Mission"]
    assert book["SOFA-SOMA incidents"]["A2"].value is None
    assert book["SOFA-SOMA incidents"]["A2"].comment.text == "In cycle 5: 3."
    trainings = book["Conduct trainings"]
    assert [[cell.value for cell in row] for row in trainings["A2:D4"]] == [
        ["Induction", None, None, None],
        ["Refresher", None, None, None],
        [None, None, None, None],
    ]
    assert (trainings["B2"].comment.text, trainings["B3"].comment.text) == ("In cycle 5: 12.", "In cycle 5: None.")
    assert (trainings["A2"].comment, trainings["A2"].protection.locked) == (None, False)
    assert any("named already" in str(row[0]) for row in book["Instructions"].iter_rows(values_only=True))
    # another mission is not told
    other = openpyxl.load_workbook(template(after_unifil, "mission_report/UNMISS"))
    assert "In cycle" not in "".join(
        cell.comment.text for sheet in other for row in sheet for cell in row if cell.comment
    )
    assert other["Conduct trainings"]["A2"].value is None


@pytest.fixture(scope="module")
def as_ods(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Have LibreOffice write a file as .ods beside it; its profile, which takes it seconds to make, is made once."""
    own = f"-env:UserInstallation=file://{tmp_path_factory.mktemp('office')}/profile"

    def saved(path: Path) -> Path:
        told = [str(OFFICE), own, "--headless", "--convert-to", "ods", "--outdir", str(path.parent), str(path)]
        subprocess.run(told, check=True, capture_output=True, timeout=HANGS_S)
        return path.with_suffix(".ods")

    return saved


@pytest.mark.parametrize("left", ["all", "one", "none"])
@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_a_row_that_is_only_named_is_no_row_and_no_warning(
    left: str, suffix: str, prefilled: Path, as_ods: Callable[[Path], Path]
) -> None:
    if suffix == ".ods" and OFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed here")
    path = prefilled
    book = openpyxl.load_workbook(path)
    fill(book, mission_book("UNIFIL", 6))
    for row in {"all": (), "one": (3,), "none": (2, 3)}[left]:
        for column in "BCD":
            book["Conduct trainings"][f"{column}{row}"].value = None
    if left == "none":
        book["Conduct trainings"]["A4"].value = "None"
    book.save(path)
    path = path if suffix == ".xlsx" else as_ods(path)
    result = check(path, CONFIG, cycle=NEXT)
    assert result.findings.filter(result.findings["severity"] != "info").rows() == []
    told = result.findings.filter(result.findings["rule"] == "named_rows_are_filled_in")
    said = {"all": [], "one": [("Conduct trainings", "3.")], "none": [("Conduct trainings", "2, 3.")]}[left]
    where = told.select("sheet", pl.col("message").str.split("in row ").list.last())
    assert where.rows() == said
    assert (result.refused, result.rows_read) == (False, 13 - {"all": 0, "one": 1, "none": 2}[left])


def test_a_name_that_nobody_gave_before_is_a_row_of_its_own(prefilled: Path) -> None:
    path = prefilled
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["Mental health support"]["A"][1:]] == ["Counselling"]
    fill(book, mission_book("UNIFIL", 6))
    support = book["Mental health support"]
    # what counted with nothing but its name was not named by the template
    assert support["A3"].value == "Groups of peers"
    support["A4"].value = "Choir"
    book.save(path)
    result = check(path, CONFIG, cycle=NEXT)
    assert result.findings.filter(result.findings["severity"] != "info").is_empty()
    assert result.findings.filter(result.findings["rule"] == "named_rows_are_filled_in").is_empty()
    assert result.rows_read == 14


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_template_with_nothing_but_names_is_refused_as_a_blank_one_is(language: Language) -> None:
    rows = pl.DataFrame(
        {"hospital_id": ["H-1", "H-2"], "mission": ["UNMISS", "UNMISS"], "level": ["Level 2", "Level 3"]}
    )
    contract = CONFIG.contract("hospitals")
    data = made(contract, CONFIG, NEXT, language=language, last={"hospitals": rows})
    result = check_data(data, "h.xlsx", NOW, CONFIG, "hospitals", cycle=NEXT)
    assert result.refused
    blank = check_data(made(contract, CONFIG, NEXT, language=language), "h.xlsx", NOW, CONFIG, "hospitals", cycle=NEXT)
    of_rules = [set(one.findings.filter(pl.col("severity") == "critical")["rule"]) for one in (result, blank)]
    assert of_rules[0] == of_rules[1] != set()


def fill(book: Workbook, values: bytes) -> None:
    """Write a mission's values into its template."""
    rows = openpyxl.load_workbook(io.BytesIO(values))
    of = CONFIG.contract("mission_report").tables
    for table in (table for name, table in of.items() if name != "cover"):
        sheet = book[table.sheet[0]]
        at = {str(cell.value).removesuffix(" *"): cell.column for cell in sheet[1]}
        header, *filled = rows[table.sheet[0]].iter_rows(values_only=True)
        for number, row in enumerate(filled, start=2):
            for name, cell in zip(header, row, strict=True):
                value = date(2024, 9, 1) if isinstance(cell, datetime) else 2024 if cell == 2023 else cell
                sheet.cell(number, at[table.title(str(name))]).value = value


def test_a_template_filled_in_passes_the_check(prefilled: Path) -> None:
    path = prefilled
    assert check(path, CONFIG, cycle=NEXT).refused
    book = openpyxl.load_workbook(path)
    fill(book, mission_book("UNIFIL", 6))
    book.save(path)
    result = check(path, CONFIG, cycle=NEXT)
    assert result.findings.filter(result.findings["severity"] != "info").rows() == []
    assert (result.mission, result.cycle, result.refused) == ("UNIFIL", 6, False)


def test_a_template_that_is_filled_in_is_not_written_over(rooms: Rooms) -> None:
    path = template(opened(rooms), "mission_report/UNIFIL")
    assert len(opened(rooms).templates) == SLOTS
    path.write_bytes(b"filled in")
    with pytest.raises(ConfigError, match="is there already and may be filled in"):
        opened(rooms)
    assert path.read_bytes() == b"filled in"


def test_nobody_is_invited_twice(rooms: Rooms) -> None:
    first = sending.invite(NEXT, rooms.private, CONFIG, NOW, {})
    assert (len(first.sent), first.unsent, first.failures) == (SLOTS, (), ())
    assert {message.notice.kind for message in first.sent} == {"invitation"}
    written = [entry.path for entry in rooms.private.entries(outbox(NEXT)) if entry.path.endswith(".eml")]
    assert len(written) == SLOTS
    assert sending.invite(NEXT, rooms.private, CONFIG, NOW, {}).sent == ()
    # the templates are still written
    again = opened(rooms)
    assert (len(again.templates), len(again.invitations)) == (SLOTS, 0)


def test_the_command(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    commands.main(["open", "--cycle", "6"])
    said = capsys.readouterr().out
    assert f"Wrote {SLOTS} templates and {SLOTS} invitations into cycle-06." in said
    assert "a4p open --cycle 6 --send" in said
    assert len(list((tmp_path / "cycle-06").rglob("*.xlsx"))) == SLOTS
    commands.main(["open", "--cycle", "6", "--send"])
    assert f"{SLOTS} written into" in capsys.readouterr().out
    commands.main(["open", "--cycle", "6", "--send"])
    assert "no source has to be told anything" in capsys.readouterr().out
