"""What the scorecard says on the command line and as a workbook, of cycles by hand."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from rich.table import Table

from flows.cli import score_texts
from flows.core import terminal
from flows.core.score_tables import CYCLES, KINDS, TREND, schema
from flows.documents import scorecard
from tests.support.files import CONFIG
from tests.support.sharing import a4p

SLOT = {"source": "noticas", "title": "Notifications of casualties", "mission": None}
COUNTS = dict.fromkeys(("findings", "critical", "warnings", "mended", "to_mend", "let_stand"), 0)
ASKED = dict.fromkeys(("questions", "answered", "corrected", "taken", "unanswered"), 0)
IN_TIME = {"received_on": date(2024, 6, 1), "days_late": 0, "status": "accepted", "accepted_at_first": True}
GOOD = {**SLOT, **COUNTS, **ASKED, **IN_TIME, "cycle": 4, "due": date(2024, 6, 14), "files": 1, "times_sent": 1}
BAD = {
    **GOOD,
    "cycle": 5,
    "days_late": 1,
    "status": "accepted, late",
    "accepted_at_first": False,
    "files": 3,
    "times_sent": 2,
    "findings": 3,
    "critical": 2,
    "warnings": 1,
    "mended": 2,
    "to_mend": 1,
    "let_stand": 4,
    "days_to_mend": 2.5,
    "questions": 3,
    "answered": 1,
    "corrected": 0,
    "taken": 1,
    "unanswered": 1,
    "most_frequent": "“Cause” is blank (2); =Once (1)",
    "trend": "worse",
}
OVER_ALL = {
    **SLOT,
    "cycles": "4, 5",
    "expected": 2,
    "in_time": 1,
    "accepted_at_first": 1,
    "findings": "0, 3",
    "days_to_mend": "–, 2.5",
    "each_time": "“Cause” is blank",
    "trend": "worse",
}


def cycles(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=schema(CYCLES))


Cells = Callable[..., list[list[dict[str, str | None]]]]
TRENDS = pl.DataFrame([OVER_ALL], schema=schema(TREND))


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> Cells:
    """The cells of each table that is shown of such rows, by their headings."""
    tables: list[list[dict[str, str | None]]] = []
    real = terminal.table

    def noted(headings: Sequence[str], rows: Iterable[Sequence[str | None]], **more: Any) -> Table:
        every = [list(row) for row in rows]
        tables.append([{name: cell for name, cell in zip(headings, row, strict=True) if cell} for row in every])
        return real(headings, every, **more)

    def shown(*rows: dict[str, Any]) -> list[list[dict[str, str | None]]]:
        score_texts.of_scorecard(cycles(*rows), TRENDS, "table")
        return tables

    monkeypatch.setattr(terminal, "table", noted)
    return shown


def test_a_line_says_how_a_source_has_done_in_each_cycle_and_then_how_it_goes(cells: Cells) -> None:
    by_cycle, over_all = cells(GOOD, BAD)
    assert by_cycle == [
        {
            "Source": "Notifications of casualties",
            "Cycle": "4",
            "Came": "in time",
            "First file accepted": "yes",
            "Sent": "1 time",
        },
        {
            "Source": "Notifications of casualties",
            "Cycle": "5",
            "Came": "1 day late",
            "First file accepted": "no",
            "Sent": "2 times",
            "Findings": "2 critical, 1 to look at, 1 still to mend, 4 let stand",
            "Most frequent": "“Cause” is blank (2)",
            "Days to mend": "2.5",
            "Questions": "3: 1 answered, 1 taken as it is, 1 open",
            "Trend": "worse",
        },
    ]
    assert over_all == [
        {
            "Source": "Notifications of casualties",
            "Cycles": "4, 5",
            "In time": "1 of 2",
            "First file accepted": "1 of 2",
            "Findings": "0, 3",
            "Days to mend": "–, 2.5",
            "Each time": "“Cause” is blank",
            "Trend": "worse",
        }
    ]


def test_of_one_cycle_nothing_is_said_of_others(cells: Cells) -> None:
    assert len(cells(GOOD)) == 1


def test_what_did_not_come_says_so_and_nothing_else(cells: Cells) -> None:
    absent = {**GOOD, "received_on": None, "days_late": None, "status": "overdue", "accepted_at_first": None}
    refused = {**GOOD, "accepted_at_first": False, "files": 2, "times_sent": None}
    (rows,) = cells({**absent, "files": 0, "times_sent": None}, refused)
    assert rows[0] == {"Source": "Notifications of casualties", "Cycle": "4", "Came": "overdue"}
    assert (rows[1]["First file accepted"], rows[1]["Sent"]) == ("no", "2 files, not accepted whole")


def test_as_data_it_has_every_column_and_no_formula() -> None:
    frame = cycles(GOOD, {**BAD, "most_frequent": "=Once (1)"})
    csv = score_texts.of_scorecard(frame, TRENDS, "csv")
    assert csv.splitlines()[0] == ",".join(CYCLES)
    assert "'=Once (1)" in csv
    rows = json.loads(score_texts.of_scorecard(frame, TRENDS, "json"))
    assert [(row["cycle"], row["accepted_at_first"]) for row in rows] == [(4, True), (5, False)]


KIND = {**SLOT, "cycle": 5, "rule": "cause_is_given", "severity": "critical", "what": "=Blank", "what_fr": "Vide"}
KINDS_FOUND = pl.DataFrame([{**KIND, "findings": 2, "again": True}], schema=schema(KINDS))


def test_the_workbook_has_a_sheet_for_each_table() -> None:
    data = scorecard.render(TRENDS, cycles(GOOD, BAD), KINDS_FOUND, CONFIG.cycle(5))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Over the cycles", "By cycle", "Findings by kind"]
    each = book["By cycle"]
    headers = [str(cell.value) for cell in each[1]]
    assert headers == [name.replace("_", " ").capitalize() for name in CYCLES]
    assert [cell.comment.text for cell in each[1]] == [entry.description for entry in CYCLES.values()]
    row = dict(zip(headers, [cell.value for cell in each[3]], strict=True))
    assert (row["Cycle"], row["Days late"], row["Days to mend"], row["Accepted at first"]) == (5, 1, 2.5, False)
    assert row["Due"].date() == date(2024, 6, 14)
    # a text that begins like a formula is none
    cell = book["Findings by kind"]["G2"]
    assert (cell.value, cell.data_type) == ("=Blank", "s")
    assert scorecard.render(TRENDS, cycles(GOOD, BAD), KINDS_FOUND, CONFIG.cycle(5)) == data


def test_the_command_says_what_is_wrong_in_one_sentence(tmp_path: Path) -> None:
    code, out, _ = a4p(tmp_path, "scorecard")
    assert (code, out) == (0, "Nothing is known of that yet; refresh a cycle with: a4p refresh --cycle N\n")
    for arguments, said in (
        (("--cycle", "5"), "Cycle 5 has not been refreshed yet"),
        (("--source", "nothing"), "There is no source 'nothing'"),
        (("--mission", "atlantis"), "There is no mission 'atlantis'"),
        (("--out", "card.xlsx"), "There is nothing to write"),
    ):
        code, _, err = a4p(tmp_path, "scorecard", *arguments)
        assert (code, said in err) == (2, True), err


@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_empty_scorecard_is_data_too(tmp_path: Path, form: str) -> None:
    code, out, _ = a4p(tmp_path, "scorecard", "--format", form)
    assert (code, out.split("\n")[0]) == (0, ",".join(CYCLES) if form == "csv" else "[]")
