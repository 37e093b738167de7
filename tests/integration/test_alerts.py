"""Telling the sources through a real mail server and a real webhook, from raw files to what arrives."""

from __future__ import annotations

import base64
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

import config as config_room
import sample
from config import Config, Contract, load, normalised_header
from flows.cli import commands
from flows.feedback.alerts import channels, dispatch, send, transaction
from flows.feedback.alerts.answer import Answer
from flows.intake.books import ledger
from flows.refresh.story import refresh
from flows.stores import Store
from tests.integration.mail_server import (
    HOST,
    PASSWORD,
    USER,
    Hook,
    Mailbox,
    Received,
    certificate,
    mail_server,
    webhook,
)
from tests.support.files import CONFIG, CYCLE, Rooms, allegations, casualty, mission_book, noticas
from tests.support.sharing import sources, with_results

SMTP = """\
smtp:
  host: 127.0.0.1
  port: {port}
  security: {security}
  user_env: A4P_SMTP_USER
  password_env: A4P_SMTP_PASSWORD
  sender: A4P+ <a4p@example.org>
languages: {{MINUSCA: fr, MONUSCO: fr}}
"""
KNOWN = {"A4P_SMTP_USER": USER, "A4P_SMTP_PASSWORD": PASSWORD}
# the server offers two ways to give a password
ONE_TRY = 2
MAY = datetime(2024, 5, 20, 9, tzinfo=UTC)
FAULTY = noticas(casualty(1), casualty(2, mission="ATLANTIS"), casualty(3, cause="Typo"))
GOOD = noticas(casualty(1), casualty(2), casualty(3))


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def box(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server whose certificate is known."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setattr(dispatch, "FIRST_WAIT_S", 0.01)
    with mail_server(pem) as box:
        yield box


@pytest.fixture
def hook() -> Iterator[Hook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path)


@pytest.fixture(scope="module")
def one_refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stores after the refresh of one faulty file, to be copied."""
    return refreshed_once(tmp_path_factory.mktemp("one"), {"noticas/n.csv": FAULTY})


@pytest.fixture(scope="module")
def two_refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stores after the refresh of two sources, one of them faulty, to be copied."""
    files = {"noticas/n.csv": FAULTY, "conduct_allegations/a.xlsx": allegations(1, 2)}
    return refreshed_once(tmp_path_factory.mktemp("two"), files)


def refreshed_once(folder: Path, files: Mapping[str, bytes]) -> Path:
    rooms = Rooms(folder)
    for name, data in files.items():
        rooms.put(name, data)
    refreshed(rooms, none_awaited(CONFIG))
    return folder


@pytest.fixture
def one_source(one_refreshed: Path, rooms: Rooms) -> Rooms:
    return Rooms(shutil.copytree(one_refreshed, rooms.folder, dirs_exist_ok=True))


@pytest.fixture
def two_sources(two_refreshed: Path, rooms: Rooms) -> Rooms:
    return Rooms(shutil.copytree(two_refreshed, rooms.folder, dirs_exist_ok=True))


def none_awaited(config: Config) -> Config:
    contracts = {name: one.model_copy(update={"required": False}) for name, one in config.contracts.items()}
    return replace(config, contracts=contracts)


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., Config]:
    """The configuration with another alerts.yaml; no source is awaited."""

    def configured(box: Mailbox | None, more: str = "", security: str = "starttls") -> Config:
        folder = tmp_path / "config"
        shutil.copytree(config_room.HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        smtp = SMTP.format(port=box.port, security=security) if box else ""
        (folder / "alerts.yaml").write_text(smtp + more, encoding="utf-8")
        return none_awaited(load(folder))

    return configured


@pytest.fixture
def a4p(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The command line in this process, with a configuration of one's own."""

    def a4p(config: Config, *arguments: str, **environment: str) -> tuple[int, str, str]:
        monkeypatch.chdir(tmp_path)
        for name, said in {
            "A4P_INBOX_URI": str(tmp_path / "inbox"),
            "A4P_PRIVATE_URI": str(tmp_path / "private"),
            "A4P_PUBLIC_URI": str(tmp_path / "public"),
            **KNOWN,
            **environment,
        }.items():
            monkeypatch.setenv(name, said)
        code = 0
        try:
            with config_room.in_force(config):
                commands.main(list(arguments))
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return a4p


def refreshed(rooms: Rooms, config: Config, now: datetime = MAY) -> None:
    refresh(CYCLE, rooms.places, config, now=now)


def entries(rooms: Rooms) -> pl.DataFrame:
    return ledger.load(rooms.private, CYCLE)


def subjects(box: Mailbox) -> list[str]:
    return [str(one.mail["Subject"]) for one in box.take()]


# The whole cycle


@pytest.fixture(scope="module")
def cycle(
    with_faults: Path, released: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, Any]]]:
    """A sample cycle with planted faults, refreshed, and the list of its faults."""
    folder = tmp_path_factory.mktemp("cycle")
    sources(released / "inbox", folder / "inbox")
    with_results(with_faults, folder / "private")
    planted = sample.plant(folder / "inbox", 5)
    refresh(CYCLE, Rooms(folder).places, CONFIG, now=datetime(2024, 9, 5, tzinfo=UTC))
    return folder, planted


