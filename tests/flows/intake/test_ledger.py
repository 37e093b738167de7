"""The ledger: a finding is new, seen again, closed, reopened or waived, and none is ever lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.columns import SCHEMA as FINDING
from flows.core.records import Published
from flows.intake.books import ledger
from flows.intake.books.completeness import SUBMISSIONS
from flows.intake.books.told import mark_told
from flows.stores import Store
from tests.support.files import CONFIG, CYCLE

MONDAY = datetime(2024, 5, 20, 9, tzinfo=UTC)
LATER = MONDAY + timedelta(days=3)
BY_MISSION = {"mission_report"}


def finding(identity: str, **said: Any) -> dict[str, Any]:
    usual = {"source": "noticas", "table": "noticas", "file": "a.csv", "row": 2, "column": "cause", "rule": "r"}
    texts = {"message": "It is wrong.", "remedy": "Mend it.", "message_fr": "Faux.", "remedy_fr": "Corrigez."}
    return {**usual, "severity": "critical", **texts, "identity": identity, **said}


def findings(*found: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(found), schema=FINDING)


def file(source: str = "noticas", sha256: str = "first", day: int = 1, **said: Any) -> dict[str, Any]:
    received = datetime(2024, 5, day, tzinfo=UTC)
    usual = {"source": source, "table": source, "file": f"{sha256}.csv", "sha256": sha256, "received_at": received}
    return {**usual, "rows_read": 3, "rows_staged": 3, "rows_quarantined": 0, "status": "accepted", **said}


def sent(*files: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(files), schema=SUBMISSIONS)


def updated(
    before: pl.DataFrame, found: pl.DataFrame, files: pl.DataFrame, now: datetime = LATER
) -> dict[str, dict[str, Any]]:
    return by_identity(ledger.update(before, found, files, now, BY_MISSION))


def by_identity(kept: pl.DataFrame) -> dict[str, dict[str, Any]]:
    assert kept.schema == pl.Schema(ledger.SCHEMA)
    return {row["identity"]: row for row in kept.iter_rows(named=True)}


def start(*found: dict[str, Any], files: pl.DataFrame | None = None) -> pl.DataFrame:
    return ledger.update(ledger.empty(), findings(*found), sent(file()) if files is None else files, MONDAY, BY_MISSION)


def test_a_new_finding_is_open_and_not_yet_told() -> None:
    entry = by_identity(start(finding("a")))["a"]
    assert (entry["first_seen"], entry["last_seen"], entry["reopened"]) == (MONDAY, MONDAY, 0)
    assert [entry[name] for name in ("alerted_on", "resolved_on", "resolved_by", "waived_by")] == [None] * 4
    assert (entry["message"], entry["message_fr"], entry["row"]) == ("It is wrong.", "Faux.", 2)


def test_a_finding_seen_again_keeps_when_it_came_and_was_told_and_takes_its_new_place() -> None:
    told = mark_told(start(finding("a")), ["a/0"], MONDAY)
    entry = updated(told, findings(finding("a", row=7, file="b.csv")), sent(file()))["a"]
    assert (entry["first_seen"], entry["last_seen"], entry["alerted_on"]) == (MONDAY, LATER, MONDAY)
    assert (entry["row"], entry["file"], entry["resolved_on"]) == (7, "b.csv", None)


def test_a_finding_that_is_gone_is_closed_by_the_submission_in_use() -> None:
    entry = updated(
        start(finding("a")),
        findings(),
        sent(
            file(sha256="replaced", day=4, status="superseded"),
            file(sha256="older", day=2),
            file(sha256="newest", day=3),
        ),
    )["a"]
    assert (entry["resolved_on"], entry["resolved_by"], entry["last_seen"]) == (LATER, "newest", MONDAY)


def test_what_is_closed_stays_closed_as_it_was() -> None:
    closed = ledger.update(start(finding("a")), findings(), sent(file(sha256="good", day=2)), LATER)
    entry = updated(closed, findings(), sent(file(sha256="newer", day=3)), LATER + timedelta(days=1))["a"]
    assert (entry["resolved_on"], entry["resolved_by"]) == (LATER, "good")


def test_one_that_comes_back_is_reopened_and_is_to_be_told_anew() -> None:
    told = mark_told(mark_told(start(finding("a")), ["a/0"], MONDAY), ["a/0"], LATER)
    closed = ledger.update(told, findings(), sent(file(sha256="good", day=2)), LATER)
    assert by_identity(closed)["a"]["alerted_on"] == MONDAY
    entry = updated(closed, findings(finding("a")), sent(file(sha256="bad", day=3)), LATER + timedelta(days=1))["a"]
    assert [entry[name] for name in ("alerted_on", "reminded_on", "resolved_on", "resolved_by")] == [None] * 4
    assert (entry["reopened"], entry["first_seen"]) == (1, MONDAY)


def test_a_waived_finding_is_kept_with_owner_and_reason_and_is_not_to_be_mended() -> None:
    kept = start(finding("a", waived="Coordinator: agreed: by telephone"), finding("b"))
    entry = by_identity(kept)["a"]
    assert (entry["waived_by"], entry["waived_reason"]) == ("Coordinator", "agreed: by telephone")
    assert kept.filter(ledger.TO_MEND)["identity"].to_list() == ["b"]
    # once the waiver is over it is to be mended, and told
    over = ledger.update(kept, findings(finding("a"), finding("b")), sent(file()), LATER)
    assert over.filter(ledger.TO_MEND)["identity"].to_list() == ["a", "b"]


@pytest.mark.parametrize(
    "files",
    [
        sent(),
        sent(file("hospitals")),
        sent(file(sha256="only replaced", status="superseded")),
        # of a file that is refused no row was judged
        sent(file(sha256="refused", status="refused", table=None)),
        sent(file(sha256="another table", table="others")),
    ],
)
def test_where_nothing_was_judged_it_stays(files: pl.DataFrame) -> None:
    entry = updated(start(finding("a")), findings(), files)["a"]
    assert (entry["resolved_on"], entry["resolved_by"]) == (None, None)


def test_a_mission_closes_only_its_own() -> None:
    of = {
        mission: {"source": "mission_report", "table": "sofa_soma", "mission": mission}
        for mission in ("UNMIK", "UNTSO")
    }
    before = start(finding("a", **of["UNMIK"]), finding("b", **of["UNTSO"]))
    kept = updated(before, findings(), sent(file(**of["UNMIK"], sha256="good")))
    assert (kept["a"]["resolved_by"], kept["b"]["resolved_on"]) == ("good", None)


def test_a_row_of_headquarters_is_closed_whatever_mission_stands_in_it() -> None:
    kept = updated(start(finding("a", mission="UNMIK")), findings(), sent(file(sha256="good")))
    assert kept["a"]["resolved_by"] == "good"


@pytest.mark.parametrize("status", ["accepted", "refused"])
def test_a_finding_on_a_file_is_closed_by_the_next_file_even_if_that_has_another_fault(status: str) -> None:
    of_file = {"table": None, "row": None, "column": None}
    table = None if status == "refused" else "noticas"
    before = start(finding("a", **of_file), files=sent(file(sha256="cut off", table=None, status="refused")))
    kept = updated(before, findings(), sent(file(sha256="next", status=status, table=table)))
    assert kept["a"]["resolved_by"] == "next"


def test_a_file_in_no_missions_folder_is_of_the_whole_source() -> None:
    astray = finding("a", source="mission_report", table=None, mission=None)
    kept = updated(start(astray), findings(), sent(file("mission_report", sha256="good", mission="UNMIK")))
    assert kept["a"]["resolved_by"] == "good"


def test_what_the_pipeline_finds_itself_is_closed_by_the_next_refresh() -> None:
    kept = updated(start(finding("a", source="pipeline", table=None)), findings(), sent())
    assert (kept["a"]["resolved_on"], kept["a"]["resolved_by"]) == (LATER, None)


IDENTITIES = [f"{source}-{number}" for source in ("noticas", "hospitals") for number in range(4)]
REFRESH = st.tuples(
    st.sets(st.sampled_from(["noticas", "hospitals"])), st.sets(st.sampled_from(IDENTITIES)), st.booleans()
)


@given(st.lists(REFRESH, max_size=8))
def test_no_identity_is_lost_and_open_ones_are_those_of_the_last_refresh(
    refreshes: list[tuple[set[str], set[str], bool]],
) -> None:
    kept = ledger.empty()
    ever: set[str] = set()
    open_: set[str] = set()
    for day, (judged, anything, waived) in enumerate(refreshes):
        now = MONDAY + timedelta(days=day)
        seen = {one for one in anything if one.partition("-")[0] in judged}
        why = "Coordinator: agreed" if waived else None
        found = [finding(one, source=one[:-2], table=one[:-2], waived=why) for one in sorted(seen)]
        before = by_identity(kept)
        kept = ledger.update(kept, findings(*found), sent(*(file(one, sha256=f"{day}") for one in sorted(judged))), now)
        ever |= seen
        open_ = seen | {one for one in open_ if one.partition("-")[0] not in judged}
        entries = by_identity(kept)
        assert kept["identity"].to_list() == list(entries)
        assert set(entries) == ever
        assert set(kept.filter(ledger.OPEN)["identity"]) == open_
        for one, entry in entries.items():
            assert entry["first_seen"] <= entry["last_seen"] <= now
            if one in before:
                assert entry["first_seen"] == before[one]["first_seen"]
                assert entry["reopened"] == before[one]["reopened"] + (
                    one in seen and before[one]["resolved_on"] is not None
                )


def test_counts_by_slot() -> None:
    """What is to be mended, what was, and in how many days: between the receipts, not between the refreshes."""
    kept = start(
        finding("a"),
        finding("b", severity="warning"),
        finding("c", severity="info"),
        finding("d", waived="Coordinator: agreed"),
        # a question is no fault
        finding("q", rule="share_fits_its_count", severity="warning"),
        finding("r", rule="share_fits_its_count", severity="warning", waived="Coordinator: taken as it is"),
        finding("e", source="hospitals", table="hospitals", file="hospitals.xlsx"),
        files=sent(file(), file("hospitals", file="hospitals.xlsx", received_at=MONDAY)),
    )
    corrected = file("hospitals", file="corrected.xlsx", received_at=MONDAY + timedelta(days=3), sha256="new")
    still = findings(finding("b", severity="warning"), finding("q", rule="share_fits_its_count", severity="warning"))
    kept = ledger.update(kept, still, sent(corrected), MONDAY + timedelta(days=9))
    assert ledger.by_slot(kept).to_dicts() == [
        {"source": "hospitals", "mission": None, "to_mend": 0, "asked": 0, "mended": 1, "days_to_mend": 3.0},
        {"source": "noticas", "mission": None, "to_mend": 2, "asked": 1, "mended": 0, "days_to_mend": None},
    ]


@pytest.mark.parametrize(
    ("files", "mended", "days"),
    [
        # the same file, of which the coordinator corrected a cell
        ((file(sha256="bad"),), 0, None),
        # the one before it, since it was withdrawn
        ((file(sha256="bad", day=9, status="withdrawn"), file(sha256="before", day=2)), 0, None),
        # another file of the source, also one that was written before
        ((file(sha256="bad", day=9, status="superseded"), file(sha256="good", day=12)), 1, 3.0),
        ((file(sha256="bad", day=9, status="superseded"), file(sha256="good", day=2)), 1, 0.0),
    ],
)
def test_only_what_the_source_put_right_is_its_mending_and_never_in_less_than_no_time(
    files: tuple[dict[str, Any], ...], mended: int, days: float | None
) -> None:
    kept = start(finding("a", file="bad.csv"), files=sent(file(sha256="bad", day=9)))
    kept = ledger.update(kept, findings(), sent(*files), LATER)
    assert kept.filter(ledger.OPEN).is_empty()
    assert ledger.by_slot(kept).to_dicts() == [
        {"source": "noticas", "mission": None, "to_mend": 0, "asked": 0, "mended": mended, "days_to_mend": days}
    ]
    told = ledger.mended(
        start(finding("a", file="bad.csv"), files=sent(file(sha256="bad", day=9))), findings(), sent(*files)
    )
    assert told.height == mended


# What a refresh tells


def published(found: pl.DataFrame, files: pl.DataFrame) -> Published:
    return Published(None, False, "provisional", (), files, found)


def test_what_is_newly_refused_and_late_is_said_once(tmp_path: Path) -> None:
    private = Store(str(tmp_path))
    assert ledger.last_refresh(private, CYCLE) is None
    refused = file(sha256="bad", status="refused", table=None)
    early = datetime(2024, 5, 20, tzinfo=UTC)
    first = ledger.tell(published(findings(finding("a")), sent(refused)), CONFIG, CYCLE, private, early)
    assert (first.refused, first.late) == ((("noticas", None),), ())
    again = ledger.tell(published(findings(finding("a")), sent(refused)), CONFIG, CYCLE, private, early)
    assert (again.refused, again.late) == ((), ())
    # the day after the due day everything else that is required is late, once
    due = CONFIG.contract("mission_report").due(CYCLE)
    after = datetime.combine(due, datetime.min.time(), UTC) + timedelta(days=1)
    late = ledger.tell(published(findings(), sent(refused)), CONFIG, CYCLE, private, after)
    assert ("mission_report", "UNMISS") in late.late
    assert ("noticas", None) not in late.late
    assert ledger.tell(published(findings(), sent(refused)), CONFIG, CYCLE, private, after).late == ()
    # another refused file is news again
    other = sent(file(sha256="worse", status="refused", table=None))
    assert ledger.tell(published(findings(), other), CONFIG, CYCLE, private, after).refused == (("noticas", None),)


def test_a_file_that_came_after_the_due_day_is_late(tmp_path: Path) -> None:
    due: date = CONFIG.contract("noticas").due(CYCLE)
    received = datetime(due.year, due.month, due.day, tzinfo=UTC) + timedelta(days=1)
    news = ledger.tell(
        published(findings(), sent(file(received_at=received))), CONFIG, CYCLE, Store(str(tmp_path)), received
    )
    assert ("noticas", None) in news.late


def test_ledger_and_last_refresh_are_kept(tmp_path: Path) -> None:
    private = Store(str(tmp_path))
    found, files = findings(finding("a")), sent(file())
    ledger.tell(published(found, files), CONFIG, CYCLE, private, MONDAY)
    last = ledger.last_refresh(private, CYCLE)
    assert last is not None
    assert last.findings.equals(found)
    assert last.submissions.equals(files)
    assert by_identity(ledger.load(private, CYCLE))["a"]["first_seen"] == MONDAY
