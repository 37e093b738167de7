from __future__ import annotations

import re
import threading
import time

import pytest

from flows.core.within import TookTooLong, within
from tests.support.waiting import HANGS_S


def busy() -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        sum(range(100))


def in_a_thread(work) -> list[BaseException]:  # type: ignore[no-untyped-def]
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(HANGS_S)
    assert not thread.is_alive()
    return raised


def late() -> None:
    with within(0.2, "The file x"):
        busy()


def test_what_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(TookTooLong, match=r"^The file x took longer than 0\.2 seconds and was ended;"):
        late()
    assert time.monotonic() - began < 10
    (raised,) = in_a_thread(late)
    assert isinstance(raised, TookTooLong)
    # nothing comes afterwards
    time.sleep(0.3)
    assert in_a_thread(lambda: time.sleep(0.3)) == []


def test_a_pattern_that_never_ends_is_ended() -> None:
    with pytest.raises(TookTooLong), within(0.5, "It"):
        re.match(r"(a+)+$", "a" * 40 + "b")


def test_what_ends_in_time_is_left_alone() -> None:
    def quick() -> None:
        for _ in range(50):
            with within(5, "It"), within(0.5, "It"):
                pass
        with within(0.2, "It"):
            pass
        time.sleep(0.4)

    quick()
    assert in_a_thread(quick) == []


def test_an_error_of_the_work_stays_what_it_is() -> None:
    with pytest.raises(ValueError, match="mine"), within(5, "It"):
        raise ValueError("mine")


def test_of_two_limits_the_shorter_one_holds() -> None:
    with pytest.raises(TookTooLong, match=r"^Inner"), within(10, "Outer"), within(0.2, "Inner"):
        busy()
    with pytest.raises(TookTooLong, match=r"^(Inner|Outer)"), within(0.2, "Outer"), within(10, "Inner"):
        busy()
