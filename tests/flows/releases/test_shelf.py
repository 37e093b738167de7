from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import polars as pl
import pytest

from config import ConfigError, Cycle
from flows.core.canonical import hash_of
from flows.core.errors import StoreError
from flows.releases import shelf
from flows.releases.make.table_files import parquet, table_files
from flows.stores import Store, checked

CYCLE = Cycle(number=5, start=date(2023, 11, 1), end=date(2024, 4, 30))
NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "public"))


def content(value: int) -> dict[str, bytes]:
    tables = {"figures": pl.DataFrame({"value": [value]}), "deaths": pl.DataFrame({"deaths": [value, value + 1]})}
    return {
        **table_files(tables),
        "quality/findings.parquet": parquet(pl.DataFrame({"rule": [f"rule {value}"]})),
        "report.html": f"<p>{value}</p>".encode(),
    }


def describing(status: str = "final") -> Callable[[str, Mapping[str, bytes]], dict[str, Any]]:
    return lambda name, files: {
        "version": f"5.{int(name[1:])}.0",
        "resources": [{"path": path, "hash": hash_of(data)} for path, data in sorted(files.items())],
        "a4p": {"release": name, "status": status},
    }


def since(before: shelf.Release | None) -> dict[str, bytes]:
    return {"changes.json": json.dumps({"from": before.name if before else None}).encode()}


def publish(store: Store, value: int, status: str = "final") -> tuple[shelf.Release, bool]:
    return shelf.publish(store, CYCLE, content(value), describing(status), since)


def pointer(store: Store) -> dict[str, Any]:
    return dict(checked.read_json(store, "releases/cycle-05/latest.json", checked.OBJECT))


def assert_whole(store: Store, found: shelf.Release, *values: int) -> None:
    """Assert that a release is, file by file, the content of one of the values."""
    kept = {path: store.read(f"{found.path}/{path}") for path in found.hashes}
    assert "from" in json.loads(kept.pop("changes.json"))
    assert kept in [content(value) for value in values]


def assert_current(store: Store, name: str, value: int) -> None:
    """Assert that latest.json and current/ are those of a release, and nothing else stands in current/."""
    assert pointer(store)["release"] == name
    assert json.loads(store.read("current/cycle-05/release.json"))["release"] == name
    shown = {entry.path.removeprefix("current/cycle-05/") for entry in store.entries("current/cycle-05")}
    files = content(value)
    assert shown == {*files, "changes.json", "datapackage.json", "release.json"}
    assert {path: store.read(f"current/cycle-05/{path}") for path in files} == files
    for path in ("changes.json", "datapackage.json"):
        assert store.read(f"current/cycle-05/{path}") == store.read(f"releases/cycle-05/{name}/{path}")


def test_layout(store: Store) -> None:
    first, is_new = publish(store, 1, "provisional")
    assert is_new
    assert first.name == "r001"
    assert first.uri == f"{store.uri}/releases/cycle-05/r001"
    assert first.status == "provisional"
    assert [entry.path for entry in store.entries()] == [
        "current/cycle-05/changes.json",
        "current/cycle-05/datapackage.json",
        "current/cycle-05/quality/findings.parquet",
        "current/cycle-05/release.json",
        "current/cycle-05/report.html",
        "current/cycle-05/tables/deaths.csv",
        "current/cycle-05/tables/deaths.parquet",
        "current/cycle-05/tables/figures.csv",
        "current/cycle-05/tables/figures.parquet",
        "releases/cycle-05/claims/r001.json",
        "releases/cycle-05/latest.json",
        "releases/cycle-05/r001/changes.json",
        "releases/cycle-05/r001/datapackage.json",
        "releases/cycle-05/r001/quality/findings.parquet",
        "releases/cycle-05/r001/report.html",
        "releases/cycle-05/r001/tables/deaths.csv",
        "releases/cycle-05/r001/tables/deaths.parquet",
        "releases/cycle-05/r001/tables/figures.csv",
        "releases/cycle-05/r001/tables/figures.parquet",
    ]
    assert pointer(store) == {"release": "r001", "uri": "releases/cycle-05/r001", "status": "provisional"}
    assert_whole(store, first, 1)
    assert_current(store, "r001", 1)


