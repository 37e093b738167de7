"""Who is told what: once, again after some days, when all is mended, and anew where it comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config import Config
from flows.feedback.alerts.notice import invitations
from flows.intake.books.told import TOLD, Told
from tests.flows.feedback.alerts.cycle import ALONE, MISSIONS, NOW, Cycle, file, finding, of_mission, sent
from tests.support.files import CYCLE

WAIT = ALONE.alerts.remind_after_days


def test_a_file_is_receipted_once_with_what_is_to_be_mended() -> None:
    cycle = Cycle().refresh(finding("a"), finding("b", severity="info"))
    (notice,) = cycle.due
    assert (notice.kind, notice.slot, notice.new, notice.files) == ("received", "noticas", {"a", "b"}, ("first",))
    assert notice.points["identity"].to_list() == ["a"]
    assert cycle.tell() == ["received"]
    assert cycle.due == []
    assert cycle.after(days=1).refresh(finding("a"), finding("b", severity="info")).due == []


def test_a_file_without_faults_is_receipted_too() -> None:
    cycle = Cycle().refresh()
    assert cycle.tell() == ["received"]
    assert cycle.due == []
    assert cycle.after(days=WAIT).due == []


def test_what_the_pipeline_fetched_needs_no_receipt() -> None:
    fetched = sent(file(file="hub/noticas.json"))
    assert Cycle().refresh(files=fetched).due == []
    assert Cycle().refresh(finding("a"), files=fetched).kinds() == ["received"]


def test_a_new_finding_in_the_same_file_is_told_and_named_as_new() -> None:
    cycle = Cycle().refresh(finding("a"))
    cycle.tell()
    (notice,) = cycle.after(days=1).refresh(finding("a"), finding("b")).due
    assert (notice.kind, notice.new) == ("findings", {"b"})
    assert notice.open["identity"].to_list() == ["b", "a"]


def test_each_file_has_its_message_and_all_else_waits_for_the_next_day() -> None:
    cycle = Cycle().refresh(finding("a"))
    assert cycle.tell() == ["received"]
    # what is found later the same day is told on the next
    cycle.after(hours=2).refresh(finding("a"), finding("b"))
    assert cycle.due == []
    assert cycle.after(hours=24).tell() == ["findings"]
    # a file that is handed in has its message the same day
    again = sent(file(sha256="second", received_at=cycle.now))
    cycle.refresh(finding("b"), files=again)
    assert cycle.tell() == ["received"]
    mended = sent(file(sha256="third", received_at=cycle.now))
    assert cycle.after(hours=1).refresh(files=mended).tell() == ["closed"]


def test_a_new_note_alone_is_told_with_the_next_message() -> None:
    cycle = Cycle().refresh(finding("a"))
    cycle.tell()
    assert cycle.after(days=1).refresh(finding("a"), finding("b", severity="info")).due == []


def test_it_is_reminded_of_after_the_configured_time_and_again_after_as_long() -> None:
    cycle = Cycle().refresh(finding("a"), finding("b", severity="warning"))
    cycle.tell()
    assert cycle.after(days=WAIT, seconds=-1).due == []
    assert cycle.after(seconds=1).tell() == ["reminder"]
    assert set(cycle.ledger["alerted_on"]) == {NOW}
    assert set(cycle.ledger["reminded_on"]) == {cycle.now}
    assert cycle.due == []
    assert cycle.after(days=WAIT).tell() == ["reminder"]
    sooner = replace(ALONE, alerts=ALONE.alerts.model_copy(update={"remind_after_days": 2}))
    cycle.config = sooner
    assert cycle.after(days=2).kinds() == ["reminder"]


def test_a_note_is_no_reason_for_a_reminder() -> None:
    cycle = Cycle().refresh(finding("a", severity="info"))
    cycle.tell()
    assert cycle.after(days=WAIT).due == []


def test_a_corrected_file_closes_what_was_told_once() -> None:
    cycle = Cycle().refresh(finding("a"), finding("b"))
    cycle.tell()
    (notice,) = cycle.after(days=2).refresh(files=sent(file(sha256="good", day=22))).due
    assert (notice.kind, notice.mended, notice.points.height) == ("closed", 2, 0)
    assert cycle.tell() == ["closed"]
    assert cycle.due == []
    assert cycle.after(days=WAIT).due == []


def test_a_file_that_mends_only_some_is_receipted_with_the_rest() -> None:
    cycle = Cycle().refresh(finding("a"), finding("b"))
    cycle.tell()
    (notice,) = cycle.after(days=2).refresh(finding("b"), files=sent(file(sha256="better", day=22))).due
    assert (notice.kind, notice.mended, notice.new) == ("received", 1, set())
    assert notice.points["identity"].to_list() == ["b"]


def test_a_finding_that_comes_back_is_told_anew() -> None:
    cycle = Cycle().refresh(finding("a"))
    cycle.tell()
    cycle.after(days=1).refresh(files=sent(file(sha256="good", day=21)))
    assert cycle.tell() == ["closed"]
    # the first file again, under its hash that was told of before
    (notice,) = cycle.after(days=1).refresh(finding("a")).due
    assert (notice.kind, notice.new) == ("findings", {"a"})


def test_what_is_waived_is_not_to_be_mended() -> None:
    waived = finding("a", waived="Coordinator: agreed")
    (notice,) = Cycle().refresh(waived, finding("b")).due
    assert (notice.points["identity"].to_list(), notice.waived) == (["b"], 1)
    told = Cycle().refresh(finding("a"))
    told.tell()
    assert told.after(days=1).refresh(waived).tell() == ["closed"]
    assert told.after(days=WAIT).due == []


def test_nothing_is_said_before_the_due_day_and_then_that_a_file_is_awaited() -> None:
    cycle = Cycle().refresh(files=sent())
    cycle.now = NOW.replace(year=2024, month=4)
    assert cycle.due == []
    cycle.now = NOW.replace(year=2025)
    (notice,) = cycle.due
    assert (notice.kind, notice.standing.late) == ("overdue", True)
    cycle.tell()
    assert cycle.after(days=WAIT, seconds=-1).due == []
    assert cycle.after(seconds=1).kinds() == ["overdue"]


def test_missions_hear_of_their_own_files_in_their_language() -> None:
    cycle = Cycle(MISSIONS)
    files = sent(file(**of_mission("UNMISS")), file(**of_mission("MINUSCA", sha256="other")))
    cycle.refresh(finding("a", **of_mission("UNMISS")), finding("b", **of_mission("MINUSCA")), files=files)
    due = {notice.slot: notice for notice in cycle.due}
    assert set(due) == {"mission_report/UNMISS", "mission_report/MINUSCA"}
    assert due["mission_report/UNMISS"].open["identity"].to_list() == ["a"]
    assert due["mission_report/MINUSCA"].open["identity"].to_list() == ["b"]
    assert {slot: notice.language for slot, notice in due.items()} == {
        "mission_report/UNMISS": "en",
        "mission_report/MINUSCA": "fr",
    }


def test_the_worst_and_the_new_come_first() -> None:
    cycle = Cycle().refresh(finding("old", row=1))
    cycle.tell()
    later = [finding("note", severity="info"), finding("warning", severity="warning"), finding("new", row=9)]
    (notice,) = cycle.after(days=1).refresh(finding("old", row=1), *later).due
    assert notice.open["identity"].to_list() == ["new", "old", "warning", "note"]


def test_a_message_is_another_one_where_what_it_says_is_another() -> None:
    first = Cycle().refresh(finding("a"))
    assert first.due[0].id == Cycle().refresh(finding("a")).due[0].id
    assert first.due[0].id != Cycle().refresh(finding("b")).due[0].id
    assert first.due[0].id != Cycle().refresh(finding("a"), files=sent(file(sha256="x"))).due[0].id


def test_what_was_told_is_kept_as_it_was() -> None:
    told = {"noticas": Told(("first",), 2, NOW, {"id": ("contacts",)}), "mission_report/UNMISS": Told()}
    assert TOLD.validate_json(TOLD.dump_json(told)) == told


# Before the due day

BEFORE = replace(ALONE, alerts=ALONE.alerts.model_copy(update={"remind_before_days": (14, 3)}))
DUE = ALONE.contract("noticas").due(CYCLE)


def awaited(days: int, config: Config = BEFORE) -> Cycle:
    """The cycle so many days before the due day, with nothing received."""
    cycle = Cycle(config).refresh(files=sent())
    cycle.now = datetime(DUE.year, DUE.month, DUE.day, 9, tzinfo=UTC) - timedelta(days=days)
    return cycle


def test_who_has_sent_nothing_is_reminded_before_the_due_day() -> None:
    cycle = awaited(15)
    assert cycle.due == []
    assert cycle.after(days=1).tell() == ["due_soon"]
    assert cycle.after(days=1).due == []
    assert cycle.after(days=9).due == []
    assert cycle.after(days=1).tell() == ["due_soon"]
    # on the due day itself nothing is overdue, and the day after it is, however late the last reminder was
    assert cycle.after(days=3).due == []
    assert cycle.after(days=1).tell() == ["overdue"]


def test_a_reminder_that_was_missed_is_not_sent_beside_a_later_one() -> None:
    cycle = awaited(1)
    assert cycle.tell() == ["due_soon"]
    assert cycle.after(days=1).due == []


def test_nobody_is_reminded_before_where_that_is_not_asked_for_or_something_came() -> None:
    assert ALONE.alerts.remind_before_days == ()
    assert awaited(3, ALONE).due == []
    came = awaited(3).refresh()
    assert came.kinds() == ["received"]


def test_an_invitation_long_before_counts_as_none_of_these() -> None:
    cycle = awaited(100)
    (asked,) = invitations({}, BEFORE, CYCLE)
    assert (asked.kind, asked.slot, asked.points.height) == ("invitation", "noticas", 0)
    cycle.told = {asked.slot: asked.told(Told(), cycle.now)}
    assert invitations(cycle.told, BEFORE, CYCLE) == []
    assert cycle.after(days=86).kinds() == ["due_soon"]


@pytest.mark.parametrize(
    ("reached", "due"), [(Told(), 1), (Told(taken={"id": ("one way",)}), 1), (Told(awaited_on=NOW), 0)]
)
def test_an_invitation_that_a_way_did_not_take_is_still_due(reached: Told, due: int) -> None:
    """What was tried and did not go out is noted too."""
    assert len(invitations({"noticas": reached}, ALONE, CYCLE)) == due
