"""How a slot stands: each state by itself, and the same said wherever it is said."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from expectations.columns import SCHEMA as FINDING
from flows.core.quality_tables import SUBMISSIONS
from flows.core.records import (
    FileRead,
    GatedTable,
    Gathered,
    JudgedFiles,
    Published,
    ReadSubmission,
    Submission,
    TableRead,
)
from flows.core.standing import Standing, days_late, standings
from flows.documents import workbook
from flows.documents.page import render
from flows.feedback.alerts.letter import letter
from flows.feedback.alerts.notice import notices
from flows.intake.books import ledger
from flows.intake.books.board import board
from flows.intake.books.completeness import missing
from flows.intake.receive import pulled
from flows.orchestration import artifacts
from tests.support.files import CONFIG, CYCLE, Rooms
from tests.support.report_page import row_of

CONTRACT = CONFIG.contract("military_unit_evaluations")
FIRST, SECOND = list(CONTRACT.tables)[:2]
ALONE = replace(CONFIG, contracts={CONTRACT.source: CONTRACT})
DUE = CONTRACT.due(CYCLE)
IN_TIME, TOO_LATE, TODAY = DUE - timedelta(days=3), DUE + timedelta(days=2), DUE + timedelta(days=5)


Verdicts = dict[str | None, str]


def came(
    on: date, status: str | Verdicts, name: str = "a.xlsx", held: int = 0, repeated: int = 0
) -> list[dict[str, object]]:
    """Return a file's rows of a release's submissions: what became of each table, or of the whole file."""
    both = {FIRST: "accepted", SECOND: "accepted"}
    of_tables = status if isinstance(status, dict) else both if status == "accepted" else {None: status}
    path = f"{CYCLE.folder}/{CONTRACT.source}/{name}"
    received = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    known = {"source": CONTRACT.source, "file": path, "sha256": name[0] * 64, "received_at": received}
    counts = {"rows_read": 3, "rows_staged": 3 - held, "rows_quarantined": held, "rows_repeated": repeated}
    return [{**known, **counts, "table": table, "status": verdict} for table, verdict in of_tables.items()]


def submissions(*files: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame([row for rows in files for row in rows], schema=SUBMISSIONS)


def stands(sent: pl.DataFrame, today: date | None = TODAY) -> Standing:
    (standing,) = standings(sent, ALONE, CYCLE, today)
    return standing


@dataclass(frozen=True)
class Case:
    """What was sent, and what everybody says of it."""

    sent: pl.DataFrame
    words: str
    received_on: date | None
    days_late: int = 0
    mail: str = "Due on"
    missing: str = ""
    in_use: str | None = None


BROKEN = "nothing that was sent could be used"
CASES = {
    "in time": Case(submissions(came(IN_TIME, "accepted")), "accepted", IN_TIME),
    "in time and corrected later": Case(
        submissions(came(IN_TIME, "superseded"), came(TOO_LATE, "accepted", "b.xlsx")), "accepted", IN_TIME
    ),
    "correction refused, so that the file before it is in use": Case(
        submissions(came(IN_TIME, "accepted"), came(TOO_LATE, "refused", "b.xlsx")),
        "accepted in part",
        IN_TIME,
        in_use="a.xlsx stays in use",
    ),
    "rows refused": Case(
        submissions(came(IN_TIME, "accepted", held=1)), "accepted in part", IN_TIME, in_use="4 of 6 rows in use"
    ),
    "rows refused, and late": Case(
        submissions(came(TOO_LATE, "accepted", held=1)),
        "accepted in part, late",
        TOO_LATE,
        2,
        "It was due on",
        in_use="4 of 6 rows in use",
    ),
    "rows that a later part has": Case(submissions(came(IN_TIME, "accepted", held=1, repeated=1)), "accepted", IN_TIME),
    "late": Case(submissions(came(TOO_LATE, "accepted")), "accepted, late", TOO_LATE, 2, "It was due on"),
    "on the due day": Case(submissions(came(DUE, "accepted")), "accepted", DUE),
    "overdue": Case(
        submissions(), "overdue", None, 5, "Nothing has been received yet. It was due on", "nothing has been received"
    ),
    "refused after the due day": Case(
        submissions(came(TOO_LATE, "refused")), "refused, late", TOO_LATE, 2, "It was due on", BROKEN
    ),
    "corrected, and still refused": Case(
        submissions(came(IN_TIME, "refused"), came(TOO_LATE, "refused", "b.xlsx")), "refused", IN_TIME, missing=BROKEN
    ),
    "in part": Case(
        submissions(came(IN_TIME, {FIRST: "accepted", SECOND: "refused"})),
        "accepted in part",
        IN_TIME,
        missing=f"nothing of {CONTRACT.table_title(SECOND)} could be used",
        in_use="1 table refused",
    ),
    "withdrawn": Case(
        submissions(came(IN_TIME, "withdrawn")),
        "overdue, file withdrawn",
        None,
        5,
        "Nothing has been received yet. It was due on",
        "nothing has been received",
    ),
    "correction withdrawn": Case(
        submissions(came(IN_TIME, "accepted"), came(TOO_LATE, "withdrawn", "b.xlsx")),
        "accepted, newer file withdrawn",
        IN_TIME,
    ),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))


@every_case
def test_state_and_lateness_of_a_slot(case: Case) -> None:
    standing = stands(case.sent)
    assert (standing.words, standing.received_on, standing.days_late) == (case.words, case.received_on, case.days_late)
    assert standing.late == (case.days_late > 0)
    assert standing.in_use == case.in_use
    assert standing.to_see_to == (standing.state in ("overdue", "refused", "accepted in part"))


def test_nothing_is_overdue_before_its_time_nor_where_nobody_looks() -> None:
    assert [stands(submissions(), day).state for day in (None, IN_TIME, DUE)] == ["awaited"] * 3
    assert stands(submissions(), DUE + timedelta(days=1)).days_late == 1
    optional = replace(ALONE, contracts={CONTRACT.source: CONTRACT.model_copy(update={"required": False})})
    (standing,) = standings(submissions(), optional, CYCLE, TODAY)
    assert (standing.state, standing.late, standing.to_see_to) == ("not sent", False, False)


def test_a_file_that_nobody_judged_yet_is_received() -> None:
    assert stands(submissions(came(IN_TIME, "received"))).words == "received"
    newer = submissions(came(IN_TIME, "accepted"), came(TOO_LATE, "received", "b.xlsx"))
    assert (stands(newer).words, stands(newer).newest) == ("received", newer.row(-1, named=True))


def test_a_table_is_accepted_where_any_file_of_its_slot_has_it() -> None:
    in_part = stands(submissions(came(IN_TIME, {FIRST: "accepted", SECOND: "refused"})))
    assert (in_part.of_table(FIRST), in_part.of_table(SECOND)) == ("accepted", "refused")
    # the last accepted file stays in use where a later one is refused
    kept = stands(submissions(came(IN_TIME, "accepted"), came(TOO_LATE, "refused", "b.xlsx")))
    assert (kept.words, kept.of_table(FIRST)) == ("accepted in part", "accepted")
    assert stands(submissions(came(IN_TIME, {FIRST: "accepted"}))).of_table(SECOND) is None


def test_slots_of_missions_and_of_files_in_no_missions_folder() -> None:
    config = replace(CONFIG, contracts={"mission_report": CONFIG.contract("mission_report")})
    row = came(IN_TIME, {"sofa_soma": "accepted"})[0] | {"source": "mission_report"}
    sent = submissions([row | {"mission": "UNMISS"}, row | {"mission": None, "file": "astray.xlsx"}])
    states = {slot.name: slot.state for slot in standings(sent, config, CYCLE)}
    assert list(states) == [*(f"mission_report/{mission}" for mission in CONFIG.reporting_missions), "mission_report"]
    assert {slot for slot, state in states.items() if state == "accepted"} == {
        "mission_report/UNMISS",
        "mission_report",
    }
    assert set(states.values()) == {"accepted", "awaited"}


def test_days_late_are_counted_from_the_due_day() -> None:
    assert [days_late(DUE + timedelta(days=days), DUE) for days in (-1, 0, 1, 30)] == [0, 0, 1, 30]


@every_case
def test_everybody_says_the_same_of_a_slot(case: Case, tmp_path: Path) -> None:
    title, refused = CONTRACT.title.en, case.words.startswith("refused")
    # a4p status
    row = on_the_board(case.sent, tmp_path)
    assert (row["status"], row["in_use"], row["received_on"]) == (case.words, case.in_use, case.received_on)
    # Prefect's page
    published = Published(None, False, "provisional", (), case.sent, pl.DataFrame(schema=FINDING))
    (line,) = [row for row in artifacts.sources(published, CYCLE, ALONE, TODAY).splitlines() if title in row]
    status, received = (cell.strip() for cell in line.split("|")[2:4])
    words = ", ".join(filter(None, (case.words, case.in_use)))
    assert (status.replace("*", ""), received) == (words, str(case.received_on or ""))
    # the page of the release, which does not know what day it is
    tables = {"submissions": case.sent, "findings": pl.DataFrame(schema=FINDING)}
    sentences = missing(gathered(case.sent), case.sent, ALONE, CYCLE)
    html = render(ALONE, CYCLE, "provisional", sentences, tables)
    if case.sent.height:
        shown = row_of(html[html.index('id="mending-by-source"') :], title)
        assert (f"{case.days_late} days late" in shown) == (case.days_late > 0 and case.received_on is not None)
        assert ("not received" in shown) == (case.received_on is None)
        assert case.received_on is None or f"{case.received_on.day} {case.received_on:%B %Y}" in shown
        assert ("file withdrawn" in shown) == ("withdrawn" in case.words)
        assert case.in_use is None or f"accepted in part, {case.in_use}" in shown
    # the message to the source
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    (notice,) = notices(ledger.empty(), case.sent, {}, ALONE, CYCLE, now)
    mail = letter(notice, ALONE, CYCLE, None).plain
    assert re.search(rf"^{case.mail} {DUE.day} {DUE:%B %Y}", mail, re.MULTILINE), mail
    assert ("came after that day" in mail) == ("late" in case.words)
    assert (": refused" in mail) == ("refused" in set(case.sent["status"]) and not in_part_of_a_file(case.sent))
    # the workbook, and what keeps the release from being final
    assert [case.missing in sentence for sentence in sentences] == ([True] if case.missing else [])
    texts = texts_of(workbook.render(ALONE, CYCLE, "provisional", sentences, tables))
    assert all(sentence in texts for sentence in sentences)
    assert all(verdict in texts for verdict in set(case.sent["status"]))
    assert refused == (case.missing == BROKEN)


def in_part_of_a_file(sent: pl.DataFrame) -> bool:
    """Tell whether only some tables of a file are refused: the message then names them."""
    return bool(sent.filter(pl.col("status") == "refused")["table"].drop_nulls().len())


def on_the_board(sent: pl.DataFrame, folder: Path) -> dict[str, object]:
    """Return the slot's row of `a4p status`, with the files in an inbox."""
    rooms = Rooms(folder)
    files = [
        Submission(CONTRACT.source, None, row["file"], row["sha256"], 1, row["received_at"], "")
        for row in sent.unique("file", maintain_order=True).iter_rows(named=True)
    ]
    for sent_file in files:
        rooms.put(sent_file.file.removeprefix(f"{CYCLE.folder}/"), b"x", sent_file.received_at)
    pulled.note(pulled.Left(CONTRACT.source), files, CYCLE, rooms.private)
    gone = set(sent.filter(pl.col("status") == "withdrawn")["file"])
    out = {sent_file.known for sent_file in files if sent_file.file in gone}
    (row,) = board(CYCLE, ALONE, rooms.places.inbox, rooms.private, sent, out, TODAY).iter_rows(named=True)
    return row


def gathered(sent: pl.DataFrame) -> Gathered:
    """Return what a refresh would have gathered that books these submissions."""
    in_use = sent.filter(pl.col("status") == "accepted")
    reads = [
        ReadSubmission(
            Submission(CONTRACT.source, None, file, "", 1, received, ""),
            FileRead(tables={table: TableRead(rows=3)}),
            {table: ""},
        )
        for file, received, table in in_use.select("file", "received_at", "table").iter_rows()
    ]
    rows = dict.fromkeys(in_use["file"], (3, 3, 0))
    tables = [GatedTable(CONTRACT.source, table, "", "", "", None, rows) for table in CONTRACT.tables]
    return Gathered({}, reads, JudgedFiles(frozenset(), frozenset(), ""), tables, TODAY)


def texts_of(xlsx: bytes) -> str:
    """Return the texts that stand in a workbook's cells."""
    with zipfile.ZipFile(io.BytesIO(xlsx)) as package:
        return package.read("xl/sharedStrings.xml").decode()
