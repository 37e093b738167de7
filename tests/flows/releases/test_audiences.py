"""Who may read what: nothing in the public place names a file, a row or a person; the internal edition has it all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from config import ConfigError, load
from config.audiences import Audiences
from flows.core.records import Release
from flows.core.settings import Settings
from flows.refresh.rebuild import rebuild
from flows.refresh.story import refresh
from flows.releases import editions, shelf, verify, withdrawals
from flows.releases.make.table_files import parquet
from flows.stores.from_settings import places_of
from tests.support import watched as small
from tests.support.files import CYCLE, NOTICAS_HEADER, Rooms, casualty, mission_book, noticas, workbook
from tests.support.sharing import a4p
from tests.support.sweeping import SWEEP
from tests.support.unpacked import held

CONFIG = load()
# one in each file name, each refused value, each identity and each person's name
CANARIES = 10_000 if SWEEP else 300
ROWS = CANARIES // 9
WORD = "Qzcanary"
_FOUND = re.compile(rf"{WORD}\d+".encode(), re.IGNORECASE)
_WIDE = re.compile("".join(f"{letter}\0" for letter in WORD).encode(), re.IGNORECASE)
# as the page and messages say where something stands
_ROW = re.compile(rb"(row|line|cell) [A-Z]*\d+")


@dataclass(frozen=True)
class Canaries:
    """Words of which each is planted once."""

    numbers: Iterator[int]

    def one(self) -> str:
        return f"{WORD}{next(self.numbers)}"


def casualties(canaries: Canaries, rows: int) -> bytes:
    header = f"{NOTICAS_HEADER},name,{canaries.one()}"
    lines = []
    for number in range(rows):
        cause = f"Bite of {canaries.one()}" if number % 5 == 0 else "Illness"
        line = casualty(number, cause=cause).replace("UNIFIL-2024", f"{canaries.one()}-2024")
        lines.append(f"{line},{canaries.one()},{canaries.one()}")
    return noticas(*lines, header=header)


def there_in(folder: Path, word: re.Pattern[bytes]) -> dict[str, int]:
    found = {}
    for name, data in held(folder):
        if hits := len({*word.findall(data)}):
            found[name] = hits
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three releases: one, one of corrected files, one after readers were led back; with log and events."""
    folder = tmp_path_factory.mktemp("audiences")
    canaries = Canaries(iter(range(10_000_000)))
    rooms, when = Rooms(folder), datetime(2024, 5, 20, tzinfo=UTC)
    told = {"log_format": "json", "log_file": str(folder / "told/log.jsonl")}
    (folder / "told").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PREFECT_API_URL", raising=False)
        for turn in range(3):
            received = when + timedelta(days=turn)
            rooms.put(f"noticas/{canaries.one()}.csv", casualties(canaries, ROWS), received)
            rooms.put(f"mission_report/UNMISS/{canaries.one()}.xlsx", mission_book("UNMISS"), received)
            rooms.put(f"mission_report/UNTSO/{canaries.one()}.xlsx", mission_book("UNTSO")[: 900 + turn], received)
            small.refresh(folder, **told, openlineage_url=str(folder / "told/lineage.jsonl"))
            if turn == 1:
                places = places_of(small.settings(folder))
                first = shelf.get(places.public, CYCLE, "r001")
                withdrawals.roll_back(
                    CYCLE, first, "somebody", "the wrong file", datetime.now(UTC), places.public, places.private
                )
    return folder


@pytest.mark.slow
@pytest.mark.sweep
def test_no_file_row_or_person_is_named_in_public(made: Path) -> None:
    public, internal = made / "public", made / "private/internal"
    assert len(shelf.releases(places_of(small.settings(made)).public, CYCLE)) == 3
    planted = {hit for path in (made / "inbox").rglob("*.csv") for hit in _FOUND.findall(path.read_bytes())}
    assert len(planted) >= CANARIES
    for place in (public, made / "told"):
        assert there_in(place, _FOUND) == {}
        assert there_in(place, _WIDE) == {}
    pages = [path for path in public.rglob("*") if path.suffix in {".html", ".json", ".jsonld"}]
    assert [path.name for path in pages if _ROW.search(path.read_bytes())] == []
    # and the search finds what is there
    assert there_in(internal, _FOUND)
    assert _ROW.search((internal / "releases/cycle-05/r001/report.html").read_bytes())


