"""Messages given to a mail server that fails, by processes that are killed, and on a full disk.

Nobody is forgotten, nobody counts as told who was not, and a copy more there is only where nobody could know.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.alerts import Smtp
from flows.feedback.alerts import dispatch as dispatching
from flows.feedback.alerts import invite, mail, transaction
from flows.feedback.alerts.answer import Answer
from flows.feedback.alerts.dispatch import Given, Parcel, Sending, Way, dispatch
from flows.feedback.alerts.letter import Letter
from flows.intake.books import told as books
from flows.intake.books.told import Told
from flows.stores import Store, turns
from tests.integration.faulty_mail import FAULTS, FIRST, FaultyMail, faulty_mail
from tests.integration.mail_server import HOST
from tests.support.files import CONFIG, CYCLE
from tests.support.sweeping import some
from tests.support.waiting import HANGS_S

NOW = datetime(2024, 5, 20, 9, tzinfo=UTC)
ALSO, SECOND = "also@example.org", "second@example.org"
# what the server has taken without saying so, or might have: a short message is sent to its end before an answer comes
UNKNOWN = {(stage, action) for stage in ("body", "end", "taken") for action in ("drop", "garbage", "silent", "drip")}
KILLS = some(range(200), 8)
INVITED = ("noticas", "conduct_allegations", "hospitals")


@pytest.fixture
def box() -> Iterator[FaultyMail]:
    with faulty_mail() as box:
        yield box


@pytest.fixture
def private(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that a test can wait for."""
    monkeypatch.setattr(dispatching, "FIRST_WAIT_S", 0.01)
    for name, seconds in {"STEP_S": 1.0, "BEFORE_END_S": 2.0, "ANSWER_S": 2.0, "_QUIT_S": 0.5}.items():
        monkeypatch.setattr(transaction, name, seconds)


def parcel(port: int, slot: str, *to: str) -> Parcel:
    """A message as sources get it, with two findings."""
    smtp = Smtp(host=HOST, port=port, security="none", sender="a4p@example.org")

    def give(left: tuple[str, ...], since: datetime) -> Answer:
        written = mail.email(Letter("A4P+", ["Dear colleagues"], "en"), to, (), since, f"{slot}.{since:%H%M%S}")
        return transaction.give(written, left, smtp, None)

    def told(before: Told) -> Told:
        return Told((*before.files, "a" * 64), told_on=NOW)

    return Parcel(slot, f"the message to {slot}", (f"{slot}-a/0", f"{slot}-b/0"), (Way("contacts", to, give),), told)


def is_told(private: Store, slot: str) -> bool:
    return books.read(private, CYCLE).get(slot, Told()).told_on is not None


def of(private: Store) -> Sending:
    return Sending(CYCLE, private, CONFIG, NOW, {})


def sent(parcels: list[Parcel], private: Store) -> list[Given]:
    """Send what is due, as `a4p alerts --send` does."""
    with turns.turn(private, CYCLE, "this test", print, "sending") as held:
        due = [one for one in parcels if not is_told(private, one.slot)]
        return list(dispatch(due, of(private), held))


@pytest.mark.parametrize("fault", some(FAULTS, 14), ids="-".join)
def test_two_sends_with_a_fault_in_the_first(fault: tuple[str, str], box: FaultyMail, private: Store) -> None:
    parcels = [parcel(box.port, "one", FIRST, ALSO), parcel(box.port, "two", SECOND)]
    box.fault = fault
    first, second = sent(parcels, private)
    assert all(box.copies(address) <= 1 for address in (FIRST, ALSO, SECOND)), "none is repeated in the same run"
    if first.state == "out":
        refused = fault == ("rcpt", "never")
        assert (box.copies(FIRST), box.copies(ALSO)) == (0 if refused else 1, 1)
    assert (first.state == "unknown") == (fault in UNKNOWN)
    assert is_told(private, "one") == (first.state == "out")
    assert bool(first.says) == (first.state != "out" or fault == ("rcpt", "never"))
    assert is_told(private, "two") == (second.state == "out") == (box.copies(SECOND) == 1)
    if fault[0] not in ("greeting", "ehlo", "mail"):
        assert second == Given("out"), "a message that cannot go stops no other"

    box.fault = None
    assert {one.state for one in sent(parcels, private)} <= {"out"}
    assert is_told(private, "one")
    assert is_told(private, "two")
    assert box.copies(SECOND) == 1
    more = 1 if fault in UNKNOWN and fault[0] == "taken" else 0
    forgotten = 0 if fault == ("rcpt", "never") else 1
    assert (box.copies(FIRST), box.copies(ALSO)) == (forgotten + more, 1 + more)
    assert len(box.names(ALSO)) == 1, "mail programs know it again"
    assert sent(parcels, private) == []


