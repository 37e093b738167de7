"""Data up to a day: none before the cycle begins, and a label wherever a release is seen where the cycle goes on."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from config import ConfigError, load
from flows.core.counted_up_to import before_the_end, check_day, labelled
from flows.core.records import Published, Release
from flows.orchestration import artifacts
from flows.releases import editions
from flows.releases import shelf as releasing
from tests.support.sharing import a4p, lent, places_in, sources, with_results

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE = CONFIG.cycle(5)
LABEL = "data up to 30 January 2024"
SENTENCE = "The data only go up to 30 January 2024; the cycle ends on 30 April 2024."


@pytest.fixture(scope="module")
def cut(shared: Path, released: Path) -> Iterator[Path]:
    """The sample's release of data up to a day of the cycle, and what the refresh said."""

    def make(folder: Path) -> None:
        shutil.copytree(released / "inbox", folder / "inbox")
        with_results(released, folder / "store/private")
        code, out, err = a4p(folder, "refresh", "--cycle", "5", "--as-of", "2024-01-30")
        assert code == 0, err
        (folder / "out.txt").write_text(out)

    yield from lent(shared / "cut", make)


def latest(folder: Path) -> Release:
    found = releasing.latest(places_in(folder).public, CYCLE)
    assert found
    return found


def read(folder: Path, name: str) -> bytes:
    return releasing.read_file(places_in(folder).public, latest(folder), name)


def test_a_day_before_the_cycle_is_wrong_use_and_nothing_is_pulled(sample_inbox: Path, tmp_path: Path) -> None:
    sources(sample_inbox, tmp_path / "inbox", "noticas")
    code, out, err = a4p(tmp_path, "refresh", "--cycle", "5", "--as-of", "2023-10-31")
    assert (code, out) == (2, "")
    assert "Cycle 5 goes from 1 November 2023 to 30 April 2024" in err
    assert "31 October 2023" in err
    assert "Traceback" not in err
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def test_only_days_before_the_cycle_are_refused_and_only_those_before_its_end_labelled() -> None:
    with pytest.raises(ConfigError, match="30 April 2004"):
        check_day(CYCLE, date(2004, 4, 30))
    for day in (None, CYCLE.start, CYCLE.end, date(2099, 1, 1)):
        check_day(CYCLE, day)
    assert before_the_end(CYCLE, CYCLE.start) == CYCLE.start
    assert [before_the_end(CYCLE, day) for day in (None, CYCLE.end, date(2024, 9, 3))] == [None, None, None]
    assert labelled("final", None) == "final"


def test_a_release_of_data_up_to_a_day_is_provisional_and_says_so_on_the_terminal(cut: Path) -> None:
    said = (cut / "out.txt").read_text()
    assert f"Published release r001 (provisional, {LABEL}): " in said
    assert f"Missing:\n  - {SENTENCE}\n" in said
    # nothing else is missing
    assert said.count("\n  - ") == 1
    assert f"provisional, {LABEL}" in " ".join(a4p(cut, "releases")[1].split())


def test_its_descriptor_says_so(cut: Path) -> None:
    said = latest(cut).descriptor["a4p"]
    assert (said["status"], said["counted_up_to"], said["missing"]) == ("provisional", "2024-01-30", [SENTENCE])
    assert json.loads(read(cut, "dataset.jsonld"))["temporalCoverage"].endswith("/2024-01-30")


def test_its_page_says_so_beside_the_status(cut: Path) -> None:
    page = read(cut, "report.html").decode()
    assert f'<p class="badge provisional">Provisional · {LABEL}</p>' in page
    assert f"<li>{SENTENCE}</li>" in page


def test_its_workbook_says_so_at_the_top(cut: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(read(cut, "a4p-cycle-05.xlsx")))
    said = [row[0].value for row in book["Contents"].iter_rows(max_row=8)]
    assert "Data up to 30 January 2024. Provisional: figures may change. What is missing:" in said
    assert f"•  {SENTENCE}" in said


def test_it_says_so_in_prefects_ui(cut: Path) -> None:
    release = latest(cut)
    places = places_in(cut)
    empty, submissions = (
        editions.read_table(release, name, places.public, places.internal) for name in ("findings", "submissions")
    )
    empty = empty.clear()
    published = Published(release, True, "provisional", (SENTENCE,), submissions, empty)
    shown = artifacts.release(published, CYCLE, None)
    assert shown.startswith(f"## New release r001 of cycle 5, provisional, {LABEL}\n")
    assert f"- {SENTENCE}" in shown
    short = artifacts.in_short(published, CYCLE)
    assert short[-1] == f"New release r001 (provisional, {LABEL})."
    assert "Late or not usable: 0." in short[1]


def test_it_is_made_again_with_every_byte_the_same(cut: Path) -> None:
    code, out, _ = a4p(cut, "verify", "--cycle", "5", "--rebuild")
    assert (code, re.findall("is not the same", out)) == (0, [])


def test_a_day_after_the_cycle_is_as_before(cut: Path, tmp_path: Path) -> None:
    shutil.copytree(cut, tmp_path, dirs_exist_ok=True)
    code, out, _ = a4p(tmp_path, "refresh", "--cycle", "5", "--as-of", "2024-09-03")
    assert (code, "Published release r002 (final): " in out) == (0, True)
    assert "counted_up_to" not in latest(tmp_path).descriptor["a4p"]
    assert "data up to" not in read(tmp_path, "report.html").decode()
