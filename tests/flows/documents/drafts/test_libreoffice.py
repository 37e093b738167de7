"""Word files as LibreOffice writes them are read, and those that were marked and linked are opened by it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from flows.documents.drafts.controls import controls, linked
from flows.documents.drafts.mark import marked
from flows.documents.drafts.passages import Cell, Draft, Link, Remark
from flows.documents.drafts.read import read
from tests.support.word_files import rich

OFFICE = shutil.which("soffice")
NUMBER = re.compile(r"\d[\d,.\u00a0]*\d|\d|neuf")


def has_writer() -> bool:
    """Whether LibreOffice is installed here with the part that opens texts."""
    return OFFICE is not None and (Path(OFFICE).resolve().parent / "libswlo.so").exists()


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_writer(), reason="LibreOffice Writer (soffice) is not installed here"),
]
PAGE = """<html><body><h1>Priority 3</h1><p>Missions held approximately <b>91</b>4 conduct &amp; discipline
trainings<sup>3</sup> (up from 511).</p><table border=1><tr><th></th><th>#</th></tr><tr><td>Medical</td><td>8 (up from 4)</td></tr>
<tr><td colspan=2>Total 5&nbsp;000</td></tr></table><ul><li>nine missions</li></ul></body></html>"""


def converted(file: Path, form: str, *more: str) -> bytes:
    assert OFFICE is not None
    ending = form.partition(":")[0]
    profile = f"-env:UserInstallation={(file.parent / 'profile').as_uri()}"
    subprocess.run(
        [OFFICE, profile, "--headless", *more, "--convert-to", form, "--outdir", str(file.parent), str(file)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return file.with_suffix(f".{ending}").read_bytes()


def numbers(draft: Draft) -> list[tuple[int, int, int]]:
    return [(one.number, it.start(), it.end()) for one in draft.passages for it in NUMBER.finditer(one.text)]


def annotated(flat: str) -> list[tuple[str, str]]:
    """Return the letters that each comment covers, and what it says, of a text in LibreOffice's own form."""
    found = []
    for note in re.finditer(
        r'<office:annotation [^>]*office:name="([^"]+)"[^>]*>(.*?)</office:annotation>(.*?)'
        r'<office:annotation-end office:name="\1"',
        flat,
        re.DOTALL,
    ):
        said = re.sub(r"<dc:.*?</dc:[^>]+>|<loext:.*?</loext:[^>]+>|<meta:.*?</meta:[^>]+>|<[^>]+>", "", note[2])
        found.append((re.sub("<[^>]+>", "", note[3]).strip(), " ".join(said.split())))
    return found


def test_what_it_writes_is_read_and_marked_on_the_right_words(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    content = converted(tmp_path / "a.html", "docx:MS Word 2007 XML", "--infilter=HTML (StarWriter)")
    draft = read("a.docx", content)
    assert "Missions held approximately 914 conduct & discipline trainings³ (up from 511)." in [
        one.text for one in draft.passages
    ]
    assert {one.cell: one.text for one in draft.passages if one.cell}[Cell(0, 1, 1)] == "8 (up from 4)"
    remarks = [Remark(*at, f"says {draft.passages[at[0]].text[at[1] : at[2]]}", "stale") for at in numbers(draft)]
    (tmp_path / "marked.docx").write_bytes(marked("a.docx", content, remarks))
    found = annotated(converted(tmp_path / "marked.docx", "fodt").decode())
    assert len(found) == len(remarks)
    for letters, said in found:
        assert said == " ".join(f"says {letters}".split())


def test_all_comments_of_a_rich_file_are_opened_and_the_text_stays(tmp_path: Path) -> None:
    draft = read("rich.docx", rich())
    remarks = [Remark(*at, "a remark", "stale") for at in numbers(draft) if "x=35" not in draft.passages[at[0]].text]
    (tmp_path / "plain.docx").write_bytes(rich())
    (tmp_path / "marked.docx").write_bytes(marked("rich.docx", rich(), remarks))
    flat = converted(tmp_path / "marked.docx", "fodt").decode()
    assert flat.count("<office:annotation ") == len(remarks)
    # no comment has got into the text: what is printed is what was printed
    marked_text, plain_text = (
        " ".join(one.text for one in read("a.pdf", converted(tmp_path / f"{name}.docx", "pdf")).passages).split()
        for name in ("marked", "plain")
    )
    assert marked_text == plain_text


def test_controls_are_opened_with_what_they_hold(tmp_path: Path) -> None:
    draft = read("rich.docx", rich())
    at = next(one for one in numbers(draft) if draft.passages[one[0]].text[one[1] : one[2]] == "914")
    content = linked(rich(), [Link(*at, "a4p:f:trainings:ALL:v", "Trainings")])
    assert len(controls(content)) == 1
    (tmp_path / "linked.docx").write_bytes(content)
    flat = converted(tmp_path / "linked.docx", "fodt").decode()
    held = re.search(r"<loext:content-control[^>]*>(.*?)</loext:content-control>", flat, re.DOTALL)
    assert held is not None
    assert re.sub("<[^>]+>", "", held[1]) == "914"
