"""The Python face: its names, what importing it loads, and docs/python.md run line by line."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import flows
from config import load
from flows import ConfigError, Pipeline, Settings, StoreError, Stores
from flows.core import notebook, settings
from flows.documents.drafts import controls
from flows.intake.read import limits
from flows.orchestration.face import ground
from tests.support.sharing import a4p, sources
from tests.support.word_files import covered, docx, paragraph, run

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs/python.md"
NAMES = [
    "Changes",
    "Check",
    "ConfigError",
    "Cycle",
    "Explained",
    "ForPeople",
    "Messages",
    "NotPublishable",
    "NotThere",
    "Pipeline",
    "Proof",
    "Release",
    "Releases",
    "Result",
    "Scorecard",
    "Settings",
    "StoreError",
    "Stores",
    "Unanswered",
    "Withdrawn",
    "check",
]


def says(code: str) -> list[str]:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_the_names_are_these():
    assert flows.__all__ == NAMES
    assert set(NAMES) <= set(dir(flows))
    for name in NAMES:
        found = getattr(flows, name)
        assert found.__name__ == name
        assert found.__doc__
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        flows.nonsense  # noqa: B018


def test_type_checkers_know_the_same_names():
    tree = ast.parse(Path(flows.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and isinstance(node.test, ast.Name)]
    known = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert known == flows._MODULE_OF
    for package in (Path(flows.__file__).parent, Path(flows.__file__).parents[1] / "config"):
        assert (package / "py.typed").exists()


def test_importing_it_loads_nothing_else():
    heavy = "{'polars', 'great_expectations', 'prefect', 'pandas', 'pydantic', 'altair', 'scipy.stats', 'config'}"
    code = f"import flows, sys; dir(flows); print(*sorted({heavy} & set(sys.modules)))"
    assert says(code) == []
    code = "from flows import Pipeline, check; import sys; print(*sorted({'great_expectations', 'prefect', 'pandas'}"
    assert says(f"{code} & set(sys.modules)))") == []


def test_public_methods_say_what_they_do():
    classes = [one for name in NAMES if isinstance(one := getattr(flows, name), type) and "face" in one.__module__]
    assert len(classes) == 12
    for one in classes:
        for name, member in vars(one).items():
            if not name.startswith("_") and (callable(member) or isinstance(member, property)):
                assert member.__doc__, f"{one.__name__}.{name}"


@dataclass
class Read:
    """docs/python.md, run: the names that it made, and the folder in which it ran."""

    folder: Path
    names: dict[str, Any]
    printed: str


@pytest.fixture(scope="module")
def read(sample_inbox, tmp_path_factory) -> Read:
    folder = tmp_path_factory.mktemp("face")
    sources(sample_inbox, folder / "inbox", "noticas", "mission_report/UNMISS")
    workbook = next((folder / "inbox/cycle-05/mission_report/UNMISS").iterdir())
    shutil.copy(workbook, folder / "UNMISS.xlsx")
    said = paragraph(run("UNMISS recorded 999 new SOFA incidents. UNMISS held 190 conduct and discipline trainings."))
    (folder / "draft.docx").write_bytes(docx(said))
    code = "\n".join(re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL))
    assert code.count("\n") > 30
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("A4P_", "PREFECT_"))]:
            patch.delenv(name)
        patch.chdir(folder)
        names: dict[str, Any] = {}
        printed: list[str] = []
        names["print"] = lambda *said: printed.append(" ".join(map(str, said)))
        exec(compile(code, str(DOCS), "exec"), names)
        # relative places are made whole once they are used
        assert names["other"].places.private.uri == str(folder / "other/private")
    return Read(folder, names, "\n".join(printed))


def test_the_list_of_releases_says_what_was_withdrawn_and_single_files_are_there(read):
    html = (read.folder / "store/public/index.html").read_text(encoding="utf-8")
    assert html.count("; withdrawn on ") == 1
    assert ": wrong file</td>" in html
    assert "Newest, release r001" in html
    assert (read.folder / "cycle-05.sqlite").read_bytes().startswith(b"SQLite format 3")
    assert (read.folder / "all cycles.zip").read_bytes().startswith(b"PK")


def test_a_file_is_checked_and_given_back(read):
    checked = read.names["checked"]
    assert (checked.source, checked.refused, checked.findings.height) == ("mission_report", False, 0)
    assert (read.folder / "UNMISS marked.xlsx").read_bytes()[:2] == b"PK"
    assert repr(checked) == "<Check of UNMISS.xlsx: mission_report, would be accepted, 18 of 18 rows, 0 findings>"
    assert "would be accepted" in checked._repr_html_()


def test_a_draft_is_proved_and_renewed(read):
    proof = read.names["proof"]
    assert not proof.holds
    assert proof.numbers.select("text", "verdict").rows() == [("999", "contradicts"), ("190", "equal")]
    assert list(covered((read.folder / "marked.docx").read_bytes()).values()) == ["999"]
    linked = controls.controls((read.folder / "linked.docx").read_bytes())
    assert [(each.tag, each.text) for each in linked] == [("a4p:f:conduct_discipline_trainings:UNMISS:v", "190")]
    assert (read.folder / "renewed.docx").exists()


def test_a_cycle_is_opened(read):
    opened = read.names["opened"]
    assert len(opened.templates) == len(opened.invitations) > 20
    assert all(path.is_relative_to("cycle-06") and (read.folder / path).exists() for path in opened.templates)
    sent = [path for path in (read.folder / "store/private").rglob("*.eml") if "cycle-06" in str(path)]
    assert len(sent) == len(opened.invitations)


def test_a_refresh_says_what_came_of_it(read):
    result, cycle = read.names["result"], read.names["cycle"]
    assert (result.release.name, result.new, result.release.status) == ("r001", True, "provisional")
    assert any(sentence.startswith("Allegations of misconduct (CDS): nothing") for sentence in result.missing)
    assert result.findings.columns[:2] == ["source", "table"]
    assert set(result.submissions["source"]) == {"noticas", "mission_report"}
    assert repr(result).startswith("<Refresh of cycle 5: new release r001 (provisional), ")
    assert "Allegations of misconduct" in result._repr_html_()
    status = cycle.status(date(2024, 9, 1))
    assert status.equals(cycle.status("2024-09-01"))
    slots = dict(status.filter(pl.col("source") == "mission_report").select("mission", "status").iter_rows())
    # the release that readers see is that as of March
    assert (slots["UNMISS"].split(",")[0], slots["UNFICYP"]) == ("accepted", "overdue")


def test_a_release_gives_its_tables_and_explains_its_figures(read):
    release = read.names["release"]
    figures = release.table("figures")
    of = (pl.col("figure") == "new_sofa_incidents_reported") & (pl.col("mission") == "UNMISS")
    assert {"figures", "findings", "submissions"} <= set(release.tables)
    explained = release.explain("new_sofa_incidents_reported", mission="UNMISS")
    assert explained.value == figures.filter(of)["value"].item()
    assert (explained.proven, set(explained.rows["mission"])) == (True, {"UNMISS"})
    assert repr(explained).startswith(f"<new_sofa_incidents_reported of UNMISS: {explained.value:g} incidents")
    # who passes a notebook on passes no cell on
    assert "cells" in explained.rows.columns
    assert not any(cells and cells in explained._repr_html_() for cells in explained.rows["cells"])
    assert release.verify().problems == ()
    assert repr(release) == f"<Release r001 of cycle 5: {expected(release)}, {release.uri}>"
    assert "r001" in release._repr_html_()
    with pytest.raises(ConfigError, match="has no table 'nonsense'"):
        release.table("nonsense")


def expected(release: flows.Release) -> str:
    from flows.core.counted_up_to import status_of

    assert "data up to 31 March 2024" in status_of(release.record)
    return status_of(release.record)


def test_a_withdrawal_is_that_of_the_command(read):
    releases = read.names["cycle"].releases
    assert ([one.name for one in releases], len(releases)) == (["r001", "r002"], 2)
    assert releases.latest().name == releases.shown().name == "r001"
    assert releases.withdrawn()["r002"]["why"] == "wrong file"
    assert "withdrawn: wrong file" in releases._repr_html_()
    code, out, _ = a4p(read.folder, "releases", "--cycle", "5")
    assert (code, "wrong file" in out) == (0, True)
    # the copies in the private store know of it
    assert "wrong file" in (read.folder / "store/private/releases/cycle-05/withdrawn.json").read_text()
    changes = releases.diff("r001", "r002")
    assert changes.document["from"] == "r001"
    assert changes.causes.height == len(changes.document["causes"]) > 0
    assert repr(changes).startswith("<Changes from r001 to r002: ")
    assert "<strong>From r001 to r002</strong>" in changes._repr_html_()
    with pytest.raises(ConfigError, match="the releases are: r001, r002"):
        releases.get("r003")


def test_messages_are_sent_once(read):
    outbox = list((read.folder / "store/private/alerts/cycle-05/outbox").iterdir())
    messages = read.names["messages"]
    assert len(outbox) == len(messages) > 10
    again = read.names["cycle"].messages()
    assert (len(again), repr(again.send())) == (0, "<Outcome: 0 messages out>")
    assert repr(next(iter(messages))).startswith("<Message to ")
    assert repr(messages) == "<Messages of cycle 5: to every source>"
    assert "Subject" in messages._repr_html_()


def test_the_scorecard_is_that_of_the_command(read):
    card = read.names["card"]
    assert set(card.cycles["cycle"]) == {5}
    sent = card.cycles.filter(pl.col("files") > 0)
    assert set(sent["source"]) == {"noticas", "mission_report"}
    assert card.kinds.columns[:4] == ["source", "title", "mission", "cycle"]
    assert (read.folder / "scorecard.xlsx").read_bytes()[:2] == b"PK"
    assert repr(card) == f"<Scorecard: {card.trend.height} sources and missions, 5>"
    assert "Notifications of casualties" in card._repr_html_()
    code, out, _ = a4p(read.folder, "scorecard", "--source", "noticas", "--format", "json")
    (row,) = json.loads(out)
    assert (code, row["accepted_at_first"]) == (0, sent.filter(source="noticas")["accepted_at_first"].item())
    folder = read.folder / "none"
    with pytest.raises(ConfigError, match="There is no folder"):
        card.write(folder / "scorecard.xlsx")


def test_what_is_handed_in_goes_before_the_environment(read):
    other = read.names["other"]
    assert (read.folder / "other/public/releases/cycle-05/r001/datapackage.json").exists()
    assert (other.settings.file_limits, other.settings.private_uri) == (2, "other/private")
    assert repr(other).startswith("<Pipeline: inbox ")
    assert "no, steps run directly" in other._repr_html_()


def test_errors_are_for_people(read):
    assert read.printed.startswith("Cycle 99 is not in config/cycles.yaml")
    assert read.printed.endswith(" 2")


@pytest.fixture
def empty(tmp_path) -> Stores:
    (tmp_path / "inbox").mkdir()
    return Stores(tmp_path / "inbox", tmp_path / "private", str(tmp_path / "public"))


def test_without_a_server_none_is_asked(empty, monkeypatch):
    """Through the server that the environment names only where somebody says so."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    with pytest.raises(ConfigError, match="There is no file for cycle 5"):
        Pipeline(stores=empty).cycle(5).refresh()


