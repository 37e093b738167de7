"""Tests run on a copy of the project, with changes, in processes of their own."""

from __future__ import annotations

import contextlib
import gc
import inspect
import json
import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tests.mutations.calls import Calls
from tests.mutations.changes import Change, changed

# the tests that most changes are noticed by; none of them may compute while they are collected: a process that has
# computed with Polars cannot be forked
NEAREST = ("tests/transforms", "tests/expectations")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", ".hypothesis", "store", "inbox")
# for how long a change is tried: in seconds of the processor beside four times what its tests take without it, or where
# that is not known; and in seconds of the clock, since what waits for ever takes none of the processor
MORE, LONGEST, WAITS = 15, 3600, 7200


@dataclass(frozen=True)
class Trials:
    """A copy of the project, on which the tests with these marks are run."""

    project: Path
    copy: Path
    marks: str

    def __post_init__(self) -> None:
        """Make the copy."""
        shutil.copytree(self.project, self.copy, ignore=NOT_COPIED)

    def noticed_nearby(self, changes: Sequence[Change], folders: Sequence[str]) -> Iterator[str | None]:
        """Yield for each change the first of the nearest tests that notices it; None where none does.

        The function gets the code of the changed one where all is imported and collected already, so that a change
        takes no longer than its tests do. What is changed outside of functions is noticed by none so.
        """
        yield from _forked(lambda out: self._pytest(NEAREST, _EachChange(self.copy, changes, folders, out)), self.copy)

    def failing(self, changes: Sequence[Change], tests: Sequence[str], *, first: bool = False) -> list[str]:
        """Return which tests fail in files, or of all, where changes are made together; or the first of them."""
        failed = _Failed()
        asked = [*(["-x"] if first else []), *tests]
        with self._made(changes):
            results = _forked(lambda out: _say(out, self._outcome(asked, failed)), self.copy, LONGEST)
            return next(results, ["it comes to no end"])

    def is_imported(self, change: Change) -> bool:
        """Tell whether a module can still be imported where a change is made in it."""
        with self._made([change]):
            return next(_forked(lambda out: _say(out, _can_be_imported(change)), self.copy, LONGEST), False)

    @contextlib.contextmanager
    def _made(self, changes: Sequence[Change]) -> Iterator[None]:
        before = {change.path: (self.copy / change.path).read_bytes() for change in changes}
        try:
            for path, source in before.items():
                of_file = [change for change in changes if change.path == path]
                (self.copy / path).write_bytes(changed(source, of_file))
            yield
        finally:
            for path, source in before.items():
                (self.copy / path).write_bytes(source)

    def _outcome(self, asked: Sequence[str], failed: _Failed) -> list[str]:
        code = self._pytest(asked, failed)
        return failed.tests or ([] if code in (0, 5) else [f"pytest ends with {code}"])

    def _pytest(self, arguments: Sequence[str], plugin: object) -> int:
        ignored = ["--ignore", "tests/integration", "--ignore", "tests/mutations"]
        return int(pytest.main([*arguments, *ignored, "-m", self.marks, "-p", "no:cacheprovider"], plugins=[plugin]))


class _Failed:
    """A plugin of pytest that keeps the tests that fail."""

    def __init__(self) -> None:
        self.tests: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.tests.append(report.nodeid)


class _EachChange:
    """A plugin of pytest that runs what was collected for one change after the other, each in a fork of its own."""

    def __init__(self, copy: Path, changes: Sequence[Change], folders: Sequence[str], out: Any) -> None:
        self.copy, self.changes, self.out = copy, changes, out
        self.calls, self.failed = Calls(copy, folders), _Failed()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        threads = {Path(f"/proc/self/task/{thread}/comm").read_text() for thread in os.listdir("/proc/self/task")}
        assert not any(name.startswith(("polars-0", "tokio")) for name in threads), "some test computes when collected"
        gc.freeze()
        for hook in (self.calls, self.failed):
            session.config.pluginmanager.register(hook)
        (noted,) = _forked(lambda out: self._noted(session.items, out), self.copy)
        session.config.pluginmanager.unregister(self.calls)
        items = [item for item in session.items if item.nodeid not in noted["failed"]]
        for change in self.changes:
            chosen = [item for item in items if calls(noted["called"].get(item.nodeid, ()), change)]
            chosen.sort(key=lambda item: noted["seconds"][item.nodeid])
            seconds = MORE + 4 * sum(noted["seconds"][item.nodeid] for item in chosen)
            tried = _forked(
                lambda out, change=change, chosen=chosen: self._try(change, chosen, out), self.copy, seconds
            )
            _say(self.out, next(tried, "it comes to no end"))
        return True

    def _noted(self, items: Sequence[pytest.Item], out: Any) -> None:
        _run(items, lambda: False)
        called = {**self.calls.called, **_through_caches(items, self.calls.called)}
        _say(out, {"called": called, "seconds": self.calls.seconds, "failed": self.failed.tests})

    def _try(self, change: Change, items: Sequence[pytest.Item], out: Any) -> None:
        if exchange(change, changed((self.copy / change.path).read_bytes(), [change])):
            _run(items, lambda: bool(self.failed.tests))
        _say(out, next(iter(self.failed.tests), None))


