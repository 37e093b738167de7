"""Which functions of the code each test calls, and how long it takes: by which tests a change may be noticed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest


class Calls:
    """A plugin of pytest that notes for each test, and for each file that is collected, the functions it calls.

    `called` has, by test or file, the file and first line of each function below the folders; `seconds` how much of the
    processor each test takes with all its fixtures, also where another test has made them; `failed` those that did not
    pass.
    """

    def __init__(self, root: Path, folders: Sequence[str]) -> None:
        self.root = root
        self.called: dict[str, list[tuple[str, int]]] = {}
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        self._made: dict[str, float] = {}
        self._below = tuple(f"{root / folder}/" for folder in folders)

    @contextmanager
    def _noted(self, name: str) -> Iterator[None]:
        codes: dict[int, CodeType] = {}

        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call":
                codes[id(frame.f_code)] = frame.f_code

        sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(None)
        self.called[name] = sorted(
            (str(Path(code.co_filename).relative_to(self.root)), code.co_firstlineno)
            for code in codes.values()
            if code.co_filename.startswith(self._below)
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Iterator[Any]:
        if not isinstance(collector, pytest.Module):
            return (yield)
        with self._noted(collector.nodeid):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        with self._noted(item.nodeid):
            result = yield
        fixtures = getattr(item, "fixturenames", ())
        self.seconds.setdefault(item.nodeid, 0.0)
        self.seconds[item.nodeid] += sum(self._made.get(fixture, 0.0) for fixture in fixtures)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[Any]:
        began = time.process_time()
        result = yield
        self._made[fixturedef.argname] = time.process_time() - began
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[Any]:
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - began

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)