def test_wrong_use_is_one_sentence(empty, tmp_path):
    pipeline = Pipeline(stores=empty)
    cycle = pipeline.cycle(5)
    for wrong, said in (
        (lambda: cycle.refresh(as_of="yesterday"), "'yesterday' is no day; write it as 2024-09-03"),
        (lambda: cycle.refresh(only="nothing"), "There is no source 'nothing'"),
        (lambda: cycle.messages(["nothing"]), "There is no source 'nothing'"),
        (cycle.releases.latest, "Cycle 5 has no release yet"),
        (lambda: cycle.messages().due, "Cycle 5 has not been refreshed yet"),
        (lambda: pipeline.check(tmp_path / "none.xlsx"), "There is no file"),
        (lambda: Pipeline(stores=Stores("a", "b", "c", hub_url="hub")), "A4P_HUB_URL is 'hub'"),
        (lambda: ground.language("de"), "There is no language 'de'"),
    ):
        with pytest.raises(ConfigError, match=re.escape(said)):
            wrong()


def test_days_are_dates_or_text():
    assert ground.day("2024-09-03") == ground.day(date(2024, 9, 3)) == ground.day(datetime(2024, 9, 3, 12))
    assert ground.day(None) is None


def test_settings_are_in_force_where_they_are_read(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("A4P_FILE_LIMITS", "3")
    mine = Settings(file_limits=7)
    assert limits.times() == 3
    with settings.in_force(mine):
        assert (limits.times(), settings.load()) == (7, mine)
    assert (limits.times(), settings.load().file_limits) == (3, 3)

    assert Pipeline(settings=mine).settings is mine


def test_a_configuration_is_in_force_where_it_is_read():
    import config

    other = config.load(Path(config.__file__).parent)
    mine = config.Config(**vars(other))
    with config.in_force(mine):
        assert config.load() is mine
        assert config.load(Path(config.__file__).parent) is other
    assert load() is other


def test_what_is_shown_is_no_markup():
    shown = notebook.html("<b>", {"<i>": "a\x1b[31m", "left out": None}, notebook.table(("<u>",), [("<s>",)] * 30))
    assert not re.search(r"<[bius]>|\x1b", shown)
    assert "left out" not in shown
    assert "… and 10 more" in shown
    assert notebook.line("A\nb", "", None, 0) == "<A\\nb: 0>"


def test_a_store_that_fails_says_so(tmp_path):
    (tmp_path / "public").write_text("a file")
    pipeline = Pipeline(stores=Stores(tmp_path / "inbox", tmp_path / "private", tmp_path / "public"))
    with pytest.raises(StoreError):
        pipeline.cycle(5).releases.latest()
