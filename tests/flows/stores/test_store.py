from __future__ import annotations

import errno
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from config import ConfigError
from flows.core.errors import NotThere, StoreError
from flows.stores import Store, checked, folder, probe_exclusive


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def files_below(store: Store) -> set[str]:
    return {str(path.relative_to(store.uri)) for path in Path(store.uri).rglob("*") if path.is_file()}


def test_what_is_written_is_read_back(store: Store) -> None:
    store.write("a/b/c.txt", b"one")
    store.write("a/b/c.txt", b"two")
    assert store.read("a/b/c.txt") == b"two"
    assert files_below(store) == {"a/b/c.txt"}


def test_create_takes_a_name_once(store: Store) -> None:
    assert store.create("a/claim", b"mine") is True
    assert store.create("a/claim", b"yours") is False
    assert store.read("a/claim") == b"mine"
    assert files_below(store) == {"a/claim"}


def test_a_file_that_was_made_before_the_call_was_made_again_is_ones_own(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link_twice(source: Path, target: Path, link: Callable[[Path, Path], None] = os.link) -> None:
        with suppress(FileExistsError):  # a network file system whose first answer was lost
            link(source, target)
        link(source, target)

    monkeypatch.setattr(os, "link", link_twice)
    assert store.create("a/claim", b"mine") is True
    assert store.create("a/claim", b"mine") is False
    assert files_below(store) == {"a/claim"}


def test_of_eight_who_create_at_once_one_wins(store: Store) -> None:
    for turn in range(20):
        start = Barrier(8)

        def create(number: int, turn: int = turn, start: Barrier = start) -> bool:
            start.wait()
            return store.create(f"claims/{turn}", str(number).encode())

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(create, range(8)))
        assert won.count(True) == 1
        assert store.read(f"claims/{turn}") == str(won.index(True)).encode()


def test_exists_is_about_files(store: Store) -> None:
    store.write("a/b", b"")
    assert store.exists("a/b")
    assert not store.exists("a")
    assert not store.exists("a/c")


def test_entries_are_all_files_below_sorted_with_size_and_time(store: Store) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    for path in ("in/z", "in/a/b", "in/a-b", "in/a/a", "other"):
        store.write(path, path.encode())
    entries = store.entries("in")
    assert [entry.path for entry in entries] == ["in/a-b", "in/a/a", "in/a/b", "in/z"]
    assert [entry.size for entry in entries] == [6, 6, 6, 4]
    assert all(before < entry.modified < before + timedelta(minutes=5) for entry in entries)
    assert [entry.path for entry in store.entries()][-1] == "other"


def test_entries_of_a_folder_that_is_not_there(store: Store) -> None:
    assert store.entries("nowhere") == []
    assert store.entries() == []


@pytest.mark.parametrize("uri", ["", "memory://test-store/children"])
def test_children_are_what_stands_in_a_folder_itself(store: Store, uri: str) -> None:
    place = Store(uri) if uri else store
    assert place.children("none") == []
    for path in ("a.csv", "b/c.csv", "b/d/e.csv"):
        place.write(path, b"123")
    assert [(one.path, one.is_file, one.is_folder) for one in place.children()] == [
        ("a.csv", True, False),
        ("b", False, True),
    ]
    assert [(one.path, one.is_folder) for one in place.children("b")] == [("b/c.csv", False), ("b/d", True)]
    assert place.children("b")[0].size == 3


def test_a_link_among_children_is_neither_file_nor_folder(store: Store, tmp_path: Path) -> None:
    store.write("a/b.csv", b"")
    (Path(store.uri) / "link").symlink_to(tmp_path)
    assert [(one.path, one.is_file, one.is_folder) for one in store.children()] == [
        ("a", False, True),
        ("link", False, False),
    ]