def _through_caches(items: Iterable[pytest.Item], called: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return, for tests of files that keep results, what all tests of the file call: only the first one is seen to."""
    by_file: dict[ModuleType, list[str]] = {}
    for item in items:
        if isinstance(item, pytest.Function):
            by_file.setdefault(item.module, []).append(item.nodeid)
    made: dict[str, list[Any]] = {}
    for module, tests in by_file.items():
        own = (value for value in vars(module).values() if getattr(value, "__module__", None) == module.__name__)
        if any(hasattr(value, "cache_clear") for value in own):
            every = sorted({tuple(one) for test in tests for one in called.get(test, ())})
            made |= dict.fromkeys(tests, every)
    return made


def calls(called: Iterable[Sequence[Any]], change: Change) -> bool:
    """Tell whether the function of a change is among those that are called."""
    return any(path == change.path and change.lines[0] <= line <= change.lines[1] for path, line in called)


def _run(items: Sequence[pytest.Item], is_enough: Callable[[], bool]) -> None:
    for item, following in zip(items, [*items, None][1:], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if is_enough():
            return


def _say(out: Any, result: object) -> None:
    print(json.dumps(result), file=out, flush=True)


def _forked(function: Callable[[Any], object], copy: Path, seconds: float | None = None) -> Iterator[Any]:
    """Yield what a process of its own says, which runs in the copy, for so many seconds of the processor at most."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException), os.fdopen(write, "w") as out:
            os.close(read)
            os.chdir(copy)
            if sys.path[0] != str(copy):
                os.environ["PYTHONPATH"] = sys.path[0] = str(copy)
                for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
                    del sys.modules[name]
            sys.dont_write_bytecode = True
            if seconds is not None:
                resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
                signal.alarm(WAITS)
            with open(copy.with_suffix(".log"), "ab") as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            try:
                function(out)
                code = 0
            except BaseException:
                traceback.print_exc()
        os._exit(code)
    os.close(write)
    with os.fdopen(read) as answers:
        for line in answers:
            yield json.loads(line)
    _, ended = os.waitpid(child, 0)
    # one that is stopped since it took too long ends otherwise
    if os.WIFEXITED(ended) and os.WEXITSTATUS(ended):
        raise RuntimeError(f"what was tried ended with an error, see {copy.with_suffix('.log')}")


def exchange(change: Change, source: bytes) -> bool:
    """Give a function of an imported module the code that it has in another source; return whether that is other."""
    module = _module(change)
    whole = compile(source, str(module.__file__), "exec", dont_inherit=True)
    new = [code for code in _codes(whole) if (code.co_name, code.co_firstlineno) == (change.function, change.lines[0])]
    kinds = (vars(kind).values() for kind in vars(module).values() if inspect.isclass(kind))
    for function in map(_unwrapped, chain(vars(module).values(), *kinds)):
        if (
            function
            and new
            and (function.__module__, function.__code__.co_firstlineno) == (module.__name__, change.lines[0])
        ):
            is_other = function.__code__ != new[0]
            function.__code__ = new[0]
            return is_other
    return False


def _can_be_imported(change: Change) -> bool:
    try:
        return bool(_module(change))
    except Exception:
        return False


def _module(change: Change) -> ModuleType:
    return import_module(change.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))


def _codes(code: CodeType) -> Iterator[CodeType]:
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield part
            yield from _codes(part)


def _unwrapped(value: object) -> FunctionType | None:
    """Return the function that a property, a method of a class or a decorated function is made of."""
    for inner in ("fget", "__func__"):
        value = getattr(value, inner, value) if not inspect.isfunction(value) else value
    value = inspect.unwrap(value) if callable(value) else value
    return value if isinstance(value, FunctionType) else None
