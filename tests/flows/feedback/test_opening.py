"""Opening a cycle: every template, with what was accepted last beside the cells, and the invitations, once."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path

import openpyxl
import pytest

from config import ConfigError
from flows.cli import commands
from flows.core.records import Published
from flows.feedback import opening
from flows.feedback.alerts import sending
from flows.feedback.check import check
from flows.intake.books import completeness, ledger
from tests.support.files import CONFIG, CYCLE, Rooms, mission_book

pytestmark = pytest.mark.slow

NEXT = CONFIG.cycle(6)
NOW = datetime(2024, 11, 1, 9, tzinfo=UTC)
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


def test_there_is_a_template_and_an_invitation_for_each_source_and_mission(rooms: Rooms) -> None:
    made = opened(rooms)
    assert (len(made.templates), len(made.invitations)) == (SLOTS, SLOTS)
    assert template(made, "mission_report/UNIFIL").name == "UNIFIL A4P+ cycle 6.xlsx"
    (mail,) = [path for path in made.invitations if path.name == "mission_report-MINUSCA.eml"]
    said = message_from_bytes(mail.read_bytes(), policy=policy.default)
    due = CONFIG.contract("mission_report").due(NEXT)
    assert said["X-Unsent"] == "1"
    assert said["Subject"].startswith("A4P+, cycle 6\u00a0: vos données sont attendues pour le")
    assert str(due.year) in said["Subject"]
    (attached,) = said.iter_attachments()
    assert attached.get_content() == template(made, "mission_report/MINUSCA").read_bytes()
    body = said.get_body(("plain",))
    assert body is not None
    assert "Le cycle est ouvert" in body.get_content()
    assert "Le modèle à remplir est joint." in body.get_content()


def test_what_was_accepted_last_stands_beside_the_cells_and_is_no_value(rooms: Rooms) -> None:
    accepted(rooms, "UNIFIL", mission_book("UNIFIL"))
    path = template(opened(rooms), "mission_report/UNIFIL")
    book = openpyxl.load_workbook(path)
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
    # another mission is not told
    other = openpyxl.load_workbook(template(opened(rooms), "mission_report/UNMISS"))
    assert "In cycle" not in "".join(cell.comment.text for sheet in other for cell in sheet[1] if cell.comment)


def test_a_template_filled_in_passes_the_check(rooms: Rooms) -> None:
    accepted(rooms, "UNIFIL", mission_book("UNIFIL"))
    path = template(opened(rooms), "mission_report/UNIFIL")
    assert check(path, CONFIG, cycle=NEXT).refused
    book = openpyxl.load_workbook(path)
    rows = openpyxl.load_workbook(io.BytesIO(mission_book("UNIFIL", 6)))
    of = CONFIG.contract("mission_report").tables
    for table in (table for name, table in of.items() if name != "cover"):
        sheet = book[table.sheet[0]]
        at = {str(cell.value).removesuffix(" *"): cell.column for cell in sheet[1]}
        header, *filled = rows[table.sheet[0]].iter_rows(values_only=True)
        for number, row in enumerate(filled, start=2):
            for name, cell in zip(header, row, strict=True):
                value = date(2024, 9, 1) if isinstance(cell, datetime) else 2024 if cell == 2023 else cell
                sheet.cell(number, at[table.title(str(name))]).value = value
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
    written = [entry.path for entry in rooms.private.entries(sending.outbox(NEXT)) if entry.path.endswith(".eml")]
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
