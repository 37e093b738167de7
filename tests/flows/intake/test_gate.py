"""The gate keeps every row, on one side or the other, and falls back on what was accepted before."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.core.records import Gathered
from flows.feedback.check import check
from flows.intake.books.completeness import gaps, submissions
from tests.support.files import (
    BOOK_ROWS,
    CONFIG,
    CYCLE,
    NOTICAS_HEADER,
    Rooms,
    allegations,
    casualty,
    mission_book,
    noticas,
    workbook,
)
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.slow

MONDAY = datetime(2024, 5, 20, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
FILE, OTHER = "cycle-05/noticas/a.csv", "cycle-05/noticas/b.csv"


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path)


def sent(gathered: Gathered, *columns: str, source: str = "noticas") -> dict[str, tuple[object, ...]]:
    """What became of a source's files."""
    of_source = submissions(gathered).filter(pl.col("source") == source)
    return {row[0]: row[1:] for row in of_source.select("file", *(columns or ("status",))).iter_rows()}


def numbers(rooms: Rooms, gathered: Gathered) -> list[str]:
    """The last parts of the casualty ids that were accepted."""
    return [text.rpartition("-")[2] for text in rooms.staged(gathered, "noticas")["casualty_id"]]


# Every row is accepted or refused

BROKEN = [
    "X-1,2024-13-45,UNIFIL,Fatality,Illness,,,,",
    ",2024-01-15,UNIFIL,Fatality,Illness,,,,",
    "X-2,2024-01-15,ATLANTIS,Fatality,Illness,,,,",
    "X-3,2024-01-15,UNIFIL,Fatality,Flu,,,,",
    "X-4,2031-01-15,UNIFIL,Fatality,Illness,,,,",
    "X-5,2024-01-15,UNIFIL",
    "X-6,2024-01-15,UNIFIL,Fatality,Illness,,,,,one,two",
    casualty(1),
    "0,0,0,0,0,0,0,0,0",
]
KEPT = [*(casualty(number) for number in range(1, 4)), casualty(1, mission="UNAMA"), casualty(2, cause="illness ")]
LINES = st.lists(st.sampled_from([*KEPT, *BROKEN, "", ",,,,,,,,"]), max_size=12)
NO_TABLE = st.sampled_from([b"", b"one,two\n1,2\n", b"%PDF-1.7", noticas(casualty(1)) + b"\xe9", b"PK\x03\x04\x00"])
FILES = LINES.map(lambda lines: noticas(*lines)) | NO_TABLE
TRAININGS = st.lists(
    st.sampled_from(
        [
            ("Induction", 12, 24),
            ("Refresher", "None", 0),
            ("Induction", "many", 3),
            ("Juggling", 1, 1),
            ("SEA prevention", 1, 400),
            (None, 1, 1),
            (None, None, None),
        ]
    ),
    max_size=5,
)


def data_lines(data: bytes) -> int:
    """How many rows a file holds below the header of casualties, if it has one."""
    header, *lines = data.decode().splitlines()
    return sum(1 for line in lines if line.strip(",")) if header == NOTICAS_HEADER else 0