def test_unchanged_content_is_no_new_release(store: Store) -> None:
    publish(store, 1)
    before = {entry.path: entry.modified for entry in store.entries()}
    again, is_new = publish(store, 1)
    assert not is_new
    assert again == shelf.get(store, CYCLE, "r001")
    assert {entry.path: entry.modified for entry in store.entries()} == before


def test_a_changed_file_or_descriptor_is_a_new_release(store: Store) -> None:
    assert publish(store, 1)[0].name == "r001"
    assert publish(store, 2)[0].name == "r002"
    assert publish(store, 2, "provisional")[0].name == "r003"
    assert publish(store, 1)[0].name == "r004", "content of an older release is a new one after another"
    assert [found.name for found in shelf.releases(store, CYCLE)] == ["r001", "r002", "r003", "r004"]
    assert_whole(store, shelf.get(store, CYCLE, "r001"), 1)
    assert_whole(store, shelf.get(store, CYCLE, "r002"), 2)
    assert_current(store, "r004", 1)


def test_a_table_that_is_no_more_leaves_current(store: Store) -> None:
    files = {**content(1), **table_files({"old": pl.DataFrame({"a": [1]})})}
    shelf.publish(store, CYCLE, files, describing(), since)
    assert store.exists("current/cycle-05/tables/old.csv")
    publish(store, 1)
    assert_current(store, "r002", 1)


def test_numbers_of_publishers_that_died_are_skipped(store: Store) -> None:
    publish(store, 1)
    store.create("releases/cycle-05/claims/r002.json", b"{}")
    store.write("releases/cycle-05/r003/tables/figures.csv", b"half")
    assert publish(store, 2)[0].name == "r004"
    assert [found.name for found in shelf.releases(store, CYCLE)] == ["r001", "r004"]
    with pytest.raises(ConfigError, match=r"Cycle 5 has no release 'r003'; the releases are: r001, r004\."):
        shelf.get(store, CYCLE, "r003")


def test_numbers_go_on_behind_999(store: Store) -> None:
    for name in ("r999", "r1000"):
        document = describing()(name, {})
        store.write(f"releases/cycle-05/{name}/datapackage.json", json.dumps(document).encode())
    assert publish(store, 1)[0].name == "r1001"
    assert [found.name for found in shelf.releases(store, CYCLE)] == ["r999", "r1000", "r1001"]


def test_cycles_have_numbers_of_their_own(store: Store) -> None:
    publish(store, 1)
    sixth = Cycle(number=6, start=date(2024, 5, 1), end=date(2024, 10, 31))
    files = content(1)
    found, is_new = shelf.publish(store, sixth, files, describing(), since)
    assert (found.name, found.path, is_new) == ("r001", "releases/cycle-06/r001", True)


def test_five_publishers_at_once_get_five_numbers(store: Store) -> None:
    start = Barrier(5)

    def one(value: int) -> shelf.Release:
        start.wait()
        found, is_new = publish(store, value)
        assert is_new
        return found

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(one, range(1, 6)))
    assert sorted(one.name for one in found) == ["r001", "r002", "r003", "r004", "r005"]
    for value, one_release in enumerate(found, 1):
        assert_whole(store, one_release, value)
    newest = max(range(5), key=lambda index: found[index].name)
    assert_current(store, "r005", newest + 1)


def test_latest_never_goes_back_for_a_slow_publisher(store: Store) -> None:
    class Slow(Store):
        def write(self, path: str, data: bytes) -> None:
            if path.endswith("latest.json") and not Store(self.uri).exists("releases/cycle-05/r002/datapackage.json"):
                assert publish(Store(self.uri), 2)[0].name == "r002"
            super().write(path, data)

    assert publish(Slow(store.uri), 1)[0].name == "r001"
    assert_current(store, "r002", 2)


