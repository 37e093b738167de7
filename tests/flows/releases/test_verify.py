"""Two releases, one of faulty files and one of corrected ones: held against their hashes, and made again."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import ConfigError, load
from flows.refresh import clean, rebuild
from flows.refresh.story import refresh
from flows.releases import compare, editions, shelf, verify
from flows.releases.explain import explain
from flows.releases.make import lineage
from sample import faults
from tests.support.sharing import places_in, sources, with_results
from tests.support.sweeping import SWEEP
from transforms.figures import former_names

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE = CONFIG.cycle(5)


@pytest.fixture(scope="module")
def made(with_faults: Path, released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, sample_inbox = tmp_path_factory.mktemp("verify"), released / "inbox"
    with_results(with_faults, folder / "store/private")
    sources(sample_inbox, folder / "inbox", cycle=5)
    # of the cycle before, what a few figures need
    sources(sample_inbox, folder / "inbox", "noticas", "tpp_trainings", "mission_report/UNMISS", cycle=4)
    faults.plant(folder / "inbox", 5)
    assert refresh(CYCLE, places_in(folder), CONFIG).new
    shutil.rmtree(folder / "inbox/cycle-05")
    sources(sample_inbox, folder / "inbox", cycle=5)
    assert refresh(CYCLE, places_in(folder), CONFIG).new
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "copy")


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["r001", *(["r002"] if SWEEP else [])])
def test_a_release_is_made_again_byte_for_byte(made: Path, name: str) -> None:
    places = places_in(made)
    found = shelf.get(places.public, CYCLE, name)
    assert verify.verify(found, CYCLE, places.public, places.private).problems == ()
    verified = rebuild.rebuild(found, CYCLE, CONFIG, places.public, places.private)
    assert verified.problems == ()
    assert verified.rebuilt


def test_the_second_says_what_changed_and_what_was_mended(made: Path) -> None:
    public = places_in(made).public
    first, second = shelf.releases(public, CYCLE)
    document = json.loads(shelf.read_file(public, second, "changes.json"))
    assert document["from"] == "r001"
    assert {one["cause"] for one in document["causes"]} == {"corrected submission"}
    way = {"to": "r002", "direction": "forwards"}
    assert {**document, **way} == compare.diff(public, first, second, CONFIG, CYCLE)
    back = compare.diff(public, second, first, CONFIG, CYCLE)
    assert (back["from"], back["to"], back["direction"]) == ("r002", "r001", "backwards")
    by_figure = {one["figure"]: one for one in document["figures"] if one["mission"] == "ALL"}
    assert all(one["causes"] == ["corrected submission"] for one in document["figures"])
    restated = shelf.read_table(public, second, "restatements")
    of_the_whole = restated.filter(restated["mission"] == "ALL")
    changed = {name: one for name, one in by_figure.items() if one["from"] is not None and one["from"] != one["to"]}
    assert changed
    # what changed is told under the name that a figure has, and what is restated, as figures are, under both
    former = former_names(CONFIG.figures, CYCLE)
    assert set(of_the_whole["figure"]) == {*changed, *(former[name] for name in changed if name in former)}
    assert "Restated: first published as" in shelf.read_file(public, second, "report.html").decode()
    assert editions.read_table(second, "mended", public, places_in(made).internal).height > 30
    for name, one in changed.items():
        history = compare.history(public, CYCLE, name, "ALL", CONFIG)
        assert history["value"].to_list() == [one["from"], one["to"]]


@pytest.mark.parametrize(
    "path",
    ["tables/figures.parquet", "tables/figures.csv", "report.html", "changes.json", "quality/received.parquet"],
)
def test_one_flipped_bit_is_found(copy: Path, path: str) -> None:
    file = copy / "store/public/releases/cycle-05/r002" / path
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    places = places_in(copy)
    (problem,) = verify.verify(shelf.get(places.public, CYCLE, "r002"), CYCLE, places.public, places.private).problems
    assert problem == f"{path} is not the file that was published; bring it back with: a4p restore"


def test_what_is_missing_or_too_many_is_found(copy: Path) -> None:
    places = places_in(copy)
    found = shelf.get(places.public, CYCLE, "r002")
    raw = lineage.read(found.descriptor, places.private)["submissions"][0]["raw"]
    (copy / "store/private" / raw).write_bytes(b"another file")
    (copy / "store/public/releases/cycle-05/r002/report.html").unlink()
    (copy / "store/public/releases/cycle-05/r002/more.csv").write_text("a")
    (copy / "store/public/current/cycle-05/tables/figures.csv").write_text("a")
    (copy / "store/public/current/cycle-05/datapackage.json").unlink()
    said = " ".join(verify.verify(found, CYCLE, places.public, places.private).problems)
    for problem in (
        "report.html is missing",
        "more.csv is no part of the release",
        f"{raw} is not what was received",
        "current/cycle-05/tables/figures.csv is not that of r002",
        "current/cycle-05/datapackage.json is missing",
    ):
        assert problem in said


def test_what_no_release_needs_may_go_and_nothing_else(copy: Path) -> None:
    """After cleaning, every release can still be explained, and the last one made again."""
    places = places_in(copy)
    later = datetime.now(UTC) + timedelta(days=200)
    assert clean.disposable(places.public, places.private, CONFIG, 365, later) == []
    found = clean.disposable(places.public, places.private, CONFIG, 180, later)
    folders = {entry.path.partition("/")[0] for entry in found}
    assert {"read", "curated"} <= folders
    assert not folders & {"raw", "ledger", "alerts"}
    for entry in found:
        places.private.delete(entry.path)
    for one in shelf.releases(places.public, CYCLE):
        assert explain("fatalities_malicious", one, CYCLE, CONFIG, places.public, places.private).proven
        assert verify.verify(one, CYCLE, places.public, places.private).problems == ()
    assert rebuild.rebuild(one, CYCLE, CONFIG, places.public, places.private).problems == ()
    assert not refresh(CYCLE, places, CONFIG).new
    with pytest.raises(ValueError, match="a refresh that is running"):
        clean.disposable(places.public, places.private, CONFIG, 0, later)


def test_another_version_does_not_pretend(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = places_in(made)
    monkeypatch.setattr(rebuild, "of_pipeline", lambda: "another")
    with pytest.raises(ConfigError, match="check out that version to make it again"):
        rebuild.rebuild(shelf.get(places.public, CYCLE, "r002"), CYCLE, CONFIG, places.public, places.private)
