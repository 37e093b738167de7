"""Publishers against a real S3 server: killed, five at once, and behind a network and server that fail at any call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from flows.core.errors import StoreError, Unanswered
from flows.stores import Store, probe_exclusive
from tests.integration.fault_proxy import FAULTS, Fault, FaultProxy, fault_proxy
from tests.support.publishers import (
    Dying,
    assert_a_kill_is_survived,
    assert_whole,
    current,
    names,
    publish,
    publish_at_once,
    seen,
)
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.s3
# what happens at each call in turn; of those that leave nothing behind, one at each
ONCE: dict[str, tuple[Fault, ...]] = {"before": ("500", "503", "slow", "cut"), "half": ("half",), "lost": ("lost",)}
# a cut connection is one to the client whether it is cut before or in the middle of an answer
LASTING: dict[str, tuple[Fault, ...]] = {"PUT": ("503", "lost"), "GET": ("half",), "HEAD": ("500",), "DELETE": ("cut",)}
# with make sweep each call of a publish fails, else every third
EACH, FIRST = (2, (0, 1)) if SWEEP else (3, (0,))


@pytest.fixture
def environment(bucket: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


@pytest.fixture
def proxy(s3: Any) -> Iterator[FaultProxy]:
    with fault_proxy(s3.endpoint) as running:
        yield running


def test_a_publisher_killed_at_any_write_leaves_readers_the_old_or_the_new(
    s3: Any, bucket: str, environment: Mapping[str, str]
) -> None:
    whole = Dying(f"s3://{bucket}/whole", s3.endpoint)
    publish(Store(whole.uri, s3.endpoint), 1)
    publish(whole, 2)

    def killed(at: int) -> tuple[bool, bool, bool]:
        return assert_a_kill_is_survived(Store(f"s3://{bucket}/{at}", s3.endpoint), at, environment)

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(killed, range(len(whole.changes) + 1)))
    assert found == sorted(found), "committed, then led to, then shown"
    assert set(found) == {(False, False, False), (True, False, False), (True, True, False), (True, True, True)}


def test_five_processes_at_once(s3: Any, bucket: str, environment: Mapping[str, str]) -> None:
    stores = [Store(f"s3://{bucket}/{turn}", s3.endpoint) for turn in range(3)]
    for store, made in zip(stores, publish_at_once(stores, [1, 2, 3, 4, 5], environment), strict=True):
        assert sorted(made) == [(f"r00{number}", True) for number in range(1, 6)]
        assert [assert_whole(store, name) for name, _ in made] == [1, 2, 3, 4, 5]
        assert seen(store) == "r005"
        assert current(store) == 1 + [name for name, _ in made].index("r005")
    for store, made in zip(stores, publish_at_once(stores, [6] * 5, environment), strict=True):
        assert sorted(made) == [("r006", False)] * 4 + [("r006", True)]
        assert names(store) == [f"r00{number}" for number in range(1, 7)]
        assert len(store.entries("releases/cycle-05/claims")) == 6, "no number was lost"
        assert current(store) == 6


def side_by_side(s3: Any, bucket: str, cases: Mapping[str, Callable[[FaultProxy, Store, Store], None]]) -> None:
    """Run cases at once, for most of their time is waiting; each has a proxy and a store, seen through it and not."""

    def one(name: str) -> None:
        uri = f"s3://{bucket}/{name}"
        with fault_proxy(s3.endpoint) as own:
            cases[name](own, Store(uri, own.endpoint), Store(uri, s3.endpoint))

    with ThreadPoolExecutor(len(cases)) as pool:
        list(pool.map(one, cases))


def calls_of_a_publish(proxy: FaultProxy, store: Store) -> list[str]:
    publish(store, 1)
    proxy.heals()
    publish(store, 2)
    return list(proxy.calls)


@pytest.mark.sweep
def test_one_failure_at_any_call_of_a_publish_is_overcome(s3: Any, bucket: str) -> None:
    def overcome(faults: Sequence[Fault], first: int) -> Callable[[FaultProxy, Store, Store], None]:
        def case(proxy: FaultProxy, store: Store, direct: Store) -> None:
            calls = calls_of_a_publish(proxy, store)
            for number, at in enumerate(range(first, len(calls), EACH), 3):
                call, fault = calls[at], faults[at % len(faults)]
                proxy.breaks(at, fault)
                made = publish(store, number)
                where = f"{fault} at {call}: {proxy.calls}"
                assert len(proxy.calls) > len(calls) or fault == "slow", where
                # its own claim and descriptor are known again: no number is left out, and it is told that it is new
                assert made == (f"r{number:03d}", True), where
                assert assert_whole(direct, made[0]) == number, where
                assert (seen(direct), current(direct)) == (made[0], number), where
            assert len(names(direct)) == len(direct.entries("releases/cycle-05/claims")) == number

        return case

    side_by_side(
        s3, bucket, {f"{name}-{first}": overcome(faults, first) for name, faults in ONCE.items() for first in FIRST}
    )


@pytest.mark.sweep
def test_a_failure_that_lasts_from_any_call_on_is_told_and_readers_have_the_old_or_the_new(
    s3: Any, bucket: str
) -> None:
    def told(worker: int, workers: int) -> Callable[[FaultProxy, Store, Store], None]:
        def case(proxy: FaultProxy, store: Store, direct: Store) -> None:
            calls = calls_of_a_publish(proxy, store)
            breaks = [(at, fault) for at, call in enumerate(calls) for fault in LASTING[call.partition(" ")[0]]]
            for at, fault in breaks[worker :: workers * (1 if SWEEP else 4)]:
                before = len(names(direct))
                proxy.breaks(at, fault, forever=True)
                with pytest.raises(Unanswered):
                    publish(store, before + 1)
                where = f"{fault} from {calls[at]} on: {proxy.calls}"
                proxy.heals()
                now = names(direct)
                assert [assert_whole(direct, name) for name in now[before - 1 :]] in (
                    [before],
                    [before, before + 1],
                ), where
                assert seen(direct) in now[before - 1 :], where
                assert current(direct) in {before, before + 1, None}, where
                # the same again goes on with the number that it had
                assert publish(store, before + 1) == (f"r{before + 1:03d}", len(now) == before), where
                assert (seen(direct), current(direct)) == (f"r{before + 1:03d}", before + 1), where

        return case

    side_by_side(s3, bucket, {f"lasting-{worker}": told(worker, 6) for worker in range(6)})


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_the_probe_takes_no_failure_for_a_server_that_overwrites(
    bucket: str, proxy: FaultProxy, fault: Fault, at: int
) -> None:
    store = Store(f"s3://{bucket}", proxy.endpoint)
    proxy.breaks(at, fault)
    probe_exclusive.__wrapped__(store)
    assert store.entries() == []


@pytest.mark.parametrize("fault", ["half", "lost"])
def test_a_file_is_known_to_be_ones_own_or_another_ones(bucket: str, proxy: FaultProxy, fault: Fault) -> None:
    store = Store(f"s3://{bucket}", proxy.endpoint)
    proxy.breaks(0, fault)
    assert store.create("mine", b"1")
    assert [call.partition(" ")[0] for call in proxy.calls] == ["PUT", "PUT", "HEAD"]
    proxy.breaks(0, fault)
    assert not store.create("mine", b"1"), "the content does not tell who wrote it"
    assert store.read("mine") == b"1"


def test_an_answer_that_always_breaks_off_is_told(bucket: str, proxy: FaultProxy, s3: Any) -> None:
    large = bytes(100_000)
    Store(f"s3://{bucket}", s3.endpoint).write("large", large)
    store = Store(f"s3://{bucket}", proxy.endpoint)
    proxy.breaks(0, "half")
    assert store.read("large") == large
    proxy.breaks(0, "half", forever=True)
    with pytest.raises(
        Unanswered, match=rf"^The server {proxy.endpoint} breaks off or garbles its answers; check the network"
    ):
        store.read("large")
    assert issubclass(Unanswered, StoreError)
