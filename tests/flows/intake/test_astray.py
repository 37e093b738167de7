"""What lies in the inbox and is no file of a source: told where it is misplaced or cannot be read, nothing else."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from config import Config
from flows.core.errors import NotReadable, StoreError
from flows.core.records import Astray
from flows.intake.books import board, ledger
from flows.intake.books.completeness import submissions
from flows.intake.receive import astray, news
from flows.intake.receive.inbox import files_of
from flows.refresh.story import NothingSent, Received, receive, refresh
from flows.stores.folder import Folder
from tests.flows.intake.test_compared import gathered, of_source
from tests.support.files import CONFIG, CYCLE, Rooms, casualty, mission_book, noticas

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 22, tzinfo=UTC)
LIST, LONGER = noticas(casualty(1)), noticas(casualty(1), casualty(2))
NOTHING = (
    "Thumbs.db",
    "thumbs.db",
    "desktop.ini",
    "Desktop.ini",
    ".DS_Store",
    "._noticas.csv",
    "~$noticas.xlsx",
    ".~lock.noticas.ods#",
    "noticas.csv.part",
    "noticas.csv.crdownload",
    "Unconfirmed 12345.crdownload",
    "noticas.csv.filepart",
    "A1B2C3D4.tmp",
    "noticas.TMP",
    "__MACOSX/noticas.csv",
    ".Trash-1000/files/noticas.csv",
)


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path)


def put(rooms: Rooms, path: str, data: bytes = LIST) -> None:
    """Put a file anywhere in the inbox."""
    (rooms.inbox / path).parent.mkdir(parents=True, exist_ok=True)
    (rooms.inbox / path).write_bytes(data)


def received(rooms: Rooms, source: str = "noticas") -> Received:
    return receive(CYCLE, rooms.places, of_source(source))


def told(rooms: Rooms, config: Config = CONFIG) -> list[Astray]:
    return list(receive(CYCLE, rooms.places, config).astray)


@pytest.mark.parametrize("name", NOTHING)
def test_what_programs_leave_behind_is_nothing_and_makes_nobody_late(name: str, rooms: Rooms) -> None:
    put(rooms, f"cycle-05/noticas/{name}")
    for folder in ("", "cycle-05/", "cycle-5/"):
        put(rooms, f"{folder}{name}")
    came = received(rooms)
    assert (came.slots, came.astray) == ({}, [])
    assert files_of(CONFIG.contracts["noticas"], CYCLE, rooms.places.inbox) == []
    assert news.look(rooms.places.inbox, CONFIG, CYCLE).files == 0
    status = board.board(CYCLE, of_source("noticas"), rooms.places.inbox, rooms.private, None, (), date(2024, 5, 1))
    assert status.select("status", "received_on").rows() == [("awaited", None)]


@pytest.mark.parametrize(
    ("path", "source", "mission"),
    [
        ("cycle-5/noticas/a.csv", "noticas", None),
        ("Cycle-05/noticas/a.csv", "noticas", None),
        ("CYCLE_5/noticas/a.csv", "noticas", None),
        ("cycle 05/Noticas/a.csv", "noticas", None),
        ("cycle-05 (copy)/noticas/a.csv", "noticas", None),
        ("cycle-5/mission_report/unifil/a.xlsx", "mission_report", "UNIFIL"),
        ("cycle-5/a.csv", None, None),
        ("a.csv", None, None),
        ("noticas/a.csv", "noticas", None),
        ("mission_report/UNMISS/a.xlsx", "mission_report", "UNMISS"),
        ("cycle-05/a.csv", None, None),
        ("cycle-05/Noticas/a.csv", "noticas", None),
        ("cycle-05/mission report/UNIFIL/a.xlsx", "mission_report", "UNIFIL"),
        ("cycle-05/cycle-05/noticas/a.csv", "noticas", None),
        ("cycle-99/noticas/a.csv", "noticas", None),
    ],
)
def test_a_file_in_a_wrong_folder_is_told(path: str, source: str | None, mission: str | None, rooms: Rooms) -> None:
    put(rooms, "cycle-05/noticas/right.csv")
    put(rooms, path)
    came = receive(CYCLE, rooms.places, CONFIG)
    assert came.astray == [Astray(path, "misplaced", source, mission)]
    assert [one.file for (one,) in came.slots.values()] == ["cycle-05/noticas/right.csv"]
    (finding,) = astray.findings(came.astray, CONFIG.messages, CYCLE).iter_rows(named=True)
    assert (finding["source"], finding["mission"], finding["file"]) == (source or "inbox", mission, path)
    assert finding["severity"] == "warning"
    belongs = "/".join(filter(None, ("cycle-05", source or "<source>", mission)))
    assert f"{belongs}/" in finding["remedy"]
    assert f"{belongs}/" in finding["remedy_fr"]


@pytest.mark.parametrize("path", ["cycle-04/noticas/a.csv", "cycle-4/noticas/a.csv", "Cycle 06/noticas/a.csv"])
def test_what_is_of_another_cycle_is_told_in_that_one(path: str, rooms: Rooms) -> None:
    put(rooms, path)
    assert told(rooms) == []
    number = int(path.partition("/")[0][-1])
    if not path.startswith("cycle-04"):
        of_other = receive(CONFIG.cycle(number), rooms.places, CONFIG).astray
        assert of_other == [Astray(path, "misplaced", "noticas")]


@pytest.mark.parametrize("place", ["cycle-05", "cycle-05/noticas", "Cycle-5"])
def test_a_link_in_place_of_a_folder_is_told(place: str, rooms: Rooms, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "noticas"
    elsewhere.mkdir(parents=True)
    (elsewhere / "a.csv").write_bytes(LIST)
    (rooms.inbox / place).parent.mkdir(parents=True, exist_ok=True)
    (rooms.inbox / place).symlink_to(elsewhere if place.endswith("noticas") else elsewhere.parent)
    came = received(rooms)
    assert came.slots == {}
    assert came.astray == [Astray(place, "linked", "noticas" if "noticas" in place else None)]


def test_a_folder_with_many_files_is_told_once(rooms: Rooms) -> None:
    for number in range(30):
        put(rooms, f"cycle-5/noticas/{number}.csv")
    put(rooms, "Old things/a.txt")
    assert told(rooms) == [Astray("Old things", "misplaced"), Astray("cycle-5", "misplaced")]


@pytest.mark.parametrize(
    "path",
    ["a.csv", "noticas/a.csv", "cycle-5/noticas/a.csv", "cycle-99/a.csv", "cycle-05/a.csv", "cycle-05/noticas/a"],
)
def test_a_misplaced_file_alone_is_news(path: str, rooms: Rooms) -> None:
    inbox, before = rooms.places.inbox, CONFIG.cycle(4)
    put(rooms, "cycle-04/noticas/a.csv")
    nothing = news.look(inbox, CONFIG, CYCLE)
    assert nothing.files == 0
    of_before = news.look(inbox, CONFIG, before)
    put(rooms, path)
    seen = news.look(inbox, CONFIG, CYCLE)
    assert (seen.files, news.look(inbox, CONFIG, CYCLE)) == (1, seen)
    # each cycle whose refresh tells of it has news of it, and no other
    assert (news.look(inbox, CONFIG, before) != of_before) == bool(astray.lying(inbox, CONFIG, before))
    # so has its being moved away
    (rooms.inbox / path).unlink()
    assert news.look(inbox, CONFIG, CYCLE) == nothing


def test_only_misplaced_files_are_named_where_there_is_nothing_else(rooms: Rooms) -> None:
    put(rooms, "cycle-5/noticas/a.csv")
    with pytest.raises(NothingSent, match=r"These do not count there: cycle-5/noticas/a\.csv\."):
        refresh(CYCLE, rooms.places, CONFIG)


@pytest.mark.parametrize(
    ("path", "data"), [("cycle-5/noticas/a.csv", LIST), ("cycle-05/mission_report/a.xlsx", mission_book("UNIFIL"))]
)
def test_the_finding_is_gone_once_the_file_is_moved(path: str, data: bytes, rooms: Rooms) -> None:
    source = path.split("/")[1]
    put(rooms, path, data)
    first = books(rooms, source, ledger.empty())
    rule = "file_is_where_it_is_looked_for" if source == "noticas" else "file_is_in_a_mission_folder"
    assert first.filter(ledger.OPEN)["rule"].to_list() == [rule]
    # taken away altogether, so that nothing of the source is there any more
    (rooms.inbox / path).unlink()
    assert books(rooms, source, first).filter(ledger.OPEN).is_empty()
    moved = "cycle-05/noticas/a.csv" if source == "noticas" else "cycle-05/mission_report/UNIFIL/a.xlsx"
    put(rooms, moved, data)
    assert books(rooms, source, first).filter(ledger.OPEN, pl.col("rule") == rule).is_empty()
    # and it is told again where it comes back
    (rooms.inbox / moved).unlink()
    put(rooms, path, data)
    assert books(rooms, source, books(rooms, source, first)).filter(ledger.OPEN)["rule"].to_list() == [rule]


def books(rooms: Rooms, source: str, before: pl.DataFrame) -> pl.DataFrame:
    """The ledger after a gathering, as far as files are concerned."""
    done = gathered(rooms, source)
    found = pl.concat(
        [
            rooms.frame(done.judged.findings).filter(pl.col("severity") != "info"),
            astray.findings(done.astray, CONFIG.messages, CYCLE),
        ]
    )
    return ledger.update(before, found, submissions(done), NOW, {"mission_report"})


# What vanishes or cannot be read


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> dict[str, type[OSError]]:
    """Names of files and folders with the error that reading them gives; whoever runs the tests may read anything."""
    names: dict[str, type[OSError]] = {}
    read, scandir = Folder.read, os.scandir

    def fails(path: str | os.PathLike[str]) -> None:
        for name, kind in names.items():
            if Path(path).name == name:
                raise kind(13 if kind is PermissionError else 2, "no", str(path))

    def reading(self: Folder, path: str) -> bytes:
        fails(path)
        return read(self, path)

    def listing(path: str | os.PathLike[str]) -> object:
        fails(path)
        return scandir(path)

    monkeypatch.setattr(Folder, "read", reading)
    monkeypatch.setattr(os, "scandir", listing)
    return names


@pytest.mark.parametrize("kind", [PermissionError, FileNotFoundError])
def test_a_file_that_cannot_be_read_is_left_out_and_told(
    kind: type[OSError], rooms: Rooms, closed: dict[str, type[OSError]]
) -> None:
    rooms.put("noticas/a.csv", LIST)
    rooms.put("noticas/b.csv", LONGER, NOW)
    closed["b.csv"] = kind
    came = received(rooms)
    assert [one.file for slot in came.slots.values() for one in slot] == ["cycle-05/noticas/a.csv"]
    assert came.astray == [Astray("cycle-05/noticas/b.csv", "unreadable", "noticas")]
    (finding,) = astray.findings(came.astray, CONFIG.messages, CYCLE).iter_rows(named=True)
    assert (finding["rule"], finding["severity"]) == ("file_can_be_read", "warning")
    # the next pull takes it, and says nothing any more
    closed.clear()
    came = received(rooms)
    ((newest, _),) = came.slots.values()
    assert (newest.file, came.astray) == ("cycle-05/noticas/b.csv", [])


def test_a_file_that_was_read_before_stays_as_it_was(rooms: Rooms, closed: dict[str, type[OSError]]) -> None:
    rooms.put("noticas/a.csv", LIST)
    rooms.put("noticas/b.csv", LONGER, NOW)
    before = received(rooms).slots
    closed["b.csv"] = PermissionError
    came = received(rooms)
    assert came.slots == before
    assert came.astray == [Astray("cycle-05/noticas/b.csv", "unreadable", "noticas")]


@pytest.mark.parametrize("folder", ["UNIFIL", "mission_report"])
def test_a_folder_that_cannot_be_read_is_left_out_and_told(
    folder: str, rooms: Rooms, closed: dict[str, type[OSError]]
) -> None:
    rooms.put("mission_report/UNIFIL/a.xlsx", mission_book("UNIFIL"))
    rooms.put("mission_report/UNMISS/a.xlsx", mission_book("UNMISS"))
    rooms.put("noticas/a.csv", LIST)
    closed[folder] = PermissionError
    came = receive(CYCLE, rooms.places, CONFIG)
    there = {one.file for slot in came.slots.values() for one in slot}
    others = {"cycle-05/mission_report/UNMISS/a.xlsx"} if folder == "UNIFIL" else set()
    assert there == {"cycle-05/noticas/a.csv"} | others
    path = "cycle-05/mission_report" + ("/UNIFIL" if folder == "UNIFIL" else "")
    mission = "UNIFIL" if others else None
    assert came.astray == [Astray(path, "unreadable", "mission_report", mission)]


def test_an_inbox_that_cannot_be_read_at_all_stops_the_run(rooms: Rooms, closed: dict[str, type[OSError]]) -> None:
    rooms.put("noticas/a.csv", LIST)
    closed["inbox"] = PermissionError
    with pytest.raises(StoreError, match="no permission"):
        received(rooms)


def test_a_private_store_that_cannot_be_read_is_never_taken_for_empty(
    rooms: Rooms, closed: dict[str, type[OSError]]
) -> None:
    rooms.put("noticas/a.csv", LIST)
    received(rooms)
    closed["noticas"] = PermissionError
    with pytest.raises(NotReadable):
        rooms.private.entries("raw")


def test_a_source_that_is_not_pulled_is_told_as_its_last_pull_left_it(
    rooms: Rooms, closed: dict[str, type[OSError]]
) -> None:
    rooms.put("noticas/a.csv", LIST, NOW - timedelta(days=1))
    rooms.put("noticas/b.csv", LONGER, NOW)
    closed["b.csv"] = PermissionError
    first = received(rooms)
    closed.clear()
    again = receive(CYCLE, rooms.places, of_source("noticas"), only=["hospitals"])
    assert (again.slots, again.astray) == (first.slots, first.astray)
