"""Data on the standard output: as spreadsheets open it where it is a file, plain where a program reads it."""

from __future__ import annotations

import os
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from flows.core import visible

TEXT = "mission,answers\nMINUSMA,reçu\x1b[2J\n"


def test_csv_in_a_file_is_as_excel_opens_it(tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    with file.open("w") as opened, redirect_stdout(opened):
        visible.show_as("csv", TEXT)
    assert file.read_bytes() == b"\xef\xbb\xbf" + "mission,answers\r\nMINUSMA,reçu\\u001b[2J\r\n".encode()
    with file.open("w") as opened, redirect_stdout(opened):
        visible.show_as("json", "[]\n")
    assert file.read_bytes() == b"[]\n"


def test_csv_for_a_program_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    visible.show_as("csv", TEXT)
    assert capsys.readouterr().out == TEXT.replace("\x1b", "\\u001b")
    out, into = os.pipe()
    with os.fdopen(into, "w") as opened, redirect_stdout(opened):
        visible.show_as("csv", TEXT)
    with os.fdopen(out) as opened:
        assert opened.read() == TEXT.replace("\x1b", "\\u001b")