class Died(BaseException):
    """The process ends here."""


def dying(uri: str, after: int, last_is_done: bool) -> tuple[Store, list[str]]:
    """Return a store that dies at its change number `after`, before or just after making it, and its changes."""
    changes: list[str] = []

    class Dying(Store):
        def write(self, path: str, data: bytes) -> None:
            self._change(path, lambda: Store.write(self, path, data))

        def create(self, path: str, data: bytes) -> bool:
            made: list[bool] = []
            self._change(path, lambda: made.append(Store.create(self, path, data)))
            return made[0]

        def delete(self, path: str) -> None:
            self._change(path, lambda: Store.delete(self, path))

        def _change(self, path: str, make: Callable[[], None]) -> None:
            if len(changes) == after and not last_is_done:
                raise Died
            make()
            changes.append(path)
            if len(changes) == after + 1 and last_is_done:
                raise Died

    return Dying(uri), changes


@pytest.mark.parametrize("last_is_done", [False, True])
@pytest.mark.slow
def test_readers_survive_a_crash_anywhere_and_the_next_publish_repairs(tmp_path: Path, last_is_done: bool) -> None:
    whole, changes = dying(str(tmp_path / "whole"), 10_000, last_is_done)
    publish(Store(whole.uri), 1)
    publish(whole, 2)
    assert len(changes) > 2 * len(content(2)), "every file of the release and of current/ is a change"
    seen = set()
    for after in range(len(changes)):
        store = Store(str(tmp_path / str(after)))
        publish(store, 1)
        broken, _ = dying(store.uri, after, last_is_done)
        with pytest.raises(Died):
            publish(broken, 2)

        found = shelf.latest(store, CYCLE)
        assert found is not None
        assert_whole(store, found, 1 if found.name == "r001" else 2)
        for one in shelf.releases(store, CYCLE):
            assert_whole(store, one, 1 if one.name == "r001" else 2)
        committed = len(shelf.releases(store, CYCLE)) == 2
        seen.add((committed, found.name != "r001"))

        repaired, is_new = publish(store, 2)
        assert is_new != committed
        assert repaired.name == "r002", "who publishes the same goes on with the number of who died"
        assert_whole(store, repaired, 2)
        assert shelf.latest(store, CYCLE) == repaired
        assert_current(store, repaired.name, 2)
    assert seen == {(False, False), (True, False), (True, True)}, "died before, between and after commit and pointer"


def test_a_mixed_current_is_repaired(store: Store) -> None:
    publish(store, 1)
    publish(store, 2)
    store.write("current/cycle-05/tables/deaths.csv", content(1)["tables/deaths.csv"])
    store.write("current/cycle-05/tables/stranger.csv", b"")
    store.write("current/cycle-05/report.html", content(1)["report.html"])
    assert not publish(store, 2)[1]
    assert_current(store, "r002", 2)


def test_what_others_put_beside_the_tables_stays_and_what_a_release_lacks_goes(store: Store) -> None:
    more = {**content(1), "notes.html": b"<p>notes</p>"}
    shelf.publish(store, CYCLE, more, describing(), since)
    assert store.read("current/cycle-05/notes.html") == b"<p>notes</p>"
    store.write("current/cycle-05/of_others.txt", b"x")
    publish(store, 2)
    assert store.read("current/cycle-05/of_others.txt") == b"x"
    store.delete("current/cycle-05/of_others.txt")
    assert_current(store, "r002", 2)


@pytest.mark.parametrize("text", [None, b"", b"{", b"[]", b"{}", b'{"release": "r009"}', b'{"release": "../r001"}'])
def test_latest_without_a_usable_pointer_is_the_newest(store: Store, text: bytes | None) -> None:
    assert shelf.latest(store, CYCLE) is None
    publish(store, 1)
    publish(store, 2)
    store.delete("releases/cycle-05/latest.json")
    if text is not None:
        store.write("releases/cycle-05/latest.json", text)
    found = shelf.latest(store, CYCLE)
    assert found is not None
    assert found.name == "r002"


