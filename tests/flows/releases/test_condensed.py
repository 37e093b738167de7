"""What has to be known of all releases is read of each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flows.core.canonical import as_json, hash_of
from flows.core.errors import StoreError
from flows.releases import shelf
from flows.releases.make import condensed
from flows.releases.make.condensed import Condensed
from flows.stores import Store, checked
from tests.support.publishers import CYCLE, content, since

KEPT = "kept/out-cycle-05.json"


@dataclass(frozen=True)
class Counting(Store):
    """A store that tells what was read of it."""

    reads: list[str] = field(default_factory=list, compare=False)

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        return super().read(path)


@pytest.fixture
def public(tmp_path: Path) -> Counting:
    return Counting(str(tmp_path / "public"))


@pytest.fixture
def private(tmp_path: Path) -> Counting:
    return Counting(str(tmp_path / "private"))


def release(public: Store, private: Store, value: int) -> None:
    """Publish a release whose rows lie where its making says."""
    made = {"lineage": {"staged": {"noticas": f"staged/{value}", "hospitals": "staged/h"}, "as_of": None}}
    checked.write_json(private, f"lineage/{value:032x}.json", made)

    def describe(name: str, files: Mapping[str, bytes]) -> dict[str, Any]:
        return {
            "resources": [{"path": path, "hash": hash_of(data)} for path, data in sorted(files.items())],
            "a4p": {"release": name, "status": "final", "lineage": {"kept": f"hmac-sha256:{value:032x}"}},
        }

    shelf.publish(public, CYCLE, content(value), describe, since)


def every(public: Store, private: Store, *tables: str) -> dict[str, Condensed]:
    return condensed.every(public, private, CYCLE, tables or ("figures",), ("noticas",))


def earlier(store: Counting) -> list[str]:
    found = [path for path in store.reads if path.startswith(("releases/cycle-05/r", "lineage/"))]
    store.reads.clear()
    return found


def test_each_release_is_read_once(public: Counting, private: Counting) -> None:
    for value in range(5):
        release(public, private, value)
    first = every(public, private)
    assert list(first) == ["r001", "r002", "r003", "r004", "r005"]
    hashed = hash_of(content(1)["tables/figures.parquet"])
    assert first["r002"] == Condensed({"figures": hashed}, {"noticas": "staged/1"}, None, whole=True)
    assert earlier(public)
    assert earlier(private)

    assert every(public, private) == first
    assert earlier(public) + earlier(private) == []

    release(public, private, 5)
    earlier(public), earlier(private)
    assert list(every(public, private)) == [*first, "r006"]
    assert earlier(public) == ["releases/cycle-05/r006/datapackage.json"], "the new one alone"
    assert earlier(private) == [f"lineage/{5:032x}.json"]


def test_what_is_asked_for_otherwise_or_lost_or_damaged_is_read_again(public: Counting, private: Counting) -> None:
    release(public, private, 1)
    first = every(public, private)
    earlier(public)
    assert every(public, private, "figures", "deaths") == first, "it has no such table"
    assert earlier(public)
    for data in (b"", b"{}", private.read(KEPT)[:-30] + b"}"):
        private.write(KEPT, data)
        assert every(public, private) == first
        assert earlier(public)
    private.delete(KEPT)
    assert every(public, private) == first
    assert earlier(public)


def test_a_release_that_is_another_now_is_read_again(public: Counting, private: Counting) -> None:
    release(public, private, 1)
    every(public, private)
    path = "releases/cycle-05/r001/datapackage.json"
    document = checked.read_json(public, path, checked.OBJECT)
    document["resources"] = [one for one in document["resources"] if one["path"] != "tables/figures.parquet"]
    public.write(path, checked.with_checksum(as_json(document)))
    assert every(public, private)["r001"].tables == {}
    public.write(path, b"{")
    with pytest.raises(StoreError, match="a4p restore"):
        every(public, private)


def test_a_release_whose_making_is_lost_is_asked_for_until_it_comes_back(public: Counting, private: Counting) -> None:
    release(public, private, 1)
    made = private.read(f"lineage/{1:032x}.json")
    private.delete(f"lineage/{1:032x}.json")
    assert not every(public, private)["r001"].whole
    private.write(f"lineage/{1:032x}.json", made)
    assert every(public, private)["r001"].rows == {"noticas": "staged/1"}
