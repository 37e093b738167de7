"""The record of decisions: one chain to which is only added, whoever decides at once and whatever rots."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config import Config, ConfigError, Correction, Waiver
from flows.core.errors import StoreError
from flows.intake.books import record
from flows.intake.books.record import Decision, Head
from flows.stores import Store
from tests.support.files import CONFIG
from tests.support.sweeping import SWEEP

NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)
ACCEPTED = {"figure": "icu_closed_days", "mission": "ALL", "value": 30.0}
WAIVED = {"source": "noticas", "rule": "mission_is_a_mission"}
CORRECTED: dict[str, Any] = {
    "source": "noticas",
    "table": "noticas",
    "key": {"casualty_id": "X-1"},
    "column": "mission",
    "from": "UNFILL",
    "to": "UNIFIL",
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "private"), private=True)


def decision(number: int = 0, kind: Any = "accept", about: Any = None, cycle: int | None = 5) -> Decision:
    return Decision(kind, "Coordinator", f"reason {number}", cycle, about or ACCEPTED)


def decide(store: Store, many: int) -> list[record.Entry]:
    return [record.add(decision(number), NOW, store) for number in range(1, many + 1)]


def path(number: int, folder: str = "decisions") -> str:
    return f"{folder}/{number:06d}.json"


def test_each_entry_says_who_when_why_about_what_and_names_the_one_before(store: Store) -> None:
    made = decide(store, 3)
    there = record.entries(store)
    assert there == made
    assert [(one.number, one.by, one.reason, one.on, one.cycle) for one in there] == [
        (number, "Coordinator", f"reason {number}", NOW, 5) for number in (1, 2, 3)
    ]
    assert [one.before for one in there] == ["", there[0].hash, there[1].hash]
    assert json.loads(store.read(path(2)))["about"] == ACCEPTED
    assert not list(record.problems(store))


def test_there_may_be_none(store: Store) -> None:
    assert (record.entries(store), record.head([]), record.restore(store)) == ([], None, 0)
    assert not list(record.problems(store))


def test_of_many_who_decide_at_once_each_gets_a_number_and_the_chain_holds(store: Store) -> None:
    with ThreadPoolExecutor(8) as at_once:
        made = list(at_once.map(lambda number: record.add(decision(number), NOW, store), range(24)))
    there = record.entries(store)
    assert sorted(one.number for one in made) == [one.number for one in there] == list(range(1, 25))
    assert {one.reason for one in there} == {f"reason {number}" for number in range(24)}
    assert not list(record.problems(store))


def test_who_is_killed_between_entry_and_copy_leaves_a_whole_record(store: Store) -> None:
    decide(store, 2)
    store.delete(path(2, "decisions-copied"))
    assert list(record.problems(store)) == [
        "The copy decisions-copied/000002.json of an entry of the record is missing; bring it back with: a4p restore."
    ]
    record.add(decision(3), NOW, store)
    assert not list(record.problems(store))


def test_what_is_damaged_or_lost_is_named_and_brought_back(store: Store) -> None:
    decide(store, 3)
    whole = {number: store.read(path(number)) for number in (1, 2, 3)}
    for number in (1, 2, 3):
        data = whole[number]
        for damaged in (data.replace(b"reason", b"treason"), data[:-9], b"", None):
            if damaged is None:
                store.delete(path(number))
            else:
                store.write(path(number), damaged)
            with pytest.raises(StoreError, match=rf"{path(number)} is damaged; bring it back with: a4p restore"):
                record.entries(store)
            with pytest.raises(StoreError):
                record.add(decision(), NOW, store)
            assert len(list(record.problems(store))) == 1
            assert record.restore(store) == 1
            assert store.read(path(number)) == data
            assert not list(record.problems(store))


def test_an_entry_that_was_written_anew_is_not_in_the_chain(store: Store, tmp_path: Path) -> None:
    decide(store, 3)
    other = Store(str(tmp_path / "other"))
    record.add(decision(7), NOW, other)
    for folder in ("decisions", "decisions-copied"):
        store.write(path(1, folder), other.read(path(1)))
    with pytest.raises(StoreError, match=r"decisions/000002\.json is damaged"):
        record.entries(store)
    with pytest.raises(StoreError, match=r"decisions/000002\.json is damaged"):
        record.restore(store)


def test_it_is_known_where_entries_are_lost_that_a_release_was_made_with(store: Store) -> None:
    reached = record.head(decide(store, 2))
    record.add(decision(3), NOW, store)
    assert not list(record.problems(store, reached))
    for folder in ("decisions", "decisions-copied"):
        for number in (2, 3):
            store.delete(path(number, folder))
    assert len(record.entries(store)) == 1
    assert "is not the one of 2 entries that the release was made with" in "".join(record.problems(store, reached))
    assert list(record.problems(store, Head(1, "sha256:other")))


def test_what_is_taken_back_holds_no_more_and_stays(store: Store) -> None:
    decide(store, 2)
    record.add(decision(3, "take-back", {"number": 1}), NOW, store)
    there = record.entries(store)
    assert [one.number for one in record.standing(there)] == [2]
    assert {number: one.number for number, one in record.taken_back(there).items()} == {1: 3}
    assert len(there) == 3


def test_decisions_join_the_configuration_behind_its_own(store: Store) -> None:
    own = Waiver.model_validate({**WAIVED, "reason": "a", "owner": "b"})
    record.add(decision(1, "waive", WAIVED), NOW, store)
    record.add(decision(2, "correct", CORRECTED, None), NOW, store)
    record.add(decision(3), NOW, store)
    config = record.laid_over(replace(CONFIG, waivers=(own,), accepted=()), record.entries(store))
    assert [(one.place, one.cycle, one.why) for one in config.waivers[1:]] == [
        ("decision 1", 5, "Coordinator: reason 1")
    ]
    (correction,) = config.corrections
    assert (correction.place, correction.cycle, correction.from_) == ("decision 2", None, "UNFILL")
    assert [(one.place, one.value) for one in config.accepted] == [("decision 3", 30.0)]
    assert record.laid_over(CONFIG, []) is CONFIG


def test_what_the_configuration_knows_no_more_is_left_out(store: Store) -> None:
    entry = record.add(decision(1, "waive", {**WAIVED, "source": "gone"}), NOW, store)
    assert record.fits(entry, CONFIG) is None
    assert record.laid_over(CONFIG, [entry]) is CONFIG
    with pytest.raises(ConfigError, match="'gone' is no source"):
        record.as_configured(entry, CONFIG, "decision")


# Whatever happens in between


def _steps(chance: random.Random) -> Iterator[str]:
    for _ in range(12):
        yield chance.choice(["decide", "decide", "take back", "killed", "rot", "lose", "at once", "restore"])


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(100) if SWEEP else (1, 2, 3))
def test_the_record_tells_all_that_was_decided(seed: int, store: Store) -> None:
    chance = random.Random(seed)
    told: list[str] = []
    back: set[int] = set()
    for what in _steps(chance):
        number = chance.randint(1, len(told)) if told else 0
        folder = chance.choice(["decisions", "decisions-copied"])
        match what:
            case "decide":
                told.append(record.add(decision(len(told)), NOW, store).reason)
            case "at once":
                with ThreadPoolExecutor(3) as at_once:
                    many = at_once.map(lambda n: record.add(decision(n), NOW, store), range(900, 903))
                    told += [one.reason for one in sorted(many, key=lambda one: one.number)]
            case "take back" if number:
                record.add(decision(len(told), "take-back", {"number": number}), NOW, store)
                told.append(f"reason {len(told)}")
                back.add(number)
            case "killed" if number:
                store.delete(path(len(told), "decisions-copied"))
            case "rot" if number:
                where = path(number, folder)
                if store.exists(path(number, "decisions-copied")):
                    data = bytearray(store.read(where))
                    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
                    store.write(where, bytes(data))
                assert record.restore(store) <= 2
            case "lose" if number and store.exists(path(number, "decisions-copied")):
                store.delete(path(number, folder))
                assert record.restore(store) <= 2
            case "restore":
                record.restore(store)
        there = record.entries(store)
        assert [one.reason for one in there] == told
        assert [one.before for one in there] == ["", *(one.hash for one in there)][: len(there)]
        gone = {one.number for one in there if one.kind == "take-back"} | back
        assert {one.number for one in record.standing(there)} == set(range(1, len(told) + 1)) - gone


def config_of(store: Store) -> Config:
    return record.laid_over(replace(CONFIG, accepted=()), record.entries(store))


def test_an_entry_is_as_the_configuration_would_have_it(store: Store) -> None:
    record.add(decision(1, "correct", CORRECTED), NOW, store)
    usual = Correction.model_validate({**CORRECTED, "cycle": 5, "reason": "reason 1", "owner": "Coordinator"})
    assert [one.model_dump() for one in config_of(store).corrections] == [usual.model_dump()]