def test_every_planted_fault_is_marked_in_the_cell_that_its_source_gets_back(cycle, box, configured, tmp_path) -> None:
    folder, planted = cycle
    shutil.copytree(folder / "private", tmp_path / "private")
    private = Store(str(tmp_path / "private"))
    config = configured(box)
    outcome = send(CYCLE, private, config, datetime(2024, 9, 6, tzinfo=UTC), KNOWN)
    assert (outcome.failures, outcome.unsent) == ((), ())
    received = box.take()
    assert len(received) == len(outcome.sent) > 20
    assert {(one.encrypted, one.user) for one in received} == {(True, USER)}
    told = {message.notice.slot: one for message, one in zip(outcome.sent, received, strict=True)}

    last = ledger.last_refresh(private, CYCLE)
    assert last is not None
    open_book = cache(lambda data: openpyxl.load_workbook(io.BytesIO(data)))
    marked = 0
    for fault in planted:
        contract = config.contract(str(fault["source"]))
        by_missions = contract.sent_by == "missions"
        one = told[f"{contract.source}/{fault['mission']}" if by_missions else contract.source]
        found = finding(last.findings, fault)
        language = "fr" if one.mail["Content-Language"] == "fr" else "en"
        said = found["message_fr" if language == "fr" else "message"]
        if fault["rule"] in {"mission_is_the_folders", "file_is_of_this_source"}:
            assert not one.attachments
            assert said in one.plain
            continue
        if found["severity"] == "info":
            # what changes nothing is in no message
            assert not any(said in listed(open_book(data).worksheets[0]) for data in one.attachments.values())
            continue
        ((name, data),) = one.attachments.items()
        assert name.startswith(Path(str(fault["file"])).stem)
        book = open_book(data)
        assert said in listed(book.worksheets[0])
        if found["row"] is not None:
            cell = cell_of(book, found, contract)
            assert cell.comment is not None, fault
            assert said in cell.comment.text
            assert cell.fill.fill_type == "solid"
            marked += 1
    assert marked >= 40

    # each was told once
    untold = entries(Rooms(tmp_path)).filter(ledger.TO_MEND, pl.col("alerted_on").is_null())
    # what is of no source is the coordinator's, who sees it where the refresh is told of
    assert untold.select("source", "rule").rows() == [("inbox", "file_is_where_it_is_looked_for")]
    assert send(CYCLE, private, config, datetime(2024, 9, 6, 1, tzinfo=UTC), KNOWN).sent == ()
    assert box.take() == []
    of_nobody(received, folder, open_book)


