"""The public store made whole from the copies in the private one: everything lost, one bit, a withdrawn release."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.core.errors import StoreError
from flows.releases import copies, marks, shelf
from flows.stores import Store, checked
from flows.stores.checked import OBJECT, Damaged
from tests.support.publishers import CYCLE, publish

pytestmark = pytest.mark.slow

NOW = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Store, Store]:
    """A public store with three releases, and the private store with their copies."""
    public, private = Store(str(tmp_path / "public")), Store(str(tmp_path / "private"))
    for value in (1, 2, 3):
        publish(public, value)
        copies.make(CYCLE, public, private, {})
    return public, private


def everything(store: Store) -> dict[str, bytes]:
    """Return every file but the claims, which only publishers need, and what is made of releases at any time."""
    left_out = ("/claims/", "current/all/")
    return {
        entry.path: store.read(entry.path)
        for entry in store.entries()
        if not any(part in entry.path for part in left_out)
    }


def test_a_store_that_is_lost_comes_back_byte_for_byte(stores: tuple[Store, Store]) -> None:
    public, private = stores
    before = everything(public)
    shutil.rmtree(public.uri)
    restored = copies.restore(CYCLE, public, private, {})
    assert restored is not None
    assert (restored.names, restored.shown.name) == (("r001", "r002", "r003"), "r003")
    assert everything(public) == before
    again = copies.restore(CYCLE, public, private, {})
    assert again is not None
    assert again.files == 0
    # numbers go on where they stopped
    assert publish(public, 4) == ("r004", True)


def withdraw(public: Store, private: Store, to: str) -> None:
    mark = {"on": NOW.isoformat(), "to": to, "why": "wrong file"}
    later = [name for name in shelf.committed(public, CYCLE) if name > to]
    shelf.mark_withdrawn(public, CYCLE, {name: {"release": name, **mark} for name in later})
    copies.note_withdrawn(CYCLE, public, private)


def test_what_was_withdrawn_is_not_shown_again(stores: tuple[Store, Store]) -> None:
    public, private = stores
    withdraw(public, private, to="r001")
    before = everything(public)
    shutil.rmtree(public.uri)
    led: list[str] = []

    class Watched(Store):
        def write(self, path: str, data: bytes) -> None:
            super().write(path, data)
            if found := shelf.latest(Store(self.uri), CYCLE):
                led.append(found.name)

    restored = copies.restore(CYCLE, Watched(public.uri), private, {})
    assert restored is not None
    assert restored.shown.name == "r001"
    assert set(led) == {"r001"}, "at no moment was a reader led to a release that is withdrawn"
    assert everything(public) == before
    assert shelf.withdrawn(public, CYCLE)["r003"]["why"] == "wrong file"


@pytest.mark.parametrize("path", ["tables/figures.csv", "report.html", "datapackage.json"])
def test_what_is_damaged_or_missing_is_put_right(stores: tuple[Store, Store], path: str) -> None:
    public, private = stores
    before = everything(public)
    damaged = Path(public.uri, "releases/cycle-05/r002", path)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    Path(public.uri, "releases/cycle-05/r001", path).unlink()
    restored = copies.restore(CYCLE, public, private, {})
    assert restored is not None
    assert restored.files == 2
    assert everything(public) == before


def test_nothing_is_published_over_a_store_that_was_lost(stores: tuple[Store, Store]) -> None:
    public, private = stores
    copies.check([CYCLE], public, private)
    Path(public.uri, "releases/cycle-05/r002/datapackage.json").unlink()
    with pytest.raises(StoreError, match=r"lacks what was published of cycle 5: r002\. .*a4p restore"):
        copies.check([CYCLE], public, private)
    copies.restore(CYCLE, public, private, {})
    copies.check([CYCLE], public, private)
    copies.check([CYCLE], public, Store(f"{private.uri}-of-another"))


def test_a_damaged_release_is_not_kept_for_the_right_one(tmp_path: Path) -> None:
    public, private = Store(str(tmp_path / "public")), Store(str(tmp_path / "private"))
    publish(public, 1)
    file = Path(public.uri, "releases/cycle-05/r001/report.html")
    right = file.read_bytes()
    file.write_bytes(b"wrong")
    copies.make(CYCLE, public, private, {})
    assert [entry.path for entry in private.entries("releases")] == ["releases/cycle-05/withdrawn.json"]
    assert copies.restore(CYCLE, public, private, {}) is None
    file.write_bytes(right)
    copies.make(CYCLE, public, private, {})
    assert private.exists("releases/cycle-05/r001.zip")


def test_a_damaged_copy_brings_nothing_back(stores: tuple[Store, Store]) -> None:
    public, private = stores
    copy = Path(private.uri, "releases/cycle-05/r001.zip")
    whole = copy.read_bytes()
    shutil.rmtree(public.uri)
    for damaged in (whole[: len(whole) // 2], whole[:60] + bytes([whole[60] ^ 255]) + whole[61:], b""):
        copy.write_bytes(damaged)
        with pytest.raises(StoreError, match=r"r001.zip is damaged; bring it back from a backup"):
            copies.restore(CYCLE, public, private, {})
    assert not shelf.committed(public, CYCLE)


def test_each_flipped_bit_of_a_copy_is_told_or_does_no_harm(stores: tuple[Store, Store]) -> None:
    _, private = stores
    copy, right = Path(private.uri, "releases/cycle-05/r001.zip"), copies.copied(CYCLE, "r001", private)
    whole, told = copy.read_bytes(), 0
    for bit in range(0, len(whole) * 8, 3):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        copy.write_bytes(damaged)
        try:
            # the time and rights that a zip notes are not used
            assert copies.copied(CYCLE, "r001", private) == right
        except Damaged:
            told += 1
    assert told > len(whole) * 8 / 3 / 2


def test_which_releases_are_withdrawn_is_written_anew_where_that_is_damaged(stores: tuple[Store, Store]) -> None:
    public, private = stores
    withdraw(public, private, to="r001")
    path = "releases/cycle-05/withdrawn.json"
    right = private.read(path)
    assert not copies.lacking(CYCLE, public, private, {})
    private.write(path, right.replace(b"wrong", b"wrung"))
    with pytest.raises(StoreError, match=r"withdrawn\.json is damaged; a4p refresh makes it again"):
        copies.restore(CYCLE, public, private, {})
    assert copies.lacking(CYCLE, public, private, {})
    copies.make(CYCLE, public, private, {})
    assert private.read(path) == right


def test_a_damaged_mark_of_a_withdrawn_release_is_named(stores: tuple[Store, Store]) -> None:
    public, private = stores
    withdraw(public, private, to="r002")
    mark = marks.path(CYCLE, "r003")
    right = public.read(mark)
    for damaged in (b"", right[:-9], right.replace(b'"why"', b'"whx"')):
        public.write(mark, damaged)
        with pytest.raises(StoreError, match=r"withdrawn/r003\.json is damaged; remove it"):
            shelf.withdrawn(public, CYCLE)
    public.delete(mark)
    copies.restore(CYCLE, public, private, {})
    assert public.read(mark) == right


def test_another_release_of_the_same_name_is_left_alone(stores: tuple[Store, Store]) -> None:
    public, private = stores
    shutil.rmtree(public.uri)
    publish(public, 7)
    before = everything(public)
    with pytest.raises(StoreError, match="is another release than the r001 that was published first"):
        copies.restore(CYCLE, public, private, {})
    assert everything(public) == before


def test_a_copy_is_the_same_whenever_it_is_made(stores: tuple[Store, Store], tmp_path: Path) -> None:
    public, private = stores
    other = Store(str(tmp_path / "other"))
    copies.make(CYCLE, public, other, {})
    assert everything(other) == everything(private)
    assert checked.read_json(other, "releases/cycle-05/withdrawn.json", OBJECT) == {}