def test_faults_are_at_least_forty() -> None:
    assert len(FAULTS) >= 40


def test_an_answer_that_never_comes_is_waited_for_twice_and_then_until_it_is_asked_for(
    box: FaultyMail, private: Store
) -> None:
    one = parcel(box.port, "one", FIRST)
    box.fault = ("taken", "drop")
    assert [sent([one], private)[0].state for _ in range(3)] == ["unknown"] * 3
    assert box.copies(FIRST) == 2
    (waits,) = sent([one], private)[0].says
    assert waits == (
        "Nobody knows whether the message to one of 2024-05-20 09:00 UTC arrived, which was sent twice without an "
        "answer; ask it, or send the message again with: a4p alerts --cycle 5 --send --source one"
    )
    box.fault = None
    assert [given.state for given in dispatch([one], of(private), lambda: True, asked_for=True)] == ["out"]
    assert box.copies(FIRST) == 3


def test_an_address_that_is_asked_to_come_again_stays_to_be_told_and_is_nobodys_mistake(
    box: FaultyMail, private: Store
) -> None:
    one = parcel(box.port, "one", FIRST, ALSO)
    box.fault = ("rcpt", "later")
    (given,) = sent([one], private)
    assert given.state == "later"
    assert given.says == (
        f"The mail server {HOST}:{box.port} takes no mail for {FIRST} now (code 451); it is sent the next time.",
    )
    assert (box.copies(FIRST), box.copies(ALSO)) == (0, 1)
    box.fault = None
    assert sent([one], private) == [Given("out")]
    assert (box.copies(FIRST), box.copies(ALSO)) == (1, 1)


def test_a_server_that_is_slow_for_ever_is_left_in_time(box: FaultyMail, private: Store) -> None:
    box.fault = ("ehlo", "drip")
    begun = time.monotonic()
    given = sent([parcel(box.port, str(number), SECOND) for number in range(20)], private)
    # each has 2 seconds as a whole, and after two the others wait for the next time
    assert time.monotonic() - begun < 15
    assert [one.state for one in given] == ["later"] * 20
    assert "was too slow to take the message to" in given[0].says[0]


# A full disk


