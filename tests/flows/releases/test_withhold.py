"""A release with suppressed cells, from raw files to page and workbook; and one that would give them away."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import config as config_room
from config import Config, ConfigError, load
from flows.cli import commands
from flows.core.errors import NotPublishable
from flows.core.records import Release
from flows.refresh.story import refresh
from flows.releases.make.withhold import earlier_releases, made_by, out, withhold
from flows.releases.shelf import get, read_file, read_table, releases
from flows.stores import Store
from flows.stores.from_settings import Places
from tests.support.report_page import row_of
from tests.support.sharing import a4p, places_in, sources
from transforms import suppression

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_documents")]

CONFIG = load()
CYCLE = CONFIG.cycle(5)


@dataclass(frozen=True)
class Made:
    """A release of the sample, and where it lies."""

    places: Places
    release: Release

    def table(self, name: str) -> pl.DataFrame:
        return read_table(self.places.public, self.release, name)

    def file(self, path: str) -> bytes:
        return read_file(self.places.public, self.release, path)


@pytest.fixture(scope="module")
def made(released: Path) -> Made:
    places = places_in(released)
    return Made(places, get(places.public, CYCLE, "r001"))


@pytest.fixture(scope="module")
def allegations(sample_inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the allegations of the sample and the release that is made of them alone."""
    folder = tmp_path_factory.mktemp("allegations")
    sources(sample_inbox, folder / "inbox", "conduct_allegations")
    refresh(CYCLE, places_in(folder), CONFIG)
    return folder


def with_threshold(table: str, threshold: int) -> Config:
    entry = CONFIG.disclosure[table].model_copy(update={"threshold": threshold})
    return replace(CONFIG, disclosure={**CONFIG.disclosure, table: entry})


def test_no_small_cell_is_shown_in_any_table_that_asks(made):
    hidden = 0
    for table, entry in CONFIG.disclosure.items():
        frame = made.table(table)
        for count in entry.counts if entry.threshold else ():
            shown = frame.filter(pl.col(count) > 0)[count]
            assert shown.min() is None or shown.min() >= entry.threshold
            suppressed = frame.filter(pl.col(f"{count}_obs_status") == "Q")
            assert suppressed[count].null_count() == suppressed.height == frame[count].null_count()
            hidden += suppressed.height
    assert hidden > 20


def test_what_the_un_publishes_stays(made):
    yearly = dict(made.table("sea_allegations_yearly").drop("cycle").iter_rows())
    assert {year: yearly[year] for year in (2010, 2015, 2016, 2017, 2023)} == {
        2010: 85, 2015: 69, 2016: 104, 2017: 62, 2023: 98,
    }  # fmt: skip
    parts = made.table("sea_allegations_by_year")
    assert set(parts["year_reported"].unique()) == set(yearly)
    assert parts.height == 4 * len(yearly)
    whole = parts.group_by("year_reported").agg(n=pl.sum("allegations"), hidden=pl.col("allegations").null_count())
    for year, shown, hidden in whole.iter_rows():
        assert hidden != 1
        assert (shown == yearly[year]) == (hidden == 0)


def test_figures_of_missions_go_with_their_cells(made):
    rows = {
        row["mission"]: row
        for row in made.table("figures").filter(figure="perpetrators_detained").iter_rows(named=True)
    }
    assert rows["ALL"]["value"] == 203
    # each of the three knows its own number: with another one it would have the third
    for mission in ("MINUSCA", "MONUSCO", "UNIFIL"):
        row = rows[mission]
        assert (row["value"], row["previous"], row["change"], row["obs_status"]) == (None, None, None, "Q")


def test_the_csv_says_q_and_no_number(made):
    lines = made.file("tables/crimes_against_peacekeepers.csv").decode("utf-8-sig").splitlines()
    at = lines[0].split(",").index("perpetrators_detained")
    cells = {line.split(",")[1]: line.split(",")[at : at + 2] for line in lines[1:]}
    assert cells == {"MINUSCA": ["", "Q"], "MONUSCO": ["", "Q"], "UNIFIL": ["", "Q"]}