@settings(max_examples=24 if SWEEP else 4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FILES, min_size=1, max_size=3), TRAININGS, st.lists(st.integers(1, 4), max_size=5))
def test_rows_read_are_rows_accepted_and_rows_refused(
    files: list[bytes], trainings: list[tuple[object, ...]], cases: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rooms = Rooms(Path(folder))
        names = {}
        for number, data in enumerate(files):
            names[rooms.put(f"noticas/{number}.csv", data, MONDAY + number * DAY)] = data
        rooms.put("conduct_allegations/f.xlsx", allegations(*cases))
        header = ("training", "sessions", "training_days")
        rooms.put("mission_report/UNIFIL/f.xlsx", mission_book("UNIFIL", conduct_training=[header, *trainings]))
        gathered = rooms.gather()

        said = submissions(gathered).filter(pl.col("status") != "superseded")
        for one in said.iter_rows(named=True):
            assert one["rows_read"] == one["rows_staged"] + one["rows_quarantined"]
            if one["table"] == "noticas":
                assert one["rows_read"] == data_lines(names[one["file"]])
            if one["status"] == "refused":
                assert one["rows_staged"] == 0
        for table in gathered.tables:
            of_table = said.filter(pl.col("table") == table.table)
            staged, quarantine = rooms.frame(table.staged), rooms.frame(table.quarantine)
            assert staged.height == of_table["rows_staged"].sum()
            assert quarantine.height == of_table["rows_quarantined"].sum()
            assert quarantine["reasons"].null_count() == 0
            # no row is on both sides, and none twice
            places = [
                *staged.select("_file", "_sheet", "_row").rows(),
                *quarantine.select("_file", "_sheet", "_row").rows(),
            ]
            assert len(places) == len(set(places))


def test_a_refused_row_is_kept_as_it_stood_with_every_reason(rooms: Rooms) -> None:
    rooms.put("noticas/a.csv", noticas(casualty(1), "X-1, 15/01/2024 ,ATLANTIS,Fatality,Illness,,,,,"))
    gathered = rooms.gather()
    (row,) = rooms.quarantine(gathered, "noticas").iter_rows(named=True)
    assert row["incident_date"] == " 15/01/2024 "
    assert row["mission"] == "ATLANTIS"
    assert row["reasons"] == "incident_date_is_a_date; mission_is_a_mission"
    assert (row["_file"], row["_row"]) == (FILE, 3)
    assert sent(gathered, "rows_read", "rows_staged", "rows_quarantined", "status") == {FILE: (2, 1, 1, "accepted")}


# Which file is in use


def test_a_later_file_replaces_an_earlier_one(rooms: Rooms) -> None:
    rooms.put("noticas/a.csv", noticas(casualty(1)), MONDAY + DAY)
    rooms.put("noticas/b.csv", noticas(casualty(2), casualty(3)), MONDAY)
    gathered = rooms.gather()
    assert sent(gathered) == {FILE: ("accepted",), OTHER: ("superseded",)}
    assert numbers(rooms, gathered) == ["0001"]


def test_a_later_file_in_place_of_an_earlier_one(rooms: Rooms) -> None:
    rooms.put("noticas/a.csv", noticas(casualty(1)), MONDAY)
    rooms.gather()
    rooms.put("noticas/a.csv", noticas(casualty(2)), MONDAY + DAY)
    gathered = rooms.gather()
    assert sent(gathered) == {FILE: ("accepted",)}
    assert numbers(rooms, gathered) == ["0002"]


REFUSED = {
    "unreadable": b"%PDF-1.7",
    "without a required column": noticas("X-1,2024-01-15", header="casualty_id,incident_date"),
    "without rows": noticas(),
    "of another source": b"allegation_id,category,mission,date_reported\nA-1,SEA,UNIFIL,2023-01-01\n",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_a_file_refused_as_a_whole_leaves_the_last_accepted_one_in_use(rooms: Rooms, data: bytes) -> None:
    rooms.put("noticas/b.csv", noticas(casualty(1)), MONDAY)
    rooms.put("noticas/c.csv", noticas(casualty(2)), MONDAY - DAY)
    rooms.put("noticas/a.csv", data, MONDAY + DAY)
    gathered = rooms.gather()
    assert sent(gathered) == {FILE: ("refused",), OTHER: ("accepted",), "cycle-05/noticas/c.csv": ("superseded",)}
    assert numbers(rooms, gathered) == ["0001"]
    assert gaps(gathered, CONFIG)["noticas"] == frozenset()
    told = rooms.findings(gathered).select("file", "severity").unique()
    assert set(told.iter_rows()) == {(FILE, "critical"), ("cycle-05/noticas/c.csv", "info")}


@pytest.mark.parametrize("kind", ["unreadable", "without a required column"])
def test_a_broken_file_in_place_of_a_good_one_leaves_the_copy_of_the_good_one_in_use(rooms: Rooms, kind: str) -> None:
    rooms.put("noticas/a.csv", noticas(casualty(1)), MONDAY - DAY)
    rooms.gather()
    rooms.put("noticas/a.csv", noticas(casualty(2)), MONDAY)
    rooms.gather()
    rooms.put("noticas/a.csv", REFUSED[kind], MONDAY + DAY)
    gathered = rooms.gather()
    broken, copy = sorted(sent(gathered).items())[::-1]
    assert broken == (FILE, ("refused",))
    assert copy[0].startswith("cycle-05/noticas/a (earlier copy ")
    assert copy[0].endswith(").csv")
    assert copy[1] == ("accepted",)
    received = sent(gathered, "received_at")
    assert (received[copy[0]], received[FILE]) == ((MONDAY,), (MONDAY + DAY,))
    assert numbers(rooms, gathered) == ["0002"]
    assert set(rooms.staged(gathered, "noticas")["_file"]) == {copy[0]}
    # the same again, from what was pulled before
    assert sent(rooms.gather("conduct_allegations")) == sent(gathered)


def test_one_broken_file_after_another(rooms: Rooms) -> None:
    for number, data in enumerate([noticas(casualty(1)), REFUSED["unreadable"], REFUSED["of another source"]]):
        rooms.put("noticas/a.csv", data, MONDAY + number * DAY)
        gathered = rooms.gather()
        assert numbers(rooms, gathered) == ["0001"]
    # of what was overwritten only what was accepted comes back
    statuses = [status for (status,) in sent(gathered).values()]
    assert sorted(statuses) == ["accepted", "refused"]


def test_the_same_content_under_a_wrong_and_a_right_ending(rooms: Rooms) -> None:
    good = noticas(casualty(1))
    rooms.put("noticas/a.csv", good, MONDAY)
    wrong = rooms.put("noticas/a.xls", good, MONDAY + DAY)
    gathered = rooms.gather()
    assert sent(gathered) == {wrong: ("refused",), FILE: ("accepted",)}
    assert numbers(rooms, gathered) == ["0001"]


def test_where_nothing_can_be_used_it_is_missing(rooms: Rooms) -> None:
    rooms.put("noticas/a.csv", b"%PDF-1.7")
    gathered = rooms.gather()
    assert gaps(gathered, CONFIG)["noticas"] == {"ALL"}
    assert rooms.staged(gathered, "noticas").is_empty()


def test_the_file_of_one_mission_replaces_no_other_missions(rooms: Rooms) -> None:
    first = rooms.put("mission_report/UNIFIL/f.xlsx", mission_book("UNIFIL"), MONDAY)
    second = rooms.put("mission_report/UNMISS/f.xlsx", mission_book("UNMISS"), MONDAY + DAY)
    late = rooms.put("mission_report/UNIFIL/corrected/g.xlsx", mission_book("UNFIL"), MONDAY + DAY)
    gathered = rooms.gather()
    assert sent(gathered, source="mission_report") == {
        first: ("superseded",),
        second: ("accepted",),
        late: ("accepted",),
    }
    assert rooms.staged(gathered, "sofa_soma").select("mission", "_file").rows() == [
        ("UNIFIL", late),
        ("UNMISS", second),
    ]
    assert gaps(gathered, CONFIG)["cover"] == set(CONFIG.reporting_missions) - {"UNIFIL", "UNMISS"}


def test_a_refused_sheet_of_a_mission_does_not_lose_its_others(rooms: Rooms) -> None:
    file = rooms.put("mission_report/UNIFIL/f.xlsx", mission_book("UNIFIL", conduct_training=[("sessions",), (3,)]))
    rooms.put("mission_report/UNMISS/f.xlsx", mission_book("UNMISS"))
    gathered = rooms.gather()
    said = submissions(gathered).filter(pl.col("file") == file)
    assert {row[0]: row[1:] for row in said.select("table", "rows_read", "rows_quarantined", "status").iter_rows()} == {
        **{table: (rows, 0, "accepted") for table, rows in BOOK_ROWS.items()},
        "conduct_training": (1, 1, "refused"),
    }
    missing = gaps(gathered, CONFIG)
    assert "UNIFIL" in missing["conduct_training"]
    assert "UNIFIL" not in missing["sofa_soma"]


# Nothing that is personal or unknown goes further than the raw copy

CANARY, UNKNOWN = "Cänary Mc Canaryface", "Unknown-Cell-4711"


def everything_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a store as text; tables are unpacked, for their bytes are compressed."""
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            unpacked = pl.read_parquet(io.BytesIO(data)) if path.suffix == ".parquet" else None
            told = json.dumps(unpacked.to_dicts(), default=str, ensure_ascii=False) if unpacked is not None else ""
            names = " ".join(unpacked.columns) if unpacked is not None else ""
            yield path.relative_to(folder), f"{path} {names} {told} {data.decode('utf-8', 'replace')}"


def test_personal_and_unknown_columns_reach_the_raw_copy_only(rooms: Rooms) -> None:
    header = f"{NOTICAS_HEADER},Name,index number,next of kin {UNKNOWN}"
    more = f"{CANARY},{CANARY},{UNKNOWN}"
    lines = [f"{casualty(1)},{more}", f"X-1,never,ATLANTIS,Fatality,Flu,,,,,,{more}", f"{casualty(1)},{more}"]
    # the refused file and the accepted one, and refused rows of both
    rooms.put("noticas/a.csv", noticas(*lines, header=header.replace("cause", "reason")), MONDAY + DAY)
    rooms.put("noticas/b.csv", noticas(*lines, header=header), MONDAY)
    people = [("allegation_id", "category", "mission", "date_reported", "Victim Name", "remarks")]
    people += [("A-1", "SEA", "UNIFIL", "2023-06-01", CANARY, UNKNOWN), ("A-2", "?", "?", "?", CANARY, UNKNOWN)]
    rooms.put("conduct_allegations/f.xlsx", workbook({f"Sheet {UNKNOWN}"[:31]: people}))
    cover = [("mission", "cycle", "Focal point", "remarks"), ("UNIFIL", 5, CANARY, UNKNOWN)]
    rooms.put("mission_report/UNIFIL/f.xlsx", mission_book("UNIFIL", cover=cover))
    gathered = rooms.gather()
    assert set(submissions(gathered)["status"]) == {"accepted", "refused"}
    assert rooms.quarantine(gathered, "noticas").height == 5

    files = dict(everything_in(rooms.folder / "private"))
    assert len(files) > 30
    holding = {path for path, text in files.items() if CANARY in text or UNKNOWN in text}
    assert {path.parts[0] for path in holding} == {"raw"}
    assert {path.suffix for path in holding} == {".csv"}  # the workbooks are compressed


# A source checks its own file by the same rules


def test_a_check_says_what_the_gate_would_say(tmp_path: Path, rooms: Rooms) -> None:
    data = noticas(casualty(1), casualty(1), "X-1,2024-13-45,UNIFIL,Fatality,Illness,,,,")
    file = tmp_path / "a.csv"
    file.write_bytes(data)
    rooms.put("noticas/a.csv", data)
    checked = check(file, CONFIG, cycle=CYCLE)
    told = ["row", "column", "rule", "severity", "message", "remedy"]
    assert checked.findings.select(told).equals(rooms.findings(rooms.gather()).select(told))
    assert (checked.source, checked.refused, checked.rows_read, checked.rows_accepted) == ("noticas", True, 3, 1)


def test_a_check_takes_mission_and_cycle_from_the_cover(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    trainings = [("training", "sessions", "training_days", "participants"), ("Induction", 3, 183)]
    file.write_bytes(mission_book("Unfil", "Cycle 5", conduct_training=trainings))
    checked = check(file, CONFIG)
    (finding,) = checked.findings.iter_rows(named=True)
    assert (finding["rule"], finding["mission"]) == ("training_days_fit_into_the_cycle", "UNIFIL")
    # the other numbers of the row still count
    assert (finding["severity"], checked.refused) == ("warning", False)
    # cycle 6 has 184 days
    file.write_bytes(mission_book("Unfil", "Cycle 6", conduct_training=trainings))
    assert check(file, CONFIG).findings.is_empty()


def test_a_check_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(b"%PDF-1.7")
    checked = check(file, CONFIG)
    assert checked.findings["rule"].to_list() == ["file_is_no_pdf"]
    assert (checked.source, checked.refused, checked.rows_read) == (None, True, 0)
