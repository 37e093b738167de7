"""What a source does on the command line: take a template, check a file, have it marked, open the check page."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import openpyxl
import pytest

from flows.cli import commands
from tests.support.files import casualty, noticas
from tests.support.waiting import HANGS_S

ROOT = Path(__file__).parents[3]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = 0
    try:
        commands.main([str(one) for one in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "casualties.csv"
    path.write_bytes(noticas(casualty(1), casualty(2, cause="Ilness")))
    return path


def test_a_template_is_written_and_says_how_to_check_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "UNMISS.xlsx"
    wanted = ("template", "--source", "mission_report", "--cycle", 5, "--out", out, "--language", "fr")
    code, said, _ = run(capsys, *wanted, "--mission", "unmiss")
    assert (code, said) == (0, f"Wrote {out}. Filled in, it is checked with: a4p check {out} --cycle 5\n")
    assert openpyxl.load_workbook(out)["Couverture"]["A2"].value == "UNMISS"
    code, _, said = run(capsys, *wanted)
    assert (code, "name one with --mission" in said) == (2, True)
    # it may be filled in by now
    code, _, said = run(capsys, *wanted, "--mission", "MINUSCA")
    assert (code, "may be filled in" in said) == (2, True)


def test_a_file_is_checked_and_marked(capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path) -> None:
    out = tmp_path / "marked.xlsx"
    code, said, told = run(capsys, "check", file, "--cycle", 5, "--annotate", out, "--language", "fr")
    assert code == 1
    assert "Inscrivez l'une des valeurs suivantes" in said
    assert told == f"Marked workbook: {out}\n"
    assert openpyxl.load_workbook(out)["Données"]["E3"].comment.author == "Vérification A4P+"
    # for machines nothing else stands in the output
    code, said, _ = run(capsys, "check", file, "--cycle", 5, "--annotate", out, "--json")
    assert (code, said[0], said.rstrip()[-1]) == (1, "[", "]")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("FILE", "FILE", "--annotate", "out.xlsx"), "takes one file at a time"),
        (("FILE", "--annotate", "out.pdf"), "must be named with .xlsx at its end"),
        (("FILE", "--serve"), "takes no files"),
        (("--serve", "--annotate", "out.xlsx"), "takes no files"),
        ((), "Missing argument"),
    ],
)
def test_wrong_use_is_one_sentence(
    capsys: pytest.CaptureFixture[str], file: Path, arguments: tuple[str, ...], says: str
) -> None:
    code, _, said = run(capsys, "check", *(file if one == "FILE" else one for one in arguments))
    assert (code, says in said, "Traceback" in said) == (2, True, False)


def test_the_check_page_says_where_it_is_and_stops_at_once(tmp_path: Path) -> None:
    """A person who stops it with Ctrl-C sees no traceback."""
    command = [sys.executable, "-c", "from flows.cli.commands import main; main()", "check", "--serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as serving:
        try:
            assert serving.stdout
            found = re.search(r"http://127\.0\.0\.1:\d+", serving.stdout.readline())
            assert found
            with urllib.request.urlopen(found[0], timeout=HANGS_S) as answer:
                assert b"Check a file before you send it" in answer.read()
            serving.send_signal(signal.SIGINT)
            _, complained = serving.communicate(timeout=HANGS_S)
        finally:
            serving.kill()
    assert (serving.returncode, complained.strip()) == (130, "Stopped.")
    assert list(tmp_path.iterdir()) == []