def test_the_page_says_suppressed_and_why(made):
    html = made.file("report.html").decode()
    crimes = html[html.index('id="p4-crimes"') :]
    assert row_of(crimes, "UNIFIL").startswith("UNIFIL 4 4 7 suppressed")
    assert row_of(crimes, "All missions") == "All missions 110 91 294 203 136 85"
    assert "69% of the 294 people identified" in html
    sea = html[html.index('id="p5-sea"') :]
    assert row_of(sea[sea.index("Data of this chart") :], "2010") == "2010 61 12 suppressed suppressed 12 85"
    assert row_of(sea[sea.index("Data of this chart") :], "2013") == "2013 44 11 6 5 0 66"
    assert "Suppressed, together" in sea
    courses = html[html.index('id="p3-academy"') :]
    assert "suppressed" in row_of(courses, "Human PKI")
    assert row_of(courses, "All 4 courses").endswith("44 20%")
    assert "Suppressed: the number is so small that it could point at people" in html


def test_the_workbook_says_suppressed(made):
    book = openpyxl.load_workbook(io.BytesIO(made.file("a4p-cycle-05.xlsx")))
    sheet = book["Crimes against peacekeepers"]
    header = [cell.value for cell in sheet[1]]
    at = header.index("perpetrators_detained")
    assert {row[1].value: (row[at].value, row[at + 1].value) for row in sheet.iter_rows(min_row=2)} == {
        "MINUSCA": (None, "Q"), "MONUSCO": (None, "Q"), "UNIFIL": (None, "Q"),
    }  # fmt: skip
    assert "Q suppressed" in sheet.cell(1, at + 2).comment.text
    figures = [[cell.value for cell in row] for row in book["Figures"].iter_rows()]
    (row,) = [row for row in figures if "perpetrators_detained" in row and "UNIFIL" in row]
    assert "suppressed" in row
    assert "Suppressed" in row
    charts = [[cell.value for cell in row] for sheet in book.worksheets for row in sheet.iter_rows()]
    assert any(row[:2] == ["Alleged perpetrators detained", 203] for row in charts)
    assert any(row[:3] == [5, 2010, 85] for row in charts)


@pytest.mark.documents
def test_a_raised_threshold_cannot_take_back_what_is_out(allegations, tmp_path, monkeypatch, capsys):
    """The table is left out, all the others are published, and the release says so."""
    shutil.copytree(allegations, tmp_path, dirs_exist_ok=True)
    again = refresh(CYCLE, places_in(tmp_path), CONFIG)
    assert (again.new, again.release and again.release.name) == (False, "r001")
    places, raised = places_in(tmp_path), with_threshold("sea_actions", 45)
    said = (
        "The table sea_actions is left out: small numbers of it could be computed by subtracting what was released "
        "before (cycle-05/r001). To show it, lower its threshold, or have the owner of the source agree and name that "
        f"release under 'disregard' ({CONFIG.disclosure['sea_actions'].place})."
    )
    # on the command line it is one sentence, and exit code 0: the command does not end early
    monkeypatch.setenv("A4P_PUBLIC_URI", str(tmp_path / "store/public"))
    monkeypatch.setenv("A4P_PRIVATE_URI", str(tmp_path / "store/private"))
    with config_room.in_force(raised):
        commands.main(["refresh", "--cycle", "5", "--inbox", str(tmp_path / "inbox")])
    assert f" - {said} " in " ".join(capsys.readouterr().out.split())
    first, second = releases(places.public, CYCLE)
    assert (second.name, second.status) == ("r002", "provisional")
    assert said in second.descriptor["a4p"]["missing"]
    assert second.descriptor["a4p"]["left_out"] == ["sea_actions"]
    assert "left_out" not in first.descriptor["a4p"]
    # the table stays where reporting tools look for it, with its columns and no row; the others are as they were
    shown, before = (read_table(places.public, one, "sea_actions") for one in (second, first))
    assert (shown.height, shown.schema) == (0, before.schema)
    for name in ("sea_allegations_by_year", "sea_allegations_yearly", "figures"):
        assert read_table(places.public, second, name).equals(read_table(places.public, first, name))
    assert said.replace("'", "&#39;") in read_file(places.public, second, "report.html").decode()