@pytest.mark.parametrize("room", range(9))
def test_a_full_disk_stops_messages_and_repeats_none(
    room: int, box: FaultyMail, private: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After `room` notes there is no place for another; each message has three, one before it is given."""
    addresses = [f"{name}@example.org" for name in "abc"]
    parcels = [parcel(box.port, address, address) for address in addresses]
    left = room

    def full(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    def run() -> list[Given]:
        due = [one for one in parcels if not is_told(private, one.slot)]
        return list(dispatch(due, of(private), lambda: True))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        assert "is full; make room on it" in "".join(said for one in run() for said in one.says)
        taken = len(box.took)
        assert taken == (room + 2) // 3
        run()
        assert len(box.took) == taken, "nothing goes out while it cannot be noted"
    run()
    copies = [box.copies(address) for address in addresses]
    assert min(copies) == 1
    # where the answer could not be noted nobody knows it
    assert sum(copies) == 3 + (room % 3 == 1)


def test_what_is_noted_after_a_mail_has_room_where_the_note_before_it_stood(box: FaultyMail, private: Store) -> None:
    sizes = []
    path = f"alerts/{CYCLE.folder}/told.json"

    def weighed(one: Parcel) -> Parcel:
        (way,) = one.ways

        def give(left: tuple[str, ...], since: datetime) -> Answer:
            sizes.append(len(private.read(path)))
            return way.give(left, since)

        return replace(one, ways=(Way(way.name, way.to, give),))

    sent([weighed(parcel(box.port, "one", FIRST, ALSO))], private)
    assert len(private.read(path)) <= sizes[0]


# Processes that are killed, and two at once


def work(uri: str, port: int, slots: list[str], begun: object) -> None:
    """Send what is due in a process of its own."""
    dispatching.FIRST_WAIT_S = 0.01
    begun.set()  # type: ignore[attr-defined]
    sent([parcel(port, slot, f"{slot}@example.org", ALSO) for slot in slots], Store(uri))


def started(private: Store, box: FaultyMail, slots: list[str]) -> multiprocessing.process.BaseProcess:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    begun = processes.Event()
    process = processes.Process(target=work, args=(private.uri, box.port, slots, begun))
    process.start()
    assert begun.wait(HANGS_S)
    return process


def killed_now(process: multiprocessing.process.BaseProcess, private: Store) -> None:
    """Kill a process, and let so long have gone by that its turn counts as dead."""
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    for entry in private.entries(f"alerts/{CYCLE.folder}/sending"):
        private.delete(entry.path)


@pytest.mark.slow
def test_who_is_killed_forgets_nobody_and_leaves_a_copy_more_at_most(box: FaultyMail, private: Store) -> None:
    chance, kills, rounds, more = random.Random(7), 0, 0, 0
    box.pause_s = 0.004
    while kills < len(KILLS):
        rounds += 1
        slots = [f"r{rounds}-{number}" for number in range(4)]
        box.took.clear()
        killed = 0
        while not all(is_told(private, slot) for slot in slots):
            process = started(private, box, slots)
            process.join(chance.uniform(0, 0.5) if kills < len(KILLS) else None)
            if process.is_alive():
                killed_now(process, private)
                killed, kills = killed + 1, kills + 1
            for slot in slots:
                assert not is_told(private, slot) or box.copies(f"{slot}@example.org"), "told who was not"
        copies = [box.copies(f"{slot}@example.org") for slot in slots]
        assert min(copies) >= 1, "forgotten"
        more += sum(copies) - len(slots)
        assert sum(copies) - len(slots) <= killed
        assert box.copies(ALSO) == sum(copies)
    print(f"{kills} kills in {rounds} rounds, {more} copies more")


@pytest.mark.slow
def test_two_at_once_send_each_message_once(box: FaultyMail, private: Store) -> None:
    slots = [str(number) for number in range(6)]
    box.pause_s = 0.01
    two = [started(private, box, slots) for _ in range(2)]
    for process in two:
        process.join(HANGS_S)
    assert [process.exitcode for process in two] == [0, 0]
    assert [box.copies(f"{slot}@example.org") for slot in slots] == [1] * 6


def invited(uri: str, port: int, begun: object | None = None) -> int:
    """Invite three sources, as `a4p open --send` does, with their templates; returns how many messages went out."""
    dispatching.FIRST_WAIT_S = 0.01
    smtp = Smtp(host=HOST, port=port, security="none", sender="a4p@example.org")
    alerts = CONFIG.alerts.model_copy(update={"smtp": smtp})
    config = replace(CONFIG, contracts={name: CONFIG.contract(name) for name in INVITED}, alerts=alerts)
    if begun:
        begun.set()  # type: ignore[attr-defined]
    return len(invite(CYCLE, Store(uri), config, NOW, {}).sent)


@pytest.mark.slow
def test_invitations_by_processes_that_are_killed(box: FaultyMail, tmp_path: Path) -> None:
    chance, kills, rounds, more = random.Random(11), 0, 0, 0
    box.pause_s = 0.01
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    while kills < len(some(range(40), 3)):
        rounds += 1
        box.took.clear()
        killed, private = 0, Store(str(tmp_path / str(rounds)))
        while killed < 3:
            begun = processes.Event()
            process = processes.Process(target=invited, args=(private.uri, box.port, begun))
            process.start()
            assert begun.wait(HANGS_S)
            process.join(chance.uniform(0.1, 2.0))
            if not process.is_alive():
                break
            killed, kills = killed + 1, kills + 1
            killed_now(process, private)
        invited(private.uri, box.port)
        assert len(box.took) >= len(INVITED)
        more += len(box.took) - len(INVITED)
        assert len(box.took) - len(INVITED) <= killed
        assert len({name for _, name in box.took}) == len({to for to, _ in box.took}) == len(INVITED)
        assert invited(private.uri, box.port) == 0
        assert rounds < 200
    print(f"{kills} kills in {rounds} rounds, {more} copies more")
