"""Two cycles of the sample with faults, refreshed, mended, refreshed: the scorecard, and what the sources are told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import sample
from flows import Pipeline, Stores
from tests.support.files import CONFIG
from tests.support.sharing import a4p
from tests.support.without_documents import without_documents

pytestmark = pytest.mark.slow

SOURCES = ("noticas", "mission_report/MINUSCA", "mission_report/UNIFIL")
SETTINGS = {"A4P_INBOX_URI": "inbox", "A4P_PRIVATE_URI": "private", "A4P_PUBLIC_URI": "public"}
NBSP = "\u00a0"


def put(files: Path, inbox: Path, cycle: int, late: int) -> None:
    """Put the files of a cycle into the inbox, so many days after they were due, over those that are there."""
    period = CONFIG.cycle(cycle)
    for source in SOURCES:
        due = CONFIG.contract(source.split("/")[0]).due(period)
        at = (datetime(due.year, due.month, due.day, tzinfo=UTC) + timedelta(days=late)).timestamp()
        to = inbox / period.folder / source
        to.mkdir(parents=True, exist_ok=True)
        for file in (files / period.folder / source).iterdir():
            shutil.copyfile(file, to / file.name)
            os.utime(to / file.name, (at, at))


@pytest.fixture(scope="module")
def folder(sample_inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two cycles were refreshed with faults, and once more when these were mended."""
    here = tmp_path_factory.mktemp("two cycles")
    faulty = shutil.copytree(sample_inbox, here / "faulty")
    with without_documents():
        for cycle in (4, 5):
            sample.plant(faulty, cycle)
            put(faulty, here / "inbox", cycle, late=0 if cycle == 4 else 3)
            assert a4p(here, "refresh", "--cycle", str(cycle), **SETTINGS)[0] == 0
            put(sample_inbox, here / "inbox", cycle, late=7)
            assert a4p(here, "refresh", "--cycle", str(cycle), **SETTINGS)[0] == 0
    return here


@pytest.fixture(scope="module")
def card(folder: Path) -> pl.DataFrame:
    names = ("inbox", "private", "public")
    return Pipeline(stores=Stores(*(str(folder / name) for name in names))).scorecard().cycles


def test_the_scorecard_tells_what_was_done(card: pl.DataFrame) -> None:
    sent = card.filter(pl.col("files") > 0)
    columns = ("source", "mission", "cycle", "days_late", "accepted_at_first", "times_sent", "to_mend", "trend")
    assert sent.select(columns).rows() == [
        ("mission_report", "MINUSCA", 4, 0, True, 1, 0, None),
        ("mission_report", "MINUSCA", 5, 3, False, 2, 0, "worse"),
        ("mission_report", "UNIFIL", 4, 0, False, 2, 0, None),
        ("mission_report", "UNIFIL", 5, 3, True, 1, 0, "some better, some worse"),
        ("noticas", None, 4, 0, False, 2, 0, None),
        ("noticas", None, 5, 3, False, 2, 0, "worse"),
    ]
    noticas = sent.filter(source="noticas").select("findings", "mended", "days_to_mend").rows()
    assert [row[0] == row[1] > 5 for row in noticas] == [True, True]
    assert [row[2] for row in noticas] == [7.0, 4.0]
    assert set(card.filter(pl.col("files") == 0)["status"]) == {"overdue"}


def test_the_command_says_the_same_and_writes_it_as_a_workbook(folder: Path, card: pl.DataFrame) -> None:
    code, out, err = a4p(folder, "scorecard", "--source", "noticas", **SETTINGS)
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[1].startswith("Notifications of casualties 4 in time no 2 times ")
    assert "Over the cycles, oldest first:" in lines
    assert any(line.startswith("Notifications of casualties 4, 5 1 of 2 0 of 2 ") for line in lines)
    code, out, _ = a4p(folder, "scorecard", "--cycle", "5", "--out", "card.xlsx", **SETTINGS)
    assert (code, out.startswith("Wrote the scorecard into card.xlsx")) == (0, True)
    book = openpyxl.load_workbook(folder / "card.xlsx")
    assert book["By cycle"].max_row - 1 == card.filter(cycle=5).height


@pytest.fixture(scope="module")
def invitation(folder: Path) -> Callable[[str], str]:
    """The text of a slot's invitation to the next cycle."""
    code, _, err = a4p(folder, "open", "--cycle", "6", **SETTINGS)
    assert code == 0, err

    def text(slot: str) -> str:
        mail = message_from_bytes((folder / f"cycle-06/invitations/{slot}.eml").read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    return text


def test_each_source_is_told_its_own_with_the_invitation(invitation: Callable[[str], str], card: pl.DataFrame) -> None:
    number = card.filter(source="noticas", cycle=5)["findings"].item()
    told = (
        "In the last cycle (5):\n"
        "  - Your file came 3 days late; it was due on 7 September 2024.\n"
        f"  - {number} points to mend, as in the cycle before: “"
    )
    assert told in invitation("noticas")
    assert "; …\n  - All of it was mended within 4 days.\n\nThe template to fill in is attached." in invitation(
        "noticas"
    )
    assert (
        f"Lors du cycle précédent (5){NBSP}:\n"
        f"  - Votre fichier est arrivé avec 3 jours de retard{NBSP}; il était attendu pour le 14 juin 2024.\n"
        f"  - 1 point à corriger{NBSP}: Le fichier n'est pas celui du cycle 5.\n"
        "  - Tout a été corrigé en 4 jours.\n"
    ) in invitation("mission_report-MINUSCA")
    assert invitation("mission_report-UNIFIL").count("\n  - ") == 1
    assert "In the last cycle (5):\n  - No file of yours came.\n" in invitation("hospitals")
