"""Who reads releases, logs and events, and knows all of a file but a few values, cannot try them out by hashes."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

import polars as pl
import pytest

from config import load
from flows.core.canonical import hash_of
from flows.releases import shelf
from flows.releases.make import lineage
from flows.releases.make.table_files import csv, parquet
from flows.stores import Store, frames, keyed
from flows.stores.checked import Damaged
from tests.support.sharing import places_in
from tests.support.unpacked import held

CONFIG = load()
CYCLE = CONFIG.cycle(5)
# as much of a hash as is taken for one
LEAST = 12


def text_of(folder: Path) -> str:
    """All that readers have, unpacked, as one text."""
    return "\n".join(data.decode(errors="replace") for name, data in held(folder) if data[:4] != b"PAR1")


def hashes_in(text: str) -> set[str]:
    return {found[:LEAST] for found in re.findall(rf"[0-9a-f]{{{LEAST},}}", text)}


def names_of(data: bytes) -> set[str]:
    """The beginning of each hash that somebody may have taken of a file."""
    ways = (hashlib.sha256, hashlib.sha1, hashlib.md5, hashlib.sha512, hashlib.blake2b)
    sizes = (hashlib.blake2b(data, digest_size=size) for size in (8, 12, 16, 32))
    return {one.hexdigest()[:LEAST] for one in (*(way(data) for way in ways), *sizes)}


@pytest.mark.slow
def test_no_hash_of_a_private_file_is_told(released: Path) -> None:
    """The attacker that guesses right: the very bytes of each private file are tried."""
    private, public = released / "store/private", released / "store/public"
    told = hashes_in(text_of(public)) | hashes_in((released / "log.jsonl").read_text())
    # a file that readers have themselves is no secret
    theirs = {data for path in public.rglob("*") if path.is_file() for data in (path.read_bytes(),)}
    folders = ("raw", "read", "staged", "quarantine", "curated", "numbers", "findings", "previous", "ledger")
    tried = [path for folder in folders for path in (private / folder).rglob("*") if path.is_file()]
    assert len(tried) > 100
    found = [
        path.relative_to(private)
        for path in tried
        if (data := path.read_bytes()) not in theirs and (names_of(data) | {path.stem[:LEAST]}) & told
    ]
    assert found == []
    # and the search finds what is there: hashes of public files
    assert len({hash_of(data).removeprefix("sha256:")[:LEAST] for data in theirs} & told) > 100


@pytest.mark.slow
@pytest.mark.parametrize("insider", ["MINUSCA", "MONUSCO", "UNIFIL"])
def test_suppressed_cells_are_not_found_by_trying_values(insider: str, released: Path) -> None:
    """As was done with 0.5.0: the table is built with each value that the cells can have, and its hash looked for."""
    places = places_in(released)
    release = shelf.get(places.public, CYCLE, "r001")
    figures = shelf.read_table(places.public, release, "figures").filter(figure="perpetrators_detained")
    shown = shelf.read_table(places.public, release, "crimes_against_peacekeepers")
    hidden = shown.filter(perpetrators_detained_obs_status="Q")["mission"]
    first, second = (mission for mission in hidden if mission != insider)
    total = figures.filter(mission="ALL")["value"][0]
    every = (pl.read_parquet(path) for path in (released / "store/private/curated").glob("crimes*/*.parquet"))
    whole = next(one for one in every if one["perpetrators_detained"].sum() == total)
    # who tries knows its own number
    own = dict(whole.filter(mission=insider)["mission", "perpetrators_detained"].rows())
    left = int(total - shown["perpetrators_detained"].sum() - sum(own.values()))
    tried: dict[str, int] = {}
    for value in range(left + 1):
        values = {first: value, second: left - value, **own}
        cells = pl.col("mission").replace_strict(values, default=pl.col("perpetrators_detained"), return_dtype=pl.Int64)
        guess = shown.with_columns(perpetrators_detained=cells, perpetrators_detained_obs_status=pl.lit("A"))
        for data in (frames.parquet(guess), parquet(guess), csv(guess)):
            tried[hash_of(data).removeprefix("sha256:")[:LEAST]] = value
    assert len(tried) >= 2 * (left + 1) > 100
    told = hashes_in(text_of(released / "store/public")) | hashes_in((released / "log.jsonl").read_text())
    assert tried.keys() & told == set()
    # what would have been found by the name that the table has in the private store
    known = {path.stem[:LEAST] for path in (released / "store/private/curated").rglob("*.parquet")}
    assert len({tried[name] for name in tried.keys() & known}) == 1


@pytest.mark.slow
def test_what_is_named_by_keyed_hashes_is_found_in_the_private_store(released: Path) -> None:
    places = places_in(released)
    found = shelf.get(places.public, CYCLE, "r001").descriptor
    key, making = keyed.keyed(places.private), lineage.making(found, places.private)
    assert {one["hash"] for one in found["sources"]} == {
        key(one["hash"].removeprefix("sha256:")) for one in making["sources"]
    }
    assert not {"path", "bytes"} & {name for one in found["sources"] for name in one}
    assert set(found["a4p"]["lineage"]) == {"kept", "previous"}
    assert making["lineage"]["previous"].startswith("curated/figures/")


def descriptor(hashed: str, **lineage_of: str) -> dict[str, object]:
    source = {"title": "noticas", "path": f"raw/noticas/{hashed}/a.csv", "hash": f"sha256:{hashed}", "bytes": 9}
    made_of = {"in_use": [f"noticas/{hashed}"], "previous": None, **lineage_of}
    pipeline = {"version": "1", "fingerprint": "ab", "parts": {"decisions": "cd", "rules": "ef"}}
    return {
        "sources": [{**source, "received_at": "2024-05-10T00:00:00Z"}],
        "a4p": {"lineage": made_of, "pipeline": pipeline},
    }


def test_a_closed_descriptor_is_the_same_as_long_as_the_key_is(tmp_path: Path) -> None:
    one, other = Store(str(tmp_path / "one"), private=True), Store(str(tmp_path / "other"), private=True)
    open_ = descriptor("ab" * 32)
    closed = lineage.closed(open_, one)
    assert lineage.closed(open_, one) == closed
    assert lineage.making(closed, one) == {**open_["a4p"], "sources": open_["sources"]}  # type: ignore[dict-item]
    assert closed["a4p"]["pipeline"]["parts"]["rules"] == "ef"
    told = str(closed)
    assert not [said for said in ("ab" * 32, "'ab'", "'cd'", "a.csv") if said in told]
    # another store, another key
    assert lineage.closed(open_, other)["sources"] != closed["sources"]
    # what a release was made of is known whatever the key is now
    one.delete(keyed.PATH)
    again = lineage.closed(open_, one)
    assert again["sources"] != closed["sources"]
    assert lineage.in_use(again, one) == lineage.in_use(closed, one) == [f"noticas/{'ab' * 32}"]


def test_all_who_need_the_key_first_get_the_same(tmp_path: Path) -> None:
    private = Store(str(tmp_path / "private"), private=True)
    found: list[str] = []
    every = [threading.Thread(target=lambda: found.append(keyed.keyed(private)("a"))) for _ in range(8)]
    for one in every:
        one.start()
    for one in every:
        one.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert "_key" not in repr(keyed.keyed(private))


def test_a_damaged_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    private = Store(str(tmp_path), private=True)
    keyed.keyed(private)
    data = private.read(keyed.PATH)
    at = data.index(b'"key": "') + len(b'"key": "')
    private.write(keyed.PATH, data[:at] + (b"0" if data[at : at + 1] != b"0" else b"1") + data[at + 1 :])
    with pytest.raises(Damaged, match="from a backup"):
        keyed.keyed(private)