@pytest.mark.slow
def test_the_public_page_stands_by_itself_and_the_internal_one_has_all(made: Path) -> None:
    release = made / "public/releases/cycle-05/r001"
    page, inside = (
        (folder / "report.html").read_text() for folder in (release, made / "private/internal/releases/cycle-05/r001")
    )
    assert "What needs mending" in inside
    assert "What needs mending" not in page
    assert "What each source sent, and what was found" in page
    for text in (page, inside):
        names = set(re.findall(r'id="([^"]+)"', text))
        assert set(re.findall(r'href="#([^"]+)"', text)) <= names
        assert "Release r001" in text
    assert {path.name for path in (release / "quality").iterdir()} == {"received.parquet", "restatements.parquet"}
    (row,) = pl.read_parquet(release / "quality/received.parquet").filter(source="noticas").to_dicts()
    assert [row[f"files_{status}"] for status in ("accepted", "refused", "superseded", "withdrawn")] == [1, 0, 0, 0]
    assert row["findings_critical"] == len(range(0, ROWS, 5))


@pytest.mark.slow
def test_what_is_internal_is_verified_explained_and_made_again(made: Path) -> None:
    places = places_of(small.settings(made))
    for release in shelf.releases(places.public, CYCLE):
        findings = editions.read_table(release, "findings", places.public, places.internal)
        assert findings["file"].str.contains(WORD).any()
    last = shelf.get(places.public, CYCLE, "r003")
    assert rebuild(last, CYCLE, CONFIG, places.public, places.private).problems == ()
    path = f"{last.path}/quality/findings.parquet"
    whole = places.internal.read(path)
    places.internal.write(path, whole[:-1])
    (problem,) = verify.verify(last, CYCLE, places.public, places.private).problems
    assert problem.startswith(f"The file {places.internal.at(path)} is not the one that was written")
    places.internal.write(path, whole)
    assert verify.verify(last, CYCLE, places.public, places.private).problems == ()


def test_an_edition_lost_is_put_back_with_its_number(tmp_path: Path) -> None:
    place = places_of(small.settings(tmp_path)).internal
    files = {
        "report.html": b"<p>Release r000 of cycle 5</p>",
        "quality/findings.parquet": parquet(pl.DataFrame({"a": [1]})),
    }
    editions.put("releases/cycle-05/r007", "internal", files, place)
    release = Release("r007", 5, "", "final", {"resources": [], "a4p": {"apart": {"internal": "hmac-sha256:a"}}})
    assert list(editions.problems(release, place)) == []
    assert editions.tables(release, place) == ("findings",)
    place.delete("releases/cycle-05/r007/report.html")
    assert len(list(editions.problems(release, place))) == 1
    editions.put("releases/cycle-05/r007", "internal", files, place)
    assert list(editions.problems(release, place)) == []


def test_who_may_read_more_may_read_all_that_others_may() -> None:
    every = Audiences(received="member_states")
    assert every.may_read("public") == ("restatements",)
    assert every.may_read("member_states") == ("restatements", "received")
    assert set(every.may_read("internal")) == {"restatements", "received", "findings", "submissions", "mended"}
    assert list(every.apart()) == ["member_states", "internal"]
    assert list(Audiences().apart()) == ["internal"]


def test_what_is_for_member_states_alone_needs_a_place(tmp_path: Path) -> None:
    config = replace(CONFIG, audiences=Audiences(received="member_states"))
    places = places_of(small.settings(tmp_path))
    with pytest.raises(ConfigError, match="A4P_MEMBERS_URI"):
        editions.places(config, places)
    named = places_of(small.settings(tmp_path, members_uri=str(tmp_path / "members")))
    assert {name: place.uri for name, place in editions.places(config, named).items()} == {
        "member_states": str(tmp_path / "members"),
        "internal": str(tmp_path / "private/internal"),
    }


