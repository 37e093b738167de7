"""What a file was read as is counted at the gate, kept for the message to its sender, and told nobody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from flows.core.records import Published
from flows.intake.books import completeness, ledger
from tests.support.files import CONFIG, CYCLE, Rooms, mission_book

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 21, tzinfo=UTC)


@pytest.fixture
def rooms(tmp_path) -> Rooms:
    return Rooms(tmp_path)


def test_sums_are_those_of_the_rows_that_were_accepted_and_are_kept(rooms: Rooms) -> None:
    rows = [
        ("training", "sessions", "training_days", "participants"),
        ("Induction", 900, 24, "Under Validation"),
        ("Refresher", 14, 5, 30),
        ("No such training", 1000, 1000, 1000),
    ]
    path = rooms.put("mission_report/UNIFIL/f.xlsx", mission_book("UNIFIL", conduct_training=rows))
    gathered = rooms.gather("mission_report")
    counted = completeness.counted(gathered)
    assert counted[path]["conduct_training"] == {"sessions": 914, "training_days": 29, "participants": 30}
    # a year is no number that is summed up, and a blank is no zero
    assert counted[path]["women_in_patrols"] == {"patrols": 8400, "patrols_with_women": 2352}
    published = Published(None, False, "provisional", (), completeness.submissions(gathered), rooms.findings(gathered))
    ledger.tell(published, CONFIG, CYCLE, rooms.private, NOW, counted)
    last = ledger.last_refresh(rooms.private, CYCLE)
    assert last is not None
    assert last.counted == counted
    # as a number of its own: a file's hash may hold the same digits
    assert not any(re.search(r"\b914\b", str(row)) for row in last.submissions.iter_rows())


def test_a_store_without_sums_is_read(rooms: Rooms) -> None:
    rooms.put("mission_report/UNIFIL/f.xlsx", mission_book("UNIFIL"))
    gathered = rooms.gather("mission_report")
    published = Published(None, False, "provisional", (), completeness.submissions(gathered), rooms.findings(gathered))
    ledger.tell(published, CONFIG, CYCLE, rooms.private, NOW, completeness.counted(gathered))
    (kept,) = [one.path for one in rooms.private.entries(f"ledger/{CYCLE.folder}") if one.path.endswith("counted.json")]
    rooms.private.delete(kept)
    last = ledger.last_refresh(rooms.private, CYCLE)
    assert last is not None
    assert last.counted == {}
    assert last.submissions.height > 0
