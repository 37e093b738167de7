"""Questions in a whole refresh: the history that they come from, what the private store has of them, what a release."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from config import load
from expectations.questions import QUESTIONS, is_question
from flows.intake.books import earlier, ledger
from flows.refresh.story import refresh
from flows.releases import editions, shelf
from flows.releases.make import lineage
from flows.stores import frames
from tests.support.sharing import places_in, sources, with_results

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE, BEFORE = CONFIG.cycle(5), CONFIG.cycle(4)
# what the 5th report itself had wrong
OF_THE_REPORT = {
    ("service_interruptions", "number_is_no_tenfold_of_earlier_ones"),
    ("tpp_summary", "numbers_are_not_those_of_the_last_cycle"),
}


def asked_of(folder: Path) -> pl.DataFrame:
    last = ledger.last_refresh(places_in(folder).private, CYCLE)
    assert last
    return last.findings.filter(is_question())


def test_a_cycle_is_held_against_the_one_before_that_was_only_gathered(released: Path) -> None:
    places = places_in(released)
    questions = asked_of(released)
    assert set(questions.select("table", "rule").iter_rows()) == OF_THE_REPORT
    (days,) = questions.filter(table="service_interruptions").iter_rows(named=True)
    assert (days["mission"], days["column"], days["value"], days["earlier"]) == ("UNMISS", "days", 247.0, 21.0)
    assert days["message"] == "“Days” is 247, and was 21 in cycle 4: is there a zero too many, or one missing?"
    # cycle 4 was never refreshed; what it had is named by the release that was held against it
    assert earlier.noted(BEFORE, places.private) == {}
    history = lineage.read(shelf.get(places.public, CYCLE, "r001").descriptor, places.private)["history"]
    assert {number for numbers in history.values() for number, _ in numbers} == {4}
    noted = earlier.noted(CYCLE, places.private)
    assert frames.scan(places.private, noted["explosive_ordnance"]).collect().height > 20


def test_a_release_tells_no_number_of_a_question(released: Path) -> None:
    places = places_in(released)
    public, release = places.public, shelf.get(places.public, CYCLE, "r001")
    told = editions.read_table(release, "findings", public, places.internal)
    assert not {"value", "earlier"} & set(told.columns)
    questions = told.filter(pl.col("rule").is_in(list(QUESTIONS)))
    assert questions.height == asked_of(released).height
    assert not any(sign.isdigit() for text in questions["message"] for sign in text)
    assert not any(sign.isdigit() for text in questions["message_fr"] for sign in text)
    page = places.internal.read(f"{release.path}/report.html").decode()
    assert "is about ten times the earlier numbers, or a tenth of them; its source is asked" in page
    assert "and was 21 in cycle 4" not in page


@pytest.fixture(scope="module")
def tenfold(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A refresh of the sample in which a mission wrote a zero too many."""
    folder = tmp_path_factory.mktemp("tenfold")
    with_results(released, folder / "store/private")
    sources(released / "inbox", folder / "inbox", cycle=5)
    sources(released / "inbox", folder / "inbox", cycle=4)
    (file,) = (folder / "inbox/cycle-05/mission_report/UNMISS").glob("*.xlsx")
    book = openpyxl.load_workbook(file)
    sheet = book["Conduct trainings"]
    header = next(number for number, row in enumerate(sheet.values, 1) if "Participants" in row)
    cell = sheet.cell(header + 1, 4)
    cell.value = cell.value * 10
    book.save(file)
    assert refresh(CYCLE, places_in(folder), CONFIG).new
    return folder


def test_a_zero_too_many_is_asked_about_and_its_row_counts(tenfold: Path) -> None:
    (question,) = asked_of(tenfold).filter(table="conduct_training").iter_rows(named=True)
    # more than ten times: the mission had trained more people, too
    assert question["rule"] == "number_is_near_earlier_ones"
    assert (question["mission"], question["column"]) == ("UNMISS", "participants")
    assert question["value"] > 5 * question["earlier"]
    last = ledger.last_refresh(places_in(tenfold).private, CYCLE)
    assert last
    (rows,) = last.submissions.filter(table="conduct_training", mission="UNMISS")["rows_staged"]
    assert rows == 4


def test_worked_out_anew_it_is_the_same_release(tenfold: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tenfold, tmp_path / "copy")
    again = refresh(CYCLE, replace(places_in(folder), anew=True), CONFIG)
    assert (again.new, again.release and again.release.name) == (False, "r001")
    assert asked_of(folder).equals(asked_of(tenfold))