@pytest.mark.slow
def test_member_states_have_an_edition_of_their_own_where_something_is_for_them(tmp_path: Path) -> None:
    config = replace(CONFIG, audiences=Audiences(received="member_states"))
    rooms = Rooms(tmp_path)
    rooms.put("noticas/a.csv", noticas(casualty(1), casualty(2, cause=WORD)))
    hospitals = [("hospital_id", "mission", "level"), ("H1", "UNIFIL", "2")]
    days = [("hospital_id", "mission", "service", "days"), ("H1", "UNIFIL", "Ultrasound", 190)]
    rooms.put("hospitals/a.xlsx", workbook({"Hospitals": hospitals, "Interruptions": days}))
    members, internal = tmp_path / "members", tmp_path / "internal"
    asked = small.settings(tmp_path, members_uri=str(members), internal_uri=str(internal))
    made = refresh(CYCLE, places_of(asked), config)
    assert made.new
    tables = {
        folder.name: {path.stem for path in (folder / "releases/cycle-05/r001/quality").iterdir()}
        for folder in (tmp_path / "public", members, internal)
    }
    assert tables == {
        "public": {"restatements"},
        "members": {"restatements", "received"},
        "internal": {"restatements", "received", "findings", "submissions", "mended"},
    }
    pages = [(tmp_path / name / "releases/cycle-05/r001/report.html").read_text() for name in tables]
    assert ["What each source sent" in page for page in pages] == [False, True, True]
    assert ["What needs mending" in page for page in pages] == [False, False, True]
    # what is to be decided is said to those who decide it
    wrong = "Days without ultrasound: 190 for UNIFIL cannot be right"
    assert [wrong in page for page in pages] == [True, True, True]
    assert [sorted(there_in(tmp_path / name, re.compile(b"a4p decide|have it mended"))) for name in tables] == [
        [], [], ["releases/cycle-05/r001/a4p-cycle-05.xlsx!xl/sharedStrings.xml", "releases/cycle-05/r001/report.html"],
    ]  # fmt: skip
    assert f"{wrong}; have it mended, or accept it with “a4p decide accept”." in made.missing
    # nothing is new where nothing is, and what was lost comes back
    (internal / "releases/cycle-05/r001/report.html").unlink()
    assert not refresh(CYCLE, places_of(asked), config).new
    assert (internal / "releases/cycle-05/r001/report.html").exists()


INSIDE = (
    ("{tmp}/public", "{tmp}/public"),
    ("{tmp}/public", "{tmp}/public/"),
    ("{tmp}/public", "{tmp}/public/inside"),
    ("{tmp}/public", "{tmp}/elsewhere/../public/inside"),
    ("{tmp}/public", "{tmp}/link/inside"),
    ("{tmp}/link", "{tmp}/public/inside"),
    ("{tmp}/public", "file://{tmp}/public/inside"),
    ("{tmp}/public", "FILE://{tmp}/public/inside"),
    ("{tmp}/public", "local://{tmp}/link/inside"),
    ("s3://a4p", "s3://a4p/inside"),
    ("s3://a4p/", "s3://a4p"),
    ("s3://a4p/public", "s3://a4p/public/"),
    ("s3://a4p/public/", "S3://a4p//public/./inside"),
    ("s3://a4p/public", "s3a://a4p/public/inside"),
)


@pytest.mark.parametrize("setting", ["internal_uri", "members_uri"])
@pytest.mark.parametrize("other", ["public_uri", "inbox_uri"])
@pytest.mark.parametrize(("place", "inside"), INSIDE)
def test_no_place_of_these_lies_where_others_may_read(
    tmp_path: Path, place: str, inside: str, other: str, setting: str
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "public")
    named = {f"{name}_uri": str(tmp_path / name) for name in ("inbox", "private", "public")}
    named |= {other: place.format(tmp=tmp_path), setting: inside.format(tmp=tmp_path)}
    with pytest.raises(
        ConfigError, match=f"lies where others may read; name a place of its own in A4P_{setting.upper()}"
    ):
        places_of(Settings(**named))
    # beside it is another place, though its name begins alike
    named[setting] = place.format(tmp=tmp_path).rstrip("/") + "-inside"
    places_of(Settings(**named))


def test_what_is_internal_lies_in_no_place_for_member_states(tmp_path: Path) -> None:
    members = str(tmp_path / "members")
    with pytest.raises(ConfigError, match="A4P_INTERNAL_URI"):
        places_of(small.settings(tmp_path, members_uri=members, internal_uri=f"{members}/inside"))


def test_a_place_in_the_public_one_is_one_sentence_and_wrong_use(tmp_path: Path) -> None:
    for inside in ("store/public/inside", "s3://a4p/public/../inside"):
        code, out, err = a4p(tmp_path, "refresh", "--cycle", "5", A4P_INTERNAL_URI=inside)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert inside in err
    assert list(tmp_path.iterdir()) == []
