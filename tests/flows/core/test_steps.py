"""A step is a record: its name, its key and how it is run come from nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from config import Config, Contract, load
from config.labels import Frozen
from flows.core import code_version
from flows.core.canonical import plain
from flows.core.logs import short
from flows.core.steps import InTurn, Kind, OfEarlier, Phase, Step, StepId, direct, key
from flows.core.visible import in_line, in_lines

CONFIG = load()
# any function of the project will do
SHORT = Step(kind=Kind.TELL, function=short, arguments=("0123456789abcdef",))


def add(one: int, other: int) -> int:
    return one + other


def adding(one: int, other: int) -> Step[int]:
    return Step(kind=Kind.PULL, source=f"{one} and {other}", function=add, arguments=(one,), places=(other,))


def fails() -> None:
    raise ValueError("no")


def test_a_step_returns_what_it_returns() -> None:
    assert direct(adding(1, 2)) == 3


def test_steps_in_turn_keep_their_order_and_are_told_apart() -> None:
    told: list[str] = []

    def run(step: Step[Any]) -> Any:
        told.append(step.name)
        return step.run()

    assert InTurn(run).all([adding(1, 2), adding(0, 1), adding(1, 1)]) == [3, 1, 2]
    assert told == ["pull 1 and 2", "pull 0 and 1", "pull 1 and 1"]
    assert direct.all([]) == []


def test_what_a_step_raises_stops_the_steps_after_it() -> None:
    seen: list[int] = []
    steps: list[Step[None]] = [
        Step(kind=Kind.TELL, function=seen.append, arguments=(1,)),
        Step(kind=Kind.TELL, function=fails),
        Step(kind=Kind.TELL, function=seen.append, arguments=(3,)),
    ]
    with pytest.raises(ValueError, match="no"):
        direct.all(steps)
    assert seen == [1]


def test_every_kind_has_a_name_of_its_own_and_a_phase() -> None:
    names = [StepId(kind, "noticas", "casualties").name for kind in Kind]
    assert len(set(names)) == len(names)
    assert not [name for name in names if "None" in name or "{" in name]
    assert {kind.phase for kind in Kind} == set(Phase) - {Phase.PREVIOUS}
    # kinds stand in the order of a refresh, and phases in that of their kinds
    order = list(Phase)
    assert [order.index(kind.phase) for kind in Kind] == sorted(order.index(kind.phase) for kind in Kind)


def test_steps_of_the_cycle_before_are_told_as_such_and_kept_as_any() -> None:
    ran: list[Step[Any]] = []

    def run(step: Step[Any]) -> Any:
        ran.append(step)
        return step.run()

    assert OfEarlier(InTurn(run), 4)(SHORT) == OfEarlier(InTurn(run), 4).all([SHORT])[0] == "0123456789ab"
    assert {(step.name, step.phase, step.earlier) for step in ran} == {("tell (cycle 4)", Phase.PREVIOUS, 4)}
    assert {key(step) for step in ran} == {key(SHORT)}


def test_a_key_holds_what_the_result_depends_on_and_nothing_else() -> None:
    same = [SHORT, replace(SHORT, places=("elsewhere",)), replace(SHORT, source="noticas", table="noticas")]
    assert {key(step) for step in same} == {key(SHORT)}
    others = [
        replace(SHORT, arguments=("0123456789abcdeg",)),
        replace(SHORT, arguments=("0123456789abcdef", None)),
        replace(SHORT, kind=Kind.PULL),
        replace(SHORT, code=("transforms.p4_safety",)),
        replace(SHORT, depends_on=(SHORT,)),
        replace(SHORT, depends_on=(replace(SHORT, arguments=("0",)),)),
        # two functions of one module
        replace(SHORT, function=in_line),
        replace(SHORT, function=in_lines),
    ]
    assert len({key(step) for step in (SHORT, *others)}) == len(others) + 1
    assert None not in map(key, others)


def test_what_is_made_by_code_of_others_has_no_key() -> None:
    foreign = replace(SHORT, function=fails)
    assert key(foreign) is None
    assert key(replace(SHORT, depends_on=(foreign,))) is None
    assert key(replace(SHORT, code=(__name__,))) is None
    assert key(replace(SHORT, code=None)) is None


@dataclass(frozen=True)
class Some:
    names: frozenset[str]
    by: dict[Any, Any]


def test_values_that_differ_have_other_bytes() -> None:
    contract = CONFIG.contracts["noticas"]
    moved = contract.model_copy()
    moved._place = "config/sources/noticas.yaml:99"
    values = [
        None, True, 1, 1.5, float("inf"), "", "1", "None", [1], [[1]], {"a": 1}, {1: "a"}, {"1": "a"}, {"a": 1, "b": 2},
        {"b": 2, "a": 1}, {("a", "b"): 1}, {"a,b": 1}, date(2024, 1, 1), datetime(2024, 1, 1), Kind.PULL, Kind.READ,
        [[1, "a"]], frozenset({"a"}), ["a"], frozenset({"a", "b"}), "2024-01-01", "PULL",
        Some(frozenset({"x"}), {}), Some(frozenset(), {"x": 1}),
        contract, moved, contract.head, CONFIG.contracts["hospitals"],
    ]  # fmt: skip
    assert len({plain(value) for value in values}) == len(values)
    again = Contract.model_validate(contract.model_dump(by_alias=True))
    again._place = contract.place
    assert plain(contract) == plain(contract.model_copy()) == plain(again)
    assert plain((1, "a")) == plain([1, "a"])


def test_of_a_value_that_nobody_can_compare_there_is_no_key() -> None:
    for value in (object(), lambda: 1, iter([1]), Config, b"bytes"):
        with pytest.raises(TypeError, match="A key cannot hold a"):
            plain({"a": [value]})


def test_a_key_is_the_same_in_every_process() -> None:
    code = (
        "from flows.core.canonical import plain; import hashlib\n"
        "print(hashlib.sha256(plain([frozenset(map(str, range(99))), {('a', 'b')}])).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(code_version.HERE)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in (1, 2)
    }
    assert len(told) == 1


def test_no_model_with_a_place_stands_within_another() -> None:
    """The bytes of a model hold its place, and those of the models within it would not."""
    placed = {type(one) for one in models(CONFIG) if one.__pydantic_private__}
    assert len(placed) >= 3
    for model in Frozen.__subclasses__():
        said = " ".join(str(field.annotation) for field in model.model_fields.values())
        assert not [one for one in placed if f".{one.__name__}" in said], model


def models(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
    elif is_dataclass(value):
        yield from models([getattr(value, field.name) for field in fields(value)])
    elif isinstance(value, dict):
        yield from models(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from models(one)


def test_every_part_of_the_configuration_is_in_a_key() -> None:
    """A model's field that is left out of its JSON would be left out of keys."""
    for model in {type(one) for one in models(CONFIG)}:
        assert not [name for name, field in model.model_fields.items() if field.exclude], model