def of_nobody(received: list[Received], folder: Path, open_book: Callable[[bytes], openpyxl.Workbook]) -> None:
    """No subject names anything, and no message or attachment a person."""
    people = ["Focal point of", *names_in(folder / "inbox")]
    assert len(people) > 50
    for one in received:
        assert str(one.mail["Subject"]).startswith("A4P+")
        assert not [said for said in (*CONFIG.contracts, *CONFIG.reporting_missions) if said in one.mail["Subject"]]
        texts = [one.plain]
        for data in one.attachments.values():
            for sheet in open_book(data).worksheets:
                texts += [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
        shown = "\n".join(texts)
        assert not [name for name in people if name in shown]


def names_in(inbox: Path) -> set[str]:
    """Every name that stands in a personal column of the sample's workbooks."""
    found: set[str] = set()
    for path in sorted((inbox / CYCLE.folder).glob("*/*.xlsx")):
        try:
            book = openpyxl.load_workbook(path, read_only=True)
        except Exception:
            continue
        personal = spellings(CONFIG.contract(path.parent.name), personal=True)
        for sheet in book.worksheets:
            rows = list(sheet.iter_rows(values_only=True))
            for at, header in enumerate(rows[0] if rows else ()):
                if header and normalised_header(str(header)) in personal:
                    found |= {str(row[at]) for row in rows[1:] if at < len(row) and row[at]}
    return {name for name in found if len(name) > 5}


def spellings(contract: Contract, *, personal: bool) -> set[str]:
    return {
        normalised_header(said)
        for table in contract.tables.values()
        for name, column in table.columns.items()
        if column.personal == personal
        for said in (name, *column.spellings)
    }


def finding(findings: pl.DataFrame, fault: dict[str, Any]) -> dict[str, Any]:
    same = [name for name in ("source", "table", "file", "rule", "column") if fault[name] is not None]
    found = findings.filter(pl.col(name) == fault[name] for name in same)
    if fault["row"] is not None:
        found = found.filter(pl.col("row") == fault["row"])
    (one,) = found.to_dicts()
    return one


def cell_of(book: openpyxl.Workbook, found: dict[str, Any], contract: Contract) -> Cell:
    """Return the cell that a finding is about, looked for as a person would: sheet, header, row."""
    sheets = {normalised_header(sheet.title): sheet for sheet in book.worksheets[1:]}
    sheet: Worksheet = sheets[normalised_header(found["sheet"])] if found["sheet"] else book.worksheets[1]
    if found["column"] is None:
        # of a whole row its first column that the contract knows
        return next((cell for cell in sheet[found["row"]] if cell.comment), sheet.cell(found["row"], 1))
    column = contract.tables[found["table"]].columns[found["column"]]
    names = {normalised_header(said) for said in (found["column"], *column.spellings)}
    places = [
        cell.column for row in sheet.iter_rows(max_row=5) for cell in row if normalised_header(str(cell.value)) in names
    ]
    return sheet.cell(found["row"], places[0])


def listed(sheet: Worksheet) -> list[str]:
    return [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]


# One refresh after the other


def test_told_once_then_reminded_then_that_all_is_mended_and_anew_where_it_comes_back(rooms, box, configured) -> None:
    config = configured(box)

    def round_(data: bytes, day: int) -> list[str]:
        now = MAY + timedelta(days=day)
        rooms.put("noticas/n.csv", data, now - timedelta(days=10))
        refreshed(rooms, config, now)
        send(CYCLE, rooms.private, config, now, KNOWN).check()
        return subjects(box)

    assert round_(FAULTY, 0) == ["A4P+ cycle 5: your file was accepted in part – 2 points to mend"]
    assert round_(FAULTY, 1) == []
    reminded = "A4P+ cycle 5: reminder, your file was accepted in part – 2 points to mend"
    assert round_(FAULTY, config.alerts.remind_after_days) == [reminded]
    assert round_(GOOD, 15) == ["A4P+ cycle 5: all points are mended, thank you"]
    assert set(entries(rooms)["resolved_by"]) == {sha256_of(rooms, GOOD)}
    assert round_(GOOD, 16) == []
    assert round_(FAULTY, 17) == ["A4P+ cycle 5: your file was accepted in part – 2 points to mend"]
    assert set(entries(rooms)["reopened"]) == {1}
    assert round_(FAULTY, 18) == []


def sha256_of(rooms: Rooms, data: bytes) -> str:
    (path,) = [entry.path for entry in rooms.private.entries("raw") if rooms.private.read(entry.path) == data]
    return path.split("/")[2]


def test_a_refresh_that_goes_by_while_messages_are_sent_keeps_its_ledger(rooms, box, configured, monkeypatch) -> None:
    config = configured(box)
    rooms.put("noticas/n.csv", FAULTY)
    refreshed(rooms, config)
    real = transaction.give

    def meanwhile(*given: Any) -> Answer:
        rooms.put("noticas/n.csv", noticas(casualty(1, mission="MORDOR"), casualty(3, cause="Typo")), MAY)
        refreshed(rooms, config, MAY + timedelta(minutes=1))
        return real(*given)

    monkeypatch.setattr(transaction, "give", meanwhile)
    send(CYCLE, rooms.private, config, MAY, KNOWN).check()
    kept = entries(rooms)
    # one that was found meanwhile, one that was mended, one that stays and was told
    assert kept.filter(ledger.OPEN).select("rule", pl.col("alerted_on").is_null()).sort("rule").rows() == [
        ("cause_is_one_of_the_list", False),
        ("mission_is_a_mission", True),
    ]
    assert kept.filter(~ledger.OPEN).height == 1
    # and tells nobody twice
    box.take()
    monkeypatch.setattr(transaction, "give", real)
    refreshed(rooms, config, MAY + timedelta(minutes=2))
    assert entries(rooms).filter(ledger.OPEN)["alerted_on"].null_count() == 1
    (message,) = send(CYCLE, rooms.private, config, MAY + timedelta(minutes=3), KNOWN).sent
    assert message.notice.new <= set(kept.filter(rule="mission_is_a_mission")["identity"])


# Servers that fail


def test_an_address_that_is_refused_stops_no_other_source(two_sources, box, configured, a4p) -> None:
    config = configured(box)
    box.refuses = {"noticas@example.org"}
    code, out, err = a4p(config, "alerts", "--cycle", "5", "--send")
    assert code == 3
    assert err == (
        f"The mail server 127.0.0.1:{box.port} takes no mail for noticas@example.org; correct the contract's contact.\n"
    )
    assert "Cycle 5: 1 message is out.\n  1 sent by mail\nStill to be sent: noticas\n" in out
    assert [one.to for one in box.take()] == [("conduct-discipline@example.org",)]
    told = dict(
        entries(two_sources).filter(ledger.TO_MEND).group_by("source").agg(pl.col("alerted_on").max()).iter_rows()
    )
    assert told["noticas"] is None
    box.refuses = set()
    assert a4p(config, "alerts", "--cycle", "5", "--send")[0] == 0
    assert [one.to for one in box.take()] == [("noticas@example.org",)]


def test_one_of_two_addresses_that_is_refused_is_said_and_the_other_is_told_once(
    one_source, box, configured, a4p
) -> None:
    config = configured(box)
    two = config.contract("noticas").model_copy(update={"contact": ("left@example.org", "noticas@example.org")})
    config = replace(config, contracts={**config.contracts, "noticas": two})
    box.refuses = {"left@example.org"}
    code, _, err = a4p(config, "alerts", "--cycle", "5", "--send")
    assert (code, "takes no mail for left@example.org (others were told); correct" in err) == (3, True)
    assert [one.to for one in box.take()] == [("noticas@example.org",)]
    assert a4p(config, "alerts", "--cycle", "5", "--send")[0] == 0
    assert box.take() == []


def test_a_message_that_is_too_large_stops_no_other(two_sources, box, configured, a4p) -> None:
    config = configured(box)
    box.too_large = {"conduct-discipline@example.org"}
    code, _, err = a4p(config, "alerts", "--cycle", "5", "--send")
    assert (code, err.count("\n")) == (3, 1)
    said = "did not take the message to conduct-discipline@example.org (code 552: too large); ask who runs it."
    assert said in err
    assert [one.to for one in box.take()] == [("noticas@example.org",)]


def test_a_message_that_is_too_large_goes_without_its_attachment(one_source, box, configured) -> None:
    config = configured(box)
    box.largest = 6_000
    send(CYCLE, one_source.private, config, MAY, KNOWN).check()
    (one,) = box.take()
    assert not one.attachments
    assert "Your file is not attached. Mark its cells yourself" in one.plain
    assert "attached:" not in one.plain
    assert send(CYCLE, one_source.private, config, MAY, KNOWN).sent == ()


def test_a_message_without_an_answer_stands_as_unknown_until_it_is_sent_once_more(
    one_source, box, configured, a4p
) -> None:
    config = configured(box)
    box.says = "what?"
    code, out, err = a4p(config, "alerts", "--cycle", "5", "--send")
    assert (code, err) == (
        3,
        f"The mail server 127.0.0.1:{box.port} gave no answer to the message to noticas@example.org: nobody knows "
        "whether it arrived.\n",
    )
    assert out.splitlines() == [
        "Nobody knows whether it arrived: noticas",
        "Try these again with: a4p alerts --cycle 5 --send",
    ]
    (first,) = box.take()
    told = entries(one_source).filter(ledger.TO_MEND)
    assert (told["alerted_on"].null_count(), told["unknown_on"].null_count()) == (told.height, 0)
    unknown = "Nobody knows whether the last message to noticas arrived; it is sent once more with: a4p alerts --cycle"
    assert unknown in a4p(config, "status", "--cycle", "5")[1]
    assert "nobody knows whether it arrived, so it is sent once more" in a4p(config, "alerts", "--cycle", "5")[1]
    box.says = "250 OK"
    assert a4p(config, "alerts", "--cycle", "5", "--send")[0] == 0
    (second,) = box.take()
    assert first.mail["Message-ID"] == second.mail["Message-ID"]
    told = entries(one_source).filter(ledger.TO_MEND)
    assert (told["alerted_on"].null_count(), told["unknown_on"].null_count()) == (0, told.height)
    assert "Nobody knows" not in a4p(config, "status", "--cycle", "5")[1]


def test_two_who_send_at_once_tell_each_source_once(two_sources, box, configured) -> None:
    config = configured(box)

    def one() -> int:
        return len(send(CYCLE, two_sources.private, config, MAY, KNOWN, waits=waits.append).sent)

    waits: list[str] = []
    with ThreadPoolExecutor(2) as both:
        sent = [each.result() for each in [both.submit(one), both.submit(one)]]
    assert sorted(sent) == [0, 2]
    assert len(box.take()) == 2
    assert len(waits) == 1
    assert waits[0].startswith("The messages of cycle 5 are being sent already (process ")


def test_a_server_that_asks_to_come_again_is_asked_again(one_source, box, configured) -> None:
    config = configured(box)
    box.busy = 2
    send(CYCLE, one_source.private, config, MAY, KNOWN).check()
    assert len(box.take()) == 1


def test_a_wrong_password_is_one_sentence_and_tried_once(two_sources, box, configured, a4p) -> None:
    config = configured(box)
    code, out, err = a4p(config, "alerts", "--cycle", "5", "--send", A4P_SMTP_PASSWORD="wrong horse")
    assert code == 3
    assert err == (
        f"The mail server 127.0.0.1:{box.port} refuses the user or password; check A4P_SMTP_USER and "
        "A4P_SMTP_PASSWORD.\n"
    )
    assert out.splitlines()[:2] == ["Still to be sent: conduct_allegations", "Still to be sent: noticas"]
    # no server locks a user out because of us
    assert (box.logins, box.take()) == (ONE_TRY, [])
    assert entries(two_sources)["alerted_on"].null_count() == entries(two_sources).height
    assert a4p(config, "alerts", "--cycle", "5", "--send")[0] == 0
    assert len(box.take()) == 2


def test_a_password_that_is_not_set_is_a_mistake_of_configuration(one_source, box, configured, a4p) -> None:
    config = configured(box)
    code, _, err = a4p(config, "alerts", "--cycle", "5", "--send", A4P_SMTP_PASSWORD="")
    assert (code, err) == (
        2,
        "The variable A4P_SMTP_PASSWORD, which config/alerts.yaml names for the mail server, is not set.\n",
    )


def test_a_certificate_that_nobody_vouches_for_gets_no_password(one_source, box, configured, a4p, monkeypatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    config = configured(box)
    code, _, err = a4p(config, "alerts", "--cycle", "5", "--send")
    assert (
        code,
        "has no valid certificate; check its name, or name its authority's file in SSL_CERT_FILE." in err,
    ) == (
        3,
        True,
    )
    assert box.logins == 0


def test_a_server_without_encryption_gets_no_password(one_source, configured, a4p) -> None:
    with mail_server(None) as open_box:
        config = configured(open_box)
        code, _, err = a4p(config, "alerts", "--cycle", "5", "--send")
    assert (code, open_box.received) == (3, [])
    assert "does not offer what config/alerts.yaml asks for; check smtp.security." in err


def test_a_server_that_is_not_there(one_source, box, configured, a4p) -> None:
    config = configured(box)
    gone = config.alerts.model_copy(update={"smtp": config.alerts.smtp.model_copy(update={"port": 1})})
    code, _, err = a4p(replace(config, alerts=gone), "alerts", "--cycle", "5", "--send")
    assert (code, err) == (
        3,
        "The mail server 127.0.0.1:1 does not answer; check that it runs and that its address is right.\n",
    )


# Other channels


HOOKED = "channels:\n  coordinator: json://127.0.0.1:${{HOOK}}/a4p\nroutes:\n  default: [contacts, coordinator]\n"


def test_a_webhook_is_told_too_without_the_sources_data(one_source, box, hook, configured, a4p) -> None:
    config = configured(box, HOOKED.format())
    code, out, err = a4p(config, "alerts", "--cycle", "5", "--send", HOOK=str(hook.port))
    assert (code, err) == (0, "")
    assert "1 sent by mail" in out
    assert "1 sent by the channel coordinator" in out
    (said,) = hook.take()
    (mailed,) = box.take()
    assert said["title"] == mailed.mail["Subject"]
    assert said["message"].strip() == mailed.plain.strip()
    assert (said["attachments"], list(mailed.attachments)) == ([], ["n - findings.xlsx"])


def test_a_channel_takes_the_marked_workbook_where_it_is_told_to(one_source, hook, configured) -> None:
    address = f"{{url: 'json://{HOST}:{hook.port}', attach: true}}"
    config = configured(None, f"channels:\n  archive: {address}\nroutes:\n  default: [archive]\n")
    send(CYCLE, one_source.private, config, MAY, {}).check()
    (attached,) = hook.take()[0]["attachments"]
    assert attached["filename"] == "n - findings.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(attached["base64"])))
    assert book["Data"]["E4"].comment is not None


def test_a_channel_that_fails_is_tried_again_alone(two_sources, box, hook, configured, a4p) -> None:
    config = configured(box, HOOKED.format())
    hook.answer = 500
    code, out, err = a4p(config, "alerts", "--cycle", "5", "--send", HOOK=str(hook.port))
    assert (code, err) == (
        3,
        "The channel 'coordinator' did not take a message; check its address in config/alerts.yaml.\n",
    )
    assert len(box.take()) == 2
    assert "Still to be sent: noticas" in out
    hook.answer = 200
    assert a4p(config, "alerts", "--cycle", "5", "--send", HOOK=str(hook.port))[0] == 0
    assert (len(hook.take()), box.take()) == (2, [])
    assert a4p(config, "alerts", "--cycle", "5", "--send", HOOK=str(hook.port))[0] == 0
    assert (hook.take(), box.take()) == ([], [])


def test_a_channel_that_leads_elsewhere_has_told_nobody(one_source, hook, configured, a4p) -> None:
    config = configured(None, HOOKED.format().replace("contacts, ", ""))
    for hook.answer in (301, 302, 307, 308):
        code, out, err = a4p(config, "alerts", "--cycle", "5", "--send", HOOK=str(hook.port))
        assert (code, "did not take a message" in err, "Still to be sent: noticas" in out) == (3, True, True)
    assert hook.asked == []


def test_a_channel_that_is_slow_for_ever_is_left(one_source, hook, configured, a4p, monkeypatch) -> None:
    monkeypatch.setattr(channels, "LIMIT_S", 10.0)
    config = configured(None, HOOKED.format().replace("contacts, ", ""))
    hook.drips = True
    code, out, err = a4p(config, "alerts", "--cycle", "5", "--send", HOOK=str(hook.port))
    assert (code, err) == (
        3,
        "The channel 'coordinator' gave no answer to a message: nobody knows whether it arrived.\n",
    )
    assert "Nobody knows whether it arrived: noticas" in out
    assert len(hook.take()) == 1


@pytest.mark.parametrize(
    ("channel", "environment", "says"),
    [
        ("json://${HOOK}", {"HOOK": ""}, "The variable HOOK, which the channel 'coordinator' needs, is not set."),
        ("nothing://x", {}, "The channel 'coordinator' in config/alerts.yaml has no address that Apprise knows."),
    ],
)
def test_a_channel_that_is_wrongly_set_up(one_source, configured, a4p, channel, environment, says) -> None:
    config = configured(None, f"channels: {{coordinator: '{channel}'}}\nroutes: {{default: [coordinator]}}\n")
    assert a4p(config, "alerts", "--cycle", "5", "--send", **environment)[::2] == (2, f"{says}\n")


# Where nothing is set up


def test_without_a_mail_server_messages_are_written_into_the_outbox(rooms, configured, a4p) -> None:
    config = configured(None)
    rooms.put("noticas/n.csv", FAULTY)
    rooms.put("mission_report/UNMISS/b.xlsx", mission_book("UNMISS"))
    refreshed(rooms, config)
    outbox = f"{rooms.folder}/private/alerts/cycle-05/outbox"
    code, shown, _ = a4p(config, "alerts", "--cycle", "5")
    assert code == 0
    assert "Cycle 5: 2 messages are due; nothing has been sent." in shown
    assert (
        f"noticas\n  to        noticas@example.org\n  by        a file in {outbox}\n"
        "  subject   A4P+ cycle 5: your file was accepted in part – 2 points to mend\n"
        "  findings  2 must be mended (2 not told before)\n"
        "  attached  n - findings.xlsx ("
    ) in shown
    assert "mission_report/UNMISS\n  to        unmiss-a4p@example.org\n" in shown
    assert "Dear colleagues" not in shown
    assert not Path(outbox).exists()
    in_full = a4p(config, "alerts", "--cycle", "5", "--source", "noticas")[1]
    assert "  | Dear colleagues," in in_full
    assert "mission_report" not in in_full

    code, out, _ = a4p(config, "alerts", "--cycle", "5", "--send", "--source", "noticas")
    assert (code, f"1 written into {outbox}; send them from there, nobody else does." in out) == (0, True)
    (file,) = Path(outbox).iterdir()
    assert file.name.endswith("Z-noticas.eml")
    written = message_from_bytes(file.read_bytes(), policy=default)
    assert (written["To"], written["X-Unsent"]) == ("noticas@example.org", "1")
    assert [part.get_filename() for part in written.iter_attachments()] == ["n - findings.xlsx"]
    assert "1 message is due" in a4p(config, "alerts", "--cycle", "5")[1]
    assert a4p(config, "alerts", "--cycle", "5", "--send")[0] == 0
    assert a4p(config, "alerts", "--cycle", "5")[1] == "Cycle 5: no source has to be told anything.\n"
    assert len(list(Path(outbox).iterdir())) == 2

    # rot is told before somebody sends it
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"Dear colleagues", b"Dead colleagues"))
    says = f"The draft {file} is damaged, so do not send it; bring it back from a backup of the private store"
    for more in ((), ("--send",)):
        code, _, err = a4p(config, "alerts", "--cycle", "5", *more)
        assert (code, err) == (3, f"{says}, or remove it where it was sent before.\n")
    code, out, _ = a4p(config, "verify", "--cycle", "5")
    assert (code, says in out) == (1, True)
    file.write_bytes(whole)
    assert a4p(config, "alerts", "--cycle", "5", "--send")[0] == 0


