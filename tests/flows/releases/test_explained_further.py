"""What is explained beside the rows, and what is left of it without the private store; what verify tells of that."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest

from config import load
from flows.cli import release_texts
from flows.core.errors import NotReadable
from flows.core.records import Release
from flows.releases import shelf, verify
from flows.releases.explain import Explained, explain
from flows.releases.make import lineage
from flows.releases.make.table_files import parquet
from flows.stores import Store
from flows.stores.from_settings import Places
from tests.support.sharing import a4p, places_in

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE, EARLIER = CONFIG.cycle(5), CONFIG.cycle(4)


@pytest.fixture
def places(released: Path) -> Places:
    return places_in(released)


@pytest.fixture
def latest(places: Places) -> Release:
    return shelf.get(places.public, CYCLE, "r001")


def explained(
    figure: str, of: Release, places: Places, mission: str = "ALL", private: Store | None = None
) -> Explained:
    return explain(figure, of, CYCLE, CONFIG, places.public, private or places.private, mission)


def said(found: Explained) -> str:
    return release_texts.of_explanation(found, CONFIG, rows=2)


def test_what_a_mission_answered_is_told_instead_of_a_number(places: Places, latest: Release) -> None:
    found = explained("new_sofa_incidents_reported", latest, places, "UNMIK")
    assert (found.value, found.rows.height) == (None, 0)
    assert found.in_words.select("mission", "table", "column", "answer", "obs_status").rows() == [
        ("UNMIK", "sofa_soma", "new_incidents", "No SOFA/SOMA", "M")
    ]
    text = said(found)
    assert "UNMIK answered: No SOFA/SOMA" in text
    assert "It comes from no row of a source" not in text
    whole = said(explained("new_sofa_incidents_reported", latest, places))
    assert "UNMIK, UNMOGIP and UNTSO answered: No SOFA/SOMA" in whole
    document = json.loads(release_texts.of_explanation_json(found))
    assert document["in_words"][0]["answer"] == "No SOFA/SOMA"


def test_rows_of_a_confidential_source_are_shown_with_a_warning(places: Places, latest: Release) -> None:
    found = explained("fatalities_malicious", latest, places)
    assert found.confidential == ("noticas",)
    assert "Confidential (Notifications of casualties): the rows are for those who may read" in said(found)
    assert "Confidential" in found._repr_html_()
    assert json.loads(release_texts.of_explanation_json(found))["confidential"] == ["noticas"]
    open_to_all = explained("eo_incidents", latest, places)
    assert open_to_all.confidential == ()
    assert "Confidential" not in said(open_to_all)


def test_the_year_before_is_explained_by_the_same_files(places: Places, latest: Release) -> None:
    found = explained("sea_allegations_2023", latest, places)
    assert found.before
    assert (found.before.value, found.before.same_files) == (79, True)
    assert "Counted in the same files, which have the year before too." in said(found)


def test_a_previous_value_of_raw_files_alone_says_how_it_can_be_explained(places: Places, latest: Release) -> None:
    text = said(explained("fatalities_malicious", latest, places))
    assert "Previous value: 188 people, 2017-01-01 to " in text
    assert "Cycle 4: worked out from its raw files, since no release of it was out; to have it explained: a4p" in text
    assert "Previous value: none; " in said(explained("new_sofa_incidents_reported", latest, places, "UNMIK"))


def test_a_previous_value_of_a_release_is_explained_there(released: Path, latest: Release, tmp_path: Path) -> None:
    """Of the release that gives the value, be it withdrawn by now; and what readers see now is told."""
    public = Store(str(tmp_path / "public"))
    row = shelf.read_table(places_in(released).public, latest, "figures").filter(figure="fatalities_malicious")
    before = row.filter(mission="ALL").with_columns(value="previous", as_of="previous_end", cycle=pl.lit(4, pl.Int64))
    changed = before.with_columns(value=pl.lit(190.0))
    for name, table in (("r001", before), ("r002", changed)):
        put(public, name, table)
    for path in latest.hashes:
        public.write(f"{latest.path}/{path}", places_in(released).public.read(f"{latest.path}/{path}"))
    public.write(f"{latest.path}/datapackage.json", json.dumps(latest.descriptor).encode())
    here = Places(places_in(released).inbox, places_in(released).private, public)
    found = explained("fatalities_malicious", latest, here)
    assert found.before
    assert (found.before.cycle, found.before.release) == (4, "r001")
    text = said(found)
    assert "readers of cycle 4 see r002 now, which gives another value, 190" in text
    assert "it is not explained there: The release r001 does not say from which rows it was made" in text


def put(public: Store, name: str, figures: pl.DataFrame) -> None:
    from flows.core.canonical import hash_of

    data = parquet(figures)
    path = f"releases/cycle-04/{name}"
    resource = {"path": "tables/figures.parquet", "hash": hash_of(data)}
    descriptor = {"resources": [resource], "sources": [], "a4p": {"status": "final", "pipeline": {}}}
    public.write(f"{path}/tables/figures.parquet", data)
    public.write(f"{path}/datapackage.json", json.dumps(descriptor).encode())


def test_without_the_private_store_all_else_is_explained(places: Places, latest: Release, tmp_path: Path) -> None:
    nowhere = Store(str(tmp_path / "nowhere"), private=True)
    found = explained("new_sofa_incidents_reported", latest, places, "UNIFIL", nowhere)
    assert (found.value, found.proven, found.rows.height) == (43, False, 0)
    assert found.files.select("source", "mission").rows() == [("mission_report", "UNIFIL")]
    text = said(found)
    assert "The rows are not shown: the private store" in text
    assert "is not there; A4P_PRIVATE_URI says where it is." in text
    # the descriptor knows no name of the file, and no hash that says what is in it
    assert "hmac-sha256 " in text
    assert ".xlsx" not in text
    assert "Counts   sum(new_incidents) from sofa_soma_incidents" in text
    assert "Published as: r001 43" in text
    assert not (tmp_path / "nowhere").exists()
    assert json.loads(release_texts.of_explanation_json(found))["unseen"]


def test_verify_says_once_that_there_is_no_private_store(released: Path, tmp_path: Path) -> None:
    code, out, _ = a4p(released, "verify", "--cycle", "5", A4P_PRIVATE_URI=str(tmp_path / "nowhere"))
    assert code == 1
    assert out.startswith("What could be looked at of r001 is as it was published. Not looked at:\n")
    assert out.count("\n") == 2
    assert "is missing" not in out


def test_verify_tells_what_may_not_be_read_from_what_is_missing(
    places: Places, latest: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = [one["raw"] for one in lineage.read(latest.descriptor, places.private)["submissions"]]
    there = Store.exists

    def exists(store: Store, path: str) -> bool:
        if path in raw[:2]:
            raise NotReadable(f"There is no permission to use {path}.")
        return path != raw[2] and there(store, path)

    monkeypatch.setattr(Store, "exists", exists)
    verified = verify.verify(latest, CYCLE, places.public, places.private)
    assert verified.problems == (f"The raw file {raw[2]} is missing; bring it back from a backup.",)
    (unseen,) = verified.unseen
    assert unseen.startswith(f"There is no permission to read 2 files of the private store, such as {raw[0]};")
    text = release_texts.of_verification(verified)
    assert text.startswith("r001 is not as it was published:")
    assert "Not looked at:\n  - There is no permission" in text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another user")
def test_a_file_that_may_not_be_looked_at_is_not_missing(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    store.write("raw/file", b"1")
    (tmp_path / "store/raw").chmod(0o700)
    tmp_path.chmod(0o755)
    assert not store.exists("raw/other")
    assert not store.exists("raw/file/below")
    os.seteuid(65534)
    try:
        with pytest.raises(NotReadable, match="There is no permission to use"):
            store.exists("raw/file")
    finally:
        os.seteuid(0)