@pytest.mark.documents
def test_two_corrections_that_give_a_small_number_away_are_published_without_its_table(sample_inbox, tmp_path):
    """The academy's courses, a row less and again a row less: the share of all would tell of the small one left."""
    sources(sample_inbox, tmp_path / "inbox", "pki_trainings")
    (file,) = (tmp_path / "inbox").rglob("*.xlsx")
    for release, gone in (("r001", None), ("r002", "Open-Source PKI"), ("r003", "Human PKI")):
        book = openpyxl.load_workbook(file)
        sheet = book["Courses"]
        for row in [number for number in range(2, sheet.max_row + 1) if sheet.cell(number, 1).value == gone]:
            sheet.delete_rows(row)
        book.save(file)
        code, said, wrong = a4p(tmp_path, "refresh", "--cycle", "5")
        assert (code, f"Published release {release} (provisional)" in said) == (0, True), wrong
    places = places_in(tmp_path)
    first, second, third = releases(places.public, CYCLE)
    courses = [read_table(places.public, one, "pki_trainings") for one in (first, second, third)]
    assert [frame.height for frame in courses] == [4, 3, 0]
    assert third.descriptor["a4p"]["left_out"] == ["pki_trainings"]
    assert "The table pki_trainings is left out: small numbers of it could be computed" in " ".join(said.split())
    # what the report prints stays
    whole = read_table(places.public, third, "figures").filter(figure="pki_female_share")
    assert whole.select("value", "obs_status").rows() == [(19, "A")]
    html = read_file(places.public, third, "report.html").decode()
    assert "The Peacekeeping-Intelligence Academy: left out of this release, since small numbers" in html
    contents = openpyxl.load_workbook(io.BytesIO(read_file(places.public, third, "a4p-cycle-05.xlsx")))["Contents"]
    assert any("The table pki_trainings is left out" in str(row[0].value) for row in contents.iter_rows())
    changed = json.loads(read_file(places.public, third, "changes.json"))
    assert {one["cause"] for one in changed["causes"]} == {"corrected submission", "table left out"}
    assert {"table": "pki_trainings", "rows_removed": 3}.items() <= next(
        one for one in changed["tables"] if one["table"] == "pki_trainings"
    ).items()
    # again it is the same, byte for byte
    code, said, wrong = a4p(tmp_path, "refresh", "--cycle", "5", "--full")
    assert (code, "Nothing changed; release r003" in said) == (0, True), wrong
    code, said, wrong = a4p(tmp_path, "verify", "--cycle", "5", "--rebuild")
    assert code == 0, said + wrong


def test_a_later_release_does_not_tell_what_the_first_one_hid(sample_inbox, tmp_path):
    """UNIFIL's one or two detained become six: with MINUSCA's number, which did not change, r001's would be known."""
    sources(sample_inbox, tmp_path / "inbox", "crimes_against_peacekeepers")
    (file,) = (tmp_path / "inbox/cycle-05").rglob("*.xlsx")
    for release, detained in (("r001", None), ("r002", 6)):
        if detained:
            book = openpyxl.load_workbook(file)
            for row, column, value in ((4, 5, detained), (5, 5, 208), (5, 9, 71), (5, 10, 65)):
                book["Crimes"].cell(row, column).value = value
            book.save(file)
        code, said, wrong = a4p(tmp_path, "refresh", "--cycle", "5")
        assert (code, f"Published release {release}" in said) == (0, True), said + wrong
    places = places_in(tmp_path)
    first, second = releases(places.public, CYCLE)
    for one, whole in ((first, 203), (second, 208)):
        figures = read_table(places.public, one, "figures").filter(figure="perpetrators_detained")
        rows = {row["mission"]: row["value"] for row in figures.iter_rows(named=True)}
        assert rows["ALL"] == whole
        # with two of the three hidden in both, none of them has the small one of r001
        assert (rows["MINUSCA"], rows["MONUSCO"]) == (None, None)
        table = read_table(places.public, one, "crimes_against_peacekeepers")
        assert table.filter(pl.col("mission") != "UNIFIL")["perpetrators_detained"].to_list() == [None, None]


