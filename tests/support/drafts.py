"""Drafts that tests hold against the sample's release, and the text of the printed 5th report, where it is at hand."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from config import load
from flows.documents.drafts.passages import Draft
from flows.documents.drafts.read import read
from flows.releases.proof.answers import Judged, Verdict
from flows.releases.proof.prove import Known

# what stands behind a number in a draft of a test, and what is to be said of it
MARKS = {
    "=": (Verdict.EQUAL, Verdict.ROUNDED),
    "!": (Verdict.CONTRADICTS,),
    "~": (Verdict.STALE,),
    "*": (Verdict.SUPPRESSED,),
    "?": (Verdict.UNSURE,),
    "-": (Verdict.ABSENT,),
}
_MARKED = re.compile(r"\[([^\[\]]+?)([=!~*?-])\]")


def known(released: Path, *earlier: tuple[str, pl.DataFrame]) -> Known:
    """Return the sample's release of cycle 5, as drafts are held against it."""
    tables = released / "store/public/releases/cycle-05/r001/tables"
    config = load().of_cycle(5)
    return Known(
        config,
        config.cycle(5),
        {path.stem: pl.read_parquet(path) for path in sorted(tables.glob("*.parquet"))},
        "r002" if earlier else "r001",
        "final",
        earlier,
    )


def report() -> Draft:
    """Return the printed 5th report as a draft; skips a test where its text is not at hand."""
    for folder in Path(__file__).resolve().parents:
        text = folder / "shared/report-5/report.txt"
        if text.exists():
            return read(text.name, text.read_bytes())
    pytest.skip("the text of the printed 5th report is not beside this repository (shared/report-5/report.txt)")


def written(text: str, name: str = "draft.md") -> tuple[Draft, list[tuple[int, int, str, str]]]:
    """Return a draft without the marks behind its numbers, `[914=]`, and these: passage, place, text, mark."""
    marks = [(match[1], match[2]) for match in _MARKED.finditer(text)]
    # signs that no draft has take the place of the brackets, until its passages are known
    draft = read(name, _MARKED.sub("\ue000\\1\ue001", text).encode())
    found, passages = [], []
    for passage in draft.passages:
        clean = ""
        for part in re.split("(\ue000.*?\ue001)", passage.text):
            if part.startswith("\ue000"):
                said, mark = marks[len(found)]
                assert said.split() == part[1:-1].split()
                found.append((passage.number, len(clean), said, mark))
            clean += part.strip("\ue000\ue001")
        passages.append(replace(passage, text=clean))
    clean_draft = replace(
        draft,
        passages=tuple(
            replace(one, heading=tuple(part.translate({0xE000: None, 0xE001: None}) for part in one.heading))
            for one in passages
        ),
    )
    return clean_draft, found


def at(judged: list[Judged], passage: int, place: int) -> Judged | None:
    """Return what is said of the number at a place."""
    return next((one for one in judged if one.passage.number == passage and one.start <= place < one.end), None)
