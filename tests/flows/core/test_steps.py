from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flows.core.steps import Call, InTurn, direct


def add(one: int, other: int) -> int:
    return one + other


def fails() -> None:
    raise ValueError("no")


def test_a_step_returns_what_it_returns() -> None:
    assert direct("add", add, 1, 2) == 3


def test_steps_in_turn_keep_their_order_and_are_told_by_name() -> None:
    told: list[str] = []

    def run(name: str, do: Callable[..., Any], *args: Any) -> Any:
        told.append(name)
        return do(*args)

    calls = [Call("third", add, (1, 2)), Call("first", add, (0, 1)), Call("second", add, (1, 1))]
    assert InTurn(run).all(calls) == [3, 1, 2]
    assert told == ["third", "first", "second"]
    assert direct.all([]) == []


def test_what_a_step_raises_stops_the_steps_after_it() -> None:
    seen: list[int] = []
    with pytest.raises(ValueError, match="no"):
        direct.all([Call("one", seen.append, (1,)), Call("two", fails, ()), Call("three", seen.append, (3,))])
    assert seen == [1]
