"""The tables of all cycles together: what stands in them, that only what changed is made, what a crash leaves."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest

from config import load
from flows.core.canonical import as_json, hash_of
from flows.releases import all_cycles
from flows.releases.make.table_files import table_files
from flows.stores import Store
from transforms.dictionary import FieldEntry, TableEntry
from transforms.over_cycles import together

CONFIG = load()
DEATHS = {4: pl.DataFrame({"year": [2022], "cause": ["Illness"], "deaths": [9]})}
DEATHS[5] = pl.DataFrame({"cycle": [5, 5], "year": [2022, 2023], "cause": ["Accident", "Illness"], "deaths": [9, 3]})


def publish(store: Store, cycle: int, **tables: pl.DataFrame) -> None:
    """Put tables into a release and let `current/` lead to it, as the shelf does."""
    uri, files = f"releases/cycle-{cycle:02d}/r001", table_files(tables)
    for path, data in files.items():
        store.write(f"{uri}/{path}", data)
    said = {"release": "r001", "uri": uri, "hashes": {path: hash_of(data) for path, data in files.items()}}
    store.write(f"current/cycle-{cycle:02d}/release.json", as_json(said))


def table(store: Store, name: str) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(store.read(f"current/all/tables/{name}.parquet")))


@pytest.fixture
def store(tmp_path) -> Store:
    store = Store(str(tmp_path))
    visits = {number: pl.DataFrame({"cycle": [number], "mission": ["UNMISS"], "visits": [number]}) for number in (4, 5)}
    for number in (4, 5):
        publish(store, number, fatalities_by_cause=DEATHS[number], paet_visits=visits[number])
    return store


def written(store: Store, call: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    paths, real = [], Store.write

    def write(self: Store, path: str, data: bytes) -> None:
        paths.append(path)
        real(self, path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", write)
        call()
    return paths


def test_each_death_is_counted_once_and_each_visit_of_a_cycle_is_there(store):
    all_cycles.show(store, CONFIG)
    assert table(store, "fatalities_by_cause").equals(DEATHS[5])
    assert table(store, "paet_visits")["visits"].to_list() == [4, 5]
    assert store.read("current/all/tables/paet_visits.csv").decode("utf-8-sig").startswith("cycle,mission,visits")
    assert json.loads(store.read("current/all/releases.json"))["releases"] == {"cycle-04": "r001", "cycle-05": "r001"}


def test_only_what_changed_is_made_anew(store, monkeypatch):
    all_cycles.show(store, CONFIG)
    assert written(store, lambda: all_cycles.show(store, CONFIG), monkeypatch) == []
    publish(store, 5, fatalities_by_cause=DEATHS[5], paet_visits=pl.DataFrame({"cycle": [5], "visits": [7]}))
    paths = {
        path.removeprefix("current/all/")
        for path in written(store, lambda: all_cycles.show(store, CONFIG), monkeypatch)
    }
    assert paths == {"releases.json", "tables/paet_visits.parquet", "tables/paet_visits.csv"}
    assert table(store, "paet_visits")["visits"].to_list() == [4, 7]


def test_a_table_that_is_no_more_goes_and_what_others_put_there_stays(store):
    all_cycles.show(store, CONFIG)
    store.write("current/all/tables/of_others.csv", b"x")
    for number in (4, 5):
        publish(store, number, fatalities_by_cause=DEATHS[number])
    all_cycles.show(store, CONFIG)
    assert {entry.path.rpartition("/")[2] for entry in store.entries("current/all/tables")} == {
        "fatalities_by_cause.csv",
        "fatalities_by_cause.parquet",
        "of_others.csv",
    }


@pytest.mark.parametrize("steps", range(6))
def test_who_stops_half_way_is_followed_by_one_that_makes_it_right(store, steps, monkeypatch):
    all_cycles.show(store, CONFIG)
    before = {entry.path: store.read(entry.path) for entry in store.entries("current/all")}
    changed = pl.DataFrame({"cycle": [5], "mission": ["UNMISS"], "visits": [7]})
    publish(store, 5, fatalities_by_cause=DEATHS[4], paet_visits=changed)
    real, left = Store.write, [steps]

    def write(self: Store, path: str, data: bytes) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        real(self, path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", write)
        with pytest.raises(KeyboardInterrupt):
            all_cycles.show(store, CONFIG)
    # readers are led back meanwhile
    visits = pl.DataFrame({"cycle": [5], "mission": ["UNMISS"], "visits": [5]})
    publish(store, 5, fatalities_by_cause=DEATHS[5], paet_visits=visits)
    all_cycles.show(store, CONFIG)
    assert {entry.path: store.read(entry.path) for entry in store.entries("current/all")} == before
    assert list(all_cycles.problems(store)) == []


def test_what_is_missing_comes_back_and_what_is_spoilt_is_told(store):
    all_cycles.show(store, CONFIG)
    store.delete("current/all/tables/paet_visits.csv")
    assert list(all_cycles.problems(store)) == [
        "current/all/tables/paet_visits.csv is missing; run a4p refresh to put it right."
    ]
    all_cycles.show(store, CONFIG)
    store.write("current/all/tables/paet_visits.csv", b"")
    (said,) = all_cycles.problems(store)
    assert said == "current/all/tables/paet_visits.csv is not what was written; remove it, and run a4p refresh."


def test_a_table_that_cannot_be_read_in_a_cycle_is_not_shown(store):
    all_cycles.show(store, CONFIG)
    publish(store, 5, fatalities_by_cause=DEATHS[4])
    store.write("releases/cycle-05/r001/tables/fatalities_by_cause.parquet", b"spoilt")
    all_cycles.show(store, CONFIG)
    assert not store.exists("current/all/tables/fatalities_by_cause.parquet")


def of(**marks: Any) -> TableEntry:
    fields: Mapping[str, FieldEntry] = {}
    return TableEntry("t", "A table.", dict(fields), ("mission",), "", "", **marks)


def test_of_what_others_refer_to_each_key_stands_once_as_the_newest_has_it():
    missions = {
        4: pl.DataFrame({"mission": ["A", "B"], "name": ["old", "gone"]}),
        5: pl.DataFrame({"mission": ["C", "A"], "name": ["new", "newer"], "kind": ["x", "y"]}),
    }
    assert together(missions, of(dimension=True)).rows() == [
        ("A", "newer", "y"),
        ("B", "gone", None),
        ("C", "new", "x"),
    ]


def test_a_period_is_told_by_the_newest_cycle_that_tells_of_it():
    posts = {
        4: pl.DataFrame({"mission": ["A", "A", "B"], "year": [2021, 2022, 2022], "people": [1, 2, 3]}),
        5: pl.DataFrame({"cycle": [5, 5], "mission": ["A", "A"], "year": [2022, 2023], "people": [4, 5]}),
    }
    rows = together(posts, of(period=("mission", "year"))).rows()
    assert rows == [(4, "A", 2021, 1), (4, "B", 2022, 3), (5, "A", 2022, 4), (5, "A", 2023, 5)]


def test_a_table_that_was_left_out_takes_nothing_from_that_of_before():
    whole = pl.DataFrame({"action_taken": ["None"], "allegations": [9]})
    assert together({4: whole, 5: whole.clear()}, of(cumulative=True)).rows() == [(4, "None", 9)]
    assert together({4: whole.clear(), 5: whole.clear()}, of(cumulative=True)).rows() == []
