"""Drafts in PDF: columns, tables, notes, raised digits, words that are divided; notes on letters."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from flows.documents.drafts.mark import marked
from flows.documents.drafts.passages import Cell, Draft, Kind, Remark
from flows.documents.drafts.pdf_text import text_of
from flows.documents.drafts.read import read

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here"),
]
PAGE = """
<html lang="en"><head><style>
@page { size: A4; margin: 2cm } .c { column-count: 2; column-gap: 1cm; text-align: justify; hyphens: auto }
table { border-collapse: collapse } td, th { border: 1px solid; padding: 3px 8px }
.n { font-size: 70% }
</style></head><body><h1>Priority 3: Capabilities</h1><div class="c">
<p>Training, including pre-deployment and specialized courses on engineering and peacekeeping intelligence, is ongoing
despite funding challenges. All deploying contingents certified operational readiness, aided by DPO's enhancement of
national training capacities. Additionally, 24% of new leaders completed the mandatory Senior Leadership Training
Programme. All missions conduct training, with approximately 914<sup>4</sup> sessions held in the past six months, up
from 511 in the last cycle.</p>
<p>Missions in coordination with UNMAS are undertaking efforts to mitigate the risk of Explosive Ordnance (EOs),
including Improvised Explosive Devices. A critical component is risk education, which UNMAS has provided to 460k
beneficiaries. The missions also continue to implement recommendations.</p></div>
<h2>Trainings</h2>
<table><tr><th></th><th># trainings</th><th># trainees</th><th>% female trainees of all who were trained in the period
</th></tr><tr><td>Engineering</td><td>6 (↑ from 2)</td><td>110 (↑ from 38)</td><td>5 % (↓ from 8%)</td></tr>
<tr><td>Medical</td><td></td><td>85 (↑ from 37)</td><td>37 % (↓ from 46%)</td></tr>
<tr><td>TOTAL</td><td>19 (↑ from 10)</td><td>306</td><td>22%</td></tr></table>
<p>Source: TPP. Over 5&nbsp;000 incidents and 12,345 more.</p><p class="n"><sup>4</sup> Data of 11 missions.</p>
</body></html>
"""


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("pdf")
    (folder / "a.html").write_text(PAGE, encoding="utf-8")
    assert CHROMIUM is not None
    subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={folder / 'a.pdf'}", (folder / "a.html").as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return Path(folder / "a.pdf").read_bytes()


@pytest.fixture(scope="module")
def draft(pdf: bytes) -> Draft:
    return read("a.pdf", pdf)


def test_columns_are_read_one_after_the_other_and_what_goes_on_is_joined(draft: Draft) -> None:
    first, second = [one.text for one in draft.passages if one.kind is Kind.PARAGRAPH][:2]
    assert first.startswith("Training, including pre-deployment and specialized courses")
    assert first.endswith(
        "with approximately 914⁴ sessions held in the past six months, up from 511 in the last cycle."
    )
    assert second.startswith("Missions in coordination with UNMAS are undertaking efforts to mitigate")
    assert draft.passages[1].heading == ("Priority 3: Capabilities",)
    assert draft.passages[1].page == 1


def test_a_table_is_its_cells_however_they_are_broken(draft: Draft) -> None:
    cells = {one.cell: one.text for one in draft.passages if one.cell}
    assert cells == {
        Cell(0, 0, 1): "# trainings",
        Cell(0, 0, 2): "# trainees",
        Cell(0, 0, 3): "% female trainees of all who were trained in the period",
        Cell(0, 1, 0): "Engineering",
        Cell(0, 1, 1): "6 (↑ from 2)",
        Cell(0, 1, 2): "110 (↑ from 38)",
        Cell(0, 1, 3): "5 % (↓ from 8%)",
        Cell(0, 2, 0): "Medical",
        Cell(0, 2, 2): "85 (↑ from 37)",
        Cell(0, 2, 3): "37 % (↓ from 46%)",
        Cell(0, 3, 0): "TOTAL",
        Cell(0, 3, 1): "19 (↑ from 10)",
        Cell(0, 3, 2): "306",
        Cell(0, 3, 3): "22%",
    }
    behind = [one for one in draft.passages if one.number > max(o.number for o in draft.passages if o.cell)]
    assert [(one.kind, one.text) for one in behind] == [
        (Kind.PARAGRAPH, "Source: TPP. Over 5 000 incidents and 12,345 more."),
        (Kind.NOTE, "⁴ Data of 11 missions."),
    ]


def test_every_number_is_highlighted_where_it_stands_and_the_file_is_kept(pdf: bytes, draft: Draft) -> None:
    import pypdfium2
    from pypdfium2 import raw

    remarks = [
        Remark(one.number, at.start(), at.end(), f"says {at[0]}", "contradicts")
        for one in draft.passages
        for at in re.finditer(r"\d[\d,\u00a0]*\d|\d", one.text)
    ]
    out = marked("a.pdf", pdf, remarks)
    assert out.startswith(pdf)
    assert [one.text for one in read("a.pdf", out).passages] == [one.text for one in draft.passages]
    document = pypdfium2.PdfDocument(out)
    page = document[0]
    text = page.get_textpage()
    # all that stands there, by the boxes of the notes
    points, found = raw.FS_QUADPOINTSF(), []
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, number)
        raw.FPDFAnnot_GetAttachmentPoints(note, 0, points)
        found.append(text.get_text_bounded(points.x1, points.y3, points.x2, points.y1).strip())
        raw.FPDFPage_CloseAnnot(note)
    assert [re.sub(r"\s", " ", one) for one in found] == [
        draft.passages[one.passage].text[one.start : one.end].replace("\u00a0", " ") for one in remarks
    ]
    document.close()


def test_every_letter_of_a_passage_has_its_box(pdf: bytes) -> None:
    for one in text_of("a.pdf", pdf):
        assert len(one.boxes) == len(one.passage.text)
