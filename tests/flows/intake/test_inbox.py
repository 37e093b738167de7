"""What the inbox gives is held against what it lists, and mends what rotted of the copies of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config import load
from flows.intake.gate import gate
from flows.intake.read import submissions
from flows.intake.receive import inbox as pulling
from flows.stores import Entry, Store, frames

CONFIG = load()
CYCLE, NOTICAS = CONFIG.cycle(5), CONFIG.contracts["noticas"]
PATH = "cycle-05/noticas/deaths.csv"


class Growing(Store):
    """An inbox in which a file is being written: it lists fewer bytes than there are by the time it is read."""

    def entries(self, folder: str = "", *, others: bool = False) -> list[Entry]:
        return [replace(one, size=one.size - 1) for one in super().entries(folder, others=others)]


def test_a_file_of_another_size_than_is_listed_is_left_out(tmp_path: Path) -> None:
    private = Store(str(tmp_path / "private"), private=True)
    Store(str(tmp_path / "inbox")).write(PATH, b"a,b\n1,2\n")
    came = pulling.pull(NOTICAS, CONFIG, CYCLE, Growing(str(tmp_path / "inbox")), private)
    assert came.submissions == []
    assert [(one.file, one.trouble) for one in came.left_out] == [(PATH, "unreadable")]
    assert private.entries() == []


def test_a_raw_copy_that_rotted_is_fetched_again(tmp_path: Path) -> None:
    private, inbox = Store(str(tmp_path / "private"), private=True), Store(str(tmp_path / "inbox"))
    inbox.write(PATH, b"a,b\n1,2\n")
    (one,) = pulling.pull(NOTICAS, CONFIG, CYCLE, inbox, private).submissions
    private.write(one.raw, b"a,b\n1,3\n")
    pulling.fetch_again([one], inbox, private)
    assert private.read(one.raw) == b"a,b\n1,2\n"
    # another file under the same name is not it
    inbox.write(PATH, b"a,b\n1,4\n")
    private.delete(one.raw)
    pulling.fetch_again([one], inbox, private)
    assert not private.exists(one.raw)


def test_a_file_that_holds_the_reader_is_refused_and_holds_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gigantic file stands for one that no reader ends with: the limit is less than it takes."""
    private, inbox = Store(str(tmp_path / "private"), private=True), Store(str(tmp_path / "inbox"))
    inbox.write(PATH, b"casualty_id,incident_date\n" + b'"1,2024-01-01\n' * 400_000)
    (one,) = pulling.pull(NOTICAS, CONFIG, CYCLE, inbox, private).submissions
    monkeypatch.setattr(submissions, "FILE_S", 0.01)
    read = submissions.read(one, submissions.shapes("noticas", CONFIG), private)
    assert read.found.problem == "too_slow"
    judged = gate.judge_files([read], ([], []), {}, CONFIG, CYCLE, private)
    findings = frames.scan(private, judged.findings).collect()
    assert findings.filter(rule="file_is_read_in_time")["severity"].to_list() == ["critical"]
