"""The walk of a cycle from the command line to the release, and of a raw file from pull to gate: how many rooms."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from flows.intake.gate import gate
from flows.intake.read import submissions
from flows.intake.receive import inbox
from flows.releases.make import build
from tests.support.sharing import a4p, sources

pytestmark = pytest.mark.slow


def rooms_on_the_way() -> list[str]:
    """The rooms of flows that called each other to get here, the first first, those only passed through too."""
    frame: FrameType | None = sys._getframe(2)
    way: list[str] = []
    while frame:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("flows."):
            way.append(module.split(".")[1])
        frame = frame.f_back
    return list(dict.fromkeys(reversed(way)))


def test_few_rooms_are_entered(sample_inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ways: dict[str, list[str]] = {}

    def noted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            ways[name] = rooms_on_the_way()
            return function(*args, **more)

        return call

    # what does the work at each station, as the module there calls it
    for name, module, function in (
        ("pulled", inbox, "store_raw"),
        ("read", submissions, "read_file"),
        ("gated", gate, "correct"),
        ("published", build, "commit"),
    ):
        monkeypatch.setattr(module, function, noted(name, getattr(module, function)))
    sources(sample_inbox, tmp_path / "inbox", "hospitals")
    code, _, err = a4p(tmp_path, "refresh", "--cycle", "5")
    assert code == 0, err
    begins = ["cli", "orchestration", "refresh"]
    assert {name: way[:3] for name, way in ways.items()} == dict.fromkeys(
        ("pulled", "read", "gated", "published"), begins
    )
    # a cycle, to its release: with core, which runs the steps, and the room that publishes
    assert ways["published"] == [*begins, "core", "releases"]
    # a raw file, from the story's call to the gate
    of_a_file = {room for name in ("pulled", "read", "gated") for room in ways[name][2:]}
    assert of_a_file == {"refresh", "core", "intake"}
