"""Editions in a place of their own come back from the private store: all of it lost, one bit, another place's."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from flows.core.errors import StoreError
from flows.refresh import erasing
from flows.refresh.story import refresh
from flows.releases import copies, copies_apart, editions
from flows.releases.make.table_files import parquet
from flows.stores import Store
from flows.stores.from_settings import Places, places_of
from tests.support import watched as small
from tests.support.files import CONFIG, CYCLE, Rooms, casualty, noticas
from tests.support.publishers import publish
from tests.support.sharing import a4p

FILES = {"report.html": b"<p>Release r000</p>", "quality/findings.parquet": parquet(pl.DataFrame({"a": [1]}))}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Two releases with an edition each in a place of its own, and their copies."""
    names = ("inbox", "private", "public")
    found = Places(*(Store(str(tmp_path / name)) for name in names), own_internal=Store(str(tmp_path / "internal")))
    for value in (1, 2):
        publish(found.public, value)
        editions.put(f"releases/cycle-05/r00{value}", "internal", FILES, found.internal)
    make(found)
    return found


def make(places: Places) -> None:
    copies.make(CYCLE, places.public, places.private, copies_apart.places_apart(places))


def restore(places: Places) -> int:
    done = copies.restore(CYCLE, places.public, places.private, copies_apart.places_of_editions(places))
    assert done
    return done.files


def everything(place: Store) -> dict[str, bytes]:
    return {entry.path: place.read(entry.path) for entry in place.entries()}


def test_a_place_that_is_lost_comes_back_byte_for_byte(places: Places) -> None:
    before = everything(places.internal)
    assert sorted(before) == sorted(
        f"releases/cycle-05/{name}/{file}" for name in ("r001", "r002") for file in (*FILES, editions.NAME)
    )
    assert [entry.path for entry in places.private.entries("editions")] == [
        "editions/cycle-05/r001.internal.zip", "editions/cycle-05/r002.internal.zip",
    ]  # fmt: skip
    assert not copies.lacking(CYCLE, places.public, places.private, copies_apart.places_apart(places))
    shutil.rmtree(places.internal.uri)
    assert restore(places) == len(before)
    assert everything(places.internal) == before
    assert restore(places) == 0


@pytest.mark.parametrize("file", [*FILES, editions.NAME])
def test_what_is_damaged_or_missing_is_put_right(places: Places, file: str) -> None:
    before = everything(places.internal)
    one, other = (Path(places.internal.uri, "releases/cycle-05", name, file) for name in ("r001", "r002"))
    one.write_bytes(one.read_bytes()[:-1])
    other.unlink()
    assert restore(places) == 2
    assert everything(places.internal) == before


def test_what_lies_in_the_private_store_has_no_copy_of_its_own(tmp_path: Path) -> None:
    names = ("inbox", "private", "public")
    one = Places(*(Store(str(tmp_path / name)) for name in names))
    named = Places(one.inbox, one.private, one.public, own_internal=Store(str(tmp_path / "private/inside")))
    assert copies_apart.places_apart(one) == copies_apart.places_apart(named) == {}


def test_an_edition_that_is_not_whole_is_not_kept_and_lacks_its_copy(places: Places) -> None:
    publish(places.public, 3)
    editions.put("releases/cycle-05/r003", "internal", FILES, places.internal)
    page = Path(places.internal.uri, "releases/cycle-05/r003/report.html")
    page.write_bytes(b"wrong")
    make(places)
    copy = "editions/cycle-05/r003.internal.zip"
    assert not places.private.exists(copy)
    editions.put("releases/cycle-05/r003", "internal", FILES, places.internal)
    apart = copies_apart.places_apart(places)
    assert copies.lacking(CYCLE, places.public, places.private, apart)
    make(places)
    assert places.private.exists(copy)


def test_another_edition_of_the_same_name_is_left_alone(places: Places) -> None:
    shutil.rmtree(places.internal.uri)
    editions.put("releases/cycle-05/r001", "internal", {**FILES, "report.html": b"another"}, places.internal)
    before = everything(places.internal)
    (said,) = copies_apart.problems(CYCLE, "r001", copies_apart.places_apart(places), places.private)
    assert said.endswith("is not that of the copy in the private store; remove it, and run a4p restore.")
    with pytest.raises(StoreError, match="is another edition than that of the r001 that was published first"):
        restore(places)
    assert everything(places.internal) == before


def test_a_flipped_bit_of_a_copy_is_told_or_does_no_harm(places: Places) -> None:
    copy = Path(places.private.uri, "editions/cycle-05/r001.internal.zip")
    whole, right = copy.read_bytes(), copies_apart.copied(CYCLE, "r001", "internal", places.private)
    apart, told = copies_apart.places_apart(places), 0
    bits = range(0, len(whole) * 8, 7)
    for bit in bits:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        copy.write_bytes(damaged)
        if said := list(copies_apart.problems(CYCLE, "r001", apart, places.private)):
            told += "is damaged; bring it back from a backup" in said[0]
        else:
            assert copies_apart.copied(CYCLE, "r001", "internal", places.private) == right
    assert told > len(bits) / 2


@pytest.mark.slow
def test_an_internal_place_that_was_lost_is_told_and_restored_and_what_is_erased_is_not(tmp_path: Path) -> None:
    rooms, cause = Rooms(tmp_path), "SECRET-CAUSE"
    rooms.put("noticas/a.csv", noticas(casualty(1), casualty(2, cause=cause)))
    named = {f"A4P_{name.upper()}_URI": str(tmp_path / name) for name in ("inbox", "private", "public", "internal")}
    settings = small.settings(tmp_path, internal_uri=str(tmp_path / "internal"))
    found = places_of(settings)
    refresh(CYCLE, found, CONFIG)
    before = everything(found.internal)
    assert before
    shutil.rmtree(tmp_path / "internal")
    code, out, _ = a4p(tmp_path, "verify", "--cycle", "5", **named)
    assert code == 1
    assert "edition.json is missing or damaged; where that is a place of its own bring it back with a4p restore" in out
    code, out, _ = a4p(tmp_path, "restore", **named)
    assert (code, f"{len(before)} files brought back" in out) == (0, True)
    assert everything(found.internal) == before
    assert a4p(tmp_path, "verify", "--cycle", "5", **named)[0] == 0
    # what was erased does not come back from the copy
    (raw,) = {entry.path.split("/")[2] for entry in found.private.entries("raw/noticas") if "/received/" in entry.path}
    done = erasing.erase(raw, "Coordinator", "by mistake", datetime(2024, 6, 3, tzinfo=UTC), found, CONFIG).done
    assert (done["internal"], done["editions"]) == (len(before), 1)
    assert a4p(tmp_path, "restore", **named)[0] == 0
    assert everything(found.internal) == {}