def test_wrong_use(rooms, configured, a4p) -> None:
    config = configured(None)
    code, _, err = a4p(config, "alerts", "--cycle", "5")
    assert (code, err) == (2, "Cycle 5 has not been refreshed yet; do so with: a4p refresh --cycle 5\n")
    code, _, err = a4p(config, "alerts", "--cycle", "5", "--source", "nobody")
    assert (code, err.startswith("There is no source 'nobody'; the sources are ")) == (2, True)


def test_what_was_told_is_kept_in_the_private_store_and_names_no_finding(one_source, box, configured) -> None:
    config = configured(box)
    send(CYCLE, one_source.private, config, MAY, KNOWN).check()
    told = json.loads(one_source.private.read("alerts/cycle-05/told.json"))
    assert [name for name in told if name != "a4p_checksum"] == ["noticas"]
    assert not [
        entry for entry in one_source.places.public.entries() if "alert" in entry.path or "ledger" in entry.path
    ]


# Readers of releases


def test_readers_are_told_once_of_a_release_of_what_it_restates_and_of_a_withdrawal(
    one_source: Rooms, box: Mailbox, configured: Callable[..., Config], a4p: Callable[..., Any]
) -> None:
    config = configured(box, "on_release: [one@example.org, two@example.org]\n")

    def to_readers() -> list[Received]:
        code, _, err = a4p(config, "alerts", "--cycle", "5", "--send", A4P_PUBLIC_URL="https://figures.example.org/a4p")
        assert (code, err) == (0, "")
        return [one for one in box.take() if one.to[0] in {"one@example.org", "two@example.org"}]

    first = to_readers()
    assert [one.to for one in first] == [("one@example.org",), ("two@example.org",)]
    assert [str(one.mail["Subject"]) for one in first] == ["A4P+ cycle 5: release r001 is out"] * 2
    place = "https://figures.example.org/a4p/releases/cycle-05/r001/report.html"
    assert f"It is provisional; its page says what is missing.\n\nYou find it here: {place}" in first[0].plain
    assert to_readers() == []

    one_source.put("noticas/n.csv", GOOD, datetime(2024, 5, 21, tzinfo=UTC))
    refreshed(one_source, config)
    second = to_readers()
    assert [str(one.mail["Subject"]) for one in second] == ["A4P+ cycle 5: release r002 is out"] * 2
    title = CONFIG.figures["fatalities_total"].title.en
    assert "These figures are not as in r001:" in second[0].plain
    assert title in second[0].plain
    # nothing of files, rows or whoever sent them
    assert not [word for word in ("n.csv", "noticas", "ATLANTIS", "Typo", "UNIFIL-2024") if word in second[0].plain]
    assert to_readers() == []

    code, _, _ = a4p(config, "rollback", "--cycle", "5", "--to", "r001", "--reason", "the wrong file")
    assert code == 0
    third = to_readers()
    assert [str(one.mail["Subject"]) for one in third] == ["A4P+ cycle 5: release r002 is withdrawn"] * 2
    said = "The release r002 of the A4P+ figures of cycle 5 was withdrawn: the wrong file. Please use r001 instead."
    assert said in third[0].plain
    assert "These figures are not as in r002:" in third[0].plain
    assert to_readers() == []


