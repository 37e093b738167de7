"""A place on a real S3 server while it is held: few calls, and the truth for whoever looks at it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any

import pytest

from flows.core.errors import NotThere, StoreError
from flows.stores import Store, checked, frames, holding
from tests.integration.fault_proxy import FaultProxy, fault_proxy
from tests.support.publishers import assert_whole, current, names, publish, seen

pytestmark = pytest.mark.s3
KEPT = "kept/held-x.zip"


@pytest.fixture
def proxy(s3: Any) -> Iterator[FaultProxy]:
    with fault_proxy(s3.endpoint) as running:
        yield running


@pytest.fixture
def held(proxy: FaultProxy, bucket: str) -> Store:
    return Store(f"s3://{bucket}/private", proxy.endpoint, private=True)


def named(data: bytes) -> str:
    return f"staged/{hashlib.sha256(data).hexdigest()}"


def put(s3: Any, bucket: str, path: str, data: bytes) -> None:
    """Write as somebody else does."""
    s3.client().put_object(Bucket=bucket, Key=f"private/{path}", Body=data)


def test_what_was_written_or_read_is_not_asked_for_again_nor_when_it_is_held_next(
    held: Store, proxy: FaultProxy
) -> None:
    every = [str(number).encode() for number in range(40)]
    with holding(held, held, "x"):
        proxy.heals()
        for data in every:
            checked.put(held, named(data), data)
        assert not held.exists("staged/other")
        assert [checked.read(held, named(data)) for data in every] == every
        assert all(checked.is_whole(held, named(data)) for data in every)
        held.finish()
        assert sorted({call.split()[0] for call in proxy.calls}) == ["PUT"]
        assert len(proxy.calls) == len(every)
    assert [held.read(named(data)) for data in every] == every, "all is in place"
    with holding(held, held, "x"):
        proxy.heals()
        assert [checked.read(held, named(data)) for data in every] == every
        for data in every:
            checked.put(held, named(data), data)
        assert proxy.calls == []


def test_a_list_of_an_unprotected_server_is_all_that_holding_it_costs(held: Store, proxy: FaultProxy) -> None:
    held.write("one/file", b"1")
    with holding(held, held, "x"):
        proxy.heals()
        assert [entry.path for entry in held.entries("one")] == ["one/file"]
        assert [entry.path for entry in held.children()] == ["one"]
        assert [entry.path for entry in Store(f"{held.uri}/one", held.endpoint_url).entries()] == ["file"]
        assert proxy.calls == []


def test_another_content_is_noticed(held: Store, s3: Any, bucket: str) -> None:
    with holding(held, held, "x"):
        checked.put(held, named(b"right"), b"right")
        held.finish()
        put(s3, bucket, named(b"right"), b"wrong")
        held.look_again("staged")
        assert not checked.is_whole(held, named(b"right"))
        with pytest.raises(checked.Damaged):
            checked.read(held, named(b"right"))
        checked.put(held, named(b"right"), b"right")
    assert held.read(named(b"right")) == b"right"


def test_the_server_itself_says_whether_it_refuses_what_is_there(held: Store, proxy: FaultProxy) -> None:
    with holding(held, held, "x"):
        assert held.create("said/one", b"1")
        proxy.heals()
        assert not held.create("said/one", b"2")
        assert [call.split()[0] for call in proxy.calls] == ["PUT", "HEAD"]
        assert held.read("said/one") == b"1"


def test_what_others_wrote_is_there_once_it_is_looked_at_again(held: Store, s3: Any, bucket: str) -> None:
    with holding(held, held, "x"):
        put(s3, bucket, "said/one", b"theirs")
        with pytest.raises(NotThere):
            held.read("said/one")
        assert not held.create("said/one", b"mine"), "the server lets one of many win"
        assert held.read("said/one") == b"theirs"
        put(s3, bucket, "said/one", b"theirs, too")
        held.look_again("said")
        assert held.read("said/one") == b"theirs, too"


@pytest.mark.parametrize("spoilt", [b"", b"PK nothing", None])
def test_without_what_was_kept_it_is_only_slower(held: Store, s3: Any, bucket: str, spoilt: bytes | None) -> None:
    with holding(held, held, "x"):
        held.write("said/one", b"1")
    data = held.read(KEPT)
    put(s3, bucket, KEPT, data[: len(data) // 2] if spoilt is None else spoilt)
    with holding(held, held, "x"):
        assert held.read("said/one") == b"1"


def test_what_is_gone_is_not_kept(held: Store) -> None:
    with holding(held, held, "x"):
        held.write("said/secret", b"a secret that is erased")
    assert b"a secret that is erased" in held.read(KEPT)
    with holding(held, held, "x"):
        held.delete("said/secret")
    assert b"a secret that is erased" not in held.read(KEPT)


def test_a_write_that_fails_is_told_when_all_must_be_in_place_and_at_the_end(held: Store, proxy: FaultProxy) -> None:
    says = "overloaded or out of order"

    def fails() -> None:
        with holding(held, held, "x"):
            assert held.entries() == []
            proxy.breaks(0, "503", forever=True)
            held.write_soon("said/one", b"1")
            with pytest.raises(StoreError, match=says):
                held.finish()
            proxy.heals()

    # who was told first may not have listened
    with pytest.raises(StoreError, match=says):
        fails()
    assert not held.exists("said/one")
    assert not held.exists(KEPT)


def test_a_frame_is_the_same_to_whoever_holds_the_place_and_who_does_not(held: Store) -> None:
    import polars as pl

    frame = pl.DataFrame({"deaths": [1, 2]})
    with holding(held, held, "x"):
        path = frames.put(held, "staged", frame)
        assert frames.scan(held, path).collect().equals(frame)
    assert frames.scan(held, path).collect().equals(frame)


def test_a_child_of_the_process_holds_nothing_and_finds_all(held: Store) -> None:
    with holding(held, held, "x"):
        held.write_soon("said/one", b"1")
        child = os.fork()
        if not child:
            # as another process sees it; without threads and connections of its parent
            os._exit(0 if held._held is None else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        held.finish()


def test_publishing_into_a_place_that_is_held_is_the_same(proxy: FaultProxy, bucket: str) -> None:
    store = Store(f"s3://{bucket}/public", proxy.endpoint)
    with holding(store, store, "x"):
        assert publish(store, 1) == ("r001", True)
        assert publish(store, 2) == ("r002", True)
        proxy.heals()
        assert publish(store, 2) == ("r002", False)
        assert proxy.calls == []
    assert [assert_whole(store, name) for name in names(store)] == [1, 2]
    assert (seen(store), current(store)) == ("r002", 2)
