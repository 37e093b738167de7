"""The scorecard by source: what it makes of hand-made books, of one cycle and of several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config import ConfigError
from expectations.questions import QUESTIONS
from flows.core.score_tables import CYCLES, KINDS, TREND, schema
from flows.intake.books import kinds, record, sent_files
from flows.intake.books.questions import TAKEN
from flows.intake.books.record import Decision
from flows.intake.books.scorecard import BETTER, BOTH, SAME, WORSE
from flows.stores.checked import Damaged
from tests.flows.intake.desk import WHOLE, Desk, at, came
from tests.flows.intake.test_ledger import file, finding, sent
from tests.support.files import CONFIG

DUE = CONFIG.contract("noticas").due(CONFIG.cycle(5))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_file_that_came_in_time_and_was_accepted(desk: Desk) -> None:
    desk.refresh(came("a", -3))
    row = desk.row()
    assert {name: row[name] for name in ("days_late", "files", "accepted_at_first", "times_sent", "findings")} == {
        "days_late": 0,
        "files": 1,
        "accepted_at_first": True,
        "times_sent": 1,
        "findings": 0,
    }
    assert (row["title"], row["due"], row["status"]) == ("Notifications of casualties", DUE, "accepted")
    assert (row["received_on"], row["most_frequent"], row["days_to_mend"], row["trend"]) == (
        at(-3).date(),
        None,
        None,
        None,
    )


def test_late_refused_at_first_and_mended(desk: Desk) -> None:
    """The first file is late and refused, the second accepted in part, the third whole."""
    blank = finding("b", message="“Cause” is blank.", rule="cause_is_given", file="two.csv")
    empty = finding("a", **WHOLE, message="The file is empty.", rule="file_holds_something", file="one.csv")
    desk.refresh(came("one", 3, table=None, status="refused"), found=(empty,))
    replaced = came("one", 3, table=None, status="superseded")
    desk.refresh(replaced, came("two", 5, rows_staged=2, rows_quarantined=1), found=(blank,))
    desk.refresh(replaced, came("two", 5, table=None, status="superseded"), came("three", 9))
    row = desk.row()
    assert (row["days_late"], row["status"]) == (3, "accepted")
    assert (row["files"], row["accepted_at_first"], row["times_sent"]) == (3, False, 3)
    assert (row["findings"], row["critical"], row["warnings"], row["mended"], row["to_mend"]) == (2, 2, 0, 2, 0)
    assert row["days_to_mend"] == 3.0
    assert row["most_frequent"] == "“Cause” is blank (1); The file is empty (1)"


def test_what_is_not_accepted_yet_and_what_nobody_looked_at(desk: Desk) -> None:
    desk.refresh(came("one", -9, table=None, status="superseded"), came("two", -5, rows_quarantined=1, rows_staged=2))
    row = desk.row()
    # nobody knows what would have become of the first one
    assert (row["status"], row["files"], row["accepted_at_first"], row["times_sent"]) == (
        "accepted in part",
        2,
        None,
        None,
    )


def test_a_file_that_a_decision_accepts_later_was_not_accepted_at_first(desk: Desk) -> None:
    wrong = finding("a", file="one.csv")
    desk.refresh(came("one", -3, rows_staged=2, rows_quarantined=1), found=(wrong,))
    desk.refresh(came("one", -3), found=(finding("a", file="one.csv", waived="Coordinator: agreed"),))
    row = desk.row()
    assert (row["accepted_at_first"], row["times_sent"]) == (False, 1)
    assert (row["findings"], row["let_stand"], row["most_frequent"]) == (0, 1, None)


def test_a_withdrawn_file_counts_as_if_it_had_not_come(desk: Desk) -> None:
    desk.refresh(came("draft", -9, table=None, status="refused"))
    desk.refresh(came("draft", -9, table=None, status="withdrawn", order=None), came("right", -3))
    row = desk.row()
    assert (row["files"], row["accepted_at_first"], row["received_on"]) == (1, True, at(-3).date())


def test_parts_of_one_file_count_as_one(desk: Desk) -> None:
    said = {"source": "uniformed_personnel", "table": "uniformed_personnel"}
    assert CONFIG.contract("uniformed_personnel").sent_in_parts
    parts = [came(f"part {n} of 2", -3, **said) for n in (1, 2)]
    desk.refresh(*parts)
    row = desk.row(source="uniformed_personnel")
    assert (row["files"], row["accepted_at_first"], row["times_sent"]) == (2, True, 1)


def test_a_source_of_which_nothing_came_and_one_that_need_not_come(desk: Desk) -> None:
    desk.refresh(came("a", -3))
    rows = {row["source"]: row for row in desk.card().cycles.iter_rows(named=True) if row["mission"] is None}
    absent = rows["hospitals"]
    assert (absent["status"], absent["days_late"], absent["accepted_at_first"]) == ("overdue", None, None)
    missions = desk.card(source="mission_report").cycles["mission"].to_list()
    assert missions == list(CONFIG.of_cycle(5).reporting_missions)


def test_a_file_that_was_written_over_in_the_inbox_came_nevertheless(desk: Desk) -> None:
    desk.refresh(came("one", -3, rows_staged=2, rows_quarantined=1))
    desk.refresh(came("two", 9))
    row = desk.row()
    assert (row["received_on"], row["days_late"], row["files"], row["times_sent"]) == (at(-3).date(), 0, 2, 2)


def test_what_may_have_come_since_the_last_refresh_is_not_called_overdue(desk: Desk) -> None:
    desk.refresh(came("h", -99, source="hospitals", table="hospitals"), now=at(-99))
    assert desk.row()["status"] == "awaited"
    desk.refresh(came("h", -99, source="hospitals", table="hospitals"), now=at(1))
    assert desk.row()["status"] == "overdue"
    desk.refresh(came("n", 2), came("h", -99, source="hospitals", table="hospitals"), now=at(3))
    assert (desk.row()["status"], desk.row()["days_late"]) == ("accepted", 2)


def test_a_mission_has_its_own_row(desk: Desk) -> None:
    of = {"source": "mission_report", "table": "sofa_soma", "mission": "UNMISS"}
    wrong = finding("a", **of, file="m.xlsx")
    desk.refresh(came("m", -90, **of, file="m.xlsx", rows_staged=2, rows_quarantined=1), found=(wrong,))
    card = desk.card(mission="UNMISS")
    (row,) = card.cycles.filter(pl.col("source") == "mission_report").to_dicts()
    assert (row["findings"], row["to_mend"], row["status"]) == (1, 1, "accepted in part")
    assert set(card.cycles["mission"]) == set(card.trend["mission"]) == {"UNMISS"}
    assert desk.card(mission="UNMIK").kinds.is_empty()


def test_the_kinds_of_findings_are_those_of_the_rules(desk: Desk) -> None:
    said = "“Cause” is blank. In every row: 12, the first is named here."
    found = (
        finding("a", rule="cause_is_given", message=said, message_fr="« Cause » manque. Toutes les lignes : 12."),
        finding("b", rule="cause_is_given", message="“Cause” is blank.", severity="warning"),
        finding("c", rule="columns_are_there", message="Columns are missing: id, day.", severity="warning"),
        finding("d", rule="note", message="A blank was removed.", severity="info"),
        finding("e", rule="other", message="Let it be.", waived="Coordinator: agreed"),
    )
    desk.refresh(came("a", -3), found=found)
    rows = desk.card().kinds.select("source", "rule", "severity", "what", "what_fr", "findings", "again").rows()
    assert rows == [
        ("noticas", "cause_is_given", "critical", "“Cause” is blank", "« Cause » manque", 2, False),
        ("noticas", "columns_are_there", "warning", "Columns are missing", "Faux", 1, False),
    ]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("“Cause” is blank.", "“Cause” is blank"),
        ("The workbook is of the kind used before 2007 (.xls).", "The workbook is of the kind used before 2007 (.xls)"),
        ("It holds an error, such as #N/A, in place of a text.", "It holds an error, such as #N/A, in place of a text"),
        ("A row stands above; this one is not counted.", "A row stands above"),
        ("Columns are missing: a, b.", "Columns are missing"),
        ("Des colonnes manquent\u00a0: a, b.", "Des colonnes manquent"),
        ("The day is outside cycle 5 (2023-11-01 to 2024-04-30).", "The day is outside cycle 5"),
        ("More than 12.5 percent", "More than 12.5 percent"),
        ("", ""),
    ],
)
def test_what_kind_of_thing_a_message_says(message: str, kind: str) -> None:
    assert kinds.in_words(message) == kind


def test_what_comes_each_time_and_how_it_goes(desk: Desk) -> None:
    each = finding("a", rule="cause_is_given", message="“Cause” is blank.", file="one.csv")
    once = finding("b", rule="once", message="Once.", file="one.csv")
    desk.refresh(came("one", 3, 4, rows_staged=1, rows_quarantined=2), found=(each, once), cycle=4)
    desk.refresh(came("one", 3, 4, table=None, status="superseded"), came("two", 7, 4), cycle=4)
    later = finding("z", rule="cause_is_given", message="“Cause” is blank.", file="three.csv")
    desk.refresh(came("three", -1, 5, rows_staged=2, rows_quarantined=1), found=(later,))
    card = desk.card(source="noticas")
    assert card.cycles.select("cycle", "days_late", "findings", "trend").rows() == [(4, 3, 2, None), (5, 0, 1, BETTER)]
    assert card.kinds.select("cycle", "rule", "again").rows() == [
        (4, "cause_is_given", False),
        (4, "once", False),
        (5, "cause_is_given", True),
    ]
    assert card.trend.to_dicts() == [
        {
            "source": "noticas",
            "title": "Notifications of casualties",
            "mission": None,
            "cycles": "4, 5",
            "expected": 2,
            "in_time": 1,
            "accepted_at_first": 0,
            "findings": "2, 1",
            "days_to_mend": "4.0, –",
            "each_time": "“Cause” is blank",
            "trend": BETTER,
        }
    ]
    # of one cycle alone it is told too that this was there in the one before
    alone = desk.card(cycles=[5], source="noticas")
    assert (alone.trend["cycles"].item(), alone.trend["each_time"].item()) == ("5", "“Cause” is blank")


@pytest.mark.parametrize(
    ("day", "rows", "number", "trend"),
    [(3, 2, 2, SAME), (4, 2, 2, WORSE), (0, 3, 0, BETTER), (9, 3, 0, BOTH), (0, 2, 5, BOTH), (3, 2, 3, WORSE)],
)
def test_one_cycle_beside_the_one_before(desk: Desk, day: int, rows: int, number: int, trend: str) -> None:
    found = [finding(str(n), file="a.csv") for n in range(5)]
    desk.refresh(came("a", 3, 4, rows_staged=2, rows_quarantined=1), found=tuple(found[:2]), cycle=4)
    desk.refresh(came("b", day, rows_staged=rows, rows_quarantined=3 - rows), found=tuple(found[:number]))
    assert desk.row()["trend"] == trend


def test_a_cycle_in_which_nothing_came_is_worse_and_says_nothing_of_findings(desk: Desk) -> None:
    desk.refresh(came("a", -3, 4), cycle=4)
    desk.refresh(came("h", -3, source="hospitals", table="hospitals"))
    assert desk.row()["trend"] == WORSE
    (over_all,) = desk.card(source="noticas").trend.to_dicts()
    assert (over_all["expected"], over_all["in_time"], over_all["findings"]) == (2, 1, "0, –")


def asking(identity: str, **said: Any) -> dict[str, Any]:
    """A finding of a rule that asks."""
    return finding(identity, rule=min(QUESTIONS), severity="warning", **said)


def answered(desk: Desk, identity: str, why: str, cycle: int = 5) -> None:
    record.add(Decision("answer", "Desk", why, cycle, {"identity": identity}), at(1), desk.private)


def ends(row: dict[str, Any]) -> dict[str, int]:
    names = ("questions", "answered", "corrected", "taken", "unanswered")
    return {name: row[name] for name in names if row[name]}


def test_questions_are_no_findings_and_are_counted_by_how_they_ended(desk: Desk) -> None:
    asked = [asking(name, file="one.csv") for name in ("answered", "corrected", "taken", "open")]
    desk.refresh(came("one", -9), found=(*asked, finding("fault", severity="warning", file="one.csv")))
    assert ends(desk.row()) == {"questions": 4, "unanswered": 4}
    answered(desk, "answered", "two new centres")
    answered(desk, "taken", TAKEN)
    answered(desk, "open", "of another cycle", cycle=6)
    # before the next refresh, and after one that knows of it
    assert ends(desk.row()) == {"questions": 4, "answered": 1, "taken": 1, "unanswered": 2}
    left = (
        asking("answered", file="two.csv", waived="Desk: two new centres"),
        asking("taken", file="two.csv", waived=f"Desk: {TAKEN}"),
        asking("open", file="two.csv"),
    )
    desk.refresh(came("one", -9, table=None, status="superseded"), came("two", -5), found=left)
    row = desk.row()
    assert ends(row) == {"questions": 4, "answered": 1, "corrected": 1, "taken": 1, "unanswered": 1}
    assert (row["findings"], row["mended"], row["to_mend"], row["let_stand"]) == (1, 1, 0, 0)
    assert desk.card().kinds["rule"].to_list() == ["r"]


def test_a_source_that_explains_a_number_beside_it_answered(desk: Desk) -> None:
    desk.refresh(came("one", -9), found=(asking("a", file="one.csv", waived="UNMISS: two new centres"),))
    assert ends(desk.row()) == {"questions": 1, "answered": 1}


def test_a_waiver_of_a_question_takes_the_number_as_it_is(desk: Desk) -> None:
    desk.refresh(came("one", -9), found=(asking("a", file="one.csv", waived="Desk: known"),))
    record.add(Decision("waive", "Desk", "known", 5, {"source": "noticas"}), at(1), desk.private)
    assert ends(desk.row()) == {"questions": 1, "taken": 1}


def test_who_answered_in_an_earlier_cycle_was_not_asked_again(desk: Desk) -> None:
    answered(desk, "a", "two new centres", cycle=4)
    desk.refresh(came("one", -9), found=(asking("a", file="one.csv", waived="Desk: two new centres"),))
    assert ends(desk.row()) == {}


def test_an_answer_that_was_taken_back_is_none(desk: Desk) -> None:
    desk.refresh(came("one", -9), found=(asking("a", file="one.csv"),))
    record.add(Decision("answer", "UNMISS", "yes", 5, {"identity": "a"}), at(1), desk.private)
    assert desk.row()["answered"] == 1
    record.add(Decision("take-back", "Coordinator", "a mistake", 5, {"number": 1}), at(2), desk.private)
    assert (desk.row()["answered"], desk.row()["unanswered"]) == (0, 1)


def test_a_store_of_before_files_were_noted_tells_what_it_knows(desk: Desk) -> None:
    desk.refresh(came("one", -9, table=None, status="superseded"), came("two", -5))
    desk.private.delete("ledger/cycle-05/sent.parquet")
    row = desk.row()
    assert (row["files"], row["accepted_at_first"], row["times_sent"]) == (2, None, 2)


def test_the_columns_are_those_that_are_described(desk: Desk) -> None:
    for there in (desk.card(), desk.refresh(came("a", -3)) or desk.card()):
        for frame, fields in ((there.cycles, CYCLES), (there.kinds, KINDS), (there.trend, TREND)):
            assert frame.schema == pl.Schema(schema(fields))
    assert not desk.card().cycles.is_empty()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"cycles": [99]}, "Cycle 99 is not in config"),
        ({"cycles": [4, 5]}, "Cycle 4 has not been refreshed yet"),
        ({"source": "nothing"}, "There is no source 'nothing'"),
        ({"mission": "nothing"}, "There is no mission 'nothing'"),
    ],
)
def test_wrong_use_is_one_sentence(desk: Desk, asked: dict[str, Any], said: str) -> None:
    desk.refresh(came("a", -3))
    with pytest.raises(ConfigError, match=said):
        desk.card(**asked)


# The files of a cycle


def test_what_was_said_of_a_file_stays_once_another_replaced_it() -> None:
    refused = sent_files.update(pl.DataFrame(schema=sent_files.SCHEMA), sent(file(status="refused", table=None)))
    now = sent_files.update(refused, sent(file(status="superseded", table=None), file(sha256="second", day=2)))
    assert now.select("sha256", "first_verdict", "verdict").rows() == [
        ("first", "refused", "refused"),
        ("second", "accepted", "accepted"),
    ]


def test_a_damaged_book_is_named_and_can_be_removed(desk: Desk) -> None:
    desk.refresh(came("one", -9))
    path = "ledger/cycle-05/sent.parquet"
    data = bytearray(desk.private.read(path))
    data[len(data) // 2] ^= 1
    desk.private.write(path, bytes(data))
    known = desk.private.read("ledger/cycle-05.parquet")
    with pytest.raises(Damaged, match=r"cycle-05/sent\.parquet is damaged; bring it back .* or remove it"):
        desk.refresh(came("one", -9), found=(finding("a"),))
    assert desk.private.read("ledger/cycle-05.parquet") == known
    desk.private.delete(path)
    desk.refresh(came("one", -9))
    assert desk.row()["accepted_at_first"] is True


def test_the_same_content_under_another_name_is_one_file_and_came_when_it_came_first() -> None:
    known = sent_files.update(pl.DataFrame(schema=sent_files.SCHEMA), sent(file(file="a.csv", day=3)))
    again = sent_files.update(known, sent(file(file="a.csv", day=3), file(file="copy.csv", day=1, status="superseded")))
    (row,) = again.to_dicts()
    assert (row["verdict"], row["received_at"].day) == ("accepted", 1)


def test_a_file_that_is_gone_from_the_inbox_is_still_known() -> None:
    known = sent_files.update(pl.DataFrame(schema=sent_files.SCHEMA), sent(file(status="refused", table=None)))
    assert sent_files.update(known, sent(file(sha256="second")))["sha256"].to_list() == ["first", "second"]
