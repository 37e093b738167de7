from __future__ import annotations

import pickle
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import polars as pl
import pytest

from config import Cycle
from flows.core.canonical import hash_of
from flows.core.errors import NotThere, NotWhole, StoreError, Unanswered
from flows.releases import shelf
from flows.releases.make.table_files import table_files
from flows.stores import Store, answers, checked, probe_exclusive
from tests.integration.fault_proxy import FaultProxy, Garble, fault_proxy

pytestmark = pytest.mark.s3
CYCLE = Cycle(number=5, start=date(2023, 11, 1), end=date(2024, 4, 30))


@pytest.fixture
def store(s3: Any, bucket: str) -> Store:
    return Store(f"s3://{bucket}/deep/public", s3.endpoint)


def content(value: int) -> dict[str, bytes]:
    tables = {"figures": pl.DataFrame({"value": [value]}), "deaths": pl.DataFrame({"deaths": [value, None]})}
    return {**table_files(tables), "report.html": f"<p>{value}</p>".encode()}


def described(name: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "resources": [{"path": path, "hash": hash_of(data)} for path, data in sorted(files.items())],
        "a4p": {"release": name, "status": "final"},
    }


def publish(store: Store, value: int) -> tuple[shelf.Release, bool]:
    return shelf.publish(store, CYCLE, content(value), described, lambda before: {"changes.json": b"{}"})


def test_files_go_in_and_out(store: Store) -> None:
    before = datetime.now(UTC) - timedelta(minutes=5)
    assert store.entries() == []
    store.write("a/b", b"old")
    store.write("a/b", b"one")
    store.write("a-c", b"")
    assert store.read("a/b") == b"one"
    assert store.read("a-c") == b""
    assert [(entry.path, entry.size) for entry in store.entries()] == [("a-c", 0), ("a/b", 3)]
    assert [entry.path for entry in store.entries("a")] == ["a/b"]
    assert all(before < entry.modified < before + timedelta(minutes=10) for entry in store.entries())
    assert [store.exists(path) for path in ("a/b", "a", "a/bc", "b")] == [True, False, False, False]
    with pytest.raises(NotThere, match=rf"^There is no file {store.uri}/b; check the name\.$"):
        store.read("b")
    store.delete("a/b")
    store.delete("a/b")
    assert not store.exists("a/b")
    assert pickle.loads(pickle.dumps(store)).read("a-c") == b""


def test_a_whole_bucket_can_be_a_store(s3: Any, bucket: str) -> None:
    store = Store(f"s3://{bucket}", s3.endpoint)
    store.write("a/b", b"1")
    assert [entry.path for entry in store.entries()] == ["a/b"]
    assert store.at("a/b") == f"s3://{bucket}/a/b"


def test_copies_between_bucket_and_folder(store: Store, tmp_path: Any) -> None:
    folder = Store(str(tmp_path))
    folder.write("x", b"1")
    store.copy_in("y", folder, "x")
    folder.copy_in("z", store, "y")
    assert folder.read("z") == b"1"


def test_what_is_too_large_to_be_held_goes_by_way_of_the_disk(store: Store) -> None:
    # more than s3fs sends in one part, and than is fetched in one piece
    content = bytes(range(256)) * 2**19
    with store.scratch() as file:
        file.write_bytes(content)
        store.take("large", file)
    assert b"".join(store.pieces("large")) == content
    with store.near("large") as near:
        assert near.read_bytes() == content
    assert not near.exists()
    with pytest.raises(NotThere), store.near("none"):
        pass


def test_of_eight_who_create_at_once_one_wins(store: Store) -> None:
    for turn in range(10):
        start = Barrier(8)

        def create(number: int, turn: int = turn, start: Barrier = start) -> bool:
            start.wait()
            return store.create(f"claims/{turn}", str(number).encode())

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(create, range(8)))
        assert won.count(True) == 1
        assert store.read(f"claims/{turn}") == str(won.index(True)).encode()


def test_a_large_file_is_created_in_one_piece(store: Store) -> None:
    # above 100 MB s3fs would upload in parts, where servers ignore the condition
    large = bytes(101 * 2**20)
    assert store.create("large", large)
    assert not store.create("large", large)
    assert store.entries()[0].size == len(large)


def test_the_probe_accepts_the_server_and_leaves_nothing(store: Store) -> None:
    probe_exclusive(store)
    assert store.entries() == []


def test_publishing(store: Store) -> None:
    first, is_new = publish(store, 1)
    assert (first.name, is_new, first.uri) == ("r001", True, f"{store.uri}/releases/cycle-05/r001")
    assert publish(store, 1) == (first, False)
    second, is_new = publish(store, 2)
    assert (second.name, is_new) == ("r002", True)
    assert shelf.latest(store, CYCLE) == second
    assert shelf.releases(store, CYCLE) == [first, second]
    assert shelf.read_table(store, first, "figures")["value"].to_list() == [1]
    assert shelf.read_table(store, second, "figures")["value"].to_list() == [2]
    for path, data in content(2).items():
        assert store.read(f"{second.path}/{path}") == data
        if path.startswith("tables/"):
            assert store.read(f"current/cycle-05/{path}") == data
    store.write(f"{first.path}/tables/figures.parquet", store.read(f"{second.path}/tables/figures.parquet"))
    with pytest.raises(StoreError, match="is not the one that was published"):
        shelf.read_table(store, first, "figures")


