"""What a source is told of its last cycle when it is asked for the next file: what it can do better, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config import Config
from expectations.questions import QUESTIONS
from flows.feedback.alerts import sending
from flows.feedback.alerts.letter import Listed
from tests.flows.feedback.alerts.cycle import ALONE
from tests.flows.intake.desk import WHOLE, Desk, at, came, finding
from tests.support.files import CONFIG

NEXT = CONFIG.cycle(6)
FRENCH = replace(ALONE, alerts=ALONE.alerts.model_copy(update={"language": "fr"}))
NBSP = "\u00a0"
BLANK = {"rule": "cause_is_given", "message": "“Cause” is blank.", "message_fr": "« Cause » manque."}
UNKNOWN = {"rule": "mission_is_a_mission", "message": "“Mission” is not a UN mission: X.", "message_fr": "Inconnue."}
PART = {"rows_staged": 1, "rows_quarantined": 2}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def told(desk: Desk, config: Config = ALONE) -> list[str]:
    """The lines on the last cycle in the invitation to the next one."""
    (message,) = sending.invitations(NEXT, desk.private, config)
    blocks = [block for block in message.letter.blocks if isinstance(block, Listed)]
    if not blocks:
        return []
    (block,) = blocks
    assert block.heading == ("In the last cycle (5):" if config is ALONE else f"Lors du cycle précédent (5){NBSP}:")
    return list(block.lines)


def faulty(desk: Desk, *found: dict[str, Any], cycle: int = 5, day: int = -3, mended: int | None = None) -> None:
    """A file with findings, and so many days after it one without."""
    own = [finding(f"{one['rule']} {place}", **{"file": "a.csv", **one}) for place, one in enumerate(found)]
    desk.refresh(came("a", day, cycle, **PART), found=tuple(own), cycle=cycle)
    if mended is not None:
        desk.refresh(came("a", day, cycle, status="superseded"), came("b", day + mended, cycle), cycle=cycle)


def test_who_did_well_is_told_nothing(desk: Desk) -> None:
    assert told(desk) == []
    desk.refresh(came("a", -3))
    assert told(desk) == []
    (message,) = sending.invitations(NEXT, desk.private, ALONE)
    assert "last cycle" not in message.letter.plain


def test_what_was_only_to_be_looked_at_once_is_not_held_against_anybody(desk: Desk) -> None:
    warned = finding("a", **BLANK, severity="warning", file="a.csv")
    desk.refresh(came("a", -3), found=(warned,))
    assert told(desk) == []


def test_a_late_file(desk: Desk) -> None:
    desk.refresh(came("a", 1))
    assert told(desk) == ["Your file came 1 day late; it was due on 7 September 2024."]
    assert told(desk, FRENCH) == [
        f"Votre fichier est arrivé avec 1 jour de retard{NBSP}; il était attendu pour le 7 septembre 2024."
    ]


def test_no_file_at_all(desk: Desk) -> None:
    desk.refresh(came("h", -99, source="hospitals", table="hospitals"), now=at(-99))
    assert told(desk) == [], "it was not due yet when the cycle was refreshed last"
    desk.refresh(came("h", -99, source="hospitals", table="hospitals"), now=at(1))
    assert told(desk) == ["No file of yours came."]
    assert told(desk, FRENCH) == ["Nous n'avons reçu aucun fichier de votre part."]


def test_what_comes_each_time_goes_before_what_is_more_frequent(desk: Desk) -> None:
    faulty(desk, BLANK, cycle=4, mended=9)
    faulty(desk, UNKNOWN, UNKNOWN, UNKNOWN, BLANK, BLANK, day=3, mended=4)
    assert told(desk) == [
        "Your file came 3 days late; it was due on 7 September 2024.",
        "5 points to mend, 2 of them as in the cycle before: “Cause” is blank.",
        "All of it was mended within 4 days.",
    ]
    assert told(desk, FRENCH) == [
        f"Votre fichier est arrivé avec 3 jours de retard{NBSP}; il était attendu pour le 7 septembre 2024.",
        f"5 points à corriger, dont 2 comme au cycle d'avant{NBSP}: « Cause » manque.",
        "Tout a été corrigé en 4 jours.",
    ]


def test_a_warning_that_comes_each_time_is_told(desk: Desk) -> None:
    for cycle in (4, 5):
        warned = finding("a", **BLANK, severity="warning", file="a.csv")
        desk.refresh(came("a", -3, cycle), found=(warned,), cycle=cycle)
    assert told(desk) == ["1 point to mend, as in the cycle before: “Cause” is blank.", "Still to mend: 1."]
    assert told(desk, FRENCH) == [
        f"1 point à corriger, comme au cycle d'avant{NBSP}: « Cause » manque.",
        f"Points encore à corriger{NBSP}: 1.",
    ]


def test_the_most_frequent_kinds_are_named_and_no_more_than_two(desk: Desk) -> None:
    third = {"rule": "third", "message": "Third.", "message_fr": "Troisième."}
    faulty(desk, UNKNOWN, BLANK, BLANK, mended=1)
    assert told(desk) == [
        "3 points to mend: “Cause” is blank; “Mission” is not a UN mission.",
        "All of it was mended within 1 day.",
    ]
    assert told(desk, FRENCH)[0] == f"3 points à corriger{NBSP}: « Cause » manque{NBSP}; Inconnue."
    faulty(desk, UNKNOWN, BLANK, BLANK, third)
    assert told(desk)[0] == "4 points to mend, 3 of them: “Cause” is blank; “Mission” is not a UN mission."


def test_of_more_than_two_that_come_each_time_it_is_said_that_there_are_more(desk: Desk) -> None:
    every = [{"rule": name, "message": f"{name}."} for name in ("A", "B", "C")]
    faulty(desk, *every, cycle=4)
    faulty(desk, *every, {"rule": "D", "message": "D."})
    assert told(desk)[0] == "4 points to mend, 3 of them as in the cycle before: A; B; …"


def test_one_that_a_decision_lets_stand_is_not_told(desk: Desk) -> None:
    faulty(desk, {**BLANK, "waived": "Coordinator: agreed"})
    assert told(desk) == []


def test_what_was_mended_in_part_says_what_is_left(desk: Desk) -> None:
    faulty(desk, BLANK, UNKNOWN)
    left = finding(f"{BLANK['rule']} 0", **BLANK, file="b.csv")
    desk.refresh(came("a", -3, status="superseded"), came("b", -1, **PART), found=(left,))
    assert told(desk)[1:] == ["Still to mend: 1."]


def test_what_the_coordinator_settled_is_not_said_to_be_mended(desk: Desk) -> None:
    whole = {**WHOLE, **BLANK}
    faulty(desk, whole)
    # the same file, of which the coordinator corrected a cell
    desk.refresh(came("a", -3))
    assert told(desk) == ["1 point to mend: “Cause” is blank."]


def test_questions_without_an_answer(desk: Desk) -> None:
    asked = finding("a", rule=min(QUESTIONS), severity="warning", file="a.csv")
    desk.refresh(came("a", -3), found=(asked,))
    assert told(desk) == ["Questions without an answer: 1."]
    assert told(desk, FRENCH) == [f"Questions restées sans réponse{NBSP}: 1."]


def test_it_is_said_with_the_first_message_that_asks_for_a_file_and_never_again(desk: Desk) -> None:
    desk.refresh(came("a", 1))
    now = at(-10, 6)
    soon = replace(ALONE, alerts=ALONE.alerts.model_copy(update={"remind_before_days": [14, 3]}))
    desk.refresh(cycle=6, now=now)

    def due(on: datetime) -> str:
        (message,) = sending.prepare(NEXT, desk.private, soon, on)
        return message.letter.plain

    assert "1 day late" in due(now)
    sending.send(NEXT, desk.private, soon, now, {})
    assert "1 day late" not in due(at(-2, 6))


def test_a_receipt_says_nothing_of_it(desk: Desk) -> None:
    desk.refresh(came("a", 1))
    desk.refresh(came("b", -3, 6), cycle=6)
    (message,) = sending.prepare(NEXT, desk.private, ALONE, at(-2, 6))
    assert (message.notice.kind, "last cycle" in message.letter.plain) == ("received", False)


def test_where_a_book_is_damaged_the_invitation_goes_out_without_it(desk: Desk) -> None:
    desk.refresh(came("a", 1))
    desk.private.write("ledger/cycle-05.parquet", b"damaged")
    assert told(desk) == []


def test_each_source_is_told_its_own(desk: Desk) -> None:
    desk.refresh(came("a", 1), came("h", -99, source="hospitals", table="hospitals"))
    two = {name: CONFIG.contract(name) for name in ("noticas", "hospitals")}
    said = {
        message.notice.slot: "last cycle" in message.letter.plain
        for message in sending.invitations(NEXT, desk.private, replace(CONFIG, contracts=two))
    }
    assert said == {"noticas": True, "hospitals": False}
