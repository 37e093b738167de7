"""How far a refresh is: what is expected, and what a real terminal shows of it."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.core.steps import Kind, Phase, StepId
from flows.refresh.watching.expected import Expected
from flows.refresh.watching.run import Began, StepBegan, StepDone, StepEnded, expected, expected_before
from tests.support import watched as small
from tests.support.files import CONFIG
from tests.support.sweeping import SWEEP
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 20, tzinfo=UTC)
PARTS = expected(CONFIG)
BEFORE = expected_before(CONFIG, 4)


class Refresh:
    """A refresh on a clock of its own."""

    def __init__(self, durations: Mapping[str, float]) -> None:
        self.at = 0.0
        self.expected = Expected(lambda: self.at)
        self.expected(Began(NOW, PARTS, BEFORE, durations))

    def step(self, one: StepId, seconds: float) -> None:
        self.expected(StepBegan(NOW, one))
        self.at += seconds
        self.expected(StepEnded(NOW, one, seconds, None))


def test_the_last_refresh_says_how_long_this_one_takes() -> None:
    refresh = Refresh({one.name: 2.0 for one in PARTS})
    assert refresh.expected.seconds_left == pytest.approx(2 * len(PARTS))
    for one in PARTS[:30]:
        refresh.step(one, 2.0)
    assert refresh.expected.seconds_left == pytest.approx(2 * (len(PARTS) - 30))
    assert refresh.expected.share == pytest.approx(30 / len(PARTS))
    assert (refresh.expected.done, refresh.expected.of) == (30, len(PARTS))


def test_a_step_at_work_counts_down() -> None:
    refresh = Refresh({one.name: 2.0 for one in PARTS})
    refresh.expected(StepBegan(NOW, PARTS[0]))
    assert refresh.expected.now == PARTS[0]
    refresh.at += 1.5
    assert refresh.expected.seconds_left == pytest.approx(2 * len(PARTS) - 1.5)
    refresh.at += 60
    assert refresh.expected.seconds_left == pytest.approx(2 * len(PARTS) - 2)


def test_steps_that_take_no_time_shorten_what_is_left_at_once() -> None:
    refresh = Refresh({one.name: 2.0 for one in PARTS})
    first = refresh.expected.seconds_left or 0
    for one in PARTS[: len(PARTS) // 3]:
        refresh.step(one, 0.001)
    assert (refresh.expected.seconds_left or 0) < first / 6


def test_steps_that_do_not_come_are_passed_over() -> None:
    refresh = Refresh({one.name: 2.0 for one in PARTS})
    refresh.step(StepId(Kind.PULL, "noticas"), 0.0)
    refresh.step(StepId(Kind.MAKE_TABLES), 0.1)
    assert refresh.expected.of == 9
    assert (refresh.expected.seconds_left or 0) < 1


def test_the_previous_cycle_is_expected_once_it_begins() -> None:
    refresh = Refresh({one.name: 2.0 for one in PARTS} | {one.name: 1.0 for one in BEFORE})
    for one in PARTS[: PARTS.index(StepId(Kind.MAKE_TABLES))]:
        refresh.step(one, 2.0)
    left = refresh.expected.of - refresh.expected.done
    refresh.step(BEFORE[0], 1.0)
    assert refresh.expected.of - refresh.expected.done == left + len(BEFORE) - 1
    assert refresh.expected.seconds_left == pytest.approx(2 * left + len(BEFORE) - 1)


def test_without_an_earlier_refresh_nothing_is_said_before_something_was_done() -> None:
    refresh = Refresh({})
    assert refresh.expected.seconds_left is None
    for one in PARTS[:40]:
        refresh.step(one, 1.0)
    assert (refresh.expected.seconds_left or 0) > 10


def test_steps_side_by_side_are_done_one_by_one() -> None:
    refresh = Refresh({})
    for one in PARTS[:3]:
        refresh.expected(StepBegan(NOW, one))
    refresh.expected(StepDone(NOW, PARTS[1], 1.0))
    assert (refresh.expected.done, refresh.expected.now) == (1, PARTS[2])
    for one in PARTS[:3]:
        refresh.expected(StepEnded(NOW, one, 1.0, None))
    assert refresh.expected.done == 3


def test_each_step_has_its_source_and_table() -> None:
    names = {step.name: step for step in PARTS}
    assert names["read noticas"] == StepId(Kind.READ, "noticas")
    assert names["check noticas"] == StepId(Kind.CHECK_TABLE, "noticas", "noticas")
    assert names["check sofa_soma"] == StepId(Kind.CHECK_TABLE, "mission_report", "sofa_soma")
    assert names["check the files"] == StepId(Kind.CHECK_FILES)
    assert len(names) == len(PARTS)
    earlier = {step.name: step for step in BEFORE}
    assert earlier["check noticas (cycle 4)"] == StepId(Kind.CHECK_TABLE, "noticas", "noticas", 4)
    assert {step.phase for step in BEFORE} == {Phase.PREVIOUS}


def test_what_is_expected_is_what_a_refresh_does(released: Path) -> None:
    """Of every source a file, and nothing kept: each step that is expected comes, and no other."""
    lines = [json.loads(line) for line in (released / "log.jsonl").read_text().splitlines()]
    wanted = {step.name: step for step in (*PARTS, *BEFORE)}
    names = [line["step"] for line in lines if line["event"] == "step.started"]
    assert set(names) == set(wanted)
    came = [wanted[name] for name in names]
    # in their order, but for the tables that wait for those that they refer to
    kinds = list(dict.fromkeys(step.kind for step in came if not step.earlier))
    assert kinds == list(dict.fromkeys(step.kind for step in PARTS))


@settings(max_examples=40 if SWEEP else 10)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=8), st.floats(0, 10))
def test_the_bar_never_goes_back(seconds: list[float], last: float) -> None:
    refresh = Refresh({one.name: last for one in PARTS})
    shares = [0.0]
    for one, took in zip(PARTS, cycle(seconds), strict=False):
        refresh.step(one, took)
        shares.append(refresh.expected.share)
    assert shares == sorted(shares)
    assert shares[-1] <= 1


# three refreshes in one process, each on another kind of terminal
CHILD = """
import fcntl, os, struct, sys, termios
from flows.cli import commands
for columns, variables in ((120, {"TERM": "xterm-256color"}), (46, {"NO_COLOR": "1"}), (80, {"TERM": "dumb"})):
    fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.environ.update(variables)
    commands.main(["refresh", "--cycle", "5", "--full"])
    sys.stderr.write("NEXT")
    sys.stderr.flush()
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a terminal was sent: wide, narrow and without colours, and one that moves no cursor."""
    folder = tmp_path_factory.mktemp("terminal")
    small.fill(folder)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    own = {name: value for name, value in os.environ.items() if not name.startswith(("A4P_", "PREFECT_", "COLUMNS"))}
    with (folder / "out.txt").open("w") as out:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD],
            env={**own, "A4P_INBOX_URI": str(folder / "inbox")},
            cwd=folder,
            stdin=theirs,
            stdout=out,
            stderr=theirs,
        )
    os.close(theirs)
    said = b""
    # the end of a pseudo-terminal that nobody writes to any more is an error on Linux
    while chunk := _read(ours):
        said += chunk
    os.close(ours)
    assert child.wait(HANGS_S) == 0, said.decode()
    assert "Published release r001" in (folder / "out.txt").read_text()
    return said.decode().split("NEXT")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_a_terminal_shows_step_source_bar_and_time(shown: list[str]) -> None:
    wide = shown[0]
    assert re.search(r"check \w+ \((Mission workbook|Notifications of casualties)\)", wide)
    counts = [(int(done), int(of)) for done, of in re.findall(r"(\d+) of (\d+)", wide)]
    assert all(done <= of for done, of in counts)
    assert counts[-1][0] > 40
    assert re.search(r"about \d+ s left", wide)
    # some of the bar is done, in another colour than the rest
    assert len(set(re.findall(r"(\x1b\[[0-9;]+m)━", wide))) > 1
    # and at the end the line is taken away, and the cursor is back
    assert re.search(r"\x1b\[\?25h.*\x1b\[2K$", wide, re.DOTALL)


def test_a_narrow_terminal_without_colours_shows_what_there_is_room_for(shown: list[str]) -> None:
    lines = re.split(r"[\r\n]+", shown[1])
    plain = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line) for line in lines]
    bars = [line for line in plain if re.search(r"\d+ of \d+", line)]
    assert bars
    # narrow: no line is broken, no bar, no colour
    assert max(len(line) for line in bars) <= 46
    assert "━" not in shown[1]
    assert not re.search(r"\x1b\[[0-9;]*m", shown[1])


def test_a_terminal_that_moves_no_cursor_gets_a_line_a_kind_of_step(shown: list[str]) -> None:
    assert "\x1b" not in shown[2]
    assert [line.strip() for line in shown[2].splitlines() if line.startswith("  ")] == [
        "Checking the configuration …",
        "Looking for files …",
        "Reading files …",
        "Checking files and rows …",
        "Making tables and figures …",
        "Suppressing small cells …",
        "Bringing together what was found …",
        "Building the release …",
        "Publishing the release …",
        "Noting what is new …",
    ]


def test_where_nobody_looks_nothing_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small.fail(tmp_path)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")