def test_a_reader_whom_the_server_refuses_is_tried_again_and_the_others_are_told_once(
    one_source: Rooms, box: Mailbox, configured: Callable[..., Config], a4p: Callable[..., Any]
) -> None:
    config = configured(box, "on_release: [gone@example.org, two@example.org]\n")
    box.refuses = {"gone@example.org"}
    code, _, err = a4p(config, "alerts", "--cycle", "5", "--send")
    assert (code, "takes no mail for gone@example.org" in err) == (3, True)
    assert ("two@example.org",) in [one.to for one in box.take()]
    box.refuses = set()
    assert a4p(config, "alerts", "--cycle", "5", "--send")[0] == 0
    assert [one.to for one in box.take()] == [("gone@example.org",)]


def test_without_a_mail_server_readers_are_written_to_in_the_outbox(
    one_source: Rooms, configured: Callable[..., Config], a4p: Callable[..., Any]
) -> None:
    config = configured(None, "on_release: [one@example.org]\n")
    due = a4p(config, "alerts", "--cycle", "5")[1]
    assert "readers of releases\n  to        one@example.org" in due
    assert "1 message is out to readers" in a4p(config, "alerts", "--cycle", "5", "--send")[1]
    written = [one.path for one in one_source.private.entries("alerts/cycle-05/outbox") if "reader" in one.path]
    assert len(written) == 1
    assert b"To: one@example.org" in one_source.private.read(written[0])
    assert "readers" not in a4p(config, "alerts", "--cycle", "5", "--send")[1]
