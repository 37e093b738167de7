"""A draft whose linked numbers are renewed from a release: what changes, what cannot, and nothing else."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config import ConfigError, Language, load
from flows import Pipeline, Stores
from flows.documents.drafts.controls import controls, linked
from flows.documents.drafts.passages import Link
from flows.documents.drafts.read import read
from flows.releases.filling import Filled, fill, tag_of_cell, tag_of_figure
from tests.support.sharing import a4p, sources
from tests.support.word_files import docx, paragraph, run, table

CONFIG = load().of_cycle(5)
CYCLE = CONFIG.cycle(5)
TRAININGS = "conduct_discipline_trainings"


def figures(*rows: tuple[Any, ...]) -> pl.DataFrame:
    schema = {"figure": pl.String, "mission": pl.String, "value": pl.Float64, "previous": pl.Float64}
    more = {"obs_status": pl.String, "previous_status": pl.String, "unrounded": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, **more}, orient="row")


RELEASE = {
    "figures": figures(
        (TRAININGS, "ALL", 1012.0, 530.0, "A", "A", 1012.0),
        (TRAININGS, "UNMISS", None, None, "Q", "Q", None),
        ("malicious_share", "ALL", 27.0, 26.0, "A", "A", 26.84),
        ("approved_mission_plans", "ALL", 12.0, None, "P", None, 12.0),
    ),
    "cpas_impact_assessments": pl.DataFrame(
        {"cycle": [5, 5], "mission": ["UNMISS", "UNTSO"], "assessments": [7, None]}
    ),
}


def table_of(name: str) -> pl.DataFrame:
    if name not in RELEASE:
        raise ConfigError(f"There is no table {name}.")
    return RELEASE[name]


def draft(*numbers: tuple[str, str]) -> bytes:
    """Return a .docx with a paragraph each for a text, whose part between stars is linked with a tag."""
    content = docx("".join(paragraph(text.replace("*", "")) for text, _ in numbers))
    links = []
    for number, (text, tag) in enumerate(numbers):
        start, end = text.index("*"), text.rindex("*") - 1
        links.append(Link(number, start, end, tag, "A number"))
    return linked(content, links)


def filled(*numbers: tuple[str, str]) -> Filled:
    return fill("draft.docx", draft(*numbers), "r002", table_of, CONFIG, CYCLE)


def texts(done: Filled) -> list[str]:
    return [one.text for one in read("draft.docx", done.content).passages]


def test_numbers_are_renewed_in_the_form_that_they_are_written_in() -> None:
    trainings, before = tag_of_figure(TRAININGS), tag_of_figure(TRAININGS, what="previous")
    plans: Language = "fr"
    done = filled(
        ("Missions held approximately *914* trainings", trainings),
        ("*1k* trainings", trainings),
        ("more than *900* trainings", trainings),
        ("up from *511* in the last cycle", before),
        ("*Nine* missions have plans", tag_of_figure("approved_mission_plans")),
        ("*neuf* missions", tag_of_figure("approved_mission_plans", language=plans)),
        ("*27%* of deaths", tag_of_figure("malicious_share")),
        ("*27.5%* of deaths", tag_of_figure("malicious_share")),
    )
    assert texts(done) == [
        "Missions held approximately 1,012 trainings",
        "1k trainings",
        "more than 1,000 trainings",
        "up from 530 in the last cycle",
        "Twelve missions have plans",
        "douze missions",
        "27% of deaths",
        "26.8% of deaths",
    ]
    assert [(one.name, one.old, one.new) for one in done.changed][:1] == [(TRAININGS, "914", "1,012")]
    assert len(done.changed) == 6
    assert done.left == ()


def test_what_cannot_be_renewed_stays_and_is_told_with_the_reason() -> None:
    done = filled(
        ("held *9* trainings", tag_of_figure(TRAININGS, "UNMISS")),
        ("held *9* trainings", tag_of_figure("gone_figure")),
        ("up from *9*", tag_of_figure("approved_mission_plans", what="previous")),
        ("*many of 9 or 8*", tag_of_figure(TRAININGS)),
        ("*one* mission", tag_of_figure("approved_mission_plans")),
        ("*9*", "a4p:x:of:another:version"),
    )
    assert done.changed == ()
    assert done.content == draft(
        ("held *9* trainings", tag_of_figure(TRAININGS, "UNMISS")),
        ("held *9* trainings", tag_of_figure("gone_figure")),
        ("up from *9*", tag_of_figure("approved_mission_plans", what="previous")),
        ("*many of 9 or 8*", tag_of_figure(TRAININGS)),
        ("*one* mission", tag_of_figure("approved_mission_plans")),
        ("*9*", "a4p:x:of:another:version"),
    )
    assert [one.why for one in done.left] == [
        "the release hides it, since so few people could be known: it must not be printed",
        "the release has no such figure",
        "the release has no value of the cycle before",
        "it holds several numbers; the release has 1,012",
        "twelve asks for other words around it; the release has 12",
        "its tag is not one of this version",
    ]


def test_cells_of_tables_are_known_by_their_row_and_column() -> None:
    here = tag_of_cell("cpas_impact_assessments", "assessments", {"mission": "UNMISS"})
    empty = tag_of_cell("cpas_impact_assessments", "assessments", {"mission": "UNTSO"})
    gone = tag_of_cell("cpas_impact_assessments", "assessments", {"mission": "UNMIK"})
    done = filled(("*5* of them", here), ("*5* of them", empty), ("*5* of them", gone))
    assert texts(done) == ["7 of them", "5 of them", "5 of them"]
    assert done.changed[0].name == "cpas_impact_assessments.assessments (UNMISS)"
    assert [one.why for one in done.left] == ["the release has no value in that cell", "the release has no such row"]
    with pytest.raises(ValueError, match="cpas"):
        tag_of_cell("cpas_impact_assessments", "assessments", {})


def test_every_figure_there_is_has_a_tag_that_word_takes() -> None:
    for figure in CONFIG.figures:
        for mission in ("ALL", *(name for name, one in CONFIG.missions.items() if one.reports)):
            assert len(tag_of_figure(figure, mission, "previous", "fr")) <= 64


def test_a_draft_without_linked_numbers_is_no_success() -> None:
    with pytest.raises(ConfigError, match="no numbers that are kept up to date"):
        fill("draft.docx", docx(paragraph("914")), "r001", table_of, CONFIG, CYCLE)
    with pytest.raises(ConfigError, match=r"Only a \.docx"):
        fill("draft.pdf", b"", "r001", table_of, CONFIG, CYCLE)


@pytest.mark.slow
def test_from_one_release_to_the_next_exactly_that_changes_which_diff_says(sample_inbox: Path, tmp_path: Path) -> None:
    sources(sample_inbox, tmp_path / "inbox", "noticas", "mission_report/UNMISS", "mission_report/UNMIK")
    assert a4p(tmp_path, "refresh", "--cycle", "5")[0] == 0
    stores = Stores(tmp_path / "inbox", tmp_path / "store/private", tmp_path / "store/public")
    first = Pipeline(stores=stores).cycle(5).releases.get("r001").table("figures")
    known = first.filter(pl.col("value").is_not_null(), pl.col("value") >= 0, pl.col("unit") != "percent")
    content = _draft_of(known)
    (tmp_path / "draft.docx").write_bytes(content)
    code, out, err = a4p(tmp_path, "fill", "draft.docx", "--cycle", "5", "--out", "same.docx")
    assert (code, "0 changed" in out, "Wrote same.docx." in err) == (0, True, True)
    assert (tmp_path / "same.docx").read_bytes() == content

    shutil.rmtree(tmp_path / "inbox/cycle-05/mission_report/UNMISS")
    assert "Published release r002" in a4p(tmp_path, "refresh", "--cycle", "5")[1]
    code, out, _ = a4p(
        tmp_path, "fill", "draft.docx", "--cycle", "5", "--release", "r002", "--out", "new.docx", "--json"
    )
    told = json.loads(out)
    assert (code, told["release"]) == (1, "r002")
    changes = json.loads(a4p(tmp_path, "diff", "r001", "r002", "--cycle", "5", "--json")[1])
    there = set(known.select("figure", "mission").iter_rows())
    differ = {
        (one["figure"], one["mission"]): one["to"]
        for one in changes["figures"]
        if one["from"] != one["to"] and (one["figure"], one["mission"]) in there
    }
    changed = {(one["figure"], one["mission"]): one["value"] for one in told["numbers"] if one["changed"]}
    left = {(one["figure"], one["mission"]) for one in told["numbers"] if one["why_not"]}
    assert changed == {key: value for key, value in differ.items() if value is not None and key not in left}
    assert left >= {key for key, value in differ.items() if value is None}
    assert left <= set(differ)
    assert changed
    assert left
    _only_the_text_changed(content, (tmp_path / "new.docx").read_bytes(), len(told["numbers"]))
    # a file that is there is not overwritten unasked
    assert a4p(tmp_path, "fill", "draft.docx", "--cycle", "5", "--out", "new.docx")[0] == 2


def _draft_of(known: pl.DataFrame) -> bytes:
    rows = list(known.select("figure", "mission", "value").iter_rows())
    said = [f"{value:,.0f}" if float(value).is_integer() else f"{value}" for _, _, value in rows]
    body = table(
        *(
            (figure, mission, paragraph(run(text, "<w:b/>")))
            for (figure, mission, _), text in zip(rows, said, strict=True)
        )
    )
    content = docx(paragraph("A draft") + body, {"word/media/a.png": b"picture"})
    by_row = {one.cell.row: one for one in read("a.docx", content).passages if one.cell and one.cell.column == 2}
    links = [
        Link(by_row[row].number, 0, len(by_row[row].text), tag_of_figure(figure, mission), figure)
        for row, (figure, mission, _) in enumerate(rows)
    ]
    return linked(content, links)


def _only_the_text_changed(before: bytes, after: bytes, many: int) -> None:
    assert len(controls(after)) == many
    with zipfile.ZipFile(io.BytesIO(before)) as one, zipfile.ZipFile(io.BytesIO(after)) as other:
        assert one.namelist() == other.namelist()
        assert [name for name in one.namelist() if one.read(name) != other.read(name)] == ["word/document.xml"]