def test_five_publishers_at_once_get_five_numbers(store: Store) -> None:
    start = Barrier(5)

    def one(value: int) -> str:
        start.wait()
        return publish(store, value)[0].name

    with ThreadPoolExecutor(5) as pool:
        names = list(pool.map(one, range(1, 6)))
    assert sorted(names) == ["r001", "r002", "r003", "r004", "r005"]
    newest = content(1 + names.index("r005"))
    assert shelf.latest(store, CYCLE) == shelf.get(store, CYCLE, "r005")
    assert store.read("current/cycle-05/tables/figures.csv") == newest["tables/figures.csv"]


def uses(store: Store) -> list[Callable[[], object]]:
    return [
        lambda: store.read("a"),
        lambda: store.write("a", b""),
        lambda: store.create("a", b""),
        lambda: store.exists("a"),
        lambda: store.entries("a"),
        lambda: store.delete("a"),
        lambda: shelf.latest(store, CYCLE),
        lambda: publish(store, 1),
    ]


@pytest.mark.usefixtures("new_connections")
@pytest.mark.parametrize("wrong", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_wrong_credentials(store: Store, s3: Any, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv(wrong, "wrongwrongwrong")
    for use in uses(store):
        with pytest.raises(StoreError, match="refuses the credentials; check AWS_ACCESS_KEY_ID and") as caught:
            use()
        assert not isinstance(caught.value, Unanswered), "to try again would not help"
        assert str(caught.value).startswith(f"The store {store.uri} ")
        for word in (s3.key, s3.secret, "wrongwrongwrong"):
            assert word not in str(caught.value)


@pytest.mark.usefixtures("new_connections")
def test_no_credentials(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(StoreError, match=rf"^The store {store.uri} needs credentials; set AWS_ACCESS_KEY_ID and"):
        store.read("a")


def test_missing_bucket(s3: Any, bucket: str) -> None:
    store = Store(f"s3://{bucket}-not/deep", s3.endpoint)
    for use in uses(store):
        with pytest.raises(
            StoreError, match=rf"^There is no bucket '{bucket}-not' for the store {store.uri}; create it, or"
        ) as caught:
            use()
        assert not isinstance(caught.value, NotThere)


def test_a_name_that_no_bucket_can_have(s3: Any, bucket: str) -> None:
    with pytest.raises(StoreError, match=r"^'no_bucket!' in s3://no_bucket!/deep is no name for a bucket"):
        Store("s3://no_bucket!/deep", s3.endpoint).read("a")


def test_unreachable_server(bucket: str) -> None:
    with socket.socket() as closed:  # bound, so that nobody else listens there, but not listening
        closed.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(Unanswered, match=rf"^The server {endpoint} does not answer; check that it runs"):
            publish(Store(f"s3://{bucket}", endpoint), 1)
        assert time.monotonic() - began < 80, "not until a call is given up"


def test_a_server_that_speaks_no_tls(s3: Any, bucket: str) -> None:
    endpoint = s3.endpoint.replace("http:", "https:")
    with pytest.raises(StoreError, match=rf"^The server {endpoint} "):
        Store(f"s3://{bucket}", endpoint).read("a")


@pytest.fixture
def proxied(s3: Any, bucket: str) -> Iterator[tuple[FaultProxy, Store]]:
    with fault_proxy(s3.endpoint) as proxy:
        yield proxy, Store(f"s3://{bucket}/deep/public", proxy.endpoint)


@pytest.mark.parametrize("how", ["flip", "short"])
def test_an_answer_that_is_not_the_file_is_asked_for_again(
    store: Store, proxied: tuple[FaultProxy, Store], how: Garble
) -> None:
    proxy, through = proxied
    large = bytes(range(256)) * (5 * 2**13)
    store.write("one", b"0123456789" * 100)
    store.write("large", large)
    proxy.breaks(0, how)
    assert through.read("one") == b"0123456789" * 100
    assert len(proxy.calls) == 2
    proxy.heals()
    # the first part of it
    proxy.fails = lambda number: how if proxy.calls[number].startswith("GET") and number < 3 else None
    with through.near("large") as file:
        assert file.read_bytes() == large
    proxy.breaks(0, how, forever=True)
    with pytest.raises(NotWhole, match=r"gives other bytes than those it has of .*/one; check the network"):
        through.read("one")
    assert not checked.is_whole(through, "one", "0" * 64)
    for at in range(3):
        proxy.breaks(at, how)
        assert [entry.path for entry in through.entries()] == ["large", "one"]


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(
    store: Store, proxied: tuple[FaultProxy, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, through = proxied
    store.write("one", b"0123456789" * 100)
    monkeypatch.setattr(answers, "CALL_S", 1.5)
    proxy.breaks(0, "drip", forever=True)
    calls: list[Callable[[], object]] = [
        lambda: through.read("one"),
        lambda: through.exists("one"),
        through.children,
        lambda: through.write("two", b"2"),
        lambda: through.create("three", b"3"),
        lambda: through.delete("one"),
    ]
    for call in calls:
        began = time.monotonic()
        with pytest.raises(Unanswered, match="does not answer"):
            call()
        assert time.monotonic() - began < 12