def test_a_release_that_was_let_go_is_not_subtracted(allegations, tmp_path):
    shutil.copytree(allegations, tmp_path, dirs_exist_ok=True)
    let = {"release": "cycle-05/r001", "owner": "CDS", "reason": "withdrawn"}
    raised = with_threshold("sea_actions", 45)
    entry = raised.disclosure["sea_actions"]
    allowed = type(entry)(**{**entry.model_dump(), "disregard": [let]})
    published = refresh(
        CYCLE, places_in(tmp_path), replace(raised, disclosure={**raised.disclosure, "sea_actions": allowed})
    )
    assert published.release is not None
    assert published.release.name == "r002"
    frame = read_table(places_in(tmp_path).public, published.release, "sea_actions")
    assert frame["allegations"].null_count() == 2


def test_earlier_releases_are_those_of_all_cycles_with_what_they_show(made, tmp_path):
    there, places = out(made.places.public, made.places.private, CONFIG), made.places
    (one,) = earlier_releases(places.public, there, CONFIG, made_by(there, CONFIG), places.private)
    assert (one.name, one.cycle.number) == ("cycle-05/r001", 5)
    asked = {name for name, entry in CONFIG.disclosure.items() if entry.threshold}
    assert set(one.tables) == {"figures", *asked}
    # what was suppressed is made again from the rows that the release names
    assert asked <= one.truth.keys()
    crimes, shown = (of["crimes_against_peacekeepers"] for of in (one.truth, one.tables))
    assert crimes["perpetrators_detained"].to_list() == [61, 141, 1]
    assert shown["perpetrators_detained"].null_count() == 3
    # without them the release counts with what it shows
    (bare,) = earlier_releases(places.public, there, CONFIG, made_by(there, CONFIG), Store(str(tmp_path)))
    assert (bare.truth, bare.tables.keys()) == ({}, one.tables.keys())


def test_a_column_that_is_not_allowed_is_not_published():
    actions = pl.DataFrame({"action_taken": ["Jail"], "mission": ["UNIFIL"], "allegations": [50]})
    with pytest.raises(NotPublishable, match=r"the table sea_actions has the column 'mission', which config/discl"):
        withhold({"sea_actions": actions}, CONFIG, CYCLE, [])


def test_the_audit_stands_between_the_tables_and_the_store(sample_inbox, tmp_path, monkeypatch):
    """Were suppression to forget a count, its table would not be published, nor its figures by mission."""
    sources(sample_inbox, tmp_path / "inbox", "crimes_against_peacekeepers")
    suppress = suppression.suppress

    def forgetful(tables, *more):
        done = suppress(tables, *more)
        shown = tables["crimes_against_peacekeepers"]["perpetrators_detained"]
        table = done["crimes_against_peacekeepers"].with_columns(perpetrators_detained=shown)
        return {**done, "crimes_against_peacekeepers": table}

    monkeypatch.setattr(suppression, "suppress", forgetful)
    published = refresh(CYCLE, places_in(tmp_path), CONFIG)
    assert (published.release and published.release.name, published.status) == ("r001", "provisional")
    (said,) = (one for one in published.missing if "left out" in one)
    assert said == (
        "The table crimes_against_peacekeepers is left out: small numbers of it could be computed from the totals and "
        "figures that stay published. To show it, lower its threshold or publish fewer totals "
        f"({CONFIG.disclosure['crimes_against_peacekeepers'].place})."
    )
    made = Made(places_in(tmp_path), get(places_in(tmp_path).public, CYCLE, "r001"))
    assert made.table("crimes_against_peacekeepers").is_empty()
    rows = made.table("figures").filter(figure="perpetrators_detained")
    assert {row["mission"]: (row["value"], row["obs_status"]) for row in rows.iter_rows(named=True)} == {
        "ALL": (203, "A"), "MINUSCA": (None, "Q"), "MONUSCO": (None, "Q"), "UNIFIL": (None, "Q"),
    }  # fmt: skip


def test_a_confidential_source_that_nobody_declared_stops_a_refresh_before_it_reads(tmp_path):
    undeclared = {name: entry for name, entry in CONFIG.disclosure.items() if name != "sea_actions"}
    with pytest.raises(ConfigError, match=r"conduct_allegations\.yaml:5: conduct_allegations is strictly confidential"):
        refresh(CYCLE, places_in(tmp_path), replace(CONFIG, disclosure=undeclared))
    assert not (tmp_path / "store").exists()