def test_latest_follows_the_pointer(store: Store) -> None:
    publish(store, 1)
    publish(store, 2)
    store.write("releases/cycle-05/latest.json", b'{"release": "r001"}')
    found = shelf.latest(store, CYCLE)
    assert found is not None
    assert found.name == "r001"


def test_a_file_that_the_store_garbles_is_not_committed(store: Store) -> None:
    class Garbling(Store):
        def write(self, path: str, data: bytes) -> None:
            super().write(path, data + b"?" if path.endswith("r001/report.html") else data)

    with pytest.raises(StoreError, match=r"r001/report\.html is not the one that was published \(its hash differs\)"):
        publish(Garbling(store.uri), 1)
    assert shelf.releases(store, CYCLE) == []
    assert not store.exists("releases/cycle-05/latest.json")


def test_a_store_that_overwrites_gets_no_release(store: Store) -> None:
    class Careless(Store):
        def create(self, path: str, data: bytes) -> bool:
            self.write(path, data)
            return True

    with pytest.raises(StoreError, match="ignores If-None-Match"):
        publish(Careless(store.uri), 1)
    assert store.entries() == []


def test_who_finds_the_same_release_there_did_not_make_it(store: Store) -> None:
    class Slow(Store):
        def create(self, path: str, data: bytes) -> bool:
            if path.endswith("datapackage.json"):
                assert publish(Store(self.uri), 1)[1]
            return super().create(path, data)

    found, is_new = publish(Slow(store.uri), 1)
    assert (found.name, is_new) == ("r001", False)
    assert shelf.releases(store, CYCLE) == [found]
    assert_current(store, "r001", 1)


def test_the_number_of_a_publisher_that_died_is_for_the_same_content_alone(store: Store) -> None:
    publish(store, 1)
    broken, changes = dying(store.uri, 3, last_is_done=True)
    with pytest.raises(Died):
        publish(broken, 2)
    assert changes[-1] == "releases/cycle-05/claims/r002.json"
    assert publish(store, 3)[0].name == "r003"
    # who comes back to it after a newer release must not fall behind that one
    assert publish(store, 2)[0].name == "r004"
    assert [found.name for found in shelf.releases(store, CYCLE)] == ["r001", "r003", "r004"]


def test_another_descriptor_under_ones_own_number_is_an_error(store: Store) -> None:
    class Shared(Store):
        def create(self, path: str, data: bytes) -> bool:
            if path.endswith("datapackage.json"):
                Store(self.uri).write(path, b"{}")
            return super().create(path, data)

    with pytest.raises(StoreError, match="Another publisher wrote"):
        publish(Shared(store.uri), 1)


def test_the_descriptor_must_list_the_files(store: Store) -> None:
    files = content(1)
    for others in (content(2), {**files, "more": b""}, {path: data for path, data in files.items() if "html" in path}):
        with pytest.raises(ValueError, match="does not list exactly the files"):
            shelf.publish(store, CYCLE, files, lambda name, _, others=others: describing()(name, others), since)
    assert shelf.releases(store, CYCLE) == []


def test_nothing_is_published_without_what_changed(store: Store) -> None:
    with pytest.raises(ValueError, match=r"changes\.json"):
        shelf.publish(store, CYCLE, content(1), describing(), lambda before: {})
    assert shelf.releases(store, CYCLE) == []


