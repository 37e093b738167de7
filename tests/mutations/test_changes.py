"""Which changes are made of a module, and that each of them changes what it says and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutations.__main__ import PROJECT, apart, drawn, reasons
from tests.mutations.changes import Change, changed, changes_in

MODULE = '''\
"""A module."""

LIMIT = 3


def kept(rows, days=5):
    """Says nothing."""
    if rows is None and not days:
        raise ValueError("none")
    part = [row for row in rows if row]
    return (
        rows.filter(~pl.col("a") & (pl.col("b") >= 2.5))
        .select(at=pl.lit("é"), day=100 * days / LIMIT)
        .sort("at", descending=True, maintain_order=True)
    ), f"{1 + 1}", part
'''


@pytest.fixture
def changes(tmp_path: Path) -> list[Change]:
    (tmp_path / "module.py").write_text(MODULE)
    return changes_in(tmp_path / "module.py", tmp_path)


def test_all_that_can_be_changed_is_and_texts_for_people_are_not(changes: list[Change]) -> None:
    assert [(change.line, " ".join(change.was.split()), change.now) for change in changes] == [
        (3, "3", "4"),
        (6, "5", "6"),
        (8, "rows is None", "(rows is not None)"),
        (8, "rows is None and not days", "(rows is None or not days)"),
        (8, "not days", "(days)"),
        (10, "row", "(not (row))"),
        (12, '.filter(~pl.col("a") & (pl.col("b") >= 2.5))', ""),
        (12, '~pl.col("a")', "(pl.col('a'))"),
        (12, '~pl.col("a") & (pl.col("b") >= 2.5)', "(~pl.col('a') | (pl.col('b') >= 2.5))"),
        (12, 'pl.col("b") >= 2.5', "(pl.col('b') > 2.5)"),
        (12, "2.5", "3.5"),
        (13, '"é"', "'éx'"),
        (13, "100", "101"),
        (13, "100 * days", "(100 / days)"),
        (13, "100 * days / LIMIT", "(100 * days * LIMIT)"),
        (14, '.sort("at", descending=True, maintain_order=True)', ""),
        (14, "True", "False"),
    ]
    assert {(change.function, change.lines) for change in changes} == {("", (1, 16)), ("kept", (6, 15))}


def test_a_change_leaves_all_else_as_it_was(changes: list[Change]) -> None:
    for change in changes:
        before, after = MODULE.encode(), changed(MODULE.encode(), [change])
        assert after == before[: change.start] + change.now.encode() + before[change.end :]
        assert before[change.start : change.end].decode() == change.was
    together = apart(changes)
    # of what lies in another change, none
    assert {change.now for change in changes} - {change.now for change in together} >= {"3.5"}
    text = changed(MODULE.encode(), together).decode()
    assert all(part in text for part in ("LIMIT = 4", "(rows is not None)", "'éx'"))


@pytest.mark.slow
def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    first, again, other = (drawn("transforms", 5, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 5


def test_what_is_said_to_make_no_difference_is_a_change_that_there_is() -> None:
    there = set()
    for module in {module for module, _, _ in reasons()}:
        lines = (PROJECT / module).read_text(encoding="utf-8").splitlines()
        there |= {(module, lines[one.line - 1].strip(), one.now) for one in changes_in(PROJECT / module, PROJECT)}
    assert set(reasons()) - there == set()


COUNTING = """\
def counted(rows):
    number = 0
    while number < len(rows):
        number += 1
    return number + 0


def called(rows):
    return 1


def forgotten(rows):
    return 2
"""
TESTS = """\
from functools import cache

from made_up.counting import called, counted


@cache
def of_three():
    return counted([1, 2, 3])


def test_counts():
    assert of_three() > 0


def test_what_was_counted():
    assert of_three() < 4


def test_count():
    assert counted([1, 2]) == 2


def test_call():
    assert called([]) > 0
"""


TRIED = """
import json, sys
from pathlib import Path
from tests.mutations.changes import changes_in
from tests.mutations.trials import Trials
project, copy = map(Path, sys.argv[1:])
changes = changes_in(project / "made_up" / "counting.py", project)
print(json.dumps(list(Trials(project, copy, "").noticed_nearby(changes, ["made_up"]))))
"""


def test_a_change_is_noticed_by_a_test_that_fails_and_not_where_none_calls_it(tmp_path: Path) -> None:
    for folder in ("made_up", "tests/transforms", "tests/expectations"):
        (tmp_path / "project" / folder).mkdir(parents=True)
    module = tmp_path / "project" / "made_up" / "counting.py"
    module.write_text(COUNTING)
    (tmp_path / "project" / "tests" / "transforms" / "test_counting.py").write_text(TESTS)
    # in a process of its own: one that has computed with Polars, as this one may have, cannot be forked
    asked = [sys.executable, "-c", TRIED, str(tmp_path / "project"), str(tmp_path / "copy")]
    said = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout.splitlines()[-1])
    changes = changes_in(module, tmp_path / "project")
    assert [(change.function, change.now, by is not None) for change, by in zip(changes, told, strict=True)] == [
        ("counted", "1", False),
        ("counted", "(number <= len(rows))", True),
        ("counted", "2", True),
        ("counted", "(number - 0)", False),
        ("counted", "1", True),
        ("called", "2", False),
        ("forgotten", "3", False),
    ]
    # by a test that gets what another one had worked out
    assert told[2] == "tests/transforms/test_counting.py::test_what_was_counted"