def test_entries_follow_no_symbolic_link(store: Store, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    store.write("in/real", b"")
    Path(store.uri, "in", "file").symlink_to(outside / "secret")
    Path(store.uri, "in", "folder").symlink_to(outside)
    assert [entry.path for entry in store.entries("in")] == ["in/real"]
    assert store.entries("in/folder") == []


def test_a_store_that_is_itself_a_link_is_listed(store: Store, tmp_path: Path) -> None:
    store.write("in/real", b"")
    (tmp_path / "link").symlink_to(store.uri)
    assert [entry.path for entry in Store(str(tmp_path / "link")).entries("in")] == ["in/real"]


def test_delete_need_not_find_anything(store: Store) -> None:
    store.write("a", b"")
    store.delete("a")
    store.delete("a")
    assert not store.exists("a")


def test_copy_in_from_another_store(store: Store, tmp_path: Path) -> None:
    inbox = Store(str(tmp_path / "inbox"))
    inbox.write("x.csv", b"1,2")
    store.copy_in("raw/y.csv", inbox, "x.csv")
    assert store.read("raw/y.csv") == b"1,2"
    assert inbox.read("x.csv") == b"1,2"


@pytest.mark.parametrize("path", ["../out", "a/../../out", "/etc/passwd", "a//b", "", ".", "a\\b", "a/", "a\0b"])
def test_a_path_that_could_lead_out_is_refused(store: Store, path: str) -> None:
    store.write("inside", b"")
    for use in (store.read, store.exists, store.delete, store.at, store.local):
        with pytest.raises(StoreError, match="is no path in a store"):
            use(path)
    for put in (store.write, store.create):
        with pytest.raises(StoreError, match="is no path in a store"):
            put(path, b"")
    with pytest.raises(StoreError, match="is no path in a store"):
        store.entries(path or "..")
    assert files_below(store) == {"inside"}


def test_uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Store("./here/").at("a/b") == str(tmp_path / "here/a/b")
    assert Store("./here").local("a/b") == str(tmp_path / "here/a/b")
    assert Store(f"file://{tmp_path}/here/").at("a") == f"file://{tmp_path}/here/a"
    assert Store(f"file://{tmp_path}/here").local("a") == str(tmp_path / "here/a")
    assert Store("s3://bucket/deep/").at("a/b") == "s3://bucket/deep/a/b"
    assert Store("s3://bucket").local("a") is None
    assert Store("here", "http://server") == Store("here")
    assert Store("s3://bucket", "http://server") != Store("s3://bucket")


def test_a_file_uri_is_the_same_folder(store: Store) -> None:
    store.write("a", b"1")
    assert Store(f"file://{store.uri}").read("a") == b"1"


@pytest.mark.parametrize("uri", ["", "memory://test-store/large"])
def test_what_is_too_large_to_be_held_goes_by_way_of_the_disk(store: Store, uri: str) -> None:
    place = Store(uri) if uri else store
    with place.scratch() as file:
        file.write_bytes(b"one" * 1000)
        assert place.entries() == []
        place.take("a/b", file)
    assert not file.exists()
    assert b"".join(place.pieces("a/b")) == place.read("a/b") == b"one" * 1000
    with place.near("a/b") as near:
        assert near.read_bytes() == b"one" * 1000
    assert near.exists() == (not uri)
    assert [entry.path for entry in place.entries()] == ["a/b"]
    with pytest.raises(NotThere):
        list(place.pieces("c"))
    with pytest.raises(NotThere), place.near("c") as near:
        near.read_bytes()
    # what goes wrong meanwhile is no failure of the store, and leaves nothing behind
    with pytest.raises(ZeroDivisionError), place.scratch() as file:
        file.write_bytes(bytes([1 // 0]))
    assert [entry.path for entry in place.entries()] == ["a/b"]
    place.delete("a/b")


def test_other_storage_goes_through_fsspec() -> None:
    store = Store("memory://test-store/deep")
    assert store.create("a/b", b"1")
    assert not store.create("a/b", b"2")
    store.write("c", b"22")
    assert store.read("a/b") == b"1"
    assert [(entry.path, entry.size) for entry in store.entries()] == [("a/b", 1), ("c", 2)]
    assert [entry.path for entry in store.entries("a")] == ["a/b"]
    store.delete("c")
    store.delete("c")
    assert not store.exists("c")
    with pytest.raises(NotThere, match="There is no file memory://test-store/deep/c"):
        store.read("c")


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("", "names no place for files"),
        ("s3://", "names no place for files"),
        ("s4://bucket", "cannot be used"),
        ("http://[", "is no URI"),
    ],
)
def test_a_uri_that_cannot_be_used_is_a_wrong_setting(uri: str, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        Store(uri).read("a")


def test_no_password_in_addresses() -> None:
    for uri, endpoint in (("sftp://me:hunter2@host/in", None), ("s3://bucket", "http://me:hunter2@host")):
        with pytest.raises(ConfigError, match="must hold no password") as caught:
            Store(uri, endpoint)
        assert "hunter2" not in str(caught.value)


def test_a_store_can_be_passed_to_another_process(store: Store) -> None:
    store.write("a", b"1")
    again = pickle.loads(pickle.dumps(store))
    assert again == store
    assert again.read("a") == b"1"


def test_what_is_not_there(store: Store) -> None:
    with pytest.raises(NotThere, match=rf"^There is no file {store.uri}/a/b; check the name\.$"):
        store.read("a/b")


def test_a_write_that_fails_leaves_the_old_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("a", b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=rf"^The disk of {store.uri} is full; make room on it and run this again\.$"):
        store.write("a", b"new")
    with pytest.raises(StoreError, match="is full"):
        store.create("b", b"new")
    assert store.read("a") == b"old"
    assert files_below(store) == {"a"}


def test_what_can_be_made_again_is_not_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []
    monkeypatch.setattr(os, "fsync", waited.append)
    checked.put(store, "staged/a", b"made again")
    checked.write_json(store, "kept/b.json", {"made": "again"}, lasting=False)
    assert not waited
    checked.put(store, "numbers/c", b"read by later cycles", lasting=True)
    checked.write_json(store, "ledger/d.json", {"told": True})
    store.write("raw/e", b"received")
    assert len(waited) == 3
    assert store.read("staged/a") == b"made again"


def test_no_permission(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(folder, "open", refuse, raising=False)
    with pytest.raises(StoreError, match=rf"^There is no permission to use {store.uri}/a; allow this user"):
        store.write("a", b"")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission_on_a_real_folder(store: Store) -> None:
    store.write("a", b"")
    Path(store.uri).chmod(0o500)
    with pytest.raises(StoreError, match="There is no permission"):
        store.write("b", b"")


def test_a_file_where_a_folder_is_needed(store: Store) -> None:
    store.write("a", b"")
    with pytest.raises(StoreError, match="A file stands where"):
        store.write("a/b", b"")
    with pytest.raises(StoreError, match="A file stands where"):
        store.create("a/b", b"")


def test_a_file_system_without_hard_links(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(StoreError, match="has no hard links"):
        store.create("a", b"")
    assert files_below(store) == set()


def test_half_written_files_of_a_killed_process_are_not_listed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None)
    monkeypatch.setattr(os, "link", lambda source, target: None)
    store.create("a/b", b"")
    assert len(files_below(store)) == 1
    assert store.entries() == []


def test_probe_leaves_nothing_and_asks_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    probe_exclusive(store)
    assert files_below(store) == set()

    def create(self: Store, path: str, data: bytes) -> bool:
        raise AssertionError("asked again")

    monkeypatch.setattr(Store, "create", create)
    probe_exclusive(Store(store.uri))


def test_probe_finds_a_server_that_overwrites(store: Store) -> None:
    class Careless(Store):
        def create(self, path: str, data: bytes) -> bool:
            self.write(path, data)
            return True

    careless = Careless(store.uri)
    for _ in range(2):
        with pytest.raises(StoreError, match="ignores If-None-Match"):
            probe_exclusive(careless)
    assert files_below(store) == set()


def test_what_is_not_there_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.stores.remote.time.sleep", lambda _: pytest.fail("it waits before it asks once more"))
    with pytest.raises(NotThere):
        Store("memory://test-store").read("nothing")