def test_readers_are_led_back_and_on_again(store: Store) -> None:
    for value in (1, 2, 3):
        publish(store, value)
    back = shelf.get(store, CYCLE, "r001")
    mark = {"on": "2024-06-03T12:00:00+00:00", "to": "r001", "why": "wrong file"}
    marks = {name: {"release": name, **mark} for name in ("r002", "r003")}
    assert shelf.mark_withdrawn(store, CYCLE, marks)
    assert not shelf.mark_withdrawn(store, CYCLE, marks)
    assert_current(store, "r001", 1)
    assert shelf.latest(store, CYCLE) == back
    assert shelf.withdrawn(store, CYCLE)["r003"] == {
        "release": "r003",
        "on": "2024-06-03T12:00:00+00:00",
        "to": "r001",
        "why": "wrong file",
    }
    # the same again is no news and leaves them where they are, as does a lost pointer
    assert publish(store, 3) == (back, False)
    store.delete("releases/cycle-05/latest.json")
    assert shelf.latest(store, CYCLE) == back
    # what is new is shown, and says what changed since what readers saw
    found, is_new = publish(store, 4)
    assert (found.name, is_new) == ("r004", True)
    assert json.loads(shelf.read_file(store, found, "changes.json")) == {"from": "r001"}
    assert_current(store, "r004", 4)
    # nothing was deleted, and what was withdrawn can come back
    assert shelf.mark_withdrawn(store, CYCLE, {name: {"release": name, **mark} for name in ("r002", "r004")})
    assert_current(store, "r003", 3)
    assert sorted(shelf.withdrawn(store, CYCLE)) == ["r002", "r004"]


def test_what_was_withdrawn_is_not_published_again_because_its_files_say_another_licence(store: Store) -> None:
    publish(store, 1)
    publish(store, 2)
    mark = {"release": "r002", "on": "2024-06-03T12:00:00+00:00", "to": "r001", "why": "wrong file"}
    shelf.mark_withdrawn(store, CYCLE, {"r002": mark})
    table = pl.DataFrame({"value": [2]})
    files = {**content(2), "tables/figures.parquet": parquet(table, about={"licence": "CC-BY-4.0"})}
    assert files != content(2)
    found, is_new = shelf.publish(store, CYCLE, files, describing(), since)
    assert (found.name, is_new) == ("r001", False)


def test_a_path_that_leads_out_of_the_release_is_refused(store: Store) -> None:
    files = {**content(1), "../r999/datapackage.json": b"{}"}
    with pytest.raises(StoreError, match="is no path in a store"):
        shelf.publish(store, CYCLE, files, describing(), since)
    assert shelf.releases(store, CYCLE) == []


def test_tables_are_read_and_verified(store: Store) -> None:
    found, _ = publish(store, 7)
    assert shelf.read_table(store, found, "figures").to_dict(as_series=False) == {"value": [7]}
    assert shelf.read_table(store, found, "findings").to_dict(as_series=False) == {"rule": ["rule 7"]}
    assert shelf.read_file(store, found, "report.html") == b"<p>7</p>"
    with pytest.raises(ConfigError, match=r"The release r001 has no table 'x'; its tables are: deaths, figures, findi"):
        shelf.read_table(store, found, "x")
    with pytest.raises(ConfigError, match=r"The release r001 has no file 'x'"):
        shelf.read_file(store, found, "x")
    buffer = io.BytesIO()
    pl.DataFrame({"value": [8]}).write_parquet(buffer)
    store.write(f"{found.path}/tables/figures.parquet", buffer.getvalue())
    with pytest.raises(StoreError, match=r"r001/tables/figures\.parquet is not the one that was published"):
        shelf.read_table(store, found, "figures")


@pytest.mark.parametrize("name", ["r009", "latest", "", "../cycle-05/r001", "r1", "r001/tables"])
def test_an_unknown_release(store: Store, name: str) -> None:
    publish(store, 1)
    with pytest.raises(ConfigError, match=rf"^Cycle 5 has no release '{name}'; the releases are: r001\.$"):
        shelf.get(store, CYCLE, name)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"a4p": {"status": "final"}}', '{"resources": []}'])
def test_a_damaged_descriptor_is_told(store: Store, text: str) -> None:
    publish(store, 1)
    store.write("releases/cycle-05/r001/datapackage.json", text.encode())
    with pytest.raises(StoreError, match=r"r001/datapackage\.json is damaged"):
        shelf.get(store, CYCLE, "r001")
